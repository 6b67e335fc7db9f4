"""Cycles in files: a table (CSV, .xlsx, .mat) whose header names what each column is and in which unit.

Every problem of a file is found and raised at once, each with its line. Nothing is guessed: a speed without a unit is
refused.
"""

from __future__ import annotations

import csv
import io
import math
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from covolt.errors import CycleError, Problem
from covolt.files import write_whole
from covolt.simulation.column_file import ELEVATION, GRADE, SPEED, TIME, read_columns
from covolt.simulation.cycle import Cycle, FloatArray
from covolt.simulation.findings import Findings
from covolt.simulation.logged_speed import GAP_OVER_MEDIAN_STEP, MOST_SMOOTHED_RATIO, changed, smoothed, unlogged
from covolt.simulation.time_stamp import STAMP, no_seconds
from covolt.words import Phrase, text

Mask = NDArray[np.bool_]

HIGHEST_SPEED_m_per_s = 400.0 / 3.6
HIGHEST_JUMP_m_per_s2 = 12.0
SMALLEST_JUMP_m_per_s = 1.0
"""Smaller changes are the resolution of a fast logger, not jumps: 1 km/h within 0.01 s is 28 m/s2."""
STEEPEST_GRADE_fraction = 0.5
SLIGHTLY_BACKWARDS_m_per_s = 0.5 / 3.6
"""A receiver or a sensor says so much of a vehicle that stands (estimate); what is more has another sign, or goes back."""
LONGEST_s = 2.0 * 86400.0
"""Driven in steps of a tenth of a second this still fits into the memory of a small computer."""
LONGEST_BRIDGED_s, STANDING_m_per_s = 60.0, 0.5
"""An estimate: within a minute a driver may have stopped and started again, which no straight line tells. A stand may be long."""
ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".mat")
"""How the names of files end that are read."""
EPOCH_s = 1e6
GRADE_WINDOW_m = 100.0
"""Elevation is turned into grade over this length of road, since recorded elevation steps by a metre or so."""


def read_csv(
    path: str | Path, *, bridge_gaps: bool = False, smooth_s: float | None = None, every_s: float | None = None
) -> Cycle:
    """A cycle from a CSV file, a workbook (.xlsx) or a MATLAB file (.mat), its time counted from the first row on.

    Columns: time and speed, and at most one of grade and elevation, recognised by name and unit; others are left alone.
    Separator comma, semicolon or tab; with the latter two a decimal comma is read too. Lines that are empty or start
    with # are skipped. Elevation becomes grade as the mean slope over 100 m of road around each point. Times may be
    clocks or dates. The steps and the noise of a logger are taken out of the speed; `remarks` of the cycle and a warning say so.

    Args:
        path: the file.
        bridge_gaps: missing rows become straight lines of speed, within a minute or while standing; else they are refused.
        smooth_s: take out what changes faster, instead of what a logger adds; 0 leaves every value as it is.
        every_s: step at which the result is read.
    """
    read = read_columns(path, (TIME, SPEED, GRADE, ELEVATION))
    values, lines, findings = read.values, read.lines, read.findings
    standing = _stood(values)
    with np.errstate(all="ignore"):
        _check(values, lines, read.adjacent, findings, bridge_gaps=bridge_gaps)
        header, unit = read.units.get("time", ("", STAMP))
        if "time" in values and unit == "" and (odd := no_seconds(values["time"], header)):
            findings.add(text("unit"), *odd, read.header_line)
    findings.raise_if_any()
    first_s = values["time"][0]
    time_s = values["time"] - first_s
    if first_s > EPOCH_s:  # so far from zero, a tenth of a second is not held exactly
        time_s = np.round(time_s, 6)
    speed, told = _smoothed(time_s, values["speed"], smooth_s, str(path))
    remarks = [read.passed_over, standing, _bridged(time_s, values["speed"]) if bridge_gaps else "", told]
    grade = values.get("grade")
    if "elevation" in values:
        grade = _grade_of_road(time_s, speed, values["elevation"])
        _check_grade(grade, lines, findings, text("the elevation rises or falls by"))
        findings.raise_if_any()
    name = Path(path).stem
    cycle = Cycle(name, name, time_s, speed, grade, source=str(path))
    if every_s is not None:
        before, cycle = cycle, cycle.resampled(every_s)
        apart = changed((before.time_s, before.speed_m_per_s), (cycle.time_s, cycle.speed_m_per_s))
        remarks.append(f"The speed is read every {every_s:g} s ({apart}).")
    if remarks := [one for one in remarks if one]:
        warnings.warn(f"{path}: {' '.join(remarks)}", stacklevel=2)
    return replace(cycle, remarks=tuple(remarks))


