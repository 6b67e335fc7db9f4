"""The use case `verify`: the locked vehicle held against every requirement, how surely, and what to measure next."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.display import AbstractShown, Table
from covolt.errors import NotFound, Problem
from covolt.programme.documents import Programme
from covolt.study.cases.options import Findings, Progress, Wish, silent
from covolt.study.cases.publish import offers_by_slot
from covolt.study.cases.stand_ins import USUAL_WAIT_s, opened_stand_ins
from covolt.study.result import RESULT, Notice, notices
from covolt.study.verdicts.conformance import Conformance
from covolt.study.verdicts.correlated import Correlation, correlations
from covolt.study.verdicts.decisive import NextStep, next_steps
from covolt.study.verdicts.levels_moved import LevelsMoved, levels_moved
from covolt.study.verdicts.verdict import Verdict
from covolt.suggestion import named
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.checked import CheckedText
    from covolt.programme.reading import Source
    from covolt.study.report.headline import Headline
    from covolt.study.verdicts.verification import Verification

__all__ = ["VerificationDocument", "Verified", "verify"]


@dataclass(frozen=True, config=RESULT)
class VerificationDocument:
    """All verdicts on a programme, what would decide those that are open, and what must be told beside them."""

    verdicts: tuple[Verdict, ...]
    correlations: tuple[Correlation, ...]
    next: tuple[NextStep, ...]
    notices: tuple[Notice, ...]
    promises: tuple[Conformance, ...]
    levels: LevelsMoved = dataclasses.field(default_factory=LevelsMoved)
    """Of offers that are tried: who gains and loses beside what is locked."""
    schema: Literal["verification/1"] = "verification/1"


@dataclasses.dataclass(frozen=True, repr=False)
class Verified(AbstractShown):
    """A programme, its verification, whose texts were checked, and what of it must be told beside its verdicts.

    `levels` says of offers that are tried who gains and loses beside what is locked.
    """

    programme: Programme
    found: Verification
    checks: Sequence[CheckedText]
    notices: Sequence[Problem]
    levels: LevelsMoved = dataclasses.field(default_factory=LevelsMoved)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One for each requirement."""
        return self.found.verdicts

    @property
    def acceptable(self) -> bool:
        """Whether every law and constraint is met and every promise kept."""
        return self.found.acceptable

    def as_tables(self) -> list[Table]:
        """The verdicts, and what must be told beside them."""
        from covolt.study.verdicts.listed import verdict_table

        told = [(one.where, one.what, one.hint) for one in self.notices]
        beside = [Table("To be told beside", ("where", "what", "hint"), told)] if told else []
        return [verdict_table(self.found, self.programme), *beside]

    def headline(self) -> Headline:
        """How much of what is written is met, and how many of the acts that hold are shown."""
        from covolt.study.gate.approval import approval_rows
        from covolt.study.gate.gates import gate_states, signed_by_agencies
        from covolt.study.report.headline import headline

        read, found = self.programme, self.found
        signed = signed_by_agencies(read, gate_states(read, found))
        return headline(read, found, approval_rows(read, found.verdicts, signed=signed))

    def document(self) -> VerificationDocument:
        """As scripts read it."""
        verdicts = self.found.verdicts
        steps, told = tuple(next_steps(verdicts)), notices(self.notices)
        return VerificationDocument(verdicts, correlations(verdicts), steps, told, self.found.conformances, self.levels)


