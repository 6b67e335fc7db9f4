"""Itself: what a proposal or a settlement says twice, held against itself and the requirements and interests that it is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel

from covolt import units
from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.proposal import Judged, Proposal
from covolt.programme.requirement import Requirement
from covolt.programme.text import quantity_si
from covolt.study.negotiation.judged import bound_of
from covolt.study.procedures.registry import find_measure
from covolt.study.verdicts.documented import of_document
from covolt.words import Phrase, text

__all__ = [
    "GAIN",
    "Row",
    "apart",
    "ask_anew",
    "bound_faults",
    "is_one",
    "itself",
    "mean_gain",
    "number",
    "row_faults",
    "twice",
    "unit_of",
    "written",
]

NEAR = 1e-9
"""Share of a number that is what rounding left of equality: proposals have ten digits."""
GAIN = 1e-6
Row = Mapping[str, Any]
"""A row of a proposal or of a settlement as JSON has it."""
LISTS = (
    ("numbers", ("slot", "number")),
    ("interests", ("interest",)),
    ("relaxed", ("requirement",)),
    ("verdicts", ("requirement",)),
)
"""Lists of a proposal, and by what their rows are known."""


def itself(proposal: Proposal, file: Path, programme: Programme) -> Iterator[Problem]:
    """What a proposal says otherwise in another place of it, or than the requirements and interests that it speaks of.

    Args:
        proposal: of the programme as it is: whose requirements were changed since is told by another.
        file: in which it lies.
        programme: whole.
    """
    where = str(file)
    for name, keys in LISTS:
        rows = cast("tuple[BaseModel, ...]", getattr(proposal, name))
        yield from twice([one.model_dump(mode="json") for one in rows], keys, where)
    yield from _interests(proposal, programme, where)
    moved = {one.requirement: one for one in proposal.relaxed}
    for one in proposal.verdicts:
        stated = programme.requirements.get(one.requirement)
        if stated is None:
            yield Problem(text("the programme has no requirement {name}", name=one.requirement), where, ask_anew())
            continue
        yield from _judged(one, stated, programme, where)
        if one.requirement not in moved and _moves(one, stated):
            what = text(
                "{name}: its bound is missed by {margin}, and it does not say that it moves",
                name=one.requirement,
                margin=f"{-(one.margin_after or 0.0):.10g} {one.unit}",
            )
            yield Problem(what, where, ask_anew())
    judged = {one.requirement: one for one in proposal.verdicts}
    for name, one in moved.items():
        stated, after = programme.requirements.get(name), judged.get(name)
        if stated is None or after is None:
            yield Problem(text("the bound of {name} moves, and no verdict says why", name=name), where, ask_anew())
            continue
        said = (("owner", one.owner, stated.party), ("unit", one.unit, after.unit))
        # What moves without a value stays where it is.
        needed = bound_of(stated, one.unit) if after.value_after is None else after.value_after
        for field, own, other in (
            *said,
            ("bound", one.bound, bound_of(stated, one.unit)),
            ("needed", one.needed, needed),
        ):
            if not is_one(own, other):
                yield apart(name, field, own, other, where)


def _moves(one: Judged, stated: Requirement) -> bool:
    """Whether a negotiable bound is missed by more than what rounding leaves."""
    if one.margin_after is None or stated.kind == "law" or stated.firmness == "fixed":
        return False
    bound = abs(bound_of(stated, one.unit))
    # Of a bound of 0 the settlement alone knows what rounding leaves.
    return bool(bound) and one.margin_after < -10.0 * NEAR * bound


def _judged(one: Judged, stated: Requirement, programme: Programme, where: str) -> Iterator[Problem]:
    """Owner, unit, bound and document of a verdict."""
    if one.owner != stated.party:
        yield apart(one.requirement, "owner", one.owner, stated.party, where)
    if not one.unit:
        # What no study asks for is not verified, or is as its document says.
        known = of_document(stated, programme).verdict if stated.verify.method == "document" else "not verified"
        for field in ("verdict_before", "verdict_after"):
            if getattr(one, field) != known:
                yield apart(one.requirement, field, getattr(one, field), known, where)
        return
    if one.unit != unit_of(stated):
        yield apart(one.requirement, "unit", one.unit, unit_of(stated), where)
        return
    yield from row_faults(one.model_dump(mode="json"), stated, where)


def unit_of(stated: Requirement) -> str:
    """The unit in which a requirement is judged; empty where a document shows it."""
    return find_measure(stated.procedure, stated.measure, "")[1].unit if stated.measure else ""


def row_faults(row: Row, stated: Requirement, where: str) -> Iterator[Problem]:
    """Margins of a verdict before and after that are not what its value is off the bound.

    Args:
        row: with `unit`, `value_…` and `margin_…`.
        stated: the requirement, whose bound is the one of the row.
    """
    bound, name = bound_of(stated, str(row["unit"])), stated.id
    for side in ("before", "after"):
        value, margin = number(row.get(f"value_{side}")), number(row.get(f"margin_{side}"))
        if value is None or margin is None:
            if (value is None) != (margin is None):
                yield apart(name, f"margin_{side}", margin, value, where)
            continue
        made = stated.sign * (value - bound)
        if not abs(margin - made) <= 2.0 * NEAR * max(abs(value), abs(bound)):
            yield apart(name, f"margin_{side}", margin, made, where)


def bound_faults(row: Row, stated: Requirement, where: str) -> Iterator[Problem]:
    """That a row tells another bound than the requirement has."""
    if row.get("unit") and row.get("bound") is not None:
        bound = bound_of(stated, str(row["unit"]))
        if not is_one(row["bound"], bound):
            yield apart(stated.id, "bound", row["bound"], bound, where)


def twice(rows: Iterable[Row], keys: Sequence[str], where: str) -> Iterator[Problem]:
    """Rows that are known by the same name."""
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        key = tuple(str(row.get(one)) for one in keys)
        if key in seen:
            yield Problem(text("{name} stands there twice", name=" ".join(key)), where, ask_anew())
        seen.add(key)


def _interests(proposal: Proposal, programme: Programme, where: str) -> Iterator[Problem]:
    """That what it says of its party's interests is not what these say, or does not give its gain."""
    for at, one in enumerate(proposal.interests):
        stated = programme.interests.get(one.interest)
        if stated is None or stated.party != proposal.party:
            what = text("'{name}' is no interest of {party}", name=one.interest, party=proposal.party)
            yield Problem(what, f"{where}, interests {at + 1}", ask_anew())
            return
        name = find_measure(stated.procedure, stated.measure, "")[1].unit
        unit = units.unit(name)
        wanted = {
            "unit": name,
            "worst_acceptable": unit.from_si(quantity_si(stated.worst_acceptable)[0]),
            "aspiration": unit.from_si(quantity_si(stated.aspiration)[0]),
            "weight": stated.weight,
        }
        for field, value in wanted.items():
            if not is_one(getattr(one, field), value):
                yield apart(one.interest, field, getattr(one, field), value, where)
    made = mean_gain([one.model_dump(mode="json") for one in proposal.interests])
    if (made is None) != (proposal.gain is None):
        yield apart(proposal.party, "gain", proposal.gain, made, where)
    elif made is not None and proposal.gain is not None and not abs(made - proposal.gain) <= GAIN:
        what = text("the gain of {gain:.4g} is not that of its interests, {made:.4g}", gain=proposal.gain, made=made)
        yield Problem(what, where, ask_anew())


