"""What a study found: how far it has come, how often each requirement is met, one design of it, and all of it as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from covolt.errors import NotFound, Problem
from covolt.study.result import RESULT, Number, Said
from covolt.words import text

if TYPE_CHECKING:
    from covolt.study.designs.contracts import ContractLimit
    from covolt.study.designs.study_table import StudyTable

__all__ = [
    "DesignDocument",
    "InterestOfStudy",
    "LimitOfDesign",
    "LimitOfStudy",
    "RequirementOfStudy",
    "StudyDocument",
    "design",
    "export",
    "left_by",
    "show",
]


@dataclass(frozen=True, config=RESULT, kw_only=True)
class RequirementOfStudy:
    """How the designs of a study stand to one requirement; margins in its unit: today's, the least and the greatest."""

    requirement: str
    unit: str
    met_count: int
    not_met_count: int
    open_count: int
    not_verified_count: int
    today: str
    today_margin: Number | None
    lowest_margin: Number | None
    highest_margin: Number | None


@dataclass(frozen=True, config=RESULT, kw_only=True)
class InterestOfStudy:
    """The values of one interest over the designs of a study, in its unit."""

    interest: str
    unit: str
    today: Number | None
    lowest: Number | None
    highest: Number | None


@dataclass(frozen=True, config=RESULT, kw_only=True)
class LimitOfStudy:
    """How the designs of a study stand to one limit of a contract; values of its number in its unit."""

    limit: str
    """By its contract and number, as `contract: battery mass`."""
    contract: str
    said: Said
    unit: str
    leaving: int
    today: Number | None
    lowest: Number | None
    highest: Number | None


@dataclass(frozen=True, config=RESULT, kw_only=True)
class LimitOfDesign:
    """A limit of a contract that a design leaves, with its number there, in `unit`."""

    limit: str
    contract: str
    said: Said
    unit: str
    value: Number


@dataclass(frozen=True, config=RESULT, kw_only=True)
class StudyDocument:
    """A study as far as it has come: designs that are there, how many meet everything, and how each requirement stands."""

    programme: str
    method: str
    seed: int
    designs: int
    written: int
    meeting_all: int
    first_meeting_all: tuple[int, ...]
    """Numbers of the first of them."""
    nearest: int | None
    """Where none meets all: the design that meets most; None where one does."""
    requirements: tuple[RequirementOfStudy, ...]
    interests: tuple[InterestOfStudy, ...]
    contracts: tuple[LimitOfStudy, ...] | None
    """None in studies from before contracts were looked at."""
    leaving: int | None
    """Designs that leave a contract."""
    meeting_all_and_contracts: int | None
    first_meeting_all_and_contracts: tuple[int, ...]
    lost: Mapping[int, str]
    """Designs that could not be judged, and why."""
    checksums: bool
    """Whether its files bear checksums, so that it is told where they are not as they were written."""
    digest: str
    """By which a settlement names the study: of its plan and of the rows that are written."""
    schema: Literal["study-summary/1"] = "study-summary/1"


@dataclass(frozen=True, config=RESULT, kw_only=True)
class DesignDocument:
    """One design of a study: its values, and what was found of it."""

    design: int
    values: Mapping[str, Number | str]
    """By variable with its unit."""
    today: Mapping[str, Number | str]
    """The same of today's vehicle."""
    verdicts: Mapping[str, str]
    found: Mapping[str, Number | None]
    """Values by requirement with its unit."""
    margins: Mapping[str, Number | None]
    """By requirement with its unit."""
    interests: Mapping[str, Number | None]
    leaves: tuple[LimitOfDesign, ...]
    """Limits of contracts that it leaves."""
    outcome: str
    schema: Literal["study-design/1"] = "study-design/1"


MOST_NAMED = 5
"""Designs that meet everything, of which the numbers are told."""


def show(folder: Path) -> StudyDocument:
    """What the study in a folder has found so far.

    Raises:
        NotFound: there is no study, or no design of it is written yet.
    """
    from covolt.study.designs.contracts import contract_margins
    from covolt.study.designs.plan import digest_of_study, read_plan
    from covolt.study.designs.study_table import StudyTable

    plan, table = read_plan(folder), StudyTable.read(folder)
    every = table.met.all(axis=1) if table.requirements else np.zeros(table.designs, dtype=bool)
    meeting = [int(one) for one in table.design[every]]
    met = table.met.sum(axis=1)
    limits = plan.contracts or ()
    left = contract_margins(limits, table.variables, table.values) < 0.0
    within = [int(one) for one in table.design[every & ~left.any(axis=1)]]
    return StudyDocument(
        programme=plan.programme,
        method=plan.method,
        seed=plan.seed,
        designs=plan.count,
        written=table.designs,
        meeting_all=len(meeting),
        first_meeting_all=tuple(meeting[:MOST_NAMED]),
        nearest=None if meeting or not table.requirements else int(table.design[int(np.argmax(met))]),
        requirements=tuple(_requirement(table, at) for at in range(len(table.requirements))),
        interests=tuple(
            InterestOfStudy(
                interest=name,
                unit=table.interest_units[at],
                today=_today(table, table.interest_values[:, at]),
                lowest=_end(table.interest_values[:, at], np.min),
                highest=_end(table.interest_values[:, at], np.max),
            )
            for at, name in enumerate(table.interests)
        ),
        contracts=None if plan.contracts is None else tuple(_limits(table, limits, left)),
        leaving=None if plan.contracts is None else int(left.any(axis=1).sum()),
        meeting_all_and_contracts=None if plan.contracts is None else len(within),
        first_meeting_all_and_contracts=() if plan.contracts is None else tuple(within[:MOST_NAMED]),
        lost={int(one): said for one, said in zip(table.design, table.outcomes, strict=True) if said},
        checksums=plan.checksums is True,
        digest=digest_of_study(plan, table.digest),
    )


