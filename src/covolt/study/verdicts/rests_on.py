"""On which part that is not covolt's a verdict rests: by which door, which file, how well its answers settled and explain it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from pydantic import computed_field
from pydantic.dataclasses import dataclass

from covolt.contract.datasheet import Datasheet
from covolt.contract.offer import Offer
from covolt.library.models import model_kind
from covolt.study.procedures.foreign_use import ForeignUse
from covolt.study.procedures.record import Record
from covolt.study.result import RESULT, Number
from covolt.words import Phrase, Words, joined, plural, text

__all__ = [
    "BY_DECLARED",
    "DOORS",
    "RestsOn",
    "at_worst",
    "by_part",
    "by_settling",
    "covered_words",
    "digest_said",
    "rests_on",
    "settled_said",
    "told",
]

Door = Literal["in process", "sandboxed", "hosted", "replayed", "declared"]
DOORS: Mapping[str, Phrase] = MappingProxyType(
    {
        "in process": text("in covolt's own process"),
        "sandboxed": text("in the sandbox"),
        "hosted": text("on its owner's machine"),
        "replayed": text("replayed from a log"),
        "declared": text("by what it declares, not by its own model"),
    }
)
BY_DECLARED = "declared"
"""The door of a part whose own model was not asked: covolt's model of what it declares stood in."""
SHORT = 16
"""Digits of a digest in a line for people; all stand in the data."""
EXACT = 1e-12
"""Change of the answers from which on they are settled to the last digits."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class RestsOn:
    """A part that is not covolt's behind a verdict.

    `part` is the locked offer in the slot, `party` its owner. `door` is how it was asked; "declared" where its own model was not,
    and covolt's model of what it declares stood in. `name` is what answered, `file` and `digest` what ran: of an offer its
    file as published, of a hosted part what its host states. `protections` kept it apart, as `covolt sandbox check` names
    them. It was asked for whole missions, in at most `passes` rounds, or stepwise (`ways`); the last answers changed
    by `rest_ratio`.
    `unexplained_ratio` of the energy through it is not in what it says of itself: of a battery what it neither stores nor loses,
    of a drive unit what differs from what it declares.
    """

    slot: str
    part: str
    party: str
    door: Door
    name: str = ""
    file: str = ""
    digest: str = ""
    protections: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    passes: int = 0
    rest_ratio: Number = 0.0
    unexplained_ratio: Number | None = None

    @computed_field
    @property
    def provisional(self) -> bool:
        """Whether it was replayed from a log and did not answer itself."""
        return self.door == "replayed"

    @property
    def own_model(self) -> bool:
        """Whether its own model answered."""
        return self.door != BY_DECLARED

    @property
    def who(self) -> Phrase:
        """Slot, part, door, and the file that ran with the beginning of its digest, in one line."""
        ran = f"{self.file or self.name}".strip()
        digest = self.digest.removeprefix("sha256:")[:SHORT]
        said: list[str | Phrase] = [DOORS[self.door], *([ran] if ran and ran != self.part else [])]
        if digest:
            said.append(f"sha256:{digest}…")
        return text("{slot}: {part}, {how}", slot=self.slot, part=self.part, how=joined(said))

    @property
    def door_said(self) -> Phrase:
        """How it was asked, in words."""
        return DOORS[self.door]

    @property
    def guarded(self) -> Phrase | None:
        """What kept it apart; None where that is not this machine's."""
        return text("kept apart: {protections}", protections=", ".join(self.protections)) if self.protections else None

    @property
    def settled(self) -> Phrase:
        """How its answers were had, and what of its energy they leave open."""
        if not self.own_model:
            return Words()
        said = [settled_said(self.ways, self.passes, self.rest_ratio)]
        if self.unexplained_ratio is not None:
            said.append(text("all but {share:.2g} % of its energy explained", share=100.0 * self.unexplained_ratio))
        return joined(said)


def settled_said(ways: Collection[str], passes_count: int, rest_ratio: float) -> Phrase:
    """How answers were had: step by step, or over whole missions until none changed in so many digits."""
    if not {*ways} - {"stepwise"}:
        return text("asked step by step")
    passes = plural("{count} pass", "{count} passes", passes_count, context="at most")
    if rest_ratio <= EXACT:
        return text("settled in at most {passes}, to the last digits", passes=passes)
    digits = math.floor(-math.log10(rest_ratio))
    return text("settled in at most {passes}, to {digits} digits", passes=passes, digits=digits)


