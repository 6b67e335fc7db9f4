"""`covolt fmu`: a functional mock-up unit looked at without running it, tried, and run, in the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from covolt.cli.exit_codes import COMPLETED, NOT_A_VEHICLE
from covolt.cli.exit_codes import table as exit_table
from covolt.cli.language import LanguageOption, say
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console, heading, pairs, print_json, print_notices, print_written, table
from covolt.digits import number_text
from covolt.study.cases.options import Findings
from covolt.words import Phrase, joined, plural, text

if TYPE_CHECKING:
    from covolt.exchange.fmu.checking import Tried
    from covolt.study.cases.fmu import FmuOptions, FmuRan

HELP = "Functional mock-up units (FMI 2.0, 3.0) of others: look at one, try it, run it."
INSPECT_HELP = """Say what an FMU is, without running anything of it.

Platforms, variables with units, capabilities, licences, libraries that it needs and does not bring, and what its description
leaves doubtful.

Example:

  covolt fmu inspect motor.fmu
"""
CHECK_HELP = """Try an FMU in the sandbox.

Are its outputs finite and in their range, does halving the step change the answer, does it give the same again?

Example:

  covolt fmu check motor.fmu --step "10 ms"
"""
RUN_HELP = """Run an FMU in the sandbox and write its outputs as CSV with units.

INPUT has a column time in s and one for each input with its unit, "torque [Nm]", an element "forces[2]", or an array in a
cell, "1 2 3". Numbers without a unit, twice, or outside of the range that the FMU declares are refused. Without --stop it ends
with the input.

