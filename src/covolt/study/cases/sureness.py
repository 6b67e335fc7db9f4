"""The use case `sureness`: how probably a vehicle of a programme meets each requirement, with which margin, by whose numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from covolt.errors import InputError, NotFound, Problem
from covolt.programme.documents import Programme
from covolt.study.cases.options import Findings, Progress, silent
from covolt.study.cases.sensitivity import seen_of
from covolt.study.cases.study import find_unknown
from covolt.study.designs.evaluation import asked_of
from covolt.study.designs.plan import demand_current, read_plan
from covolt.study.designs.space import DesignSpace
from covolt.study.designs.study_table import StudyTable
from covolt.study.designs.table_file import demand_ending, write_tables
from covolt.study.result import RESULT, Number, Said
from covolt.study.sensitivity.draws import Drawn, draw, wilson
from covolt.study.sensitivity.sureness import Judged, judged, shares_of, surely
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import RecordStore
from covolt.study.verdicts.variation import Sheets
from covolt.study.verdicts.verdict import Standing, Verdict
from covolt.words import text

__all__ = ["Sampled", "SureRow", "SurenessDocument", "sureness", "write_sureness"]

MOST_DRAWS = 1_000_000
CLOSE = 3.0
"""Standard deviations of a share of draws within which a probability of first order is borne out: 99.7 %."""
FEWEST = 30
"""Draws below which nearly every probability is within that."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class Sampled:
    """What draws of every uncertain number at once say of a requirement.

    `missed` counts those that surely miss it whatever the number, `why` says what the first of them lacks. `lowest` and `highest`
    are the ends of the interval of the probability at 95 %. `bend` is by how much the mean of the margins lies off the margin,
    which is what counts where the second order follows jumps. `agrees` says whether the probability to first order lies within
    three standard deviations of it; where not, the draws are right. Of fewer than `FEWEST` draws nobody can say.
    """

    draws: int
    lost: int
    missed: int
    why: Said
    probability: Number
    lowest: Number
    highest: Number
    uncertainty: Number | None
    robust_margin: Number | None
    agrees: bool | None
    bend: Number | None
    bend_uncertainty: Number | None


@dataclass(frozen=True, config=RESULT, kw_only=True)
class SureRow:
    """How surely one requirement is met. Numbers in `unit` of the measure, null where there is none; `why` says why.

    `robust_margin` is there with the sureness that was asked for. `shares` are each party's of the variance, `model_share` that
    of covolt's generic numbers; together one, where anything is uncertain. `bend` is by how much the mean of the value lies off
    the value, to second order. `unstated` names the declared numbers without a stated uncertainty on which the value rests alone:
    nobody can say then how sure it is, and there is no robust margin.
    """

    requirement: str
    owner: str
    kind: str
    verdict: Standing
    unit: str
    bound: Number | None
    value: Number | None
    margin: Number | None
    uncertainty: Number | None
    probability: Number | None
    robust_margin: Number | None
    bend: Number | None
    shares: Mapping[str, Number]
    model_share: Number
    sampled: Sampled | None
    why: Said
    unstated: Said


@dataclass(frozen=True, config=RESULT, kw_only=True)
class SurenessDocument:
    """How surely a vehicle meets what is asked of it: today's, which is design 0, or another design of a study."""

    programme: str
    design: int
    sureness: Number
    draws: int
    seed: int
    results: tuple[SureRow, ...]
    left_out: tuple[str, ...] = ()
    schema: Literal["sureness/1"] = "sureness/1"


def sureness(  # noqa: PLR0913  what whoever asks may choose
    programme: Path | Programme,
    *,
    design: int = 0,
    study: Path | None = None,
    only: Sequence[str] = (),
    sureness_fraction: float = 0.95,
    draws: int = 0,
    seed: int = 0,
    party: str = "",
    output: Path | None = None,
    store: RecordStore | None = None,
    progress: Progress = silent,
    findings: Findings | None = None,
    day: str | None = None,
) -> SurenessDocument:
    """How surely today's vehicle, or a design of a study, meets each requirement.

    To first order always, by the numbers of `covolt verify`; by draws of all uncertain numbers at once where they are asked for.

    Args:
        design: its number in the study; 0 is today's vehicle.
        study: folder of the study, which another design needs.
        sureness_fraction: with which the robust margin is there, from a half to below one.
        draws: how many; none for first order alone.
        output: file to which the result is written besides, .parquet or .csv.

    Raises:
        InputError: every problem of the programme and the options.
        NotFound: the design is not in the study, or not written yet.
    """
    findings = findings or Findings()
    read, _ = seen_of(programme, party, findings, day)
    _find_wrong(findings, design, study, sureness_fraction, draws, seed)
    if output is not None:
        findings.take(lambda: demand_ending(output))
    sheets: Sheets | None = None
    if read is not None:
        find_unknown(read, only, findings, bounded=True)
        seen = read
        sheets = findings.take(lambda: _sheets(seen, design, study))
    findings.demand_none()
    if read is None or sheets is None:
        raise RuntimeError("there is no programme, and no problem says why")
    asked, _, left_out = asked_of(read, only or None)
    linear = judged(read, sheets, asked, store=store, progress=progress)
    none: tuple[Drawn | None, ...] = (None,) * len(asked)
    drawn = draw(read, sheets, asked, draws=draws, seed=seed, progress=progress) if draws else none
    document = SurenessDocument(
        programme=read.charter.id,
        design=design,
        sureness=sureness_fraction,
        draws=draws,
        seed=seed,
        results=tuple(_sure(one, of, sureness_fraction) for one, of in zip(linear, drawn, strict=True)),
        left_out=tuple(sorted(left_out)),
    )
    if output is not None:
        write_sureness(output, document)
    return document


