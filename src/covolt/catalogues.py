"""Catalogues: what covolt says, in every language for which a file lies in `texts/`.

English is the language of the messages themselves and needs no file. A catalogue is a `.po` file of gettext; it is read only
when somebody asks for its language, so that a command in English does not wait for it.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

__all__ = ["ENGLISH", "Language", "decimal_mark", "languages", "name_of", "translated", "translated_count"]

Language = str
"""A language by its code, such as `ru`: one of `languages()`."""
ENGLISH = "en"
FOLDER = Path(__file__).parent / "texts"


def languages() -> tuple[Language, ...]:
    """Every language in which covolt speaks: English, and each for which a file lies in the folder of catalogues."""
    return _found(FOLDER)


def translated(language: Language, message: str, context: str = "") -> str:
    """A message in a language; as it is where the catalogue does not have it."""
    if language == ENGLISH or not message:
        return message
    catalogue = _catalogue(FOLDER, language)
    return catalogue.pgettext(context, message) if context else catalogue.gettext(message)


def translated_count(language: Language, one: str, many: str, count: int, context: str = "") -> str:
    """A message in the form that a language has for a number of things."""
    if language == ENGLISH:
        return one if count == 1 else many
    catalogue = _catalogue(FOLDER, language)
    return catalogue.npgettext(context, one, many, count) if context else catalogue.ngettext(one, many, count)


def decimal_mark(language: Language) -> str:
    """What stands before the decimals of a number."""
    return translated(language, ".", "decimal mark")


def name_of(language: Language) -> str:
    """What a language calls itself."""
    return translated(language, "English", "name of this language")


@cache
def _found(folder: Path) -> tuple[Language, ...]:
    return (ENGLISH, *sorted(one.stem for one in folder.glob("*.po") if one.stem != ENGLISH))


@cache
def _catalogue(folder: Path, language: Language) -> GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (folder / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, domain="covolt"))
    compiled.seek(0)
    return GNUTranslations(compiled)
