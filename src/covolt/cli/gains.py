"""What commands say of levels between two states: sums that moved and by whom, and who gains and who loses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from covolt.cli.language import say, speaking
from covolt.cli.printing import console, heading, table, unit_text, with_unit
from covolt.digits import expanded_text, number_text, signed_text
from covolt.programme.levels import LEVEL_WORDS, in_a_year
from covolt.words import Words, joined, text

if TYPE_CHECKING:
    from covolt.study.verdicts.levels_moved import LevelsMoved

__all__ = ["print_levels", "value_said"]

BEFORE, AFTER = text("before", context="head"), text("after", context="head")
PARTY, WHOSE = text("party", context="head"), text("by whose change", context="head")
WHAT = text("what", context="head")
NOT_STATED = text("not stated")
REACHED = text(
    "Reached is 0 at the worst that its party accepts and 1 at what it hopes for; a gain is how far it moved, times its weight."
)


def print_levels(found: LevelsMoved) -> None:
    """Sums that moved, then gains; nothing where there is neither."""
    _print_sums(found)
    _print_gains(found)


def _print_sums(found: LevelsMoved) -> None:
    moved = [one for one in found.sums if one.moved]
    if not moved:
        return
    out = console()
    out.print()
    heading(out, text("Levels: sums that moved: {count} of {total}", count=len(moved), total=len(found.sums)))
    rows = table(
        [
            (text("level or party", context="head"), "left"),
            (text("measure", context="head"), "name"),
            (BEFORE, "right"),
            (AFTER, "right"),
            (text("unit", context="head"), "name"),
            (WHOSE, "left"),
        ]
    )
    for one in moved:
        who = one.party or say(LEVEL_WORDS[one.level])
        sides = [value_said(*each) for each in ((one.before, one.before_expanded), (one.after, one.after_expanded))]
        rows.add_row(who, f"{one.name} {one.year}", *sides, unit_text(in_a_year(one.unit)), _by(one.by, one.scale))
    out.print(rows)


def value_said(value: float | None, uncertainty: float | None) -> str:
    """A value with its U, or that nobody states it."""
    if value is None:
        return say(NOT_STATED)
    if not uncertainty:
        return number_text(value, 6, speaking(), grouped=False)
    return expanded_text(value, uncertainty, value, speaking(), grouped=False).removeprefix("+")


def _by(by: Mapping[str, float], highest: float) -> str:
    said = ((party, signed_text(one, highest, speaking(), grouped=False)) for party, one in by.items())
    return "; ".join(f"{party} {one}" for party, one in said if one != "0")


def _print_gains(found: LevelsMoved) -> None:
    out = console()
    if found.gains:
        out.print()
        heading(out, text("Who gains and who loses, by the interests that may be read"))
        rows = table(
            [
                (PARTY, "name"),
                (text("interest", context="head"), "name"),
                (BEFORE, "right"),
                (AFTER, "right"),
                (text("reached", context="head"), "right"),
                (text("gain", context="head"), "right"),
                (WHOSE, "left"),
            ]
        )
        for one in found.gains:
            sides = [value_said(*each) for each in ((one.before, one.before_expanded), (one.after, one.after_expanded))]
            reached = " → ".join(number_text(each, 2, speaking()) for each in (one.reached_before, one.reached_after))
            gain = signed_text(one.gain, 1.0, speaking())
            cells = (*(with_unit(each, one.unit) for each in sides), reached, gain, _by(one.by, 1.0))
            rows.add_row(one.party, one.interest, *cells)
        out.print(rows)
        out.print(REACHED)
    if found.gains or found.open_by_party:
        titles = {one: Words(one) for one in (*found.by_party, *found.open_by_party)}
        out.print(joined((text("With all below it"), found.rolled_said(titles)), ": "))
    for name, why in found.not_comparable.items():
        out.print(joined((name, why), ": "))
