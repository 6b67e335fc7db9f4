"""The use case `drive`: one car over one cycle or route, from texts to the drive and how surely its numbers are known."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from covolt.errors import InputError, Problem
from covolt.study.cases.options import Findings, Patience
from covolt.words import Phrase, restored, text

if TYPE_CHECKING:
    from covolt.library.spread import Interval, Spread
    from covolt.simulation.cycles import Cycle
    from covolt.simulation.mission import Conditions, Mission, MissPolicy
    from covolt.simulation.remembered import RememberedCar
    from covolt.simulation.route import Leg
    from covolt.simulation.trace import Result, Trace
    from covolt.vehicle.assembly import Vehicle

__all__ = ["ChosenCar", "DriveOptions", "DriveOrder", "DriveResult", "carry_out", "drive", "read_options"]

USUAL_CYCLE = "wltc-3b"
PRECONDITIONED_K = 295.15
PREVIEW_s = 2.0


@dataclass(frozen=True)
class DriveOptions:
    """What is asked for, as texts with units; `comforts` None is on, but off on the dynamometer.

    The last three say what is done to a recording: `smooth` is auto, none, or how long a change must take to stay.
    """

    car: str
    cycle: str | None = None
    route: str | None = None
    ambient: str = "23 degC"
    payload: str = "0 kg"
    state_of_charge: str = "90 %"
    wind: str = "0 m/s"
    sun: str = "0 W/m2"
    driver: str = "ideal"
    on_miss: str = "report"
    comforts: bool | None = None
    lights: bool = False
    dynamometer: bool = False
    preconditioned: bool = False
    bridge_gaps: bool = False
    smooth: str = "auto"
    every: str | None = None


@dataclass(frozen=True)
class ChosenCar:
    """The car to drive: what is said of it, its text, and itself as far as an earlier process has built it."""

    id: str
    title: str
    battery_energy_J: float
    table_ends_K: tuple[float, float] | None
    left_open: Phrase
    text: str
    remembered: RememberedCar | None


@dataclass(frozen=True)
class DriveOrder:
    """What the options mean."""

    options: DriveOptions
    car: ChosenCar
    road: Cycle | tuple[Leg, ...]
    conditions: Conditions


@dataclass(frozen=True)
class DriveResult:
    """A drive, its car, how surely each of its numbers is known, and what its cycle says of itself."""

    trace: Trace
    car: ChosenCar
    known: dict[str, Interval]
    remarks: Sequence[str]


def drive(options: DriveOptions, patience: Patience = nullcontext) -> DriveResult:
    """Drive what the options say.

    Raises:
        InputError: every problem of every option and file.
    """
    return carry_out(read_options(options, Findings()), patience)


def read_options(asked: DriveOptions, findings: Findings) -> DriveOrder:
    """Car, cycle and conditions; raises all problems of all of them, and those found before."""
    from covolt.simulation.mission import Conditions

    found = findings.take(lambda: _chosen_car(asked.car))
    road = findings.take(lambda: _road(asked, findings), lambda one: _at_option(one, findings))
    numbers = {
        "ambient_temperature_K": ("ambient", asked.ambient, "K"),
        "payload_kg": ("payload", asked.payload, "kg"),
        "state_of_charge": ("state_of_charge", asked.state_of_charge, "1"),
        "wind_m_per_s": ("wind", asked.wind, "m/s"),
        "sun_W_per_m2": ("sun", asked.sun, "W/m2"),
    }
    values = {field: findings.quantity(*entry) for field, entry in numbers.items()}
    given: dict[str, Any] = {field: value for field, value in values.items() if value is not None}
    given |= dict.fromkeys(_WARMED, PRECONDITIONED_K if asked.preconditioned else None)
    conditions = findings.take(
        lambda: Conditions(
            **given,
            comforts_on=asked.dynamometer is False if asked.comforts is None else asked.comforts,
            lights_on=asked.lights,
            on_dynamometer=asked.dynamometer,
        ),
        findings.of_fields({field: entry[:2] for field, entry in numbers.items()}),
    )
    for option, number in (("wind", "wind_m_per_s"), ("sun", "sun_W_per_m2")):
        if asked.dynamometer and values[number]:
            where = f"{findings.called('dynamometer')} {findings.called(option)}"
            hint = text("leave out {called}, or drive on the road", called=findings.called(option))
            findings.add(Problem(text("rollers stand indoors"), where, hint))
    if asked.driver not in ("ideal", "pi"):
        findings.add(
            Problem(
                text("there is no driver '{driver}'", driver=asked.driver),
                findings.called("driver"),
                text("write ideal or pi"),
            )
        )
    if asked.on_miss not in ("report", "correct", "abort"):
        what = text("there is no policy '{on_miss}'", on_miss=asked.on_miss)
        findings.add(Problem(what, findings.called("on_miss"), text("write report, correct or abort")))
    findings.demand_none()
    if found is None or road is None or conditions is None:
        raise RuntimeError("a part of the input is missing, and no problem says why")
    return DriveOrder(asked, found, road, conditions)


_WARMED = ("cabin_temperature_K", "battery_temperature_K")


def _road(asked: DriveOptions, findings: Findings) -> Cycle | tuple[Leg, ...]:
    if asked.route is None:
        return _cycle(asked, findings)
    if asked.bridge_gaps or asked.smooth != "auto" or asked.every is not None:
        where = findings.called("bridge_gaps", "smooth", "every")
        raise InputError(Problem(text("these treat a recording over time"), where, text("leave them out with a route")))
    from covolt.simulation.route import read_route

    if asked.cycle is not None:
        where = findings.called("cycle", "route")
        raise InputError(Problem(text("both a cycle and a route are named"), where, text("name one of them")))
    if asked.driver == "pi" or asked.on_miss == "abort":
        what = text("a route is driven whole, by the ideal driver, as fast as the vehicle can")
        hint = text(
            "leave out {called} and {called_2}", called=findings.called("driver"), called_2=findings.called("on_miss")
        )
        raise InputError(Problem(what, findings.called("route"), hint))
    return read_route(asked.route)


def _at_option(problem: Problem, findings: Findings) -> Problem:
    """What a cycle by itself says, at the option that names it."""
    return replace(problem, where=findings.called("cycle")) if problem.where == "cycle" else problem


def _cycle(asked: DriveOptions, findings: Findings) -> Cycle:
    """A shipped cycle, or a recording with what is asked to be done to it."""
    from covolt.simulation import cycles
    from covolt.simulation.cycle_file import ENDINGS

    every_s = findings.quantity("every", asked.every, "s")
    path = Path(called := USUAL_CYCLE if asked.cycle is None else asked.cycle)
    if called and path.is_dir():
        raise InputError(Problem(text("a folder, not a file"), called, text("name the file of a cycle in it")))
    if path.suffix.lower() in ENDINGS or len(path.parts) > 1 or (called and path.exists()):
        smooth_s = None if asked.smooth == "auto" else 0.0
        if asked.smooth not in ("auto", "none"):
            smooth_s = findings.quantity("smooth", asked.smooth, "s")
        with warnings.catch_warnings():  # the report tells it
            warnings.simplefilter("ignore")
            return cycles.read_csv(path, bridge_gaps=asked.bridge_gaps, smooth_s=smooth_s, every_s=every_s)
    if asked.bridge_gaps or asked.smooth != "auto":
        where = findings.called("bridge_gaps", "smooth")
        raise InputError(
            Problem(text("{called} is no recording", called=called), where, text("leave them out with a shipped cycle"))
        )
    found = cycles.standard(called)
    return found if every_s is None else found.resampled(every_s)


def _chosen_car(name_or_path: str) -> ChosenCar:
    """A car whose text was read and found right before is not read again."""
    from covolt.library.cars import car_text
    from covolt.simulation.remembered import recall

    text = car_text(name_or_path)
    found = recall(text) if text is not None else None
    if found is not None:
        about = found.about
        table_ends_K = tuple(about["table_ends_K"]) if about["table_ends_K"] else None
        left = restored(about["left_open"])
        return ChosenCar(about["id"], about["title"], about["battery_energy_J"], table_ends_K, left, text or "", found)
    from covolt.library.cars import figures
    from covolt.library.left_open import open_in_driving

    read = figures(name_or_path)
    table_ends_K = read.battery_cell.table_ends_K if read.battery_cell else None
    left = open_in_driving(read)
    return ChosenCar(read.id, read.title, read.battery_energy, table_ends_K, left, text or "", None)


def carry_out(order: DriveOrder, patience: Patience = nullcontext) -> DriveResult:
    """The drive, and how surely each of its numbers is known: with what an earlier process has built, else from the beginning."""
    from covolt.library.spread import Spread, of_drive
    from covolt.simulation.remembered import drive_remembered

    mission, car = _mission(order), order.car
    done = None
    if order.options.driver == "ideal" and car.remembered is not None:
        done = drive_remembered(car.remembered, mission, name=car.id)
    if done is not None and car.remembered is not None:
        spread = Spread(*car.remembered.about["spread"])
    else:
        spread, done = _driven_anew(order, mission, patience)
    trace, moved = done
    known = spread.intervals([of_drive(one, car.battery_energy_J) for one in (trace.result, *moved)])
    return DriveResult(trace, car, known, () if isinstance(order.road, tuple) else order.road.remarks)


def _mission(order: DriveOrder) -> Mission:
    from covolt.simulation.mission import follow
    from covolt.simulation.route import drive_route

    asked = order.options
    if isinstance(order.road, tuple):
        return drive_route(Path(asked.route or "route").stem, order.road, order.conditions)
    return follow(
        order.road,
        order.conditions,
        preview_s=PREVIEW_s if asked.driver == "pi" else 0.0,
        miss_policy=cast("MissPolicy", asked.on_miss),
    )


def _driven_anew(order: DriveOrder, mission: Mission, patience: Patience) -> tuple[Spread, tuple[Trace, list[Result]]]:
    from covolt.library.cars import figures
    from covolt.library.interval import moved_cars
    from covolt.simulation.run import simulate

    chosen, asked = order.car, order.options
    with patience():
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
        "left_open": chosen.left_open.stored(),
        "spread": (spread.names, spread.span_ratios),
    }
    moved = tuple((own, own_tables) for own, own_tables, _ in others)
    remember(chosen.text, RememberedCar(name_of(structure), vector, tables, about, moved))


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