def _stood(values: dict[str, FloatArray]) -> str:
    """Takes speeds slightly below zero as standing, and says of how many; empty where there are none."""
    speed = values.get("speed", np.zeros(0))
    slight = (speed < 0.0) & (speed > -SLIGHTLY_BACKWARDS_m_per_s)
    if not slight.any():
        return ""
    lowest_km_per_h, count = 3.6 * float(speed[slight].min()), int(np.count_nonzero(slight))
    values["speed"] = np.where(slight, 0.0, speed)
    many = (
        f"{count} speeds below zero, down to {lowest_km_per_h:.2g} km/h, are"
        if count > 1
        else f"A speed of {lowest_km_per_h:.2g} km/h is"
    )
    return f"{many} taken as standing."


def _smoothed(time_s: FloatArray, logged: FloatArray, smooth_s: float | None, where: str) -> tuple[FloatArray, str]:
    """Speeds as asked for, and what was done to them."""
    if smooth_s is None:
        return unlogged(time_s, logged)
    lasts_s, dt_s = float(time_s[-1] - time_s[0]), float(np.median(np.diff(time_s)))
    if smooth_s == 0.0:
        return logged, ""
    if not 2.0 * dt_s < smooth_s < MOST_SMOOTHED_RATIO * lasts_s:
        what = text(
            "{smooth:g} s is no length to smooth over: rows come every {dt_s:.3g} s for {lasts:.6g} s",
            smooth=smooth_s,
            dt_s=dt_s,
            lasts=lasts_s,
        )
        hint = text(
            "give more than {value:.3g} s and less than {most_smoothed_ratio:.6g} s",
            value=2.0 * dt_s,
            most_smoothed_ratio=MOST_SMOOTHED_RATIO * lasts_s,
        )
        if 2.0 * dt_s >= MOST_SMOOTHED_RATIO * lasts_s:
            hint = text("leave it out: so few rows are driven as they stand")
        raise CycleError(Problem(what, where, hint))
    return smoothed(time_s, logged, smooth_s)


def _bridged(time_s: FloatArray, speed: FloatArray) -> str:
    """A sentence on the gaps that straight lines fill; empty where there are none."""
    step_s, mean = np.diff(time_s), 0.5 * (speed[1:] + speed[:-1])
    gaps = step_s > GAP_OVER_MEDIAN_STEP * float(np.median(step_s))
    if not gaps.any():
        return ""
    longest, part_m, whole_m = int(np.argmax(step_s)), float((step_s * mean)[gaps].sum()), float((step_s * mean).sum())
    told = (
        f"Straight lines of speed bridge {np.count_nonzero(gaps)} gaps"
        if gaps.sum() > 1
        else "A straight line bridges a gap"
    )
    told += f" of {step_s[gaps].sum():.4g} s in all, the longest of {step_s[longest]:.4g} s from {time_s[longest]:.10g} s on"
    return f"{told}: {part_m / 1e3:.3g} of {whole_m / 1e3:.4g} km are a guess."


def write_csv(cycle: Cycle, path: str | Path) -> None:
    """A cycle as CSV in SI units with all digits: read again, it has the same speeds; phases are not kept."""
    columns = {"time_s": cycle.time_s, "speed_m_per_s": cycle.speed_m_per_s}
    if cycle.grade_fraction is not None:
        columns["grade_fraction"] = cycle.grade_fraction
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))
    write_whole(path, text.getvalue())


def _check(
    values: dict[str, FloatArray], lines: list[int], adjacent: Mask, findings: Findings, *, bridge_gaps: bool
) -> None:
    """Notes everything that no vehicle could be asked to drive; steps across a row left out are not judged."""
    if "time" in values:
        speed = values.get("speed") if bridge_gaps else None
        _check_time(values["time"], speed, lines, adjacent, findings)
    if "speed" in values:
        _check_speed(values["speed"], lines, findings)
    if "time" in values and "speed" in values:
        _check_jumps(values["time"], values["speed"], lines, adjacent, findings)
    if "grade" in values:
        _check_grade(values["grade"], lines, findings, text("the grade is"))


