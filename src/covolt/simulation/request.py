"""What the row of a mission asks of one step, and what foreign parts answer to it."""

from __future__ import annotations

from typing import NamedTuple

from covolt.vehicle.foreign import BatteryRow
from covolt.vehicle.part import Scalar

OF_BATTERY = "battery_"
ANSWERS_OF_BATTERY = tuple(f"{OF_BATTERY}{name}" for name in BatteryRow._fields)
EXCESSES = ("drive_unit_excess_power_W", "second_drive_unit_excess_power_W")
"""By the place of an axle what its drive units take beyond what they declare."""
ANSWERS = (*ANSWERS_OF_BATTERY, *EXCESSES)
"""Fields of a `Request` that no mission gives, but a foreign part, in the order in which they are packed behind the mission's."""


class Request(NamedTuple):
    """What the mission asks of one step. A field that is None costs nothing: it is left out when the step is compiled."""

    target_m_per_s: Scalar
    preview_m_per_s: Scalar | None = None
    slope_fraction: Scalar | None = None
    coasting_fraction: Scalar | None = None
    parked_fraction: Scalar | None = None
    heater_power_W: Scalar | None = None
    air_conditioning_power_W: Scalar | None = None
    battery_discharge_power_limit_W: Scalar | None = None
    battery_charge_power_limit_W: Scalar | None = None
    battery_sustained_charge_power_limit_W: Scalar | None = None
    battery_voltage_before_V: Scalar | None = None
    battery_voltage_V: Scalar | None = None
    battery_temperature_K: Scalar | None = None
    battery_state_of_charge: Scalar | None = None
    battery_current_A: Scalar | None = None
    battery_loss_power_W: Scalar | None = None
    drive_unit_excess_power_W: Scalar | None = None
    second_drive_unit_excess_power_W: Scalar | None = None

    def battery_row(self) -> BatteryRow | None:
        """What a foreign battery answers; None where the vehicle has its own."""
        if self.battery_voltage_V is None:
            return None
        return BatteryRow(*(getattr(self, f"{OF_BATTERY}{name}") for name in BatteryRow._fields))

    def excess_W(self, axle: int) -> Scalar | None:
        """What foreign drive units of an axle take beyond what they declare; None where they are covolt's own."""
        return getattr(self, EXCESSES[axle])
