"""Why a charging session did not reach the charge that was asked of it, in an engineer's words."""

from __future__ import annotations

from collections.abc import Mapping

from covolt.simulation.outcome import Outcome
from covolt.words import text

__all__ = ["not_reached"]

BOUND_BY = {
    "battery": text("bound by the battery"),
    "charging curve": text("bound by the charging curve"),
    "post's power": text("bound by the post's power"),
    "post's current or voltage": text("bound by the post's current or voltage"),
    "inlet": text("bound by the inlet"),
    "charger": text("bound by the charger"),
}
"""What holds a charging session back."""


def not_reached(
    asked_fraction: float, reached_fraction: float, row: Mapping[str, float], limit: str, battery_C: float
) -> Outcome:
    """The outcome of a session whose last step is `row`; fractions are displayed states of charge."""
    why = BOUND_BY[limit]
    if limit == "battery":
        why = text(
            "the battery at {temperature:.0f} degC takes {power:.2f} kW without damage",
            temperature=battery_C,
            power=float(row["battery_power_W"]) / 1e3,
        )
    elif limit == "post's current or voltage" and row["mains_power_W"] <= 0.0:
        why = text("the post does not serve a battery of {voltage:.0f} V", voltage=float(row["battery_voltage_V"]))
    told = text(
        "{asked:.0f} % not reached: {reached:.1f} % after {hours:.1f} h; {why}, {power:.2f} kW at the plug",
        asked=100 * asked_fraction,
        reached=100 * reached_fraction,
        hours=float(row["time_s"]) / 3600.0,
        why=why,
        power=float(row["mains_power_W"]) / 1e3,
    )
    return Outcome(False, told, limit=limit)
