"""Targets and responses: all that parties exchange of sizing models which each keeps to itself, as files between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StrictFloat, StrictInt, model_validator

from covolt import units
from covolt.contract.document import DOCUMENT, Told, canonical_json, refusal, refusals
from covolt.errors import UnitError
from covolt.files import digest_of
from covolt.places import unportable
from covolt.programme.text import Digest, Identifier, too_far, weighty
from covolt.words import text

__all__ = [
    "Coordination",
    "Responded",
    "Response",
    "Sent",
    "SentTargets",
    "Shared",
    "Target",
    "Targeted",
    "digest_of_exchanged",
]


def _plain(value: object) -> object:
    """A whole number as one with a point."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _within(value: float) -> float:
    if (told := too_far(value)) is not None:
        raise refusal(*told)
    return value


Finite = Annotated[StrictFloat, BeforeValidator(_plain), Field(allow_inf_nan=False)]
Exchanged = Annotated[Finite, AfterValidator(_within)]
Positive = Annotated[StrictFloat, BeforeValidator(_plain), Field(allow_inf_nan=False, gt=0.0)]
Weight = Annotated[Positive, AfterValidator(weighty)]


class Shared(BaseModel):
    """A number in which several parties' models must agree, in `unit`.

    `weight` is the square root of what a disagreement of one unit costs at first sight: the larger, the sooner models agree, and
    the longer the way to what is best for all. Below `tolerance` two values are the same.
    """

    model_config = DOCUMENT

    name: Identifier
    unit: str
    start: Exchanged
    weight: Weight = 1.0
    tolerance: Positive
    parties: tuple[Identifier, ...] = ()
    """Who has it in its model; all where it is empty."""


class Coordination(BaseModel):
    """What is shared by which parties; whoever coordinates them writes it, and sees their responses and nothing else of them."""

    model_config = DOCUMENT

    document: Literal["coordination/1"] = Field(default="coordination/1", alias="schema")
    id: Identifier
    parties: tuple[Identifier, ...] = Field(min_length=2)
    shared: tuple[Shared, ...] = Field(min_length=1)

    def of(self, party: str) -> tuple[Shared, ...]:
        """What a party shares with others."""
        return tuple(one for one in self.shared if party in (one.parties or self.parties))

    @model_validator(mode="after")
    def _agrees(self) -> Coordination:
        told = [*_twice(self.parties, "parties"), *_twice([one.name for one in self.shared], "shared")]
        for at, one in enumerate(self.shared):
            try:
                units.unit(one.unit)
            except UnitError as error:
                told.append((error.problems[0].what, error.problems[0].hint, ("shared", at, "unit")))
            hint = text("name parties of this coordination: {parties}", parties=", ".join(self.parties))
            for party in one.parties:
                if party not in self.parties:
                    told.append((text("no party '{party}' here", party=party), hint, ("shared", at, "parties")))
            if len(set(one.parties)) == 1:
                told.append((text("a number of one party is shared with nobody"), hint, ("shared", at, "parties")))
        for at, party in enumerate(self.parties):
            if (why := unportable(Path(party))) is not None:
                told.append((*why, ("parties", at)))
            if not self.of(party):
                told.append((text("{party} shares nothing", party=party), text("take it out"), ("parties",)))
        if told:
            raise refusals(told)
        return self


class Targeted(BaseModel):
    """What the others would have of a shared number, in `unit`, and what it costs the party to differ by d = target - response:
    `multiplier` * d + (`weight` * d)^2.
    """

    model_config = DOCUMENT

    name: Identifier
    unit: str
    target: Exchanged
    multiplier: Finite
    weight: Weight


class Target(BaseModel):
    """Targets of one party in one iteration; `answers` is the digest of its response that they take into account."""

    model_config = DOCUMENT

    document: Literal["target/1"] = Field(default="target/1", alias="schema")
    coordination: Identifier
    party: Identifier
    iteration: StrictInt = Field(ge=1)
    answers: Digest | None = None
    shared: tuple[Targeted, ...] = Field(min_length=1)


class Responded(BaseModel):
    """What a party's model takes of a shared number, in `unit`."""

    model_config = DOCUMENT

    name: Identifier
    unit: str
    response: Exchanged


class Response(BaseModel):
    """A party's response to its targets; `answers` is the digest of these, so that it answers no others."""

    model_config = DOCUMENT

    document: Literal["response/1"] = Field(default="response/1", alias="schema")
    coordination: Identifier
    party: Identifier
    iteration: StrictInt = Field(ge=1)
    answers: Digest
    shared: tuple[Responded, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Response:
        if told := _twice([one.name for one in self.shared], "shared"):
            raise refusals(told)
        return self


class SentTargets(BaseModel):
    """The targets of one iteration: by party, the digest of those that it was sent."""

    model_config = DOCUMENT

    iteration: StrictInt = Field(ge=1)
    digests: dict[Identifier, Digest]


class Sent(BaseModel):
    """What the coordinator keeps of the targets that it wrote last and before them; to those before leads digest after digest."""

    model_config = DOCUMENT

    document: Literal["sent-targets/1"] = Field(default="sent-targets/1", alias="schema")
    coordination: Identifier
    sent: tuple[SentTargets, ...] = Field(min_length=1)

    def digest(self, iteration: int, party: str) -> str | None:
        """The digest of the targets of a party in an iteration; None where it is not kept."""
        return next((one.digests.get(party) for one in self.sent if one.iteration == iteration), None)


def _twice(names: Sequence[str], key: str) -> list[Told]:
    """Names that stand there before, each told at its place."""
    return [
        (text("{one} is named twice", one=one), text("keep one of them"), (key, at))
        for at, one in enumerate(names)
        if one in names[:at]
    ]


def digest_of_exchanged(one: Target | Response) -> str:
    """The digest by which the next file names this one."""
    return digest_of(canonical_json(one))
