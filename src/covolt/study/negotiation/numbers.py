"""Numbers that a design changes, before and after: of each part that moves, or the offer itself and what it states otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from covolt import units
from covolt.contract.datasheet import Datasheet
from covolt.contract.port import range_si
from covolt.errors import Problem
from covolt.programme.agreement import Contract, contract_differences
from covolt.programme.design_space import PRICE
from covolt.programme.documents import Programme
from covolt.programme.movable import declared_number
from covolt.study.designs.contracts import ROUNDING
from covolt.study.designs.space import OFFER, DesignSpace
from covolt.words import text

__all__ = ["Change", "changes_of", "contracts_left"]

NOT_STATED = "–"
"""What stands for a number that a datasheet does not state."""
DIGITS = 10
"""Significant digits to which a number that a design changes is told."""


@dataclass(frozen=True)
class Change:
    """One number of a part before and after, as it is written; `spaces` are the documents by which it moves.

    What one of two offers does not state is told as `NOT_STATED`.
    """

    party: str
    slot: str
    number: str
    before: str | float
    after: str | float
    spaces: frozenset[str]


def changes_of(space: DesignSpace, values: NDArray[np.float64]) -> list[Change]:
    """What of the locked parts is another number, or another offer, in a design; by slot and number.

    Args:
        values: (variables,), in the units of the space.
    """
    after = space.sheets(values)
    moved: dict[tuple[str, str], set[str]] = {}
    for one in space.documents:
        own = [(one.slot, OFFER if one.offers else one.number)]
        for place in [*own, *((each.slot or one.slot, each.number) for each in one.coupled)]:
            moved.setdefault(place, set()).add(one.id)
    return list(_changed(space, after, moved))


def contracts_left(
    programme: Programme, space: DesignSpace, values: NDArray[np.float64], changes: Sequence[Change]
) -> Iterator[Problem]:
    """Limits of contracts that the changed parts of a design leave: it can only be locked once their parties agree to others."""
    sheets = space.sheets(values)
    for slot in sorted({one.slot for one in changes}):
        contract = programme.contracts[programme.slots[slot].contract]
        told = {f"declared.{one.number}": str(one.after) for one in changes if one.slot == slot}
        sheet = sheets[space.slots[slot]]
        for one in contract_differences(sheet, contract):
            if _is_rounding(sheet, contract, one.path):
                continue
            what = text(
                "{slot} leaves the contract {contract}: {path} is {offered}, agreed is {wanted}",
                slot=slot,
                contract=contract.reference,
                path=one.path,
                offered=told.get(one.path, one.offered),
                wanted=one.promised,
            )
            hint = text("{parties} must agree to another revision of it first", parties=", ".join(contract.between))
            yield Problem(what, programme.where("contract", contract.id), hint)


def _is_rounding(sheet: Datasheet, contract: Contract, path: str) -> bool:
    """Whether a number lies beyond its limit by what rounding leaves of one that is exactly agreed, as studies judge it."""
    number = path.removeprefix("declared.")
    limit, declared, parameter = (
        contract.limits.get(number),
        sheet.declared.get(number),
        contract.demanded.parameter(number),
    )
    if limit is None or declared is None or parameter is None:
        return False
    low, high = range_si(limit.minimum, limit.maximum, parameter.unit)
    rounding = ROUNDING * max(abs(end) for end in (low, high) if isfinite(end))
    return low - rounding <= declared.value_si <= high + rounding


def _changed(
    space: DesignSpace, after: dict[str, Datasheet], moved: dict[tuple[str, str], set[str]]
) -> Iterator[Change]:
    parties = {one.id: one.party for one in space.documents}
    for (slot, number), spaces in sorted(moved.items()):
        sheets = [side[space.slots[slot]] for side in (space.locked, after)]
        names = [number]
        if number == OFFER and sheets[0].reference != sheets[1].reference:
            stated = (name for one in sheets for name in (*one.declared, *one.model.parameters))
            names += [*dict.fromkeys(stated), PRICE]
        for name in names:
            was, now = _written(sheets[0], sheets[0], name), _written(sheets[1], sheets[0], name)
            if was != now:
                written = [NOT_STATED if one is None else one for one in (was, now)]
                yield Change(parties[min(spaces)], slot, name, written[0], written[1], frozenset(spaces))


def _written(sheet: Datasheet, like: Datasheet, number: str) -> str | float | None:
    """A number of a datasheet in the unit in which another states it; None where either has none."""
    if number == OFFER:
        return sheet.reference
    declared = declared_number(sheet, number)
    if declared is not None:
        form = declared_number(like, number) or declared
        if declared.si_unit == "1":
            return float(f"{declared.value_si:.{DIGITS}g}")
        unit = units.unit_of(str(form.value))
        return _quantity(unit.from_si(declared.value_si), unit.name)
    if number == PRICE and sheet.supply is not None:
        return _quantity(float(sheet.supply.price[0].price), sheet.supply.currency)
    return None


def _quantity(value: float, unit: str) -> str:
    return f"{value:.{DIGITS}g} {unit}"
