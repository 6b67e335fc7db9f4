"""Attribution: which party's change moved which requirement's margin, and by how much."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Literal, cast

from pydantic import BaseModel, computed_field
from pydantic.dataclasses import dataclass

from covolt import units
from covolt.contract.architecture import lone_half
from covolt.contract.datasheet import Datasheet
from covolt.digits import signed_text
from covolt.library.models import model_kind
from covolt.programme.documents import Programme
from covolt.programme.party import Party
from covolt.programme.requirement import Requirement
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import find_measure
from covolt.study.result import RESULT, Number
from covolt.study.verdicts.bench import Bench, Setting
from covolt.study.verdicts.documented import evidence_file
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.variation import Sheets
from covolt.study.verdicts.verdict import CONFORMS, worst_law
from covolt.study.verdicts.verification import given_under
from covolt.words import Phrase, text

__all__ = ["CHARTER", "Change", "Difference", "changes_between", "differences_of", "shapley"]

HIDDEN = "hidden"
CHARTER = "programme"
"""The player that stands for what belongs to no single party: frame and scenarios."""

Documents = Mapping[str, BaseModel]
Kinds = tuple[tuple[str, Documents, Documents], ...]


@dataclass(frozen=True, config=RESULT)
class Change:
    """One thing that differs between two states of a programme, and whose doing it is; what several agree is the programme's.

    A change of kind "agreement" moves no margin by itself: who is in the programme, what a contract admits, who fills a slot. One
    of kind "levels" moves what is summed over parties, and nothing of the vehicle.
    """

    party: str
    what: str
    before: str
    after: str
    kind: Literal["part", "requirement", "conditions", "levels", "agreement"]


@dataclass(frozen=True, config=RESULT)
class Difference:
    """How one requirement's margin moved, in the unit of its measure, and what each party contributed.

    The contributions sum to `after - before`.
    """

    requirement: str
    unit: str
    before: Number
    after: Number
    contributions: Mapping[str, Number]

    @computed_field
    @property
    def total(self) -> Number:
        """How far the margin moved in all: after less before."""
        return self.after - self.before

    @property
    def moved(self) -> bool:
        """Whether a movement is to be seen at the digits in which it is shown."""
        return any(signed_text(one, self.scale) != "0" for one in (self.total, *self.contributions.values()))

    @computed_field
    @property
    def scale(self) -> Number:
        """Size of the largest of its numbers."""
        return max(map(abs, (self.before, self.after, *self.contributions.values())))


def changes_between(base: Programme, head: Programme) -> list[Change]:
    """Everything that differs and that the parties decide, in order of party, as the reader of both may see it."""
    found = [*_common(base, head), *_parties(base, head), *_spoken(base, head), *_pins(base, head)]
    for name in sorted(base.requirements.keys() | head.requirements.keys()):
        old, new = base.requirements.get(name), head.requirements.get(name)
        owner = new or old
        if owner is not None and old != new:
            before, after = (_hidden(old), _hidden(new)) if name in base.hidden | head.hidden else _sides(old, new)
            found.append(Change(owner.party, name, before, after, "requirement"))
    return sorted(found, key=lambda one: (one.party, one.what))


def _hidden(document: BaseModel | None) -> str:
    return "absent" if document is None else HIDDEN


def _common(base: Programme, head: Programme) -> Iterator[Change]:
    """What belongs to no single party: frame, scenarios, slots, contracts, gates, and who is in the programme."""
    if base.charter.model_copy(update={"vehicle": head.charter.vehicle}) != head.charter:
        own = [one.charter.model_copy(update={"vehicle": head.charter.vehicle}) for one in (base, head)]
        yield Change(CHARTER, "charter", *_sides(*own), "agreement")
    if base.charter.vehicle != head.charter.vehicle:
        yield Change(CHARTER, "vehicle", *_sides(base.charter.vehicle, head.charter.vehicle), "conditions")
    kinds: Kinds = (
        ("scenario", base.scenarios, head.scenarios),
        ("slot", base.slots, head.slots),
        ("contract", base.contracts, head.contracts),
        ("gate", base.gates, head.gates),
        ("table", base.tables, head.tables),
    )
    for what, old, new in _moved(kinds):
        kind = "conditions" if what.startswith(("scenario ", "table ")) else "agreement"
        yield Change(CHARTER, what, *_sides(old, new), kind)


def _parties(base: Programme, head: Programme) -> Iterator[Change]:
    """Who is in the programme, at which level and part of whom, which is agreed; and what each measures, its own word."""
    bare_base, bare_head = ({name: _unmeasured(one) for name, one in each.parties.items()} for each in (base, head))
    for what, old, new in _moved((("party", bare_base, bare_head),)):
        levels = any(getattr(old, one, None) != getattr(new, one, None) for one in ("level", "belongs_to"))
        yield Change(CHARTER, what, *_sides(old, new), "levels" if levels else "agreement")
    for name in sorted(base.parties.keys() | head.parties.keys()):
        before, after = (_measured(one.parties.get(name)) for one in (base, head))
        for what in sorted(before.keys() | after.keys()):
            old, new = (one.get(what, "absent") for one in (before, after))
            if old != new:
                yield Change(name, what, old, new, "levels")


def _unmeasured(party: Party) -> Party:
    return party.model_copy(update={"measures": None})


def _measured(party: Party | None) -> dict[str, str]:
    """What a party measures, by name and year, as it is written."""
    found: dict[str, str] = {}
    for one in (party.measures or ()) if party is not None else ():
        said = f"{one.value} ± {one.u} {one.unit}" if one.u else f"{one.value} {one.unit}"
        what = f"{one.name} {one.year}"
        found[what] = f"{found[what]} + {said}" if what in found else said
    return found


def _moved(kinds: Kinds) -> Iterator[tuple[str, BaseModel | None, BaseModel | None]]:
    """Documents that are not as they were, each by its kind and name, with what it was and is."""
    for word, before, after in kinds:
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield f"{word} {name}", before.get(name), after.get(name)


def _spoken(base: Programme, head: Programme) -> Iterator[Change]:
    """What single parties say and what moves no margin: keys, signatures, texts that they have checked, files that they cite."""
    kinds: Kinds = (
        ("key", base.keys, head.keys),
        ("revocation", base.revocations, head.revocations),
        ("signature", base.signatures, head.signatures),
        ("sign-off", base.signoffs, head.signoffs),
        ("checked", base.checked, head.checked),
        ("interest", base.interests, head.interests),
        ("negative", base.negatives, head.negatives),
    )
    for what, old, new in _moved(kinds):
        party = str(getattr(new or old, "party", CHARTER))
        yield Change(party, what, *_sides(old, new), "agreement")
    for name in sorted(base.requirements.keys() & head.requirements.keys()):
        old, new = (_cited(one, name) for one in (base, head))
        for path in sorted(path for path in old.keys() & new.keys() if old[path] != new[path]):
            party = head.requirements[name].party
            yield Change(party, f"evidence {path} of {name}", old[path], new[path], "agreement")


def _cited(programme: Programme, name: str) -> dict[str, str]:
    """Digest of each file that a requirement cites, as it stands."""
    requirement = programme.requirements[name]
    found = {one.path: evidence_file(programme, requirement, one) for one in requirement.evidence}
    return {path: "absent" if file is None else programme.files.digest(file) for path, file in found.items()}


def _pins(base: Programme, head: Programme) -> Iterator[Change]:
    before, after = (one.lock.slots if one.lock else {} for one in (base, head))
    for slot in sorted(before.keys() | after.keys()):
        old, new = before.get(slot), after.get(slot)
        if old is None or new is None or old.digest != new.digest:
            names = [one.offer if one else "" for one in (old, new)]
            party = (names[1] or names[0]).partition("/")[0]
            models = [
                state.offers[name].datasheet if name else None for state, name in zip((base, head), names, strict=True)
            ]
            own = any(one is not None and model_kind(one).foreign for one in models)
            said = [_with_model(name, one) if own else name for name, one in zip(names, models, strict=True)]
            yield Change(party, slot, said[0] or "empty", said[1] or "empty", "part")


def _with_model(offer: str, sheet: Datasheet | None) -> str:
    """An offer, and by which model it is computed: another program is another word."""
    return "" if sheet is None else f"{offer}, {' '.join(filter(None, (sheet.model.kind, sheet.model.file)))}"


def _sides(old: BaseModel | None, new: BaseModel | None) -> tuple[str, str]:
    """What differs, as each side states it."""
    if old is None or new is None:
        return _said(old), _said(new)
    before, after = (dict(_flat(one.model_dump(mode="json", by_alias=True, exclude_none=True))) for one in (old, new))
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    first, second = (", ".join(f"{key} {one.get(key, 'absent')}" for key in keys) for one in (before, after))
    return first, second


def _flat(stated: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a document by its path, in words."""
    for key, value in stated.items():
        path = f"{above}{key.replace('_', ' ')}"
        if isinstance(value, dict):
            yield from _flat(cast("dict[str, Any]", value), f"{path}: ")
        else:
            yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _said(document: BaseModel | None) -> str:
    """A document that only one side has, in a few words."""
    if document is None:
        return "absent"
    if isinstance(document, Requirement):
        side = "at least" if document.at_least is not None else "at most"
        return f"{side} {document.bound}" if document.measure else "by document"
    return "present"


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


