"""What a car's file leaves open, in words: a drive or a charge says which of its numbers are generic."""

from __future__ import annotations

from covolt.library.figures import CarFigures
from covolt.words import Phrase, joined, text

__all__ = ["open_in_charging", "open_in_driving"]

COLD_K = 288.15
"""15 degC: below it the limit of charging in the cold may hold a session back."""
_NAMES = {
    "battery_cell": text("battery cells"),
    "battery_voltage": text("battery voltage"),
    "motor_kind": text("kind of machine (taken as permanent-magnet)"),
    "inverter_kind": text("semiconductor of the inverter"),
    "motor_torque": text("motor torque"),
    "gear_ratio": text("gear ratio"),
    "wheel_radius": text("wheel radius"),
    "top_speed": text("top speed (that of the rotor)"),
    "auxiliary_power": text("12 V loads"),
    "cabin_size": text("cabin (of a compact car)"),
    "heat_pump": text("heat pump (taken as absent)"),
}


def open_in_driving(figures: CarFigures) -> Phrase:
    """One sentence: losses of the drive are always generic, the rest where the file does not state it."""
    names = [title for name, title in _NAMES.items() if name not in figures.model_fields_set]
    return text("Generic, the file states none: {names}.", names=joined([text("losses of the drive"), *names], ", "))


def open_in_charging(figures: CarFigures, *, alternating: bool, coldest_K: float) -> list[Phrase]:
    """Sentences on the limits of this session that are not this car's own."""
    told: list[Phrase] = []
    if alternating:
        told.append(
            text("On-board charger: generic efficiency, the file states none.")
            if figures.ac_power is not None
            else text("On-board charger: generic efficiency and power (7.4 kW), the file states none.")
        )
    elif figures.dc_curve is None:
        stated = (
            text("highest power as stated, {power} kW, taken as exact", power=figures.dc_power / 1e3)
            if figures.dc_power
            else text("highest power 1.5 C, of which no ± is known")
        )
        told.append(text("Generic charging curve, the file states none; {stated}.", stated=stated))
    if coldest_K < COLD_K:
        if figures.charging_above is None and figures.freezing_charge_ratio is None:
            told.append(text("The limit of charging in the cold is of a cell model, not of this pack."))
        if figures.battery_heater is None:
            told.append(text("No battery heater is stated, so none runs (battery_heater)."))
    return told
