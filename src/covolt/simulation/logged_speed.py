"""Logged speeds: the steps and the noise of a logger are taken out, for a car cannot drive them and pays for trying.

A speed logged in steps of q, every dt, asks for accelerations of q/dt: 2.8 m/s2 for 1 km/h at 10 Hz. What is driven
instead is the smoothest speed within half a step of what was logged,

    minimise sum (D3 v)^2  with  |v - v_logged| <= q / 2,  v = 0 where the vehicle stood,

D3 the third divided difference over time. Noise without steps: minimise sum (v - v_logged)^2 + w sum (D3 v)^2 with the w that
leaves the noise's own root mean square. What of it costs energy is told by the positive kinetic energy of a recording,

    PKE = sum max(v_k+1^2 - v_k^2, 0) / distance,

in m/s2 (Watson and others, SAE 830435): what is put into speed and not all won back, whatever the vehicle.

Found by synthetic logs of UDDS and WLTC at 10 Hz: steps of 1 km/h cost a Leaf
20 to 32 %, 1 mph 38 to 52 %; smoothed, all are within 0.4 % of the true drive. A value that a slow sensor leaves standing over
several rows is a step of its own kind: straight lines between fresh values. Whatever is no log is left to the last bit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "GAP_OVER_MEDIAN_STEP",
    "MOST_SMOOTHED_RATIO",
    "changed",
    "positive_kinetic_energy_m_per_s2",
    "smoothed",
    "unlogged",
]

FloatArray = NDArray[np.float64]

COARSEST_m_per_s2 = 0.3
"""Steps whose accelerations stay below are driven as they are: 1 km/h once a second moves a consumption by 0.3 %."""
NOISIEST_m_per_s2 = 0.15
"""Noise whose accelerations stay below too: it moves the consumption of a small car over Artemis road by 0.4 % at 10 Hz, 0.1 % at
1 Hz; twice as much by 1.6 % and 1 %. The positive kinetic energy that it feigns is told with what exceeds this."""
FEWEST_ROWS = 60
GAP_OVER_MEDIAN_STEP = 2.5
"""A longer step between rows is a gap: what fills it was not recorded."""
FEWEST_ALTERNATIONS, LEAST_ALTERNATING_RATIO = 20, 0.02
LONGEST_SMOOTHED_STEP_s = 0.5
"""Noise is told from driving where a second holds several rows."""
WHITE = -0.45
"""Correlation of neighbouring second differences: white noise has -2/3, lone steps -1/2, a vehicle's own motion more than 0."""
NOISE_OVER_STEP = 0.35
"""Rounding alone gives 1 / sqrt(12) = 0.29 of a step."""
FEWEST_HELD = 20
LONGEST_HELD_s = 2.5
SMOOTHING_ROWS = 6.0
"""Over so many rows white noise becomes 0.54 of itself, and UDDS, once a second, loses 3 % of its positive kinetic energy."""
MOST_SMOOTHED_RATIO = 0.1
"""Of how long a recording lasts: what is longer is the driving itself."""
MOST_JITTER_RATIO = 2.0
THIRD_DIFFERENCES = 20.0
"""Variance of the third difference of white noise of unit variance."""
ROUNDS, PENALTY = 300, 1e-3


def unlogged(time_s: FloatArray, speed_m_per_s: FloatArray) -> tuple[FloatArray, str]:
    """Speeds to drive, and what was done to those logged: nothing, and no words, where they are neither stepped nor noisy."""
    step_s = np.diff(time_s)
    dt_s = float(np.median(step_s)) if step_s.size else 0.0
    if speed_m_per_s.size < FEWEST_ROWS or not dt_s > 0.0:
        return speed_m_per_s, ""
    noise_m_per_s = _noise_m_per_s(time_s, speed_m_per_s, dt_s)
    return (
        _unheld(time_s, speed_m_per_s, dt_s, evenly=True)
        or _unstepped(time_s, speed_m_per_s, dt_s, noise_m_per_s)
        or _unheld(time_s, speed_m_per_s, dt_s, evenly=False)
        or _quiet(time_s, speed_m_per_s, dt_s, noise_m_per_s)
        or (speed_m_per_s, "")
    )


def _unstepped(
    time_s: FloatArray, logged: FloatArray, dt_s: float, noise_m_per_s: float
) -> tuple[FloatArray, str] | None:
    """The smoothest speed within half a step, where the log has steps that matter and its noise is that of rounding."""
    step_m_per_s = _quantum_m_per_s(logged)
    if (
        step_m_per_s is None
        or step_m_per_s / dt_s <= COARSEST_m_per_s2
        or noise_m_per_s >= NOISE_OVER_STEP * step_m_per_s
    ):
        return None
    smooth = _within_half_a_step(time_s / dt_s, logged, step_m_per_s) if _alternates(logged, step_m_per_s) else None
    if smooth is None:
        return None
    told = f"logged in steps of {3.6 * step_m_per_s:.3g} km/h every {dt_s:.3g} s: smoothed to within half a step"
    return smooth, _said(told, time_s, logged, smooth)


