"""The chain behind a verdict: the line of a protocol that gives it, and the numbers of datasheets that weigh most in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from pydantic.dataclasses import dataclass

from covolt.contract.datasheet import Datasheet
from covolt.programme.documents import Programme
from covolt.programme.key_coherence import unsigned_offer
from covolt.study.procedures.protocol import Record
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.verdict import Verdict
from covolt.words import Phrase, text

__all__ = ["SourceRow", "giving_line", "protocol_name", "signed_by_party", "sources_of", "standing_on"]

MOST_SOURCES = 3
SAME = 1e-9
LEAST_SHARE = 0.02
"""Share of the variance below which a number is not told."""


@dataclass(frozen=True, config=RESULT, kw_only=True)
class SourceRow:
    """A number that weighs in a verdict: as its datasheet states it (empty of a generic one), its standard uncertainty in
    `unit`, its effect on the value in the unit of the requirement, and its share of the variance of the value.
    """

    party: str
    slot: str
    number: str
    title: Said
    stated: str
    uncertainty: Number
    unit: str
    effect: Number
    share: Number


def protocol_name(requirements: Sequence[str]) -> str:
    """Name of the protocol of a record: that of the first requirement that stands on it."""
    return f"protocol-{requirements[0]}"


def giving_line(record: Record, measure: str) -> str:
    """Number of the line that gives a measure: the last of its section that has its value; empty where none has."""
    value = record.measures.get(measure)
    if value is None:
        return ""
    same = [one.number for one in record.lines_of(measure) if math.isclose(one.value_si, value, rel_tol=SAME)]
    return same[-1] if same else ""


def sources_of(verdict: Verdict, sheets: Mapping[str, Datasheet]) -> tuple[SourceRow, ...]:
    """The numbers that weigh most, the heaviest first.

    share_i = c_i^2 / sum of c_k^2, c_i the effect of one standard uncertainty; correlations of generic numbers are left out
    """
    total = sum(one.effect**2 for one in verdict.contributions)
    if total <= 0.0:
        return ()
    heaviest = sorted(verdict.contributions, key=lambda one: -abs(one.effect))[:MOST_SOURCES]

    def stated(slot: str, number: str) -> str:
        known = sheets[slot].declared.get(number) if slot in sheets else None
        return "" if known is None else str(known.value)

    return tuple(
        SourceRow(
            party=one.party,
            slot=one.slot,
            number=one.number,
            title=one.title,
            stated=stated(one.slot, one.number) if one.origin == "input" else "",
            uncertainty=one.uncertainty,
            unit=one.unit,
            effect=one.effect,
            share=one.effect**2 / total,
        )
        for one in heaviest
        if one.effect**2 / total >= LEAST_SHARE
    )


def signed_by_party(programme: Programme, reference: str) -> Phrase:
    """Who signed an offer, or that nobody known here did, and why."""
    offer = programme.offers[reference]
    party = programme.parties[offer.datasheet.party].title.words
    why = unsigned_offer(programme, reference, trusted=True)
    if why is None:
        return text("signed by {party}", party=party)
    if unsigned_offer(programme, reference, trusted=False) is None:
        return text("signed by {party}; its key is not known here", party=party)
    return text("no signature that counts: {why}", why=why)


def standing_on(slot: str, sources: Mapping[str, Iterable[SourceRow]]) -> tuple[str, ...]:
    """Requirements in which numbers of a slot weigh most, by name."""
    return tuple(name for name, rows in sources.items() if any(one.slot == slot for one in rows))
