"""What somebody who wrote a name probably meant, and what there is to choose from; no list stops without saying so."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from covolt.words import Phrase, joined, text

__all__ = ["few", "meant", "named"]

ALIKE = 0.6
"""How alike names must be, from 0 to 1: a letter or two of a word."""
MOST_NAMED = 12
"""Names that a person reads in one hint."""


def meant(name: str, known: Iterable[str]) -> str | None:
    """The known name that is this one but for capitals, the order of its words or a letter or two, or alone begins with it."""
    by_plain = {_plain(one): one for one in reversed(list(known))}
    plain = _plain(name)
    words = {tuple(sorted(one.split("_"))): one for one in by_plain}
    same = words.get(tuple(sorted(plain.split("_"))))
    begun = [one for one in by_plain if plain and one.startswith(f"{plain}_")]
    close = [same] if same is not None else _close(plain, by_plain)
    close = close or (begun if len(begun) == 1 else [])
    return by_plain[close[0]] if close else None


def named(name: str, known: Iterable[str], listing: str = "") -> str | Phrase:
    """A hint: what was probably meant, else all that is known, or the first of many, and the command that lists them."""
    listed = list(known)
    if (close := meant(name, listed)) is not None:
        return text("did you mean '{name}'?", name=close)
    if len(listed) <= MOST_NAMED:
        return text("known: {listed}", listed=", ".join(listed) or text("none"))
    shown = text(
        "known: {listed} and {number} more", listed=", ".join(listed[:MOST_NAMED]), number=len(listed) - MOST_NAMED
    )
    return text("{shown}; list them: {listing}", shown=shown, listing=listing) if listing else shown


def few(names: Iterable[str]) -> str | Phrase:
    """Names in a row; of many the first, and how many more there are."""
    listed = list(names)
    shown, more = ", ".join(listed[:MOST_NAMED]), len(listed) - MOST_NAMED
    return joined((shown, text("and {number} more", number=more)), " ") if more > 0 else shown


def _close(name: str, known: Iterable[str]) -> list[str]:
    """The closest names that are alike beyond the words with which both begin: I-NOPE is no I-SPEED."""

    def alike(one: str) -> bool:
        mine, other = name.split("_"), one.split("_")
        while mine and other and mine[0] == other[0]:
            del mine[0], other[0]
        if not (mine and other):
            return True
        return difflib.SequenceMatcher(None, "_".join(mine), "_".join(other)).ratio() >= ALIKE

    return [one for one in difflib.get_close_matches(name, known) if alike(one)]


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
