"""The use cases `fmu inspect`, `fmu check` and `fmu run`: an FMU looked at without running it, tried, and run, in the sandbox."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from covolt import units
from covolt.errors import Problem
from covolt.files import write_whole
from covolt.study.cases.options import Findings, Patience
from covolt.words import joined, text

if TYPE_CHECKING:
    from covolt.exchange.component import Value
    from covolt.exchange.fmu.apart import Apart
    from covolt.exchange.fmu.checking import Tried
    from covolt.exchange.fmu.documents import ModelDescription
    from covolt.exchange.fmu.experiment import Plan, Ran
    from covolt.exchange.fmu.inspection import Inspection
    from covolt.exchange.fmu.signals import Inputs

__all__ = ["FmuChecked", "FmuOptions", "FmuRan", "check_fmu", "inspect_fmu", "run_fmu"]

FORMS = ("co-simulation", "model exchange")
NO_LIMIT_s = 3600.0


@dataclass(frozen=True)
class FmuOptions:
    """What is asked for, as texts with units; None is as the FMU says."""

    file: Path
    form: str | None = None
    parameters: tuple[str, ...] = ()
    inputs: Path | None = None
    step: str | None = None
    stop: str | None = None
    tolerance: str | None = None
    deadline: str = "60 s"
    """For each call that the FMU answers; longer ones are ended, with all that it started."""
    unprotected: bool = False
    native: bool = False
    """The binary of this machine, also where there is a WebAssembly component."""


@dataclass(frozen=True)
class _Order:
    """What the options mean."""

    form: str
    step_s: float | None
    stop_s: float | None
    tolerance_ratio: float | None
    deadline_s: float


@dataclass(frozen=True)
class FmuRan:
    """A run, and where it ran."""

    model: ModelDescription
    form: str
    plan: Plan
    ran: Ran
    unprotected: tuple[str, ...]
    """Protections that were missing; none where the run was whole in the sandbox."""
    wrong: tuple[Problem, ...] = ()
    """Values that do not count."""

    def document(self) -> dict[str, Any]:
        """As data: each output over time, in its own unit."""
        columns: dict[str, Any] = {
            name: {"unit": _unit(self.ran, name), "values": [_json(one) for one in self.ran.values[:, place].tolist()]}
            for place, name in enumerate(self.ran.names)
        }
        columns |= {
            name: {"unit": "", "values": [_json(one) for one in values]} for name, values in self.ran.others.items()
        }
        return {
            "schema": "fmu-run/1",
            "model": self.model.name,
            "form": self.form,
            "digest": self.model.digest,
            "time_s": self.ran.times_s.tolist(),
            "ended_itself": self.ran.ended,
            "outputs": columns,
            "wrong": [_problem(one) for one in self.wrong],
            "told": [_problem(one) for one in self.plan.told],
            "unprotected": list(self.unprotected),
        }


@dataclass(frozen=True)
class FmuChecked:
    """What was seen of it, and what came of trying it."""

    inspection: Inspection
    form: str
    tried: Tried
    unprotected: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As data."""
        told = self.tried
        return {
            "schema": "fmu-check/1",
            "model": self.inspection.model.name,
            "form": self.form,
            "digest": self.inspection.model.digest,
            "step_s": told.plan.step_s,
            "stop_s": told.plan.stop_s,
            "halving": [
                {
                    "output": one.name,
                    "difference": _json(float(one.difference)),
                    "share": one.share_ratio,
                    "time_s": one.time_s,
                }
                for one in told.halvings
            ],
            "same_again": told.same,
            "wrong": [_problem(one) for one in told.wrong],
            "told": [_problem(one) for one in (*told.plan.told, *self.inspection.doubts, *told.told)],
            "unprotected": list(self.unprotected),
        }


def inspect_fmu(file: Path) -> Inspection:
    """Look at an FMU; nothing of it is run."""
    from covolt.exchange.fmu.inspection import inspect

    return inspect(file)


