"""Parts as their leaves and the tree that joins them again, remembered as long as a part lives.

A part cannot change, so it is flattened once. One that holds what could be written to (a list, a NumPy array that is not locked)
is flattened every time.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any, NamedTuple

import equinox as eqx
import jax
import numpy as np

from covolt.simulation.kept import MOST_STRUCTURES
from covolt.simulation.origin import contents_of

__all__ = ["Flat", "flattened"]


class Flat(NamedTuple):
    """Leaves of a part, the tree that joins them again, and whether something of it can be written to."""

    leaves: list[Any]
    tree: Any
    can_change: bool


_remembered: dict[int, tuple[weakref.ref[Any], Flat]] = {}


def flattened(part: Any) -> Flat:
    """A part, or anything else that is a tree of numbers, flattened."""
    number = id(part)
    known = _remembered.get(number)
    # Another part may have come to live at the same address.
    if known is not None and known[0]() is part:
        return known[1]
    leaves, tree = jax.tree.flatten(part)
    found = Flat(leaves, tree, _holds_lists(tree) or any(map(_is_open, leaves)))
    if isinstance(part, eqx.Module) and not found.can_change:
        _remembered[number] = (weakref.ref(part, lambda _: _remembered.pop(number, None)), found)
    return found


def _is_open(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray) and (leaf.flags.writeable or not leaf.flags.owndata)


@functools.lru_cache(maxsize=MOST_STRUCTURES)
def _holds_lists(tree: Any) -> bool:
    return any(isinstance(one, type) and issubclass(one, list | dict) for one in contents_of(tree))
