"""The use case `approval`: which acts hold, what shows them, what their series ask on a day, and what turns red until another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.errors import Problem
from covolt.programme.amendments import SeriesTable, date_said
from covolt.programme.documents import Programme
from covolt.programme.reading import Source
from covolt.study.cases.options import Findings, Progress, Wish, heed, silent
from covolt.study.gate.approval import ApprovalRow
from covolt.study.gate.dated import LawByDate
from covolt.study.gate.law import LawChange
from covolt.study.result import RESULT
from covolt.words import Phrase, joined, plural, text

__all__ = [
    "NOT_COMPLETE",
    "WHOSE_WORD",
    "Approval",
    "acts_said",
    "approve",
    "caveats_said",
    "change_said",
    "later_said",
    "memory_said",
    "red_said",
    "tell_law",
]

NOT_COMPLETE = text("The table is not complete: components approved by themselves and national acts are not in it.")
WHOSE_WORD = text(
    "'computed: met' is covolt's word by what the parties declare, 'document cited' that a file lies "
    "there; an act is shown when an agency has signed an open gate for it."
)


@dataclass(frozen=True, config=RESULT)
class Approval:
    """Every act with its state, the date of the table, and the law of the markets as of a day and until another."""

    date: str
    acts: tuple[ApprovalRow, ...]
    law: LawByDate = field(default_factory=LawByDate)
    schema: Literal["approval/1"] = "approval/1"


def approve(
    programme: Source,
    *,
    party: str = "",
    at: str = "",
    until: str = "",
    markets: str | None = None,
    progress: Progress = silent,
    cancelled: Wish | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> Approval:
    """Hold the acts of the programme's markets against its requirements, their verdicts and its signed gates.

    A requirement that the reading `party` is not shown shows no act to it.

    Args:
        at: day as of which series are told; else that of the reading.
        until: day up to which changes are told; else the start of series that the charter states.
        markets: markets or countries, with commas between them; else those of the programme.

    Raises:
        Cancelled: where `cancelled`, which is asked at first and before every drive, says so.
    """
    from covolt.study.gate.approval import approval_rows
    from covolt.study.gate.dated import law_by_date
    from covolt.study.gate.gates import gate_states, signed_by_agencies
    from covolt.study.verdicts.acts import matrix
    from covolt.study.verdicts.verification import verify

    read, asked = _read(programme, party, at, until, markets, findings or Findings(), day)
    heed(cancelled)
    found = verify(read, progress=progress, cancelled=cancelled)
    signed = signed_by_agencies(read, gate_states(read, found))
    rows = tuple(approval_rows(read, found.verdicts, signed=signed, asked=asked))
    return Approval(matrix().date, rows, law_by_date(read, at or read.day, until, asked))


def tell_law(
    programme: Source,
    *,
    party: str = "",
    at: str = "",
    until: str = "",
    markets: str | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> LawByDate:
    """The law of `approve` alone: it needs no verdict."""
    from covolt.study.gate.dated import law_by_date

    read, asked = _read(programme, party, at, until, markets, findings or Findings(), day)
    return law_by_date(read, at or read.day, until, asked)


def change_said(one: LawChange) -> Phrase:
    """A change of the law with its act, its series and its day, in few words."""
    from covolt.study.gate.law_words import dated_said

    return text("{series}: {what}", series=f"{one.act}, {one.series}", what=dated_said(one.event, one.date))


def acts_said(rows: Sequence[ApprovalRow], date: str) -> Phrase:
    """How many acts hold, and how many stand in which state: "23 acts hold: 22 open; 1 computed: met …"."""
    holding = [one for one in rows if one.state != "not applicable"]
    counts = Counter(one.reads for one in holding)
    return text(
        "{acts}: {summed}. Table of {date}; {rows} (◊).",
        acts=plural("{count} act holds", "{count} acts hold", count=len(holding)),
        summed=joined(joined((count, words), " ") for words, count in counts.items()),
        date=date_said(date),
        rows=plural(
            "{count} row is not checked against its text",
            "{count} rows are not checked against their text",
            count=sum(not one.confirmed for one in rows),
        ),
    )


def caveats_said(law: LawByDate) -> tuple[Phrase, ...]:
    """What whoever reads the acts must know: whose word they are, what the table lacks, what is from memory, what changes."""
    found = (red_said(law), memory_said(law), later_said(law))
    return (WHOSE_WORD, NOT_COMPLETE, *(one for one in found if one is not None))


def red_said(law: LawByDate) -> Phrase | None:
    """How many changes turn an act red until the day that is asked for; None where no such day is known, or none does."""
    red = sum(one.turns_red and bool(one.date) for one in law.changes)
    if not red:
        return None
    return plural(
        "{count} change of law turns an act red until {until}: covolt approval --until {day}",
        "{count} changes of law turn acts red until {until}: covolt approval --until {day}",
        count=red,
        until=date_said(law.until),
        day=law.until,
    )


def memory_said(law: LawByDate) -> Phrase | None:
    """Of which markets nobody has checked which acts hold there."""
    if not law.from_memory:
        return None
    return text("Which acts hold in {markets} is from memory.", markets=", ".join(law.from_memory))


def later_said(law: LawByDate) -> Phrase | None:
    """What of the acts that hold, or perhaps do, is dated after both days, in one sentence."""
    later = [one for one in law.later if one.holds != "no"]
    if not later:
        return None
    return text(
        "Dated after {day}: {changes}. All of it: covolt approval --until {last}",
        day=date_said(max(law.day, law.until)),
        changes=joined((change_said(one) for one in later), "; "),
        last=max(one.latest for one in later),
    )


def _read(
    programme: Source, party: str, at: str, until: str, markets: str | None, findings: Findings, day: str | None
) -> tuple[Programme, tuple[str, ...]]:
    """The programme as the party sees it, and the places that are asked for."""
    from covolt.study.gate.check import read_whole
    from covolt.study.verdicts.acts import matrix

    known = {one.casefold(): one for one in matrix().known_places()}
    named = [one for each in (markets or "").split(",") if (one := each.strip())]
    asked = tuple(dict.fromkeys(known.get(one.casefold(), one) for one in named))
    if markets is not None and not asked:
        hint = text("known: {known}", known=", ".join(known.values()))
        findings.add(Problem(text("no market is named"), findings.called("markets"), hint))
    read = findings.take(lambda: read_whole(programme, day=day))
    read = None if read is None else findings.seen(read, party)
    _check(findings, at, until, asked, read)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    return read, asked


def _check(findings: Findings, at: str, until: str, asked: tuple[str, ...], read: Programme | None) -> None:
    """Find what is wrong with days and markets."""
    from covolt.study.verdicts.acts import matrix

    days = {option: findings.day(option, written) for option, written in (("at", at), ("until", until)) if written}
    begins = at or (read.day if read is not None else "")
    if until and begins and all(days.values()) and until < begins:
        hint = text("name a day from {begins} on", begins=begins)
        findings.add(
            Problem(text("{until} lies before {begins}", until=until, begins=begins), findings.called("until"), hint)
        )
    known = matrix().known_places()
    places = [(one, findings.called("markets")) for one in asked]
    if read is not None:
        places += _places_of_tables(read)
    for one, where in places:
        if one not in known:
            findings.add(
                Problem(text("no market '{one}'", one=one), where, text("known: {known}", known=", ".join(known)))
            )


def _places_of_tables(read: Programme) -> list[tuple[str, str]]:
    """Markets that the programme's own series name, each with its place."""
    return [
        (one, read.where("table", name, "act", at, "markets"))
        for name, table in read.tables.items()
        if isinstance(table, SeriesTable)
        for at, act in enumerate(table.act)
        for one in act.markets
    ]