def inspection_document(seen: Inspection) -> dict[str, Any]:
    """What was seen, as data."""
    model = seen.model
    return {
        "schema": "fmu/1",
        "model": model.name,
        "fmi": model.version,
        "forms": sorted(model.interfaces),
        "digest": model.digest,
        "tool": model.tool,
        "platforms": list(seen.platforms),
        "runs_here": seen.runs_here,
        "sources": seen.sources,
        "licences": list(seen.licences),
        "licence": model.licence,
        "binaries": [
            {
                "file": one.name,
                "kind": one.kind,
                "machine": one.machine,
                "needs": list(one.needs),
                "undeclared": list(one.undeclared),
            }
            for one in seen.binaries
        ],
        "variables": [
            {
                "name": one.name,
                "causality": one.variable.causality,
                "variability": one.variable.variability,
                "type": one.type,
                "unit": one.variable.unit.name if one.variable.unit else "",
                "shape": list(one.variable.shape),
                "start": _json(one.variable.start),
                "minimum": _json(one.variable.minimum),
                "maximum": _json(one.variable.maximum),
            }
            for one in model.variables
        ],
        "told": [_problem(one) for one in seen.doubts],
    }


def check_fmu(options: FmuOptions, *, findings: Findings | None = None, patience: Patience = nullcontext) -> FmuChecked:
    """Look at an FMU, run it in the sandbox, again, and with half the step."""
    from covolt.exchange.fmu.checking import try_out

    order = _order(options, findings or Findings())
    seen = inspect_fmu(options.file)
    with patience(), _opened(options, order) as apart:
        given, inputs, planned = _given(options, order, apart)
        tried = try_out(apart.component, apart.model, planned, inputs=inputs, parameters=given, where=options.file.name)
        return FmuChecked(seen, apart.said, tried, apart.missing)


def run_fmu(
    options: FmuOptions,
    output: Path | None = None,
    *,
    findings: Findings | None = None,
    patience: Patience = nullcontext,
) -> FmuRan:
    """Run an FMU in the sandbox over its experiment; its outputs are written as CSV with units where `output` says."""
    from covolt.exchange.fmu.checking import not_finite
    from covolt.exchange.fmu.experiment import RanInPart, run
    from covolt.exchange.fmu.settings import changes_size

    order = _order(options, findings or Findings())
    with patience(), _opened(options, order) as apart:
        given, inputs, planned = _given(options, order, apart)
        resized = changes_size(given, apart.model)
        try:
            ran = run(apart.component, apart.model, planned, inputs=inputs, parameters=given, resized=resized)
        except RanInPart as failed:
            if output is None:
                raise
            write_whole(output, _table(failed.ran, apart.model))
            raise RanInPart(_with_rows(failed.problems, output), failed.ran) from failed
        wrong = tuple(not_finite(ran, options.file.name))
        done = FmuRan(apart.model, apart.said, planned, ran, apart.missing, wrong)
    if output is not None:
        write_whole(output, _table(ran, done.model))
    return done


def _with_rows(problems: Sequence[Problem], output: Path) -> list[Problem]:
    """What failed, with where the rows until then stand."""
    first, *more = problems
    hint = joined([first.hint, text("the rows until then are in {file}", file=str(output))], "; ")
    return [Problem(first.what, first.where, hint), *more]


def _order(options: FmuOptions, findings: Findings) -> _Order:
    """What the options mean; every problem of them is raised at once."""
    form = options.form
    if form is not None and form not in FORMS:
        known = ", ".join(FORMS)
        what = text("'{form}' is no form of an FMU", form=form)
        findings.add(Problem(what, findings.called("form"), text("known: {listed}", listed=known)))
    order = _Order(
        form or "",
        _number(options.step, "step", "s", findings),
        _number(options.stop, "stop", "s", findings),
        _number(options.tolerance, "tolerance", "1", findings),
        _number(options.deadline, "deadline", "s", findings) or NO_LIMIT_s,
    )
    for name, value in (("step", order.step_s), ("deadline", order.deadline_s), ("tolerance", order.tolerance_ratio)):
        if value is not None and value <= 0.0:
            findings.add(Problem(text("it is not above 0"), findings.called(name), text("give a larger one")))
    findings.demand_none()
    return order


