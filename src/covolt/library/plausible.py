"""Declared numbers that no part of a road vehicle can have, whatever else its datasheet says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from covolt import units
from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.words import Phrase, text

__all__ = ["CELL_VOLTAGES_V", "implausible"]

CELL_VOLTAGES_V = {"NMC": (3.4, 3.95), "NCA": (3.4, 3.95), "LMO": (3.4, 3.95), "LFP": (3.0, 3.4), "LTO": (2.1, 2.7)}
"""Nominal voltage of one cell by chemistry; textbook values with their spread between makers."""
CELL_LIMITS_V = {"NMC": (2.0, 4.5), "NCA": (2.0, 4.5), "LMO": (2.0, 4.5), "LFP": (1.5, 4.0), "LTO": (1.5, 3.0)}
"""Beyond these a cell is destroyed: makers stop at 2.5 to 4.35 V, 2.0 to 3.65 V and 1.5 to 2.8 V, with a reserve (estimate)."""
LEAST_DROP_RATIO = 1e-3
"""Of its voltage a pack loses at least this over its resistance at 1C: 4 mV a cell. The strongest cells of hybrid cars lose
about twice that after 10 s, those of electric cars 2 to 4 % (estimate)."""


@final
@dataclass(frozen=True)
class _Range:
    """What a number of a part can be, as written for people."""

    lowest: str | float
    highest: str | float
    why: Phrase

    def problem(self, sheet: Datasheet, place: str, name: str) -> Problem | None:
        """The refusal of a number outside; one of another dimension is told by its model."""
        stated = (sheet.declared if place == "declared" else sheet.model.parameters)[name]
        low, high = (
            units.parse(one, stated.si_unit) if isinstance(one, str) else one for one in (self.lowest, self.highest)
        )
        if low <= stated.value_si <= high:
            return None
        what = text(
            "{name} {stated} is not between {lowest} and {highest}",
            name=name,
            stated=stated.value,
            lowest=self.lowest,
            highest=self.highest,
        )
        where = f"{sheet.reference} ({place}.{name})"
        return Problem(what, where, text("{why}; correct it, then offer a new version", why=self.why))

    def fits(self, si_unit: str) -> bool:
        """Whether a number in this unit can be held against the range."""
        return si_unit == (units.unit_of(self.lowest).si if isinstance(self.lowest, str) else "1")


_SWITCH = _Range(0.0, 1.0, text("1 where it is one, 0 where not"))
_RANGES: Mapping[str, Mapping[str, _Range]] = {
    "battery": {
        "heater_power": _Range("0 W", "100 kW", text("a heater warms; those of buses have 15 to 40 kW")),
        "heating_below": _Range("-60 degC", "40 degC", text("cells are warmed in the cold")),
        "charging_above": _Range("-60 degC", "30 degC", text("from this temperature on cells charge at all")),
        "freezing_charge_ratio": _Range(0.0, 1.0, text("charging at 0 degC over that at 25 degC")),
        "heat_capacity": _Range("0.5 kJ/K", "50000 kJ/K", text("cells hold about 1 kJ/K per kilogram")),
    },
    "drive_unit": {
        "loss_constant": _Range("0 W", "20 kW", text("a loss is positive")),
        "winding_limit": _Range(
            "100 degC", "250 degC", text("coolant has 65 degC, and insulation is made for 105 to 250 degC")
        ),
        "winding_heat_capacity": _Range("100 J/K", "1000 kJ/K", text("1 kg of copper holds 385 J/K")),
        "motor_induction": _SWITCH,
        "motor_externally_excited": _SWITCH,
        "inverter_silicon_carbide": _SWITCH,
    },
    "gearbox": {"drag_torque": _Range("0 Nm", "100 Nm", text("drag slows"))},
    "tyre": {"temperature_coefficient": _Range("0 1/K", "0.05 1/K", text("UN R117 has 0.006 to 0.010 1/K"))},
    "body": {"reference_density": _Range("0.5 kg/m3", "1.6 kg/m3", text("air at 20 degC and 101.3 kPa has 1.2 kg/m3"))},
    "cabin": {
        "heat_pump": _SWITCH,
        "heat_pump_power": _Range("0 W", "100 kW", text("write what it draws at most")),
        "occupants": _Range(0.0, 300.0, text("count people")),
        "fresh_air": _Range("0 kg/s", "3 kg/s", text("a car takes 0.02 to 0.1 kg/s, a bus up to 1 kg/s")),
        "heating_set_point": _Range("0 degC", "35 degC", text("people sit in it")),
        "fuel_heater_power": _Range("0 W", "100 kW", text("those of buses give 16 to 35 kW")),
        "fuel_heater_efficiency": _Range(
            0.5, 1.0, text("part of the fuel's net calorific value leaves with the exhaust")
        ),
        "fuel_heater_electric_power": _Range(
            "0 W", "2 kW", text("write what its pumps and its blower draw while it burns")
        ),
        "fuel_heater_below": _Range("-60 degC", "25 degC", text("it burns while the outside air is colder than this")),
        "fuel_heater_petrol": _SWITCH,
        "heat_transfer": _Range(
            "2 W/K", "5 kW/K", text("a small car loses 40 to 70 W/K, an articulated bus some 1 kW/K")
        ),
    },
    "charger": {"direct_power_maximum": _Range("0 W", "5 MW", text("write what a charging station may give"))},
}


_POSITIVE = frozenset(
    {
        "capacity",
        "current_maximum",
        "deceleration_maximum",
        "discharge_power_peak",
        "drag_area",
        "efficiency",
        "efficiency_peak",
        "energy_nominal",
        "energy_usable",
        "frontal_area",
        "power_continuous",
        "power_maximum",
        "power_peak",
        "ratio",
        "ratio_highest_gear",
        "rolling_radius",
        "rolling_resistance_coefficient",
        "speed_maximum",
        "torque_maximum",
        "torque_peak",
        "voltage_maximum",
        "voltage_nominal",
        "volume",
        "wheelbase",
    }
)
"""What is there has some of these; an interface may admit a range from 0 on."""
WEIGHED = frozenset({"battery", "drive_unit", "gearbox", "body", "charger"})
"""Parts whose mass is always their own; that of others may stand with the body's."""
MOST_ENERGY_J_per_kg = 500.0 * 3600.0
"""Of a whole pack: the best cells that are offered come near it, packs of road vehicles hold 100 to 200 Wh/kg (estimate)."""


