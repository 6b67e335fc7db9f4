"""`covolt drive`: one car over one cycle or route, from option texts to what a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covolt.cli import exit_codes
from covolt.cli.language import LanguageOption
from covolt.cli.options import check_outputs, language_of
from covolt.errors import Problem
from covolt.study.cases.drive import DriveOptions, carry_out, read_options
from covolt.study.cases.options import Findings
from covolt.words import text

if TYPE_CHECKING:
    from covolt.study.cases.drive import DriveResult

HELP = """Drive a car over a cycle or a route and say where the energy went.

CAR is a shipped car (list them: covolt parts) or the path of a car's TOML file.

Examples:

  covolt drive leaf-40 --cycle wltc-3b

  covolt drive city-car --cycle wltc-3b --ambient "-20 degC" --plot drive.html

  covolt drive my-car.toml --cycle commute.csv --payload "150 kg" --csv trace.csv

  covolt drive model-3-rwd --cycle udds --dynamometer --json

  covolt drive leaf-40 city-car --cycle udds --cycle wltc-3b --csv compared.csv

  covolt drive city-bus --route line-7.csv --ambient "-20 degC"

  covolt drive leaf-40 --cycle logger.xlsx --bridge-gaps --smooth "4 s"
"""
SPELLED = {
    "cycle": "--cycle",
    "route": "--route",
    "ambient": "--ambient",
    "payload": "--payload",
    "state_of_charge": "--soc",
    "wind": "--wind",
    "sun": "--sun",
    "driver": "--driver",
    "on_miss": "--on-miss",
    "dynamometer": "--dynamometer",
    "bridge_gaps": "--bridge-gaps",
    "smooth": "--smooth",
    "every": "--every",
}
"""How the options of the case are called here."""


def drive(
    cars: Annotated[
        list[str], typer.Argument(metavar="CAR...", help="Shipped cars, paths of TOML files, or a folder of them.")
    ],
    cycles: Annotated[
        list[str] | None,
        typer.Option(
            "--cycle", help="Shipped cycle (list: covolt cycles), or path of a recording; else wltc-3b. Repeatable."
        ),
    ] = None,
    route: Annotated[
        str | None, typer.Option(metavar="FILE", help="Road by distance: table of places, target speeds, grade, stops.")
    ] = None,
    ambient: Annotated[str, typer.Option(help='Air temperature, such as "-20 degC".')] = "23 degC",
    payload: Annotated[str, typer.Option(help='Load beyond the test mass, such as "150 kg".')] = "0 kg",
    soc: Annotated[str, typer.Option(help='State of charge at the start, of what is usable, as "90 %".')] = "90 %",
    wind: Annotated[str, typer.Option(help='Head wind, such as "5 m/s".')] = "0 m/s",
    sun: Annotated[str, typer.Option(help='Sun on the cabin, such as "600 W/m2".')] = "0 W/m2",
    comforts: Annotated[
        bool | None,
        typer.Option(
            "--comforts/--no-comforts", help="Cabin climate. On, but off on the dynamometer.", show_default=False
        ),
    ] = None,
    lights: Annotated[bool, typer.Option(help="Headlights.")] = False,
    dynamometer: Annotated[bool, typer.Option("--dynamometer", help="On rollers, as in certification.")] = False,
    preconditioned: Annotated[
        bool, typer.Option("--preconditioned", help="Cabin and battery begin at 22 degC, warmed from the mains.")
    ] = False,
    driver: Annotated[
        str, typer.Option(metavar="[ideal|pi]", help="Exact follower, or one who corrects errors.")
    ] = "ideal",
    on_miss: Annotated[
        str,
        typer.Option(
            metavar="[report|correct|abort]", help="Where the speed is missed: go on, drive the whole distance, or end."
        ),
    ] = "report",
    bridge_gaps: Annotated[
        bool, typer.Option("--bridge-gaps", help="Fill gaps of a recording by straight lines of speed.")
    ] = False,
    smooth: Annotated[
        str,
        typer.Option(
            metavar="[auto|none|TIME]", help='Of a recording: what a logger adds, nothing, or all faster than "4 s".'
        ),
    ] = "auto",
    every: Annotated[
        str | None, typer.Option(metavar="TIME", help='Step at which the cycle is read, such as "1 s".')
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every signal as CSV.")] = None,
    parquet: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every signal as Parquet.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a picture of the drive as HTML.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    language: LanguageOption = None,
) -> None:
    """Drive cars over cycles or a route and print, draw or write what came of it."""
    from covolt.library.cars import car_files
    from covolt.study.cases.drive_several import cars_of, each

    several = cars_of(cars)
    car, cycle = several[0], cycles[0] if cycles else None
    asked = DriveOptions(
        car, cycle, route, ambient, payload, soc, wind, sun, driver, on_miss,
        comforts, lights, dynamometer, preconditioned, bridge_gaps, smooth, every,
    )  # fmt: skip
    findings = Findings(SPELLED)
    language_of(findings, language)
    check_outputs(
        findings,
        (("--csv", csv), ("--parquet", parquet), ("--plot", plot)),
        [
            *(file for one in several for file in car_files(one)),
            *(Path(one) for one in (*(cycles or ()), route) if one),
        ],
    )
    if len(several) > 1 or len(cycles or ()) > 1 or any(one and Path(one).is_dir() for one in cars):
        for option, path in (("--parquet", parquet), ("--plot", plot)):
            if path is not None:
                hint = text("leave it out, or name one car and one cycle")
                findings.add(Problem(text("the signals of several drives are not one file"), option, hint))
        findings.demand_none()
        _drive_several(each(asked, several, cycles or [None]), csv, json=json)
        return
    done = carry_out(read_options(asked, findings), _patience)
    _write(done, csv, parquet, plot)
    if json:
        from covolt.cli.printing import print_result
        from covolt.study.cases.drive_document import of_drive

        print_result(of_drive(done))
    else:
        from covolt.cli.drive_report import print_report

        print_report(done, [path for path in (csv, parquet, plot) if path])
    if not done.trace.outcome.completed:
        raise typer.Exit(exit_codes.DRIVE_NOT_COMPLETED)


def _drive_several(asked: Sequence[DriveOptions], csv: Path | None, *, json: bool) -> None:
    """Several drives, as one table, one list of JSON and one CSV."""
    from covolt.cli.drive_table import print_table, table_text
    from covolt.cli.printing import print_result
    from covolt.files import write_whole
    from covolt.study.cases.drive_several import drive_several

    done = list(drive_several(asked, SPELLED, _patience))
    if csv is not None:
        write_whole(csv, table_text(done))
    if json:
        from covolt.study.cases.drive_document import of_drive

        print_result([of_drive(one) for one in done])
    else:
        print_table(done)
    if not all(one.trace.outcome.completed for one in done):
        raise typer.Exit(exit_codes.DRIVE_NOT_COMPLETED)


def _patience() -> AbstractContextManager[object]:
    """A sign of life while a kind of vehicle is compiled for the first time."""
    from covolt.cli.language import say
    from covolt.cli.printing import console
    from covolt.words import text

    return console(stderr=True).status(say(text("Preparing the drive; the first of its kind takes some seconds")))


def _write(done: DriveResult, csv: Path | None, parquet: Path | None, plot: Path | None) -> None:
    if csv is not None:
        done.trace.to_csv(csv)
    if parquet is not None:
        done.trace.to_parquet(parquet)
    if plot is not None:
        from covolt.simulation.picture import write_picture

        expanded_si = {name: one.expanded for name, one in done.known.items()}
        write_picture(done.trace, plot, title=done.car.title or done.car.id, expanded_si=expanded_si)
