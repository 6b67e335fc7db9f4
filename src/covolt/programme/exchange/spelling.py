"""Words and units of a cell in any language of the catalogues, as covolt's documents write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from covolt.catalogues import languages, translated
from covolt.errors import UnitError
from covolt.units import UNITS, unit
from covolt.words import Phrase, text

__all__ = ["latin_unit", "spellings"]

_SHORT: Mapping[str, Phrase] = {
    "law": text("law", context="cell"),
    "constraint": text("constraint", context="cell"),
    "need": text("need", context="cell"),
    "wish": text("wish", context="cell"),
}
"""Kinds in one word, as people write them in a cell."""
_SIGNS = re.compile(r"[\s()\u00b7\u22c5*^]+")
_STEP = re.compile(r"(\d*)(.*)", re.DOTALL)
_QUANTITY = re.compile(r"(\s*[-+\u2212]?[\d.,]+\s*)(\D.*)", re.DOTALL)


def spellings(word: str, choices: tuple[str, ...]) -> frozenset[str]:
    """How a name may be written in a cell: in capitals of any kind, and a word to choose in any language."""
    known = [word]
    if word in choices:
        known += [translated(language, word) for language in languages()]
        known += _SHORT[word].plain().values() if word in _SHORT else ()
    return frozenset(one.casefold() for one in known)


@cache
def _units() -> Mapping[str, str]:
    """Units by how other languages write them."""
    return {
        _plain(translated(language, name, "unit")): name for name in reversed(list(UNITS)) for language in languages()
    }


def _plain(text: str) -> str:
    return _SIGNS.sub("", text)


def latin_unit(written: str) -> str:
    """A number with its unit as documents write it: a unit of another language in Latin letters, else as it is."""
    if (parts := _QUANTITY.fullmatch(written)) is None:
        return written
    try:
        unit(parts[2])
    except UnitError:
        steps = [_STEP.fullmatch(step) for step in _plain(parts[2]).split("/")]
        names = [step and step[1] + _units().get(step[2], step[2]) for step in steps]
        name = _units().get(_plain(parts[2])) or "/".join(one or "" for one in names)
        return f"{parts[1]}{name}" if name.isascii() else written
    return written
