"""Runners: what they refuse, what they return."""

from __future__ import annotations

import equinox as eqx
import numpy as np
import pytest
from tests.sample import LABORATORY, compact, mission, with_leaf

from covolt.errors import AssemblyError, CovoltError, DriveFailed
from covolt.simulation.mission import Conditions
from covolt.simulation.run import BatchRunner, TracedRunner, profile_of, setting_of, simulate


def test_a_vehicle_without_axles_is_refused_before_any_computation() -> None:
    broken = eqx.tree_at(lambda v: v.axles, compact(), ())
    for run in (lambda: simulate(broken, mission()), lambda: BatchRunner(executor="xla").run([broken], [mission()])):
        with pytest.raises(AssemblyError):
            run()


def test_a_drive_that_failed_is_a_value_unless_asked_otherwise() -> None:
    weak = with_leaf(compact(), lambda v: v.axles[0].drive_unit.machine.peak_power_W, 8e3)
    outcome = simulate(weak, mission()).outcome
    assert not outcome.completed
    with pytest.raises(DriveFailed) as raised:
        simulate(weak, mission(), throw=True)
    assert outcome.reason in str(raised.value)
    assert raised.value.problems[0].where == "errand"
    assert simulate(compact(), mission(), throw=True).outcome.completed


def test_a_part_that_makes_energy_is_an_error_and_not_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    from covolt.simulation import account

    honest = account.ledger
    monkeypatch.setattr(
        account,
        "ledger",
        lambda energy, kinetic: honest({**energy, "rolling_power_W": 0.9 * energy["air_power_W"]}, kinetic),
    )
    with pytest.raises(CovoltError, match="'body' is off by"):
        simulate(compact(), mission())


def test_names_and_sizes_of_a_trace() -> None:
    trace = TracedRunner().run(compact(), mission(), name="mine")
    assert trace.result.name == "mine"
    assert trace.values.shape == (120, len(trace.names))
    assert trace.time_s[0] == 1.0
    assert trace.time_s[-1] == 120.0
    assert trace.distance_m[-1] == pytest.approx(trace.result.distance_m)


def test_the_profile_keeps_its_order_whatever_the_mission_s() -> None:
    drive = mission(slope=0.01)
    columns, rows = profile_of(drive)
    assert columns == ("target_m_per_s", "slope_fraction")
    assert np.array_equal(rows[:120, 0], drive.profile["target_m_per_s"])
    assert np.all(rows[:120, 1] == 0.01)


def test_temperatures_that_are_not_given_are_the_ambient() -> None:
    soak = setting_of(mission(Conditions(ambient_temperature_K=260.0, battery_temperature_K=290.0))).soak
    assert soak.battery_temperature_K == 290.0
    assert soak.cabin_temperature_K == soak.vehicle_temperature_K == 260.0
    assert setting_of(mission(LABORATORY)).dynamometer == 1.0


def test_an_empty_batch_is_an_empty_table() -> None:
    assert BatchRunner().run([], [mission()]) == []
