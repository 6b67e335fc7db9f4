"""Tables apart: two tables of a programme that state the same thing for one day; which of them counts would be chance."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import TYPE_CHECKING

from covolt.errors import Problem
from covolt.programme.charging_network import ChargingNetwork
from covolt.programme.energy_prices import EnergyPrices
from covolt.programme.origin_scheme import LAST_DAY
from covolt.programme.rates import Rates
from covolt.programme.state_money import StateMoney, meet
from covolt.programme.table import DatedTable
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["table_problems"]

Row = tuple[str, str, str, tuple[str | int, ...]]
"""What a row states, from which day and until which, and its place in the file."""


def table_problems(programme: Programme) -> Iterator[Problem]:
    """Each row of a table for which an earlier table, by name, has one of the same thing on a day."""
    for (first, one), (second, other) in combinations(sorted(programme.tables.items()), 2):
        if type(one) is not type(other):
            continue
        for name, day, place in [*_met(one, other), *_fees(one, other)]:
            what = text("'{name}' on {day} is in the table {table} too", name=name, day=day, table=first)
            hint = text("keep one of them, or let one end before the next begins")
            yield Problem(what, programme.where("table", second, *place), hint)


def _met(one: DatedTable, other: DatedTable) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """The rows of the other that hold on a day on which one of the same does, with that day."""
    known: dict[str, list[tuple[str, str]]] = {}
    for name, begin, end, _ in _rows(one):
        known.setdefault(name, []).append((begin, end))
    for name, begin, end, place in _rows(other):
        days = [max(begin, first) for first, last in known.get(name, ()) if max(begin, first) <= min(end, last)]
        if days:
            yield name, days[0] or LAST_DAY, place


def _rows(table: DatedTable) -> Iterator[Row]:
    """What a table states; a rate and a price of energy are each from a day on until the next, so that day alone is theirs."""
    if isinstance(table, Rates):
        for at, rate in enumerate(table.rate):
            pair = "/".join(sorted((rate.currency, rate.per)))
            yield pair, rate.valid_from, rate.valid_from, ("rate", at)
    elif isinstance(table, EnergyPrices):
        for at, price in enumerate(table.price):
            yield " ".join(filter(None, price.key)), price.valid_from, price.valid_from, ("price", at)
    elif isinstance(table, ChargingNetwork):
        for at, row in enumerate(table.row):
            yield " ".join(filter(None, row.key)), *row.sure_days, ("row", at)
    elif isinstance(table, StateMoney):
        yield from _money(table)


def _money(table: StateMoney) -> Iterator[Row]:
    for at, row in enumerate(table.row):
        for market, category in product(table.markets, table.categories):
            yield f"{row.id} {market} {category}", row.valid_from or "", row.valid_until or LAST_DAY, ("row", at)


def _fees(one: DatedTable, other: DatedTable) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """Steps of the fee of a market and category that hold for one power on one day in both."""
    if not (isinstance(one, StateMoney) and isinstance(other, StateMoney)):
        return
    shared = sorted(set(one.markets) & set(other.markets))
    if not shared or not set(one.categories) & set(other.categories):
        return
    for at, step in enumerate(other.fee):
        days = [max(step.valid_from, each.valid_from) for each in one.fee if meet(each, step)]
        if days:
            yield f"{', '.join(shared)}, {step.power_over}", days[0], ("fee", at)
