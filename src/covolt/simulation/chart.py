"""Charts for people: lines over one axis as HTML and SVG that need no script, with the table and the CSV behind them.

The lines are an SVG stretched over a frame; every text stands beside it as HTML, so that it keeps its size at any width, on a
phone and on paper. `library/chart/chart.js` adds cursor, zoom and reading.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import pairwise
from typing import final
from urllib.parse import quote

import numpy as np

from covolt.catalogues import Language
from covolt.digits import number_text
from covolt.simulation.chart_colours import DASHES, colours_of
from covolt.simulation.drawing import round_values
from covolt.words import Phrase, joined, text

__all__ = ["Bound", "Chart", "Line", "chart_files", "drawn", "spoken", "spread", "thinned", "time_read"]

Place = float
"""In the unit of its axis."""
Pixels = float
HEIGHT, LABEL, LETTER, WIDEST = 190, 15, 6.4, 170
"""Of a frame, of a label at the end of a line, of one letter in it, and of the room for labels, in CSS pixels."""
MOST_ROWS = 16
"""Of the table behind a chart, besides the extremes; the CSV has all that is drawn."""
SAME = 2e-3
"""Share of the highest value within which two lines cannot be told apart."""
MINUTES_FROM_s, HOURS_FROM_s = 300.0, 10800.0


@final
@dataclass(frozen=True)
class Line:
    """One line of a chart; a `faint` one stands broad behind the others, as what was asked for."""

    name: Phrase
    values: np.ndarray
    faint: bool = False


@final
@dataclass(frozen=True)
class Bound:
    """A bound where it holds: from `begin` to `end`, at one point where these are equal; `reached` is what is held against it."""

    label: str
    value: float
    begin: Place
    end: Place
    is_least: bool = True
    reached: Place | None = None


@final
@dataclass(frozen=True)
class Chart:
    """Lines of one quantity over another. Charts of one `group` share their zoom and their cursor."""

    title: Phrase
    x_title: Phrase
    x_unit: Phrase
    x: np.ndarray
    y_title: Phrase
    y_unit: Phrase
    lines: Sequence[Line]
    bounds: Sequence[Bound] = ()
    group: str = ""


@final
@dataclass(frozen=True)
class _Scale:
    """From values to percent of the frame."""

    begin: Place
    end: Place
    marks: Sequence[float]

    def across(self, x: float) -> float:
        return 100.0 * (x - self.begin) / (self.end - self.begin)

    def down(self, y: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        return 100.0 * (high - y) / (high - low)


def chart_files() -> tuple[str, str]:
    """Style and script of charts; a page needs them once."""
    folder = files("covolt") / "library" / "chart"
    return (folder / "chart.css").read_text(encoding="utf-8"), (folder / "chart.js").read_text(encoding="utf-8")


def spoken(phrase: Phrase, languages: Sequence[Language]) -> str:
    """A phrase in each language; the style shows one of them."""
    return _each([phrase.said(language) for language in languages], languages)


def time_read(time_s: np.ndarray) -> tuple[np.ndarray, str]:
    """A time axis as people read it: seconds, minutes or hours by its length."""
    length_s = float(time_s[-1] - time_s[0]) if len(time_s) else 0.0
    if length_s >= HOURS_FROM_s:
        return time_s / 3600.0, "h"
    return (time_s / 60.0, "min") if length_s >= MINUTES_FROM_s else (time_s, "s")


def thinned(series: Sequence[np.ndarray], most: int) -> np.ndarray:
    """Indices of about `most` points, among them the extremes of every stretch of each line: no peak is lost."""
    size = len(series[0]) if series else 0
    if size <= most:
        return np.arange(size)
    edges = np.linspace(0, size, max(2, most // (2 * len(series)))).astype(int)
    kept = {0, size - 1}
    for values in series:
        least, most_of = np.nan_to_num(values, nan=np.inf), np.nan_to_num(values, nan=-np.inf)
        kept |= {*_first_least(least, edges), *_first_least(-most_of, edges)}
    return np.array(sorted(kept))


def _first_least(values: np.ndarray, edge_index: np.ndarray) -> list[int]:
    """Of each stretch between edges the place of its least value, the first where there are several."""
    least = np.repeat(np.minimum.reduceat(values, edge_index[:-1]), np.diff(edge_index))
    places = np.flatnonzero(values == least)
    return places[np.searchsorted(places, edge_index[:-1])].tolist()


def drawn(charts: Sequence[Chart], languages: Sequence[Language]) -> list[str]:
    """The charts of a page. Those of one group have axes of one width, one above the other."""
    rooms = {
        chart.group: max(_room(other, languages) for other in charts if other.group == chart.group) for chart in charts
    }
    return [
        _drawn(chart, number, rooms[chart.group] if chart.group else _room(chart, languages), languages)
        for number, chart in enumerate(charts)
    ]


def _drawn(chart: Chart, number: int, room: int, languages: Sequence[Language]) -> str:
    scale = _scale(chart)
    named = f"chart-{number}"
    unit = spoken(chart.y_unit, languages)
    title = f"<b>{spoken(chart.title, languages)}</b>" if chart.title else ""
    axis = spoken(chart.y_title, languages)
    ends = _ends(chart, scale, languages)
    return (
        f'<figure class="chart" data-group="{escape(chart.group or named)}">'
        f'<figcaption id="{named}">{title}{" " if title and axis else ""}<span class="axis">{axis}{", " if unit else ""}'
        f'<span class="unit">{unit}</span></span></figcaption>'
        f'<div class="plot" style="--ends:{room}px"><div class="frame" role="img" aria-labelledby="{named}" '
        f'aria-describedby="{named}-told" data-begin="{scale.begin:.7g}" data-end="{scale.end:.7g}" '
        f'data-low="{scale.marks[0]:.7g}" data-high="{scale.marks[-1]:.7g}">'
        f"{_rules(scale, languages)}{_lines(chart, scale)}{_bounds(chart, scale, languages)}</div>{ends}"
        f'<div class="x">{_x_marks(scale, languages)}</div></div>'
        f'<div class="x-title">{spoken(chart.x_title, languages)}, <span class="x-unit">{spoken(chart.x_unit, languages)}'
        f"</span></div>{_same(chart, languages)}"
        f'<p class="told" id="{named}-told">{spoken(_told(chart), languages)}</p>'
        f'<details class="data"><summary>{spoken(text("Table and CSV"), languages)}</summary>'
        f'<p><a download="{named}.csv" href="data:text/csv;charset=utf-8,{quote(_csv(chart), safe=",")}">CSV</a></p>'
        f"{_table(chart, languages)}</details></figure>\n"
    )


def _step(rough: Place) -> float:
    decade = 10.0 ** math.floor(math.log10(rough))
    return next(factor * decade for factor in (1.0, 2.0, 5.0, 10.0) if factor * decade >= rough * (1.0 - 1e-9))


def _scale(chart: Chart) -> _Scale:
    every = np.concatenate([np.asarray(line.values, dtype=float) for line in chart.lines])
    finite = every[np.isfinite(every)]
    reached = [one.reached for one in chart.bounds if one.reached is not None]
    values = [*finite.tolist(), *(bound.value for bound in chart.bounds), *reached] or [0.0]
    low, high = min(values), max(values)
    if 0.0 < low < 0.35 * high:
        low = 0.0
    begin, end = float(chart.x[0]), float(chart.x[-1])
    if 0.0 < begin < 0.05 * end:
        begin = 0.0
    return _Scale(begin, end if end > begin else begin + 1.0, round_values(low, high))


def _each(said: Sequence[str], languages: Sequence[Language]) -> str:
    """What is said in each language, once where all say the same."""
    if all(one == said[0] for one in said):
        return escape(said[0])
    both = zip(languages, said, strict=True)
    return "".join(f"<i lang={language}>{escape(one)}</i>" for language, one in both)


def _number(value: float, languages: Sequence[Language], digits: int = 4) -> str:
    return _each([number_text(value, digits, language) for language in languages], languages)


def _rules(scale: _Scale, languages: Sequence[Language]) -> str:
    return "".join(
        f'<i class="rule" style="top:{scale.down(mark):.2f}%"></i>'
        f'<span class="y" style="top:{scale.down(mark):.2f}%">{_number(mark, languages)}</span>'
        for mark in scale.marks
    )


def _x_marks(scale: _Scale, languages: Sequence[Language]) -> str:
    step = _step((scale.end - scale.begin) / 5.0)
    marks = [
        step * place for place in range(math.ceil(scale.begin / step - 1e-9), math.floor(scale.end / step + 1e-9) + 1)
    ]
    return "".join(f'<span style="left:{scale.across(mark):.2f}%">{_number(mark, languages)}</span>' for mark in marks)


def _lines(chart: Chart, scale: _Scale) -> str:
    colours = colours_of([line.name.said("en") for line in chart.lines])
    x = np.asarray(chart.x, dtype=float)
    # To a thousandth of the width and of the height: half a pixel on a wide screen. The CSV has every digit.
    digits = 3 - math.floor(math.log10(scale.end - scale.begin))
    parts: list[str] = []
    for place, (line, colour) in enumerate(zip(chart.lines, colours, strict=True)):
        y = np.asarray(line.values, dtype=float)
        good = np.isfinite(y)
        points = " ".join(
            f"{round(a, digits):.7g},{round(scale.down(b), 1):g}"
            for a, b in zip(x[good].tolist(), y[good], strict=True)
        )
        dash = f' stroke-dasharray="{DASHES[place % len(DASHES)]}"' if place and not line.faint else ""
        faint = " faint" if line.faint else ""
        parts.append(f'<polyline class="c-{colour}{faint}"{dash} points="{points}"/>')
    return (
        f'<svg viewBox="{scale.begin:.7g} 0 {scale.end - scale.begin:.7g} 100" preserveAspectRatio="none" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


def _ends(chart: Chart, scale: _Scale, languages: Sequence[Language]) -> str:
    """Names at the ends of their lines, pushed apart where they would meet; on a narrow page a row below."""
    if len(chart.lines) < 2:
        return ""
    colours = colours_of([line.name.said("en") for line in chart.lines])
    wanted: list[float] = []
    for line in chart.lines:
        finite = line.values[np.isfinite(line.values)]
        wanted.append(HEIGHT * scale.down(float(finite[-1])) / 100.0 if finite.size else 0.5 * HEIGHT)
    labels = "".join(
        f'<span class="c-{colour}" style="top:{top:.0f}px"><svg class="key" viewBox="0 0 22 6" aria-hidden="true">'
        f'<line x1="0" x2="22" y1="3" y2="3" stroke-dasharray="{DASHES[place % len(DASHES)] if place else "none"}"/></svg>'
        f'<span class="name">{spoken(line.name, languages)}</span></span>'
        for place, (line, colour, top) in enumerate(
            zip(chart.lines, colours, spread(wanted, LABEL, HEIGHT), strict=True)
        )
    )
    return f'<div class="ends">{labels}</div>'


def spread(wanted: Sequence[Pixels], height: Pixels, within: Pixels) -> list[float]:
    """Middles of labels of one height, each as near as it can be to where it is wanted, none over another."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    found = [min(max(one, 0.0), within) for one in wanted]
    for before, after in pairwise(order):
        found[after] = max(found[after], found[before] + height)
    if order and found[order[-1]] > within:
        found[order[-1]] = within
        for after, before in pairwise(reversed(order)):
            found[before] = min(found[before], found[after] - height)
    return found