Examples:

  covolt fmu run motor.fmu -o motor.csv

  covolt fmu run motor.fmu --input drive.csv --parameter "mass=1.5 t" --step "10 ms" --stop "100 s"
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The .fmu.")]
FormOption = Annotated[
    str | None, typer.Option("--form", help="co-simulation or model exchange, where it offers both.")
]
ParameterOption = Annotated[
    list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help='Such as "mass=1500 kg".')
]
InputOption = Annotated[Path | None, typer.Option("--input", metavar="INPUT", help="CSV of its inputs over time.")]
StepOption = Annotated[str | None, typer.Option("--step", help='Communication step, such as "10 ms"; a number is s.')]
StopOption = Annotated[str | None, typer.Option("--stop", help="When it ends; else as the FMU says.")]
ToleranceOption = Annotated[
    str | None, typer.Option("--tolerance", help="Relative, of the solver of a model exchange.")
]
DeadlineOption = Annotated[str, typer.Option("--deadline", help="After which a call that does not return is ended.")]
UnprotectedOption = Annotated[
    bool, typer.Option("--unprotected", help="Run it where protections are missing, which is told.")
]
NativeOption = Annotated[
    bool, typer.Option("--native", help="The binary of this machine, also where there is a WebAssembly component.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
AllOption = Annotated[bool, typer.Option("--all", help="Local variables too.")]
SPELLED = {one: f"--{one}" for one in ("form", "step", "stop", "tolerance", "deadline")}
NAME, CAUSALITY, UNIT, START, RANGE = (
    text("name", context="head"),
    text("causality", context="head"),
    text("unit", context="head"),
    text("start", context="head"),
    text("range", context="head"),
)
MOST_ROWS = 400
MOST_CHANGED = 20
_FEW_PLACES = 6


@app.command("inspect", help=INSPECT_HELP, epilog=exit_table())
def inspect(
    file: FileArgument, all_: AllOption = False, json: JsonOption = False, language: LanguageOption = None
) -> None:
    """Print what an FMU says of itself, and what was seen in it."""
    from covolt.study.cases.fmu import inspect_fmu, inspection_document

    findings = Findings()
    language_of(findings, language)
    findings.demand_none()
    seen = inspect_fmu(file)
    if json:
        print_json(inspection_document(seen))
        return
    out, model = console(), seen.model
    heading(out, text("{name}, FMI {version}", name=model.name, version=model.version))
    experiment = model.experiment
    rows: list[tuple[str | Phrase, str | Phrase]] = [
        (text("Forms"), ", ".join(sorted(model.interfaces))),
        (text("Platforms"), joined([", ".join(seen.platforms) or text("none"), *_sources(seen)], "; ")),
        (text("Runs on this machine"), text("yes") if seen.runs_here else text("no")),
        (text("Capabilities"), ", ".join(_capabilities(model)) or text("none")),
        (text("Written by"), model.tool or text("not said")),
        (
            text("Licence"),
            joined([model.licence or text("not said"), *([", ".join(seen.licences)] if seen.licences else [])]),
        ),
        (text("Default experiment"), _experiment(experiment)),
        (text("Digest"), f"sha256:{model.digest}"),
    ]
    out.print(pairs(rows))
    _print_variables(out, model, whole=all_)
    if seen.doubts:
        heading(out, plural("{count} thing to know:", "{count} things to know:", len(seen.doubts)))
        print_notices(seen.doubts)


def _sources(seen: Any) -> list[Phrase]:
    return [text("sources")] if seen.sources else []


def _capabilities(model: Any) -> list[str]:
    """Words of the standard for what it can."""
    words = {
        "saves": "FMU state",
        "serialises": "serialised state",
        "gradient": "directional derivatives",
        "event_mode": "event mode",
    }
    found = [word for name, word in words.items() if any(getattr(one, name) for one in model.interfaces.values())]
    if any(one.variable_step for one in model.interfaces.values()):
        found.append("variable step")
    return found


def _experiment(experiment: Any) -> Phrase | str:
    pieces: list[Phrase] = [text("from {start:g} s", start=experiment.start_s)]
    if experiment.stop_s is not None:
        pieces.append(text("to {stop:g} s", stop=experiment.stop_s))
    if experiment.step_s is not None:
        pieces.append(text("by {step:g} s", step=experiment.step_s))
    if experiment.tolerance_ratio is not None:
        pieces.append(text("tolerance {ratio:g}", ratio=experiment.tolerance_ratio))
    return joined(pieces, ", ")


def _print_variables(out: Any, model: Any, *, whole: bool) -> None:
    shown = [one for one in model.variables if whole or one.variable.causality not in {"local", "independent"}]
    made = table(
        [
            (NAME, "name"),
            (CAUSALITY, "left"),
            (text("type", context="head"), "left"),
            (UNIT, "left"),
            (START, "right"),
            (RANGE, "left"),
        ]
    )
    for one in shown[:MOST_ROWS]:
        stated = one.variable
        size = f"[{','.join(str(each) for each in stated.shape)}]" if stated.shape else ""
        made.add_row(
            one.name,
            stated.causality,
            f"{one.type}{size}",
            stated.unit.name if stated.unit else "",
            _start(stated),
            _range(stated),
        )
    if shown:
        out.print(made)
    if len(shown) > MOST_ROWS:
        out.print(text("and {number} more", number=len(shown) - MOST_ROWS))


def _start(stated: Any) -> str:
    if stated.start is None or stated.shape:
        return ""
    return number_text(stated.start) if isinstance(stated.start, float) else str(stated.start)[:30]


def _range(stated: Any) -> str:
    if stated.minimum is None and stated.maximum is None:
        return ""
    low, high = ("" if one is None else number_text(float(one)) for one in (stated.minimum, stated.maximum))
    return f"{low} … {high}"


@app.command("check", help=CHECK_HELP, epilog=exit_table())
def check(
    file: FileArgument,
    form: FormOption = None,
    parameter: ParameterOption = None,
    inputs: InputOption = None,
    step: StepOption = None,
    stop: StopOption = None,
    tolerance: ToleranceOption = None,
    deadline: DeadlineOption = "60 s",
    unprotected: UnprotectedOption = False,
    native: NativeOption = False,
    json: JsonOption = False,
    language: LanguageOption = None,
) -> int:
    """Try an FMU, and say what does not count."""
    from covolt.study.cases.fmu import FmuOptions, check_fmu

    findings = Findings(SPELLED)
    language_of(findings, language)
    options = FmuOptions(
        file, form, tuple(parameter or ()), inputs, step, stop, tolerance, deadline, unprotected, native
    )
    done = check_fmu(options, findings=findings, patience=_waiting)
    tried = done.tried
    if json:
        print_json(done.document())
        return NOT_A_VEHICLE if tried.wrong else COMPLETED
    out = console()
    heading(out, text("{file}, {form}", file=file.name, form=done.form))
    halving = _halving(tried)
    count = len(tried.ran.names)
    rows: list[tuple[str | Phrase, str | Phrase]] = [
        (text("Steps"), text("{count} of {step:g} s", count=tried.plan.count, step=tried.plan.step_s)),
        (text("Outputs"), text("{good} of {count} finite and in range", good=count - len(tried.wrong), count=count)),
        (text("Halving the step"), halving),
        (
            text("Started again"),
            text("the same") if tried.same else text("not the same"),
        ),
    ]
    out.print(pairs(rows))
    told = [*tried.wrong, *tried.plan.told, *tried.told, *done.inspection.doubts]
    if told:
        heading(out, plural("{count} thing to know:", "{count} things to know:", len(told)))
        print_notices(told)
    _print_unprotected(done.unprotected)
    return NOT_A_VEHICLE if tried.wrong else COMPLETED


def _halving(tried: Tried) -> Phrase:
    """What halving the step does: every output that it changes, else how little it does at most."""
    changed = [
        text(
            "{output} by {share:.2g} % of its span at {time:g} s",
            output=one.name,
            share=100.0 * one.share_ratio,
            time=one.time_s,
        )
        for one in tried.changes
    ]
    if changed:
        more = [text("and {number} more", number=len(changed) - MOST_CHANGED)] if len(changed) > MOST_CHANGED else []
        return text("changes the answer: {outputs}", outputs=joined([*changed[:MOST_CHANGED], *more], "; "))
    if not tried.halvings:
        return text("not known")
    first = tried.halvings[0]
    return text(
        "does not change the answer: {output} by {share:.2g} %", output=first.name, share=100.0 * first.share_ratio
    )


@app.command("run", help=RUN_HELP, epilog=exit_table())
def run(
    file: FileArgument,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="CSV", help="CSV to write.")] = None,
    form: FormOption = None,
    parameter: ParameterOption = None,
    inputs: InputOption = None,
    step: StepOption = None,
    stop: StopOption = None,
    tolerance: ToleranceOption = None,
    deadline: DeadlineOption = "60 s",
    unprotected: UnprotectedOption = False,
    native: NativeOption = False,
    json: JsonOption = False,
    language: LanguageOption = None,
) -> int:
    """Run an FMU over its experiment."""
    from covolt.study.cases.fmu import FmuOptions, run_fmu

    findings = Findings(SPELLED)
    language_of(findings, language)
    check_outputs(
        findings,
        (("--output", output),),
        tuple(one for one in (file, inputs) if one is not None),
        endings={"--output": (".csv",)},
    )
    options: FmuOptions = FmuOptions(
        file, form, tuple(parameter or ()), inputs, step, stop, tolerance, deadline, unprotected, native
    )
    done = run_fmu(options, output, findings=findings, patience=_waiting)
    if json:
        print_json(done.document(), indent=None)
        return NOT_A_VEHICLE if done.wrong else COMPLETED
    _print_run(done, file)
    if output is not None:
        print_written(console(), output)
    told = [*done.wrong, *done.plan.told]
    if told:
        heading(console(), plural("{count} thing to know:", "{count} things to know:", len(told)))
        print_notices(told)
    _print_unprotected(done.unprotected)
    return NOT_A_VEHICLE if done.wrong else COMPLETED


