"""What is no mistake of a design space and must be told: ranges that leave contracts, and offers that nobody has signed."""

from __future__ import annotations

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.study.designs.contracts import contract_notices
from covolt.study.designs.space import DesignSpace
from covolt.study.gate.unsigned import offer_notices

__all__ = ["design_notices"]


def design_notices(programme: Programme) -> list[Problem]:
    """One for each variable whose range leaves contracts, and each offer to choose whose signature should count and does not.

    Args:
        programme: whose design space is in order; without one, or with a slot of it still open, nothing is told.
    """
    pins = programme.lock.slots if programme.lock else {}
    if not programme.designs or any(one.slot not in pins for one in programme.designs.values()):
        return []
    locked = {one.offer for one in pins.values()}
    choices = dict.fromkeys(offer for one in programme.designs.values() for offer in one.offers if offer not in locked)
    return [*contract_notices(programme, DesignSpace.of(programme)), *offer_notices(programme, tuple(choices))]
