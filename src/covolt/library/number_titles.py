"""What people call the numbers that datasheets declare."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from covolt.words import Phrase, Words, text

__all__ = ["number_title"]

_TITLES: Mapping[str, Phrase] = MappingProxyType(
    {
        "mass": text("mass", context="number"),
        "energy_usable": text("usable energy", context="number"),
        "energy_nominal": text("nominal energy", context="number"),
        "voltage_nominal": text("nominal voltage", context="number"),
        "voltage_minimum": text("lowest voltage", context="number"),
        "voltage_maximum": text("highest voltage", context="number"),
        "discharge_power_peak": text("peak discharge power", context="number"),
        "charge_power_peak": text("peak charging power", context="number"),
        "resistance": text("resistance", context="number"),
        "capacity": text("capacity", context="number"),
        "heat_capacity": text("heat capacity", context="number"),
        "torque_peak": text("peak torque", context="number"),
        "power_peak": text("peak power", context="number"),
        "power_continuous": text("maximum 30-minute power", context="number"),
        "speed_maximum": text("highest speed of rotation", context="number"),
        "efficiency_peak": text("peak efficiency", context="number"),
        "efficiency": text("efficiency", context="number"),
        "inertia": text("inertia", context="number"),
        "ratio": text("ratio", context="number"),
        "ratio_highest_gear": text("ratio of the highest gear", context="number"),
        "torque_maximum": text("highest torque", context="number"),
        "deceleration_maximum": text("highest deceleration", context="number"),
        "recuperation_deceleration_maximum": text("highest deceleration by recuperation", context="number"),
        "recuperation_speed_minimum": text("lowest speed of recuperation", context="number"),
        "rolling_resistance_coefficient": text("rolling resistance coefficient", context="number"),
        "rolling_radius": text("rolling radius", context="number"),
        "grip_coefficient": text("grip coefficient", context="number"),
        "pressure": text("pressure", context="number"),
        "payload_maximum": text("highest payload", context="number"),
        "drag_coefficient": text("drag coefficient", context="number"),
        "frontal_area": text("frontal area", context="number"),
        "coast_down_constant": text("constant part of the coast-down", context="number"),
        "coast_down_linear": text("linear part of the coast-down", context="number"),
        "coast_down_quadratic": text("quadratic part of the coast-down", context="number"),
        "wheelbase": text("wheelbase", context="number"),
        "front_load": text("share of the weight on the front axle", context="number"),
        "heating_power_maximum": text("highest heating power", context="number"),
        "fuel_heater_power": text("rated heat of the fuel-fired heater", context="number"),
        "cooling_power_maximum": text("highest cooling power", context="number"),
        "heat_transfer": text("heat transfer", context="number"),
        "volume": text("volume", context="number"),
        "power_driving": text("power while driving", context="number"),
        "power_standstill": text("power at standstill", context="number"),
        "power_charging": text("power while charging", context="number"),
        "power_key_off": text("power with the key off", context="number"),
        "direct_power_maximum": text("highest power by direct current", context="number"),
        "charging_power": text("charging curve, at most", context="number"),
        "power_maximum": text("highest power", context="number"),
        "current_maximum": text("highest current", context="number"),
        "drag_torque": text("drag torque", context="number"),
        "fresh_air": text("fresh air", context="number"),
        "heater_power": text("heater power", context="number"),
        "heating_below": text("heating below", context="number"),
        "heating_set_point": text("heating set point", context="number"),
        "loss_constant": text("loss constant", context="number"),
        "loss_ratio": text("loss ratio", context="number"),
        "occupants": text("occupants", context="number"),
        "temperature_coefficient": text("temperature coefficient", context="number"),
    }
)
"""By the name that the standard interfaces give a number."""


def number_title(name: str) -> Phrase:
    """What people call a declared number; of a number of a party's own its name."""
    return _TITLES.get(name) or Words(name.replace("_", " "))