def _quiet(time_s: FloatArray, logged: FloatArray, dt_s: float, noise_m_per_s: float) -> tuple[FloatArray, str] | None:
    """The speed without its noise, or with a word of it where it cannot be told from driving."""
    if not noise_m_per_s:
        return None
    told = f"noisy from row to row by {3.6 * noise_m_per_s:.2g} km/h (root mean square) every {dt_s:.3g} s"
    smooth = _without_noise(time_s / dt_s, logged, noise_m_per_s)
    if smooth is None or dt_s > LONGEST_SMOOTHED_STEP_s:
        over = f" (--smooth '{SMOOTHING_ROWS * dt_s:.3g} s', smooth_s={SMOOTHING_ROWS * dt_s:.3g})"
        costs = ""
        if smooth is not None:
            without = changed((time_s, logged), (time_s, smooth))
            saved = positive_kinetic_energy_m_per_s2(time_s, smooth) < positive_kinetic_energy_m_per_s2(time_s, logged)
            costs = f", which costs energy; without it: {without}" if saved else f"; without it: {without}"
        lasts = SMOOTHING_ROWS * dt_s < MOST_SMOOTHED_RATIO * float(time_s[-1] - time_s[0])
        return logged, f"The speed is {told} and driven so{costs}{f': smooth the recording{over}' if lasts else ''}."
    return smooth, _said(f"{told}: smoothed by that", time_s, logged, smooth)


def smoothed(time_s: FloatArray, logged: FloatArray, shortest_s: float) -> tuple[FloatArray, str]:
    """Speeds without what changes faster, and what that did: a swing of this period is halved, one of half of it has 1/65 left.

    minimise sum (v - v_logged)^2 + w sum (D3 v)^2 with w = (2 sin(pi dt / period))^-6; stands stay.
    """
    from scipy.linalg import LinAlgError, solveh_banded

    dt_s = float(np.median(np.diff(time_s)))
    bands = _roughness(time_s / dt_s) * (2.0 * math.sin(math.pi * dt_s / shortest_s)) ** -6
    bands[-1] += 1.0
    try:
        smooth = solveh_banded(bands, logged)
    except LinAlgError:
        return logged, "The rows are too uneven to be smoothed: the speed is driven as it stands."
    smooth = np.where(logged == 0.0, 0.0, np.maximum(smooth, 0.0))
    return smooth, _said(f"smoothed: what changes faster than {shortest_s:g} s is gone", time_s, logged, smooth)


def positive_kinetic_energy_m_per_s2(time_s: FloatArray, speed_m_per_s: FloatArray) -> float:
    """PKE of the module's equation; 0 for what does not move."""
    distance_m = float(np.trapezoid(speed_m_per_s, time_s))
    return float(np.sum(np.maximum(np.diff(speed_m_per_s**2), 0.0))) / distance_m if distance_m > 0.0 else 0.0


def changed(before: tuple[FloatArray, FloatArray], after: tuple[FloatArray, FloatArray]) -> str:
    """What became of a recording, both as times and speeds: of its distance, and of its positive kinetic energy."""
    before_m, after_m = (float(np.trapezoid(speed, time_s)) for time_s, speed in (before, after))
    first, last = (positive_kinetic_energy_m_per_s2(*one) for one in (before, after))
    moved = [100.0 * (b / a - 1.0) if a else 0.0 for a, b in ((before_m, after_m), (first, last))]
    return f"distance {moved[0]:+.2f} %, positive kinetic energy {first:.3f} to {last:.3f} m/s2, {moved[1]:+.1f} %"


def _said(told: str, time_s: FloatArray, logged: FloatArray, smooth: FloatArray) -> str:
    return f"The speed is {told} ({changed((time_s, logged), (time_s, smooth))})."


def _unheld(time_s: FloatArray, logged: FloatArray, dt_s: float, *, evenly: bool) -> tuple[FloatArray, str] | None:
    """Straight lines between the values of a slower sensor, each of which stands in several rows; None where none does."""
    fresh = np.flatnonzero(np.diff(logged)) + 1
    if fresh.size <= FEWEST_HELD or dt_s > LONGEST_SMOOTHED_STEP_s:
        return None
    short, usual, long = np.percentile(np.diff(fresh), [10.0, 50.0, 90.0])
    period = int(np.gcd.reduce(np.diff(fresh))) if evenly else round(float(usual))
    if period < 2 or period * dt_s > LONGEST_HELD_s or not (evenly or long <= MOST_JITTER_RATIO * short):
        return None
    at = np.arange(fresh[0] % period, logged.size, period) if evenly else np.concatenate([[0], fresh])
    smooth = np.interp(time_s, time_s[at], logged[at])
    if float(np.max(np.abs(np.diff(logged)))) / dt_s <= COARSEST_m_per_s2:
        return None
    told = f"renewed only once in {period} rows: straight lines between fresh rows"
    return smooth, _said(told, time_s, logged, smooth)


