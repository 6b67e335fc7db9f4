"""Charging interface: whether a vehicle meets the stations of its market on a day, with which power, and what of it is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from covolt.contract.charging import (
    CONNECTORS,
    ChargingInterface,
    ChargingProtocol,
    Plug,
    highest_V,
    lowest_V,
    power_of_W,
)
from covolt.contract.datasheet import Datasheet
from covolt.library.connection import Limit, limit_of_part
from covolt.library.subject import Subject
from covolt.programme.charging_network import ChargingNetwork, Holding, StationRow
from covolt.study.procedures.full_charge import (
    energy_back_J,
    falling_said,
    least_time_s,
    limit_of_battery,
    power_needed,
)
from covolt.study.procedures.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.procedures.segments import rest_voltages_V
from covolt.words import Phrase, Words, joined, plural, text

__all__ = ["PROCEDURES", "Met", "met_stations"]

SERVED = Measure("served", text("Served by a station of the market: 1 yes, 0 no"), "1", 0.0, 1.0)
POWER = Measure("shared_power", text("Greatest power that vehicle and market share"), "kW")
LEAST = Measure("full_charge_at_least", text("Full charge at least, by that power and the battery's curve"), "min")
_SURE = {"high", "medium"}
_SAID: Mapping[Holding, Phrase] = {"yes": text("yes"), "open": text("open", context="station"), "no": text("no")}


class Met(NamedTuple):
    """A connector of the vehicle at the stations of one row: whether it is served there, why not or why open, and the powers."""

    connector: Plug
    row: StationRow
    answer: Holding
    why: Phrase
    vehicle: Limit | None
    station_W: float | None
    refusals: int = 1
    """Of a no, how many things keep the two apart."""

    @property
    def called(self) -> Phrase:
        """Connector and stations by name."""
        where = ", ".join(one for one in (self.row.market, self.row.area, self.row.applied_by) if one)
        return text("{connector} at {where}", connector=self.connector, where=where)

    @property
    def said(self) -> Phrase:
        """The same with the answer, and why."""
        return joined((text("{called}: {answer}", called=self.called, answer=_SAID[self.answer]), self.why), ", ")

    @property
    def by_power(self) -> Phrase:
        """Connector and stations by name, with what each side gives and takes."""
        station = [] if self.station_W is None else [text("the station gives {power:g} kW", power=self.station_W / 1e3)]
        return joined(
            (self.called, joined((*station, *([] if self.vehicle is None else [self.vehicle.said])), ", ")), ": "
        )

    @property
    def ends_W(self) -> tuple[float, float | None]:
        """Between which ends the power lies that both share; None where neither states one."""
        own = None if self.vehicle is None else self.vehicle.value_si
        stated = [one for one in (own, self.station_W) if one is not None]
        whole = self.station_W is not None and own is not None
        return (min(stated) if whole else 0.0), min(stated, default=None)


def met_stations(subject: Subject, given: Given) -> list[Met]:
    """Every connector of the vehicle at every row of the market's networks that may hold on the day."""
    market, day = given.market or "", given.day or ""
    rows = [row for table in subject.terms.of(ChargingNetwork) for row in table.row]
    here = [row for row in rows if row.concerns(market, given.area) and row.holds(day) != "no"]
    charger = subject.sheets.get("charger")
    return [
        _met(subject, own, row, row.holds(day))
        for own in (charger.charging if charger is not None else None) or ()
        for row in here
        if row.status != "standard" and row.connector in {own.connector, None}
    ]


def _met(subject: Subject, own: ChargingInterface, row: StationRow, holds: Holding) -> Met:
    """One connector of the vehicle at one row of stations."""
    vehicle = _own_power(subject.sheets, own)

    def answered(answer: Holding, why: Phrase) -> Met:
        return Met(own.connector, row, answer, why, vehicle, power_of_W(row))

    protocol = _by_protocol(subject.sheets, own, row)
    refused = [*_own_refusals(subject, own), *([] if protocol is None else [protocol]), *_by_voltage(subject, own, row)]
    if row.status == "not served":
        return answered("no", text("these stations have no {connector}", connector=own.connector))
    if refused:
        return answered("no", joined(refused))._replace(refusals=len(refused))
    unknown = [*_unsaid(row, holds), *_untold(own, row)]
    return answered("open" if unknown else "yes", joined(unknown) if unknown else Words())


