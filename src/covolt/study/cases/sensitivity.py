"""The use case `sensitivity`: what each requirement hangs on in the space that the parties let move, by one of three methods."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from covolt import units
from covolt.errors import NotFound, Problem
from covolt.programme.documents import Programme
from covolt.study.cases.options import Findings, Progress, silent
from covolt.study.cases.sensitivity_told import (
    METHODS,
    End,
    Hanging,
    IndexOf,
    Method,
    PairOf,
    SensitivityDocument,
    SlopeOf,
    TornadoBar,
    write_sensitivity,
)
from covolt.study.cases.study import engine_of, find_unknown
from covolt.study.designs.chunks import chunks_of
from covolt.study.designs.engine import Engine
from covolt.study.designs.evaluation import Asked, Rows, asked_of
from covolt.study.designs.plan import PLAN, demand_current, read_plan
from covolt.study.designs.running import Opening
from covolt.study.designs.space import DesignSpace
from covolt.study.designs.table_file import demand_ending
from covolt.study.gate.check import read_whole
from covolt.study.sensitivity.slopes import Axis, Slope, slopes_of
from covolt.study.sensitivity.sobol import FEWEST_BLOCKS, SobolIndices, saltelli_blocks, sobol_indices
from covolt.study.sensitivity.tornado import Tornado, tornado_of
from covolt.suggestion import named
from covolt.words import Phrase, Words, text

__all__ = ["seen_of", "sensitivity"]

DESIGNS = 1024
"""Designs that Sobol's indices are taken from where nobody says how many."""
MOST_TOGETHER = 32
"""Designs that are judged together."""
Numbers = NDArray[np.float64]


def sensitivity(  # noqa: PLR0913  what whoever asks may choose
    programme: Path | Programme,
    *,
    method: str = "tornado",
    only: Sequence[str] = (),
    designs: int | None = None,
    seed: int = 0,
    pairs: bool = False,
    party: str = "",
    workers: int = 0,
    output: Path | None = None,
    progress: Progress = silent,
    findings: Findings | None = None,
    day: str | None = None,
) -> SensitivityDocument:
    """What requirements and interests hang on.

    Args:
        programme: a programme, its folder, or the folder of a study of it, whose requirements are taken then.
        method: "tornado" and "gradient" about today's vehicle, "sobol" over the whole space.
        only: names of requirements and interests, all where none is named.
        designs: with "sobol", how many may be judged; 1,024 where nobody says.
        pairs: with "sobol", also what two variables explain together.
        output: file to which the result is written besides, .parquet or .csv.

    Raises:
        InputError: every problem of the programme, the space and the options.
        Unavailable: SALib is not installed, which "sobol" needs.
    """
    findings = findings or Findings()
    read, of_study = seen_of(programme, party, findings, day)
    only = tuple(only) or of_study
    _find_wrong(findings, method, seed, designs, pairs=pairs)
    if output is not None:
        findings.take(lambda: demand_ending(output))
    space = None
    if read is not None:
        find_unknown(read, only, findings)
        seen = read
        space = findings.take(lambda: DesignSpace.of(seen))
    blocks = 0
    if space is not None and method == "sobol":
        blocks = _blocks(findings, len(space.variables), DESIGNS if designs is None else designs, pairs=pairs)
    engine = findings.take(lambda: engine_of(workers, findings))
    findings.demand_none()
    if read is None or space is None:
        raise RuntimeError("there is no programme, and no problem says why")
    judge = _Judge(Opening.here(read, only), engine, workers, progress)
    requirements, interests, left_out = asked_of(read, only or None)
    asked = (*requirements, *interests)
    found = _by(cast("Method", method), space, judge, asked, blocks, seed, pairs=pairs)
    document = SensitivityDocument(
        programme=read.charter.id,
        method=cast("Method", method),
        designs=len(judge.rows.values),
        seed=seed,
        results=found,
        fixed=tuple(one.id for one in space.variables if one.choices) if method == "gradient" else (),
        left_out=tuple(sorted(left_out)),
        outcomes=judge.outcomes,
    )
    if output is not None:
        write_sensitivity(output, document)
    return document


def seen_of(
    programme: Path | Programme, party: str, findings: Findings, day: str | None
) -> tuple[Programme | None, tuple[str, ...]]:
    """The programme as a party sees it, or that of a study as whoever ran it does; and the requirements of the study."""
    if isinstance(programme, Path) and (programme / PLAN).is_file():
        return findings.take(lambda: _of_study(programme, party, findings, day)) or (None, ())
    read = findings.take(lambda: read_whole(programme, day=day) if isinstance(programme, Path) else programme)
    return (None if read is None else findings.seen(read, party)), ()