def rests_on(
    record: Record,
    sheets: Mapping[str, Datasheet],
    offers: Mapping[str, Offer],
    linked: Collection[str],
    modelled: Collection[str],
) -> tuple[RestsOn, ...]:
    """Parts that are not covolt's behind a record, by slot.

    Args:
        record: with what was asked while it was made.
        sheets: locked datasheets by slot of the vehicle.
        offers: of the programme, by reference.
        linked: slots whose models are named by who verifies, and not brought by their offers.
        modelled: slots whose models make it, asked or not.
    """
    found = [_asked(one, sheets[one.slot], offers, one.slot in linked) for one in record.foreign]
    asked = {one.slot for one in record.foreign}
    found += [
        RestsOn(slot=slot, part=sheet.reference, party=sheet.party, door=BY_DECLARED)
        for slot, sheet in sheets.items()
        if not record.unanswered and slot not in asked and slot in modelled and model_kind(sheet).foreign
    ]
    return tuple(sorted(found, key=lambda one: (one.slot, one.name, one.digest)))


def _asked(use: ForeignUse, sheet: Datasheet, offers: Mapping[str, Offer], linked: bool) -> RestsOn:
    file, digest = ("", use.digest) if linked else (str(sheet.model.file or ""), use.digest)
    offer = offers.get(sheet.reference)
    if file and offer is not None:
        digest = next((one.digest for one in offer.files if one.path == file), digest)
    shares = [one for one in (use.remainder_ratio, use.declared_less_real_ratio) if one is not None]
    return RestsOn(
        slot=use.slot,
        part=sheet.reference,
        party=sheet.party,
        door=use.runs,
        name=use.name,
        file=file or (use.name if use.runs == "sandboxed" else ""),
        digest=digest if not digest or digest.startswith("sha256:") else f"sha256:{digest}",
        protections=use.protections,
        ways=use.ways,
        passes=use.passes,
        rest_ratio=use.rest_ratio,
        unexplained_ratio=max(shares, default=None),
    )


def covered_words(one: RestsOn) -> str:
    """What a signature covers of it, in one line; what differs from machine to machine, passes and protections, is not in it."""
    share = "" if one.unexplained_ratio is None else f"{float(f'{one.unexplained_ratio:.6g}'):.2g}"
    return "; ".join((one.door, one.part, one.file, one.digest, " and ".join(one.ways), share)).rstrip("; ")


def by_part(standing: Iterable[tuple[str, Sequence[RestsOn]]]) -> dict[Phrase, list[tuple[str, RestsOn]]]:
    """Requirements by the part on which their verdicts rest, as it is told in one line."""
    found: dict[Phrase, list[tuple[str, RestsOn]]] = {}
    for requirement, parts in standing:
        for one in parts:
            found.setdefault(one.who, []).append((requirement, one))
    return found


def told(standing: Iterable[tuple[str, Sequence[RestsOn]]]) -> list[Phrase]:
    """One line for each part: which, by which door, and which verdicts rest on it."""
    return [joined((who, ", ".join(name for name, _ in several)), ": ") for who, several in by_part(standing).items()]


def at_worst(parts: Iterable[RestsOn]) -> tuple[RestsOn, ...]:
    """One of each part and door: that which leaves most of its energy open."""
    found: dict[tuple[str, str, str], RestsOn] = {}
    for one in parts:
        key = (one.part, one.door, one.digest)
        if (one.unexplained_ratio or 0.0) >= (found.get(key, one).unexplained_ratio or 0.0):
            found[key] = one
    return tuple(found.values())


def by_settling(several: Iterable[tuple[str, RestsOn]]) -> dict[Phrase, list[str]]:
    """Requirements by how the answers behind them were had, in the order in which they stand."""
    found: dict[Phrase, list[str]] = {}
    for requirement, one in several:
        found.setdefault(one.settled, []).append(requirement)
    return found


def digest_said(one: RestsOn) -> Phrase | None:
    """The whole digest of what ran, by which it is compared; None where there is none."""
    return text("what ran: {digest}", digest=one.digest) if one.digest else None
