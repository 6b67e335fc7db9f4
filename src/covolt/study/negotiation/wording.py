"""How a settlement, what had to give way for it and how parties stand to it are said to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from covolt.digits import probability_text
from covolt.library.number_titles import number_title
from covolt.programme.design_space import PRICE
from covolt.study.designs.space import OFFER
from covolt.study.negotiation.card import Card, JudgedRow, LawRow, StakeRow, Sure
from covolt.study.negotiation.turned import is_met, words_of
from covolt.study.procedures.declaration import SLOTS
from covolt.study.verdicts.own_tables import TableKind, stands_on
from covolt.study.verdicts.verdict import ROUNDING, STANDINGS
from covolt.words import Phrase, Words, in_each, joined, text

__all__ = [
    "AGREEMENTS",
    "ANSWERED",
    "GAIN",
    "KINDS",
    "NEEDED",
    "RULES",
    "STAGES",
    "STATES",
    "law_why",
    "laws_said",
    "newly",
    "number_said",
    "part_said",
    "probability_said",
    "rests_said",
    "state_said",
    "sureness_said",
    "turned",
    "word_said",
]

STATES = {
    "agreed": text("every party accepts it"),
    "open": text("not every party has accepted it yet"),
    "none left": text("none of the designs that were judged is acceptable to all"),
}
AGREEMENTS = {
    "by what it states": text("accepts, by what it states"),
    "accepted": text("has accepted"),
    "refused": text("has refused"),
    "asked": text("is asked"),
}
ANSWERED = {"accept": text("accepted", context="answer"), "refuse": text("refused", context="answer")}
STAGES = {
    "kept": text("By computed values every requirement that is known is kept."),
    "accepted": text("No design keeps every requirement: bounds move as far as their owners state that they accept."),
    "fewest": text("No design keeps every need and wish: as few as can be are missed, and their owners are asked."),
    "least": text(
        "No design keeps every constraint: their bounds move as little as can be, and their owners are asked."
    ),
}
RULES = {
    "kalai-smorodinsky": text(
        "Kalai-Smorodinsky: of the best that each could have, who gets the least share gets the most that can be"
    ),
    "nash": text("Nash: the product of the gains is the greatest"),
    "egalitarian": text("egalitarian: who gains least gains most"),
}
KINDS = {"law": text("law"), "constraint": text("constraint"), "need": text("need"), "wish": text("wish")}
WORDS = {
    "met": text("met"),
    "not met": text("not met"),
    "not verified": text("not verified"),
    "open": text("open", context="verdict"),
}
GAIN = text(
    "A gain is 0 at the worst that the party accepts and 1 at what it hopes for; – is its own affair. Shares of the best that "
    "each could have are not told: they would tell what others keep to themselves."
)
NEEDED = text(
    "P is the probability that the settled vehicle keeps the bound as it is to be written anew: about 50 %, since it is its very "
    "value. A bound as wide as “surely” would be met, with 95 %."
)
NO_UNCERTAINTY = text("nothing behind it states an uncertainty")


def state_said(card: Card) -> Phrase:
    """Whether every party accepts it, and beside that what of the laws is not shown."""
    said, unshown = STATES[card.state], [one for one in card.laws if not one.shown]
    if not unshown:
        return said
    if not _is_verified(card.laws):
        return joined((said, text("laws are judged by computed values alone")), "; ")
    missing = text("of {total} laws {count} are not shown to be met", total=len(card.laws), count=len(unshown))
    return joined((said, missing), "; ")


def laws_said(laws: Sequence[LawRow]) -> Phrase:
    """How many laws are met, and by what; which are not shown, and why; empty where there is none."""
    if not laws:
        return Words()
    total, verified = len(laws), _is_verified(laws)
    met = [one for one in laws if one.shown or (one.by == "computed" and one.verdict == "met")]
    rest = [one for one in laws if one not in met]
    if verified or all(one.shown for one in laws):
        first = text("Laws: {count} of {total} are shown to be met, with 95 %.", count=len(met), total=total)
    else:
        first = text(
            "Laws: {count} of {total} are met by computed values alone; --surely verifies them with their uncertainties.",
            count=len(met),
            total=total,
        )
    if not rest:
        return first
    names = joined([_law_said(one) for one in rest], ", ")
    return joined((first, text("Not shown: {names}.", names=names)), " ")


def _is_verified(laws: Iterable[LawRow]) -> bool:
    return any(one.by == "verified" for one in laws)


def _law_said(one: LawRow) -> Phrase:
    if not one.requirement:
        return text("a law of {party}, which is hidden", party=one.owner)
    sureness = Words() if one.sure is None else sureness_said(one.sure)
    word = word_said(one.verdict)
    said = joined([each for each in (word, sureness, _reason(one)) if each], ", ")
    return text("{name} ({said})", name=one.requirement, said=said)


def _reason(one: LawRow) -> Phrase:
    """Why nothing is known of it; what stands beside a verdict is told beside it."""
    return one.why if one.by == "nothing" else Words()


def law_why(one: LawRow) -> Phrase:
    """What is to be known beside the word of a law: why it is not shown, or that nothing behind it is uncertain."""
    if not one.requirement:
        return text("hidden")
    if one.by == "computed":
        return joined([each for each in (text("computed value alone"), one.why) if each], "; ")
    if one.sure is not None:
        beside = one.sure.unstated or (NO_UNCERTAINTY if _is_exact(one.sure) else Words())
        return joined((beside, one.why))
    return one.why


def word_said(word: str) -> Phrase:
    """A verdict in words, of whichever kind."""
    return WORDS.get(word) or {str(key): one for key, one in STANDINGS.items()}.get(word, Words(word))


def sureness_said(one: Sure) -> Phrase:
    """With which probability it holds; empty where nobody can say, or where nothing behind it states an uncertainty."""
    return Words() if _is_exact(one) else probability_said(one)


def probability_said(one: Sure) -> Phrase:
    """With which probability a bound is kept that moves, also where nothing is uncertain; empty where nobody can say."""
    found = one.probability
    if found is None:
        return Words()
    return text("P {probability}", probability=in_each(lambda language: probability_text(found, language)))


def _is_exact(one: Sure) -> bool:
    """Whether its uncertainty is what rounding leaves."""
    return one.value is not None and one.expanded is not None and one.expanded <= ROUNDING * abs(one.value)


def turned(rows: Iterable[JudgedRow]) -> tuple[JudgedRow, ...]:
    """Requirements whose verdict is another: verified against verified where both are, else computed against computed."""
    return tuple(one for one in rows if len(set(words_of(one))) > 1)


def newly(rows: Iterable[JudgedRow], *, met: bool) -> tuple[JudgedRow, ...]:
    """Requirements that are met now and were not before, or the other way round, by the verdicts that are shown."""

    def turns(one: JudgedRow) -> bool:
        was, now = (is_met(word, one.kind) for word in words_of(one))
        return was != now and now == met

    return tuple(one for one in rows if turns(one))


def rests_said(card: Card) -> Iterator[Phrase]:
    """Tables of the programme on which what is verified stands, and which requirements and interests do."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, sure in _verified(card):
        for table, kind in sure.tables.items():
            found.setdefault((kind, table), []).append(name)
    kinds: tuple[TableKind, ...] = ("assumed", "in place of a shipped one", "of the programme")
    for kind in kinds:
        for (each, table), names in sorted(found.items()):
            if each == kind:
                yield joined((", ".join(dict.fromkeys(names)), stands_on(table, kind)), ": ")


def _verified(card: Card) -> Iterator[tuple[str, Sure]]:
    rows: tuple[JudgedRow | StakeRow, ...] = (*card.requirements, *card.interests)
    for one in rows:
        if one.sure_after is not None:
            yield (one.requirement if isinstance(one, JudgedRow) else one.interest), one.sure_after
    for law in card.laws:
        if law.sure is not None:
            yield law.requirement, law.sure


def part_said(slot: str) -> Phrase:
    """A part of the vehicle, by its slot."""
    return SLOTS.get(slot) or Words(slot)


def number_said(number: str) -> Phrase:
    """A number of a part, its price, or the offer itself."""
    own = {OFFER: text("offer", context="number"), PRICE: text("price of the part at its smallest stated volume")}
    return own.get(number) or number_title(number)