def _room(chart: Chart, languages: Sequence[Language]) -> int:
    """Width that the labels at the ends take."""
    if len(chart.lines) < 2:
        return 8
    longest = max(len(line.name.said(language)) for line in chart.lines for language in languages)
    return min(WIDEST, round(LETTER * longest) + 30)


def _bounds(chart: Chart, scale: _Scale, languages: Sequence[Language]) -> str:
    """Each bound where it holds, its name on the side that it forbids, so that no line that keeps it runs through the name."""
    parts: list[str] = []
    for side in (True, False):
        chosen = sorted((one for one in chart.bounds if one.is_least == side), key=lambda one: one.value)
        wanted = [HEIGHT * scale.down(one.value) / 100.0 + (9.0 if side else -9.0) for one in chosen]
        for bound, top in zip(chosen, spread(wanted, LABEL, HEIGHT - 8.0), strict=True):
            left, right = scale.across(bound.begin), scale.across(bound.end)
            middle = 0.5 * (left + right)
            held = "left" if middle < 25.0 else "right" if middle > 75.0 else "middle"
            if bound.reached is not None and right - left < 1.0:
                parts.append(
                    f'<i class="reached" data-at="{bound.begin:.7g}" '
                    f'style="left:{left:.2f}%;top:{scale.down(bound.reached):.2f}%"></i>'
                )
            parts.append(
                f'<i class="bound{" point" if right - left < 1.0 else ""}" data-from="{bound.begin:.7g}" '
                f'data-to="{bound.end:.7g}" '
                f'style="left:{left:.2f}%;width:{right - left:.2f}%;top:{scale.down(bound.value):.2f}%"></i>'
                f'<span class="limit {held}" data-at="{0.5 * (bound.begin + bound.end):.7g}" '
                f'style="left:{middle:.2f}%;top:{top:.0f}px">{escape(bound.label)} {"≥" if bound.is_least else "≤"} '
                f"{_number(bound.value, languages)}</span>"
            )
    return "".join(parts)


