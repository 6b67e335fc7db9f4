"""Whether a battery that is not covolt's makes energy, or loses it unseen, by what it says that it stores and loses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from covolt.simulation.joint_part import Driven
from covolt.simulation.outcome import Outcome
from covolt.vehicle.foreign import ForeignBattery
from covolt.words import text

__all__ = ["Remainder", "remainder_of", "remainder_of_drive", "unbalanced"]

LARGEST_SHARE, LARGEST_UNTOLD_SHARE = 0.1, 0.5
"""Energy that a battery gives without saying where it comes from, or takes without saying where it goes, over that through its
terminals, beyond which a drive is no result: more than declared numbers are off, and less than the losses of a standard cycle.
Of a part that does not tell its loss, as much may be lost as in the deepest cold."""
LEAST_NET_SHARE = 0.2
"""Of what passes both ways: where as much comes back as was given, nothing is left to compare with."""
LEAST_CYCLED_FRACTION = 0.002
"""Of the declared energy: below it what passes the terminals says nothing of what is stored."""


class Remainder(NamedTuple):
    """What enters a battery less what it says that it stores and loses, over the net energy through its terminals.

    And whether it tells a loss.
    """

    ratio: float
    tells_flag: bool


def remainder_of_drive(battery: ForeignBattery, driven: Driven, dt_s: float) -> Remainder:
    """As `remainder_of`, over the steps that were driven."""
    steps = int(driven.ended.driven_steps)
    names = ("battery_remainder_power_W", "battery_power_W", "battery_loss_power_W")
    remainder_W, power_W, loss_W = (driven.signal(name, steps)[0] for name in names)
    return remainder_of(battery, remainder_W, power_W, loss_W, dt_s)


def remainder_of(
    battery: ForeignBattery,
    remainder_W: np.ndarray,
    power_W: np.ndarray,
    loss_W: np.ndarray,
    steps_s: np.ndarray | float,
) -> Remainder:
    """What enters a battery less what it says that it stores and loses, over the net energy through its terminals.

    With whether it tells a loss; nothing where too little passes to say it.
    """
    both_ways_J = float(np.sum(np.abs(power_W) * steps_s))
    through_J = max(abs(float(np.sum(power_W * steps_s))), LEAST_NET_SHARE * both_ways_J)
    tells = bool(np.any(loss_W != 0.0))
    if both_ways_J < LEAST_CYCLED_FRACTION * float(battery.declared.energy_J()):
        return Remainder(0.0, tells)
    # Polarisation gives a little back for a while; a loss that is negative over a drive is energy made, and no explanation.
    made_J = min(float(np.sum(loss_W * steps_s)), 0.0)
    return Remainder((float(np.sum(remainder_W * steps_s)) + made_J) / through_J, tells)


def unbalanced(name: str, remainder: Remainder) -> Outcome | None:
    """That what a battery gives and what it says of itself differ by too much, where they do."""
    most = LARGEST_SHARE if remainder.tells_flag else LARGEST_UNTOLD_SHARE
    if -LARGEST_SHARE <= remainder.ratio <= most:
        return None
    told = text(
        "what {name} gives and takes differs from what its charge and its losses say by {share:.0f} % of the energy through its "
        "terminals: by the energy that it declares, it makes or loses so much; its charge, or what is declared, is not its own",
        name=name,
        share=100.0 * abs(remainder.ratio),
    )
    return Outcome(False, told, limit="coupling")
