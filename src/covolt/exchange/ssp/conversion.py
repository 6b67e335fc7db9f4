"""What becomes of a value on its way through connectors: its unit converted, transformations applied, its kind judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union, final

from covolt.errors import Problem
from covolt.exchange.base_units import Conversion, differs, is_known, joins
from covolt.exchange.component import Kind, Unit
from covolt.exchange.ssp.structure import Enumeration, SignalType, Transformation
from covolt.exchange.ssp.values import numeric_table
from covolt.words import Phrase, text

__all__ = ["Step", "Way", "passed", "unit_step"]

Step = Union[Conversion, Mapping[float, float]]
"""An affine step, or a table of numbers; what the table does not name stays as it is."""
_WHOLE = frozenset({"integer", "enumeration"})


@final
@dataclass(frozen=True)
class Way:
    """How far a value has come: its kind, unit and enumeration there, the steps behind it, and what is to be told of them."""

    kind: Kind
    unit: Unit | None = None
    enumeration: Enumeration | None = None
    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    notices: tuple[Problem, ...] = field(default=())

    def then(self, step: Step) -> tuple[Step, ...]:
        """Steps with one more; two affine ones in a row become one."""
        if isinstance(step, Conversion) and step.same:
            return self.steps
        last = self.steps[-1] if self.steps else None
        if isinstance(step, Conversion) and isinstance(last, Conversion):
            both = Conversion(step.factor * last.factor, step.factor * last.offset + step.offset)
            return (*self.steps[:-1], both)
        return (*self.steps, step)


def unit_step(source: Unit | None, target: Unit | None) -> tuple[Conversion, Phrase | None, Phrase | None]:
    """From one unit to another: the conversion, why it is refused, and what is to be told though it is not.

    Units of one vector that mean torque and energy, or that differ in the angle alone, join with a word; so does a unit of which
    nobody says what it is made of.
    """
    found = joins(source, target)
    if isinstance(found, Conversion):
        return found, None, None
    if source is None or target is None:
        return Conversion(), None, None
    if not (is_known(source) and is_known(target)):
        return Conversion(), None, found
    if source.exponents[:-1] == target.exponents[:-1]:
        shift_si = 0.0 if source.relative or target.relative else source.offset_si - target.offset_si
        return Conversion(source.factor / target.factor, shift_si / target.factor), None, found
    return Conversion(), found, None


def passed(
    way: Way, to: SignalType | None, place: str, transformation: Transformation | None = None, *, suppress: bool = False
) -> Way:
    """The way on to a connector or variable of a type; None where the connector leaves the type to others."""
    unit = to.unit if to is not None else None
    problems, notices, steps = list(way.problems), list(way.notices), way.steps
    if suppress:
        reached = unit
    elif unit is None:
        reached = way.unit
    else:
        conversion, refused, told = unit_step(way.unit, unit)
        if refused is not None:
            hint = text("join what is of one dimension, or declare the units rightly")
            problems.append(Problem(text("units do not join: {why}", why=refused), place, hint))
        if told is not None:
            notices.append(Problem(text("units join with doubt: {why}", why=told), place))
        if (doubt := differs(way.unit, unit)) is not None:
            notices.append(Problem(text("units join with doubt: {why}", why=doubt), place))
        steps = way.then(conversion)
        reached = unit
    halfway = Way(way.kind, reached, way.enumeration, steps, tuple(problems), tuple(notices))
    turned = _turned(halfway, transformation, to, place)
    return turned if to is None else _typed(turned, to, place)


def _turned(way: Way, by: Transformation | None, to: SignalType | None, place: str) -> Way:
    """After a transformation, which follows the conversion of units."""
    if by is None:
        return way
    if isinstance(by, Conversion):
        if way.kind != "real":
            return _refused(
                way, text("a linear transformation is for real numbers, not for {kind}", kind=way.kind), place
            )
        return Way(way.kind, way.unit, way.enumeration, way.then(by), way.problems, way.notices)
    fits = way.kind == "boolean" if by.kind == "boolean" else way.kind in _WHOLE
    if not fits:
        what = text("a transformation of {type} values is not for {kind}", type=by.kind, kind=way.kind)
        return _refused(way, what, place)
    target = to.enumeration if to is not None and to.enumeration is not None else way.enumeration
    numbers, wrong = numeric_table(by, way.enumeration, target)
    problems = [Problem(one, place, text("declare the items, or transform integers")) for one in wrong]
    kind = "enumeration" if by.kind == "enumeration" else way.kind
    return Way(kind, way.unit, target, (*way.steps, numbers), (*way.problems, *problems), way.notices)


def _typed(way: Way, to: SignalType, place: str) -> Way:
    """At a connector that states its type."""
    notices = list(way.notices)
    same = way.kind == to.kind or {way.kind, to.kind} <= _WHOLE
    if not same and not (way.kind in _WHOLE and to.kind == "real"):
        what = text("a value of kind {kind} does not become one of kind {other}", kind=way.kind, other=to.kind)
        return _refused(way, what, place)
    one, other = way.enumeration, to.enumeration
    if one is not None and other is not None and dict(one.items) != dict(other.items):
        what = text(
            "the items of enumerations '{one}' and '{other}' differ; numbers pass", one=one.name, other=other.name
        )
        notices.append(Problem(what, place, text("add an EnumerationMappingTransformation")))
    return Way(to.kind, way.unit, other or one, way.steps, way.problems, tuple(notices))


def _refused(way: Way, what: Phrase, place: str) -> Way:
    problem = Problem(what, place, text("join connectors of one type"))
    return Way(way.kind, way.unit, way.enumeration, way.steps, (*way.problems, problem), way.notices)
