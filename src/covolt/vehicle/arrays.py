"""Arrays that cross a door: refused by name where shape, kind or numbers are not what is stated there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from covolt.errors import Problem
from covolt.words import text

__all__ = ["FloatArray", "array_problems", "read_only"]

FloatArray = NDArray[np.float64]


def array_problems(
    values: object, name: str, shape: Sequence[int | str], where: str, *, finite: bool = True
) -> list[Problem]:
    """What keeps `values` from being numbers of a shape, such as `("n",)` or `("p", 3)`; a letter stands for any length.

    With `finite`, the first value that is not a number is told by its place.
    """
    # What nearly every profile is, found without a word.
    if isinstance(values, np.ndarray) and len(shape) == 1 and isinstance(shape[0], str):
        array = cast("NDArray[Any]", values)
        if array.ndim == 1 and array.dtype == np.float64 and np.isfinite(array).all():
            return []
    wanted = text("shape ({shape}{value}), float64", shape=", ".join(map(str, shape)), value="," * (len(shape) == 1))
    try:
        found = np.asarray(values)
    except ValueError:  # rows of unequal length
        return [
            Problem(
                text("{name} is no array, expected {wanted}", name=name, wanted=wanted),
                where,
                text("give rows of equal length"),
            )
        ]
    given = text(
        "{name} has shape {shape}, {dtype}; expected {wanted}",
        name=name,
        shape=str(found.shape),
        dtype=str(found.dtype),
        wanted=wanted,
    )
    if found.dtype.kind not in "fiu":
        return [Problem(given, where, text("give real numbers"))]
    fits = found.ndim == len(shape) and all(
        length == size for length, size in zip(found.shape, shape, strict=True) if isinstance(size, int)
    )
    if not fits:
        return [Problem(given, where, text("give it in the shape that is expected"))]
    if finite and not np.isfinite(found).all():
        place = np.unravel_index(int(np.argmin(np.isfinite(found))), found.shape)
        at = ", ".join(map(str, map(int, place)))
        what = text(
            "{name}[{at}] is not a finite number, one of {sum} such",
            name=name,
            at=at,
            sum=int(np.sum(~np.isfinite(found))),
        )
        return [Problem(what, where, text("fill or cut the gap"))]
    return []


def read_only(values: object) -> FloatArray:
    """A copy that nobody writes to."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
