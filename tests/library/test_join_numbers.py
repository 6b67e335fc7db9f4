"""Numbers that `join` takes where no datasheet states them, each by what it means."""

from __future__ import annotations

import pytest
from tests.library.test_join import estimate, parts

from covolt.contract.datasheet import Datasheet
from covolt.library.join import Frame, join
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.cabin import Cabin
from covolt.vehicle.coolant import BatteryConditioning
from covolt.vehicle.drive_unit import DriveUnitState


def with_declared(slot: str, **numbers: str | float | None) -> dict[str, Datasheet]:
    """The city car with these declared numbers in a slot; None takes one away."""
    sheet = parts()[slot]
    declared = {name: one for name, one in sheet.declared.items() if numbers.get(name, "") is not None}
    declared |= {name: estimate(value) for name, value in numbers.items() if value is not None}
    return {**parts(), slot: sheet.model_copy(update={"declared": declared})}


def with_parameters(slot: str, **numbers: str | float) -> dict[str, Datasheet]:
    sheet = parts()[slot]
    parameters = sheet.model.parameters | {name: estimate(value) for name, value in numbers.items()}
    return {
        **parts(),
        slot: sheet.model_copy(update={"model": sheet.model.model_copy(update={"parameters": parameters})}),
    }


@pytest.mark.parametrize("continuous", [42e3, None])
def test_continuous_power_warms_the_winding_from_65_degC_to_where_derating_begins(continuous: float | None) -> None:
    stated = None if continuous is None else f"{continuous:g} W"
    unit = join(with_declared("drive_unit", power_continuous=stated)).vehicle.axles[0].drive_unit
    machine, power_W = unit.machine, continuous or 40e3
    speed_rad_per_s = 1.2 * 80e3 / 220.0
    loss_W = unit.loss_W(DriveUnitState(machine.derating_start_K), power_W / speed_rad_per_s, speed_rad_per_s)
    warmer_K = float(machine.thermal_resistance_K_per_W * machine.winding_heat_fraction * loss_W)
    assert warmer_K == pytest.approx(float(machine.derating_start_K) - 338.15)


def loads(sheets: dict[str, Datasheet], driven: str) -> dict[str, float]:
    return {one.name: float(one.load_fraction) for one in join(sheets, Frame(driven)).vehicle.axles}


def test_the_driven_axle_carries_its_usual_load() -> None:
    open_load = with_declared("body", front_load=None)
    assert loads(open_load, "front") == pytest.approx({"front": 0.55})
    assert loads(open_load, "rear") == pytest.approx({"rear": 0.52})
    assert loads(parts(), "front") == pytest.approx({"front": 0.46})
    assert loads(parts(), "rear") == pytest.approx({"rear": 0.54})
    both = {**open_load, "second_drive_unit": parts()["drive_unit"], "second_gearbox": parts()["gearbox"]}
    assert loads(both, "rear") == pytest.approx({"rear": 0.5, "front": 0.5})


def test_a_short_wheelbase_moves_more_load_in_a_launch() -> None:
    usual, short = (
        -float(join(with_declared("body", wheelbase=length)).vehicle.axles[0].transfer_ratio)
        for length in (None, "2.3 m")
    )
    assert usual == pytest.approx(0.19)
    assert short == pytest.approx(0.19 * 2.8 / 2.3)


def test_a_gearbox_caps_the_torque_of_its_axle() -> None:
    (axle,) = join(with_declared("gearbox", torque_maximum="150 Nm")).vehicle.axles
    assert float(axle.drive_unit.machine.peak_torque_Nm) == 150.0
    (axle,) = join(with_declared("gearbox", torque_maximum="500 Nm")).vehicle.axles
    assert float(axle.drive_unit.machine.peak_torque_Nm) == 220.0


def cabin(vehicle: Vehicle) -> Cabin:
    assert isinstance(vehicle.cabin, Cabin)
    return vehicle.cabin


def capacities_W(made: Cabin) -> tuple[float, float, float]:
    """Of heater, heat pump and air conditioner at freezing."""
    return tuple(float(one.at(273.15).capacity_W) for one in (made.heater, made.heat_pump, made.air_conditioner))  # type: ignore[return-value]


def test_a_cabin_has_the_machines_that_are_declared_or_those_of_its_size() -> None:
    own = cabin(join(with_declared("cabin", cooling_power_maximum="3 kW", heating_power_maximum="4 kW")).vehicle)
    assert capacities_W(own) == (4000.0, 0.0, 3000.0)
    small = cabin(join(with_declared("cabin", heat_transfer="30 W/K", heating_power_maximum=None)).vehicle)
    assert capacities_W(small) == (5500.0, 0.0, 5000.0)
    bus = cabin(join(with_declared("cabin", heat_transfer="300 W/K", heating_power_maximum=None)).vehicle)
    assert capacities_W(bus) == pytest.approx((34.0e3, 0.0, 24.3e3), rel=0.01)
    assert float(bus.heating_target_K) == pytest.approx(289.15)
    assert float(bus.ventilation_kg_per_s) == pytest.approx(0.219, rel=0.01)
    pumped = cabin(join(with_parameters("cabin", heat_pump=1.0)).vehicle)
    assert capacities_W(pumped) == pytest.approx((5000.0, 5000.0, 5000.0))
    assert capacities_W(cabin(join(with_parameters("cabin", heat_pump_power="8 kW")).vehicle))[1] == pytest.approx(
        8000.0
    )


def test_a_battery_has_a_heater_only_where_one_is_declared() -> None:
    made = join(parts()).vehicle.conditioning
    assert isinstance(made, BatteryConditioning)
    assert float(made.heating_power_max_W) == 3000.0
    sheet = parts()["battery"]
    bare = sheet.model_copy(update={"model": sheet.model.model_copy(update={"parameters": {}})})
    made = join({**parts(), "battery": bare}).vehicle.conditioning
    assert isinstance(made, BatteryConditioning)
    assert float(made.heating_power_max_W) == 0.0
    assert float(made.cooling_power_max_W) > 0.0


def test_the_maker_of_a_pack_says_how_it_charges_in_the_cold() -> None:
    def limit_per_h(celsius: float, **stated: str | float) -> float:
        battery = join(with_parameters("battery", **stated)).vehicle.battery
        return 3600.0 * float(battery.charge_limit(0.5, 273.15 + celsius))  # type: ignore[attr-defined]

    warm = limit_per_h(25.0)
    assert limit_per_h(25.0, freezing_charge_ratio=0.1) == pytest.approx(warm)
    assert limit_per_h(0.0, freezing_charge_ratio=0.1) == pytest.approx(0.1 * warm)
    assert limit_per_h(-20.0, freezing_charge_ratio=0.1) == 0.0
    assert 0.1 * warm < limit_per_h(10.0, freezing_charge_ratio=0.1) < limit_per_h(10.0)
    assert limit_per_h(0.0, charging_above="0 degC") == 0.0
    assert limit_per_h(5.0, charging_above="0 degC") == pytest.approx(limit_per_h(5.0))
    assert limit_per_h(0.0) == pytest.approx(0.24 * warm, rel=0.03)
    assert limit_per_h(-20.0) == pytest.approx(0.067 * warm, rel=0.06)