def differences_of(base: Programme, head: Programme, bench: Bench) -> tuple[list[Difference], dict[str, Phrase]]:
    """Movement of each requirement that both states hold, with its division; and why others cannot be compared.

    Of what the reader of either may not see it is told that it is hidden.
    """
    hidden, base, head = base.hidden | head.hidden, base.whole, head.whole
    changes = changes_between(base, head)
    worlds = _Worlds(base, head, changes)
    found: list[Difference] = []
    apart: dict[str, Phrase] = {}
    for name in sorted(base.requirements.keys() | head.requirements.keys()):
        old, new = base.requirements.get(name), head.requirements.get(name)
        if name in hidden:
            apart[name] = text("hidden")
            continue
        if old is None or new is None:
            apart[name] = text("new", context="requirement") if old is None else text("removed", context="requirement")
            continue
        if "document" in {old.verify.method, new.verify.method}:
            continue
        if (old.procedure, old.measure) != (new.procedure, new.measure):
            apart[name] = text("it asks for another measure now")
            continue
        procedure, measure = find_measure(new.procedure, new.measure, name)
        # Levels move nothing of the vehicle, and parts nothing of levels: who changed only those is no player.
        idle = {"agreement", "part" if procedure.reads_levels else "levels"}
        players = sorted({change.party for change in changes if change.kind not in idle})
        known: dict[frozenset[str], float] = {}

        def margin(chosen: frozenset[str], name: str = name, known: dict[frozenset[str], float] = known) -> float:
            if chosen not in known:
                known[chosen] = worlds.margin_si(name, chosen, bench)
            return known[chosen]

        factor = units.unit(measure.unit).factor
        whole = [margin(frozenset()) / factor, margin(frozenset(players)) / factor]
        was, now = (worlds.open.get((name, chosen)) for chosen in (frozenset[str](), frozenset(players)))
        # From a number to what is open, and back, nothing is known to have moved by so much.
        if (was is None) != (now is None) or not all(math.isfinite(one) for one in whole):
            apart[name] = now or was or text("the measure cannot be had before or after")
            continue
        parts = {player: one / factor for player, one in shapley(players, margin).items()}
        if not all(math.isfinite(one) for one in parts.values()):
            apart[name] = text("the measure cannot be had with some of the changes alone")
            continue
        found.append(Difference(name, measure.unit, whole[0], whole[1], parts))
    return found, apart


