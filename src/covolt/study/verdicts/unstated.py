"""Declared numbers without a stated uncertainty on which a value rests alone: nobody can say then how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import final

from covolt.contract.datasheet import Datasheet, Declared
from covolt.library.unsure import with_lent
from covolt.study.procedures.protocol import Given, Procedure, Record
from covolt.study.verdicts.bench import Bench, Task
from covolt.study.verdicts.unstated_number import Unstated
from covolt.study.verdicts.variation import Sheets, World
from covolt.study.verdicts.verdict import ROUNDING, Verdict

__all__ = ["UnstatedNumbers", "is_sure"]

STEP = 0.01
"""Of a number, by which it is moved at most to see whether a value rests on it."""
GOLDEN = 0.6180339887498949
"""Share of a circle by which steps differ from one another, so that no two of them undo each other in a quotient."""


@final
@dataclass(frozen=True)
class _Number:
    """A number that states no uncertainty, and how it is moved."""

    unstated: Unstated
    declared: Declared
    slot: str
    step_fraction: float

    def moved_in(self, sheet: Datasheet) -> Datasheet:
        """The datasheet with this number moved."""
        name, one = self.unstated.number, self.declared
        moved_si = (1.0 - self.step_fraction) * one.value_si
        value = moved_si if one.si_unit == "1" else f"{moved_si!r} {one.si_unit}"
        other = one.model_copy(update={"value": value})
        if name in sheet.declared:
            return sheet.model_copy(update={"declared": {**sheet.declared, name: other}})
        model = sheet.model.model_copy(update={"parameters": {**sheet.model.parameters, name: other}})
        return sheet.model_copy(update={"model": model})


@final
class UnstatedNumbers:
    """Numbers of a vehicle that state no uncertainty, and which of them a value rests on.

    All are moved at once, each by its own share of half to a whole hundredth: where that moves no value, none of them does.
    Else halves are moved apart, and halves of those that move it, so that the few that do are found by a few vehicles.
    """

    def __init__(self, bench: Bench, sheets: Sheets) -> None:
        self._bench = bench
        self._sheets = sheets
        self._numbers = tuple(_numbers(sheets))
        self._worlds: dict[tuple[_Number, ...], World] = {}

    def behind(self, verdict: Verdict, procedure: Procedure, given: Given) -> tuple[Unstated, ...]:
        """Of a verdict that is sure, the numbers on which it rests alone; none where no number moves it, such as a count."""
        if procedure.reads_levels or not is_sure(verdict):
            return ()
        numbers = tuple(one for one in self._numbers if one.unstated.number not in procedure.weighs)
        own = self._own(procedure, given)
        found: list[_Number] = []
        groups = [numbers] if numbers else []
        while groups:
            moved = self._moved(procedure, given, groups)
            rest: list[tuple[_Number, ...]] = []
            for group, record in zip(groups, moved, strict=True):
                moves = _moves(own, record, verdict.measure)
                if len(group) == 1:
                    found += group if moves else ()
                elif moves is not False:
                    half = len(group) // 2
                    rest += [group[:half], group[half:]]
            groups = rest
        return tuple(one.unstated for one in sorted(found, key=self._numbers.index))

    def told(self, verdict: Verdict, procedure: Procedure, given: Given) -> Verdict:
        """The same verdict; one that rests on such numbers alone names them, in place of an uncertainty and a probability."""
        numbers = self.behind(verdict, procedure, given)
        if not numbers:
            return verdict
        unknown = {"uncertainty": None, "inputs": None, "models": None, "probability": None}
        return replace(verdict, **unknown, unstated=numbers)

    def _own(self, procedure: Procedure, given: Given) -> Record:
        """The vehicle as it is; where a foreign part answered, by covolt's model of what that declares, as numbers are moved."""
        own = self._bench.record(procedure, given, self._sheets)
        return self._bench.measures(procedure, given, World(self._sheets)) if own.foreign else own

    def _moved(self, procedure: Procedure, given: Given, groups: Sequence[tuple[_Number, ...]]) -> list[Record]:
        worlds = [self._world(one) for one in groups]
        self._bench.do_all([Task(procedure, given, one, whole=False) for one in worlds], 2)
        return [self._bench.measures(procedure, given, one) for one in worlds]

    def _world(self, group: tuple[_Number, ...]) -> World:
        if group not in self._worlds:
            sheets = with_lent(self._sheets)
            for one in group:
                sheets[one.slot] = one.moved_in(sheets[one.slot])
            self._worlds[group] = World({**self._sheets, **{one.slot: sheets[one.slot] for one in group}})
        return self._worlds[group]


def is_sure(verdict: Verdict) -> bool:
    """Whether no uncertain number moves a value by more than rounding; sides of a step have their probabilities instead."""
    value, uncertainty = verdict.value, verdict.uncertainty
    if value is None or uncertainty is None or verdict.is_open:
        return False
    return uncertainty <= ROUNDING * abs(value)


def _numbers(sheets: Sheets) -> Iterator[_Number]:
    place = 0
    for slot, sheet in sorted(with_lent(sheets).items()):
        for name, one in sorted({**sheet.model.parameters, **sheet.declared}.items()):
            if one.uncertainty_si <= 0.0 and one.value_si:
                place += 1
                step = STEP * (0.5 + 0.5 * (place * GOLDEN % 1.0))
                yield _Number(Unstated.of(sheet.party, slot, sheet.reference, name, one), one, slot, step)


def _moves(own: Record, moved: Record, measure: str) -> bool | None:
    """Whether a measure moves; None where it is not there with the numbers moved, which says nothing."""
    value, other = own.measures.get(measure), moved.measures.get(measure)
    if value is None or other is None:
        return None
    return abs(other - value) > ROUNDING * abs(value)