def _find_wrong(
    findings: Findings, design: int, study: Path | None, sureness_fraction: float, draws: int, seed: int
) -> None:
    if design and study is None:
        hint = text("name the folder of its study: --study DIR")
        findings.add(
            Problem(text("no study says what design {number} is", number=design), findings.called("design"), hint)
        )
    if not 0.5 <= sureness_fraction < 1.0:
        what = text("a sureness of {percent:g} %", percent=100.0 * sureness_fraction)
        findings.add(Problem(what, findings.called("sureness"), text("write one from 50 % to below 100 %")))
    if not 0 <= draws <= MOST_DRAWS:
        hint = text("give 0 to {most}", most=MOST_DRAWS)
        findings.add(Problem(text("{count} draws", count=draws), findings.called("draws"), hint))
    if seed < 0:
        what = text("a seed of {seed}", seed=seed)
        findings.add(Problem(what, findings.called("seed"), text("write a whole number from 0 on")))


def _sheets(read: Programme, design: int, study: Path | None) -> Sheets:
    """The datasheets of a design by slot."""
    if study is None:
        return locked_sheets(read)
    plan = read_plan(study)
    reader = read.whole.seen_by(plan.reader or None)
    space = DesignSpace.of(reader)
    demand_current(study, plan, reader, space, judging=False)
    table = StudyTable.read(study)
    places = np.flatnonzero(table.design == design)
    if not len(places):
        first, last = (int(table.design[end]) for end in (0, -1))
        hint = text("written are {count}, from {first} to {last}", count=table.designs, first=first, last=last)
        raise NotFound(Problem(text("no design {number} in this study", number=design), "design", hint))
    at = int(places[0])
    if table.outcomes[at]:
        raise InputError(Problem(table.outcomes[at], f"design {design}", text("name another design")))
    return space.sheets(table.values_in(space)[at])


def _sure(one: Judged, drawn: Drawn | None, sureness_fraction: float) -> SureRow:
    verdict = one.verdict
    shares = shares_of(verdict)
    return SureRow(
        requirement=verdict.requirement,
        owner=verdict.owner,
        kind=verdict.kind,
        verdict=verdict.verdict,
        unit=verdict.unit,
        bound=verdict.bound,
        value=verdict.value,
        margin=verdict.margin,
        uncertainty=verdict.uncertainty,
        probability=verdict.probability,
        robust_margin=None if one.unstated else surely(one, sureness_fraction),
        bend=one.bend if np.isfinite(one.bend) else None,
        shares={party: share for party, share in shares.items() if party},
        model_share=shares.get("", 0.0),
        sampled=None if drawn is None else _sampled(drawn, verdict, sureness_fraction),
        why=verdict.why,
        unstated=one.unstated,
    )


def _sampled(drawn: Drawn, verdict: Verdict, sureness_fraction: float) -> Sampled:
    probability, (mean, off) = verdict.probability, drawn.mean
    bent = verdict.margin is not None and np.isfinite(mean)
    lowest, highest = wilson(drawn.probability, drawn.draws)
    ends = wilson(drawn.probability, drawn.draws, CLOSE)
    robust = drawn.surely(sureness_fraction)
    return Sampled(
        draws=drawn.draws,
        lost=drawn.lost,
        missed=drawn.missed,
        why=drawn.why,
        probability=drawn.probability,
        lowest=lowest,
        highest=highest,
        uncertainty=drawn.uncertainty if np.isfinite(drawn.uncertainty) else None,
        robust_margin=robust if np.isfinite(robust) else None,
        agrees=None if probability is None or drawn.draws < FEWEST else ends[0] - 1e-9 <= probability <= ends[1] + 1e-9,
        bend=mean - (verdict.margin or 0.0) if bent else None,
        bend_uncertainty=off if bent else None,
    )


def write_sureness(file: Path, document: SurenessDocument) -> int:
    """Write a result as one table, a row for each requirement, with a column for the share of each party; how many rows."""
    import pyarrow

    parties = sorted({party for one in document.results for party in one.shares})
    columns = {name: [getattr(one, name) for one in document.results] for name in (*_SAID, *_FOUND)}
    columns |= {f"share of {party}": [one.shares.get(party, 0.0) for one in document.results] for party in parties}
    sampled = {f"drawn {name}": [getattr(one.sampled, name, None) for one in document.results] for name in _DRAWN}
    table: dict[str, Any] = columns | (sampled if document.draws else {})
    texts = {name: pyarrow.array(values, pyarrow.string()) for name, values in table.items() if name in _SAID}
    numbers = {name: pyarrow.array(values, pyarrow.float64()) for name, values in table.items() if name not in _SAID}
    return write_tables(file, [pyarrow.table({**texts, **numbers})])


_SAID = ("requirement", "owner", "kind", "verdict", "unit")
_FOUND = ("bound", "value", "margin", "uncertainty", "probability", "robust_margin", "bend", "model_share")
_DRAWN = ("probability", "lowest", "highest", "uncertainty", "robust_margin", "lost", "missed")
