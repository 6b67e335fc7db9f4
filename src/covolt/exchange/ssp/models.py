"""What the components of an SSP say of themselves: FMUs by their descriptions, of the implementation that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import final

import numpy as np

from covolt.errors import CovoltError, InputError, Problem
from covolt.exchange.component import Description, Value, Variable
from covolt.exchange.fmu import ModelDescription, read_fmu
from covolt.exchange.fmu.documents import Form
from covolt.exchange.ssp.graph import Path, label_of
from covolt.exchange.ssp.reading import FMU
from covolt.exchange.ssp.structure import ComponentElement, Enumeration
from covolt.words import text

__all__ = ["Models"]

_FORMS: Mapping[str, Form] = MappingProxyType({"CoSimulation": "co-simulation", "ModelExchange": "model exchange"})


@final
class Models:
    """Reads descriptions of components, each file once; called with a component it gives its description.

    Args:
        supplied: descriptions of components that are no FMUs, such as hosted ones, by their names in the whole system.
    """

    def __init__(self, supplied: Mapping[str, Description] | None = None) -> None:
        self._supplied = supplied or {}
        self._read: dict[FilePath, ModelDescription] = {}
        self._models: dict[Path, ModelDescription] = {}
        self._items: dict[Path, Mapping[str, Enumeration]] = {}
        self.forms: dict[Path, Form] = {}
        """In which form each FMU is run."""

    def resized(self, path: Path, description: Description, parameters: Mapping[str, Value]) -> Description:
        """The description of a component with the sizes that structural parameters give its arrays."""
        model = self._models.get(path)
        if model is None:
            return description
        sizes = {one.reference: parameters[one.name] for one in model.variables if one.name in parameters}
        shapes = {
            one.name: tuple(
                _size(sizes.get(size.parameter_reference or -1), size.size_count) for size in one.dimensions
            )
            for one in model.variables
            if one.dimensions
        }
        variables = tuple(_reshaped(one, shapes.get(one.name, one.shape)) for one in description.variables)
        return replace(description, variables=variables)

    def items(self, path: Path) -> Mapping[str, Enumeration]:
        """Items of the enumerations of a component that was described, by variable."""
        return self._items.get(path, {})

    def __call__(self, path: Path, element: ComponentElement) -> Description | None:
        """What a component says of itself; None where the documents alone speak for it.

        Raises:
            InputError: its file is no FMU that can be run, or has not the implementation that is asked for.
        """
        if element.media != FMU or element.path is None:
            return self._supplied.get(label_of(path))
        if element.path not in self._read:
            try:
                self._read[element.path] = read_fmu(element.path)
            except CovoltError as error:
                raise type(error)([_placed(one, element) for one in error.problems]) from error
        model = self._read[element.path]
        wanted = _FORMS.get(element.implementation)
        offered = model.forms
        chosen: Form | None = next((one for one in offered if wanted in {None, one}), None)
        if chosen is None or element.implementation == "ScheduledExecution":
            raise InputError(_not_offered(element, tuple(model.interfaces)))
        self.forms[path] = chosen
        self._models[path] = model
        self._items[path] = {one.name: Enumeration(one.name, one.items) for one in model.variables if one.items}
        described = model.described(chosen)
        # A start value of what the model computes is told, and cannot be set.
        computed = {one.name for one in model.variables if one.initial not in {"exact", "approx"}}
        variables = tuple(
            replace(one, start=None) if one.causality in {"output", "local"} and one.name in computed else one
            for one in described.variables
        )
        return replace(described, variables=variables)


def _size(given: Value | None, otherwise: int) -> int:
    return int(given) if isinstance(given, int) and given >= 1 else otherwise


def _reshaped(variable: Variable, shape: tuple[int, ...]) -> Variable:
    """A variable of another size; start values of the old one are none of the new."""
    if shape == variable.shape:
        return variable
    start = variable.start if not isinstance(variable.start, np.ndarray) else None
    return replace(variable, shape=shape, start=start)


def _placed(problem: Problem, element: ComponentElement) -> Problem:
    """A problem of a component's file by its place in the package, where it was unpacked to a place that nobody knows."""
    where = problem.where.replace(str(element.path), element.source or "")
    return replace(problem, where=f"{element.place}, {where}")


def _not_offered(element: ComponentElement, offered: tuple[str, ...]) -> Problem:
    if element.implementation == "ScheduledExecution" or not set(offered) & set(_FORMS.values()):
        what = text("'{component}' is only to be run by scheduled execution", component=element.name)
        return Problem(what, element.place, text("give an FMU for co-simulation or model exchange"))
    what = text(
        "'{component}' asks for {wanted}, and its FMU offers {offered}",
        component=element.name,
        wanted=element.implementation,
        offered=", ".join(offered),
    )
    return Problem(what, element.place, text("change implementation, or take an FMU that has it"))
