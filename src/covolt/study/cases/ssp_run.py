"""The use case `ssp run`: an SSP run from the beginning of its experiment to its end, and what it shows as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Literal, cast

import numpy as np
from pydantic.dataclasses import dataclass

from covolt.errors import InputError, Problem, system_said
from covolt.exchange.base_units import Conversion, by_name, joins, of_covolt
from covolt.exchange.master import Method, Run
from covolt.exchange.master.method import Coupling
from covolt.exchange.ssp import Flat, Models, flattened, opened_ssp, problem_of
from covolt.exchange.ssp.joining import Given, Shown
from covolt.exchange.ssp.running import SspRun, experiment_of, run_flat
from covolt.exchange.ssp.traceability import record_of
from covolt.exchange.ssp.values import REAL, real
from covolt.files import write_whole
from covolt.study.cases.options import Findings
from covolt.study.cases.ssp import document_of
from covolt.study.result import RESULT, Notice, Number, notices
from covolt.words import text

MOST_TOLD = 50

__all__ = ["SspOptions", "SspOutput", "SspRunDocument", "SspWaiting", "read_given", "run_ssp"]


@dataclass(frozen=True, config=RESULT)
class SspOptions:
    """How an SSP is run."""

    start: str | None = None
    stop: str | None = None
    step: str | None = None
    """From exchange to exchange, such as "10 ms"."""
    coupling: str = "Gauss-Seidel"
    prediction: str = "held"
    deadline: str | None = None
    """How long one call of a component may take."""
    structure: str = ""
    all_outputs: bool = False
    """Outputs of every component beside what the system shows."""
    unprotected: bool = False
    """Run foreign code though a protection of the sandbox is missing."""
    record: Path | None = None
    """Where to write the record of the run as SRMD of SSP Traceability."""
    input: Path | None = None
    """CSV of what comes from outside: a column of time in s, then one for each connector of the system, in its unit."""
    halve: bool = False
    """Run it again with half the step, and say what that changes."""


@dataclass(frozen=True, config=RESULT)
class SspOutput:
    """An output over the run."""

    name: str
    unit: str
    first: Number
    last: Number
    minimum: Number
    maximum: Number
    halving_ratio: Number | None = None


@dataclass(frozen=True, config=RESULT)
class SspWaiting:
    """How much was asked of a component, and how long was waited for it."""

    component: str
    calls: int
    waited_s: Number


@dataclass(frozen=True, config=RESULT)
class SspRunDocument:
    """A run of an SSP: from when to when, in which steps, and what it showed."""

    name: str
    digest: str
    start_s: Number
    stop_s: Number
    step_s: Number
    steps: int
    coupling: str
    prediction: str
    results_digest: str
    outputs: tuple[SspOutput, ...]
    waiting: tuple[SspWaiting, ...]
    unprotected: tuple[str, ...]
    unapplied: tuple[Notice, ...]
    notices: tuple[Notice, ...]
    schema: Literal["ssp-run/1"] = "ssp-run/1"


def run_ssp(
    path: Path, output: Path | None = None, options: SspOptions | None = None, *, findings: Findings | None = None
) -> SspRunDocument:
    """Run an SSP and write what it shows as CSV: the time, then each connector of the system with its unit.

    Where the system shows nothing, outputs of every component are written.

    Raises:
        InputError: with every problem of the SSP, its components and the options.
        Unavailable: foreign code is not run here, since a protection of the sandbox is missing.
        ComponentFailed: a component gave no answer in time, or none that counts; names it, the call and the time.
    """
    options, findings = options or SspOptions(), findings or Findings()
    times = [findings.quantity(name, written, "s") for name, written in _times(options)]
    if options.coupling not in {"Jacobi", "Gauss-Seidel", "strong"}:
        what = text("'{given}' is no coupling", given=options.coupling)
        findings.add(
            Problem(
                what, findings.called("coupling"), text("choose one of: {known}", known="Jacobi, Gauss-Seidel, strong")
            )
        )
    if options.prediction not in {"held", "linear"}:
        what = text("'{given}' is no prediction", given=options.prediction)
        findings.add(Problem(what, findings.called("prediction"), text("choose one of: {known}", known="held, linear")))
    findings.demand_none()
    start_s, stop_s, step_s, deadline_s = times
    with opened_ssp(path, options.structure) as read:
        flat = flattened(read, models := Models(), models.items, models.resized)
        given = read_given(options.input) if options.input is not None else ()
        if given and stop_s is None:
            # As with one FMU: what comes from outside is taken to its end.
            stop_s = float(given[0].time_s[-1])
        experiment = experiment_of(flat, start_s, stop_s, step_s)
        method = Method(
            experiment.step_s,
            cast("Coupling", options.coupling),
            cast("Literal['held', 'linear']", options.prediction),
        )
        go = partial(run_flat, flat, experiment, given=given, deadline_s=deadline_s, unprotected=options.unprotected)
        done = go(method)
        finer = go(replace(method, step_s=method.step_s / 2.0)) if options.halve else None
    shown = _chosen(flat, done, options)
    changes = _changes(done.run.time_s, shown, finer.run.time_s, _chosen(flat, finer, options)) if finer else None
    content = _table(done.run.time_s, shown)
    document = _document(flat, done, shown, (experiment.start_s, experiment.stop_s), changes)
    if output is not None:
        write_whole(output, content)
    if options.record is not None:
        data = output.name if output is not None else "results.csv"
        write_whole(
            options.record, record_of(flat.structure.name, data, content.encode(), _recorded(flat, document, path))
        )
    return document


def _chosen(flat: Flat, done: SspRun, options: SspOptions) -> tuple[Shown, ...]:
    """What is shown: the system's connectors, and outputs of components where asked for or where there is nothing else."""
    whole = options.all_outputs or not done.shown
    return (*done.shown, *(_all_outputs(flat, done.run) if whole else ()))


