"""What a verdict by dated tables says beside it: how sure their rows are, whom they concern, how old they are, assumed rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from covolt import units
from covolt.library.terms import Terms
from covolt.programme.amendments import CONFIDENCE
from covolt.programme.origin_scheme import OriginScheme, OriginThreshold, holds
from covolt.programme.rates import Rate, Rates
from covolt.programme.state_money import FeeStep, MoneyRow, StateMoney
from covolt.programme.table import DatedTable, is_old
from covolt.study.procedures.protocol import Given, Measure
from covolt.study.procedures.record import Record
from covolt.study.procedures.state_money import FEES
from covolt.study.procedures.supply import CURRENCIES
from covolt.study.verdicts.own_tables import TableKind, stands_on
from covolt.study.verdicts.variation import Sheets
from covolt.study.verdicts.verdict import Verdict
from covolt.words import Phrase, day_said, joined, text

__all__ = ["with_tables"]

_SURE = tuple(CONFIDENCE)


def with_tables(
    verdict: Verdict,
    measure: Measure,
    record: Record,
    given: Given,
    sheets: Sheets,
    terms: Terms,
    decided: Mapping[str, Mapping[str, TableKind]],
) -> Verdict:
    """A verdict with what its tables leave doubtful; tables are those whose rows stand in the lines of the measure.

    `decided` gives by measure the tables of the programme that decide it.
    """
    own = decided.get(measure.id, {})
    named = {one.clause for one in record.lines_of(measure.id)}
    used = [one for name, one in sorted(terms.tables.items()) if name in named]
    told = [each for one in used for each in _of_table(one, measure, given)] if given.day else []
    told += _of_rates(used, measure, given.day, sheets, terms)
    for kind in dict.fromkeys(own.values()):
        told.append(stands_on(", ".join(name for name, one in own.items() if one == kind), kind))
    said = joined([one for one in (verdict.why, *dict.fromkeys(told)) if one])
    return replace(verdict, tables=own, why=said) if told else verdict


def _of_table(table: DatedTable, measure: Measure, given: Given) -> Iterator[Phrase]:
    """For whom its rows are, how sure the least sure of those that decide is, and how old they are."""
    day, rows = given.day or "", _deciding(table, measure, given)
    if isinstance(table, StateMoney) and not rows:
        return
    if isinstance(table, StateMoney) and measure.id in FEES and table.fee_condition is not None:
        yield joined((table.id, table.fee_condition.words), ": ")
    least = max((one.confidence for one in rows), key=_SURE.index, default="high")
    if least != "high":
        yield text("{table}: confidence {confidence}", table=table.id, confidence=CONFIDENCE[least])
    checked: str | None = getattr(table, "checked_on", None)
    begins = max((one.valid_from or "" for one in rows), default="")
    if checked is not None and is_old(checked, day):
        yield text(
            "{table} was last checked on {checked}, long before {day}",
            table=table.id,
            checked=day_said(checked),
            day=day_said(day),
        )
    elif checked is None and begins and is_old(begins, day):
        yield text(
            "{table}: its row begins on {begins}, and no day is stated on which it was checked",
            table=table.id,
            begins=day_said(begins),
        )


def _deciding(table: DatedTable, measure: Measure, given: Given) -> list[FeeStep | MoneyRow | OriginThreshold]:
    """Rows of a table that decide on the day: of the state's money, and the threshold of a use of origin."""
    day = given.day or ""
    if isinstance(table, StateMoney):
        return [one for one in (table.fee if measure.id in FEES else table.row) if holds(one, day)]
    name, _, use = (given.scheme or "").partition("/")
    threshold = table.threshold_on(use, day) if isinstance(table, OriginScheme) and name == table.id else None
    return [] if threshold is None else [threshold]


def _of_rates(
    used: list[DatedTable], measure: Measure, day: str | None, sheets: Sheets, terms: Terms
) -> Iterator[Phrase]:
    """Rates that are old, of the currencies that a sum is changed from."""
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
        if last is None:
            continue
        table, pair = last[1].id, f"{other}/{currency}"
        if not last[1].assumed and is_old(last[0].valid_from, day):
            begins = day_said(last[0].valid_from)
            yield text(
                "{table}: the rate of {pair} is of {begins}, long before {day}",
                table=table,
                pair=pair,
                begins=begins,
                day=day_said(day),
            )


def _begins(row: tuple[Rate, Rates]) -> str:
    return row[0].valid_from
