"""Negatives: what went wrong before, what would have shown it early, and what watches it now."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StrictFloat, StrictStr, model_validator

from covolt.contract.document import DOCUMENT, refusal
from covolt.contract.port import NAME
from covolt.contract.title import PlainOrTitle, Title
from covolt.errors import UnitError
from covolt.programme.text import Identifier, SigningRole, Titled, one_line, quantity_si
from covolt.words import Words, text

__all__ = ["CONFIDENCES", "Cause", "Confidence", "Guard", "Negative", "Promised", "words_of"]

Cause = Literal[
    "valuation",
    "rights",
    "origin rule",
    "origin promise",
    "competence",
    "volume and price",
    "partner left",
    "spending",
    "no introduction",
    "no owner",
    "unknown",
]
"""Why it went wrong, of the kinds that joint programmes of vehicles are known to have failed by; `unknown` where nobody says."""
Confidence = Literal["high", "medium", "low"]
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")


def _a_line(words: str) -> str:
    if one_line(words) != words:
        raise refusal(text("{words} breaks off", words=repr(words)[:60]), text("write it in one line"))
    return words


Line = Annotated[str, AfterValidator(_a_line)]
"""Words as their party wrote them, in one line."""
SomeWords = Annotated[str, Field(min_length=1), AfterValidator(_a_line)]


def _told(words: str | Title) -> str | Title:
    return words if isinstance(words, Title) else _a_line(words)


def _something(words: str | Title) -> str | Title:
    if not words:
        raise refusal(text("nothing is said"), text("say it in a few words"))
    return words


Told = Annotated[PlainOrTitle, AfterValidator(_told)]
"""The same, or in two languages; what is plain stays as it was written."""
SomethingTold = Annotated[Told, AfterValidator(_something)]


def words_of(told: str | Title) -> Words:
    """For people what was told in one language or in two."""
    return told.words if isinstance(told, Title) else Words(told)


MEASURE = rf"{NAME[:-1]}(\.{NAME[1:-1]})?$"
"""Name of a measure, of a declared number behind that of its part."""


class Promised(BaseModel):
    """What was promised: a requirement, a contract, or words; with the number as it was written, where there was one."""

    model_config = DOCUMENT

    requirement: Identifier | None = None
    contract: SomeWords | None = None
    words: Titled | None = None
    number: Line = ""

    @model_validator(mode="after")
    def _is_one(self) -> Promised:
        if sum(one is not None for one in (self.requirement, self.contract, self.words)) != 1:
            what = text("a promise is one of requirement, contract and words")
            raise refusal(what, text("keep exactly one of them"))
        return self


class Guard(BaseModel):
    """What watches it now: a requirement; what a party asks of a measure; a criterion of a gate; or a signature under one.

    Of a measure it is the party that states the negative, unless another is named. `came` is the figure that came then, in a unit
    of the measure: a bound that lets it pass watches nothing.
    """

    model_config = DOCUMENT

    requirement: Identifier | None = None
    procedure: Identifier | None = None
    measure: Annotated[str, Field(pattern=MEASURE)] | None = None
    gate: Identifier | None = None
    criterion: Identifier | None = None
    party: Identifier | None = None
    role: SigningRole | None = None
    came: StrictStr | StrictFloat | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Guard:
        stated = frozenset(name for name in FIELDS if getattr(self, name) is not None)
        if stated not in FORMS:
            hint = text(
                "write requirement; or procedure and measure, and whose; or gate and criterion; or gate, party and role"
            )
            raise refusal(text("this is no guard: it names too little or too much"), hint)
        if self.came is not None and self.gate is not None:
            what = text("a figure goes into a requirement, and this guard names a gate")
            raise refusal(what, text("remove came, or name the requirement"), "came")
        try:
            quantity_si(0.0 if self.came is None else self.came)
        except UnitError as error:
            raise refusal(error.problems[0].what, error.problems[0].hint, "came") from error
        return self

    @property
    def name(self) -> str:
        """How it is called in a list, by the names that it states."""
        if self.requirement is not None:
            return self.requirement
        if self.procedure is not None:
            return f"{self.procedure} {self.measure}"
        return f"{self.gate}: {self.criterion or f'{self.party}, {self.role}'}"


FORMS = frozenset(
    map(
        frozenset,
        (
            ("requirement",),
            ("procedure", "measure"),
            ("procedure", "measure", "party"),
            ("gate", "criterion"),
            ("gate", "party", "role"),
        ),
    )
)
FIELDS = frozenset[str]().union(*FORMS)


class Negative(BaseModel):
    """One thing that went wrong, as a party states it.

    `when` are years or days as written; `whose` is a party of this programme, or a role in words; `cost` and `delay` are
    quantities as written: each plain, or in two languages. Each of its guards must be there and able to fail, else it counts as
    unguarded.
    """

    model_config = DOCUMENT

    document: Literal["negative/1"] = Field(default="negative/1", alias="schema")
    id: Identifier
    party: Identifier
    title: Titled
    when: SomethingTold
    promise: Promised
    happened: Titled
    whose: SomethingTold
    cost: Told = ""
    delay: Told = ""
    causes: tuple[Cause, ...] = Field(min_length=1)
    early_sign: Titled | None = None
    guards: tuple[Guard, ...] = ()
    source: SomeWords
    confidence: Confidence
