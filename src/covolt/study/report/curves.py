"""Curves of the report: those of its drive and of its procedures, each bound drawn only where it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, final

import numpy as np
from pydantic.dataclasses import dataclass

from covolt import units
from covolt.programme.documents import Programme
from covolt.simulation.chart import Bound, Chart, Line, thinned, time_read
from covolt.simulation.trace import Trace
from covolt.study.procedures.curve import Curve
from covolt.study.procedures.track import axle_said
from covolt.study.result import RESULT, Number, Said, Series
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, Words, in_each, text

__all__ = ["BoundDrawn", "CurveDrawn", "chart_of", "curves_of", "drive_curves"]

MOST_POINTS = 400


@final
@dataclass(frozen=True, config=RESULT)
class BoundDrawn:
    """The bound of a requirement on what a curve shows, from `begin` to `end` on its axis, and what was reached."""

    requirement: str
    sign: str
    value: Number
    begin: Number
    end: Number
    reached: Number | None


@final
@dataclass(frozen=True, config=RESULT)
class CurveDrawn:
    """Lines over one axis, in the printed units: of a procedure, with the requirements that stand on it, or of the drive."""

    procedure: str
    requirements: tuple[str, ...]
    bounds: tuple[BoundDrawn, ...]
    title: Said
    x_title: Said
    x_unit: str
    y_title: Said
    y_unit: str
    x: Series
    y: Mapping[str, Series]
    y_titles: Mapping[str, Said]


def drive_curves(trace: Trace) -> tuple[CurveDrawn, ...]:
    """What the drive of the report shows over its time."""
    time: Any = text("Time")

    def curve(title: Any, unit: str, lines: Mapping[Phrase, np.ndarray]) -> CurveDrawn:
        kept = thinned(list(lines.values()), MOST_POINTS)
        values = {str(name): _rounded(line[kept]) for name, line in lines.items()}
        titles: Any = {str(name): name for name in lines}
        return CurveDrawn("", (), (), Words(), time, "s", title, unit, _rounded(trace.time_s[kept], 6), values, titles)

    return (
        curve(text("Speed", context="of travel"), "km/h", {text("speed"): trace["speed_m_per_s"] * 3.6}),
        curve(text("Battery power"), "kW", {text("battery"): -trace["battery_power_W"] / 1e3}),
        curve(
            text("Temperature"),
            "degC",
            {text("battery"): trace["battery_temperature_K"] - 273.15, **_windings(trace)},
        ),
        curve(text("State of charge"), "%", {text("charge"): trace["state_of_charge"] * 100.0}),
    )


def curves_of(programme: Programme, verification: Verification, private: Set[str]) -> tuple[CurveDrawn, ...]:
    """Each curve once, with the requirements that stand on it and the bounds that they set on what it shows."""
    found: dict[str, CurveDrawn] = {}
    verdicts = {one.requirement: one for one in verification.verdicts}
    for requirement, record in verification.records.items():
        sign = "≥" if programme.requirements[requirement].at_least is not None else "≤"
        for curve in record.curves if requirement not in private else ():
            alike = [other for other in record.curves if np.array_equal(other.x, curve.x)]
            drawn = _drawn(curve, record.procedure, max(_end(other) for other in alike))
            same = f"{drawn.title!r}{drawn.x[:3]}{[values[:3] for values in drawn.y.values()]}"
            known = found.get(same, drawn)
            bounds = (*known.bounds, *_bounds(curve, verdicts[requirement], sign))
            found[same] = replace(known, requirements=(*known.requirements, requirement), bounds=bounds)
    return tuple(found.values())


def chart_of(curve: CurveDrawn) -> Chart:
    """A curve as it is drawn; those of one procedure over the same time share cursor and zoom."""
    is_time = curve.x_unit == "s"
    x, unit = time_read(curve.x) if is_time else (curve.x, curve.x_unit)
    last = float(x[-1]) if len(x) else 0.0
    factor = last / float(curve.x[-1]) if last else 1.0
    first = next(iter(curve.y))
    told = curve.y_title or len(curve.y) > 1 or str(curve.title).endswith(first)
    bounds = [
        Bound(one.requirement, one.value, begin, end, one.sign == "≥", one.reached)
        for one in curve.bounds
        for begin, end in [(min(one.begin * factor, last), min(one.end * factor, last))]
    ]
    return Chart(
        title=curve.title,
        x_title=curve.x_title,
        x_unit=printed_unit(unit),
        x=x,
        y_title=curve.y_title if told else _name(curve, first, capital=True),
        y_unit=printed_unit(curve.y_unit),
        lines=[Line(_name(curve, name), values) for name, values in curve.y.items()],
        bounds=bounds,
        group=" ".join((curve.procedure or "drive", *curve.requirements)) if is_time else "",
    )


def _name(curve: CurveDrawn, key: str, *, capital: bool = False) -> Phrase:
    """The name of a line."""
    name = curve.y_titles.get(key, Words(key))
    return in_each(lambda language: f"{name.said(language)[:1].upper()}{name.said(language)[1:]}") if capital else name


def _windings(trace: Trace) -> dict[Phrase, np.ndarray]:
    """Winding temperature in degC, of two axles that of each."""
    ending = "_winding_temperature_K"
    axles = [name.removesuffix(ending) for name in trace.names if name.endswith(ending)]
    return {
        text("winding") if len(axles) == 1 else text("winding, {axle}", axle=axle_said(axle)): trace[axle + ending]
        - 273.15
        for axle in axles
    }


def _rounded(values: np.ndarray, digits: int = 5) -> np.ndarray:
    return np.array([float(f"{value:.{digits}g}") for value in values])


def _bounds(curve: Curve, verdict: Verdict, sign: str) -> Iterator[BoundDrawn]:
    """The bound of a requirement in the unit of a curve, where it holds on it."""
    held = curve.holds.get(verdict.measure)
    if held is None or verdict.bound is None:
        return
    if verdict.unit not in units.UNITS or curve.y_unit not in units.UNITS:
        return
    own, drawn = units.unit(verdict.unit), units.unit(curve.y_unit)
    if own.si != drawn.si:
        return

    def shown(value: float | None) -> float | None:
        return None if value is None else float(f"{drawn.from_si(own.to_si(value)):.6g}")

    bound = shown(verdict.bound)
    if bound is not None:
        yield BoundDrawn(verdict.requirement, sign, bound, *held, shown(verdict.value))


def _drawn(curve: Curve, procedure: str, end: int) -> CurveDrawn:
    lines: Sequence[np.ndarray] = [np.asarray(values)[:end] for values in curve.y.values()]
    kept = thinned(lines, MOST_POINTS)
    return CurveDrawn(
        procedure=procedure,
        requirements=(),
        bounds=(),
        title=curve.title,
        x_title=curve.x_title,
        x_unit=curve.x_unit,
        y_title=Words(),
        y_unit=curve.y_unit,
        x=_rounded(np.asarray(curve.x)[kept], 6),
        y={name: _rounded(line[kept]) for name, line in zip(curve.y, lines, strict=True)},
        y_titles=curve.y_titles,
    )


def _end(curve: Curve) -> int:
    """Number of points up to a little behind the last at which a curve over time still changes."""
    count = len(curve.x)
    if curve.x_unit != "s" or count == 0:
        return count
    still = [np.isclose(values, values[-1], rtol=1e-3, atol=1e-9) for values in map(np.asarray, curve.y.values())]
    moving = np.flatnonzero(~np.all(still, axis=0))
    return count if moving.size == 0 else min(count, int(1.05 * moving[-1]) + 2)
