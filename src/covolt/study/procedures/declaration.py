"""Declared numbers: what the parties state of their parts, and the masses that follow, without any drive."""

from __future__ import annotations

from covolt.contract.architecture import INTERFACES, SECOND_AXLE
from covolt.contract.standard import standard_interface, standard_interfaces
from covolt.library.subject import DRIVER_kg, Subject
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.words import Words

__all__ = ["PROCEDURES"]

SPOKEN = {"J": "kWh", "W": "kW", "m/s": "km/h", "rad/s": "rpm", "C": "Ah"}
"""Units in which people speak of what has this SI unit."""


SLOTS = {
    "auxiliary": "бортовые потребители",
    "battery": "батарея",
    "body": "кузов",
    "brake": "тормоза",
    "cabin": "климат салона",
    "charger": "зарядное устройство",
    "drive_unit": "привод",
    "gearbox": "редуктор",
    "second_drive_unit": "второй привод",
    "second_gearbox": "второй редуктор",
    "tyre": "шины",
}
"""Slots of the vehicle in Russian."""


KERB_MASS = Measure("vehicle.kerb_mass", Words("Kerb mass", "Снаряжённая масса"), "kg")
RUNNING_ORDER = Measure(
    "vehicle.running_order_mass", Words("Mass in running order", "Масса в снаряжённом состоянии"), "kg"
)
PAYLOAD = Measure("vehicle.payload", Words("Payload", "Грузоподъёмность"), "kg")


def _declared() -> dict[tuple[str, str], Measure]:
    slots = [(interface.name, interface) for interface in standard_interfaces().values()]
    slots += [(slot, standard_interface(INTERFACES[slot])) for slot in SECOND_AXLE]
    return {
        (slot, parameter.name): Measure(
            f"{slot}.{parameter.name}",
            Words(_plain(slot, parameter.name)),
            SPOKEN.get(parameter.unit, parameter.unit),
        )
        for slot, interface in slots
        for parameter in interface.parameters
    }


def _plain(slot: str, name: str) -> str:
    return f"{slot}: {name}".replace("_", " ")


def declared_numbers(subject: Subject, given: Given, note: Recorder) -> None:
    """The declared numbers of every part, kerb mass m = sum of the parts' masses, and mass in running order m + 75 kg."""
    del given
    if subject.kerb_mass_kg is not None:
        for slot, numbers in subject.declared.items():
            if "mass" in numbers:
                note.line(_plain(slot, "mass"), f"{SLOTS[slot]}: масса", numbers["mass"], "kg", "m")
        note.section()
        kerb = note.line("kerb mass", "снаряжённая масса", subject.kerb_mass_kg, "kg", "m_kerb")
        note.line("mass in running order", "масса с водителем", kerb + DRIVER_kg, "kg", "m_ro", "ISO 1176")
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
        title=Words("Declared numbers", "Заявленные параметры"),
        regulation="ISO 1176",
        measures=(KERB_MASS, RUNNING_ORDER, PAYLOAD, *DECLARED.values()),
        validation_level=0,
        recipe=declared_numbers,
    ),
)
