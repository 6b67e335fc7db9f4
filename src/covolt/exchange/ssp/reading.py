"""A whole SSP read into its structure: the .ssd with every document and every further structure that it names."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast, final, get_args

from covolt.errors import CovoltError, InputError, Problem
from covolt.exchange.archive import opened_archive
from covolt.exchange.plain_xml import Node
from covolt.exchange.ssp.document import Document, Findings
from covolt.exchange.ssp.package import DEFAULT, Package, Reference, open_package
from covolt.exchange.ssp.reading_values import expect_root, read_connector
from covolt.exchange.ssp.sources import Sources
from covolt.exchange.ssp.structure import (
    Binding,
    ComponentElement,
    Connection,
    Connector,
    ConnectorKind,
    DictionaryElement,
    Element,
    End,
    Structure,
    SystemElement,
)
from covolt.exchange.ssp.values import REAL, real
from covolt.suggestion import named
from covolt.words import text

__all__ = ["FMU", "HOSTED_SCHEME", "opened_ssp", "read_ssp"]

FMU = "application/x-fmu-sharedlibrary"
HOSTED_SCHEME = "grpcs"
"""Of the source of a component that its owner hosts."""
_STRUCTURES = {"application/x-ssp-definition": ".ssd", "application/x-ssp-package": ".ssp"}
_KINDS = frozenset(get_args(ConnectorKind))
_IMPLEMENTATIONS = ("any", "CoSimulation", "ModelExchange", "ScheduledExecution")
MOST_SOURCES = 20
"""Structures that may name each other in a row."""
MOST_ELEMENTS = 20_000


@contextmanager
def opened_ssp(path: Path, variant: str = "") -> Generator[Structure]:
    """An SSP (.ssp, .ssd or folder), read; its files lie open as long as it is.

    Raises:
        InputError: with every problem of every document.
    """
    with TemporaryDirectory(prefix="covolt-ssp-") as scratch:
        yield read_ssp(path, Path(scratch), variant)


def read_ssp(path: Path, scratch: Path, variant: str = "") -> Structure:
    """The same with a folder of the caller, who takes it away."""
    return _Reading(scratch).whole(path, variant)


@final
class _Reading:
    """Reads documents of a package and of those within it, and gathers what is wrong with all of them."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.findings = Findings()
        self.documents: dict[str, str] = {}
        self.count = 0
        self.unpacked = 0
        self._packages: dict[Path, Package] = {}

    def folder(self) -> Path:
        self.unpacked += 1
        folder = self.scratch / str(self.unpacked)
        folder.mkdir()
        return folder

    def whole(self, path: Path, variant: str) -> Structure:
        package, name = open_package(path, self.folder())
        reader = _StructureReader(self, package, variant or name, ())
        structure = reader.structure()
        self.findings.demand_none()
        return replace(
            structure, digest=package.digest, documents=dict(self.documents), notices=tuple(self.findings.notices)
        )

    def unpacked_from(self, path: Path, label: str) -> Package:
        """A package within a package, unpacked once however often it is named."""
        if path not in self._packages:
            folder = self.folder()
            with opened_archive(path) as archive:
                self.findings.spend(label, unpacked_bytes=sum(archive.size_bytes(name) for name in archive.names))
                archive.unpack(folder)
                self._packages[path] = Package(folder, label, archive.digest)
        return self._packages[path]

    def counted(self, where: str) -> None:
        """Count an element; structures that name themselves many times over could make more than memory holds."""
        self.count += 1
        if self.count > MOST_ELEMENTS:
            what = text("more than {most} elements, those of named structures counted", most=MOST_ELEMENTS)
            raise InputError([*self.findings.problems, Problem(what, where, text("split the system"))])


