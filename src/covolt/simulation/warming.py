"""Whether the temperature of a battery that is not covolt's moves by more than its losses, the vehicle and the air can do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from covolt.simulation.joint_part import Driven
from covolt.simulation.mission import ZERO_CELSIUS_K
from covolt.simulation.outcome import Outcome
from covolt.simulation.remainder import Remainder, remainder_of_drive, unbalanced
from covolt.vehicle.foreign import ForeignBattery
from covolt.words import text

__all__ = ["HeatFlows", "judged_drive", "unexplained_warmth"]

LEAST_CAPACITY_RATIO = 0.5
"""Heat capacity of what a part calls its temperature, over the declared: between 0.8 and 1.2 kJ/(kg K) lies every lithium cell,
the declared one may be that of the whole pack, and a temperature that of its cells alone."""
REVERSIBLE_RATIO = 0.05
"""Heat that reactions take or give, T dU/dT over U: below 0.4 mV/K of every cell that is sold, which is 3 % at 300 K."""
SURROUNDINGS_RATIO = 10.0
"""Conductance to the surroundings over the declared: that of a plate with coolant over that of a pack left standing."""
COLD_RATIO = 3.0
"""Cold over what a refrigerator inside the pack takes, which stands among its losses or is not told."""
LARGEST_UNEXPLAINED_K = 5.0
"""Beyond all that: coarse sensors, and a start that is off by as much as a part may be at its start."""


class HeatFlows(NamedTuple):
    """What heats and cools a battery over each of n steps: shape (n,), float64; loss and power as it answers them."""

    loss_W: np.ndarray
    power_W: np.ndarray
    heating_W: np.ndarray
    cooling_W: np.ndarray


def judged_drive(
    battery: ForeignBattery, driven: Driven, temperature_K: np.ndarray, ambient_K: float, dt_s: float
) -> Outcome | None:
    """That a battery makes energy, loses it unseen, or warms or cools by nothing, where it does.

    `temperature_K` is what it answered at the start and after each step, shape (n + 1,).
    """
    remainder = remainder_of_drive(battery, driven, dt_s)
    steps = int(driven.ended.driven_steps)
    names = ("loss_power_W", "power_W", "heating_power_W", "cooling_power_W")
    flows = HeatFlows(*(driven.signal(f"battery_{name}", steps)[0] for name in names))
    warmth = unexplained_warmth(battery, temperature_K[: steps + 1], flows, ambient_K, np.full(steps, dt_s), remainder)
    return unbalanced(battery.link.name, remainder) or warmth


def unexplained_warmth(
    battery: ForeignBattery,
    temperature_K: np.ndarray,
    flows: HeatFlows,
    ambient_K: float,
    steps_s: np.ndarray,
    remainder: Remainder,
) -> Outcome | None:
    """That a battery warms or cools by more than anything explains within any stretch of a drive, where it does.

        rise  c C dT <= sum of (L + (s + r) |P| + heating + k G (T_air - T)) dt
        fall -c C dT <= sum of (3 (L + r |P|) + s |P| + cooling + k G (T - T_air)) dt

    with C and G the declared heat capacity and conductance, L and P the loss and the power that it answers (r what it leaves
    unexplained of the drive's energy, where it loses it), s, c, k as above; each term where it is positive. Of all stretches
    from one step to a later one that counts in which most is left, as the largest sum of neighbours (Bentley 1984). A
    temperature that does not move is not refused: a part may have none.

    Args:
        battery: what is judged.
        temperature_K: at the start and after each step, shape (n + 1,), float64.
        flows: over each step.
        ambient_K: of the air.
        steps_s: shape (n,), float64.
        remainder: of the whole drive.
    """
    capacity_J_per_K, conductance_W_per_K = battery.thermal()
    least_J_per_K = LEAST_CAPACITY_RATIO * float(capacity_J_per_K)
    lost_W = np.maximum(flows.loss_W, 0.0) + max(remainder.ratio, 0.0) * np.abs(flows.power_W)
    reaction_W = REVERSIBLE_RATIO * np.abs(flows.power_W)
    # At the beginning of the step: as far from the air as the temperature then is, and no farther.
    air_W = SURROUNDINGS_RATIO * float(conductance_W_per_K) * (ambient_K - temperature_K[:-1])
    warming_W = lost_W + reaction_W + flows.heating_W + np.maximum(air_W, 0.0)
    cooling_W = COLD_RATIO * lost_W + reaction_W + flows.cooling_W + np.maximum(-air_W, 0.0)
    rise_K = np.diff(temperature_K)
    for moved_K, heat_W in ((rise_K, warming_W), (-rise_K, cooling_W)):
        left_K = moved_K - heat_W * steps_s / least_J_per_K
        first, last = _largest_stretch(left_K)
        unexplained_K = float(np.sum(left_K[first:last]))
        if unexplained_K > LARGEST_UNEXPLAINED_K:
            told = text(
                "{name} goes from {begin:.0f} to {end:.0f} degC within {time:g} s: what it loses, what heats or cools it and "
                "the air could do {most:.1f} K of that; its temperature is not that of a battery with half the declared "
                "heat capacity",
                name=battery.link.name,
                begin=float(temperature_K[first]) - ZERO_CELSIUS_K,
                end=float(temperature_K[last]) - ZERO_CELSIUS_K,
                time=float(np.sum(steps_s[first:last])),
                most=float(np.sum(moved_K[first:last])) - unexplained_K,
            )
            return Outcome(False, told, limit="coupling")
    return None


def _largest_stretch(values: np.ndarray) -> tuple[int, int]:
    """First and one past the last of the neighbours with the largest sum; the shortest of several."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    lowest = np.minimum.accumulate(sums)
    last = int(np.argmax(sums - lowest))
    first = int(np.flatnonzero(sums[: last + 1] == lowest[last])[-1])
    return first, last
