"""The offers of a programme's slots as scripts read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Notice, notices

if TYPE_CHECKING:
    from covolt.programme.rivals import Rival

__all__ = ["OffersDocument", "of_offers"]


@dataclass(frozen=True, config=RESULT)
class OfferRow:
    """An offer that might fill a slot, and what speaks against it."""

    offer: str
    digest: str
    locked: bool
    of_the_owner: bool
    reasons: tuple[Notice, ...]
    declared: Mapping[str, str | float]


@dataclass(frozen=True, config=RESULT)
class OffersDocument:
    """The offers of each slot, of whichever party."""

    slots: Mapping[str, tuple[OfferRow, ...]]
    schema: Literal["offers/1"] = "offers/1"


def of_offers(found: Mapping[str, Sequence[Rival]]) -> OffersDocument:
    """Offers by slot as scripts read them."""
    return OffersDocument({name: tuple(_row(one) for one in each) for name, each in found.items()})


def _row(one: Rival) -> OfferRow:
    declared = {name: number.value for name, number in one.offer.datasheet.declared.items()}
    return OfferRow(one.reference, one.offer.digest, one.locked, one.owned, notices(one.reasons), declared)
