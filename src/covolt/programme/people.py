"""Whom gates ask to sign, and how a programme asks less, or others, or in another order, than is trusted of it outside.

Who may write to the folder may write a gate anew, and so its signer. What cannot be written is the anchor: it remembers whom each
gate with people asked, and in which order all stood, when somebody trusted the programme; where signatures are demanded, whom
every gate asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from covolt.programme.gate import Gate
from covolt.programme.key_coherence import demands
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

__all__ = [
    "NOBODY_SIGNS",
    "Asked",
    "asked_of",
    "differences",
    "gone",
    "orders_of",
    "others_of",
    "people_blocks",
]

Asked = Mapping[str, tuple[str, ...]]
"""Gates by name, each with whom it asks as "party/role"."""
NOBODY_SIGNS = text("people ride after it, and it asks for nobody's signature")
TRUST_AGAIN = text("who must sign before people ride was not yet confirmed here: covolt key trust")


def asked_of(programme: Programme) -> dict[str, tuple[str, ...]]:
    """Whom each gate with people asks now."""
    return {name: _asks(gate) for name, gate in sorted(programme.gates.items()) if gate.people}


def others_of(programme: Programme) -> dict[str, tuple[str, ...]]:
    """Whom every other gate asks now."""
    return {name: _asks(gate) for name, gate in sorted(programme.gates.items()) if not gate.people}


def orders_of(programme: Programme) -> dict[str, int]:
    """In which order the gates stand now."""
    return {name: gate.order for name, gate in sorted(programme.gates.items())}


def _asks(gate: Gate) -> tuple[str, ...]:
    return tuple(sorted({f"{one.party}/{one.role}" for one in gate.signoffs}))


def differences(programme: Programme) -> dict[str, Phrase]:
    """By gate, how it asks otherwise than is trusted here; a gate that asks for more signatures than before does not."""
    trust = programme.trust
    if trust.form < 2 or trust.first is None:
        return {}
    now = asked_of(programme)
    if trust.people is None:
        return dict.fromkeys(now, TRUST_AGAIN)
    found: dict[str, Phrase] = {}
    for name, asked in _remembered(programme).items():
        less = _less(programme, name, asked)
        if less is not None:
            found[name] = less
    # Who trusted a gate that asked nobody, and so never opened, has said nothing of whom it asks now.
    for name in (one for one, asked in now.items() if asked and not trust.people.get(one)):
        found[name] = text(
            "who must sign gate {name}, after which people ride, was not yet confirmed here: covolt key trust",
            name=name,
        )
    return found


def _remembered(programme: Programme) -> dict[str, tuple[str, ...]]:
    """Gates of which it is remembered whom they asked: those with people, and all where signatures are demanded."""
    trust = programme.trust
    return {**((trust.others or {}) if demands(programme) else {}), **(trust.people or {})}


def _less(programme: Programme, name: str, asked: tuple[str, ...]) -> Phrase | None:
    """How a gate asks less than was trusted, or stands elsewhere; None where it does neither."""
    gate, people = programme.gates.get(name), name in (programme.trust.people or {})
    if gate is None:
        if not people:
            return text("gate {name} was taken out since you confirmed who signs it", name=name)
        return text("gate {name}, after which people ride, was taken out since you confirmed who signs it", name=name)
    if people and not gate.people:
        return text(
            "gate {name} no longer says that people ride after it, as it did when you confirmed who signs it", name=name
        )
    if missing := sorted(set(asked) - set(_asks(gate))):
        return text(
            "gate {name} no longer needs the signature of {missing}, which you confirmed; it needs that of: {asked}",
            name=name,
            missing=", ".join(missing),
            asked=", ".join(_asks(gate)) or text("nobody"),
        )
    was = _order(programme, name)
    if was is None or was == gate.order:
        return None
    return text(
        "gate {name} stands at {order}, and stood at {was} when you confirmed who signs it",
        name=name,
        order=gate.order,
        was=was,
    )


def gone(programme: Programme) -> dict[str, tuple[int, Phrase]]:
    """Gates that were trusted and are no longer there: where each stood, and what is said of it."""
    return {
        name: (_order(programme, name) or 0, why)
        for name, why in differences(programme).items()
        if name not in programme.gates
    }


def people_blocks(programme: Programme, gate: Gate) -> list[Phrase]:
    """What holds a gate shut for the people after it: nobody signs, or others than were trusted here.

    A gate that is gone, or stands elsewhere, holds shut each of its place or a later one, each with people, and each that was not
    there: nobody can tell which took its place.
    """
    found = differences(programme)
    blocks = [NOBODY_SIGNS] if gate.people and not gate.signoffs else []
    blocks += [found[gate.id]] if gate.id in found else []
    there = programme.trust.orders or {}
    for name, why in found.items():
        start = None if name == gate.id or why == TRUST_AGAIN else _lost_from(programme, name)
        if start is not None and (gate.people or gate.order >= start or gate.id not in there):
            blocks.append(why)
    return blocks


def _order(programme: Programme, name: str) -> int | None:
    """Where a gate stood when it was trusted; None where that was not yet remembered."""
    return (programme.trust.orders or {}).get(name)


def _lost_from(programme: Programme, name: str) -> int | None:
    """From which order on a gate is missed that was trusted; None where it is there as it was. 0 where nobody knows."""
    if name not in _remembered(programme):
        return None
    gate, was = programme.gates.get(name), _order(programme, name)
    if gate is None or (name in (programme.trust.people or {}) and not gate.people):
        return was or 0
    return None if was is None or was == gate.order else min(was, gate.order)
