"""The Sankey drawing of a ledger: energy from its sources along the drive train to where it went, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from covolt.simulation.ledger import Ledger

STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("battery", ("charger", "battery loss", "remainder of the battery")),
    ("vehicle", ("auxiliaries", "cabin climate", "battery conditioning", "not served")),
    ("drive", ("drive unit loss", "declared less real", "gearbox loss")),
    (
        "wheels",
        (
            "air drag",
            "rolling",
            "bearings and rest of road load",
            "friction brakes",
            "height gained",
            "kinetic energy gained",
        ),
    ),
)
"""From left to right: a node of the trunk, and what leaves it beside the next node."""

COLOURS = {
    "air drag": "#4a90c2",
    "rolling": "#6fb1d6",
    "bearings and rest of road load": "#9ccbe6",
    "friction brakes": "#d98880",
    "height gained": "#7fb98b",
    "kinetic energy gained": "#7fb98b",
    "drive unit loss": "#e08e45",
    "declared less real": "#8c8c8c",
    "gearbox loss": "#eeb27c",
    "auxiliaries": "#9b8ac4",
    "cabin climate": "#b795c9",
    "battery conditioning": "#cdb6da",
    "not served": "#b0b0b0",
    "charger": "#d9a441",
    "battery loss": "#c9654f",
    "remainder of the battery": "#8c8c8c",
}
Pixels = float
TRUNK, NODE = "#c9d6de", "#5d7685"
SMALLEST_SHARE = 5e-4
LABEL_HEIGHT = 36.0
GAP = 6.0
ROOM = 275.0
"""Right of the last node, for the longest name."""
MOST_ROOM_SHARE = 0.62
"""Of a narrow drawing, whose names are smaller."""
CLOSE = 70.0
"""Nodes nearer than this have their names on two rows."""


@dataclass(frozen=True)
class _Leaf:
    name: str
    stage: int
    energy_J: float


@dataclass(frozen=True)
class _Frame:
    """Where things stand: pixels per joule, columns, and the width of a node."""

    height_per_J: float
    step: Pixels
    node: Pixels
    top: Pixels

    def x(self, column: int) -> Pixels:
        return column * self.step


def sankey(ledger: Ledger, *, width: Pixels, css_class: str, trunk_height: Pixels = 250.0) -> str:
    """SVG of the ledger, or an empty text where the flow does not run from the sources to the wheels throughout.

    Sinks that gave energy (a descent, a car that ends slower) join the trunk with the sources. Fuel that a heater burns is not
    drawn; what drive units take beyond what they declare leaves it beside their losses.
    """
    total_J = ledger.electric_J
    leaves = _leaves(ledger, total_J)
    gained_J = -sum(e.energy_J for e in ledger.entries if e.kind in {"sink", "store"} and e.energy_J < 0.0)
    if total_J <= 0.0 or gained_J > 0.02 * total_J or not leaves:
        return ""
    step = (width - min(ROOM, MOST_ROOM_SHARE * width)) / len(STAGES)
    frame = _Frame(trunk_height / total_J, step, 9.0, 24.0 if step >= CLOSE else 38.0)
    parts, bottom = _drawn(leaves, frame, total_J)
    title = "Energy from the battery to where it went"
    return (
        f'<svg class="sankey {css_class}" viewBox="0 0 {width:g} {bottom:.0f}" role="img" aria-label="{title}">'
        f"<title>{title}</title>{''.join(parts)}</svg>"
    )


def _leaves(ledger: Ledger, total_J: float) -> list[_Leaf]:
    """What leaves the trunk, latest stage first, so that no two ribbons cross."""
    energy = {entry.name: entry.energy_J * (-1.0 if entry.kind == "difference" else 1.0) for entry in ledger.entries}
    return [
        _Leaf(name, stage, energy[name])
        for stage in reversed(range(len(STAGES)))
        for name in sorted(STAGES[stage][1], key=lambda name: -energy.get(name, 0.0))
        if energy.get(name, 0.0) > SMALLEST_SHARE * total_J
    ]


def _drawn(leaves: Sequence[_Leaf], frame: _Frame, total_J: float) -> tuple[list[str], float]:
    """Ribbons, then nodes, then labels; and the height that they take."""
    ribbons: list[str] = []
    marks: list[str] = []
    scale = frame.height_per_J
    remaining_J = [sum(leaf.energy_J for leaf in leaves if leaf.stage >= stage) for stage in range(len(STAGES))]
    for stage, (name, _) in enumerate(STAGES):
        if remaining_J[stage] <= SMALLEST_SHARE * total_J:
            continue
        x, height = frame.x(stage), remaining_J[stage] * scale
        marks.append(_bar(x, frame.top, frame.node, height, NODE))
        raised = 22.0 if frame.step < CLOSE and stage % 2 else 8.0
        marks.append(f'<text x="{x:.1f}" y="{frame.top - raised:.1f}">{escape(name)}</text>')
        if stage + 1 < len(STAGES) and remaining_J[stage + 1] > 0.0:
            through = remaining_J[stage + 1] * scale
            ribbons.append(_ribbon(x + frame.node, frame.top, frame.x(stage + 1), frame.top, through, TRUNK))
    y = frame.top
    leaving = [0.0] * len(STAGES)
    for stage in range(len(STAGES) - 1):
        leaving[stage] = remaining_J[stage + 1] * scale
    for leaf in leaves:
        height = leaf.energy_J * scale
        slot = max(height, LABEL_HEIGHT)
        own_y = y + 0.5 * (slot - height)
        x, colour = frame.x(leaf.stage), COLOURS[leaf.name]
        end = frame.x(leaf.stage + 1)
        ribbons.append(_ribbon(x + frame.node, frame.top + leaving[leaf.stage], end, own_y, height, colour, faint=True))
        leaving[leaf.stage] += height
        marks.append(_bar(end, own_y, frame.node, max(height, 1.5), colour))
        marks.append(_label(leaf, end + frame.node + 7.0, own_y + 0.5 * height, total_J))
        y += slot + GAP
    return ribbons + marks, y + 4.0


def _bar(x: Pixels, y: Pixels, width: Pixels, height: Pixels, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="1.5" fill="{colour}"/>'


def _ribbon(x0: Pixels, y0: Pixels, x1: Pixels, y1: Pixels, height: Pixels, colour: str, *, faint: bool = False) -> str:
    """A band of equal height from one node's edge to another's, bent at half way."""
    xm = 0.5 * (x0 + x1)
    path = (
        f"M{x0:.1f} {y0:.1f}C{xm:.1f} {y0:.1f} {xm:.1f} {y1:.1f} {x1:.1f} {y1:.1f}V{y1 + height:.1f}"
        f"C{xm:.1f} {y1 + height:.1f} {xm:.1f} {y0 + height:.1f} {x0:.1f} {y0 + height:.1f}Z"
    )
    return f'<path d="{path}" fill="{colour}" fill-opacity="{0.55 if faint else 0.8}"/>'


def _label(leaf: _Leaf, x: Pixels, middle: Pixels, total_J: float) -> str:
    return (
        f'<text x="{x:.1f}" y="{middle - 3:.1f}">{escape(leaf.name)}</text>'
        f'<text class="soft" x="{x:.1f}" y="{middle + 13:.1f}">{leaf.energy_J / 3600.0:.0f} Wh, '
        f"{100.0 * leaf.energy_J / total_J:.1f} %</text>"
    )
