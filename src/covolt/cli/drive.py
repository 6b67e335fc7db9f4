"""`covolt drive`: one car over one cycle or route, from option texts to what a person reads."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from covolt.cli import exit_codes
from covolt.cli.options import Findings, check_outputs, in_words_of_options
from covolt.errors import InputError, Problem

if TYPE_CHECKING:
    from covolt.library.spread import Interval, Spread
    from covolt.simulation.cycles import Cycle
    from covolt.simulation.mission import Conditions, Mission, MissPolicy
    from covolt.simulation.remembered import RememberedCar
    from covolt.simulation.route import Leg
    from covolt.simulation.trace import Result, Trace
    from covolt.vehicle.assembly import Vehicle

HELP = """Drive a car over a cycle or a route and say where the energy went.

CAR is a shipped car (list them: covolt parts) or the path of a car's TOML file.

Examples:

  covolt drive leaf-40 --cycle wltc-3b

  covolt drive city-car --cycle wltc-3b --ambient "-20 degC" --plot drive.html

  covolt drive my-car.toml --cycle commute.csv --payload "150 kg" --csv trace.csv

  covolt drive model-3-rwd --cycle udds --dynamometer --json

  covolt drive city-bus --route line-7.csv --ambient "-20 degC"
"""
USUAL_CYCLE = "wltc-3b"
PRECONDITIONED_K = 295.15
PREVIEW_s = 2.0


@dataclass(frozen=True)
class Asked:
    """The options as they were written."""

    car: str
    cycle: str | None
    route: str | None
    ambient: str
    payload: str
    state_of_charge: str
    wind: str
    sun: str
    driver: str
    on_miss: str
    comforts: bool
    lights: bool
    dynamometer: bool
    preconditioned: bool


@dataclass(frozen=True)
class ChosenCar:
    """The car to drive: what is said of it, its text, and itself as far as an earlier process has built it."""

    id: str
    title: str
    battery_energy_J: float
    table_ends_K: tuple[float, float] | None
    left_open: str
    text: str
    remembered: RememberedCar | None


@dataclass(frozen=True)
class Read:
    """What the options mean."""

    car: ChosenCar
    road: Cycle | tuple[Leg, ...]
    conditions: Conditions


def drive(
    car: Annotated[str, typer.Argument(metavar="CAR", help="Shipped car, or path of a TOML file.")],
    cycle: Annotated[
        str | None,
        typer.Option(help="Shipped cycle (list: covolt cycles), or path of a CSV file; else wltc-3b."),
    ] = None,
    route: Annotated[
        str | None, typer.Option(metavar="FILE", help="Road by distance: CSV of places, target speeds, grade, stops.")
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
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every signal as CSV.")] = None,
    parquet: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every signal as Parquet.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a picture of the drive as HTML.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Entry of the command; its help is `HELP`."""
    asked = Asked(
        car, cycle, route, ambient, payload, soc, wind, sun, driver, on_miss,
        dynamometer is False if comforts is None else comforts, lights, dynamometer, preconditioned,
    )  # fmt: skip
    from covolt.library.cars import car_files

    findings = Findings()
    check_outputs(
        findings,
        (("--csv", csv), ("--parquet", parquet), ("--plot", plot)),
        [*car_files(car), *(Path(one) for one in (cycle, route) if one)],
    )
    read = read_options(asked, findings)
    trace, known = driven(read, asked)
    _write(trace, read, known, csv, parquet, plot)
    remarks = () if isinstance(read.road, tuple) else read.road.remarks
    if json:
        from covolt.cli.drive_report import as_json
        from covolt.cli.printing import print_json

        print_json(as_json(trace, read.car, known, remarks))
    else:
        from covolt.cli.drive_report import print_report

        print_report(trace, read.car, known, remarks, [path for path in (csv, parquet, plot) if path])
    if not trace.outcome.completed:
        raise typer.Exit(exit_codes.DRIVE_NOT_COMPLETED)


