"""Which requirements cannot be met together: all minimal conflicting sets and all minimal corrections of a table of designs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

__all__ = ["Conflicts", "conflicts_of", "correction_sets", "one_conflict"]

MOST_STEPS = 300_000
"""Partial sets that an enumeration looks at, each counted once more for every `HEAVY` corrections: some seconds.

A count, not a time, so that the answer is the same everywhere.
"""
HEAVY = 1000
WORD = 64

Set = tuple[str, ...]
Met = npt.NDArray[np.bool_]
"""Which design meets which requirement: shape (designs, requirements), bool."""


@final
@dataclass(frozen=True)
class Conflicts:
    """Minimal conflicting sets, fewest requirements first, then by name.

    `left` counts those that were found and are not listed. `whole_to` is how many requirements a set may have for every such set
    to be among those found; none where all were found.
    """

    sets: tuple[Set, ...]
    left: int = 0
    whole_to: int | None = None


def correction_sets(met: Met, names: Sequence[str]) -> tuple[Set, ...]:
    """All minimal sets of requirements without which some design meets the rest, fewest first: met (designs, requirements).

    They are the complements of the maximal sets that a design meets. One that meets all makes the empty set the only one; with
    no design there is none.
    """
    sorted_met, sorted_names = _sorted(met, names)
    return _named(_least(~sorted_met), sorted_names)


def conflicts_of(met: Met, names: Sequence[str], *, most: int = 1000, most_steps: int = MOST_STEPS) -> Conflicts:
    """All minimal sets of requirements that no design meets together: met (designs, requirements).

    They are the minimal hitting sets of the correction sets (Reiter, Artif. Intell. 32, 1987, 57), enumerated by MMCS (Murakami,
    Uno, Discrete Appl. Math. 170, 2014, 83) with an ever wider bound on their size, so that the smallest come first. With no
    design the empty set is one. The order of designs and requirements has no influence.
    """
    sorted_met, sorted_names = _sorted(met, names)
    found, whole_to = _smallest_hitting_sets(_least(~sorted_met), most_steps)
    if not found and whole_to is not None:
        # Every conflict is larger than what could be enumerated; one is found quickly all the same.
        found = [_mask(sorted_names.index(one) for one in one_conflict(sorted_met, sorted_names))]
    named = _named(found, sorted_names)
    return Conflicts(named[:most], max(len(named) - most, 0), whole_to)


def one_conflict(met: Met, names: Sequence[str]) -> Set:
    """One minimal conflicting set, empty where some design meets all: QuickXplain (Junker, AAAI 2004, 167).

    It asks some 2 k log2(n / k) times whether a set of requirements is met together: for a conflict of k among n.
    """
    columns = {name: np.asarray(met, dtype=np.bool_)[:, at] for at, name in enumerate(names)}

    def explain(kept: Met, changed: bool, rest: Sequence[str]) -> list[str]:
        if changed and not kept.any():
            return []
        if len(rest) == 1:
            return list(rest)
        first, second = rest[: len(rest) // 2], rest[len(rest) // 2 :]
        of_second = explain(_together(kept, columns, first), True, second)
        of_first = explain(_together(kept, columns, of_second), bool(of_second), first)
        return of_first + of_second

    everything = np.ones(len(met), dtype=np.bool_)
    if not columns or _together(everything, columns, names).any():
        return ()
    return tuple(sorted(explain(everything, False, sorted(names))))


def _sorted(met: Met, names: Sequence[str]) -> tuple[Met, list[str]]:
    """The table with its requirements by name."""
    order = sorted(range(len(names)), key=lambda at: names[at])
    return np.asarray(met, dtype=np.bool_)[:, order], [names[at] for at in order]


def _together(kept: Met, columns: dict[str, Met], names: Iterable[str]) -> Met:
    """Which of these designs meet also those requirements."""
    for name in names:
        kept = kept & columns[name]
    return kept


def _least(rows: Met) -> list[int]:
    """The rows as bit masks of which none holds another, fewest bits first."""
    width = max(-(-rows.shape[1] // WORD), 1) * WORD
    padded = np.zeros((len(rows), width), dtype=np.bool_)
    padded[:, : rows.shape[1]] = rows
    words = np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
    rest = np.unique(words, axis=0)
    rest = rest[np.argsort(np.bitwise_count(rest).sum(axis=1), kind="stable")]
    least: list[int] = []
    while len(rest):
        smallest = rest[0]
        least.append(sum(int(word) << (WORD * at) for at, word in enumerate(smallest)))
        rest = rest[((rest & smallest) != smallest).any(axis=1)]
    return sorted(least, key=lambda mask: (mask.bit_count(), mask))


def _smallest_hitting_sets(edges: Sequence[int], most_steps: int) -> tuple[list[int], int | None]:
    """Minimal hitting sets, and up to which size all were found; none where that is every one."""
    found: list[int] = []
    used = 0
    for size in range(max((edge.bit_length() for edge in edges), default=0) + 1):
        search = _Search(edges, size, most_steps - used)
        try:
            every = list(search.below(0, {}, (1 << len(edges)) - 1, ~0))
        except _TooMany:
            return found, size - 1
        found, used = every, used + search.steps
        if not search.cut:
            break
    return found, None


@final
class _TooMany(Exception):
    """More partial sets than may be looked at."""


@final
class _Search:
    """MMCS: minimal hitting sets of at most so many members; edges, and for each member which edges hold it, are bit masks."""

    def __init__(self, edges: Sequence[int], size: int, most_steps: int) -> None:
        """Edges with the fewest members first: the first that is not yet hit has the fewest branches."""
        self.edges, self.size, self.most_steps = edges, size, most_steps
        self.steps, self.cut = 0, False
        self.weight = 1 + len(edges) // HEAVY
        self.holding: dict[int, int] = {}
        for at, edge in enumerate(edges):
            for member in _members(edge):
                self.holding[member] = self.holding.get(member, 0) | 1 << at

    def below(self, chosen: int, critical: dict[int, int], missed: int, candidates: int) -> Iterator[int]:
        """Every minimal hitting set that holds `chosen` and further members among the candidates.

        `critical` are for each chosen member the edges that it alone hits; without one it would be superfluous.
        """
        if not missed:
            yield chosen
            return
        if len(critical) == self.size:
            self.cut = True
            return
        branches = self.edges[(missed & -missed).bit_length() - 1] & candidates
        candidates &= ~branches
        for member in _members(branches):
            self.steps += self.weight
            if self.steps > self.most_steps:
                raise _TooMany
            hit = self.holding[member]
            still = {one: left for one, held in critical.items() if (left := held & ~hit)}
            if len(still) == len(critical):
                still[member] = missed & hit
                yield from self.below(chosen | 1 << member, still, missed & ~hit, candidates)
                candidates |= 1 << member


def _members(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _mask(members: Iterable[int]) -> int:
    return sum(1 << one for one in members)


def _named(masks: Iterable[int], names: Sequence[str]) -> tuple[Set, ...]:
    named = (tuple(names[one] for one in _members(mask)) for mask in masks)
    return tuple(sorted(named, key=lambda one: (len(one), one)))
