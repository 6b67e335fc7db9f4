"""Attribution: which party's change moved which requirement's margin, and by how much."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from covolt import units
from covolt.programme.charter import VehicleFrame
from covolt.programme.folder import Programme
from covolt.programme.requirement import Requirement
from covolt.study.joined import locked_sheets
from covolt.study.protocol import Given
from covolt.study.registry import find_measure
from covolt.study.verification import Bench, Sheets, given_of

__all__ = ["CHARTER", "Change", "Difference", "changes_between", "differences_of", "shapley"]

CHARTER = "programme"
"""The player that stands for what belongs to no party: the charter."""


@dataclass(frozen=True)
class Change:
    """One thing that differs between two states of a programme, and whose doing it is."""

    party: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """How one requirement's margin moved, in the unit of its measure, and what each party contributed.

    The contributions sum to `after - before`.
    """

    requirement: str
    unit: str
    before: float
    after: float
    contributions: Mapping[str, float]

    @property
    def total(self) -> float:
        """The whole movement."""
        return self.after - self.before

    @property
    def scale(self) -> float:
        """Size of the largest of its numbers."""
        return max(map(abs, (self.before, self.after, *self.contributions.values())))


def changes_between(base: Programme, head: Programme) -> list[Change]:
    """Every pin, requirement and frame that differs, in order of party."""
    found: list[Change] = []
    if base.charter.vehicle != head.charter.vehicle:
        found.append(Change(CHARTER, "vehicle", base.charter.id, head.charter.id))
    before, after = (one.lock.slots if one.lock else {} for one in (base, head))
    for slot in sorted(before.keys() | after.keys()):
        old, new = before.get(slot), after.get(slot)
        if old is None or new is None or old.digest != new.digest:
            names = [one.offer if one else "" for one in (old, new)]
            party = (names[1] or names[0]).partition("/")[0]
            found.append(Change(party, slot, names[0] or "empty", names[1] or "empty"))
    for name in sorted(base.requirements.keys() | head.requirements.keys()):
        old_one, new_one = base.requirements.get(name), head.requirements.get(name)
        if old_one is None or new_one is None or _demand(old_one, base) != _demand(new_one, head):
            owner = new_one or old_one
            if owner is not None:
                found.append(Change(owner.party, name, _said(old_one), _said(new_one)))
    return sorted(found, key=lambda one: (one.party, one.what))


def _demand(requirement: Requirement, programme: Programme) -> tuple[object, ...]:
    given = None if requirement.verify.method == "document" else given_of(requirement, programme)
    return (requirement.procedure, requirement.measure, requirement.at_least, requirement.at_most, given)


def _said(requirement: Requirement | None) -> str:
    if requirement is None:
        return "absent"
    sign = "at least" if requirement.at_least is not None else "at most"
    return f"{sign} {requirement.bound}" if requirement.measure else "by document"


def shapley(players: Sequence[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Shapley value of each player, phi_i = sum over S of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)).

    The only division that sums to the whole, treats equals alike, gives nothing to who moves nothing, and does not depend on an
    order (L. S. Shapley, 1953).
    """
    count = len(players)
    ordered = sorted(players)
    found = dict.fromkeys(ordered, 0.0)
    for player in ordered:
        others = [one for one in ordered if one != player]
        for size in range(count):
            factor = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for chosen in combinations(others, size):
                without = frozenset(chosen)
                found[player] += factor * (worth(without | {player}) - worth(without))
    return found


def differences_of(base: Programme, head: Programme, bench: Bench) -> tuple[list[Difference], dict[str, str]]:
    """Movement of each requirement that both states hold, with its division; and why others cannot be compared."""
    changes = changes_between(base, head)
    players = sorted({change.party for change in changes})
    worlds = _Worlds(base, head, changes)
    found: list[Difference] = []
    apart: dict[str, str] = {}
    for name in sorted(base.requirements.keys() | head.requirements.keys()):
        old, new = base.requirements.get(name), head.requirements.get(name)
        if old is None or new is None:
            apart[name] = "new" if old is None else "removed"
            continue
        if "document" in {old.verify.method, new.verify.method}:
            continue
        if (old.procedure, old.measure) != (new.procedure, new.measure):
            apart[name] = "it asks for another measure now"
            continue
        measure = find_measure(new.procedure, new.measure, name)[1]
        known: dict[frozenset[str], float] = {}

        def margin(chosen: frozenset[str], name: str = name, known: dict[frozenset[str], float] = known) -> float:
            if chosen not in known:
                known[chosen] = worlds.margin_si(name, chosen, bench)
            return known[chosen]

        factor = units.unit(measure.unit).factor
        whole = [margin(frozenset()) / factor, margin(frozenset(players)) / factor]
        if not all(math.isfinite(one) for one in whole):
            apart[name] = "the measure cannot be had before or after"
            continue
        parts = {player: one / factor for player, one in shapley(players, margin).items()}
        if not all(math.isfinite(one) for one in parts.values()):
            apart[name] = "the measure cannot be had with some of the changes alone"
            continue
        found.append(Difference(name, measure.unit, whole[0], whole[1], parts))
    return found, apart


class _Worlds:
    """States of the programme in which some parties have made their changes and the others have not."""

    def __init__(self, base: Programme, head: Programme, changes: Sequence[Change]) -> None:
        self._base, self._head = base, head
        self._old, self._new = locked_sheets(base), locked_sheets(head)
        self._owner = {
            _interface(head, change.what) or _interface(base, change.what) or "": change.party
            for change in changes
            if change.what in head.slots or change.what in base.slots
        }
        self._sheets: dict[frozenset[str], Sheets] = {}

    def _world(self, chosen: frozenset[str]) -> Sheets:
        if chosen not in self._sheets:
            names = self._old.keys() | self._new.keys()
            mixed = {name: self._new if self._owner.get(name) in chosen else self._old for name in sorted(names)}
            self._sheets[chosen] = {name: source[name] for name, source in mixed.items() if name in source}
        return self._sheets[chosen]

    def margin_si(self, name: str, chosen: frozenset[str], bench: Bench) -> float:
        """Margin of a requirement where the chosen parties have made their changes; not a number where there is none."""
        owner = self._head.requirements[name].party
        programme = self._head if owner in chosen else self._base
        requirement = programme.requirements[name]
        procedure = find_measure(requirement.procedure, requirement.measure, name)[0]
        frame: VehicleFrame = (self._head if CHARTER in chosen else self._base).charter.vehicle
        given: Given = given_of(requirement, programme)
        record = bench.record(procedure, given, self._world(chosen), frame)
        value_si = record.measures.get(requirement.measure, math.nan)
        return requirement.sign * (value_si - requirement.bound_si[0])


def _interface(programme: Programme, slot: str) -> str | None:
    found = programme.slots.get(slot)
    return None if found is None else programme.contracts[found.contract].demanded.name
