"""Every input followed back through all levels and dictionaries to the one output, or outer connector, that it takes from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import final

from covolt.exchange.base_units import difference
from covolt.exchange.component import Variable
from covolt.exchange.ssp.conversion import Way, passed
from covolt.exchange.ssp.document import Findings
from covolt.exchange.ssp.graph import Edge, Graph, Point
from covolt.exchange.ssp.structure import GIVES, Enumeration, SignalType
from covolt.words import text

__all__ = ["Origin", "Tracer", "elements_of", "indexed", "of_differences", "stated", "type_at", "type_of"]

_TYPE_OF = {
    "real": "Real",
    "integer": "Integer",
    "boolean": "Boolean",
    "string": "String",
    "binary": "Binary",
    "enumeration": "Enumeration",
    "clock": "Clock",
}
MOST_SCALARS = 200_000


@final
@dataclass(frozen=True)
class Origin:
    """Where a value comes from, and its way to who takes it."""

    point: Point
    indices: tuple[int, ...]
    way: Way
    is_component: bool
    """False where it is a connector of a system to which nothing is joined from outside."""


def indexed(name: str, indices: tuple[int, ...]) -> str:
    """The name of an element of an array, as FMI names them: "forces[2,1]"."""
    return f"{name}[{','.join(map(str, indices))}]" if indices else name


def elements_of(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Indices of all elements in row-major order, from 1; one empty for a scalar."""
    return product(*(range(1, size + 1) for size in shape))


def type_at(graph: Graph, point: Point) -> SignalType | None:
    """The type that the documents state at a point; None where they leave it open."""
    connector = graph.connector(point)
    if connector is None:
        return None
    if connector.type is None and point in graph.entry_of:
        return graph.entries[graph.entry_of[point]].type
    return connector.type


def type_of(variable: Variable, listed: SignalType | None, own: Enumeration | None) -> SignalType:
    """The type of a component's variable; items of an enumeration are what the documents list, else what its own file does."""
    enumeration = (
        (listed.enumeration if listed is not None else None) or own if variable.kind == "enumeration" else None
    )
    return SignalType(_TYPE_OF[variable.kind], variable.unit, enumeration)


def stated(variable: Variable, listed: SignalType | None) -> SignalType | None:
    """The type that the documents state for a component's variable; of one name, the component's unit is the right one."""
    if listed is None or listed.unit is None or variable.unit is None:
        return listed
    if listed.unit.name == variable.unit.name:
        return replace(listed, unit=variable.unit)
    return of_differences(listed) if variable.unit.relative else listed


def of_differences(listed: SignalType) -> SignalType:
    """A type whose values are differences of its unit, which documents cannot say themselves."""
    return listed if listed.unit is None else replace(listed, unit=difference(listed.unit))