def _limits(table: StudyTable, limits: Sequence[ContractLimit], left: NDArray[np.bool_]) -> Iterator[LimitOfStudy]:
    for at, one in enumerate(limits):
        values = one.values(dict(zip(table.variables, table.values.T, strict=True)))
        yield LimitOfStudy(
            limit=one.name,
            contract=one.contract,
            said=one.said,
            unit=one.unit,
            leaving=int(left[:, at].sum()),
            today=_today(table, values),
            lowest=_end(values, np.min),
            highest=_end(values, np.max),
        )


def left_by(table: StudyTable, limits: Sequence[ContractLimit], row: int) -> tuple[LimitOfDesign, ...]:
    """Limits of contracts that the design in a row of a study leaves."""
    at = {name: table.values[row : row + 1, place] for place, name in enumerate(table.variables)}
    return tuple(
        LimitOfDesign(
            limit=one.name, contract=one.contract, said=one.said, unit=one.unit, value=float(one.values(at)[0])
        )
        for one in limits
        if one.margins(at)[0] < 0.0
    )


def _requirement(table: StudyTable, at: int) -> RequirementOfStudy:
    words, margins = table.verdicts[:, at], table.margins[:, at]
    counts = {one: int((words == one).sum()) for one in ("met", "not met", "open", "not verified")}
    return RequirementOfStudy(
        requirement=table.requirements[at],
        unit=table.units[at],
        met_count=counts["met"],
        not_met_count=counts["not met"],
        open_count=counts["open"],
        not_verified_count=counts["not verified"],
        today=str(words[0]) if table.design[0] == 0 else "",
        today_margin=_today(table, margins),
        lowest_margin=_end(margins, np.min),
        highest_margin=_end(margins, np.max),
    )


def _today(table: StudyTable, column: NDArray[np.float64]) -> float | None:
    """The value of today's vehicle, which is design 0; None where it is not written yet, or has none."""
    return float(column[0]) if table.design[0] == 0 and np.isfinite(column[0]) else None


def _end(column: NDArray[np.float64], of: Any) -> float | None:
    found = column[np.isfinite(column)]
    return float(of(found)) if len(found) else None


def design(folder: Path, number: int) -> DesignDocument:
    """One design of a study.

    Raises:
        NotFound: there is no study, or this design is not in it, or not written yet.
    """
    from covolt.study.designs.plan import read_plan
    from covolt.study.designs.study_table import StudyTable

    plan, table = read_plan(folder), StudyTable.read(folder)
    (places,) = np.nonzero(table.design == number)
    if not len(places):
        first, last = (int(table.design[end]) for end in (0, -1))
        hint = text("written are {count}, from {first} to {last}", count=table.designs, first=first, last=last)
        raise NotFound(Problem(text("no design {number} in this study", number=number), "design", hint))
    at = int(places[0])
    return DesignDocument(
        design=number,
        values=table.of_design(at),
        today=table.of_design(0) if table.design[0] == 0 else {},
        verdicts=dict(zip(table.requirements, map(str, table.verdicts[at]), strict=True)),
        found=dict(zip(_with_units(table.requirements, table.units), map(float, table.found[at]), strict=True)),
        margins=dict(zip(_with_units(table.requirements, table.units), map(float, table.margins[at]), strict=True)),
        interests=dict(
            zip(_with_units(table.interests, table.interest_units), map(float, table.interest_values[at]), strict=True)
        ),
        leaves=left_by(table, plan.contracts or (), at),
        outcome=table.outcomes[at],
    )


def _with_units(names: tuple[str, ...], units: tuple[str, ...]) -> Iterator[str]:
    return (f"{name} [{unit}]" for name, unit in zip(names, units, strict=True))


def export(folder: Path, file: Path) -> int:
    """Write all designs of a study that are there as one Parquet or CSV file; how many there are.

    It is read and written chunk by chunk, whatever its size.

    Raises:
        NotFound: there is no study, or no design of it is written yet.
        InputError: the name of the file ends otherwise, or a file that is no such table has it.
    """
    from covolt.study.designs.kept import chunk_tables
    from covolt.study.designs.table_file import demand_ending, demand_own, write_tables

    demand_ending(file)
    tables = iter(chunk_tables(folder))
    first = next(tables)
    demand_own(file, first.schema.names)
    return write_tables(file, chain((first,), tables))
