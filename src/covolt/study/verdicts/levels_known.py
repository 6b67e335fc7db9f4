"""What requirements and interests ask of levels that no party can answer: parties and levels that are not here, other units."""

from __future__ import annotations

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.levels import sums
from covolt.programme.requirement import Interest, Requirement
from covolt.study.procedures.levels import MEASURES, PROCEDURES, counted_below, factor_of
from covolt.study.procedures.protocol import Given
from covolt.study.verdicts.verification import given_of
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["levels_problems", "what_levels_lack"]

ASKED = PROCEDURES[0].id


def levels_problems(programme: Programme) -> list[Problem]:
    """The same of all requirements."""
    return [
        problem
        for one in programme.requirements.values()
        if one.procedure == ASKED
        for problem in what_levels_lack(programme, one, given_of(one, programme))
    ]


def what_levels_lack(programme: Programme, one: Requirement | Interest, given: Given) -> list[Problem]:
    """Why parties cannot answer it: no such party or level, or another quantity; of an interest also that nobody states it.

    A requirement on what nobody states yet is open until somebody does.
    """
    measure = next((each for each in MEASURES if each.id == one.measure), None)
    if one.procedure != ASKED or measure is None:
        return []
    kind, parties = "interest" if isinstance(one, Interest) else "requirement", programme.parties

    def problem(key: tuple[str, ...], what: Phrase, hint: str | Phrase) -> list[Problem]:
        return [Problem(what, programme.where(kind, one.id, *key), hint)]

    if given.party is not None and given.party not in parties:
        return problem(
            ("conditions", "party"), text("no party '{party}'", party=given.party), named(given.party, list(parties))
        )
    levels = sorted({each.level for each in parties.values() if each.level is not None})
    if given.level is not None and given.level not in levels:
        hint = text("parties state: {levels}", levels=", ".join(levels) or text("none"))
        return problem(("conditions", "level"), text("no party stands at the level {level}", level=given.level), hint)
    there = sorted(sums(parties, counted_below(parties, given)))
    for name, unit, _ in there:
        if name == measure.id and factor_of(unit, measure) is None:
            what = text(
                "{measure} is in {unit}, and parties state it in {written}",
                measure=name,
                unit=measure.unit,
                written=unit,
            )
            return problem(("measure",), what, text("let them write it in a unit such as {unit}", unit=measure.unit))
    if kind == "interest" and not any(name == measure.id and year == given.year for name, _, year in there):
        what = text("no party there states {measure} of {year}", measure=measure.id, year=str(given.year or "–"))
        stated = ", ".join(dict.fromkeys(f"{name} {year}" for name, _, year in there)) or text("none")
        return problem(("measure",), what, text("they state: {stated}", stated=stated))
    return []
