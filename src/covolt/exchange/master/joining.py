"""A system joined with the components that run it: every fault told at once, and all that crosses laid out in two vectors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.component import Component, Description
from covolt.exchange.master.bonds import JoinedBond, joined_bonds
from covolt.exchange.master.joins import Join, found_variable, joins_of
from covolt.exchange.master.loops import array_of, circles, components_in_order, dependencies, immediate_inputs
from covolt.exchange.master.scalars import CROSSING, Scalars, elements, starts_of
from covolt.exchange.master.system import Part, Port, Range, System
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["Bounds", "Joined", "join"]


@final
@dataclass(frozen=True)
class Bounds:
    """What contracts allow of each port, (n,) each; infinite where none says."""

    lowest: np.ndarray
    highest: np.ndarray
    largest_rates: np.ndarray

    @property
    def bounded(self) -> bool:
        """Whether any contract says anything."""
        return bool(np.isfinite(self.lowest).any() or np.isfinite(self.highest).any() or self.rated)

    @property
    def rated(self) -> bool:
        """Whether any contract bounds how quickly a value changes."""
        return bool(np.isfinite(self.largest_rates).any())


@final
@dataclass(frozen=True)
class Joined:
    """A system with its components, wired; what crosses is a vector of all outputs (m,) and one of all inputs (k,)."""

    system: System
    components: Mapping[str, Component]
    outputs: tuple[Port, ...]
    inputs: tuple[Port, ...]
    output_slices: tuple[slice, ...]
    """Of each part, in the order of the system's parts."""
    input_slices: tuple[slice, ...]
    sources: np.ndarray
    """(k,) the place among outputs that each input takes; m + j where input j keeps its own value."""
    factors: np.ndarray
    shifts: np.ndarray
    choices: Mapping[int, Mapping[float, float]]
    """By input: what each value becomes."""
    own_values: np.ndarray
    """(k,) what inputs begin with, and keep where nothing is joined to them."""
    continuous: np.ndarray
    """(m,) 1 where an output may be predicted, 0 where it is a number of pieces, a switch or a discrete value."""
    nominals: np.ndarray
    """(m,) what an output is measured by."""
    output_bounds: Bounds
    input_bounds: Bounds
    bonds: tuple[JoinedBond, ...]
    loops: tuple[tuple[Port, ...], ...]
    """Variables that follow from one another in a circle within one instant."""
    order: tuple[int, ...]
    """Parts one after another, by feedthrough."""
    notes: tuple[Phrase, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts in their order."""
        return tuple(part.name for part in self.system.parts)

    def close(self) -> None:
        """End all components."""
        for component in self.components.values():
            component.close()


def join(system: System, components: Mapping[str, Component]) -> Joined:
    """Join the parts of a system, each run by the component of its name, and wire them.

    Raises:
        InputError: with everything that is wrong: parts without components, unknown names, two outputs on one input, kinds, sizes
            and units that do not join, bonds that are no power, ranges of nothing.
    """
    problems = _part_problems(system, components)
    described = {part.name: _described(part, components[part.name]) for part in system.parts if part.name in components}
    parts = {name: Scalars(description) for name, description in described.items()}
    notes: list[Phrase] = []
    joins = joins_of(parts, system.connections, problems, notes)
    _check_values(system, parts, problems)
    _check_courses(system, parts, problems)
    if problems:
        raise InputError(problems)
    outputs = _outputs(parts, joins)
    inputs, own = _inputs(system, parts, joins, notes)
    bonds, bond_problems, bond_notes = joined_bonds(parts, system.bonds, joins, outputs, inputs)
    if bond_problems:
        raise InputError(bond_problems)
    notes.extend(bond_notes)
    pairs = [(one.source, one.target) for one in joins]
    # Outputs that go nowhere close no circle.
    following = dependencies(described, inputs, dict.fromkeys(source for source, _ in pairs), pairs)
    order = components_in_order(tuple(parts), immediate_inputs(described, inputs), pairs)
    _wire(components, parts, inputs, outputs)
    joined = {one.target: one for one in joins}
    place = {port: number for number, port in enumerate(outputs)}
    rows = [joined.get(port) for port in inputs]
    return Joined(
        system=system,
        components={part.name: components[part.name] for part in system.parts},
        outputs=outputs,
        inputs=inputs,
        output_slices=_slices(tuple(parts), outputs),
        input_slices=_slices(tuple(parts), inputs),
        sources=np.array(
            [len(outputs) + j if r is None else place[r.source] for j, r in enumerate(rows)], dtype=np.intp
        ),
        factors=np.array([1.0 if row is None else row.factor for row in rows]),
        shifts=np.array([0.0 if row is None else row.shift_value for row in rows]),
        choices={j: dict(row.choices) for j, row in enumerate(rows) if row is not None and row.choices},
        own_values=np.array(own),
        continuous=np.array([_is_continuous(parts, port) for port in outputs]),
        nominals=np.array([_nominal(parts, port) for port in outputs]),
        output_bounds=_bounds(system.ranges, outputs),
        input_bounds=_bounds(system.ranges, inputs),
        bonds=bonds,
        loops=tuple(group for group in circles(following, (*outputs, *inputs)) if len(group) > 1),
        order=tuple(tuple(parts).index(name) for name in order),
        notes=tuple(notes),
    )


def _described(part: Part, component: Component) -> Description:
    """What a component says of itself, with the sizes that structural parameters give its arrays: known once it is started."""
    said = component.description
    if not any(one.name in part.parameters for one in said.of("structural parameter")):
        return said
    component.wire([], [])
    component.start(part.parameters, np.empty(0))
    return component.description


def _part_problems(system: System, components: Mapping[str, Component]) -> list[Problem]:
    names = [part.name for part in system.parts]
    found = [
        Problem(text("two parts are called '{part}'", part=name), system.name, text("give each part a name of its own"))
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    found.extend(
        Problem(text("no component runs the part '{part}'", part=name), system.name, named(name, components))
        for name in names
        if name not in components
    )
    found.extend(
        Problem(text("the system has no part '{part}'", part=name), system.name, named(name, names))
        for name in components
        if name not in names
    )
    return found


def _check_values(system: System, parts: Mapping[str, Scalars], problems: list[Problem]) -> None:
    """Parameters, values of inputs, ranges and courses: that what they set or bound is there, and of what is given a number."""
    for part in system.parts:
        scalars = parts.get(part.name)
        for name in part.parameters if scalars is not None else ():
            found_variable(parts, Port(part.name, name), str(Port(part.name, name)), problems)
    targets: list[tuple[Port, tuple[float, ...]]] = [(port, (value,)) for port, value in system.inputs.items()]
    targets.extend((course.target, course.values) for course in system.courses)
    for port, values in targets:
        variable = found_variable(parts, port, str(port), problems)
        if variable is not None and variable.causality != "input":
            what = text(
                "'{variable}' is of causality '{causality}', and {wanted} is needed",
                variable=port.variable,
                causality=variable.causality,
                wanted=text("an input"),
            )
            problems.append(Problem(what, str(port), text("set it as a parameter of its part")))
        if not all(math.isfinite(value) for value in values):
            problems.append(Problem(text("its value is no finite number"), str(port), text("give a number")))
    for one in system.ranges:
        variable = found_variable(parts, one.port, str(one.port), problems)
        if variable is not None and variable.causality not in ("output", "input"):
            what = text("only what crosses has a range, and '{variable}' does not", variable=one.port.variable)
            problems.append(Problem(what, str(one.port), text("bound an output or an input")))


def _check_courses(system: System, parts: Mapping[str, Scalars], problems: list[Problem]) -> None:
    """Courses: of one number each, rows in their order, and of inputs to which nothing is joined and no other course given."""
    taken: dict[Port, str | Phrase] = {one.target: str(one.source) for one in system.connections}
    for course in system.courses:
        place = str(course.target)
        scalars = parts.get(course.target.part)
        if scalars is not None and scalars.shape(course.target.variable):
            what = text(
                "a course gives one number over time, and '{variable}' is an array", variable=course.target.variable
            )
            problems.append(Problem(what, place, text("give each element a course of its own")))
        times = course.time_s
        ordered = all(math.isfinite(one) for one in times) and list(times) == sorted(times)
        if not (times and len(times) == len(course.values) and ordered):
            what = text("its rows are no times in their order with a value each")
            problems.append(Problem(what, place, text("give as many values as times, the earliest first")))
        if course.target in taken:
            what = text(
                "two outputs are joined to one input: {one} and {other}",
                one=taken[course.target],
                other=text("a course"),
            )
            problems.append(Problem(what, place, text("leave the course or the connection out")))
        taken[course.target] = text("a course")


def _outputs(parts: Mapping[str, Scalars], joins: Sequence[Join]) -> tuple[Port, ...]:
    """All outputs that can cross, and what else is joined to an input."""
    sources = {join.source for join in joins}
    found: list[Port] = []
    for name, scalars in parts.items():
        for variable in scalars.description.variables:
            crosses = variable.kind in CROSSING and not variable.wide
            ports = [Port(name, one) for one in elements(variable)] if crosses else []
            found.extend(one for one in ports if variable.causality == "output" or one in sources)
    return tuple(found)


def _inputs(
    system: System, parts: Mapping[str, Scalars], joins: Sequence[Join], notes: list[Phrase]
) -> tuple[tuple[Port, ...], list[float]]:
    """Inputs that are wired, with what each begins with: joined ones and those that are given a value; others are told."""
    joined = {one.target for one in joins}
    driven = {course.target for course in system.courses}
    given = {
        Port(port.part, one): value
        for port, value in system.inputs.items()
        for one in parts[port.part].expanded(port.variable)
    }
    ports: list[Port] = []
    own: list[float] = []
    open_ports: list[str] = []
    for name, scalars in parts.items():
        starts = [pair for one in scalars.crossing("input") for pair in starts_of(one).items()]
        for one, start in starts:
            port = Port(name, one)
            if port in joined or port in given or port in driven:
                ports.append(port)
                own.append(given.get(port, 0.0 if start is None else start))
            else:
                open_ports.append(str(port) if start is None else f"{port} = {start:g}")
    if open_ports:
        notes.append(
            text("inputs to which nothing is joined keep what they begin with: {ports}", ports=", ".join(open_ports))
        )
    return tuple(ports), own


def _wire(
    components: Mapping[str, Component], parts: Mapping[str, Scalars], inputs: Sequence[Port], outputs: Sequence[Port]
) -> None:
    """Wire all, and raise what all of them have against it."""
    problems: list[Problem] = []
    for name in parts:
        try:
            components[name].wire(
                [port.variable for port in inputs if port.part == name],
                [port.variable for port in outputs if port.part == name],
            )
        except InputError as error:
            problems.extend(Problem(one.what, one.where or name, one.hint) for one in error.problems)
    if problems:
        raise InputError(problems)


def _slices(names: Sequence[str], ports: Sequence[Port]) -> tuple[slice, ...]:
    """Where the ports of each part lie, which follow one another."""
    found: list[slice] = []
    begin = 0
    for name in names:
        count = sum(port.part == name for port in ports)
        found.append(slice(begin, begin + count))
        begin += count
    return tuple(found)


def _is_continuous(parts: Mapping[str, Scalars], port: Port) -> float:
    variable = parts[port.part].variable(port.variable)
    return float(variable is not None and variable.kind == "real" and variable.variability in ("continuous", ""))


def _nominal(parts: Mapping[str, Scalars], port: Port) -> float:
    variable = parts[port.part].variable(port.variable)
    nominal = variable.nominal if variable is not None else None
    return abs(nominal) if nominal else 1.0


def _bounds(ranges: Sequence[Range], ports: Sequence[Port]) -> Bounds:
    low, high, rate = (np.full(len(ports), one) for one in (-np.inf, np.inf, np.inf))
    for one in ranges:
        for place, port in enumerate(ports):
            if port.part == one.port.part and one.port.variable in (port.variable, array_of(port.variable)):
                low[place] = -np.inf if one.minimum is None else one.minimum
                high[place] = np.inf if one.maximum is None else one.maximum
                rate[place] = np.inf if one.largest_rate_per_s is None else one.largest_rate_per_s
    return Bounds(low, high, rate)
