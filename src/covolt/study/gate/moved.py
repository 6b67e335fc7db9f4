"""What moved since a gate was signed: the items that a sign-off names, held against those of today, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from covolt.programme.text import one_line
from covolt.study.gate.covered import OWN
from covolt.study.verdicts.verdict import STANDINGS_RU
from covolt.words import LANGUAGES, Language, Words

__all__ = ["listed", "moved_since"]

MOST_NAMED = 5
"""Names or moves of one kind; the others are counted."""
LONGEST = 70
"""Signs of one side of a move; a criterion may be longer."""
SHORT = 16
"""Digits of a fingerprint."""
Pair = tuple[str, str]
"""What was signed and what is now; empty where there is none."""

DOCUMENTS = {
    "gate": Words("gates", "рубежи"),
    "requirement": Words("requirements", "требования"),
    "scenario": Words("scenarios", "сценарии"),
    "contract": Words("contracts", "договоры"),
    "slot": Words("slots", "места"),
    "party": Words("parties", "участники"),
    "checked": Words("checked texts", "сверенные тексты"),
}
"""Kinds of which a sign-off names a digest alone: that one moved is known, and not what of it."""
TEXTS = {
    "criterion": Words("criterion", "критерий"),
    "key": Words("first key of", "первый ключ участника"),
    "pin": Words("offer in slot", "предложение на месте"),
    "verdict": Words("verdict", "заключение"),
    "promise": Words("promise", "обещание"),
}
"""Kinds of which it names what they say."""
HOW = {
    (True, True): Words("changed", "изменены"),
    (False, True): Words("added", "добавлены"),
    (True, False): Words("taken out", "удалены"),
}
"""By whether it was there and is there."""
PLURAL = {
    "criterion": Words("criteria", "критерии"),
    "key": Words("first keys", "первые ключи"),
    "pin": Words("offers in slots", "предложения на местах"),
    "verdict": Words("verdicts", "заключения"),
    "promise": Words("promises", "обещания"),
}
KINDS = ("gate", *TEXTS, "requirement", "scenario", "contract", "slot", "party", "checked")
ABOVE = {"criterion": "gate", "verdict": "requirement"}
"""Of what an item of a kind is a part."""
RUSSIAN = {**STANDINGS_RU, "kept": "выполнено", "broken": "нарушено"}
ABSENT = Words("none", "нет")


def moved_since(signed: Mapping[str, str], now: Mapping[str, str]) -> tuple[Words, ...]:
    """What differs between two lists of `covered_items`, the most telling first; empty where nothing does."""
    # The names are the signer's word: on one line they can stand for no other line.
    signed = {one_line(name)[:LONGEST]: said for name, said in signed.items()}
    now = {one_line(name)[:LONGEST]: said for name, said in now.items()}
    both = {name: (signed.get(name, ""), now.get(name, "")) for name in sorted({*signed, *now})}
    moved = {name: pair for name, pair in both.items() if pair[0] != pair[1]}
    found = [Words("the programme's own file changed", "файл самой программы изменён")] if "charter" in moved else []
    for kind in KINDS:
        own = {name.removeprefix(f"{kind} "): pair for name, pair in moved.items() if name.startswith(f"{kind} ")}
        found += _documents(kind, own) if kind in DOCUMENTS else _texts(kind, own, moved)
    return tuple(found)


def listed(names: Sequence[str]) -> Words:
    """Names in a line, those beyond the first few by their count."""
    shown, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    return Words(shown + (f", and {more} more" if more > 0 else ""), shown + (f" и ещё {more}" if more > 0 else ""))


def _documents(kind: str, own: Mapping[str, Pair]) -> list[Words]:
    """Documents of one kind that changed, came or went, each in one line."""
    label, found = DOCUMENTS[kind], list[Words]()
    for there, how in HOW.items():
        names = listed([name for name, pair in own.items() if (bool(pair[0]), bool(pair[1])) == there])
        if names.en:
            found.append(Words(f"{label.en} {how.en}: {names.en}", f"{label.ru} {how.ru}: {names.ru}"))
    return found


def _texts(kind: str, own: Mapping[str, Pair], moved: Mapping[str, Pair]) -> list[Words]:
    """Moves of one kind as they read; verdicts whose values alone moved are named together."""
    above = ABOVE.get(kind, "")
    # A criterion of a gate that came or went, or the verdict of such a requirement, says nothing more.
    told = {name: pair for name, pair in own.items() if all(moved.get(f"{above} {name.partition('/')[0]}", (True,)))}
    alike = [name for name, (was, now) in told.items() if kind == "verdict" and _word(was) == _word(now)]
    named, label = [name for name in told if name not in alike], TEXTS[kind]
    found = [
        Words(
            *(
                f"{label.said(said)} {name}: {' → '.join(_told(one, said) for one in _sides(kind, told[name]))}"
                for said in LANGUAGES
            )
        )
        for name in named[:MOST_NAMED]
    ]
    if len(named) > MOST_NAMED:
        more = listed(named[MOST_NAMED:])
        found.append(Words(f"{PLURAL[kind].en} moved: {more.en}", f"{PLURAL[kind].ru} изменены: {more.ru}"))
    if alike:
        pairs = [f"{name}{_values(*told[name])}" for name in alike]
        found.append(Words(f"values moved: {listed(pairs).en}", f"значения изменены: {listed(pairs).ru}"))
    return found


def _sides(kind: str, pair: Pair) -> Pair:
    """Both sides as far as people read them: of another offer its name, of a key the beginning of its fingerprint."""
    was, now = pair
    if kind == "pin" and _word(was) != _word(now):
        return _word(was), _word(now)
    return (was[:SHORT], now[:SHORT]) if kind == "key" else pair


def _word(said: str) -> str:
    return said.partition(", ")[0]


def _values(was: str, now: str) -> str:
    """Both values of a verdict; nothing where they are told to its party alone."""
    both = [one.partition(", ")[2] for one in (was, now)]
    return "" if any(one.startswith(OWN) for one in both) else f" ({' → '.join(one or '–' for one in both)})"


def _told(said: str, language: Language) -> str:
    """One side of a move, in a language."""
    word, comma, rest = said.partition(", ")
    plain = RUSSIAN.get(word, word) if language == "ru" else word
    text = one_line(plain if rest.startswith(OWN) else plain + comma + rest) or ABSENT.said(language)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
