"""The law of a programme by date: as of one day, and what turns red until another."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.programme.origin_scheme import LAST_DAY
from covolt.programme.table import is_old
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

    `undated` are acts of which no date is known here; `changes` hold events without a date too, `later` what is dated after both
    days; `ends` the cited documents and whether they hold on `until`. `checked_on` is the last day on which any of the dates was
    held against its source, `old` whether that is long before the later day; `from_memory` are markets of which nobody has
    checked which acts hold there.
    """

    day: str = ""
    until: str = ""
    markets: tuple[str, ...] = ()
    acts: tuple[ActOnDay, ...] = ()
    undated: tuple[str, ...] = ()
    changes: tuple[LawChange, ...] = ()
    ends: tuple[EvidenceEnd, ...] = ()
    longest: tuple[LongestValid, ...] = ()
    later: tuple[LawChange, ...] = ()
    start_of_series: str = ""
    checked_on: str = ""
    old: bool = False
    from_memory: tuple[str, ...] = ()


def law_by_date(
    programme: Programme, day: str, until: str = "", asked: tuple[str, ...] = (), table: Matrix | None = None
) -> LawByDate:
    """The law as of a day, until another or the start of series, in markets that are asked for or those of the programme."""
    table = table or matrix()
    start = programme.charter.start_of_series or ""
    until = until or start
    places = (
        asked or tuple(sorted(countries_of(programme))) or tuple(one.id for one in table.market if not one.countries)
    )
    known, markets = known_vehicle(programme), table.places(places)[0]
    coming, own = until > day, tuple(programme.tables.values())
    last, checks = (until if coming else day), texts_checked(programme)
    changes = law_changes(day, last, places, table, known, own, checks)
    after = law_changes(last, LAST_DAY, places, table, known, own, checks)
    acts = law_on(day, places, table, known, own)
    checked_on = max((each.checked_on for one in acts for series in one.series for each in series.events), default="")
    return LawByDate(
        day,
        until,
        places,
        acts,
        without_dates(places, table, known, own),
        tuple(one for one in changes if coming or not one.date),
        evidence_ends(programme, table, markets, day, until) if coming else (),
        longest_valid(table, markets),
        tuple(one for one in after if one.latest > last and not (coming and one.earliest <= last)),
        start,
        checked_on,
        bool(checked_on) and is_old(checked_on, last),
        tuple(one.id for one in table.market if one.id in markets and not one.confirmed),
    )
