"""Declared numbers: what the parties state of their parts, and the masses that follow, without any drive."""

from __future__ import annotations

from covolt.contract.architecture import INTERFACES, SECOND_AXLE
from covolt.contract.standard import standard_interface, standard_interfaces
from covolt.library.subject import DRIVER_kg, Subject
from covolt.study.procedures.protocol import Given, Measure, Procedure, Record, Recorder
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


def _measures() -> tuple[Measure, ...]:
    masses = (
        Measure("vehicle.kerb_mass", Words("Kerb mass", "Снаряжённая масса"), "kg"),
        Measure("vehicle.running_order_mass", Words("Mass in running order", "Масса в снаряжённом состоянии"), "kg"),
        Measure("vehicle.payload", Words("Payload", "Грузоподъёмность"), "kg"),
    )
    slots = [(interface.name, interface) for interface in standard_interfaces().values()]
    slots += [(slot, standard_interface(INTERFACES[slot])) for slot in SECOND_AXLE]
    declared = tuple(
        Measure(
            f"{slot}.{parameter.name}",
            Words(_plain(slot, parameter.name)),
            SPOKEN.get(parameter.unit, parameter.unit),
        )
        for slot, interface in slots
        for parameter in interface.parameters
    )
    return masses + declared


def _plain(slot: str, name: str) -> str:
    return f"{slot}: {name}".replace("_", " ")


def declared_numbers(subject: Subject, given: Given) -> Record:
    """The declared numbers of every part, kerb mass m = sum of the parts' masses, and mass in running order m + 75 kg."""
    del given
    recorder = Recorder("declaration")
    if subject.kerb_mass_kg is not None:
        for slot, numbers in subject.declared.items():
            if "mass" in numbers:
                recorder.line(_plain(slot, "mass"), f"{SLOTS[slot]}: масса", numbers["mass"], "kg", "m")
        recorder.section()
        kerb = recorder.line("kerb mass", "снаряжённая масса", subject.kerb_mass_kg, "kg", "m_kerb")
        recorder.line("mass in running order", "масса с водителем", kerb + DRIVER_kg, "kg", "m_ro", "ISO 1176")
        recorder.measure("vehicle.kerb_mass", kerb)
        recorder.measure("vehicle.running_order_mass", kerb + DRIVER_kg)
    if subject.maximum_load_kg is not None:
        recorder.measure("vehicle.payload", subject.maximum_load_kg)
    for slot, numbers in subject.declared.items():
        for name, value_si in numbers.items():
            recorder.measure(f"{slot}.{name}", value_si)
    return recorder.record()


PROCEDURES = (
    Procedure(
        id="declaration",
        title=Words("Declared numbers", "Заявленные параметры"),
        regulation="ISO 1176",
        measures=_measures(),
        validation_level=0,
        recipe=declared_numbers,
    ),
)