def read_options(asked: Asked, findings: Findings) -> Read:
    """Car, cycle and conditions; raises all problems of all of them, and those found before."""
    from covolt.simulation.mission import Conditions

    found = findings.take(lambda: _chosen_car(asked.car))
    road = findings.take(lambda: _road(asked))
    numbers = {
        "ambient_temperature_K": ("--ambient", asked.ambient, "K"),
        "payload_kg": ("--payload", asked.payload, "kg"),
        "state_of_charge": ("--soc", asked.state_of_charge, "1"),
        "wind_m_per_s": ("--wind", asked.wind, "m/s"),
        "sun_W_per_m2": ("--sun", asked.sun, "W/m2"),
    }
    values = {field: findings.quantity(*entry) for field, entry in numbers.items()}
    given: dict[str, Any] = {field: value for field, value in values.items() if value is not None}
    given |= dict.fromkeys(_WARMED, PRECONDITIONED_K if asked.preconditioned else None)
    conditions = findings.take(
        lambda: Conditions(
            **given,
            comforts_on=asked.comforts,
            lights_on=asked.lights,
            on_dynamometer=asked.dynamometer,
        ),
        in_words_of_options({field: entry[:2] for field, entry in numbers.items()}),
    )
    for option, number in (("--wind", "wind_m_per_s"), ("--sun", "sun_W_per_m2")):
        if asked.dynamometer and values[number]:
            hint = f"leave out {option}, or drive on the road"
            findings.add(Problem("rollers stand indoors", f"--dynamometer {option}", hint))
    if asked.driver not in ("ideal", "pi"):
        findings.add(Problem(f"there is no driver '{asked.driver}'", "--driver", "write ideal or pi"))
    if asked.on_miss not in ("report", "correct", "abort"):
        findings.add(Problem(f"there is no policy '{asked.on_miss}'", "--on-miss", "write report, correct or abort"))
    findings.demand_none()
    if found is None or road is None or conditions is None:
        raise RuntimeError("a part of the input is missing, and no problem says why")
    return Read(found, road, conditions)


_WARMED = ("cabin_temperature_K", "battery_temperature_K")


def _road(asked: Asked) -> Cycle | tuple[Leg, ...]:
    if asked.route is None:
        return _cycle(asked.cycle or USUAL_CYCLE)
    from covolt.simulation.route import read_route

    if asked.cycle is not None:
        raise InputError(Problem("both a cycle and a route are named", "--cycle, --route", "name one of them"))
    if asked.driver == "pi" or asked.on_miss == "abort":
        what = "a route is driven whole, by the ideal driver, as fast as the vehicle can"
        raise InputError(Problem(what, "--route", "leave out --driver and --on-miss"))
    return read_route(asked.route)


def _cycle(name_or_path: str) -> Cycle:
    from covolt.simulation import cycles

    path = Path(name_or_path)
    if path.suffix.lower() in {".csv", ".txt", ".tsv"} or len(path.parts) > 1 or path.exists():
        with warnings.catch_warnings():  # the report tells it
            warnings.simplefilter("ignore")
            return cycles.read_csv(path)
    return cycles.standard(name_or_path)


def _chosen_car(name_or_path: str) -> ChosenCar:
    """A car whose text was read and found right before is not read again."""
    from covolt.library.cars import car_text
    from covolt.simulation.remembered import recall

    text = car_text(name_or_path)
    found = recall(text) if text is not None else None
    if found is not None:
        about = found.about
        table_ends_K = tuple(about["table_ends_K"]) if about["table_ends_K"] else None
        left = about.get("left_open", "")
        return ChosenCar(about["id"], about["title"], about["battery_energy_J"], table_ends_K, left, text or "", found)
    from covolt.library.cars import figures
    from covolt.library.left_open import open_in_driving

    read = figures(name_or_path)
    table_ends_K = read.battery_cell.table_ends_K if read.battery_cell else None
    left = open_in_driving(read)
    return ChosenCar(read.id, read.title, read.battery_energy, table_ends_K, left, text or "", None)


