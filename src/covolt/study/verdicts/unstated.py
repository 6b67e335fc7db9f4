"""Declared numbers without a stated uncertainty on which a value rests alone: nobody can say then how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from covolt.contract.datasheet import Basis, Datasheet, Declared
from covolt.library.unsure import with_lent
from covolt.study.procedures.protocol import Given, Procedure, Record
from covolt.study.verdicts.bench import Bench, Task
from covolt.study.verdicts.variation import Sheets, World
from covolt.study.verdicts.verdict import ROUNDING, Verdict
from covolt.words import Phrase, Words, joined, text

__all__ = ["is_sure", "unstated_of"]

STEP = 0.01
"""Of a number, by which it is moved to see whether a value rests on it."""
BASES: Mapping[Basis, Phrase] = {
    "estimate": text("an estimate", context="basis"),
    "simulated": text("simulated", context="basis"),
    "supplier": text("by its supplier", context="basis"),
    "measured": text("measured", context="basis"),
}


@final
@dataclass(frozen=True)
class _Unstated:
    """A number of a datasheet that states no uncertainty, and the vehicle with it moved."""

    name: str
    reference: str
    basis: Basis
    moved: World


def is_sure(verdict: Verdict) -> bool:
    """Whether no uncertain number moves a value by more than rounding; sides of a step have their probabilities instead."""
    value, uncertainty = verdict.value, verdict.uncertainty
    if value is None or uncertainty is None or verdict.is_open:
        return False
    return uncertainty <= ROUNDING * abs(value)


def unstated_of(verdict: Verdict, bench: Bench, procedure: Procedure, given: Given, sheets: Sheets) -> Phrase:
    """Of a verdict that is sure, the declared numbers without a stated uncertainty on which it rests; empty where none is.

    Each such number is moved by a hundredth. A value that none of them moves is sure indeed, such as a count.
    """
    if procedure.reads_levels or not is_sure(verdict):
        return Words()
    every = list(_unstated(sheets, procedure))
    bench.do_all([Task(procedure, given, one.moved, whole=False) for one in every], 2)
    own = bench.record(procedure, given, sheets)
    rests = [one for one in every if _moves(own, bench.measures(procedure, given, one.moved), verdict.measure)]
    return _told(rests)


def _unstated(sheets: Sheets, procedure: Procedure) -> Iterator[_Unstated]:
    for slot, sheet in sorted(with_lent(sheets).items()):
        for name, one in sorted({**sheet.model.parameters, **sheet.declared}.items()):
            if one.uncertainty_si <= 0.0 and one.value_si and name not in procedure.weighs:
                moved = World({**sheets, slot: _with(sheet, name, one)})
                yield _Unstated(name, sheet.reference, one.basis, moved)


def _with(sheet: Datasheet, name: str, one: Declared) -> Datasheet:
    """A datasheet with one number moved."""
    moved_si = (1.0 - STEP) * one.value_si
    value = moved_si if one.si_unit == "1" else f"{moved_si!r} {one.si_unit}"
    other = one.model_copy(update={"value": value})
    if name in sheet.declared:
        return sheet.model_copy(update={"declared": {**sheet.declared, name: other}})
    model = sheet.model.model_copy(update={"parameters": {**sheet.model.parameters, name: other}})
    return sheet.model_copy(update={"model": model})


def _moves(own: Record, moved: Record, measure: str) -> bool:
    value, other = own.measures.get(measure), moved.measures.get(measure)
    return value is not None and other is not None and abs(other - value) > ROUNDING * abs(value)


def _told(rests: Sequence[_Unstated]) -> Phrase:
    return joined(
        text(
            "no uncertainty is stated of {name} of {offer}, {basis}",
            name=one.name,
            offer=one.reference,
            basis=BASES[one.basis],
        )
        for one in rests
    )
