"""The use case `approval`: which acts hold, what shows them, what their series ask on a day, and what turns red until another."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.errors import Problem
from covolt.programme.amendments import SeriesTable
from covolt.programme.documents import Programme
from covolt.programme.reading import Source
from covolt.study.cases.options import Findings, Progress, Wish, heed, silent
from covolt.study.gate.approval import ApprovalRow
from covolt.study.gate.dated import LawByDate
from covolt.study.gate.law import LawChange
from covolt.study.result import RESULT
from covolt.words import Phrase, text

__all__ = ["Approval", "approve", "change_said", "tell_law"]


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
