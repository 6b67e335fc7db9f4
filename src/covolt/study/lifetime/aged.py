"""An aged vehicle: less capacity, more resistance, everything else as new."""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx

from covolt.errors import InputError, Problem, Unavailable
from covolt.library.subject import Subject
from covolt.vehicle.abstract_battery import AbstractBattery
from covolt.vehicle.battery import CellBattery
from covolt.vehicle.foreign import ForeignBattery, Outside
from covolt.vehicle.part import settled
from covolt.words import text

__all__ = ["RESISTANCE_PER_LOSS", "aged"]

RESISTANCE_PER_LOSS = 2.5
"""Relative growth of resistance over relative loss of capacity: an estimate between a pack of NMC cells aged mostly by the
calendar (about 2) and by cycles (about 3); Schmalstieg 2014 gives 3.0 after ten years at 20 degC."""


def aged(subject: Subject, fraction: float) -> Subject:
    """The subject whose battery keeps a fraction q of its capacity: parallel count n q, resistance r (1 + 2.5 (1 - q)) q.

    Resistance is held per cell in parallel: with n q cells it grows by 1/q already, so r is scaled to reach 1 + 2.5 (1 - q).
    """
    if fraction >= 1.0:
        return subject
    battery = subject.vehicle.battery
    if isinstance(battery, ForeignBattery):
        return replace(
            subject, vehicle=eqx.tree_at(lambda v: v.battery, subject.vehicle, _aged_foreign(battery, fraction))
        )
    older = _aged_cells(battery, fraction)
    return replace(subject, vehicle=settled(replace(subject.vehicle, battery=older)))


def _aged_foreign(battery: ForeignBattery, fraction: float) -> ForeignBattery:
    """The part itself asked as aged, and what it declares aged with it."""
    link = battery.link.aged(fraction, 1.0 + RESISTANCE_PER_LOSS * (1.0 - fraction))
    if link is None:
        what = text("{name} cannot be aged: it has no parameters for what is left of it", name=battery.link.name)
        hint = text("give the part ageing_capacity_ratio and ageing_resistance_ratio, or leave state_of_health out")
        raise Unavailable(Problem(what, "conditions.state_of_health", hint))
    declared = settled(_aged_cells(battery.declared, fraction))
    return replace(battery, declared=declared, link_outside=Outside(link))


def _aged_cells(battery: AbstractBattery, fraction: float) -> CellBattery:
    if not isinstance(battery, CellBattery):
        what = text("this kind of battery has no state of health yet")
        raise InputError(Problem(what, "conditions.state_of_health", text("leave state_of_health out")))
    growth = (1.0 + RESISTANCE_PER_LOSS * (1.0 - fraction)) * fraction
    return eqx.tree_at(
        lambda b: (b.parallel_count, b.resistance_ratio),
        battery,
        (float(battery.parallel_count) * fraction, float(battery.resistance_ratio) * growth),
    )
