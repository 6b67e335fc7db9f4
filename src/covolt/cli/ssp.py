"""`covolt ssp`: systems that come as SSP, checked and run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.catalogues import decimal_mark
from covolt.cli.exit_codes import COMPLETED, NOT_WHOLE
from covolt.cli.exit_codes import table as exit_table
from covolt.cli.language import LanguageOption, chosen_language, say, speaking
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console, heading, pairs, print_notices, print_result, print_written, table
from covolt.errors import Problem
from covolt.study.cases.options import Findings
from covolt.words import Phrase, plural, text

if TYPE_CHECKING:
    from rich.console import Console

    from covolt.study.cases.ssp import SspDocument
    from covolt.study.cases.ssp_run import SspRunDocument
    from covolt.study.result import Notice

HELP = "Check and run systems that come as SSP (System Structure and Parameterization, 1.0 and 2.0)."
CHECK_HELP = """Say what an SSP joins and sets, and everything in it that is not joined, not applied or passed over.

FILE is an .ssp, an .ssd beside its resources, or a folder with SystemStructure.ssd. Nothing in it is run. It ends with 7 where a
connector is not joined or a parameter not applied.

Example:

  covolt ssp check car.ssp
"""
RUN_HELP = """Run an SSP and write what it shows over time as a CSV.

Every FMU runs in a sandbox of its own: without a network, without a view of your files, bounded in memory and time. The
experiment is that of the file, where it has one. What was not joined or not applied is told, as by `covolt ssp check`.

Examples:

  covolt ssp run car.ssp -o results.csv
  covolt ssp run car.ssp --stop "10 s" --step "1 ms" --all -o results.csv
"""
EXPORT_HELP = """Write an SSP anew: on one level, with the parameters that hold in the end, in version 1.0 or 2.0.

So a nested system of one tool runs in another that knows no nested ones, or no version 2.0. What SSP 1.0 has no words for, such
as arrays, is refused. Of the folder of a programme its locked vehicle is written, as an FMU that runs without covolt.

Examples:

  covolt ssp export car.ssp -o flat.ssp --to 1.0
  covolt ssp export examples/city-car -o vehicle.ssp
"""
ENDINGS = {"--output": (".csv",), "--record": (".srmd",)}
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The .ssp, .ssd or folder.")]
StructureOption = Annotated[
    str, typer.Option("--structure", metavar="NAME", help="Another .ssd in the package than SystemStructure.ssd.")
]


@app.callback()
def _several() -> None:
    """Keeps commands of their own."""


@app.command("check", help=CHECK_HELP, epilog=exit_table())
def check(
    file: FileArgument,
    structure: StructureOption = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> int:
    """Print what is joined and set, and what is not."""
    chosen_language(language)
    from covolt.study.cases.ssp import check_ssp

    found = check_ssp(file, structure)
    if json:
        print_result(found)
    else:
        print_system(console(), found)
    return NOT_WHOLE if found.unjoined or found.unapplied else COMPLETED


@app.command("run", help=RUN_HELP)
def run(
    file: FileArgument,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="CSV to write.")] = None,
    start: Annotated[str | None, typer.Option("--start", help='When it begins, "0 s".')] = None,
    stop: Annotated[str | None, typer.Option("--stop", help='When it ends, "10 s".')] = None,
    step: Annotated[str | None, typer.Option("--step", help='From exchange to exchange, "10 ms".')] = None,
    coupling: Annotated[str, typer.Option("--coupling", help="Gauss-Seidel, Jacobi or strong.")] = "Gauss-Seidel",
    prediction: Annotated[str, typer.Option("--prediction", help="How inputs are foreseen: held or linear.")] = "held",
    deadline: Annotated[str | None, typer.Option("--deadline", help='For one call of an FMU, "10 s".')] = None,
    all_outputs: Annotated[bool, typer.Option("--all", help="Outputs of every component too.")] = False,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="Run foreign code though a protection is missing.")
    ] = False,
    given: Annotated[
        Path | None, typer.Option("--input", metavar="FILE", help="CSV of what comes from outside over time.")
    ] = None,
    halve: Annotated[
        bool, typer.Option("--halve", help="Run it with half the step too, and say what changes.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="Record of the run to write, as SRMD.")
    ] = None,
    structure: StructureOption = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Run an SSP."""
    from covolt.study.cases.ssp_run import SspOptions, run_ssp

    findings = Findings({one: f"--{one}" for one in ("start", "stop", "step", "deadline", "coupling", "prediction")})
    language_of(findings, language)
    check_outputs(
        findings, (("--output", output), ("--record", record)), (file, *([given] if given else ())), endings=ENDINGS
    )
    options = SspOptions(
        start,
        stop,
        step,
        coupling,
        prediction,
        deadline,
        structure,
        all_outputs=all_outputs,
        unprotected=unprotected,
        record=record,
        input=given,
        halve=halve,
    )
    found = run_ssp(file, output, options, findings=findings)
    if json:
        print_result(found)
        return
    out = console()
    _print_run(out, found)
    for path in (output, record):
        if path is not None:
            print_written(out, path)


