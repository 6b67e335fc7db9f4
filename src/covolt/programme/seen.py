"""Who sees what: the one place that decides what a reader is not shown, and what stands there in its stead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from covolt.contract.datasheet import Datasheet
from covolt.programme.agreement import Contract
from covolt.programme.design_space import DesignVariable
from covolt.programme.documents import Programme
from covolt.programme.requirement import Interest, Requirement, Verify
from covolt.programme.text import Title
from covolt.words import Phrase, text

__all__ = [
    "own_of_parties",
    "readers_of_offer",
    "readers_said",
    "seen_by",
    "shows_contract",
    "shows_filled",
    "shows_part",
    "widened",
]

READERS = {
    "party": "meant for its own party alone; whoever can read the folder of the programme can read the file",
    "programme": "every party of the programme",
    "public": "everyone",
}
"""By visibility, from the fewest readers to the most."""
READERS_SAID: Mapping[str, Phrase] = {
    "party": text("its own party alone"),
    "programme": text("every party of the programme"),
    "public": text("everyone"),
}
"""The same, in each language."""
Owned = TypeVar("Owned", Requirement, Interest, DesignVariable)


def seen_by(
    programme: Programme,
    party: str | None,
    beside: Programme | None = None,
    slots: frozenset[str] | None = None,
) -> Programme:
    """The programme as a party reads it, or as whoever speaks for none does; whole, it is `whole` of what is returned.

    What others keep as their own is not in it: of a requirement its id, owner, kind and gate are left, of an
    interest and of what an owner lets move nothing.
    Who acts for some `slots` of a party alone is shown of what that party keeps as its own what names these slots and no other.
    What is hidden in the state `beside` it is hidden here too, so that two states are compared by what may be read of both.
    """
    whole = programme.whole
    states = [whole] if beside is None else [whole, beside.whole]
    names = (
        frozenset(name for one in states for name in _not_shown(one.requirements, party, slots))
        & whole.requirements.keys()
    )
    interests = {name for one in states for name in _not_shown(one.interests, party, slots)}
    designs = {name for one in states for name in _not_shown(one.designs, party, slots)}
    return replace(
        whole,
        requirements={name: _bare(one) if name in names else one for name, one in whole.requirements.items()},
        interests={name: one for name, one in whole.interests.items() if name not in interests},
        designs={name: one for name, one in whole.designs.items() if name not in designs},
        reader=party,
        reader_slots=slots,
        hidden=names,
        behind=whole,
    )


def _not_shown(found: Mapping[str, Owned], party: str | None, slots: frozenset[str] | None = None) -> frozenset[str]:
    return frozenset(
        name
        for name, one in found.items()
        if one.visibility == "party" and (one.party != party or (slots is not None and not _within(one, slots)))
    )


def _within(one: Requirement | Interest | DesignVariable, slots: frozenset[str]) -> bool:
    """Whether it concerns these slots and no other; what names none concerns the whole vehicle."""
    if isinstance(one, Interest):
        return False
    named = one.slots if isinstance(one, Requirement) else (one.slot,)
    return bool(named) and set(named) <= slots


def _bare(one: Requirement) -> Requirement:
    """Of a requirement what everybody may know: that it is there, whose, of which kind, and at which gate it is due."""
    title = Title(en=text("hidden").said("en"), ru=text("hidden").said("ru"))
    verify = Verify(method="document", gate=one.verify.gate)
    return Requirement(id=one.id, party=one.party, title=title, kind=one.kind, verify=verify, visibility=one.visibility)


def own_of_parties(programme: Programme) -> frozenset[str]:
    """Requirements that their parties show nobody."""
    return _not_shown(programme.whole.requirements, None)


def shows_part(sheet: Datasheet, party: str | None) -> bool:
    """Whether a party reads the numbers of a part, or whoever speaks for none does."""
    return sheet.visibility != "party" or sheet.party == party


def shows_filled(programme: Programme, slot: str, sheet: Datasheet) -> bool:
    """Whether the reader of a programme reads the numbers of the part in a slot."""
    slots = programme.reader_slots
    own = programme.reader if slots is None or slot in slots else None
    return shows_part(sheet, own)


def shows_contract(programme: Programme, contract: Contract) -> bool:
    """Whether the reader of a programme reads a contract: of those that parties keep between them, who acts for some slots of one
    reads that of these slots.
    """
    if contract.visibility != "party":
        return True
    slots = programme.slots if programme.reader_slots is None else programme.reader_slots & programme.slots.keys()
    of_slots = programme.reader_slots is None or any(
        programme.contracts.get(programme.slots[one].contract) == contract for one in slots
    )
    return programme.reader in contract.between and of_slots


def readers_said(one: Datasheet | Requirement | DesignVariable) -> Phrase:
    """Who reads a requirement, a variable, or the numbers of a part, for people."""
    return READERS_SAID[one.visibility]


def readers_of_offer(sheet: Datasheet) -> str:
    """Who sees an offer, by the visibility that its part states."""
    return f"{READERS[sheet.visibility]} (visibility = {sheet.visibility})"


def widened(old: Requirement | None, new: Requirement) -> tuple[str, str] | None:
    """From which visibility to which a requirement goes, where more readers would see it."""
    order = list(READERS)
    if old is None or order.index(new.visibility) <= order.index(old.visibility):
        return None
    return old.visibility, new.visibility
