"""Drawings of what was computed over one or two axes: a line, or a grid of coloured values; SVG and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from covolt import units
from covolt.digits import number_text
from covolt.display import Drawing, printed
from covolt.errors import CovoltError, InputError, Problem
from covolt.legible import shown
from covolt.simulation.quantities import DRIVE
from covolt.words import text

if TYPE_CHECKING:
    import xarray

__all__ = ["plot", "round_values"]

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 720.0, 420.0, 110.0, 44.0, 56.0, 24.0
LIGHT, DARK = (232, 241, 250), (8, 64, 129)
"""Colours of the least and of the greatest value: one hue by its lightness, told apart by every eye and on paper."""
INK = "#3b82c4"
"""Of lines: seen on white and on black."""
MOST_MARKS = 12
"""Values of an axis that are written beside it."""
MOST_NUMBERS = 14
"""Columns of a grid whose cells have room for their numbers."""


class _Axis(NamedTuple):
    title: str
    texts: list[str]
    values: np.ndarray | None
    """Numbers in the unit of the axis; None of words."""


def plot(data: xarray.DataArray, title: str = "") -> Drawing:
    """Draw a number over one axis as a line, over two as a grid: the first axis upwards, the second to the right.

    `data` has shape (n,) or (m, n), float64; numbers with `units` in SI are shown in the unit in which engineers say them. What
    is not a number stays empty.

    Raises:
        InputError: more than two axes, or none; `data.sel(cycle="udds")` takes one away.
    """
    if not hasattr(data, "dtype") or not hasattr(data, "dims"):
        names = ", ".join(DRIVE)
        what = text("a {name} is not one number over axes", name=type(data).__name__)
        raise InputError(
            Problem(
                what, "plot", text("give one of its numbers, such as data.range_m; of a sweep: {names}", names=names)
            )
        )
    data = data.squeeze()
    if data.ndim not in {1, 2} or not np.issubdtype(data.dtype, np.number):
        what = text(
            "'{data}' has {ndim} axes of {dtype}, {sizes}",
            data=str(data.name),
            ndim=data.ndim,
            dtype=str(data.dtype),
            sizes=str(dict(data.sizes)),
        )
        raise InputError(
            Problem(what, "plot", text("give numbers over one or two axes, such as data.range_m.sel(cycle='udds')"))
        )
    unit = _unit_of(str(data.name), data.attrs.get("units", ""))
    values = _in_unit(np.asarray(data.values, dtype=float), unit)
    axes = [_axis(data[name]) for name in data.dims]
    fixed = [
        f"{one.title} {one.texts[0]}" for name in data.coords if not data[name].ndim for one in [_axis(data[name])]
    ]
    called = title or "; ".join([_titled(str(data.attrs.get("long_name", data.name or "value")), unit), *fixed])
    if not np.isfinite(values).any():
        raise InputError(
            Problem(text("no value of '{data}' is a number", data=str(data.name)), "plot", text("see why: data.reason"))
        )
    body = _line(axes[0], values) if data.ndim == 1 else _grid(axes[0], axes[1], values)
    heading = _text(LEFT, 22.0, called, 'font-size="15" font-weight="bold"')
    frame = f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}" style="max-width:{WIDTH:g}px;width:100%;height:auto"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {frame} role="img" aria-label="{_safe(called)}"'
    return Drawing(called, f'{head} font-family="sans-serif" font-size="12" fill="currentColor">{heading}{body}</svg>')


def round_values(low: float, high: float) -> list[float]:
    """Three to six round values that span both."""
    span = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-6)
    rough = span / 4.0
    decade = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * decade for factor in (1.0, 2.0, 5.0, 10.0) if factor * decade >= rough * (1.0 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * count for count in range(first, max(last, first + 1) + 1)]


def _unit_of(name: str, si: str) -> str:
    """The unit in which a number is shown; empty where covolt knows none."""
    if name in DRIVE:
        return DRIVE[name][1]
    try:
        return "1" if si == "1" else units.customary(units.unit(si).name) if si else ""
    except CovoltError:
        return ""


def _in_unit(values: np.ndarray, unit: str) -> np.ndarray:
    return units.unit(unit).from_si(values) if unit else values  # pyright: ignore[reportReturnType, reportArgumentType]


def _titled(name: str, unit: str) -> str:
    return f"{name}, {printed(unit)}" if printed(unit) else name


def _axis(coordinate: xarray.DataArray) -> _Axis:
    name, values = str(coordinate.name).replace("_", " "), np.atleast_1d(coordinate.values)
    if not np.issubdtype(coordinate.dtype, np.number) or coordinate.dtype == bool:
        return _Axis(name, [str(one) for one in values], None)
    unit = _unit_of("", coordinate.attrs.get("units", ""))
    places = _in_unit(np.asarray(values, dtype=float), unit)
    return _Axis(_titled(name, unit), [number_text(float(one), 4, grouped=False) for one in places], places)


def _line(axis: _Axis, values: np.ndarray) -> str:
    good = np.isfinite(values)
    marks = round_values(float(values[good].min()), float(values[good].max()))
    base, top = HEIGHT - BOTTOM, TOP
    places = np.arange(len(values), dtype=float) if axis.values is None else axis.values
    x = _spread(places, LEFT + 20.0, WIDTH - RIGHT - 20.0)
    y = base - (values - marks[0]) / (marks[-1] - marks[0]) * (base - top)
    made = "".join(
        f'<line x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{place:.1f}" y2="{place:.1f}" stroke="currentColor" opacity="0.2"/>'
        + _text(LEFT - 8.0, place + 4.0, number_text(mark, 4, grouped=False), 'text-anchor="end"')
        for mark, place in ((mark, base - (mark - marks[0]) / (marks[-1] - marks[0]) * (base - top)) for mark in marks)
    )
    order = np.argsort(x)
    runs = np.split(order, np.flatnonzero(~good[order])) if axis.values is not None else []
    for run in runs:  # a value that is none breaks the line
        points = " ".join(f"{x[at]:.1f},{y[at]:.1f}" for at in run if good[at])
        made += f'<polyline points="{points}" fill="none" stroke="{INK}" stroke-width="2"/>'
    for at in np.flatnonzero(good):
        told = f"{axis.texts[at]}: {number_text(float(values[at]), 4, grouped=False)}"
        dot = f'<circle cx="{x[at]:.1f}" cy="{y[at]:.1f}" r="4" fill="{INK}"><title>{_safe(told)}</title></circle>'
        made += dot
    return made + _below(axis, x.tolist())


def _grid(rows: _Axis, columns: _Axis, values: np.ndarray) -> str:
    good = np.isfinite(values)
    low, high = float(values[good].min()), float(values[good].max())
    wide, tall = (WIDTH - LEFT - RIGHT) / values.shape[1], (HEIGHT - TOP - BOTTOM) / values.shape[0]
    made = ""
    for (row, column), value in np.ndenumerate(values):
        x, y = LEFT + column * wide, HEIGHT - BOTTOM - (row + 1) * tall
        share = 0.5 if high == low else (float(value) - low) / (high - low)
        number = number_text(float(value), 4, grouped=False) if good[row, column] else "none"
        colour = (
            tuple(round(a + share * (b - a)) for a, b in zip(LIGHT, DARK, strict=True)) if good[row, column] else "none"
        )
        told = f"{rows.title} {rows.texts[row]}, {columns.title} {columns.texts[column]}: {number}"
        fill = "none" if colour == "none" else f"rgb{colour}"
        box = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{fill}" stroke="currentColor"'
        made += f'<rect {box} stroke-opacity="0.3"><title>{_safe(told)}</title></rect>'
        if values.shape[1] <= MOST_NUMBERS:
            ink = "currentColor" if fill == "none" else "#fff" if share > 0.5 else "#000"
            place = f'text-anchor="middle" pointer-events="none" style="fill:{ink}"'
            made += _text(x + wide / 2.0, y + tall / 2.0 + 4.0, number, place)
    kept = _kept(len(rows.texts))
    for row in kept:
        made += _text(LEFT - 8.0, HEIGHT - BOTTOM - (row + 0.5) * tall + 4.0, rows.texts[row], 'text-anchor="end"')
    middle = TOP + (HEIGHT - TOP - BOTTOM) / 2.0
    made += _text(20.0, middle, rows.title, f'text-anchor="middle" transform="rotate(-90 20 {middle:g})"')
    return made + _below(columns, [LEFT + (column + 0.5) * wide for column in range(values.shape[1])])


def _below(axis: _Axis, places: Sequence[float]) -> str:
    kept = [
        _text(places[at], HEIGHT - BOTTOM + 18.0, axis.texts[at], 'text-anchor="middle"') for at in _kept(len(places))
    ]
    return "".join(kept) + _text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14.0, axis.title, 'text-anchor="middle"')


def _kept(count: int) -> range:
    """Which of many values of an axis are written beside it."""
    return range(0, count, math.ceil(count / MOST_MARKS))


def _spread(values: np.ndarray, low: float, high: float) -> np.ndarray:
    span = float(values.max() - values.min())
    return (
        np.full(values.shape, (low + high) / 2.0)
        if span == 0.0
        else low + (values - values.min()) / span * (high - low)
    )


def _safe(text: str) -> str:
    return escape(shown(text, breaks=True))


def _text(x: float, y: float, text: str, attributes: Any = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{_safe(text)}</text>'
