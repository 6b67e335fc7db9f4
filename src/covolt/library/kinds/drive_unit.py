"""Models of the drive unit: losses of the generic set by its kind and power, its declared loss map, or the unit itself, asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.driveline import (
    FOREIGN_KINDS,
    entry_problems,
    has_loss_map,
    loss_map,
    loss_map_problems,
    loss_ratio_problems,
)
from covolt.library.fitted import with_peak_efficiency
from covolt.library.joint import Joint, SheetNumbers
from covolt.library.model_kind import ModelKind, TableKind
from covolt.vehicle.column import number, smaller
from covolt.vehicle.drive_unit import AbstractDriveUnit, DriveUnitState, Machine, MapDriveUnit, PolynomialDriveUnit
from covolt.vehicle.foreign import Outside
from covolt.vehicle.foreign_drive_unit import ForeignDriveUnit
from covolt.vehicle.part import ZERO_CELSIUS_K

__all__ = ["KINDS"]

WINDING_J_per_K_per_W = 0.05
"""Heat capacity of winding and teeth over peak power: 4 kJ/K for 80 kW, an estimate; half an hour then is a steady state."""
COOLANT_K = ZERO_CELSIUS_K + 65.0
USUAL_LIMIT_K = ZERO_CELSIUS_K + 160.0
_Unit = TypeVar("_Unit", PolynomialDriveUnit, MapDriveUnit)


def _machine(unit: SheetNumbers, joint: Joint) -> Machine:
    """Envelope, heat and mass; its thermal resistance follows from the losses (`_cooled`)."""
    torque_Nm, power_W = unit["torque_peak"], unit["power_peak"]
    limit_K = unit.get("winding_limit", USUAL_LIMIT_K)
    return Machine(
        peak_torque_Nm=smaller(torque_Nm, joint.drive_of(unit).gearbox.get("torque_maximum", torque_Nm)),
        peak_power_W=power_W,
        maximum_speed_rad_per_s=unit["speed_maximum"],
        nominal_voltage_V=unit.get("voltage_nominal", 0.95 * joint.part["battery"]["voltage_nominal"]),
        derating_start_K=limit_K - 20.0,
        derating_end_K=limit_K,
        heat_capacity_J_per_K=unit.get("winding_heat_capacity", WINDING_J_per_K_per_W * power_W),
        thermal_resistance_K_per_W=1.0,
        winding_heat_fraction=0.7,
        mass_kg=unit["mass"],
    )


def _cooled(drive_unit: _Unit, unit: SheetNumbers) -> _Unit:
    """The unit with the thermal resistance that follows from the declared continuous power, half the peak where none is declared.

    Held at 1.2 times the base speed with coolant at 65 degC, it warms the winding to where derating begins,
    R = (T_derating - 65 degC) / (s P_loss).
    """
    torque_Nm, power_W = unit["torque_peak"], unit["power_peak"]
    limit_K = unit.get("winding_limit", USUAL_LIMIT_K)
    continuous_W = unit.get("power_continuous", 0.5 * power_W)
    speed_rad_per_s = 1.2 * power_W / torque_Nm
    loss_W = drive_unit.loss_W(DriveUnitState(limit_K - 20.0), continuous_W / speed_rad_per_s, speed_rad_per_s)
    machine = drive_unit.machine
    heat_fraction = number(machine.winding_heat_fraction)
    resistance_K_per_W = (limit_K - 20.0 - COOLANT_K) / (heat_fraction * number(loss_W))
    return replace(drive_unit, machine=replace(machine, thermal_resistance_K_per_W=resistance_K_per_W))


def _six_terms(unit: SheetNumbers, joint: Joint) -> PolynomialDriveUnit:
    """Losses as in the generic set by kind and power of the machines, so that no other party's mass moves them, all times the
    declared `loss_ratio`.
    """
    drive, generic, radius_m = joint.drive_of(unit), joint.generic, joint.part["tyre"]["rolling_radius"]
    gearbox, loss = drive.gearbox, drive.loss
    # Generic spin losses were calibrated with one gear: that of the longest way, where there are several.
    several = gearbox.sheet.model.kind == "shifting"
    ratio, losses = gearbox["ratio_highest_gear" if several else "ratio"], unit.get("loss_ratio", 1.0)
    k = unit["torque_peak"] / generic.reference_torque_Nm
    generic_unit = PolynomialDriveUnit(
        machine=_machine(unit, joint),
        constant_W=unit.get("loss_constant", loss.constant_W * losses),
        torque_W_per_Nm=loss.torque_W_per_Nm * losses,
        torque_squared_W_per_Nm2=loss.torque_squared_W_per_Nm2 * losses / k,
        speed_W_s=loss.speed_W_s * losses * generic.ratio_per_radius_per_m * radius_m / ratio,
        speed_squared_W_s2=0.0,
        speed_cubed_W_s3=0.0,
    )
    best = unit.stated("efficiency_peak")
    return _cooled(generic_unit if best is None else with_peak_efficiency(generic_unit, best), unit)


def _by_map(unit: SheetNumbers, joint: Joint) -> MapDriveUnit:
    """A declared loss map stands for all losses of the drive unit."""
    return _cooled(MapDriveUnit(_machine(unit, joint), loss_map(unit.sheet)), unit)


def _foreign(unit: SheetNumbers, joint: Joint) -> AbstractDriveUnit:
    """The unit itself behind its door, and what it declares, by its map where it has one, for what it cannot be asked."""
    declared = _by_map(unit, joint) if has_loss_map(unit.sheet) else _six_terms(unit, joint)
    link = None if joint.doors is None else joint.doors.drive_unit(unit.sheet)
    return declared if link is None else ForeignDriveUnit(declared=declared, link_outside=Outside(link))


def _foreign_problems(sheet: Datasheet) -> list[Problem]:
    """What is wrong with a unit that is to be asked itself."""
    losses = loss_map_problems(sheet) if has_loss_map(sheet) else loss_ratio_problems(sheet)
    return [*losses, *entry_problems(sheet)]


_WINDING = {"winding_heat_capacity": "J/K", "winding_limit": "K"}
_MACHINE = {"motor_induction": "1", "motor_externally_excited": "1", "inverter_silicon_carbide": "1"}
"""1 where it is one, 0 where not; of two drive units each says its own."""
KINDS = (
    ModelKind(
        "drive_unit",
        "six-term-losses",
        {"loss_constant": "W", "loss_ratio": "1", **_MACHINE, **_WINDING},
        _six_terms,
        problems=loss_ratio_problems,
    ),
    ModelKind(
        "drive_unit",
        "loss-map",
        {"loss_ratio": "1", **_WINDING},
        _by_map,
        {"loss": TableKind("W", {"speed": "rad/s", "torque": "Nm"}, needed=True)},
        problems=loss_map_problems,
    ),
    *(
        ModelKind(
            "drive_unit",
            kind,
            {"loss_constant": "W", "loss_ratio": "1", **_MACHINE, **_WINDING},
            _foreign,
            {"loss": TableKind("W", {"speed": "rad/s", "torque": "Nm"})},
            problems=_foreign_problems,
            validation_level=0,
            foreign=True,
        )
        for kind in FOREIGN_KINDS
    ),
)
