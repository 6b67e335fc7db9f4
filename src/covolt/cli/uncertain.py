"""Where the ± of verdicts comes from, and of which verdicts nothing says how sure they are, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from covolt.cli.language import say, speaking
from covolt.cli.printing import console, heading, indented, table, with_unit
from covolt.digits import number_text, probability_text
from covolt.words import joined, text

if TYPE_CHECKING:
    from covolt.study.verdicts.unstated_number import Unstated
    from covolt.study.verdicts.verdict import Contribution, Verdict
    from covolt.study.verdicts.verification import Verification

__all__ = ["MOST_ALONE", "named", "print_splits", "print_unstated"]

MOST_ALONE = 3
"""Single numbers shown of those that would decide a verdict; all stand in the JSON."""


def print_unstated(found: Verification) -> None:
    """Verdicts of which nothing says how sure they are: on whose numbers they rest, and how these state it."""
    from covolt.study.verdicts.unstated_number import unstated_hint, unstated_said

    by_numbers: dict[tuple[Unstated, ...], list[str]] = {}
    for one in found.verdicts:
        if one.unstated:
            by_numbers.setdefault(one.unstated, []).append(one.requirement)
    for numbers, names in by_numbers.items():
        console().print(joined((", ".join(names), unstated_said(numbers)), ": "))
        console().print(indented(say(unstated_hint(numbers)), 2))


def print_splits(verdicts: Sequence[Verdict]) -> None:
    """Where each ± comes from: datasheets and generic numbers apart, then the numbers that weigh most."""
    out = console()
    out.print()
    heading(out, text("Where the uncertainty comes from (U = 2 u)"))
    made = table(
        [
            (text("requirement", context="head"), "name"),
            ("P", "right"),
            (text("datasheets", context="head"), "right"),
            (text("generic", context="head"), "right"),
            (text("most", context="head"), "left"),
        ]
    )
    for one in verdicts:
        if one.unstated:
            rests = "; ".join(f"{number.slot} {number.number} ?" for number in one.unstated)
            made.add_row(one.requirement, "?", "?", "", rests)
        if one.probability is None or one.inputs is None or one.models is None:
            continue
        most = sorted(one.contributions, key=lambda part: -abs(part.effect))[:MOST_ALONE]
        made.add_row(
            one.requirement,
            probability_text(one.probability, speaking()),
            with_unit(_number(2.0 * one.inputs), one.unit),
            with_unit(_number(2.0 * one.models), one.unit),
            "; ".join(f"{named(part)} {_number(2.0 * abs(part.effect))}" for part in most),
        )
    out.print(made)


def named(part: Contribution) -> str:
    """A number of the vehicle, as `battery energy_usable`; of the generic set by its title."""
    return f"{part.slot} {part.number}" if part.origin == "input" else say(part.title).lower()


def _number(value: float) -> str:
    return number_text(value, 2, speaking(), grouped=False)
