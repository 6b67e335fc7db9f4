"""The slow discharge in a trace: which rows it is, whether it is one, and what of the trace was left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from covolt.errors import InputError, Problem
from covolt.words import text

__all__ = ["CellTrace", "SlowDischarge", "slow_discharge"]

Rows = NDArray[np.intp]
"""Places in a trace, or their lines in its file."""

FEWEST_ROWS = 10
IDLE_RATIO = 0.02
"""Of the highest current of a trace: less is none."""
MOST_PAUSED_RATIO = 0.05
"""Of the time of a discharge: the voltage after longer pauses is not that of a slow discharge."""
NEGLIGIBLE_RATIO = 0.005
"""Of a discharge's charge: a pulse before it or after it."""
MOST_RISE_V = 0.05
SLOW_PER_h, ROOM_K, AROUND_K = 0.2, 298.15, 10.0
"""A discharge faster than in five hours, or further from 25 degC, ends before the cell is empty: it is said (estimate)."""
PLACE = "slow discharge"


@dataclass(frozen=True)
class CellTrace:
    """A measured trace: current positive on charge; temperature None where the file has none."""

    time_s: np.ndarray
    current_A: np.ndarray
    voltage_V: np.ndarray
    temperature_K: np.ndarray | None
    lines: Rows | None = None
    """Line of each row in its file."""


@dataclass(frozen=True)
class SlowDischarge:
    """Charge drawn from its beginning, rising, and voltage; the mean current is negative. `remarks`: what was left out."""

    charge_C: np.ndarray
    voltage_V: np.ndarray
    current_A: float
    remarks: tuple[str, ...] = ()


def slow_discharge(trace: CellTrace) -> SlowDischarge:
    """The discharge that lasts longest in a trace; one ends where the cell is charged, and pauses of a few rows are bridged.

    Rows without current are left out of the curve, since the cell recovers in them. Raises what shows that it is no slow
    discharge: long pauses, a voltage that rises, equal times; with the row.
    """
    lines = np.arange(trace.time_s.size) + 2 if trace.lines is None else trace.lines
    idle_A = IDLE_RATIO * float(np.max(np.abs(trace.current_A), initial=0.0))
    draws = trace.current_A < -idle_A
    if not np.any(draws):
        rises = bool(np.any(trace.current_A > idle_A)) and trace.voltage_V[-1] < trace.voltage_V[0]
        hint = text("turn the sign of current_A") if rises else text("give a trace with current positive on discharge")
        raise InputError(Problem(text("holds no discharge"), PLACE, hint))
    charges = trace.current_A > idle_A
    between = np.cumsum(np.diff(charges.astype(int), prepend=0) == 1)
    parts = [np.flatnonzero(draws & (between == number) & ~charges) for number in np.unique(between[draws])]
    chosen = max(parts, key=lambda rows: trace.time_s[rows[-1]] - trace.time_s[rows[0]])
    others = sum(rows.size > FEWEST_ROWS for rows in parts) - 1
    remarks = [f"{others} shorter discharges of the trace are not used"] if others > 0 else []
    trace, chosen = _with_lost_current(trace, chosen, lines, remarks)
    rows = _without_pauses(trace, chosen, lines, remarks)
    first, last = int(rows[0]), int(rows[-1]) + 1
    steps_C = -trace.current_A[first:last] * np.diff(trace.time_s[first:last], prepend=trace.time_s[first])
    charge_C = np.cumsum(steps_C)[rows - first]
    voltage_V = trace.voltage_V[rows]
    problems = _problems(charge_C, voltage_V, lines[rows])
    if problems:
        raise InputError(problems)
    current_A = float(trace.current_A[rows].mean())
    per_h = -3600.0 * current_A / float(charge_C[-1])
    if per_h > SLOW_PER_h:
        remarks.append(
            f"the slow discharge takes {1.0 / per_h:.2g} h, not five or more: what its current drops is in its end"
        )
    if trace.temperature_K is not None:
        kelvin = float(trace.temperature_K[rows].mean())
        if abs(kelvin - ROOM_K) > AROUND_K:
            remarks.append(f"the slow discharge ran at {kelvin - 273.15:.0f} degC: near 25 degC it shows the capacity")
    return SlowDischarge(charge_C, voltage_V, current_A, tuple(remarks))


