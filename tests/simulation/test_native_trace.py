"""A traced drive by machine code of our own gives what XLA gives, signal by signal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, final

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sample import compact, figures, mission, with_leaf

from covolt import as_loaded
from covolt.library.build import car
from covolt.library.cars import figures as shipped
from covolt.simulation import run
from covolt.simulation.cycles import standard
from covolt.simulation.flat import columns_of
from covolt.simulation.mission import Conditions, Mission, follow, full_throttle
from covolt.simulation.native import trace as native_trace
from covolt.simulation.packed import Key, packed
from covolt.simulation.run import BatchRunner, TracedRunner, simulate
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.drive_unit import (
    WINDING_REFERENCE_K,
    AbstractMachineUnit,
    DriveUnitState,
    Machine,
    MapDriveUnit,
    PolynomialDriveUnit,
)
from covolt.vehicle.lookup import map_2d
from covolt.vehicle.part import Scalar

COLD = Conditions(ambient_temperature_K=253.15, comforts_on=True)


def both(vehicle: Vehicle, drive: Mission) -> tuple[Trace, Trace]:
    """The same drive by both executors, after it is known that they were what they are called."""
    own = TracedRunner(executor="native")
    ours = own.run(vehicle, drive)
    assert own.left_to_xla == ()
    return ours, TracedRunner(executor="xla").run(vehicle, drive)


def assert_same(ours: Trace, xla: Trace) -> None:
    assert ours.names == xla.names
    assert ours.values.shape == xla.values.shape
    np.testing.assert_array_equal(ours.time_s, xla.time_s)
    for column, name in enumerate(xla.names):
        expected = xla.values[:, column]
        # Rounding is measured on the scale of the signal; what could not be served is the difference of powers of kilowatts.
        scale = max(np.abs(expected).max(), 1e3 if name == "unserved_power_W" else 1e-6)
        np.testing.assert_allclose(ours.values[:, column], expected, rtol=0.0, atol=1e-11 * scale, err_msg=name)
    own, other = ours.result, xla.result
    assert str(own.outcome) == str(other.outcome)
    assert own.outcome.limit == other.outcome.limit
    assert own.distance_m == pytest.approx(other.distance_m, rel=1e-12)
    assert own.plug_energy_J == pytest.approx(other.plug_energy_J, rel=1e-11)
    assert own.state_of_charge == pytest.approx(other.state_of_charge, rel=1e-12)
    for mine, its in zip(own.ledger.entries, other.ledger.entries, strict=True):
        assert (mine.name, mine.kind) == (its.name, its.kind)
        assert mine.energy_J == pytest.approx(its.energy_J, rel=1e-10, abs=1e-3)
    assert own.ledger.worst_ratio < 1e-12


@pytest.mark.parametrize("name", [pytest.param("model-3-lr-awd", marks=pytest.mark.slow), "city-bus"])
def test_every_signal_of_shipped_cars_is_the_same(name: str) -> None:
    drive = follow(standard("udds"), COLD)
    assert_same(*both(car(shipped(name)), drive))


def test_a_missed_speed_is_the_same_and_an_abort_ends_the_trace() -> None:
    weak = with_leaf(compact(), lambda v: v.axles[0].drive_unit.machine.peak_power_W, 8e3)
    ours, xla = both(weak, mission())
    assert_same(ours, xla)
    assert ours.outcome.missed_time_s > 0.0
    assert ours.outcome.first_miss_time_s == xla.outcome.first_miss_time_s
    aborted = TracedRunner(executor="native").run(weak, replace(mission(), miss_policy="abort"))
    assert aborted.time_s[-1] == aborted.outcome.first_miss_time_s == ours.outcome.first_miss_time_s
    np.testing.assert_allclose(aborted.values, ours.values[: len(aborted.values)], rtol=1e-12, atol=1e-9)
    assert aborted.result.distance_m == pytest.approx(aborted.distance_m[-1])


def test_an_empty_battery_is_the_same() -> None:
    ours, xla = both(compact(), follow(standard("udds"), replace(COLD, state_of_charge=0.005)))
    assert_same(ours, xla)
    assert ours.outcome.limit == "empty"


@pytest.mark.parametrize("steps", [1, 15, 16, 17])
def test_no_step_is_lost_where_steps_do_not_fill_the_lanes(steps: int) -> None:
    whole = mission()
    drive = replace(whole, profile={name: values[10 : 10 + steps] for name, values in whole.profile.items()})
    ours, xla = both(compact(), drive)
    assert len(ours.values) == steps
    assert_same(ours, xla)


def test_what_is_not_a_number_is_said() -> None:
    broken = with_leaf(compact(), lambda v: v.auxiliary.moving_load_W, float("nan"))
    ours, xla = both(broken, mission())
    assert ours.outcome == xla.outcome
    assert ours.outcome.limit == "not a number"


def mapped() -> Vehicle:
    """The compact car with its drive unit given as a map."""
    unit = compact().axles[0].drive_unit
    peak = float(unit.machine.peak_torque_Nm)
    speeds, torques = np.linspace(0.0, 1700.0, 20), np.linspace(-peak, peak, 21)
    losses = unit.loss_W(unit.start(WINDING_REFERENCE_K), jnp.asarray(torques)[None, :], jnp.asarray(speeds)[:, None])
    given = MapDriveUnit(unit.machine, map_2d(speeds, torques, losses))
    return eqx.tree_at(lambda v: v.axles[0].drive_unit, compact(), given)


def by_map(losses: Callable[[Any, Any], Any], speeds: int, torques: int) -> Vehicle:
    """The compact car, a weak battery before a drive unit whose losses are a map of a function."""
    unit = compact().axles[0].drive_unit
    peak = float(unit.machine.peak_torque_Nm)
    w, T = np.linspace(0.0, 1700.0, speeds) ** 1.1, np.linspace(-peak, peak, torques)
    given = MapDriveUnit(unit.machine, map_2d(w, T, losses(w[:, None], T[None, :])))
    vehicle = with_leaf(compact(), lambda v: v.battery.peak_discharge_rate_per_s, 0.5 / 3600.0)
    return eqx.tree_at(lambda v: v.axles[0].drive_unit, vehicle, given)


STRAIGHT: dict[str, Callable[[Any, Any], Any]] = {
    "constant efficiency": lambda w, T: 0.07 * np.abs(T) * w,
    "by torque": lambda w, T: 250.0 + 9.0 * np.abs(T) + 0.0 * w,
    "curved": lambda w, T: 250.0 + 5.0 * np.abs(T) + 0.0282 * T * T + 0.27 * w,
}


@pytest.mark.parametrize(
    # That both executors drive such maps alike is a law of tests/laws/test_executors.
    "executor",
    ["native", pytest.param("xla", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("shape", STRAIGHT)
def test_a_map_straight_in_torque_drives_at_the_power_limit(shape: str, executor: str) -> None:
    """False position once ended at 0 Nm there: the ledger opened on one executor, and the other lost speed."""
    drive = follow(standard("udds"), Conditions(state_of_charge=0.6))
    ours = TracedRunner(executor=executor).run(by_map(STRAIGHT[shape], 4, 3), drive)
    assert ours.ledger.closes
    assert ours.outcome.missed_time_s > 0.0
    limited = ours["limit"] == 2.0
    # What the battery gives at its limit is given: the car is slow, not powerless.
    assert limited.sum() > 5
    assert np.all(-ours["battery_power_W"][limited] > 0.9 * np.max(-ours["battery_power_W"]))


@final
class Undecided(AbstractMachineUnit):
    """A polynomial unit whose limit depends on the last digits of the power: each rounding decides anew."""

    machine: Machine
    real: PolynomialDriveUnit

    def loss_W(self, state: DriveUnitState, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Any:
        return self.real.loss_W(state, torque_Nm, speed_rad_per_s)

    def covers(self, torque_Nm: Scalar, speed_rad_per_s: Scalar) -> Scalar:
        return 1.0

    def idle_loss_W(self, speed_rad_per_s: Scalar) -> Any:
        return self.real.idle_loss_W(speed_rad_per_s)

    def drive_torque_Nm(self, state: DriveUnitState, power_W: Scalar, speed_rad_per_s: Scalar) -> Any:
        digits = 1e14 * self.real.drive_torque_Nm(state, power_W, speed_rad_per_s) / self.machine.peak_torque_Nm
        odd = digits - 2.0 * jnp.floor(0.5 * digits)
        return jnp.where(odd < 1.0, 0.2, 0.1) * self.machine.peak_torque_Nm

    def brake_torque_Nm(self, state: DriveUnitState, power_W: Scalar, speed_rad_per_s: Scalar) -> Any:
        return self.real.brake_torque_Nm(state, power_W, speed_rad_per_s)


def test_what_a_rounding_decides_is_decided_once() -> None:
    """States and signals are made by two loops: what both need must come from one of them, or the ledger opens."""
    unit = compact().axles[0].drive_unit
    assert isinstance(unit, PolynomialDriveUnit)
    vehicle = eqx.tree_at(lambda v: v.axles[0].drive_unit, compact(), Undecided(unit.machine, unit))
    trace = TracedRunner(executor="native").run(vehicle, follow(standard("udds"), Conditions(state_of_charge=0.6)))
    assert trace.ledger.worst_ratio < 1e-12
    torques_Nm = trace["front_torque_Nm"][trace["limit"] > 0.0] / float(unit.machine.peak_torque_Nm)
    assert np.ptp(torques_Nm) > 0.05


@pytest.mark.parametrize(
    ("make", "drive"),
    [
        pytest.param(mapped, mission(COLD), marks=pytest.mark.slow),
        (compact, mission(slope=0.03)),
        (compact, full_throttle(20.0)),
    ],
    ids=["map", "grade", "full throttle"],
)
def test_tables_and_roads_end_as_in_a_batch(make: Callable[[], Vehicle], drive: Mission) -> None:
    vehicle = make()
    own = TracedRunner(executor="native")
    trace = own.run(vehicle, drive)
    assert own.left_to_xla == ()
    result = BatchRunner().run([vehicle], [drive])[0][0]
    assert trace.result.distance_m == pytest.approx(result.distance_m, rel=1e-12)
    assert trace.result.state_of_charge == pytest.approx(result.state_of_charge, rel=1e-12)
    for mine, its in zip(trace.ledger.entries, result.ledger.entries, strict=True):
        assert mine.energy_J == pytest.approx(its.energy_J, rel=1e-10, abs=1e-3)
    assert trace.ledger.worst_ratio < 1e-12
    assert trace.distance_m[-1] == pytest.approx(result.distance_m)
    energies_J = trace.energies_J()
    assert energies_J["wheel_power_W"][-1] == pytest.approx(
        energies_J["drive_unit_power_W"][-1]
        - energies_J["drive_unit_loss_power_W"][-1]
        - energies_J["gearbox_loss_power_W"][-1]
    )


def test_what_drives_is_decided_by_the_arguments_and_stands_in_the_trace() -> None:
    """Not by what this process drove before: the first drive has the bits of the tenth."""
    vehicle, drive = compact(), mission()
    native_trace._made.clear()
    traces = [TracedRunner().run(vehicle, drive) for _ in range(5)]
    assert {trace.executor for trace in traces} == {"native"}
    for trace in traces[1:]:
        np.testing.assert_array_equal(trace.values, traces[0].values)
    asked = simulate(vehicle, drive, executor="xla")
    assert asked.executor == "xla"
    assert asked.to_xarray().attrs["executor"] == "xla"
    assert_same(traces[0], asked)
    waiting = simulate(vehicle, replace(drive, miss_policy="correct"))
    assert waiting.executor == "xla"


def test_a_clock_that_waits_is_left_to_xla_and_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    own = packed(compact())
    key = Key(own.structure, own.table_shapes, columns_of(mission()), "correct")
    with pytest.raises(NotImplementedError, match="policy correct"):
        native_trace.native_trace(key)
    run._refused.clear()
    runner = TracedRunner(executor="native")
    assert runner._native(key) is None
    monkeypatch.setattr(native_trace, "native_trace", None)
    assert runner._native(key) is None
    assert runner.left_to_xla == ("policy correct",)


def test_machine_code_is_kept_for_the_next_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path))
    native_trace._made.clear()
    runner = TracedRunner(executor="native")
    first = runner.run(compact(), mission())
    assert [path.name.startswith("native-trace-") for path in tmp_path.iterdir()] == [True]
    native_trace._made.clear()
    monkeypatch.setattr(as_loaded, "changes", lambda *_: ())  # this test itself changes covolt in place
    monkeypatch.setattr(native_trace, "traced_signals", None)
    again = runner.run(compact(), mission())
    np.testing.assert_array_equal(again.values, first.values)
    assert again.ledger == first.ledger
    assert again.outcome == first.outcome


def test_cars_of_one_structure_share_machine_code_and_nothing_else() -> None:
    heavy = car(figures(test_mass="5000 lb"))
    runner = TracedRunner(executor="native")
    light, loaded = runner.run(compact(), mission()), runner.run(heavy, mission())
    assert packed(heavy).structure == packed(compact()).structure
    assert loaded.result.battery_energy_J > 1.05 * light.result.battery_energy_J
    np.testing.assert_array_equal(runner.run(compact(), mission()).values, light.values)
