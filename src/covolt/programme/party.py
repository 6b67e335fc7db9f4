"""Parties: the organisations of a programme, by role."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt

from covolt.contract.document import DOCUMENT
from covolt.contract.port import NAME
from covolt.programme.keys import PartyKey, Public, Statement
from covolt.programme.text import Date, Identifier, SigningRole, Titled, quoted
from covolt.words import Phrase, Words, day_said, text

__all__ = ["LEVELS", "Key", "Level", "Party", "PartyMeasure", "Role", "day_fault", "leaves"]

Role = Literal["integrator", "supplier", "institute", "agency"]
Level = Literal[
    "union-body", "ministry", "agency", "state-corporation", "concern", "enterprise", "institute", "operator"
]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the highest; of agencies and institutes it says what they are, not above whom they stand: that is `belongs_to`."""


class Key(BaseModel):
    """A public key with which a party signs: Ed25519, 32 bytes in hexadecimal digits."""

    model_config = DOCUMENT

    role: SigningRole
    ed25519: Public


class PartyMeasure(BaseModel):
    """What counts at the level of a party, in a year: vehicles, points, jobs, subsidy; `declared` where nobody counted it.

    `u` is its standard uncertainty, in the same unit; without it none is stated.
    """

    model_config = DOCUMENT

    name: str = Field(pattern=NAME)
    value: StrictFloat | StrictInt
    u: StrictFloat | StrictInt | None = Field(default=None, ge=0)
    unit: str = Field(min_length=1, max_length=40, pattern=r"^[^\n]+$")
    year: StrictInt = Field(ge=1900, le=2200)
    source: str = Field(min_length=1)
    declared: StrictBool


class Party(BaseModel):
    """One organisation: its country (ISO 3166, two letters) and its roles; `left` is the day after which it says nothing more.

    `keys` are those of covolt 0.1.0, and count for sign-offs of its form alone. `repository` says where the party keeps its own
    files, if not in the workspace, as far as it tells.
    """

    model_config = DOCUMENT

    document: Literal["party/1"] = Field(default="party/1", alias="schema")
    id: Identifier
    title: Titled
    country: str = Field(pattern=r"^[A-Z]{2}$")
    roles: tuple[Role, ...] = Field(min_length=1)
    left: Date | None = None
    level: Level | None = None
    belongs_to: tuple[Identifier, ...] | None = None
    measures: tuple[PartyMeasure, ...] | None = None
    repository: str | None = Field(default=None, min_length=1, max_length=200, pattern=r"^[^\n]+$")
    keys: tuple[Key, ...] = ()

    @property
    def named(self) -> Phrase:
        """Its name in the programme, which no other party can take, and its title, which can be written like another's."""
        title = self.title.words
        return Words(f"{self.id} {quoted(title.said('en'))}", f"{self.id} {quoted(title.said('ru'), language='ru')}")


def leaves(party: str, day: str, today: str) -> Phrase:
    """That a party has left on a day, or will."""
    if day > today:
        return text("{party} leaves on {day}", party=party, day=day_said(day))
    return text("{party} left on {day}", party=party, day=day_said(day))


def day_fault(said: Statement, key: PartyKey, today: str, left: str) -> tuple[Phrase, Phrase] | None:
    """Why a statement cannot be of its day, with a hint; ISO days compare as texts."""
    if said.on > today:
        what = text("it is dated {day}, a day to come", day=said.on)
        return what, text("set the clock (days are those of UTC) and sign anew")
    if said.on < key.on:
        what = text("it is dated {day}, and the key that signs it is of {other}", day=said.on, other=key.on)
        return what, text("sign anew with a key of that day")
    if left and said.on > left:
        gone = leaves(key.party, left, today)
        what = text("{gone}, and this is dated {day}", gone=gone, day=said.on)
        return what, text("remove it, or correct the day on which the party left")
    return None