def _with_lost_current(trace: CellTrace, rows: Rows, lines: Rows, remarks: list[str]) -> tuple[CellTrace, Rows]:
    """The trace, and the rows drawn from, with the current of rows where the logger lost it: their voltage went on falling."""
    current_A, lost = trace.current_A.copy(), list[int]()
    for before, after in pairwise(rows.tolist()):
        inside = np.arange(before + 1, after)
        if inside.size and np.all(trace.voltage_V[inside] <= trace.voltage_V[before]):
            current_A[inside] = 0.5 * (current_A[before] + current_A[after])
            lost += inside.tolist()
    if not lost:
        return trace, rows
    shown = ", ".join(str(lines[k]) for k in lost[:5]) + ("…" if len(lost) > 5 else "")
    remarks.append(f"rows {shown} hold no current while the voltage goes on falling: that of their neighbours is taken")
    return replace(trace, current_A=current_A), np.sort(np.concatenate([rows, np.array(lost, dtype=int)]))


def _without_pauses(trace: CellTrace, rows: Rows, lines: Rows, remarks: list[str]) -> Rows:
    """Rows of the discharge that are drawn from, without what a long rest parts from its beginning or end."""
    time_s = trace.time_s
    paused_s = time_s[rows[1:]] - time_s[rows[:-1]]
    parted = np.flatnonzero(np.diff(rows) > 1)
    whole_s = float(time_s[rows[-1]] - time_s[rows[0]])
    long = parted[paused_s[parted] > MOST_PAUSED_RATIO * whole_s]
    drawn = np.abs(trace.current_A[rows]) * np.diff(time_s, prepend=time_s[0])[rows]
    for cut in long:
        before = float(drawn[: cut + 1].sum()) / max(float(drawn.sum()), 1e-9)
        if before < NEGLIGIBLE_RATIO:
            remarks.append(f"rows {lines[rows[0]]} to {lines[rows[cut]]}, before a long rest, are not used")
            return _without_pauses(trace, rows[cut + 1 :], lines, remarks)
        if before > 1.0 - NEGLIGIBLE_RATIO:
            remarks.append(f"rows {lines[rows[cut + 1]]} to {lines[rows[-1]]}, after a long rest, are not used")
            return _without_pauses(trace, rows[: cut + 1], lines, remarks)
    total_s = float(np.sum(paused_s[parted]))
    if total_s > MOST_PAUSED_RATIO * whole_s:
        worst = int(parted[np.argmax(paused_s[parted])])
        what = text(
            "no current flows for {total:.3g} of its {whole:.3g} min",
            total=total_s / 60.0,
            whole=whole_s / 60.0,
        )
        where = f"{PLACE}, row {lines[rows[worst] + 1]}"
        raise InputError(Problem(what, where, text("give a discharge without rests, from full to empty")))
    if parted.size:
        left = ", ".join(str(lines[rows[k] + 1]) for k in parted[:5]) + ("…" if parted.size > 5 else "")
        remarks.append(f"rows without current are left out of the discharge: {left}")
    return rows


def _problems(charge_C: np.ndarray, voltage_V: np.ndarray, lines: Rows) -> list[Problem]:
    """Why the rows are no discharge: too few, equal times, or a voltage that rises."""
    still = np.flatnonzero(np.diff(charge_C) <= 0.0)
    if charge_C.size < FEWEST_ROWS or still.size:
        where = f"{PLACE}, row {lines[still[0] + 1]}" if still.size else PLACE
        what = text("its discharge has fewer than {fewest_rows} rows, or two at one time", fewest_rows=FEWEST_ROWS)
        return [Problem(what, where, text("record it row by row, each with its own time"))]
    if voltage_V[-1] >= voltage_V[0]:
        what = text(
            "the voltage rises from {voltage:.3f} to {voltage_2:.3f} V while the current counts as discharge",
            voltage=voltage_V[0],
            voltage_2=voltage_V[-1],
        )
        hint = text("is the sign of current_A reversed? Discharge is positive in these files: turn it")
        return [Problem(what, f"{PLACE}, rows {lines[0]} to {lines[-1]}", hint)]
    risen_V = voltage_V - np.minimum.accumulate(voltage_V)
    if float(risen_V.max()) > MOST_RISE_V:
        row = int(np.argmax(risen_V > MOST_RISE_V))
        what = text("the voltage rises by {value:.0f} mV within the discharge", value=1e3 * risen_V[row])
        return [
            Problem(what, f"{PLACE}, row {lines[row]}", text("mend the row, or give one discharge from full to empty"))
        ]
    return []