def _print_run(done: FmuRan, file: Path) -> None:
    import numpy as np

    out, ran = console(), done.ran
    heading(out, text("{file}, {form}", file=file.name, form=done.form))
    steps = text("{count} of {step:g} s", count=done.plan.count, step=done.plan.step_s)
    end_s = float(ran.times_s[-1])
    end: Phrase | str = f"{number_text(end_s)} s"
    if ran.ended:
        end = text("{time:g} s, as the model itself asked", time=end_s)
    out.print(pairs([(text("Steps"), steps), (text("Ended at"), end)]))
    if not ran.names and not ran.others:
        return
    made = table(
        [
            (text("output", context="head"), "name"), (UNIT, "left"), (text("lowest", context="head of values"), "right"),
            (text("highest", context="head of values"), "right"), (text("at the end", context="head"), "right"),
        ],
    )  # fmt: skip
    for place, name in enumerate(ran.names[:MOST_ROWS]):
        values, unit = ran.values[:, place], ran.units.get(name)
        finite = values[np.isfinite(values)]
        ends = (finite.min(), finite.max()) if finite.size else (np.nan, np.nan)
        numbers = [_short(float(one)) for one in (*ends, values[-1])]
        made.add_row(name, unit.name if unit else "", *numbers)
    for name, values in ran.others.items():
        made.add_row(name, "", "", "", str(values[-1])[:40])
    out.print(made)


def _short(value: float) -> str:
    return number_text(float(f"{value:.{_FEW_PLACES}g}"))


def _waiting() -> Any:
    return console(stderr=True).status(say(text("Running the FMU")))


def _print_unprotected(missing: tuple[str, ...]) -> None:
    if missing:
        out = console()
        out.print(text("Run without these protections: {missing}", missing=", ".join(missing)), style="yellow")
