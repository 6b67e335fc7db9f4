"""The numbers of a component that can cross at a step: its scalars and the elements of its arrays, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import final

import numpy as np

from covolt.exchange.component import Causality, Description, Value, Variable
from covolt.exchange.master.loops import array_of

__all__ = ["CROSSING", "Scalars", "elements", "starts_of"]

CROSSING = ("real", "integer", "boolean", "enumeration")
"""Kinds of which a float64 holds every value that is met, or the component refuses it."""


def elements(variable: Variable) -> tuple[str, ...]:
    """Names of the elements of a variable in row-major order, counted from one; of a scalar its own."""
    if not variable.shape:
        return (variable.name,)
    counted = product(*(range(1, size + 1) for size in variable.shape))
    return tuple(f"{variable.name}[{','.join(str(one) for one in place)}]" for place in counted)


def starts_of(variable: Variable) -> dict[str, float | None]:
    """The value that each element of a variable has before anybody sets it; None where the component states none."""
    names = elements(variable)
    value: Value | None = variable.start
    if value is None or isinstance(value, str | bytes):
        return dict.fromkeys(names)
    values = np.asarray(value, dtype=np.float64).reshape(-1)
    spread = values if values.size == len(names) else np.full(len(names), values[0])
    return dict(zip(names, spread.tolist(), strict=True))


@final
@dataclass(frozen=True)
class Scalars:
    """What a component describes, found by the names of its scalars and elements."""

    description: Description

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Variables by their own names."""
        return {one.name: one for one in self.description.variables}

    def variable(self, name: str) -> Variable | None:
        """The variable of a scalar, of an array, or of an element that lies within its array."""
        found = self.variables.get(name)
        if found is not None:
            return found
        array = self.variables.get(array_of(name))
        return array if array is not None and array.shape and name in self._elements(array.name) else None

    def expanded(self, name: str) -> tuple[str, ...]:
        """The scalars that a name means: all elements of a whole array, else itself."""
        found = self.variables.get(name)
        return elements(found) if found is not None else (name,)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape that a name means: of an element and of a scalar none."""
        found = self.variables.get(name)
        return found.shape if found is not None else ()

    def crossing(self, causality: Causality) -> tuple[Variable, ...]:
        """All variables of a causality that can cross, in the order of the description."""
        return tuple(one for one in self.description.of(causality) if one.kind in CROSSING and not one.wide)

    def _elements(self, array: str) -> frozenset[str]:
        return self._all_elements.setdefault(array, frozenset(elements(self.variables[array])))

    @cached_property
    def _all_elements(self) -> dict[str, frozenset[str]]:
        return {}
