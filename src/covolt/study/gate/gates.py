"""Gates: what holds each of them shut, and who has signed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.display import AbstractShown, Table
from covolt.programme.documents import Programme
from covolt.programme.gate import Gate, SignOff
from covolt.programme.locking import left_behind
from covolt.programme.people import gone, people_blocks
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.counting import due_at
from covolt.study.gate.covered import (
    before_words,
    covered_beside_gates,
    covered_digest,
    covered_items,
    old_digest,
    without_tables,
)
from covolt.study.gate.criteria import Counted
from covolt.study.gate.signatures import (
    SignatureRow,
    demanded_at,
    open_to_all,
    signature_rows,
    unsigned_blocks,
    unsigned_yet,
)
from covolt.study.result import RESULT, Said
from covolt.study.verdicts.checking import bounds_checked, texts_checked
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.rests_on import told
from covolt.study.verdicts.verdict import STANDINGS, Standing
from covolt.study.verdicts.verification import Verification, verify
from covolt.words import Phrase, Words, day_said, joined, plural, text

__all__ = [
    "GateState",
    "GatesDocument",
    "criteria_blocks",
    "criteria_fulfilled",
    "criteria_notes",
    "foreign_notes",
    "gate_states",
    "signed_by_agencies",
    "signoffs_awaited",
    "undriven_blocks",
]


@dataclass(frozen=True, config=RESULT)
class GateCriterion:
    """One criterion of a gate: its title, and how it is written."""

    title: Said
    check: str


@dataclass(frozen=True, config=RESULT, repr=False)
class GateState(AbstractShown):
    """One gate: open, or what holds it shut; who has signed it. `digest` is what a sign-off must name."""

    id: str
    title: Said
    open: bool
    blocks: tuple[Said, ...]
    digest: str
    signatures: tuple[SignatureRow, ...] = ()
    notes: tuple[Said, ...] = ()
    """Criteria that are fulfilled only because there is nothing to show, that nobody need sign; what is newer than was signed."""

    criteria: tuple[GateCriterion, ...] = ()
    signers: tuple[Said, ...] = ()
    """Who signs it: each has a box on paper."""

    planned: str = ""
    """Day on which it is planned to be open; empty where none is stated."""
    late_days: int = 0
    """How many days after that it is still shut."""

    @property
    def planned_said(self) -> Phrase | None:
        """The planned day, and by how much it is missed; None where none is stated."""
        if not self.planned:
            return None
        day = day_said(self.planned)
        if not self.late_days:
            return text("planned for {day}", day=day)
        late = plural("late by {count} day", "late by {count} days", self.late_days)
        return text("planned for {day}, {late}", day=day, late=late)

    def as_tables(self) -> list[Table]:
        """What holds it, what is to be told of it, and who has signed it."""
        said = [("holds it", str(one)) for one in self.blocks] + [("to be told", str(one)) for one in self.notes]
        said += [("planned", str(self.planned_said))] if self.planned else []
        signed = [(str(one.label), f"{one.who}, {one.date}: {one.reads}") for one in self.signatures]
        return [Table(f"{self.title}: {'open' if self.open else 'shut'}", ("", ""), [*said, *signed])]


@dataclass(frozen=True, config=RESULT)
class GatesDocument:
    """The gates of a programme, in their order."""

    programme: str
    gates: tuple[GateState, ...]
    schema: Literal["gates/1"] = "gates/1"


def gate_states(programme: Programme, verification: Verification, *, on: str | None = None) -> list[GateState]:
    """Every gate in its order, and those that are gone; a gate opens only where the one before it is open.

    Gates judge by all that there is; what holds them shut is told as the reader of the programme may see it. Which are late is
    told as of the day `on`, of none where that is empty, else of the one on which the programme was read.
    """
    states: list[GateState] = []
    seen, programme, verification = programme, programme.whole, verification.whole
    older = tuple(_older(programme))
    beside = covered_beside_gates(programme, verification)
    verdicts = {one.requirement: one for one in verification.verdicts}
    approval = approval_rows(programme, verification.verdicts)
    missed = [(order, name, why) for name, (order, why) in gone(programme).items()]
    there = [(one.order, one.id, None) for one in programme.gates.values()]
    for _, name, why in sorted([*missed, *there], key=lambda one: one[:2]):
        if why is not None:
            states.append(GateState(name, Words(name), open=False, blocks=(why,), digest=""))
            continue
        gate = programme.gates[name]
        counted = Counted.at(seen, verdicts, gate, approval)
        blocks = [*_before(states), *criteria_blocks(seen, verification, gate, counted)]
        blocks += [*people_blocks(programme, gate), *unsigned_blocks(programme, gate)]
        digest = covered_digest(programme, verification, gate, beside)
        own = [one for one in programme.signoffs.values() if one.gate == gate.id and one.digest != digest]
        old = old_digest(programme, verification, gate) if any(isinstance(one, SignOff) for one in own) else ""
        items = covered_items(programme, verification, gate) if own else {}
        bare = without_tables(programme, verification, gate) if own else ""
        was = before_words(programme, verification, gate) if own else ""
        rows = signature_rows(programme, gate, digest, old, items, without_tables=bare, before_words=was)
        blocks += [block for one in rows if (block := one.block) is not None]
        signed = tuple(one for one in rows if one.state is not None)
        free = open_to_all(programme, gate)
        yet = unsigned_yet(gate, rows, demanded=demanded_at(programme, gate))
        notes = (*criteria_notes(counted, gate), *(one for one in (free, yet) if one is not None))
        notes += (*foreign_notes(seen, verification, gate),)
        notes += older if signed else ()
        asked = tuple(GateCriterion(one.title.words, one.check) for one in gate.criteria)
        signers = tuple(one.signer for one in rows if not one.idle)
        states.append(
            GateState(
                gate.id,
                gate.title.words,
                not blocks,
                tuple(blocks),
                digest,
                signed,
                notes,
                asked,
                signers,
                gate.planned or "",
                gate.late_days(programme.day if on is None else on) if blocks else 0,
            )
        )
    return states


def _older(programme: Programme) -> Iterator[Phrase]:
    """What is signed over an older offer than lies here: an earlier state, brought back whole, has good signatures too."""
    for slot, (pinned, newer) in left_behind(programme).items():
        yield text(
            "'{slot}' is locked to {pinned}, and {newer} is offered for it", slot=slot, pinned=pinned, newer=newer
        )


def signed_by_agencies(programme: Programme, states: Sequence[GateState]) -> dict[str, Phrase]:
    """By open gate, the agency whose signature stands under it, and on which day; whom nobody trusted as an agency is none."""
    trusted = programme.trust.agencies
    found: dict[str, Phrase] = {}
    for state in states:
        for row in state.signatures if state.open else ():
            agency = "agency" in programme.parties[row.party].roles and (trusted is None or row.party in trusted)
            if row.counts and agency:
                found[state.id] = text(
                    "{who} signed {gate} on {day}", who=row.who, gate=state.title, day=day_said(row.date)
                )
    return found


def signoffs_awaited(programme: Programme, state: GateState) -> tuple[str, ...]:
    """Parties whose sign-off a gate waits for: given before, and no longer standing, or the last thing that it lacks."""
    gate = programme.gates.get(state.id)
    wanted = [] if gate is None else [(one.party, one.role) for one in gate.signoffs]
    given = {(one.party, one.role): one for one in state.signatures}
    missing = [one for one in wanted if one not in given]
    fallen = [one for one in wanted if one in given and not given[one].counts]
    held = len(missing) + sum(one.block is not None for one in state.signatures)
    asked = [*fallen, *(missing if len(state.blocks) == held else ())]
    return tuple(dict.fromkeys(party for party, _ in asked))


def _before(states: Sequence[GateState]) -> list[Phrase]:
    """That the gate before the next one is shut."""
    if not states or states[-1].open:
        return []
    title = states[-1].title
    return [text("the gate before it is shut: {title}", title=title)]


ASKS_NOTHING = text("it asks for nothing, so that nothing could hold it shut: give it criteria or sign-offs")


def criteria_blocks(
    programme: Programme, verification: Verification, gate: Gate, counted: Counted | None = None
) -> list[Phrase]:
    """What the criteria of a gate, and the rule for gates with people, still lack; `counted` where that is known already."""
    verdicts = {one.requirement: one for one in verification.whole.verdicts}
    counted = Counted.at(programme, verdicts, gate) if counted is None else counted
    blocks = [block for one in gate.criteria if (block := counted.lacking(one)) is not None]
    blocks += broken_promises(verification)
    if not (gate.criteria or gate.signoffs or gate.people):
        blocks.append(ASKS_NOTHING)
    if gate.people:
        # Nobody sits in or meets a vehicle whose laws or safety items are not shown to be met, whatever the criteria say and
        # at whatever gate they are due.
        for name, requirement in programme.whole.requirements.items():
            verdict: Standing = verdicts[name].verdict if name in verdicts else "not verified"
            if (requirement.kind == "law" or requirement.safety) and verdict != "met":
                requirement = programme.requirements[name]  # noqa: PLW2901  as its reader may see it
                verdict = "hidden" if name in programme.hidden else verdict
                title, party = requirement.title.words, programme.parties[requirement.party].title.words
                said = text("{title} ({party})", title=title, party=party)
                blocks.append(joined((joined((name, said), " "), STANDINGS[verdict]), ": "))
    return blocks


def broken_promises(verification: Verification) -> list[Phrase]:
    """Promises of contracts that a part breaks: no gate opens over it, as no verification is acceptable with it."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in verification.conformances:
        if one.broken:
            found.setdefault((one.slot, one.offer), []).append(one.promise)
    return [
        text("promises not kept: {slot}, {offer}: {promises}", slot=slot, offer=offer, promises=", ".join(promises))
        for (slot, offer), promises in found.items()
    ]