def _quantum_m_per_s(speed: FloatArray) -> float | None:
    """The step of which all speeds are multiples, None where there is none; rounding after it by 5 % of a step is forgiven."""
    levels = np.unique(np.round(speed, 9))
    gaps = np.diff(levels)
    if not gaps.size:
        return None
    # Of a tenth of the speeds at most is the level unknown, so that most gaps are one step.
    step_m_per_s = float(np.median(gaps[gaps < 1.5 * np.median(gaps)]))
    for _ in range(3):
        number = np.round(levels / step_m_per_s)
        step_m_per_s = float(levels @ number / max(float(number @ number), 1.0))
        if not step_m_per_s > 0.0:
            return None
    off = levels / step_m_per_s
    return step_m_per_s if float(np.max(np.abs(off - np.round(off)))) < 0.05 else None


def _alternates(speed: FloatArray, step_m_per_s: float) -> bool:
    """Whether speeds hop a step and stay, or back and forth, as logs do and cycles written by people do not."""
    bend = np.round(np.diff(speed, n=2) / step_m_per_s)
    hops = int(np.count_nonzero((bend[1:] * bend[:-1] < 0.0) & (np.abs(bend[1:]) < 2.5)))
    return hops >= max(FEWEST_ALTERNATIONS, LEAST_ALTERNATING_RATIO * speed.size)


def _noise_m_per_s(time_s: FloatArray, speed: FloatArray, dt_s: float) -> float:
    """Root mean square of white noise while moving, beside no gap; 0 where there is none, or too little to matter."""
    bend = np.diff(speed, n=2)
    recorded = np.diff(time_s) <= GAP_OVER_MEDIAN_STEP * dt_s
    moving = (speed[1:-1] > 0.0) & recorded[1:] & recorded[:-1]
    bend = bend[moving] - float(np.mean(bend[moving])) if moving.any() else np.zeros(1)
    power = float(bend @ bend)
    if bend.size < FEWEST_ROWS or power == 0.0 or float(bend[1:] @ bend[:-1]) / power > WHITE:
        return 0.0
    noise_m_per_s = math.sqrt(float(np.mean(np.diff(bend) ** 2)) / THIRD_DIFFERENCES)
    return noise_m_per_s if math.sqrt(2.0) * noise_m_per_s / dt_s > NOISIEST_m_per_s2 else 0.0


def _roughness(places: FloatArray) -> FloatArray:
    """Upper bands of D3' D3, the third divided differences over places that lie about 1 apart."""
    from scipy import sparse

    n = places.size
    matrices: Any = sparse
    rows: Any = matrices.identity(n, format="csr")
    for order in (1, 2, 3):
        over = order / (places[order:] - places[:-order])
        rows = matrices.diags([-over, over], [0, 1], shape=(n - order, n - order + 1)) @ rows
    square: Any = rows.T @ rows
    bands = np.zeros((4, n))
    for k in range(4):
        bands[3 - k, k:] = square.diagonal(k)
    return bands


def _within_half_a_step(places: FloatArray, logged: FloatArray, step_m_per_s: float) -> FloatArray | None:
    """The smoothest speed within half a step, by alternating directions; None where the rows are too uneven to solve it."""
    from scipy.linalg import LinAlgError, cho_solve_banded, cholesky_banded

    low = np.maximum(logged - 0.5 * step_m_per_s, 0.0)
    high = np.where(logged == 0.0, 0.0, logged + 0.5 * step_m_per_s)
    bands = _roughness(places)
    bands[-1] += PENALTY
    try:
        factor = cholesky_banded(bands)
    except LinAlgError:
        return None
    held, pull = logged.copy(), np.zeros_like(logged)
    smooth = logged
    for _ in range(ROUNDS):
        smooth = cho_solve_banded((factor, False), PENALTY * (held - pull))
        held = np.clip(smooth + pull, low, high)
        pull = pull + smooth - held
    return np.clip(smooth, low, high)


def _without_noise(places: FloatArray, logged: FloatArray, noise_m_per_s: float) -> FloatArray | None:
    """The smoothest speed that differs from the logged one by as much as its noise; the weight by bisection."""
    from scipy.linalg import LinAlgError, solveh_banded

    bands = _roughness(places)
    smooth, low, high = logged, -3.0, 9.0
    try:
        for _ in range(16):
            middle = 0.5 * (low + high)
            weighted = bands * 10.0**middle
            weighted[-1] += 1.0
            smooth = solveh_banded(weighted, logged)
            left = math.sqrt(float(np.mean((smooth - logged) ** 2)))
            low, high = (middle, high) if left < noise_m_per_s else (low, middle)
    except LinAlgError:
        return None
    return np.where(logged == 0.0, 0.0, np.maximum(smooth, 0.0))