def _check_time(
    time_s: FloatArray, bridging: FloatArray | None, lines: list[int], adjacent: Mask, findings: Findings
) -> None:
    """Notes times that do not rise, and gaps but for those that the speeds `bridging` them let straight lines fill."""
    for k in np.flatnonzero(time_s < 0.0):
        findings.add(
            text("negative time"),
            text("the time {time:g} s is negative", time=time_s[k]),
            text("count time from zero"),
            lines[k],
        )
    if time_s.size and time_s[-1] - time_s[0] > LONGEST_s:
        what = text(
            "the cycle lasts {time:.4g} h, more than {longest:.0f} h",
            time=(time_s[-1] - time_s[0]) / 3600.0,
            longest=LONGEST_s / 3600.0,
        )
        findings.add(
            text("duration"), what, text("is the unit of time right? Cut a long recording into trips"), lines[-1]
        )
    step_s = np.diff(time_s)
    rising = step_s[adjacent & (step_s > 0.0)]
    median_s = float(np.median(rising)) if rising.size else math.inf
    for k in np.flatnonzero(adjacent & ((step_s <= 0.0) | (step_s > GAP_OVER_MEDIAN_STEP * median_s))):
        before, after, line = time_s[k], time_s[k + 1], lines[k + 1]
        if step_s[k] == 0.0:
            findings.add(
                text("repeated time"),
                text("the time {after:.10g} s is repeated", after=after),
                text("keep one row for each time"),
                line,
            )
        elif step_s[k] < 0.0:
            what = text("time goes back from {before:.10g} s to {after:.10g} s", before=before, after=after)
            findings.add(
                text("time going backwards"), what, text("sort the rows by time, or cut the recording there"), line
            )
        elif bridging is None or not _may_bridge(step_s[k], bridging[k : k + 2]):
            what = text(
                "a gap of {step:.4g} s from {before:.10g} s to {after:.10g} s, where rows come every {median:g} s",
                step=step_s[k],
                before=before,
                after=after,
                median=median_s,
            )
            bridge = text("bridge the gaps by straight lines (--bridge-gaps, bridge_gaps=True)")
            hint = bridge if bridging is None and _may_bridge(step_s[k]) else text("fill the rows in")
            findings.add(text("gap"), what, text("{hint}, or cut the recording into two cycles there", hint=hint), line)


def _may_bridge(gap_s: float, ends_m_per_s: FloatArray | None = None) -> bool:
    return gap_s <= LONGEST_BRIDGED_s or (ends_m_per_s is not None and bool(np.all(ends_m_per_s < STANDING_m_per_s)))


def _check_speed(speed: FloatArray, lines: list[int], findings: Findings) -> None:
    for k in np.flatnonzero(speed < 0.0):
        what = text("the speed {speed:g} km/h is negative", speed=speed[k] * 3.6)
        findings.add(text("negative speed"), what, text("give zero or more; a cycle is driven forwards"), lines[k])
    for k in np.flatnonzero(speed > HIGHEST_SPEED_m_per_s):
        what = text(
            "the speed {speed:.0f} km/h is above {highest_speed:.0f} km/h",
            speed=speed[k] * 3.6,
            highest_speed=HIGHEST_SPEED_m_per_s * 3.6,
        )
        findings.add(text("speed too high"), what, text("is the unit right? Mend the header or the values"), lines[k])


def _check_jumps(time_s: FloatArray, speed: FloatArray, lines: list[int], adjacent: Mask, findings: Findings) -> None:
    step_s = np.diff(time_s)
    change = np.diff(speed)
    jump = np.where(adjacent & (step_s > 0.0) & (np.abs(change) > SMALLEST_JUMP_m_per_s), change / step_s, 0.0)
    for k in np.flatnonzero(np.abs(jump) > HIGHEST_JUMP_m_per_s2):
        what = text(
            "the speed jumps from {speed:.1f} to {speed_2:.1f} km/h within {step:g} s ({jump:.0f} m/s2, "
            "no road vehicle does more than {most:.0f})",
            speed=speed[k] * 3.6,
            speed_2=speed[k + 1] * 3.6,
            step=step_s[k],
            jump=abs(jump[k]),
            most=HIGHEST_JUMP_m_per_s2,
        )
        findings.add(text("jump in speed"), what, text("mend the outlier, or the unit of speed or time"), lines[k + 1])


def _check_grade(grade: FloatArray, lines: list[int], findings: Findings, what: str | Phrase) -> None:
    for k in np.flatnonzero(np.abs(grade) > STEEPEST_GRADE_fraction):
        steep = text(
            "{what} {grade:.0f} %, no road is steeper than {steepest:.0f} %",
            what=what,
            grade=abs(grade[k]) * 100,
            steepest=STEEPEST_GRADE_fraction * 100,
        )
        findings.add(text("grade too steep"), steep, text("is the unit right? Mend the header or the values"), lines[k])


def _grade_of_road(time_s: FloatArray, speed: FloatArray, elevation_m: FloatArray) -> FloatArray:
    """Rise over run from elevation: s = (z(x + w/2) - z(x - w/2)) / w along the road, grade = s / sqrt(1 - s^2)."""
    step_m = 0.5 * (speed[1:] + speed[:-1]) * np.diff(time_s)
    road_m = np.concatenate([[0.0], np.cumsum(step_m)])
    places_m, place, count = np.unique(road_m, return_inverse=True, return_counts=True)
    height_m = np.bincount(place, weights=elevation_m) / count
    ahead_m = np.minimum(road_m + 0.5 * GRADE_WINDOW_m, road_m[-1])
    behind_m = np.maximum(road_m - 0.5 * GRADE_WINDOW_m, 0.0)
    rise_m = np.interp(ahead_m, places_m, height_m) - np.interp(behind_m, places_m, height_m)
    run_m = ahead_m - behind_m
    along = np.divide(rise_m, run_m, out=np.zeros_like(rise_m), where=run_m > 1.0)
    along = np.clip(along, -0.99, 0.99)
    return along / np.sqrt(1.0 - along**2)
