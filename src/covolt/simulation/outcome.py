"""How a drive ended, in an engineer's words."""

from __future__ import annotations

import math

import numpy as np

from covolt.simulation.drive_end import DriveEnd
from covolt.simulation.limit import LIMITS
from covolt.simulation.mission import ZERO_CELSIUS_K, Mission
from covolt.simulation.trace import Outcome

EMPTY_MARGIN = 0.01
SPENT_MARGIN = 5e-4
LISTED = 4
SOURCE_J = 1.0
"""Energy that a loss may give over a drive: what rounding leaves of none."""
LOSSES = {
    "battery_loss_power_W": "battery loss",
    "drive_unit_loss_power_W": "drive unit loss",
    "gearbox_loss_power_W": "gearbox loss",
    "friction_brake_power_W": "friction brakes",
    "rolling_power_W": "rolling",
    "charger_loss_power_W": "charger",
}
"""Rows of the ledger that only take energy; wind may push, and a road load that was measured as a whole may split so."""
STATES = ("speed_m_per_s", "state_of_charge", "battery_temperature_K", "distance_m")


def outcome(
    mission: Mission,
    ended: DriveEnd,
    values: np.ndarray | None,
    names: tuple[str, ...],
) -> Outcome:
    """The outcome of a drive from what is known at its end, and its trace where one was kept."""
    states = {name: getattr(ended, name) for name in STATES} | ended.energy_J
    lost = [name for name, value in states.items() if not math.isfinite(value)]
    if lost or not (values is None or np.isfinite(values).all()):
        return Outcome(False, _not_a_number(mission, lost, values, names), limit="not a number")
    if (source := _sources(ended)) or ended.outside_map_time_s > 0.0:
        reason, limit = source or _outside_map(mission, ended, values, names), "source of energy" if source else "map"
        return Outcome(False, reason, limit=limit)
    if ended.state_of_charge < SPENT_MARGIN:
        left = f"the battery is empty ({100 * float(ended.state_of_charge):.1f} % charge) and feeds no loads any more"
        if not mission.follows_trace or ended.first_miss_step < 0.0:
            return Outcome(False, left, limit="empty")
    if not mission.follows_trace or ended.first_miss_step < 0.0:
        return Outcome(True, worst_miss_m_per_s=float(ended.worst_miss_m_per_s))
    if mission.miss_policy == "correct":
        return _corrected(mission, ended)
    step = int(ended.first_miss_step)
    time_s = (step + 1) * mission.dt_s
    limit = LIMITS[int(ended.first_miss_limit)]
    asked = float(mission.profile["target_m_per_s"][step])
    row: dict[str, float] | None = None
    where = ""
    if values is not None:
        row = dict(zip(names, values[step].tolist(), strict=True))
        driven_m = np.sum(values[: step + 1, names.index("mean_speed_m_per_s")]) * mission.dt_s
        where = f", {driven_m / 1e3:.2f} km"
    charge = float(ended.state_of_charge) if row is None else row["state_of_charge"]
    temperature_C = (
        float(ended.battery_temperature_K) if row is None else row["battery_temperature_K"]
    ) - ZERO_CELSIUS_K
    words = {
        "none": "a speed limiter or the driver holds it back",
        "drive unit": "the drive unit gives no more torque at this speed",
        "battery": f"the battery gives no more power at {temperature_C:.0f} degC and {100 * charge:.0f} % charge",
        "grip": "the driven tyres have no more grip",
        "brakes": "the brakes reach the grip of the tyres",
    }[limit]
    if limit == "battery" and charge < EMPTY_MARGIN:
        limit, words = "empty", "the battery is empty"
    verb = "drive ended" if mission.miss_policy == "abort" else "speed missed"
    reason = (
        f"{verb} from {time_s:.0f} s{where}: {asked * 3.6:.0f} km/h asked, {words}; "
        f"off by up to {float(ended.worst_miss_m_per_s) * 3.6:.1f} km/h, for {float(ended.missed_time_s):.0f} s in all"
    )
    return Outcome(
        False,
        reason,
        missed_time_s=float(ended.missed_time_s),
        worst_miss_m_per_s=float(ended.worst_miss_m_per_s),
        first_miss_time_s=time_s,
        limit=limit,
    )


def _corrected(mission: Mission, ended: DriveEnd) -> Outcome:
    """A drive whose clock waited for the vehicle: completed where the whole distance was driven."""
    late_s = (float(ended.driven_steps) - mission.count) * mission.dt_s
    asked_m = float(np.sum(_mean_targets(mission)) * mission.dt_s)
    finished = float(ended.distance_m) > 0.995 * asked_m
    limit = LIMITS[int(ended.first_miss_limit)]
    time_s = (int(ended.first_miss_step) + 1) * mission.dt_s
    reason = (
        ""
        if finished
        else f"only {float(ended.distance_m) / 1e3:.2f} of {asked_m / 1e3:.2f} km driven; "
        f"first behind at {time_s:.0f} s ({limit})"
    )
    return Outcome(
        finished,
        reason or f"{late_s:.0f} s late",
        float(ended.missed_time_s),
        float(ended.worst_miss_m_per_s),
        time_s,
        limit,
    )


def _outside_map(mission: Mission, ended: DriveEnd, values: np.ndarray | None, names: tuple[str, ...]) -> str:
    """How long, and where a trace tells from when, a drive unit worked outside its declared map."""
    total = f"for {float(ended.outside_map_time_s):.0f} s in all: declare the map over the whole envelope, or lower the envelope"
    if values is None:
        return f"a drive unit works outside its declared loss map, {total}"
    step = int(np.argmax(values[:, names.index("outside_map_flag")] > 0.0))
    return f"a drive unit works outside its declared loss map from {(step + 1) * mission.dt_s:.0f} s, {total}"


def _sources(ended: DriveEnd) -> str:
    """Which losses give energy over the whole drive, which only a part that breaks the second law does; empty where none."""
    given = {name: -float(ended.energy_J.get(flow, 0.0)) for flow, name in LOSSES.items()}
    told = [f"'{name}' yields {joule / 3.6e3:.4g} Wh" for name, joule in given.items() if joule > SOURCE_J]
    return f"a loss is a source of energy: {', '.join(told)}; mend the part that it belongs to" if told else ""


def _mean_targets(mission: Mission) -> np.ndarray:
    """Mean of the asked speed over each step."""
    targets = mission.profile["target_m_per_s"]
    return 0.5 * (targets + np.concatenate([[mission.start_speed_m_per_s], targets[:-1]]))


def _not_a_number(mission: Mission, lost: list[str], values: np.ndarray | None, names: tuple[str, ...]) -> str:
    """When the first signal stopped being a number, and which; without a trace what was lost by the end."""
    bad = np.zeros((1, 0), dtype=bool) if values is None else ~np.isfinite(values)
    if not bad.any():
        shown = ", ".join(lost[:LISTED]) + (f" and {len(lost) - LISTED} more" if len(lost) > LISTED else "")
        return f"not a number at the end: {shown}; drive this vehicle with a trace to see from when"
    step = int(np.argmax(bad.any(axis=1)))
    which = ", ".join(name for name, is_bad in zip(names, bad[step], strict=True) if is_bad)
    return f"not a number from {(step + 1) * mission.dt_s:.0f} s in: {which}"
