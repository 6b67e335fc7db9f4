"""The picture of a drive: one HTML file that needs nothing else, with where the energy went and the curves over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np

from covolt.digits import expanded_text
from covolt.files import write_whole
from covolt.simulation.drawing import round_values
from covolt.simulation.sankey import sankey
from covolt.simulation.trace import Trace

ZERO_CELSIUS_K = 273.15
MOST_POINTS = 4000
"""Points of one curve; a longer drive is thinned to the extremes of its stretches."""
NARROW_WIDTH, WIDE_WIDTH = 360.0, 920.0


@dataclass(frozen=True)
class _Curve:
    name: str
    values: np.ndarray
    colour: str
    css_class: str = ""


@dataclass(frozen=True)
class _Chart:
    title: str
    unit_name: str
    curves: tuple[_Curve, ...]
    decimal_count: int = 1
    css_class: str = ""


def write_picture(trace: Trace, path: Path, *, title: str, expanded_si: Mapping[str, float] | None = None) -> None:
    """Write the picture of a drive; `expanded_si` gives ± of its numbers, by their names in the result."""
    write_whole(path, page(trace, title=title, expanded_si=expanded_si))


def page(trace: Trace, *, title: str, expanded_si: Mapping[str, float] | None = None) -> str:
    """HTML of the picture."""
    known = expanded_si or {}
    told = " Behind ± stands U, k = 2, of what the car's file leaves generic." if known else ""
    folder = files("covolt") / "library" / "picture"
    style, script = ((folder / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    begin_s, end_s = 0.0, float(trace.time_s[-1])
    charts = "".join(_chart(trace.time_s, chart, index) for index, chart in enumerate(_charts(trace)))
    mission = _mission(trace)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}: {escape(trace.result.mission.name)}</title>
<style>
{style}</style>
</head>
<body data-begin="{begin_s:g}" data-end="{end_s:g}">
<h1>{escape(title)}</h1>
<p class="mission">{escape(mission)}</p>
{_outcome(trace)}{_figures(trace, known)}
<h2>Where the energy went</h2>
{_flows(trace)}
<h2>The drive</h2>
<p class="help">Drag across a chart to enlarge a stretch. <button id="whole" hidden>Show the whole drive</button></p>
{charts}<footer>Drawn by covolt. Energies are those of the ledger of this drive, which closes to {trace.ledger.worst_ratio:.0e}
of the energy that moved.{told}</footer>
<script>
{script}</script>
</body>
</html>
"""


def _mission(trace: Trace) -> str:
    c = trace.result.mission.conditions
    words = [
        trace.result.mission.name,
        f"{c.ambient_temperature_K - ZERO_CELSIUS_K:.1f} °C",
        "on the dynamometer" if c.on_dynamometer else "on the road",
        "comforts on" if c.comforts_on else "comforts off",
    ]
    if c.payload_kg:
        words.append(f"payload {c.payload_kg:g} kg")
    return ", ".join(words)


def _outcome(trace: Trace) -> str:
    return "" if trace.outcome.completed else f'<p class="outcome">Not completed: {escape(trace.outcome.reason)}</p>\n'


def _figures(trace: Trace, expanded_si: Mapping[str, float]) -> str:
    r = trace.result

    def known(name: str, value: float, factor: float, places: int) -> str:
        text, expanded = f"{value:.{places}f}", factor * expanded_si.get(name, 0.0)
        if not np.isfinite(expanded) or expanded < 1e-4 * abs(value):
            return text
        return expanded_text(value, expanded, abs(value), grouped=False).removeprefix("+")

    minutes, seconds = divmod(round(r.mission.duration_s), 60)
    recuperated_J = -float(np.sum(np.minimum(trace["drive_unit_power_W"], 0.0))) * r.mission.dt_s
    rows = (
        ("Distance", f"{r.distance_m / 1e3:.2f}", "km"),
        ("Time", f"{minutes}:{seconds:02d}", "min"),
        (
            "From the battery",
            known("battery_consumption_J_per_m", r.battery_consumption_J_per_m / 3.6, 1.0 / 3.6, 1),
            "Wh/km",
        ),
        (
            "From the plug",
            known("plug_consumption_J_per_m", r.plug_consumption_J_per_m / 36.0, 1.0 / 36.0, 2),
            "kWh/100 km",
        ),
        (
            "State of charge",
            f"{100 * r.mission.conditions.state_of_charge:.0f} → {known('state_of_charge', 100 * r.state_of_charge, 100.0, 1)}",
            "%",
        ),
        (
            "Battery at the end",
            known("battery_temperature_K", r.battery_temperature_K - ZERO_CELSIUS_K, 1.0, 1),
            "°C",
        ),
        ("Recuperated", f"{recuperated_J / 3.6e3:.0f}", "Wh"),
    )
    cells = "".join(f"<div><dt>{name}</dt><dd>{value} <small>{unit}</small></dd></div>" for name, value, unit in rows)
    return f'<dl class="figures">{cells}</dl>'


