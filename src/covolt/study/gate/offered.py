"""What an offer must not say before it is published, and what is told of one that was: terms, origin, charging."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from covolt.contract.codes import COUNTRIES, CURRENCIES
from covolt.contract.datasheet import Datasheet
from covolt.contract.document import read_text
from covolt.contract.lines import lines_of_keys
from covolt.contract.mistakes import place_of
from covolt.errors import CovoltError, Problem
from covolt.library.connection import nominal_problems
from covolt.library.driveline import tables_of
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.programme.rates import Rates
from covolt.study.verdicts.origin_known import (
    operations_unknown,
    operations_written,
    part_operations,
    unknown_operations,
    unlisted,
    without_value,
)
from covolt.study.verdicts.uncounted import uncounted
from covolt.words import text

__all__ = ["offer_problems", "offered_notices", "part_operation_problems", "written_problems"]

CURVE_ABOVE_PEAK_RATIO = 0.01
"""A declared peak is rounded, a curve is measured point by point; an estimate."""


def offer_problems(programme: Programme, sheet: Datasheet) -> list[Problem]:
    """What would be no use to any reader of an offer, or stop one: all of it, by the part's reference.

    An offer that was published before such things were looked for stays readable.
    """
    stated = [*_currency(programme, sheet), *_countries(sheet), *_curve(sheet), *nominal_problems(sheet)]
    return [*part_operations(programme, sheet), *stated]


def written_problems(programme: Programme, part: Path) -> list[Problem]:
    """What can be said of the file of a part that cannot be read: its operations that no scheme lists."""
    try:
        written = read_text(part, str(part))
    except CovoltError:
        return []
    return list(_written(programme, str(part), written))


def _written(programme: Programme, source: str, written: str) -> Iterator[Problem]:
    for at, one in unlisted(programme, operations_written(written)):
        yield Problem(one.what, place_of(source, at, lines_of_keys(written)), one.hint)


def part_operation_problems(programme: Programme) -> Iterator[Problem]:
    """Operations of the parts in the programme's folders that no scheme lists, for who checks it."""
    for name, part in programme.parts.items():
        for at, one in unknown_operations(programme, part):
            yield Problem(one.what, programme.where("part", name, *at), one.hint)
    for source in programme.unread_sources:
        with suppress(CovoltError):
            yield from _written(programme, source, programme.files.text(source))


def offered_notices(programme: Programme) -> list[Problem]:
    """Of offers that nobody locked, operations that no scheme lists; of all, operations done where no value was made.

    Of those in the lock, prices that cannot be counted.
    """
    locked = {pin.offer for pin in programme.lock.slots.values()} if programme.lock else set[str]()
    found = operations_unknown(programme, lambda name: name not in locked)
    for name, offer in programme.offers.items():
        where = programme.where("offer", name, "datasheet", "origin", "value")
        found += [Problem(one.what, where, one.hint) for one in without_value(offer.datasheet)]
    for name in sorted(locked & programme.offers.keys()):
        where = programme.where("offer", name, "datasheet", "supply")
        told = uncounted(programme, [programme.offers[name].datasheet])
        found += [Problem(one.what, where, one.hint) for one in told]
    return found


def _currency(programme: Programme, sheet: Datasheet) -> Iterator[Problem]:
    if sheet.supply is None:
        return
    rows = [row for table in terms_of(programme).of(Rates) for row in table.rate]
    rated = {one for row in rows for one in (row.currency, row.per)}
    wanted = sheet.supply.currency
    if wanted not in CURRENCIES | rated and not programme.tables_unread:
        hint = text(
            "write a code that holds now, such as {names}; or state its rates in a table of rates",
            names=", ".join(sorted(rated)) or "BYN",
        )
        what = text("neither ISO 4217 nor a table of rates knows the currency {currency}", currency=wanted)
        yield Problem(what, f"{sheet.reference} (supply.currency)", hint)


def _countries(sheet: Datasheet) -> Iterator[Problem]:
    if sheet.origin is None:
        return
    for key, rows in (("value", sheet.origin.value), ("operations", sheet.origin.operations)):
        for number, one in enumerate(rows):
            if one.country not in COUNTRIES:
                what = text("ISO 3166 knows no country {country}", country=one.country)
                where = f"{sheet.reference} (origin.{key}.{number}.country)"
                yield Problem(what, where, text("write two capital letters of ISO 3166, such as BY"))


def _curve(sheet: Datasheet) -> Iterator[Problem]:
    table, peak = tables_of(sheet).get("charging_power"), sheet.declared.get("charge_power_peak")
    if table is None or peak is None:
        return
    most_W = max(table.rows_si[0])
    if most_W > peak.value_si * (1.0 + CURVE_ABOVE_PEAK_RATIO):
        what = text(
            "the charging curve rises to {most:g} kW, above charge_power_peak {peak}",
            most=most_W / 1e3,
            peak=str(peak.value),
        )
        yield Problem(what, f"{sheet.reference} (tables.charging_power)", text("correct one of both"))
