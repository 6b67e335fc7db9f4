"""In which language a command speaks: that of `--language`, else that of COVOLT_LANGUAGE, else English."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextvars import ContextVar
from itertools import pairwise
from typing import Annotated

import typer

from covolt.catalogues import ENGLISH, Language, languages
from covolt.errors import InputError, Problem
from covolt.words import Phrase, either, said, text

__all__ = ["VARIABLE", "LanguageOption", "begin_speaking", "chosen_language", "say", "speaking"]

VARIABLE = "COVOLT_LANGUAGE"
"""Name of the environment variable that says in which language covolt speaks where no option says it."""
OPTION = "--language"
LanguageOption = Annotated[
    str | None,
    typer.Option(OPTION, help=f"Language of what is shown: {' or '.join(languages())}; else that of {VARIABLE}."),
]
"""The option as every command has it that speaks to people."""

_spoken: ContextVar[Language] = ContextVar("speaking", default=ENGLISH)


def chosen_language(option: Language | None = None) -> Language:
    """The language that an option names, else that of the environment, else English.

    Raises:
        InputError: covolt does not speak the language that is named.
    """
    for where, named in ((OPTION, option), (VARIABLE, os.environ.get(VARIABLE))):
        if named:
            if named not in languages():
                raise InputError(
                    Problem(
                        text("no language '{named}'", named=named),
                        where,
                        text("write {languages}", languages=either(languages())),
                    )
                )
            return named
    return ENGLISH


def begin_speaking(arguments: Sequence[str]) -> None:
    """Settle the language of a whole command before it is read, so that what is wrong with it is told in this language.

    Raises:
        InputError: covolt does not speak the language of the environment; one that an option names the command itself refuses,
            with all else that is wrong.
    """
    after = dict(pairwise(arguments)).get(OPTION)
    joined = next((one.partition("=")[2] for one in arguments if one.startswith(f"{OPTION}=")), None)
    named = after or joined
    _spoken.set(ENGLISH)
    _spoken.set(chosen_language(named if named in languages() else None))


def speaking() -> Language:
    """The language in which this command speaks."""
    return _spoken.get()


def say(phrase: str | Phrase) -> str:
    """A phrase in the language of this command."""
    return said(phrase, speaking())
