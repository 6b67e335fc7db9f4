"""The end of a drive: what a runner hands over of it, as numbers or as what is traced."""

from __future__ import annotations

from typing import Any, NamedTuple


class DriveEnd(NamedTuple):
    """What a runner knows at the end of a drive; all that an account needs of the vehicle."""

    speed_m_per_s: Any
    state_of_charge: Any
    battery_temperature_K: Any
    equivalent_mass_kg: Any
    mains_ratio: Any
    """Energy from the mains per energy stored."""
    energy_J: dict[str, Any]
    distance_m: Any
    missed_time_s: Any
    worst_miss_m_per_s: Any
    first_miss_step: Any
    first_miss_limit: Any
    driven_steps: Any
    outside_map_time_s: Any


def drive_end_of(vehicle: Any, place: tuple[Any, Any, Any], last: Any, tally: Any, mains_ratio: Any) -> DriveEnd:
    """What is known at the end, from ambient, load and dynamometer, the last state and the tally; numbers, or what is traced."""
    ambient, payload_kg, dynamometer = place
    return DriveEnd(
        speed_m_per_s=last.speed_m_per_s,
        state_of_charge=vehicle.battery.state_of_charge(last.battery),
        battery_temperature_K=vehicle.battery.temperature_K(last.battery),
        equivalent_mass_kg=vehicle.body.at(ambient, payload_kg, vehicle.tyre, dynamometer).equivalent_mass_kg,
        mains_ratio=mains_ratio,
        **tally._asdict(),
    )
