"""Power bonds between parts: checked when joined, their energy kept in a ledger, one side's account against the other's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from covolt.errors import Problem
from covolt.exchange import base_units
from covolt.exchange.component import Unit
from covolt.exchange.master.joins import Join
from covolt.exchange.master.scalars import Scalars
from covolt.exchange.master.system import Bond, Port, Side
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["BondEnergy", "JoinedBond", "Ledger", "joined_bonds"]

_POWER = (1, 2, -3, 0, 0, 0, 0)
"""kg m2 s-3 A0 K0 mol0 cd0; an angle counts as nothing, since torque times speed is power with it and without."""
_CLOSE = 1e-9
"""Relative difference of two factors that are meant to be one."""


@final
@dataclass(frozen=True)
class JoinedBond:
    """A bond by the places of its variables: P = factor * output * input of either side, in W."""

    bond: Bond
    outputs: tuple[int, int]
    """Places of what the first and the second side give, among all outputs."""
    inputs: tuple[int, int]
    """Places of what they take, among all inputs."""
    first_factor_si: float
    second_factor_si: float
    """To SI; the second's with the sign by which its power is the first's."""

    def powers_W(self, outputs: np.ndarray, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Power by each side's account: outputs (…, m), inputs (…, k) give two of (…,)."""
        first, second = outputs[..., self.outputs[0]], inputs[..., self.inputs[1]]
        if self.bond.kind == "heat":
            return self.first_factor_si * first, self.second_factor_si * second
        taken, given = inputs[..., self.inputs[0]], outputs[..., self.outputs[1]]
        return self.first_factor_si * first * taken, self.second_factor_si * second * given


@final
@dataclass(frozen=True)
class BondEnergy:
    """The energy that crossed one bond over a run."""

    name: str
    first_J: float
    """By the account of the first side: the time integral of what it gives times what it takes."""
    second_J: float
    """The same by the account of the second side."""
    through_J: float
    """The time integral of the absolute power, by the side where it is more."""

    @property
    def share_ratio(self) -> float:
        """What was made or lost between the two sides, as share of what went through."""
        return (self.first_J - self.second_J) / self.through_J if self.through_J > 0.0 else 0.0


@final
class Ledger:
    """Adds up the energy of all bonds, step by step: trapezoids of outputs, inputs as they were held.

    E_side = sum over steps of h * input * (output before + output after) / 2; source: Sadjina et al. 2017, section 3.
    """

    def __init__(self, bonds: Sequence[JoinedBond]) -> None:
        self._bonds = tuple(bonds)
        self._sums = [np.zeros(4) for _ in bonds]

    def add(self, step_s: np.ndarray, outputs: np.ndarray, inputs: np.ndarray) -> None:
        """Steps (n,), outputs before and after them (n + 1, m), inputs held over them (n, k)."""
        means = 0.5 * (outputs[:-1] + outputs[1:])
        for bond, sums in zip(self._bonds, self._sums, strict=True):
            first, second = (power * step_s for power in bond.powers_W(means, inputs))
            np.add(sums, (first.sum(), second.sum(), np.abs(first).sum(), np.abs(second).sum()), out=sums)

    def energies(self) -> tuple[BondEnergy, ...]:
        """Each bond's energy so far."""
        return tuple(
            BondEnergy(bond.bond.name, float(sums[0]), float(sums[1]), float(max(sums[2:])))
            for bond, sums in zip(self._bonds, self._sums, strict=True)
        )


