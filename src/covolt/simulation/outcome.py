"""How a drive ended, in an engineer's words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from covolt.simulation.drive_end import DriveEnd
from covolt.simulation.ledger import DECLARED_LESS_REAL_FLOW
from covolt.simulation.limit import LIMITS
from covolt.simulation.mission import ZERO_CELSIUS_K, Mission
from covolt.words import Phrase, Value, Words, joined, message, text

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
LIMITS_SAID = {
    "none": text("none", context="limit"),
    "drive unit": text("drive unit", context="limit"),
    "battery": text("battery", context="limit"),
    "grip": text("grip", context="limit"),
    "brakes": text("brakes", context="limit"),
}
"""What held a vehicle back, in a word."""
STATES = ("speed_m_per_s", "state_of_charge", "battery_temperature_K", "distance_m")


@dataclass(frozen=True)
class Outcome:
    """How a drive ended.

    `completed` is true where the vehicle kept the asked speed within 2 km/h throughout and no number failed. Otherwise
    `reason` says when, where and which limit, in an engineer's words.
    """

    completed: bool
    told: Phrase | None = None
    """The reason as a message with its numbers, which is said in any language."""
    missed_time_s: float = 0.0
    worst_miss_m_per_s: float = 0.0
    first_miss_time_s: float | None = None
    limit: str = "none"

    @property
    def reason(self) -> str:
        """Why it did not, in English; empty where nothing stood in the way."""
        return "" if self.told is None else str(self.told)

    @property
    def said(self) -> Phrase:
        """How the drive ended, in any language."""
        return self.told or text("completed")

    def __str__(self) -> str:
        return self.reason or "completed"


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
        return _ended(_not_a_number(mission, lost, values, names), "not a number")
    if (source := _sources(ended)) or ended.outside_map_time_s > 0.0:
        reason, limit = source or _outside_map(mission, ended, values, names), "source of energy" if source else "map"
        return _ended(reason, limit)
    kept_up = not mission.follows_trace or ended.first_miss_step < 0.0
    if ended.state_of_charge < SPENT_MARGIN and kept_up:
        charge = 100 * float(ended.state_of_charge)
        return _ended(
            text("the battery is empty ({charge:.1f} % charge) and feeds no loads any more", charge=charge), "empty"
        )
    if kept_up:
        return Outcome(True, worst_miss_m_per_s=float(ended.worst_miss_m_per_s))
    if mission.miss_policy == "correct":
        return _corrected(mission, ended)
    step = int(ended.first_miss_step)
    time_s = (step + 1) * mission.dt_s
    limit = LIMITS[int(ended.first_miss_limit)]
    asked = float(mission.profile["target_m_per_s"][step])
    row: dict[str, float] | None = None
    when: Phrase = text("{time:.0f} s", time=time_s)
    if values is not None:
        row = dict(zip(names, values[step].tolist(), strict=True))
        driven_m = float(np.sum(values[: step + 1, names.index("mean_speed_m_per_s")]) * mission.dt_s)
        when = text("{time:.0f} s, {far:.2f} km", time=time_s, far=driven_m / 1e3)
    charge = float(ended.state_of_charge) if row is None else row["state_of_charge"]
    battery_K = float(ended.battery_temperature_K) if row is None else row["battery_temperature_K"]
    if limit == "battery" and charge < EMPTY_MARGIN:
        limit = "empty"
    numbers: dict[str, Value] = {
        "when": when,
        "asked": asked * 3.6,
        "why": _held_back(limit, battery_K - ZERO_CELSIUS_K, charge),
        "miss": float(ended.worst_miss_m_per_s) * 3.6,
        "missed": float(ended.missed_time_s),
    }
    told = (
        message(
            "drive ended from {when}: {asked:.0f} km/h asked, {why}; off by up to {miss:.1f} km/h, for {missed:.0f} s in all",
            numbers,
        )
        if mission.miss_policy == "abort"
        else message(
            "speed missed from {when}: {asked:.0f} km/h asked, {why}; off by up to {miss:.1f} km/h, for {missed:.0f} s in all",
            numbers,
        )
    )
    return Outcome(
        False,
        told,
        missed_time_s=float(ended.missed_time_s),
        worst_miss_m_per_s=float(ended.worst_miss_m_per_s),
        first_miss_time_s=time_s,
        limit=limit,
    )


def _ended(told: Phrase, limit: str) -> Outcome:
    return Outcome(False, told, limit=limit)


def _held_back(limit: str, temperature_C: float, charge_fraction: float) -> Phrase:
    """What kept the vehicle from the asked speed."""
    if limit == "battery":
        return text(
            "the battery gives no more power at {temperature:.0f} degC and {charge:.0f} % charge",
            temperature=temperature_C,
            charge=100 * charge_fraction,
        )
    return _HELD_BACK[limit]


_HELD_BACK = {
    "none": text("a speed limiter or the driver holds it back"),
    "drive unit": text("the drive unit gives no more torque at this speed"),
    "grip": text("the driven tyres have no more grip"),
    "brakes": text("the brakes reach the grip of the tyres"),
    "empty": text("the battery is empty"),
}


def _corrected(mission: Mission, ended: DriveEnd) -> Outcome:
    """A drive whose clock waited for the vehicle: completed where the whole distance was driven."""
    late_s = (float(ended.driven_steps) - mission.count) * mission.dt_s
    asked_m = float(np.sum(_mean_targets(mission)) * mission.dt_s)
    finished = float(ended.distance_m) > 0.995 * asked_m
    limit = LIMITS[int(ended.first_miss_limit)]
    time_s = (int(ended.first_miss_step) + 1) * mission.dt_s
    told = text("{late:.0f} s late", late=late_s)
    if not finished:
        told = text(
            "only {driven:.2f} of {asked:.2f} km driven; first behind at {time:.0f} s ({limit})",
            driven=float(ended.distance_m) / 1e3,
            asked=asked_m / 1e3,
            time=time_s,
            limit=LIMITS_SAID[limit],
        )
    missed_s, worst_m_per_s = float(ended.missed_time_s), float(ended.worst_miss_m_per_s)
    return Outcome(finished, told, missed_s, worst_m_per_s, time_s, limit)


def _outside_map(mission: Mission, ended: DriveEnd, values: np.ndarray | None, names: tuple[str, ...]) -> Phrase:
    """How long, and where a trace tells from when, a drive unit worked outside its declared map."""
    total_s = float(ended.outside_map_time_s)
    if values is None:
        return text(
            "a drive unit works outside its declared loss map, for {total:.0f} s in all: declare the map over the whole "
            "envelope, or lower the envelope",
            total=total_s,
        )
    step = int(np.argmax(values[:, names.index("outside_map_flag")] > 0.0))
    return text(
        "a drive unit works outside its declared loss map from {begin:.0f} s, for {total:.0f} s in all: declare the map over "
        "the whole envelope, or lower the envelope",
        begin=float((step + 1) * mission.dt_s),
        total=total_s,
    )


def _sources(ended: DriveEnd) -> Phrase:
    """Which losses give energy over the whole drive, which only a part that breaks the second law does; empty where none."""
    given = {name: -float(ended.energy_J.get(flow, 0.0)) for flow, name in LOSSES.items()}
    given["drive unit loss"] += float(ended.energy_J.get(DECLARED_LESS_REAL_FLOW, 0.0))
    told = [
        text("'{name}' yields {energy:.4g} Wh", name=name, energy=joule / 3.6e3)
        for name, joule in given.items()
        if joule > SOURCE_J
    ]
    if not told:
        return Words()
    return text("a loss is a source of energy: {losses}; mend the part that it belongs to", losses=joined(told, ", "))


def _mean_targets(mission: Mission) -> np.ndarray:
    """Mean of the asked speed over each step."""
    targets = mission.profile["target_m_per_s"]
    return 0.5 * (targets + np.concatenate([[mission.start_speed_m_per_s], targets[:-1]]))


def _not_a_number(mission: Mission, lost: list[str], values: np.ndarray | None, names: tuple[str, ...]) -> Phrase:
    """When the first signal stopped being a number, and which; without a trace what was lost by the end."""
    bad = np.zeros((1, 0), dtype=bool) if values is None else ~np.isfinite(values)
    if not bad.any():
        shown: Phrase | str = ", ".join(lost[:LISTED])
        if len(lost) > LISTED:
            shown = text("{names} and {more} more", names=shown, more=len(lost) - LISTED)
        return text("not a number at the end: {shown}; drive this vehicle with a trace to see from when", shown=shown)
    step = int(np.argmax(bad.any(axis=1)))
    which = ", ".join(name for name, is_bad in zip(names, bad[step], strict=True) if is_bad)
    return text("not a number from {begin:.0f} s in: {which}", begin=float((step + 1) * mission.dt_s), which=which)
