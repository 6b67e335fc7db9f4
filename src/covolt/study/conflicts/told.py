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
    "ContractLeft",
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
    "veiled",
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
    """The design that misses a conflict least, and the requirement that it misses most."""

    requirement: str
    party: str
    short: Number
    share: Number
    unit: str


@dataclass(frozen=True, config=RESULT)
class MovedBound:
    """A bound that moves at least so far, `by` in `unit`; `relaxed` is what it is then, rounded so that the design meets it."""

    requirement: str
    party: str
    by: Number
    share: Number
    bound: Number
    relaxed: Number
    unit: str


@dataclass(frozen=True, config=RESULT)
class Shortfall:
    """Another requirement that the design misses, by how much, where that is known, and its margin of today's vehicle."""

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
    value: Number
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

    `least` says that no design of the space resolves it by less, to a millionth; else none was found. `open_there` are
    requirements of which nobody has said whether that design meets them.
    """

    moves: tuple[MovedBound, ...]
    share: Number
    least: bool
    design: tuple[VariableThere, ...] = ()
    misses: tuple[Shortfall, ...] = ()
    interests: tuple[WishThere, ...] = ()
    open_there: tuple[str, ...] = ()


@dataclass(frozen=True, config=RESULT)
class ContractLeft:
    """A limit of a contract that a design leaves, with its number there, in `unit`."""

    limit: str
    """By its contract and number, as `contract: battery mass`."""
    contract: str
    said: Said
    number: str
    unit: str
    value: Number


@dataclass(frozen=True, config=RESULT)
class ConflictFound:
    """Requirements that no design found meets together, while any of them left out lets some design meet the rest.

    `sure` is "sample" where only the study was looked at, "searched" where further designs were `sought` for it, "whole" where
    every design of the space was, "proven" where declared numbers and prices exclude it. Designs that leave a contract count for
    none; `contracts` are the limits that one leaves which meets the conflict, where one was judged. Where the reader may not see
    one of the requirements nothing but these is told, and how sure it is.
    """

    demands: tuple[Demand, ...]
    sure: Sure
    sought: int
    nearest: NearestDesign | None
    eased: tuple[Eased, ...]
    contracts: tuple[ContractLeft, ...] = ()


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


def veiled(seen: Programme, posed: Posed, found: Confirmed) -> Iterator[ConflictFound]:
    """The conflicts that hold a requirement which the reader may not see: whose they are and how sure it is, and nothing else.

    The least move of a bound beside it, the design of that and the nearest one would each tell the hidden bound.
    """
    told: list[ConflictFound] = []
    for names in found.conflicts.sets:
        if not seen.hidden.isdisjoint(names):
            demands = [demand_of(seen, name, posed.units[name]) for name in names]
            # In the order of what may be read: that of the names would tell of a hidden one.
            demands.sort(key=lambda one: (not one.requirement, one.requirement, one.party, one.kind))
            tried = found.tried.get(names)
            told.append(ConflictFound(tuple(demands), "sample" if tried is None else tried.sure, 0, None, ()))
    return iter(
        sorted(told, key=lambda one: (len(one.demands), [(each.requirement, each.party) for each in one.demands]))
    )


def _nominal(designs: Designs, name: str) -> float:
    return designs.asked[designs.columns([name])[0]].nominal


def _short(designs: Designs, row: int, name: str) -> float:
    """By how much a design misses a requirement, in its unit."""
    return -float(designs.margins[row, designs.columns([name])[0]])


@final
class Teller:
    """Tells what was found as a reader may see it."""

    def __init__(self, seen: Programme, posed: Posed, space: DesignSpace, found: Confirmed) -> None:
        """`seen` is the programme as the reader sees it; all that was asked may be seen in it."""
        self.seen, self.posed, self.space, self.found = seen, posed, space, found

    def conflicts(self) -> tuple[ConflictFound, ...]:
        """All that are listed."""
        return tuple(self._conflict(one) for one in self.found.conflicts.sets)

    def everything(self, most: int = 3) -> tuple[Eased, ...]:
        """The smallest moves after which a design meets every requirement that is known."""
        names = self.found.designs.names
        designs = self.found.table(names)
        joint = jointly(designs, names, most, surely_met=False)
        return tuple(self._eased(designs, one, names, least=False) for one in joint)

    def _conflict(self, names: Sequence[str]) -> ConflictFound:
        tried = self.found.tried.get(tuple(names))
        designs = self.found.table(names)
        eased = alone(designs, names) if len(names) > 1 else jointly(designs, names, 1)
        shared = [one for one in jointly(designs, names, MOST_JOINT + len(names)) if len(one.moves) > 1]
        if tried is not None and tried.moved_ratio:
            # Along lines one share between two bounds is as good as another; the least is one below each of them alone.
            below = min((one.moved_ratio for one in eased), default=np.inf)
            shared = [one for one in shared[:1] if one.moved_ratio < below]
        return ConflictFound(
            tuple(demand_of(self.seen, name, self.posed.units[name]) for name in names),
            "sample" if tried is None else tried.sure,
            0 if tried is None else tried.sought,
            self._nearest(designs, names),
            tuple(
                self._eased(designs, one, names, least=tried is not None and tried.is_least(one.moves))
                for one in (*eased, *shared[:MOST_JOINT])
            ),
            tuple(self._left(names)),
        )

    def _left(self, names: Sequence[str]) -> Iterator[ContractLeft]:
        """Limits of contracts beyond which a design meets requirements."""
        for one, value in self.posed.agreed.resolving(names):
            yield ContractLeft(one.name, one.contract, one.said, one.number, one.unit, value)

    def _nearest(self, designs: Designs, names: Sequence[str]) -> NearestDesign | None:
        missed = designs.missed(names)
        if not np.isfinite(missed).any():
            return None
        row = int(np.argmin(missed))
        worst = max(names, key=lambda name: _short(designs, row, name) / _nominal(designs, name))
        short = _short(designs, row, worst)
        party = self.seen.requirements[worst].party
        return NearestDesign(worst, party, short, short / _nominal(designs, worst), self.posed.units[worst])

    def _eased(self, designs: Designs, one: Relaxation, names: Sequence[str], *, least: bool) -> Eased:
        values = designs.values[one.design]
        return Eased(
            tuple(self._moved(name, move, move / _nominal(designs, name)) for name, move in one.moves),
            one.moved_ratio,
            least,
            self._there(values),
            tuple(self._misses(designs, one, names)),
            tuple(self._wishes(values)),
            tuple(name for name in designs.names if np.isnan(_short(designs, one.design, name))),
        )

    def _moved(self, name: str, move: float, moved_ratio: float) -> MovedBound:
        one, unit = self.seen.requirements[name], self.posed.units[name]
        bound = bound_in(one, unit)
        relaxed = relaxed_bound(bound, move, at_least=one.sign > 0.0)
        return MovedBound(name, one.party, move, moved_ratio, bound, relaxed, unit)

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

    def _misses(self, designs: Designs, eased: Relaxation, names: Sequence[str]) -> Iterator[Shortfall]:
        """Requirements beside the conflict that the design does not meet."""
        for name in designs.names:
            short = _short(designs, eased.design, name)
            if name in names or not short > 0.0:
                continue
            one = self.seen.requirements[name]
            today = None if self.posed.today is None else -_short(designs, self.posed.today, name)
            known = short if isfinite(short) else None
            yield Shortfall(name, one.party, one.kind, known, today, self.posed.units[name])

    def _wishes(self, values: Numbers) -> Iterator[WishThere]:
        there = self.posed.wished(values)
        today = {} if self.posed.today is None else self.posed.wished(self.found.designs.values[self.posed.today])
        visible = {f"{one.party}/{one.id}" for one in self.seen.interests.values()}
        for name, unit in self.posed.interests.items():
            if name in visible:
                party, _, interest = name.partition("/")
                yield WishThere(interest, party, there[name], today.get(name), unit)
