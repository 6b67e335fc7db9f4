"""A mission as the flat numbers that a compiled drive takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import numpy as np

from covolt.simulation.mission import COLUMN_ORDER, Mission
from covolt.simulation.request import ANSWERS

STEP_COUNTS = (2048, 8192, 32768, 131072, 524288)
"""Lengths to which missions are padded, so that a new cycle seldom compiles anew."""


def longest_drive(mission: Mission) -> int:
    """Steps that a drive over a mission may take: twice its own where its clock waits for the vehicle."""
    return 2 * mission.count if mission.miss_policy == "correct" else mission.count


def padded_length(count: int) -> int:
    """The next of the few lengths for which drives are compiled."""
    return next((length for length in STEP_COUNTS if length >= count), count)


def columns_of(mission: Mission, answers: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the profile's columns, in the order in which they are packed; behind them what foreign parts answer."""
    asked = tuple(name for name in COLUMN_ORDER if name in mission.profile)
    return asked + tuple(name for name in ANSWERS if name in answers)


def profile_of(
    mission: Mission, answers: Mapping[str, np.ndarray] = MappingProxyType({})
) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the profile's columns, and its rows padded to one of the few compiled lengths."""
    columns, values = columns_of(mission, answers), {**mission.profile, **answers}
    # A vehicle that falls behind and shall drive the whole distance may take up to twice the time.
    rows = np.zeros((padded_length(longest_drive(mission)), len(columns)))
    for index, name in enumerate(columns):
        rows[: len(values[name]), index] = values[name]
    return columns, rows


def rows_of(mission: Mission) -> np.ndarray:
    """The rows of a mission's profile as they are, (steps, columns)."""
    rows = np.empty((mission.count, len(mission.profile)))
    for index, name in enumerate(columns_of(mission)):
        rows[:, index] = mission.profile[name]
    return rows


def setting_vector(mission: Mission) -> np.ndarray:
    """The mission's conditions in the order of `core.Setting`: weather, payload, rollers, comforts, soak, step."""
    c = mission.conditions

    def soaked(temperature_K: float | None) -> float:
        return c.ambient_temperature_K if temperature_K is None else temperature_K

    weather = (c.ambient_temperature_K, c.pressure_Pa, c.wind_m_per_s, c.sun_W_per_m2)
    comfort = (float(c.comforts_on), 1.0, float(c.preconditioning), float(c.lights_on))
    temperatures = (soaked(c.battery_temperature_K), soaked(c.cabin_temperature_K), soaked(c.vehicle_temperature_K))
    soak = (c.state_of_charge, *temperatures, mission.start_speed_m_per_s)
    return np.array([*weather, c.payload_kg, float(c.on_dynamometer), *comfort, *soak, mission.dt_s])
