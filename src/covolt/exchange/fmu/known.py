"""Variables of an FMU by name, with their sizes as they are now, and what may be set of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, final

import numpy as np

from covolt.errors import InputError, NotFound, Problem, kind_of
from covolt.exchange.component import Value
from covolt.exchange.fmu.documents import FmuVariable, ModelDescription
from covolt.exchange.fmu.values import judged
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["Known"]


@final
class Known:
    """What is known of the variables of one component."""

    def __init__(self, model: ModelDescription, called: str = "") -> None:
        self._model = model
        self._called = called or model.name
        self.by_name = {one.name: one for one in model.variables}
        self.shapes: dict[int, tuple[int, ...]] = {}
        """By value reference."""
        self.as_described()

    def as_described(self) -> None:
        """Sizes as the description has them."""
        self.shapes = {one.reference: one.variable.shape for one in self._model.variables}

    def resize(self, sizes: Mapping[str, int]) -> None:
        """Sizes as structural parameters make them."""
        self.shapes = self._sized(sizes)

    def is_structural(self, name: str) -> bool:
        """Whether a variable is a structural parameter."""
        return self.by_name[name].variable.causality == "structural parameter"

    def at(self, name: str) -> str:
        """Where a person finds a variable."""
        return f"{self._called}, {name}"

    def unknown(self, name: str) -> Problem:
        """What is told of a name that is none."""
        what = text("there is no variable '{name}'", name=name)
        return Problem(what, self._called, named(name, self.by_name, "covolt fmu inspect FILE"))

    def settable(self, values: Mapping[str, Value]) -> dict[str, np.ndarray]:
        """Values as flat arrays by name.

        Raises:
            InputError: with every problem of them.
        """
        problems: list[Problem] = []
        kinds: set[type[InputError]] = set()
        found: dict[str, np.ndarray] = {}
        shapes = self._sized(values)
        for name, value in values.items():
            variable = self.by_name.get(name)
            if variable is None:
                problems.append(self.unknown(name))
                kinds.add(NotFound)
                continue
            why = _fixed(variable)
            if why is not None:
                problems.append(Problem(why, self.at(name), text("set its parameters and inputs")))
                kinds.add(InputError)
                continue
            flat = judged(variable, shapes[variable.reference], value, self.at(name))
            if isinstance(flat, Problem):
                problems.append(flat)
                kinds.add(InputError)
            else:
                found[name] = flat
        if problems:
            raise kind_of(kinds)(problems)
        return found

    def _sized(self, values: Mapping[str, Value]) -> dict[int, tuple[int, ...]]:
        """Shapes by value reference, as structural parameters among values make them."""
        sizes = {
            self.by_name[name].reference: int(cast(int, value))
            for name, value in values.items()
            if name in self.by_name and self.is_structural(name) and isinstance(value, int | float | np.integer)
        }
        shapes = dict(self.shapes)
        for one in self._model.variables if sizes else ():
            if one.dimensions:
                shapes[one.reference] = tuple(
                    size if dimension.parameter_reference is None else sizes.get(dimension.parameter_reference, size)
                    for dimension, size in zip(one.dimensions, one.variable.shape, strict=True)
                )
        return shapes


def _fixed(variable: FmuVariable) -> Phrase | None:
    """Why a variable cannot be set, if it cannot."""
    stated = variable.variable
    if stated.variability == "constant":
        return text("it is constant")
    if stated.causality in {"parameter", "structural parameter", "input"} or variable.initial in {"exact", "approx"}:
        return None
    return text("it is computed by the model ({causality})", causality=stated.causality)
