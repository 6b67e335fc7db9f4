"""Parameters of all bindings brought to the variables that they set, in the standard's priority; none is passed over untold.

Priority (SSP 1.0 and 2.0, section "ParameterBindings"), from the weakest:

    1. the component's own start value
    2. bindings at the component, in their order: of two that set one variable, the later one holds
    3. bindings at each enclosing system, from the innermost to the root: an outer one holds over every inner one;
       those of a component that stands for another structure come after that structure's own

A prefix is put before every name of a set before names are looked for or mapped. With a mapping only what it names is applied, by
the mapped name. A name at a system is that of one of its connectors, or an element's name, a dot and a name within that element;
what has several meanings sets all of them. Units are converted first, then the transformation of the mapping is applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.component import Unit, Value, Variable
from covolt.exchange.fmu.ranges import range_refused
from covolt.exchange.ssp.conversion import unit_step
from covolt.exchange.ssp.document import Findings
from covolt.exchange.ssp.graph import Graph, Path, Point, label_of
from covolt.exchange.ssp.structure import (
    RECEIVES,
    Binding,
    ComponentElement,
    DictionaryElement,
    Enumeration,
    MappingEntry,
    Parameter,
    SignalType,
    SystemElement,
    Transformation,
)
from covolt.exchange.ssp.tracing import indexed, of_differences, stated, type_at, type_of
from covolt.exchange.ssp.values import Unfit, fitted, shape_of, transformed
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["Applied", "Bindings", "Left", "apply_bindings"]

MOST_PARAMETERS = 100_000
_SETTABLE = frozenset({"input", "parameter", "structural parameter"})


@final
@dataclass(frozen=True)
class Applied:
    """A value that a binding brings to a variable, or to one element of it."""

    component: Path
    variable: str
    value: Value
    unit: Unit | None
    place: str
    by: str
    """The element whose binding it is; empty for the root system."""
    overridden: bool = False
    """Another binding of higher priority sets the same."""


@final
@dataclass(frozen=True)
class Left:
    """A parameter that sets nothing, and why."""

    name: str
    place: str
    why: Phrase
    hint: str | Phrase = ""


@final
@dataclass(frozen=True)
class Bindings:
    """What all bindings do."""

    applied: tuple[Applied, ...]
    left: tuple[Left, ...]
    values: Mapping[Path, Mapping[str, Value]]
    """What holds in the end, by component and variable; arrays whole where the component says their shape."""
    outside: Mapping[str, Value]
    """Values of the root system's connectors, in the connectors' own units."""


@final
@dataclass(frozen=True)
class _Carried:
    """A parameter on its way."""

    parameter: Parameter
    value: Value
    unit: Unit | None
    enumeration: Enumeration | None
    place: str
    by: str


def apply_bindings(graph: Graph, findings: Findings) -> Bindings:
    """Apply every binding; types and units that do not fit are told among the findings."""
    applying = _Applying(graph, findings)
    for path, component in graph.components():
        for binding in component.bindings:
            applying.binding(binding, path)
    for path, system in sorted(graph.systems(), key=lambda one: -len(one[0])):
        for binding in system.bindings:
            applying.binding(binding, path)
    return applying.done()


@final
class _Applying:
    def __init__(self, graph: Graph, findings: Findings) -> None:
        self.graph = graph
        self.findings = findings
        self.applied: list[Applied] = []
        self.left: list[Left] = []
        self.outside: dict[str, Value] = {}
        self._count = 0
        self._current: dict[Path, dict[str, int]] = {}
        """Where among `applied` stands what holds, by component and variable."""

    def binding(self, binding: Binding, path: Path) -> None:
        """Apply one binding at an element, first mapped, then by name."""
        self._count += len(binding.parameters.parameters)
        if self._count > MOST_PARAMETERS:
            what = text("more than {most} parameters in all bindings together", most=MOST_PARAMETERS)
            raise InputError([*self.findings.problems, Problem(what, binding.place, text("split the system"))])
        by_name = {f"{binding.prefix}{one.name}": one for one in binding.parameters.parameters}
        if binding.mapping is None:
            for name, parameter in by_name.items():
                self._apply(name, parameter, MappingEntry(name, name, parameter.place), path)
            return
        for entry in binding.mapping:
            if entry.source in by_name:
                self._apply(entry.target, by_name[entry.source], entry, path)
            else:
                what = text("the mapping names '{name}', which the parameter set has not", name=entry.source)
                self.findings.notice(what, entry.place, named(entry.source, list(by_name)[:2000]))
        mapped = {entry.source for entry in binding.mapping}
        for name, parameter in by_name.items():
            if name not in mapped:
                self.left.append(Left(name, parameter.place, text("the mapping of its binding does not name it")))

    def _apply(self, name: str, parameter: Parameter, entry: MappingEntry, path: Path) -> None:
        points = list(self._meant(path, name))
        if not points:
            known = list(self._known(path))
            hint = named(name, known[:2000]) if known else ""
            self.left.append(
                Left(name, parameter.place, text("nothing in '{element}' has this name", element=_said(path)), hint)
            )
        kind = parameter.type
        carried = _Carried(parameter, parameter.value, kind.unit, kind.enumeration, entry.place, label_of(path))
        for point, element in points:
            self._carry(carried, point, element, entry.transformation, suppress=entry.suppress)

    def _meant(self, path: Path, name: str) -> Iterator[tuple[Point, str]]:
        """Points of this name at an element: the point, and the element of its array where one is named."""
        element = self.graph.elements.get(path)
        if isinstance(element, ComponentElement):
            yield from self._variables(path, element, name)
        if not isinstance(element, SystemElement):
            return
        if name in element.connectors:
            yield Point(path, name), ""
        for inner in element.elements:
            if name.startswith(f"{inner}."):
                yield from self._meant((*path, inner), name[len(inner) + 1 :])

    def _variables(self, path: Path, element: ComponentElement, name: str) -> Iterator[tuple[Point, str]]:
        variables = self.graph.variables.get(path)
        if variables is None:
            if name in element.connectors:
                yield Point(path, name), ""
            return
        if name in variables:
            yield Point(path, name), ""
            return
        whole, bracket, _ = name.rpartition("[")
        if bracket and name.endswith("]") and whole in variables and variables[whole].shape:
            yield Point(path, whole), name

    def _known(self, path: Path) -> Iterator[str]:
        """Names at an element, of its own connectors and those one level below."""
        element = self.graph.elements.get(path)
        if isinstance(element, ComponentElement):
            yield from self.graph.variables.get(path, element.connectors)
        elif isinstance(element, SystemElement):
            yield from element.connectors
            for name, inner in element.elements.items():
                known = self.graph.variables.get((*path, name), inner.connectors)
                yield from (f"{name}.{one}" for one in known)

    def _carry(
        self, carried: _Carried, point: Point, element: str, by: Transformation | None, *, suppress: bool
    ) -> None:
        """Bring a value to a point, and from a system's connector on to all that takes from it."""
        variable = self.graph.variable(point)
        to = type_at(self.graph, point)
        if variable is not None:
            to = type_of(variable, None, self.graph.items_of(point)) if to is None else stated(variable, to)
        elif to is not None and self._ends_in_differences(point, set()):
            to = of_differences(to)
        try:
            arrived = self._arrived(carried, to, by, suppress=suppress)
            if variable is not None:
                own = type_of(variable, to, self.graph.items_of(point))
                self._set(self._arrived(arrived, own, None, suppress=False), point, variable, element)
                return
        except Unfit as unfit:
            what = text(
                "parameter '{name}' cannot set '{point}': {why}",
                name=carried.parameter.name,
                point=str(point),
                why=unfit.why,
            )
            hint = text("write a value of the right type, unit and range, or map it with a transformation")
            self.findings.problem(what, carried.parameter.place, hint)
            return
        self._beyond(arrived, point)

    def _ends_in_differences(self, point: Point, seen: set[Point]) -> bool:
        """Whether a variable that takes its value from a system's connector is one of differences."""
        if point in seen:
            return False
        seen.add(point)
        variable = self.graph.variable(point)
        if variable is not None:
            return variable.unit is not None and variable.unit.relative
        return any(self._ends_in_differences(edge.target, seen) for edge in self.graph.out_of.get(point, []))

    def _beyond(self, carried: _Carried, point: Point) -> None:
        """From a system's connector to what takes from it."""
        element, connector = self.graph.elements.get(point.path), self.graph.connector(point)
        name = carried.parameter.name
        if isinstance(element, ComponentElement):
            why = text("'{component}' has no implementation", component=label_of(point.path))
            self.left.append(Left(name, carried.parameter.place, why))
            return
        if isinstance(element, SystemElement) and connector is not None and connector.kind not in RECEIVES:
            why = text("'{point}' takes its value from within", point=str(point))
            self.left.append(Left(name, carried.parameter.place, why))
            return
        if not point.path:
            self.outside[point.connector] = carried.value
        edges = self.graph.out_of.get(point, [])
        if not edges and not isinstance(element, DictionaryElement):
            why = text("nothing is joined to '{point}'", point=str(point))
            self.left.append(Left(name, carried.parameter.place, why))
        for edge in edges:
            part = carried
            if edge.source_indices:
                if not isinstance(carried.value, np.ndarray):
                    continue
                part = replace(carried, value=carried.value[tuple(at - 1 for at in edge.source_indices)].item())
            whole = indexed(edge.target.connector, edge.target_indices) if edge.target_indices else ""
            connection = edge.connection
            self._carry(part, edge.target, whole, connection.transformation, suppress=connection.suppress)

    def _arrived(
        self, carried: _Carried, to: SignalType | None, by: Transformation | None, *, suppress: bool
    ) -> _Carried:
        """The value in the unit of a connector, then transformed."""
        value, unit = carried.value, carried.unit
        target = to.unit if to is not None else None
        if suppress:
            unit = target
        elif target is not None:
            conversion, refused, told = unit_step(unit, target)
            if refused is not None:
                raise Unfit(refused)
            if told is not None:
                self.findings.notice(text("units join with doubt: {why}", why=told), carried.parameter.place)
            if not conversion.same:
                value = transformed(value, conversion, None, None)
            unit = target
        listed = to.enumeration if to is not None else None
        value = transformed(value, by, carried.enumeration, listed or carried.enumeration)
        return replace(carried, value=value, unit=unit, enumeration=listed or carried.enumeration)

    def _set(self, carried: _Carried, point: Point, variable: Variable, element: str) -> None:
        reason = _unsettable(variable)
        if reason is not None:
            self.left.append(Left(carried.parameter.name, carried.parameter.place, reason))
            return
        value = fitted(carried.value, variable.kind, carried.enumeration)
        given, wanted = shape_of(value), () if element else variable.shape
        if given != wanted:
            raise Unfit(
                text(
                    "its size is {given}, not {wanted}",
                    given=" x ".join(map(str, given)) or "1",
                    wanted=" x ".join(map(str, wanted)) or "1",
                )
            )
        if (beyond := range_refused(variable, value, "")) is not None:
            raise Unfit(text("{why}", why=beyond.what))
        name = element or variable.name
        current = self._current.setdefault(point.path, {})
        within = [one for one in current if one.startswith(f"{name}[")] if variable.shape and not element else []
        for one in (name, *within):
            if (at := current.pop(one, None)) is not None:
                self.applied[at] = replace(self.applied[at], overridden=True)
        current[name] = len(self.applied)
        self.applied.append(Applied(point.path, name, value, variable.unit, carried.parameter.place, carried.by))

    def done(self) -> Bindings:
        """What holds in the end."""
        values: dict[Path, dict[str, Value]] = {}
        for one in self.applied:
            if one.overridden:
                continue
            into = values.setdefault(one.component, {})
            whole, bracket, rest = one.variable.rpartition("[")
            variable = self.graph.variables[one.component].get(one.variable)
            if variable is not None or not bracket:
                into[one.variable] = one.value
                continue
            self._element(one, into, whole, rest)
        return Bindings(tuple(self.applied), tuple(self.left), values, self.outside)

    def _element(self, one: Applied, into: dict[str, Value], whole: str, rest: str) -> None:
        """One element of an array: the whole array with it, begun from what the component starts with."""
        array = self.graph.variables[one.component][whole]
        before = into.get(whole, array.start)
        made = np.array(before if isinstance(before, np.ndarray) else np.zeros(array.shape))
        steps = rest.removesuffix("]").split(",")
        try:
            made[tuple(int(step) - 1 for step in steps)] = one.value
            inside = all(int(step) >= 1 for step in steps) and len(steps) == len(array.shape)
        except (ValueError, IndexError):
            inside = False
        if not inside:
            what = text("'{variable}' has no such element", variable=one.variable)
            self.findings.problem(what, one.place, text("write indices from 1, one for each dimension"))
            return
        into[whole] = made


def _unsettable(variable: Variable) -> Phrase | None:
    if variable.variability == "constant":
        return text("'{variable}' is a constant of the component", variable=variable.name)
    if variable.causality in _SETTABLE or (variable.start is not None and variable.causality in {"output", "local"}):
        return None
    return text("'{variable}' is calculated by the component", variable=variable.name)


def _said(path: Path) -> str | Phrase:
    return label_of(path) or text("the system")


def problem_of(left: Left) -> Problem:
    """A parameter that sets nothing, as it is told."""
    return Problem(
        text("parameter '{name}' is not applied: {why}", name=left.name, why=left.why), left.place, left.hint
    )
