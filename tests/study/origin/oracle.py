"""A second program for origin: plain dictionaries as files state them, exact fractions, and nothing of covolt's.

It works from the other end: it goes through every way in which the open questions may be answered, adds up each, and takes the
least and the greatest.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import permutations, product
from typing import Any

FAR = "9999-12-31"


@cache
def number(value: Any) -> Fraction:
    """A number as it is written."""
    return Fraction(str(value))


def lives(row: dict[str, Any], day: str) -> bool:
    """Whether a row holds on a day."""
    return row.get("valid_from", "0000-00-00") <= day <= row.get("valid_until", FAR)


def confirmed(row: dict[str, Any]) -> bool:
    return row.get("status", "act") == "act" or row.get("confidence", "medium") == "high"


def times(row: dict[str, Any], doing: dict[str, Any], answer: dict[str, Any], scheme: dict[str, Any]) -> Fraction:
    """How often one doing takes the points of a row, where the open questions are answered so."""
    country = doing["country"]
    if country not in scheme["countries"] and not (country in scheme.get("countries_on_terms", []) and answer["terms"]):
        return Fraction(0)
    asks = "extent_at_least" in row or "step" in row
    extent = doing.get("extent")
    if asks and extent is None:
        extent = 1 if answer["extent"] else 0
    if "extent_at_least" in row and number(extent) < number(row["extent_at_least"]):
        return Fraction(0)
    if "step" in row:
        whole = number(extent) / number(row["step"])
        return Fraction(whole.numerator // whole.denominator)
    return Fraction(1)


def row_points(
    row: dict[str, Any], doings: list[dict[str, Any]], answer: dict[str, Any], scheme: dict[str, Any]
) -> Fraction:
    if not confirmed(row) and not answer["row"]:
        return Fraction(0)
    count = Fraction(0)
    for doing in doings:
        once = times(row, doing, answer, scheme)
        count = count + once if row.get("each_part") else max(count, once)
    each = number(row["up_to"]) if "up_to" in row and answer["row"] else number(row["points"])
    points = count * each
    if "at_most" in row and points > number(row["at_most"]):
        points = number(row["at_most"])
    return points


def points(
    scheme: dict[str, Any], parts: dict[str, dict[str, Any]], day: str
) -> tuple[Fraction, Fraction | None, bool]:
    """Least and greatest sum of a scheme on a day; None where nothing bounds it; whether only the scale does.

    Whether rows, extents and terms stand is answered the same way for the whole vehicle, yes or no: every sum rises with every
    yes, so the extremes are among these answers. Whether a group's rule holds is answered for each by itself: a cap lowers sums.
    """
    rows = [one for one in scheme.get("operation", []) if lives(one, day)]
    doings = [doing for _, part in sorted(parts.items()) for doing in part.get("origin", {}).get("operations", [])]
    sums: list[Fraction] = []
    groups = {one["id"]: one for one in scheme.get("group", []) if lives(one, day)}
    for row, extent, terms, *rules in product((False, True), repeat=3 + len(groups)):
        rule = dict(zip(groups, rules, strict=True))
        answer = {"row": row, "extent": extent, "terms": terms}
        of_group: dict[str, list[tuple[dict[str, Any], Fraction]]] = {}
        total = Fraction(0)
        for one in rows:
            if "points" not in one:
                continue
            mine = row_points(one, [doing for doing in doings if doing["id"] == one["id"]], answer, scheme)
            if one.get("group") in groups:
                of_group.setdefault(one["group"], []).append((one, mine))
            else:
                total += mine
        for name, members in of_group.items():
            group = groups[name]
            together = sum((mine for _, mine in members), Fraction(0))
            holds = confirmed(group) or rule[name]
            if "at_most" in group:
                together = min(together, number(group["at_most"])) if holds else together
            elif holds and all(mine > 0 for _, mine in members):
                together = max(together, number(group["together"]))
            total += together
        if "maximum" in scheme:
            total = min(total, number(scheme["maximum"]))
        sums.append(total)
    unknown = any("points" not in one for one in rows)
    end = number(scheme["maximum"]) if "maximum" in scheme else None
    return min(sums), end if unknown else max(sums), unknown


def rate(currency: str, into: str, day: str, rates: list[dict[str, Any]]) -> Fraction | None:
    """What one unit of a currency is worth in another on a day."""
    if currency == into:
        return Fraction(1)
    best: tuple[str, Fraction] | None = None
    for one in rates:
        if one["valid_from"] > day:
            continue
        if (one["currency"], one["per"]) == (currency, into):
            worth = number(one["value"])
        elif (one["per"], one["currency"]) == (currency, into):
            worth = 1 / number(one["value"])
        else:
            continue
        if best is None or one["valid_from"] > best[0]:
            best = (one["valid_from"], worth)
            ended = one.get("valid_until", FAR) < day
            best = (one["valid_from"], Fraction(0)) if ended else best
    return None if best is None or best[1] == 0 else best[1]


def price(
    part: dict[str, Any], volume: int | None, day: str, rates: list[dict[str, Any]], into: str
) -> Fraction | None:
    supply = part.get("supply")
    if supply is None or not supply["valid_from"] <= day <= supply.get("valid_until", FAR):
        return None
    stated = [one["price"] for one in supply["price"] if one["yearly_volume"] == volume]
    worth = rate(supply["currency"], into, day, rates)
    return number(stated[0]) * worth if stated and worth is not None else None


def share(
    scheme: dict[str, Any],
    parts: dict[str, dict[str, Any]],
    day: str,
    volume: int | None,
    rates: list[dict[str, Any]],
    into: str = "RUB",
) -> tuple[Fraction, Fraction]:
    """Least and greatest share of value that counts.

    Of a part without a price the weight may be anything: the extremes of a weighted mean are at weight nothing, or at one part
    that outweighs all the others.
    """
    weights = {slot: price(part, volume, day, rates, into) for slot, part in parts.items()}
    ends: list[Fraction] = []
    for terms, rest in product((False, True), repeat=2):
        home = set(scheme["countries"]) | (set(scheme.get("countries_on_terms", [])) if terms else set())
        counted: dict[str, Fraction] = {}
        for slot, part in parts.items():
            value = part.get("origin", {}).get("value", [])
            counted[slot] = sum((number(one["share"]) for one in value if one["country"] in home), Fraction(0))
            if not value:
                counted[slot] = Fraction(1 if rest else 0)
        known = [slot for slot, weight in weights.items() if weight is not None]
        whole = sum((weights[slot] or Fraction(0) for slot in known), Fraction(0))
        if known:
            ends.append(sum(((weights[slot] or Fraction(0)) * counted[slot] for slot in known), Fraction(0)) / whole)
        ends += [counted[slot] for slot in parts if slot not in known]
    return min(ends), max(ends)


def threshold(scheme: dict[str, Any], use: str, day: str) -> dict[str, Any] | None:
    """The threshold that is or was law on a day."""
    for one in scheme.get("threshold", []):
        if one["use"] == use and one.get("status", "in force") in ("in force", "was") and lives(one, day):
            return one
    return None


def judged(low: Fraction | None, high: Fraction | None, bound: Fraction) -> str:
    """What can be said of "at least so much" between two ends."""
    if low is not None and low >= bound:
        return "met"
    return "not met" if high is not None and high < bound else "not verified"


def mean_over_orders(players: list[str], worth: Any) -> dict[str, Fraction]:
    """What each adds, averaged over all orders in which they may come."""
    found = dict.fromkeys(players, Fraction(0))
    orders = list(permutations(players))
    for order in orders:
        come: list[str] = []
        for one in order:
            before = worth(come)
            come = [*come, one]
            found[one] += worth(come) - before
    return {one: total / len(orders) for one, total in found.items()}
