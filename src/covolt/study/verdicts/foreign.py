"""Parts that are not covolt's in a verification: put into the vehicle by their links, and named in the keys of records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Union

from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.joint import Doors
from covolt.library.models import model_kind
from covolt.library.subject import Family, Subject
from covolt.programme.documents import Programme
from covolt.simulation.joint_drive_unit import SLOTS as UNIT_SLOTS
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import THIS_PROCESS
from covolt.study.verdicts.rests_on import DOORS, RestsOn, settled_said
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.foreign import BatteryLink, ForeignBattery, Outside
from covolt.vehicle.foreign_drive_unit import DriveUnitLink, ForeignDriveUnit
from covolt.words import Value, joined, message, text

if TYPE_CHECKING:
    from covolt.study.procedures.foreign_use import ForeignUse
    from covolt.study.verdicts.verification import Verification

__all__ = [
    "NO_LINKS",
    "Link",
    "Links",
    "foreign_key",
    "foreign_notices",
    "open_doors",
    "opened_slots",
    "stood_in_for",
    "unit_notices",
    "with_links",
]

Link = Union[BatteryLink, DriveUnitLink]
Links = Mapping[str, Link]
"""Ways to parts that are not covolt's, by the slot of the vehicle: battery, drive unit, and that of a second axle."""
NO_LINKS: Links = MappingProxyType({})


def with_links(subject: Subject, links: Links) -> Subject:
    """The subject, and its family, with the foreign parts in their slots; covolt's model of each stands by as `declared`."""
    family = subject.family
    if family is not None:
        family = Family(with_links(family.low, links), with_links(family.high, links))
    return replace(subject, vehicle=_vehicle(subject.vehicle, links), family=family)


def _vehicle(vehicle: Vehicle, links: Links) -> Vehicle:
    battery = vehicle.battery
    if (link := links.get("battery")) is not None:
        battery = ForeignBattery(declared=battery, mass_kg=battery.mass_kg, link_outside=Outside(link))
    # A vehicle without a second axle keeps none, whatever its programme is asked with.
    units = [links.get(slot) for slot in UNIT_SLOTS[: len(vehicle.axles)]]
    axles = tuple(
        axle if link is None else replace(axle, drive_unit=ForeignDriveUnit(axle.drive_unit, Outside(link)))
        for axle, link in zip(vehicle.axles, units, strict=True)
    )
    return replace(vehicle, battery=battery, axles=axles)


def foreign_notices(found: Verification) -> list[Problem]:
    """What must be told beside verdicts on which parts that are not covolt's had a say: one for each part."""
    uses: dict[tuple[str, str, str, str], list[ForeignUse]] = {}
    for record in found.whole.records.values():
        for one in record.foreign:
            uses.setdefault((one.slot, one.name, one.runs, one.digest), []).append(one)
    behind = {(one.slot, one.name, one.door): one for verdict in found.whole.verdicts for one in verdict.foreign}
    return [_told(behind[slot, name, runs], several) for (slot, name, runs, _), several in sorted(uses.items())]


def stood_in_for(programme: Programme, links: Links) -> list[Problem]:
    """Locked parts whose model is not covolt's and is not asked: covolt's model of what they declare stands in, and says so.

    What an offer brings along (`Model.file`) is asked without being named.
    """
    if programme.lock is None:
        return []
    sheets = locked_sheets(programme)
    hint = text("let its owner host it, and say where: covolt verify --model SLOT=hosted@ADDRESS:PORT")
    return [
        Problem(text("{part} is computed by what it declares, not by its own model", part=sheet.reference), slot, hint)
        for slot, sheet in sheets.items()
        if slot not in links and model_kind(sheet).foreign and sheet.model.file is None
    ]


def unit_notices(programme: Programme, links: Links) -> list[Problem]:
    """What is to be told of the units of parts that are not covolt's: behind links, and FMUs that locked offers bring along."""
    from covolt.study.verdicts.offered_models import brought_notices

    sheets = locked_sheets(programme) if programme.lock is not None else {}
    told = [replace(one, where=slot) for slot, link in links.items() for one in link.notices]
    return told + brought_notices(programme, [sheet for slot, sheet in sheets.items() if slot not in links])


def _told(part: RestsOn, uses: Sequence[ForeignUse]) -> Problem:
    ways = {way for one in uses for way in one.ways}
    ran = [part.file if part.file != part.name else "", part.digest]
    numbers: dict[str, Value] = {
        "name": part.name,
        "party": part.party,
        "runs": joined([DOORS[part.door], *ran, *([part.guarded] if part.guarded else [])], ", "),
        "drives": sum(one.drives for one in uses),
        "settled": settled_said(ways, max(one.passes for one in uses), max(one.rest_ratio for one in uses)),
    }
    shares = [one.declared_less_real_ratio for one in uses if one.declared_less_real_ratio is not None]
    if shares:
        numbers["share"] = 100.0 * max(shares)
        what = message(
            "{name} of {party} ({runs}) answered for the slot; drives: {drives}, {settled}; "
            "it differs from what it declares by at most {share:.2g} % of the energy through the drive units",
            numbers,
        )
    else:
        numbers["share"] = 100.0 * max((one.remainder_ratio or 0.0 for one in uses), default=0.0)
        what = message(
            "{name} of {party} ({runs}) answered for the slot; drives and charges: {drives}, {settled}; "
            "its charge and losses explain all but {share:.2g} % of the energy through its terminals",
            numbers,
        )
    hints = [text("± is that of what the part declares, by covolt's own model of it, and of each value this share")]
    if shares:
        hints.append(text("what no drive asks of it, such as net power on the bench, is that of what it declares too"))
    if part.provisional:
        hints.append(text("its answers are from a log: the verdicts are provisional"))
    return Problem(what, part.slot, joined(hints, "; "))


def opened_slots(sheets: Mapping[str, Datasheet], links: Links, doors: Doors | None) -> dict[str, str]:
    """Slots whose parts are asked themselves behind `doors`, since no link is named for them, with the digest of what runs."""
    if doors is None:
        return {}
    found = {slot: doors.digest(sheet) for slot, sheet in sheets.items() if slot not in links and sheet.model.file}
    return {slot: digest for slot, digest in found.items() if digest}


def open_doors(sheets: Mapping[str, Datasheet], links: Links, doors: Doors | None) -> None:
    """Open what is asked behind doors before anything is driven: what is wrong with it ends all of it at once."""
    if doors is None:
        return
    for slot in opened_slots(sheets, links, doors):
        (doors.battery if slot == "battery" else doors.drive_unit)(sheets[slot])


def foreign_key(key: str, links: Links, opened: Mapping[str, str] = MappingProxyType({})) -> str:
    """Digest of a record's key and of what runs; what covolt does not run itself is found again in this process alone."""
    told = [" ".join((slot, link.digest, link.runs, link.wiring)).rstrip() for slot, link in sorted(links.items())]
    told += [f"{slot} {digest} sandboxed" for slot, digest in sorted(opened.items())]
    apart = "" if all(link.runs == "sandboxed" for link in links.values()) else THIS_PROCESS
    return hashlib.sha256("\n".join([key, apart, *told]).encode()).hexdigest()
