"""`covolt identify`: parameters of a part from measurements of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.language import LanguageOption, say
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console, fixed, heading, pairs, print_written, with_unit
from covolt.study.cases.options import Findings
from covolt.words import Phrase, plural, text

HELP = "Find the parameters of a part from measurements of it."
BATTERY_HELP = """Find the parameters of a cell from current pulses and a slow discharge.

PULSES is a CSV with one pulse a row: temperature, current, rest voltage and resistances; SLOW a CSV with time_s, current_A
(discharge positive) and voltage_V of a slow discharge. docs/how-to/use-a-measured-cell.md names the columns.

Example:

  covolt identify battery hppc.csv --slow c20.csv -o cell.toml

A car whose file says battery_cell = "cell.toml" drives with this cell.
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
def _parts() -> None:
    """Keeps `battery` a command of its own."""


@app.command("battery", help=BATTERY_HELP)
def battery(
    pulses: Annotated[Path, typer.Argument(metavar="PULSES", help="CSV of pulses.")],
    slow: Annotated[Path, typer.Option("--slow", metavar="SLOW", help="CSV of a slow discharge.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="TOML to write.")] = Path("cell.toml"),
    language: LanguageOption = None,
) -> None:
    """Find a cell's parameters from its measurements and write them as a file."""
    from covolt.study.cases.identify import identify_battery

    findings, out = Findings(), console()
    language_of(findings, language)
    check_outputs(findings, (("--output", output),), (pulses, slow), endings={"--output": (".toml",)})
    cell, report = identify_battery(
        pulses,
        slow,
        output,
        findings=findings,
        patience=lambda: console(stderr=True).status(say(text("Identifying the cell"))),
    )
    resistances, voltages = (
        text("{value} rms", value=with_unit(fixed(value, 1), unit))
        for value, unit in ((100.0 * report.resistance_rms, "%"), (1e3 * report.rest_voltage_rms_V, "mV"))
    )
    rows: list[tuple[str | Phrase, str | Phrase]] = [
        (text("Capacity"), with_unit(fixed(float(cell.capacity_C) / 3600.0, 3), "Ah")),
        (text("Pulses"), plural("{count} resistance", "{count} resistances", len(report.residuals))),
        (text("Deviation of resistances"), resistances),
        (text("Deviation of rest voltages"), voltages),
        *((text("Not determined"), note) for note in report.undetermined),
        *((text("Note"), note) for note in report.remarks),
    ]
    heading(out, text("Cell from {file}", file=pulses.name))
    out.print(pairs(rows))
    print_written(out, output)
    line = f'battery_cell = "{output.name}"'
    hint = text("Drive a car with it: {line} in a car's file beside it, then covolt drive", line=line)
    out.print(hint, soft_wrap=True, markup=False)
