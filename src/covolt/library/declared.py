"""Declared numbers of a part: held against each other, and what of them its model cannot use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from covolt import units
from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.driveline import FOREIGN_KINDS, has_loss_map, tables_of
from covolt.library.fitted import limits_of_charge, usable_share
from covolt.library.plausible import CELL_VOLTAGES_V, implausible
from covolt.words import Phrase, text

__all__ = ["NotUsed", "best_of_map", "declared_problems", "not_used", "not_used_beside"]

AGREE_RATIO = 0.05
"""Roundings and conditions of two statements about one battery (C/3 against 1C, mean against nominal voltage) differ by this."""
MAP_AGREES_RATIO = 0.01
"""A map's best point lies between its own points, and at another voltage than that of the declared efficiency."""
CELL_CHARGE_C = (0.5 * 3600.0, 1000.0 * 3600.0)
"""From the smallest round cell to the largest prismatic one of vehicles."""


@dataclass(frozen=True)
class NotUsed:
    """A declared number that no model of its slot could use, and why."""

    name: str
    why: Phrase

    def problem(self, sheet: Datasheet) -> Problem:
        """What is declared and not used, as a notice of a command."""
        what = text("declared, not used by the model: {why}", why=self.why)
        return Problem(what, f"{sheet.reference} (declared.{self.name})", "")


_PRESSURE = text("the rolling resistance is declared as measured at its own pressure")
_DRAG_AREA = text("the model 'drag-area' takes drag and tyres; a coast-down is read by the model 'coast-down'")
_COAST_DOWN = text("the coast-down holds the drag of the air; it is read by the model 'drag-area'")
_TYRES_IN_COAST_DOWN = text("the coast-down of the body holds the resistance of the tyres")
_OTHER_CELLS = text("the model's cells are NMC; voltage limits of another chemistry are not theirs")
_BY_MODEL: Mapping[tuple[str, str], Mapping[str, Phrase]] = {
    ("tyre", "rolling-coefficient"): {"pressure": _PRESSURE},
    ("body", "drag-area"): {f"coast_down_{term}": _DRAG_AREA for term in ("constant", "linear", "quadratic")},
    ("body", "coast-down"): dict.fromkeys(("drag_coefficient", "frontal_area"), _COAST_DOWN),
}


def not_used(sheet: Datasheet) -> tuple[NotUsed, ...]:
    """Declared numbers of a datasheet that its model does not use; what was only declared says nothing of the vehicle."""
    dead = dict(_BY_MODEL.get((sheet.fills.partition("@")[0], sheet.model.kind), {}))
    if sheet.chemistry in {"LFP", "LTO"}:
        dead |= dict.fromkeys(("voltage_minimum", "voltage_maximum"), _OTHER_CELLS)
    return tuple(NotUsed(name, dead[name]) for name in sheet.declared if name in dead)


def not_used_beside(slot: str, sheets: Mapping[str, Datasheet]) -> tuple[NotUsed, ...]:
    """As `not_used`, with what another part of the vehicle makes void."""
    found = not_used(sheets[slot])
    body = sheets.get("body")
    if slot == "tyre" and body is not None and body.model.kind == "coast-down":
        found += (NotUsed("rolling_resistance_coefficient", _TYRES_IN_COAST_DOWN),)
    return found


def declared_problems(sheet: Datasheet) -> list[Problem]:
    """All that is wrong with declared numbers of a part: against each other, its model, and what such a part can be."""
    judge = _JUDGES.get(sheet.fills.partition("@")[0])
    return [*implausible(sheet), *([] if judge is None else judge(sheet))]


def _value(sheet: Datasheet, name: str) -> float | None:
    found = sheet.declared.get(name)
    return None if found is None else found.value_si


def _told(sheet: Datasheet, name: str, what: str | Phrase, hint: str | Phrase) -> Problem:
    # Until version 0.1.0 such numbers were read by nobody, so an offer may be older than the demand.
    return Problem(what, f"{sheet.reference} (declared.{name})", text("{hint}; then offer a new version", hint=hint))


def _said(sheet: Datasheet, name: str) -> str:
    return f"{name} {sheet.declared[name].value}"


