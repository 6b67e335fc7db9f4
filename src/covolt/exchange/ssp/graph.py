"""All connections of all levels as one directed graph: which connector takes from which, told by the kinds of both ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Union, final

from covolt.errors import CovoltError
from covolt.exchange.component import Causality, Description, Variable
from covolt.exchange.ssp.document import Findings
from covolt.exchange.ssp.structure import (
    GIVES,
    RECEIVES,
    ComponentElement,
    Connection,
    Connector,
    ConnectorKind,
    Dictionary,
    DictionaryElement,
    Element,
    End,
    Enumeration,
    SystemElement,
)
from covolt.suggestion import named
from covolt.words import text

__all__ = ["KIND_OF", "Edge", "Graph", "Items", "Path", "Point", "graph_of", "label_of"]

Path = tuple[str, ...]
"""Names of elements from the root system, which is (), down to the one that is meant."""
Describe = Callable[[Path, ComponentElement], Union[Description, None]]
Items = Callable[[Path], Mapping[str, Enumeration]]
"""Items of a component's enumerations, by variable."""
KIND_OF: Mapping[Causality, ConnectorKind] = {
    "input": "input",
    "output": "output",
    "parameter": "parameter",
    "structural parameter": "structuralParameter",
    "calculated parameter": "calculatedParameter",
    "local": "local",
    "independent": "local",
}
MOST_EDGES = 200_000


@final
@dataclass(frozen=True)
class Point:
    """A connector of an element, or an entry of a dictionary."""

    path: Path
    connector: str

    def __str__(self) -> str:
        return label_of((*self.path, self.connector))


@final
@dataclass(frozen=True)
class Edge:
    """A connection by its direction."""

    source: Point
    target: Point
    source_indices: tuple[int, ...]
    target_indices: tuple[int, ...]
    connection: Connection


@final
@dataclass
class Graph:
    """Elements by their path, and edges by what takes and by what gives."""

    elements: dict[Path, Element] = field(default_factory=dict[Path, Element])
    descriptions: dict[Path, Description] = field(default_factory=dict[Path, Description])
    into: dict[Point, list[Edge]] = field(default_factory=dict[Point, list[Edge]])
    out_of: dict[Point, list[Edge]] = field(default_factory=dict[Point, list[Edge]])
    entries: dict[Point, Connector] = field(default_factory=dict[Point, Connector])
    """Entries of dictionaries."""
    entry_of: dict[Point, Point] = field(default_factory=dict[Point, Point])
    """The entry behind each connector of a reference to a dictionary."""
    references: dict[Point, list[Point]] = field(default_factory=dict[Point, list[Point]])
    """The connectors of references behind which each entry lies."""
    variables: dict[Path, Mapping[str, Variable]] = field(default_factory=dict[Path, Mapping[str, Variable]])

    items: dict[Path, Mapping[str, Enumeration]] = field(default_factory=dict[Path, Mapping[str, Enumeration]])
    """Items of enumerations, as files of components have them, by variable."""

    def items_of(self, point: Point) -> Enumeration | None:
        """Items of the enumeration behind a point, as the component's file has them."""
        return self.items.get(point.path, {}).get(point.connector)

    def components(self) -> Iterator[tuple[Path, ComponentElement]]:
        """All components with their paths, in the order of the document."""
        return ((path, one) for path, one in self.elements.items() if isinstance(one, ComponentElement))

    def systems(self) -> Iterator[tuple[Path, SystemElement]]:
        """All systems with their paths, an outer one before the inner ones."""
        return ((path, one) for path, one in self.elements.items() if isinstance(one, SystemElement))

    def connector(self, point: Point) -> Connector | None:
        """What the documents say of a point."""
        if point in self.entries:
            return self.entries[point]
        element = self.elements.get(point.path)
        return None if element is None else element.connectors.get(point.connector)

    def variable(self, point: Point) -> Variable | None:
        """The variable of a component behind a point."""
        return self.variables.get(point.path, {}).get(point.connector)

    def shape(self, point: Point) -> tuple[int, ...] | None:
        """The shape of a point; None where neither the component nor the documents say it."""
        variable, connector = self.variable(point), self.connector(point)
        if variable is not None:
            return variable.shape
        if connector is None or (not connector.shape and connector.type is None):
            return None
        sizes = connector.shape
        return (
            tuple(one for one in sizes if isinstance(one, int)) if all(isinstance(one, int) for one in sizes) else None
        )

    def is_leaf(self, point: Point) -> bool:
        """Whether a point is a component's."""
        return isinstance(self.elements.get(point.path), ComponentElement)


