"""A whole car from its figures: what is given is kept, what is missing comes from the generic set."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from tests.sample import compact, figures, mission

from covolt.library.build import GENERIC, car, loss_size
from covolt.simulation.run import simulate
from covolt.vehicle.body import CoastDownBody, DragBody
from covolt.vehicle.coolant import NoBatteryConditioning
from covolt.vehicle.heat_pump import HeatPump

DRAG: dict[str, Any] = {
    "coast_down": None,
    "drag_and_tyres": {"drag_area": "0.65 m2", "rolling_coefficient": 0.008},
}


def test_given_figures_are_kept() -> None:
    given, vehicle = (
        figures(motor_torque="320 Nm", battery_mass="300 kg"),
        car(figures(motor_torque="320 Nm", battery_mass="300 kg")),
    )
    assert isinstance(vehicle.body, CoastDownBody)
    assert given.coast_down is not None
    assert float(vehicle.body.mass_kg) == given.test_mass
    assert float(vehicle.body.constant_N) == given.coast_down.constant
    axle = vehicle.axles[0]
    assert float(axle.gearbox.ratio) == 8.19
    assert float(axle.drive_unit.machine.peak_power_W) == 110e3
    assert float(axle.drive_unit.machine.peak_torque_Nm) == pytest.approx(320.0)
    assert float(vehicle.tyre.radius_m) == pytest.approx(0.311)
    assert float(vehicle.battery.mass_kg) == 300.0
    assert float(vehicle.battery.energy_J()) == pytest.approx(40 * 3.6e6, rel=0.1)


def test_what_the_cells_hold_sets_the_window_and_the_mass() -> None:
    vehicle = car(figures(battery_energy="45 kWh", battery_gross_energy="50 kWh"))
    assert float(vehicle.battery.energy_J()) == pytest.approx(45 * 3.6e6, rel=1e-3)
    assert float(vehicle.battery.lowest_state_of_charge) == pytest.approx(0.05)
    assert float(vehicle.battery.mass_kg) == pytest.approx(50e3 / 140.0)
    tight = car(figures(battery_energy="49.9 kWh", battery_gross_energy="50 kWh")).battery
    assert float(tight.highest_state_of_charge - tight.lowest_state_of_charge) == pytest.approx(0.96)


def test_missing_figures_are_generic() -> None:
    vehicle = car(figures(gear_ratio=None, wheel_radius=None))
    assert float(vehicle.tyre.radius_m) == GENERIC.wheel_radius_m
    assert float(vehicle.axles[0].gearbox.ratio / vehicle.tyre.radius_m) == pytest.approx(
        GENERIC.ratio_per_radius_per_m
    )


def test_all_leaves_are_64_bit_numbers() -> None:
    for leaf in jax.tree.leaves(compact()):
        assert np.asarray(leaf).dtype == np.float64
        assert np.all(np.isfinite(leaf))


@pytest.mark.parametrize(("layout", "names"), [("front", ["front"]), ("rear", ["rear"]), ("all", ["rear", "front"])])
def test_layouts_have_their_axles(layout: str, names: list[str]) -> None:
    vehicle = car(figures(layout=layout))
    assert [axle.name for axle in vehicle.axles] == names
    power_W = sum(float(axle.drive_unit.machine.peak_power_W) for axle in vehicle.axles)
    assert power_W == pytest.approx(110e3)


def test_two_motors_keep_their_own_power() -> None:
    vehicle = car(figures(layout="all", second_motor_power="70 kW"))
    assert [float(axle.drive_unit.machine.peak_power_W) for axle in vehicle.axles] == pytest.approx([110e3, 70e3])


def test_every_rotor_is_turned() -> None:
    """Two motors of half the power have the inertia of one of the whole."""
    road_load = {"coast_down": None, "drag_and_tyres": {"drag_area": "0.65 m2", "rolling_coefficient": 0.009}}
    one, two, more = (
        car(figures(**road_load, layout="all", **changes)).body.rotating_mass_kg
        for changes in ({}, {"motor_power": "55 kW", "second_motor_power": "55 kW"}, {"second_motor_power": "55 kW"})
    )
    assert float(two) == pytest.approx(float(one))
    wheels_kg = GENERIC.wheel_mass_ratio * figures().test_mass
    assert float(more) - wheels_kg == pytest.approx(1.5 * (float(one) - wheels_kg))


def test_options_choose_parts() -> None:
    assert isinstance(car(figures(heat_pump=True)).cabin.heat_pump, HeatPump)
    assert isinstance(car(figures(battery_heater=False)).conditioning, NoBatteryConditioning)
    assert isinstance(car(figures(**DRAG)).body, DragBody)


def test_an_induction_machine_costs_its_field() -> None:
    plain, induction = compact(), car(figures(motor_kind="induction"))
    w = 500.0
    assert float(induction.axles[0].drive_unit.idle_loss_W(w)) > float(plain.axles[0].drive_unit.idle_loss_W(w))


def test_an_induction_field_grows_with_the_machine() -> None:
    def field_W(**changes: Any) -> float:
        """Idle loss at 500 rad/s beyond that of a car of the same power with magnets, both axles together."""
        units = [
            [float(axle.drive_unit.idle_loss_W(500.0)) for axle in car(figures(motor_kind=kind, **changes)).axles]
            for kind in ("induction", "permanent-magnet")
        ]
        return sum(units[0]) - sum(units[1])

    assert field_W(motor_power="300 kW") == pytest.approx(2.0 * field_W(motor_power="150 kW"))
    assert field_W(motor_power="300 kW", layout="all") == pytest.approx(field_W(motor_power="300 kW"))


def test_silicon_carbide_switches_with_less_loss_and_the_mean_lies_between() -> None:
    units = [car(figures(inverter_kind=kind)).axles[0].drive_unit for kind in ("silicon-carbide", None, "silicon")]
    carbide_W, unknown_W, silicon_W = (float(unit.loss_W(unit.start(330.0), 0.0, 400.0)) for unit in units)
    assert carbide_W / silicon_W == pytest.approx(GENERIC.silicon_carbide_loss_ratio)
    share = GENERIC.silicon_carbide_fraction
    assert unknown_W == pytest.approx(share * carbide_W + (1.0 - share) * silicon_W)


def test_idle_losses_grow_with_mass_and_power_and_are_held_beyond_the_known_masses() -> None:
    grown = 1.0 - GENERIC.sizeless_loss_fraction
    assert loss_size(2000.0, 200e3) == pytest.approx(1.0)
    assert loss_size(2400.0, 200e3) - 1.0 == pytest.approx(grown * (1.2**6 - 1.0))
    assert loss_size(2000.0, 400e3) - 1.0 == pytest.approx(grown * (2.0**0.3 - 1.0))
    assert loss_size(15e3, 200e3) == pytest.approx(loss_size(2500.0, 200e3))
    assert loss_size(600.0, 13e3) == pytest.approx(GENERIC.sizeless_loss_fraction, rel=1e-3)


def test_a_top_speed_beyond_the_generic_rotor_widens_its_range() -> None:
    fast = car(figures(top_speed="260 km/h"))
    rotor = 260 / 3.6 * 8.19 / 0.311
    assert float(fast.axles[0].drive_unit.machine.maximum_speed_rad_per_s) > rotor


@pytest.mark.parametrize(
    "changes",
    [{"layout": "all"}, DRAG | {"heat_pump": True, "battery_heater": False, "motor_kind": "induction"}],
    ids=["all", "options"],
)
def test_every_kind_of_car_drives_and_closes_its_account(changes: dict[str, Any]) -> None:
    trace = simulate(car(figures(**changes)), mission())
    assert trace.outcome.completed
    assert trace.ledger.worst_ratio < 1e-12
    assert 90.0 < trace.result.battery_consumption_J_per_m / 3.6 < 300.0
