"""Words and units of a cell in any language of the catalogues, as covolt's documents write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from covolt.catalogues import languages, translated
from covolt.units import in_latin, unit
from covolt.words import Phrase, text

__all__ = ["latin_unit", "spellings"]

_SHORT: Mapping[str, Phrase] = {
    "law": text("law", context="cell"),
    "constraint": text("constraint", context="cell"),
    "need": text("need", context="cell"),
    "wish": text("wish", context="cell"),
}
"""Kinds in one word, as people write them in a cell."""
_QUANTITY = re.compile(r"(\s*[-+\u2212]?[\d.,]+\s*)(\D.*)", re.DOTALL)


def spellings(word: str, choices: tuple[str, ...]) -> frozenset[str]:
    """How a name may be written in a cell: in capitals of any kind, and a word to choose in any language."""
    known = [word]
    if word in choices:
        known += [translated(language, word) for language in languages()]
        known += _SHORT[word].plain().values() if word in _SHORT else ()
    return frozenset(one.casefold() for one in known)


def latin_unit(written: str) -> str:
    """A number with its unit as documents write it: a unit of another language in Latin letters, else as it is."""
    parts = _QUANTITY.fullmatch(written)
    if parts is None or (name := in_latin(parts[2])) == parts[2]:
        return written
    return f"{parts[1]}{unit(name).name}"
