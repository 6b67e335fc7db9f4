"""How columns of a file are headed, and their units written, in other languages than English."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from types import MappingProxyType

from covolt.words import Text, languages, text

__all__ = ["english_unit", "heads"]

HEADS: Mapping[str, Text] = MappingProxyType(
    {
        "time": text("time, date and time", context="heads of columns"),
        "speed": text("speed", context="heads of columns"),
        "grade": text("grade", context="heads of columns"),
        "elevation": text("elevation", context="heads of columns"),
        "distance": text("distance, way", context="heads of columns"),
        "stop": text("stop", context="heads of columns"),
        "torque": text("torque", context="heads of columns"),
        "loss": text("loss", context="heads of columns"),
        "efficiency": text("efficiency", context="heads of columns"),
        "voltage": text("voltage", context="heads of columns"),
        "current": text("current", context="heads of columns"),
    }
)
"""Names of columns, to be translated."""
UNITS = (
    text("s, sec", context="units of columns"),
    text("ms", context="units of columns"),
    text("us", context="units of columns"),
    text("min", context="units of columns"),
    text("h, hour", context="units of columns"),
    text("d, day", context="units of columns"),
    text("m", context="units of columns"),
    text("cm", context="units of columns"),
    text("km", context="units of columns"),
)
"""Units of columns, to be translated."""


def heads(quantity: str) -> Iterator[str]:
    """What the column of a quantity is called elsewhere."""
    return _elsewhere(HEADS[quantity])


def english_unit(unit: str, known: Container[str]) -> str:
    """A unit as it is written in English; one that is not known in any language stays as it is."""
    if unit in known or unit.isascii():
        return unit
    said = {name: one.message.split(",")[0] for one in UNITS for name in _elsewhere(one)}
    found = "/".join(said.get(part, part) for part in unit.split("/"))
    return found if found in known else unit


def _elsewhere(names: Text) -> Iterator[str]:
    """Names in other languages: a message holds them in a row, with commas between."""
    for language in languages()[1:]:
        yield from (one.strip().casefold() for one in names.said(language).split(","))
