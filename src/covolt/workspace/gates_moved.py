"""Gates that move: which opened or shut between two states of a programme, and what their criteria lack before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from covolt.programme.documents import Programme
from covolt.study.gate.criteria import Counted
from covolt.study.gate.gates import gate_states
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, restored, text

__all__ = ["gates_moved", "moved_said"]


@final
@dataclass(frozen=True)
class _Gate:
    """A gate: its title, whether it is open, whose sign-offs stand, and by criterion its title and what it lacks, if anything."""

    title: Phrase
    is_open: bool
    criteria: Mapping[str, tuple[Phrase, Phrase | None]]
    signed: Mapping[tuple[str, str], Phrase]


def gates_moved(before: tuple[Programme, Verification], after: tuple[Programme, Verification]) -> list[dict[str, Any]]:
    """What moved at gates between two states, as every party may read it, as data for the log."""
    was, now = _gates(*before), _gates(*after)
    found: list[dict[str, Any]] = []
    for name, gate in now.items():
        if (then := was.get(name)) is None:
            continue
        criteria = [
            {"title": title.stored(), "before": _stored(lacked), "after": _stored(lacks)}
            for key, (title, lacks) in gate.criteria.items()
            for _, lacked in (then.criteria.get(key, (title, None)),)
            if _stored(lacked) != _stored(lacks)
        ]
        voided = [who.stored() for key, who in then.signed.items() if key not in gate.signed]
        if criteria or voided or gate.is_open != then.is_open:
            turned = "" if gate.is_open == then.is_open else "opened" if gate.is_open else "shut"
            found.append(
                {"gate": name, "title": gate.title.stored(), "turned": turned, "criteria": criteria, "voided": voided}
            )
    return found


def _stored(phrase: Phrase | None) -> dict[str, Any] | None:
    return None if phrase is None else phrase.stored()


def _gates(programme: Programme, verification: Verification) -> dict[str, _Gate]:
    """Gates as whoever speaks for no party may read them."""
    seen = programme.seen_by(None)
    verdicts = {one.requirement: one for one in verification.whole.verdicts}
    found: dict[str, _Gate] = {}
    for state in gate_states(seen, verification):
        if (gate := seen.gates.get(state.id)) is not None:
            counted = Counted.at(seen, verdicts, gate)
            criteria = {one.id: (one.title.words, counted.lacking(one)) for one in gate.criteria}
            signed = {(one.party, one.role): one.signer or one.who for one in state.signatures if one.counts}
            found[state.id] = _Gate(state.title, state.open, criteria, signed)
    return found


def moved_said(one: Mapping[str, Any]) -> list[Phrase]:
    """What moved at a gate, in sentences; entries of before sign-offs were told have none."""
    title = restored(one["title"])
    opened, shut = text("gate opened: {gate}", gate=title), text("gate shut: {gate}", gate=title)
    said: list[Phrase] = [{"opened": opened, "shut": shut}[one["turned"]]] if one["turned"] else []
    for each in one.get("voided", ()):
        said.append(text("gate “{gate}”: the sign-off of {who} no longer covers it", gate=title, who=restored(each)))
    for each in one["criteria"]:
        criterion = restored(each["title"])
        if each["after"] is None:
            said.append(text("gate “{gate}”: now so: {criterion}", gate=title, criterion=criterion))
            continue
        after = restored(each["after"])
        if each["before"] is None:
            said.append(text("gate “{gate}”: {after}; before it was so", gate=title, after=after))
        else:
            before = restored(each["before"])
            said.append(text("gate “{gate}”: {after}; before: {before}", gate=title, after=after, before=before))
    return said
