"""Requirements and interests: one sentence with a number each, who wants it, and how it is shown."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    field_validator,
    model_validator,
)

from covolt import units
from covolt.contract.datasheet import Visibility
from covolt.contract.document import DOCUMENT, Told, inner_path, refusal, refusals
from covolt.contract.terms import Country
from covolt.errors import UnitError
from covolt.programme.party import Level
from covolt.programme.text import Date, Digest, Identifier, Titled, quantity_si, weighty
from covolt.words import text

__all__ = ["LONGEST_KIND", "Evidence", "Interest", "Kind", "Relation", "Requirement", "StatedConditions", "Verify"]

Kind = Literal["law", "constraint", "need", "wish"]
"""From what must be to what would be nice; a vehicle is acceptable where every law and constraint is met."""


class StatedConditions(BaseModel):
    """Under which conditions the bound holds; what is left out is as the procedure prescribes."""

    model_config = DOCUMENT

    cycle: str | None = None
    ambient: StrictStr | None = None
    payload: StrictStr | None = None
    state_of_health: StrictFloat | None = Field(default=None, gt=0.0, le=1.0)
    state_of_charge: StrictFloat | None = Field(default=None, ge=0.0, le=1.0)
    start: Literal["soaked", "preconditioned"] | None = None
    climate: StrictStr | None = None
    yearly_distance: StrictStr | None = None
    charges_per_day: StrictFloat | None = Field(default=None, gt=0.0, le=24.0)
    market: Country | None = None
    date: Date | None = None
    yearly_volume: StrictInt | None = Field(default=None, ge=1)
    scheme: StrictStr | None = None
    area: StrictStr | None = None
    station_power: StrictStr | None = None
    station_voltage: StrictStr | None = None
    party: Identifier | None = None
    level: Level | None = None
    year: StrictInt | None = Field(default=None, ge=1900, le=2200)

    @model_validator(mode="after")
    def _units(self) -> StatedConditions:
        told: list[Told] = []
        stated = (("ambient", self.ambient, "K"), ("payload", self.payload, "kg"))
        positive = (
            ("yearly_distance", self.yearly_distance, "m"),
            ("station_power", self.station_power, "W"),
            ("station_voltage", self.station_voltage, "V"),
        )
        for name, written, unit in (*stated, *positive):
            try:
                value_si = 1.0 if written is None else units.parse(written, unit)
            except UnitError as error:
                told.append((error.problems[0].what, error.problems[0].hint, (name,)))
                continue
            if name == "yearly_distance" and value_si <= 0.0:
                told.append((text("a year without driving"), text('give a distance such as "60000 km"'), (name,)))
            elif name.startswith("station_") and value_si <= 0.0:
                told.append((text("a station that gives nothing"), text("write a number above 0"), (name,)))
        if self.party is not None and self.level is not None:
            hint = text("keep one of them; without both all parties count")
            told.append((text("party and level are both given"), hint, ("level",)))
        if told:
            raise refusals(told)
        return self


class Evidence(BaseModel):
    """A document that shows a requirement met: its file in the party's folder, its digest, and until when it holds."""

    model_config = DOCUMENT

    path: str
    digest: Digest
    valid_until: Date | Literal[""] = ""

    @field_validator("path")
    @classmethod
    def _stays_inside(cls, path: str) -> str:
        return inner_path(path, "the folder of the requirement")


class Verify(BaseModel):
    """How a requirement is shown, and at which gate it must be."""

    model_config = DOCUMENT

    method: Literal["simulation", "declaration", "document"] = "simulation"
    gate: str = "concept"


LONGEST_KIND = 80
"""Signs of the name of a relation."""


class Relation(BaseModel):
    """How a requirement is related to another, in words that people or another tool chose: satisfies, conflicts with."""

    model_config = DOCUMENT

    kind: str = Field(min_length=1, max_length=LONGEST_KIND)
    to: Identifier