@app.command("export", help=EXPORT_HELP)
def export(
    file: FileArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The .ssp to write.")],
    to: Annotated[str, typer.Option("--to", metavar="VERSION", help="1.0 or 2.0.")] = "2.0",
    structure: StructureOption = "",
    language: LanguageOption = None,
) -> None:
    """Write an SSP on one level."""
    from covolt.study.cases.ssp_export import export_ssp

    findings = Findings({"to": "--to"})
    language_of(findings, language)
    check_outputs(findings, (("--output", output),), (file,), endings={"--output": (".ssp",)})
    found = export_ssp(
        file,
        output,
        to,
        structure,
        findings=findings,
        patience=lambda: console(stderr=True).status(say(text("Compiling"))),
    )
    out = console()
    _notices(out, text("Parameters not applied"), found.unapplied)
    _notices(out, text("Passed over"), found.notices)
    print_written(out, output)


def _print_run(out: Console, found: SspRunDocument) -> None:
    heading(out, text("Run of {name}", name=found.name))
    span = text("{start} s to {stop} s", start=found.start_s, stop=found.stop_s)
    steps = plural("{count} step", "{count} steps", found.steps)
    rows: list[tuple[str | Phrase, str | Phrase]] = [
        (text("Time"), span),
        (
            text("Exchanges"),
            text("{steps} of {step} s, {coupling}", steps=steps, step=found.step_s, coupling=found.coupling),
        ),
        (text("Results, SHA-256"), found.results_digest[:16]),
    ]
    if found.unprotected:
        rows.append((text("Without protection of"), ", ".join(found.unprotected)))
    out.print(pairs(rows))
    out.print()
    heads: tuple[tuple[Phrase, str], ...] = (
        (text("output", context="head"), "name"),
        (text("at the end", context="head"), "right"),
        (text("unit", context="head"), "left"),
        (text("lowest", context="head of values"), "right"),
        (text("highest", context="head of values"), "right"),
        *(
            [(text("by half the step", context="head"), "right")]
            if found.outputs and found.outputs[0].halving_ratio is not None
            else []
        ),
    )
    made = table(heads)
    for one in found.outputs:
        halved = [] if one.halving_ratio is None else [f"{number(100.0 * one.halving_ratio)} %"]
        made.add_row(one.name, number(one.last), one.unit, number(one.minimum), number(one.maximum), *halved)
    out.print(made)
    _notices(out, text("Parameters not applied"), found.unapplied)
    _notices(out, text("Passed over"), found.notices)


def number(value: float) -> str:
    """Six significant digits, with the decimal mark of the language."""
    return f"{value:.6g}".replace(".", decimal_mark(speaking()))


def print_system(out: Console, found: SspDocument) -> None:
    """A checked system as tables."""
    heading(out, text("System {name}, SSP {version}", name=found.name, version=found.version))
    out.print(pairs(_counts(found)))
    out.print()
    made = table(
        [
            (text("component", context="head"), "name"),
            (text("form", context="head"), "left"),
            (text("source", context="head"), "left"),
        ]
    )
    for one in found.components:
        made.add_row(one.name, one.form, one.source or say(text("none")))
    out.print(made)
    if found.connections or found.outputs:
        out.print()
        out.print(_connections(found))
    if found.parameters:
        out.print()
        out.print(_parameters(found))
    if found.unjoined:
        out.print()
        heading(out, text("Not joined"))
        made = table([(text("connector", context="head"), "name"), (text("meaning", context="head"), "left")])
        for one in found.unjoined:
            made.add_row(one.connector, say(one.meaning))
        out.print(made)
    _notices(out, text("Parameters not applied"), found.unapplied)
    _notices(out, text("Passed over"), found.notices)


def _counts(found: SspDocument) -> list[tuple[str | Phrase, str | Phrase]]:
    rows: list[tuple[str | Phrase, str | Phrase]] = [
        (text("Connections"), str(len(found.connections))),
        (text("Parameters applied"), str(sum(not one.overridden for one in found.parameters))),
        (text("Parameters not applied"), str(len(found.unapplied))),
        (text("Not joined"), plural("{count} connector", "{count} connectors", len(found.unjoined))),
    ]
    if found.stop_s is not None:
        span = text("{start} s to {stop} s", start=found.start_s or 0.0, stop=found.stop_s)
        rows.append((text("Default experiment"), span))
    return rows


def _connections(found: SspDocument) -> object:
    made = table(
        [
            (text("from", context="head"), "name"),
            (text("to", context="head"), "name"),
            (text("conversion", context="head"), "left"),
        ]
    )
    for one in (*found.connections, *found.outputs):
        made.add_row(_with(one.source, one.source_unit), _with(one.target, one.target_unit), one.conversion)
    return made


def _with(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name


def _parameters(found: SspDocument) -> object:
    made = table(
        [
            (text("parameter", context="head"), "name"),
            (text("value", context="head"), "right"),
            (text("unit", context="head"), "left"),
            (text("bound at", context="head"), "left"),
        ]
    )
    for one in found.parameters:
        of = one.of or say(text("the system"))
        made.add_row(one.variable, one.value, one.unit, f"{of}, {say(text('overridden'))}" if one.overridden else of)
    return made


def _notices(out: Console, words: Phrase, found: tuple[Notice, ...]) -> None:
    if found:
        out.print()
        heading(out, words)
        print_notices(Problem(one.what, one.where, one.hint) for one in found)
