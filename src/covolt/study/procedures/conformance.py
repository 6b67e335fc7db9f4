"""Conformance: whether each part keeps, in the joined vehicle, what its contract lets be tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from covolt.contract.architecture import INTERFACES, SECOND_AXLE
from covolt.errors import CovoltError
from covolt.library.subject import Subject
from covolt.simulation.charging import SIGNALS as CHARGING_SIGNALS
from covolt.simulation.charging import ChargingMission, Socket
from covolt.simulation.coupling import Coupling
from covolt.simulation.cycles import standard
from covolt.simulation.ledger import TOLERANCE
from covolt.simulation.mission import Conditions, Mission, follow
from covolt.study.procedures.asking import EVERY_SIGNAL, Ask, Asking, ask_all, ask_charging
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reasons import why_failed
from covolt.study.procedures.segments import FULL
from covolt.study.procedures.track import is_light, launch
from covolt.words import joined, text

__all__ = ["BALANCES", "PROCEDURES", "TOLERANCES", "open_shares_of"]

WEATHER_K = (273.15 - 40.0, 273.15 + 23.0, 273.15 + 45.0)
"""Both ends and the middle of the air temperature of every interface's port."""
LEAST_SHARE = 1e-6
"""Of the energy through a part; below it what it leaves unexplained is rounding."""
FULL_THROTTLE_s, SOCKET_W, CHARGE_STEP_s = 60.0, 7.4e3, 30.0

BALANCES: Mapping[str, str] = {
    "battery": "battery",
    "auxiliary": "bus",
    "cabin": "bus",
    "charger": "bus",
    "drive_unit": "drive",
    "gearbox": "drive",
    "body": "body",
    "brake": "body",
    "tyre": "body",
    **dict.fromkeys(SECOND_AXLE, "drive"),
}
"""The balance of the ledger in which each slot's terms stand: a part that does not account for its energy opens that one.

Those of a fuel-fired heater of the cabin have their own, "fuel", besides."""
_SIGNALS: Mapping[str, tuple[str, ...]] = {
    "battery": ("battery_", "state_of_charge", "conditioning_"),
    "auxiliary": ("auxiliary_",),
    "cabin": ("cabin_", "climate_", "fuel_"),
    "charger": ("mains_", "charger_"),
    "drive_unit": ("drive_unit_", "_rotor_speed_", "_torque_", "_winding_"),
    "gearbox": ("gearbox_", "_oil_"),
    "body": ("air_", "slope_", "driveline_", "wheel_", "speed_"),
    "brake": ("friction_brake_",),
    "tyre": ("tyre_", "rolling_"),
}
"""How the signals of a part begin, by its interface; those that begin with _ stand behind the name of its axle."""
_PROMISES = {
    "energy_closes": text("energy that does not close"),
    "deterministic": text("signals that a second run does not repeat"),
    "finite": text("signals that are not numbers"),
}
MEASURES: Mapping[tuple[str, str], Measure] = {
    (slot, promise): Measure(f"{slot}_{promise}", text("{slot}: {title}", slot=slot, title=title), "1", 0.0)
    for slot in BALANCES
    for promise, title in _PROMISES.items()
}
TOLERANCES: Mapping[str, float] = {"energy_closes": TOLERANCE, "deterministic": 0.0, "finite": 0.0}


@dataclass(frozen=True)
class _Run:
    """What one test yielded: values by signal, residuals by balance."""

    values: Mapping[str, np.ndarray]
    residuals: Mapping[str, float]
    open_shares: Mapping[str, float]
    """By slot what a part that is not covolt's leaves unexplained of the energy through it."""