def _own_refusals(subject: Subject, own: ChargingInterface) -> list[Phrase]:
    """What keeps the vehicle from charging by one of its own connectors, wherever it is."""
    sheets, found = subject.sheets, list[Phrase]()
    rows = _rows_of_battery(sheets)
    if rows and own.connector not in [one.connector for one in rows]:
        found.append(text("{part} takes no {connector}", part=sheets["battery"].reference, connector=own.connector))
    if CONNECTORS[own.connector].direct and "battery" in sheets:
        full = _full(subject)
        for one, part in _stating(sheets, own):
            stands_V, begins_V = highest_V(one), lowest_V(one)
            if begins_V is not None and begins_V > full.value_si:
                said = text("{part} begins at {voltage:g} V", part=part.reference, voltage=begins_V)
                found.append(joined((said, full.said), ", "))
            if stands_V is not None and stands_V < full.value_si:
                said = text("{part}: up to {voltage:g} V", part=part.reference, voltage=stands_V)
                found.append(joined((said, full.said), ", "))
    return found


def _rows_of_battery(sheets: Mapping[str, Datasheet]) -> Sequence[ChargingInterface]:
    return (sheets["battery"].charging if "battery" in sheets else None) or ()


def _spoken(one: ChargingInterface | StationRow, connector: Plug) -> set[ChargingProtocol]:
    """Protocols that are stated, or the only one that is spoken over the connector; empty where it is open."""
    only = CONNECTORS[connector].protocols
    return set(one.protocols) or (set(only) if len(only) == 1 else set[ChargingProtocol]())


def _by_protocol(sheets: Mapping[str, Datasheet], own: ChargingInterface, row: StationRow) -> Phrase | None:
    theirs = _spoken(row, own.connector)
    for one, part in _stating(sheets, own):
        mine = _spoken(one, own.connector)
        if mine and theirs and not mine & theirs:
            return text(
                "{part} speaks {mine}, the station {theirs}",
                part=part.reference,
                mine=", ".join(sorted(mine)),
                theirs=", ".join(sorted(theirs)),
            )
    return None


def _stating(sheets: Mapping[str, Datasheet], own: ChargingInterface) -> list[tuple[ChargingInterface, Datasheet]]:
    """The row of the charger, and that of the battery for the same connector where it has one."""
    rows = [(own, sheets["charger"])]
    return rows + [(one, sheets["battery"]) for one in _rows_of_battery(sheets) if one.connector == own.connector]


def _by_voltage(subject: Subject, own: ChargingInterface, row: StationRow) -> list[Phrase]:
    """Direct current alone: the mains give the voltage of alternating current."""
    if not CONNECTORS[own.connector].direct or "battery" not in subject.sheets:
        return []
    full, highest, lowest, found = _full(subject), highest_V(row), lowest_V(row), list[Phrase]()
    for one, part in _stating(subject.sheets, own):
        begins_V = lowest_V(one)
        if begins_V is not None and lowest is not None and begins_V < lowest:
            said = text("{part} begins at {voltage:g} V", part=part.reference, voltage=begins_V)
            found.append(joined((said, text("the station at {voltage:g} V", voltage=lowest)), ", "))
    if highest is not None and highest < full.value_si:
        found.append(joined((text("the station gives up to {voltage:g} V", voltage=highest), full.said), ", "))
    return found


