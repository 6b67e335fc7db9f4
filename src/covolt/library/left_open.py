"""What a car's file leaves open, in words: a drive or a charge says which of its numbers are generic."""

from __future__ import annotations

from covolt.library.figures import CarFigures

__all__ = ["open_in_charging", "open_in_driving"]

COLD_K = 288.15
"""15 degC: below it the limit of charging in the cold may hold a session back."""
_NAMES = {
    "battery_cell": "battery cells",
    "battery_voltage": "battery voltage",
    "motor_kind": "kind of machine (taken as permanent-magnet)",
    "inverter_kind": "semiconductor of the inverter",
    "motor_torque": "motor torque",
    "gear_ratio": "gear ratio",
    "wheel_radius": "wheel radius",
    "top_speed": "top speed (that of the rotor)",
    "auxiliary_power": "12 V loads",
    "cabin_size": "cabin (of a compact car)",
    "heat_pump": "heat pump (taken as absent)",
}


def open_in_driving(figures: CarFigures) -> str:
    """One sentence: losses of the drive are always generic, the rest where the file does not state it."""
    names = [title for name, title in _NAMES.items() if name not in figures.model_fields_set]
    return f"Generic, the file states none: {', '.join(['losses of the drive', *names])}."


def open_in_charging(figures: CarFigures, *, alternating: bool, coldest_K: float) -> list[str]:
    """Sentences on the limits of this session that are not this car's own."""
    told: list[str] = []
    if alternating:
        power = "" if figures.ac_power is not None else " and power (7.4 kW)"
        told.append(f"On-board charger: generic efficiency{power}, the file states none.")
    elif figures.dc_curve is None:
        stated = (
            f"highest power as stated, {figures.dc_power / 1e3:g} kW, taken as exact"
            if figures.dc_power
            else "highest power 1.5 C, of which no ± is known"
        )
        told.append(f"Generic charging curve, the file states none; {stated}.")
    if coldest_K < COLD_K:
        if figures.charging_above is None and figures.freezing_charge_ratio is None:
            told.append("The limit of charging in the cold is of a cell model, not of this pack.")
        if figures.battery_heater is None:
            told.append("No battery heater is stated, so none runs (battery_heater).")
    return told
