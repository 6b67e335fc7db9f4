"""`covolt identify`: parameters of a part from measurements of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.options import check_outputs
from covolt.cli.printing import console, heading, pairs
from covolt.errors import Problem
from covolt.study.cases.options import Findings

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
) -> None:
    """Entry of the command; its help is `BATTERY_HELP`."""
    from covolt.vehicle.pulse_data import read_pulses, read_trace, slow_discharge

    findings = Findings()
    check_outputs(findings, (("--output", output),), (pulses, slow))
    found = findings.take(lambda: read_pulses(pulses))
    discharge = findings.take(lambda: slow_discharge(read_trace(slow)), _in_file(slow))
    findings.demand_none()
    if found is None or discharge is None:
        return
    out = console()
    with console(stderr=True).status("Identifying the cell"):
        from covolt.vehicle.identification import identify

        identified = findings.take(lambda: identify(found, discharge), _in_files(pulses, slow))
    findings.demand_none()
    if identified is None:
        return
    cell, report = identified
    from covolt.library.cell_file import write_cell

    write_cell(cell, output, source=f"identified from {pulses.name} and {slow.name}")
    rows = [
        ("Capacity", f"{float(cell.capacity_C) / 3600.0:.3f} Ah"),
        ("Pulses", f"{len(report.residuals)} resistances"),
        ("Deviation of resistances", f"{100 * report.resistance_rms:.1f} % rms"),
        ("Deviation of rest voltages", f"{1e3 * report.rest_voltage_rms_V:.1f} mV rms"),
        *(("Not determined", note) for note in report.undetermined),
        *(("Note", note) for note in report.remarks),
    ]
    heading(out, f"Cell from {pulses.name}")
    out.print(pairs(rows))
    out.print(f"Wrote {output}", soft_wrap=True)
    hint = f'Drive a car with it: battery_cell = "{output.name}" in a car\'s file beside it, then covolt drive'
    out.print(hint, soft_wrap=True, markup=False)


def _in_files(pulses: Path, slow: Path) -> Callable[[Problem], Problem]:
    """A function that puts before a problem the name of that of both files which it is of."""
    of_slow, of_pulses = _in_file(slow), _in_file(pulses)
    return lambda problem: of_slow(problem) if problem.where.startswith("slow") else of_pulses(problem)


def _in_file(path: Path) -> Callable[[Problem], Problem]:
    """A function that puts the file's name before a problem of its content."""
    return lambda problem: problem if str(path) in problem.where else replace(problem, where=f"{path}, {problem.where}")
