"""Where every joule went.

Four balances, five with a fuel-fired heater, hold at once, each summed from the parts' own terms:

    battery     electrochemical energy given = energy at the terminals + its losses
    bus         terminals + charger = auxiliaries + climate + conditioning + drive units (+ what could not be fed)
    drive       drive units' energy = their losses + gearbox losses + work at the wheels
    body        work at the wheels = friction brakes + rolling + bearings and rest + air + height gained + kinetic energy gained
    fuel        fuel that a heater burnt = its heat to the cabin + what left with the exhaust; where there is such a heater

Of a battery that is not covolt's the first cannot be held: what enters it less what it says that it stores and loses is a line
of its own, "remainder of the battery", and such a ledger never closes.

Of drive units that are not covolt's the loss is the declared one; what their real electrical power is below that is a line of its
own, "declared less real", which stands with the sources: the balance of the drive holds with it.

Wind is part of the air. Of a coast-down the share of the tyres in its constant term is rolling; a negative linear term is taken
off the air, whose square it mends; what is left of constant and linear term was measured without its cause: bearings, gears,
touching brakes, tyres at speed.

A run whose ledger does not close to 1e-6 of the energy that moved is an error, not a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from covolt.errors import CovoltError, Problem
from covolt.words import text

FLOWS = (
    "battery_open_circuit_power_W",
    "battery_loss_power_W",
    "battery_remainder_power_W",
    "battery_power_W",
    "auxiliary_power_W",
    "climate_power_W",
    "conditioning_power_W",
    "drive_unit_power_W",
    "drive_unit_loss_power_W",
    "drive_unit_declared_less_real_power_W",
    "gearbox_loss_power_W",
    "wheel_power_W",
    "friction_brake_power_W",
    "rolling_power_W",
    "driveline_power_W",
    "air_power_W",
    "slope_power_W",
    "unserved_power_W",
    "mains_power_W",
    "charger_loss_power_W",
    "fuel_power_W",
    "fuel_heat_power_W",
    "fuel_exhaust_power_W",
)
"""Powers that are summed over every drive, traced or not."""

OF_DRIVE_UNITS = (
    "drive unit loss",
    "gearbox loss",
    "friction brakes",
    "rolling",
    "bearings and rest of road load",
    "air drag",
    "height gained",
    "kinetic energy gained",
)
"""Entries that sum to the energy at the DC terminals of the drive units, by the balances of drive and body."""
FUEL = "fuel of the heater"
"""Entry of what a fuel-fired heater burns, at its net calorific value."""
REMAINDER = "remainder of the battery"
"""Entry of what enters a battery that is not covolt's less what it says that it stores and loses."""
DECLARED_LESS_REAL_FLOW = "drive_unit_declared_less_real_power_W"
DECLARED_LESS_REAL = "declared less real"
"""Entry of what drive units that are not covolt's take less than they declare, negative where they take more."""
TOLERANCE = 1e-6


class Entry(NamedTuple):
    """One line of the ledger: a name, its energy, and whether it is a source, a sink or a store; or a difference.

    sources + differences = sinks + stores
    """

    name: str
    energy_J: float
    kind: str


@dataclass(frozen=True)
class Ledger:
    """The energy account of one drive."""

    entries: tuple[Entry, ...]
    residuals: tuple[tuple[str, float], ...]
    moved_J: float
    open: tuple[str, ...] = ()
    """Balances that nobody can hold, for a part that is not covolt's shows not all that it stores and loses."""

    @property
    def closes(self) -> bool:
        """Whether each balance holds to 1e-6 of the energy that moved; never where one stays open."""
        return not self.open and self.holds

    @property
    def holds(self) -> bool:
        """Whether each balance that can be held holds to 1e-6 of the energy that moved."""
        return all(abs(residual) <= TOLERANCE * self.moved_J for _, residual in self.residuals)

    @property
    def worst_ratio(self) -> float:
        """Largest residual over the energy that moved."""
        return max(abs(residual) for _, residual in self.residuals) / self.moved_J

    @property
    def remainder_J(self) -> float:
        """What the open balances leave, summed; nothing where all can be held."""
        return sum(entry.energy_J for entry in self.entries if entry.name == REMAINDER)

    def energy_J(self, name: str) -> float:
        """Energy of one entry."""
        return next(entry.energy_J for entry in self.entries if entry.name == name)

    @property
    def declared_less_real_J(self) -> float:
        """What drive units that are not covolt's took less than they declare; nothing where all are covolt's own."""
        return sum(entry.energy_J for entry in self.entries if entry.name == DECLARED_LESS_REAL)

    @property
    def drive_units_J(self) -> float:
        """Energy at the DC terminals of the drive units, by the balances of drive and body."""
        return sum(self.energy_J(name) for name in OF_DRIVE_UNITS) - self.declared_less_real_J

    @property
    def electric_J(self) -> float:
        """Energy that came out of the cells and from the mains."""
        return sum(entry.energy_J for entry in self.entries if entry.kind == "source" and entry.name != FUEL)

    @property
    def fuel_J(self) -> float:
        """Energy of the fuel that a heater burnt; none where there is no such heater."""
        return sum(entry.energy_J for entry in self.entries if entry.name == FUEL)

    def demand_closed(self) -> None:
        """Raise where a balance that can be held does not hold: then the model is wrong, and its result must not be used."""
        if self.holds:
            return
        raise CovoltError(
            Problem(
                what=text(
                    "the energy balance of '{name}' is off by {residual:.6g} J of {moved:.6g} J moved",
                    name=name,
                    residual=residual,
                    moved=self.moved_J,
                ),
                where=f"ledger.{name}",
                hint=text(
                    "a part does not account for all of its energy; check its loss terms before using this drive"
                ),
            )
            for name, residual in self.residuals
            if not abs(residual) <= TOLERANCE * self.moved_J
        )


