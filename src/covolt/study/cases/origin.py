"""The use case `origin`: points and share of value of a vehicle side by side, by market and day, and who brings how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as day_of_calendar
from math import hypot
from typing import Literal

from pydantic.dataclasses import dataclass

from covolt.errors import Problem
from covolt.library.subject import Subject
from covolt.library.terms import Terms
from covolt.programme.origin_points import Counted, Done, done_in, points_of
from covolt.programme.origin_scheme import OriginScheme, OriginThreshold, exact
from covolt.programme.origin_share import share_of
from covolt.programme.reading import Source
from covolt.study.cases.options import Findings
from covolt.study.gate.check import read_whole
from covolt.study.procedures.openness import Open
from covolt.study.procedures.origin import (
    STATUSES,
    Ends,
    ends_of,
    margin_over,
    prices_of,
    schemes_of,
    share_effects,
    unmade,
)
from covolt.study.procedures.protocol import Given
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.bench import Setting
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.origin_known import unvalued
from covolt.study.verdicts.origin_parts import Brought, brought_by
from covolt.suggestion import named
from covolt.words import Phrase, Words, joined, text

__all__ = ["OriginDocument", "origin", "undecided"]


@dataclass(frozen=True, config=RESULT)
class OriginRow:
    """An operation that an offer states: where it is done, what its row counts from what is sure to what may be, and why."""

    operation: str
    title: Said
    offers: tuple[str, ...]
    countries: tuple[str, ...]
    low: Number | None
    high: Number | None
    why: Said


@dataclass(frozen=True, config=RESULT)
class OriginUse:
    """A threshold of a use on the day, and by how much the vehicle passes it; `decides` where it is or was law."""

    use: str
    title: Said
    value: Number | None
    status: str
    decides: bool
    margin: Open
    lacking: tuple[str, ...]
    confidence: str
    source: str


@dataclass(frozen=True, config=RESULT)
class OriginOf:
    """Origin of the vehicle by one scheme. Points are points, shares from 0 to 1; `counted` is what the scheme itself counts.

    `share_uncertainty` is the standard uncertainty that the prices of the parts give the share of value.
    """

    scheme: str
    title: Said
    source: str
    market: str
    measure: Literal["points", "value-share", "services-share"]
    counted: Open
    share: Open
    share_uncertainty: Number
    uses: tuple[OriginUse, ...]
    rows: tuple[OriginRow, ...]
    parties: tuple[Brought, ...]
    offers: tuple[Brought, ...]


@dataclass(frozen=True, config=RESULT)
class OriginDocument:
    """Origin of a vehicle on a day by every scheme of the markets that are asked for."""

    date: str
    markets: tuple[str, ...]
    schemes: tuple[OriginOf, ...]
    unvalued: tuple[Said, ...] = ()
    schema: Literal["origin/1"] = "origin/1"


def origin(
    programme: Source,
    *,
    market: str = "",
    date: str = "",
    yearly_volume: int | None = None,
    scheme: str = "",
    party: str = "",
    findings: Findings | None = None,
    day: str | None = None,
) -> OriginDocument:
    """Origin of the locked vehicle by the schemes of a market, else of all markets of the programme, on a day, else today.

    Raises:
        InputError: every problem of the programme, a day that is none, a market or a scheme of which no scheme is known.
    """
    findings = findings or Findings()
    if date and not _is_day(date):
        findings.add(
            Problem(
                text("{date!r:.40} is no day", date=date), findings.called("date"), text("write it such as 2027-01-01")
            )
        )
    read = findings.take(lambda: read_whole(programme, day=day))
    read = None if read is None else findings.seen(read, party).whole
    chosen: list[tuple[str, OriginScheme]] = []
    if read is not None:
        markets = (market,) if market else read.charter.countries
        chosen = _chosen(findings, Setting.of(read).terms, markets, scheme)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    frame, terms = Setting.of(read)
    subject = subject_of(locked_sheets(read), frame, "vehicle", terms=terms)
    given = Given(day=date or read.day, yearly_vehicle_count=yearly_volume)
    found = tuple(_by_scheme(subject, one, replace(given, market=name)) for name, one in chosen)
    told = tuple(one for _, sheet in sorted(subject.sheets.items()) for one in unvalued(sheet))
    return OriginDocument(date or read.day, tuple(dict.fromkeys(name for name, _ in chosen)), found, told)


def _is_day(text: str) -> bool:
    try:
        return day_of_calendar.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _chosen(findings: Findings, terms: Terms, markets: tuple[str, ...], scheme: str) -> list[tuple[str, OriginScheme]]:
    """The schemes of the markets, or the one that is asked for; what is not known is found."""
    known = [(market, one) for market in markets for one in schemes_of(terms, market)]
    everywhere = {name for one in terms.of(OriginScheme) for name in one.markets}
    for market in markets:
        if market not in everywhere:
            what = text("no scheme of origin is known for the market {market}", market=market)
            findings.add(Problem(what, findings.called("market"), named(market, sorted(everywhere))))
    if scheme and scheme not in {one.id for _, one in known}:
        names = sorted({one.id for _, one in known})
        what = text(
            "no scheme of origin '{scheme}' in {markets}", scheme=scheme, markets=", ".join(markets) or "no market"
        )
        findings.add(Problem(what, findings.called("scheme"), named(scheme, names)))
    return [(market, one) for market, one in known if scheme in {"", one.id}]


def _by_scheme(subject: Subject, scheme: OriginScheme, given: Given) -> OriginOf:
    day, done = given.day or "", done_in(subject.sheets)
    share = share_of(scheme, subject.sheets, prices_of(subject, given))
    category = subject.category
    tally = points_of(scheme, done, day, category=category)
    ends, why = ends_of(subject, given, scheme)
    return OriginOf(
        scheme.id,
        scheme.title.words,
        scheme.source,
        given.market or "",
        scheme.measure,
        _open(ends, why),
        _open((share.low, share.high), joined(share.open)),
        hypot(*share_effects(subject, given, share).values()),
        tuple(
            _use(scheme, one, *ends_of(subject, given, scheme, one.scope), done)
            for one in scheme.thresholds_on(day, category)
        ),
        tuple(_row(scheme, one) for one in tally.counted if one.done),
        brought_by(scheme, subject.sheets, share, day, parties=True, category=category),
        brought_by(scheme, subject.sheets, share, day, parties=False, category=category),
    )


def _open(ends: Ends, why: Phrase) -> Open:
    low, high = ends
    return Open(float(low), None if high is None else float(high), why)


def _use(scheme: OriginScheme, one: OriginThreshold, ends: Ends, why: Phrase, done: Sequence[Done]) -> OriginUse:
    margin = Open(None, None, text("the threshold is not known"))
    if one.value is not None:
        margin = _open(margin_over(scheme, exact(one.value), ends), why)
    lacking = tuple(unmade(scheme, one, done))
    return OriginUse(
        one.use, one.title.words, one.value, one.status, one.decides, margin, lacking, one.confidence, one.source
    )


def _row(scheme: OriginScheme, one: Counted) -> OriginRow:
    """A row of a scheme; one that measures a share gives its operations no points, and says only where they do not count."""
    countries = tuple(each.operation.country for each in one.done)
    points, why = (float(one.low), float(one.high)), joined(one.why)
    if scheme.measure != "points":
        away = [each for each in dict.fromkeys(countries) if each not in scheme.countries]
        points, why = (
            (None, None),
            joined(text("done in {country}, which does not count", country=each) for each in away),
        )
    return OriginRow(
        one.row.id,
        Words(one.row.id) if one.row.title is None else one.row.title.words,
        tuple(each.offer for each in one.done),
        countries,
        *points,
        why,
    )


def undecided(use: OriginUse) -> Phrase:
    """How a threshold that decides nothing yet stands, or that it is not known."""
    if use.value is None:
        return text("not known")
    return text("{status}: decides nothing yet", status=STATUSES[use.status])
