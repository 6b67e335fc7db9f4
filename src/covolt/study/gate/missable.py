"""Missable: whether the bound of a requirement can be missed at all, by what its measure can be and by what came before."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from covolt import units
from covolt.library.terms import terms_of
from covolt.programme.documents import Programme
from covolt.programme.failing import Numbers
from covolt.programme.origin_points import points_of
from covolt.programme.origin_scheme import OriginScheme, exact
from covolt.programme.requirement import Requirement
from covolt.programme.text import quantity_si
from covolt.study.procedures.origin import Ends, margin_over, scheme_of, threshold_of
from covolt.study.procedures.reach import ABOVE_NOTHING, Reach, reach_of
from covolt.study.procedures.record import Measure
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.printed_units import quantity
from covolt.study.verdicts.verification import given_of
from covolt.words import Phrase, text

__all__ = ["figure_passes", "numbers_of", "stands_on", "unmissable"]


def unmissable(programme: Programme, requirement: Requirement) -> Phrase | None:
    """Why the bound of a requirement is met whatever becomes of the vehicle; None where it can be missed, or is no number."""
    measure = _measure(requirement)
    if measure is None:
        return None
    (least, most), (bound, _) = _reach_si(programme, requirement, measure), requirement.bound_si
    if measure.id == "points_margin" and requirement.at_least is not None and least < bound <= 0.5 * least:
        # The least that the margin can be is what the scheme asks for, below 0.
        return text("{id} is met by half of the points that the scheme asks for; set a higher bound", id=requirement.id)
    unit, told = units.unit(measure.unit), {"id": requirement.id, "measure": measure.id}
    if requirement.at_least is not None and bound <= least:
        end = quantity(0.0 if least == ABOVE_NOTHING else unit.from_si(least), measure.unit)
        return text("{id} cannot fail: {measure} is never below {end}; set a higher bound", end=end, **told)
    if requirement.at_most is not None and bound >= most:
        end = quantity(unit.from_si(most), measure.unit)
        return text("{id} cannot fail: {measure} is never above {end}; set a lower bound", end=end, **told)
    return None


def figure_passes(requirement: Requirement, came: str | float) -> Phrase | None:
    """Why the figure that came then would be no miss of a requirement; None where it turns red."""
    measure = _measure(requirement)
    if measure is None:
        return text("no figure goes into {id}, which a document shows: remove came", id=requirement.id)
    value, unit = quantity_si(came)
    if unit != measure.si_unit:
        return text(
            "{id} is in {unit}, and what came then is {came}: write it in that unit",
            id=requirement.id,
            unit=measure.unit,
            came=str(came),
        )
    if requirement.sign * (value - requirement.bound_si[0]) < 0.0:
        return None
    return text("{id} lets pass what came then, {came}: set a tighter bound", id=requirement.id, came=str(came))


def numbers_of(programme: Programme, names: Iterable[str]) -> dict[str, Numbers]:
    """By requirement what its value can be, in the unit of its measure, with its bound."""
    found: dict[str, Numbers] = {}
    for name in names:
        requirement = programme.requirements.get(name)
        measure = None if requirement is None else _measure(requirement)
        if requirement is not None and measure is not None:
            unit = units.unit(measure.unit)
            least, most = (unit.from_si(one) for one in _reach_si(programme, requirement, measure))
            found[name] = Numbers(
                least, most, unit.from_si(requirement.bound_si[0]), requirement.sign, _shared(programme, requirement)
            )
    return found


def _shared(programme: Programme, requirement: Requirement) -> str:
    """The measure under its conditions: what asks for the same has the same value."""
    return repr((requirement.procedure, requirement.measure, given_of(requirement, programme)))


def stands_on(programme: Programme, requirement: Requirement) -> list[Phrase]:
    """On what the origin that a requirement asks for stands: a table of the programme itself, rows that nobody knows."""
    found = _counting(programme, requirement)
    if found is None:
        return []
    scheme, threshold = found
    told: list[Phrase] = []
    if scheme.id in programme.tables:
        told.append(text("by the programme's own table {id}", id=scheme.id))
    if scheme.measure == "points" and requirement.measure == "points_margin" and requirement.at_least is not None:
        given = given_of(requirement, programme)
        tally = points_of(scheme, (), given.day or "", scope=scheme.scope_of((given.scheme or "").partition("/")[2]))
        _, most = margin_over(scheme, threshold, (tally.low, tally.high))
        if most is None or most >= exact(requirement.bound_si[0]):
            told.append(text("cannot turn red as far as known: rows of {id} are open", id=scheme.id))
    return told


def _measure(requirement: Requirement) -> Measure | None:
    """The measure that a requirement asks for; None where a document shows it, or no procedure has it."""
    procedure = procedures().get(requirement.procedure)
    return procedure.measure(requirement.measure) if procedure is not None and requirement.bound != "" else None


def _reach_si(programme: Programme, requirement: Requirement, measure: Measure) -> Reach:
    """What a measure can be, of a margin by the threshold that it is held against."""
    of_vehicle = not procedures()[requirement.procedure].reads_levels
    least, most = reach_of(measure, programme.charter.vehicle.category, of_vehicle=of_vehicle)
    if measure.id.endswith("_margin") and (found := _counting(programme, requirement)) is not None:
        scheme, threshold = found
        end = Fraction(1) if scheme.measure != "points" else None
        end = exact(scheme.maximum) if scheme.maximum is not None and not scheme.scope_of(_use(requirement)) else end
        ends: Ends = margin_over(scheme, threshold, (Fraction(0), end))
        return float(ends[0]), most if ends[1] is None else float(ends[1])
    return least, most


def _counting(programme: Programme, requirement: Requirement) -> tuple[OriginScheme, Fraction] | None:
    """The scheme of a requirement on origin, and the threshold of its use."""
    if requirement.procedure != "origin":
        return None
    given = given_of(requirement, programme)
    scheme = scheme_of(terms_of(programme), given)
    if isinstance(scheme, Phrase):
        return None
    threshold = threshold_of(scheme, _use(requirement), given.day or "")
    if isinstance(threshold, Phrase) or threshold.value is None:
        return None
    return scheme, exact(threshold.value)


def _use(requirement: Requirement) -> str:
    return (requirement.conditions.scheme or "").partition("/")[2]