class Requirement(BaseModel):
    """One sentence with a number. `bound` is "at_least" or "at_most" a value in the unit in which people speak of it.

    A requirement that is shown by a document has no measure: its evidence either stands or does not.
    """

    model_config = DOCUMENT

    document: Literal["requirement/1"] = Field(default="requirement/1", alias="schema")
    id: Identifier
    party: Identifier
    title: Titled
    kind: Kind
    firmness: Literal["fixed", "negotiable"] = "fixed"
    procedure: str = ""
    measure: str = ""
    at_least: StrictStr | StrictFloat | None = None
    at_most: StrictStr | StrictFloat | None = None
    scenario: str = ""
    conditions: StatedConditions = StatedConditions()
    parents: tuple[Identifier, ...] = ()
    relations: tuple[Relation, ...] | None = None
    slots: tuple[str, ...] = ()
    safety: bool = False
    regulation: str = ""
    verify: Verify = Verify()
    evidence: tuple[Evidence, ...] = ()
    visibility: Visibility = "programme"
    reason: Titled | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Requirement:
        bounds = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        side = "at_least" if self.at_least is not None else "at_most"
        if self.verify.method == "document":
            if bounds or self.measure:
                raise refusal(
                    text("a requirement shown by a document has no bound"),
                    text('remove it, or verify by "simulation"'),
                    side,
                )
            return self
        told: list[Told] = []
        if not (self.procedure and self.measure):
            told.append(
                (text("the requirement names no procedure and measure"), text("list them with: covolt procedures"), ())
            )
        if len(bounds) == 2:
            hint = text("keep one of them; two bounds are two requirements")
            told.append((text("at_least and at_most are both given"), hint, (side,)))
        elif not bounds:
            hint = text('give either at_least or at_most, such as at_least = "250 km"')
            told.append((text("a requirement needs one bound"), hint, ()))
        for name, bound in (("at_least", self.at_least), ("at_most", self.at_most)):
            try:
                quantity_si(0.0 if bound is None else bound)
            except UnitError as error:
                told.append((error.problems[0].what, error.problems[0].hint, (name,)))
        if self.kind == "law" and self.firmness != "fixed":
            told.append((text("a law cannot be negotiated"), text('write firmness = "fixed"'), ("firmness",)))
        if told:
            raise refusals(told)
        return self

    @property
    def bound(self) -> str | float:
        """The bound as written."""
        bound = self.at_least if self.at_least is not None else self.at_most
        return "" if bound is None else bound

    @property
    def bound_si(self) -> tuple[float, str]:
        """The bound in SI, and its SI unit."""
        return quantity_si(self.bound)

    @property
    def sign(self) -> float:
        """+1 where more is better, -1 where less is: margin = sign (value - bound)."""
        return 1.0 if self.at_least is not None else -1.0


class Interest(BaseModel):
    """What a party wants more of: the worst that it accepts, what it hopes for, and how much that weighs. Private."""

    model_config = DOCUMENT

    document: Literal["interest/1"] = Field(default="interest/1", alias="schema")
    id: Identifier
    party: Identifier
    title: Titled
    procedure: str
    measure: str = Field(min_length=1)
    conditions: StatedConditions = StatedConditions()
    worst_acceptable: StrictStr | StrictFloat
    aspiration: StrictStr | StrictFloat
    weight: Annotated[StrictFloat, Field(gt=0.0), AfterValidator(weighty)] = 1.0
    visibility: Visibility = "party"

    @model_validator(mode="after")
    def _one_dimension(self) -> Interest:
        told: list[Told] = []
        dimensions: set[str] = set()
        for name, value in (("worst_acceptable", self.worst_acceptable), ("aspiration", self.aspiration)):
            try:
                dimensions.add(quantity_si(value)[1])
            except UnitError as error:
                told.append((error.problems[0].what, error.problems[0].hint, (name,)))
        if told:
            raise refusals(told)
        if len(dimensions) != 1:
            raise refusal(
                text("worst_acceptable and aspiration differ in dimension"), text("write both in units of the measure")
            )
        return self
