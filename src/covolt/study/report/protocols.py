"""Protocols as the report shows them: each record once, with its scenario, and how much of it follows a checked text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set

from covolt import units
from covolt.programme.checked import CheckedText
from covolt.programme.documents import Programme
from covolt.study.procedures.protocol import NO_TEXT, Line, Record
from covolt.study.procedures.registry import procedures
from covolt.study.report.chain import giving_line, protocol_name
from covolt.study.report.citations import law_said
from covolt.study.report.conditions import scenario_said
from covolt.study.report.document import Estimate, Protocol, ProtocolLine
from covolt.study.verdicts.checking import line_checked
from covolt.study.verdicts.verdict import Reading
from covolt.study.verdicts.verification import Verification, conditions_of
from covolt.words import Phrase, Words, text

__all__ = ["places_of", "protocols_of", "scenario_of"]


def groups_of(verification: Verification, private: Set[str]) -> list[tuple[Record, list[str]]]:
    """Each record once, with the requirements that stand on it; private ones are left out."""
    groups: dict[int, tuple[Record, list[str]]] = {}
    for requirement, record in verification.records.items():
        if requirement not in private:
            groups.setdefault(id(record), (record, []))[1].append(requirement)
    return list(groups.values())


def places_of(programme: Programme, verification: Verification, private: Set[str]) -> dict[str, tuple[str, str]]:
    """By requirement, the protocol and the line that give its value."""
    return {
        one: (protocol_name(names), giving_line(record, programme.requirements[one].measure))
        for record, names in groups_of(verification, private)
        for one in names
    }


def scenario_of(programme: Programme, requirement: str) -> Phrase:
    """The conditions of a requirement in words; empty where it is done as the procedure prescribes."""
    asked = programme.requirements[requirement]
    conditions = conditions_of(asked, programme)
    cold = asked.procedure == "cold" and "start" not in conditions
    return scenario_said({**conditions, "start": "soaked"} if cold else conditions)


def protocols_of(
    programme: Programme, verification: Verification, private: Set[str], checks: Sequence[CheckedText]
) -> tuple[Protocol, ...]:
    """One protocol for each different record."""
    levels = {one.requirement: one.validation_level or 0 for one in verification.verdicts}
    groups = groups_of(verification, private)
    many = [record.procedure for record, _ in groups]
    return tuple(
        _protocol(
            programme,
            record,
            names,
            min(levels[name] for name in names),
            checks,
            twins=many.count(record.procedure) > 1,
        )
        for record, names in groups
    )


def _protocol(
    programme: Programme,
    record: Record,
    names: Sequence[str],
    level: int,
    checks: Sequence[CheckedText],
    *,
    twins: bool,
) -> Protocol:
    known = procedures().get(record.procedure)
    scenario = scenario_of(programme, names[0])
    gives = _gives(programme, record, names)
    cited = [one for one in record.lines if one.clause not in NO_TEXT]
    return Protocol(
        id=protocol_name(names),
        procedure=record.procedure,
        title=known.title if known else Words(record.procedure),
        scenario=scenario or (text("as the procedure prescribes") if twins else Words()),
        regulation=known.regulation if known else "",
        steps=len(cited),
        steps_checked=sum(line_checked(record.procedure, one, checks) for one in cited),
        checked=_readings(record, cited, checks),
        requirements=tuple(names),
        validation_level=level,
        lines=tuple(_line(record, one, checks, gives) for one in record.lines),
        remarks=record.remarks,
        estimates=tuple(_estimates(programme, record, names)),
    )


def _estimates(programme: Programme, record: Record, names: Sequence[str]) -> Iterator[Estimate]:
    known = procedures().get(record.procedure)
    for measure, laws in record.laws.items():
        gives = tuple(one for one in names if programme.requirements[one].measure == measure)
        found = known.measure(measure) if known else None
        if gives and found:
            unit = units.unit(found.unit)
            for law, value_si in laws.items():
                if any(math.isclose(one.value_si, value_si, rel_tol=1e-9) for one in record.lines):
                    continue  # a line of the protocol says it
                yield Estimate(found.title, law_said(law), unit.from_si(value_si), found.unit, gives)


def _gives(programme: Programme, record: Record, names: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """By line, the requirements whose value it is."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        line = giving_line(record, programme.requirements[name].measure)
        found[line] = (*found.get(line, ()), name)
    return found


def _line(
    record: Record, one: Line, checks: Sequence[CheckedText], gives: Mapping[str, tuple[str, ...]]
) -> ProtocolLine:
    return ProtocolLine(
        number=one.number,
        title=one.title,
        value_si=one.value_si,
        unit=one.unit,
        symbol=one.symbol,
        clause=one.clause,
        shown=one.shown,
        checked=line_checked(record.procedure, one, checks),
        gives=gives.get(one.number, ()),
    )


def _readings(record: Record, cited: Sequence[Line], checks: Sequence[CheckedText]) -> tuple[Reading, ...]:
    """Who has held which edition against the formulas of a record, and when."""
    found = (
        Reading(one.by, one.on, one.edition)
        for one in checks
        if any(one.holds_formula(record.procedure, line.clause, line.symbol) for line in cited)
    )
    return tuple(dict.fromkeys(found))