@final
class _StructureReader:
    """Reads one .ssd."""

    def __init__(self, reading: _Reading, package: Package, name: str, trail: tuple[str, ...]) -> None:
        self.reading = reading
        self.package = package
        self.name, path = package.find("", name, package.label)
        self.trail = (*trail, f"{package.root}/{self.name}")
        self.document = Document(f"{package.label}, {self.name}", reading.findings)
        self.sources = Sources(self.document, package, self.name, reading.documents)
        self.root = self.sources.xml(path, self.document.label)

    def structure(self) -> Structure:
        """The root system and what the document says besides."""
        root, document = self.root, self.document
        if not expect_root(document, root, "ssd", "SystemStructureDescription"):
            return Structure("", "", SystemElement("", "", {}), "")
        version = document.version(root)
        document.declare(root, "ssd")
        document.known(root, "", "version", "name", *_TOP)
        system: SystemElement | None = None
        start_s = stop_s = step_s = None
        for node in document.children(root, "ssd", "", "System", "DefaultExperiment", "Units", "Enumerations"):
            if node.name == "System" and system is None:
                system = self.system(node, "")
            elif node.name == "DefaultExperiment":
                start_s, stop_s = (self._time(node, one) for one in ("startTime", "stopTime"))
                step_s = self._noted_step(node)
        if system is None:
            document.problem(text("there is no <System>"), root, "", text("export the file anew"))
            system = SystemElement("", document.place(root), {})
        if start_s is not None and stop_s is not None and stop_s < start_s:
            what = text(
                "the default experiment ends at {stop} s, before it starts at {start} s", stop=stop_s, start=start_s
            )
            document.problem(what, root, "DefaultExperiment", text("write a stopTime after the startTime"))
        return Structure(root.get("name"), version, system, "", start_s, stop_s, step_s)

    def _noted_step(self, node: Node) -> float | None:
        """The step that some tools note in an annotation of the default experiment, since the standard has none."""
        for one in _walk(node):
            for name in ("stepSize", "baseStepSize"):
                written = one.get(name).strip()
                if REAL.fullmatch(written) and 0.0 < (step_s := real(written)) < math.inf:
                    what = text(
                        "the step of {step} s is taken from an annotation of the default experiment", step=step_s
                    )
                    self.document.notice(what, one, "DefaultExperiment", text("give another by --step"))
                    return step_s
        return None

    def _time(self, node: Node, name: str) -> float | None:
        return self.document.number(node, name, "DefaultExperiment", 0.0) if node.get(name) else None

    def system(self, node: Node, path: str, name: str | None = None) -> SystemElement:
        """A system and everything in it."""
        name = node.get("name") if name is None else name
        at = f"{path}/System[{name}]".lstrip("/")
        self.reading.counted(self.document.place(node, at))
        names = ("Connectors", "ParameterBindings", "Elements", "Connections", "SignalDictionaries")
        parts = self.document.parts(node, at, *names)
        return SystemElement(
            name,
            self.document.place(node, at),
            self._connectors(parts.get("Connectors"), at),
            self.sources.bindings(parts.get("ParameterBindings"), at, None),
            self._elements(parts.get("Elements"), at),
            self._connections(parts.get("Connections"), at),
            self.sources.dictionaries(parts.get("SignalDictionaries"), at),
        )

    def _connectors(self, node: Node | None, path: str) -> Mapping[str, Connector]:
        found: dict[str, Connector] = {}
        for one in () if node is None else self.document.children(node, "ssd", path, "Connector"):
            kind = one.get("kind")
            if kind not in _KINDS:
                what = text("'{kind}' is no kind of connector", kind=kind)
                self.document.problem(what, one, path, text("known: {listed}", listed=", ".join(sorted(_KINDS))))
                kind = "unspecified"
            connector = read_connector(self.document, one, path, cast("ConnectorKind", kind))
            self.document.known(one, path, "name", "kind")
            if connector.name in found:
                what = text("connector '{name}' is there twice", name=connector.name)
                self.document.problem(what, one, path, text("leave one of both"))
            found[connector.name] = connector
        return found

    def _elements(self, node: Node | None, path: str) -> Mapping[str, Element]:
        found: dict[str, Element] = {}
        names = ("Component", "SignalDictionaryReference", "System")
        for one in () if node is None else self.document.children(node, "ssd", path, *names):
            name = self.document.needed(one, "name", path)
            if name in found:
                what = text("element '{name}' is there twice in one system", name=name)
                self.document.problem(what, one, path, text("rename one of both"))
            try:
                found[name] = self._element(one, path)
            except CovoltError as error:
                if self.reading.count > MOST_ELEMENTS:
                    raise
                self.document.findings.take(error)
        return found

    def _element(self, node: Node, path: str) -> Element:
        if node.name == "System":
            return self.system(node, path)
        if node.name == "Component":
            return self._component(node, path)
        name = node.get("name")
        at = f"{path}/SignalDictionaryReference[{name}]"
        self.reading.counted(self.document.place(node, at))
        parts = self.document.parts(node, at, "Connectors", "ParameterBindings")
        if "ParameterBindings" in parts:
            self.document.notice(text("<{name}> is passed over", name="ParameterBindings"), node, at)
        connectors = self._connectors(parts.get("Connectors"), at)
        return DictionaryElement(
            name, self.document.place(node, at), connectors, self.document.needed(node, "dictionary", at)
        )

    def _component(self, node: Node, path: str) -> Element:
        name, document = node.get("name"), self.document
        at = f"{path}/Component[{name}]"
        place = document.place(node, at)
        self.reading.counted(place)
        document.known(node, at, "name", "type", "source", "implementation")
        parts = document.parts(node, at, "Connectors", "ParameterBindings")
        connectors = self._connectors(parts.get("Connectors"), at)
        media, source = node.get("type", FMU) or FMU, node.attributes.get("source")
        implementation = node.get("implementation", "any")
        if implementation not in _IMPLEMENTATIONS:
            what = text("'{given}' is no implementation of an FMU", given=implementation)
            document.problem(what, node, at, text("known: {listed}", listed=", ".join(_IMPLEMENTATIONS)))
        reference = self.sources.reference(source, place) if source else None
        media = self._media(media, reference, node, at)
        if reference is not None and media in _STRUCTURES:
            bindings = self.sources.bindings(parts.get("ParameterBindings"), at, None)
            return self._named_structure(reference, media, name, connectors, bindings, place)
        file = None
        if reference is not None and reference.scheme not in {"", HOSTED_SCHEME}:
            hint = text("put the file into the package, or name the host of a hosted component (grpcs:)")
            raise InputError(
                Problem(text("nothing is fetched from '{source}'", source=reference.path[:200]), place, hint)
            )
        if reference is not None and not reference.scheme:
            label, file = self.package.find(self.name, reference.path, place)
            self.reading.documents.setdefault(label, _digest(file))
        bindings = self.sources.bindings(parts.get("ParameterBindings"), at, file)
        return ComponentElement(name, place, connectors, bindings, media, source, file, implementation)

    def _media(self, media: str, reference: Reference | None, node: Node, path: str) -> str:
        """The MIME type, or what the name of the source says where the type was left out."""
        if "type" in node.attributes or reference is None or reference.scheme:
            return media
        suffix = Path(reference.path).suffix.lower()
        meant = next((one for one, ending in _STRUCTURES.items() if ending == suffix), media)
        if meant != media or (not reference.path and reference.fragment):
            meant = meant if meant != media else "application/x-ssp-definition"
            self.document.notice(text("the type of this component is taken for {type}", type=meant), node, path)
        return meant

    def _named_structure(
        self,
        reference: Reference,
        media: str,
        name: str,
        connectors: Mapping[str, Connector],
        bindings: tuple[Binding, ...],
        place: str,
    ) -> SystemElement:
        """The system of another structure in the place of a component; the component's bindings come after the system's."""
        if reference.scheme:
            hint = text("put the structure into the package")
            raise InputError(
                Problem(text("structures are not fetched from '{source}'", source=reference.path), place, hint)
            )
        if len(self.trail) >= MOST_SOURCES:
            hint = text("a structure that contains itself has no end")
            raise InputError(
                Problem(text("more than {most} structures within each other", most=MOST_SOURCES), place, hint)
            )
        if not reference.path:
            system = self._embedded(reference.fragment, name, place)
        elif media == "application/x-ssp-package":
            label, path = self.package.find(self.name, reference.path, place)
            inner = self.reading.unpacked_from(path, f"{self.package.label}, {label}")
            self.reading.documents[label] = inner.digest
            reader = _StructureReader(self.reading, inner, reference.fragment or DEFAULT, self.trail)
            system = replace(reader.structure().system, name=name)
        else:
            label, _ = self.package.find(self.name, reference.path, place)
            if f"{self.package.root}/{label}" in self.trail:
                raise InputError(Problem(text("this structure contains itself"), place, text("name another source")))
            system = replace(
                _StructureReader(self.reading, self.package, label, self.trail).structure().system, name=name
            )
        self._same_connectors(connectors, system, place)
        return replace(system, bindings=(*system.bindings, *bindings))

    def _embedded(self, identity: str, name: str, place: str) -> SystemElement:
        found = next((one for one in _walk(self.root) if one.name == "System" and one.get("id") == identity), None)
        if found is None:
            hint = text("give the meant system the attribute id")
            raise InputError(Problem(text("there is no system of the id '{id}'", id=identity[:200]), place, hint))
        mark = f"{self.package.root}/{self.name}#{identity}"
        if mark in self.trail:
            raise InputError(Problem(text("this structure contains itself"), place, text("name another source")))
        before, self.trail = self.trail, (*self.trail, mark)
        try:
            return self.system(found, f"#{identity}", name)
        finally:
            self.trail = before

    def _same_connectors(self, connectors: Mapping[str, Connector], system: SystemElement, place: str) -> None:
        for one in connectors.values():
            if one.name not in system.connectors:
                what = text("the named structure has no connector '{name}'", name=one.name)
                self.document.findings.problem(what, one.place or place, named(one.name, system.connectors))

    def _connections(self, node: Node | None, path: str) -> tuple[Connection, ...]:
        found: list[Connection] = []
        for one in () if node is None else self.document.children(node, "ssd", path, "Connection"):
            start, end = (self._end(one, side, path) for side in ("start", "end"))
            at = f"{path}/Connection[{start.label} to {end.label}]"
            self.document.known(one, at, *_CONNECTION)
            transformation = self.document.transformation(one, at)
            suppress = self.document.flag(one, "suppressUnitConversion", at)
            found.append(Connection(start, end, self.document.place(one, at), transformation, suppress))
        return tuple(found)

    def _end(self, node: Node, side: str, path: str) -> End:
        connector = self.document.needed(node, f"{side}Connector", path)
        written = node.get(f"{side}Indices").split()
        if any(not one.isdecimal() or len(one) > 12 for one in written):
            what = text("'{written}' are no indices", written=" ".join(written)[:80])
            self.document.problem(what, node, path, text("write whole numbers, from 1"))
            written = []
        return End(node.get(f"{side}Element"), connector, tuple(int(one) for one in written))


_TOP = ("author", "fileversion", "copyright", "license", "generationTool", "generationDateAndTime", "schemaLocation")
_CONNECTION = (
    *(f"{side}{what}" for side in ("start", "end") for what in ("Element", "Connector", "Indices")),
    "suppressUnitConversion",
)


def _walk(node: Node) -> Iterator[Node]:
    open_nodes = [node]
    while open_nodes:
        one = open_nodes.pop()
        yield one
        open_nodes += one.children


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
