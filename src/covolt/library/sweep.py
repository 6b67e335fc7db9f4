"""Sweeps: a car driven for every combination of figures, cycles and conditions, as one data set."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from covolt import units
from covolt.errors import CovoltError, InputError, Problem
from covolt.library.build import car as build_car
from covolt.library.drives import USUAL, USUAL_CYCLE, car_figures, follow_cycle
from covolt.library.figures import CarFigures
from covolt.library.figures_table import unit_of_figure
from covolt.progress import Progress, showing
from covolt.simulation.cycle import Cycle
from covolt.simulation.mission import Mission
from covolt.simulation.quantities import DRIVE
from covolt.simulation.run import BatchRunner
from covolt.simulation.trace import Result
from covolt.suggestion import named
from covolt.vehicle.assembly import Vehicle
from covolt.words import text

if TYPE_CHECKING:
    import xarray

__all__ = ["sweep"]

CONDITIONS = {
    "ambient": ("ambient_temperature_K", "K"),
    "payload": ("payload_kg", "kg"),
    "wind": ("wind_m_per_s", "m/s"),
    "sun": ("sun_W_per_m2", "W/m2"),
    "start_state_of_charge": ("state_of_charge", "1"),
}
"""What of the conditions a sweep may vary: the field, and its unit."""
UNVARIED = frozenset({"schema_name", "id", "title", "source", "measured"})
"""Of a car's figures, what no drive depends on."""
ALONE = (str, Path, Cycle, CarFigures, bool, float, int, np.generic)


@final
@dataclass(frozen=True)
class _Corner:
    """A car or a mission of one combination, or why there is none."""

    made: Any
    problems: tuple[Problem, ...] = ()


def sweep(car: str | Path | CarFigures, *, progress: Progress | None = None, **over: Any) -> xarray.Dataset:
    """Drive a car for every combination of figures, cycles and conditions; each drive's numbers over their axes, in SI.

    Each figure is moved alone: a larger battery is no heavier unless `test_mass` is moved too (`alone` of the data set says so).
    Where a combination cannot be made or the drive is not completed, its numbers are not numbers, and `reason` says why. Each
    number has shape (n1, n2 …), float64, in SI as its name and `units` say; `reason` is text and `completed` bool.

    Args:
        progress: called with how many drives are done, of how many; else a terminal and a notebook show it by themselves.
        over: figures of the car, `battery_energy=["40 kWh", "60 kWh"]`; `cycle`, names, files or cycles; `ambient`, `payload`,
            `wind`, `sun`, `start_state_of_charge`; as texts with units or numbers in SI. What is given alone is no axis.

    Raises:
        InputError: every name that is unknown, and every value with which no combination can be made.
    """
    first = car if isinstance(car, CarFigures) else car_figures(str(car))
    axes = {name: _listed(values) for name, values in over.items()}
    axes.setdefault("cycle", [USUAL_CYCLE])
    problems = _unknown(axes)
    outside = {name: axes[name] for name in axes if name in {"cycle", *CONDITIONS}}
    inside = {name: axes[name] for name in axes if name not in outside and name in CarFigures.model_fields}
    cars = _corners(first.replace, inside, problems)
    missions = _corners(_mission, outside, problems)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    table = _driven(cars, missions, progress)
    names = [name for name, values in over.items() if not isinstance(values, ALONE)]
    found = {name: _axis_of_drives(name, values) for name, values in outside.items()}
    made = _dataset(first, {**_axes_of_figures(inside, cars), **found}, names, table)
    return made.assign_attrs(alone=WEIGHTLESS) if inside.keys() & HEAVY and not inside.keys() & MASSES else made


HEAVY, MASSES = {"battery_energy", "battery_gross_energy"}, {"test_mass", "battery_mass"}
WEIGHTLESS = "the battery's energy was moved alone: test_mass stayed as it was; move it along with figures.replace"
"""What a sweep of the battery's size is told with its numbers: they leave out what the larger pack weighs."""


def _listed(values: Any) -> list[Any]:
    given = [values] if isinstance(values, ALONE) else list(values)
    return [one.item() if isinstance(one, np.generic) else one for one in given]


def _unknown(axes: Mapping[str, Sequence[Any]]) -> list[Problem]:
    """Names that are neither figures nor conditions, and axes without a value."""
    known = ["cycle", *CONDITIONS, *(name for name in CarFigures.model_fields if name not in UNVARIED)]
    problems = [
        Problem(text("no value"), f"sweep: {name}", text("give one or more")) for name in axes if not axes[name]
    ]
    for name in axes:
        if name not in known:
            problems.append(
                Problem(text("nothing of a drive is called '{name}'", name=name), "sweep", named(name, known))
            )
    return problems


