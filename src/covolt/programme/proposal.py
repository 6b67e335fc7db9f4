"""Proposals: what a settlement asks of one party and gives it, and that party's answer, as files between the parties."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StrictFloat, StrictInt, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from covolt import units
from covolt.contract.document import DOCUMENT, canonical_json, refusal
from covolt.errors import UnitError
from covolt.files import digest_of
from covolt.programme.keys import Signature
from covolt.programme.lock import Lock
from covolt.programme.text import Date, Digest, Identifier
from covolt.words import text

__all__ = [
    "Answer",
    "Bound",
    "Changed",
    "Interested",
    "Judged",
    "Proposal",
    "Relaxed",
    "digest_of_answer",
    "digest_of_lock",
    "digest_of_proposal",
    "digest_of_settlement",
]


def _a_unit(name: str) -> str:
    """A unit of the list; empty where no number stands beside it.

    Raises:
        PydanticCustomError: there is no such unit.
    """
    try:
        if name:
            units.unit(name)
    except UnitError as error:
        raise refusal(error.problems[0].what, error.problems[0].hint) from error
    return name


Finite = Annotated[StrictFloat, Field(allow_inf_nan=False)]
UnitName = Annotated[str, AfterValidator(_a_unit)]
Quantity = StrictStr | Finite | StrictInt
Word = Annotated[str, Field(max_length=40)]


class Changed(BaseModel):
    """A number of a party's part, or the offer itself, before and after."""

    model_config = DOCUMENT

    slot: str
    number: str
    before: Quantity
    after: Quantity


def _unitless() -> PydanticCustomError:
    return refusal(
        text("a number stands here without its unit"), text("let it be written anew: covolt negotiate"), "unit"
    )


class Judged(BaseModel):
    """A requirement before and after, by what is computed alone; values and margins in `unit`, left out where there is none."""

    model_config = DOCUMENT

    requirement: Identifier
    owner: Identifier
    unit: UnitName
    verdict_before: Word
    verdict_after: Word
    value_before: Finite | None = None
    value_after: Finite | None = None
    margin_before: Finite | None = None
    margin_after: Finite | None = None

    @model_validator(mode="after")
    def _numbers_have_a_unit(self) -> Judged:
        numbers = (self.value_before, self.value_after, self.margin_before, self.margin_after)
        if not self.unit and any(one is not None for one in numbers):
            raise _unitless()
        return self


class Relaxed(BaseModel):
    """A bound that has to move: of which requirement, whose, from where to where, in `unit`."""

    model_config = DOCUMENT

    requirement: Identifier
    owner: Identifier
    unit: UnitName = Field(min_length=1)
    bound: Finite
    needed: Finite


class Interested(BaseModel):
    """An interest of the party before and after, in `unit`."""

    model_config = DOCUMENT

    interest: Identifier
    unit: UnitName = Field(min_length=1)
    worst_acceptable: Finite
    aspiration: Finite
    weight: Finite
    before: Finite | None = None
    after: Finite | None = None


class Proposal(BaseModel):
    """What a settlement asks of `party` and gives it; of others it says what every party may read.

    `lock` is the digest of the lock from which it starts: once that has moved, the proposal is stale. `settlement` is what all
    proposals of one settlement share, `agree` who has to accept it. `gain` is the party's own, 0 at the worst that it accepts and
    1 at what it hopes for; left out where it states no interest. `rests_on` are the digests of the documents that the party may
    read and on which all of it rests, by their names, `studies` those of the studies that the party has run by itself; proposals
    of the first days of 0.1.0 name neither.
    """

    model_config = DOCUMENT

    document: Literal["proposal/1"] = Field(default="proposal/1", alias="schema")
    programme: Identifier
    party: Identifier
    lock: Digest
    settlement: Digest
    study: Digest
    design: StrictInt = Field(ge=0)
    rule: Word
    agree: tuple[Identifier, ...]
    gain: Finite | None = None
    numbers: tuple[Changed, ...] = ()
    interests: tuple[Interested, ...] = ()
    relaxed: tuple[Relaxed, ...] = ()
    verdicts: tuple[Judged, ...] = ()
    studies: tuple[Digest, ...] = ()
    rests_on: dict[str, Digest] = {}


class Bound(BaseModel):
    """The worst that a party accepts from now on, of an interest of its own or of a negotiable requirement of its own."""

    model_config = DOCUMENT

    of: Identifier
    worst: Quantity


class Answer(BaseModel):
    """A party's answer to a proposal. A refusal may say what it would accept; without that it wants more than it was offered.

    Where only what a party has signed is its word, the signature is over the digest of all the rest. Answers of a party to one
    settlement are numbered, and each names the one before by its digest: the newest counts.
    """

    model_config = DOCUMENT

    document: Literal["answer/1"] = Field(default="answer/1", alias="schema")
    programme: Identifier
    party: Identifier
    lock: Digest
    settlement: Digest
    proposal: Digest
    answer: Literal["accept", "refuse"]
    on: Date
    bounds: tuple[Bound, ...] = ()
    gain: Finite | None = None
    design: StrictInt = Field(ge=0)
    remarks: str = ""
    number: StrictInt = Field(default=1, ge=1)
    follows: Annotated[str, Field(pattern=r"^(sha256:[0-9a-f]{64})?$")] = ""
    signature: Signature | None = None

    @model_validator(mode="after")
    def _bounds_of_a_refusal(self) -> Answer:
        if self.answer == "accept" and self.bounds:
            raise refusal(text("who accepts states no bound"), text("remove it, or refuse"), "bounds")
        return self


def digest_of_lock(lock: Lock) -> str:
    """The digest by which a proposal names the lock that it starts from."""
    return digest_of(canonical_json(lock))


def digest_of_settlement(*, programme: str, lock: str, study: str, design: int, rule: str) -> str:
    """What all proposals of one settlement share, made of what every party may know; lock and study by their digests."""
    told = {"programme": programme, "lock": lock, "study": study, "design": design, "rule": rule}
    return digest_of(json.dumps(told, sort_keys=True).encode())


def digest_of_answer(answer: Answer) -> str:
    """What the signature of an answer is over, and by what the next one names it.

    A first answer has the digest that it had before answers were numbered.
    """
    unnumbered = {"number", "follows"} if answer.number == 1 and not answer.follows else set[str]()
    return digest_of(canonical_json(answer, exclude={"signature"} | unnumbered))


def digest_of_proposal(proposal: Proposal) -> str:
    """The digest by which an answer names the proposal that its party has seen.

    One that does not say on what it rests has the digest that it had before proposals did.
    """
    unsaid = {name for name in ("studies", "rests_on") if not getattr(proposal, name)}
    return digest_of(canonical_json(proposal, exclude=unsaid))
