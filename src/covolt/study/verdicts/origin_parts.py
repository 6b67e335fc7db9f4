"""Who brings how many points and which share of value: a vehicle's origin divided among parties and among offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from pydantic.dataclasses import dataclass

from covolt.contract.datasheet import Datasheet
from covolt.programme.origin_points import Done, done_in, points_of
from covolt.programme.origin_scheme import OriginScheme
from covolt.programme.origin_share import Share
from covolt.study.result import RESULT, Number
from covolt.study.verdicts.attribution import shapley

__all__ = ["Brought", "brought_by"]


@dataclass(frozen=True, config=RESULT)
class Brought:
    """What a party, or an offer, brings: points that are sure, with every open row granted, and share of value.

    The points of all sum to those of the vehicle, so do the shares; None where the scheme counts none, or a price is missing.
    """

    who: str
    points: Number | None
    points_granted: Number | None
    share: Number | None


def brought_by(
    scheme: OriginScheme, sheets: Mapping[str, Datasheet], share: Share, day: str, *, parties: bool, category: str = ""
) -> tuple[Brought, ...]:
    """The division among parties, or among offers.

    Points: phi_i = mean over all orders in which they come of what i adds (L. S. Shapley, 1953), v(S) = points of the vehicle
    of which only the operations of S are done. Value: p_i s_i / sum of p_i, which is the same division of a sum.
    """
    names = {slot: sheet.party if parties else f"{slot}: {sheet.reference}" for slot, sheet in sheets.items()}
    done = done_in(sheets)
    by_name = {name: [one for one in done if names[one.slot] == name] for name in names.values()}
    sure, granted = {}, {}
    if scheme.measure == "points":
        sure = _divided(by_name, lambda some: points_of(scheme, some, day, category=category).low)
        granted = _divided(by_name, lambda some: points_of(scheme, some, day, category=category).granted)
    shares = _shares(share, names)
    return tuple(
        Brought(name, sure.get(name), granted.get(name), None if shares is None else float(shares[name]))
        for name in sorted(by_name)
    )


def _divided(by_name: Mapping[str, Sequence[Done]], points: Callable[[Sequence[Done]], Fraction]) -> dict[str, float]:
    """The division of points; who does nothing that is listed gets none and is no player."""
    known: dict[frozenset[str], float] = {}

    def worth(some: frozenset[str]) -> float:
        if some not in known:
            known[some] = float(points([one for name in sorted(some) for one in by_name[name]]))
        return known[some]

    players = [name for name, done in by_name.items() if done]
    return {**dict.fromkeys(by_name, 0.0), **shapley(players, worth)}


def _shares(share: Share, names: Mapping[str, str]) -> dict[str, Fraction] | None:
    """Share of the vehicle's value that counts for sure, by name; None where a part has no price."""
    prices = [(one, one.price) for one in share.parts if one.price is not None]
    if len(prices) < len(share.parts) or not prices:
        return None
    whole = sum((price for _, price in prices), Fraction(0))
    found = dict.fromkeys(names.values(), Fraction(0))
    for one, price in prices:
        found[names[one.slot]] += price * one.low / whole
    return found
