"""Losses of a drive unit over speed and torque: what a map of efficiency says of them, and where nobody says anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from covolt.errors import InputError, Problem
from covolt.units import unit
from covolt.words import Phrase, joined, text

__all__ = ["FloatArray", "LossGrid", "OwnUnits", "gridded", "losses_of_efficiency_W"]

FloatArray = NDArray[np.float64]
_NOTHING = 1e-9
SAME_RATIO = 1e-6
"""Of the largest on an axis: points nearer than this are one, written with other digits."""


@final
@dataclass(frozen=True)
class OwnUnits:
    """In which units a file has speeds and torques, of covolt's closed list: points are told in them."""

    speed: str = "rad/s"
    torque: str = "Nm"

    def point(self, speed_rad_per_s: float, torque_Nm: float) -> Phrase:
        """One point: "1500 rpm and 20 Nm"."""
        speed, torque = unit(self.speed).from_si(speed_rad_per_s), unit(self.torque).from_si(torque_Nm)
        shown = f"{_plain(speed)} {self.speed}", f"{_plain(torque)} {self.torque}"
        return text("{speed} and {torque}", speed=shown[0], torque=shown[1], context="point of a map")


def _plain(value: float) -> str:
    return f"{value:.6g}" if abs(value) > _NOTHING else "0"


@dataclass(frozen=True)
class LossGrid:
    """Loss in W at each pair of speed (n,) and torque (m,): shape (n, m), not-a-number where nothing is known.

    Of a bench log `row_count` says how many rows are behind each, `spreads_W` their standard deviation.
    """

    speeds_rad_per_s: FloatArray
    torques_Nm: FloatArray
    losses_W: FloatArray
    source: str
    row_count: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    spreads_W: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))

    own: OwnUnits = field(default_factory=OwnUnits)

    @property
    def holes(self) -> tuple[tuple[float, float], ...]:
        """Speed and torque of each point of the grid at which the loss is not known."""
        return tuple(
            (float(self.speeds_rad_per_s[i]), float(self.torques_Nm[j]))
            for i, j in np.argwhere(np.isnan(self.losses_W))
        )

    def with_no_power_W(self, loss_W: float) -> LossGrid:
        """The grid with this loss wherever nothing turns or pulls and nobody says more: there an efficiency says nothing."""
        none = (self.speeds_rad_per_s[:, None] == 0.0) | (self.torques_Nm[None, :] == 0.0)
        return replace(self, losses_W=np.where(np.isnan(self.losses_W) & none, loss_W, self.losses_W))


def losses_of_efficiency_W(speed_rad_per_s: FloatArray, torque_Nm: FloatArray, efficiency: FloatArray) -> FloatArray:
    """Losses of points in any quadrant, P = T w at the shaft: not-a-number where no power passes.

    driving     P (1 / eta - 1),   P > 0
    braking     |P| (1 - eta),     P < 0: eta is what comes back over what the shaft gives; below zero nothing does
    """
    power_W = torque_Nm * speed_rad_per_s
    with np.errstate(divide="ignore", invalid="ignore"):
        driving = power_W * (1.0 / efficiency - 1.0)
        losses = np.where(power_W > 0.0, driving, np.abs(power_W) * (1.0 - efficiency))
    return np.where((power_W == 0.0) | ~np.isfinite(losses), np.nan, losses)


def gridded(
    speed_rad_per_s: FloatArray,
    torque_Nm: FloatArray,
    loss_W: FloatArray,
    source: str,
    *,
    own: OwnUnits | None = None,
    lines: Sequence[int] = (),
) -> LossGrid:
    """Points in any order as a grid; pairs that are not among them are holes. `lines` are those of the points in a file.

    Raises:
        InputError: a point stands twice with different losses, or there is no grid of two by two.
    """
    speeds, at_speed = _axis(speed_rad_per_s)
    torques, at_torque = _axis(torque_Nm)
    if len(speeds) < 2 or len(torques) < 2:
        what = text("{speeds} speeds and {torques} torques are no map", speeds=len(speeds), torques=len(torques))
        raise InputError(Problem(what, source, text("give two of each or more")))
    losses = np.full((len(speeds), len(torques)), np.nan)
    problems: list[Problem] = []
    own, first = own or OwnUnits(), dict[tuple[int, int], int]()
    for row, (i, j, loss) in enumerate(zip(at_speed.tolist(), at_torque.tolist(), loss_W.tolist(), strict=True)):
        known = losses[i, j]
        if np.isfinite(known) and np.isfinite(loss) and abs(known - loss) > SAME_RATIO * max(abs(known), 1.0):
            what = text("{point} stand twice", point=own.point(float(speeds[i]), float(torques[j])))
            where = source
            if lines:
                where = f"{source}:{lines[row]}"
                earlier = text("first in line {line}", line=lines[first[(i, j)]])
                what = joined([what, earlier], ", ")
            problems.append(Problem(what, where, text("leave one of the two out")))
        first.setdefault((i, j), row)
        losses[i, j] = loss if np.isfinite(loss) else known
    if problems:
        raise InputError(problems)
    return LossGrid(speeds, torques, losses, source, own=own)


def _axis(values: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """The different values in order, and which of them each value is."""
    near = SAME_RATIO * max(float(np.max(np.abs(values), initial=0.0)), 1e-12)
    order = np.argsort(values, kind="stable")
    begins = np.concatenate([[True], np.diff(values[order]) > near])
    place = np.empty(len(values), np.int64)
    place[order] = np.cumsum(begins) - 1
    return values[order][begins], place
