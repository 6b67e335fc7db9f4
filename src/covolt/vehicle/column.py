"""A column: one number of many designs, with which parts are made as with a number, every design at once.

Makers of parts stay ordinary functions of numbers. With columns they make the parts of n designs in one go: arithmetic goes
element by element and rounds as that of single numbers does, so that each design is equal to the bit to the one made alone. A
branch asks a comparison for its truth; where designs of the column differ in it, `Split` says which take which side, and whoever
conducts has the parts of each side made by themselves. What would not be equal to the bit, or is not foreseen, is refused
(`NotInColumns`), and those designs are made one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "NotInColumns", "Split", "chosen", "each", "larger", "number", "smaller"]

_EXACT = frozenset(
    {
        np.add, np.subtract, np.multiply, np.true_divide, np.negative, np.absolute, np.sqrt, np.minimum, np.maximum,
        np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    }
)  # fmt: skip
"""Functions that give each element what they give it alone: IEEE 754 rounds them rightly. Powers and exponentials are not."""


Which = NDArray[np.bool_]


class Split(Exception):
    """Designs take different branches: `first` says which of them take the first, shape (n,)."""

    def __init__(self, first: Which) -> None:
        super().__init__()
        self.first = first


class NotInColumns(Exception):
    """Something cannot be computed for many designs at once."""


@final
class Column:
    """A number of n designs: `values` has the shape (n,); of a number that is itself an array, (..., n)."""

    __slots__ = ("values",)
    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the number of one design."""
        return self.values.shape[:-1]

    def __array_ufunc__(self, function: np.ufunc, method: str, *given: Any, **named: Any) -> Column:
        if function not in _EXACT or method != "__call__" or named:
            raise NotInColumns(f"{function.__name__}.{method}")
        return Column(function(*map(_values, given)))

    def __array_function__(self, function: Any, types: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Column:
        del types
        if function is np.interp and isinstance(given[0], Column) and given[0].shape == ():
            return Column(np.interp(given[0].values, *given[1:], **named))
        raise NotInColumns(str(function))

    def __bool__(self) -> bool:
        found = self.values != 0
        if found.ndim > 1:
            raise NotInColumns("the truth of an array")
        if found.all():
            return True
        if found.any():
            raise Split(found)
        return False

    def __add__(self, other: Any) -> Column:
        return Column(self.values + _values(other))

    def __sub__(self, other: Any) -> Column:
        return Column(self.values - _values(other))

    def __mul__(self, other: Any) -> Column:
        return Column(self.values * _values(other))

    def __truediv__(self, other: Any) -> Column:
        return Column(np.true_divide(self.values, _values(other)))

    def __radd__(self, other: Any) -> Column:
        return Column(_values(other) + self.values)

    def __rsub__(self, other: Any) -> Column:
        return Column(_values(other) - self.values)

    def __rmul__(self, other: Any) -> Column:
        return Column(_values(other) * self.values)

    def __rtruediv__(self, other: Any) -> Column:
        return Column(np.true_divide(_values(other), self.values))

    def __pow__(self, other: Any) -> Column:
        return each(pow, self, other)

    def __rpow__(self, other: Any) -> Column:
        return each(pow, other, self)

    def __neg__(self) -> Column:
        return Column(-self.values)

    def __abs__(self) -> Column:
        return Column(np.absolute(self.values))

    def __round__(self) -> Column:
        return Column(np.rint(self.values))

    def __lt__(self, other: Any) -> Column:
        return Column(self.values < _values(other))

    def __le__(self, other: Any) -> Column:
        return Column(self.values <= _values(other))

    def __gt__(self, other: Any) -> Column:
        return Column(self.values > _values(other))

    def __ge__(self, other: Any) -> Column:
        return Column(self.values >= _values(other))

    def __eq__(self, other: object) -> Column:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Column(self.values == _values(other))

    def __ne__(self, other: object) -> Column:  # pyright: ignore[reportIncompatibleMethodOverride]
        return Column(self.values != _values(other))

    def min(self) -> Column:
        """The least element of each design's array."""
        return Column(self.values.min(axis=tuple(range(self.values.ndim - 1))))

    def __float__(self) -> NoReturn:
        raise NotInColumns("float()")

    def __int__(self) -> NoReturn:
        raise NotInColumns("int()")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise NotInColumns("asarray()")

    def __format__(self, _: str) -> NoReturn:
        raise NotInColumns("format()")


def _values(one: Any) -> Any:
    """What stands for a number beside a column's values: an array that is the same for all designs gets an axis for them."""
    if isinstance(one, Column):
        return one.values
    if isinstance(one, float | int):
        return one
    own = np.asarray(one)
    if own.dtype.kind not in "fiub":
        raise NotInColumns(str(own.dtype))
    return own[..., None] if own.ndim else own[()]


def number(one: Any) -> Any:
    """A float of what is a single number in any form; a column as it is."""
    return one if isinstance(one, Column) else float(one)


def larger(first: Any, second: Any) -> Any:
    """As `max` of two numbers, design by design."""
    return chosen(second > first, second, first)


def smaller(first: Any, second: Any) -> Any:
    """As `min` of two numbers, design by design."""
    return chosen(second < first, second, first)


def chosen(condition: Any, yes: Any, no: Any) -> Any:
    """One of two numbers, design by design."""
    if not isinstance(condition, Column):
        return yes if condition else no
    return Column(np.where(condition.values, _values(yes), _values(no)))


def each(function: Callable[..., float], *given: Any) -> Any:
    """A function of floats, of each design by itself: for what is rounded otherwise for many numbers at once."""
    columns = [one for one in given if isinstance(one, Column)]
    if not columns:
        return function(*given)
    if any(one.shape for one in columns):
        raise NotInColumns("a function of an array")
    count = columns[0].values.shape[-1]
    rows = [one.values.tolist() if isinstance(one, Column) else [float(one)] * count for one in given]
    return Column(np.array([function(*row) for row in zip(*rows, strict=True)]))
