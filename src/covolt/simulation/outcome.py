"""How a drive ended, in an engineer's words."""

from __future__ import annotations

from typing import Any

import numpy as np

from covolt.simulation.mission import ZERO_CELSIUS_K, Mission
from covolt.simulation.step import LIMITS
from covolt.simulation.trace import Outcome
from covolt.vehicle.assembly import Vehicle

EMPTY_MARGIN = 0.01


def outcome(
    vehicle: Vehicle,
    mission: Mission,
    last: Any,
    tally: Any,
    values: np.ndarray | None,
    names: tuple[str, ...],
) -> Outcome:
    """The outcome of a drive from its last state and tally, and its trace where one was kept."""
    if not np.all(np.isfinite([last.speed_m_per_s, last.battery.state_of_charge, last.battery.temperature_K])):
        return Outcome(False, _not_a_number(mission, values, names), limit="not a number")
    if not mission.follows_trace or tally.first_miss_step < 0.0:
        return Outcome(True, worst_miss_m_per_s=float(tally.worst_miss_m_per_s))
    if mission.miss_policy == "correct":
        return _corrected(mission, tally)
    step = int(tally.first_miss_step)
    time_s = (step + 1) * mission.dt_s
    limit = LIMITS[int(tally.first_miss_limit)]
    asked = float(mission.profile["target_m_per_s"][step])
    row: dict[str, float] | None = None
    where = ""
    if values is not None:
        row = dict(zip(names, values[step].tolist(), strict=True))
        driven_m = np.sum(values[: step + 1, names.index("mean_speed_m_per_s")]) * mission.dt_s
        where = f", {driven_m / 1e3:.2f} km"
    charge = float(last.battery.state_of_charge) if row is None else row["state_of_charge"]
    temperature_C = (
        float(last.battery.temperature_K) if row is None else row["battery_temperature_K"]
    ) - ZERO_CELSIUS_K
    words = {
        "none": "the driver did not keep up",
        "drive unit": "the drive unit gives no more torque at this speed",
        "battery": f"the battery gives no more power at {temperature_C:.0f} degC and {100 * charge:.0f} % charge",
        "grip": "the driven tyres have no more grip",
        "brakes": "the brakes reach the grip of the tyres",
    }[limit]
    if limit == "battery" and charge < float(vehicle.battery.lowest_state_of_charge) + EMPTY_MARGIN:
        limit, words = "empty", "the battery is empty"
    ended = "drive ended" if mission.miss_policy == "abort" else "speed missed"
    reason = (
        f"{ended} from {time_s:.0f} s{where}: {asked * 3.6:.0f} km/h asked, {words}; "
        f"off by up to {float(tally.worst_miss_m_per_s) * 3.6:.1f} km/h, for {float(tally.missed_time_s):.0f} s in all"
    )
    return Outcome(
        False,
        reason,
        missed_time_s=float(tally.missed_time_s),
        worst_miss_m_per_s=float(tally.worst_miss_m_per_s),
        first_miss_time_s=time_s,
        limit=limit,
    )


def _corrected(mission: Mission, tally: Any) -> Outcome:
    """A drive whose clock waited for the vehicle: completed where the whole distance was driven."""
    late_s = (float(tally.driven_steps) - mission.count) * mission.dt_s
    asked_m = float(np.sum(_mean_targets(mission)) * mission.dt_s)
    finished = float(tally.distance_m) > 0.995 * asked_m
    limit = LIMITS[int(tally.first_miss_limit)]
    time_s = (int(tally.first_miss_step) + 1) * mission.dt_s
    reason = (
        ""
        if finished
        else f"only {float(tally.distance_m) / 1e3:.2f} of {asked_m / 1e3:.2f} km driven; first behind at {time_s:.0f} s ({limit})"
    )
    return Outcome(
        finished,
        reason or f"{late_s:.0f} s late",
        float(tally.missed_time_s),
        float(tally.worst_miss_m_per_s),
        time_s,
        limit,
    )


def _mean_targets(mission: Mission) -> np.ndarray:
    """Mean of the asked speed over each step."""
    targets = mission.profile["target_m_per_s"]
    return 0.5 * (targets + np.concatenate([[mission.start_speed_m_per_s], targets[:-1]]))


def _not_a_number(mission: Mission, values: np.ndarray | None, names: tuple[str, ...]) -> str:
    """When the first signal stopped being a number, and which."""
    if values is None:
        return "a signal is not a number; drive this vehicle with a trace to see which"
    bad = ~np.isfinite(values)
    step = int(np.argmax(bad.any(axis=1)))
    which = ", ".join(name for name, is_bad in zip(names, bad[step], strict=True) if is_bad)
    return f"not a number from {(step + 1) * mission.dt_s:.0f} s in: {which}"
