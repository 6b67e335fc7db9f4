"""Connections checked and made into numbers: which scalar takes which, by what factor and offset; every problem is told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from covolt.errors import Problem
from covolt.exchange import base_units
from covolt.exchange.component import Variable
from covolt.exchange.master.scalars import CROSSING, Scalars
from covolt.exchange.master.system import Connection, Port
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["Join", "found_variable", "joins_of", "said_of"]


GIVING = ("output", "local", "calculated parameter")
"""Causalities of what an input may take; of locals it is for the component to say whether it lets them be read."""


@final
@dataclass(frozen=True)
class Join:
    """One scalar that takes another: value = factor * source + shift in the unit of the target."""

    source: Port
    target: Port
    factor: float
    shift_value: float
    choices: tuple[tuple[float, float], ...] = ()

    def __str__(self) -> str:
        return said_of(self.source, self.target)


def said_of(source: Port, target: Port) -> str:
    """A connection as people read it."""
    return f"{source} → {target}"


def found_variable(parts: Mapping[str, Scalars], port: Port, place: str, problems: list[Problem]) -> Variable | None:
    """The variable of a port; where there is none, the problem says what there is."""
    scalars = parts.get(port.part)
    if scalars is None:
        what = text("no part is called '{part}'", part=port.part)
        problems.append(Problem(what, place, named(port.part, parts)))
        return None
    variable = scalars.variable(port.variable)
    if variable is None:
        what = text("'{part}' has no variable '{variable}'", part=port.part, variable=port.variable)
        problems.append(Problem(what, place, named(port.variable, scalars.variables)))
    return variable


def joins_of(
    parts: Mapping[str, Scalars], connections: tuple[Connection, ...], problems: list[Problem], notes: list[Phrase]
) -> tuple[Join, ...]:
    """All scalars that are joined; problems and what is worth a word are added to what was found before."""
    found: list[Join] = []
    for connection in connections:
        found.extend(_joins_of(parts, connection, problems, notes))
    taken: dict[Port, Join] = {}
    for join in found:
        before = taken.setdefault(join.target, join)
        if before is not join:
            problems.append(
                Problem(
                    text(
                        "two outputs are joined to one input: {one} and {other}",
                        one=str(before.source),
                        other=str(join.source),
                    ),
                    str(join.target),
                    text("leave one of the two connections out, or add them up in a part of their own"),
                )
            )
    return tuple(found)


def _joins_of(
    parts: Mapping[str, Scalars], connection: Connection, problems: list[Problem], notes: list[Phrase]
) -> list[Join]:
    source, target = connection.source, connection.target
    place = said_of(source, target)
    known = len(problems)
    ends = [found_variable(parts, port, place, problems) for port in (source, target)]
    giving, taking = ends
    if giving is None or taking is None:
        return []
    problems.extend(_causality_problems(giving, taking, place))
    problems.extend(_kind_problems(giving, taking, connection, place))
    shapes = [parts[port.part].shape(port.variable) for port in (source, target)]
    if shapes[0] != shapes[1]:
        problems.append(
            Problem(
                text("{one} has {size}, {other} has {other_size}", one=str(source), size=_sizes(shapes[0]), other=str(target),
                     other_size=_sizes(shapes[1])),
                place,
                text("join arrays of one size, or element by element: 'forces[2,1]'"),
            )
        )  # fmt: skip
    numbers = _numbers(giving, taking, connection, problems, notes)
    if len(problems) > known or numbers is None:
        return []
    names = [parts[port.part].expanded(port.variable) for port in (source, target)]
    return [
        Join(Port(source.part, one), Port(target.part, other), *numbers, connection.choices)
        for one, other in zip(*names, strict=True)
    ]


def _causality_problems(giving: Variable, taking: Variable, place: str) -> list[Problem]:
    found: list[Problem] = []
    wanted = ((giving, GIVING, text("an output")), (taking, ("input",), text("an input")))
    for variable, causalities, needed in wanted:
        if variable.causality not in causalities:
            what = text(
                "'{variable}' is of causality '{causality}', and {wanted} is needed",
                variable=variable.name,
                causality=variable.causality,
                wanted=needed,
            )
            found.append(Problem(what, place, text("join an output to an input")))
    return found


def _kind_problems(giving: Variable, taking: Variable, connection: Connection, place: str) -> list[Problem]:
    """Kinds that do not pass as numbers, and those of which one is not the other."""
    for variable in (giving, taking):
        if variable.kind not in CROSSING:
            what = text("'{variable}' is a {kind}, which is no number", variable=variable.name, kind=variable.kind)
            return [Problem(what, place, text("only numbers cross between parts at a step; set it as a parameter"))]
        if variable.wide:
            what = text(
                "'{variable}' is a whole number of 64 bits, which does not cross at a step", variable=variable.name
            )
            return [Problem(what, place, text("export the model with a number of 32 bits, or a real"))]
    if (
        connection.choices
        or giving.kind == taking.kind
        or (giving.kind != "real" and taking.kind in ("real", "integer"))
    ):
        return []
    what = text("a value of kind {one} does not become one of kind {other}", one=giving.kind, other=taking.kind)
    return [Problem(what, place, text("state what each value becomes: the choices of the connection"))]


def _numbers(
    giving: Variable, taking: Variable, connection: Connection, problems: list[Problem], notes: list[Phrase]
) -> tuple[float, float] | None:
    """Factor and offset of the connection and of its units together."""
    place = said_of(connection.source, connection.target)
    if not (math.isfinite(connection.factor) and math.isfinite(connection.offset)):
        problems.append(Problem(text("factor and offset are no finite numbers"), place, text("give numbers")))
        return None
    if not connection.converts_units or connection.choices:
        return connection.factor, connection.offset
    conversion = base_units.joins(giving.unit, taking.unit)
    if isinstance(conversion, Phrase):
        hint = text("join variables of one dimension, or say that numbers pass as they are and give the factor")
        problems.append(Problem(text("units do not join: {why}", why=conversion), place, hint))
        return None
    if (differs := base_units.differs(giving.unit, taking.unit)) is not None:
        notes.append(text("{place}: {why}", place=place, why=differs))
    if (giving.unit is None) != (taking.unit is None):
        silent, other = (giving, taking) if giving.unit is None else (taking, giving)
        notes.append(
            text(
                "{place}: '{variable}' states no unit, so its number is taken to be in {unit}",
                place=place,
                variable=silent.name,
                unit=other.unit.name if other.unit else "",
            )
        )
    return conversion.factor * connection.factor, conversion.factor * connection.offset + conversion.offset


def _sizes(shape: tuple[int, ...]) -> Phrase:
    return text("size {size}", size=" × ".join(str(one) for one in shape)) if shape else text("one value")