def _full(subject: Subject) -> Limit:
    """The voltage of the full battery: as its party declares it, else by the model."""
    sheet = subject.sheets["battery"]
    declared = sheet.declared.get("voltage_maximum")
    if declared is not None:
        said = text("{part} reaches {voltage:g} V", part=sheet.reference, voltage=declared.value_si)
        return Limit("battery", declared.value_si, said)
    ((full_V,), _) = rest_voltages_V(subject.vehicle.battery, np.array([1.0]))
    said = text("{part} is full at {voltage:.0f} V by its model", part=sheet.reference, voltage=float(full_V))
    return Limit("battery", float(full_V), said)


def _unsaid(row: StationRow, holds: Holding) -> list[Phrase]:
    """What of the stations is not sure."""
    said: Mapping[str, Phrase] = {
        "announced": text("they are announced, and whether they stand is not said"),
        "subsidised": text("they are subsidised, and which stations have this connector is not said"),
        "tender": text("a tender asks for them, and whether they stand is not said"),
    }
    found: list[Phrase] = [said[row.status]] if row.status in said else []
    if row.connector is None:
        found.append(text("their connector is not known"))
    if holds == "open":
        found.append(text("from which day on or until when is not known"))
    if row.confidence not in _SURE:
        found.append(text("the source is not sure"))
    return found


def _untold(own: ChargingInterface, row: StationRow) -> list[Phrase]:
    """What neither side tells of protocol and voltage, so that nobody can say whether they meet."""
    found: list[Phrase] = []
    if not _spoken(row, own.connector):
        found.append(text("the protocol of the stations is not known"))
    if not _spoken(own, own.connector):
        found.append(text("the charger states no protocol"))
    if CONNECTORS[own.connector].direct and highest_V(row) is None:
        found.append(text("the voltage of the stations is not known"))
    return found


def _own_power(sheets: Mapping[str, Datasheet], own: ChargingInterface) -> Limit | None:
    """The most that the vehicle takes by a connector; None where nothing states it."""
    charger, found = sheets["charger"], list[Limit]()
    if CONNECTORS[own.connector].direct:
        found += [limit_of_battery(sheets["battery"])] if "battery" in sheets else []
        direct = charger.model.parameters.get("direct_power_maximum")
        found += [] if direct is None else [limit_of_part("charger", "direct_power_maximum", direct.value_si, charger)]
    else:
        found.append(limit_of_part("charger", "power_maximum", charger.declared["power_maximum"].value_si, charger))
    for one, part in _stating(sheets, own):
        power_W = power_of_W(one)
        found += [] if power_W is None else [limit_of_part("charger", str(own.connector), power_W, part)]
    return min(found, key=lambda one: one.value_si, default=None)


def _answer(subject: Subject, given: Given, met: Sequence[Met]) -> tuple[Holding, Phrase]:
    """Whether the vehicle is served in the market, and why not or why open."""
    charger, market = subject.sheets.get("charger"), given.market or ""
    rows = (charger.charging if charger is not None else None) or ()
    if not rows:
        part = "" if charger is None else charger.reference
        return "open", text("no connector is stated: {part}", part=part)
    if any(one.answer == "yes" for one in met):
        return "yes", Words()
    opened = [one.said for one in met if one.answer == "open"]
    if opened:
        return "open", joined(opened)
    refused = [_own_refusals(subject, own) for own in rows]
    without = {one.connector for one in met if one.row.status == "not served"}
    tables = subject.terms.of(ChargingNetwork)
    whole = any(market in table.complete for table in tables) or all(own.connector in without for own in rows)
    if whole or all(refused):
        return "no", _refused(subject, met, market, rows)
    said = text("no row of a charging network tells of {names} in {market}", names=_names(rows), market=market)
    return "open", joined(dict.fromkeys(one.said for one in met)) if met else said


def _refused(subject: Subject, met: Sequence[Met], market: str, rows: Sequence[ChargingInterface]) -> Phrase:
    """By which row it is a no: the one that lacks least, the strongest of such; how many more say no is told beside."""
    if not met:
        own = [why for one in rows for why in _own_refusals(subject, one)]
        none = text("no station of {market} has one of: {names}", market=market, names=_names(rows))
        return joined(dict.fromkeys(own)) if own else none
    nearest = min(met, key=lambda one: (one.row.status == "not served", one.refusals, -(one.ends_W[1] or 0.0)))
    more = len(met) - 1
    if not more:
        return nearest.said
    others = plural("{count} more refuses it too", "{count} more refuse it too", more)
    return joined((nearest.said, others))