def joined_bonds(
    parts: Mapping[str, Scalars],
    bonds: Sequence[Bond],
    joins: Sequence[Join],
    outputs: Sequence[Port],
    inputs: Sequence[Port],
) -> tuple[tuple[JoinedBond, ...], list[Problem], list[Phrase]]:
    """All bonds that hold, the problems of the others, and what is worth a word."""
    by_ends = {(join.source, join.target): join for join in joins}
    places = {port: place for place, port in enumerate(outputs)}, {port: place for place, port in enumerate(inputs)}
    found: list[JoinedBond] = []
    problems: list[Problem] = []
    notes: list[Phrase] = []
    for bond in bonds:
        ends = [_ports(side) for side in (bond.first, bond.second)]
        there = [by_ends.get((ends[0][0], ends[1][1])), by_ends.get((ends[1][0], ends[0][1]))]
        missing = [
            f"{source} → {target}"
            for join, source, target in zip(there, (ends[0][0], ends[1][0]), (ends[1][1], ends[0][1]), strict=True)
            if join is None
        ]
        if missing:
            what = text("of a bond both connections are joined; missing: {missing}", missing=", ".join(missing))
            problems.append(Problem(what, bond.name, named(missing[0], [str(join) for join in joins])))
            continue
        forth, back = (join for join in there if join is not None)
        factors = _factors(parts, bond, forth, back, problems, notes)
        if factors is not None:
            placed = [(places[0][output], places[1][given]) for output, given in ends]
            given, taken = zip(*placed, strict=True)
            found.append(JoinedBond(bond, (given[0], given[1]), (taken[0], taken[1]), *factors))
    return tuple(found), problems, notes


def _ports(side: Side) -> tuple[Port, Port]:
    return Port(side.part, side.output), Port(side.part, side.input)


def _unit(parts: Mapping[str, Scalars], port: Port) -> Unit | None:
    variable = parts[port.part].variable(port.variable)
    unit = variable.unit if variable is not None else None
    return unit if unit is not None and base_units.is_known(unit) else None


def _factors(
    parts: Mapping[str, Scalars],
    bond: Bond,
    forth: Join,
    back: Join,
    problems: list[Problem],
    notes: list[Phrase],
) -> tuple[float, float] | None:
    """What makes W of the products on either side; None where they are no power or the connections make energy.

    With g the factors of the two connections in SI: P1 = y1 g21 y2, P2 = y2 g12 y1, so P1 = (g21 / g12) P2, which is ±P2 or else
    energy comes from nowhere. Of heat only the flow counts: P1 = y1, P2 = u2 / g12.
    """
    ports = (forth.source, back.target, back.source, forth.target)
    units = [_unit(parts, port) for port in ports]
    if bond.kind == "heat":
        units = [units[0], None, None, units[3]]
    unstated = [str(port) for port, unit in zip(ports, units, strict=True) if unit is None]
    if bond.kind == "power" and unstated:
        message = text("bond '{bond}': taken to be in SI units: {ports}", bond=bond.name, ports=", ".join(unstated))
        notes.append(message)
    if not _is_power(bond, units):
        what = text("{output} and {input} make no power", output=str(forth.source), input=str(back.target))
        hint = text("a bond carries torque and speed, voltage and current, force and velocity, or a heat flow")
        problems.append(Problem(what, bond.name, hint))
        return None
    si = [1.0 if unit is None else unit.factor for unit in units]
    forth_si, back_si = forth.factor * si[3] / si[0], back.factor * si[1] / si[2]
    if bond.kind == "heat":
        back_si = math.copysign(1.0, forth_si)
    if forth.shift_value or (back.shift_value and bond.kind == "power") or not _one(abs(forth_si), abs(back_si)):
        what = text(
            "its two connections make energy: factors {forth} and {back} in SI units", forth=forth_si, back=back_si
        )
        problems.append(
            Problem(what, bond.name, text("give both connections one factor and no offset; signs may differ"))
        )
        return None
    sign = math.copysign(1.0, forth_si) * math.copysign(1.0, back_si)
    if bond.kind == "heat":
        return si[0], math.copysign(si[3], forth_si)
    return si[0] * si[1], sign * si[2] * si[3]


def _is_power(bond: Bond, units: Sequence[Unit | None]) -> bool:
    """Whether the product of what a side gives and takes is a power, as far as units are stated."""
    pairs = [(units[0],), (units[3],)] if bond.kind == "heat" else [(units[0], units[1]), (units[2], units[3])]
    for pair in pairs:
        if None in pair:
            continue
        exponents = np.sum([unit.exponents[:-1] for unit in pair if unit is not None], axis=0)
        if tuple(int(one) for one in exponents) != _POWER:
            return False
    return True


def _one(low: float, high: float) -> bool:
    return low > 0.0 and abs(low - high) <= _CLOSE * max(low, high)
