"""Words for people, in any language: those that parties write, and covolt's own messages with their values."""

from __future__ import annotations

import string
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Union, cast, final

from covolt.catalogues import ENGLISH, Language, decimal_mark, languages, translated, translated_count
from covolt.digits import number_text

__all__ = [
    "LANGUAGES",
    "QUOTES",
    "Language",
    "Phrase",
    "Spoken",
    "Text",
    "Value",
    "Words",
    "both",
    "day_said",
    "either",
    "in_each",
    "joined",
    "languages",
    "message",
    "plural",
    "restored",
    "said",
    "spoken",
    "text",
]

LANGUAGES = ("en", "ru")
"""Languages in which parties write."""


class Phrase(ABC):
    """What can be said in any language."""

    @abstractmethod
    def said(self, language: Language) -> str:
        """The text in a language."""

    @abstractmethod
    def stored(self) -> dict[str, Any]:
        """As data from which `restored` makes it again, in whatever language it is read."""

    def plain(self) -> dict[str, str]:
        """As data for readers outside: the text by language."""
        return {language: self.said(language) for language in languages()}

    def __str__(self) -> str:
        return self.said(ENGLISH)

    def __bool__(self) -> bool:
        return bool(self.said(ENGLISH))


@final
class Spoken(str):
    """The English of a phrase, which still knows what it is in other languages; whatever takes a text takes it."""

    __slots__ = ("phrase",)
    phrase: Phrase

    def __new__(cls, phrase: Phrase) -> Spoken:
        made = super().__new__(cls, phrase.said(ENGLISH))
        made.phrase = phrase
        return made

    def __reduce__(self) -> tuple[type[Spoken], tuple[Phrase]]:
        return Spoken, (self.phrase,)


def spoken(given: str | Phrase) -> str:
    """A text as those read it who read English, which keeps its other languages if it has any."""
    return Spoken(given) if isinstance(given, Phrase) else given


@final
@dataclass(frozen=True)
class Words(Phrase):
    """What a party writes, in English and in Russian; where one is missing, the other stands in."""

    en: str = ""
    ru: str = ""
    others: tuple[tuple[Language, str], ...] = ()
    """The same in more languages, where it was read from what another covolt has written."""

    def said(self, language: Language) -> str:
        known = dict(self.others)
        return known.get(language) or ((self.ru or self.en) if language == "ru" else (self.en or self.ru))

    def stored(self) -> dict[str, Any]:
        return {"en": self.en, "ru": self.ru, **dict(self.others)}


Value = Union[str, int, float, Phrase]


@final
@dataclass(frozen=True)
class Text(Phrase):
    """A message of covolt's own: the English text with named fields, and the values that stand in them.

    The catalogue of a language has it by its English; `context` tells apart what is one word in English and two elsewhere,
    `many` is its English plural, chosen by the value `count`. A message without values stands as it is, braces and all.
    """

    message: str
    values: tuple[tuple[str, Value], ...] = ()
    context: str = ""
    many: str = ""

    def filled(self, values: Mapping[str, Value]) -> Text:
        """The same with values for its fields."""
        return Text(self.message, tuple(values.items()), self.context, self.many)

    def said(self, language: Language) -> str:
        values = dict(self.values)
        if self.many:
            count = cast(int, values["count"])
            template = translated_count(language, self.message, self.many, count, self.context)
        else:
            template = translated(language, self.message, self.context)
        return _Filling(language).vformat(template, (), values) if values else template

    def __bool__(self) -> bool:
        # What begins with a word says something, whatever stands in its fields.
        return (self.message != "" and self.message[0] != "{") or bool(self.said(ENGLISH))

    def stored(self) -> dict[str, Any]:
        values = {name: _stored(value) for name, value in self.values}
        return {"message": self.message, "values": values, "context": self.context, "many": self.many}


def _stored(value: Value) -> Any:
    value = value.phrase if isinstance(value, Spoken) else value
    return value.stored() if isinstance(value, Phrase) else value


QUOTES: Mapping[str, tuple[str, str]] = {
    "ru": ("\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}", "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}")
}
"""Quotes of languages that have their own."""


@final
class _Filling(string.Formatter):
    """Puts values into a message as its language writes them: decimal marks, and texts in texts."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """A text as it was written, `{name!r}`, between the quotes of the language."""
        shown = super().convert_field(value, conversion)  # pyright: ignore[reportArgumentType]  None is what it takes
        if conversion == "r" and isinstance(value, str) and self._language in QUOTES:
            opened, closed = QUOTES[self._language]
            return f"{opened}{shown[1:-1]}{closed}"
        return shown

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Phrase | Spoken):
            return said(value, self._language)
        if not isinstance(value, float):
            return format(value, format_spec)
        if not format_spec:
            return number_text(value, language=self._language)
        return format(value, format_spec).replace(".", decimal_mark(self._language))


def text(message: str, /, context: str = "", **values: Value) -> Text:
    """A message of covolt's own; `message` stands as a literal where it is called, so that it can be found and translated."""
    return Text(message, tuple(values.items()), context)


def message(template: str, values: Mapping[str, Value], /, context: str = "") -> Text:
    """As `text`, with values that several messages share."""
    return Text(template, tuple(values.items()), context)


def plural(one: str, many: str, /, count: int, context: str = "", **values: Value) -> Text:
    """A message about a number of things: "{count} act holds", "{count} acts hold"."""
    return Text(one, (("count", count), *values.items()), context, many)


def joined(phrases: Iterable[Value], separator: str = "; ") -> Phrase:
    """Several phrases in a row; what is empty is left out."""
    parts = [one for one in phrases if one or not isinstance(one, str | Phrase)]
    if len(parts) == 1 and isinstance(parts[0], Phrase):
        return parts[0]
    names = [f"part_{number}" for number in range(len(parts))]
    row = separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in names)
    return Text(row, tuple(zip(names, parts, strict=True)))


def either(names: Iterable[str]) -> Phrase:
    """Names of which one is meant: "a, b or c"."""
    *first, last = [*names] or [""]
    return text("{names} or {last}", names=", ".join(first), last=last) if first else Words(last)


def both(names: Iterable[str]) -> Phrase:
    """Names that are meant together: "a, b and c"."""
    *first, last = [*names] or [""]
    return text("{names} and {last}", names=", ".join(first), last=last) if first else Words(last)


def day_said(day: str) -> Phrase:
    """A day as each language writes it: `2026-11-28`, `28.11.2026`; what is no day as it is."""
    year, _, rest = day.partition("-")
    month, _, number = rest.partition("-")
    return text("{year}-{month}-{day}", year=year, month=month, day=number) if number else Words(day)


def in_each(said: Callable[[Language], str]) -> Words:
    """What a function says in each language."""
    others = tuple((language, said(language)) for language in languages() if language not in LANGUAGES)
    return Words(said("en"), said("ru"), others)


def said(phrase: str | Phrase, language: Language) -> str:
    """A phrase in a language; of a plain text what the catalogue has for it, else itself."""
    if isinstance(phrase, Spoken):
        phrase = phrase.phrase
    return translated(language, phrase) if isinstance(phrase, str) else phrase.said(language)


def restored(data: Mapping[str, Any]) -> Phrase:
    """A phrase from its data as `Phrase.stored` gave it."""
    if "message" not in data:
        others = tuple((language, one) for language, one in data.items() if language not in LANGUAGES)
        return Words(data.get("en", ""), data.get("ru", ""), others)
    values = {name: restored(one) if isinstance(one, dict) else one for name, one in data["values"].items()}
    return Text(data["message"], tuple(values.items()), data.get("context", ""), data.get("many", ""))
