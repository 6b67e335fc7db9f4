"""Points of origin: what the operations of a vehicle's parts count in a scheme on a day, exactly, and what of it is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from covolt.contract.datasheet import Datasheet
from covolt.contract.terms import Operation
from covolt.programme.origin_scheme import OriginScheme, PointsGroup, SchemeOperation, exact
from covolt.words import Phrase, joined, text

__all__ = ["Counted", "Done", "Tally", "done_in", "points_of"]

NONE, ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Done:
    """An operation that an offer states, and in which slot its part sits."""

    slot: str
    offer: str
    operation: Operation


@dataclass(frozen=True)
class Counted:
    """What a row of a scheme counts, from what is sure to what may be; `why` says what is open, or why it counts nothing."""

    row: SchemeOperation
    done: tuple[Done, ...]
    low: Fraction
    high: Fraction
    why: tuple[Phrase, ...]


@dataclass(frozen=True)
class Tally:
    """A sum of points: what is sure, what it may be, None where there is no end, and what is open.

    `granted` is the sum where every open row of known points is granted to who does it.
    """

    low: Fraction
    high: Fraction | None
    granted: Fraction
    counted: tuple[Counted, ...]
    open: tuple[Phrase, ...]


def done_in(sheets: Mapping[str, Datasheet]) -> list[Done]:
    """All operations that the offers of a vehicle state, by slot and name: the order of a file tells nothing."""
    return [
        Done(slot, sheet.reference, one)
        for slot, sheet in sorted(sheets.items())
        for one in sorted(sheet.origin.operations if sheet.origin else (), key=lambda one: (one.id, one.country))
    ]


def points_of(scheme: OriginScheme, done: Sequence[Done], day: str, *, category: str = "", scope: str = "") -> Tally:
    """The sum of a scheme's points on a day for a vehicle of a category, or for the product that `scope` names.

    Sure is what a confirmed row gives for an operation done in a country that counts, to a stated extent; what a row gives that
    is not confirmed, or is done where it counts on terms, is open. A row of which only the name is known, and may be all that the
    act has for a part, leaves the sum open up to the end of the scale.
    """
    rows = scheme.operations_on(day, category, scope)
    counted = [_counted(scheme, one, [each for each in done if each.operation.id == one.id]) for one in rows]
    groups, unsure = scheme.groups_on(day), list[PointsGroup]()
    alone = [one for one in counted if one.row.group not in groups]
    low, high = sum((one.low for one in alone), NONE), sum((one.high for one in alone), NONE)
    for name, group in sorted(groups.items()):
        members = [one for one in counted if one.row.group == name]
        (least, most), sure = _together(group, members), _together(group.model_copy(update={"status": "act"}), members)
        low, high = low + least, high + most
        unsure += [] if (least, most) == sure else [group]
    said = _told_once([one for one in counted if one.high > one.low])
    said += [text("how {group} counts together is not confirmed", group=_titled(one)) for one in unsure]
    unknown = [one.row for one in counted if one.row.points is None]
    # The scale is that of the vehicle.
    end = None if scheme.maximum is None or scope else exact(scheme.maximum)
    low, high = _capped(low, end), _capped(high, end)
    if unknown:
        names = joined((_titled(one) for one in unknown), ", ")
        said.append(text("the points of these rows are not known: {names}", names=names))
    if scope and not rows:
        said.append(text("no row of {scope} is known", scope=scope))
    return Tally(low, end if unknown or (scope and not rows) else high, high, tuple(counted), tuple(said))


def _told_once(opened: Sequence[Counted]) -> list[Phrase]:
    """Why rows are open, each row once: by all reasons that it has, and each reason in full where it first stands."""
    rows: dict[tuple[Phrase, ...], list[Phrase | str]] = {}
    for one in opened:
        rows.setdefault(one.why, []).append(_titled(one.row))
    return [joined((joined(why, ", "), joined(names, ", ")), ": ") for why, names in rows.items()]


def _titled(row: SchemeOperation | PointsGroup) -> Phrase | str:
    return row.id if row.title is None else row.title.words


def _counted(scheme: OriginScheme, row: SchemeOperation, done: Sequence[Done]) -> Counted:
    """What a row counts: once a vehicle, by the offer that does it most, or once for each part."""
    each = [_times(scheme, row, one.operation) for one in done]
    if row.points is None:
        counts = any(high for _, high, _ in each) or not each
        said = [text("its points are not known")] if counts else [why for _, _, why in each if why is not None]
        return Counted(row, tuple(done), NONE, NONE, tuple(dict.fromkeys(said)))
    low = _over([one for one, _, _ in each], each_part=row.each_part)
    high = _over([one for _, one, _ in each], each_part=row.each_part)
    why = [one for _, _, one in each if one is not None]
    least, most = (exact(one) for one in (row.points, row.up_to or row.points))
    low, high = low * least, high * most
    if row.at_most is not None:
        low, high = (min(one, exact(row.at_most)) for one in (low, high))
    if high and most > least:
        why.append(text("sources give {points} to {up_to} points", points=float(least), up_to=float(most)))
    if high and not row.confirmed:
        low = NONE
        why.append(_UNCONFIRMED[row.status])
    return Counted(row, tuple(done), low, high, tuple(dict.fromkeys(why)))


def _over(times: Sequence[Fraction], *, each_part: bool) -> Fraction:
    return sum(times, NONE) if each_part else max(times, default=NONE)


_UNCONFIRMED: Mapping[str, Phrase] = {
    "press": text("told by the press alone"),
    "draft": text("only a draft is known"),
}


def _times(scheme: OriginScheme, row: SchemeOperation, one: Operation) -> tuple[Fraction, Fraction, Phrase | None]:
    """How many times an offer's operation takes a row's points, at least and at most, and what is open or does not count."""
    sure = one.country in scheme.countries
    if not sure and one.country not in scheme.countries_on_terms:
        return NONE, NONE, text("done in {country}, which does not count", country=one.country)
    on_terms = None if sure or scheme.terms is None else scheme.terms.words
    demanded = None if row.extent_at_least is None else exact(row.extent_at_least)
    step = None if row.step is None else exact(row.step)
    if demanded is None and step is None:
        return (ALL if sure else NONE), ALL, on_terms
    if one.extent is None:
        most = ALL if step is None else Fraction(ALL // step)
        return NONE, most, text("no extent is stated")
    extent = exact(one.extent)
    if demanded is not None and extent < demanded:
        what = text(
            "done to {extent} %, and {demanded} % are needed", extent=_percent(extent), demanded=_percent(demanded)
        )
        return NONE, NONE, what
    times = ALL if step is None else Fraction(extent // step)
    return (times if sure else NONE), times, on_terms


def _percent(share: Fraction) -> float:
    return float(100 * share)


def _together(group: PointsGroup, members: Sequence[Counted]) -> tuple[Fraction, Fraction]:
    """What the rows of a group count together; a rule that is not confirmed holds only where it gives less for what is sure,
    and more for what may be.
    """
    low, high = sum((one.low for one in members), NONE), sum((one.high for one in members), NONE)
    if group.at_most is not None:
        cap = exact(group.at_most)
        return min(low, cap), min(high, cap) if group.confirmed else high
    whole = exact(group.together or 0)
    if members and group.confirmed and all(one.low for one in members):
        low = max(low, whole)
    if members and all(one.high for one in members):
        high = max(high, whole)
    return low, high


def _capped(points: Fraction, end: Fraction | None) -> Fraction:
    return points if end is None else min(points, end)