def _same(chart: Chart, languages: Sequence[Language]) -> str:
    """Lines that lie on one another are told, since only one of them is seen."""
    scale = max((float(np.nanmax(np.abs(line.values))) for line in chart.lines if len(line.values)), default=0.0)
    found = [
        text("{one} and {other} coincide within 0.2 %", one=one.name, other=other.name)
        for place, one in enumerate(chart.lines)
        for other in chart.lines[place + 1 :]
        if np.allclose(one.values, other.values, rtol=0.0, atol=SAME * scale, equal_nan=True)
    ]
    return f'<p class="same">{spoken(joined(found), languages)}</p>' if found else ""


def _told(chart: Chart) -> Phrase:
    """The main values in words, for who does not see the lines."""
    told: list[Phrase] = []
    for line in chart.lines:
        good = np.isfinite(line.values)
        if not good.any():
            continue
        y, x = line.values[good], np.asarray(chart.x)[good]
        told.append(
            text(
                "{name}: from {low} to {high} {unit}, highest at {at} {x_unit}, {last} {unit} at the end",
                name=line.name,
                low=float(y.min()),
                high=float(y.max()),
                at=float(x[int(np.argmax(y))]),
                last=float(y[-1]),
                unit=chart.y_unit,
                x_unit=chart.x_unit,
            )
        )
    for bound in chart.bounds:
        told.append(
            text(
                "bound {label}: {value} {unit} at {at} {x_unit}",
                label=bound.label,
                value=bound.value,
                unit=chart.y_unit,
                at=bound.begin,
                x_unit=chart.x_unit,
            )
        )
    return joined(told)


