"""Which uncertain numbers of the generic set a vehicle leaves to covolt."""

from __future__ import annotations

from collections.abc import Mapping

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.contract.datasheet import Datasheet
from covolt.library.driveline import has_loss_map
from covolt.library.fitted import is_bus
from covolt.library.generic import UNCERTAIN, DriveOfCar, InverterKind, MotorKind

__all__ = ["drive_of_car", "generic_numbers_used", "kind_loss", "stated"]

_KIND_OF = {
    "permanent_magnet_loss_W": "permanent-magnet",
    "externally_excited_loss_W": "externally-excited",
    "induction_loss_W": "induction",
}


def stated(sheet: Datasheet, name: str) -> float | None:
    """Declared number or model parameter in its SI unit, None where neither is given."""
    found = sheet.declared.get(name) or sheet.model.parameters.get(name)
    return None if found is None else found.value_si


def drive_of_car(unit: Datasheet) -> DriveOfCar:
    """A drive unit by what its datasheet says of its machine; magnets and an unknown semiconductor where it says nothing."""
    kind: MotorKind = "permanent-magnet"
    if (stated(unit, "motor_induction") or 0.0) >= 0.5:
        kind = "induction"
    elif (stated(unit, "motor_externally_excited") or 0.0) >= 0.5:
        kind = "externally-excited"
    carbide = stated(unit, "inverter_silicon_carbide")
    inverter: InverterKind | None = None
    if carbide is not None:
        inverter = "silicon-carbide" if carbide >= 0.5 else "silicon"
    return DriveOfCar(unit.declared["power_peak"].value_si, kind, inverter)


def kind_loss(kind: MotorKind) -> str:
    """The generic number for what a turning machine of a kind loses."""
    return next(name for name, one in _KIND_OF.items() if one == kind)


def generic_numbers_used(sheets: Mapping[str, Datasheet]) -> tuple[str, ...]:
    """Names of the uncertain numbers that move the vehicle of these datasheets, in the order of `UNCERTAIN`.

    A declared loss map takes the losses of its drive unit away, a coast-down the drag of the bearings, and every number that
    `replaced_by` names the one that it replaces.
    """
    used = _drive_numbers(sheets)
    for number in UNCERTAIN:
        if number.name == "bearing_coefficient":
            if sheets["body"].model.kind != "coast-down":
                used.add(number.name)
        elif not any(declared == "loss" for _, declared in number.replaced_by):
            slots = ("gearbox", "second_gearbox") if number.name == "mesh_efficiency" else ()
            places = [(slot, "efficiency") for slot in slots if slot in sheets] or list(number.replaced_by)
            if number.name == "door_open_fraction" and not is_bus(stated(sheets["cabin"], "heat_transfer")):
                continue
            if number.name == "heat_pump_ratio" and not _has_heat_pump(sheets["cabin"]):
                continue
            if not places or any(not _states(sheets[slot], declared) for slot, declared in places):
                used.add(number.name)
    return tuple(number.name for number in UNCERTAIN if number.name in used)


def _states(sheet: Datasheet, name: str) -> bool:
    """Whether a datasheet gives a number or a table of this name."""
    return stated(sheet, name) is not None or name in sheet.tables or name in sheet.model.tables


def _has_heat_pump(cabin: Datasheet) -> bool:
    """As `covolt.library.fitted.conditioned` takes a cabin's datasheet."""
    usual = 0.0 if stated(cabin, "heat_pump_power") is None else 1.0
    found = stated(cabin, "heat_pump")
    return (usual if found is None else found) >= 0.5


def _drive_numbers(sheets: Mapping[str, Datasheet]) -> set[str]:
    """Of the numbers that a loss map replaces, those that the drive units without one are made of."""
    units = [sheets[slots[0]] for slots in (FIRST_AXLE, SECOND_AXLE) if slots[0] in sheets]
    drives = [(unit, drive_of_car(unit)) for unit in units]
    asleep = len({drive.motor_kind for _, drive in drives}) > 1
    used: set[str] = set()
    for unit, drive in drives:
        if has_loss_map(unit):
            continue
        used |= {"drive_loss_ratio", "spin_loss_W_s"}
        if drive.inverter_kind != "silicon-carbide":
            used.add("silicon_torque_loss_W_per_Nm")
        if drive.inverter_kind is None:
            used.add("silicon_fraction")
        if stated(unit, "loss_constant") is None:
            used.add("base_loss_W")
            if not (asleep and drive.motor_kind == "induction"):
                used |= {name for name, kind in _KIND_OF.items() if kind == drive.motor_kind}
    return used
