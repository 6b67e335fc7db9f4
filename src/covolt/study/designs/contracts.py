"""Limits of contracts over a design space: which designs leave what parties agreed on a part, and from which value on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, StrictFloat

from covolt import units
from covolt.contract.document import DOCUMENT
from covolt.contract.port import range_si
from covolt.errors import Problem
from covolt.programme.agreement import Contract
from covolt.programme.documents import Programme
from covolt.study.designs.space import DesignSpace, Variable
from covolt.words import Phrase, joined, message, text

__all__ = ["ROUNDING", "ContractLimit", "contract_limits", "contract_margins", "contract_notices", "quantity_text"]

ROUNDING = 1e-9
"""Of a limit, by which a number may lie beyond it: what rounding leaves of one that is exactly agreed."""
Columns = Mapping[str, NDArray[np.float64]]
"""Values of designs, by variable."""


class ContractLimit(BaseModel):
    """A limit of a contract on a declared number that moves: value = constant + sum of slopes times variables, all in `unit`.

    Offers of a choice keep their contracts, or are refused: no choice is among `slopes`.
    """

    model_config = DOCUMENT

    contract: str
    """As it is cited: `battery@1`."""
    between: tuple[str, ...]
    slot: str
    number: str
    unit: str
    at_least: StrictFloat | None = None
    at_most: StrictFloat | None = None
    constant: StrictFloat
    slopes: dict[str, StrictFloat]

    @property
    def name(self) -> str:
        """How it is called where it is a demand like any other: `contract: battery mass`."""
        contract = self.contract.partition("@")[0]
        own = contract.replace("-", "_") == self.slot.replace("-", "_")
        return " ".join(("contract:", contract, *(() if own else (self.slot,)), self.number))

    @property
    def said(self) -> Phrase:
        """The limit in words: "at least 75 kW"."""
        low, high = (None if end is None else quantity_text(end, self.unit) for end in (self.at_least, self.at_most))
        if low is not None and high is not None:
            return message("{low} … {high}", {"low": low, "high": high})
        return text("at most {end}", end=high or "") if low is None else text("at least {end}", end=low)

    @property
    def scale(self) -> float:
        """What a margin is measured by."""
        return max(abs(one) for one in (self.at_least, self.at_most) if one is not None) or 1.0

    def values(self, designs: Columns) -> NDArray[np.float64]:
        """The number at designs: (designs,)."""
        moved = (slope * np.asarray(designs[name], dtype=np.float64) for name, slope in self.slopes.items())
        return np.asarray(self.constant + sum(moved))

    def margins(self, designs: Columns) -> NDArray[np.float64]:
        """How far the number is inside of the limit: (designs,), below 0 where it leaves it."""
        values = self.values(designs)
        low = -inf if self.at_least is None else self.at_least
        high = inf if self.at_most is None else self.at_most
        margins = np.minimum(values - low, high - values)
        return np.where(np.abs(margins) <= ROUNDING * self.scale, 0.0, margins)

    def passed(self, one: Variable, others: Columns) -> Iterator[tuple[float, bool]]:
        """Values of a variable, all others as they are, beyond which its range leaves the limit; True: those above."""
        slope = self.slopes[one.id]
        for end in (one.lowest, one.highest):
            at = {**others, one.id: np.array([end])}
            if self.margins(at)[0] < 0.0:
                bound = (
                    self.at_most if self.at_most is not None and self.values(at)[0] > self.at_most else self.at_least
                )
                if bound is not None:
                    yield end + (bound - float(self.values(at)[0])) / slope, end == one.highest


def contract_limits(programme: Programme, space: DesignSpace) -> tuple[ContractLimit, ...]:
    """Limits of contracts on numbers that the variables of a space move, by slot and number."""
    found: list[ContractLimit] = []
    for slot, vehicle_slot in sorted(space.slots.items()):
        contract = programme.contracts.get(programme.slots[slot].contract)
        if contract is not None and vehicle_slot in space.locked:
            found += _of_slot(contract, space, slot, vehicle_slot)
    return tuple(found)


def _of_slot(contract: Contract, space: DesignSpace, slot: str, vehicle_slot: str) -> Iterator[ContractLimit]:
    for number, limit in sorted(contract.limits.items()):
        parameter = contract.demanded.parameter(number)
        declared = space.locked[vehicle_slot].declared.get(number)
        rates = space.rates_si(vehicle_slot, number)
        if parameter is None or declared is None or not rates or declared.si_unit != units.unit(parameter.unit).si:
            continue
        written = limit.maximum if limit.minimum is None else limit.minimum
        unit = units.unit_of(written) if isinstance(written, str) else units.unit("1")
        slopes = {name: rate / unit.factor for name, rate in rates.items()}
        today = sum(slopes[one.id] * one.locked for one in space.variables if one.id in slopes)
        ends = (unit.from_si(end) for end in range_si(limit.minimum, limit.maximum, parameter.unit))
        low, high = (None if np.isinf(end) else float(end) for end in ends)
        yield ContractLimit(
            contract=contract.reference,
            between=contract.between,
            slot=slot,
            number=number,
            unit=unit.name,
            at_least=low,
            at_most=high,
            constant=float(unit.from_si(declared.value_si) - today),
            slopes=slopes,
        )


def contract_margins(
    limits: Sequence[ContractLimit], variables: Sequence[str], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far designs (designs, variables) are inside of limits: (designs, limits), each in its unit, below 0 outside."""
    designs = dict(zip(variables, values.T, strict=True))
    columns = [one.margins(designs) for one in limits]
    return np.stack(columns, axis=1) if columns else np.empty((len(values), 0))


def contract_notices(programme: Programme, space: DesignSpace) -> list[Problem]:
    """One for each variable whose range leaves contracts, all else as it is today: which, and from which value on."""
    limits = contract_limits(programme, space)
    today = {one.id: np.array([one.locked]) for one in space.variables}
    found: list[Problem] = []
    for one in space.variables:
        said: list[Phrase] = []
        parties: dict[str, None] = {}
        for limit in (each for each in limits if one.id in each.slopes):
            for value, above in limit.passed(one, today):
                said.append(_passed(limit, quantity_text(value, one.unit), above=above))
                parties |= dict.fromkeys(limit.between)
        if said:
            hint = text(
                "designs beyond are judged, but none can be offered until {parties} agree to another revision",
                parties=", ".join(parties),
            )
            found.append(Problem(joined((one.id, joined(said, "; ")), ": "), programme.where("design", one.id), hint))
    return found


def _passed(limit: ContractLimit, value: str, *, above: bool) -> Phrase:
    said: dict[str, str | Phrase] = {"value": value, "number": limit.number}
    said |= {"contract": limit.contract, "limit": limit.said}
    if above:
        return message("above {value}, {number} leaves the contract {contract} ({limit})", said)
    return message("below {value}, {number} leaves the contract {contract} ({limit})", said)


def quantity_text(value: float, unit: str) -> str:
    """A number of a design with its unit, in six digits."""
    return f"{value:.6g}" if unit == "1" else f"{value:.6g} {unit}"
