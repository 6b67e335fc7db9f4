"""Drive units that are not covolt's: asked for what is driven, settled before the battery, judged by how far they are off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import equinox as eqx
import numpy as np
import pytest
from tests.sample import compact, figures, mission, with_leaf

from covolt.errors import ComponentEnded, ComponentFailed, InputError, Problem
from covolt.exchange.export.parts import ported_part
from covolt.exchange.own_battery import own_battery
from covolt.exchange.own_drive_unit import PortedDriveUnit
from covolt.exchange.own_part import OwnPart
from covolt.library.build import car
from covolt.library.component_battery import ComponentBattery
from covolt.library.component_drive_unit import ComponentDriveUnit
from covolt.simulation.coupling import ForeignPart
from covolt.simulation.cycles import standard
from covolt.simulation.gradient import energy_slope
from covolt.simulation.mission import Conditions, Mission, follow, full_throttle
from covolt.simulation.run import BatchRunner, TracedRunner, simulate
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.battery import CellBattery
from covolt.vehicle.drive_unit import AbstractDriveUnit
from covolt.vehicle.foreign import ForeignBattery, Outside
from covolt.vehicle.foreign_drive_unit import ForeignDriveUnit

_TRIP = mission(Conditions(state_of_charge=0.4))
ERRAND = replace(_TRIP, profile={"target_m_per_s": _TRIP.profile["target_m_per_s"]})
"""On a flat road: the columns of the cycles, so that one compiled drive serves all."""
FULL = full_throttle(20.0, Conditions(state_of_charge=0.4))
LOSSES = (
    "constant_W",
    "torque_W_per_Nm",
    "torque_squared_W_per_Nm2",
    "speed_W_s",
    "speed_squared_W_s2",
    "speed_cubed_W_s3",
)


def component(unit: AbstractDriveUnit, name: str = "unit") -> OwnPart:
    return OwnPart(PortedDriveUnit(unit), name)


def behind(vehicle: Vehicle, link: Any, axle: int = 0) -> Vehicle:
    """The vehicle with the drive unit of an axle behind a link; what it was is what is declared."""
    unit = ForeignDriveUnit(declared=vehicle.axles[axle].drive_unit, link_outside=Outside(link))
    return eqx.tree_at(lambda v: v.axles[axle].drive_unit, vehicle, unit)


def linked(vehicle: Vehicle, real: AbstractDriveUnit | None = None, axle: int = 0) -> Vehicle:
    """The vehicle with a drive unit behind its ports, its own or another that is really there."""
    return behind(vehicle, ComponentDriveUnit(component(real or vehicle.axles[axle].drive_unit, f"unit {axle}")), axle)


def lossier(ratio: float) -> AbstractDriveUnit:
    """The unit of the compact car with so many times its losses, and its limits."""
    unit: Any = compact().axles[0].drive_unit
    return with_leaf(
        unit, lambda u: tuple(getattr(u, name) for name in LOSSES), [ratio * getattr(unit, name) for name in LOSSES]
    )


def own(vehicle: Vehicle, unit: AbstractDriveUnit) -> Vehicle:
    return eqx.tree_at(lambda v: v.axles[0].drive_unit, vehicle, unit)


def with_pack(vehicle: Vehicle) -> Vehicle:
    """The vehicle with its battery behind its ports too."""
    pack = vehicle.battery
    assert isinstance(pack, CellBattery)
    link = ComponentBattery(own_battery(pack, "pack", "current"))
    return replace(vehicle, battery=ForeignBattery(declared=pack, mass_kg=pack.mass_kg, link_outside=Outside(link)))


def assert_alike(ours: Trace, own: Trace, ratio: float = 1e-9, but: tuple[str, ...] = ()) -> None:
    for name in own.names:
        if name not in {"unserved_power_W", *but}:
            scale = max(np.abs(own[name]).max(), 1e-6)
            np.testing.assert_allclose(ours[name], own[name], rtol=0.0, atol=ratio * scale, err_msg=name)


def the_part(trace: Trace, slot: str = "drive_unit") -> ForeignPart:
    assert trace.result.coupling is not None
    return next(one for one in trace.result.coupling.parts if one.slot == slot)


@pytest.mark.parametrize(
    "drive", [follow(standard("wltc-3b"), Conditions(state_of_charge=0.8)), FULL], ids=["wltc", "full throttle"]
)
def test_the_own_unit_behind_its_ports_is_the_own_unit(drive: Mission) -> None:
    inside, ours = simulate(compact(), drive), simulate(linked(compact()), drive)
    assert_alike(ours, inside)
    assert str(ours.outcome) == str(inside.outcome)
    assert ours.result.battery_energy_J == pytest.approx(inside.result.battery_energy_J, rel=1e-12)
    assert ours.ledger.closes
    assert abs(ours.ledger.energy_J("declared less real")) < 1e-6
    coupling = ours.result.coupling
    assert coupling is not None
    assert (coupling.way, coupling.passes) == ("whole mission", 2)
    assert coupling.rest_ratio <= 1e-12
    assert the_part(ours).declared_less_real_ratio == pytest.approx(0.0, abs=1e-12)
    assert "declared less real" not in {entry.name for entry in inside.ledger.entries}


def test_each_of_two_units_gives_half_and_begins_soaked() -> None:
    soaked = Conditions(
        state_of_charge=0.4, battery_temperature_K=300.0, cabin_temperature_K=310.0, vehicle_temperature_K=265.0
    )
    two, drive = with_leaf(compact(), lambda v: v.axles[0].unit_count, 2.0), replace(ERRAND, conditions=soaked)
    inside, ours = simulate(two, drive), simulate(linked(two), drive)
    assert_alike(ours, inside)
    assert abs(ours.ledger.energy_J("declared less real")) < 1e-6
    assert inside["front_winding_temperature_K"][0] < 266.0


def test_a_unit_that_loses_more_costs_what_such_a_unit_of_ours_costs() -> None:
    real = lossier(1.05)
    inside, ours = simulate(own(compact(), real), ERRAND), simulate(linked(compact(), real), ERRAND)
    assert ours.outcome.completed
    assert_alike(ours, inside, but=("drive_unit_loss_power_W",))
    entry = ours.ledger.energy_J
    less_J = entry("declared less real")
    assert less_J == pytest.approx(-0.05 * entry("drive unit loss"), rel=1e-9)
    assert entry("drive unit loss") - less_J == pytest.approx(inside.ledger.energy_J("drive unit loss"), rel=1e-9)
    assert less_J == pytest.approx(ours["drive_unit_declared_less_real_power_W"].sum(), rel=1e-12)
    more_J = ours.result.battery_energy_J - simulate(compact(), ERRAND).result.battery_energy_J
    assert more_J > -0.9 * less_J > 0.0
    assert ours.ledger.closes
    share = np.abs(ours["drive_unit_declared_less_real_power_W"]).sum() / np.abs(ours["drive_unit_power_W"]).sum()
    assert the_part(ours).declared_less_real_ratio == pytest.approx(share, rel=1e-12)
    assert 0.001 < share < 0.05
    assert ours.result.recuperated_fraction == pytest.approx(inside.result.recuperated_fraction, rel=1e-9)
    sources = sum(one.energy_J for one in ours.ledger.entries if one.kind in {"source", "difference"})
    assert sources == pytest.approx(sum(one.energy_J for one in ours.ledger.entries if one.kind in {"sink", "store"}))


def test_a_unit_far_from_what_it_declares_is_no_result() -> None:
    trace = simulate(linked(compact(), lossier(4.0)), ERRAND)
    assert (trace.outcome.completed, trace.outcome.limit) == (False, "coupling")
    share = the_part(trace).declared_less_real_ratio
    assert share is not None
    assert share > 0.1
    assert f"unit 0 differs from what it declares by {100 * share:.1f} %" in str(trace.outcome)


def test_a_unit_that_makes_energy_is_told() -> None:
    trace = simulate(linked(compact(), lossier(-0.1)), ERRAND)
    assert not trace.outcome.completed
    assert "source of energy: 'drive unit loss'" in str(trace.outcome)


def test_a_unit_that_lacks_torque_is_no_result() -> None:
    weak = with_leaf(compact().axles[0].drive_unit, lambda u: u.machine.peak_power_W, 60e3)
    trace = simulate(linked(compact(), weak), FULL)
    assert (trace.outcome.completed, trace.outcome.limit) == (False, "coupling")
    assert "its torque is not that which it declares" in str(trace.outcome)


def test_battery_and_drive_unit_are_foreign_at_once() -> None:
    real = lossier(1.05)
    inside, ours = simulate(own(compact(), real), ERRAND), simulate(with_pack(linked(compact(), real)), ERRAND)
    left = ("battery_open_circuit_power_W", "battery_loss_power_W", "drive_unit_loss_power_W")
    assert ours.outcome.completed
    assert_alike(ours, inside, 1e-9, but=left)
    assert ours.result.coupling is not None
    assert [one.slot for one in ours.result.coupling.parts] == ["battery", "drive_unit"]
    assert ours.ledger.holds
    assert ours.ledger.open == ("battery",)


@pytest.mark.parametrize("pack_too", [False, True], ids=["drive unit", "and battery"])
def test_asked_step_by_step_it_answers_the_same(pack_too: bool) -> None:
    vehicle = with_pack(linked(compact(), lossier(1.05))) if pack_too else linked(compact(), lossier(1.05))
    drive = replace(ERRAND, profile={"target_m_per_s": ERRAND.profile["target_m_per_s"][:60]})
    whole, steps = simulate(vehicle, drive), TracedRunner(way="stepwise").run(vehicle, drive)
    assert steps.result.coupling is not None
    assert (steps.result.coupling.way, steps.outcome.completed) == ("stepwise", True)
    for name in whole.names:
        least = 1e3 if name in {"battery_remainder_power_W", "unserved_power_W"} else 1.0
        scale = max(np.abs(whole[name]).max(), least)
        np.testing.assert_allclose(steps[name], whole[name], rtol=0.0, atol=1e-9 * scale, err_msg=name)
    share = the_part(whole).declared_less_real_ratio
    assert the_part(steps).declared_less_real_ratio == pytest.approx(share, rel=1e-9)


def test_both_axles_are_foreign_at_once() -> None:
    vehicle = car(figures(layout="all", second_motor_power="60 kW"))
    inside, ours = simulate(vehicle, ERRAND), simulate(linked(linked(vehicle), axle=1), ERRAND)
    assert_alike(ours, inside)
    assert ours.result.coupling is not None
    assert [one.slot for one in ours.result.coupling.parts] == ["drive_unit", "second_drive_unit"]
    assert ours.ledger.closes


@pytest.mark.slow  # two structures compiled by XLA
def test_a_drive_whose_clock_waits_settles_too() -> None:
    """What machine code cannot drive, XLA does; answers belong to the steps that are driven."""
    weak = with_leaf(compact(), lambda v: v.axles[0].drive_unit.machine.peak_power_W, 9e3)
    profile = {"target_m_per_s": np.minimum(0.4 * np.arange(1.0, 61.0), 20.0)}
    drive = Mission("late", profile, conditions=Conditions(state_of_charge=0.8), miss_policy="correct")
    inside, ours = simulate(weak, drive), simulate(linked(weak), drive)
    assert ours.executor == "xla"
    assert len(ours.values) == len(inside.values) > drive.count
    assert_alike(ours, inside)


class Spoilt:
    """A component that hands on what another answers, changed by the time; or that ends."""

    def __init__(self, inner: OwnPart, change: Any) -> None:
        self._inner, self._change = inner, change
        self.description = inner.description
        self.start = inner.start

    def wire(self, inputs: Any, outputs: Any) -> None:
        self._outputs = list(outputs)
        self._inner.wire(inputs, outputs)

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        found = dict(zip(self._outputs, self._inner.step(time_s, step_s, inputs), strict=True))
        return np.array(list((found | self._change(time_s)).values()))

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        times_s = start_s + np.concatenate([[0.0], np.cumsum(steps_s)])
        return np.stack([self.step(*row) for row in zip(times_s, steps_s, inputs, strict=False)])


def spoilt(change: Any) -> Vehicle:
    part: Any = Spoilt(component(compact().axles[0].drive_unit), change)
    return behind(compact(), ComponentDriveUnit(part))


@pytest.mark.parametrize("port", ["power", "winding_temperature", "torque"])
def test_an_answer_that_is_no_number_names_part_port_and_time(port: str) -> None:
    vehicle = spoilt(lambda time_s: {port: np.nan} if time_s == 40.0 else {})
    with pytest.raises(ComponentFailed, match=f"unit answers nan for {port}_[a-zA-Z]+ at 41 s"):
        simulate(vehicle, ERRAND)


def test_a_unit_without_any_number_is_named_at_once() -> None:
    with pytest.raises(ComponentFailed, match="unit answers nan for power_W at 1 s"):
        simulate(spoilt(lambda _: {"power": np.nan}), ERRAND)


@pytest.mark.parametrize("kind", [ComponentFailed, ComponentEnded])
def test_a_part_that_ends_on_the_drive_itself_ends_it_by_name(kind: type[ComponentFailed]) -> None:
    def ends(time_s: float) -> Any:
        if time_s >= 57.0:
            raise kind(Problem("no flux is found", f"step at {time_s:g} s"))
        return {}

    with pytest.raises(ComponentFailed, match="no flux is found") as ended:
        simulate(spoilt(ends), ERRAND)
    assert ended.value.problems[0].where == "step at 57 s"


@pytest.mark.parametrize("tells", ["power", "current", "loss"])
def test_power_is_known_by_any_of_three_answers(tells: str) -> None:
    part = component(compact().axles[0].drive_unit)
    kept = [
        one for one in part.description.variables if one.name == tells or one.name not in {"power", "current", "loss"}
    ]
    part.description = replace(part.description, variables=tuple(kept))
    link = ComponentDriveUnit(part)
    assert link.tells == tells
    ours = simulate(behind(compact(), link), ERRAND)
    assert ours.result.battery_energy_J == pytest.approx(simulate(compact(), ERRAND).result.battery_energy_J, rel=1e-9)


def test_ports_that_nothing_carries_are_all_told() -> None:
    wrong = {"speed": "rpm", "watts": "x", "winding_temperature": "loss"}
    with pytest.raises(InputError) as refused:
        ComponentDriveUnit(component(compact().axles[0].drive_unit), ports=wrong)
    told = str(refused.value)
    assert "no input carries speed" in told
    assert "a drive unit has no port 'watts'" in told
    assert "winding_temperature" in told


def test_a_foreign_drive_unit_gives_no_gradient_and_is_not_given_away() -> None:
    with pytest.raises(InputError, match="drive unit does not serve 'gradient', which energy_slope asks for"):
        energy_slope(linked(compact()), ERRAND, ["battery.mass_kg"])
    with pytest.raises(InputError, match="cannot be given away"):
        ported_part(linked(compact()), "drive_unit")


def test_a_batch_drives_foreign_units_one_by_one() -> None:
    inside, ours = BatchRunner().run([compact(), linked(compact())], [ERRAND])
    assert inside[0].coupling is None
    assert ours[0].coupling is not None
    assert ours[0].battery_energy_J == pytest.approx(inside[0].battery_energy_J, rel=1e-9)


def weak_pack(vehicle: Vehicle) -> Vehicle:
    """One whose power, and not that of the drive unit, ends how it accelerates and recuperates."""
    assert isinstance(vehicle.battery, CellBattery)
    leaves = (lambda v: v.battery.peak_discharge_rate_per_s, lambda v: v.battery.peak_charge_rate_per_s)
    for leaf in leaves:
        vehicle = with_leaf(vehicle, leaf, 1.0 / 3600.0)
    return vehicle


@pytest.mark.parametrize("ratio", [1.05, 0.95], ids=["takes more", "takes less"])
@pytest.mark.parametrize("drive", [FULL, ERRAND], ids=["full throttle", "errand"])
def test_at_the_limit_of_the_battery_the_real_unit_keeps_to_it(drive: Mission, ratio: float) -> None:
    real = lossier(ratio)
    inside, ours = simulate(own(weak_pack(compact()), real), drive), simulate(linked(weak_pack(compact()), real), drive)
    assert np.any(inside["limit"] == 2.0)
    coupling = ours.result.coupling
    assert coupling is not None
    assert (coupling.way, coupling.rest_ratio <= 1e-12) == ("whole mission", True)
    steps = TracedRunner(way="stepwise").run(linked(weak_pack(compact()), real), drive)
    for name in ("battery_power_W", "speed_m_per_s", "front_torque_Nm", "limit"):
        # An own unit's limit is read at the speed that is wanted, the excess is that at the speed that is driven.
        scale = np.abs(inside[name]).max()
        np.testing.assert_allclose(ours[name], inside[name], rtol=0.0, atol=1e-5 * scale, err_msg=name)
        np.testing.assert_allclose(steps[name], ours[name], rtol=0.0, atol=1e-5 * scale, err_msg=name)
