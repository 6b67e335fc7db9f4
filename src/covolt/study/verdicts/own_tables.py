"""Which tables of a programme decide a verdict: without them, or with the one that ships, its number would be another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from covolt.library.shipped_tables import shipped_tables
from covolt.programme.table import DatedTable
from covolt.study.procedures.protocol import Given, Procedure
from covolt.study.procedures.record import Record
from covolt.study.verdicts.bench import Bench
from covolt.study.verdicts.variation import Sheets
from covolt.words import Phrase, text

__all__ = ["TableKind", "deciding", "kind_of", "stands_on"]

TableKind = Literal["assumed", "in place of a shipped one", "of the programme"]
_UNSURE = {"low", "none"}


def kind_of(table: DatedTable) -> TableKind:
    """Assumed where it says so, or where every row that says how sure it is says low or none; else by what ships."""
    rows = [one for each in dict(table).values() if isinstance(each, tuple) for one in each]
    sure = {getattr(one, "confidence", None) for one in rows} - {None}
    if getattr(table, "assumed", False) or (sure and sure <= _UNSURE):
        return "assumed"
    return "in place of a shipped one" if table.id in shipped_tables() else "of the programme"


def stands_on(table: str, kind: TableKind) -> Phrase:
    """That a verdict stands on a table, in one line."""
    said: Mapping[TableKind, Phrase] = {
        "assumed": text("stands on an assumed table: {table}", table=table),
        "in place of a shipped one": text("stands on a table in place of the one that ships: {table}", table=table),
        "of the programme": text("stands on a table of the programme: {table}", table=table),
    }
    return said[kind]


def deciding(
    bench: Bench, own: Mapping[str, DatedTable], procedure: Procedure, given: Given, sheets: Sheets
) -> Mapping[str, Mapping[str, TableKind]]:
    """By measure of a procedure, the programme's `own` tables that decide it.

    Each is left out by itself, one that stands in place of a shipped one gives way to that. Where none alone moves a measure
    and several together do, as where two say the same, these are named.
    """
    if not procedure.reads_terms or not own:
        return {}
    kinds: dict[str, TableKind] = {name: kind_of(one) for name, one in sorted(own.items())}
    record = bench.record(procedure, given, sheets)

    def moved(names: Iterable[str]) -> set[str]:
        tables = {name: one for name, one in bench.setting.terms.tables.items() if name not in set(names)}
        tables |= {name: shipped_tables()[name] for name in names if kinds[name] == "in place of a shipped one"}
        other = bench.setting._replace(terms=replace(bench.setting.terms, tables=tables))
        without = bench.record(procedure, given, sheets, other)
        return {one.id for one in procedure.measures if _said(record, one.id) != _said(without, one.id)}

    every = moved(kinds)
    alone = {name: moved((name,)) for name in kinds} if every else {}
    found: dict[str, Mapping[str, TableKind]] = {}
    for measure in sorted(every.union(*alone.values())):
        names = [name for name, one in alone.items() if measure in one]
        if not names:
            names = list(kinds)
            for name in kinds:
                others = [one for one in names if one != name]
                names = others if measure in moved(others) else names
        found[measure] = {name: kinds[name] for name in names}
    return found


def _said(record: Record, measure: str) -> tuple[Any, ...]:
    """All of a record that a verdict on a measure follows from; why it is open may name a table that decides nothing."""
    opened = record.open.get(measure)
    ends = None if opened is None else (opened.low, opened.high, opened.sides)
    beside = (record.measures.get(measure), record.laws.get(measure), record.unsure.get(measure))
    return (ends, *beside, measure in record.missing, measure in record.shortfalls)
