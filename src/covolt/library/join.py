"""A whole vehicle from the datasheets of its parts, each by a model of covolt's own; what they leave open is generic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import equinox as eqx

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.contract.datasheet import Datasheet
from covolt.contract.road_load import GTR_15_DENSITY_kg_per_m3
from covolt.errors import AssemblyError
from covolt.library.build import HEAVY_kg, in_the_cold
from covolt.library.declared import declared_problems
from covolt.library.driveline import gearbox_of, loss_map, shift_problems, tables_of
from covolt.library.fitted import (
    cells_in_series,
    cold_charging,
    saloon,
    wheelbase_ratio,
    window_of,
    with_peak_efficiency,
    with_pulse_resistance,
    with_voltage_limits,
)
from covolt.library.generic import GENERIC, DriveLoss, Generic, drive_losses
from covolt.library.generic_used import drive_of_car, generic_numbers_used, stated
from covolt.library.models import model_problems, slot_problems
from covolt.simulation.precision import in_64_bits
from covolt.vehicle.assembly import Axle, Vehicle
from covolt.vehicle.auxiliary import Auxiliary
from covolt.vehicle.battery import CellBattery, generic_pack
from covolt.vehicle.body import AbstractBody, CoastDownBody, DragBody
from covolt.vehicle.brake import Brake
from covolt.vehicle.charge_limit import generic_charge_limit
from covolt.vehicle.charger import (
    AbstractChargingCurve,
    Inlet,
    OnBoardCharger,
    charging_curve,
    generic_charging_curve,
)
from covolt.vehicle.coolant import BatteryConditioning, Coolant
from covolt.vehicle.drive_unit import Machine, MapDriveUnit, PolynomialDriveUnit
from covolt.vehicle.driver import IdealDriver, UNLIMITED_m_per_s
from covolt.vehicle.gearbox import Lubrication
from covolt.vehicle.part import ZERO_CELSIUS_K, Scalar, settled
from covolt.vehicle.tyre import Tyre

__all__ = ["Frame", "Joined", "generic_numbers_used", "join"]


@dataclass(frozen=True)
class Frame:
    """What belongs to no part: which axle is driven, and the speed at which the software stops accelerating.

    Where there is a second drive unit, `driven_axle` is the one of the first, and the second drives the other.
    """

    driven_axle: str = "front"
    speed_limit_m_per_s: float | None = None


@dataclass(frozen=True)
class Joined:
    """The vehicle, at its kerb mass, which is the sum of its parts."""

    vehicle: Vehicle
    kerb_mass_kg: float


WINDING_J_per_K_per_W = 0.05
"""Heat capacity of winding and teeth over peak power: 4 kJ/K for 80 kW, an estimate; half an hour then is a steady state."""
COOLANT_K = ZERO_CELSIUS_K + 65.0


@dataclass(frozen=True)
class _Sheet:
    """A datasheet as SI numbers."""

    sheet: Datasheet

    def stated(self, name: str) -> float | None:
        """Declared number or model parameter, None where neither is given."""
        return stated(self.sheet, name)

    def get(self, name: str, otherwise: Scalar) -> float:
        """As `stated`, or a generic value."""
        found = self.stated(name)
        return float(otherwise) if found is None else found

    def __getitem__(self, name: str) -> float:
        """Declared number that the interface requires."""
        return self.sheet.declared[name].value_si

    def all_stated(self) -> dict[str, float]:
        """Every number that is stated, by its name."""
        both = {**self.sheet.model.parameters, **self.sheet.declared}
        return {name: one.value_si for name, one in both.items()}


@dataclass(frozen=True)
class _Drive:
    """A driven axle by its name and the sheets of its parts, with the generic losses of its drive unit."""

    axle: str
    unit: _Sheet
    gearbox: _Sheet
    loss: DriveLoss


@in_64_bits
def join(
    sheets: Mapping[str, Datasheet],
    frame: Frame | None = None,
    generic: Generic = GENERIC,
    *,
    moved: bool = False,
) -> Joined:
    """The vehicle that the parts make; `sheets` holds one datasheet for each slot of the vehicle, by its name.

    Numbers `moved` by their uncertainty from ones that agree with each other are taken as they are.

    m_kerb = sum of the declared masses. Numbers that a datasheet leaves open come from the generic set of
    docs/models/generic-car.md.

    Raises:
        AssemblyError: with every slot that is empty, every part that is in the wrong one, every model that does not ship, and
            declared numbers that contradict each other.
    """
    frame = frame or Frame()
    problems = slot_problems(sheets)
    for slot, sheet in sheets.items():
        problems += model_problems(slot, sheet)
        problems += [] if moved else declared_problems(sheet)
    axles = [slots for slots in (FIRST_AXLE, SECOND_AXLE) if slots[0] in sheets]
    if not problems:
        problems = [one for unit, gearbox in axles for one in shift_problems(sheets[gearbox], sheets[unit])]
    if problems:
        raise AssemblyError(problems)
    part = {name: _Sheet(sheet) for name, sheet in sheets.items()}
    drives = _drives(part, frame, generic)
    mass_kg = sum(sheet.get("mass", 0.0) for sheet in part.values())
    vehicle = Vehicle(
        body=_body(part, drives, mass_kg, generic),
        tyre=_tyre(part["tyre"], mass_kg, generic),
        axles=tuple(_axle(drive, part, len(drives) == 1, generic) for drive in drives),
        brake=_brake(part["brake"], rear_alone=[drive.axle for drive in drives] == ["rear"]),
        battery=_battery(part, generic),
        cabin=saloon(part["cabin"].all_stated(), generic),
        coolant=Coolant(),
        conditioning=_conditioning(part["battery"]),
        auxiliary=_auxiliary(part["auxiliary"]),
        charger=_charger(part["charger"], generic),
        inlet=_inlet(part["charger"]),
        charging_curve=_charging_curve(part["battery"], generic),
        driver=IdealDriver(frame.speed_limit_m_per_s or UNLIMITED_m_per_s),
    )
    return Joined(settled(vehicle), mass_kg)


Parts = Mapping[str, _Sheet]


def _drives(part: Parts, frame: Frame, generic: Generic) -> tuple[_Drive, ...]:
    """The driven axles, that of the first drive unit before the other."""
    slots: dict[str, tuple[str, str]] = {frame.driven_axle: FIRST_AXLE}
    if SECOND_AXLE[0] in part:
        slots["front" if frame.driven_axle == "rear" else "rear"] = SECOND_AXLE
    losses = drive_losses([drive_of_car(part[unit].sheet) for unit, _ in slots.values()], generic)
    return tuple(
        _Drive(axle, part[unit], part[gearbox], loss)
        for (axle, (unit, gearbox)), loss in zip(slots.items(), losses, strict=True)
    )


def _body(part: Parts, drives: Sequence[_Drive], mass_kg: float, generic: Generic) -> AbstractBody:
    body, radius_m = part["body"], part["tyre"]["rolling_radius"]
    rotating_kg = generic.wheel_mass_ratio * mass_kg
    for unit, gearbox in ((drive.unit, drive.gearbox) for drive in drives):
        inertia = unit.get("inertia", generic.rotor_inertia_per_torque_kg_m2_per_Nm * unit["torque_peak"])
        rotating_kg += inertia * (gearbox["ratio"] / radius_m) ** 2
    if body.sheet.model.kind == "coast-down":
        return CoastDownBody(
            mass_kg=mass_kg,
            rotating_mass_kg=rotating_kg,
            constant_N=body["coast_down_constant"],
            linear_N_s_per_m=body["coast_down_linear"],
            quadratic_N_s2_per_m2=body["coast_down_quadratic"],
            tyre_fraction=generic.tyre_fraction,
            reference_density_kg_per_m3=body.get("reference_density", GTR_15_DENSITY_kg_per_m3),
            rotating_on_rollers_fraction=1.0,
        )
    return DragBody(
        mass_kg=mass_kg,
        rotating_mass_kg=rotating_kg,
        drag_area_m2=body["drag_coefficient"] * body["frontal_area"],
        bearing_coefficient=generic.bearing_coefficient_of(mass_kg),
        reference_density_kg_per_m3=body.get("reference_density", GTR_15_DENSITY_kg_per_m3),
    )


def _tyre(tyre: _Sheet, mass_kg: float, generic: Generic) -> Tyre:
    size = mass_kg / 1800.0
    return Tyre(
        rolling_coefficient=tyre["rolling_resistance_coefficient"],
        temperature_coefficient_per_K=tyre.get("temperature_coefficient", float(generic.tyre_coefficient_per_K)),
        reference_temperature_K=ZERO_CELSIUS_K + 40.0,
        heat_capacity_J_per_K=70e3 * size,
        heat_fraction=0.9,
        conductance_W_per_K=25.0 * size,
        conductance_per_speed_J_per_K_m=3.0 * size,
        grip_coefficient=tyre.get("grip_coefficient", generic.grip_coefficient),
        radius_m=tyre["rolling_radius"],
    )


def _axle(drive: _Drive, part: Parts, alone: bool, generic: Generic) -> Axle:
    """A driven axle: drive unit and gearbox. A declared loss map stands for all losses of the drive unit.

    Losses as in the generic set by kind and power of the machines, so that no other party's mass moves them, all times the
    declared `loss_ratio`. The thermal
    resistance follows from the declared continuous power (half the peak where none is declared): held at 1.2 times the base speed
    with coolant at 65 degC, it warms the winding to where derating
    begins, R = (T_derating - 65 degC) / (s P_loss).
    """
    unit, gearbox, radius_m = drive.unit, drive.gearbox, part["tyre"]["rolling_radius"]
    torque_Nm, power_W = unit["torque_peak"], unit["power_peak"]
    # Generic spin losses were calibrated with one gear: that of the longest way, where there are several.
    several = gearbox.sheet.model.kind == "shifting"
    ratio, losses = gearbox["ratio_highest_gear" if several else "ratio"], unit.get("loss_ratio", 1.0)
    k = torque_Nm / generic.reference_torque_Nm
    loss = drive.loss
    limit_K = unit.get("winding_limit", ZERO_CELSIUS_K + 160.0)
    continuous_W = unit.get("power_continuous", 0.5 * power_W)
    machine = Machine(
        peak_torque_Nm=min(torque_Nm, gearbox.get("torque_maximum", torque_Nm)),
        peak_power_W=power_W,
        maximum_speed_rad_per_s=unit["speed_maximum"],
        nominal_voltage_V=unit.get("voltage_nominal", 0.95 * part["battery"]["voltage_nominal"]),
        derating_start_K=limit_K - 20.0,
        derating_end_K=limit_K,
        heat_capacity_J_per_K=unit.get("winding_heat_capacity", WINDING_J_per_K_per_W * power_W),
        thermal_resistance_K_per_W=1.0,
        winding_heat_fraction=0.7,
        mass_kg=unit["mass"],
    )
    generic_unit = PolynomialDriveUnit(
        machine=machine,
        constant_W=unit.get("loss_constant", loss.constant_W * losses),
        torque_W_per_Nm=loss.torque_W_per_Nm * losses,
        torque_squared_W_per_Nm2=loss.torque_squared_W_per_Nm2 * losses / k,
        speed_W_s=loss.speed_W_s * losses * generic.ratio_per_radius_per_m * radius_m / ratio,
        speed_squared_W_s2=0.0,
        speed_cubed_W_s3=0.0,
    )
    best = unit.stated("efficiency_peak")
    drive_unit: MapDriveUnit | PolynomialDriveUnit = (
        generic_unit if best is None else with_peak_efficiency(generic_unit, best)
    )
    if unit.sheet.model.kind == "loss-map":
        drive_unit = MapDriveUnit(machine, loss_map(unit.sheet))
    speed_rad_per_s = 1.2 * power_W / torque_Nm
    loss_W = drive_unit.loss_W(drive_unit.start(limit_K - 20.0), continuous_W / speed_rad_per_s, speed_rad_per_s)
    resistance_K_per_W = (limit_K - 20.0 - COOLANT_K) / (float(machine.winding_heat_fraction) * float(loss_W))
    drive_unit = eqx.tree_at(lambda u: u.machine.thermal_resistance_K_per_W, drive_unit, resistance_K_per_W)
    front = drive.axle == "front"
    usual_load = (0.55 if front else 0.48) if alone else 0.50
    front_load = part["body"].get("front_load", usual_load)
    heavy = sum(one.get("mass", 0.0) for one in part.values()) >= HEAVY_kg
    shortness = wheelbase_ratio(part["body"].stated("wheelbase"), heavy=heavy)
    return Axle(
        name=drive.axle,
        gearbox=gearbox_of(
            gearbox.sheet,
            gearbox.get("efficiency", generic.mesh_efficiency),
            Lubrication(
                drag_Nm=gearbox.get("drag_torque", generic.drag_gearbox_Nm),
                drag_per_speed_Nm_s=generic.drag_gearbox_per_speed_Nm_s,
                viscosity_coefficient_per_K=0.025,
                reference_temperature_K=ZERO_CELSIUS_K + 40.0,
                included_fraction=1.0 if part["body"].sheet.model.kind == "coast-down" else 0.0,
                heat_capacity_J_per_K=15e3,
                conductance_W_per_K=10.0,
            ),
        ),
        drive_unit=drive_unit,
        unit_count=1.0,
        load_fraction=front_load if front else 1.0 - front_load,
        transfer_ratio=generic.height_over_wheelbase_ratio * shortness * (-1.0 if front else 1.0),
    )


def _brake(brake: _Sheet, *, rear_alone: bool) -> Brake:
    fade_end, usual = brake.get("recuperation_speed_minimum", 0.5), 2.5 if rear_alone else 3.0
    return Brake(
        recuperation_fraction=1.0,
        recuperation_deceleration_m_per_s2=brake.get("recuperation_deceleration_maximum", usual),
        fade_start_m_per_s=fade_end + 1.5,
        fade_end_m_per_s=fade_end,
    )


def _battery(part: Parts, generic: Generic) -> CellBattery:
    """A pack of generic NMC cells of the declared energies, voltages, power, resistance and charging in the cold."""
    sheet = part["battery"]
    energy_J, voltage_V = sheet["energy_usable"], sheet["voltage_nominal"]
    discharge_W = sheet["discharge_power_peak"]
    charge_W = sheet.get("charge_power_peak", 1.5 * energy_J / 3600.0)
    peak_W = max(discharge_W, 1.5 * charge_W)
    limit = generic_charge_limit()
    allowed_per_s = float(limit(0.5, ZERO_CELSIUS_K + 25.0))
    raised = max(1.0, 0.9 * charge_W / energy_J / allowed_per_s)
    low, high = window_of(sheet.sheet)
    battery = generic_pack(
        energy_J,
        voltage_V,
        series_count=cells_in_series(sheet.sheet),
        lowest_cell_charge_fraction=low,
        highest_cell_charge_fraction=high,
        mass_kg=sheet["mass"],
        resistance_ratio=generic.pack_resistance_ratio * min(1.0, generic.reference_rate_per_s * energy_J / peak_W),
        peak_discharge_rate_per_s=discharge_W / energy_J / 0.9,
        peak_charge_rate_per_s=max(3.0 / 3600.0, 1.2 * charge_W / energy_J),
        charge_limit=cold_charging(
            replace(limit, over_state_of_charge_per_s=limit.over_state_of_charge_per_s.scaled(raised)),
            sheet.stated("charging_above"),
            sheet.stated("freezing_charge_ratio"),
        ),
    )
    battery = with_voltage_limits(in_the_cold(battery, generic), sheet.sheet)
    if (ohm := sheet.stated("resistance")) is not None:
        battery = with_pulse_resistance(battery, ohm)
    heat_J_per_K = sheet.stated("heat_capacity")
    return battery if heat_J_per_K is None else replace_leaf(battery, "heat_capacity_J_per_K", heat_J_per_K)


def replace_leaf(part: Any, name: str, value: float) -> Any:
    """The part with one of its numbers changed."""
    return replace(part, **{name: value})


def _conditioning(battery: _Sheet) -> BatteryConditioning:
    """A chiller, and a heater only where its power is declared."""
    usual = BatteryConditioning()
    return replace(
        usual,
        heating_power_max_W=battery.get("heater_power", 0.0),
        heating_below_driving_K=battery.get("heating_below", float(usual.heating_below_driving_K)),
    )


def _auxiliary(sheet: _Sheet) -> Auxiliary:
    usual = Auxiliary()
    efficiency = float(usual.converter_efficiency)
    driving_W = sheet["power_driving"] * efficiency
    return replace(
        usual,
        moving_load_W=driving_W,
        standstill_load_W=sheet.get("power_standstill", driving_W / efficiency) * efficiency,
        charging_load_W=sheet.get("power_charging", float(usual.charging_load_W) / efficiency) * efficiency,
        key_off_load_W=sheet.get("power_key_off", float(usual.key_off_load_W) / efficiency) * efficiency,
    )


def _charger(sheet: _Sheet, generic: Generic) -> OnBoardCharger:
    fixed = generic.charger_fixed_loss_ratio
    mains_W = sheet["power_maximum"]
    return OnBoardCharger(
        mains_power_max_W=mains_W,
        fixed_loss_W=fixed * mains_W,
        slope_efficiency=sheet["efficiency"] / (1.0 - fixed),
    )


def _inlet(charger: _Sheet) -> Inlet:
    """What the charger lets through; it limits the power of each step, for cut at its points a curve would have another shape."""
    usual = Inlet()
    return Inlet(
        current_max_A=charger.get("current_maximum", usual.current_max_A),
        power_max_W=charger.get("direct_power_maximum", usual.power_max_W),
    )


def _charging_curve(battery: _Sheet, generic: Generic) -> AbstractChargingCurve:
    table = tables_of(battery.sheet).get("charging_power")
    if table is not None:
        return charging_curve(list(table.axes[0].values_si), list(table.rows_si[0]))
    usual_W = battery.get("charge_power_peak", 1.5 * battery["energy_usable"] / 3600.0)
    return generic_charging_curve(usual_W, battery["energy_usable"], generic.charging_fall_ratio)