def _flows(trace: Trace) -> str:
    wide = sankey(trace.ledger, width=WIDE_WIDTH, css_class="wide")
    if wide:
        return wide + sankey(trace.ledger, width=NARROW_WIDTH, css_class="narrow", trunk_height=210.0)
    rows = "".join(
        f"<tr><td>{escape(entry.name)}</td><td>{entry.energy_J / 3600.0:.0f} Wh</td></tr>"
        for entry in trace.ledger.entries
        if abs(entry.energy_J) > 1.0
    )
    return f"<p>Energy also came from height or speed, so it is listed.</p><table>{rows}</table>"


def _charts(trace: Trace) -> tuple[_Chart, ...]:
    temperatures = tuple(
        _Curve(name, trace[f"{signal}_temperature_K"] - ZERO_CELSIUS_K, colour)
        for name, signal, colour in (
            ("battery", "battery", "#c9654f"),
            ("cabin", "cabin", "#9b8ac4"),
            ("coolant", "coolant", "#4a90c2"),
            ("tyres", "tyre", "#6b7d89"),
        )
    )
    return (
        _Chart(
            "Speed",
            "km/h",
            (
                _Curve("asked", 3.6 * trace["target_speed_m_per_s"], "#e08e45", "target"),
                _Curve("driven", 3.6 * trace["speed_m_per_s"], "#0b6e99"),
            ),
            css_class="tall",
        ),
        _Chart(
            "Power",
            "kW",
            (
                _Curve("from the battery", -1e-3 * trace["battery_power_W"], "#c9654f"),
                _Curve("at the wheels", 1e-3 * trace["wheel_power_W"], "#4a90c2"),
                _Curve("comfort", 1e-3 * (trace["climate_power_W"] + trace["conditioning_power_W"]), "#9b8ac4"),
            ),
            css_class="tall",
        ),
        _Chart("State of charge", "%", (_Curve("charge", 100.0 * trace["state_of_charge"], "#3d8b5f"),), 2),
        _Chart("Temperatures", "°C", temperatures),
    )


def _chart(time_s: np.ndarray, chart: _Chart, index: int) -> str:
    ticks = _ticks(chart.curves)
    low, high = ticks[0], ticks[-1]
    lines, keys = "", ""
    for number, curve in enumerate(chart.curves):
        output = f"value-{index}-{number}"
        points = _points(time_s, 100.0 * (high - curve.values) / (high - low))
        lines += (
            f'<polyline class="{curve.css_class}" data-output="{output}" stroke="{curve.colour}" points="{points}"/>'
        )
        keys += f'<span class="key" style="--colour:{curve.colour}">{escape(curve.name)}<output id="{output}"></output></span>'
    marks = "".join(
        f'<div class="rule" style="top:{place:.2f}%"></div><div class="y" style="top:{place:.2f}%">{_number(tick, ticks)}</div>'
        for tick, place in ((tick, 100.0 * (high - tick) / (high - low)) for tick in ticks)
    )
    return f"""<div class="chart">
<div class="legend"><span><b>{escape(chart.title)}</b> in {chart.unit_name}</span>{keys}</div>
<div class="frame {chart.css_class}" data-low="{low:g}" data-high="{high:g}" data-unit="{chart.unit_name}" \
data-digits="{chart.decimal_count}">{marks}<svg viewBox="0 0 {time_s[-1]:g} 100" \
preserveAspectRatio="none" aria-hidden="true">{lines}</svg><div class="chosen"></div><div class="cursor"></div></div>
<div class="x"></div>
</div>
"""


def _ticks(curves: Sequence[_Curve]) -> list[float]:
    """Three to six round values that span all curves."""
    finite = np.concatenate([curve.values[np.isfinite(curve.values)] for curve in curves])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return round_values(low, high)


def _number(value: float, ticks: Sequence[float]) -> str:
    decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    return f"{value:.{decimals}f}".replace("-", "−")


def _points(time_s: np.ndarray, y: np.ndarray) -> str:
    good = np.isfinite(y)
    kept = _thinned(y[good])
    pairs = zip(time_s[good][kept], y[good][kept], strict=True)
    return " ".join(f"{t:.10g},{height:.2f}" for t, height in pairs)


def _thinned(values: np.ndarray) -> np.ndarray:
    """Indices of at most `MOST_POINTS` values, among them the extremes of every stretch."""
    if values.size <= MOST_POINTS:
        return np.arange(values.size)
    edges = np.linspace(0, values.size, MOST_POINTS // 2 + 1).astype(int)
    stretches = list(pairwise(edges.tolist()))
    lowest = [begin + int(np.argmin(values[begin:end])) for begin, end in stretches]
    highest = [begin + int(np.argmax(values[begin:end])) for begin, end in stretches]
    return np.unique(np.array([*lowest, *highest, 0, values.size - 1]))