def _missing_problems(sheet: Datasheet) -> list[Problem]:
    """Numbers that are zero or less where every part has some, or may be; more energy than the mass of a pack can hold."""
    interface = sheet.fills.partition("@")[0]
    some = {
        name: one
        for name, one in sheet.declared.items()
        if name in _POSITIVE or (name == "mass" and interface in WEIGHED)
    }
    problems = [
        _refused(
            sheet,
            name,
            text("{name} {value}: every such part has more than 0 of it", name=name, value=one.value),
            text("write what it has"),
        )
        for name, one in some.items()
        if one.value_si <= 0.0
    ]
    problems += [
        _refused(
            sheet,
            name,
            text(
                "{name} {value}, u {u}: with less by its u it would have none", name=name, value=one.value, u=str(one.u)
            ),
            text("u is the standard uncertainty: the number lies within it in two cases of three"),
        )
        for name, one in some.items()
        if 0.0 < one.value_si <= one.uncertainty_si
    ]
    stated = {name: one.value_si for name, one in sheet.declared.items()}
    energy_J = max((stated.get(name, 0.0) for name in ("energy_usable", "energy_nominal")), default=0.0)
    mass_kg = stated.get("mass", 0.0)
    if interface == "battery" and mass_kg > 0.0 and energy_J > MOST_ENERGY_J_per_kg * mass_kg:
        what = text(
            "{energy:.1f} kWh in {mass}: more than {most:.0f} Wh/kg, which no pack holds",
            energy=energy_J / 3.6e6,
            mass=sheet.declared["mass"].value,
            most=MOST_ENERGY_J_per_kg / 3600.0,
        )
        problems.append(_refused(sheet, "mass", what, text("correct the energy or the mass")))
    return problems


def implausible(sheet: Datasheet) -> list[Problem]:
    """Every number of a datasheet that no such part can have."""
    interface = sheet.fills.partition("@")[0]
    ranges = _RANGES.get(interface, {})
    told = [
        ranges[name].problem(sheet, place, name)
        for place, numbers in (("declared", sheet.declared), ("model.parameters", sheet.model.parameters))
        for name, one in numbers.items()
        if name in ranges and ranges[name].fits(one.si_unit)
    ]
    problems = [*(one for one in told if one is not None), *_missing_problems(sheet)]
    if interface == "battery":
        problems += [*_cell_limit_problems(sheet), *_small_resistance_problems(sheet)]
    return problems + (_machine_problems(sheet) if interface == "drive_unit" else [])


