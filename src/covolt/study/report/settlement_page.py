"""The page of a settlement: what every party gives, gets and does next, before and after with intervals; or why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from covolt.catalogues import name_of
from covolt.contract.title import Title
from covolt.digits import number_text
from covolt.programme.documents import Programme
from covolt.programme.keys import in_groups
from covolt.study.designs.space import OFFER
from covolt.study.negotiation.card import AgreementRow, Card, ChangeRow, JudgedRow, LawRow, StakeRow, Sure
from covolt.study.negotiation.turned import DIGITS, is_met, is_same, words_of
from covolt.study.negotiation.wording import (
    AGREEMENTS,
    GAIN,
    NEEDED,
    RULES,
    STAGES,
    law_why,
    laws_said,
    newly,
    number_said,
    probability_said,
    rests_said,
    state_said,
    sureness_said,
    word_said,
)
from covolt.study.procedures.declaration import SLOTS
from covolt.study.report.conditions import quantity_said, unit_said
from covolt.study.report.page import WORDS as CALLED
from covolt.study.report.seal import BLANK, sealed
from covolt.study.report.templates import template_of
from covolt.study.verdicts.contradiction import Contradiction, contradictions
from covolt.units import UNITS
from covolt.words import Phrase, Words, in_each, joined, languages, said, text

__all__ = ["settlement_page"]

NAMES: Mapping[str, Phrase] = {
    "settlement": text("Settlement"),
    "parties": text("What every party gives and gets"),
    "gain": text("Gain", context="settlement"),
    "private": text("its own affair", context="gain"),
    "gives": text("Its numbers that change"),
    "moves": text("Its bounds that move"),
    "now_met": text("Met now, and not before"),
    "now_missed": text("Met before, and not surely now"),
    "changes": text("Its other requirements that change"),
    "next": text("What it does"),
    "rests": text("What the verdicts stand on"),
    "acts": text("Approvals that stand open for the settled vehicle, as covolt approval says"),
    "vehicle": text("The vehicle before and after"),
    "requirements": text("Requirements before and after"),
    "reasons": text("Conflicts and reasons"),
    "excluding": text("Demands that exclude each other"),
    "nearest": text("What would resolve it"),
    "leaks": text("What others learn of a party"),
    "party": text("Party", context="settlement"),
    "slot": text("Part", context="settlement"),
    "number": text("Number", context="settlement"),
    "interest": text("Interest", context="settlement"),
    "requirement": text("Requirement", context="settlement"),
    "worst": text("Worst accepted"),
    "hoped": text("Hoped for"),
    "needed": text("Needed"),
    "design": text("Design", context="settlement"),
    "bound": text("Bound", context="settlement"),
    "before": text("Before"),
    "after": text("After"),
    "rule": text("Rule", context="settlement"),
    "study": text("Study", context="settlement"),
    "lock": text("Lock", context="settlement"),
    "nothing": text("nothing changes for it"),
    "idle": text("nothing: what changes for it stands above"),
}
EXPANDED = text(
    "± is U = 2 u, about 95 %; the percentage is the probability that the bound, or the worst that is accepted, is kept. "
    "A verdict is met or not met from 95 % on; between it is within uncertainty."
)
NOMINAL = text("Values as they are computed, without their uncertainties: --surely gives them.")
PICTURES = text(
    "In the pictures ○ is today's vehicle, ● the settled one; the shaded part is worse than the party accepts."
)
LEAK = text(
    "Everybody may read this page: of what a party keeps to itself it holds nothing but the outcome, which says that the party "
    "has to agree and that its worst is no better than what it gets."
)
BAR_WIDTH, BAR_HEIGHT = 240.0, 26.0
MILLION = 1e6
SHORT = 16
"""Digits of a fingerprint that are shown."""


@dataclass(frozen=True)
class _Party:
    """One party as the page shows it."""

    row: AgreementRow
    title: Phrase
    stands: Phrase
    interests: tuple[StakeRow, ...]
    numbers: tuple[ChangeRow, ...]
    moves: tuple[JudgedRow, ...]
    now_met: tuple[JudgedRow, ...]
    now_missed: tuple[JudgedRow, ...]
    changes: tuple[JudgedRow, ...]
    does: tuple[Phrase, ...]
    is_touched: bool


def settlement_page(card: Card, seen: Programme, language: str = "en") -> str:
    """HTML of a settlement, or of why there is none, in every language; `language` is the one in which it opens.

    Args:
        card: as its reader may see it.
        seen: the programme as the same reader may see it.
    """
    folder = files("covolt") / "library" / "report"
    own: dict[str, Any] = {**CALLED, "n": lambda key: CALLED["both"](NAMES[key])}
    titles = {name: one.title.words for name, one in seen.parties.items()}
    html = template_of("settlement.html.j2", own).render(
        c=card,
        blank=BLANK,
        facts=json.dumps(_facts(card)),
        title=seen.charter.title.words,
        state=state_said(card),
        holds=card.state == "agreed" and all(one.shown for one in card.laws),
        laws=laws_said(card.laws),
        law_why=law_why,
        rests=list(rests_said(card)),
        pictures=PICTURES,
        needed_said=NEEDED if any(one.sure_needed is not None for one in card.requirements) else None,
        reader=titles.get(card.reader),
        rule=RULES.get(card.rule, Words(card.rule)),
        stage=STAGES[card.stage] if card.stage is not None else None,
        gain_said=GAIN,
        sure_said=EXPANDED if _is_sure(card) else NOMINAL,
        leak=LEAK,
        parties=list(_parties(card, seen)),
        titles=titles,
        slots={name: SLOTS.get(name) or one.title.words for name, one in seen.slots.items()},
        offers={name: _title(one.datasheet.title) for name, one in seen.offers.items()},
        excluding=[_excluding_said(one, titles) for one in contradictions(seen)],
        requirements=card.requirements,
        notices=[
            joined([one for one in (_spoken(each.where), _spoken(each.what)) if str(one)], ": ")
            for each in card.notices
        ],
        side=_side,
        verdict=_verdict,
        judged=_judged,
        why=lambda one: Words() if one.sure_after is None else joined((one.sure_after.unstated, one.sure_after.why)),
        probability_of=lambda one: Markup("") if one.probability is None else CALLED["both"](probability_said(one)),
        offer=OFFER,
        quantity=_quantity,
        number_title=number_said,
        scale=_scale,
        gain_bar=_gain_bar,
        sign=lambda one: {"at_least": "≥", "at_most": "≤"}.get(one.side, ""),
        with_unit=lambda value, unit: _with_unit(CALLED["number"](value, DIGITS), unit),
        language=language,
        languages=[{"code": one, "name": name_of(one)} for one in languages()],
        style=Markup((folder / "style.css").read_text(encoding="utf-8")),
    )
    return sealed(html)


def _facts(card: Card) -> dict[str, Any]:
    """What the page says of how it was made, for who checks it; `twin` is the digest of the same settlement in JSON."""
    names = ("covolt", "programme", "reader", "lock", "settlement", "study", "design", "rule")
    answers = [{"party": one.party, "key": one.key, "role": one.role} for one in card.parties if one.key]
    facts = {name: getattr(card, name) for name in names}
    return facts | {"rests_on": dict(card.rests_on), "answers": answers, "twin": card.digest}


def _signed(row: AgreementRow, stands: Phrase) -> Phrase:
    """How a party stands, with the day of its answer, and by which key in which role it is signed."""
    if not row.on:
        return stands
    if not row.key:
        return text("{stands}, on {day}, not signed", stands=stands, day=row.on)
    short = in_groups(row.key[:SHORT])
    return text("{stands}, signed on {day} as {role} by key {key}", stands=stands, day=row.on, role=row.role, key=short)


def _quantity(stated: str | float) -> Phrase:
    """A number of a part as it is written, with money in millions where it is as much."""
    if isinstance(stated, str):
        number, _, unit = stated.partition(" ")
        try:
            value = float(number)
        except ValueError:
            return quantity_said(stated)
        if abs(value) >= MILLION and f"M{unit}" in UNITS:
            return quantity_said(f"{value / MILLION:.6g} M{unit}")
    return quantity_said(stated)


def _spoken(words: str | Phrase) -> Phrase:
    return in_each(lambda language: said(words, language))


def _is_sure(card: Card) -> bool:
    return any(one.sure_after is not None for one in (*card.interests, *card.requirements))


def _title(title: str | Title) -> Phrase:
    """What a party calls its offer: in one language where it says it in one."""
    return title.words if isinstance(title, Title) else Words(title)


def _parties(card: Card, seen: Programme) -> Iterator[_Party]:
    for row in card.parties:
        stands = _signed(row, AGREEMENTS[row.agreement])
        own = tuple(one for one in card.requirements if one.owner == row.party)
        numbers = tuple(one for one in card.numbers if one.party == row.party)
        interests = tuple(one for one in card.interests if one.party == row.party)
        moves = tuple(one for one in own if one.needed is not None)
        now_met, now_missed = newly(own, met=True), newly(own, met=False)
        told = {one.requirement for one in (*moves, *now_met, *now_missed)}
        yield _Party(
            row,
            seen.parties[row.party].title.words,
            joined((stands, row.why), ": ") if str(row.why) else stands,
            interests,
            numbers,
            moves,
            now_met,
            now_missed,
            tuple(one for one in own if one.requirement not in told),
            tuple(_does(row, numbers, moves)),
            bool(own or numbers) or any(not is_same((one.before, one.after)) for one in interests),
        )


def _does(row: AgreementRow, numbers: tuple[ChangeRow, ...], moves: tuple[JudgedRow, ...]) -> Iterator[Phrase]:
    """What a party does for the settlement: it answers, offers and locks its parts, and writes its bounds anew."""
    if row.agreement in {"asked", "refused"}:
        yield text("answers: covolt proposal accept, or refuse")
    chosen = {one.slot: one.after for one in numbers if one.number == OFFER}
    for slot, offer in chosen.items():
        yield text(
            "fills its slot with what is offered already: covolt lock --pin {slot}={offer}", offer=offer, slot=slot
        )
    for slot in dict.fromkeys(one.slot for one in numbers if one.slot not in chosen):
        names = ", ".join(one.number for one in numbers if one.slot == slot)
        yield text("offers {slot} anew with these numbers, and locks it: {names}", slot=slot, names=names)
    for one in moves:
        yield _writes(one)


def _writes(one: JudgedRow) -> Phrase:
    """The bound that a party writes anew, how probably the vehicle keeps it, and the one that it keeps surely."""

    def said(value: float | None) -> Phrase:
        told = in_each(lambda code: "–" if value is None else number_text(value, DIGITS, code))
        return joined((told, unit_said(one.unit)), " ")

    first = text(
        "writes {key} in {requirement}: {value}", key=one.side, requirement=one.requirement, value=said(one.needed)
    )
    sure = one.sure_needed
    if sure is None or sure.probability is None:
        return first
    odds = text("the vehicle keeps that with {probability}", probability=probability_said(sure))
    if sure.bound_kept is None or is_met(sure.verdict, one.kind):
        return joined((first, odds), "; ")
    return joined((first, odds, text("surely only {value}", value=said(sure.bound_kept))), "; ")


def _side(one: JudgedRow | StakeRow | LawRow, *, after: bool) -> Markup:
    """A value with its unit, and ± where that is known."""
    sure = one.sure if isinstance(one, LawRow) else one.sure_after if after else one.sure_before
    if sure is not None and sure.value is not None:
        return _with_unit(CALLED["both"](sure.said), one.unit)
    value = _value(one, after=after)
    return Markup("–") if value is None else _with_unit(CALLED["number"](value, DIGITS), one.unit)


def _value(one: JudgedRow | StakeRow | LawRow, *, after: bool) -> float | None:
    if isinstance(one, LawRow):
        return one.value
    if isinstance(one, StakeRow):
        return one.after if after else one.before
    return one.value_after if after else one.value_before


def _verdict(one: JudgedRow | StakeRow, *, after: bool) -> Markup:
    """The word of a verdict in its colour, and how sure it is."""
    sure = one.sure_after if after else one.sure_before
    if isinstance(one, StakeRow):
        return Markup("") if sure is None else _judged(sure.verdict, sure)
    return _judged(words_of(one)[1 if after else 0], sure)


def _judged(word: str, sure: Sure | None) -> Markup:
    sureness = Words() if sure is None else sureness_said(sure)
    beside = Markup(" <small>{}</small>").format(CALLED["both"](sureness)) if sureness else Markup("")
    return Markup('<span class="v {}">{}{}</span>').format(CALLED["css"](word), CALLED["both"](word_said(word)), beside)


def _with_unit(number: Markup, unit: str) -> Markup:
    named = CALLED["unit"](unit)
    return Markup("{} {}").format(number, named) if named else number


def _excluding_said(one: Contradiction, titles: Mapping[str, Phrase]) -> Phrase:
    """Two bounds on one measure that exclude each other, whose they are, and by how much."""
    low, high = one.at_least, one.at_most
    return text(
        "{low} of {owner} asks for at least {least}, {high} of {other} for at most {most}: no vehicle keeps both, {gap} lie "
        "between.",
        low=low.id,
        owner=titles[low.party],
        least=quantity_said(low.bound),
        high=high.id,
        other=titles[high.party],
        most=quantity_said(high.bound),
        gap=joined((in_each(lambda code: number_text(one.gap, 4, code)), unit_said(one.unit)), " "),
    )


def _gain_bar(gain_ratio: float | None) -> Markup:
    """A gain as a bar from the worst that is accepted, 0, to what is hoped for, 1."""
    if gain_ratio is None:
        return Markup("")
    width = max(1.0, min(1.0, max(0.0, gain_ratio)) * BAR_WIDTH)
    return Markup(
        '<svg class="gain" viewBox="0 0 {w} 10" preserveAspectRatio="none" aria-hidden="true"><rect class="whole" width="{w}" '
        'height="10"/><rect width="{n:.1f}" height="10"/></svg>'
    ).format(w=f"{BAR_WIDTH:g}", n=width)


def _scale(one: StakeRow) -> Markup:
    """An interest on the way from the worst that is accepted to what is hoped for: today hollow, after full, ± as a line.

    What is worse than accepted lies in the shaded part; a value beyond the picture stands at its edge as an arrow.
    """
    span = one.aspiration - one.worst_acceptable

    def share(value: float) -> float:
        """The ends stand a fifth inside, so that what is beyond them shows."""
        return 0.2 + 0.6 * (value - one.worst_acceptable) / span

    def place(value: float) -> float:
        return BAR_WIDTH * min(0.98, max(0.02, share(value)))

    shapes = Markup('<rect class="worse" x="0" y="4" width="{w:.1f}" height="18"/>').format(w=0.2 * BAR_WIDTH)
    shapes += Markup('<line class="axis" x1="{a:.1f}" x2="{b:.1f}" y1="13" y2="13"/>').format(
        a=0.2 * BAR_WIDTH, b=0.8 * BAR_WIDTH
    )
    for value, sure, css in ((one.before, one.sure_before, "before"), (one.after, one.sure_after, "after")):
        if value is None:
            continue
        if sure is not None and sure.expanded:
            ends = sorted(place(value + side * sure.expanded) for side in (-1.0, 1.0))
            shapes += Markup('<line class="{css}" x1="{a:.1f}" x2="{b:.1f}" y1="13" y2="13"/>').format(
                css=css, a=ends[0], b=ends[1]
            )
        shapes += _dot(place(value), share(value), css)
    for end in (0.2, 0.8):
        shapes += Markup('<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="22"/>').format(x=end * BAR_WIDTH)
    return Markup('<svg class="scale" viewBox="0 0 {w:g} {h:g}" aria-hidden="true">{shapes}</svg>').format(
        w=BAR_WIDTH, h=BAR_HEIGHT, shapes=shapes
    )


def _dot(x: float, way_ratio: float, css: str) -> Markup:
    """A value: a circle in the picture, an arrow outward at its edge."""
    if 0.0 <= way_ratio <= 1.0:
        return Markup('<circle class="{css}" cx="{x:.1f}" cy="13" r="5"/>').format(css=css, x=x)
    tip = 4.0 if way_ratio > 1.0 else -4.0
    return Markup('<path class="{css}" d="M{a:.1f} 8L{b:.1f} 13L{a:.1f} 18Z"/>').format(css=css, a=x - tip, b=x + tip)
