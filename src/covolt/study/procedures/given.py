"""Conditions that a requirement states for its procedure, as files write them and in SI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from covolt import units

__all__ = ["Given", "Start", "key_of"]

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Own = TypeVar("Own", bound="DataclassInstance")

Start = Literal["soaked", "preconditioned"]
"""Whether the vehicle stood in the ambient until it was as warm or cold, or was made ready from the mains."""


def _stated(key: str, unit: str = "", usual: Any = None) -> Any:
    """A condition whose name here carries a unit: how files call it, and in which unit it is read."""
    return field(default=usual, metadata={"key": key, "unit": unit})


@dataclass(frozen=True)
class Given:
    """The conditions that a requirement states; what is None is as the procedure itself prescribes."""

    cycle: str | None = None
    ambient_temperature_K: float | None = _stated("ambient", "K")
    payload_kg: float | None = _stated("payload", "kg")
    state_of_health_fraction: float = _stated("state_of_health", usual=1.0)
    state_of_charge: float | None = None
    start: Start | None = None
    climate: str | None = None
    yearly_distance_m: float | None = _stated("yearly_distance", "m")
    daily_charge_count: float | None = _stated("charges_per_day")
    market: str | None = None
    day: str | None = _stated("date")
    yearly_vehicle_count: int | None = _stated("yearly_volume")
    scheme: str | None = None
    area: str | None = None
    station_power_W: float | None = _stated("station_power", "W")
    station_voltage_V: float | None = _stated("station_voltage", "V")
    party: str | None = None
    level: str | None = None
    year: int | None = None

    @classmethod
    def of(cls, written: Mapping[str, str | float]) -> Given:
        """Conditions as files write them."""
        read: dict[str, Any] = {}
        for one in fields(cls):
            key, unit = one.metadata.get("key", one.name), one.metadata.get("unit")
            if key in written:
                read[one.name] = units.parse(str(written[key]), unit) if unit else written[key]
        return cls(**read)

    def over(self, own: Own) -> Own:
        """A procedure's own conditions with what is stated laid over them, field by field of the same name."""
        names = {one.name for one in fields(own)}
        stated: dict[str, Any] = {name: value for name, value in vars(self).items() if name in names}
        return replace(own, **{name: value for name, value in stated.items() if value is not None})


def key_of(name: str) -> str:
    """How files call a condition."""
    return str(next(one for one in fields(Given) if one.name == name).metadata.get("key", name))
