"""Models of the battery: covolt's pack of the declared numbers, and parts that are asked themselves."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.build import in_the_cold
from covolt.library.curves import charging_power_problems
from covolt.library.driveline import FOREIGN_KINDS, entry_problems
from covolt.library.fitted import (
    cells_in_series,
    cold_charging,
    window_of,
    with_pulse_resistance,
    with_voltage_limits,
)
from covolt.library.joint import Joint, SheetNumbers
from covolt.library.model_kind import ModelKind, TableKind
from covolt.simulation.precision import in_64_bits
from covolt.vehicle.abstract_battery import AbstractBattery
from covolt.vehicle.battery import CellBattery, generic_pack
from covolt.vehicle.charge_limit import ChargeLimit, generic_charge_limit
from covolt.vehicle.column import larger, smaller
from covolt.vehicle.foreign import ForeignBattery, Outside
from covolt.vehicle.part import ZERO_CELSIUS_K

__all__ = ["KINDS"]


def declared_battery(sheet: SheetNumbers, joint: Joint) -> CellBattery:
    """A pack of generic NMC cells of the declared energies, voltages, power, resistance and charging in the cold."""
    generic = joint.generic
    energy_J, voltage_V = sheet["energy_usable"], sheet["voltage_nominal"]
    discharge_W = sheet["discharge_power_peak"]
    charge_W = sheet.get("charge_power_peak", 1.5 * energy_J / 3600.0)
    peak_W = larger(discharge_W, 1.5 * charge_W)
    limit, allowed_per_s = _usual_limit()
    raised = larger(1.0, 0.9 * charge_W / energy_J / allowed_per_s)
    low, high = window_of(sheet.sheet)
    battery = generic_pack(
        energy_J,
        voltage_V,
        series_count=cells_in_series(sheet.sheet),
        lowest_cell_charge_fraction=low,
        highest_cell_charge_fraction=high,
        mass_kg=sheet["mass"],
        resistance_ratio=generic.pack_resistance_ratio * smaller(1.0, generic.reference_rate_per_s * energy_J / peak_W),
        peak_discharge_rate_per_s=discharge_W / energy_J / 0.9,
        peak_charge_rate_per_s=larger(3.0 / 3600.0, 1.2 * charge_W / energy_J),
        charge_limit=cold_charging(
            replace(limit, over_state_of_charge_per_s=limit.over_state_of_charge_per_s.scaled(raised)),
            sheet.stated("charging_above"),
            sheet.stated("freezing_charge_ratio"),
        ),
    )
    battery = with_voltage_limits(battery, sheet.sheet)
    if (ohm := sheet.stated("resistance")) is not None:
        battery = with_pulse_resistance(battery, ohm)
    battery = in_the_cold(battery, generic)
    heat_J_per_K = sheet.stated("heat_capacity")
    return battery if heat_J_per_K is None else replace(battery, heat_capacity_J_per_K=heat_J_per_K)


@cache
@in_64_bits
def _usual_limit() -> tuple[ChargeLimit, float]:
    """The limit of charging of the usual cell, and what it allows at half charge and 25 degC."""
    limit = generic_charge_limit()
    return limit, float(limit(0.5, ZERO_CELSIUS_K + 25.0))


def _foreign_battery(sheet: SheetNumbers, joint: Joint) -> AbstractBattery:
    """The part itself behind its door, and the pack of what it declares for questions that it cannot be asked."""
    declared = declared_battery(sheet, joint)
    link = None if joint.doors is None else joint.doors.battery(sheet.sheet)
    if link is None:
        return declared
    return ForeignBattery(declared=declared, mass_kg=sheet["mass"], link_outside=Outside(link))


def _foreign_problems(sheet: Datasheet) -> list[Problem]:
    """What is wrong with a part that is to be asked itself."""
    return [*charging_power_problems(sheet), *entry_problems(sheet)]


_PARAMETERS = {"heater_power": "W", "heating_below": "K", "charging_above": "K", "freezing_charge_ratio": "1"}
_TABLES = {"charging_power": TableKind("W", {"state_of_charge": "1"})}
KINDS = (
    ModelKind(
        "battery", "equivalent-circuit", _PARAMETERS, declared_battery, _TABLES, problems=charging_power_problems
    ),
    *(
        ModelKind(
            "battery",
            kind,
            _PARAMETERS,
            _foreign_battery,
            _TABLES,
            problems=_foreign_problems,
            validation_level=0,
            foreign=True,
        )
        for kind in FOREIGN_KINDS
    ),
)