def _names(rows: Sequence[ChargingInterface]) -> str:
    return ", ".join(one.connector for one in rows)


def charging_interface(subject: Subject, given: Given, note: Recorder) -> None:
    """Each connector of the vehicle at each network of the market: yes where connector, protocol and voltage meet, no, or open.

    served = 1 where any is yes, else open where any is or the list is not whole, else 0;   P = max min(P_vehicle, P_station)
    """
    met = met_stations(subject, given)
    answer, why = _answer(subject, given, met)
    for one in met:
        note.remark(one.said)
        if one.vehicle is not None:
            note.line(one.vehicle.said, one.vehicle.value_si, "kW", "P")
        if one.station_W is not None:
            note.line(one.called, one.station_W, "kW", "P")
        if one.row.stations is not None:
            note.line(text("stations of {name}", name=one.row.applied_by), float(one.row.stations), "1", "n")
    if answer == "open":
        note.open(SERVED, 0.0, 1.0, why)
    else:
        note.result(SERVED, 1.0 if answer == "yes" else 0.0)
    energy_J = energy_back_J(subject.sheets, given)
    if answer == "no":
        note.at_stop(SERVED, why)
        note.at_stop(POWER, why)
        note.result(POWER, 0.0)
        note.miss(LEAST, why)
        return
    counted = [one.ends_W for one in met if one.answer == answer]
    low_W = max((low for low, _ in counted), default=0.0) if answer == "yes" else 0.0
    highs_W = [high for _, high in counted]
    high_W = None if None in highs_W or not highs_W else max(one for one in highs_W if one is not None)
    if answer == "yes" and low_W == high_W:
        note.result(POWER, note.line(text("power that both share"), low_W, "kW", "P"))
        best = next(one for one in met if one.answer == "yes" and one.ends_W[0] == low_W)
        note.at_stop(SERVED, best.said)
        note.at_stop(POWER, best.by_power)
        if energy_J is not None:
            least_s = least_time_s(subject.sheets, given, energy_J, low_W)
            note.result(LEAST, note.line(text("time by energy and power alone"), least_s, "min", "t"))
            note.at_stop(LEAST, best.by_power)
        return
    unknown = why or text("the power of the stations is not known")
    note.open(POWER, low_W, high_W, unknown)
    if energy_J is not None:
        shortest_s, longest_s = (
            least_time_s(subject.sheets, given, energy_J, one) if one else None for one in (high_W, low_W)
        )
        note.open(LEAST, shortest_s, longest_s, unknown)


def _held_by(sheets: Mapping[str, Datasheet], given: Given, record: Record, measure: str, bound_si: float) -> Phrase:
    """Of a bound on the time what it asks for, and whose curve makes it longer than energy and power do."""
    energy_J, power_W = energy_back_J(sheets, given), record.measures.get(POWER.id)
    if measure != LEAST.id or not energy_J or not power_W or bound_si <= 0.0:
        return Words()
    return joined((power_needed(energy_J, bound_si), falling_said(sheets, given, energy_J, power_W, bound_si)))


_ALL = ("M1", "N1", "M2", "M3", "N2", "N3")
PROCEDURES = (
    Procedure(
        id="charging-interface",
        title=text("Charging interface at the stations of a market"),
        regulation="covolt",
        measures=(SERVED, POWER, LEAST),
        validation_level=0,
        recipe=charging_interface,
        conditions=("market", "day", "area", "state_of_charge", "state_of_health_fraction"),
        needed={
            "market": (_ALL, 'name the market, such as market = "BY"'),
            "day": (_ALL, 'name the day on which it is charged, such as date = "2027-01-01"'),
        },
        reads_terms=True,
        held_by=_held_by,
    ),
)