@final
class Tracer:
    """Follows values back; what does not pass is told among the findings, once."""

    def __init__(self, graph: Graph, findings: Findings) -> None:
        self.graph = graph
        self.findings = findings
        self.count = 0
        self._judge_shapes()

    def _judge_shapes(self) -> None:
        for edges in self.graph.into.values():
            for edge in edges:
                self._judge(edge)

    def _judge(self, edge: Edge) -> None:
        """Sizes of both ends of a connection."""
        sides = (edge.source, edge.source_indices), (edge.target, edge.target_indices)
        shapes = [self.graph.shape(point) for point, _ in sides]
        for (point, indices), shape in zip(sides, shapes, strict=True):
            if shape is None or not indices:
                continue
            if len(indices) != len(shape) or any(not 1 <= at <= size for at, size in zip(indices, shape, strict=True)):
                what = text(
                    "'{point}' has no element {indices}: its size is {size}",
                    point=indexed(str(point), ()),
                    indices=" ".join(map(str, indices)),
                    size=" x ".join(map(str, shape)) or "1",
                )
                self.findings.problem(what, edge.connection.place, text("write indices from 1, one for each dimension"))
        left = [() if indices else shape for (_, indices), shape in zip(sides, shapes, strict=True)]
        if left[0] is not None and left[1] is not None and left[0] != left[1]:
            what = text(
                "'{one}' has the size {size}, '{other}' {other_size}",
                one=str(edge.source),
                size=" x ".join(map(str, left[0])) or "1",
                other=str(edge.target),
                other_size=" x ".join(map(str, left[1])) or "1",
            )
            self.findings.problem(
                what, edge.connection.place, text("join connectors of one dimension, or name elements")
            )

    def shape(self, point: Point) -> tuple[int, ...]:
        """The shape of a point that takes a value: its own, or that of what is joined to it whole."""
        seen: set[Point] = set()
        while point not in seen:
            found = self.graph.shape(point)
            if found is not None:
                return found
            seen.add(point)
            whole = [edge.source for edge in self._into(point) if not edge.source_indices and not edge.target_indices]
            if not whole:
                return ()
            point = whole[0]
        return ()

    def origins(self, point: Point) -> Iterator[tuple[tuple[int, ...], Origin | None]]:
        """For every element of a point that takes a value, where it comes from; None where nothing is joined."""
        shape = self.shape(point)
        self.count += math.prod(shape)
        if self.count > MOST_SCALARS:
            self.findings.problem(
                text("more than {most} single values are joined", most=MOST_SCALARS),
                str(point),
                text("split the system"),
            )
            return
        for indices in elements_of(shape):
            yield indices, self._origin(point, indices)

    def _into(self, point: Point) -> list[Edge]:
        """Connections into a point; into an entry of a dictionary, and out of it, they go through its references."""
        return self.graph.into.get(point, [])

    def _origin(self, point: Point, indices: tuple[int, ...]) -> Origin | None:
        trail: list[tuple[Point, Edge | None]] = []
        at, place = point, indices
        seen: set[tuple[Point, tuple[int, ...]]] = set()
        while True:
            if (at, place) in seen:
                what = text("'{point}' takes its value from itself, with no component between", point=str(point))
                self.findings.problem(what, self._place(trail, point), text("take one of the connections away"))
                return None
            seen.add((at, place))
            edges = [one for one in self._into(at) if one.target_indices in ((), place)]
            if len(edges) > 1:
                self._several(at, edges)
                return None
            if edges:
                trail.append((at, edges[0]))
                place = edges[0].source_indices or (() if edges[0].target_indices else place)
                at = edges[0].source
                continue
            behind = self._behind(at)
            if behind is None:
                break
            trail.append((at, None))
            at = behind
        if at == point or at in self.graph.entries:
            return None
        is_component = self.graph.is_leaf(at)
        connector = self.graph.connector(at)
        if not is_component and (connector is None or connector.kind in GIVES):
            # An output of a system that nothing within gives a value.
            return None
        return Origin(at, place, self._way(at, trail), is_component)

    def _behind(self, point: Point) -> Point | None:
        """From a reference to its entry of the dictionary, and from an entry to the one reference that writes it."""
        if point in self.graph.entry_of:
            return self.graph.entry_of[point]
        writers = [one for one in self.graph.references.get(point, []) if self._into(one)]
        if len(writers) > 1:
            self._several(point, [edge for one in writers for edge in self._into(one)])
            return None
        return writers[0] if writers else None

    def _several(self, point: Point, edges: list[Edge]) -> None:
        what = text(
            "'{point}' takes from more than one: {listed}",
            point=str(point),
            listed=", ".join(str(edge.source) for edge in edges[:5]),
        )
        self.findings.problem(what, edges[-1].connection.place, text("leave one connection"))

    def _place(self, trail: list[tuple[Point, Edge | None]], point: Point) -> str:
        return next((edge.connection.place for _, edge in trail if edge is not None), str(point))

    def _way(self, source: Point, trail: list[tuple[Point, Edge | None]]) -> Way:
        """The way from a source along the trail, which was followed from its end."""
        variable, listed = self.graph.variable(source), type_at(self.graph, source)
        place = self._place(list(reversed(trail)), source)
        if variable is not None:
            own = type_of(variable, listed, self.graph.items_of(source))
            declared = stated(variable, listed)
            way = Way(own.kind, own.unit, own.enumeration)
            way = way if declared is None or declared.unit is None else passed(way, declared, place)
        else:
            way = Way("real") if listed is None else Way(listed.kind, listed.unit, listed.enumeration)
        first = variable or (self.graph.variable(trail[0][0]) if trail else None)
        relative_flag = first is not None and first.unit is not None and first.unit.relative
        if relative_flag and way.unit is not None:
            way = replace(way, unit=difference(way.unit))
        for point, edge in reversed(trail):
            to = type_at(self.graph, point)
            to = of_differences(to) if relative_flag and to is not None and self.graph.variable(point) is None else to
            taker = self.graph.variable(point)
            if taker is not None:
                own_items = self.graph.items_of(point)
                to = type_of(taker, None, own_items) if to is None else stated(taker, to)
            where = edge.connection.place if edge is not None else place
            if edge is None:
                way = passed(way, to, where)
            else:
                way = passed(way, to, where, edge.connection.transformation, suppress=edge.connection.suppress)
            if taker is not None:
                way = passed(way, type_of(taker, to, self.graph.items_of(point)), where)
        self._tell(way)
        taker = self.graph.variable(trail[0][0]) if trail else None
        if variable is not None and taker is not None and taker.causality == "input" and variable.causality == "output":
            self._demand_narrow((variable, taker), place)
        return way

    def _demand_narrow(self, ends: tuple[Variable, Variable], place: str) -> None:
        for one in ends:
            if one.wide:
                what = text(
                    "'{variable}' is a whole number of 64 bits, which does not cross at a step", variable=one.name
                )
                self.findings.problem(what, place, text("export the model with a number of 32 bits, or a real"))

    def _tell(self, way: Way) -> None:
        for problem in way.problems:
            self.findings.add(problem)
        for notice in way.notices:
            self.findings.tell(notice)
