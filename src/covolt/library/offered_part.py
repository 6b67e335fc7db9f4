"""A part whose own model comes with its datasheet: its ports and parameters, held against what the model says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Union, cast, final

import numpy as np

from covolt.contract.datasheet import Datasheet, Declared
from covolt.errors import InputError, Problem
from covolt.exchange.base_units import joins, of_covolt
from covolt.exchange.component import Component, Description, Value, Variable
from covolt.library.component_battery import ComponentBattery
from covolt.library.component_drive_unit import ComponentDriveUnit
from covolt.suggestion import named
from covolt.vehicle.foreign import HowRun
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.library.model_kind import ModelKind

__all__ = ["Offered", "described_problems", "offered_part", "unit_notices"]


Offered = Union[ComponentBattery, ComponentDriveUnit]


def offered_part(component: Component, sheet: Datasheet, kind: ModelKind, runs: HowRun) -> Offered:
    """The component as the battery or the drive unit of a vehicle, by `model.ports` and `model.parameters` of its datasheet.

    A parameter that covolt's own model reads as well goes to the component where that has one of this name.

    Raises:
        InputError: every port that nothing carries, every parameter that it does not have, every unit that does not join.
    """
    parameters, problems = _parameters(component.description, sheet, kind)
    try:
        make = ComponentBattery if kind.interface == "battery" else ComponentDriveUnit
        made = make(component, runs, sheet.model.ports, parameters)
    except InputError as error:
        where = f"{sheet.reference} (model.ports)"
        raise InputError([*problems, *(Problem(one.what, where, one.hint) for one in error.problems)]) from error
    problems += [
        Problem(
            text("the drive sets '{name}' itself, by the conditions of each procedure", name=name),
            f"{sheet.reference} (model.parameters.{name})",
            text("leave it out of model.parameters"),
        )
        for name in made.begun_by
        if name in parameters
    ]
    if problems:
        raise InputError(problems)
    return made


def described_problems(described: Description, sheet: Datasheet, kind: ModelKind) -> list[Problem]:
    """Why a model cannot stand in its slot by what it says of itself; nothing of it is run."""
    try:
        offered_part(cast("Component", _Described(described)), sheet, kind, "sandboxed")
    except InputError as error:
        return list(error.problems)
    return []


def unit_notices(described: Description, sheet: Datasheet, kind: ModelKind) -> list[Problem]:
    """What is to be told of the units of a model that can stand in its slot, by what it says of itself."""
    part = offered_part(cast("Component", _Described(described)), sheet, kind, "sandboxed")
    return [replace(one, where=f"{sheet.reference} (model.entry)") for one in part.notices]


@final
@dataclass(frozen=True)
class _Described:
    """As much of a component as is asked before it begins."""

    description: Description

    def wire(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Whatever it says that it has, it has."""
        del inputs, outputs


def _parameters(described: Description, sheet: Datasheet, kind: ModelKind) -> tuple[dict[str, Value], list[Problem]]:
    known = {one.name: one for one in described.of("parameter", "structural parameter")}
    found, problems = dict[str, Value](), list[Problem]()
    for name, declared in sheet.model.parameters.items():
        where = f"{sheet.reference} (model.parameters.{name})"
        if name not in known:
            if name not in kind.parameters:
                what = text("the model of {part} has no parameter '{name}'", part=sheet.reference, name=name)
                problems.append(Problem(what, where, named(name, known)))
            continue
        value = _value(declared, known[name])
        if isinstance(value, Phrase):
            hint = text("write it as the model takes it, in its unit and size")
            problems.append(Problem(value, where, hint))
        else:
            found[name] = value
    return found, problems


def _value(declared: Declared, variable: Variable) -> Value | Phrase:
    """A declared number as a variable takes it, or why it does not."""
    if variable.shape or variable.kind not in {"real", "integer", "boolean", "enumeration"}:
        return text("'{name}' is no single number", name=variable.name)
    conversion = joins(of_covolt(declared.si_unit), variable.unit)
    if isinstance(conversion, Phrase):
        return conversion
    number = float(conversion.of(np.asarray(declared.value_si)))
    if variable.kind == "real":
        return number
    if number != round(number) or (variable.kind == "boolean" and number not in {0.0, 1.0}):
        return text("'{name}' takes whole numbers, not {value:g}", name=variable.name, value=number)
    return bool(number) if variable.kind == "boolean" else int(number)
