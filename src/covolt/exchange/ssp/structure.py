"""What an SSP says: systems, elements, connectors, connections, parameter sets and dictionaries, as their documents have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Union, final

from covolt.errors import Problem
from covolt.exchange.base_units import Conversion
from covolt.exchange.component import Kind, Unit, Value

__all__ = [
    "GIVES",
    "RECEIVES",
    "Binding",
    "ComponentElement",
    "Connection",
    "Connector",
    "ConnectorKind",
    "Dictionary",
    "DictionaryElement",
    "Element",
    "End",
    "Enumeration",
    "MappingEntry",
    "Parameter",
    "ParameterSet",
    "SignalType",
    "Structure",
    "SystemElement",
    "Table",
    "Transformation",
]

ConnectorKind = Literal[
    "input",
    "output",
    "parameter",
    "calculatedParameter",
    "structuralParameter",
    "constant",
    "local",
    "inout",
    "unspecified",
]
GIVES = frozenset({"output", "calculatedParameter", "constant", "local"})
"""Kinds by which an element gives a value to the system around it; within a system its own connectors of these kinds receive."""
RECEIVES = frozenset({"input", "parameter", "structuralParameter"})
"""Kinds by which an element receives a value; within a system its own connectors of these kinds give."""


@final
@dataclass(frozen=True)
class Enumeration:
    """Items of an enumeration by name."""

    name: str
    items: Mapping[str, int]


@final
@dataclass(frozen=True)
class SignalType:
    """The type of a connector, parameter or dictionary entry: its element's name, and what that says besides."""

    name: str
    """Real, Float64, Float32, Integer, Int8 … UInt64, Boolean, String, Enumeration, Binary, Clock."""
    unit: Unit | None = None
    enumeration: Enumeration | None = None
    media: str = ""
    """MIME type of a Binary."""

    @property
    def kind(self) -> Kind:
        """The kind that a component's variable of this type has."""
        plain: dict[str, Kind] = {
            "Boolean": "boolean",
            "String": "string",
            "Enumeration": "enumeration",
            "Binary": "binary",
            "Clock": "clock",
        }
        return "real" if self.name in {"Real", "Float64", "Float32"} else plain.get(self.name, "integer")


@final
@dataclass(frozen=True)
class Table:
    """A transformation by a table; what it does not name stays as it is."""

    kind: Literal["boolean", "integer", "enumeration"]
    entries: tuple[tuple[Union[bool, int, str], Union[bool, int, str]], ...]


Transformation = Union[Conversion, Table]
"""target = factor * source + offset, after the conversion of units; or a table."""


@final
@dataclass(frozen=True)
class Connector:
    """A connector of an element."""

    name: str
    kind: ConnectorKind
    place: str
    type: SignalType | None = None
    """None where the document leaves it to what lies below."""
    shape: tuple[Union[int, str, None], ...] = ()
    """Sizes of an array; a text names the connector that has the size, None leaves it open."""
    clocks: tuple[str, ...] = ()


@final
@dataclass(frozen=True)
class End:
    """One end of a connection: a connector of an element, or of the system itself where `element` is empty."""

    element: str
    connector: str
    indices: tuple[int, ...] = ()
    """From 1, as in the names of variables; empty for the whole connector."""

    @property
    def label(self) -> str:
        """As a person writes it: "motor.torque[2]"."""
        index = f"[{','.join(map(str, self.indices))}]" if self.indices else ""
        return f"{self.element}.{self.connector}{index}" if self.element else f"{self.connector}{index}"


@final
@dataclass(frozen=True)
class Connection:
    """Two ends; which of both gives is told by their kinds alone."""

    start: End
    end: End
    place: str
    transformation: Transformation | None = None
    suppress: bool = False
    """Units are not converted."""


@final
@dataclass(frozen=True)
class Parameter:
    """A value by name."""

    name: str
    type: SignalType
    value: Value
    place: str


@final
@dataclass(frozen=True)
class MappingEntry:
    """A parameter of a set by the name that it has in the system, with what becomes of its value."""

    source: str
    target: str
    place: str
    transformation: Transformation | None = None
    suppress: bool = False


@final
@dataclass(frozen=True)
class ParameterSet:
    """Parameters of one document or inline set."""

    name: str
    parameters: tuple[Parameter, ...]


@final
@dataclass(frozen=True)
class Binding:
    """A parameter set applied to an element."""

    parameters: ParameterSet
    place: str
    prefix: str = ""
    mapping: tuple[MappingEntry, ...] | None = None
    """None: every parameter by its own name."""


@final
@dataclass(frozen=True)
class Dictionary:
    """Signals by name."""

    name: str
    entries: Mapping[str, Connector]
    place: str


@final
@dataclass(frozen=True)
class ComponentElement:
    """A component: an FMU, or whatever its MIME type says."""

    name: str
    place: str
    connectors: Mapping[str, Connector]
    bindings: tuple[Binding, ...] = ()
    media: str = ""
    source: str | None = None
    """As written; None where there is no implementation."""
    path: Path | None = None
    """The file, where the source is one."""
    implementation: str = "any"


@final
@dataclass(frozen=True)
class DictionaryElement:
    """A reference to a signal dictionary."""

    name: str
    place: str
    connectors: Mapping[str, Connector]
    dictionary: str


@final
@dataclass(frozen=True)
class SystemElement:
    """A system, also one from another file that a component refers to."""

    name: str
    place: str
    connectors: Mapping[str, Connector]
    bindings: tuple[Binding, ...] = ()
    elements: Mapping[str, Element] = field(default_factory=lambda: MappingProxyType({}))
    connections: tuple[Connection, ...] = ()
    dictionaries: Mapping[str, Dictionary] = field(default_factory=lambda: MappingProxyType({}))


Element = Union[ComponentElement, DictionaryElement, SystemElement]


@final
@dataclass(frozen=True)
class Structure:
    """A whole SSP, every document of it read."""

    name: str
    version: str
    system: SystemElement
    digest: str
    """SHA-256 of the file that was given, in hexadecimal."""
    start_s: float | None = None
    stop_s: float | None = None
    step_s: float | None = None
    """From exchange to exchange, where a tool has noted it beside the default experiment."""
    documents: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """SHA-256, in hexadecimal, of every document and model that was read, by its place in the package."""
    notices: tuple[Problem, ...] = ()
    """What was passed over, or taken otherwise than written."""
