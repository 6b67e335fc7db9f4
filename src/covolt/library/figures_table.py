"""A car's figures as a table: each in the unit in which engineers say it, and in words what is left to the generic set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from covolt import units
from covolt.display import Quantity, Table, printed
from covolt.library import figure_ranges as limits
from covolt.library.left_open import open_in_driving

if TYPE_CHECKING:
    from covolt.library.figures import CarFigures

__all__ = ["figures_table", "unit_of_figure"]

_UNITS = {
    "constant": "N",
    "linear": "N s/m",
    "udds_plug_consumption": "Wh/km",
    "hwfet_plug_consumption": "Wh/km",
    "label_range": "km",
    "wltp_range": "km",
}
"""Of figures within others of which no range is stated."""
_UNSAID = frozenset({"schema_name", "id", "title", "source"})


def unit_of_figure(*place: str) -> str:
    """The unit in which engineers say a figure; "1" of a ratio, empty where it is no number of which that is known."""
    if place in limits.RANGES:
        si = units.unit_of(limits.RANGES[place][1]).si
        return "1" if si == "1" else units.customary(si)
    return _UNITS.get(place[-1], "")


def figures_table(figures: CarFigures) -> Table:
    """What is stated of a car, and what is left open."""
    rows = [row for name in type(figures).model_fields if name not in _UNSAID for row in _rows(figures, name)]
    title = ": ".join(filter(None, (figures.id, figures.title))) or "a car"
    return Table(
        title, ("figure", "value", "unit"), rows, frozenset({1}), (str(open_in_driving(figures)), figures.source)
    )


def _rows(figures: CarFigures, name: str) -> Iterator[tuple[str, str, str]]:
    value: object = getattr(figures, name)
    if name not in figures.model_fields_set or value is None:
        return
    inner = getattr(type(value), "model_fields", {}) if name in {"coast_down", "drag_and_tyres", "measured"} else {}
    if inner:
        for part in inner:
            if part not in _UNSAID and getattr(value, part) is not None:
                yield (f"{name}.{part}", *_said(getattr(value, part), (name, part)))
    else:
        yield (name, *_said(value, (name,)))


def _said(value: object, place: tuple[str, ...]) -> tuple[str, str]:
    unit = unit_of_figure(*place)
    if unit and isinstance(value, float | int):
        return Quantity("", float(value), unit).number, printed(unit)
    if isinstance(value, bool):
        return ("yes" if value else "no"), ""
    if isinstance(value, list):
        return f"{len(value)} points", ""
    return (str(value) if isinstance(value, str | float) else "from its file"), ""
