"""A programme at a glance: who takes part, and what fills each slot of the vehicle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covolt.display import Table

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = ["overview"]


def overview(programme: Programme) -> list[Table]:
    """Its parties with what each asks for, and its slots with what is locked in them."""
    asked = [one.party for one in programme.requirements.values()]
    parties = [
        (one.id, str(one.title.words), one.country, ", ".join(one.roles), str(asked.count(one.id)))
        for one in programme.parties.values()
    ]
    pins = programme.lock.slots if programme.lock is not None else {}
    slots = [
        (one.id, one.owner, one.contract, pins[one.id].offer if one.id in pins else "not locked")
        for one in programme.slots.values()
    ]
    charter, counts = programme.charter, (len(programme.offers), len(programme.requirements), len(programme.gates))
    told = "{} offers, {} requirements, {} gates".format(*counts)
    title = f"{charter.id}: {charter.title.words}, {charter.vehicle.category}"
    return [
        Table(title, ("party", "name", "country", "roles", "requirements"), parties, frozenset({4})),
        Table("The vehicle", ("slot", "owner", "contract", "locked to"), slots, notes=(told,)),
    ]
