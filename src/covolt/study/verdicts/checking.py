"""What of a verdict's texts was checked: covolt's own entries, and those of the agencies of a programme."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from covolt.contract.document import loads
from covolt.programme.checked import CheckedText, CheckedTexts
from covolt.programme.documents import Programme
from covolt.programme.key_coherence import must_sign, unsigned_texts
from covolt.programme.requirement import Requirement
from covolt.study.procedures.protocol import NO_TEXT, Line, Record
from covolt.study.verdicts.verdict import Reading

__all__ = [
    "bounds_checked",
    "line_checked",
    "own_checks",
    "readings_of_act",
    "readings_of_verdict",
    "scope_checked",
    "texts_checked",
]

Checks = tuple[CheckedText, ...]


@cache
def own_checks() -> Checks:
    """Entries of covolt itself."""
    text = (files("covolt") / "library" / "checked.toml").read_text(encoding="utf-8")
    return loads(text, CheckedTexts, "checked.toml").text


def texts_checked(programme: Programme) -> Checks:
    """Entries of covolt and of the programme's agencies: of whom a key is trusted here, or where it is demanded, the signed ones.

    A party that made itself an agency after it was trusted checks nothing.
    """
    agencies = programme.trust.agencies
    counting = (
        one
        for name, one in programme.checked.items()
        if (agencies is None or one.party in agencies)
        and (not must_sign(programme, one.party) or unsigned_texts(programme, name, trusted=True) is None)
    )
    return (*own_checks(), *(row for one in counting for row in one.text))


def scope_checked(act: str, checks: Iterable[CheckedText]) -> bool:
    """Whether somebody has checked for which vehicles an act holds."""
    return any(one.holds_scope(act) for one in checks)


def bounds_checked(act: str, checks: Iterable[CheckedText]) -> bool:
    """Whether somebody has checked the numbers of an act."""
    return any(one.holds_bounds(act) for one in checks)


def line_checked(procedure: str, line: Line, checks: Iterable[CheckedText]) -> bool:
    """Whether a line of a protocol names no text, or somebody has checked it."""
    return line.clause in NO_TEXT or any(one.holds_formula(procedure, line.clause, line.symbol) for one in checks)


def readings_of_act(act: str, checks: Iterable[CheckedText]) -> tuple[Reading, ...]:
    """Who has checked the scope or the numbers of an act, on which day, in which edition."""
    return _readings(one for one in checks if one.holds_scope(act) or one.holds_bounds(act))


def readings_of_verdict(requirement: Requirement, record: Record, checks: Iterable[CheckedText]) -> tuple[Reading, ...]:
    """The same of the texts that a verdict stands on: its act's numbers, and the clauses of its formulas."""
    lines = [one for one in record.lines_of(requirement.measure) if one.clause not in NO_TEXT]
    return _readings(
        one
        for one in checks
        if (requirement.regulation and one.holds_bounds(requirement.regulation))
        or any(one.holds_formula(record.procedure, line.clause, line.symbol) for line in lines)
    )


def _readings(entries: Iterable[CheckedText]) -> tuple[Reading, ...]:
    return tuple(Reading(one.by, one.on, one.edition) for one in entries)