def _refused(sheet: Datasheet, name: str, what: str | Phrase, hint: str | Phrase) -> Problem:
    return Problem(what, f"{sheet.reference} (declared.{name})", text("{hint}; then offer a new version", hint=hint))


def _cell_limit_problems(sheet: Datasheet) -> list[Problem]:
    """Limits of voltage over the cells in series; where they are not declared, over as many as the nominal voltage lets be."""
    stated = {name: one.value_si for name, one in sheet.declared.items()}
    volt, series = stated.get("voltage_nominal"), stated.get("cells_in_series")
    if volt is None:
        return []
    counts: dict[str, tuple[float, float]] = {}
    for chemistry in [sheet.chemistry] if sheet.chemistry else CELL_VOLTAGES_V:
        low_V, high_V = CELL_VOLTAGES_V[chemistry]
        if series is None:
            counts[chemistry] = (volt / high_V, volt / low_V)
        elif low_V <= volt / series <= high_V:
            counts[chemistry] = (series, series)
    problems: list[Problem] = []
    least = {name: stated.get("voltage_minimum", volt) / few for name, (few, _) in counts.items()}
    if counts and all(one < CELL_LIMITS_V[name][0] for name, one in least.items()):
        what = text(
            "voltage_minimum {value} is {least:.3g} V a cell at most",
            value=sheet.declared["voltage_minimum"].value,
            least=max(least.values()),
        )
        lowest_V = min(CELL_LIMITS_V[name][0] for name in counts)
        problems.append(
            _refused(sheet, "voltage_minimum", what, text("no cell is used below {lowest:g} V", lowest=lowest_V))
        )
    most = {name: stated.get("voltage_maximum", volt) / many for name, (_, many) in counts.items()}
    if counts and all(one > CELL_LIMITS_V[name][1] for name, one in most.items()):
        what = text(
            "voltage_maximum {value} is {most:.3g} V a cell at least",
            value=sheet.declared["voltage_maximum"].value,
            most=min(most.values()),
        )
        highest_V = max(CELL_LIMITS_V[name][1] for name in counts)
        problems.append(
            _refused(sheet, "voltage_maximum", what, text("no cell is used above {highest:g} V", highest=highest_V))
        )
    return problems


def _small_resistance_problems(sheet: Datasheet) -> list[Problem]:
    """R I_1C / U >= 0.001 with I_1C = E / (U 1 h): what cells in parallel take from the resistance they add to the charge."""
    names = ("resistance", "voltage_nominal", "energy_usable")
    if not all(name in sheet.declared for name in names):
        return []
    ohm, volt, energy_J = (sheet.declared[name].value_si for name in names)
    least_Ohm = LEAST_DROP_RATIO * volt**2 * 3600.0 / energy_J
    if not 0.0 < ohm < least_Ohm:
        return []
    what = text(
        "resistance {value} is less than any pack of this voltage and energy has",
        value=sheet.declared["resistance"].value,
    )
    hint = text(
        "at least {value:.2g} mOhm, a drop of 0.1 % at 1C; write the resistance of the whole pack over 10 s",
        value=1e3 * least_Ohm,
    )
    return [_refused(sheet, "resistance", what, hint)]


def _machine_problems(sheet: Datasheet) -> list[Problem]:
    """P_continuous <= P_peak, and P_peak / T_peak < w_maximum: the peak power is reached at some speed."""
    stated = {name: one.value_si for name, one in sheet.declared.items()}
    peak_W, torque_Nm, speed_rad_per_s = (stated.get(name) for name in ("power_peak", "torque_peak", "speed_maximum"))
    problems: list[Problem] = []
    if peak_W is None:
        return problems
    if stated.get("power_continuous", 0.0) > peak_W:
        what = text(
            "power_continuous {continuous} is more than power_peak {peak}",
            continuous=sheet.declared["power_continuous"].value,
            peak=sheet.declared["power_peak"].value,
        )
        problems.append(_refused(sheet, "power_continuous", what, text("correct one of the two")))
    if torque_Nm is not None and speed_rad_per_s is not None and torque_Nm * speed_rad_per_s < peak_W:
        reached = units.format_quantity(torque_Nm * speed_rad_per_s, "kW")
        what = text(
            "torque_peak {value} gives {reached} at speed_maximum, never power_peak",
            value=sheet.declared["torque_peak"].value,
            reached=reached,
        )
        problems.append(_refused(sheet, "torque_peak", what, text("correct torque_peak, power_peak or speed_maximum")))
    return problems
