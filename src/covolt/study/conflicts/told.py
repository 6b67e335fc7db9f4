"""Conflicts as they are told: whose requirements they are, how sure it is, the least relaxations, and what these cost others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, isfinite, log10
from typing import Literal, final

import numpy as np
from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.programme.requirement import Kind
from covolt.study.conflicts.confirmation import Confirmed, Sure
from covolt.study.conflicts.posed import Posed, bound_in, may_move, unit_of_bound
from covolt.study.conflicts.relaxation import Relaxation, alone, jointly
from covolt.study.conflicts.table import Designs, Numbers
from covolt.study.designs.space import DesignSpace
from covolt.study.result import RESULT, Number, Said

__all__ = [
    "ConflictFound",
    "Demand",
    "Eased",
    "MovedBound",
    "NearestDesign",
    "Shortfall",
    "Teller",
    "VariableThere",
    "WishThere",
    "demand_of",
    "relaxed_bound",
]

MOST_JOINT = 2
"""Relaxations that share the move among several bounds, beside those of one bound alone."""
DIGITS = 3
"""Of a move, to which a relaxed bound is rounded away from what it asked: by less than a hundredth of the move."""


@dataclass(frozen=True, config=RESULT)
class Demand:
    """A requirement of a conflict. Of one that its reader may not see only owner and kind are told."""

    requirement: str
    title: Said
    party: str
    kind: Kind
    may_move: bool | None
    measure: str = ""
    side: Literal["at_least", "at_most", ""] = ""
    bound: Number | None = None
    unit: str = ""


@dataclass(frozen=True, config=RESULT)
class NearestDesign:
    """The design that misses a conflict least, and the requirement that it misses most; without numbers where it is hidden."""

    requirement: str
    party: str
    short: Number | None
    share: Number | None
    unit: str


@dataclass(frozen=True, config=RESULT)
class MovedBound:
    """A bound that moves at least so far, `by` in `unit`; `relaxed` is what it is then, rounded so that the design meets it."""

    requirement: str
    party: str
    by: Number | None
    share: Number | None
    bound: Number | None
    relaxed: Number | None
    unit: str


@dataclass(frozen=True, config=RESULT)
class Shortfall:
    """Another requirement that the design misses, by how much, and its margin of today's vehicle; a hidden one has no numbers."""

    requirement: str
    party: str
    kind: Kind
    short: Number | None
    today: Number | None
    unit: str


@dataclass(frozen=True, config=RESULT)
class WishThere:
    """What an interest has at the design, and at today's vehicle."""

    interest: str
    party: str
    value: Number | None
    today: Number | None
    unit: str


@dataclass(frozen=True, config=RESULT)
class VariableThere:
    """What a variable has at the design: a number in its unit, or an offer."""

    variable: str
    party: str
    value: Number | str
    unit: str


@dataclass(frozen=True, config=RESULT)
class Eased:
    """Bounds moved so that one design meets all of a conflict, and what else that design costs; `share` sums the moves.

    `open_there` are requirements of which that design leaves open whether it meets them; hidden ones by their owner.
    """

    moves: tuple[MovedBound, ...]
    share: Number | None
    design: tuple[VariableThere, ...] = ()
    misses: tuple[Shortfall, ...] = ()
    interests: tuple[WishThere, ...] = ()
    open_there: tuple[str, ...] = ()


@dataclass(frozen=True, config=RESULT)
class ConflictFound:
    """Requirements that no design found meets together, while any of them left out lets some design meet the rest.

    `sure` is "sample" where only the study was looked at, "searched" where further designs were `sought` for it, "whole" where
    every design of the space was, "proven" where declared numbers alone exclude it.
    """

    demands: tuple[Demand, ...]
    sure: Sure
    sought: int
    nearest: NearestDesign | None
    eased: tuple[Eased, ...]


def relaxed_bound(bound: float, move: float, *, at_least: bool) -> float:
    """The bound moved away from what it asks, and rounded further that way to three digits of the move.

    So the design meets it, and 0.99 of the move that it makes is less than the one that is needed.
    """
    sign = 1.0 if at_least else -1.0
    places = DIGITS - 1 - floor(log10(move))
    step = 10.0**-places
    wanted = bound - sign * move
    steps = floor(wanted / step) if at_least else ceil(wanted / step)
    found = round(steps * step, max(places, 0))
    # Rounding of the binary number may have left it short of what is needed.
    return found if sign * (wanted - found) >= 0.0 else round((steps - sign) * step, max(places, 0))


def demand_of(seen: Programme, name: str, unit: str = "") -> Demand:
    """A requirement as a reader may see it, in a unit, else in that in which it is written."""
    one = seen.requirements[name]
    if name in seen.hidden:
        return Demand("", one.title.words, one.party, one.kind, None)
    unit = unit or unit_of_bound(one)
    side = "at_least" if one.sign > 0.0 else "at_most"
    return Demand(
        name, one.title.words, one.party, one.kind, may_move(one), one.measure, side, bound_in(one, unit), unit
    )


