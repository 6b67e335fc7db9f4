"""Prices that cannot be counted as requirements ask: no rate, a day outside an offer's terms, a volume beyond its curve."""

from __future__ import annotations

from collections.abc import Iterable

from covolt.contract.datasheet import Datasheet
from covolt.errors import Problem
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.programme.part_price import part_price
from covolt.programme.rates import Rates
from covolt.programme.requirement import Requirement
from covolt.programme.supplied import holds_on
from covolt.study.procedures.state_money import FEES
from covolt.study.procedures.supply import COVERED, CURRENCIES, LEAD_TIME
from covolt.study.verdicts.verification import given_of
from covolt.words import Phrase, text

__all__ = ["uncounted"]

TERMS = {COVERED.id, LEAD_TIME.id}
"""Measures that ask of an offer whether it holds, and not what it costs."""


def uncounted(programme: Programme, sheets: Iterable[Datasheet]) -> list[Problem]:
    """Why prices of parts leave open what requirements ask that everybody may read: notices, for a rate may still be written."""
    seen = programme.seen_by(None)
    asked = [one for one in seen.requirements.values() if one.id not in seen.hidden]
    found: list[Problem] = []
    for sheet in {one.reference: one for one in sheets}.values():
        why: dict[Phrase, list[str]] = {}
        for one in asked:
            if (said := _why_not(seen, one, sheet)) is not None:
                why.setdefault(said, []).append(one.id)
        found += [
            Problem(
                text(
                    "{offer}: {why}, asked by {requirements}",
                    offer=sheet.reference,
                    why=said,
                    requirements=", ".join(names),
                ),
                f"{sheet.reference} (supply)",
                text("let the offer state it, write a rate in a table of rates, or ask for another day or volume"),
            )
            for said, names in why.items()
        ]
    return found


def _why_not(programme: Programme, one: Requirement, sheet: Datasheet) -> Phrase | None:
    given = given_of(one, programme)
    start = programme.charter.start_of_series
    day = given.day or (str(start) if start else programme.day)
    if sheet.supply is None or given.yearly_vehicle_count is None or one.measure in FEES:
        return None
    if one.measure in TERMS:
        held = holds_on(sheet.supply, day)
        return None if held else text("its price does not hold on {day}", day=day)
    wanted = CURRENCIES[1] if one.measure.endswith(f"_{CURRENCIES[1].lower()}") else CURRENCIES[0]
    price = part_price(sheet.supply, given.yearly_vehicle_count, wanted, day, terms_of(programme).of(Rates))
    return price if isinstance(price, Phrase) else None