def ledger(energy_J: Mapping[str, float], kinetic_gain_J: float) -> Ledger:
    """The account of one drive from its summed flows.

    Args:
        energy_J: each of `FLOWS` summed over the drive.
        kinetic_gain_J: 1/2 m (v_end^2 - v_start^2) with the equivalent mass.
    """
    e = {name: float(energy_J.get(name, 0.0)) for name in FLOWS}
    charging = e["mains_power_W"] - e["charger_loss_power_W"]
    residuals = (
        ("battery", e["battery_power_W"] - e["battery_open_circuit_power_W"] - e["battery_loss_power_W"]),
        (
            "bus",
            charging
            - e["battery_power_W"]
            - e["unserved_power_W"]
            - e["auxiliary_power_W"]
            - e["climate_power_W"]
            - e["conditioning_power_W"]
            - e["drive_unit_power_W"],
        ),
        (
            "drive",
            e["drive_unit_power_W"]
            + e[DECLARED_LESS_REAL_FLOW]
            - e["drive_unit_loss_power_W"]
            - e["gearbox_loss_power_W"]
            - e["wheel_power_W"],
        ),
        (
            "body",
            e["wheel_power_W"]
            - e["friction_brake_power_W"]
            - e["rolling_power_W"]
            - e["driveline_power_W"]
            - e["air_power_W"]
            - e["slope_power_W"]
            - kinetic_gain_J,
        ),
    )
    entries = (
        Entry("battery", -e["battery_open_circuit_power_W"], "source"),
        Entry("mains", e["mains_power_W"], "source"),
        Entry("charger", e["charger_loss_power_W"], "sink"),
        Entry("battery loss", e["battery_loss_power_W"], "sink"),
        Entry("auxiliaries", e["auxiliary_power_W"], "sink"),
        Entry("cabin climate", e["climate_power_W"], "sink"),
        Entry("battery conditioning", e["conditioning_power_W"], "sink"),
        Entry("drive unit loss", e["drive_unit_loss_power_W"], "sink"),
        Entry("gearbox loss", e["gearbox_loss_power_W"], "sink"),
        Entry("friction brakes", e["friction_brake_power_W"], "sink"),
        Entry("rolling", e["rolling_power_W"], "sink"),
        Entry("bearings and rest of road load", e["driveline_power_W"], "sink"),
        Entry("air drag", e["air_power_W"], "sink"),
        Entry("height gained", e["slope_power_W"], "store"),
        Entry("kinetic energy gained", kinetic_gain_J, "store"),
        Entry("not served", -e["unserved_power_W"], "sink"),
    )
    if "fuel_power_W" in energy_J:
        burnt, heat, exhaust = e["fuel_power_W"], e["fuel_heat_power_W"], e["fuel_exhaust_power_W"]
        residuals += (("fuel", burnt - heat - exhaust),)
        entries += (
            Entry(FUEL, burnt, "source"),
            Entry("fuel heat to the cabin", heat, "sink"),
            Entry("exhaust of the heater", exhaust, "sink"),
        )
    still_open: tuple[str, ...] = ()
    if "battery_remainder_power_W" in energy_J:
        still_open, residuals = ("battery",), residuals[1:]
        entries += (Entry(REMAINDER, e["battery_remainder_power_W"], "sink"),)
    if DECLARED_LESS_REAL_FLOW in energy_J:
        entries += (Entry(DECLARED_LESS_REAL, e[DECLARED_LESS_REAL_FLOW], "difference"),)
    moved = abs(e["battery_open_circuit_power_W"]) + abs(e["mains_power_W"]) + abs(e["wheel_power_W"])
    moved += abs(e["friction_brake_power_W"]) + abs(e["rolling_power_W"]) + abs(kinetic_gain_J) + 1.0
    moved += abs(e["fuel_power_W"])
    return Ledger(entries, residuals, moved, still_open)
