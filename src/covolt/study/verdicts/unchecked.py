"""Texts on which a verdict stands, and what is met by some that nobody has checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from covolt.programme.checked import CheckedText
from covolt.programme.requirement import Requirement
from covolt.study.procedures.protocol import Record
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.checking import bounds_checked, line_checked
from covolt.study.verdicts.verdict import UNCHECKED, Verdict
from covolt.words import joined, text

__all__ = ["unchecked_texts", "with_texts"]

MOST_TEXTS = 3
"""Texts named in a verdict's line; all stand in its data."""
_WITHIN = re.compile(r"\u00a7|\d|(?:Annex|Appendix|Part|Table|paragraph)\b", re.IGNORECASE)
"""How a clause begins that does not name its act."""


def unchecked_texts(requirement: Requirement, record: Record, checks: Sequence[CheckedText]) -> tuple[str, ...]:
    """Texts that nobody has checked, of those on which a verdict stands: the bound's act, and the clauses of its formulas."""
    bound = [requirement.regulation] if requirement.regulation or requirement.kind == "law" else []
    acts = [act or "?" for act in bound if not bounds_checked(act, checks)]
    lines = [
        one.clause for one in record.lines_of(requirement.measure) if not line_checked(record.procedure, one, checks)
    ]
    first = next((at for at, one in enumerate(lines) if _WITHIN.match(one)), None)
    recipe = procedures().get(record.procedure)
    if first is not None and recipe is not None and recipe.regulation:
        act = re.split(r";| Annex| Appendix", recipe.regulation)[0]
        lines = [f"{act}, {one}" if one == lines[first] else one for one in lines]
    return tuple(dict.fromkeys([*acts, *lines]))


def with_texts(verdict: Verdict, unchecked: tuple[str, ...]) -> Verdict:
    """A verdict that is met by texts that nobody has checked is not simply met."""
    verdict = replace(verdict, unchecked=unchecked)
    if verdict.verdict != "met" or not unchecked:
        return verdict
    shown = "; ".join(unchecked[:MOST_TEXTS])
    more = len(unchecked) - MOST_TEXTS
    said = text("not checked: {shown}", shown=shown)
    if more > 0:
        said = text("not checked: {shown}; and {more} more", shown=shown, more=more)
    return replace(verdict, verdict=UNCHECKED, why=joined((verdict.why, said)))
