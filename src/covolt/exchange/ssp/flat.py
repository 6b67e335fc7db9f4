"""An SSP made flat: components, what each input takes, what each parameter is, and everything that is not joined or applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import final

from covolt.errors import Problem
from covolt.exchange.base_units import contradiction
from covolt.exchange.component import Description, Unit, Value
from covolt.exchange.ssp.binding import Bindings, apply_bindings
from covolt.exchange.ssp.conversion import Way
from covolt.exchange.ssp.document import Findings
from covolt.exchange.ssp.graph import Describe, Graph, Items, Path, Point, graph_of, label_of
from covolt.exchange.ssp.structure import GIVES, RECEIVES, ComponentElement, Structure
from covolt.exchange.ssp.tracing import Origin, Tracer, indexed
from covolt.words import Phrase, text

__all__ = ["Flat", "FlatComponent", "Joint", "Open", "Outlet", "flattened"]


@final
@dataclass(frozen=True)
class FlatComponent:
    """A component by its one name in the whole system."""

    name: str
    element: ComponentElement
    description: Description | None
    parameters: Mapping[str, Value]


@final
@dataclass(frozen=True)
class Joint:
    """One scalar input and the scalar output that it takes, by the way between them."""

    source: tuple[str, str]
    """Component and variable; of a value from outside "" and the root system's connector."""
    target: tuple[str, str]
    way: Way


@final
@dataclass(frozen=True)
class Outlet:
    """A connector of the root system that shows a value: by its name, where that comes from, and its unit."""

    name: str
    source: tuple[str, str]
    way: Way

    @property
    def unit(self) -> Unit | None:
        """The unit in which it is shown."""
        return self.way.unit


@final
@dataclass(frozen=True)
class Open:
    """A connector to which nothing is joined, and what that means."""

    point: str
    kind: str
    place: str
    meaning: Phrase


@final
@dataclass(frozen=True)
class Flat:
    """The whole system on one level."""

    structure: Structure
    components: tuple[FlatComponent, ...]
    joints: tuple[Joint, ...]
    outlets: tuple[Outlet, ...]
    open: tuple[Open, ...]
    bindings: Bindings
    notices: tuple[Problem, ...]


Resize = Callable[[Path, Description, Mapping[str, Value]], Description]
"""What a component says of itself with these parameters, of which structural ones size its arrays."""


def flattened(
    structure: Structure, describe: Describe, items: Items | None = None, resize: Resize | None = None
) -> Flat:
    """A structure on one level, with components as `describe` and enumerations as `items` say them.

    Where bindings set structural parameters, arrays have the sizes that `resize` says for them.

    Raises:
        InputError: with everything in it that does not join or fit.
    """
    findings = Findings()
    sized = describe if resize is None else _sized(structure, describe, resize)
    graph = graph_of(structure.system, sized, findings, items)
    tracer = Tracer(graph, findings)
    bindings = apply_bindings(graph, findings)
    names = _names(graph)
    joints: list[Joint] = []
    open_ends: list[Open] = []
    for path, component in graph.components():
        for point in _inputs(graph, path, component):
            _join(tracer, point, names, joints, open_ends)
    outlets = _outlets(graph, tracer, names)
    open_ends += _open_systems(graph)
    findings.demand_none()
    components = tuple(
        FlatComponent(names[path], one, graph.descriptions.get(path), bindings.values.get(path, {}))
        for path, one in graph.components()
    )
    notices = (*structure.notices, *findings.notices, *_odd_units(components))
    return Flat(structure, components, tuple(joints), outlets, tuple(open_ends), bindings, notices)


def _odd_units(components: Iterable[FlatComponent]) -> Iterator[Problem]:
    """Units that the files of components do not declare as their names say."""
    for one in components:
        used = [variable.unit for variable in (one.description.variables if one.description else ())]
        for unit in {each.name: each for each in used if each is not None}.values():
            if (odd := contradiction(unit)) is not None:
                hint = text("ask who made it whether the numbers are in that unit")
                yield Problem(odd, f"{one.name}, {one.element.source or one.element.place}", hint)


def _sized(structure: Structure, describe: Describe, resize: Resize) -> Describe:
    """Descriptions with the sizes that bindings give; what is wrong with these is found by who applies them for good."""
    graph = graph_of(structure.system, describe, aside := Findings())
    values = apply_bindings(graph, aside).values
    structural = {
        path: {name: value for name, value in given.items() if _is_structural(graph, path, name)}
        for path, given in values.items()
    }

    def described(path: Path, element: ComponentElement) -> Description | None:
        found = describe(path, element)
        return resize(path, found, structural[path]) if found is not None and structural.get(path) else found

    return described


