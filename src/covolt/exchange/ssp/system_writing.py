"""A system of the master as an SSP that can be written: its connections with their units, factors and choices, its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.base_units import Conversion, joins
from covolt.exchange.component import Unit, Value
from covolt.exchange.master import Connection, Port, System
from covolt.exchange.ssp.conversion import Step
from covolt.exchange.ssp.writing import WrittenJoint, WrittenPart, WrittenShown, WrittenSystem
from covolt.suggestion import named
from covolt.words import text

__all__ = ["written_from"]


def written_from(
    system: System,
    parts: Mapping[str, WrittenPart],
    shown: Mapping[str, Port] | None = None,
    stop_s: float | None = None,
) -> WrittenSystem:
    """A system of the master with where each part is; `parameters` and inputs of the system come to those of the parts.

    What only a master knows, such as bonds, ranges and smallest steps, has no words in SSP and is left out; courses of inputs are
    refused, since without them the system would be another.

    Args:
        system: parts and connections.
        parts: by name, each with its description and its source.
        shown: outputs that the whole system shows, by the name of the connector.
        stop_s: end of the default experiment, which begins at 0 s.

    Raises:
        InputError: a part is missing, or an input follows a course.
    """
    missing = [one.name for one in system.parts if one.name not in parts]
    problems = [
        Problem(text("nobody says where part '{part}' is", part=name), system.name, named(name, parts))
        for name in missing
    ]
    if system.courses:
        what = text("inputs follow courses over time, for which SSP has no words")
        problems.append(Problem(what, system.name, text("give them by a part of their own")))
    if problems:
        raise InputError(problems)
    written = tuple(
        replace(
            parts[one.name],
            name=one.name,
            parameters={**parts[one.name].parameters, **one.parameters, **_inputs(system, parts[one.name], one.name)},
        )
        for one in system.parts
    )
    joints = tuple(
        WrittenJoint((one.source.part, one.source.variable), (one.target.part, one.target.variable), _steps(one, parts))
        for one in system.connections
    )
    outlets = tuple(
        WrittenShown(name, (port.part, port.variable), (), _unit(parts[port.part], port.variable))
        for name, port in (shown or {}).items()
    )
    start_s = 0.0 if stop_s is not None else None
    return WrittenSystem(system.name, written, joints, outlets, (), start_s, stop_s)


def _inputs(system: System, part: WrittenPart, name: str) -> Mapping[str, Value]:
    """Values of inputs of a part, arrays whole."""
    variables = {one.name: one for one in part.description.variables}
    found: dict[str, Value] = {}
    for port, number in system.inputs.items():
        if port.part != name:
            continue
        variable = variables.get(port.variable)
        if variable is not None:
            kinds = {"boolean": bool, "integer": int, "enumeration": int}
            found[port.variable] = kinds.get(variable.kind, float)(number)
            continue
        whole, _, rest = port.variable.rpartition("[")
        array = found.get(whole)
        if array is None:
            start = variables[whole].start
            array = np.array(start if isinstance(start, np.ndarray) else np.zeros(variables[whole].shape))
        made = np.array(array)
        made[tuple(int(one) - 1 for one in rest.removesuffix("]").split(","))] = number
        found[whole] = made
    return found


def _steps(connection: Connection, parts: Mapping[str, WrittenPart]) -> tuple[Step, ...]:
    """value = units(factor * output + offset) as one affine step; or the choices."""
    if connection.choices:
        return (dict(connection.choices),)
    units = Conversion()
    if connection.converts_units:
        ends = [_unit(parts[port.part], port.variable) for port in (connection.source, connection.target)]
        found = joins(ends[0], ends[1])
        units = found if isinstance(found, Conversion) else units
    whole = Conversion(units.factor * connection.factor, units.factor * connection.offset + units.offset)
    return () if whole.same else (whole,)


def _unit(part: WrittenPart, name: str) -> Unit | None:
    for variable in part.description.variables:
        if variable.name in {name, name.rpartition("[")[0]}:
            return variable.unit
    return None
