"""What the components of an SSP say of themselves: FMUs by their descriptions, of the implementation that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import final

from covolt.errors import CovoltError, InputError, Problem
from covolt.exchange.component import Description
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
        self._items: dict[Path, Mapping[str, Enumeration]] = {}
        self.forms: dict[Path, Form] = {}
        """In which form each FMU is run."""

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
        self._items[path] = {one.name: Enumeration(one.name, one.items) for one in model.variables if one.items}
        return model.described(chosen)


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