def _is_structural(graph: Graph, path: Path, name: str) -> bool:
    variable = graph.variables.get(path, {}).get(name)
    return variable is not None and variable.causality == "structural parameter"


def _names(graph: Graph) -> dict[Path, str]:
    """One name for each component; two paths that read the same are told apart by a number."""
    names: dict[Path, str] = {}
    taken: dict[str, int] = {}
    for path, _ in graph.components():
        label = label_of(path)
        taken[label] = taken.get(label, 0) + 1
        names[path] = label if taken[label] == 1 else f"{label}#{taken[label]}"
    return names


def _inputs(graph: Graph, path: Path, component: ComponentElement) -> list[Point]:
    """What of a component takes a value: all its inputs, and parameters to which something is joined."""
    variables = graph.variables.get(path)
    if variables is None:
        return [Point(path, one.name) for one in component.connectors.values() if one.kind in RECEIVES]
    return [
        point
        for point, causality in ((Point(path, one.name), one.causality) for one in variables.values())
        if causality == "input" or (causality in {"parameter", "structural parameter"} and point in graph.into)
    ]


def _join(tracer: Tracer, point: Point, names: Mapping[Path, str], joints: list[Joint], open_ends: list[Open]) -> None:
    graph = tracer.graph
    unjoined: list[tuple[int, ...]] = []
    count = 0
    for indices, origin in tracer.origins(point):
        count += 1
        if origin is None or (not origin.is_component and origin.point.path):
            unjoined.append(indices)
            continue
        source = _source(origin, names)
        joints.append(Joint(source, (names[point.path], indexed(point.connector, indices)), origin.way))
    if not unjoined or (graph.variable(point) is None and not graph.connector(point)):
        return
    variable, connector = graph.variable(point), graph.connector(point)
    shown = [str(point)] if len(unjoined) == count else [f"{point}[{','.join(map(str, one))}]" for one in unjoined]
    meaning = text("it stays as it is set at the start")
    place = connector.place if connector is not None else label_of(point.path)
    kind = variable.causality if variable is not None else "input"
    open_ends.extend(Open(one, kind, place, meaning) for one in shown)


def _source(origin: Origin, names: Mapping[Path, str]) -> tuple[str, str]:
    return names.get(origin.point.path, ""), indexed(origin.point.connector, origin.indices)


def _outlets(graph: Graph, tracer: Tracer, names: Mapping[Path, str]) -> tuple[Outlet, ...]:
    """What the root system shows."""
    root = graph.elements[()]
    found: list[Outlet] = []
    for connector in root.connectors.values():
        point = Point((), connector.name)
        if connector.kind in RECEIVES or point not in graph.into:
            continue
        for indices, origin in tracer.origins(point):
            if origin is not None and (origin.is_component or not origin.point.path):
                found.append(Outlet(indexed(connector.name, indices), _source(origin, names), origin.way))
    return tuple(found)


def _open_systems(graph: Graph) -> list[Open]:
    """Connectors of systems and dictionaries that lead nowhere on one of their sides."""
    found: list[Open] = []
    for path, system in graph.systems():
        for connector in system.connectors.values():
            point = Point(path, connector.name)
            receives, gives = point in graph.into, point in graph.out_of
            meaning = _meaning(connector.kind, receives=receives, gives=gives, root=not path)
            if meaning is not None:
                found.append(Open(str(point), connector.kind, connector.place, meaning))
    for path, component in graph.components():
        for connector in component.connectors.values():
            if connector.kind == "output" and Point(path, connector.name) not in graph.out_of:
                point = Point(path, connector.name)
                found.append(Open(str(point), connector.kind, connector.place, text("nothing takes its value")))
    for point in graph.entry_of:
        connector = graph.connector(point)
        if connector is not None and point not in graph.into and point not in graph.out_of:
            found.append(Open(str(point), connector.kind, connector.place, text("nothing is joined to it")))
    return found


def _meaning(kind: str, *, receives: bool, gives: bool, root: bool) -> Phrase | None:
    """What it means that a system's connector is not joined on a side; None where both are, or need not be."""
    if not receives and not gives:
        return text("nothing is joined to it")
    if kind in GIVES and not receives:
        return text("nothing within gives it a value")
    if kind in RECEIVES and not gives:
        return text("nothing within takes its value")
    if kind == "input" and not receives and not root:
        return text("nothing outside gives it a value")
    return None
