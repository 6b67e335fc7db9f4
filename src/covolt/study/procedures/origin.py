"""Origin: points, or share of value, of a vehicle in a scheme of its market on a day, over a threshold, and what of it is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from covolt import units
from covolt.library.subject import Subject
from covolt.library.terms import Terms
from covolt.programme.origin_points import Counted, Done, done_in, points_of
from covolt.programme.origin_scheme import OriginScheme, OriginThreshold, concerns, exact
from covolt.programme.origin_share import Share, by_country, price_effects, services_of, share_of
from covolt.programme.part_price import part_price
from covolt.programme.rates import Rates
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.supply import parts_price
from covolt.words import Phrase, joined, text

__all__ = [
    "PROCEDURES",
    "STATUSES",
    "Ends",
    "ends_of",
    "margin_over",
    "prices_of",
    "scheme_of",
    "schemes_of",
    "share_effects",
    "threshold_of",
    "unmade",
]

POINTS = Measure("points", text("Points of origin"), "points", 0.0)
POINTS_MARGIN = Measure("points_margin", text("Points over the threshold"), "points")
SHARE = Measure("share", text("Share of value that counts as home-made"), "%", 0.0, 1.0)
SHARE_MARGIN = Measure("share_margin", text("Share of value over the threshold"), "%", -1.0, 1.0)
SERVICES = Measure("services", text("Services of third parties in own production"), "%", 0.0, 1.0)
SERVICES_MARGIN = Measure("services_margin", text("Services of third parties below the threshold"), "%", -1.0, 1.0)
_OF: Mapping[str, tuple[Measure, Measure]] = {
    "points": (POINTS, POINTS_MARGIN),
    "value-share": (SHARE, SHARE_MARGIN),
    "services-share": (SERVICES, SERVICES_MARGIN),
}
Ends = tuple[Fraction, Fraction | None]
"""The least and the most that a count can be; None where it has no end."""
ALL = Fraction(1)


def schemes_of(terms: Terms, market: str) -> tuple[OriginScheme, ...]:
    """Schemes of origin of a market."""
    return tuple(one for one in terms.of(OriginScheme) if market in one.markets)


def scheme_of(terms: Terms, given: Given) -> OriginScheme | Phrase:
    """The scheme that is asked for, else the only one of the market; or why there is none."""
    known, (name, _, _) = schemes_of(terms, given.market or ""), (given.scheme or "").partition("/")
    if name:
        named = next((one for one in known if one.id == name), None)
        return named or text("the market {market} has no scheme {name}", market=given.market or "", name=name)
    if len(known) == 1:
        return known[0]
    names = ", ".join(one.id for one in known)
    if not known:
        return text("no scheme of origin is known for the market {market}", market=given.market or "")
    return text("no scheme is named, and the market {market} has {names}", market=given.market or "", names=names)


def threshold_of(scheme: OriginScheme, use: str, day: str, category: str = "") -> OriginThreshold | Phrase:
    """The threshold that is law on a day, of the use that is asked for or else the only one; or why there is none."""
    if not use and len(scheme.uses) != 1:
        names = ", ".join(scheme.uses) or "none"
        return text("no use is named whose threshold counts, and {scheme} has: {names}", scheme=scheme.id, names=names)
    use = use or scheme.uses[0]
    if use not in scheme.uses:
        return text("{scheme} has no use {use}", scheme=scheme.id, use=use)
    found = scheme.threshold_on(use, day)
    if found is not None and not concerns(found, category):
        categories = ", ".join(found.categories)
        return text(
            "{use} is for vehicles of {categories}, and this is one of {category}",
            use=use,
            categories=categories,
            category=category,
        )
    if found is not None:
        return found
    return text("no threshold of {use} is known that holds on {day}", use=use, day=day)


def prices_of(subject: Subject, given: Given) -> dict[str, Fraction | Phrase]:
    """Price of each part in the currency of the programme, or why there is none."""
    rates = subject.terms.of(Rates)
    return {
        slot: part_price(sheet.supply, given.yearly_vehicle_count, subject.terms.currency, given.day or "", rates)
        for slot, sheet in subject.sheets.items()
    }


def margin_over(scheme: OriginScheme, threshold: Fraction, ends: Ends) -> Ends:
    """By how much a scheme's count passes a threshold: above it, or where it is not to be exceeded below it."""
    low, high = ends
    if scheme.measure == "services-share":
        return threshold - (ALL if high is None else high), threshold - low
    return low - threshold, None if high is None else high - threshold


def unmade(scheme: OriginScheme, threshold: OriginThreshold, done: Iterable[Done]) -> list[str]:
    """Operations that a threshold demands beside its value and that nobody does where they count."""
    made = {one.operation.id for one in done if one.operation.country in scheme.countries}
    return [one for one in threshold.operations if one not in made]


