"""An SSP written: parts as FMUs in the archive or hosted by their owners, what joins them, their parameters and their units."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.base_units import BASES, Conversion, is_known, joins
from covolt.exchange.component import Description, Kind, Unit, Value, Variable
from covolt.exchange.ssp.conversion import Step
from covolt.exchange.ssp.flat import Flat
from covolt.exchange.ssp.graph import KIND_OF
from covolt.exchange.ssp.markup import document, element
from covolt.exchange.ssp.package import DEFAULT
from covolt.exchange.ssp.reading import FMU
from covolt.files import write_whole
from covolt.words import Phrase, text

__all__ = ["Version", "WrittenJoint", "WrittenPart", "WrittenShown", "WrittenSystem", "write_ssp", "written_of"]

Version = Literal["1.0", "2.0"]
_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "real": "Real",
        "integer": "Integer",
        "boolean": "Boolean",
        "string": "String",
        "binary": "Binary",
        "enumeration": "Integer",
    }
)
"""An enumeration without its items is written as the integers that it is."""
_CONNECTED = frozenset({"input", "output", "parameter", "structural parameter", "calculated parameter"})
_UNDATED = (1980, 1, 1, 0, 0, 0)
"""Of files in the archive, so that equal systems are equal archives."""


@final
@dataclass(frozen=True)
class WrittenPart:
    """A part: where it is, and what it is set to."""

    name: str
    description: Description
    source: Path | str
    """Its FMU, which goes into the archive, or the address of its host, such as "grpcs://battery.example:443/pack"."""
    parameters: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    media: str = FMU
    implementation: str = "any"


@final
@dataclass(frozen=True)
class WrittenJoint:
    """An input and the output that it takes, by part and variable, with the steps between."""

    source: tuple[str, str]
    target: tuple[str, str]
    steps: tuple[Step, ...] = ()


@final
@dataclass(frozen=True)
class WrittenShown:
    """A connector of the whole system that shows an output."""

    name: str
    source: tuple[str, str]
    steps: tuple[Step, ...] = ()
    unit: Unit | None = None


@final
@dataclass(frozen=True)
class WrittenTaken:
    """A connector of the whole system that takes a value from outside; joints begin there with an empty name of a part."""

    name: str
    kind: Kind = "real"
    unit: Unit | None = None
    is_parameter: bool = False


@final
@dataclass(frozen=True)
class WrittenSystem:
    """What is written."""

    name: str
    parts: tuple[WrittenPart, ...]
    joints: tuple[WrittenJoint, ...] = ()
    shown: tuple[WrittenShown, ...] = ()
    taken: tuple[WrittenTaken, ...] = ()
    start_s: float | None = None
    stop_s: float | None = None
    extra: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    """Further files of the archive by their names, such as a record under extra/."""


def written_of(flat: Flat) -> WrittenSystem:
    """A flat system as it is written: on one level, with the parameters that hold in the end.

    Raises:
        InputError: a component has no description, as those have that are hosted or have no implementation.
    """
    lacking = [
        Problem(text("'{name}' does not say what it has", name=one.name), one.element.place, text("give it an FMU"))
        for one in flat.components
        if one.description is None or one.element.path is None
    ]
    if lacking:
        raise InputError(lacking)
    parts = tuple(
        WrittenPart(one.name, one.description, one.element.path, one.parameters, FMU, one.element.implementation)
        for one in flat.components
        if one.description is not None and one.element.path is not None
    )
    joints = tuple(WrittenJoint(one.source, one.target, one.way.steps) for one in flat.joints)
    shown = tuple(WrittenShown(one.name, one.source, one.way.steps, one.unit) for one in flat.outlets if one.source[0])
    taken = tuple(_taken(flat, name) for name in dict.fromkeys(one.source[1] for one in joints if not one.source[0]))
    read = flat.structure
    return WrittenSystem(read.name, parts, joints, shown, taken, read.start_s, read.stop_s)


def _taken(flat: Flat, name: str) -> WrittenTaken:
    connectors = flat.structure.system.connectors
    connector = connectors.get(name) or connectors.get(name.rpartition("[")[0])
    typed = connector.type if connector is not None else None
    is_parameter = connector is not None and connector.kind in {"parameter", "structuralParameter"}
    if typed is None:
        return WrittenTaken(name, is_parameter=is_parameter)
    return WrittenTaken(name, typed.kind, typed.unit, is_parameter)


def write_ssp(system: WrittenSystem, path: Path, version: Version = "2.0") -> None:
    """Write a system as an SSP archive, whole or not at all.

    Raises:
        InputError: with everything in it that this version of SSP has no words for.
    """
    writing = _Writing(system, version)
    files = {DEFAULT: writing.structure(), **writing.parameter_sets, **system.extra}
    if writing.problems:
        raise InputError(writing.problems)
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(_entry(name), content)
        for name, source in writing.models.items():
            archive.writestr(_entry(name), source.read_bytes())
    write_whole(path, made.getvalue())


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _UNDATED)
    entry.compress_type = ZIP_DEFLATED
    return entry


@final
class _Writing:
    def __init__(self, system: WrittenSystem, version: Version) -> None:
        self.system = system
        self.version: Version = version
        self.problems: list[Problem] = []
        self.units: dict[str, Unit] = {}
        self.parameter_sets: dict[str, bytes] = {}
        self.models: dict[str, Path] = {}
        self.variables = {
            one.name: {variable.name: variable for variable in one.description.variables} for one in system.parts
        }
        self.outer = {one.name: one.unit for one in system.taken}
        self._sources: dict[Path, str] = {}

    def problem(self, what: Phrase, where: str, hint: Phrase) -> None:
        self.problems.append(Problem(what, where, hint))

    def structure(self) -> bytes:
        """SystemStructure.ssd."""
        system = self.system
        connectors = [self._outer(one.name, "output", "real", one.unit) for one in system.shown]
        connectors += [
            self._outer(one.name, "parameter" if one.is_parameter else "input", one.kind, one.unit)
            for one in system.taken
        ]
        components = [self._component(one) for one in system.parts]
        connections = [self._connection(one.source, one.target, one.steps) for one in system.joints]
        connections += [self._connection(one.source, ("", one.name), one.steps, one.unit) for one in system.shown]
        root = element(
            "ssd:System",
            {"name": system.name},
            [
                *_group("ssd:Connectors", connectors),
                *_group("ssd:Elements", components),
                *_group("ssd:Connections", connections),
            ],
        )
        units = [_unit(one) for one in self.units.values()]
        experiment = element(
            "ssd:DefaultExperiment", {"startTime": _number(system.start_s), "stopTime": _number(system.stop_s)}
        )
        head = {"version": self.version, "name": system.name, "generationTool": "covolt"}
        children = [root, *_group("ssd:Units", units), *([experiment] if system.stop_s is not None else [])]
        return document("ssd:SystemStructureDescription", head, children)

    def _unit_name(self, unit: Unit | None) -> str | None:
        """The name of a unit that is declared; one of which nobody says what it is made of is left out."""
        if unit is None or not is_known(unit):
            return None
        name = unit.name
        while self.units.setdefault(name, unit) != unit:
            name += "'"
        return name

    def _outer(self, name: str, kind: str, of: Kind, unit: Unit | None) -> str:
        typed = _TYPES.get(of, "Real")
        stated = self._unit_name(unit) if typed == "Real" else None
        return element("ssd:Connector", {"name": name, "kind": kind}, [element(f"ssc:{typed}", {"unit": stated})])

    def _component(self, part: WrittenPart) -> str:
        connectors = [self._connector(part, one) for one in part.description.variables if one.causality in _CONNECTED]
        bindings: list[str] = []
        if part.parameters:
            name = f"resources/{_file_name(part.name)}.ssv"
            self.parameter_sets[name] = self._parameters(part)
            bindings.append(element("ssd:ParameterBinding", {"source": name}))
        attributes = {
            "name": part.name,
            "type": part.media,
            "source": self._source(part),
            "implementation": part.implementation if part.implementation != "any" else None,
        }
        children = [*_group("ssd:Connectors", connectors), *_group("ssd:ParameterBindings", bindings)]
        return element("ssd:Component", attributes, children)

    def _source(self, part: WrittenPart) -> str:
        if isinstance(part.source, str):
            return part.source
        if part.source not in self._sources:
            name = f"resources/{_file_name(part.name)}.fmu"
            self._sources[part.source] = name
            self.models[name] = part.source
        return self._sources[part.source]

    def _connector(self, part: WrittenPart, variable: Variable) -> str:
        kind = KIND_OF[variable.causality]
        if self.version == "1.0":
            kind = "parameter" if kind == "structuralParameter" else kind
            if variable.shape:
                what = text("'{variable}' is an array, and SSP 1.0 has none", variable=variable.name)
                self.problem(what, part.name, text("write SSP 2.0"))
        if variable.kind == "clock":
            return ""
        typed = _TYPES[variable.kind]
        unit = self._unit_name(variable.unit) if typed == "Real" else None
        sizes = [element("ssc:Dimension", {"size": str(size)}) for size in variable.shape]
        inner = [element(f"ssc:{typed}", {"unit": unit}), *(sizes if self.version == "2.0" else [])]
        return element("ssd:Connector", {"name": variable.name, "kind": kind}, inner)

    def _parameters(self, part: WrittenPart) -> bytes:
        units: dict[str, Unit] = {}
        rows: list[str] = []
        for name, value in part.parameters.items():
            variable = self.variables[part.name].get(name)
            if variable is None:
                self.problem(
                    text("'{part}' has no variable '{name}'", part=part.name, name=name), part.name, text("take it out")
                )
                continue
            unit = variable.unit if variable.kind == "real" and variable.unit and is_known(variable.unit) else None
            if unit is not None:
                units[unit.name] = unit
            rows.append(self._parameter(variable, value, unit))
        declared = [_unit(one) for one in units.values()]
        children = [element("ssv:Parameters", {}, rows), *_group("ssv:Units", declared)]
        return document("ssv:ParameterSet", {"version": self.version, "name": part.name}, children)

    def _parameter(self, variable: Variable, value: Value, unit: Unit | None) -> str:
        if isinstance(value, np.ndarray) and self.version == "1.0":
            what = text("'{variable}' is an array, and SSP 1.0 has none", variable=variable.name)
            self.problem(what, variable.name, text("write SSP 2.0"))
            return ""
        flat = value.reshape(-1).tolist() if isinstance(value, np.ndarray) else [value]
        typed = _TYPES[variable.kind]
        if typed == "Integer" and any(not -(2**31) <= int(one) < 2**31 for one in flat):
            typed = "UInt64" if any(int(one) >= 2**63 for one in flat) else "Int64"
            if self.version == "1.0":
                what = text("'{variable}' is larger than the integers of SSP 1.0", variable=variable.name)
                self.problem(what, variable.name, text("write SSP 2.0"))
        texts = [_text(one) for one in flat]
        name = unit.name if unit is not None else None
        if isinstance(value, np.ndarray) and typed in {"String", "Binary"}:
            inner = element(f"ssv:{typed}", {}, [element("ssv:Value", {"value": one}) for one in texts])
        else:
            inner = element(f"ssv:{typed}", {"value": " ".join(texts), "unit": name})
        sizes = (
            [element("ssc:Dimension", {"size": str(one)}) for one in np.shape(value)] if len(np.shape(value)) else []
        )
        return element("ssv:Parameter", {"name": variable.name}, [inner, *sizes])

    def _connection(
        self, source: tuple[str, str], target: tuple[str, str], steps: tuple[Step, ...], shown: Unit | None = None
    ) -> str:
        """A connection; where units alone explain its conversion they do, else numbers do and units are not converted."""
        ends: dict[str, str | None] = {}
        units: list[Unit | None] = []
        for side, (part, name) in (("start", source), ("end", target)):
            whole, indices = _split(name, self.variables.get(part, {}))
            ends |= {f"{side}Element": part or None, f"{side}Connector": whole}
            if indices:
                ends[f"{side}Indices"] = indices
            variable = self.variables.get(part, {}).get(whole)
            outer = self.outer.get(name) if not part and shown is None else shown
            units.append(variable.unit if variable is not None else outer)
        given, taken = (None if one is None or not is_known(one) else one for one in units)
        if (tuple(steps) or (Conversion(),)) == (joins(given, taken),):
            return element("ssd:Connection", ends)
        inner = self._transformation(steps, f"{'.'.join(source)} to {'.'.join(target)}")
        return element("ssd:Connection", {**ends, "suppressUnitConversion": "true"}, inner)

    def _transformation(self, steps: tuple[Step, ...], where: str) -> list[str]:
        if not steps:
            return []
        (step, *more) = steps
        if more:
            what = text("more than one transformation stands between the two")
            self.problem(what, where, text("SSP has room for one: put a component between"))
            return []
        if isinstance(step, Conversion):
            return [element("ssc:LinearTransformation", {"factor": repr(step.factor), "offset": repr(step.offset)})]
        entries = [element("ssc:MapEntry", {"source": f"{a:.0f}", "target": f"{b:.0f}"}) for a, b in step.items()]
        source, _, _ = where.partition(" to ")
        part, _, name = source.rpartition(".")
        variable = self.variables.get(part, {}).get(name)
        kind = "Boolean" if variable is not None and variable.kind == "boolean" else "Integer"
        return [element(f"ssc:{kind}MappingTransformation", {}, entries)]


def _split(name: str, variables: Mapping[str, Variable]) -> tuple[str, str]:
    """A variable and the indices of its element, as SSP writes them."""
    whole, bracket, rest = name.rpartition("[")
    if name in variables or not bracket or whole not in variables:
        return name, ""
    return whole, rest.removesuffix("]").replace(",", " ")


def _group(tag: str, children: Iterable[str]) -> list[str]:
    """A group of elements; none where there is nothing in it."""
    written = [one for one in children if one]
    return [element(tag, {}, written)] if written else []


def _unit(unit: Unit) -> str:
    exponents = {base: str(power) for base, power in zip(BASES, unit.exponents, strict=True) if power}
    numbers = {
        "factor": repr(unit.factor) if unit.factor != 1.0 else None,
        "offset": repr(unit.offset_si) if unit.offset_si else None,
    }
    return element("ssc:Unit", {"name": unit.name}, [element("ssc:BaseUnit", {**exponents, **numbers})])


def _number(value: float | None) -> str | None:
    return None if value is None else repr(float(value))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex()
    return repr(value) if isinstance(value, float) else str(value)


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)