def mean_gain(rows: Sequence[Row]) -> float | None:
    """The gain of interests by their weights, not a number where one of them has none; None without interests."""
    if not rows:
        return None
    largest = max(number(one.get("weight")) or 0.0 for one in rows)
    if not largest > 0.0:
        return float("nan")
    shares = [(number(one.get("weight")) or 0.0) / largest for one in rows]
    return sum(share * _reached(one) for share, one in zip(shares, rows, strict=True)) / sum(shares)


def _reached(row: Row) -> float:
    after, worst, hoped = (number(row.get(name)) for name in ("after", "worst_acceptable", "aspiration"))
    if after is None or worst is None or hoped is None or worst == hoped:
        return float("nan")
    return (after - worst) / (hoped - worst)


def is_one(one: object, other: object) -> bool:
    """Whether two values are one, numbers but for what rounding to ten digits left; a plain number may be written as a text."""
    first, second = number(one), number(other)
    if first is not None and second is not None:
        return abs(first - second) <= NEAR * max(abs(first), abs(second))
    return one == other


def number(value: object) -> float | None:
    """A number, also one that is written as a text; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def apart(name: str, field: str, own: object, other: object, where: str) -> Problem:
    """A field of which two places say two things."""
    what = text(
        "{name}, {field}: it says {own}, and what stands beside that gives {other}",
        name=name,
        field=field,
        own=written(own),
        other=written(other),
    )
    return Problem(what, where, ask_anew())


def written(value: object) -> str:
    """A value as a message has it."""
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value)))
    return f"{value:.10g}" if isinstance(value, float) else "–" if value is None else str(value)


def ask_anew() -> Phrase:
    """What to do about what was changed."""
    return text("it was changed after it was written: let it be written anew: covolt negotiate")
