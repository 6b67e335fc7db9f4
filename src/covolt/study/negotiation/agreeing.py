"""Agreeing: studies of the same designs that say two things of one column are refused, by study, design and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from covolt.errors import Conflict, Problem
from covolt.words import joined, text

if TYPE_CHECKING:
    from covolt.study.negotiation.question import Study

__all__ = ["NEAR", "Column", "columns_of", "demand_agreement", "demand_same_values"]

NEAR = 1e-9
"""Share of the greatest magnitude of a column that is what rounding left of equality."""
OPEN = frozenset({"open", "not verified"})
Table = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Column:
    """What a study says of one requirement or interest, by row; interests have neither margins nor verdicts."""

    study: Study
    name: str
    values: Table
    margins: Table | None = None
    words: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it at any design."""
        return bool(np.isfinite(self.values).any()) or any(one not in OPEN for one in self.words)


def columns_of(study: Study) -> Iterator[Column]:
    """All columns of a study but those of what moves."""
    table = study.table
    for at, name in enumerate(table.interests):
        yield Column(study, name, table.interest_values[:, at])
    for at, name in enumerate(table.requirements):
        words = tuple(str(word) for word in table.verdicts[:, at])
        yield Column(study, name, table.found[:, at], table.margins[:, at], words)


def demand_agreement(studies: Sequence[Study]) -> dict[str, Column]:
    """The columns of all studies by name; what one study knows nothing of at any design may be known by another.

    Raises:
        Conflict: with every column of which two studies say two things of a design.
    """
    found: dict[str, Column] = {}
    problems: list[Problem] = []
    for study in studies:
        for column in columns_of(study):
            before = found.get(column.name)
            if before is None or not before.is_known:
                found[column.name] = column
            elif column.is_known:
                problems += _apart(before, column)
    if problems:
        raise Conflict(problems)
    return found


def _apart(one: Column, other: Column) -> Iterator[Problem]:
    pairs = [("value", one.values, other.values)]
    if one.margins is not None and other.margins is not None:
        pairs.append(("margin", one.margins, other.margins))
    for called, first, second in pairs:
        rows = np.flatnonzero(~_same(first, second))
        if rows.size:
            told = (_told(float(first[rows[0]])), _told(float(second[rows[0]])))
            yield _problem(one, other, f"{one.name} {called}", rows, told)
            return
    rows = np.flatnonzero(np.array(one.words, dtype="U") != np.array(other.words, dtype="U"))
    if rows.size:
        at = int(rows[0])
        yield _problem(one, other, f"{one.name} verdict", rows, (one.words[at], other.words[at]))


def demand_same_values(columns: Sequence[tuple[object, Column]]) -> None:
    """Refuse columns of which two answer the same question with two numbers.

    Args:
        columns: each with what was asked, and from which side.

    Raises:
        Conflict: with every two that differ.
    """
    first: dict[object, Column] = {}
    problems: list[Problem] = []
    for asked, column in columns:
        one = first.setdefault(asked, column)
        known = np.isfinite(one.values) & np.isfinite(column.values)
        rows = np.flatnonzero(known & ~_same(one.values, column.values))
        if rows.size:
            told = (_told(float(one.values[rows[0]])), _told(float(column.values[rows[0]])))
            problems.append(_problem(one, column, f"{column.name} value", rows, told, called=f"{one.name} value"))
    if problems:
        raise Conflict(problems)


def _same(one: Table, other: Table) -> NDArray[np.bool_]:
    """Whether numbers are one but for rounding; that there is none is the same on both sides alone."""
    finite = np.concatenate([one[np.isfinite(one)], other[np.isfinite(other)]])
    scale = float(np.abs(finite).max(initial=0.0))
    with np.errstate(invalid="ignore"):
        near = np.abs(one - other) <= NEAR * scale
    return np.asarray(near | (np.isnan(one) & np.isnan(other)))


def _problem(one: Column, other: Column, name: str, rows: Rows, told: tuple[str, str], called: str = "") -> Problem:
    """That two columns are apart: the first design at which they are, and of how many others."""
    what = text(
        "design {design}, {column}: it says {own}, and {folder} {other}",
        design=int(one.study.table.design[rows[0]]),
        column=name,
        own=told[1],
        folder=f"{one.study.folder}{f', {called},' if called else ''}",
        other=told[0],
    )
    if len(rows) > 1:
        what = joined((what, text("and so of {count} more designs", count=len(rows) - 1)), "; ")
    hint = text("one of both was changed after it was judged: run it anew in another folder: covolt study run")
    return Problem(what, str(other.study.folder), hint)


def _told(value: float) -> str:
    return f"{value:.10g}" if np.isfinite(value) else "–"
