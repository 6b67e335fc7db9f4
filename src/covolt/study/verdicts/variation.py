"""Variations: the vehicle with one uncertain number moved up and down, and what that does to a measure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from covolt import units
from covolt.contract.datasheet import Datasheet, Declared
from covolt.library.generic import GENERIC, UNCERTAIN, GenericNumber, moved
from covolt.library.generic_used import generic_numbers_used
from covolt.library.join_many import World
from covolt.library.number_titles import number_title
from covolt.library.unsure import lent, with_lent
from covolt.study.procedures.protocol import Measure, Procedure, Record
from covolt.study.verdicts.verdict import Contribution
from covolt.words import Phrase, text

__all__ = [
    "Sheets",
    "Variation",
    "World",
    "contribution",
    "moved_together",
    "moving",
    "price_contributions",
    "variations",
]

Sheets = Mapping[str, Datasheet]
Placing = Callable[[Declared], Datasheet]


@dataclass(frozen=True)
class Variation:
    """One uncertain number, and the vehicle with it moved up and down.

    `step_fractions` is by how many of its standard uncertainties each: one, or less where physics ends before.
    """

    origin: Literal["input", "model"]
    party: str
    slot: str
    number: str
    title: Phrase
    uncertainty: float
    unit: str
    up: World
    down: World
    step_fractions: tuple[float, float] = (1.0, 1.0)


def variations(sheets: Sheets) -> list[Variation]:
    """Every number that a datasheet declares with an uncertainty, and every uncertain generic one that none declares.

    One that takes the place of a generic number, states no u and is not measured has the u that `lent` says.
    """
    return [*_declared(sheets), *_generic(sheets)]


def moved_together(sheets: Sheets, by: Sequence[float]) -> World:
    """The vehicle with every number of `variations(sheets)` moved at once, each by so many of its standard uncertainties.

    Physics ends before where it does: an efficiency at one, a generic number at the ends of its range.
    """
    steps = iter(by)
    found: dict[str, Datasheet] = {}
    for slot, sheet in sorted(with_lent(sheets).items()):
        declared, parameters = (_all_moved(one, steps) for one in (sheet.declared, sheet.model.parameters))
        model = sheet.model.model_copy(update={"parameters": parameters})
        found[slot] = sheet.model_copy(update={"declared": declared, "model": model})
    generic, used = GENERIC, set(generic_numbers_used(sheets))
    for number in UNCERTAIN:
        if number.name in used:
            value = float(getattr(GENERIC, number.name))
            reached = min(max(value + next(steps) * number.standard_uncertainty, number.lowest), number.highest)
            generic = moved(generic, number.name, reached - value)
    return World({**sheets, **found}, generic)


def _all_moved(numbers: Mapping[str, Declared], by: Iterator[float]) -> dict[str, Declared]:
    found = dict(numbers)
    for name, one in sorted(numbers.items()):
        if one.uncertainty_si > 0.0:
            found[name] = _moved(one, min(next(by), _room(name, one)))
    return found


def moving(procedure: Procedure, varied: Sequence[Variation]) -> list[Variation]:
    """Numbers that are moved under a procedure: none of those whose uncertainty it weighs by itself."""
    return [] if procedure.reads_levels else [one for one in varied if one.number not in procedure.weighs]


def contribution(variation: Variation, measure: str, up: Record, down: Record) -> Contribution | None:
    """How a measure moves, by central difference, in SI; None where it is lost on either side.

    u_i(y) = [y(x_i + u_i) - y(x_i - u_i)] / 2 (JCGM 100:2008, 5.1.3, note 2); of one that is open so at each end
    """
    high, low = (_number(one, measure) for one in (up, down))
    if not (math.isfinite(high) and math.isfinite(low)) or (measure in up.open) != (measure in down.open):
        return None
    share = 1.0 / (sum(variation.step_fractions) or 1.0)
    above, below = (one.open[measure].ends if measure in one.open else one.laws.get(measure, {}) for one in (up, down))
    return Contribution(
        variation.origin,
        variation.party,
        variation.slot,
        variation.number,
        variation.title,
        share * (high - low),
        variation.uncertainty,
        variation.unit,
        {law: share * (above[law] - below[law]) for law in above if law in below},
    )


def price_contributions(record: Record, measure: Measure, sheets: Sheets) -> list[Contribution]:
    """What the uncertain price of each offer adds to a sum of money, as the procedure itself states it.

    Of what parties state at their levels it is what each party adds to the sum, by its name in place of a slot.
    """
    return [
        Contribution("input", sheets[slot].party, slot, "price", text("price"), u, u, measure.si_unit)
        if slot in sheets
        else Contribution("input", slot, "", measure.id, measure.title, u, u, measure.si_unit)
        for slot, u in sorted(record.unsure.get(measure.id, {}).items())
    ]


def _number(record: Record, measure: str) -> float:
    """A measure, or of an open one the first end that there is."""
    ends = record.open[measure].ends.values() if measure in record.open else ()
    return next(iter(ends), record.measures.get(measure, math.nan))


def _declared(sheets: Sheets) -> Iterator[Variation]:
    taken_over = {(one.slot, one.name) for one in lent(sheets)}
    for slot, sheet in sorted(with_lent(sheets).items()):
        for name, one, place in _numbers(sheet):
            steps = (_highest_step(name, one), 1.0)
            up, down = (World({**sheets, slot: place(_moved(one, step))}) for step in (steps[0], -steps[1]))
            title = number_title(name)
            if (slot, name) in taken_over:
                title = text("{title}, stated without u", title=title)
            yield Variation("input", sheet.party, slot, name, title, *_as_written(one), up, down, steps)


def _highest_step(name: str, one: Declared) -> float:
    """By how many of its standard uncertainties a number is moved up, one at most."""
    return min(1.0, _room(name, one))


def _room(name: str, one: Declared) -> float:
    """By how many of its standard uncertainties a number can rise: an efficiency ends at one."""
    return max(0.0, (1.0 - one.value_si) / one.uncertainty_si) if name.startswith("efficiency") else math.inf


def _numbers(sheet: Datasheet) -> Iterator[tuple[str, Declared, Placing]]:
    """Declared numbers and model parameters that are uncertain, each with what puts another in its place."""
    for name, one in sorted(sheet.declared.items()):
        if one.uncertainty_si > 0.0:

            def declared(other: Declared, name: str = name) -> Datasheet:
                return sheet.model_copy(update={"declared": {**sheet.declared, name: other}})

            yield name, one, declared
    for name, one in sorted(sheet.model.parameters.items()):
        if one.uncertainty_si > 0.0:

            def parameter(other: Declared, name: str = name) -> Datasheet:
                model = sheet.model.model_copy(update={"parameters": {**sheet.model.parameters, name: other}})
                return sheet.model_copy(update={"model": model})

            yield name, one, parameter


def _as_written(one: Declared) -> tuple[float, str]:
    """The uncertainty of a number in the unit in which its party wrote it."""
    unit = units.unit_of(one.u).name if isinstance(one.u, str) else "1"
    return one.uncertainty_si / units.unit(unit).factor, unit


def _moved(one: Declared, factor: float) -> Declared:
    moved_si = one.value_si + factor * one.uncertainty_si
    value = moved_si if one.si_unit == "1" else f"{moved_si!r} {one.si_unit}"
    return one.model_copy(update={"value": value, "u": None})


def _generic(sheets: Sheets) -> Iterator[Variation]:
    used = set(generic_numbers_used(sheets))
    for number in UNCERTAIN:
        if number.name not in used:
            continue
        value, u = float(getattr(GENERIC, number.name)), number.standard_uncertainty
        steps = (min(1.0, (number.highest - value) / u), min(1.0, (value - number.lowest) / u))
        up, down = (World(sheets, moved(GENERIC, number.name, by)) for by in (steps[0] * u, -steps[1] * u))
        slot = _slot(number, sheets)
        party = sheets[slot].party if slot else ""
        yield Variation("model", party, slot, number.name, number.title, u, number.si_unit, up, down, steps)


def _slot(number: GenericNumber, sheets: Sheets) -> str:
    """Slot whose party might state what takes the place of a generic number; empty where no datasheet can."""
    return next((slot for slot in number.slots if slot in sheets), "")
