"""What no drive unit of a road vehicle does, seen in its map of losses: told, since a wrong unit of a column looks so."""

from __future__ import annotations

import numpy as np

from covolt.errors import Problem
from covolt.exchange.maps.grid import FloatArray, LossGrid
from covolt.units import unit
from covolt.words import text

__all__ = ["doubts"]

FASTEST_rad_per_s = 30_000.0 * np.pi / 30.0
"""The fastest motors of road vehicles turn at 20 000 to 23 000 rpm (estimate)."""
WORST_RATIO = 0.3
"""Median efficiency when driving; of real units it is 0.8 to 0.95 over a whole map."""


def doubts(grid: LossGrid) -> tuple[Problem, ...]:
    """What is doubtful of a map: speeds, losses beyond the power, an efficiency that nobody would build."""
    found: list[Problem] = []
    fastest = float(np.max(np.abs(grid.speeds_rad_per_s)))
    if fastest > FASTEST_rad_per_s:
        what = text("it goes to {speed:.0f} rpm, faster than any drive unit", speed=unit("rpm").from_si(fastest))
        found.append(Problem(what, grid.source, text("check the unit of the speed: rpm, or rad/s")))
    power_W: FloatArray = grid.speeds_rad_per_s[:, None] * grid.torques_Nm[None, :]
    known = np.isfinite(grid.losses_W)
    largest_W = float(np.max(grid.losses_W[known], initial=0.0))
    most_W = float(np.max(np.abs(power_W)))
    if largest_W > most_W > 0.0:
        what = text(
            "it loses up to {loss:.0f} W, more than the {power:.0f} W that ever pass its shaft",
            loss=largest_W,
            power=most_W,
        )
        found.append(Problem(what, grid.source, text("check the unit of the loss, or of the efficiency")))
    driving = known & (power_W > 0.0)
    if driving.any():
        shaft_W, loss_W = power_W[driving], grid.losses_W[driving]
        median = float(np.median(shaft_W / (shaft_W + loss_W)))
        if median < WORST_RATIO:
            what = text("half of its points have an efficiency below {share:.2g} %", share=100.0 * median)
            hint = text("check the unit of the loss, or of the efficiency: a ratio, or percent")
            found.append(Problem(what, grid.source, hint))
    return tuple(found)