def conformance(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """A cycle at -40, 23 and 45 degC, a launch at full throttle and a charge, each twice; then what each part has broken.

    Energy: the residual of the balance in which the part's terms stand, over the energy moved, at worst; of a battery that is not
    covolt's besides what it leaves unexplained. Deterministic: signals
    whose bits differ between both runs. Finite: signals with a value that is not a number.
    """
    del given
    try:
        first_runs = yield from _runs(subject)
        second_runs = yield from _runs(subject)
    except CovoltError as error:
        note.miss_all(why_failed(error))
        return
    runs = list(zip(first_runs, second_runs, strict=True))
    single = len(subject.vehicle.axles) == 1
    for slot, balance in BALANCES.items():
        if single and slot in SECOND_AXLE:
            continue
        note.section()
        words = _words(slot, subject)
        stood = (balance, "fuel") if slot == "cabin" else (balance,)
        worst = max(abs(run.residuals.get(one, 0.0)) for pair in runs for run in pair for one in stood)
        # A black box closes the ledger by a line of its own, its remainder: what that holds, it has not accounted for.
        worst = max([worst, *(run.open_shares.get(slot, 0.0) for pair in runs for run in pair)])
        found = {
            "energy_closes": worst,
            "deterministic": float(len(_differing(words, runs))),
            "finite": float(len(_not_finite(words, runs))),
        }
        for promise, value in found.items():
            title = _PROMISES[promise]
            note.line(joined((slot, title), ": "), value, "1", clause="covolt")
            note.result(MEASURES[slot, promise], value)


def _runs(subject: Subject) -> Asking[list[_Run]]:
    cycle = standard("wltc-3b" if is_light(subject) else "sort-2")
    full = FULL
    missions: list[Mission] = [
        follow(cycle, Conditions(ambient_temperature_K=ambient_K, state_of_charge=0.9 * full))
        for ambient_K in WEATHER_K
    ]
    missions.append(launch(FULL_THROTTLE_s, Conditions(ambient_temperature_K=WEATHER_K[1], state_of_charge=full)))
    runs: list[_Run] = []
    traces = yield from ask_all([Ask(subject.vehicle, mission, EVERY_SIGNAL) for mission in missions])
    for trace in traces:
        ledger = trace.ledger
        runs.append(
            _Run(
                {name: np.asarray(trace[name]) for name in trace.names},
                {name: value / ledger.moved_J for name, value in ledger.residuals},
                open_shares_of(trace.result.coupling),
            )
        )
    charging = ChargingMission(Socket(SOCKET_W), 0.2, 0.5, WEATHER_K[1], dt_s=CHARGE_STEP_s)
    (session,) = yield from ask_charging(subject.vehicle, [charging])
    ledger = session.ledger
    values = {name: session.values[:, index] for index, name in enumerate(CHARGING_SIGNALS)}
    residuals = {name: value / max(ledger.moved_J, 1.0) for name, value in ledger.residuals}
    return [*runs, _Run(values, residuals, open_shares_of(session.coupling))]


def open_shares_of(coupling: Coupling | None) -> Mapping[str, float]:
    """Shares beyond rounding, as of covolt's own pack by another door."""
    shares = {one.slot: abs(one.remainder_ratio or 0.0) for one in (coupling.parts if coupling else ())}
    return {slot: one for slot, one in shares.items() if one > LEAST_SHARE}


def _words(slot: str, subject: Subject) -> tuple[str, ...]:
    """How the signals of the part in a slot begin."""
    axle = subject.vehicle.axles[slot in SECOND_AXLE].name
    return tuple(f"{axle}{word}" if word.startswith("_") else word for word in _SIGNALS[INTERFACES[slot]])


def _own(words: tuple[str, ...], run: _Run) -> list[str]:
    return [name for name in run.values if name.startswith(words)]


def _differing(words: tuple[str, ...], runs: Sequence[tuple[_Run, _Run]]) -> set[str]:
    return {
        name
        for first, second in runs
        for name in _own(words, first)
        if first.values[name].tobytes() != second.values[name].tobytes()
    }


def _not_finite(words: tuple[str, ...], runs: Sequence[tuple[_Run, _Run]]) -> set[str]:
    return {name for first, _ in runs for name in _own(words, first) if not np.all(np.isfinite(first.values[name]))}


PROCEDURES = (
    Procedure(
        id="conformance",
        title=text("Conformance of the parts to their contracts"),
        regulation="contracts of the programme",
        measures=tuple(MEASURES.values()),
        validation_level=0,
        recipe=conformance,
    ),
)
