"""Drives by name: cars and cycles as people call them, the usual weather, and many cars over one figure after another."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from covolt import units
from covolt.errors import CovoltError, InputError, Problem
from covolt.library.build import car as build_car
from covolt.library.cars import figures as car_figures
from covolt.library.figures import CarFigures
from covolt.library.interval import drive_intervals
from covolt.simulation.cycle import Cycle
from covolt.simulation.cycles import read_csv, standard
from covolt.simulation.mission import Conditions, Mission, MissPolicy, follow
from covolt.simulation.run import BatchRunner
from covolt.simulation.run import simulate as simulate_vehicle
from covolt.simulation.trace import Executor, Result, Trace
from covolt.vehicle.assembly import Vehicle

if TYPE_CHECKING:
    import xarray

__all__ = ["USUAL", "car_figures", "follow_cycle", "load_car", "read_cycle", "simulate", "standard_cycle", "sweep"]

USUAL = Conditions(comforts_on=True)
"""As `covolt drive` drives where nothing else is said: 23 degC, 90 % charge, the cabin kept comfortable."""
USUAL_CYCLE = "wltc-3b"
Car = str | Path | CarFigures | Vehicle
"""A shipped car by its name, a car's file, figures, or a vehicle."""
Road = str | Path | Cycle | Mission
"""A shipped cycle by its name, a cycle's file, a cycle, or a mission."""
QUANTITIES = {
    "range_m": "m",
    "battery_consumption_J_per_m": "J/m",
    "plug_consumption_J_per_m": "J/m",
    "distance_m": "m",
    "battery_energy_J": "J",
    "plug_energy_J": "J",
    "state_of_charge": "1",
    "battery_temperature_K": "K",
}
"""What a sweep tells of every drive, and in which unit."""
CONDITIONS = {
    "ambient": ("ambient_temperature_K", "K"),
    "payload": ("payload_kg", "kg"),
    "wind": ("wind_m_per_s", "m/s"),
}
"""What of the conditions a sweep may vary: the field, and its unit."""

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
    is_file = isinstance(cycle, Path) or Path(cycle).suffix.lower() in {".csv", ".txt", ".tsv"}
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
        raise InputError(Problem("a mission carries its own conditions", "conditions", "give them to follow_cycle"))
    asked = mission if isinstance(mission, Mission) else follow_cycle(mission, conditions)
    called = name or (car.id if isinstance(car, CarFigures) else Path(car).stem if isinstance(car, str | Path) else "")
    trace = simulate_vehicle(load_car(car), asked, name=called or "vehicle", throw=throw, executor=executor)
    return _with_uncertainty(trace, car) if uncertainty else trace


def _with_uncertainty(trace: Trace, car: Car) -> Trace:
    """The same drive, its numbers with their expanded uncertainty."""
    if isinstance(car, Vehicle):
        what = "of a vehicle nobody knows which of its numbers are generic"
        raise InputError(Problem(what, "uncertainty", "give the car by name, file or figures"))
    figures = car if isinstance(car, CarFigures) else car_figures(str(car))
    known = drive_intervals(figures, trace.result.mission)
    expanded_si = {name: one.expanded for name, one in known.items()}
    return replace(trace, result=replace(trace.result, expanded_si=expanded_si))


def sweep(car: str | Path | CarFigures, **over: Any) -> xarray.Dataset:
    """Drive a car for every combination of figures, cycles and conditions; each drive's numbers over their axes.

    Args:
        over: figures of the car, `battery_energy=["40 kWh", "60 kWh"]`; `cycle`, names or cycles; `ambient`, `payload`, `wind`
            as texts with units or in SI. What is given alone is no axis.

    Raises:
        InputError: every value that is unknown or wrong.
    """
    first = car if isinstance(car, CarFigures) else car_figures(str(car))
    axes = {name: list(_listed(values)) for name, values in over.items()}
    axes.setdefault("cycle", [USUAL_CYCLE])
    outside = [name for name in axes if name in {"cycle", *CONDITIONS}]
    inside = [name for name in axes if name not in outside]
    problems: list[Problem] = []
    cars = _each(first.replace, {name: axes[name] for name in inside}, problems)
    missions = _each(_mission, {name: axes[name] for name in outside}, problems)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    table = BatchRunner().run([build_car(one) for one in cars], missions)
    return _dataset(first, over, {name: axes[name] for name in (*inside, *outside)}, (cars, missions), table)


def _listed(values: Any) -> Sequence[Any]:
    alone = isinstance(values, str | Path | Cycle | bool | float | int)
    return [values] if alone else list(values)


def _each(make: Any, axes: Mapping[str, Sequence[Any]], problems: list[Problem]) -> list[Any]:
    """What is made of every combination; what is wrong with any of them goes to the problems."""
    made: list[Any] = []
    for values in itertools.product(*axes.values()):
        try:
            made.append(make(**dict(zip(axes, values, strict=True))))
        except CovoltError as error:
            problems.extend(error.problems)
    return made


def _mission(cycle: str | Path | Cycle, **conditions: Any) -> Mission:
    found = {CONDITIONS[name][0]: _si(name, value) for name, value in conditions.items()}
    return follow_cycle(cycle, replace(USUAL, **found))


def _si(name: str, value: Any) -> float:
    return units.parse(value, CONDITIONS[name][1], name) if isinstance(value, str) else float(value)


def _dataset(
    first: CarFigures,
    over: Mapping[str, Any],
    axes: Mapping[str, Sequence[Any]],
    made: tuple[Sequence[CarFigures], Sequence[Mission]],
    table: Sequence[Sequence[Result]],
) -> xarray.Dataset:
    import xarray

    shape = tuple(len(values) for values in axes.values())
    numbers = {
        name: (
            tuple(axes),
            np.array([[getattr(one, name) for one in row] for row in table]).reshape(shape),
            {"units": unit},
        )
        for name, unit in QUANTITIES.items()
    }
    completed = np.array([[one.outcome.completed for one in row] for row in table]).reshape(shape)
    coordinates = {name: _coordinate(first, name, values) for name, values in axes.items()}
    data = xarray.Dataset(
        {**numbers, "completed": (tuple(axes), completed)}, coords=coordinates, attrs={"vehicle": first.id or "vehicle"}
    )
    alone = [
        name for name in axes if name not in over or isinstance(over[name], str | Path | Cycle | bool | float | int)
    ]
    return data.squeeze(alone)


def _coordinate(first: CarFigures, name: str, values: Sequence[Any]) -> tuple[str, list[Any], dict[str, str]]:
    """Values of an axis, in SI where they are quantities, with their unit."""
    if name == "cycle":
        return name, [one.name if isinstance(one, Cycle) else Path(one).stem for one in values], {}
    if name in CONDITIONS:
        return name, [_si(name, one) for one in values], {"units": CONDITIONS[name][1]}
    texts = [one for one in values if isinstance(one, str)]
    stated = [getattr(first.replace(**{name: one}), name) for one in values]
    try:
        unit = units.unit_of(texts[0]).si if texts else ""
    except CovoltError:  # a word, such as that of a layout
        unit = ""
    return name, stated, {"units": unit} if unit else {}
