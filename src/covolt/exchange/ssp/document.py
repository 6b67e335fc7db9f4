"""One document of an SSP while it is read: places in it, what is wrong, and the units, types and transformations of all kinds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Union, final

from covolt.errors import CovoltError, InputError, Problem, refuse
from covolt.exchange.base_units import BASES, Conversion, by_name, contradiction
from covolt.exchange.component import Unit
from covolt.exchange.plain_xml import Node
from covolt.exchange.ssp.structure import Enumeration, SignalType, Table, Transformation
from covolt.exchange.ssp.values import REAL, real
from covolt.suggestion import meant
from covolt.words import Phrase, text

__all__ = ["SPACES", "Document", "Findings"]

_ROOT = "ssp-standard.org/SSP1/SystemStructure"
SPACES: Mapping[str, str] = {
    kind: f"http:{'/' * 2}{_ROOT}{name}"
    for kind, name in (
        ("ssd", "Description"),
        ("ssc", "Common"),
        ("ssv", "ParameterValues"),
        ("ssm", "ParameterMapping"),
        ("ssb", "SignalDictionary"),
    )
}
"""Namespaces of SSP 1 and 2, which share them."""
_TYPES = frozenset(
    {
        *("Real", "Float64", "Float32", "Boolean", "String", "Enumeration", "Binary", "Clock", "Integer"),
        *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)),
    }
)
_TRANSFORMATIONS = {
    "LinearTransformation": "linear",
    "BooleanMappingTransformation": "boolean",
    "IntegerMappingTransformation": "integer",
    "EnumerationMappingTransformation": "enumeration",
}
_VERSION = re.compile(r"[12]\.\d+(\.\d+)?(-.*)?")
_INTEGER = re.compile(r"[+-]?\d{1,20}")
MOST_READ_BYTES = 256 * 1024**2
MOST_UNPACKED_BYTES = 4 * 1024**3
MOST_TOLD = 200
"""Problems and notices that are kept of each; more come of one mistake in a large file."""


@final
class Findings:
    """What is wrong with the documents of a package, and what is passed over, as it is found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self.kinds: dict[type[CovoltError], list[Problem]] = {}
        self._read_bytes = 0
        self._unpacked_bytes = 0

    def spend(self, where: str, *, read_bytes: int = 0, unpacked_bytes: int = 0) -> None:
        """Count what all documents and packages within each other take together; a few that name each other often take much.

        Raises:
            InputError: it is more than a bound.
        """
        self._read_bytes += read_bytes
        self._unpacked_bytes += unpacked_bytes
        if self._read_bytes > MOST_READ_BYTES or self._unpacked_bytes > MOST_UNPACKED_BYTES:
            what = text("all documents and packages together are larger than covolt reads")
            raise InputError(Problem(what, where, text("split the system")))

    def problem(self, what: Phrase, where: str, hint: Phrase | str) -> None:
        """Something is wrong."""
        self.add(Problem(what, where, hint))

    def add(self, problem: Problem) -> None:
        """A problem, told once."""
        if len(self.problems) < MOST_TOLD and problem not in self.problems:
            self.problems.append(problem)

    def take(self, error: CovoltError) -> None:
        """What ended the reading of a part is told with the rest."""
        self.kinds.setdefault(type(error), []).extend(error.problems)

    def demand_none(self) -> None:
        """Raise every problem at once, where there is one."""
        refuse({**self.kinds, InputError: [*self.kinds.get(InputError, ()), *self.problems]})

    def notice(self, what: Phrase, where: str, hint: Phrase | str = "") -> None:
        """Something is no mistake and must be told."""
        self.tell(Problem(what, where, hint))

    def tell(self, notice: Problem) -> None:
        """A notice, told once."""
        if len(self.notices) < MOST_TOLD and notice not in self.notices:
            self.notices.append(notice)


