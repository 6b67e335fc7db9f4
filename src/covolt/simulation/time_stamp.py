"""Times as loggers and spreadsheets write them: clocks, dates with clocks, and numbers of which the unit must be told."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from covolt.words import Phrase, text

__all__ = ["CLOCKS", "STAMP", "evened_s", "no_seconds", "since_first_s", "stamp_us"]

FloatArray = NDArray[np.float64]

STAMP = "stamp"
"""Unit of a column of clocks or dates, whatever its header says."""
CLOCKS = ("hh:mm:ss", "h:mm:ss", "hh:mm:ss.sss", "hh:mm:ss.fff", "mm:ss", "m:ss", "mm:ss.s", "hh:mm", "h:mm")
CLOCKS += ("iso", "iso 8601", "utc", "gmt", "local", "local time")
_TWO_PARTS = {"hh:mm": 60.0, "h:mm": 60.0, "mm:ss": 1.0, "m:ss": 1.0, "mm:ss.s": 1.0}
_CLOCK = re.compile(r"(\d{1,4}):([0-5]?\d)(?::([0-5]?\d(?:[.,]\d*)?)|([.,]\d+))?\s*([AaPp][Mm])?")
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})[ T]+(.+)")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
DAY_us = 86400e6

OTHER_UNITS_s = {"min": 60.0, "h": 3600.0, "days": 86400.0, "ms": 1e-3, "us": 1e-6}
FEWEST_ROWS = 10
LONGEST_s = 2.0 * 86400.0
SHORTEST_s = 150.0
"""As long as two days are in hours: a longer column is taken for what it says."""
FASTEST_STEP_s, SLOWEST_STEP_s = 0.05, 10.0
"""Of a logger of vehicle speeds, where the unit of its time is not told."""
EVEN, MOST_MOVED_RATIO = 2e-4, 0.1
MANTISSAS = (1.0, 2.0, 2.5, 4.0, 5.0, 10.0)


def stamp_us(text: str, unit: str) -> float | None:
    """Microseconds of a clock (of its day) or of a date with its clock; None where the text is neither.

    `h:mm:ss`, with fractions and am or pm; ISO 8601; `31.12.2025 h:mm:ss`. Two parts are read where the unit says which they
    are, or a fraction does. Whole microseconds, so that differences are exact.
    """
    plain = text.strip()
    clock = _CLOCK.fullmatch(plain)
    if clock:
        return _clock_us(clock, unit)
    date = _DATE.fullmatch(plain)
    if date:
        day, month, year, rest = date.groups()
        plain = f"{year}-{int(month):02d}-{int(day):02d}T{rest.zfill(8) if rest[1:2] == ':' else rest}"
    if not re.match(r"\d{4}[-/]\d", plain) or ":" not in plain:
        return None
    try:
        found = datetime.fromisoformat(plain.replace("/", "-", 2))
    except ValueError:
        return None
    known = found if found.tzinfo else found.replace(tzinfo=UTC)
    since = known - _EPOCH
    return float((since.days * 86400 + since.seconds) * 10**6 + since.microseconds)


def _clock_us(clock: re.Match[str], unit: str) -> float | None:
    first, second, third, fraction, noon = clock.groups()
    if third is None:
        each_s = 1.0 if fraction else _TWO_PARTS.get(unit)
        if each_s is None:
            return None
        seconds = (int(first) * 60.0 + int(second)) * each_s
        return round((seconds + float((fraction or "0").replace(",", "."))) * 1e6)
    hours = int(first)
    if noon:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if noon.lower() == "pm" else 0)
    return float(round((hours * 3600.0 + int(second) * 60.0 + float(third.replace(",", "."))) * 1e6))


def since_first_s(stamps_us: FloatArray) -> FloatArray:
    """Seconds since the first stamp; a clock that falls by more than half a day has passed midnight."""
    fallen = np.diff(stamps_us, prepend=stamps_us[:1]) < -0.5 * DAY_us
    clock = bool(stamps_us.size) and float(np.max(stamps_us)) < DAY_us
    days = np.cumsum(fallen) if clock else np.zeros(stamps_us.size)
    return (stamps_us + days * DAY_us - stamps_us[:1]) * 1e-6


def evened_s(time_s: FloatArray) -> FloatArray:
    """Times that were written in few digits, at the even steps that they mean; others as they are."""
    if time_s.size < 3 or not time_s[-1] > time_s[0]:
        return time_s
    step_s = float(time_s[-1] - time_s[0]) / (time_s.size - 1)
    digits = 5 - int(np.floor(np.log10(step_s)))
    rounded_s = round(step_s, digits - 2) if abs(round(step_s, digits - 2) / step_s - 1.0) < EVEN else step_s
    even_s = np.round(np.arange(time_s.size, dtype=np.float64) * rounded_s, 9)
    moved_s = float(np.max(np.abs(time_s - time_s[0] - even_s)))
    return even_s if moved_s < MOST_MOVED_RATIO * step_s else time_s


def no_seconds(time_s: FloatArray, header: str) -> tuple[str | Phrase, str | Phrase] | None:
    """Why numbers without a unit are no seconds, with a hint: no drive is logged so often, so seldom, or at such odd steps."""
    if time_s.size < FEWEST_ROWS or np.any(np.diff(time_s) < 0.0) or not time_s[-1] > time_s[0]:
        return None
    lasts_s = float(time_s[-1] - time_s[0])
    step_s = lasts_s / (time_s.size - 1)
    fitting = [
        name
        for name, factor in OTHER_UNITS_s.items()
        if _usual(factor * step_s)
        and FASTEST_STEP_s / 10.0 <= factor * step_s <= SLOWEST_STEP_s
        and factor * lasts_s <= LONGEST_s
    ]
    odd = not _usual(step_s) and lasts_s < SHORTEST_s and (bool(fitting) or step_s < FASTEST_STEP_s)
    if not odd and step_s <= SLOWEST_STEP_s:
        return None
    what = text(
        "column {header!r} names no unit, and as seconds it makes no drive: a row every {step:.3g} s, "
        "{lasts:.3g} s in all",
        header=header,
        step=step_s,
        lasts=lasts_s,
    )
    if fitting:
        return what, text(
            "head it {header} [{fitting}] if that is meant, or time_s if it is seconds",
            header=header,
            fitting=fitting[0],
        )
    return what, text(
        "head it {header} [min], [h] or [ms], whichever is meant, or time_s if it is seconds", header=header
    )


def _usual(step_s: float) -> bool:
    """Whether loggers are set to such a step: 1, 2, 2.5, 4 or 5 times a power of ten, within 0.5 %."""
    if step_s <= 0.0:
        return False
    mantissa = step_s / 10.0 ** np.floor(np.log10(step_s))
    return any(abs(mantissa / usual - 1.0) < 0.005 for usual in MANTISSAS)
