"""Conditions of a procedure in words: what tells two drives of one procedure apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from covolt.programme.levels import LEVEL_WORDS
from covolt.study.lifetime.climate import the_place
from covolt.study.verdicts.printed_units import spelt_unit
from covolt.units import UNITS
from covolt.words import Phrase, Text, Words, day_said, joined, text

__all__ = ["cycle_said", "quantity_said", "scenario_said", "unit_said"]

_OF_PAGE: Mapping[str, Phrase] = {"g/km": text("g CO₂e/km")}
"""On a page for others grams per kilometre are those of greenhouse gases."""


def unit_said(unit: str, measure: str = "") -> Phrase:
    """A unit as the page prints it; per passenger where the measure is."""
    if measure.endswith("_per_passenger") and unit == "Wh/km":
        return text("Wh/(passenger·km)")
    return _OF_PAGE.get(unit) or spelt_unit(unit)


def quantity_said(stated: str | float) -> Phrase:
    """A quantity as it is printed, number and unit never parted: `-20 degC` as `−20 °C`."""
    if not isinstance(stated, str):
        return Text("{value}", (("value", float(stated)),))
    number, _, unit = stated.partition(" ")
    try:
        value = float(number)
    except ValueError:
        return Words(stated)
    if unit not in UNITS:
        return Words(stated)
    return Text("{value}\N{NO-BREAK SPACE}{unit}", (("value", value), ("unit", unit_said(unit))))


def cycle_said(name: str) -> Phrase:
    """A standard cycle as regulations call it: `wltc-3b` is WLTC, class 3b, and `sort-2` SORT 2; others by their own names."""
    if found := re.fullmatch(r"wltc-(\d\w?)", name):
        return text("WLTC, class {number}", number=found[1])
    known = re.fullmatch(r"(nedc|sort|udds|hwfet|us06|sc03)(?:-(\d))?", name)
    return Words(f"{known[1].upper()} {known[2] or ''}".strip() if known else name)


def scenario_said(conditions: Mapping[str, str | float]) -> Phrase:
    """Conditions in words: "−20 °C, soaked"; empty where none is stated."""
    said = [_said(name, stated) for name, stated in conditions.items() if name != "scenario"]
    if not said and "scenario" in conditions:
        said.append(Words(str(conditions["scenario"])))
    return joined(said, ", ") if said else Words()


_SAID: Mapping[str, Callable[[str | float], Phrase]] = {
    "ambient": quantity_said,
    "start": lambda stated: text("soaked") if stated == "soaked" else text("made ready from the mains"),
    "payload": lambda stated: text("load {quantity}", quantity=quantity_said(stated)),
    "state_of_health": lambda stated: text("battery aged to {share} %", share=100.0 * float(stated)),
    "state_of_charge": lambda stated: text("charge {share} %", share=100.0 * float(stated)),
    "yearly_distance": lambda stated: text("{quantity} a year", quantity=quantity_said(stated)),
    "charges_per_day": lambda stated: text("charges a day: {count}", count=float(stated)),
    "climate": lambda stated: text("climate of {place}", place=the_place(str(stated)).title.words),
    "cycle": lambda stated: text("cycle {name}", name=cycle_said(str(stated))),
    "market": lambda stated: text("market {name}", name=str(stated)),
    "date": lambda stated: text("as of {day}", day=day_said(str(stated))),
    "scheme": lambda stated: text("scheme {name}", name=str(stated)),
    "area": lambda stated: Words(str(stated)),
    "station_power": lambda stated: text("station of {quantity}", quantity=quantity_said(stated)),
    "station_voltage": lambda stated: text("station up to {quantity}", quantity=quantity_said(stated)),
    "yearly_volume": lambda stated: text("{count} vehicles a year", count=int(stated)),
    "party": lambda stated: text("{party} with all below it", party=str(stated)),
    "level": lambda stated: text("level: {level}", level=LEVEL_WORDS.get(str(stated), Words(str(stated)))),
    "year": lambda stated: text("year {year}", year=str(int(stated))),
}


def _said(name: str, stated: str | float) -> Phrase:
    return _SAID[name](stated) if name in _SAID else Words(str(stated))
