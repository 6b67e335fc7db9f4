"""Charging: time, power and energy at a station or a wall box, warm and cold."""

from __future__ import annotations

import numpy as np

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.errors import CovoltError
from covolt.library.subject import Subject
from covolt.simulation.charging import ChargingMission, ChargingSession, Socket, charge
from covolt.study.lifetime.aged import aged
from covolt.study.procedures.protocol import Curve, Given, Measure, Procedure, Record, Recorder
from covolt.study.procedures.reasons import why_failed, why_not
from covolt.study.procedures.segments import LABORATORY_K
from covolt.vehicle.charger import Station
from covolt.words import Words

__all__ = ["PROCEDURES"]

STATIONS_kW = (50, 150)
SOCKETS_kW = (7, 11, 22)
_SOCKET_W = {7: 7.4e3, 11: 11e3, 22: 22e3}
STATION_CURRENT_A = {50: 125.0, 150: 400.0}
WARM_K = 273.15 + 25.0


def direct(subject: Subject, given: Given) -> Record:
    """10 to 80 % of the displayed charge at stations of 50 and 150 kW.

    "preconditioned" begins with the battery at 25 degC, "soaked" with the ambient.
    """
    subject = aged(subject, given.state_of_health_fraction)
    note = Recorder("charging-dc")
    ambient_K = LABORATORY_K if given.ambient_temperature_K is None else given.ambient_temperature_K
    battery_K = max(WARM_K, ambient_K) if given.start == "preconditioned" else ambient_K
    note.line("ambient", "температура воздуха", ambient_K, "degC", "T_a")
    note.line("battery at the start", "батарея в начале", battery_K, "degC", "T_b")
    for power in STATIONS_kW:
        note.section()
        station = Station(power_max_W=1e3 * power, current_max_A=STATION_CURRENT_A[power])
        mission = ChargingMission(station, 0.10, 0.80, ambient_K, battery_K)
        session = charge(subject.vehicle, mission)
        _note(note, session, f"{power}", f"{power} kW", f"{power} кВт")
        if power == max(STATIONS_kW):
            note.curve(_curve(session))
            for minutes in (10, 20, 30):
                stored = session.stored_within_J(60.0 * minutes)
                note.measure(
                    f"energy_{minutes}_min",
                    note.line(f"stored in {minutes} min", f"принято за {minutes} мин", stored, "kWh"),
                )
    return note.record()


def alternating(subject: Subject, given: Given) -> Record:
    """0 to 100 % of the displayed charge at 7.4, 11 and 22 kW, as far as the on-board charger takes it."""
    subject = aged(subject, given.state_of_health_fraction)
    note = Recorder("charging-ac")
    ambient_K = LABORATORY_K if given.ambient_temperature_K is None else given.ambient_temperature_K
    note.line("ambient", "температура воздуха", ambient_K, "degC", "T_a")
    limit = float(np.asarray(getattr(subject.vehicle.charger, "mains_power_max_W", 0.0)))
    note.line("on-board charger at most", "предел бортового зарядного устройства", limit, "kW", "P_max")
    for power in SOCKETS_kW:
        note.section()
        mission = ChargingMission(Socket(_SOCKET_W[power]), 0.0, 1.0, ambient_K, dt_s=30.0)
        try:
            session = charge(subject.vehicle, mission)
        except CovoltError as error:
            for measure in _AC:
                note.miss(measure.id, why_failed(error))
            return note.record()
        _note(note, session, f"{power}", f"{_SOCKET_W[power] / 1e3:g} kW", f"{_SOCKET_W[power] / 1e3:g} кВт")
    return note.record()


def _note(note: Recorder, session: ChargingSession, key: str, en: str, ru: str) -> None:
    if not session.outcome.completed:
        for name in ("time", "mean_power", "plug_energy", "efficiency"):
            note.miss(f"{name}_{key}", why_not(session.outcome))
        return
    note.measure(f"time_{key}", note.line(f"time at {en}", f"время при {ru}", session.time_s, "min", "t"))
    note.measure(
        f"mean_power_{key}",
        note.line(f"mean power at {en}", f"средняя мощность при {ru}", session.mean_power_W, "kW", "P"),
    )
    note.measure(
        f"plug_energy_{key}",
        note.line(f"energy at the plug, {en}", f"энергия от сети, {ru}", session.plug_energy_J, "kWh", "E"),
    )
    note.measure(f"efficiency_{key}", note.line(f"efficiency at {en}", f"КПД при {ru}", session.efficiency, "%", "eta"))


def _curve(session: ChargingSession) -> Curve:
    return Curve(
        Words("Charging power over charge", "Мощность заряда по уровню заряда"),
        Words("State of charge", "Уровень заряда"),
        "%",
        100.0 * session["displayed_fraction"],
        {"power, kW|мощность, кВт": session["mains_power_W"] / 1e3},
        "kW",
    )


def _measures(keys: tuple[int, ...]) -> tuple[Measure, ...]:
    found: list[Measure] = []
    for key in keys:
        found += [
            Measure(f"time_{key}", Words(f"Time at {key} kW", f"Время заряда, {key} кВт"), "min"),
            Measure(f"mean_power_{key}", Words(f"Mean power at {key} kW", f"Средняя мощность, {key} кВт"), "kW"),
            Measure(f"plug_energy_{key}", Words(f"Energy at the plug, {key} kW", f"Энергия от сети, {key} кВт"), "kWh"),
            Measure(f"efficiency_{key}", Words(f"Efficiency at {key} kW", f"КПД заряда, {key} кВт"), "%"),
        ]
    return tuple(found)


_AC = _measures(SOCKETS_kW)
_STANDING = ("body", "brake", "cabin", *FIRST_AXLE, *SECOND_AXLE, "tyre")
"""What only moves the vehicle or its people."""
_CONDITIONS = ("ambient_temperature_K", "state_of_health_fraction")
PROCEDURES = (
    Procedure(
        id="charging-dc",
        title=Words("Direct-current charging, 10 to 80 %", "Быстрая зарядка, 10–80 %"),
        regulation="customer; ISO 12906 in preparation",
        measures=(
            *_measures(STATIONS_kW),
            *(
                Measure(f"energy_{m}_min", Words(f"Stored in {m} min", f"Принято за {m} мин"), "kWh")
                for m in (10, 20, 30)
            ),
        ),
        recipe=direct,
        conditions=(*_CONDITIONS, "start"),
        mass_only=_STANDING,
    ),
    Procedure(
        id="charging-ac",
        title=Words("Alternating-current charging, 0 to 100 %", "Зарядка от сети, 0–100 %"),
        regulation="customer; IEC 61851",
        measures=_AC,
        recipe=alternating,
        conditions=_CONDITIONS,
        mass_only=_STANDING,
    ),
)