def origin(subject: Subject, given: Given, note: Recorder) -> None:
    """Points and share of value by a scheme, each from what is sure to what may be, and over the threshold of a use.

    margin = value - threshold for points and value, threshold - value for services of third parties
    """
    scheme = scheme_of(subject.terms, given)
    if isinstance(scheme, Phrase):
        for measure in (one for pair in _OF.values() for one in pair):
            note.open(measure, None, None, scheme)
        return
    day = given.day or ""
    note.remark(text("{title}, on {day}. Source: {source}", title=scheme.title.words, day=day, source=scheme.source))
    for kind, (measure, margin) in _OF.items():
        if kind not in {scheme.measure, "value-share"}:
            for one in (measure, margin):
                note.open(one, None, None, text("{scheme} does not count it", scheme=scheme.id))
    ends: Ends | None = None
    why: Phrase = text("")
    if scheme.measure == "points":
        ends, why = _points(scheme, subject, given, note)
    elif scheme.measure == "services-share":
        found = services_of(scheme, subject.sheets, day)
        ends, why = (found.low, found.high), joined(found.open)
        _services_lines(found, note)
    share = share_of(scheme, subject.sheets, prices := prices_of(subject, given))
    _share_lines(subject, share if scheme.measure == "value-share" else None, prices, note)
    effects = share_effects(subject, given, share)
    note.unsure(SHARE, effects)
    if scheme.measure == "value-share":
        note.unsure(SHARE_MARGIN, effects)
        ends, why = (share.low, share.high), joined(share.open)
    else:
        _state(note, SHARE, (share.low, share.high), joined(share.open))
        note.open(SHARE_MARGIN, None, None, text("{scheme} demands no share of value", scheme=scheme.id))
    if ends is not None:
        _over(scheme, subject, given, (ends, why), note)


def ends_of(subject: Subject, given: Given, scheme: OriginScheme, scope: str = "") -> tuple[Ends, Phrase]:
    """What a scheme counts of a vehicle, or of the product of a scope, from what is sure to what may be; and what is open."""
    day = given.day or ""
    if scheme.measure == "points":
        tally = points_of(scheme, done_in(subject.sheets), day, category=subject.category, scope=scope)
        return (tally.low, tally.high), joined(tally.open)
    share = (
        services_of(scheme, subject.sheets, day)
        if scheme.measure == "services-share"
        else share_of(scheme, subject.sheets, prices_of(subject, given))
    )
    return (share.low, share.high), joined(share.open)


def share_effects(subject: Subject, given: Given, share: Share) -> dict[str, float]:
    """What the uncertain price of the offer in each slot does to the share of value."""
    return price_effects(share, parts_price(subject, given, subject.terms.currency).uncertainty)


def _state(note: Recorder, measure: Measure, ends: Ends, why: Phrase) -> None:
    """A result where both ends are one, else an open one."""
    low, high = ends
    if high == low:
        note.result(measure, float(low))
    else:
        note.open(measure, float(low), None if high is None else float(high), why)


def _over(scheme: OriginScheme, subject: Subject, given: Given, counted: tuple[Ends, Phrase], note: Recorder) -> None:
    """The result of a scheme, and by how much it passes the threshold of a use."""
    measure, margin = _OF[scheme.measure]
    (ends, why), done = counted, done_in(subject.sheets)
    note.section()
    _state(note, measure, ends, why)
    day, use = given.day or "", (given.scheme or "").partition("/")[2]
    threshold = threshold_of(scheme, use, day, subject.category)
    for one in scheme.undecided_on(use or next(iter(scheme.uses), ""), day):
        note.remark(_told(one, scheme))
    if isinstance(threshold, Phrase) or threshold.value is None:
        what = threshold if isinstance(threshold, Phrase) else text("the threshold is not known")
        note.open(margin, None, None, what)
        return
    if threshold.note is not None:
        note.remark(text("{title}: {note}", title=threshold.title.words, note=threshold.note.words))
    value, unit = exact(threshold.value), units.unit(measure.unit)
    note.line(text("threshold, {title}", title=threshold.title.words), float(value), unit.name, "", scheme.id)
    _state(note, margin, margin_over(scheme, value, ends), why)
    lacking = unmade(scheme, threshold, done)
    if lacking:
        names = ", ".join(lacking)
        note.shortfall(
            margin,
            text("demanded beside it, and no offer states that it is done where it counts: {names}", names=names),
        )


def _told(one: OriginThreshold, scheme: OriginScheme) -> Phrase:
    """A threshold that decides nothing: a plan, a draft, or one of which the value is not known."""
    if one.value is None:
        return text("{title}, from {day}: its threshold is not known", title=one.title.words, day=one.valid_from)
    title, status = one.title.words, STATUSES[one.status]
    if scheme.measure == "points":
        return text(
            "{title}, from {day}: {value} points, {status}, decides nothing",
            title=title,
            day=one.valid_from,
            value=float(one.value),
            status=status,
        )
    share = float(100 * exact(one.value))
    return text(
        "{title}, from {day}: {value} %, {status}, decides nothing",
        title=title,
        day=one.valid_from,
        value=share,
        status=status,
    )


