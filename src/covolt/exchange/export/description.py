"""The description of an exported part, modelDescription.xml of FMI 2.0 and 3.0: variables, units, what it can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from covolt.exchange.component import Unit, Variable
from covolt.exchange.export.compiled import CompiledPart
from covolt.exchange.export.platforms import Version

__all__ = ["Model", "description_of"]

BASES = ("kg", "m", "s", "A", "K", "mol", "cd", "rad")


@dataclass(frozen=True)
class Model:
    """What is described of a part beside its variables.

    `constants` are the declared numbers that the party shows: read by all, set by nobody.
    """

    name: str
    identifier: str
    token: str
    meaning: str
    version: str
    author: str
    licence: str
    tool: str
    constants: tuple[Variable, ...]
    feedthrough: Mapping[str, tuple[str, ...]]
    usual_step_s: float


class _Listed(NamedTuple):
    """A variable with its reference."""

    reference: int
    variable: Variable


def description_of(part: CompiledPart, model: Model, version: Version) -> str:
    """The whole text. References count from 1: parameters, inputs, outputs, constants; in FMI 3 the time is 0."""
    listed = [
        _Listed(n, one)
        for n, one in enumerate((*part.parameters, *part.inputs, *part.outputs, *model.constants), start=1)
    ]
    root = Xml.Element("fmiModelDescription", _head(model, version))
    _can(root, model, version)
    _units(root, [one.variable.unit for one in listed if one.variable.unit is not None])
    categories = Xml.SubElement(root, "LogCategories")
    Xml.SubElement(categories, "Category", name="logStatusError", description="what was refused or failed, and why")
    Xml.SubElement(root, "DefaultExperiment", startTime="0", stopTime="10", stepSize=repr(model.usual_step_s))
    variables = Xml.SubElement(root, "ModelVariables")
    if version == "2":
        for one in listed:
            _scalar_variable(variables, one)
    else:
        time = Variable("time", "independent", variability="continuous", unit=Unit("s"))
        _typed_variable(variables, _Listed(0, time), unit=False)
        for one in listed:
            _typed_variable(variables, one)
    _structure(root, listed, model, version)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _head(model: Model, version: Version) -> dict[str, str]:
    token = {"guid" if version == "2" else "instantiationToken": model.token}
    told = {
        "description": model.meaning,
        "author": model.author,
        "version": model.version,
        "license": model.licence,
        "generationTool": model.tool,
    }
    head = {"fmiVersion": "2.0" if version == "2" else "3.0", "modelName": model.name, **token}
    head |= {key: value for key, value in told.items() if value}
    return head | {"variableNamingConvention": "flat"}


def _can(root: Xml.Element, model: Model, version: Version) -> None:
    state = "FMUstate" if version == "2" else "FMUState"
    truths = ("canHandleVariableCommunicationStepSize", f"canGetAndSet{state}", f"canSerialize{state}")
    Xml.SubElement(root, "CoSimulation", {"modelIdentifier": model.identifier, **dict.fromkeys(truths, "true")})


def _units(root: Xml.Element, found: Iterable[Unit]) -> None:
    definitions = Xml.SubElement(root, "UnitDefinitions")
    for unit in {one.name: one for one in found}.values():
        one = Xml.SubElement(definitions, "Unit", name=unit.name)
        made = {base: str(power) for base, power in zip(BASES, unit.exponents, strict=True) if power}
        made |= {} if unit.factor == 1.0 else {"factor": repr(unit.factor)}
        Xml.SubElement(one, "BaseUnit", made | ({} if unit.offset_si == 0.0 else {"offset": repr(unit.offset_si)}))


def _common(one: _Listed) -> dict[str, str]:
    variable = one.variable
    constant = variable.causality == "calculated parameter"
    causality = {"calculated parameter": "local", "parameter": "parameter"}.get(variable.causality, variable.causality)
    variability = "constant" if constant else "fixed" if causality == "parameter" else "continuous"
    if variable.kind == "boolean" and variability == "continuous":
        variability = "discrete"
    found = {"name": variable.name, "valueReference": str(one.reference), "causality": causality}
    found["variability"] = variability
    if constant or causality == "parameter":
        found["initial"] = "exact"
    return found | ({"description": variable.meaning} if variable.meaning else {})


def _typed(variable: Variable, *, unit: bool = True) -> dict[str, str]:
    """Unit, bounds and start of a variable."""
    found: dict[str, str] = {}
    if unit and variable.unit is not None and variable.kind == "real":
        found["unit"] = variable.unit.name
    bounds = {"min": variable.minimum, "max": variable.maximum, "nominal": variable.nominal}
    found |= {key: repr(float(value)) for key, value in bounds.items() if value is not None}
    if variable.causality not in ("output", "independent") and isinstance(variable.start, (int, float)):
        found["start"] = (
            str(bool(variable.start)).lower() if variable.kind == "boolean" else repr(float(variable.start))
        )
    return found


def _scalar_variable(parent: Xml.Element, one: _Listed) -> None:
    scalar = Xml.SubElement(parent, "ScalarVariable", _common(one))
    Xml.SubElement(scalar, "Boolean" if one.variable.kind == "boolean" else "Real", _typed(one.variable))


def _typed_variable(parent: Xml.Element, one: _Listed, *, unit: bool = True) -> None:
    kind = "Boolean" if one.variable.kind == "boolean" else "Float64"
    Xml.SubElement(parent, kind, _common(one) | _typed(one.variable, unit=unit))


def _structure(root: Xml.Element, listed: Sequence[_Listed], model: Model, version: Version) -> None:
    """Outputs with the inputs on which they depend at once, and at the start with all that is given."""
    structure = Xml.SubElement(root, "ModelStructure")
    outputs = [one for one in listed if one.variable.causality == "output"]
    places = {one.variable.name: one.reference for one in listed}
    given = " ".join(str(one.reference) for one in listed if one.variable.causality in ("parameter", "input"))
    through = {one: " ".join(str(places[name]) for name in names) for one, names in model.feedthrough.items()}
    # References and places in the list of FMI 2 are the same numbers.
    if version == "2":
        of_steps, at_start = Xml.SubElement(structure, "Outputs"), Xml.SubElement(structure, "InitialUnknowns")
        for one in outputs:
            at = {"index": str(one.reference)}
            Xml.SubElement(of_steps, "Unknown", at | {"dependencies": through.get(one.variable.name, "")})
            Xml.SubElement(at_start, "Unknown", at | {"dependencies": given})
        return
    for one in outputs:
        at = {"valueReference": str(one.reference)}
        Xml.SubElement(structure, "Output", at | {"dependencies": through.get(one.variable.name, "")})
    for one in outputs:
        Xml.SubElement(structure, "InitialUnknown", {"valueReference": str(one.reference), "dependencies": given})
