"""Words in a result: units, verdicts, rules and how parties stand, by language, for a page that shows what the result bears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from covolt.study.negotiation.wording import AGREEMENTS, RULES, word_said
from covolt.study.verdicts.printed_units import printed_unit
from covolt.words import Phrase

__all__ = ["words_in"]

VERDICTS = ("verdict_before", "verdict_after", "verdict")
NAMED: Mapping[str, Phrase] = {**RULES, **AGREEMENTS}
"""Rules and agreements by the words with which results name them."""


def words_in(result: Any) -> dict[str, Phrase]:
    """What people read for the words of a result in JSON."""
    found: dict[str, Phrase] = {}
    for key, value in _texts(result, ""):
        if key == "unit" and value not in {"", "1"}:
            found[value] = printed_unit(value)
        elif key in VERDICTS and value:
            found[value] = word_said(value)
        elif value in NAMED:
            found[value] = NAMED[value]
    return found


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Every text of a result, with the name under which it stands."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(one, str(name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one, key)
