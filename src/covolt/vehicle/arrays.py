"""Arrays that cross a door: refused by name where shape, kind or numbers are not what is stated there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from covolt.errors import Problem

__all__ = ["FloatArray", "array_problems", "read_only"]

FloatArray = NDArray[np.float64]


def array_problems(
    values: object, name: str, shape: Sequence[int | str], where: str, *, finite: bool = True
) -> list[Problem]:
    """What keeps `values` from being numbers of a shape, such as `("n",)` or `("p", 3)`; a letter stands for any length.

    With `finite`, the first value that is not a number is told by its place.
    """
    wanted = f"shape ({', '.join(map(str, shape))}{',' * (len(shape) == 1)}), float64"
    try:
        found = np.asarray(values)
    except ValueError:  # rows of unequal length
        return [Problem(f"{name} is no array, expected {wanted}", where, "give rows of equal length")]
    given = f"{name} has shape {found.shape}, {found.dtype}; expected {wanted}"
    if found.dtype.kind not in "fiu":
        return [Problem(given, where, "give real numbers")]
    fits = found.ndim == len(shape) and all(
        length == size for length, size in zip(found.shape, shape, strict=True) if isinstance(size, int)
    )
    if not fits:
        return [Problem(given, where, "give it in the shape that is expected")]
    if finite and not np.isfinite(found).all():
        place = np.unravel_index(int(np.argmin(np.isfinite(found))), found.shape)
        at = ", ".join(map(str, map(int, place)))
        what = f"{name}[{at}] is not a finite number, one of {int(np.sum(~np.isfinite(found)))} such"
        return [Problem(what, where, "fill or cut the gap")]
    return []


def read_only(values: object) -> FloatArray:
    """A copy that nobody writes to."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