def verify(  # noqa: PLR0913  what whoever asks may choose
    programme: Programme | Source,
    *,
    only: Sequence[str] = (),
    anew: bool = False,
    tried: Sequence[str] = (),
    stand_ins: Sequence[str] = (),
    party: str = "",
    progress: Progress = silent,
    cancelled: Wish | None = None,
    findings: Findings | None = None,
    day: str | None = None,
    now: Callable[[], datetime] | None = None,
    wait_s: float = USUAL_WAIT_s,
) -> Verified:
    """Hold the locked vehicle against its requirements, or against those named alone.

    Args:
        anew: whether what was computed before is left aside.
        tried: `SLOT=PARTY/PART@VERSION`, offers of whatever party that fill their slots this once; the lock stays as it is.
        stand_ins: `SLOT=FILE`, models that compute a locked part this once in place of its own: an FMU, in the sandbox, or
            `hosted@ADDRESS`, where the hub waits for the party of the offer; what the part declares, and how surely, stays, and
            with a number moved by its uncertainty covolt's model of that drives.
        party: who reads: what others keep as their own is hidden; from whoever speaks for no party, what any does.
        now: by which certificates of hosts are judged; needed for parts that stay with their owners alone.
        wait_s: how long the hub waits for a party, at first and where it is lost while it is asked; then all of it ends.
        day: on which it is read; that of this machine, by UTC, where none is handed in.
        progress: called with how many records are done, of how many.
        cancelled: asked before every drive whether to stop; records that are whole by then are kept for the next time.

    Raises:
        Cancelled: where `cancelled` says so.
        InputError: every problem of the programme, and every name that no requirement has.
        ComponentFailed: a party that serves its part from its own machine did not come, or was lost: it and the part are named.
    """
    from covolt.study.gate.check import moved_parts, read_whole, table_notices, trust_notices
    from covolt.study.gate.unsigned import gate_notices, offer_notices, texts_notices, unsigned_gates
    from covolt.study.verdicts.bench import Bench, Setting
    from covolt.study.verdicts.checking import texts_checked
    from covolt.study.verdicts.contradiction import contradiction_notices
    from covolt.study.verdicts.foreign import foreign_notices, stood_in_for, unit_notices
    from covolt.study.verdicts.offered_models import OfferedModels
    from covolt.study.verdicts.records import KeptRecords
    from covolt.study.verdicts.verification import verify as verify_programme

    findings = findings or Findings()
    read = findings.take(lambda: programme if isinstance(programme, Programme) else read_whole(programme, day=day))
    known = {} if read is None else read.requirements
    for one in only if read is not None else ():
        if one not in known:
            what, hint = text("no requirement '{one}'", one=one), named(one, known, "covolt verify")
            findings.add(Problem(what, findings.called("only"), hint), NotFound)
    wanted = offers_by_slot(tried, findings, "tried")
    if read is not None:
        _find_misfits(read, wanted, findings)
        read = findings.seen(read, party)
    with opened_stand_ins(stand_ins, read, findings, "stand_ins", now, wait_s) as links:
        findings.demand_none()
        if read is None:
            raise RuntimeError("there is no programme, and no problem says why")
        locked, read = read, _with(read, wanted)
        store, not_asked = KeptRecords.own(anew=anew), [*stood_in_for(read, links), *unit_notices(read, links)]
        found = verify_programme(read, store, only=only or None, progress=progress, cancelled=cancelled, links=links)
    told = [
        *foreign_notices(found),
        *not_asked,
        *locked.drafts,
        *trust_notices(locked),
        *table_notices(locked),
        *moved_parts(locked),
        *texts_notices(locked),
        *unsigned_gates(locked),
        *gate_notices(locked),
        *(
            Problem(text("{offer} is tried here", offer=offer), slot, text("the lock stays as it is: covolt lock"))
            for slot, offer in wanted.items()
        ),
        *offer_notices(read, wanted.values()),
        *contradiction_notices(read),
    ]
    levels = LevelsMoved()
    if wanted and locked.lock is not None and not only:
        store = KeptRecords.own(anew=anew)
        with OfferedModels(read.whole) as doors:
            bench = Bench(Setting.of(read), store, cancelled=cancelled, doors=doors)
            levels = levels_moved(locked, read, bench, store, progress=progress, cancelled=cancelled)
    return Verified(read, found, texts_checked(locked), told, levels)


def _find_misfits(read: Programme, wanted: Mapping[str, str], findings: Findings) -> None:
    """Every reason for which an offer cannot be tried; who owns the slot is none, nor whether it is signed."""
    from covolt.library.declared import declared_problems
    from covolt.programme.coherence import cannot_fill
    from covolt.programme.rivals import rivals_of

    option = findings.called("tried")
    for slot, offer in wanted.items():
        if slot not in read.slots:
            findings.add(Problem(text("no slot '{slot}'", slot=slot), option, named(slot, read.slots)), NotFound)
        elif offer not in read.offers:
            hint = named(offer, [one.reference for one in rivals_of(read, slot)])
            findings.add(Problem(text("no offer '{offer}'", offer=offer), f"{option} {slot}", hint), NotFound)
        else:
            misfits = cannot_fill(read, slot, offer, signed=False, owned=False)
            for one in misfits or declared_problems(read.offers[offer].datasheet):
                findings.add(Problem(one.what, f"{option} {slot}: {one.where}", one.hint))


def _with(read: Programme, wanted: Mapping[str, str]) -> Programme:
    """The programme as if its lock held these offers."""
    from covolt.programme.lock import Lock, Pin

    if not wanted:
        return read
    pins = dict(read.lock.slots) if read.lock else {}
    for slot, offer in wanted.items():
        pins[slot] = Pin(offer=offer, digest=read.offers[offer].digest, contract=read.slots[slot].contract)
    return replace(read.whole, lock=Lock(slots=pins)).seen_by(read.reader)
