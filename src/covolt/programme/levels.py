"""Levels: who is part of whom, and what the measures of those at the bottom sum to for each above, nothing counted twice."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from covolt.errors import Problem
from covolt.programme.party import LEVELS, Level, Party
from covolt.suggestion import named
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = [
    "LEVEL_WORDS",
    "Measured",
    "Summed",
    "above",
    "at_level",
    "below",
    "below_level",
    "in_a_year",
    "leaves",
    "level_problems",
    "rolled",
    "rolled_levels",
    "stated",
    "sums",
    "sums_of_all",
    "uncertainties",
]

Measured = tuple[str, str, int]
"""A measure by its name, its unit and its year: only what has all three alike is added."""
LEVEL_WORDS: Mapping[str, Phrase] = {
    "union-body": text("union body", context="level"),
    "ministry": text("ministry", context="level"),
    "agency": text("agency", context="level"),
    "state-corporation": text("state corporation", context="level"),
    "concern": text("concern", context="level"),
    "enterprise": text("enterprise", context="level"),
    "institute": text("institute", context="level"),
    "operator": text("operator", context="level"),
    "": text("no level stated", context="level"),
}
"""What each level is called; empty where a party states none."""


A_YEAR = ("/yr", "/year", "/a")


def in_a_year(unit: str) -> str:
    """A unit without its year, which the measure states already: "GWh/yr" is GWh."""
    return next((unit.removesuffix(one) for one in A_YEAR if unit.endswith(one)), unit)


def above(parties: Mapping[str, Party], name: str) -> frozenset[str]:
    """A party and all to which it belongs, directly or through others, each once."""
    found, trail = {name}, [name]
    while trail:
        party = parties.get(trail.pop())
        new = [one for one in (party.belongs_to or () if party else ()) if one not in found]
        found.update(new)
        trail += new
    return frozenset(found)


def below(parties: Mapping[str, Party], *names: str) -> frozenset[str]:
    """Parties and all that belong to them, directly or through others, each once."""
    under: dict[str, list[str]] = {}
    for one in parties.values():
        for name in one.belongs_to or ():
            under.setdefault(name, []).append(one.id)
    found, trail = set(names), list(names)
    while trail:
        new = [one for one in under.get(trail.pop(), ()) if one not in found]
        found.update(new)
        trail += new
    return frozenset(found)


def below_level(parties: Mapping[str, Party], level: str) -> frozenset[str]:
    """All parties of a level and all that belong to them, each once whichever of them it belongs to."""
    return below(parties, *(one.id for one in parties.values() if one.level == level))


def leaves(parties: Mapping[str, Party], names: Collection[str]) -> list[str]:
    """Those of some parties to which none belongs."""
    above = {one for party in parties.values() for one in party.belongs_to or ()}
    return sorted(set(names) - above)


def stated(party: Party) -> dict[Measured, tuple[Fraction, float | None]]:
    """What a party measures of itself, exact in the numbers as written, with u where one is stated."""
    found: dict[Measured, tuple[Fraction, float | None]] = {}
    for one in party.measures or ():
        key = (one.name, one.unit, one.year)
        value, u = found.get(key, (Fraction(0), None))
        found[key] = value + Fraction(repr(one.value)), u if one.u is None else math.hypot(u or 0.0, one.u)
    return found


def sums(parties: Mapping[str, Party], names: Collection[str]) -> dict[Measured, Fraction]:
    """What the measures of the leaves among some parties sum to, exact in the numbers as written.

    A leaf is a party to which none belongs. What a party above states of itself is its own word, and not added.
    """
    found: dict[Measured, Fraction] = {}
    for name in leaves(parties, names):
        for key, (value, _) in stated(parties[name]).items():
            found[key] = found.get(key, Fraction(0)) + value
    return found


def uncertainties(parties: Mapping[str, Party], names: Collection[str]) -> dict[Measured, float]:
    """u of these sums where a leaf states one: u^2 = sum of u_i^2, each leaf once and independent of the others."""
    found: dict[Measured, float] = {}
    for name in leaves(parties, names):
        for key, (_, u) in stated(parties[name]).items():
            if u is not None:
                found[key] = math.hypot(found.get(key, 0.0), u)
    return found


@dataclass
class Summed:
    """A measure that is summed: in how many parts, how many of these nobody counted, and u where a part states one."""

    value: int | Fraction = 0
    uncertainty: float | None = None
    count: int = 0
    declared_count: int = 0


Sums = dict[str, dict[Measured, Summed]]


def sums_of_all(parties: Mapping[str, Party]) -> tuple[Sums, Sums]:
    """What the leaves below each party sum to, and those below all parties of each level, each leaf once, in one pass.

    The same as `sums` and `uncertainties` of each, exact in the numbers as written.
    """
    by_party: Sums = {name: {} for name in parties}
    by_level: Sums = {}
    bottom = leaves(parties, parties)
    own = {name: stated(parties[name]) for name in bottom}
    scales: dict[Measured, int] = {}
    for each in own.values():
        for key, (value, _) in each.items():
            scales[key] = math.lcm(scales.get(key, 1), value.denominator)
    for name in bottom:
        over = above(parties, name) & parties.keys()
        levels = {level for one in over if (level := parties[one].level) is not None}
        groups = [*(by_party[one] for one in over), *(by_level.setdefault(one, {}) for one in levels)]
        declared = {(one.name, one.unit, one.year) for one in parties[name].measures or () if one.declared}
        for key, (value, u) in own[name].items():
            part = value.numerator * (scales[key] // value.denominator)
            for group in groups:
                _add(group.setdefault(key, Summed()), part, u, declared=key in declared)
    for group in (*by_party.values(), *by_level.values()):
        for key, one in group.items():
            one.value = Fraction(one.value, scales[key])
    return by_party, by_level


def _add(to: Summed, part: int, uncertainty: float | None, *, declared: bool) -> None:
    to.value += part
    if uncertainty is not None:
        to.uncertainty = math.hypot(to.uncertainty or 0.0, uncertainty)
    to.count += 1
    to.declared_count += declared


def at_level(parties: Mapping[str, Party], level: Level) -> dict[Measured, Fraction]:
    """What the leaves below all parties of a level sum to, each leaf once whichever of them it belongs to."""
    return sums(parties, below_level(parties, level))


def rolled(parties: Mapping[str, Party], contributions: Mapping[str, float]) -> dict[str, float]:
    """What a change does for each party with all below it: its own contribution and theirs, each once."""
    found = dict.fromkeys(parties, 0.0)
    for name, contribution in sorted(contributions.items()):
        for one in above(parties, name) & parties.keys():
            found[one] += contribution
    return found


def rolled_levels(parties: Mapping[str, Party], contributions: Mapping[str, float]) -> dict[Level, float]:
    """The same for each level that a party stands at, from the highest."""
    there = {one.level for one in parties.values()}
    return {one: _summed(contributions, below_level(parties, one)) for one in LEVELS if one in there}


def _summed(contributions: Mapping[str, float], names: Collection[str]) -> float:
    return sum(one for name, one in sorted(contributions.items()) if name in names)


def level_problems(programme: Programme) -> Iterator[Problem]:
    """Parties that belong to nobody known, to themselves or in a circle; measures of one name in two units."""
    parties, told = programme.parties, set[frozenset[str]]()
    round_about = _in_or_above_circles(parties)
    units: dict[str, tuple[str, str]] = {}
    for party in parties.values():
        where = programme.where("party", party.id, "belongs_to")
        for above in party.belongs_to or ():
            if above == party.id:
                hint = text("name the party above it, or remove belongs_to")
                yield Problem(text("{party} belongs to itself", party=party.id), where, hint)
            elif above not in parties and above not in programme.unread:
                yield Problem(text("no party '{party}'", party=above), where, named(above, list(parties)))
        circle = _circle(parties, party.id) if party.id in round_about else []
        if len(circle) > 1 and frozenset(circle) not in told:
            told.add(frozenset(circle))
            way = " → ".join([*circle, circle[0]])
            yield Problem(text("parties belong to each other in a circle: {way}", way=way), where, _REMOVE)
        yield from _rows_of(programme, party)
        for at, one in enumerate(party.measures or ()):
            unit, first = units.setdefault(one.name, (one.unit, party.id))
            if unit != one.unit:
                what = text(
                    "{name} is in {unit} here, and in {other} of {party}",
                    name=one.name,
                    unit=one.unit,
                    other=unit,
                    party=first,
                )
                hint = text("write both in one unit, else they cannot be added")
                yield Problem(what, programme.where("party", party.id, "measures", at, "unit"), hint)


COUNTS = frozenset(
    {"cells_used", "cells", "hours", "jobs", "results_introduced", "results", "vehicles_a_year", "vehicles"}
)
"""Measures of which there is none or more."""


def _rows_of(programme: Programme, party: Party) -> Iterator[Problem]:
    """Rows that a party states twice, which would be summed twice, and less than none of what is counted."""
    seen: dict[tuple[str, int, str], int] = {}
    for at, one in enumerate(party.measures or ()):
        where = programme.where("party", party.id, "measures", at)
        first = seen.setdefault((one.name, one.year, one.source.strip().casefold()), at)
        if first != at:
            what = text("{name} of {year} is stated twice from one source", name=one.name, year=one.year)
            yield Problem(what, where, text("keep one row, or name the source of each"))
        if one.name in COUNTS and one.value < 0:
            what = text("there is no {value} of {name}", value=f"{one.value:g}", name=one.name)
            yield Problem(what, where, text("write 0 or more; what was lost is a measure of its own"))


_REMOVE = text("remove one of these belongs_to")


def _in_or_above_circles(parties: Mapping[str, Party]) -> set[str]:
    """Parties that are left when those to which nobody belongs any more are taken away again and again."""
    under = dict.fromkeys(parties, 0)
    for one in parties.values():
        for name in set(one.belongs_to or ()) & parties.keys():
            under[name] += 1
    free = [name for name, count in under.items() if count == 0]
    while free:
        name = free.pop()
        del under[name]
        for one in set(parties[name].belongs_to or ()) & parties.keys():
            under[one] -= 1
            if under[one] == 0:
                free.append(one)
    return set(under)


def _circle(parties: Mapping[str, Party], start: str) -> list[str]:
    """Names along a way up that leads from a party back to itself; empty where there is none."""
    trail, seen = [(start, [start])], set[str]()
    while trail:
        name, way = trail.pop()
        for above in (parties[name].belongs_to or ()) if name in parties else ():
            if above == start:
                return way
            if above not in seen:
                seen.add(above)
                trail.append((above, [*way, above]))
    return []
