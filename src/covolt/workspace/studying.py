"""A study as a party reads it: every design that was judged, from the folder that holds it."""

from __future__ import annotations

import math
from pathlib import Path

from covolt import units
from covolt.programme.documents import Programme
from covolt.programme.seen import readers_said
from covolt.study.cases.study_shown import left_by
from covolt.study.designs.plan import read_plan
from covolt.study.designs.study_table import StudyTable
from covolt.study.verdicts.printed_units import printed_unit
from covolt.words import Words
from covolt.workspace.studies_shown import StudiedMeasure, StudiedVariable, StudyDesign, StudyShown

__all__ = ["study_shown"]

DIGITS = 7
"""Of a value: more than a chart or a table shows."""


def study_shown(programme: Programme, folder: Path) -> StudyShown:
    """The study in a folder; `programme` is of the reader for whom it was made."""
    plan, table = read_plan(folder), StudyTable.read(folder)
    limits = plan.contracts or ()
    designs = tuple(_design(table, row, leaves=bool(left_by(table, limits, row))) for row in range(table.designs))
    return StudyShown(
        tuple(_measure(programme, table, at) for at in range(len(table.requirements))),
        tuple(_variable(programme, table, at) for at in range(len(table.variables))),
        designs,
        sum(one.meets == len(table.requirements) and not one.leaves for one in designs),
    )


def _measure(programme: Programme, table: StudyTable, at: int) -> StudiedMeasure:
    requirement, unit = programme.requirements[table.requirements[at]], table.units[at]
    return StudiedMeasure(
        requirement.id,
        requirement.title.words,
        requirement.party,
        requirement.sign > 0.0,
        units.unit(unit).from_si(requirement.bound_si[0]),
        unit,
        printed_unit(unit),
        int(table.met[:, at].sum()),
        readers_said(requirement),
    )


def _variable(programme: Programme, table: StudyTable, at: int) -> StudiedVariable:
    name, unit = table.variables[at], table.variable_units[at]
    document = programme.designs.get(name)
    if document is None:
        return StudiedVariable(name, Words(name, name), "", "", printed_unit(unit), Words())
    title, readers = document.title.words, readers_said(document)
    return StudiedVariable(name, title, document.party, document.slot, printed_unit(unit), readers)


def _design(table: StudyTable, row: int, *, leaves: bool) -> StudyDesign:
    return StudyDesign(
        int(table.design[row]),
        tuple(one if isinstance(one, str) else _rounded(one) or 0.0 for one in table.of_design(row).values()),
        tuple(_rounded(float(one)) for one in table.found[row]),
        tuple(map(str, table.verdicts[row])),
        int(table.met[row].sum()),
        leaves,
        table.outcomes[row],
    )


def _rounded(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
