"""Reads modelDescription.xml of FMI 2.0 and 3.0 with every problem at once; FMI 1.0 is refused with the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from covolt.errors import InputError, Problem
from covolt.exchange.archive import Archive, opened_archive
from covolt.exchange.base_units import BASES
from covolt.exchange.component import Unit
from covolt.exchange.fmu.documents import Experiment, FmuVariable, Interface, ModelDescription
from covolt.exchange.fmu.fields import Fields
from covolt.exchange.fmu.variables import read_variables
from covolt.exchange.plain_xml import MOST_BYTES, Node, read_xml
from covolt.words import text

__all__ = ["DESCRIPTION", "described", "read_description", "read_fmu"]

DESCRIPTION = "modelDescription.xml"
_VERSION = re.compile(r"2\.0(\.\d+)?|3\.\d+(\.\d+)?")
_MOST_TOLD = 50
_INTERFACES = {
    "CoSimulation": "co-simulation",
    "ModelExchange": "model exchange",
    "ScheduledExecution": "scheduled execution",
}


def read_fmu(path: Path) -> ModelDescription:
    """The description of an FMU; nothing of it is unpacked or run.

    Raises:
        InputError: with every problem of the archive, or of its description.
    """
    with opened_archive(path) as archive:
        return read_description(archive)


def read_description(archive: Archive) -> ModelDescription:
    """The description of an opened FMU.

    Raises:
        InputError: with every problem of it.
    """
    return described(archive.read(DESCRIPTION, MOST_BYTES), f"{archive.path.name}, {DESCRIPTION}", archive.digest)


def described(content: bytes, where: str, digest: str) -> ModelDescription:
    """A description from its XML; the digest is that of the FMU which it is of.

    Raises:
        InputError: with every problem of it.
    """
    root = read_xml(content, where)
    fields = Fields(where)
    version = root.get("fmiVersion").strip()
    if root.name != "fmiModelDescription":
        what = text("its root is <{name}>, not <fmiModelDescription>", name=root.name[:60])
        raise InputError(Problem(what, where, text("give an FMU as its tool exported it")))
    if not _VERSION.fullmatch(version):
        raise InputError(_of_version(version, where))
    units = _units(root, fields, version)
    variables = read_variables(root, fields, version, units)
    interfaces = _interfaces(root, fields, version)
    structure = root.first("ModelStructure") or Node("ModelStructure", {}, root.line)
    states, indicators = _states(root, structure, fields, variables, version)
    made = ModelDescription(
        name=root.get("modelName").strip() or fields.missing(root, "modelName"),
        version=version,
        token=root.get("guid" if version.startswith("2") else "instantiationToken"),
        digest=digest,
        tool=root.get("generationTool"),
        meaning=root.get("description"),
        licence=root.get("license"),
        interfaces=interfaces,
        experiment=_experiment(root, fields),
        variables=tuple(variables),
        units=units,
        feedthrough=_feedthrough(structure, fields, variables, version),
        states=states,
        event_indicator_count=indicators,
        log_categories=_categories(root),
    )
    if fields.problems:
        raise InputError(fields.problems[:_MOST_TOLD])
    return made


def _of_version(version: str, where: str) -> Problem:
    if version.startswith("1"):
        return Problem(
            text("this is FMI {version}; covolt takes 2.0 and 3.0", version=version[:20]),
            where,
            text("export it anew from its tool as FMI 2.0 or 3.0, which every tool of today writes"),
        )
    what = text("this is FMI '{version}'; covolt takes 2.0 and 3.0", version=version[:20])
    return Problem(what, where, text("export it anew as FMI 2.0 or 3.0"))


def _units(root: Node, fields: Fields, version: str) -> dict[str, Unit]:
    """Units by name, of those that say what they are made of."""
    found: dict[str, Unit] = {}
    for one in _of(root, "UnitDefinitions", "Unit"):
        name, base = one.get("name"), one.first("BaseUnit")
        if base is not None:
            exponents = tuple(fields.integer(base, symbol, -99, 99) or 0 for symbol in BASES)
            factor = fields.number(base, "factor", finite=True)
            offset_si = fields.number(base, "offset", finite=True) or 0.0
            if factor == 0.0:
                fields.add(base, text("a unit of factor 0"), text("give the factor from the unit to the SI"))
            found[name] = Unit(name, exponents, 1.0 if factor is None else factor, offset_si)
    return found


def _of(root: Node, group: str, *names: str) -> Iterator[Node]:
    inner = root.first(group)
    return inner.all(*names) if inner is not None else iter(())


def _categories(root: Node) -> tuple[str, ...]:
    return tuple(one.get("name") for one in _of(root, "LogCategories", "Category"))


def _experiment(root: Node, fields: Fields) -> Experiment:
    node = root.first("DefaultExperiment")
    if node is None:
        return Experiment()
    values = {
        name: fields.number(node, name, finite=True) for name in ("startTime", "stopTime", "stepSize", "tolerance")
    }
    for name in ("stepSize", "tolerance"):
        value = values[name]
        if value is not None and value <= 0.0:
            # Tools write 0 where the user has given none.
            values[name] = None
    return Experiment(values["startTime"] or 0.0, values["stopTime"], values["stepSize"], values["tolerance"])


def _interfaces(root: Node, fields: Fields, version: str) -> dict[str, Interface]:
    found: dict[str, Interface] = {}
    for tag, form in _INTERFACES.items():
        node = root.first(tag)
        if node is not None:
            found[form] = _interface(node, fields, version)
    if not found:
        fields.add(
            root,
            text("it offers neither co-simulation nor model exchange"),
            text("export it anew from its tool as a co-simulation"),
        )
    return found


def _interface(node: Node, fields: Fields, version: str) -> Interface:
    two = version.startswith("2")

    def says(name: str, otherwise: bool = False) -> bool:
        return fields.boolean(node, name, otherwise=otherwise)

    identifier = node.get("modelIdentifier")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,199}", identifier):
        fields.add(
            node,
            text("modelIdentifier '{name}' is no name of a file and of a C function", name=identifier[:60]),
            text("export it anew under a name of letters, digits and underscores"),
        )
    return Interface(
        identifier=identifier,
        needs_tool=says("needsExecutionTool"),
        once_per_process=says("canBeInstantiatedOnlyOncePerProcess"),
        saves=says("canGetAndSetFMUstate" if two else "canGetAndSetFMUState"),
        serialises=says("canSerializeFMUstate" if two else "canSerializeFMUState"),
        gradient=says("providesDirectionalDerivative" if two else "providesDirectionalDerivatives"),
        variable_step=says("canHandleVariableCommunicationStepSize"),
        internal_step_s=fields.number(node, "fixedInternalStepSize", finite=True) or None,
        event_mode=says("hasEventMode"),
        early_return=says("mightReturnEarlyFromDoStep"),
        intermediate_update=says("providesIntermediateUpdate"),
        completed_step=not says("completedIntegratorStepNotNeeded") if two else says("needsCompletedIntegratorStep"),
        sources=tuple(one.get("name") for one in _of(node, "SourceFiles", "File")),
    )


def _states(
    root: Node, structure: Node, fields: Fields, variables: list[FmuVariable], version: str
) -> tuple[tuple[int, ...], int]:
    """References of the derivatives of the states, and how many event indicators there are."""
    if version.startswith("2"):
        count = fields.integer(root, "numberOfEventIndicators", 0, 1_000_000) or 0
        unknowns = list(_of(structure, "Derivatives", "Unknown"))
    else:
        count = sum(1 for _ in structure.all("EventIndicator"))
        unknowns = list(structure.all("ContinuousStateDerivative"))
    return tuple(one.reference for one in _named(unknowns, fields, variables, version) if one is not None), count


def _named(
    unknowns: list[Node], fields: Fields, variables: list[FmuVariable], version: str
) -> list[FmuVariable | None]:
    """Variables that unknowns of the model structure stand for: by index from 1 (2.0), or by value reference (3.0)."""
    by_number = _numbered(variables, version)
    key = "index" if version.startswith("2") else "valueReference"
    found: list[FmuVariable | None] = []
    for node in unknowns:
        number = fields.integer(node, key, 0, 2**32 - 1)
        known = by_number.get(-1 if number is None else number)
        if known is None:
            fields.add(
                node,
                text("the model structure names variable {number}, which is not there", number=node.get(key)[:20]),
                text("export it anew: its list of variables and its structure do not fit"),
            )
        found.append(known)
    return found


def _numbered(variables: list[FmuVariable], version: str) -> Mapping[int, FmuVariable]:
    if version.startswith("2"):
        return dict(enumerate(variables, 1))
    return {one.reference: one for one in reversed(variables)}


def _feedthrough(
    structure: Node, fields: Fields, variables: list[FmuVariable], version: str
) -> Mapping[str, tuple[str, ...]] | None:
    """Inputs on which each output depends at once; None where the structure lists no output."""
    two = version.startswith("2")
    unknowns = list(_of(structure, "Outputs", "Unknown") if two else structure.all("Output"))
    outputs = [one.name for one in variables if one.variable.causality == "output"]
    if not unknowns:
        return None
    inputs = tuple(one.name for one in variables if one.variable.causality == "input" and not one.alias)
    numbered, known = _numbered(variables, version), set(inputs)
    found: dict[str, tuple[str, ...]] = {name: inputs for name in outputs}
    for node, variable in zip(unknowns, _named(unknowns, fields, variables, version), strict=True):
        if variable is not None and "dependencies" in node.attributes:
            depends = [numbered.get(number) for number in fields.integers(node, "dependencies")]
            found[variable.name] = tuple(one.name for one in depends if one is not None and one.name in known)
    return found
