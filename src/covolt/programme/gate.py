"""Gates: the stages of a programme, what must be shown to pass each, and whose sign-off it needs."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from covolt.contract.document import DOCUMENT
from covolt.programme.text import Date, Digest, Identifier, SigningRole, Titled, quoted, told
from covolt.words import Phrase, Words

__all__ = ["Criterion", "Gate", "KeyedSignOff", "SignOff", "SignOffWanted"]


class Criterion(BaseModel):
    """One condition of a gate, in the closed expression language: `laws.met == laws.count`."""

    model_config = DOCUMENT

    id: Identifier
    title: Titled
    check: str = Field(min_length=1)


class SignOffWanted(BaseModel):
    """Whose signature a gate needs."""

    model_config = DOCUMENT

    party: Identifier
    role: SigningRole
    title: Titled | None = None

    @property
    def words(self) -> Phrase:
        """The role for people: as it is known, and what the gate calls it beside that."""
        role = told(self.role)
        if self.title is None:
            return Words(role)
        title = self.title.words
        return Words(f"{role} {quoted(title.said('en'))}", f"{role} {quoted(title.said('ru'), language='ru')}")


class Gate(BaseModel):
    """A stage, `planned` to open on a day. `people` says that after it people ride in the vehicle or share the road with it."""

    model_config = DOCUMENT

    document: Literal["gate/1"] = Field(default="gate/1", alias="schema")
    id: Identifier
    title: Titled
    order: int = Field(ge=1)
    people: bool = False
    planned: Date | None = None
    criteria: tuple[Criterion, ...] = ()
    signoffs: tuple[SignOffWanted, ...] = ()

    def late_days(self, day: str) -> int:
        """How many days a day lies after the planned one; 0 where none is planned or it is not over."""
        if self.planned is None or day <= self.planned:
            return 0
        return (date.fromisoformat(day) - date.fromisoformat(self.planned)).days


class SignOff(BaseModel):
    """A signed statement as covolt 0.1.0 wrote it: its key is known by the party's file alone.

    The signature is Ed25519 over the canonical text of all other fields.
    """

    model_config = DOCUMENT

    document: Literal["signoff/1"] = Field(default="signoff/1", alias="schema")
    gate: Identifier
    party: Identifier
    role: SigningRole
    date: Date
    digest: Digest
    remarks: str = ""
    signature: str = Field(pattern=r"^[0-9a-f]{128}$")

    @property
    def reference(self) -> str:
        """How it is known among the documents of a programme."""
        return f"{self.gate}/{self.party}/{self.role}"


class KeyedSignOff(BaseModel):
    """A signed statement: this party, in this role, by this key, passes this gate for what has this digest.

    `covers` says item by item what the digest is over, so that what moved since can be named; only the digest decides.
    """

    model_config = DOCUMENT

    document: Literal["signoff/2"] = Field(default="signoff/2", alias="schema")
    programme: Identifier
    gate: Identifier
    party: Identifier
    role: SigningRole
    date: Date
    digest: Digest
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    remarks: str = ""
    signature: str = Field(pattern=r"^([0-9a-f]{2})+$", min_length=96, max_length=65536)
    """As the key makes it; by a key that covolt does not hold, bare or in CMS."""
    covers: dict[str, str] | None = None

    @property
    def reference(self) -> str:
        """How it is known among the documents of a programme."""
        return f"{self.gate}/{self.party}/{self.role}"

    @property
    def on(self) -> str:
        """Day on which it was signed, as other statements call it."""
        return self.date
