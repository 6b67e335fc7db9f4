"""The account of one drive: from what a runner hands over to the result, its ledger and how it ended."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from covolt.simulation.ledger import ledger
from covolt.simulation.mission import Mission
from covolt.simulation.outcome import outcome
from covolt.simulation.trace import Executor, Result, Trace


class Ended(NamedTuple):
    """What a runner knows at the end of a drive; all that an account needs of the vehicle."""

    speed_m_per_s: Any
    state_of_charge: Any
    battery_temperature_K: Any
    equivalent_mass_kg: Any
    mains_ratio: Any
    """Energy from the mains per energy stored."""
    energy_J: dict[str, Any]
    distance_m: Any
    missed_time_s: Any
    worst_miss_m_per_s: Any
    first_miss_step: Any
    first_miss_limit: Any
    driven_steps: Any
    outside_map_time_s: Any


def ended_of(vehicle: Any, place: tuple[Any, Any, Any], last: Any, tally: Any, mains_ratio: Any) -> Ended:
    """What is known at the end, from ambient, load and dynamometer, the last state and the tally; numbers, or what is traced."""
    ambient, payload_kg, dynamometer = place
    return Ended(
        speed_m_per_s=last.speed_m_per_s,
        state_of_charge=vehicle.battery.state_of_charge(last.battery),
        battery_temperature_K=last.battery.temperature_K,
        equivalent_mass_kg=vehicle.body.at(ambient, payload_kg, vehicle.tyre, dynamometer).equivalent_mass_kg,
        mains_ratio=mains_ratio,
        **tally._asdict(),
    )


def result_of(name: str, mission: Mission, ended: Ended, values: np.ndarray | None, names: tuple[str, ...]) -> Result:
    """The result of one drive; raises where its energies do not close."""
    kinetic_J = 0.5 * ended.equivalent_mass_kg * (ended.speed_m_per_s**2 - mission.start_speed_m_per_s**2)
    account = ledger(ended.energy_J, float(kinetic_J))
    how = outcome(mission, ended, values, names)
    if math.isfinite(account.worst_ratio):
        account.demand_closed()
    return Result(
        name=name,
        mission=mission,
        distance_m=float(ended.distance_m),
        ledger=account,
        outcome=how,
        state_of_charge=float(ended.state_of_charge),
        battery_temperature_K=float(ended.battery_temperature_K),
        plug_energy_J=account.energy_J("battery") * float(ended.mains_ratio),
    )


def trace_of(
    name: str, mission: Mission, ended: Ended, values: np.ndarray, names: tuple[str, ...], executor: Executor
) -> Trace:
    """The trace of one drive; `values` may be padded beyond the steps that were driven."""
    driven = np.asarray(values[: int(ended.driven_steps)])
    result = result_of(name, mission, ended, driven, names)
    return Trace(result, mission.dt_s * np.arange(1, len(driven) + 1), names, driven, executor)
