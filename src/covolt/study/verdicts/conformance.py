"""Conformance: the promises that each contract lets be tested, held against the joined vehicle."""

from __future__ import annotations

from dataclasses import field

from pydantic import computed_field
from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.study.procedures.conformance import TOLERANCES
from covolt.study.procedures.protocol import Record
from covolt.study.result import RESULT, Number, Said
from covolt.words import Words

__all__ = ["Conformance", "conformances"]


@dataclass(frozen=True, config=RESULT)
class Conformance:
    """One promise of one slot: what was found, what is tolerated, and why nothing was found where that is so."""

    slot: str
    contract: str
    offer: str
    promise: str
    found_ratio: Number | None
    tolerance_ratio: Number
    why: Said = field(default_factory=Words)

    @computed_field
    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return self.found_ratio is not None and self.found_ratio <= self.tolerance_ratio


def conformances(programme: Programme, record: Record) -> tuple[Conformance, ...]:
    """Every promise that a slot's contract tests."""
    pins = programme.lock.slots if programme.lock else {}
    return tuple(
        Conformance(
            slot=slot.id,
            contract=slot.contract,
            offer=pins[slot.id].offer,
            promise=promise,
            found_ratio=record.measures.get(f"{programme.vehicle_slot(slot)}_{promise}"),
            tolerance_ratio=TOLERANCES[promise],
            why=record.missing.get(f"{programme.vehicle_slot(slot)}_{promise}", Words()),
        )
        for slot in programme.slots.values()
        if slot.id in pins
        for promise in programme.contracts[slot.contract].tests
    )
