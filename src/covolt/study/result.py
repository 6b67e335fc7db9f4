"""What results have in common: documents that nobody changes, whose fields are checked and which are written as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import isfinite, nan
from typing import Annotated, Any, Literal, TypeVar, cast

import numpy as np
import numpy.typing as npt
from pydantic import (
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    SerializationInfo,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic.dataclasses import dataclass

from covolt.errors import Problem
from covolt.words import Phrase, languages, restored

__all__ = [
    "RESULT",
    "Notice",
    "NoticesDocument",
    "Number",
    "Said",
    "Series",
    "adapter",
    "kept",
    "notices",
    "plain",
    "read",
    "recalled",
    "text_of",
]

RESULT = ConfigDict(extra="forbid")
"""What every result is, of `pydantic.dataclasses.dataclass(frozen=True, config=RESULT)`."""
KEPT = "kept"
"""Serialised for covolt itself: what cannot be told in JSON to others is written nevertheless, texts with their numbers."""
Kind = TypeVar("Kind")


def _keeps(info: SerializationInfo) -> bool:
    return info.context == KEPT


def _finite(value: float, info: SerializationInfo) -> float | None:
    return value if isfinite(value) or _keeps(info) else None


def _series(values: Any) -> npt.NDArray[np.float64]:
    """Numbers along one axis; null is none."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1:
        raise ValueError(f"numbers along one axis, not of shape {found.shape}")
    return found


def _listed(values: npt.NDArray[np.float64], info: SerializationInfo) -> list[float | None]:
    return [_finite(value, info) for value in values.tolist()]


def _phrase(value: Any) -> Phrase:
    if isinstance(value, Phrase):
        return value
    try:
        found = restored(value)
        found.plain()
    except Exception as error:  # whatever stands there in place of a text
        raise ValueError("no text by language") from error
    return found


def _told(phrase: Phrase, info: SerializationInfo) -> dict[str, Any]:
    """By language; for covolt itself so that it is the same phrase again."""
    return phrase.stored() if _keeps(info) else phrase.plain()


Number = Annotated[
    float,
    BeforeValidator(lambda value: nan if value is None else value),
    PlainSerializer(_finite, return_type=float | None),
]
"""A number that was computed. JSON has no infinity: one that is not finite is null there."""
Series = Annotated[
    npt.NDArray[np.float64], PlainValidator(_series), PlainSerializer(_listed, return_type=list[float | None])
]
"""Such numbers along one axis: float64, shape (n,)."""
Said = Annotated[
    Phrase,
    PlainValidator(_phrase),
    PlainSerializer(_told),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {one: {"type": "string"} for one in languages()},
            "required": list(languages()),
            "additionalProperties": {"type": "string"},
        }
    ),
]
"""A text for people; JSON has it by language."""


def _spoken(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004  pydantic tells a ValueError by its place
    return value


Spoken = Annotated[
    str, PlainValidator(_spoken), PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string"})
]
"""A text in English which, while it is in this process, a message of covolt's own still knows in other languages."""


@dataclass(frozen=True, config=RESULT)
class Notice:
    """One thing that a person should know: what, where it is found, and what mends it."""

    what: Spoken
    where: Spoken
    hint: Spoken


@dataclass(frozen=True, config=RESULT)
class NoticesDocument:
    """What a person should know of a programme whose files are in order."""

    notices: tuple[Notice, ...]
    schema: Literal["notices/1"] = "notices/1"


def notices(problems: Iterable[Problem]) -> tuple[Notice, ...]:
    """Problems as others read them."""
    return tuple(Notice(one.what, one.where, one.hint) for one in problems)


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """What checks, writes and describes one kind of result."""
    return TypeAdapter(kind)


def plain(result: Any) -> Any:
    """A result, or several in a row, as others read it in JSON."""
    if isinstance(result, list | tuple):
        return [plain(one) for one in cast("Sequence[Any]", result)]
    return json.loads(adapter(type(result)).dump_json(result))


def text_of(result: Any) -> str:
    """The same as the text of a file."""
    return adapter(type(result)).dump_json(result, indent=1).decode()


def read(kind: type[Kind], content: Any) -> Kind:
    """The result that reads so in JSON.

    Raises:
        ValueError: it lacks a field or has one too many, one of another type, or one that does not follow from the others.
    """
    found = adapter(kind).validate_python(content, extra="ignore")
    if plain(found) != content:
        raise ValueError(f"it is not as a {kind.__name__} would be written")
    return found


def kept(result: Any) -> Any:
    """A result as covolt keeps it for itself."""
    return adapter(type(result)).dump_python(result, mode="json", context=KEPT)


def recalled(kind: type[Kind], content: Mapping[str, Any]) -> Kind:
    """The result that was kept so.

    Raises:
        ValueError: another covolt kept it otherwise, or it is damaged.
    """
    return adapter(kind).validate_python(content)
