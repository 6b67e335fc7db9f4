"""How drives end: each limit provoked by its physical cause, with when, where and which."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, final

import equinox as eqx
import numpy as np
import pytest
from tests.sample import compact, mission, with_leaf

from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, full_throttle
from covolt.simulation.run import BatchRunner, simulate
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.tyre import Tyre, TyreState


def test_a_drive_that_keeps_up_is_completed() -> None:
    outcome = simulate(compact(), mission()).outcome
    assert outcome.completed
    assert str(outcome) == "completed"
    assert outcome.worst_miss_m_per_s < 1e-9


def small_motor() -> Vehicle:
    return with_leaf(compact(), lambda v: v.axles[0].drive_unit.machine.peak_torque_Nm, 60.0)


def small_pack() -> Vehicle:
    return with_leaf(compact(), lambda v: v.battery.parallel_count, 0.12 * compact().battery.parallel_count)


def on_ice() -> Vehicle:
    return with_leaf(compact(), lambda v: v.tyre.grip_coefficient, 0.06)


COLD = Conditions(ambient_temperature_K=ZERO_CELSIUS_K - 30.0, state_of_charge=0.6)
CASES = [
    (small_motor(), mission(), "drive unit", "the drive unit gives no more torque at this speed"),
    (small_pack(), mission(COLD), "battery", "the battery gives no more power at -"),
    (compact(), mission(Conditions(state_of_charge=0.003)), "empty", "the battery is empty"),
    (on_ice(), mission(), "grip", "the driven tyres have no more grip"),
]


@pytest.mark.parametrize(("vehicle", "drive", "limit", "words"), CASES, ids=[case[2] for case in CASES])
def test_a_limit_is_told_in_an_engineers_words(vehicle: Vehicle, drive, limit: str, words: str) -> None:
    trace = simulate(vehicle, drive)
    outcome = trace.outcome
    assert not outcome.completed
    assert outcome.limit == limit
    assert words in outcome.reason
    miss = np.abs(trace["target_speed_m_per_s"] - trace["speed_m_per_s"])
    first = int(np.argmax(miss > 2.0 / 3.6))
    assert outcome.first_miss_time_s == trace.time_s[first]
    assert outcome.missed_time_s == np.sum(miss > 2.0 / 3.6)
    assert outcome.worst_miss_m_per_s == pytest.approx(miss.max())
    assert f"from {trace.time_s[first]:.0f} s, {trace.distance_m[first] / 1e3:.2f} km" in outcome.reason
    assert f"{trace['target_speed_m_per_s'][first] * 3.6:.0f} km/h asked" in outcome.reason


def test_a_cold_battery_says_how_cold_and_how_full() -> None:
    trace = simulate(small_pack(), mission(COLD))
    first = int(np.argmax(np.abs(trace["target_speed_m_per_s"] - trace["speed_m_per_s"]) > 2.0 / 3.6))
    celsius = trace["battery_temperature_K"][first] - ZERO_CELSIUS_K
    assert celsius < -25.0
    assert f"{celsius:.0f} degC and {100 * trace['state_of_charge'][first]:.0f} % charge" in trace.outcome.reason
    assert (
        simulate(
            small_pack(), mission(replace(COLD, ambient_temperature_K=ZERO_CELSIUS_K + 30.0))
        ).outcome.worst_miss_m_per_s
        < trace.outcome.worst_miss_m_per_s
    )


def test_brakes_that_slide_are_named() -> None:
    icy = with_leaf(compact(), lambda v: v.tyre.grip_coefficient, 0.12)
    drive = mission()
    profile = dict(drive.profile) | {"target_m_per_s": np.concatenate([np.full(60, 20.0), np.zeros(60)])}
    outcome = simulate(icy, replace(drive, profile=profile, start_speed_m_per_s=20.0)).outcome
    assert outcome.limit == "brakes"
    assert "the brakes reach the grip of the tyres" in outcome.reason
    assert outcome.first_miss_time_s == 61.0


@final
class PushingTyre(Tyre):
    """A tyre of one's own with a wrong sign."""

    def resistance_factor(self, state: TyreState) -> Any:
        """Pushes."""
        return -5.0 * super().resistance_factor(state)


def test_a_tyre_that_drives_the_vehicle_is_named_by_its_row_of_the_ledger() -> None:
    car = compact()
    pushing = PushingTyre(**{one.name: getattr(car.tyre, one.name) for one in fields(car.tyre)})
    outcome = simulate(eqx.tree_at(lambda v: v.tyre, car, pushing), mission(COLD)).outcome
    assert (outcome.completed, outcome.limit) == (False, "source of energy")
    assert "'rolling' yields " in outcome.reason


def test_a_broken_parameter_is_told_as_not_a_number_with_its_signal() -> None:
    broken = with_leaf(compact(), lambda v: v.coolant.heat_capacity_J_per_K, np.nan)
    outcome = simulate(broken, mission()).outcome
    assert not outcome.completed
    assert outcome.limit == "not a number"
    assert outcome.reason == "not a number from 1 s in: coolant_temperature_K"


@pytest.mark.parametrize(
    "where",
    [
        lambda v: v.body.mass_kg,
        lambda v: v.tyre.heat_capacity_J_per_K,
        lambda v: v.cabin.heat_capacity_J_per_K,
        lambda v: v.axles[0].gearbox.lubrication.heat_capacity_J_per_K,
        lambda v: v.auxiliary.moving_load_W,
        lambda v: v.battery.heat_capacity_J_per_K,
    ],
)
def test_no_broken_parameter_passes_as_a_result(where) -> None:
    broken = with_leaf(compact(), where, np.nan)
    assert simulate(broken, mission()).outcome.limit == "not a number"


def test_a_number_that_breaks_in_the_last_step_is_seen() -> None:
    """A state that stops being a number where no later step reads it."""
    broken = with_leaf(compact(), lambda v: v.cabin.heat_capacity_J_per_K, np.nan)
    drive = mission()
    single = replace(drive, profile={name: values[:1] for name, values in drive.profile.items()})
    assert not simulate(broken, single).outcome.completed


def test_a_car_without_a_trace_to_follow_cannot_miss_it() -> None:
    assert simulate(compact(), full_throttle(5.0)).outcome.completed


def test_an_aborted_drive_stops_at_the_first_miss() -> None:
    drive = replace(mission(), miss_policy="abort")
    trace = simulate(small_motor(), drive)
    assert not trace.outcome.completed
    assert trace.outcome.reason.startswith("drive ended from")
    assert trace.time_s[-1] == trace.outcome.first_miss_time_s
    assert trace.ledger.worst_ratio < 1e-12


def test_a_corrected_drive_covers_the_whole_distance_later() -> None:
    drive = mission()
    asked_m = simulate(compact(), drive).result.distance_m
    trace = simulate(small_motor(), replace(drive, miss_policy="correct"))
    assert trace.outcome.completed
    assert trace.time_s[-1] > 120.0
    assert "s late" in trace.outcome.reason
    assert trace.result.distance_m == pytest.approx(asked_m, rel=0.01)


def test_a_batch_tells_the_same_limit_as_a_trace() -> None:
    vehicles = [case[0] for case in CASES if case[2] in {"drive unit", "grip"}] + [compact()]
    for results, vehicle in zip(BatchRunner(executor="xla").run(vehicles, [mission()]), vehicles, strict=True):
        mine, alone = results[0].outcome, simulate(vehicle, mission()).outcome
        assert (mine.completed, mine.limit, mine.first_miss_time_s) == (
            alone.completed,
            alone.limit,
            alone.first_miss_time_s,
        )
