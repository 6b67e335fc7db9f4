"""Evidence that runs out: which documents that requirements cite no longer hold on a later day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.programme.amendments import Validity, date_said
from covolt.programme.checked import same_act
from covolt.programme.documents import Programme
from covolt.study.result import RESULT, Said
from covolt.study.verdicts.acts import Matrix
from covolt.words import Phrase, text

__all__ = ["EvidenceEnd", "LongestValid", "evidence_ends", "longest_valid"]


@dataclass(frozen=True, config=RESULT)
class LongestValid:
    """How long a document of an act holds at most, and who says so."""

    act: str
    document: Said
    years_at_most: int
    source: str
    confidence: str
    checked_on: str


@dataclass(frozen=True, config=RESULT)
class EvidenceEnd:
    """A document that a requirement cites, as of two days: valid until its stated day, or at the latest until `latest`.

    `latest` is the later day less one on which a document that holds on the first would be issued anew, by the longest time
    that acts of the requirement's markets let one hold; empty where none is known.
    """

    requirement: str
    title: Said
    owner: str
    path: str
    valid_until: str
    latest: str
    state: Literal["has run out", "runs out", "holds", "no end stated"]
    why: Said


def longest_valid(table: Matrix, markets: frozenset[str]) -> tuple[LongestValid, ...]:
    """How long documents of the acts of these markets hold at most."""
    return tuple(
        LongestValid(act.id, one.document.words, one.years_at_most, one.source, one.confidence, one.checked_on)
        for act in (*table.act, *table.dated)
        if markets & set(act.markets)
        for one in act.validity
    )


def evidence_ends(
    programme: Programme, table: Matrix, markets: frozenset[str], day: str, until: str
) -> tuple[EvidenceEnd, ...]:
    """Every cited document of the requirements that are shown here, and whether it holds on `until`."""
    return tuple(
        _end(programme, name, at, table, markets, day, until)
        for name, one in programme.requirements.items()
        if name not in programme.hidden
        for at in range(len(one.evidence))
    )


def _end(
    programme: Programme, name: str, at: int, table: Matrix, markets: frozenset[str], day: str, until: str
) -> EvidenceEnd:
    requirement = programme.requirements[name]
    cited = requirement.evidence[at]
    years = max((one.years_at_most for one in _facts(table, markets, requirement.regulation)), default=0)
    latest = cited.valid_until or (_later(day, years) if years else "")
    state, why = _state(cited.valid_until, latest, day, until)
    return EvidenceEnd(
        requirement.id, requirement.title.words, requirement.party, cited.path, cited.valid_until, latest, state, why
    )


def _facts(table: Matrix, markets: frozenset[str], regulation: str) -> Iterator[Validity]:
    """How long documents hold in the markets that an act's requirement is for."""
    lies = {market for act in table.act if same_act(act.id, regulation) for market in act.markets} & markets
    return (one for act in table.act if lies & set(act.markets) for one in act.validity)


def _state(
    end: str, latest: str, day: str, until: str
) -> tuple[Literal["has run out", "runs out", "holds", "no end stated"], Phrase]:
    if end and end < day:
        return "has run out", text("valid until {date}", date=date_said(end))
    if end and end < until:
        return "runs out", text("valid until {date}", date=date_said(end))
    if end:
        return "holds", text("valid until {date}", date=date_said(end))
    if latest and latest < until:
        return "runs out", text("no end is stated; it holds until {date} at the latest", date=date_said(latest))
    return "no end stated", text("no end is stated")


def _later(day: str, years: int) -> str:
    """The same day some years later; of 29 February the day before."""
    was = date.fromisoformat(day)
    year = min(was.year + years, date.max.year)
    return (was.replace(year=year) if was.strftime("%m-%d") != "02-29" else date(year, 2, 28)).isoformat()
