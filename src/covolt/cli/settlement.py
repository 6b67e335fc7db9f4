"""Settlements and proposals in a terminal: laws first, what every party gives and gets, which bounds move, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from covolt.cli.answering import of_file
from covolt.cli.language import say, speaking
from covolt.cli.printing import console, heading, indented, table, unit_text, with_unit
from covolt.digits import number_text, probability_text
from covolt.units import UNITS
from covolt.words import Phrase, joined, text

if TYPE_CHECKING:
    from covolt.study.negotiation.card import (
        AgreementRow,
        Card,
        ChangeRow,
        JudgedRow,
        LawRow,
        StakeRow,
        Sure,
    )
    from covolt.study.negotiation.proposal_shown import ProposalShown

__all__ = ["PARTY", "UNIT", "plain_number", "print_proposal", "print_settlement"]

BEFORE, AFTER = text("before", context="head"), text("after", context="head")
PARTY, UNIT = text("party", context="head"), text("unit", context="head")
REQUIREMENT, BOUND = text("requirement", context="head"), text("bound", context="settlement")
VERDICT, VALUE = text("verdict", context="head"), text("value", context="head")
PROBABILITY = text("P", context="probability")
MILLION = 1e6
"""From which on prices are told in millions."""


def print_settlement(card: Card) -> None:
    """Print the card of a settlement."""
    from covolt.study.negotiation.wording import RULES, STAGES, rests_said, state_said

    out = console()
    heading(out, text("Settlement: design {design}; {state}", design=card.design or 0, state=state_said(card)))
    out.print(text("Rule: {rule}", rule=RULES[card.rule]))
    if len(card.tied) > 1:
        out.print(text("As good by this rule: designs {designs}", designs=", ".join(map(str, card.tied))))
    if card.stage is not None:
        out.print(STAGES[card.stage])
    _print_laws(card.laws)
    for one in card.notices:
        out.print(indented(of_file(one), 0), style="yellow")
    out.print()
    _print_parties(card)
    _print_numbers(card.numbers, text("Which numbers change"))
    _print_interests(card.interests, text("What every party gives and gets, by the interests that may be read"))
    _print_moved(card.requirements, text("Which bounds have to move"))
    _print_turned(card.requirements)
    for one in rests_said(card):
        out.print(indented(one, 0))
    if card.acts:
        names = ", ".join(one.act for one in card.acts)
        said = text("Approvals that stand open for this vehicle, as covolt approval says: {names}", names=names)
        out.print(indented(said, 0))


def _print_laws(laws: Sequence[LawRow]) -> None:
    """Every law, whether it is shown to be met or not."""
    from covolt.study.negotiation.wording import law_why, laws_said, sureness_said, word_said

    if not laws:
        return
    out = console()
    out.print()
    heading(out, laws_said(laws))
    heads = [(text("law", context="head"), "name"), (VERDICT, "left"), (VALUE, "right"), (BOUND, "right")]
    made = table([*heads, ("", "left")])
    for one in laws:
        sureness = "" if one.sure is None else say(sureness_said(one.sure))
        word = ", ".join(each for each in (say(word_said(one.verdict)), sureness) if each)
        held = (_surely(one.value, one.sure), with_unit(_bound(one), one.unit))
        made.add_row(one.requirement or one.owner, word, *held, say(law_why(one)))
    out.print(made)


def _bound(one: LawRow | JudgedRow) -> str:
    if one.bound is None:
        return "–"
    return f"{'≥' if one.side == 'at_least' else '≤'} {plain_number(one.bound)}"


def _print_parties(card: Card) -> None:
    from covolt.study.negotiation.wording import GAIN

    made = table([(PARTY, "name"), (text("gain", context="head"), "right"), (text("answer", context="head"), "left")])
    for one in card.parties:
        made.add_row(one.party, _gain(one.gain), say(_agreement(one)))
    console().print(made)
    console().print(GAIN)


def _agreement(one: AgreementRow) -> Phrase:
    from covolt.study.negotiation.wording import AGREEMENTS

    said = AGREEMENTS[one.agreement]
    return joined((said, one.why), ": ") if say(one.why) else said


def _print_numbers(numbers: Sequence[ChangeRow], title: Phrase) -> None:
    from covolt.study.negotiation.wording import number_said, part_said

    if not numbers:
        return
    out = console()
    out.print()
    heading(out, title)
    heads = [(PARTY, "name"), (text("slot", context="head"), "name"), (text("number", context="head"), "name")]
    made = table([*heads, (BEFORE, "right"), (AFTER, "right")])
    for one in numbers:
        named = (say(part_said(one.slot)), say(number_said(one.number)))
        made.add_row(one.party, *named, *(_written(each) for each in (one.before, one.after)))
    out.print(made)


def _written(quantity: str) -> str:
    """A number as a file writes it, in the marks and units of the language."""
    number, _, unit = quantity.partition(" ")
    try:
        value = float(number)
    except ValueError:
        return quantity
    if abs(value) >= MILLION and f"M{unit}" in UNITS:
        value, unit = value / MILLION, f"M{unit}"
    return with_unit(number_text(value, 6, speaking(), grouped=False), unit or "1")


def _print_interests(interests: Sequence[StakeRow], title: Phrase) -> None:
    if not interests:
        return
    out = console()
    out.print()
    heading(out, title)
    heads = [(PARTY, "name"), (text("interest", context="head"), "name"), (UNIT, "name")]
    worst, hoped = text("worst", context="head"), text("hoped for", context="head")
    made = table([*heads, (worst, "right"), (hoped, "right"), (BEFORE, "right"), (AFTER, "right")])
    for one in interests:
        stated = map(plain_number, (one.worst_acceptable, one.aspiration))
        sides = (_surely(one.before, one.sure_before), _surely(one.after, one.sure_after))
        made.add_row(one.party, one.interest, unit_text(one.unit), *stated, *sides)
    out.print(made)
    odds = [f"{one.interest} {_probability(one.sure_after)}" for one in interests if one.sure_after is not None]
    if odds:
        out.print(text("Probability that the worst accepted is kept then: {odds}", odds=", ".join(odds)))


def _print_moved(rows: Sequence[JudgedRow], title: Phrase, *, explained: bool = True) -> None:
    """Bounds that have to move, and how surely the settled vehicle keeps them then."""
    from covolt.study.negotiation.wording import NEEDED

    moved = [one for one in rows if one.needed is not None]
    if not moved:
        return
    out = console()
    out.print()
    heading(out, title)
    heads = [(REQUIREMENT, "name"), (text("owner", context="head"), "name"), (BOUND, "right")]
    heads += [(text("needed", context="head"), "right")]
    sure = any(one.sure_needed is not None for one in moved)
    if sure:
        heads += [(PROBABILITY, "right"), (text("surely", context="head"), "right")]
    made = table([*heads, (UNIT, "name")])
    for one in moved:
        sides = [] if not sure else [_probability(one.sure_needed), _kept(one.sure_needed)]
        needed = plain_number(one.needed)
        made.add_row(one.requirement, one.owner, _bound(one), needed, *sides, unit_text(one.unit))
    out.print(made)
    if sure and explained:
        out.print(NEEDED)


def _probability(one: Sure | None) -> str:
    return "–" if one is None or one.probability is None else probability_text(one.probability, speaking())


def _kept(one: Sure | None) -> str:
    return "–" if one is None else plain_number(one.bound_kept)


def _print_turned(rows: Sequence[JudgedRow]) -> None:
    """Requirements whose verdict is another, and how many of which the value alone is."""
    from covolt.study.negotiation.wording import turned

    out, others = console(), turned(rows)
    if others:
        out.print()
        heading(out, text("Requirements whose verdict is another, before → after"))
        made = table([(REQUIREMENT, "name"), (BEFORE, "left"), (AFTER, "left")])
        for one in others:
            made.add_row(one.requirement, *_sides(one))
        out.print(made)
    named = {one.requirement for one in (*others, *(one for one in rows if one.needed is not None))}
    left = [one.requirement for one in rows if one.requirement not in named]
    if left:
        names = ", ".join(left)
        out.print(indented(text("Other values, the same verdict (--json gives them): {names}", names=names), 0))


def _sides(one: JudgedRow) -> tuple[str, str]:
    return (
        _side(one.verdict_before, one.value_before, one.sure_before, one.unit),
        _side(one.verdict_after, one.value_after, one.sure_after, one.unit),
    )


def _side(word: str, value: float | None, sure: Sure | None, unit: str) -> str:
    """A verdict with its value: with its uncertainty where that is known, else by what is computed alone."""
    from covolt.study.negotiation.wording import word_said

    said = say(word_said(word if sure is None else sure.verdict))
    sureness = "" if sure is None or sure.probability is None else f" ({_probability(sure)})"
    return f"{said}{sureness}" if value is None else f"{said}{sureness}, {with_unit(_surely(value, sure), unit)}"


def _surely(value: float | None, sure: Sure | None) -> str:
    """A number with its uncertainty, where that is known; without signs between thousands, at which a terminal would break it."""
    if sure is None or sure.value is None:
        return plain_number(value)
    return say(sure.said).replace("\N{NARROW NO-BREAK SPACE}", "")


def plain_number(value: float | None) -> str:
    """A number in five digits, without signs between thousands."""
    return "–" if value is None else number_text(value, 5, speaking(), grouped=False)


def _gain(value: float | None) -> str:
    return "–" if value is None else number_text(value, 3, speaking())


def print_proposal(one: ProposalShown) -> None:
    """Print a proposal: what its party is asked, then what it gets, then everything else that is another."""
    from covolt.study.negotiation.wording import AGREEMENTS, RULES

    out = console()
    heading(out, text("A proposal to {party}: design {design} of the study", party=one.party, design=one.design))
    for each, style in (*((each, "red") for each in one.stale), *((each, "yellow") for each in one.notices)):
        out.print(indented(of_file(each), 0), style=style)
    if one.answered:
        out.print(AGREEMENTS["accepted" if one.answered == "accept" else "refused"])
    if not one.verified:
        hint = text(
            "Values as they are computed, without uncertainties: covolt negotiate --surely --output gives them."
        )
        out.print(hint, style="yellow")
    moved = [each for each in one.own if each.needed is not None]
    if not (moved or one.numbers):
        out.print(text("Nothing that is yours moves: neither a bound nor a number of a part."))
    _print_moved(moved, text("Which of your bounds have to move"))
    _print_numbers(one.numbers, text("Which of your numbers change"))
    _print_interests(one.interests, text("What you get, by your interests"))
    if one.gain is not None:
        out.print(text("Your gain: {gain} (0 is the worst that you accept, 1 what you hope for)", gain=_gain(one.gain)))
    _print_judged(one.own, text("Your requirements, before → after"))
    _print_laws(one.laws)
    others = [each for each in one.requirements if each.owner != one.party]
    _print_moved(others, text("Which bounds of others have to move"), explained=not moved)
    _print_judged(others, text("Requirements of others, before → after"))
    out.print()
    out.print(text("Rule: {rule}", rule=RULES.get(one.rule, one.rule)))
    out.print(text("Who must agree: {parties}", parties=", ".join(one.agree)))


def _print_judged(rows: Sequence[JudgedRow], title: Phrase) -> None:
    """Requirements with title, kind, bound, and both sides."""
    from covolt.study.negotiation.wording import KINDS

    if not rows:
        return
    out = console()
    out.print()
    heading(out, title)
    made = table([(REQUIREMENT, "left"), (BOUND, "right"), (BEFORE, "left"), (AFTER, "left")])
    for one in rows:
        named = f"{one.requirement}, {say(KINDS[one.kind])}: {say(one.title)}"
        made.add_row(named, with_unit(_bound(one), one.unit), *_sides(one))
    out.print(made)