def _battery_problems(sheet: Datasheet) -> list[Problem]:
    """Energy, charge, voltage and cells of one pack say the same: E = Q V, V = n_s V_cell, Q = n_p Q_cell."""
    problems: list[Problem] = []
    usable_J, nominal_J = _value(sheet, "energy_usable"), _value(sheet, "energy_nominal")
    volt, charge_C = _value(sheet, "voltage_nominal"), _value(sheet, "capacity")
    if usable_J is not None and nominal_J is not None and usable_J > nominal_J:
        what = text(
            "{said} is more than {said_2}", said=_said(sheet, "energy_usable"), said_2=_said(sheet, "energy_nominal")
        )
        problems.append(_told(sheet, "energy_nominal", what, text("write all that the cells hold")))
    if volt is not None and charge_C is not None:
        held_J = volt * charge_C
        if nominal_J is not None and abs(held_J / nominal_J - 1.0) > AGREE_RATIO:
            what = text(
                "{said} at {said_2} hold {held:.4g} kWh, not {said_3}",
                said=_said(sheet, "capacity"),
                said_2=_said(sheet, "voltage_nominal"),
                held=held_J / 3.6e6,
                said_3=_said(sheet, "energy_nominal"),
            )
            problems.append(_told(sheet, "capacity", what, text("write the charge of the whole pack")))
        elif nominal_J is None and usable_J is not None and held_J * (1.0 + AGREE_RATIO) < usable_J:
            what = text(
                "{capacity} at {voltage} hold {held:.4g} kWh, less than {energy}",
                capacity=_said(sheet, "capacity"),
                voltage=_said(sheet, "voltage_nominal"),
                held=held_J / 3.6e6,
                energy=_said(sheet, "energy_usable"),
            )
            problems.append(_told(sheet, "capacity", what, text("write the charge of the whole pack")))
    if "heating_below" in sheet.model.parameters and "heater_power" not in sheet.model.parameters:
        where = f"{sheet.reference} (model.parameters.heating_below)"
        problems.append(
            Problem(text("heating_below without a heater"), where, text("add heater_power; then offer a new version"))
        )
    return problems + _cell_problems(sheet) + _voltage_problems(sheet) + _resistance_problems(sheet)


def _cell_problems(sheet: Datasheet) -> list[Problem]:
    problems: list[Problem] = []
    volt, charge_C = _value(sheet, "voltage_nominal"), _value(sheet, "capacity")
    series, parallel = _value(sheet, "cells_in_series"), _value(sheet, "cells_in_parallel")
    for name, count in (("cells_in_series", series), ("cells_in_parallel", parallel)):
        if count is not None and count != round(count):
            problems.append(
                _told(
                    sheet, name, text("{number:g} cells are no whole number", number=count), text("count whole cells")
                )
            )
    if volt is not None and series is not None:
        ends = [CELL_VOLTAGES_V[sheet.chemistry]] if sheet.chemistry else list(CELL_VOLTAGES_V.values())
        if not any(low <= volt / series <= high for low, high in ends):
            low, high = min(low for low, _ in ends), max(high for _, high in ends)
            what = text(
                "{said} over {said_2} is {volt:.3g} V a cell",
                said=_said(sheet, "voltage_nominal"),
                said_2=_said(sheet, "cells_in_series"),
                volt=volt / series,
            )
            hint = text(
                "{chemistry} has cells of {low:g} to {high:g} V: correct one of the two",
                chemistry=sheet.chemistry or "no chemistry",
                low=low,
                high=high,
            )
            problems.append(_told(sheet, "cells_in_series", what, hint))
    if charge_C is None and volt is not None:
        energy_J = _value(sheet, "energy_nominal") or _value(sheet, "energy_usable")
        charge_C = None if energy_J is None else energy_J / volt
    if charge_C is not None and parallel is not None:
        low_C, high_C = CELL_CHARGE_C
        if not low_C <= charge_C / parallel <= high_C:
            what = text(
                "{said} would be cells of {charge:.3g} Ah",
                said=_said(sheet, "cells_in_parallel"),
                charge=charge_C / parallel / 3600.0,
            )
            hint = text(
                "no cell has that: {low:g} to {high:g} Ah; correct capacity, energy or cells",
                low=low_C / 3600.0,
                high=high_C / 3600.0,
            )
            problems.append(_told(sheet, "cells_in_parallel", what, hint))
    return problems


def _voltage_problems(sheet: Datasheet) -> list[Problem]:
    names = ("voltage_minimum", "voltage_nominal", "voltage_maximum")
    stated = [(name, volt) for name in names if (volt := _value(sheet, name)) is not None]
    problems: list[Problem] = []
    for (low, low_V), (high, high_V) in pairwise(stated):
        if low_V >= high_V:
            name = low if high == "voltage_nominal" else high
            what = text("{said} is not below {said_2}", said=_said(sheet, low), said_2=_said(sheet, high))
            problems.append(_told(sheet, name, what, text("correct one of the two")))
    if problems or not {"voltage_nominal", "energy_usable"} <= sheet.declared.keys():
        return problems
    least, most = limits_of_charge(sheet)
    if most - least < (1.0 - AGREE_RATIO) * usable_share(sheet):
        name = "voltage_minimum" if least > 1.0 - most else "voltage_maximum"
        what = text(
            "the voltage limits leave {left:.0f} % of the charge, and {usable:.0f} % of it is usable",
            left=100.0 * max(most - least, 0.0),
            usable=100.0 * usable_share(sheet),
        )
        problems.append(_told(sheet, name, what, text("correct voltage limits, energies or cells in series")))
    return problems