def _heads(chart: Chart, language: Language) -> list[str]:
    unit, x_unit = chart.y_unit.said(language), chart.x_unit.said(language)
    alone = len(chart.lines) == 1
    names = [(chart.y_title if alone and chart.y_title else line.name).said(language) for line in chart.lines]
    return [f"{chart.x_title.said(language)} [{x_unit}]", *(f"{name} [{unit}]" if unit else name for name in names)]


def _csv(chart: Chart) -> str:
    """All that is drawn, with the unit in the head; numbers with a point in every language."""
    heads = [f'"{one}"' if "," in one else one for one in _heads(chart, "en")]
    columns = [np.asarray(chart.x, dtype=float), *(np.asarray(line.values, dtype=float) for line in chart.lines)]
    rows = (
        ",".join("" if not math.isfinite(cell) else f"{cell:.6g}" for cell in row) for row in zip(*columns, strict=True)
    )
    return "\n".join([",".join(heads), *rows]) + "\n"


def _rows(chart: Chart) -> list[int]:
    """Which points the table shows: even steps, and where each line is lowest and highest."""
    size = len(chart.x)
    chosen: set[int] = set(np.linspace(0, size - 1, min(size, MOST_ROWS)).astype(int).tolist())
    for line in chart.lines:
        good = np.flatnonzero(np.isfinite(line.values))
        if good.size:
            chosen |= {int(good[np.argmin(line.values[good])]), int(good[np.argmax(line.values[good])])}
    return sorted(chosen)


def _table(chart: Chart, languages: Sequence[Language]) -> str:
    heads = zip(*(_heads(chart, language) for language in languages), strict=True)
    head = "".join(f'<th scope="col">{_each(one, languages)}</th>' for one in heads)
    bodies = [_body(chart, language) for language in languages]
    if len(set(bodies)) == 1:
        return f"<table><thead><tr>{head}</tr></thead><tbody>{bodies[0]}</tbody></table>"
    every = "".join(f"<tbody lang={language}>{body}</tbody>" for language, body in zip(languages, bodies, strict=True))
    return f"<table><thead><tr>{head}</tr></thead>{every}</table>"


def _body(chart: Chart, language: Language) -> str:
    """Rows of the table in one language: numbers differ by their marks alone, so each language has its body, not each cell."""
    return "".join(
        "<tr>" + "".join(f"<td>{escape(number_text(float(cell), 4, language))}" for cell in _row(chart, place))
        for place in _rows(chart)
    )


def _row(chart: Chart, place: int) -> Iterable[float]:
    return (chart.x[place], *(line.values[place] for line in chart.lines))