def _number(written: str | None, option: str, si_unit: str, findings: Findings) -> float | None:
    """A quantity such as "10 ms" in SI; a number alone is in SI, as FMUs count."""
    if written is None:
        return None
    try:
        value = float(written)
    except ValueError:
        return findings.take(lambda: units.parse(written, si_unit, findings.called(option)))
    if not np.isfinite(value):
        findings.add(Problem(text("it is not finite"), findings.called(option), text("give a number")))
    return value


def _opened(options: FmuOptions, order: _Order) -> Any:
    from covolt.exchange.fmu.apart import opened_apart
    from covolt.exchange.sandbox import Deadlines

    at_s = order.deadline_s
    deadlines = Deadlines(open_s=max(at_s, Deadlines().open_s), start_s=at_s, step_s=at_s, window_s=at_s)
    return opened_apart(
        options.file,
        order.form,
        deadlines=deadlines,
        tolerance_ratio=order.tolerance_ratio,
        unprotected=options.unprotected,
        native=options.native,
    )


def _given(options: FmuOptions, order: _Order, apart: Apart) -> tuple[dict[str, Value], Inputs, Plan]:
    from covolt.exchange.fmu.experiment import by_name_alone, plan
    from covolt.exchange.fmu.settings import settings
    from covolt.exchange.fmu.signals import NOTHING, read_inputs

    findings = Findings()
    model = apart.model
    given = findings.take(lambda: settings(options.parameters, model, "--parameter")) or {}
    inputs = NOTHING
    if options.inputs is not None:
        path, items = options.inputs, {one.name: one.items for one in model.variables if one.items}
        description = _resized(apart, given)
        inputs = findings.take(lambda: read_inputs(path, description, items, by_name_alone(model))) or NOTHING
    internal_s = model.interfaces[apart.form].internal_step_s
    whole_steps = not apart.component.description.capabilities.variable_step
    planned = findings.take(
        lambda: plan(
            model.experiment,
            internal_s,
            options.file.name,
            step_s=order.step_s,
            stop_s=order.stop_s,
            inputs=inputs,
            whole_steps=whole_steps,
        )
    )
    findings.demand_none()
    if planned is None:
        raise RuntimeError("there is no plan, and no problem says why")
    return given, inputs, planned


def _resized(apart: Apart, given: Mapping[str, Value]) -> Any:
    """The description with the sizes that structural parameters give its arrays."""
    from covolt.exchange.fmu.settings import changes_size

    if not changes_size(dict(given), apart.model):
        return apart.component.description
    apart.component.wire((), ())
    apart.component.start(given, np.zeros(0))
    return apart.component.description


def _table(ran: Ran, model: ModelDescription) -> str:
    """Time and outputs as CSV, numbers without loss; whole ones without a point."""
    from covolt.exchange.fmu.signals import written, written_header

    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    others = list(ran.others.items())
    writer.writerow(["time [s]", *written_header((*ran.names, *(name for name, _ in others)), ran.units)])
    kinds = {one.name: one.variable.kind for one in model.variables}
    is_whole = [(kinds.get(name) or kinds.get(name.rpartition("[")[0])) != "real" for name in ran.names]
    for row, time_s in enumerate(ran.times_s.tolist()):
        cells = [_cell(one, whole) for one, whole in zip(ran.values[row].tolist(), is_whole, strict=True)]
        writer.writerow([repr(time_s), *cells, *(written(values[row]) for _, values in others)])
    return file.getvalue()


def _cell(value: float, whole: bool) -> str:
    return str(int(value)) if whole and np.isfinite(value) else repr(value)


def _unit(ran: Ran, name: str) -> str:
    unit = ran.units.get(name)
    return unit.name if unit else ""


def _problem(one: Problem) -> dict[str, str]:
    return {"what": one.what, "where": one.where, "hint": one.hint}


def _json(value: Any) -> Any:
    """A value as JSON has it: numbers that are not finite are null, bytes hexadecimal, large whole numbers texts."""
    if isinstance(value, np.ndarray):
        return [_json(one) for one in value.reshape(-1).tolist()]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value
