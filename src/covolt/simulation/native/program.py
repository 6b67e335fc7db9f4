"""A drive as a flat list of scalar operations: equal ones shared, those of constants done at once.

What the vehicle and the setting alone decide is told apart from what changes in every step, so that it is computed once a drive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

Kind = Literal["real", "truth", "whole", "natural", "long"]
"""Of a value: float64, bool, int32, uint32, int64. Naturals count in tables; long ones are constants that become others."""
TYPES: dict[Kind, Any] = {
    "real": np.float64,
    "truth": np.bool_,
    "whole": np.int32,
    "natural": np.uint32,
    "long": np.int64,
}
FIXED = ("parameter", "setting", "table")
"""Leaves that keep their value over a drive; the others (state, column, index) change with the step."""


class Operation(NamedTuple):
    """One scalar operation on the results of earlier ones; leaves have a value (constant, or their place) instead."""

    name: str
    arguments: tuple[int, ...]
    kind: Kind
    value: float = 0.0


class Program(NamedTuple):
    """What a drive computes.

    `start` and `after` are the operations whose results are the carried values before the first and after each step; `moving`
    says of each operation whether it must be repeated in every step. A carried value k is read as the leaf `state` k.
    """

    operations: tuple[Operation, ...]
    moving: tuple[bool, ...]
    start: tuple[int, ...]
    after: tuple[int, ...]

    def repeated(self) -> dict[str, int]:
        """Count of each operation that a step repeats."""
        counts: dict[str, int] = {}
        for operation, moving in zip(self.operations, self.moving, strict=True):
            if moving and operation.arguments:
                counts[operation.name] = counts.get(operation.name, 0) + 1
        return counts


COMPARISONS = {"gt", "lt", "ge", "le", "eq", "ne"}
COMMUTATIVE = {"add", "mul", "and", "or", "eq", "ne"}
NUMBERS = {"add", "sub", "mul", "max", "min"}
LANGUAGE: dict[Kind, set[str]] = {
    "real": {*COMPARISONS, *NUMBERS, *("div", "neg", "abs", "exp", "log", "sqrt", "floor", "ceil", "sign")},
    "whole": {*COMPARISONS, *NUMBERS, "div"},
    "natural": {"add", "sub", "mul", "min", "div"},
    "truth": {"and", "or", "not", "ne"},
    "long": set(),
}
"""What may be done with values of each kind, beside choosing and turning them into another kind. Wholes and naturals are divided
by a constant only, which is neither 0 nor -1."""
FOLDED: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
    "neg": np.negative,
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "gt": np.greater,
    "lt": np.less,
    "ge": np.greater_equal,
    "le": np.less_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
}
NEVER_NEGATIVE = {"abs", "exp", "sqrt"}
"""Operations whose result is not negative, whatever they are done with (but may not be a number)."""
NEVER_NEGATIVE_OF_SUCH = {"add", "mul", "div", "min", "floor", "ceil"}


class Builder:
    """Collects operations: equal ones once, those of constants at once."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.moving: list[bool] = []
        self.never_negative: list[bool] = []
        """Of each operation: whether its result is known to be zero, above, or not a number."""
        self._known: dict[Operation, int] = {}

    def leaf(self, name: str, place: int) -> int:
        """A value that comes from outside."""
        return self._add(Operation(name, (), "real", float(place)))

    def constant(self, value: float, kind: Kind = "real") -> int:
        """A number that is the same in every drive."""
        return self._add(Operation("constant", (), kind, float(value)))

    def is_constant(self, index: int, value: float | None = None) -> bool:
        """Whether an operation is a constant, and this one."""
        operation = self.operations[index]
        return operation.name == "constant" and (value is None or operation.value == value)

    def add(self, name: str, arguments: Sequence[int], kind: Kind = "real") -> int:
        """The result of an operation, simplified where that is exact.

        Raises:
            NotImplementedError: for an operation that is not in the language.
        """
        of = self.operations[arguments[-1]].kind
        if name not in LANGUAGE[of] and name not in ("select", "read", "real", "whole", "natural"):
            raise NotImplementedError(f"{name} of a {of} number")
        if name == "div" and of != "real" and not self._may_divide(arguments[1]):
            raise NotImplementedError(f"div of a {of} number by what may be 0 or -1")
        if all(self.is_constant(argument) for argument in arguments):
            value = self._folded(name, [self.operations[argument] for argument in arguments])
            if value is not None:
                return self.constant(value, kind)
        simpler = self._simpler(name, arguments)
        if simpler is not None:
            return simpler
        if name in COMMUTATIVE:
            arguments = sorted(arguments)
        return self._add(Operation(name, tuple(arguments), kind))

    def _may_divide(self, index: int) -> bool:
        return self.is_constant(index) and not any(self.is_constant(index, wrong) for wrong in (0.0, -1.0))

    def _folded(self, name: str, given: Sequence[Operation]) -> float | None:
        """The result for constants, computed in their own type."""
        numbers = [TYPES[one.kind](one.value) for one in given]
        with np.errstate(all="ignore"):
            if name == "real" and given[0].kind == "whole":
                return float(numbers[0])
            if name == "div":
                if given[0].kind == "real":
                    return float(np.divide(*numbers))
                # Towards zero; Python's own division is exact for any whole numbers.
                size = abs(int(numbers[0])) // abs(int(numbers[1]))
                return float(size if (numbers[0] < 0) == (numbers[1] < 0) else -size)
            return float(FOLDED[name](*numbers)) if name in FOLDED else None

    def _simpler(self, name: str, arguments: Sequence[int]) -> int | None:
        first, last = arguments[0], arguments[-1]
        neutral = {"add": 0.0, "sub": 0.0, "mul": 1.0, "div": 1.0}.get(name)
        if neutral is not None and self.is_constant(last, neutral):
            return first
        if name in ("add", "mul") and self.is_constant(first, neutral):
            return last
        if name in ("max", "min", "and", "or") and first == last:
            return first
        if name == "select":
            if arguments[1] == arguments[2]:
                return arguments[1]
            if self.is_constant(first):
                return arguments[1] if self.operations[first].value else arguments[2]
        return None

    def _add(self, operation: Operation) -> int:
        # Python holds 0.0 and -0.0 for equal, and NaN for unequal to itself: neither may decide what is shared.
        key = operation._replace(value=repr(operation.value))  # pyright: ignore[reportArgumentType]
        known = self._known.get(key)
        if known is not None:
            return known
        self._known[key] = len(self.operations)
        moving = any(self.moving[argument] for argument in operation.arguments)
        if not operation.arguments:
            moving = operation.name not in ("constant", *FIXED)
        self.operations.append(operation)
        self.moving.append(moving)
        self.never_negative.append(self._is_never_negative(operation))
        return len(self.operations) - 1

    def _is_never_negative(self, operation: Operation) -> bool:
        name = operation.name
        if not operation.arguments:
            return name == "index" or (name == "constant" and operation.value >= 0.0)
        known = [self.never_negative[argument] for argument in operation.arguments]
        if name in NEVER_NEGATIVE or (name == "mul" and operation.arguments[0] == operation.arguments[1]):
            return True
        if name in NEVER_NEGATIVE_OF_SUCH:
            return all(known)
        return any(known) if name == "max" else name == "select" and all(known[1:])


def states_behind(whole: Program, results: Iterable[int], stop: Iterable[int] = ()) -> set[int]:
    """Carried values that later steps need for these results; what is behind those to stop at does not count."""
    found: set[int] = set()
    seen: set[int] = set(stop)
    stack = list(results)
    while stack:
        i = stack.pop()
        if i in seen:
            continue
        seen.add(i)
        operation = whole.operations[i]
        stack.extend(operation.arguments)
        # The value of a constant may be not-a-number: only that of a state is a place.
        if operation.name == "state":
            found.add(int(operation.value))
            stack.append(whole.after[int(operation.value)])
    return found
