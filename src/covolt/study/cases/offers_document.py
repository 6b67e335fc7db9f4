"""The offers of a programme's slots as scripts read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.study.result import RESULT, Notice, Number, notices

if TYPE_CHECKING:
    from covolt.contract.terms import Supply
    from covolt.programme.rivals import Rival

__all__ = ["OffersDocument", "of_offers"]


@dataclass(frozen=True, config=RESULT)
class PriceAt:
    """A point of a price curve, in the currency of the offer."""

    yearly_volume: int
    price: Number
    u: Number | None


@dataclass(frozen=True, config=RESULT)
class SupplyTerms:
    """What an offer asks, from when to when, how many parts a year it can deliver, and how long they take."""

    currency: str
    price: tuple[PriceAt, ...]
    valid_from: str
    valid_until: str | None
    capacity_per_year: int | None
    lead_time: str | None
    source: str

    @staticmethod
    def of(supply: Supply) -> SupplyTerms:
        """As the offer states them."""
        price = tuple(
            PriceAt(one.yearly_volume, one.price, None if one.u is None else float(one.u)) for one in supply.price
        )
        return SupplyTerms(
            supply.currency,
            price,
            supply.valid_from,
            supply.valid_until,
            supply.capacity_per_year,
            supply.lead_time,
            supply.source,
        )


@dataclass(frozen=True, config=RESULT)
class OperationDone:
    """An operation of making the part, the country where it is done, and to which extent where that is stated."""

    id: str
    country: str
    extent: Number | None
    evidence: str


@dataclass(frozen=True, config=RESULT)
class OfferRow:
    """An offer that might fill a slot, and what speaks against it."""

    offer: str
    digest: str
    locked: bool
    of_the_owner: bool
    reasons: tuple[Notice, ...]
    declared: Mapping[str, str | float]
    supply: SupplyTerms | None = None
    operations: tuple[OperationDone, ...] = ()
    charging: tuple[str, ...] = ()
    model: str = ""
    file: str = ""


@dataclass(frozen=True, config=RESULT)
class OffersDocument:
    """The offers of each slot, of whichever party."""

    slots: Mapping[str, tuple[OfferRow, ...]]
    schema: Literal["offers/1"] = "offers/1"


def of_offers(found: Mapping[str, Sequence[Rival]]) -> OffersDocument:
    """Offers by slot as scripts read them."""
    return OffersDocument({name: tuple(_row(one) for one in each) for name, each in found.items()})


def _row(one: Rival) -> OfferRow:
    sheet = one.offer.datasheet
    declared = {name: number.value for name, number in sheet.declared.items()}
    supply = None if sheet.supply is None else SupplyTerms.of(sheet.supply)
    operations = tuple(
        OperationDone(done.id, done.country, done.extent, done.evidence)
        for done in (sheet.origin.operations if sheet.origin else ())
    )
    charging = tuple(row.said.said("en") for row in sheet.charging or ())
    return OfferRow(
        one.reference,
        one.offer.digest,
        one.locked,
        one.owned,
        notices(one.reasons),
        declared,
        supply,
        operations,
        charging,
        sheet.model.kind,
        sheet.model.file or "",
    )
