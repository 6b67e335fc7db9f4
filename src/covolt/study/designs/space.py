"""The design space: every number and choice that owners let move, and the datasheets of any design in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from covolt import units
from covolt.contract.datasheet import Datasheet, Declared
from covolt.contract.document import canonical_json
from covolt.errors import InputError, Problem
from covolt.files import digest_of
from covolt.library.join_many import ManySheets
from covolt.programme.design_space import PRICE, DesignVariable, rate_of
from covolt.programme.documents import Programme
from covolt.programme.movable import declared_number, design_problems
from covolt.study.verdicts.joined import locked_sheets
from covolt.words import text

__all__ = ["OFFER", "DesignSpace", "Variable"]

OFFER = "offer"
"""What stands in place of the unit of a choice."""
Kind = Literal["continuous", "stepped", "choice"]
Place = tuple[str, str]
"""Slot of the vehicle, and name of a number."""


@final
@dataclass(frozen=True)
class Variable:
    """One thing that moves: a number in `unit` from `lowest` to `highest`, in whole steps from `lowest` where `step` > 0.

    Of a choice the value is the place of an offer in `choices`, from 0 on. `locked` is the value of today's vehicle, which
    may lie between the steps, or beyond the bounds; of a choice it is the last of `choices` where it is none that is offered.
    """

    id: str
    party: str
    slot: str
    kind: Kind
    unit: str
    lowest: float
    highest: float
    locked: float
    step: float = 0.0
    choices: tuple[str, ...] = ()

    @property
    def count(self) -> int | None:
        """How many values it has; None where every one between the bounds counts."""
        if self.kind == "continuous":
            return None
        return round(self.highest) + 1 if self.choices else int((self.highest - self.lowest) / self.step + 1e-9) + 1

    def at(self, fractions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at fractions of the way through it, each from 0 to below 1: of steps and choices all equally often."""
        if self.count is None:
            return self.lowest + np.asarray(fractions) * (self.highest - self.lowest)
        places = np.minimum(np.floor(np.asarray(fractions) * self.count), self.count - 1)
        return places if self.choices else self.lowest + places * self.step

    def nearest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The nearest values that it can have."""
        within = np.clip(values, self.lowest, self.highest)
        if self.count is None:
            return within
        step = 1.0 if self.choices else self.step
        places = np.minimum(np.round((within - self.lowest) / step), self.count - 1)
        return self.lowest + places * step


@final
@dataclass(frozen=True, eq=False)
class DesignSpace:
    """All that moves in a programme, by party and id; what of a vehicle nobody declares stays as it is locked.

    A design is a row of values, one for each of `variables`, in their units.
    """

    variables: tuple[Variable, ...]
    locked: Mapping[str, Datasheet]
    """Today's datasheets, by slot of the vehicle."""
    offers: Mapping[str, Datasheet]
    documents: tuple[DesignVariable, ...]
    slots: Mapping[str, str]
    """Slot of the vehicle, by the programme's name for it."""

    @classmethod
    def of(cls, programme: Programme) -> DesignSpace:
        """What the reader of a programme may see moving.

        Raises:
            NotFound: no part is locked yet.
            InputError: nothing moves, or something is declared wrongly.
        """
        locked = locked_sheets(programme)
        problems = design_problems(programme)
        if not programme.designs:
            hint = text('let an owner declare what moves: PARTY/designs/NAME.toml with schema = "design-space/1"')
            problems.append(Problem(text("the design space is empty: nobody lets a number move"), "designs", hint))
        if problems:
            raise InputError(problems)
        documents = tuple(sorted(programme.designs.values(), key=lambda one: (one.party, one.id)))
        slots = {name: programme.vehicle_slot(slot) for name, slot in programme.slots.items()}
        variables = tuple(_variable(one, locked[slots[one.slot]]) for one in documents)
        offers = {name: programme.offers[name].datasheet for one in variables for name in one.choices}
        return cls(variables, locked, offers, documents, slots)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables by their names, in the order of the values of a design."""
        return tuple(one.id for one in self.variables)

    @property
    def at_locked(self) -> NDArray[np.float64]:
        """The values of today's vehicle."""
        return np.array([one.locked for one in self.variables], dtype=np.float64)

    @property
    def digest(self) -> str:
        """Hash of what moves, and of the datasheets that it moves and chooses among."""
        told = [canonical_json(one, exclude={"title"}) for one in self.documents]
        told += [canonical_json(one) for _, one in sorted((*self.locked.items(), *self.offers.items()))]
        return digest_of(b"\n".join(told))

    def nearest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The nearest designs of the space to rows of values: within the bounds, on whole steps, of offers that exist."""
        rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
        return np.stack([one.nearest(rows[:, at]) for at, one in enumerate(self.variables)], axis=1)

    @cached_property
    def _moves(self) -> tuple[tuple[tuple[Place, float], ...], ...]:
        """By variable, the numbers that move with it and by how much in SI per its unit; of a choice none."""
        return tuple(tuple(self._moved(one)) for one in self.documents)

    def _moved(self, one: DesignVariable) -> list[tuple[Place, float]]:
        if one.offers:
            return []
        factor, slot = units.unit(one.unit).factor, self.slots[one.slot]
        coupled = (
            ((self.slots[each.slot] if each.slot else slot, each.number), factor * rate_of(each.per).value_si)
            for each in one.coupled
        )
        return [((slot, one.number), factor), *coupled]

    def rates_si(self, slot: str, number: str) -> dict[str, float]:
        """By how much in SI a number of the part in a slot of the vehicle moves with each variable, per its unit."""
        rates: dict[str, float] = {}
        for one, moves in zip(self.variables, self._moves, strict=True):
            for place, rate in moves:
                if place == (slot, number):
                    rates[one.id] = rates.get(one.id, 0.0) + rate
        return rates

    def in_columns(self, values: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.intp], ManySheets]]:
        """The datasheets of many designs, rows of `values`: those with the same choices together, and which rows they are."""
        chosen = [at for at, one in enumerate(self.variables) if one.choices]
        picked, which = np.unique(values[:, chosen].astype(np.intp), axis=0, return_inverse=True)
        for number, picks in enumerate(picked):
            members = np.flatnonzero(which.reshape(-1) == number)
            sheets = dict(self.locked)
            for at, pick in zip(chosen, picks, strict=True):
                one = self.variables[at]
                sheets[self.slots[one.slot]] = self.offers[one.choices[pick]]
            changes: dict[Place, NDArray[np.float64]] = {}
            for column, one, moves in zip(values[members].T, self.variables, self._moves, strict=True):
                for place, rate in moves:
                    changes[place] = changes.get(place, 0.0) + rate * (column - one.locked)
            # A price that is none of a part's numbers is of its supply, which no vehicle is made of.
            numbers = {(slot, name): declared_number(sheets[slot], name) for slot, name in changes}
            yield (
                members,
                ManySheets(
                    len(members),
                    sheets,
                    {place: one.value_si + changes[place] for place, one in numbers.items() if one is not None},
                ),
            )

    def sheets(self, values: Sequence[float] | NDArray[np.float64]) -> dict[str, Datasheet]:
        """The datasheets of one design by slot of the vehicle; at the values of today's vehicle those that are locked."""
        found = dict(self.locked)
        changes: dict[Place, float] = {}
        for value, one, moves in zip(values, self.variables, self._moves, strict=True):
            if one.choices:
                found[self.slots[one.slot]] = self.offers[one.choices[int(value)]]
                continue
            change = float(value) - one.locked
            for place, rate in moves if change else ():
                changes[place] = changes.get(place, 0.0) + rate * change
        by_slot: dict[str, dict[str, float]] = {}
        for (slot, number), change in changes.items():
            by_slot.setdefault(slot, {})[number] = change
        return found | {slot: _changed(found[slot], change) for slot, change in by_slot.items()}


