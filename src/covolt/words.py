"""Words for people in the two languages of a programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["LANGUAGES", "Language", "Words"]

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, Language] = ("en", "ru")


@dataclass(frozen=True)
class Words:
    """One text in English and in Russian; where one is missing, the other stands in."""

    en: str = ""
    ru: str = ""

    def said(self, language: Language) -> str:
        """The text in a language."""
        return (self.ru or self.en) if language == "ru" else (self.en or self.ru)

    def __str__(self) -> str:
        return self.said("en")