def _of_study(folder: Path, party: str, findings: Findings, day: str | None) -> tuple[Programme, tuple[str, ...]]:
    plan = read_plan(folder)
    whole = read_whole(folder / plan.folder, day=day)
    reader = whole.seen_by(plan.reader or None)
    demand_current(folder, plan, reader, DesignSpace.of(reader), judging=False)
    return (findings.seen(whole, party) if party else reader), plan.only


def _find_wrong(findings: Findings, method: str, seed: int, designs: int | None, *, pairs: bool) -> None:
    if method not in METHODS:
        hint = named(method, METHODS)
        findings.add(Problem(text("no method '{method}'", method=method), findings.called("method"), hint), NotFound)
    elif pairs and method != "sobol":
        what = text("pairs are found by Sobol's indices alone")
        findings.add(Problem(what, findings.called("pairs"), text("remove it, or take --method sobol")))
    if designs is not None and method in METHODS and method != "sobol":
        what = text("{method} judges the designs that it needs, and takes no number of them", method=method)
        findings.add(Problem(what, findings.called("designs"), text("remove it, or take --method sobol")))
    if seed < 0:
        what = text("a seed of {seed}", seed=seed)
        findings.add(Problem(what, findings.called("seed"), text("write a whole number from 0 on")))


def _blocks(findings: Findings, variables: int, designs: int, *, pairs: bool) -> int:
    """Saltelli's blocks that so many designs allow."""
    blocks = saltelli_blocks(variables, designs, second_order=pairs)
    if blocks < FEWEST_BLOCKS:
        least = FEWEST_BLOCKS * (2 * variables + 2 if pairs else variables + 2)
        what = text("{count} designs are too few for {variables} variables", count=designs, variables=variables)
        findings.add(Problem(what, findings.called("designs"), text("give {least} or more", least=least)))
    return blocks


