"""Charging: time, power and energy at a station or a wall box, warm and cold."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.errors import CovoltError
from covolt.library.connection import Connection, connection_of, not_connected
from covolt.library.subject import Subject
from covolt.simulation.charging import ChargingMission, ChargingSession, Socket
from covolt.study.procedures.asking import Asking, ask_charging
from covolt.study.procedures.curve import Curve, curve_of
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import why_failed, why_not
from covolt.study.procedures.segments import LABORATORY_K
from covolt.vehicle.charger import Station
from covolt.words import Phrase, joined, text

__all__ = ["PROCEDURES", "WARM_K", "power_curve"]

STATIONS_kW = (50, 150)
SOCKETS_kW = (7, 11, 22)
_SOCKET_W = {7: 7.4e3, 11: 11e3, 22: 22e3}
STATION_CURRENT_A = {50: 125.0, 150: 400.0}
WARM_K = 273.15 + 25.0


class Results(NamedTuple):
    """What one session yields."""

    time: Measure
    mean_power: Measure
    plug_energy: Measure
    efficiency: Measure


def _results(key: int) -> Results:
    return Results(
        Measure(f"time_{key}", text("Time at {key} kW", key=key), "min"),
        Measure(f"mean_power_{key}", text("Mean power at {key} kW", key=key), "kW"),
        Measure(f"plug_energy_{key}", text("Energy at the plug, {key} kW", key=key), "kWh"),
        Measure(f"efficiency_{key}", text("Efficiency at {key} kW", key=key), "%", 0.0, 1.0),
    )


AT_STATION = {power: _results(power) for power in STATIONS_kW}
AT_SOCKET = {power: _results(power) for power in SOCKETS_kW}
STORED = {
    minutes: Measure(f"energy_{minutes}_min", text("Stored in {minutes} min", minutes=minutes), "kWh")
    for minutes in (10, 20, 30)
}


def direct(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """10 to 80 % of the displayed charge at stations of 50 and 150 kW.

    "preconditioned" begins with the battery at 25 degC, "soaked" with the ambient. Where charger or battery state connectors:
    P <= min(P_station, P_connector), U within the ends of the connector that both have; by none, no session.
    """
    if apart := not_connected(subject.sheets):
        note.miss_all(apart)
        return
    plugged = connection_of(subject.sheets)
    missions = [
        given.over(ChargingMission(station_at(power, plugged), 0.10, 0.80, LABORATORY_K)) for power in STATIONS_kW
    ]
    _note_connection(note, plugged)
    ambient_K = missions[0].ambient_temperature_K
    battery_K = max(WARM_K, ambient_K) if given.start == "preconditioned" else ambient_K
    note.line("ambient", ambient_K, "degC", "T_a")
    note.line("battery at the start", battery_K, "degC", "T_b")
    starting = [replace(one, battery_temperature_K=battery_K) for one in missions]
    sessions = yield from ask_charging(subject.vehicle, starting)
    for power, session in zip(STATIONS_kW, sessions, strict=True):
        note.section()
        _note(note, session, AT_STATION[power], text("{power:g} kW", power=power), plugged)
        if power == max(STATIONS_kW):
            note.curve(power_curve(session))
            for minutes, measure in STORED.items():
                stored = session.stored_within_J(60.0 * minutes)
                note.result(
                    measure,
                    note.line(text("stored in {minutes} min", minutes=minutes), stored, "kWh"),
                )


def station_at(power_kW: int, plugged: Connection | None) -> Station:
    """A station as the vehicle meets it by its connector: the least of both sides' power, the voltages that both serve."""
    usual = Station(power_max_W=1e3 * power_kW, current_max_A=STATION_CURRENT_A[power_kW])
    if plugged is None:
        return usual
    return replace(
        usual,
        power_max_W=min([usual.power_max_W, *(one.value_si for one in plugged.powers)]),
        voltage_min_V=max([usual.voltage_min_V, *(one.value_si for one in plugged.lowest)]),
        voltage_max_V=min([usual.voltage_max_V, *(one.value_si for one in plugged.highest)]),
    )


def _note_connection(note: Recorder, plugged: Connection | None) -> None:
    if plugged is None:
        return
    for one in plugged.powers:
        note.line(one.said, one.value_si, "kW", "P")
    for one in (*plugged.lowest[:1], *plugged.highest[:1]):
        note.line(one.said, one.value_si, "V", "U")


def alternating(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """0 to 100 % of the displayed charge at 7.4, 11 and 22 kW, as far as the on-board charger takes it."""
    missions = [
        given.over(ChargingMission(Socket(_SOCKET_W[power]), 0.0, 1.0, LABORATORY_K, dt_s=30.0)) for power in SOCKETS_kW
    ]
    note.line("ambient", missions[0].ambient_temperature_K, "degC", "T_a")
    limit = float(np.asarray(getattr(subject.vehicle.charger, "mains_power_max_W", 0.0)))
    note.line("on-board charger at most", limit, "kW", "P_max")
    for power, mission in zip(SOCKETS_kW, missions, strict=True):
        note.section()
        try:
            (session,) = yield from ask_charging(subject.vehicle, [mission])
        except CovoltError as error:
            note.miss_all(why_failed(error))
            return
        _note(note, session, AT_SOCKET[power], text("{power:g} kW", power=_SOCKET_W[power] / 1e3))


def _note(
    note: Recorder, session: ChargingSession, results: Results, power: Phrase, plugged: Connection | None = None
) -> None:
    if not session.outcome.completed:
        held = plugged is not None and session.outcome.limit == "post's current or voltage"
        ends = (*plugged.lowest[:1], *plugged.highest[:1]) if plugged is not None and held else ()
        for measure in results:
            note.miss(measure, joined((why_not(session.outcome), *(one.said for one in ends))))
        return
    note.result(results.time, note.line(text("time at {power}", power=power), session.time_s, "min", "t"))
    note.result(
        results.mean_power,
        note.line(text("mean power at {power}", power=power), session.mean_power_W, "kW", "P"),
    )
    note.result(
        results.plug_energy,
        note.line(text("energy at the plug, {power}", power=power), session.plug_energy_J, "kWh", "E"),
    )
    note.result(
        results.efficiency, note.line(text("efficiency at {power}", power=power), session.efficiency, "%", "eta")
    )


def power_curve(session: ChargingSession) -> Curve:
    """Power at the post or socket over the displayed charge."""
    return curve_of(
        text("Charging power over charge"),
        text("State of charge"),
        "%",
        100.0 * session["displayed_fraction"],
        {text("power"): session["mains_power_W"] / 1e3},
        "kW",
    )


_STANDING = ("body", "brake", "cabin", *FIRST_AXLE, *SECOND_AXLE, "tyre")
"""What only moves the vehicle or its people."""
_CONDITIONS = ("ambient_temperature_K", "state_of_health_fraction")
PROCEDURES = (
    Procedure(
        id="charging-dc",
        title=text("Direct-current charging, 10 to 80 %"),
        regulation="customer; ISO 12906 in preparation",
        measures=(*(one for results in AT_STATION.values() for one in results), *STORED.values()),
        recipe=direct,
        conditions=(*_CONDITIONS, "start"),
        mass_only=_STANDING,
    ),
    Procedure(
        id="charging-ac",
        title=text("Alternating-current charging, 0 to 100 %"),
        regulation="customer; IEC 61851",
        measures=tuple(one for results in AT_SOCKET.values() for one in results),
        recipe=alternating,
        conditions=_CONDITIONS,
        mass_only=_STANDING,
    ),
)
