"""When a cabin counts as comfortable, and in which air the chambers are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from covolt.library.subject import Subject
from covolt.simulation.mission import Conditions
from covolt.simulation.trace import Trace
from covolt.study.procedures.climate_chamber import note_time_to_comfort
from covolt.study.procedures.emptying import COMFORT_K, Reach
from covolt.study.procedures.protocol import Given, Record, Recorder
from covolt.study.procedures.registry import procedures

NAMES = ("mean_speed_m_per_s", "cabin_temperature_K")
AMBIENT_K = 253.15


def timed(subject: Subject, cabin_C: list[float], range_m: float = 1e9, start_C: float | None = None) -> Record:
    conditions = Conditions(ambient_temperature_K=AMBIENT_K, cabin_temperature_K=start_C and start_C + 273.15)
    values = np.array([[10.0, celsius + 273.15] for celsius in cabin_C])
    result: Any = SimpleNamespace(mission=SimpleNamespace(conditions=conditions, dt_s=1.0))
    trace = Trace(result, np.arange(1.0, len(cabin_C) + 1.0), NAMES, values)
    note = Recorder("cold", procedures()["cold"].measures)
    note_time_to_comfort(note, subject, trace, Reach(range_m, 1, 0.0, 0.0, 0.0, 0.0), warm=True)
    return note.record()


def test_comfort_counts_from_when_it_is_there_for_good(subject: Subject) -> None:
    assert round(COMFORT_K - 273.15, 6) == 18.0
    assert timed(subject, [0.0, 10.0, 20.0, 20.0]).measures["time_to_comfort"] == pytest.approx(2.8)
    # Warm first, cold in between: only the second time counts.
    assert timed(subject, [20.0, 20.0, 16.0, 20.0, 20.0], start_C=20.0).measures["time_to_comfort"] == pytest.approx(
        3.5
    )
    held = timed(subject, [20.0, 19.0], start_C=20.0)
    assert held.measures["time_to_comfort"] == 0.0
    assert "from the start" in held.at_stop["time_to_comfort"].said("en")


def test_a_prepared_cabin_that_cools_down_is_not_comfortable(subject: Subject) -> None:
    lost = timed(subject, [20.0, 19.0, 15.0, 12.0], start_C=20.0)
    assert "time_to_comfort" not in lost.measures
    assert "falls back to 12 degC" in lost.missing["time_to_comfort"].said("en")
    assert "stays at 12 degC" in timed(subject, [5.0, 12.0]).missing["time_to_comfort"].said("en")
    # What happens after the battery is empty is no part of it.
    assert timed(subject, [20.0, 19.0, 15.0, 12.0], range_m=20.0, start_C=20.0).measures["time_to_comfort"] == 0.0


def test_a_cabin_that_swings_counts_by_its_mean_and_only_where_that_holds(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("covolt.study.procedures.climate_chamber.heater_of", lambda _: "a thermostat of stages")
    # Every other second is too cold, and the mean of 18.55 degC is not. After k swings and a cold second
    # -20 + 37.1 k + 15.9 over 2 k + 2 values is below 18 for the last time at k = 36, and the next warm one brings it above.
    cold, warm = (-20.0 + 37.1 * 36 + 15.9) / 74 - 18.0, (-20.0 + 37.1 * 37) / 75 - 18.0
    found = timed(subject, [15.9, 21.2] * 600)
    assert found.measures["time_to_comfort"] == pytest.approx(73.0 + cold / (cold - warm), rel=1e-6)
    # About 18 degC on the mean, above it at the very end alone.
    barely = timed(subject, [15.9, 20.0] * 600 + [21.0] * 60)
    assert "time_to_comfort" not in barely.measures
    assert barely.missing["time_to_comfort"].said("en") == "the cabin swings about 18 degC"


@pytest.mark.parametrize(
    ("name", "ambient_C", "refused"),
    [
        ("cold", 23.0, True),
        ("cold", 10.0, False),
        ("cold", -45.0, False),
        ("hot-soak", 10.0, True),
        ("hot-soak", 35.0, False),
    ],
)
def test_a_chamber_refuses_air_that_it_is_not_for(name: str, ambient_C: float, *, refused: bool) -> None:
    problems = procedures()[name].problems(Given(ambient_temperature_K=ambient_C + 273.15), "M1")
    assert bool(problems) is refused
    if refused:
        assert f"an ambient of {ambient_C:g} degC, and '{name}' is for" in problems[0].what
