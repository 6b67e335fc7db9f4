"""A charging session with a battery that is not covolt's: charged and asked again and again, until no answer changes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from covolt.simulation.charging_step import ASKED, NEAR_ENOUGH_FRACTION, REMAINDER, SIGNALS, Weather, session_step
from covolt.simulation.core import Structure, unpack
from covolt.simulation.coupling import Coupling, ForeignPart
from covolt.simulation.joint import (
    MOST_PASSES,
    REST_RATIO,
    answered,
    begun,
    change,
    checked,
    held,
    last_number_held,
    row_of,
)
from covolt.simulation.outcome import Outcome
from covolt.simulation.remainder import remainder_of, unbalanced
from covolt.simulation.warming import HeatFlows, unexplained_warmth
from covolt.vehicle.foreign import AT_ENDS, BatteryAnswer, BatteryAsked, BatteryBegin, BatteryRow, ForeignBattery

__all__ = ["JointSession", "joint_session"]

FIRST_STEPS = 512
"""Steps that are asked at first; where the session lasts longer, twice as many each time."""
COLUMNS = (*SIGNALS, *ASKED)
SHORTEST_PART = 1e-3
STEP_RATIO = 1e-9
"""Change of the last step below which it ends at the asked charge: rounding moves it by more than an answer."""


class JointSession(NamedTuple):
    """A session as it settled: its rows of `SIGNALS`, how the battery ended and took part, and what remains unexplained of it."""

    values: np.ndarray
    state_of_charge: float
    battery_temperature_K: float
    coupling: Coupling
    remainder_J: float
    refused: Outcome | None
    """Why its answers make no result, though they settled."""


def _answered(
    vector: Any,
    tables: Any,
    supply_numbers: Any,
    weather: Any,
    answers: Any,
    steps_s: Any,
    *,
    structure: Structure,
    supply_tree: Any,
) -> Any:
    """Every step of a session over given steps, with what the battery answers to each: rows of `COLUMNS`."""
    vehicle = unpack(vector, tables, structure)
    supply: Any = supply_numbers[0] if supply_tree is None else jax.tree.unflatten(supply_tree, list(supply_numbers))
    weather = Weather(*weather)
    battery = vehicle.battery
    state = battery.start(weather.begin_displayed_fraction, weather.battery_temperature_K)

    def once(carry: Any, given: Any) -> Any:
        state, time_s = carry
        row, dt_s = BatteryRow(*given[:-1]), given[-1]
        heard, shown = battery.heard(state, row), battery.state_of_charge(state)
        after, signals = session_step(vehicle, supply, heard, row.voltage_before_V, shown, weather, dt_s)
        signals |= {"time_s": time_s + dt_s, "displayed_fraction": battery.state_of_charge(after)}
        return (after, time_s + dt_s), jnp.stack([jnp.asarray(signals[name], dtype=float) for name in COLUMNS])

    return lax.scan(once, (state, jnp.zeros(())), jnp.concatenate([answers, steps_s[:, None]], axis=1))[1]


@functools.lru_cache(maxsize=64)
def _compiled(structure: Structure, supply_tree: Any, behaviour: Hashable) -> Callable[..., Any]:
    del behaviour  # of the supply: it is another one once it behaves otherwise
    return jax.jit(functools.partial(_answered, structure=structure, supply_tree=supply_tree))


def joint_session(
    battery: ForeignBattery,
    given: tuple[np.ndarray, list[np.ndarray], np.ndarray, np.ndarray],
    structure: Structure,
    supply_tree: Any,
    behaviour: Hashable,
    most_steps: int,
) -> JointSession:
    """Charge a battery that is asked for the whole session, until none of its answers changes.

    Args:
        battery: that of the vehicle.
        given: numbers and tables of the vehicle, of the supply, and of the weather.
        structure: of the vehicle.
        supply_tree: of the supply; None for a socket.
        behaviour: of the supply.
        most_steps: steps after which the session ends, charged or not.
    """
    link, weather = battery.link, Weather(*given[3].tolist())
    dt_s = float(weather.dt_s)
    begin = BatteryBegin(np.array([weather.begin_displayed_fraction]), np.array([weather.battery_temperature_K]))
    charge = _compiled(structure, supply_tree, behaviour)
    steps_s = np.full(min(FIRST_STEPS, most_steps), dt_s)
    answer = held(begun(link, begin, dt_s), len(steps_s))
    passes, rest_ratio = 0, np.inf
    rows = np.empty((0, len(COLUMNS)))
    while passes < MOST_PASSES and rest_ratio > REST_RATIO:
        passes += 1
        count = len(steps_s)
        padded = 1 << (count - 1).bit_length()
        more = ((0, padded - count), (0, 0))
        columns = np.pad(row_of(answer).T, more, mode="edge")
        rows = np.asarray(charge(*given, columns, np.pad(steps_s, more[0], mode="edge")))[:count]
        raw, failed = answered(link, begin, _asked(rows, answer, weather), steps_s)
        found = last_number_held(raw)
        wanted = _steps(found, steps_s, weather, most_steps)
        same = len(wanted) == count and np.allclose(wanted, steps_s, rtol=STEP_RATIO, atol=0.0)
        rest_ratio = change(answer, found) if same else np.inf
        if rest_ratio > REST_RATIO:
            answer, steps_s = _of_length(found, len(wanted)), steps_s if same else wanted
        elif failed is not None:
            raise failed
        else:
            checked(link, raw, dt_s)
    names = ("loss_power_W", "power_W", "heating_power_W", "cooling_power_W")
    flows = HeatFlows(*(rows[:, COLUMNS.index(f"battery_{name}")] for name in names))
    remainder_W, lasted_s = rows[:, COLUMNS.index(REMAINDER)], np.diff(rows[:, 0], prepend=0.0)
    remainder = remainder_of(battery, remainder_W, flows.power_W, flows.loss_W, lasted_s)
    temperature_K, ambient_K = answer.temperature_K[0, : len(rows) + 1], float(weather.ambient_temperature_K)
    warmth = unexplained_warmth(battery, temperature_K, flows, ambient_K, lasted_s, remainder)
    parts = (ForeignPart("battery", link.name, link.runs, link.digest, None, remainder.ratio, link.protections),)
    return JointSession(
        rows[:, : len(SIGNALS)],
        float(answer.state_of_charge[0, len(rows)]),
        float(answer.temperature_K[0, len(rows)]),
        Coupling("whole mission", parts, passes, float(rest_ratio)),
        float(np.sum(lasted_s * remainder_W)),
        unbalanced(link.name, remainder) or warmth,
    )


def _asked(values: np.ndarray, answer: BatteryAnswer, weather: Weather) -> BatteryAsked:
    def signal(name: str) -> np.ndarray:
        return values[:, COLUMNS.index(name)][None, :]

    return BatteryAsked(
        signal("battery_power_W") + signal("unserved_power_W"),
        answer.voltage_V[:, 1:],
        signal("battery_heating_power_W"),
        signal("battery_cooling_power_W"),
        np.full((1, len(values)), float(weather.ambient_temperature_K)),
    )


def _steps(answer: BatteryAnswer, steps_s: np.ndarray, weather: Weather, most_steps: int) -> np.ndarray:
    """Steps that the session takes by these answers: the last is cut so that it ends at the asked charge."""
    shown, end = answer.state_of_charge[0], float(weather.end_displayed_fraction)
    dt_s = float(weather.dt_s)
    there = shown[1:] >= end - NEAR_ENOUGH_FRACTION
    if not there.any():
        longer = (
            len(steps_s) if steps_s[-1] == dt_s and len(steps_s) == most_steps else min(2 * len(steps_s), most_steps)
        )
        return np.full(longer, dt_s)
    last = int(np.argmax(there))
    rate_per_s = (shown[last + 1] - shown[last]) / steps_s[last]
    part = np.clip((end - shown[last]) / max(rate_per_s * dt_s, 1e-12), SHORTEST_PART, 1.0)
    return np.append(np.full(last, dt_s), dt_s * part)


def _of_length(answer: BatteryAnswer, count: int) -> BatteryAnswer:
    """Answers to so many steps: cut, or the last held."""

    def fitted(values: np.ndarray, length: int) -> np.ndarray:
        return np.pad(values[:, :length], ((0, 0), (0, max(length - values.shape[1], 0))), mode="edge")

    ends, during = answer[:AT_ENDS], answer[AT_ENDS:]
    return BatteryAnswer(*(fitted(one, count + 1) for one in ends), *(fitted(one, count) for one in during))
