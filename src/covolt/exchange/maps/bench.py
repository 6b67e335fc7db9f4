"""A map from the log of a test bench: points that were held steady, each with how many rows it has and how far they spread.

    steady     speed and torque stay within 1 % of the largest of the log around their mean for 3 s or longer; of each such
               stretch the first third is left out, in which currents and temperatures settle
    loss       U I - T w, the mean of the rows that are left; the electric side is that of the inverter
    one point  stretches whose speeds, and whose torques, lie within 2 % of the largest of each other

Between points nothing is made up: a pair of speed and torque that was not held is a hole.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from covolt.errors import InputError, Problem
from covolt.exchange.maps.grid import FloatArray, LossGrid, OwnUnits
from covolt.exchange.maps.quantities import own_units
from covolt.simulation.column_file import Columns
from covolt.words import text

__all__ = ["grid_of_log"]

BAND_RATIO, SAME_POINT_RATIO = 0.01, 0.02
HELD_s, SETTLING_FRACTION = 3.0, 1.0 / 3.0
LONGEST_GAP_RATIO = 3.0
"""Over the usual distance of two rows: a longer one ends a stretch."""
ZERO_RATIO = 0.005
"""Of the largest on an axis: a point held nearer to zero is meant to be zero."""


class _Held(NamedTuple):
    """A steady stretch, without its beginning."""

    speed_rad_per_s: float
    torque_Nm: float
    losses_W: FloatArray


def grid_of_log(columns: Columns, path: Path) -> LossGrid:
    """The losses at every pair of speed and torque that was held; the rest are holes.

    Raises:
        InputError: nothing was held, or at a point less comes out than goes in.
    """
    values = columns.values
    time_s, speed, torque = values["time"], values["speed"], values["torque"]
    losses = values["voltage"] * values["current"] - torque * speed
    held = [_settled(cut, speed, torque, losses) for cut in _stretches(time_s, speed, torque)]
    if not held:
        what = text("no point was held for {held:g} s", held=HELD_s)
        hint = text("hold speed and torque within 1 % of their largest")
        raise InputError(Problem(what, str(path), hint))
    speeds, at_speed = _points(np.array([one.speed_rad_per_s for one in held]))
    torques, at_torque = _points(np.array([one.torque_Nm for one in held]))
    if len(speeds) < 2 or len(torques) < 2:
        what = text("{speeds} speeds and {torques} torques are no map", speeds=len(speeds), torques=len(torques))
        raise InputError(Problem(what, str(path), text("give two of each or more")))
    shape = (len(speeds), len(torques))
    means, spreads, counts = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, np.int64)
    for i, j in {(int(i), int(j)) for i, j in zip(at_speed, at_torque, strict=True)}:
        rows = np.concatenate(
            [one.losses_W for one, a, b in zip(held, at_speed, at_torque, strict=True) if (a, b) == (i, j)]
        )
        means[i, j], spreads[i, j], counts[i, j] = rows.mean(), rows.std(), len(rows)
    own = own_units(columns.units["speed"][1], columns.units["torque"][1])
    _demand_positive(speeds, torques, means, path, own)
    return LossGrid(speeds, torques, means, str(path), counts, spreads, own)


def _stretches(time_s: FloatArray, speed: FloatArray, torque: FloatArray) -> list[slice]:
    """Rows between which speed and torque stay within their bands around the mean since the stretch began."""
    bands = [BAND_RATIO * float(np.max(np.abs(one))) for one in (speed, torque)]
    usual_s = float(np.median(np.diff(time_s))) if len(time_s) > 1 else 0.0
    found: list[slice] = []
    begin, sums, count = 0, [0.0, 0.0], 0
    rows = zip(time_s.tolist(), speed.tolist(), torque.tolist(), strict=True)
    last_s = float(time_s[0]) if len(time_s) else 0.0
    for row, (now_s, *point) in enumerate(rows):
        stays = count == 0 or (
            now_s - last_s <= LONGEST_GAP_RATIO * usual_s
            and all(abs(one - total / count) <= band for one, total, band in zip(point, sums, bands, strict=True))
        )
        if not stays:
            found.append(slice(begin, row))
            begin, sums, count = row, [0.0, 0.0], 0
        sums = [total + one for total, one in zip(sums, point, strict=True)]
        count, last_s = count + 1, now_s
    found.append(slice(begin, len(time_s)))
    return [one for one in found if one.stop > one.start and time_s[one.stop - 1] - time_s[one.start] >= HELD_s]


def _settled(cut: slice, speed: FloatArray, torque: FloatArray, losses: FloatArray) -> _Held:
    begin = cut.start + int(SETTLING_FRACTION * (cut.stop - cut.start))
    rows = slice(begin, cut.stop)
    return _Held(float(speed[rows].mean()), float(torque[rows].mean()), losses[rows])


def _points(values: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Means of values that are one point, in order, and which of them each value is."""
    largest = float(np.max(np.abs(values)))
    order = np.argsort(values, kind="stable")
    begins = np.concatenate([[True], np.diff(values[order]) > SAME_POINT_RATIO * largest])
    place = np.empty(len(values), np.int64)
    place[order] = np.cumsum(begins) - 1
    means = np.array([values[place == n].mean() for n in range(int(place.max()) + 1)])
    return np.where(np.abs(means) < ZERO_RATIO * largest, 0.0, means), place


def _demand_positive(speeds: FloatArray, torques: FloatArray, means: FloatArray, path: Path, own: OwnUnits) -> None:
    bad = np.argwhere(means < 0.0)
    if len(bad):
        hint = text("check the zero of torque and current, and that current is positive when driving")
        raise InputError(
            Problem(
                text(
                    "at {point} less goes in than comes out: a loss of {loss:.0f} W",
                    point=own.point(float(speeds[i]), float(torques[j])),
                    loss=float(means[i, j]),
                ),
                str(path),
                hint,
            )
            for i, j in bad
        )
