"""Conformance: the promises that each contract lets be tested, held against the joined vehicle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import field

from pydantic import computed_field
from pydantic.dataclasses import dataclass

from covolt.library.models import model_kind
from covolt.programme.documents import Programme
from covolt.study.procedures.conformance import TOLERANCES
from covolt.study.procedures.protocol import Record
from covolt.study.result import RESULT, Number, Said
from covolt.study.verdicts.joined import locked_sheets
from covolt.words import Phrase, Words, text

__all__ = ["Conformance", "conformances"]

NOT_ASKED = text("its own model was not asked")


@dataclass(frozen=True, config=RESULT)
class Conformance:
    """One promise of one slot: what was found, what is tolerated, and why nothing was found where that is so.

    `by_others` where nothing was found for a reason that is not the part's: another one ended the test; `asked` is false where
    the part's own model was not asked, so that covolt's model of what it declares shows nothing of it.
    """

    slot: str
    contract: str
    offer: str
    promise: str
    found_ratio: Number | None
    tolerance_ratio: Number
    why: Said = field(default_factory=Words)
    by_others: bool = False
    asked: bool = True

    @computed_field
    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return self.found_ratio is not None and self.found_ratio <= self.tolerance_ratio

    @property
    def broken(self) -> bool:
        """Whether the part itself does not keep it."""
        return not self.kept and self.asked and not self.by_others


def conformances(programme: Programme, record: Record, linked: Collection[str] = ()) -> tuple[Conformance, ...]:
    """Every promise that a slot's contract tests; `linked` are slots of the vehicle whose models who verifies has named."""
    pins = programme.lock.slots if programme.lock else {}
    sheets = locked_sheets(programme) if pins else {}
    foreign = {slot for slot, sheet in sheets.items() if slot in linked or model_kind(sheet).foreign}
    asked = {slot for slot in foreign if slot in linked or sheets[slot].model.file is not None}
    found: list[Conformance] = []
    for slot in programme.slots.values():
        name = programme.vehicle_slot(slot)
        for promise in programme.contracts[slot.contract].tests if slot.id in pins else ():
            ratio = record.measures.get(f"{name}_{promise}")
            why: Phrase = record.missing.get(f"{name}_{promise}") or (
                Words() if ratio is not None else record.unanswered
            )
            own = name not in foreign or name in asked
            # Where a part that is not covolt's was asked and the test ended, no other broke its promise.
            by_others = ratio is None and bool(asked) and name not in asked
            found.append(
                Conformance(
                    slot=slot.id,
                    contract=slot.contract,
                    offer=pins[slot.id].offer,
                    promise=promise,
                    found_ratio=ratio if own else None,
                    tolerance_ratio=TOLERANCES[promise],
                    why=why if own else NOT_ASKED,
                    by_others=by_others,
                    asked=own,
                )
            )
    return tuple(found)
