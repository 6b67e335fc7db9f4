"""What is no mistake of a design space and must be told: ranges without today's value or beyond contracts, unsigned offers."""

from __future__ import annotations

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.study.designs.contracts import ROUNDING, contract_notices, quantity_text
from covolt.study.designs.space import DesignSpace, Variable
from covolt.study.gate.unsigned import offer_notices
from covolt.words import message, text

__all__ = ["design_notices"]


def design_notices(programme: Programme) -> list[Problem]:
    """One for each variable whose range leaves out today's value or leaves contracts, and each offer to choose whose signature
    should count and does not.

    Args:
        programme: whose design space is in order; without one, or with a slot of it still open, nothing is told.
    """
    pins = programme.lock.slots if programme.lock else {}
    if not programme.designs or any(one.slot not in pins for one in programme.designs.values()):
        return []
    locked = {one.offer for one in pins.values()}
    choices = dict.fromkeys(offer for one in programme.designs.values() for offer in one.offers if offer not in locked)
    space = DesignSpace.of(programme)
    beyond = (_beyond(programme, one) for one in space.variables if not one.choices)
    told = [one for one in beyond if one is not None]
    return [*told, *contract_notices(programme, space), *offer_notices(programme, tuple(choices))]


def _beyond(programme: Programme, one: Variable) -> Problem | None:
    """That no design has today's value of a number; None where its range holds it."""
    rounding = ROUNDING * max(abs(one.lowest), abs(one.highest))
    if one.lowest - rounding <= one.locked <= one.highest + rounding:
        return None
    today, lowest, highest = (quantity_text(each, one.unit) for each in (one.locked, one.lowest, one.highest))
    values = {"name": one.id, "today": today, "lowest": lowest, "highest": highest}
    return Problem(
        message("{name}: today's value {today} lies outside of its range, {lowest} to {highest}", values),
        programme.where("design", one.id),
        text("every design moves it; widen the range where it may also stay as it is"),
    )