def criteria_fulfilled(programme: Programme, verification: Verification, gate: Gate) -> list[Phrase]:
    """Criteria of a gate that are fulfilled, by title; where there is nothing to show, with that."""
    verdicts = {one.requirement: one for one in verification.whole.verdicts}
    counted = Counted.at(programme, verdicts, gate)
    return [counted.empty(one) or one.title.words for one in gate.criteria if counted.lacking(one) is None]


def criteria_notes(counted: Counted, gate: Gate) -> list[Phrase]:
    """Criteria of a gate that are fulfilled, and count nothing: no law, no safety item."""
    return [note for one in gate.criteria if (note := counted.empty(one)) is not None]


def foreign_notes(programme: Programme, verification: Verification, gate: Gate) -> list[Phrase]:
    """Parts that are not covolt's on which verdicts of a gate rest, each with those verdicts; of what is hidden none is named."""
    due = {*due_at(programme.whole, gate)} - programme.hidden
    return [
        text("rests on {part}", part=one)
        for one in told((one.requirement, one.foreign) for one in verification.whole.verdicts if one.requirement in due)
    ]


def undriven_blocks(programme: Programme, gate: Gate) -> list[Phrase]:
    """What no drive is needed to see missing before a gate with people: documents and checked texts of laws and safety items."""
    if not gate.people:
        return []
    wanted = [one for one in programme.whole.requirements.values() if one.kind == "law" or one.safety]
    documents = {one.id for one in wanted if one.verify.method == "document"}
    found = verify(programme, MemoryRecords(), only=documents)
    wrong = {one.requirement for one in found.whole.verdicts if one.verdict != "met"}
    blocks = [
        joined((one.requirement, STANDINGS[one.verdict], one.why), ": ")
        for one in found.verdicts
        if one.requirement in wrong
    ]
    checks = texts_checked(programme)
    return blocks + [
        text(
            "{id}: nobody whose word counts here has checked the text of {regulation}",
            id=one.id,
            regulation=programme.requirements[one.id].regulation or text("hidden"),
        )
        for one in wanted
        if one.regulation and one.verify.method != "document" and not bounds_checked(one.regulation, checks)
    ]
