"""Values of variables as people write them, "mass=1500 kg", "mode=sport", "A=1 2 3 4", in the units of the variables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from covolt.errors import InputError, NotFound, Problem, UnitError, kind_of
from covolt.exchange.base_units import Conversion, by_name, joins
from covolt.exchange.component import Value
from covolt.exchange.fmu.documents import FmuVariable, ModelDescription
from covolt.exchange.fmu.ranges import needs_unit, range_refused, way_to_write
from covolt.exchange.fmu.signals import value_of
from covolt.suggestion import named
from covolt.words import text

__all__ = ["changes_size", "settings"]

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"\s*(?P<numbers>{_NUMBER}(?:\s+{_NUMBER})*)\s*(?P<unit>[^\d\s.+\-].*)?")


def settings(written: Iterable[str], model: ModelDescription, option: str) -> dict[str, Value]:
    """Values by name.

    Raises:
        InputError: with all that is wrong: no such variable, one twice, no value of its kind or range, a unit that is missing or
            does not convert.
    """
    known = {one.name: one for one in model.variables}
    problems: list[Problem] = []
    kinds: set[type[InputError]] = set()
    found: dict[str, Value] = {}
    seen: set[str] = set()
    for one in written:
        name, sign, given = one.partition("=")
        where = f"{option} {one}"
        variable = known.get(name.strip())
        if not sign:
            problems.append(Problem(text("there is no = in it"), where, text("write it such as mass=1500 kg")))
            kinds.add(InputError)
        elif variable is None:
            parameters = [name for name, each in known.items() if "parameter" in each.variable.causality]
            what = text("there is no variable '{name}'", name=name.strip())
            problems.append(Problem(what, where, named(name.strip(), parameters, "covolt fmu inspect FILE")))
            kinds.add(NotFound)
        elif variable.name in seen:
            what = text("'{name}' is given twice", name=variable.name)
            problems.append(Problem(what, where, text("leave one of the two out")))
            kinds.add(InputError)
        else:
            seen.add(variable.name)
            value = _value(given.strip(), variable, where)
            if isinstance(value, Problem):
                problems.append(value)
                kinds.add(UnitError)
            elif (refused := range_refused(variable.variable, value, where)) is not None:
                problems.append(refused)
                kinds.add(InputError)
            else:
                found[variable.name] = value
    if problems:
        raise kind_of(kinds)(problems)
    return found


def _value(given: str, variable: FmuVariable, where: str) -> Value | Problem:
    stated = variable.variable
    conversion = Conversion()
    unit = stated.unit
    if stated.kind == "real" and (match := _QUANTITY.fullmatch(given)) and match["unit"]:
        joined = joins(by_name(match["unit"].strip()), stated.unit) if stated.unit is not None else None
        if joined is None:
            what = text("'{name}' states no unit", name=variable.name)
            return Problem(what, where, text("give the number alone, as the model takes it"))
        if not isinstance(joined, Conversion):
            return Problem(joined, where, text("give it in {unit}", unit=stated.unit.name if stated.unit else ""))
        given, conversion = match["numbers"], joined
    elif stated.kind == "real" and unit is not None and needs_unit(unit) and _QUANTITY.fullmatch(given):
        what = text("'{name}' is given without a unit", name=variable.name)
        return Problem(what, where, way_to_write(unit, f"{variable.name}={given} {{unit}}"))
    # The size of an array may be what another parameter sets: as many as are given.
    shape = (len(given.split()),) if variable.dimensions else ()
    value: Any = value_of(given, stated, shape, variable.items)
    if value is None:
        what = text("'{value}' is no {type}", value=given[:40], type=variable.type)
        hint = text("give a value of its kind")
        if variable.items:
            hint = text("give one of its items: {items}", items=", ".join(variable.items))
        return Problem(what, where, hint)
    if not conversion.same:
        return conversion.factor * value + conversion.offset
    return np.asarray(value) if shape and isinstance(value, list) else value


def changes_size(given: dict[str, Value], model: ModelDescription) -> bool:
    """Whether a structural parameter is among values."""
    structural = {one.name for one in model.variables if one.variable.causality == "structural parameter"}
    return bool(structural & set(given))
