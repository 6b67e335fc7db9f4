"""Connection: by which connector charger and battery of a vehicle take direct current together, and what it lets through."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from covolt.contract.charging import CONNECTORS, ChargingInterface, Plug, highest_V, lowest_V, power_of_W
from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.number_titles import number_title
from covolt.words import Phrase, Words, joined, text

__all__ = ["Connection", "Limit", "apart", "connection_of", "limit_of_part", "nominal_problems", "not_connected"]


class Limit(NamedTuple):
    """A power or a voltage that is not exceeded, in SI, of which part it is, and in words what and whose."""

    part: str
    value_si: float
    said: Phrase


class _Row(NamedTuple):
    """What a part states of a connector."""

    slot: str
    sheet: Datasheet
    own: ChargingInterface


class Connection(NamedTuple):
    """A connector for direct current, and what each part that states rows of charging says of it."""

    connector: Plug
    rows: tuple[_Row, ...]

    @property
    def powers(self) -> list[Limit]:
        """The highest power of each part, the lowest first."""
        found = ((slot, sheet, power_of_W(own)) for slot, sheet, own in self.rows)
        limits = [
            limit_of_part(slot, str(self.connector), power_W, sheet)
            for slot, sheet, power_W in found
            if power_W is not None
        ]
        return sorted(limits, key=lambda one: one.value_si)

    @property
    def highest(self) -> list[Limit]:
        """The highest voltage of each part, the lowest first."""
        limits = [
            Limit(
                slot,
                end_V,
                text("{part}: {connector} up to {voltage:g} V", part=part, connector=self.connector, voltage=end_V),
            )
            for slot, part, end_V in self._ends(highest_V)
        ]
        return sorted(limits, key=lambda one: one.value_si)

    @property
    def lowest(self) -> list[Limit]:
        """The voltage from which on each part charges, the highest first."""
        limits = [
            Limit(
                slot,
                end_V,
                text("{part}: {connector} from {voltage:g} V on", part=part, connector=self.connector, voltage=end_V),
            )
            for slot, part, end_V in self._ends(lowest_V)
        ]
        return sorted(limits, key=lambda one: -one.value_si)

    def _ends(self, of: Callable[[ChargingInterface], float | None]) -> list[tuple[str, str, float]]:
        found = ((slot, sheet.reference, of(own)) for slot, sheet, own in self.rows)
        return [(slot, part, end_V) for slot, part, end_V in found if end_V is not None]

    def worth(self, nominal_V: float | None) -> tuple[bool, float, float]:
        """By what connectors are compared: whether a battery of this voltage is served, then power, then voltage."""
        low, high = (ends[0].value_si if ends else None for ends in (self.lowest, self.highest))
        serves = nominal_V is None or ((low or 0.0) <= nominal_V <= (math.inf if high is None else high))
        powers = self.powers
        return serves, powers[0].value_si if powers else math.inf, math.inf if high is None else high


def limit_of_part(part: str, name: str, power_W: float, sheet: Datasheet) -> Limit:
    """A power that a part states by a name: of a number, or of a connector."""
    said = text("{part}: {name} {power:g} kW", part=sheet.reference, name=number_title(name), power=power_W / 1e3)
    return Limit(part, power_W, said)


def connection_of(sheets: Mapping[str, Datasheet]) -> Connection | None:
    """The best connector for direct current of all that charger and battery share; None where nothing is stated or shared.

    A part without rows takes what the other has. The best serves the battery's nominal voltage, then lets the most power through.
    """
    stated = _stated(sheets)
    if not stated:
        return None
    found = [
        Connection(connector, tuple(rows))
        for connector in _shared(stated)
        if (rows := [_Row(*part, own) for part, own in _of(stated, connector)])
    ]
    battery = sheets.get("battery")
    nominal = None if battery is None else battery.declared.get("voltage_nominal")
    nominal_V = None if nominal is None else nominal.value_si
    return max(found, key=lambda one: one.worth(nominal_V), default=None)


_Stated = list[tuple[tuple[str, Datasheet], Sequence[ChargingInterface]]]


def _stated(sheets: Mapping[str, Datasheet]) -> _Stated:
    """Charger and battery, as far as they state rows of charging."""
    named = [(slot, sheets[slot]) for slot in ("charger", "battery") if slot in sheets]
    return [((slot, sheet), sheet.charging) for slot, sheet in named if sheet.charging]


def _direct(rows: Sequence[ChargingInterface]) -> list[Plug]:
    return [one.connector for one in rows if CONNECTORS[one.connector].direct]


def _shared(stated: _Stated) -> list[Plug]:
    first = _direct(stated[0][1])
    return [one for one in first if all(one in _direct(rows) for _, rows in stated)]


def _of(stated: _Stated, connector: Plug) -> list[tuple[tuple[str, Datasheet], ChargingInterface]]:
    return [(part, own) for part, rows in stated for own in rows if own.connector == connector]


def not_connected(sheets: Mapping[str, Datasheet]) -> Phrase:
    """Why no post can charge the vehicle: no connector for direct current that charger and battery share; else empty."""
    stated = _stated(sheets)
    if not stated or _shared(stated):
        return Words()
    own = [
        joined((Words(sheet.reference), joined(map(Words, _direct(rows)), ", ") or text("nothing")), ": ")
        for (_, sheet), rows in stated
    ]
    said = joined(own, ", ")
    if len(stated) == 1:
        return text("no connector for direct current: {stated}", stated=said)
    return text("no common direct-current connector of battery and charger: {stated}", stated=said)


def apart(sheets: Mapping[str, Datasheet], where: str) -> list[Problem]:
    """The same as a notice, where both parts state rows and share no connector."""
    why = not_connected(sheets)
    if not why or len(_stated(sheets)) < 2:
        return []
    return [Problem(why, where, text("agree on a connector: [[charging]] of both parts must name it"))]


def nominal_problems(sheet: Datasheet) -> list[Problem]:
    """Connectors for direct current of a battery whose voltages do not hold its own nominal voltage."""
    nominal = sheet.declared.get("voltage_nominal")
    if nominal is None or sheet.fills.partition("@")[0] != "battery":
        return []
    found: list[Problem] = []
    for number, own in enumerate(sheet.charging or ()):
        low, high = lowest_V(own), highest_V(own)
        if not CONNECTORS[own.connector].direct:
            continue
        for key, outside in (
            ("voltage_minimum", low is not None and low > nominal.value_si),
            (
                "voltage_maximum" if own.voltage_maximum is not None else "voltage_class",
                high is not None and high < nominal.value_si,
            ),
        ):
            if outside:
                what = text(
                    "{connector} with {key} {voltage} cannot charge a battery of voltage_nominal {nominal}",
                    connector=own.connector,
                    key=key,
                    voltage=str(getattr(own, key)),
                    nominal=str(nominal.value),
                )
                where = f"{sheet.reference} (charging.{number}.{key})"
                found.append(Problem(what, where, text("correct one of both")))
    return found
