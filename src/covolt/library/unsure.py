"""Declared numbers that state no uncertainty and are not measured: they are known no better than what they replace."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import final

from covolt import units
from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.contract.datasheet import Datasheet, Declared
from covolt.errors import Problem
from covolt.library.driveline import has_loss_map, tables_of
from covolt.library.generic import GENERIC, UNCERTAIN
from covolt.library.generic_used import drive_of_car, kind_loss, stated
from covolt.vehicle.part import GRAVITY_m_per_s2
from covolt.words import text

__all__ = ["Lent", "lent", "with_lent"]

_STANDARD_UNCERTAINTY = {one.name: one.standard_uncertainty for one in UNCERTAIN}
_ONE_FOR_ONE = {
    ("gearbox", "efficiency"): "mesh_efficiency",
    ("second_gearbox", "efficiency"): "mesh_efficiency",
    ("charger", "efficiency"): "charger_efficiency",
    ("tyre", "temperature_coefficient"): "tyre_coefficient_per_K",
    ("battery", "resistance"): "pack_resistance_ratio",
    ("cabin", "heat_transfer"): "cabin_conductance_ratio",
}
"""What of a party takes the place of which generic number alone."""


@final
@dataclass(frozen=True)
class Lent:
    """A number of a slot with the standard uncertainty that it takes over; a loss map's is that of its `loss_ratio`."""

    slot: str
    name: str
    number: Declared

    def problem(self, sheet: Datasheet) -> Problem:
        """What is stated without u, as a notice of a command."""
        place = "declared" if self.name in sheet.declared else "model.parameters"
        what = text(
            "stated without u and not measured: taken with u = {u}, no surer than the generic number",
            u=str(self.number.u),
        )
        return Problem(what, f"{sheet.reference} ({place}.{self.name})", text("state its u, or measure it"))


def lent(sheets: Mapping[str, Datasheet]) -> tuple[Lent, ...]:
    """Every number that replaces a generic one without being surer: u = x u_generic / x_generic.

    Where it replaces several, u = x sqrt(sum u_i^2) / sum x_i; a best efficiency n says 1/n - 1 of losses, u = n (1 - n) u_loss;
    of a coast-down only the drag of bearings, u = u_bearing m g, is generic.
    """
    found = [_by_ratio(sheets, slot, name, (number,)) for (slot, name), number in _ONE_FOR_ONE.items()]
    for slot in (FIRST_AXLE[0], SECOND_AXLE[0]):
        if slot in sheets:
            found += _of_drive_unit(sheets, slot)
    found.append(_of_coast_down(sheets))
    return tuple(one for one in found if one is not None)


def with_lent(sheets: Mapping[str, Datasheet]) -> dict[str, Datasheet]:
    """The datasheets with what `lent` finds written into them."""
    out = dict(sheets)
    for one in lent(sheets):
        sheet = out[one.slot]
        if one.name in sheet.declared:
            out[one.slot] = sheet.model_copy(update={"declared": {**sheet.declared, one.name: one.number}})
        else:
            parameters = {**sheet.model.parameters, one.name: one.number}
            model = sheet.model.model_copy(update={"parameters": parameters})
            out[one.slot] = sheet.model_copy(update={"model": model})
    return out


def _number(sheets: Mapping[str, Datasheet], slot: str, name: str) -> Declared | None:
    sheet = sheets.get(slot)
    return None if sheet is None else sheet.declared.get(name) or sheet.model.parameters.get(name)


def _taken(slot: str, name: str, one: Declared | None, u_si: float) -> Lent | None:
    """The number with this u, in the unit in which it is written; None where it is sure by itself."""
    if one is None or one.uncertainty_si > 0.0 or one.basis == "measured" or u_si <= 0.0:
        return None
    if isinstance(one.value, str):
        unit = units.unit_of(one.value)
        return Lent(slot, name, one.model_copy(update={"u": f"{u_si / unit.factor:.4g} {unit.name}"}))
    return Lent(slot, name, one.model_copy(update={"u": float(f"{u_si:.4g}")}))


def _by_ratio(sheets: Mapping[str, Datasheet], slot: str, name: str, generic: tuple[str, ...]) -> Lent | None:
    one = _number(sheets, slot, name)
    if one is None:
        return None
    u = math.hypot(*(_STANDARD_UNCERTAINTY[number] for number in generic))
    return _taken(slot, name, one, one.value_si * u / sum(getattr(GENERIC, number) for number in generic))


def _of_drive_unit(sheets: Mapping[str, Datasheet], slot: str) -> Iterator[Lent | None]:
    unit, u = sheets[slot], _STANDARD_UNCERTAINTY["drive_loss_ratio"]
    if has_loss_map(unit):
        table, ratio = tables_of(unit).get("loss"), unit.model.parameters.get("loss_ratio")
        basis, value = "measured" if table is None else table.basis, 1.0 if ratio is None else ratio.value_si
        whole = Declared(value=value, basis=basis, source="of the loss map")
        if ratio is not None and (ratio.uncertainty_si > 0.0 or ratio.basis != "measured"):
            whole = ratio
        yield _taken(slot, "loss_ratio", whole, whole.value_si * u)
        return
    yield _by_ratio(sheets, slot, "loss_constant", ("base_loss_W", kind_loss(drive_of_car(unit).motor_kind)))
    best = stated(unit, "efficiency_peak")
    if best is not None:
        yield _taken(slot, "efficiency_peak", _number(sheets, slot, "efficiency_peak"), best * (1.0 - best) * u)


def _of_coast_down(sheets: Mapping[str, Datasheet]) -> Lent | None:
    if "body" not in sheets or sheets["body"].model.kind != "coast-down":
        return None
    mass_kg = sum(stated(sheet, "mass") or 0.0 for sheet in sheets.values())
    heavy = GENERIC.bearing_coefficient_of(mass_kg) / GENERIC.bearing_coefficient
    u_N = _STANDARD_UNCERTAINTY["bearing_coefficient"] * heavy * mass_kg * GRAVITY_m_per_s2
    return _taken("body", "coast_down_constant", _number(sheets, "body", "coast_down_constant"), u_N)
