"""Parts as their leaves and the tree that joins them again, remembered as long as a part lives.

A part cannot change, so it is flattened once. One that holds what could be written to (a list, a NumPy array that is not locked)
is flattened every time.
"""

from __future__ import annotations

import functools
import math
import weakref
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import equinox as eqx
import jax
import numpy as np

from covolt.simulation.kept import MOST_STRUCTURES, Memory
from covolt.simulation.origin import contents_of

__all__ = ["Flat", "flattened"]


@final
@dataclass(frozen=True, eq=False)
class Kind:
    """What a part is but for its numbers, told apart by its identity: the tree, and the shapes of its leaves."""

    tree: Any
    shapes: tuple[tuple[int, ...], ...]

    def joined(self, numbers: Any) -> Any:
        """The part of these numbers, those of all leaves one behind the other."""
        leaves: list[Any] = []
        at = 0
        for shape in self.shapes:
            size = math.prod(shape)
            leaves.append(numbers[at] if shape == () else numbers[at : at + size].reshape(shape))
            at += size
        return jax.tree.unflatten(self.tree, leaves)


@final
class Flat:
    """Leaves of a part, the tree that joins them again, and whether something of it can be written to."""

    def __init__(self, leaves: list[Any], tree: Any) -> None:
        self.leaves = leaves
        self.tree = tree
        self.can_change = _holds_lists(tree) or any(map(_is_open, leaves))

    @cached_property
    def kind(self) -> Kind | None:
        """One object for all parts that differ in numbers alone; None where a leaf is not a number in 64 bits."""
        if not all(isinstance(one, float) or getattr(one, "dtype", None) == np.float64 for one in self.leaves):
            return None
        shapes = tuple(np.shape(one) for one in self.leaves)
        return _kinds.made((self.tree, shapes), lambda: Kind(self.tree, shapes))

    @cached_property
    def numbers(self) -> np.ndarray:
        """The numbers of all leaves, one behind the other, (n,)."""
        return np.concatenate([np.ravel(one) for one in self.leaves]) if self.leaves else np.zeros(0)


_kinds: Memory[tuple[Any, tuple[tuple[int, ...], ...]], Kind] = Memory(MOST_STRUCTURES)

_remembered: dict[int, tuple[weakref.ref[Any], Flat]] = {}


def flattened(part: Any) -> Flat:
    """A part, or anything else that is a tree of numbers, flattened."""
    number = id(part)
    known = _remembered.get(number)
    # Another part may have come to live at the same address.
    if known is not None and known[0]() is part:
        return known[1]
    leaves, tree = jax.tree.flatten(part)
    found = Flat(leaves, tree)
    if isinstance(part, eqx.Module) and not found.can_change:
        _remembered[number] = (weakref.ref(part, lambda _: _remembered.pop(number, None)), found)
    return found


def _is_open(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray) and (leaf.flags.writeable or not leaf.flags.owndata)


@functools.lru_cache(maxsize=MOST_STRUCTURES)
def _holds_lists(tree: Any) -> bool:
    return any(isinstance(one, type) and issubclass(one, list | dict) for one in contents_of(tree))
