"""Numbers that a design changes: of each part that its owner lets move, the value before and after, or the offer itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from covolt import units
from covolt.contract.datasheet import Datasheet
from covolt.programme.design_space import PRICE
from covolt.programme.movable import declared_number
from covolt.study.designs.space import OFFER, DesignSpace

__all__ = ["Change", "changes_of"]

DIGITS = 10
"""Significant digits to which a number that a design changes is told."""


@dataclass(frozen=True)
class Change:
    """One number of a part before and after, as it is written; `spaces` are the documents by which it moves."""

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


def _changed(
    space: DesignSpace, after: dict[str, Datasheet], moved: dict[tuple[str, str], set[str]]
) -> Iterator[Change]:
    parties = {one.id: one.party for one in space.documents}
    for (slot, number), spaces in sorted(moved.items()):
        sheets = [side[space.slots[slot]] for side in (space.locked, after)]
        was, now = _written(sheets[0], sheets[0], number), _written(sheets[1], sheets[0], number)
        if was is not None and now is not None and was != now:
            yield Change(parties[min(spaces)], slot, number, was, now, frozenset(spaces))


def _written(sheet: Datasheet, like: Datasheet, number: str) -> str | float | None:
    """A number of a datasheet in the unit in which another states it; None where either has none."""
    if number == OFFER:
        return sheet.reference
    declared, form = declared_number(sheet, number), declared_number(like, number)
    if declared is not None and form is not None:
        if declared.si_unit == "1":
            return float(f"{declared.value_si:.{DIGITS}g}")
        unit = units.unit_of(str(form.value))
        return _quantity(unit.from_si(declared.value_si), unit.name)
    if number == PRICE and sheet.supply is not None:
        return _quantity(float(sheet.supply.price[0].price), sheet.supply.currency)
    return None


def _quantity(value: float, unit: str) -> str:
    return f"{value:.{DIGITS}g} {unit}"
