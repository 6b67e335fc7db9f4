"""One slot as a reader sees it: its contract, every number of its part traced to who changed it, and the offers for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from covolt.contract.datasheet import Datasheet, OfferedRange
from covolt.contract.port import Port
from covolt.errors import NotFound, Problem
from covolt.library.number_titles import number_title
from covolt.programme.agreement import Contract
from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.programme.rivals import Rival, limits_of_offer, rivals_of
from covolt.programme.seen import readers_said, shows_contract, shows_filled
from covolt.study.cases.offer_terms import term_rows
from covolt.study.verdicts.printed_units import printed_unit
from covolt.suggestion import named
from covolt.words import Phrase, Words, in_each, said, text
from covolt.workspace.parts_shown import (
    ContractShown,
    ContractState,
    LimitRow,
    OfferHead,
    OfferLine,
    PartView,
    PortRow,
    PromiseRow,
    TracedNumber,
    TracedRow,
)
from covolt.workspace.tables import EventRow
from covolt.workspace.telling import number_row, problem_text, written_text

__all__ = ["contract_state", "demand_slot", "part_view"]

NOTHING = Words()


def demand_slot(programme: Programme, slot: str) -> None:
    """Raise where a programme has no such slot."""
    if slot not in programme.slots:
        raise NotFound(Problem(text("no slot '{slot}'", slot=slot), "slot", named(slot, programme.slots)))


def contract_state(programme: Programme, slot: str) -> ContractState:
    """How the locked part of a slot stands to its contract, as the reader of the programme may see it."""
    sheet = locked_sheet(programme, slot)
    if sheet is None:
        return "empty"
    if not shows_filled(programme, slot, sheet) or _contract(programme, slot) is None:
        return "hidden"
    locked = next((one for one in rivals_of(programme, slot) if one.locked), None)
    return "broken" if locked is None or locked.reasons else "kept"


def part_view(programme: Programme, slot: str, events: Sequence[EventRow]) -> PartView:
    """What the reader of a programme sees of a slot; `events` are those of its log that changed numbers, the newest first."""
    sheet = locked_sheet(programme, slot)
    offers = [one for one in rivals_of(programme, slot) if shows_filled(programme, slot, one.offer.datasheet)]
    contract = _contract(programme, slot)
    shown_contract = None if contract is None else _contract_shown(programme, slot, contract)
    # What speaks against an offer is what of the contract it breaks.
    told = offers if contract is not None else [replace(one, reasons=()) for one in offers]
    heads, lines = tuple(map(_offer_head, told)), tuple(_lines(programme, offers))
    if sheet is None or programme.lock is None:
        return PartView(
            programme.reader or "", "", "", "", False, NOTHING, "", "", "", shown_contract, (), heads, lines
        )
    digest = programme.lock.slots[slot].digest
    hidden = not shows_filled(programme, slot, sheet)
    numbers = {} if hidden else {**sheet.declared, **sheet.model.parameters}
    return PartView(
        programme.reader or "",
        sheet.reference,
        sheet.party,
        digest,
        hidden,
        readers_said(sheet),
        "" if hidden else sheet.licence,
        "" if hidden else sheet.chemistry or "",
        "" if hidden else sheet.model.kind,
        shown_contract,
        tuple(
            TracedNumber(number_row(programme, slot, sheet, name, one), tuple(_traced(slot, name, sheet.party, events)))
            for name, one in numbers.items()
        ),
        heads,
        lines,
    )


def _contract(programme: Programme, slot: str) -> Contract | None:
    """The contract of a slot, where its reader may see it."""
    contract = programme.contracts.get(programme.slots[slot].contract)
    return contract if contract is not None and shows_contract(programme, contract) else None


def _contract_shown(programme: Programme, slot: str, contract: Contract) -> ContractShown:
    interface = contract.demanded
    promises = {one.name: one.sentence for one in interface.promises}
    return ContractShown(
        contract.reference,
        contract.title.words,
        contract.between,
        interface.reference,
        contract_state(programme, slot),
        tuple(_port_row(path, one) for path, one in interface.paths()),
        tuple(_limit_rows(programme, slot, contract)),
        tuple(PromiseRow(one, promises.get(one, "")) for one in contract.tests),
    )


def _port_row(path: str, one: Port) -> PortRow:
    ends = _range_said(OfferedRange(minimum=one.minimum, maximum=one.maximum))
    return PortRow(path, one.quantity, printed_unit(one.unit), one.direction, ends, one.optional, one.meaning)


def _range_said(one: OfferedRange) -> Phrase:
    low, high = (None if end is None else written_text(str(end)) for end in (one.minimum, one.maximum))
    if low is not None and high is not None:
        return text("{low} to {high}", low=low, high=high)
    if low is not None:
        return text("at least {end}", end=low)
    return NOTHING if high is None else text("at most {end}", end=high)


def _limit_rows(programme: Programme, slot: str, contract: Contract) -> Iterator[LimitRow]:
    sheet = locked_sheet(programme, slot)
    locked = next((one for one in rivals_of(programme, slot) if one.locked), None)
    hidden = sheet is None or locked is None or not shows_filled(programme, slot, sheet)
    if hidden or locked is None:
        for name, limit in contract.limits.items():
            yield LimitRow(name, number_title(name), _range_said(limit), NOTHING, None)
        return
    for one in limits_of_offer(programme, slot, locked.offer):
        limit = contract.limits.get(one.name)
        if limit is None:  # what it holds of charging, in sentences
            yield LimitRow(one.name, Words(one.name), _each(one.promised), _each(one.offered), one.holds)
        else:
            offered = _declared_said(locked.offer.datasheet, one.name)
            yield LimitRow(one.name, number_title(one.name), _range_said(limit), offered, one.holds)


def _each(given: str) -> Phrase:
    return in_each(lambda language: said(given, language))


def _declared_said(sheet: Datasheet, name: str) -> Phrase:
    one = sheet.declared.get(name)
    return NOTHING if one is None else written_text(str(one.value))


def _offer_head(one: Rival) -> OfferHead:
    reasons = tuple(map(problem_text, one.reasons))
    return OfferHead(
        one.reference, one.offer.datasheet.party, one.offer.digest, one.locked, one.older, one.owned, reasons
    )


def _lines(programme: Programme, offers: Sequence[Rival]) -> Iterator[OfferLine]:
    """What offers state, side by side: their numbers, then their terms."""
    sheets = [one.offer.datasheet for one in offers]
    for name in dict.fromkeys(each for one in sheets for each in one.declared):
        yield OfferLine(number_title(name), tuple(_declared_said(one, name) for one in sheets))
    if sheets:
        for title, values in term_rows(programme, sheets):
            yield OfferLine(title, tuple(values))


def _traced(slot: str, name: str, party: str, events: Sequence[EventRow]) -> Iterator[TracedRow]:
    """Changes of one number in the log, the newest first, down to the entry with which it came."""
    for row in events:
        told: Mapping[str, Any] = row.told
        commit = str((told.get("commits") or {}).get(party, ""))
        if row.verb == "begun":
            yield TracedRow(row.at, row.party, row.person, 0, NOTHING, NOTHING, commit)
            return
        for one in told.get("changes") or ():
            if (one["slot"], one["number"]) == (slot, name):
                number = int(row.subject.partition("/")[2] or 0)
                texts = written_text(one["before"]), written_text(one["after"])
                yield TracedRow(row.at, row.party, row.person, number, *texts, commit)
