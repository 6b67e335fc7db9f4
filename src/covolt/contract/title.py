"""Titles: what a party calls a thing, in English, in Russian, or in both."""

from __future__ import annotations

import re
from typing import Annotated, Union

from pydantic import BaseModel, Discriminator, Tag, model_validator

from covolt.contract.document import DOCUMENT, refusal
from covolt.words import Words, text

__all__ = ["PlainOrTitle", "Title", "one_line"]


class Title(BaseModel):
    """A text in English, in Russian, or in both."""

    model_config = DOCUMENT

    en: str = ""
    ru: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> Title:
        if not (self.en or self.ru):
            raise refusal(text("the title is empty"), text('write { en = "...", ru = "..." }'))
        return self

    @property
    def words(self) -> Words:
        """The text for people."""
        return Words(one_line(self.en), one_line(self.ru))


def one_line(text: str) -> str:
    """A text without line breaks: what a title breaks off must not read as a line of covolt's."""
    return _BREAKS.sub(" ", text).strip()


_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


PlainOrTitle = Annotated[
    Union[Annotated[str, Tag("[text]")], Annotated[Title, Tag("[title]")]],
    Discriminator(lambda value: "[title]" if isinstance(value, dict | Title) else "[text]"),
]
"""One text, kept as it was written, or a title in two languages. The tags are no keys of a file: `mistakes` leaves them out."""
