"""Answers of a worker read as what they should be: vectors, values, numbers of states, and problems in any language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from covolt.catalogues import languages, translated, translated_count
from covolt.errors import Problem
from covolt.exchange.component import Value
from covolt.exchange.sandbox.wire import Lie, Plain
from covolt.words import Phrase, Spoken, restored, text

__all__ = ["bytes_of", "number_of", "outputs_of", "refusal", "refusal_of", "two", "values_of"]

_MOST_PROBLEMS = 200
_LONGEST_TEXT = 4000
_DEEPEST = 4
_PLAIN = re.compile(r"(\{part_[0-9]{1,3}\}|[ ,;:.])*")
"""Phrases in a row, as `covolt.words.joined` has them."""


def two(said: Plain) -> tuple[Plain, Plain]:
    """Outputs and a description, neither of them looked at."""
    if not isinstance(said, list) or len(said) != 2:
        raise Lie(text("outputs and a description belong here"))
    return said[0], said[1]


def outputs_of(said: Plain, count: int) -> np.ndarray:
    """A vector of so many outputs."""
    if not isinstance(said, np.ndarray) or said.dtype != np.float64 or said.shape != (count,):
        raise Lie(text("{count} outputs belong here", count=count))
    return said


def values_of(said: Plain, names: Sequence[str]) -> dict[str, Value]:
    """Values of the variables that were asked for."""
    if not isinstance(said, dict) or set(said) != set(names):
        raise Lie(text("values of other variables than were asked for"))
    if any(not isinstance(one, float | int | bool | str | bytes | np.ndarray) for one in said.values()):
        raise Lie(text("something that is no value of a variable"))
    return cast("dict[str, Value]", {name: said[name] for name in names})


def number_of(said: Plain) -> int:
    """The number of a kept state."""
    if isinstance(said, bool) or not isinstance(said, int):
        raise Lie(text("the number of a state belongs here"))
    return said


def bytes_of(said: Plain) -> bytes:
    """The bytes of a kept state."""
    if not isinstance(said, bytes):
        raise Lie(text("the bytes of a state belong here"))
    return said


def refusal(kind: str, problems: Sequence[Problem]) -> dict[str, Plain]:
    """Problems of a kind as values; messages of covolt's own go as messages, so that they are read in any language outside."""
    told = [[_data(one) for one in (each.what, each.where, each.hint)] for each in problems]
    return {"kind": kind, "problems": cast(Plain, told)}


def _data(said: str) -> Plain:
    phrase = said.phrase if isinstance(said, Spoken) else None
    return str(said) if phrase is None else cast(Plain, phrase.stored())


def refusal_of(said: Plain) -> tuple[str, list[Problem]]:
    """Problems from values, and their kind.

    A message is put together only if covolt's catalogues have it: nobody else's text is ever taken for a form with fields.

    Raises:
        Lie: where the values say none.
    """
    fields: Mapping[str, Any] = said if isinstance(said, dict) else {}
    kind, told = fields.get("kind"), fields.get("problems")
    if not isinstance(kind, str) or not isinstance(told, list):
        raise Lie(text("a refusal without a kind or without problems"))
    problems: list[Problem] = []
    for one in cast("list[Any]", told)[:_MOST_PROBLEMS]:
        texts = cast("list[Any]", one) if isinstance(one, list) else []
        if len(texts) != 3:
            raise Lie(text("a problem that is no three texts"))
        problems.append(Problem(*(_said(each) for each in texts)))
    return kind, problems


def _said(data: Any) -> str | Phrase:
    if isinstance(data, str):
        return _one_line(data)
    if not isinstance(data, dict) or not _is_own(cast("dict[str, Any]", data), 0):
        raise Lie(text("a problem that is no three texts"))
    try:
        phrase = restored(cast("dict[str, Any]", data))
        spoken = [phrase.said(one) for one in languages()]
    except Exception as error:  # whatever a form does with values that are not its own
        raise Lie(text("a message whose values do not fit it")) from error
    plain = max(map(len, spoken)) <= _LONGEST_TEXT and not any("\n" in one for one in spoken)
    return phrase if plain else _one_line(spoken[0])


def _one_line(words: str) -> str:
    """Words of a part, which shall not look like a line of covolt's own."""
    return " ".join(words.split())[:_LONGEST_TEXT]


def _is_own(data: Mapping[str, Any], depth: int) -> bool:
    """Whether data are a message that the catalogues have, with values that are plain or such messages themselves."""
    message, values, context, many = (data.get(one) for one in ("message", "values", "context", "many"))
    if (
        depth > _DEEPEST
        or not all(isinstance(one, str) for one in (message, context, many))
        or not isinstance(values, dict)
    ):
        return False
    held = cast("dict[str, Any]", values)
    plain = all(
        _is_own(cast("dict[str, Any]", one), depth + 1) if isinstance(one, dict) else isinstance(one, str | int | float)
        for one in held.values()
    )
    return plain and _is_known(str(message), str(many), str(context), held)


def _is_known(message: str, many: str, context: str, values: Mapping[str, Any]) -> bool:
    if _PLAIN.fullmatch(message):
        return True
    if not many:
        return any(translated(one, message, context) != message for one in languages())
    count = isinstance(values.get("count"), int)
    return count and any(translated_count(one, message, many, 7, context) not in {message, many} for one in languages())
