"""The 30-minute power by which a state counts: as tested, as declared before the test, or by the rule for untested models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import hypot

from covolt.contract.datasheet import Datasheet
from covolt.library.subject import DRIVE_UNITS, Subject
from covolt.programme.origin_scheme import exact
from covolt.programme.state_money import StateMoney, exact_W
from covolt.words import Phrase, text

__all__ = ["WEIGHED", "Power", "thirty_minute_power"]

CONTINUOUS, PEAK = "power_continuous", "power_peak"
WEIGHED = frozenset({CONTINUOUS, PEAK})
"""Numbers whose u counts here as a probability of each step, or not at all where they were measured; never as a slope."""


@dataclass(frozen=True)
class Power:
    """The power of all drive units together, its standard uncertainty, how it came about and which table says so."""

    power_W: Fraction
    u_W: float
    said: Phrase
    clause: str = ""


def thirty_minute_power(subject: Subject, tables: Sequence[StateMoney], day: str) -> Power | Phrase:
    """Sum of the drive units' tested or declared 30-minute powers, else a share of their peak powers by the rule of a table.

    What was measured is exact. u of one offer in two slots adds up, offers are independent. Never the generic value of covolt.
    """
    sheets = [subject.sheets[slot] for slot in DRIVE_UNITS if slot in subject.sheets]
    if sheets and all(CONTINUOUS in sheet.declared for sheet in sheets):
        tested = all(sheet.declared[CONTINUOUS].basis == "measured" for sheet in sheets)
        said = text("30-minute power, tested") if tested else text("30-minute power, declared before the test")
        return Power(*_sum(sheets, CONTINUOUS), said)
    rules = [(one.id, one.untested) for one in tables if one.untested is not None and one.untested.valid_from <= day]
    if not rules or not sheets or not all(PEAK in sheet.declared for sheet in sheets):
        return text("no 30-minute power is declared, and no rule for untested models is known on {day}", day=day)
    name, rule = rules[0]
    if rule.certain_from is not None and day < rule.certain_from:
        return text(
            "no 30-minute power is declared, and the rule for untested models begins between {first} and {last}",
            first=rule.valid_from,
            last=rule.certain_from,
        )
    peak_W, u_W = _sum(sheets, PEAK)
    share = exact(rule.share_of_peak)
    return Power(
        peak_W * share, u_W * float(share), text("30-minute power of an untested model, by its peak power"), name
    )


def _sum(sheets: Sequence[Datasheet], name: str) -> tuple[Fraction, float]:
    whole = Fraction(0)
    unsure: dict[str, float] = {}
    for sheet in sheets:
        one = sheet.declared[name]
        whole += exact_W(one.value)
        own = 0.0 if one.basis == "measured" else one.uncertainty_si
        unsure[sheet.reference] = unsure.get(sheet.reference, 0.0) + own
    return whole, hypot(*unsure.values())