def _resistance_problems(sheet: Datasheet) -> list[Problem]:
    """A source behind a resistance gives at most P = V (U - V) / R at the voltage V, and U^2 / 4 R at all."""
    ohm, volt = _value(sheet, "resistance"), _value(sheet, "voltage_nominal")
    if ohm is None or volt is None:
        return []
    if ohm <= 0.0:
        return [_told(sheet, "resistance", text("a pack without resistance"), text("write what a pulse of 10 s shows"))]
    lowest_V = max(_value(sheet, "voltage_minimum") or 0.7 * volt, 0.5 * volt)
    most_W, asked_W = lowest_V * (volt - lowest_V) / ohm, _value(sheet, "discharge_power_peak")
    if asked_W is None or most_W * (1.0 + AGREE_RATIO) >= asked_W:
        return []
    power = units.format_quantity(most_W, "kW")
    what = text(
        "{said} lets the pack give {power}, not {said_2}",
        said=_said(sheet, "resistance"),
        power=power,
        said_2=_said(sheet, "discharge_power_peak"),
    )
    return [_told(sheet, "resistance", what, text("state the resistance of the whole pack, or less power"))]


def _gearbox_problems(sheet: Datasheet) -> list[Problem]:
    problems: list[Problem] = []
    if _value(sheet, "torque_maximum") == 0.0:
        problems.append(
            _told(sheet, "torque_maximum", text("a gearbox that carries no torque"), text("write what it carries"))
        )
    if sheet.model.kind != "fixed-ratio":
        return problems
    if (gears := _value(sheet, "gears")) is not None and gears != 1.0:
        hint = text("write gears = 1, or the model shifting with its speeds")
        problems.append(
            _told(sheet, "gears", text("the model 'fixed-ratio' has one gear, not {gears:g}", gears=gears), hint)
        )
    highest, ratio = _value(sheet, "ratio_highest_gear"), _value(sheet, "ratio")
    if highest is not None and highest != ratio:
        what = text(
            "the only gear of 'fixed-ratio' has {said}, not {highest:g}", said=_said(sheet, "ratio"), highest=highest
        )
        problems.append(_told(sheet, "ratio_highest_gear", what, text("leave it out, or write the model shifting")))
    return problems


def _drive_unit_problems(sheet: Datasheet) -> list[Problem]:
    """One statement of the losses: a map, or a ratio to the generic ones, or the best efficiency."""
    if "efficiency_peak" not in sheet.declared:
        return []
    if _value(sheet, "efficiency_peak") == 1.0:
        hint = text("write what a bench shows")
        return [_told(sheet, "efficiency_peak", text("a drive unit without losses"), hint)]
    for name in ("loss_ratio", "loss_constant"):
        six_terms = sheet.model.kind == "six-term-losses" or (
            sheet.model.kind in FOREIGN_KINDS and not has_loss_map(sheet)
        )
        if six_terms and name in sheet.model.parameters:
            what = text("efficiency_peak and the parameter {name} both say how much the unit loses", name=name)
            return [_told(sheet, "efficiency_peak", what, text("keep one of the two"))]
    best_ratio, declared_ratio = best_of_map(sheet), sheet.declared["efficiency_peak"]
    if best_ratio is None or abs(best_ratio - declared_ratio.value_si) <= MAP_AGREES_RATIO:
        return []
    what = text(
        "the loss map has {best_ratio:.3f} at its best point, not {said}",
        best_ratio=best_ratio,
        said=_said(sheet, "efficiency_peak"),
    )
    return [_told(sheet, "efficiency_peak", what, text("write the efficiency of motor and inverter together"))]


def best_of_map(sheet: Datasheet) -> float | None:
    """Best efficiency of a loss map within the envelope, motoring: T w / (T w + L); None where there is no map."""
    table, power_W = tables_of(sheet).get("loss"), _value(sheet, "power_peak")
    if not has_loss_map(sheet) or table is None or len(table.axes) != 2 or power_W is None:
        return None
    scale = sheet.model.parameters.get("loss_ratio")
    ratio = 1.0 if scale is None else scale.value_si
    speeds, torques = (axis.values_si for axis in table.axes)
    rows = zip(speeds, table.rows_si, strict=True)
    points = ((T * w, ratio * loss_W) for w, row in rows for T, loss_W in zip(torques, row, strict=True))
    found = [shaft_W / (shaft_W + loss_W) for shaft_W, loss_W in points if 0.0 < shaft_W <= 1.02 * power_W]
    return max(found, default=None)


def _cabin_problems(sheet: Datasheet) -> list[Problem]:
    """Numbers of a fuel-fired heater where there is none: its rated heat says that there is one."""
    if (_value(sheet, "fuel_heater_power") or 0.0) > 0.0:
        return []
    return [
        Problem(
            text("{name} without a fuel-fired heater", name=name),
            f"{sheet.reference} (model.parameters.{name})",
            text("declare fuel_heater_power, its rated heat; then offer a new version"),
        )
        for name in sheet.model.parameters
        if name.startswith("fuel_heater_")
    ]


_JUDGES: Mapping[str, Callable[[Datasheet], list[Problem]]] = {
    "battery": _battery_problems,
    "cabin": _cabin_problems,
    "gearbox": _gearbox_problems,
    "drive_unit": _drive_unit_problems,
}