def label_of(path: Path) -> str:
    """A path as people write it: "chassis.motor"."""
    return ".".join(path)


def graph_of(root: SystemElement, describe: Describe, findings: Findings, items: Items | None = None) -> Graph:
    """The graph of a structure; what cannot be joined is told among the findings."""
    graph = Graph()
    _Building(graph, describe, findings).system((), root, ())
    for path, _ in graph.components():
        graph.items[path] = items(path) if items is not None else {}
    return graph


def _differ(shape: tuple[object, ...], other: tuple[int, ...]) -> bool:
    return any(isinstance(one, int) and one != two for one, two in zip(shape, other, strict=True))


@final
class _Building:
    """Walks the systems, an outer one before the inner ones, then their connections."""

    def __init__(self, graph: Graph, describe: Describe, findings: Findings) -> None:
        self.graph = graph
        self.describe = describe
        self.findings = findings
        self.count = 0

    def system(self, path: Path, system: SystemElement, outer: tuple[tuple[Path, SystemElement], ...]) -> None:
        self.graph.elements[path] = system
        chain = (*outer, (path, system))
        used: dict[str, set[str]] = {}
        for connection in system.connections:
            for end in (connection.start, connection.end):
                used.setdefault(end.element, set()).add(end.connector)
        for name, element in system.elements.items():
            inner = (*path, name)
            if isinstance(element, SystemElement):
                self.system(inner, element, chain)
                continue
            self.graph.elements[inner] = element
            if isinstance(element, DictionaryElement):
                self._reference(inner, element, chain)
            else:
                self._component(inner, element, used.get(name, set()))
        for connection in system.connections:
            self._connection(path, system, connection)

    def _component(self, path: Path, element: ComponentElement, used: set[str]) -> None:
        try:
            description = self.describe(path, element)
        except CovoltError as error:
            self.findings.take(error)
            return
        if description is not None:
            self.graph.descriptions[path] = description
            self.graph.variables[path] = {one.name: one for one in description.variables}
            self._agrees(path, element, used)

    def _agrees(self, path: Path, element: ComponentElement, used: set[str]) -> None:
        """Connectors have to be variables of the component, of their kind, type and size."""
        variables = self.graph.variables[path]
        for connector in element.connectors.values():
            variable = variables.get(connector.name)
            if variable is None:
                what = text("the component has no variable '{name}'", name=connector.name)
                self.findings.problem(what, connector.place, named(connector.name, list(variables)[:2000]))
                continue
            self._agrees_with(connector, variable, is_used=connector.name in used)

    def _agrees_with(self, connector: Connector, variable: Variable, *, is_used: bool) -> None:
        kind, hint = KIND_OF[variable.causality], text("write what the component says, or name another variable")
        if (kind in GIVES) != (connector.kind in GIVES) and connector.kind in GIVES | RECEIVES:
            what = text(
                "'{name}' is of kind {kind} here and {other} in the component",
                name=connector.name,
                kind=connector.kind,
                other=kind,
            )
            tell = self.findings.problem if is_used else self.findings.notice
            tell(what, connector.place, hint)
        typed = connector.type.kind if connector.type is not None else variable.kind
        if typed != variable.kind:
            what = text(
                "'{name}' is of type {type} here and {other} in the component",
                name=connector.name,
                type=typed,
                other=variable.kind,
            )
            whole = {"integer", "enumeration"}
            tell = self.findings.notice if {typed, variable.kind} <= whole else self.findings.problem
            tell(what, connector.place, hint)
        sizes = tuple(one for one in connector.shape if isinstance(one, int))
        if connector.shape and (
            len(connector.shape) != len(variable.shape) or _differ(connector.shape, variable.shape)
        ):
            what = text(
                "'{name}' has the size {size} here and {other} in the component",
                name=connector.name,
                size=" x ".join(map(str, sizes)),
                other=" x ".join(map(str, variable.shape)) or "1",
            )
            self.findings.problem(what, connector.place, hint)

    def _reference(self, path: Path, element: DictionaryElement, chain: tuple[tuple[Path, SystemElement], ...]) -> None:
        """Tie the connectors of a reference to the entries of its dictionary, looked for from the inside outward."""
        found: tuple[Path, Dictionary] | None = None
        for outer, system in reversed(chain):
            if element.dictionary in system.dictionaries:
                found = outer, system.dictionaries[element.dictionary]
                break
        if found is None:
            what = text("there is no signal dictionary '{name}'", name=element.dictionary)
            known = [name for _, system in chain for name in system.dictionaries]
            self.findings.problem(what, element.place, named(element.dictionary, known))
            return
        outer, dictionary = found
        for connector in element.connectors.values():
            entry = dictionary.entries.get(connector.name)
            if entry is None:
                what = text(
                    "the dictionary '{name}' has no signal '{signal}'", name=dictionary.name, signal=connector.name
                )
                self.findings.problem(what, connector.place, named(connector.name, dictionary.entries))
                continue
            behind = Point((*outer, f"<{dictionary.name}>"), entry.name)
            point = Point(path, connector.name)
            self.graph.entries[behind] = entry
            self.graph.entry_of[point] = behind
            self.graph.references.setdefault(behind, []).append(point)

    def _connection(self, path: Path, system: SystemElement, connection: Connection) -> None:
        self.count += 1
        ends = connection.start, connection.end
        points = [self._point(path, system, one, connection) for one in ends]
        if points[0] is None or points[1] is None or self.count > MOST_EDGES:
            return
        directions = [self._gives(path, point) for point in points if point is not None]
        first_gives = self._first_gives(directions[0], directions[1])
        if first_gives is None:
            self._refuse(connection, [self._kind(one) for one in points if one is not None], directions)
            return
        give, take = (0, 1) if first_gives else (1, 0)
        source, target = points[give], points[take]
        if source is None or target is None:
            return
        edge = Edge(source, target, ends[give].indices, ends[take].indices, connection)
        self.graph.into.setdefault(target, []).append(edge)
        self.graph.out_of.setdefault(source, []).append(edge)

    @staticmethod
    def _first_gives(first: bool | None, second: bool | None) -> bool | None:
        """Which of two ends gives: True the first, False the second, None where that cannot be told."""
        if first is None:
            return None if second is None else not second
        return first if second is None or second != first else None

    def _refuse(self, connection: Connection, kinds: list[ConnectorKind], directions: list[bool | None]) -> None:
        one, other = connection.start.label, connection.end.label
        if None in directions:
            what = text("which of '{one}' and '{other}' gives cannot be told", one=one, other=other)
            hint = text("give one of both a kind: input or output")
        else:
            what = text(
                "'{one}' ({kind}) and '{other}' ({other_kind}) do not join: {why}",
                one=one,
                kind=kinds[0],
                other=other,
                other_kind=kinds[1],
                why=text("both give") if directions[0] else text("both receive"),
            )
            hint = text("join what gives a value to what takes it")
        self.findings.problem(what, connection.place, hint)

    def _point(self, path: Path, system: SystemElement, end: End, connection: Connection) -> Point | None:
        """The point of an end; None, and a problem, where there is none."""
        if not end.element:
            if end.connector in system.connectors:
                return Point(path, end.connector)
            what = text("the system has no connector '{name}'", name=end.connector)
            self.findings.problem(what, connection.place, named(end.connector, system.connectors))
            return None
        element = system.elements.get(end.element)
        if element is None:
            what = text("the system has no element '{name}'", name=end.element)
            self.findings.problem(what, connection.place, named(end.element, system.elements))
            return None
        inner = (*path, end.element)
        if end.connector in element.connectors:
            return Point(inner, end.connector)
        if end.connector in self.graph.variables.get(inner, {}):
            what = text(
                "'{label}' is a variable of the component, and no connector is declared for it", label=end.label
            )
            self.findings.notice(what, connection.place)
            return Point(inner, end.connector)
        what = text("'{element}' has no connector '{name}'", element=end.element, name=end.connector)
        known = list(dict.fromkeys([*element.connectors, *self.graph.variables.get(inner, {})]))
        self.findings.problem(what, connection.place, named(end.connector, known[:2000]))
        return None

    def _kind(self, point: Point) -> ConnectorKind:
        variable, connector = self.graph.variable(point), self.graph.connector(point)
        if variable is not None:
            return KIND_OF[variable.causality]
        return "unspecified" if connector is None else connector.kind

    def _gives(self, system: Path, point: Point) -> bool | None:
        """Whether a point gives, seen from within a system; None where its kind leaves that open."""
        kind = self._kind(point)
        if kind in GIVES | RECEIVES:
            outward = kind in GIVES
            return outward if point.path != system else not outward
        return None
