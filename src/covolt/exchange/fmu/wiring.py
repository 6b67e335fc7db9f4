"""What crosses at every step: vectors of float64 to and from the typed buffers of an FMU, which are made once and used again."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, final

import numpy as np

from covolt.errors import InputError, NotFound, Problem, kind_of
from covolt.exchange.fmu.calls import AbstractInstance, address, references_of
from covolt.exchange.fmu.documents import FmuVariable
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["Gate", "Port", "Track", "gates", "ports"]

_ELEMENT = re.compile(r"(?P<name>.*)\[(?P<at>\d{1,9}(\s*,\s*\d{1,9})*)\]")
_TOO_WIDE = ("Int64", "UInt64")
"""Whole numbers that a float64 may not hold."""


@final
@dataclass(frozen=True)
class Port:
    """One number that crosses: a variable, or an element of an array."""

    name: str
    variable: FmuVariable
    element: tuple[int, ...] = ()
    """From 1, of each dimension."""

    def place(self, shape: tuple[int, ...]) -> int | None:
        """Where in the flat array it lies; None where there is no such element."""
        if not self.element:
            return 0 if math.prod(shape) == 1 else None
        if len(self.element) != len(shape) or any(
            not 1 <= at <= size for at, size in zip(self.element, shape, strict=True)
        ):
            return None
        return int(np.ravel_multi_index([at - 1 for at in self.element], shape))


def ports(names: Sequence[str], known: Mapping[str, FmuVariable], causality: str, where: str) -> list[Port]:
    """Ports by their names: "speed", "forces[2,1]".

    Raises:
        InputError: with every name that does not exist, is of another causality, or is no number.
    """
    found: list[Port] = []
    problems: list[Problem] = []
    kinds: set[type[InputError]] = set()
    for name in names:
        match = _ELEMENT.fullmatch(name)
        variable = known.get(name) or (known.get(match["name"]) if match else None)
        element = () if name in known or not match else tuple(int(one) for one in match["at"].split(","))
        if variable is None:
            problems.append(
                Problem(
                    text("there is no variable '{name}'", name=name),
                    where,
                    named(name, known, "covolt fmu inspect FILE"),
                )
            )
            kinds.add(NotFound)
            continue
        why = _unfit(variable, causality, wired_flag=True)
        if why is not None:
            problems.append(Problem(text("'{name}' {why}", name=name, why=why), where, text("wire another variable")))
            kinds.add(InputError)
        found.append(Port(name, variable, element))
    if problems:
        raise kind_of(kinds)(problems)
    return found


def _unfit(variable: FmuVariable, causality: str, *, wired_flag: bool) -> Phrase | None:
    stated = variable.variable.causality
    if causality == "input" and stated != "input":
        return text("is no input but {causality}", causality=stated)
    if causality == "output" and stated in {"independent"}:
        return text("is the time itself")
    if variable.type in _TOO_WIDE and wired_flag:
        return text("is a whole number of 64 bits, which a real cannot hold: ask for it by its name")
    if variable.variable.kind in {"string", "binary", "clock"}:
        return text("is no number")
    return None


@final
class Gate:
    """Ports of one type: one call of the FMU takes or gives them all."""

    def __init__(
        self, instance: AbstractInstance, type_name: str, ports: list[tuple[int, Port, tuple[int, ...]]]
    ) -> None:
        of_type = instance.types[type_name]
        offsets: dict[int, int] = {}
        total = 0
        for _, port, shape in ports:
            if port.variable.reference not in offsets:
                offsets[port.variable.reference] = total
                total += math.prod(shape)
        self.buffer = np.zeros(total, dtype=of_type.dtype)
        self.whole_flag = (
            bool(np.issubdtype(of_type.dtype, np.integer)) and ports[0][1].variable.variable.kind != "boolean"
        )
        self.continuous_flag = ports[0][1].variable.variable.variability == "continuous"
        self.boolean_flag = ports[0][1].variable.variable.kind == "boolean"
        self.names = [port.name for _, port, _ in ports]
        places = np.array([place for place, _, _ in ports])
        positions = np.array([offsets[port.variable.reference] + (port.place(shape) or 0) for _, port, shape in ports])
        self.places, self.positions = _plain(places), _plain(positions)
        self._references = references_of(list(offsets))
        more = (total,) if instance.model.major == 3 else ()
        self._arguments = (self._references, len(offsets), address(self.buffer), *more)
        self._getter: Any = of_type.getter
        self._setter: Any = of_type.setter
        self._instance = instance
        self._get_call = f"fmi{instance.model.major}Get{type_name} ({', '.join(self.names[:3])})"
        self._set_call = f"fmi{instance.model.major}Set{type_name} ({', '.join(self.names[:3])})"

    def fill(self) -> None:
        """Take values as they are, so that elements which nobody wires stay as they are."""
        status = self._getter(self._instance.handle, *self._arguments)
        self._instance.judge(status, self._get_call)

    def take(self, outputs: np.ndarray) -> None:
        """Values of the ports, into their places of outputs, shape (m,), float64."""
        status = self._getter(self._instance.handle, *self._arguments)
        if status > 1:
            self._instance.judge(status, self._get_call)
        outputs[self.places] = self.buffer[self.positions]

    def give(self, inputs: np.ndarray) -> None:
        """Hand values of inputs, shape (k,), float64, to the ports."""
        status = self.put(inputs)
        if status > 1:
            self._instance.judge(status, self._set_call)

    def put(self, inputs: np.ndarray) -> int:
        """The same, and the status of the call, for whoever judges it later."""
        given = inputs[self.places]
        if self.boolean_flag:
            given = given != 0.0
        elif self.whole_flag:
            self._demand_whole(given)
        self.buffer[self.positions] = given
        return int(self._setter(self._instance.handle, *self._arguments))

    def _demand_whole(self, values: np.ndarray) -> None:
        limits = np.iinfo(cast(Any, self.buffer.dtype))
        wrong = (values != np.rint(values)) | (values < limits.min) | (values > limits.max)
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            what = text(
                "{value:g} is given to '{name}', which takes whole numbers",
                value=float(values[at]),
                name=self.names[at],
            )
            raise self._instance.failure(self._set_call, what, text("round it where it is wired"))


@final
@dataclass(frozen=True)
class Track:
    """The path that inputs, shape (k,), float64, take over a step: straight from its begin to its end, where they may jump."""

    begin_s: float
    step_s: float
    begin: np.ndarray
    end: np.ndarray
    after: np.ndarray
    """From the end on."""

    @staticmethod
    def of(row: np.ndarray, count: int, time_s: float, step_s: float) -> Track | None:
        """Of a row of a window, shape (3 k,); None of one that says values which hold, shape (k,)."""
        if not count or len(row) != 3 * count:
            return None
        return Track(time_s, step_s, row[:count], row[count : 2 * count], row[2 * count :])

    @property
    def slope(self) -> np.ndarray:
        """Shape (k,), per second."""
        return (self.end - self.begin) / self.step_s if self.step_s > 0.0 else np.zeros_like(self.begin)

    def at(self, time_s: float) -> np.ndarray:
        """Values at a time of the step, before any jump at its end."""
        share = (time_s - self.begin_s) / self.step_s if self.step_s > 0.0 else 1.0
        return self.end if share >= 1.0 else self.begin + max(share, 0.0) * (self.end - self.begin)


def _plain(values: np.ndarray) -> Any:
    """Consecutive values as a slice, which costs nothing."""
    first, count = int(values[0]), len(values)
    return slice(first, first + count) if np.array_equal(values, np.arange(first, first + count)) else values


def gates(
    instance: AbstractInstance, wired: Sequence[Port], shapes: Mapping[int, tuple[int, ...]], where: str
) -> list[Gate]:
    """Gates of ports, a type each; those that may change at any time apart from those that change at events.

    Raises:
        InputError: with every element that does not exist.
    """
    grouped: dict[tuple[str, str], list[tuple[int, Port, tuple[int, ...]]]] = {}
    problems: list[Problem] = []
    for place, port in enumerate(wired):
        shape = shapes.get(port.variable.reference, ())
        if port.place(shape) is None:
            size = " x ".join(str(one) for one in shape) or "1"
            what = text("there is no element '{name}': its size is {size}", name=port.name, size=size)
            problems.append(
                Problem(what, where, text("name an element, from 1, or set the structural parameter of its size"))
            )
            continue
        group = (port.variable.type, str(port.variable.variable.variability == "continuous"))
        grouped.setdefault(group, []).append((place, port, shape))
    if problems:
        raise InputError(problems)
    return [Gate(instance, type_name, group) for (type_name, _), group in grouped.items()]
