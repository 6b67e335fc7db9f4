"""Drives by name: cars and cycles as people call them, and the usual weather."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import InputError, Problem
from covolt.library.build import car as build_car
from covolt.library.cars import figures as car_figures
from covolt.library.figures import CarFigures
from covolt.library.interval import drive_intervals
from covolt.simulation.cycle import Cycle
from covolt.simulation.cycle_file import ENDINGS
from covolt.simulation.cycles import read_csv, standard
from covolt.simulation.mission import Conditions, Mission, MissPolicy, follow
from covolt.simulation.run import simulate as simulate_vehicle
from covolt.simulation.trace import Executor, Trace
from covolt.vehicle.assembly import Vehicle
from covolt.words import text

if TYPE_CHECKING:
    pass

__all__ = ["USUAL", "car_figures", "follow_cycle", "load_car", "read_cycle", "simulate", "standard_cycle"]

USUAL = Conditions(comforts_on=True)
"""As `covolt drive` drives where nothing else is said: 23 degC, 90 % charge, the cabin kept comfortable."""
USUAL_CYCLE = "wltc-3b"
Car = str | Path | CarFigures | Vehicle
"""A shipped car by its name, a car's file, figures, or a vehicle."""
Road = str | Path | Cycle | Mission
"""A shipped cycle by its name, a cycle's file, a cycle, or a mission."""

standard_cycle = standard
read_cycle = read_csv


def load_car(car: Car) -> Vehicle:
    """The vehicle that a shipped name, a file or figures describe.

    Raises:
        InputError: there is no such car, or its file is wrong.
    """
    if isinstance(car, Vehicle):
        return car
    return build_car(car if isinstance(car, CarFigures) else car_figures(str(car)))


def follow_cycle(
    cycle: str | Path | Cycle,
    conditions: Conditions | None = None,
    *,
    dt_s: float | None = None,
    preview_s: float = 0.0,
    miss_policy: MissPolicy = "report",
) -> Mission:
    """Follow a cycle, by its shipped name, from a CSV file, or as it is; conditions as usual where none are given."""
    return follow(_cycle(cycle), conditions or USUAL, dt_s=dt_s, preview_s=preview_s, miss_policy=miss_policy)


def _cycle(cycle: str | Path | Cycle) -> Cycle:
    if isinstance(cycle, Cycle):
        return cycle
    if not isinstance(cycle, str | Path):  # pyright: ignore[reportUnnecessaryIsInstance]  # people give anything
        what = text("{cycle!r:.60} is neither a cycle nor the name or file of one", cycle=cycle)
        raise InputError(Problem(what, "mission", text("give a name such as 'udds', a file, a Cycle or a Mission")))
    is_file = isinstance(cycle, Path) or Path(cycle).suffix.lower() in ENDINGS
    return read_csv(Path(cycle)) if is_file else standard(cycle)


def simulate(
    car: Car,
    mission: Road = USUAL_CYCLE,
    conditions: Conditions | None = None,
    *,
    name: str | None = None,
    throw: bool = False,
    uncertainty: bool = False,
    executor: Executor = "native",
) -> Trace:
    """Drive a car over a cycle or a mission.

    Args:
        conditions: weather, load and charge of a cycle; a mission carries its own.
        throw: raise `DriveFailed` where the drive could not be completed.
        uncertainty: drive also with each uncertain generic number moved, so that results carry ± (`drive_intervals`).

    Raises:
        InputError: car, cycle or conditions are wrong.
    """
    if isinstance(mission, Mission) and conditions is not None:
        raise InputError(
            Problem(text("a mission carries its own conditions"), "conditions", text("give them to follow_cycle"))
        )
    asked = mission if isinstance(mission, Mission) else follow_cycle(mission, conditions)
    called = name or (car.id if isinstance(car, CarFigures) else Path(car).stem if isinstance(car, str | Path) else "")
    trace = simulate_vehicle(load_car(car), asked, name=called or "vehicle", throw=throw, executor=executor)
    return _with_uncertainty(trace, car) if uncertainty else trace


def _with_uncertainty(trace: Trace, car: Car) -> Trace:
    """The same drive, its numbers with their expanded uncertainty."""
    if isinstance(car, Vehicle):
        what = text("of a vehicle nobody knows which of its numbers are generic")
        raise InputError(Problem(what, "uncertainty", text("give the car by name, file or figures")))
    figures = car if isinstance(car, CarFigures) else car_figures(str(car))
    known = drive_intervals(figures, trace.result.mission)
    expanded_si = {name: one.expanded for name, one in known.items()}
    return replace(trace, result=replace(trace.result, expanded_si=expanded_si))
