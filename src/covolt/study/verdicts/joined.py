"""From the files of a programme to the subject of its procedures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import equinox as eqx
import numpy as np

from covolt import units
from covolt.contract.datasheet import Datasheet
from covolt.errors import CovoltError, InputError, NotFound, Problem
from covolt.library.generic import GENERIC, Generic
from covolt.library.join import Frame, Joined, join
from covolt.library.join_many import World, join_all
from covolt.library.joint import Doors
from covolt.library.subject import Family, Subject
from covolt.library.terms import Terms
from covolt.programme.charter import FamilyEnd, VehicleFrame
from covolt.programme.documents import Programme
from covolt.vehicle.body import DragBody
from covolt.words import text

__all__ = ["family_end", "frame_of", "locked_sheets", "subject_of", "subject_with", "subjects_of"]

NO_TERMS = Terms()


def locked_sheets(programme: Programme) -> dict[str, Datasheet]:
    """The datasheet that the lock pins in each slot, by the name that the slot has in a vehicle."""
    if programme.lock is None:
        raise NotFound(
            Problem(text("the programme has no lock: no part is chosen yet"), "programme.lock", text("covolt lock"))
        )
    return {
        programme.vehicle_slot(programme.slots[slot]): programme.offers[pin.offer].datasheet
        for slot, pin in sorted(programme.lock.slots.items())
    }


def subject_of(
    sheets: Mapping[str, Datasheet],
    frame: VehicleFrame,
    name: str,
    generic: Generic = GENERIC,
    *,
    moved: bool = False,
    terms: Terms = NO_TERMS,
    doors: Doors | None = None,
) -> Subject:
    """The vehicle that the datasheets make, with what the parties declare; `moved` and `doors` as in `join`.

    Raises:
        InputError: where the programme loads more than the body carries.
    """
    joined = join(sheets, frame_of(frame), generic, moved=moved, doors=doors)
    return subject_with(joined, sheets, frame, name, moved=moved, terms=terms)


def subjects_of(
    worlds: Sequence[World], frame: VehicleFrame, name: str, *, moved: bool = False, terms: Terms = NO_TERMS
) -> list[Subject | CovoltError]:
    """As `subject_of`, of many vehicles at once: each subject, or why there is none."""
    found: list[Subject | CovoltError] = []
    for one, joined in zip(worlds, join_all(worlds, frame_of(frame), moved=moved), strict=True):
        try:
            found.append(
                joined
                if isinstance(joined, CovoltError)
                else subject_with(joined, one.sheets, frame, name, moved=moved, terms=terms)
            )
        except CovoltError as error:
            found.append(error)
    return found


def frame_of(frame: VehicleFrame) -> Frame:
    """What of the frame makes the vehicle."""
    return Frame(frame.driven_axle, _si(frame.speed_limit, "m/s"))


def _si(written: str | None, unit: str) -> float | None:
    return None if written is None else units.parse(written, unit)


def subject_with(
    joined: Joined,
    sheets: Mapping[str, Datasheet],
    frame: VehicleFrame,
    name: str,
    *,
    moved: bool = False,
    terms: Terms = NO_TERMS,
) -> Subject:
    """A joined vehicle with what its parties declare of it.

    Raises:
        InputError: where the programme loads more than the body carries.
    """
    maximum_load_kg = units.parse(frame.maximum_load, "kg")
    carried = sheets["body"].declared.get("payload_maximum")
    if carried is not None and not moved and maximum_load_kg > carried.value_si:
        what = text(
            "up to {maximum_load} are loaded, and payload_maximum of {reference} is {carried}",
            maximum_load=frame.maximum_load,
            reference=sheets["body"].reference,
            carried=carried.value,
        )
        raise InputError(
            Problem(what, "programme.toml (vehicle.maximum_load)", text("lower it, or choose another body"))
        )
    subject = Subject(
        vehicle=joined.vehicle,
        name=name,
        category=frame.category,
        kerb_mass_kg=joined.kerb_mass_kg,
        maximum_load_kg=maximum_load_kg,
        top_speed_m_per_s=_si(frame.speed_limit, "m/s"),
        width_m=_si(frame.width, "m"),
        height_m=_si(frame.height, "m"),
        length_m=_si(frame.length, "m"),
        passengers=frame.passengers,
        decks=frame.decks,
        declared={
            slot: {number: one.value_si for number, one in sorted(sheet.declared.items())}
            for slot, sheet in sorted(sheets.items())
        },
        chemistry=sheets["battery"].chemistry,
        sheets=sheets,
        terms=terms,
    )
    if frame.family is None:
        return subject
    return replace(
        subject, family=Family(family_end(subject, frame.family.low), family_end(subject, frame.family.high))
    )


def family_end(subject: Subject, end: FamilyEnd) -> Subject:
    """The joined vehicle with the mass, drag area and rolling resistance of one end of its family."""
    if not isinstance(subject.vehicle.body, DragBody):
        what = text("an interpolation family is stated by drag area and tyres, but the body is given by a coast-down")
        raise InputError(
            Problem(what, "programme.toml", text("remove [vehicle.family], or give the body by drag area"))
        )
    kerb_kg = units.parse(end.kerb_mass, "kg")
    values = (kerb_kg, units.parse(end.drag_area, "m2"), end.rolling_resistance)
    vehicle = eqx.tree_at(
        lambda v: (v.body.mass_kg, v.body.drag_area_m2, v.tyre.rolling_coefficient),
        subject.vehicle,
        tuple(np.asarray(value) for value in values),
    )
    return replace(subject, vehicle=vehicle, kerb_mass_kg=kerb_kg)
