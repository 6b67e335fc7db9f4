"""The numbers of a drive and of a charging session by name: what each is called, and in which unit people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from covolt.display import Quantity, Table, printed

if TYPE_CHECKING:
    from covolt.simulation.charging import ChargingSession
    from covolt.simulation.ledger import Ledger
    from covolt.simulation.trace import Result

__all__ = ["DRIVE", "TRACED", "drive_table", "ledger_table", "quantities_of", "session_quantities", "session_tables"]

ZERO_CELSIUS_K = 273.15
SMALLEST_SHARE = 5e-4
"""Of the energy that went in; a smaller entry of a ledger is not shown."""
DRIVE: Mapping[str, tuple[str, str]] = {
    "range_m": ("range, full to empty", "km"),
    "battery_consumption_J_per_m": ("consumption at the battery's terminals", "Wh/km"),
    "plug_consumption_J_per_m": ("consumption from the plug", "kWh/100 km"),
    "distance_m": ("distance", "km"),
    "battery_energy_J": ("energy at the battery's terminals", "kWh"),
    "plug_energy_J": ("energy from the plug", "kWh"),
    "state_of_charge": ("state of charge at the end", "%"),
    "battery_temperature_K": ("battery temperature at the end", "degC"),
}
TRACED: Mapping[str, tuple[str, str]] = {
    "recuperated_energy_J": ("energy recuperated, at the drive units", "kWh"),
    "recuperated_fraction": ("of the energy that drove, recuperated", "%"),
}
"""Those of a drive of which a trace was kept."""


def quantities_of(result: Result) -> dict[str, Quantity]:
    """Every number of a drive by its name in SI."""
    known = result.expanded_si
    return {
        name: Quantity(title, float(getattr(result, name)), unit, known.get(name, 0.0))
        for name, (title, unit) in {**DRIVE, **TRACED}.items()
        if name not in TRACED or isfinite(getattr(result, name))
    }


def drive_table(result: Result) -> Table:
    """What a drive yields, and how it ended."""
    conditions = result.mission.conditions
    place = "on rollers" if conditions.on_dynamometer else "on the road"
    comforts = "comforts on" if conditions.comforts_on else "comforts off"
    warmth = f"{conditions.ambient_temperature_K - ZERO_CELSIUS_K:.1f} °C"
    rows = [(one.title, one.number, printed(one.unit)) for one in result.quantities.values()]
    told = "± is U, k = 2, of what the car's figures leave generic." if result.expanded_si else ""
    title = f"{result.name} over {result.mission.name}, {warmth}, {place}, {comforts}"
    return Table(title, ("", "value", "unit"), rows, frozenset({1}), (f"Outcome: {result.outcome}", told))


def ledger_table(ledger: Ledger, expanded_si: Mapping[str, float]) -> Table:
    """Where the energy went: each entry, with ± where it is known, and its share of what came in."""
    drawn_J = sum(abs(entry.energy_J) for entry in ledger.entries if entry.kind == "source") or 1.0
    shown = [entry for entry in ledger.entries if abs(entry.energy_J) > SMALLEST_SHARE * drawn_J]
    rows = [
        (
            ("out of the cells" if entry.name == "battery" else f"from the {entry.name}")
            if entry.kind == "source"
            else entry.name,
            Quantity("", entry.energy_J, "Wh", expanded_si.get(entry.name, 0.0)).number,
            f"{100.0 * entry.energy_J / drawn_J:.1f}",
        )
        for entry in sorted(shown, key=lambda one: (one.kind != "source", -one.energy_J))
    ]
    return Table("Where the energy went", ("", "Wh", "%"), rows, frozenset({1, 2}))


SESSION: Mapping[str, tuple[str, str]] = {
    "time_s": ("time", "min"),
    "plug_energy_J": ("energy at the plug", "kWh"),
    "stored_energy_J": ("energy that the cells keep", "kWh"),
    "efficiency": ("kept of what was given", "%"),
    "mean_power_W": ("mean power at the plug", "kW"),
    "displayed_fraction": ("charge shown at the end", "%"),
    "battery_temperature_K": ("battery temperature at the end", "degC"),
}
SHOWN_STEPS = 10
"""Steps between the percents at which the power of a session is listed."""


def session_quantities(session: ChargingSession) -> dict[str, Quantity]:
    """Every number of a charging session by its name in SI."""
    return {name: Quantity(title, float(getattr(session, name)), unit) for name, (title, unit) in SESSION.items()}


def session_tables(session: ChargingSession, limits: Sequence[str]) -> list[Table]:
    """What a session yields and how it ended, then at every tenth of the charge when, with what power, and what bound it."""
    mission, shown = session.mission, session["displayed_fraction"]
    warmth = f"{mission.ambient_temperature_K - ZERO_CELSIUS_K:.1f} °C"
    begin, end = (100.0 * one for one in (mission.from_displayed_fraction, mission.to_displayed_fraction))
    power = Quantity("", float(mission.supply.power_max_W), "kW")
    title = f"Charging from {begin:g} to {end:g} % at {power}, {warmth}"
    found = [(one.title, one.number, printed(one.unit)) for one in session.quantities.values()]
    rows: list[tuple[str, ...]] = []
    for percent in range(0, 101, SHOWN_STEPS):
        at_s = session.time_at_s(percent / 100.0)
        if not isfinite(at_s):
            continue
        row = min(int(shown.searchsorted(percent / 100.0)), len(shown) - 1)
        numbers = (
            at_s / 60.0,
            session["mains_power_W"][row] / 1e3,
            session["battery_temperature_K"][row] - ZERO_CELSIUS_K,
        )
        rows.append((f"{percent}", *(f"{one:.1f}" for one in numbers), limits[int(session["limit"][row])]))
    heads = ("charge, %", "time, min", "power, kW", "battery, °C", "bound by")
    return [
        Table(title, ("", "value", "unit"), found, frozenset({1}), (f"Outcome: {session.outcome}",)),
        Table("Power over charge", heads, rows, frozenset({0, 1, 2, 3})),
    ]
