"""The picture of a drive: one HTML file that needs nothing else, with where the energy went and the curves over time."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path

import numpy as np

from covolt.digits import expanded_text
from covolt.files import write_whole
from covolt.simulation.chart import Chart, Line, chart_files, drawn, thinned, time_read
from covolt.simulation.sankey import sankey
from covolt.simulation.trace import Trace
from covolt.words import Words

ZERO_CELSIUS_K = 273.15
MOST_POINTS = 2000
"""Points of one chart; a longer drive is thinned to the extremes of its stretches."""
HELP = (
    "Point at a chart, or reach it with Tab and move with the arrows, to read it; + and - zoom, Escape shows all; "
    "drag across a stretch to enlarge it."
)
_NONE = Words()
NARROW_WIDTH, WIDE_WIDTH = 360.0, 920.0


def write_picture(trace: Trace, path: Path, *, title: str, expanded_si: Mapping[str, float] | None = None) -> None:
    """Write the picture of a drive; `expanded_si` gives ± of its numbers, by their names in the result."""
    write_whole(path, page(trace, title=title, expanded_si=expanded_si))


def page(trace: Trace, *, title: str, expanded_si: Mapping[str, float] | None = None) -> str:
    """HTML of the picture."""
    known = expanded_si or {}
    told = " Behind ± stands U, k = 2, of what the car's file leaves generic." if known else ""
    style = (files("covolt") / "library" / "picture" / "page.css").read_text(encoding="utf-8")
    chart_style, script = chart_files()
    charts = "".join(drawn(_charts(trace), ["en"]))
    mission = _mission(trace)
    return f"""<!doctype html>
<html lang="en" data-language="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}: {escape(trace.result.mission.name)}</title>
<style>
{style}{chart_style}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
<p class="mission">{escape(mission)}</p>
{_outcome(trace)}{_figures(trace, known)}
<h2>Where the energy went</h2>
{_flows(trace)}
<h2>The drive</h2>
<p class="help">{HELP}</p>
{charts}</main>
<footer>Drawn by covolt. Energies are those of the ledger of this drive, which closes to {trace.ledger.worst_ratio:.0e}
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
    rows = (
        ("Distance", f"{r.distance_m / 1e3:.2f}", "km"),
        ("Time", f"{minutes}:{seconds:02d}", "min"),
        (
            "At the battery's terminals",
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
        ("Recuperated, at the drive unit", f"{trace.recuperated_energy_J / 3.6e3:.0f}", "Wh"),
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


def _charts(trace: Trace) -> tuple[Chart, ...]:
    time, unit = time_read(trace.time_s)

    def chart(title: Words, y_unit: str, lines: Mapping[Words, np.ndarray], *, asked: Words | None = None) -> Chart:
        kept = thinned(list(lines.values()), MOST_POINTS)
        drawn_lines = [Line(name, values[kept], faint=name == asked) for name, values in lines.items()]
        return Chart(_NONE, Words("Time"), Words(unit), time[kept], title, Words(y_unit), drawn_lines, group="drive")

    asked = Words("asked")
    temperatures = {"battery": "battery", "cabin": "cabin", "coolant": "coolant", "tyres": "tyre"}
    return (
        chart(
            Words("Speed"),
            "km/h",
            {asked: 3.6 * trace["target_speed_m_per_s"], Words("driven"): 3.6 * trace["speed_m_per_s"]},
            asked=asked,
        ),
        chart(
            Words("Power"),
            "kW",
            {
                Words("at the battery's terminals"): -1e-3 * trace["battery_power_W"],
                Words("at the wheels"): 1e-3 * trace["wheel_power_W"],
                Words("climate, battery heating"): 1e-3 * (trace["climate_power_W"] + trace["conditioning_power_W"]),
            },
        ),
        chart(Words("State of charge"), "%", {Words("charge"): 100.0 * trace["state_of_charge"]}),
        chart(
            Words("Temperatures"),
            "°C",
            {Words(name): trace[f"{key}_temperature_K"] - ZERO_CELSIUS_K for name, key in temperatures.items()},
        ),
    )