def _corners(make: Callable[..., Any], axes: Mapping[str, Sequence[Any]], problems: list[Problem]) -> list[_Corner]:
    """What is made of every combination; of a value with which none can be made, what is wrong goes to the problems."""
    corners: list[_Corner] = []
    for values in itertools.product(*axes.values()):
        try:
            corners.append(_Corner(make(**dict(zip(axes, values, strict=True)))))
        except CovoltError as error:
            corners.append(_Corner(None, error.problems))
    failed = np.array([bool(one.problems) for one in corners]).reshape([len(values) for values in axes.values()])
    for at, name in enumerate(axes):
        for index in range(len(axes[name])):
            chosen = np.zeros(failed.shape, dtype=bool)
            chosen[(slice(None),) * at + (index,)] = True
            if failed[chosen].all():
                problems += [
                    problem
                    for corner, is_chosen in zip(corners, chosen.ravel(), strict=True)
                    if is_chosen
                    for problem in corner.problems
                ]
    return corners


def _mission(cycle: str | Path | Cycle, **conditions: Any) -> Mission:
    problems: list[Problem] = []
    found: dict[str, float] = {}
    for name, value in conditions.items():
        field, unit = CONDITIONS[name]
        try:
            found[field] = units.parse(value, unit, name) if isinstance(value, str) else float(value)
        except CovoltError as error:
            problems += error.problems
        except (TypeError, ValueError):
            problems.append(
                Problem(
                    text("{value!r} is no number", value=value),
                    name,
                    text("write a text with its unit, or {unit}", unit=unit),
                )
            )
    try:
        mission = follow_cycle(cycle, replace(USUAL, **found))
    except CovoltError as error:
        raise InputError([*problems, *error.problems]) from error
    if problems:
        raise InputError(problems)
    return mission


def _driven(
    cars: Sequence[_Corner], missions: Sequence[_Corner], progress: Progress | None
) -> list[list[Result | str]]:
    """The result of every car over every mission, or why there is none."""
    vehicles: dict[int, Vehicle] = {}
    why: dict[int, str] = {}
    for at, corner in enumerate(cars):
        try:
            if corner.problems:
                raise InputError(corner.problems)
            vehicles[at] = build_car(corner.made)
        except CovoltError as error:
            why[at] = "; ".join(problem.what for problem in error.problems)
    good = [one.made for one in missions if not one.problems]
    with showing("drives", progress) as told:
        results = iter(BatchRunner().run(list(vehicles.values()), good, progress=told))
    table: list[list[Result | str]] = []
    for at in range(len(cars)):
        row = iter(next(results)) if at in vehicles else None
        table.append(
            [
                "; ".join(problem.what for problem in one.problems) or (why[at] if row is None else next(row))
                for one in missions
            ]
        )
    return table


def _dataset(
    first: CarFigures,
    axes: Mapping[str, tuple[Any, str]],
    names: Sequence[str],
    table: Sequence[Sequence[Result | str]],
) -> xarray.Dataset:
    import xarray

    dimensions, shape = tuple(axes), [len(values) for values, _ in axes.values()]
    drives = [one for row in table for one in row]
    why = [one if isinstance(one, str) else "" if one.outcome.completed else str(one.outcome) for one in drives]

    def numbers(name: str) -> np.ndarray:
        pairs = zip(drives, why, strict=True)
        found = [float("nan") if isinstance(one, str) or reason else float(getattr(one, name)) for one, reason in pairs]
        return np.array(found).reshape(shape)

    data: dict[str, Any] = {
        name: (dimensions, numbers(name), {"units": units.unit(unit).si, "long_name": title})
        for name, (title, unit) in DRIVE.items()
    }
    data["completed"] = dimensions, np.array([not reason for reason in why]).reshape(shape)
    data["reason"] = dimensions, np.array(why, dtype=object).reshape(shape)
    coordinates = {name: (name, values, {"units": unit} if unit else {}) for name, (values, unit) in axes.items()}
    made = xarray.Dataset(data, coords=coordinates, attrs={"vehicle": first.id or "vehicle"})
    return made.squeeze([name for name in dimensions if name not in names]).transpose(*names)


def _axes_of_figures(axes: Mapping[str, Sequence[Any]], cars: Sequence[_Corner]) -> dict[str, tuple[list[Any], str]]:
    """Values of figures as the cars that were made have them, in SI where they are quantities, and their unit."""
    stated: dict[str, dict[int, Any]] = {name: {} for name in axes}
    for place, corner in zip(itertools.product(*(range(len(values)) for values in axes.values())), cars, strict=True):
        for name, index in zip(axes, place, strict=True):
            if not corner.problems:
                stated[name][index] = getattr(corner.made, name)
    units_by_name = {name: unit_of_figure(name) for name in axes}
    return {
        name: (
            [found[index] for index in sorted(found)],
            units.unit(units_by_name[name]).si if units_by_name[name] else "",
        )
        for name, found in stated.items()
    }


def _axis_of_drives(name: str, values: Sequence[Any]) -> tuple[list[Any], str]:
    """Cycles by name, conditions in SI with their unit."""
    if name == "cycle":
        return [one.name if isinstance(one, Cycle) else Path(one).stem for one in values], ""
    unit = CONDITIONS[name][1]
    return [units.parse(one, unit) if isinstance(one, str) else float(one) for one in values], unit
