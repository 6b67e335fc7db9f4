"""What a verdict by dated tables says beside it: how sure their rows are, whom they concern, how old they are, assumed rates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from covolt import units
from covolt.library.terms import Terms
from covolt.programme.amendments import CONFIDENCE
from covolt.programme.origin_scheme import holds
from covolt.programme.rates import Rate, Rates
from covolt.programme.state_money import StateMoney
from covolt.programme.table import DatedTable, is_old
from covolt.study.procedures.protocol import Given, Measure
from covolt.study.procedures.record import Record
from covolt.study.procedures.state_money import FEES
from covolt.study.procedures.supply import CURRENCIES
from covolt.study.verdicts.variation import Sheets
from covolt.study.verdicts.verdict import Verdict
from covolt.words import Phrase, day_said, joined, text

__all__ = ["with_tables"]

_SURE = tuple(CONFIDENCE)


def with_tables(
    verdict: Verdict, measure: Measure, record: Record, given: Given, sheets: Sheets, terms: Terms
) -> Verdict:
    """A verdict with what its tables leave doubtful; tables are those whose rows stand in the lines of the measure."""
    named = {one.clause for one in record.lines_of(measure.id)}
    used = [one for name, one in sorted(terms.tables.items()) if name in named]
    told = [each for one in used for each in _of_table(one, measure, given.day)]
    told += _assumed_rates(used, measure, given.day, sheets, terms)
    return (
        replace(verdict, why=joined([one for one in (verdict.why, *dict.fromkeys(told)) if one])) if told else verdict
    )


def _of_table(table: DatedTable, measure: Measure, day: str | None) -> Iterator[Phrase]:
    if isinstance(table, StateMoney) and day is not None:
        fee = measure.id in FEES
        rows = [one for one in (table.fee if fee else table.row) if holds(one, day)]
        if not rows:
            return
        if fee and table.fee_condition is not None:
            yield joined((table.id, table.fee_condition.words), ": ")
        least = max((one.confidence for one in rows), key=_SURE.index)
        if least != "high":
            yield text("{table}: confidence {confidence}", table=table.id, confidence=CONFIDENCE[least])
    if getattr(table, "assumed", False):
        yield text("{table} is an assumption: nobody published it", table=table.id)
    checked: str | None = getattr(table, "checked_on", None)
    if checked is not None and day is not None and is_old(checked, day):
        yield text(
            "{table} was last checked on {checked}, long before {day}",
            table=table.id,
            checked=day_said(checked),
            day=day_said(day),
        )


def _assumed_rates(
    used: list[DatedTable], measure: Measure, day: str | None, sheets: Sheets, terms: Terms
) -> Iterator[Phrase]:
    """Rates that nobody published, of the currencies that a sum is changed from."""
    currency = units.unit(measure.unit).si
    if currency not in CURRENCIES or day is None:
        return
    changed = {one.currency for one in used if isinstance(one, StateMoney)}
    if measure.id not in FEES:
        changed |= {one.supply.currency for one in sheets.values() if one.supply is not None}
    rows = [(one, table) for table in terms.of(Rates) for one in table.rate if holds(one, day)]
    for other in sorted(changed - {currency}):
        last = max(
            (one for one in rows if {one[0].currency, one[0].per} == {other, currency}), key=_begins, default=None
        )
        if last is not None and last[1].assumed:
            yield text("{table}: the rate of {pair} is an assumption", table=last[1].id, pair=f"{other}/{currency}")


def _begins(row: tuple[Rate, Rates]) -> str:
    return row[0].valid_from
