"""A whole car from its figures: what is given is kept, what is missing comes from the generic set."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from tests.sample import compact, figures, mission

from covolt.library.build import GENERIC, car
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
    assert float(vehicle.battery.lowest_cell_charge_fraction) == pytest.approx(0.05)
    assert float(vehicle.battery.mass_kg) == pytest.approx(50e3 / 140.0)
    tight = car(figures(battery_energy="49.9 kWh", battery_gross_energy="50 kWh")).battery
    assert float(tight.highest_cell_charge_fraction - tight.lowest_cell_charge_fraction) == pytest.approx(0.96)


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


def constant_W(**changes: Any) -> list[float]:
    return [float(axle.drive_unit.constant_W) for axle in car(figures(**changes)).axles]


def test_a_turning_machine_costs_by_its_kind_and_a_root_of_its_power() -> None:
    by_kind = [
        (None, GENERIC.permanent_magnet_loss_W),
        ("induction", GENERIC.induction_loss_W),
        ("externally-excited", GENERIC.externally_excited_loss_W),
    ]
    for kind, own_W in by_kind:
        said = {"motor_kind": kind} if kind else {}
        for power_kW in (75.0, 300.0):
            expected_W = GENERIC.base_loss_W + own_W * (power_kW / 150.0) ** 0.5
            assert constant_W(motor_power=f"{power_kW} kW", **said) == pytest.approx([expected_W])


def test_every_axle_turns_but_an_induction_machine_that_assists() -> None:
    both = {"layout": "all", "motor_power": "150 kW", "second_motor_power": "150 kW"}
    half_W = 0.5 * GENERIC.base_loss_W
    magnet_W, induction_W = GENERIC.permanent_magnet_loss_W, GENERIC.induction_loss_W
    assert constant_W(**both) == pytest.approx([half_W + magnet_W] * 2)
    assert constant_W(**both, second_motor_kind="induction") == pytest.approx([half_W + magnet_W, half_W])
    assert constant_W(**both, motor_kind="induction", second_motor_kind="permanent-magnet") == pytest.approx(
        [half_W, half_W + magnet_W]
    )
    assert constant_W(**both, motor_kind="induction") == pytest.approx([half_W + induction_W, half_W]), "one is enough"


def test_an_induction_machine_turns_its_field() -> None:
    speed_W_s = [
        car(figures(motor_kind=kind)).axles[0].drive_unit.speed_W_s for kind in ("induction", "permanent-magnet")
    ]
    size = (110e3 / GENERIC.reference_power_W) ** GENERIC.power_exponent
    spread = GENERIC.ratio_per_radius_per_m * 0.311 / 8.19
    assert float(speed_W_s[0] - speed_W_s[1]) == pytest.approx(GENERIC.induction_spin_loss_W_s * size * spread)


def test_power_is_shared_by_what_the_machines_are() -> None:
    def powers_W(**changes: Any) -> list[float]:
        units = [axle.drive_unit for axle in car(figures(layout="all", motor_power="200 kW", **changes)).axles]
        return [float(unit.machine.peak_power_W) for unit in units]

    assert powers_W() == pytest.approx([100e3, 100e3])
    assert powers_W(second_motor_kind="externally-excited") == pytest.approx([100e3, 100e3])
    assert powers_W(second_motor_kind="induction") == pytest.approx([130e3, 70e3])
    assert powers_W(motor_kind="induction", second_motor_kind="permanent-magnet") == pytest.approx([70e3, 130e3])


def test_silicon_carbide_switches_with_less_loss_and_the_unknown_lies_between() -> None:
    units = [car(figures(inverter_kind=kind)).axles[0].drive_unit for kind in ("silicon-carbide", None, "silicon")]
    assert GENERIC.drive_loss_ratio == 1.0
    carbide, unknown, silicon = (float(unit.torque_W_per_Nm) for unit in units)
    assert silicon - carbide == pytest.approx(GENERIC.silicon_torque_loss_W_per_Nm) != 0.0
    assert unknown == pytest.approx(carbide + GENERIC.silicon_fraction * (silicon - carbide))


def test_mass_moves_no_loss_of_the_drive() -> None:
    assert constant_W(test_mass="1500 kg") == constant_W(test_mass="3000 kg")


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
