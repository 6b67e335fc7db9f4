"""The law of a programme by date: as of one day, and what turns red until another."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.study.gate.approval import countries_of, known_vehicle
from covolt.study.gate.expiry import EvidenceEnd, LongestValid, evidence_ends, longest_valid
from covolt.study.gate.law import ActOnDay, LawChange, law_changes, law_on, without_dates
from covolt.study.result import RESULT
from covolt.study.verdicts.acts import Matrix, matrix
from covolt.study.verdicts.checking import texts_checked

__all__ = ["LawByDate", "law_by_date"]


@dataclass(frozen=True, config=RESULT)
class LawByDate:
    """Series of acts in some markets as of `day`, and what changes after it until `until`; empty where that day is not known.

    `undated` are acts of which no date is known here; `changes` hold events without a date too; `ends` the cited documents and
    whether they hold on `until`.
    """

    day: str = ""
    until: str = ""
    markets: tuple[str, ...] = ()
    acts: tuple[ActOnDay, ...] = ()
    undated: tuple[str, ...] = ()
    changes: tuple[LawChange, ...] = ()
    ends: tuple[EvidenceEnd, ...] = ()
    longest: tuple[LongestValid, ...] = ()


def law_by_date(
    programme: Programme, day: str, until: str = "", asked: tuple[str, ...] = (), table: Matrix | None = None
) -> LawByDate:
    """The law as of a day, until another or the start of series, in markets that are asked for or those of the programme."""
    table = table or matrix()
    until = until or programme.charter.start_of_series or ""
    places = (
        asked or tuple(sorted(countries_of(programme))) or tuple(one.id for one in table.market if not one.countries)
    )
    known, markets = known_vehicle(programme), table.places(places)[0]
    coming, own = until > day, tuple(programme.tables.values())
    return LawByDate(
        day,
        until,
        places,
        law_on(day, places, table, known, own),
        without_dates(places, table, known, own),
        law_changes(day, until, places, table, known, own, texts_checked(programme)) if coming else (),
        evidence_ends(programme, table, markets, day, until) if coming else (),
        longest_valid(table, markets),
    )