class _Worlds:
    """States of the programme in which some parties have made their changes and the others have not."""

    def __init__(self, base: Programme, head: Programme, changes: Sequence[Change]) -> None:
        self._base, self._head = base, head
        self._old, self._new = locked_sheets(base), locked_sheets(head)
        self._owner = {
            _vehicle_slot(head, change.what) or _vehicle_slot(base, change.what) or "": change.party
            for change in changes
            if change.kind == "part"
        }
        self._sheets: dict[frozenset[str], Sheets] = {}
        # One of each: their digests are counted once, and not for every set of parties.
        self._settings = (Setting.of(base), Setting.of(head))
        self._given: dict[tuple[str, bool, bool], Given] = {}
        self.open: dict[tuple[str, frozenset[str]], Phrase] = {}
        """Why the measure of a requirement is open, where it is, by who has made their changes."""

    def _world(self, chosen: frozenset[str]) -> Sheets:
        if chosen not in self._sheets:
            names = self._old.keys() | self._new.keys()
            mixed = {name: self._new if self._owner.get(name) in chosen else self._old for name in sorted(names)}
            sheets = {name: source[name] for name, source in mixed.items() if name in source}
            # Where one party has brought its half of a second axle and the other has not, there is none yet.
            half = lone_half(sheets)
            self._sheets[chosen] = sheets if half is None else {k: v for k, v in sheets.items() if k != half[0]}
        return self._sheets[chosen]

    def _parties(self, common: Programme, chosen: frozenset[str]) -> dict[str, Party]:
        """Parties as they are agreed, each with the measures that it states in this world."""
        found: dict[str, Party] = {}
        for name, one in common.parties.items():
            stating = (self._head if name in chosen else self._base).parties.get(name)
            found[name] = one.model_copy(update={"measures": stating.measures if stating is not None else None})
        return found

    def margin_si(self, name: str, chosen: frozenset[str], bench: Bench) -> float:
        """Margin of a requirement where the chosen parties have made their changes; not a number where there is none."""
        owner = self._head.requirements[name].party
        own, agreed = owner in chosen, CHARTER in chosen
        requirement = (self._head if own else self._base).requirements[name]
        procedure = find_measure(requirement.procedure, requirement.measure, name)[0]
        common, other = (self._head, self._base) if agreed else (self._base, self._head)
        if (name, own, agreed) not in self._given:
            # A scenario that only one side has is taken from there: who first names it needs it whatever else is chosen.
            self._given[name, own, agreed] = given_under(requirement, {**other.scenarios, **common.scenarios})
        given, setting = self._given[name, own, agreed], self._settings[agreed]
        if procedure.reads_levels:
            setting = setting._replace(terms=replace(setting.terms, parties=self._parties(common, chosen)))
        record = bench.record(procedure, given, self._world(chosen), setting)
        opened = record.open.get(requirement.measure)
        if opened is not None:
            self.open[name, chosen] = opened.said(
                find_measure(requirement.procedure, requirement.measure, name)[1].unit
            )
            # Of what is open that counts which is sure.
            counting_si = opened.assured(CONFORMS, at_least=requirement.sign > 0.0)
            return requirement.sign * (counting_si - requirement.bound_si[0])
        laws_si = record.laws.get(requirement.measure, {})
        value_si = laws_si.get(worst_law(requirement, laws_si), record.measures.get(requirement.measure, math.nan))
        return requirement.sign * (value_si - requirement.bound_si[0])


def _vehicle_slot(programme: Programme, slot: str) -> str | None:
    found = programme.slots.get(slot)
    return None if found is None else programme.vehicle_slot(found)