STATUSES: Mapping[str, Phrase] = {
    "planned": text("planned", context="threshold"),
    "draft": text("draft", context="threshold"),
    "proposed": text("proposed", context="threshold"),
}


def _points(scheme: OriginScheme, subject: Subject, given: Given, note: Recorder) -> tuple[Ends, Phrase]:
    """Every operation with whose offer, where, what it counts and why not; then the sum."""
    sheets, day = subject.sheets, given.day or ""
    done, scope = done_in(sheets), scheme.scope_of((given.scheme or "").partition("/")[2])
    found = points_of(scheme, done, day, category=subject.category, scope=scope)
    for one in found.counted:
        if one.done:
            note.line(_line(one, scheme), float(one.low), "points", "", scheme.id)
    silent = [
        sheet.reference for _, sheet in sorted(sheets.items()) if sheet.origin is None or not sheet.origin.operations
    ]
    if silent:
        note.remark(text("offers that state no operations, and count nothing: {offers}", offers=", ".join(silent)))
    listed = {one.row.id for one in found.counted}
    unlisted = [one for one in done if one.operation.id not in listed]
    titles = _titles(subject.terms)
    if all(one.points is None for one in scheme.operations_on(day, subject.category, scope)):
        if unlisted:
            said = joined(dict.fromkeys(titles.get(one.operation.id, one.operation.id) for one in unlisted), ", ")
            note.remark(
                text("which operations {scheme} lists was not seen: {operations}", scheme=scheme.id, operations=said)
            )
        unlisted = []
    for one in unlisted:
        name = titles.get(one.operation.id, one.operation.id)
        what = text("{operation}, {offer}: not listed on {day}", operation=name, offer=one.offer, day=day)
        note.line(what, 0.0, "points", "", scheme.id)
    note.section()
    note.line(text("sum of what is sure"), float(found.low), "points")
    if found.high is not None and found.high > found.low:
        note.line(text("sum of what may be"), float(found.high), "points")
    return (found.low, found.high), joined(found.open)


def _titles(terms: Terms) -> dict[str, Phrase]:
    """What operations are called, by the schemes that list them."""
    rows = (row for scheme in terms.of(OriginScheme) for row in scheme.operation)
    return {row.id: row.title.words for row in rows if row.title is not None}


def _line(one: Counted, scheme: OriginScheme) -> Phrase:
    """A row with who does it where, and why it does not count or may count more."""
    title: Phrase | str = one.row.id if one.row.title is None else one.row.title.words
    who = joined(
        [text("{offer} in {country}", offer=each.offer, country=each.operation.country) for each in one.done], ", "
    )
    if not one.why:
        return text("{operation}, {who}", operation=title, who=who)
    if one.high > one.low:
        most = float(one.high)
        # Terms are those of the whole scheme: they stand once beside the sum, and in a line where nothing else is open.
        own = [why for why in one.why if scheme.terms is None or why != scheme.terms.words] or one.why
        return text("{operation}, {who}: up to {most}, {why}", operation=title, who=who, most=most, why=joined(own))
    return text("{operation}, {who}: {why}", operation=title, who=who, why=joined(one.why))


def _share_lines(
    subject: Subject, share: Share | None, prices: Mapping[str, Fraction | Phrase], note: Recorder
) -> None:
    """Price and share of each part where the scheme counts value, and the value by country."""
    note.section()
    currency = subject.terms.currency
    for one in share.parts if share is not None else ():
        if one.price is not None and currency in units.UNITS:
            note.line(text("{offer}: price", offer=one.offer), float(one.price), currency)
        low = text("{offer}: share of its value that counts", offer=one.offer)
        note.line(low, float(one.low), "%")
        if one.high > one.low:
            note.line(text("{offer}: share that may count", offer=one.offer), float(one.high), "%")
    for country, value in by_country(subject.sheets, prices).items():
        note.line(text("share of value made in {country}", country=country), float(value), "%")


def _services_lines(found: Share, note: Recorder) -> None:
    for one in found.parts:
        note.line(text("{offer}: services of third parties", offer=one.offer), float(one.low), "%")


_ALL = ("M1", "N1", "M2", "M3", "N2", "N3")
PROCEDURES = (
    Procedure(
        id="origin",
        title=text("Origin and localisation"),
        regulation="covolt",
        measures=(POINTS, POINTS_MARGIN, SHARE, SHARE_MARGIN, SERVICES, SERVICES_MARGIN),
        validation_level=0,
        recipe=origin,
        conditions=("market", "day", "yearly_vehicle_count", "scheme"),
        needed={
            "market": (_ALL, 'name the country of the sale, such as market = "RU"'),
            "day": (_ALL, 'name the day of the sale, such as date = "2027-01-01"'),
        },
        reads_terms=True,
    ),
)
