"""Texts that were read: which act or clause was held against its text, by whom, on which day, in which edition."""

from __future__ import annotations

import hashlib
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from covolt.contract.document import DOCUMENT, canonical_json, refusal
from covolt.programme.text import Date, Identifier
from covolt.words import text

__all__ = ["CheckedText", "CheckedTexts", "same_act"]

OTHER_SOURCES = frozenset({"station normals"})
"""What lines of a protocol name that is no text of their procedure: only an entry that names it among its clauses checks it."""


class CheckedText(BaseModel):
    """What one reader found right in one edition of a text.

    `scopes` are acts of which the categories and limits were checked, `bounds` acts of which the numbers were, `procedures`
    recipes of covolt of which the formulas were: all of them, those of some `clauses`, or in these of some `symbols`.
    """

    model_config = DOCUMENT

    by: str = Field(min_length=1)
    on: Date
    edition: str = Field(min_length=1)
    scopes: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_something(self) -> CheckedText:
        if not (self.scopes or self.bounds or self.procedures):
            raise refusal(
                text("the entry names no text"), text("name an act in scopes or bounds, or a recipe in procedures")
            )
        if self.clauses and not self.procedures:
            raise refusal(text("clauses are those of a procedure"), text("name it in procedures"), "clauses")
        if self.symbols and not self.clauses:
            raise refusal(text("symbols are those of a clause"), text("name it in clauses"), "symbols")
        return self

    def holds_scope(self, act: str) -> bool:
        """Whether the categories and limits of an act were checked."""
        return _plain(act) in self._plain_scopes

    def holds_bounds(self, act: str) -> bool:
        """Whether the numbers of an act were checked."""
        return _plain(act) in self._plain_bounds

    @cached_property
    def _plain_scopes(self) -> frozenset[str]:
        return frozenset(map(_plain, self.scopes))

    @cached_property
    def _plain_bounds(self) -> frozenset[str]:
        return frozenset(map(_plain, self.bounds))

    def holds_formula(self, procedure: str, clause: str, symbol: str) -> bool:
        """Whether a formula of a procedure was checked."""
        return (
            procedure in self.procedures
            and (clause in self.clauses if self.clauses else clause not in OTHER_SOURCES)
            and (not self.symbols or symbol in self.symbols)
        )


class CheckedTexts(BaseModel):
    """What a party of a programme, or covolt itself, has checked."""

    model_config = DOCUMENT

    document: Literal["checked/1"] = Field(default="checked/1", alias="schema")
    id: Identifier
    party: Identifier
    text: tuple[CheckedText, ...] = Field(min_length=1)

    @property
    def reference(self) -> str:
        """How it is known among the documents of a programme."""
        return f"{self.party}/{self.id}"

    @property
    def digest(self) -> str:
        """Digest of its content, which a signature names."""
        return "sha256:" + hashlib.sha256(canonical_json(self)).hexdigest()


def same_act(cited: str, act: str) -> bool:
    """Whether two names are of one act: `UN R13H`, `un r 13-h` and `UN R13-H` are."""
    return _plain(cited) == _plain(act)


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
