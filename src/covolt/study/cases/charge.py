"""The use case `charge`: one car at a post or a socket, from texts to the session and how surely its numbers are known."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covolt.errors import Problem
from covolt.files import whole
from covolt.study.cases.options import Findings, Patience, Progress, Wish, heed, silent
from covolt.words import Phrase, Words, text

if TYPE_CHECKING:
    from covolt.library.figures import CarFigures
    from covolt.library.spread import Interval
    from covolt.simulation.charging import ChargingMission, ChargingSession

__all__ = [
    "STOPS",
    "ChargeOptions",
    "ChargeOrder",
    "ChargeResult",
    "carry_out",
    "charge",
    "limit_of",
    "read_options",
    "write_csv",
]

STOPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Displayed charges at which time and its uncertainty are told."""


@dataclass(frozen=True)
class ChargeOptions:
    """What is asked for, as texts with units; `battery` None is as warm as the air."""

    car: str
    post: str | None = None
    socket: str | None = None
    begin: str = "10 %"
    end: str = "80 %"
    ambient: str = "23 degC"
    battery: str | None = None
    heating: bool = True


@dataclass(frozen=True)
class ChargeOrder:
    """What the options mean."""

    figures: CarFigures
    mission: ChargingMission


@dataclass(frozen=True)
class ChargeResult:
    """A session, its car, and how surely each of its numbers is known."""

    session: ChargingSession
    figures: CarFigures
    known: dict[str, Interval]


def charge(
    options: ChargeOptions,
    patience: Patience = nullcontext,
    *,
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> ChargeResult:
    """Charge as the options say.

    Raises:
        Cancelled: where `cancelled`, which is asked before every session with a number moved, says so.
        InputError: every problem of every option and file.
    """
    return carry_out(read_options(options, Findings()), patience, progress=progress, cancelled=cancelled)


def read_options(asked: ChargeOptions, findings: Findings) -> ChargeOrder:
    """Car and session; raises all problems of all options, and those found before."""
    from covolt.library.cars import figures
    from covolt.simulation.charging import ChargingMission, Socket
    from covolt.vehicle.charger import Station

    if (asked.post is None) == (asked.socket is None):
        what = text("no supply is named") if asked.post is None else text("both a post and a socket are named")
        post, socket = findings.called("post"), findings.called("socket")
        findings.add(
            Problem(
                what,
                f"{post}, {socket}",
                text('name one: {post} "150 kW" or {socket} "11 kW"', post=post, socket=socket),
            )
        )
    found = findings.take(lambda: figures(asked.car))
    option, written = ("socket", asked.socket) if asked.socket is not None else ("post", asked.post)
    power_W = findings.quantity(option, written, "W")
    numbers = {
        "from_displayed_fraction": ("begin", asked.begin, "1"),
        "to_displayed_fraction": ("end", asked.end, "1"),
        "ambient_temperature_K": ("ambient", asked.ambient, "K"),
        "battery_temperature_K": ("battery", asked.battery, "K"),
    }
    values = {field: findings.quantity(*entry) for field, entry in numbers.items()}
    given: dict[str, Any] = {field: value for field, value in values.items() if value is not None}
    # Where no power could be read, the usual one stands in, so that the other options are judged too.
    power = {} if power_W is None else {"power_max_W": power_W}
    supply = Station(**power) if asked.socket is None else Socket(**power)
    names = {field: entry[:2] for field, entry in numbers.items()} | {"power_max_W": (option, written)}
    mission = findings.take(lambda: ChargingMission(supply, heating=asked.heating, **given), findings.of_fields(names))
    findings.demand_none()
    if found is None or mission is None:
        raise RuntimeError("a part of the input is missing, and no problem says why")
    return ChargeOrder(found, mission)


def carry_out(
    order: ChargeOrder,
    patience: Patience = nullcontext,
    *,
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> ChargeResult:
    """The session itself, and how surely each of its numbers is known."""
    from covolt.library.interval import moved_cars
    from covolt.library.spread import of_session
    from covolt.simulation.charging import charge as charge_vehicle

    with patience():
        spread, vehicles = moved_cars(order.figures)
        sessions: list[ChargingSession] = []
        for one in vehicles:
            heed(cancelled)
            sessions.append(charge_vehicle(one, order.mission))
            progress(len(sessions), len(vehicles))
    session = sessions[0]
    known = spread.intervals([of_session(one, STOPS) for one in sessions])
    return ChargeResult(session, order.figures, known)


BOUND: Mapping[str, Phrase] = {
    "post's power": text("post's power"),
    "post's current or voltage": text("post's current or voltage"),
    "inlet": text("inlet", context="charging"),
    "charger": text("charger", context="flow"),
    "battery": text("battery", context="flow"),
}
"""What may bind the power of a session, as people read it."""


def limit_of(name: str, figures: CarFigures) -> Phrase:
    """What bound the power, in words that say whose curve it is."""
    if name != "charging curve":
        return BOUND.get(name) or Words(name)
    return text("generic curve") if figures.dc_curve is None else text("car's curve")


def write_csv(session: ChargingSession, path: Path) -> None:
    """Every signal of every step, the file whole or not at all."""
    import numpy as np

    from covolt.simulation.charging import SIGNALS

    with whole(path) as partial:
        np.savetxt(partial, session.values, delimiter=",", header=",".join(SIGNALS), comments="", fmt="%.9g")
