"""The account of one drive: from what a runner hands over to the result, its ledger and how it ended."""

from __future__ import annotations

import math

import numpy as np

from covolt.simulation.drive_end import DriveEnd
from covolt.simulation.ledger import ledger
from covolt.simulation.mission import Mission
from covolt.simulation.outcome import outcome
from covolt.simulation.trace import Executor, Result, Storage, Trace, recuperated_J


def result_of(
    name: str,
    mission: Mission,
    ended: DriveEnd,
    values: np.ndarray | None,
    names: tuple[str, ...],
    storage: Storage | None = None,
) -> Result:
    """The result of one drive, with the battery (`storage`) where it is told; raises where its energies do not close."""
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
        storage=storage,
        recuperated_energy_J=math.nan if values is None else recuperated_J(names, values, mission.dt_s),
    )


def trace_of(
    name: str, mission: Mission, ended: DriveEnd, values: np.ndarray, names: tuple[str, ...], executor: Executor
) -> Trace:
    """The trace of one drive; `values` may be padded beyond the steps that were driven."""
    driven = np.asarray(values[: int(ended.driven_steps)])
    result = result_of(name, mission, ended, driven, names)
    return Trace(result, mission.dt_s * np.arange(1, len(driven) + 1), names, driven, executor)
