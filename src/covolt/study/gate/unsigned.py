"""What lacks a signature that counts: offers, checked texts and gates, for who checks or verifies a programme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.gate import KeyedSignOff, SignOffWanted
from covolt.programme.key_coherence import demands, must_sign, unsigned_offer, unsigned_texts
from covolt.study.gate.signatures import NOT_YET, demanded_at, open_to_all
from covolt.words import Phrase, joined, text

__all__ = ["gate_notices", "offer_notices", "texts_notices", "unsigned_gates", "unsigned_notices"]

TRUST = text("compare its fingerprint, then: covolt key trust")


def unsigned_notices(programme: Programme) -> list[Problem]:
    """Locked offers and checked texts without a signature that counts here; none where no party has a key."""
    if not programme.keys:
        return []
    offers = [pin.offer for pin in programme.lock.slots.values()] if programme.lock else []
    found = [
        *(
            ("offer", name, unsigned_offer(programme, name, trusted=True), "covolt offer PART --key FILE")
            for name in offers
        ),
        *(
            ("checked", name, unsigned_texts(programme, name, trusted=True), "covolt sign --checked FILE --key FILE")
            for name in programme.checked
        ),
    ]
    alike: dict[tuple[str, str], list[_Lacking]] = {}
    for kind, name, why, hint in found:
        if why is not None:
            each = name if demands(programme) else ""  # where none is demanded, one line for all that lack the same
            alike.setdefault((str(why) + each, hint), []).append((kind, name, joined((name, why), ": ")))
    return [_of_alike(programme, said, hint) for (_, hint), said in alike.items()]


_Lacking = tuple[str, str, Phrase]
"""Kind and name of what lacks a signature that counts, and a sentence on it."""


def _of_alike(programme: Programme, said: Sequence[_Lacking], hint: str | Phrase) -> Problem:
    """One notice of what lacks the same signature: the first by name, the others by their count."""
    (kind, name, first), *others = said
    if "covolt key trust" in str(first):
        hint = text("compare its fingerprint")
    elif "not known here" in str(first):
        hint = TRUST
    what = text("{first}, and {others} more", first=first, others=len(others)) if others else first
    return Problem(what, programme.where(kind, name), hint)


def texts_notices(programme: Programme) -> list[Problem]:
    """Checked texts that lift no mark here, and locked offers, whose party's signature should count and does not, and why."""
    pinned = [pin.offer for pin in programme.lock.slots.values()] if programme.lock else []
    texts = [name for name, one in programme.checked.items() if must_sign(programme, one.party)]
    found = ((name, unsigned_texts(programme, name, trusted=True)) for name in texts)
    return [
        *offer_notices(programme, pinned),
        *(
            Problem(
                text("{name} does not count here: {why}", name=name, why=why),
                programme.where("checked", name),
                (TRUST if "not known here" in str(why) else text("covolt sign --checked FILE --key FILE")),
            )
            for name, why in found
            if why is not None
        ),
    ]


def offer_notices(programme: Programme, references: Iterable[str]) -> list[Problem]:
    """Of these offers those whose party's signature should count and does not, and why."""
    offers = [one for one in references if must_sign(programme, programme.offers[one].datasheet.party)]
    alike: dict[Phrase, list[_Lacking]] = {}
    for name in dict.fromkeys(offers):
        if (why := unsigned_offer(programme, name, trusted=True)) is not None:
            said = text("{name} is not its party's signed word: {why}", name=name, why=why)
            alike.setdefault(why, []).append(("offer", name, said))
    return [_of_alike(programme, each, text("covolt offer PART --key FILE")) for each in alike.values()]


def unsigned_gates(programme: Programme) -> list[Problem]:
    """Gates from which on only what is signed counts and that not all have signed: what they would cover is nobody's word yet."""
    wanting = [
        name
        for name, gate in programme.gates.items()
        if demanded_at(programme, gate) and not all(_stands(programme, name, one) for one in gate.signoffs)
    ]
    if not wanting:
        return []
    first = min(wanting, key=lambda name: programme.gates[name].order)
    return [
        Problem(
            joined((", ".join(wanting), NOT_YET), ": "),
            programme.where("gate", first, "signoffs"),
            text("covolt sign GATE"),
        )
    ]


def _stands(programme: Programme, gate: str, wanted: SignOffWanted) -> bool:
    found = programme.signoffs.get(f"{gate}/{wanted.party}/{wanted.role}")
    return isinstance(found, KeyedSignOff) and programme.standings.of(found).counts


def gate_notices(programme: Programme) -> list[Problem]:
    """Gates that open by their criteria alone, whoever edits them: the first in its place, the others by name."""
    free = {one.id: why for one in programme.gates.values() if (why := open_to_all(programme, one)) is not None}
    hint = text("name who signs it: [[signoffs]]; then demand it: signatures_from in programme.toml")
    first = next(iter(free), "")
    named = ", ".join(free)
    return (
        [Problem(joined((named, free[first]), ": "), programme.where("gate", first, "signoffs"), hint)] if free else []
    )
