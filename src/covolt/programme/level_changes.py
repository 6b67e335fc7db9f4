"""Changes at levels: what each sum over parties was and is, and whose statement, or whose joining, moved it by how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from covolt.programme.levels import Measured, below, below_level, leaves, stated, sums, uncertainties
from covolt.programme.party import LEVELS, Party

__all__ = ["AGREED", "Moved", "Row", "rows_between"]

AGREED = "programme"
"""Who moves a sum by what is agreed: who is in the programme, and part of whom."""
Parties = Mapping[str, Party]
Members = Callable[[Parties], frozenset[str]]


@dataclass(frozen=True)
class Moved:
    """A sum before and after, None where nobody states it, with u where a leaf states one, and by whom it moved."""

    before: Fraction | None
    after: Fraction | None
    uncertainty: tuple[float | None, float | None]
    by: Mapping[str, Fraction]

    @property
    def moves(self) -> bool:
        """Whether it is another number, or one is new or gone."""
        return self.before != self.after


@dataclass(frozen=True)
class Row:
    """The sums of a party with all below it, or of a level, which then has no name of a party."""

    party: str
    level: str
    measured: Measured
    moved: Moved


def rows_between(old: Parties, new: Parties) -> list[Row]:
    """Every sum of every level and party of either state: levels first, from the highest, then parties."""
    found: list[Row] = []
    for level in LEVELS:
        found += [
            Row("", level, key, one)
            for key, one in _moved(old, new, lambda parties, level=level: below_level(parties, level))
        ]
    for name in {**new, **old}:
        level = (new.get(name) or old[name]).level or ""
        found += [
            Row(name, level, key, one)
            for key, one in _moved(old, new, lambda parties, name=name: _below(parties, name))
        ]
    return found


def _below(parties: Parties, name: str) -> frozenset[str]:
    return below(parties, name) if name in parties else frozenset()


def _moved(old: Parties, new: Parties, members: Members) -> list[tuple[Measured, Moved]]:
    """How each sum over the leaves among some parties moved, and by whom.

    A sum over leaves is a sum of products, of what a leaf states and whether it is counted. What it states is its own word,
    whether it is counted is agreed; half of what both move together goes to each, which is the division of L. S. Shapley (1953):
    phi_leaf = (m' - m) (c + c') / 2, phi_agreed = sum of (c' - c) (m + m') / 2, c and c' being 0 or 1.
    """
    sides = [(parties, members(parties)) for parties in (old, new)]
    before, after = (sums(*one) for one in sides)
    before_u, after_u = (uncertainties(*one) for one in sides)
    counted = [frozenset(leaves(*one)) for one in sides]
    found: list[tuple[Measured, Moved]] = []
    for key in sorted(before.keys() | after.keys()):
        by = dict[str, Fraction]()
        agreed = Fraction(0)
        for name in sorted(counted[0] | counted[1]):
            (was, is_now), (said, says) = (
                (name in counted[0], name in counted[1]),
                (_said(one, name, key) for one in (old, new)),
            )
            if said != says:
                by[name] = (says - said) * (was + is_now) / 2
            agreed += (is_now - was) * (said + says) / 2
        if agreed:
            by[AGREED] = by.get(AGREED, Fraction(0)) + agreed
        moved = Moved(before.get(key), after.get(key), (before_u.get(key), after_u.get(key)), by)
        found.append((key, moved))
    return found


def _said(parties: Parties, name: str, key: Measured) -> Fraction:
    return stated(parties[name]).get(key, (Fraction(0), None))[0] if name in parties else Fraction(0)
