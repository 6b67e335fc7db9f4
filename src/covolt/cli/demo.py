"""`covolt demo`: certified cars driven over the certification cycles, beside what the agency measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli import exit_codes
from covolt.cli.options import check_outputs
from covolt.cli.printing import console, heading, table
from covolt.errors import Problem, system_said
from covolt.study.cases.options import Findings
from covolt.words import text

if TYPE_CHECKING:
    from rich.console import Console

    from covolt.library.figures import CarFigures
    from covolt.library.interval import Interval
    from covolt.simulation.trace import Trace

HELP = """Drive certified cars and compare with what was measured, then draw a picture.

How the generic set meets families of cars that its fit had not seen is shown first: each family left out, predicted by the
others. Then every shipped car with measured plug energies is driven over UDDS, HWFET, US06 and WLTC 3b on the dynamometer at
23 degC, and over UDDS soaked at -6.7 degC on the road with the comforts on. One generic set serves all cars; none is tuned.
Behind ± stands half of the 90 % interval, and not U = 2 u as in verdicts.

Example:

  covolt demo
"""
ZERO_CELSIUS_K = 273.15
WARM_K, COLD_K = ZERO_CELSIUS_K + 23.0, ZERO_CELSIUS_K - 6.7
CYCLES = ("udds", "hwfet", "us06", "wltc-3b")
COLD_CYCLE = "udds"
MEASURED_CYCLES = ("udds", "hwfet")
INSIDE = (
    "± is half of the 90 % interval, inside the share of a family's tests that lie in it. The widths were found on these same "
    "families; make validate DATA=folder counts them on families that chose nothing. It is not the ± of verdicts, "
    "which is U = 2 u: about 95 %."
)
PICTURED = "model-3-rwd"
PICTURED_CYCLE = "wltc-3b"


@dataclass(frozen=True)
class Driven:
    """One car over all the cycles: traces by cycle, and the cold one."""

    figures: CarFigures
    warm: dict[str, Trace]
    cold: Trace
    intervals: dict[str, Interval]
    """Plug energy over the cycles that were measured."""


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the picture goes.")] = Path(
        "build/demo/drive.html"
    ),
) -> None:
    """Drive certified cars over the certification cycles and print them beside what the agency measured."""
    findings = Findings()
    check_outputs(findings, (("--output", output),), make_folders=True, endings={"--output": (".html", ".htm")})
    findings.demand_none()
    _make_folder(output)
    out = console()
    cars = _measured_cars()
    driven = _drive_all(cars)
    _print_left_out(out)
    _print_compared(out, driven)
    _print_others(out, driven)
    pictured = next((row for row in driven if row.figures.id == PICTURED), driven[0])
    from covolt.simulation.picture import write_picture

    write_picture(pictured.warm[PICTURED_CYCLE], output, title=pictured.figures.title)
    out.print(f"Picture of {pictured.figures.title} over {PICTURED_CYCLE}:")
    out.print(str(output), soft_wrap=True)
    if not all(trace.outcome.completed for row in driven for trace in (*row.warm.values(), row.cold)):
        raise typer.Exit(exit_codes.DRIVE_NOT_COMPLETED)


def _make_folder(output: Path) -> None:
    findings = Findings()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.is_dir():
            findings.add(
                Problem(text("a folder of this name is there"), f"--output {output}", text("give the name of a file"))
            )
    except OSError as error:
        findings.add(Problem(system_said(error), f"--output {output}", text("name a folder in which you may write")))
    findings.demand_none()


def _measured_cars() -> list[CarFigures]:
    from covolt.library.cars import car_names, figures

    return [found for found in map(figures, car_names()) if found.measured is not None]


def _drive_all(cars: list[CarFigures]) -> list[Driven]:
    from concurrent.futures import ThreadPoolExecutor

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress, ThreadPoolExecutor(2) as pool:
        task = progress.add_task("Driving", total=len(cars) * (len(CYCLES) + 1))
        return list(pool.map(lambda figures: _drive(figures, lambda: progress.advance(task)), cars))


def _drive(figures: CarFigures, advance: Callable[[], None]) -> Driven:
    from covolt.library.build import car
    from covolt.library.interval import plug_intervals
    from covolt.simulation.cycles import standard
    from covolt.simulation.mission import Conditions, follow
    from covolt.simulation.run import simulate

    vehicle = car(figures)

    def over(cycle: str, conditions: Conditions) -> Trace:
        trace = simulate(vehicle, follow(standard(cycle), conditions), name=figures.id)
        advance()
        return trace

    warm = Conditions(ambient_temperature_K=WARM_K, on_dynamometer=True)
    cold = Conditions(ambient_temperature_K=COLD_K, comforts_on=True)
    found = plug_intervals(figures, [follow(standard(cycle), warm) for cycle in MEASURED_CYCLES])
    intervals: dict[str, Interval] = dict(zip(MEASURED_CYCLES, found, strict=True))
    return Driven(figures, {cycle: over(cycle, warm) for cycle in CYCLES}, over(COLD_CYCLE, cold), intervals)


def _plug(trace: Trace) -> float:
    return trace.result.plug_consumption_J_per_m / 3.6


def _print_left_out(out: Console) -> None:
    """Families that the fit had not seen: error and interval, as they ship with the set."""
    from covolt.library.left_out import left_out

    heading(
        out, "Plug energy of families that the fit had not seen, each predicted by the others: error over EPA's tests"
    )
    made = table(
        [
            ("family", "name"),
            ("UDDS", "right"),
            ("±", "right"),
            ("inside", "right"),
            ("HWFET", "right"),
            ("±", "right"),
            ("inside", "right"),
        ],
    )
    rows = {(row.family, row.cycle): row for row in left_out()}
    for family in sorted({row.family for row in rows.values()}):
        cells = [family]
        for cycle in ("UDDS", "HWFET"):
            row = rows[family, cycle]
            cells += [
                f"{100.0 * row.error_fraction:+.1f} %",
                f"{100.0 * row.halfwidth_90_fraction:.0f} %",
                f"{100.0 * row.inside_fraction:.0f} %",
            ]
        made.add_row(*cells)
    made.add_section()
    cells = ["mean, every test unsigned"]
    for cycle in ("UDDS", "HWFET"):
        own = [row for row in rows.values() if row.cycle == cycle]
        cells += [f"{100.0 * sum(row.absolute_error_fraction for row in own) / len(own):.1f} %", ""]
        inside = sum(row.inside_fraction for row in own) / len(own)
        cells.append(f"{100.0 * inside:.0f} %")
    made.add_row(*cells)
    out.print(made)
    out.print(INSIDE)
    out.print()


def _print_compared(out: Console, driven: list[Driven]) -> None:
    """Computed beside measured at the plug."""
    heading(out, "Energy from the plug in Wh/km: computed, and measured by EPA; cars of families that the set has seen")
    made = table(
        [
            ("car", "name"),
            ("UDDS", "right"),
            ("±", "right"),
            ("EPA", "right"),
            ("differs", "right"),
            ("HWFET", "right"),
            ("±", "right"),
            ("EPA", "right"),
            ("differs", "right"),
        ],
    )
    errors: dict[str, list[float]] = {cycle: [] for cycle in MEASURED_CYCLES}
    for row in driven:
        cells = [row.figures.id]
        for cycle, found in errors.items():
            measured = getattr(row.figures.measured, f"{cycle}_plug_consumption")
            computed = _plug(row.warm[cycle])
            cells += [f"{computed:.1f}", f"{100.0 * row.intervals[cycle].halfwidth_90_fraction:.0f} %"]
            if measured is None:
                cells += ["", ""]
                continue
            error = 100.0 * (3.6 * computed / measured - 1.0)
            found.append(abs(error))
            cells += [f"{measured / 3.6:.1f}", f"{error:+.1f} %"]
        made.add_row(*cells)
    made.add_section()
    means = [f"{sum(found) / len(found):.1f} %" if found else "" for found in errors.values()]
    made.add_row("mean, unsigned", "", "", "", means[0], "", "", "", means[1])
    out.print(made)
    out.print()


def _print_others(out: Console, driven: list[Driven]) -> None:
    """Cycles without a measurement, and what the cold costs."""
    heading(out, "Energy from the plug in Wh/km: computed only")
    made = table(
        [
            ("car", "name"),
            ("US06", "right"),
            ("WLTC 3b", "right"),
            ("UDDS, -6.7 degC, heated", "right"),
            ("over 23 degC", "right"),
        ],
    )
    for row in driven:
        cold, warm = _plug(row.cold), _plug(row.warm[COLD_CYCLE])
        made.add_row(
            row.figures.id,
            _with_mark(row.warm["us06"]),
            _with_mark(row.warm["wltc-3b"]),
            _with_mark(row.cold),
            f"{cold / warm:.2f} times",
        )
    out.print(made)
    missed = [trace for row in driven for trace in (*row.warm.values(), row.cold) if not trace.outcome.completed]
    for trace in missed:
        out.print(f"* {trace.result.name}, {trace.result.mission.name}: {trace.outcome}")
    out.print()


def _with_mark(trace: Trace) -> str:
    return f"{_plug(trace):.1f}" + ("" if trace.outcome.completed else "*")
