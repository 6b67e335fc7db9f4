"""What drive units that are not covolt's take beyond what they declare: in the powers of a step, and in its signals."""

from __future__ import annotations

from collections.abc import Sequence

from covolt.simulation.ledger import DECLARED_LESS_REAL_FLOW
from covolt.simulation.request import Request
from covolt.simulation.traction import AxlePower
from covolt.vehicle.assembly import Axle, VehicleState
from covolt.vehicle.part import Scalar, positive

__all__ = ["ExcessOfAxles", "excess_of", "excess_signals", "real_powers", "savable_W"]

ExcessOfAxles = tuple[Scalar | None, ...]
"""By axle what its drive units take beyond what they declare; None where they are covolt's own."""


def excess_of(axles: Sequence[Axle], request: Request) -> ExcessOfAxles:
    """What the row of the mission says of each axle, where it says it of one that is foreign."""
    return tuple(axle.drive_unit.excess_W(request.excess_W(place)) for place, axle in enumerate(axles))


def real_powers(declared: tuple[AxlePower, ...], excess_W: ExcessOfAxles) -> tuple[AxlePower, ...]:
    """Powers of the axles as their drive units are: at the same shaft they lose what they really lose."""
    return tuple(
        one
        if more_W is None
        else one._replace(electric_W=one.electric_W + more_W, unit_loss_W=one.unit_loss_W + more_W)
        for one, more_W in zip(declared, excess_W, strict=True)
    )


def savable_W(loss_W: Scalar, excess_W: ExcessOfAxles) -> Scalar:
    """How much of their losses units can do without while nothing feeds them; a foreign unit may answer a negative loss."""
    return loss_W if all(one is None for one in excess_W) else positive(loss_W)


def excess_signals(
    axles: Sequence[Axle],
    state: VehicleState,
    declared: Sequence[AxlePower],
    excess_W: ExcessOfAxles,
    lossy_fraction: Scalar,
    loss_W: Scalar,
) -> dict[str, Scalar]:
    """By axle what a foreign unit was asked and declares of it, and what it takes less than that; none where all are covolt's.

    D = -f excess, with f the share of their losses that units have in this step (0 while they are off); the loss of the account
    is the declared one, L_declared = L + D.
    """
    found: dict[str, Scalar] = {}
    for axle, power, one_W in zip(axles, declared, excess_W, strict=True):
        if one_W is None:
            continue
        less_W = -lossy_fraction * one_W
        found[f"{axle.name}_declared_less_real_power_W"] = less_W
        found[f"{axle.name}_declared_loss_power_W"] = power.unit_loss_W
        found[f"{axle.name}_voltage_before_V"] = state.voltage_V
        found[f"{axle.name}_coolant_before_K"] = state.coolant.temperature_K
        found[DECLARED_LESS_REAL_FLOW] = found.get(DECLARED_LESS_REAL_FLOW, 0.0) + less_W
    if found:
        found["drive_unit_loss_power_W"] = loss_W + found[DECLARED_LESS_REAL_FLOW]
    return found