def _changes(
    time_s: np.ndarray, shown: Sequence[Shown], finer_time_s: np.ndarray, finer: Sequence[Shown]
) -> tuple[float, ...]:
    """By how much half the step changes each output at most, over the span that it covers; nothing where it covers none."""
    found: list[float] = []
    for one, other in zip(shown, finer, strict=True):
        span = float(np.ptp(one.values))
        most = float(np.abs(one.values - np.interp(time_s, finer_time_s, other.values)).max())
        found.append(most / span if span > 0.0 else most)
    return tuple(found)


def read_given(path: Path) -> tuple[Given, ...]:
    """What comes from outside, from a CSV whose first column is the time, in s where no unit stands in brackets behind it.

    Numbers of other columns are in the unit that stands behind their name, else in that of the connector.

    Raises:
        InputError: with every row that is no row of numbers, columns given twice, and times that do not rise.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = system_said(error) if isinstance(error, OSError) else text("this is no CSV in UTF-8")
        raise InputError(Problem(what, str(path), text("name a CSV that you may read"))) from error
    heads = [name.partition(" [") for name in rows[0]] if rows else []
    names = [name.strip() for name, _, _ in heads]
    units = [by_name(unit.strip().rstrip("]").strip()) if mark else None for _, mark, unit in heads]
    problems: list[Problem] = [
        Problem(text("'{name}' is given twice", name=name), f"{path}:1", text("leave one of the two out"))
        for name in sorted({one for one in names if names.count(one) > 1})
    ]
    clock = joins(units[0] if units else None, of_covolt("s"))
    if not isinstance(clock, Conversion):
        problems.append(Problem(clock, f"{path}:1", text("write the time in s, ms or min")))
        clock = Conversion()
    numbers: list[list[float]] = []
    for at, row in enumerate(rows[1:], 2):
        if len(row) == len(names) and all(REAL.fullmatch(cell.strip()) for cell in row):
            numbers.append([real(cell) for cell in row])
        elif len(problems) < MOST_TOLD:
            what = text("this is no row of {count} numbers", count=len(names))
            problems.append(Problem(what, f"{path}:{at}", text("write a number in each column")))
    table = np.array(numbers, dtype=np.float64).reshape(len(numbers), len(names))
    if not problems and (len(names) < 2 or not len(table) or np.any(np.diff(table[:, 0]) < 0.0)):
        what = text("there are no columns of time and values whose times rise")
        problems.append(Problem(what, str(path), text("write the time in s first, then a column for each connector")))
    if problems:
        raise InputError(problems)
    times_s = np.asarray(clock.of(table[:, 0]))
    return tuple(Given(name, times_s, table[:, column], units[column]) for column, name in enumerate(names) if column)


def _recorded(flat: Flat, found: SspRunDocument, path: Path) -> dict[str, list[tuple[str, str]]]:
    """What stands in the record of a run, by classification; places of this machine stay out of it."""
    told = document_of(flat)
    return {
        "covolt.run": [
            ("covolt", version("covolt")),
            ("package", f"{path.name} sha256:{found.digest}"),
            ("start_s", repr(found.start_s)),
            ("stop_s", repr(found.stop_s)),
            ("step_s", repr(found.step_s)),
            ("steps", str(found.steps)),
            ("coupling", found.coupling),
            ("prediction", found.prediction),
            ("step log", f"sha256:{found.results_digest}"),
            ("without protection of", ", ".join(found.unprotected)),
        ],
        "covolt.components": [(one.name, f"{one.form}, sha256:{one.digest}") for one in told.components],
        "covolt.documents": [
            (label.replace(str(path), path.name), f"sha256:{digest}")
            for label, digest in flat.structure.documents.items()
        ],
        "covolt.parameters": [
            (one.variable, f"{one.value} {one.unit}".strip()) for one in told.parameters if not one.overridden
        ],
        "covolt.parameters not applied": [
            (one.where.replace(str(path), path.name), one.what) for one in found.unapplied
        ],
    }


def _times(options: SspOptions) -> Sequence[tuple[str, str | None]]:
    return (
        ("start", options.start),
        ("stop", options.stop),
        ("step", options.step),
        ("deadline", options.deadline),
    )


def _all_outputs(flat: Flat, run: Run) -> tuple[Shown, ...]:
    units = {
        (one.name, variable.name): variable.unit
        for one in flat.components
        if one.description is not None
        for variable in one.description.variables
    }
    found: list[Shown] = []
    for column, port in enumerate(run.ports):
        unit = units.get((port.part, port.variable)) or units.get((port.part, port.variable.rpartition("[")[0]))
        found.append(Shown(f"{port.part}.{port.variable}", unit, run.values[:, column]))
    return tuple(found)


def _table(time_s: np.ndarray, shown: Sequence[Shown]) -> str:
    """Rows of time and values, every digit of them; units stand in brackets behind the names."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["time [s]", *(f"{one.name} [{one.unit.name}]" if one.unit else one.name for one in shown)])
    columns = [time_s.tolist(), *(one.values.tolist() for one in shown)]
    writer.writerows(zip(*([repr(value) for value in column] for column in columns), strict=True))
    return made.getvalue()


def _document(
    flat: Flat,
    done: SspRun,
    shown: Sequence[Shown],
    span_s: tuple[float, float],
    changes: Sequence[float] | None,
) -> SspRunDocument:
    run = done.run
    return SspRunDocument(
        name=flat.structure.name,
        digest=flat.structure.digest,
        start_s=span_s[0],
        stop_s=span_s[1],
        step_s=run.method.step_s,
        steps=run.step_count,
        coupling=run.method.coupling,
        prediction=run.method.prediction,
        results_digest=run.digest,
        outputs=tuple(
            SspOutput(
                one.name,
                one.unit.name if one.unit else "",
                float(one.values[0]),
                float(one.values[-1]),
                float(one.values.min()),
                float(one.values.max()),
                None if changes is None else changes[at],
            )
            for at, one in enumerate(shown)
        ),
        waiting=tuple(SspWaiting(name, one.calls, one.waited_s) for name, one in run.waiting.items()),
        unprotected=done.protections,
        unapplied=notices(problem_of(one) for one in flat.bindings.left),
        notices=notices(done.notices),
    )