@dataclasses.dataclass
class _Judge:
    """Judges designs wherever the engine does, and keeps their rows; the outputs are what was found of each."""

    opening: Opening
    engine: Engine | None
    workers: int
    progress: Progress
    rows: Rows = dataclasses.field(default_factory=lambda: Rows.lost(np.empty((0, 0)), 0, 0, ()))

    def __call__(self, values: Numbers) -> Numbers:
        if self.engine is None:
            raise RuntimeError("there is no engine, and no problem says why")
        size = max(1, min(MOST_TOGETHER, -(-len(values) // max(1, self.workers))))
        parts: dict[int, Rows] = {}
        done = 0
        self.progress(0, len(values))
        for chunk, rows in self.engine.run(self.opening, values, chunks_of(len(values), size)):
            parts[chunk.begin] = rows
            done += len(rows.values)
            self.progress(done, len(values))
        self.rows = Rows.together([one for _, one in sorted(parts.items())])
        return np.concatenate([self.rows.found, self.rows.interests], axis=1)

    @property
    def outcomes(self) -> dict[str, int]:
        """What kept designs from being judged, and how often."""
        found: dict[str, int] = {}
        for said in self.rows.outcomes:
            if said:
                found[said] = found.get(said, 0) + 1
        return found


def _by(
    method: Method,
    space: DesignSpace,
    judge: _Judge,
    asked: Sequence[Asked],
    blocks: int,
    seed: int,
    *,
    pairs: bool,
) -> tuple[Hanging, ...]:
    if method == "tornado":
        every = tornado_of(space, judge)
        return tuple(_held(one, judge, at, bars=_bars(space, judge, at, every[at])) for at, one in enumerate(asked))
    if method == "gradient":
        moving = [at for at, one in enumerate(space.variables) if not one.choices]

        def along(rows: Numbers) -> Numbers:
            whole = np.repeat(space.at_locked[None, :], len(rows), axis=0)
            whole[:, moving] = rows
            return judge(whole)

        axes = [Axis(one.locked, one.lowest, one.highest) for one in space.variables if not one.choices]
        slopes = slopes_of(axes, along)
        return tuple(
            _held(one, judge, at, slopes=tuple(_slopes(space, moving, slopes[at]))) for at, one in enumerate(asked)
        )

    # Today's vehicle is judged beside, before them.
    def over(rows: Numbers) -> Numbers:
        values = np.stack([one.at(rows[:, at]) for at, one in enumerate(space.variables)], axis=1)
        return judge(np.concatenate([space.at_locked[None, :], values]))[1:]

    found = sobol_indices(space.names, over, blocks=blocks, seed=seed, second_order=pairs)
    return tuple(
        _held(
            one,
            judge,
            at,
            indices=tuple(_indices(space, found, at, pairs=pairs)),
            deviation=_known(found.deviations[at]),
            blocks=int(found.blocks[at]),
            doubt=doubt_of(found.total[at], found.total_half_widths[at]),
        )
        for at, one in enumerate(asked)
    )


def doubt_of(total: Numbers, half_widths: Numbers) -> Phrase:
    """Why total indices of one result, each with its half-width, cannot be: one is above 1, or all together are below it."""
    if (total - half_widths > 1.0).any():
        return text("one variable seems to explain more than all: take more designs")
    if float(np.sum(total + half_widths)) < 1.0:
        said = f"{100.0 * float(np.sum(total)):.0f}"
        return text("with others they explain {percent} % together, and all is 100 %: take more designs", percent=said)
    return Words()


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _held(one: Asked, judge: _Judge, at: int, **found: Any) -> Hanging:
    """A requirement or an interest as it is today, with what was found of it."""
    rows, requirement = judge.rows, one.requirement
    count = rows.found.shape[1]
    column = rows.interests[:, at - count] if one.is_interest else rows.found[:, at]
    bound = None if one.is_interest else _bound(one)
    return Hanging(
        name=one.name,
        unit=one.unit,
        is_interest=one.is_interest,
        bound=bound,
        side="" if one.is_interest else "at_least" if requirement.at_least is not None else "at_most",
        today=_known(column[0]),
        margin=None if one.is_interest else _known(rows.margins[0, at]),
        verdict="" if one.is_interest else str(rows.verdicts[0, at]),
        lost=int((~np.isfinite(column)).sum()),
        **found,
    )


def _bound(one: Asked) -> float:
    return units.unit(one.unit).from_si(one.requirement.bound_si[0])


def _bars(space: DesignSpace, judge: _Judge, at: int, found: Tornado) -> tuple[TornadoBar, ...]:
    rows = judge.rows
    count = rows.found.shape[1]

    def end(bar: int, row: int, value: float, result: float) -> End:
        one = space.variables[bar]
        own = at < count
        return End(
            at=one.choices[int(value)] if one.choices else value,
            value=_known(result),
            margin=_known(rows.margins[row, at]) if own else None,
            verdict=str(rows.verdicts[row, at]) if own else "",
        )

    return tuple(
        TornadoBar(
            variable=space.variables[bar.variable].id,
            party=space.variables[bar.variable].party,
            unit=space.variables[bar.variable].unit,
            ends=tuple(end(bar.variable, *one) for one in zip(bar.rows, bar.values, bar.results, strict=True)),
            width=_known(bar.width),
        )
        for bar in found.bars
    )


def _slopes(space: DesignSpace, moving: Sequence[int], found: Sequence[Slope]) -> Iterator[SlopeOf]:
    for at, one in zip(moving, found, strict=True):
        variable = space.variables[at]
        yield SlopeOf(
            variable=variable.id,
            party=variable.party,
            unit=variable.unit,
            kind=one.kind,
            slope=_known(one.whole.value),
            error=_known(one.whole.uncertainty),
            below=_known(one.below.value),
            below_error=_known(one.below.uncertainty),
            above=_known(one.above.value),
            above_error=_known(one.above.uncertainty),
        )


def _indices(space: DesignSpace, found: SobolIndices, at: int, *, pairs: bool) -> Iterator[IndexOf]:
    for column, variable in enumerate(space.variables):
        # SALib fills the upper half alone: what two explain together has no order.
        together = tuple(
            PairOf(
                variable=other.id,
                share=_known(found.second[at, min(column, to), max(column, to)]),
                half_width=_known(found.second_half_widths[at, min(column, to), max(column, to)]),
            )
            for to, other in enumerate(space.variables)
            if pairs and to != column
        )
        yield IndexOf(
            variable=variable.id,
            party=variable.party,
            unit=variable.unit,
            first=_known(found.first[at, column]),
            first_half_width=_known(found.first_half_widths[at, column]),
            total=_known(found.total[at, column]),
            total_half_width=_known(found.total_half_widths[at, column]),
            pairs=together,
        )
