"""What moved since a gate was signed: the items that a sign-off names, held against those of today, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from covolt.catalogues import decimal_mark
from covolt.programme.text import one_line
from covolt.study.gate.covered import OWN
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.verdict import STANDINGS
from covolt.words import Phrase, Words, in_each, joined, text

__all__ = ["listed", "moved_since"]

MOST_NAMED = 5
"""Names or moves of one kind; the others are counted."""
LONGEST = 70
"""Signs of one side of a move; a criterion may be longer."""
SHORT = 16
"""Digits of a fingerprint."""
QUANTITY = re.compile(r"([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?: ([A-Za-z0-9 /%·-]{1,24}))?")
"""A number with its unit, as an item holds it."""
Pair = tuple[str, str]
"""What was signed and what is now; empty where there is none."""

DOCUMENTS = {
    "gate": text("gates", context="moved"),
    "requirement": text("requirements", context="moved"),
    "scenario": text("scenarios", context="moved"),
    "contract": text("contracts", context="moved"),
    "slot": text("slots", context="moved"),
    "party": text("parties", context="moved"),
    "checked": text("checked texts", context="moved"),
    "negative": text("records of what went wrong", context="moved"),
    "table": text("tables", context="moved"),
    "interests": text("interests", context="moved"),
}
"""Kinds of which a sign-off names a digest alone: that one moved is known, and not what of it."""
TEXTS = {
    "criterion": text("criterion", context="moved"),
    "key": text("first key of", context="moved"),
    "pin": text("offer in slot", context="moved"),
    "verdict": text("verdict", context="moved"),
    "foreign": text("foreign part behind", context="moved"),
    "promise": text("promise", context="moved"),
}
"""Kinds of which it names what they say."""
HOW = {
    (True, True): text("changed", context="moved"),
    (False, True): text("added", context="moved"),
    (True, False): text("taken out", context="moved"),
}
"""By whether it was there and is there."""
PLURAL = {
    "criterion": text("criteria", context="moved"),
    "key": text("first keys", context="moved"),
    "pin": text("offers in slots", context="moved"),
    "verdict": text("verdicts", context="moved"),
    "foreign": text("foreign parts behind", context="moved"),
    "promise": text("promises", context="moved"),
}
KINDS = (
    "gate",
    *TEXTS,
    "table",
    "interests",
    "requirement",
    "scenario",
    "contract",
    "slot",
    "party",
    "checked",
    "negative",
)
ABOVE = {"criterion": "gate", "verdict": "requirement", "foreign": "requirement"}
"""Of what an item of a kind is a part."""
WORDS: Mapping[str, Phrase] = {
    **{one.replace(",", ";"): said for one, said in STANDINGS.items()},
    "kept": text("kept"),
    "broken": text("broken"),
}
"""Words with which an item begins."""
ABSENT = text("none", context="moved")


def moved_since(signed: Mapping[str, str], now: Mapping[str, str]) -> tuple[Phrase, ...]:
    """What differs between two lists of `covered_items`, the most telling first; empty where nothing does."""
    # The names are the signer's word: on one line they can stand for no other line.
    signed = {one_line(name)[:LONGEST]: said for name, said in signed.items()}
    now = {one_line(name)[:LONGEST]: said for name, said in now.items()}
    both = {name: (signed.get(name, ""), now.get(name, "")) for name in sorted({*signed, *now})}
    moved = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
    found = [text("the programme's own file changed")] if "charter" in moved else []
    for kind in KINDS:
        own = {name.removeprefix(f"{kind} "): pair for name, pair in moved.items() if name.startswith(f"{kind} ")}
        found += _documents(kind, own) if kind in DOCUMENTS else _texts(kind, own, moved)
    return tuple(found)


def listed(names: Sequence[str]) -> Phrase:
    """Names in a line, those beyond the first few by their count."""
    shown, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    return text("{names}, and {more} more", names=shown, more=more) if more > 0 else Words(shown)


def _documents(kind: str, own: Mapping[str, Pair]) -> list[Phrase]:
    """Documents of one kind that changed, came or went, each in one line."""
    label, found = DOCUMENTS[kind], list[Phrase]()
    for there, how in HOW.items():
        names = listed([name for name, pair in own.items() if (bool(pair[0]), bool(pair[1])) == there])
        if names:
            found.append(text("{label} {how}: {names}", label=label, how=how, names=names))
    return found


def _texts(kind: str, own: Mapping[str, Pair], moved: Mapping[str, Pair]) -> list[Phrase]:
    """Moves of one kind as they read; verdicts whose values alone moved are named together."""
    above = ABOVE.get(kind, "")
    # A criterion of a gate that came or went, or the verdict of such a requirement, says nothing more.
    told = {name: pair for name, pair in own.items() if all(moved.get(f"{above} {name.partition('/')[0]}", (True,)))}
    alike = [name for name, (was, now) in told.items() if kind == "verdict" and _word(was) == _word(now)]
    named, label = [name for name in told if name not in alike], TEXTS[kind]
    found = [
        joined((joined((label, name), " "), joined(map(_told, _sides(kind, told[name])), " → ")), ": ")
        for name in named[:MOST_NAMED]
    ]
    if len(named) > MOST_NAMED:
        more = listed(named[MOST_NAMED:])
        found.append(text("{PLURAL} moved: {more}", PLURAL=PLURAL[kind], more=more))
    if alike:
        pairs = joined((joined((name, _values(*told[name])), "") for name in alike[:MOST_NAMED]), ", ")
        more = len(alike) - MOST_NAMED
        pairs = text("{names}, and {more} more", names=pairs, more=more) if more > 0 else pairs
        found.append(text("values moved: {pairs}", pairs=pairs))
    return found


def _sides(kind: str, pair: Pair) -> Pair:
    """Both sides as far as people read them: of another offer its name, of a key the beginning of its fingerprint."""
    was, now = pair
    if kind == "pin" and _word(was) != _word(now):
        return _word(was), _word(now)
    return (was[:SHORT], now[:SHORT]) if kind == "key" else pair


def _word(said: str) -> str:
    return said.partition(", ")[0]


def _values(was: str, now: str) -> Phrase:
    """Both values of a verdict; nothing where they are told to its party alone."""
    both = [one.partition(", ")[2] for one in (was, now)]
    if any(one.startswith(OWN) for one in both):
        return Words()
    return joined((" (", joined((_quantity(one) if one else "–" for one in both), " → "), ")"), "")


def _quantity(said: str) -> Phrase:
    """A value as an item holds it, such as `10.29 s`, as each language prints it; anything else as it stands."""
    found = QUANTITY.fullmatch(said)
    if found is None:
        return Words(said)
    number = in_each(lambda language: found[1].replace(".", decimal_mark(language)))
    return joined((number, printed_unit(found[2])), " ") if found[2] else number


def _told(said: str) -> Phrase:
    """One side of a move."""
    word, comma, rest = said.partition(", ")
    whole = one_line(word if rest.startswith(OWN) else word + comma + rest)
    shown = whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"
    if word in WORDS:
        behind = shown.removeprefix(word)
        rest = joined((", ", _quantity(behind[2:])), "") if behind.startswith(", ") else behind
        return text("{word}{rest}", word=WORDS[word], rest=rest)
    return Words(shown) if shown else ABSENT