def driven(read: Read, asked: Asked) -> tuple[Trace, dict[str, Interval]]:
    """The drive, and how surely each of its numbers is known: with what an earlier process has built, else from the beginning."""
    from covolt.library.spread import Spread, of_drive
    from covolt.simulation.remembered import drive_remembered

    mission, car = _mission(read, asked), read.car
    done = None
    if asked.driver == "ideal" and car.remembered is not None:
        done = drive_remembered(car.remembered, mission, name=car.id)
    if done is not None and car.remembered is not None:
        spread = Spread(*car.remembered.about["spread"])
    else:
        spread, done = _driven_anew(car, asked, mission)
    trace, moved = done
    return trace, spread.intervals([of_drive(one, car.battery_energy_J) for one in (trace.result, *moved)])


def _mission(read: Read, asked: Asked) -> Mission:
    from covolt.simulation.mission import follow
    from covolt.simulation.route import drive_route

    if isinstance(read.road, tuple):
        return drive_route(Path(asked.route or "route").stem, read.road, read.conditions)
    return follow(
        read.road,
        read.conditions,
        preview_s=PREVIEW_s if asked.driver == "pi" else 0.0,
        miss_policy=cast("MissPolicy", asked.on_miss),
    )


def _driven_anew(chosen: ChosenCar, asked: Asked, mission: Mission) -> tuple[Spread, tuple[Trace, list[Result]]]:
    from covolt.library.cars import figures
    from covolt.library.interval import moved_cars
    from covolt.simulation.run import simulate

    with _patience():
        spread, vehicles = moved_cars(figures(asked.car))
        if asked.driver == "pi":
            vehicles = [_with_pi_driver(one) for one in vehicles]
        # What the next command finds kept, and drives with (`drive_remembered`).
        trace = simulate(vehicles[0], mission, name=chosen.id, executor="xla")
        moved = [simulate(one, mission, name=chosen.id, executor="xla").result for one in vehicles[1:]]
    if asked.driver == "ideal" and chosen.remembered is None and chosen.text:
        _remember(chosen, spread, vehicles)
    return spread, (trace, moved)


def _remember(chosen: ChosenCar, spread: Spread, vehicles: Sequence[Vehicle]) -> None:
    """Keep the car, and what of it is uncertain moved, for the next command."""
    from covolt.simulation.core import pack
    from covolt.simulation.origin import name_of
    from covolt.simulation.remembered import RememberedCar, remember

    (vector, tables, structure), *others = [pack(one) for one in vehicles]
    about = {
        "id": chosen.id,
        "title": chosen.title,
        "battery_energy_J": chosen.battery_energy_J,
        "table_ends_K": chosen.table_ends_K,
        "left_open": chosen.left_open,
        "spread": (spread.names, spread.span_ratios),
    }
    moved = tuple((own, own_tables) for own, own_tables, _ in others)
    remember(chosen.text, RememberedCar(name_of(structure), vector, tables, about, moved))


def _patience() -> AbstractContextManager[object]:
    """A sign of life while a kind of vehicle is compiled for the first time."""
    from covolt.cli.printing import console

    return console(stderr=True).status("Preparing the drive; the first of its kind takes some seconds")


def _with_pi_driver(vehicle: Vehicle) -> Vehicle:
    """The same vehicle with a driver who corrects errors, gains in the middle of their valid range."""
    from covolt.vehicle.driver import PIDriver

    driver = PIDriver(
        proportional_gain_per_s=0.8,
        integral_gain_per_s2=0.02,
        preview_time_s=PREVIEW_s,
        preview_weight_fraction=0.2,
        acceleration_limit_m_per_s2=6.0,
        integral_limit_m=5.0,
    )
    return replace(vehicle, driver=driver)


def _write(
    trace: Trace,
    read: Read,
    known: dict[str, Interval],
    csv: Path | None,
    parquet: Path | None,
    plot: Path | None,
) -> None:
    if csv is not None:
        trace.to_csv(csv)
    if parquet is not None:
        trace.to_parquet(parquet)
    if plot is not None:
        from covolt.simulation.picture import write_picture

        expanded_si = {name: one.expanded for name, one in known.items()}
        write_picture(trace, plot, title=read.car.title or read.car.id, expanded_si=expanded_si)
