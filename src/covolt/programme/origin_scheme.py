"""Schemes of origin: which operations count how many points, or which share of value, and the threshold of each use by date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from covolt.contract.document import DOCUMENT, Told, refusals
from covolt.contract.terms import Country, Day
from covolt.programme.text import Identifier, Titled
from covolt.words import text

__all__ = ["OriginScheme", "OriginThreshold", "PointsGroup", "SchemeOperation", "exact"]

Confidence = Literal["high", "medium", "low", "none"]
RowStatus = Literal["act", "press", "draft", "not found"]
ThresholdStatus = Literal["in force", "was", "planned", "draft", "proposed", "not found"]
Category = Literal["M1", "M2", "M3", "N1", "N2", "N3"]
LAST_DAY = "9999-12-31"
DECIDING = ("in force", "was")
"""Standings of a threshold that decide; the others are told."""


class _Dated(Protocol):
    @property
    def valid_from(self) -> str | None: ...
    @property
    def valid_until(self) -> str | None: ...


_Row = TypeVar("_Row", bound=_Dated)


@lru_cache(maxsize=4096)
def exact(value: float) -> Fraction:
    """A number as it is written, without the rounding of a binary one."""
    return Fraction(repr(value))


class SchemeOperation(BaseModel):
    """An operation that a scheme lists. `points` is left out where only the name of the row is known ("not found").

    With `step` the points are given for each such step of the extent; `up_to` is what another source gives for the same row.
    A row with a `scope` counts for that product alone, such as cells, and not for the vehicle; with `categories` for those alone.
    """

    model_config = DOCUMENT

    id: str = Field(min_length=1, max_length=80)
    title: Titled | None = None
    points: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    up_to: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    extent_at_least: StrictFloat | StrictInt | None = Field(default=None, gt=0, le=1)
    step: StrictFloat | StrictInt | None = Field(default=None, gt=0, le=1)
    at_most: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    each_part: StrictBool = False
    group: str = ""
    scope: str = ""
    categories: tuple[Category, ...] = ()
    valid_from: Day | None = None
    valid_until: Day | None = None
    status: RowStatus = "act"
    confidence: Confidence = "medium"
    source: StrictStr = ""
    note: Titled | None = None

    @property
    def confirmed(self) -> bool:
        """Whether its points are sure: the act itself gives them, or two sources do."""
        return self.points is not None and (self.status == "act" or self.confidence == "high")


class PointsGroup(BaseModel):
    """Operations that count together: at most so many points, or so many where all of them are done."""

    model_config = DOCUMENT

    id: Identifier
    title: Titled | None = None
    at_most: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    together: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    valid_from: Day | None = None
    valid_until: Day | None = None
    status: RowStatus = "act"
    confidence: Confidence = "medium"
    source: StrictStr = ""

    @property
    def confirmed(self) -> bool:
        """Whether its rule is sure."""
        return self.status == "act" or self.confidence == "high"


class OriginThreshold(BaseModel):
    """What a use of the scheme demands from a day on: so many points, or a share from 0 to 1, and operations beside it.

    `value` is left out where it is known that there is one, and not which ("not found"). With a `scope` it is held against the
    points of the rows of that scope, and else against those of the vehicle; with `categories` it concerns those alone.
    """

    model_config = DOCUMENT

    use: Identifier
    title: Titled
    value: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1e12)
    operations: tuple[StrictStr, ...] = ()
    scope: str = ""
    categories: tuple[Category, ...] = ()
    valid_from: Day
    valid_until: Day | None = None
    status: ThresholdStatus = "in force"
    confidence: Confidence = "medium"
    source: StrictStr = ""
    note: Titled | None = None

    @property
    def decides(self) -> bool:
        """Whether it is or was law, and not a plan, draft or proposal."""
        return self.status in DECIDING


class OriginScheme(BaseModel):
    """A scheme of origin as dated data.

    What is done, or made, in one of `countries` counts; in one of `countries_on_terms` it counts where `terms` are kept, which
    covolt cannot see, so it stays open. `maximum` is the end of the scale of points. A "services-share" is the greatest extent to
    which an offer states the operation that the scheme lists; its thresholds are not to be exceeded. `assumed` says that no act
    has it.
    """

    model_config = DOCUMENT

    document: Literal["origin-scheme/1"] = Field(default="origin-scheme/1", alias="schema")
    id: Identifier
    title: Titled
    source: str = Field(min_length=1)
    markets: tuple[Country, ...] = Field(min_length=1)
    measure: Literal["points", "value-share", "services-share"]
    countries: tuple[Country, ...] = Field(min_length=1)
    countries_on_terms: tuple[Country, ...] = ()
    terms: Titled | None = None
    maximum: StrictFloat | StrictInt | None = Field(default=None, gt=0, le=1e12)
    operation: tuple[SchemeOperation, ...] = ()
    group: tuple[PointsGroup, ...] = ()
    threshold: tuple[OriginThreshold, ...] = ()
    assumed: StrictBool = False
    checked_on: Day | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> OriginScheme:
        told = [*self._periods(), *self._points(), *self._groups(), *self._thresholds(), *self._countries()]
        if told:
            raise refusals(told)
        return self

    def operations_on(self, day: str, category: str = "", scope: str = "") -> list[SchemeOperation]:
        """Rows of a scope that hold on a day, for vehicles of a category, by name: the order of the file tells nothing."""
        found = (one for one in self.operation if one.scope == scope and holds(one, day) and concerns(one, category))
        return sorted(found, key=lambda one: one.id)

    def groups_on(self, day: str) -> dict[str, PointsGroup]:
        """Groups that hold on a day, by name."""
        return {one.id: one for one in self.group if holds(one, day)}

    @property
    def uses(self) -> tuple[str, ...]:
        """Uses for which it gives thresholds."""
        return tuple(sorted({one.use for one in self.threshold}))

    def scope_of(self, use: str) -> str:
        """The product whose points the threshold of a use is held against; empty where it is the vehicle."""
        return next((one.scope for one in self.threshold if one.use == use), "")

    def threshold_on(self, use: str, day: str) -> OriginThreshold | None:
        """The threshold of a use that is or was law on a day."""
        return next((one for one in self.threshold if one.use == use and one.decides and holds(one, day)), None)

    def thresholds_on(self, day: str, category: str = "") -> tuple[OriginThreshold, ...]:
        """All that hold on a day for vehicles of a category, by use; of one use what is law first."""
        found = (one for one in self.threshold if holds(one, day) and concerns(one, category))
        return tuple(sorted(found, key=lambda one: (one.use, not one.decides, one.status, one.valid_from)))

    def undecided_on(self, use: str, day: str) -> tuple[OriginThreshold, ...]:
        """What is planned, drafted or proposed for a use on a day."""
        return tuple(
            sorted(
                (one for one in self.threshold if one.use == use and not one.decides and holds(one, day)),
                key=lambda one: (one.status, one.valid_from),
            )
        )

    def _periods(self) -> Iterator[Told]:
        """Periods that end before they begin, and two rows of one thing on one day."""
        for key, rows in (("operation", self.operation), ("group", self.group), ("threshold", self.threshold)):
            for number, one in enumerate(rows):
                if one.valid_until is not None and one.valid_until < (one.valid_from or ""):
                    what = text("the row ends on {valid_until}, before it begins", valid_until=one.valid_until)
                    yield what, text("let it end after it begins"), (key, number, "valid_until")
        yield from _overlaps("operation", ((one.id, number, one) for number, one in enumerate(self.operation)))
        yield from _overlaps("group", ((one.id, number, one) for number, one in enumerate(self.group)))
        rows = enumerate(self.threshold)
        # What is law stands by itself; a draft may lie beside it, though not beside another of its kind.
        yield from _overlaps(
            "threshold",
            ((f"{one.use} ({'law' if one.decides else one.status})", number, one) for number, one in rows),
        )

    def _points(self) -> Iterator[Told]:
        """Points where points are counted, and none elsewhere."""
        for number, one in enumerate(self.operation):
            further = {"up_to": one.up_to, "step": one.step, "at_most": one.at_most, "group": one.group or None}
            stated = [key for key, value in further.items() if value is not None]
            if self.measure != "points":
                stated += ["points"] if one.points is not None else []
                for key in stated:
                    hint = text("remove it, or write a scheme of points")
                    yield text("{key} in a scheme that counts value", key=key), hint, ("operation", number, key)
            elif (one.points is None) != (one.status == "not found"):
                what = (
                    text("'{id}' has no points", id=one.id)
                    if one.points is None
                    else text("'{id}' has points, and is not found", id=one.id)
                )
                hint = text('give points, or write status = "not found", never both')
                yield what, hint, ("operation", number, "status")
            elif one.points is None:
                for key in stated:
                    yield (
                        text("{key} without points", key=key),
                        text("remove it, or give the points"),
                        ("operation", number, key),
                    )
            elif one.up_to is not None and one.up_to < one.points:
                what = text("up_to of '{id}' is below its points", id=one.id)
                yield what, text("give the smaller number as points"), ("operation", number, "up_to")

    def _groups(self) -> Iterator[Told]:
        known = {one.id for one in self.group}
        for number, one in enumerate(self.operation):
            if one.group and one.group not in known:
                what = text("no group '{group}' in this scheme", group=one.group)
                yield (
                    what,
                    text("known: {known}", known=", ".join(sorted(known)) or "none"),
                    ("operation", number, "group"),
                )
        for number, one in enumerate(self.group):
            if (one.at_most is None) == (one.together is None):
                what = text("the group '{id}' needs one of at_most and together", id=one.id)
                yield what, text("say what the operations of the group count together"), ("group", number)

    def _thresholds(self) -> Iterator[Told]:
        listed = {one.id for one in self.operation}
        for number, one in enumerate(self.threshold):
            if (one.value is None) != (one.status == "not found"):
                what = (
                    text("a threshold of '{use}' without a value is '{status}'", use=one.use, status=one.status)
                    if one.value is None
                    else text("a threshold of '{use}' with a value is '{status}'", use=one.use, status=one.status)
                )
                hint = text('give the value, or write status = "not found", never both')
                yield what, hint, ("threshold", number, "status")
            value = one.value or 0
            if self.measure != "points" and value > 1:
                what = text("a share of {value:g}", value=value)
                yield what, text("write a share from 0 to 1, such as 0.5"), ("threshold", number, "value")
            if self.measure == "points" and self.maximum is not None and value > self.maximum:
                what = text(
                    "{value:g} points are demanded, and the scale ends at {maximum:g}",
                    value=value,
                    maximum=self.maximum,
                )
                yield what, text("correct one of both"), ("threshold", number, "value")
            first = next(each for each in self.threshold if each.use == one.use)
            if one.scope != first.scope:
                what = text(
                    "'{use}' is held against '{first}' and against '{scope}'",
                    use=one.use,
                    first=first.scope,
                    scope=one.scope,
                )
                yield what, text("give both the same scope, or name another use"), ("threshold", number, "scope")
            for name in one.operations:
                if name not in listed:
                    what = text("the scheme lists no operation '{name}'", name=name)
                    yield what, text("list it as an [[operation]]"), ("threshold", number, "operations")

    def _countries(self) -> Iterator[Told]:
        both = sorted(set(self.countries) & set(self.countries_on_terms))
        if both:
            what = text("{both} both counts and counts on terms", both=", ".join(both))
            yield what, text("keep it in one of the lists"), ("countries_on_terms",)
        if self.countries_on_terms and self.terms is None:
            yield (
                text("countries count on terms that nobody states"),
                text("say them in terms"),
                ("countries_on_terms",),
            )


def holds(one: _Dated, day: str) -> bool:
    """Whether a row holds on a day."""
    return (one.valid_from or "") <= day <= (one.valid_until or LAST_DAY)


def concerns(one: SchemeOperation | OriginThreshold, category: str) -> bool:
    """Whether a row is for vehicles of a category: one that names none is for all."""
    return not category or not one.categories or category in one.categories


def _overlaps(key: str, rows: Iterable[tuple[str, int, _Row]]) -> Iterator[Told]:
    """Each row that begins while an earlier one of the same name still holds."""
    by_name: dict[str, list[tuple[int, _Row]]] = defaultdict(list)
    for name, number, one in rows:
        by_name[name].append((number, one))
    for name, of_name in by_name.items():
        ordered: Sequence[tuple[int, _Row]] = sorted(of_name, key=lambda pair: pair[1].valid_from or "")
        for (_, first), (number, second) in pairwise(ordered):
            if (second.valid_from or "") <= (first.valid_until or LAST_DAY):
                day = second.valid_from or first.valid_from
                what = text("two rows of '{name}' hold on every day", name=name)
                if day:
                    what = text("two rows of '{name}' hold on {valid_from}", name=name, valid_from=day)
                yield what, text("let one end before the next begins"), (key, number, "valid_from")
