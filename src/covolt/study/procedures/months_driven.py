"""A year of driving by its months: what each takes of the cells with the comforts on, and what a fuel-fired heater burns in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from covolt.library.subject import Subject
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions
from covolt.study.procedures.asking import Ask, Asking, ask_all
from covolt.study.procedures.emptying import SWING_s, comfort_K
from covolt.study.procedures.heating_fuel import burnt_J, fuel_signals
from covolt.study.procedures.reasons import because
from covolt.study.procedures.segments import STRING_SIGNALS, Segment, break_off, string_mission, terminal_power_W
from covolt.words import Phrase, text

__all__ = ["Month", "months_driven", "rounds_of"]

WARMING_s, COUNTED_s = 3600.0, 1800.0
"""How long cabin and battery settle, and how long counts after it, each to the next whole round: estimates."""
_COMFORT_SIGNALS = ("climate_power_W", "conditioning_power_W", "cabin_temperature_K")


@dataclass(frozen=True)
class Month:
    """What a month takes per distance, in its mean air."""

    air_K: float
    terminals_J_per_m: float
    cells_J_per_m: float
    comforts_J_per_m: float
    """Of heating, cooling, and tempering the battery, at the battery's terminals."""
    fuel_J_per_m: float
    lacking_K: float
    """How much colder the cabin stays than is comfortable, 0 where it does not or the air is warm."""


def rounds_of(cycle: Sequence[Segment]) -> tuple[int, int]:
    """How many rounds warm cabin and battery and do not count, and how many count."""
    return round(WARMING_s / _steps(cycle)), max(1, round(COUNTED_s / _steps(cycle)))


def _steps(cycle: Sequence[Segment]) -> int:
    return sum(len(one.speed_m_per_s) for one in cycle)


def months_driven(
    subject: Subject, cycle: Sequence[Segment], conditions: Conditions, monthly_K: Sequence[float]
) -> Asking[tuple[Month, ...] | Phrase]:
    """Rounds of a cycle in the mean air of each month, comforts on; or why one of them is not driven.

    The vehicle stood in that air. The rounds of the first hour warm cabin and battery and do not count, those of half an hour do.
    """
    warming, counted = rounds_of(cycle)
    rounds = tuple(cycle) * (warming + counted)
    here = [replace(conditions, ambient_temperature_K=one, comforts_on=True) for one in monthly_K]
    missions = [string_mission(rounds, one) for one in here]
    signals = (*STRING_SIGNALS, *_COMFORT_SIGNALS, *fuel_signals(subject))
    traces = yield from ask_all([Ask(subject.vehicle, one, signals) for one in missions])
    begin, found = warming * _steps(cycle), list[Month]()
    for air_K, mission, trace in zip(monthly_K, missions, traces, strict=True):
        targets = mission.profile["target_m_per_s"]
        if break_off(targets, trace["speed_m_per_s"]) < len(targets):
            said = text("the cycle is not driven at {celsius:.1f} degC", celsius=air_K - ZERO_CELSIUS_K)
            return because(said, trace.outcome)
        distance_m = float(np.sum(trace["mean_speed_m_per_s"][begin:]))
        comforts_W = np.abs(trace["climate_power_W"] + trace["conditioning_power_W"])
        cabin_K = float(np.mean(trace["cabin_temperature_K"][-round(SWING_s) :]))
        wanted_K = comfort_K(subject, warm=True)
        found.append(
            Month(
                air_K,
                float(np.sum(terminal_power_W(trace)[begin:])) / distance_m,
                float(-np.sum(trace["battery_open_circuit_power_W"][begin:])) / distance_m,
                float(np.sum(comforts_W[begin:])) / distance_m,
                burnt_J(trace, begin, len(targets)) / distance_m,
                max(wanted_K - cabin_K, 0.0) if air_K < wanted_K else 0.0,
            )
        )
    return tuple(found)
