"""Levels: what parties state of a year, summed for one of them, a level or all, each leaf of their tree once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from covolt import units
from covolt.contract.architecture import INTERFACES
from covolt.errors import UnitError
from covolt.library.subject import Subject
from covolt.programme.levels import below, below_level, in_a_year, leaves, stated, sums
from covolt.programme.party import Party
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.supply import by_currency
from covolt.words import Phrase, text

__all__ = ["MEASURES", "PROCEDURES", "counted_below", "factor_of"]

MEASURES = (
    Measure("vehicles_a_year", text("Vehicles a year"), "1"),
    Measure("points", text("Points of origin"), "points"),
    Measure("cells_used", text("Cells used a year"), "GWh"),
    Measure("jobs", text("Jobs"), "1"),
    Measure("hours", text("Hours of work"), "h"),
    *by_currency("subsidy", text("Subsidy"), "M").values(),
    *by_currency("life_cycle_price", text("Price over the life"), "M").values(),
    Measure("results_introduced", text("Results introduced"), "1"),
)
"""What a requirement or an interest can ask of levels; other measures of parties are summed and compared alike."""


def factor_of(unit: str, measure: Measure) -> Fraction | None:
    """By what a party's unit goes into the SI unit of a measure; None where it is another quantity.

    What is counted may be called as its party likes, "vehicles/yr" or "jobs".
    """
    try:
        known = units.unit(in_a_year(unit))
    except UnitError:
        return Fraction(1) if measure.si_unit == "1" else None
    return Fraction(repr(known.factor)) if known.si == measure.si_unit and not known.offset else None


def counted_below(parties: Mapping[str, Party], given: Given) -> frozenset[str]:
    """Parties whose measures count: those below the party or the level that is given, else all."""
    if given.party is not None:
        return below(parties, given.party) if given.party in parties else frozenset()
    return frozenset(parties) if given.level is None else below_level(parties, given.level)


def levels(subject: Subject, given: Given, note: Recorder) -> None:
    """value = sum over leaves of value_i, u^2 = sum over leaves of u_i^2, exact in the numbers as written until they are noted."""
    parties = subject.terms.parties
    counted = counted_below(parties, given)
    summed = sums(parties, counted)
    for measure in MEASURES:
        note.section()
        keys = [one for one in summed if one[0] == measure.id and one[2] == given.year]
        if not keys:
            why = text("nobody there states {measure} of {year}", measure=measure.id, year=str(given.year))
            note.open(measure, None, None, why)
            continue
        factors = {key: factor_of(key[1], measure) for key in keys}
        total, unsure = Fraction(0), dict[str, float]()
        for key, factor in factors.items():
            if factor is None:
                note.open(measure, None, None, _no_unit(key[1], measure))
                break
            total += factor * summed[key]
            for name in leaves(parties, counted):
                value, u = stated(parties[name]).get(key, (None, None))
                if value is not None:
                    note.line(parties[name].title.words, float(factor * value), measure.unit)
                if u:
                    unsure[name] = math.hypot(unsure.get(name, 0.0), u * float(factor))
        else:
            note.result(measure, note.line("sum", float(total), measure.unit))
            note.unsure(measure, unsure)


def _no_unit(unit: str, measure: Measure) -> Phrase:
    return text("{measure} is in {unit}, not {written}", measure=measure.id, unit=measure.unit, written=unit)


PROCEDURES = (
    Procedure(
        id="levels",
        title=text("What parties state at their levels"),
        regulation="covolt",
        measures=MEASURES,
        validation_level=0,
        recipe=levels,
        conditions=("party", "level", "year"),
        needed={"year": (("M1", "N1", "M2", "M3", "N2", "N3"), "name the year that is summed, such as year = 2027")},
        reads_levels=True,
        mass_only=tuple(INTERFACES),
    ),
)