@final
@dataclass
class Document:
    """One document: its label for people, its findings, and the units and enumerations that it declares."""

    label: str
    findings: Findings
    units: dict[str, Unit] = field(default_factory=dict[str, Unit])
    enumerations: dict[str, Enumeration] = field(default_factory=dict[str, Enumeration])

    def place(self, node: Node, path: str = "") -> str:
        """Where something stands: file, line, and the way of elements that leads there."""
        return f"{self.label}:{node.line}" + (f", {path}" if path else "")

    def problem(self, what: Phrase, node: Node, path: str, hint: Phrase | str) -> None:
        """Something is wrong at an element."""
        self.findings.problem(what, self.place(node, path), hint)

    def notice(self, what: Phrase, node: Node, path: str, hint: Phrase | str = "") -> None:
        """Something at an element is passed over."""
        self.findings.notice(what, self.place(node, path), hint)

    def children(self, node: Node, space: str, path: str, *names: str) -> Iterator[Node]:
        """Children of these names in a namespace; annotations are listed, any other child is told as passed over."""
        wanted = {f"{{{SPACES[space]}}}{name}" for name in names}
        for child in node.children:
            if child.tag in wanted:
                yield child
            elif child.name == "Annotations":
                self.list_annotations(child, path)
            elif child.name not in _GRAPHICS:
                self.notice(text("<{name}> is passed over", name=child.name), child, path)

    def parts(self, node: Node, path: str, *names: str) -> dict[str, Node]:
        """Children of a structure's element by name, of which each may stand once; MetaData and Signature are passed over."""
        found: dict[str, Node] = {}
        for child in self.children(node, "ssd", path, *names, "MetaData", "Signature"):
            if child.name in {"MetaData", "Signature"}:
                continue
            if child.name in found:
                what = text("<{name}> is there twice, and may be once", name=child.name)
                self.problem(what, child, path, text("leave one of both"))
            found.setdefault(child.name, child)
        return found

    def only(self, node: Node | None, path: str) -> Node | None:
        """The one document that stands within an element."""
        if node is None or not node.children:
            return None
        if len(node.children) > 1:
            what = text("<{name}> holds more than one document", name=node.name)
            self.problem(what, node, path, text("leave one of them"))
        return node.children[0]

    def list_annotations(self, node: Node, path: str) -> None:
        """Tell the types of annotations, which are passed over."""
        for one in node.all("Annotation"):
            self.notice(text("annotation '{type}' is passed over", type=one.get("type")), one, path)

    def needed(self, node: Node, name: str, path: str) -> str:
        """An attribute that has to be there and not empty."""
        value = node.get(name)
        if not value:
            self.problem(
                text("<{element}> has no attribute '{name}'", element=node.name, name=name),
                node,
                path,
                text("write it, or export the file anew"),
            )
        return value

    def known(self, node: Node, path: str, *names: str) -> None:
        """Tell attributes that no version of the standard has at this element."""
        for name in node.attributes:
            if "}" not in name and name not in names and name not in {"id", "description"}:
                close = meant(name, names)
                self.notice(
                    text("attribute '{name}' of <{element}> is passed over", name=name, element=node.name),
                    node,
                    path,
                    text("did you mean '{name}'?", name=close) if close else "",
                )

    def version(self, node: Node) -> str:
        """The version of a document, of those that are known."""
        version = node.get("version")
        if not version:
            self.notice(text("<{element}> does not state its version", element=node.name), node, "")
        elif not _VERSION.fullmatch(version):
            self.problem(
                text("version '{version}' of <{element}> is not known", version=version, element=node.name),
                node,
                "",
                text("versions 1.x and 2.x are read: export the file in one of these"),
            )
        return version

    def flag(self, node: Node, name: str, path: str) -> bool:
        """An attribute that is true or false; false where it is missing."""
        written = node.get(name, "false").strip()
        if written not in {"true", "false", "0", "1"}:
            self._wrong(node, name, written, path, text("write true or false"))
        return written in {"true", "1"}

    def number(self, node: Node, name: str, path: str, otherwise: float) -> float:
        """An attribute that is a finite number."""
        written = node.get(name).strip()
        if not written:
            return otherwise
        value = real(written) if REAL.fullmatch(written) else math.nan
        if not math.isfinite(value):
            self._wrong(node, name, written, path, text("write a finite number"))
            return otherwise
        return value

    def whole(self, node: Node, name: str, path: str, otherwise: int) -> int:
        """An attribute that is a whole number."""
        written = node.get(name).strip()
        if not written:
            return otherwise
        if not _INTEGER.fullmatch(written):
            self._wrong(node, name, written, path, text("write a whole number"))
            return otherwise
        return int(written)

    def _wrong(self, node: Node, name: str, written: str, path: str, hint: Phrase) -> None:
        what = text("{name}='{written}' of <{element}> cannot be read", name=name, written=written, element=node.name)
        self.problem(what, node, path, hint)

    def declare(self, root: Node, space: str) -> None:
        """Take the units and enumerations that the root of a document declares."""
        for group in root.children:
            if group.tag == f"{{{SPACES[space]}}}Units":
                for node in self.children(group, "ssc", "Units", "Unit"):
                    self._unit(node)
            elif group.tag == f"{{{SPACES[space]}}}Enumerations":
                for node in self.children(group, "ssc", "Enumerations", "Enumeration"):
                    self._enumeration(node)

    def _unit(self, node: Node) -> None:
        name = node.get("name")
        path = f"Units/Unit[{name}]"
        base = next(self.children(node, "ssc", path, "BaseUnit"), None)
        if base is None:
            what = text("unit '{name}' does not say what it is made of", name=name)
            self.problem(what, node, path, text("write its <BaseUnit>"))
            return
        exponents = tuple(self.whole(base, one, path, 0) for one in BASES)
        unit = Unit(name, exponents, self.number(base, "factor", path, 1.0), self.number(base, "offset", path, 0.0))
        if unit.factor == 0.0:
            self.problem(text("unit '{name}' has the factor 0", name=name), node, path, text("write another factor"))
        elif self.units.setdefault(name, unit) != unit:
            what = text("unit '{name}' is declared twice, differently", name=name)
            self.problem(what, node, path, text("leave one of both"))
        elif (odd := contradiction(unit)) is not None:
            self.notice(odd, node, path, text("declare it as its name says, or ask who made it"))

    def _enumeration(self, node: Node) -> None:
        name = node.get("name")
        path = f"Enumerations/Enumeration[{name}]"
        items: dict[str, int] = {}
        for item in self.children(node, "ssc", path, "Item"):
            value = self.whole(item, "value", path, 0)
            if items.setdefault(item.get("name"), value) != value:
                what = text("item '{item}' of enumeration '{name}' is there twice", item=item.get("name"), name=name)
                self.problem(what, item, path, text("leave one of both"))
        found = Enumeration(name, items)
        if self.enumerations.setdefault(name, found) != found:
            what = text("enumeration '{name}' is declared twice, differently", name=name)
            self.problem(what, node, path, text("leave one of both"))

    def unit(self, node: Node, path: str) -> Unit | None:
        """The unit that an element states; None where it states none."""
        name = node.get("unit")
        if not name:
            return None
        if name not in self.units:
            self.notice(
                text("unit '{name}' is not declared in this file; it is taken for what its name says", name=name),
                node,
                path,
                text("declare it under <Units>"),
            )
            self.units[name] = by_name(name)
        return self.units[name]

    def enumeration(self, node: Node, path: str, *, demanded: bool) -> Enumeration | None:
        """The enumeration that an element names."""
        name = node.get("name")
        found = self.enumerations.get(name)
        if found is None and (name or demanded):
            self.problem(
                text("enumeration '{name}' is not declared in this file", name=name),
                node,
                path,
                text("declare it under <Enumerations>"),
            )
        return found

    def type_node(self, node: Node) -> Node | None:
        """The child that states a type: in the common namespace, or where values stand in that of values."""
        spaces = {SPACES["ssc"], SPACES["ssv"]}
        for child in node.children:
            # <Clock name=…> associates with a clock; as a type it has no name.
            is_type = child.name in _TYPES and not (child.name == "Clock" and child.get("name"))
            if is_type and child.tag.rpartition("}")[0].lstrip("{") in spaces:
                return child
        return None

    def signal_type(self, node: Node, path: str, *, demanded: bool = True) -> SignalType:
        """The type that an element of the type choice states."""
        unit = self.unit(node, path) if node.name in {"Real", "Float64", "Float32"} else None
        listed = self.enumeration(node, path, demanded=demanded) if node.name == "Enumeration" else None
        return SignalType(node.name, unit, listed, node.get("mime-type") if node.name == "Binary" else "")

    def transformation(self, node: Node, path: str) -> Transformation | None:
        """The transformation among the children of a connection or a mapping entry."""
        found = [one for one in node.children if one.tag.rpartition("}")[2] in _TRANSFORMATIONS]
        if not found:
            return None
        if len(found) > 1:
            what = text("there are {count} transformations where one may stand", count=len(found))
            self.problem(what, node, path, text("leave one of them"))
        one = found[0]
        kind = _TRANSFORMATIONS[one.name]
        if kind == "linear":
            return Conversion(self.number(one, "factor", path, 1.0), self.number(one, "offset", path, 0.0))
        return self._table(one, kind, path)

    def _table(self, node: Node, kind: str, path: str) -> Table | None:
        entries: dict[Union[bool, int, str], Union[bool, int, str]] = {}
        for entry in node.all("MapEntry"):
            source, target = (self._entry(entry, name, kind, path) for name in ("source", "target"))
            if source in entries:
                what = text("'{source}' is transformed twice", source=str(source))
                self.problem(what, entry, path, text("leave one <MapEntry> for each source"))
            entries[source] = target
        given = tuple(entries.items())
        match kind:
            case "boolean":
                return Table("boolean", given)
            case "integer":
                return Table("integer", given)
            case _:
                return Table("enumeration", given)

    def _entry(self, node: Node, name: str, kind: str, path: str) -> Union[bool, int, str]:
        if kind == "boolean":
            return self.flag(node, name, path)
        return self.whole(node, name, path, 0) if kind == "integer" else self.needed(node, name, path)


_GRAPHICS = frozenset(
    {
        *_TYPES,
        *_TRANSFORMATIONS,
        "ElementGeometry",
        "SystemGeometry",
        "ConnectorGeometry",
        "ConnectionGeometry",
        "GraphicalElements",
        "Units",
        "Enumerations",
        "Dimension",
        "Clock",
    }
)
"""Children that are only drawn, or that are read by name elsewhere."""
