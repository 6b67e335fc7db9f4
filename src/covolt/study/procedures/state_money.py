"""Money of the state: recycling fee by 30-minute power, duty, tax and subsidy of a vehicle in a market on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from covolt import units
from covolt.library.subject import Subject
from covolt.programme.fee_sides import FeeSide, fee_sides
from covolt.programme.origin_points import done_in
from covolt.programme.origin_scheme import OriginScheme, concerns, exact
from covolt.programme.rates import Rates, converted
from covolt.programme.state_money import MoneyKind, MoneyRow, StateMoney
from covolt.study.lifetime.economy import economy
from covolt.study.procedures.money_sum import NONE, Amount, Sum
from covolt.study.procedures.openness import Side
from covolt.study.procedures.origin import ends_of, margin_over, schemes_of, unmade
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.reach import OUTERMOST
from covolt.study.procedures.supply import CURRENCIES, by_currency, parts_price
from covolt.study.procedures.thirty_minutes import WEIGHED, Power, thirty_minute_power
from covolt.words import Phrase, joined, text

__all__ = ["FEES", "PROCEDURES"]

FEE = by_currency("recycling_fee", text("Recycling fee, up to three years old"), least_si=0.0)
FEE_OLDER = by_currency("recycling_fee_older", text("Recycling fee, three to five years old"), least_si=0.0)
FEES = frozenset(one.id for one in (*FEE.values(), *FEE_OLDER.values()))
"""Measures that no price moves."""
AGES = {False: text("up to three years old"), True: text("three to five years old")}
"""What tells a fee by whether it is of an older vehicle."""
DUTY = by_currency("duty", text("Duty"), least_si=0.0)
TAX = by_currency("value_added_tax", text("Value-added tax"), least_si=0.0)
SUBSIDY = by_currency("subsidy", text("Subsidy"), least_si=0.0)
NET = by_currency("net", text("Fee, duty and tax less subsidy"), least_si=-OUTERMOST["RUB"])
TOLD_PROBABILITY = 5e-4
"""Probability of a side of a step from which it is told; less is none in the digits that are shown."""


def state_money(subject: Subject, given: Given, note: Recorder) -> None:
    """What the states of a market take and give for one vehicle on a day.

    duty, tax = share * price;   subsidy = min(share * price, cap);   net = fee + duty + tax - subsidy
    """
    market, day = given.market or "", given.day or ""
    tables = [
        one for one in subject.terms.of(StateMoney) if market in one.markets and subject.category in one.categories
    ]
    for one in tables:
        note.remark(text("{title}, on {day}. Source: {source}", title=one.title.words, day=day, source=one.source))
    power = thirty_minute_power(subject, tables, day)
    for currency in CURRENCIES:
        note.section()
        fee = _fee(subject, given, tables, power, currency, note, older=False)
        _state(note, FEE[currency], fee)
        _state(note, FEE_OLDER[currency], _fee(subject, given, tables, power, currency, note, older=True))
        note.section()
        price = _price(subject, given, currency, note)
        duty, tax, subsidy = _by_price(subject, given, tables, price, currency, note)
        for measure, found in ((DUTY, duty), (TAX, tax), (SUBSIDY, subsidy)):
            _state(note, measure[currency], found)
        _state(note, NET[currency], fee.plus(duty).plus(tax).less(subsidy))
        if note.asks_unsure:
            _unsure(subject, given, tables, currency, note)


def _by_price(
    subject: Subject, given: Given, tables: Sequence[StateMoney], price: Sum, currency: str, note: Recorder
) -> tuple[Sum, Sum, Sum]:
    """Duty, tax and subsidy of a price."""
    duty = _duty(subject, given, tables, price, currency, note)
    tax = _shares(subject, given, tables, "tax", price.plus(replace(duty, why=())), currency, note)
    # Whether a subsidy counts by the price with or without tax is not in the tables: it lies between both.
    ((low, _, _),), ((_, high, _),) = price.sides, price.plus(replace(tax, why=())).sides
    return duty, tax, _shares(subject, given, tables, "subsidy", Sum.of(low, high, *price.why), currency, note)


def _unsure(subject: Subject, given: Given, tables: Sequence[StateMoney], currency: str, note: Recorder) -> None:
    """What the uncertain price of each offer adds: half of what its u up and down makes of a sum, of an end that it moves most."""
    found = parts_price(subject, given, currency)
    markup, quiet = exact(economy().electric.markup_ratio), Recorder(note.procedure, protocol=False)
    effects: dict[str, dict[str, float]] = {one[currency].id: {} for one in (DUTY, TAX, SUBSIDY, NET)}
    for slot, u in found.uncertainty.items():
        sums: list[list[Sum]] = []
        for step in (Fraction(u), -Fraction(u)):
            least = (found.known + step) * markup
            price = Sum.of(least, None if found.open else least)
            duty, tax, subsidy = _by_price(subject, given, tables, price, currency, quiet)
            sums.append([duty, tax, subsidy, duty.plus(tax).less(subsidy)])
        for name, up, down in zip(effects, *sums, strict=True):
            effects[name][slot] = _half(up, down)
    for one in (DUTY, TAX, SUBSIDY, NET):
        moved = {slot: effect for slot, effect in effects[one[currency].id].items() if effect}
        note.unsure(one[currency], moved)


def _half(up: Sum, down: Sum) -> float:
    """Half of the difference of two sums without steps, at the end where it is larger."""
    ((*ends, _),), ((*others, _),) = up.sides, down.sides
    found = [float(a - b) / 2.0 for a, b in zip(ends, others, strict=True) if a is not None and b is not None]
    return max(found, key=abs, default=0.0)


def _state(note: Recorder, measure: Measure, found: Sum) -> None:
    """A result where one amount is as good as sure, else an open one with each side and its probability."""
    if found.unknown:
        note.open(measure, None, None, joined(dict.fromkeys(found.why)))
        return
    told = [one for one in found.sides if one.probability >= TOLD_PROBABILITY]
    low, high, _ = told[0]
    if len(told) == 1 and low is not None and low == high:
        note.result(measure, float(low))
        return
    lows, highs = (
        [end for end in ends if end is not None] for ends in ([a for a, _, _ in told], [b for _, b, _ in told])
    )
    least, most = (min(lows) if lows else None), (max(highs) if highs else None)
    if len(told) == 1:
        least, most = low, high
    sides = tuple(Side(_float(a), _float(b), p) for a, b, p in found.sides) if len(found.sides) > 1 else ()
    note.open(measure, _float(least), _float(most), joined(dict.fromkeys(found.why)), sides)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _fee(
    subject: Subject,
    given: Given,
    tables: Sequence[StateMoney],
    power: Power | Phrase,
    currency: str,
    note: Recorder,
    *,
    older: bool,
) -> Sum:
    """The fee on each side of its steps where the power is uncertain, and not the fee at its mean."""
    day = given.day or ""
    stepped = [one for one in tables if one.steps_on(day)]
    if not stepped:
        said = text(
            "no recycling fee is known in {market} of {category} on {day}",
            market=given.market or "",
            category=subject.category,
            day=day,
        )
        return Sum.of(None, None, said)
    if isinstance(power, Phrase):
        return Sum.of(None, None, power)
    table, *others = stepped
    if others:
        return Sum.of(
            None, None, text("several tables have a recycling fee: {names}", names=", ".join(one.id for one in stepped))
        )
    rate = converted(Fraction(1), table.currency, currency, day, subject.terms.of(Rates))
    if rate is None:
        return Sum.of(None, None, _no_rate(table.currency, currency, day))
    if not older:
        note.line(power.said, float(power.power_W), "kW", "P_30", power.clause)
        if power.u_W:
            note.line("standard uncertainty of the 30-minute power", power.u_W, "kW", "u", power.clause)
    return _stepped(table, fee_sides(table.steps_on(day), power.power_W, power.u_W), rate, currency, note, older=older)


def _stepped(
    table: StateMoney, found: Sequence[FeeSide], rate: Fraction, currency: str, note: Recorder, *, older: bool
) -> Sum:
    """The fee of each side, and the lines of those that are probable enough to be told."""
    sides: list[Amount] = []
    told: list[Phrase] = []
    for one in found:
        fee = None if one.step is None else one.step.fee(older=older)
        amount = None if fee is None else fee * rate
        sides.append(Amount(amount, amount, one.probability))
        if one.probability < TOLD_PROBABILITY:
            continue
        if len(found) > 1:
            note.line(text("probability, {step}", step=_named(one)), one.probability, "%", "P", "covolt")
        if amount is not None:
            age = AGES[older]
            note.line(text("fee, {age}, {step}", age=age, step=_named(one)), float(amount), currency, "", table.id)
        told.append(_told(one, amount, currency))
    return Sum(tuple(sides), tuple(told))


def _named(one: FeeSide) -> Phrase:
    """The powers of a side in words."""
    over, to = (None if end is None else float(end / 1000) for end in (one.over_W, one.to_W))
    if over is None:
        return text("up to {to} kW", to=to or 0.0)
    return text("over {over} kW", over=over) if to is None else text("over {over} to {to} kW", over=over, to=to)


def _told(one: FeeSide, amount: Fraction | None, currency: str) -> Phrase:
    """A side with its probability and its fee, or why it has none."""
    share = text("{percent:.1f} %", percent=100.0 * one.probability)
    if one.step is None:
        return text("{share} {step}: a gap of the table", share=share, step=_named(one))
    if amount is None:
        why = one.step.note.words if one.step.note else text("not at hand")
        return text("{share} {step}: {why}", share=share, step=_named(one), why=why)
    fee = joined((float(amount), units.unit(currency).name), " ")
    return text("{share} {step}: {fee}", share=share, step=_named(one), fee=fee)


def _no_rate(currency: str, into: str, day: str) -> Phrase:
    return text("no rate of {pair} on {day}", pair=f"{currency}/{into}", day=day)


def _price(subject: Subject, given: Given, currency: str, note: Recorder) -> Sum:
    """Price of the vehicle without tax: that of its parts with a mark-up, which is an estimate."""
    found = parts_price(subject, given, currency)
    markup = exact(economy().electric.markup_ratio)
    least = found.known * markup
    note.line(
        "price without tax, by the prices of the parts and a mark-up that is an estimate",
        float(least),
        currency,
        "p",
        "T3CO 2.0",
    )
    return Sum.of(least, None if found.open else least, *found.open)


def _duty(
    subject: Subject, given: Given, tables: Sequence[StateMoney], price: Sum, currency: str, note: Recorder
) -> Sum:
    """Duty, unless a row exempts from it."""
    day = given.day or ""
    duty = _shares(subject, given, tables, "duty", price, currency, note)
    for one in (one for table in tables for one in table.rows_on("duty-exemption", day)):
        holds = _holds(one, subject, given)
        said = one.title.words if one.condition is None else one.condition.words
        if holds is True:
            note.remark(text("no duty: {why}", why=said))
            return Sum.of(NONE, NONE)
        if holds is None:
            ((_, high, _),) = duty.sides
            duty = replace(
                duty, sides=Sum.of(NONE, high).sides, why=(*duty.why, text("no duty where: {why}", why=said))
            )
    return duty


def _shares(
    subject: Subject,
    given: Given,
    tables: Sequence[StateMoney],
    kind: MoneyKind,
    price: Sum,
    currency: str,
    note: Recorder,
) -> Sum:
    """Sum of the rows of a kind: what is sure of them, and what may be."""
    day = given.day or ""
    rows = [(table, one) for table in tables for one in table.rows_on(kind, day)]
    if not rows:
        said = text(
            "no row is known of {kind} in {market} on {day}", kind=_KINDS[kind], market=given.market or "", day=day
        )
        return replace(Sum.of(NONE, None, said), unknown=True)
    total = Sum.of(NONE, NONE)
    for table, one in rows:
        holds = _holds(one, subject, given)
        if holds is False:
            note.remark(text("{title} does not apply", title=one.title.words))
            continue
        low, high, why = _amount(table, one, subject, day, price, currency)
        if low is not None:
            note.line(
                text("{title}, at least, where it applies", title=one.title.words), float(low), currency, "", table.id
            )
        if holds is None:
            condition = one.condition.words if one.condition else one.title.words
            why = (
                text("{title}: whether it applies is open ({condition})", title=one.title.words, condition=condition),
                *why,
            )
            low = NONE
        total = total.plus(Sum.of(low or NONE, high, *(why if low != high else ())))
    return total


def _amount(
    table: StateMoney, row: MoneyRow, subject: Subject, day: str, price: Sum, currency: str
) -> tuple[Fraction | None, Fraction | None, tuple[Phrase, ...]]:
    """Share of the price, no more than the cap, from what is sure to what may be."""
    ((least, most, _),) = price.sides
    cap = None
    if row.at_most is not None:
        cap = converted(exact(row.at_most), table.currency, currency, day, subject.terms.of(Rates))
        if cap is None:
            return NONE, None, (_no_rate(table.currency, currency, day),)
    if row.share is None:
        return NONE, cap, (text("{title}: how much is not known", title=row.title.words),)
    share = exact(row.share)
    low, high = (None if end is None else end * share for end in (least, most))
    if not share:
        high = NONE
    if cap is not None:
        low, high = (cap if low is None else min(low, cap)), (cap if high is None else min(high, cap))
    if not row.confirmed:
        return NONE, high, (text("{title}: its source is weak", title=row.title.words), *price.why)
    return low, high, price.why


def _holds(row: MoneyRow, subject: Subject, given: Given) -> bool | None:
    """Whether the condition of a row holds: as stated, or by the points of origin; None where nobody knows."""
    if row.applies is not None or (row.condition is None and row.scheme is None):
        return row.applies is not False
    name, _, use = (row.scheme or "").partition("/")
    scheme = next((one for one in schemes_of(subject.terms, given.market or "") if one.id == name), None)
    return None if scheme is None else _over(scheme, use, subject, given)


def _over(scheme: OriginScheme, use: str, subject: Subject, given: Given) -> bool | None:
    """Whether the origin of a vehicle passes the threshold of a use, with the operations that it demands; None where it may."""
    threshold = scheme.threshold_on(use, given.day or "")
    if threshold is None or threshold.value is None:
        return None
    if not concerns(threshold, subject.category) or unmade(scheme, threshold, done_in(subject.sheets)):
        return False
    ends, _ = ends_of(subject, given, scheme, threshold.scope)
    low, high = margin_over(scheme, exact(threshold.value), ends)
    return True if low >= 0 else False if high is not None and high < 0 else None


_KINDS = {
    "duty": text("duty"),
    "duty-exemption": text("exemption from duty"),
    "tax": text("value-added tax"),
    "subsidy": text("subsidy"),
}
_ALL = ("M1", "N1", "M2", "M3", "N2", "N3")
PROCEDURES = (
    Procedure(
        id="state-money",
        title=text("Money of the state"),
        regulation="covolt",
        measures=tuple(one for kind in (FEE, FEE_OLDER, DUTY, TAX, SUBSIDY, NET) for one in kind.values()),
        validation_level=0,
        recipe=state_money,
        conditions=("market", "day", "yearly_vehicle_count"),
        needed={
            "market": (_ALL, 'name the country of the sale, such as market = "RU"'),
            "day": (_ALL, 'name the day of the sale, such as date = "2027-01-01"'),
        },
        reads_terms=True,
        weighs=WEIGHED,
    ),
)