def _variable(one: DesignVariable, locked: Datasheet) -> Variable:
    if one.offers:
        choices = one.offers if locked.reference in one.offers else (*one.offers, locked.reference)
        today = float(choices.index(locked.reference))
        return Variable(
            one.id, one.party, one.slot, "choice", OFFER, 0.0, len(one.offers) - 1.0, today, choices=choices
        )
    number = declared_number(locked, one.number)
    if number is None or one.lowest is None or one.highest is None:
        raise RuntimeError(f"{one.id} passed the checks of its programme without a number or bounds")
    step = one.step_in_unit
    lowest, highest = one.in_unit(one.lowest), one.in_unit(one.highest)
    today = units.unit(one.unit).from_si(number.value_si)
    return Variable(
        one.id, one.party, one.slot, "stepped" if step else "continuous", one.unit, lowest, highest, today, step
    )


def _changed(sheet: Datasheet, changes_si: Mapping[str, float]) -> Datasheet:
    """A datasheet with numbers changed by so much in SI; how surely each is known stays."""
    declared, parameters = dict(sheet.declared), dict(sheet.model.parameters)
    update: dict[str, object] = {}
    for name, change in changes_si.items():
        if name == PRICE and sheet.supply is not None and name not in declared and name not in parameters:
            points = tuple(one.model_copy(update={"price": float(one.price) + change}) for one in sheet.supply.price)
            update["supply"] = sheet.supply.model_copy(update={"price": points})
        elif name in declared:
            declared[name] = _moved_number(declared[name], change)
        else:
            parameters[name] = _moved_number(parameters[name], change)
    update["declared"] = declared
    update["model"] = sheet.model.model_copy(update={"parameters": parameters})
    return sheet.model_copy(update=update)


def _moved_number(one: Declared, change_si: float) -> Declared:
    value_si = one.value_si + change_si
    value = value_si if one.si_unit == "1" else f"{value_si!r} {one.si_unit}"
    return one.model_copy(update={"value": value})
