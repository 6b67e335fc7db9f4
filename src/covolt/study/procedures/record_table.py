"""A record as tables: its measures in the units in which people read them, and its numbered lines."""

from __future__ import annotations

from covolt import units
from covolt.digits import number_text
from covolt.display import Table, printed
from covolt.study.procedures.protocol import Record
from covolt.study.procedures.registry import procedures

__all__ = ["record_tables"]

LINE_HEADS = ("no.", "what", "symbol", "value", "unit", "clause")


def record_tables(record: Record) -> list[Table]:
    """The measures, each with what holds it or why it is missing, and the numbered lines that lead to them.

    A measure of a procedure that is no longer there is told in SI.
    """
    known = procedures().get(record.procedure)
    declared = {one.id: one.unit for one in known.measures} if known else {}
    beside = (record.shortfalls, record.at_stop, record.absent, record.missing)
    said = {name: str(why) for each in beside for name, why in each.items()}
    rows: list[tuple[str, ...]] = []
    for name in (*record.measures, *(one for one in record.missing if one not in record.measures)):
        value_si, unit = record.measures.get(name), declared.get(name, "")
        value = "" if value_si is None else _six(units.unit(unit).from_si(value_si) if unit else value_si)
        rows.append((name, value, printed(unit) if unit else "SI", said.get(name, "")))
    lines = [
        (one.number, str(one.title), one.symbol, _six(one.shown), printed(one.unit), one.clause) for one in record.lines
    ]
    notes = tuple(map(str, record.remarks))
    rows += [(name, "", "", str(one.said(declared.get(name, "1")))) for name, one in record.open.items()]
    return [
        Table(record.procedure, ("measure", "value", "unit", ""), rows, frozenset({1}), notes),
        Table("Protocol", LINE_HEADS, lines, frozenset({3})),
    ]


def _six(value: float) -> str:
    return number_text(value, 6, grouped=False)
