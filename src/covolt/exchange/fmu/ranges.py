"""Whether a value has the unit and lies in the range that its variable declares, and what is told where it does not."""

from __future__ import annotations

import numpy as np

from covolt import units
from covolt.digits import number_text
from covolt.errors import Problem, UnitError
from covolt.exchange.component import Unit, Value, Variable
from covolt.words import Phrase, text

__all__ = ["needs_unit", "outside", "range_refused", "refused_value", "way_to_write"]

DIGITS = 6
ROUNDING_ratio = 1e-9
"""Of a range: what may lie beyond it by rounding alone."""


def outside(variable: Variable, values: np.ndarray) -> np.ndarray:
    """Where numbers, any shape, lie beyond the declared range or are none, bool; rounding is let pass."""
    numbers = np.asarray(values, dtype=np.float64)
    low = -np.inf if variable.minimum is None else float(variable.minimum)
    high = np.inf if variable.maximum is None else float(variable.maximum)
    stated = [abs(one) for one in (low, high) if np.isfinite(one)]
    span = high - low if np.isfinite(high - low) else max(stated, default=0.0)
    room = ROUNDING_ratio * abs(span)
    return ~((numbers >= low - room) & (numbers <= high + room))


def range_refused(variable: Variable, value: Value | np.ndarray, where: str) -> Problem | None:
    """What is told of the first number, of reals and whole numbers, that lies outside of the range; None where all do not."""
    if variable.kind not in {"real", "integer"}:
        return None
    numbers = np.asarray(value).astype(np.float64).reshape(-1)
    beyond = numbers[outside(variable, numbers)]
    return refused_value(variable, float(beyond[0]), where) if beyond.size else None


def refused_value(variable: Variable, value: float, where: str) -> Problem:
    """What is told of a number that lies outside of the range of its variable, or is none."""
    if np.isnan(value):
        return Problem(text("'{name}' is not finite", name=variable.name), where, text("give a number"))
    what = text(
        "'{name}' would be {value}{unit}, outside of the range that it declares: {range}",
        name=variable.name,
        value=number_text(value, DIGITS),
        unit=_unit_said(variable),
        range=_range_said(variable),
    )
    return Problem(what, where, text("give a value within it"))


def _unit_said(variable: Variable) -> str:
    unit = variable.unit
    return f" {unit.name}" if unit is not None and unit.name not in {"", "1"} else ""


def _range_said(variable: Variable) -> Phrase:
    """A range as people write it, with its unit: "213.15 to 393.15 K", "at least 0 W"."""
    unit = _unit_said(variable)
    low, high = ("" if one is None else number_text(float(one), DIGITS) for one in (variable.minimum, variable.maximum))
    if not low:
        return text("at most {high}{unit}", high=high, unit=unit)
    if not high:
        return text("at least {low}{unit}", low=low, unit=unit)
    return text("{low} to {high}{unit}", low=low, high=high, unit=unit)


def needs_unit(unit: Unit | None) -> bool:
    """Whether a number alone leaves open what is meant: all units but that of a plain ratio."""
    if unit is None or not unit.name:
        return False
    return any(unit.exponents) or unit.factor != 1.0 or unit.offset_si != 0.0


def way_to_write(unit: Unit, form: str) -> Phrase:
    """How to write it, "warmth [{unit}]", in the variable's own unit, and in that in which people mostly say such a quantity."""
    ways = [form.replace("{unit}", one) for one in _units_to_write(unit)]
    if len(ways) == 1:
        return text("write {one}", one=ways[0])
    return text("write {one} or {other}", one=ways[0], other=ways[1])


def _units_to_write(unit: Unit) -> list[str]:
    try:
        usual = units.customary(units.unit(unit.name).si)
    except UnitError:
        return [unit.name]
    return list(dict.fromkeys((unit.name, usual)))