@final
class Teller:
    """Tells what was found as a reader may see it."""

    def __init__(self, seen: Programme, posed: Posed, space: DesignSpace, found: Confirmed) -> None:
        """`seen` is the programme as the reader sees it; whole, it holds all that was asked."""
        self.seen, self.posed, self.space, self.found = seen, posed, space, found
        self.designs: Designs = found.designs

    def conflicts(self) -> tuple[ConflictFound, ...]:
        """All that are listed."""
        return tuple(self._conflict(one) for one in self.found.conflicts.sets)

    def everything(self, most: int = 3) -> tuple[Eased, ...]:
        """The smallest moves after which a design meets every requirement that is known."""
        names = self.designs.names
        return tuple(self._eased(one, names) for one in jointly(self.designs, names, most, surely_met=False))

    def _conflict(self, names: Sequence[str]) -> ConflictFound:
        tried = self.found.tried.get(tuple(names))
        single = alone(self.designs, names) if len(names) > 1 else ()
        shared = [one for one in jointly(self.designs, names, MOST_JOINT + len(names)) if len(one.moves) != 1]
        eased = single if len(names) > 1 else jointly(self.designs, names, 1)
        return ConflictFound(
            tuple(demand_of(self.seen, name, self.posed.units[name]) for name in names),
            "sample" if tried is None else tried.sure,
            0 if tried is None else tried.sought,
            self._nearest(names),
            tuple(self._eased(one, names) for one in (*eased, *shared[:MOST_JOINT])),
        )

    def _nearest(self, names: Sequence[str]) -> NearestDesign | None:
        missed = self.designs.missed(names)
        if not np.isfinite(missed).any():
            return None
        row = int(np.argmin(missed))
        worst = max(names, key=lambda name: self._short(row, name) / self._nominal(name))
        one = self.seen.requirements[worst]
        if worst in self.seen.hidden:
            return NearestDesign("", one.party, None, None, "")
        short = self._short(row, worst)
        return NearestDesign(worst, one.party, short, short / self._nominal(worst), self.posed.units[worst])

    def _nominal(self, name: str) -> float:
        return self.designs.asked[self.designs.columns([name])[0]].nominal

    def _short(self, row: int, name: str) -> float:
        """By how much a design misses a requirement, in its unit."""
        return -float(self.designs.margins[row, self.designs.columns([name])[0]])

    def _eased(self, one: Relaxation, names: Sequence[str]) -> Eased:
        moves = tuple(self._moved(name, move) for name, move in one.moves)
        if not self.seen.hidden.isdisjoint(name for name, _ in one.moves):
            return Eased(moves, None)  # at which design a hidden bound moves least would tell of it
        values = self.designs.values[one.design]
        return Eased(
            moves,
            one.moved_ratio,
            self._there(values),
            tuple(self._misses(one, names)),
            tuple(self._wishes(values)),
            self._open(one.design),
        )

    def _open(self, row: int) -> tuple[str, ...]:
        names = [name for name in self.designs.names if np.isnan(self._short(row, name))]
        return tuple(self.seen.requirements[name].party if name in self.seen.hidden else name for name in names)

    def _moved(self, name: str, move: float) -> MovedBound:
        one, unit = self.seen.requirements[name], self.posed.units[name]
        if name in self.seen.hidden:
            return MovedBound("", one.party, None, None, None, None, "")
        bound = bound_in(one, unit)
        return MovedBound(
            name,
            one.party,
            move,
            move / self._nominal(name),
            bound,
            relaxed_bound(bound, move, at_least=one.sign > 0.0),
            unit,
        )

    def _there(self, values: Numbers) -> tuple[VariableThere, ...]:
        return tuple(
            VariableThere(
                one.id,
                one.party,
                one.choices[int(value)] if one.choices else float(value),
                "" if one.choices else one.unit,
            )
            for one, value in zip(self.space.variables, values, strict=True)
            if one.id in self.seen.designs
        )

    def _misses(self, eased: Relaxation, names: Sequence[str]) -> Iterator[Shortfall]:
        """Requirements beside the conflict that the design does not meet."""
        for name in self.designs.names:
            short = self._short(eased.design, name)
            if name in names or not short > 0.0:
                continue
            one = self.seen.requirements[name]
            if name in self.seen.hidden:
                yield Shortfall("", one.party, one.kind, None, None, "")
                continue
            today = None if self.posed.today is None else -self._short(self.posed.today, name)
            known = short if isfinite(short) else None
            yield Shortfall(name, one.party, one.kind, known, today, self.posed.units[name])

    def _wishes(self, values: Numbers) -> Iterator[WishThere]:
        there = self.posed.wished(values)
        today = {} if self.posed.today is None else self.posed.wished(self.designs.values[self.posed.today])
        visible = {f"{one.party}/{one.id}" for one in self.seen.interests.values()}
        for name, unit in self.posed.interests.items():
            if name in visible:
                party, _, interest = name.partition("/")
                yield WishThere(interest, party, there[name], today.get(name), unit)
