"""Declared numbers: what the parties state of their parts, and the masses that follow, without any drive."""

from __future__ import annotations

from math import isinf

from covolt.contract.architecture import INTERFACES, SECOND_AXLE
from covolt.contract.standard import standard_interface, standard_interfaces
from covolt.library.number_titles import number_title
from covolt.library.subject import DRIVER_kg, Subject
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reach import OUTERMOST
from covolt.words import Words, joined, text

__all__ = ["PROCEDURES", "SLOTS"]

SPOKEN = {"J": "kWh", "W": "kW", "m/s": "km/h", "rad/s": "rpm", "C": "Ah"}
"""Units in which people speak of what has this SI unit."""


SLOTS = {
    "auxiliary": text("auxiliary", context="part"),
    "battery": text("battery", context="part"),
    "body": text("body", context="part"),
    "brake": text("brake", context="part"),
    "cabin": text("cabin", context="part"),
    "charger": text("charger", context="part"),
    "drive_unit": text("drive unit", context="part"),
    "gearbox": text("gearbox", context="part"),
    "second_drive_unit": text("second drive unit", context="part"),
    "second_gearbox": text("second gearbox", context="part"),
    "tyre": text("tyre", context="part"),
}
"""Parts of the vehicle by slot."""


KERB_MASS = Measure("vehicle.kerb_mass", text("Kerb mass"), "kg")
RUNNING_ORDER = Measure("vehicle.running_order_mass", text("Mass in running order"), "kg")
PAYLOAD = Measure("vehicle.payload", text("Payload"), "kg", -OUTERMOST["kg"])


def _declared() -> dict[tuple[str, str], Measure]:
    slots = [(interface.name, interface) for interface in standard_interfaces().values()]
    slots += [(slot, standard_interface(INTERFACES[slot])) for slot in SECOND_AXLE]
    return {
        (slot, parameter.name): Measure(
            f"{slot}.{parameter.name}",
            joined((SLOTS.get(slot) or Words(slot), number_title(parameter.name)), ": "),
            SPOKEN.get(parameter.unit, parameter.unit),
            *(None if isinf(end) else end for end in parameter.range_si),
        )
        for slot, interface in slots
        for parameter in interface.parameters
    }


def declared_numbers(subject: Subject, given: Given, note: Recorder) -> None:
    """The declared numbers of every part, kerb mass m = sum of the parts' masses, and mass in running order m + 75 kg."""
    del given
    if subject.kerb_mass_kg is not None:
        for slot, numbers in subject.declared.items():
            if "mass" in numbers:
                note.line(text("{part}: mass", part=SLOTS[slot]), numbers["mass"], "kg", "m")
        note.section()
        kerb = note.line("kerb mass", subject.kerb_mass_kg, "kg", "m_kerb")
        note.line("mass in running order", kerb + DRIVER_kg, "kg", "m_ro", "ISO 1176")
        note.result(KERB_MASS, kerb)
        note.result(RUNNING_ORDER, kerb + DRIVER_kg)
    if subject.maximum_load_kg is not None:
        note.result(PAYLOAD, subject.maximum_load_kg)
    for slot, numbers in subject.declared.items():
        for name, value_si in numbers.items():
            note.result(DECLARED[slot, name], value_si)


DECLARED = _declared()
"""Measures by slot and declared number."""
PROCEDURES = (
    Procedure(
        id="declaration",
        title=text("Declared numbers"),
        regulation="ISO 1176",
        measures=(KERB_MASS, RUNNING_ORDER, PAYLOAD, *DECLARED.values()),
        validation_level=0,
        recipe=declared_numbers,
    ),
)
