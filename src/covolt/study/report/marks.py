"""What the sections of the page call beside the plain words: citations, labels of phone cards, order of rows, tables as CSV."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from covolt.catalogues import Language
from covolt.digits import expanded_text, number_text, signed_text
from covolt.programme.levels import LEVEL_WORDS, in_a_year
from covolt.simulation.chart import spoken
from covolt.simulation.ledger import FUEL
from covolt.study.gate.negatives import GUARD_STATES
from covolt.study.procedures.declaration import SLOTS
from covolt.study.procedures.levels import MEASURES
from covolt.study.procedures.supply import CURRENCIES
from covolt.study.report.chain import SourceRow
from covolt.study.report.citations import citation_said, law_said
from covolt.study.report.conditions import quantity_said, unit_said
from covolt.study.report.document import Protocol, Report, RequirementRow
from covolt.study.report.labels import LABELS
from covolt.study.report.texts import TEXTS
from covolt.study.report.waterfall import colours_by_party, falls
from covolt.study.verdicts.levels_moved import SumRow
from covolt.words import Phrase, in_each, joined, languages, plural, text

__all__ = ["degrees", "marks", "phrase"]

LAST = 1e6
"""Rank of what has a margin and no uncertainty; of what is not verified the same below zero."""


def degrees(said: str) -> str:
    """A text with its degrees as they are printed: parties type `-20 degC` in their titles."""
    return re.sub(r"(?:(?<![\w.])-(?=\d+ degC))|(?:(?<=\d) degC)", _degree, said)


def _degree(found: re.Match[str]) -> str:
    return "\N{MINUS SIGN}" if found[0] == "-" else "\N{NO-BREAK SPACE}°C"


def phrase(key: str) -> Phrase:
    """A text of the page by its key."""
    return LABELS[key] if key in LABELS else TEXTS[key]


def marks(content: Report) -> Mapping[str, Any]:
    """What the templates call and look up in one report."""
    rows = {row.requirement: row for party in content.parties for row in party.requirements}
    return {
        "guard_states": GUARD_STATES,
        "level_words": LEVEL_WORDS,
        "level_measure": _level_measure,
        "sum_said": _sum_said,
        "unit_of": _unit_of,
        "by_said": lambda by, highest: _by_said(by, highest, {one.id: one.title for one in content.parties}),
        "rolled_said": lambda: content.levels.rolled_said({one.id: one.title for one in content.parties}),
        "cite": lambda cited: _spoken(citation_said(cited)),
        "label": lambda key: Markup(" data-of={}").format(key),
        "named": lambda said: _named(phrase(said) if isinstance(said, str) else said),
        "card_style": _card_style(),
        "rank": _rank,
        "worst_first": lambda some: sorted(some, key=_rank),
        "value_alone": _value_alone,
        "with_unit": _with_unit,
        "quantity": _quantity,
        "stated_source": _stated_source,
        "steps_said": _steps_said,
        "estimates_said": lambda count: plural("span of {count} estimate", "span of {count} estimates", count=count),
        "more_said": lambda count: plural(
            "and {count} more that holds the gate", "and {count} more that hold the gate", count=count
        ),
        "by_estimate": _by_estimate,
        "number_said": _number_said,
        "csv_requirements": csv_link(_requirement_cells(rows.values())),
        "csv_figures": csv_link(_figure_cells(content)),
        "csv_moved": csv_link(_moved_cells(content)),
        "rows": rows,
        "protocols": {one.id: one for one in content.protocols},
        "parts_of": {one.id: one for one in content.slots},
        "falls": [(one, Markup(one.html)) for one in falls(content)],
        "colours": colours_by_party(content),
        "inside_J": sum(one.energy_J for one in content.drive.ledger if one.kind == "source" and one.name != FUEL),
    }


def _level_measure(name: str, year: int) -> Phrase:
    """A measure of a level by what it is called, with its year."""
    title = next((one.title for one in MEASURES if one.id == name), None) or name
    return joined((title, str(year)), ", ")


def _unit_of(row: SumRow) -> str:
    """In what a sum is told; what a measure counts says its title."""
    counted = any(one.id == row.name and one.unit == "1" for one in MEASURES)
    return "1" if counted else in_a_year(row.unit)


def _sum_said(value: float | None, uncertainty: float | None, unit: str) -> Markup:
    """A sum with its U and unit, or that nobody states it."""
    if value is None:
        return _spoken(text("not stated"))
    if not uncertainty:
        return _quantity(value, unit, 6)
    said = in_each(lambda one: expanded_text(value, uncertainty, value, one).removeprefix("+"))
    return _with_unit(said, unit)


def _by_said(by: Mapping[str, float], highest: float, titles: Mapping[str, Phrase]) -> Phrase:
    """Who moved it by how much, at the digits of the largest."""
    told = [
        joined(
            (titles.get(party) or text("what is agreed"), in_each(lambda one, by=moved: signed_text(by, highest, one))),
            " ",
        )
        for party, moved in by.items()
        if signed_text(moved, highest) != "0"
    ]
    return joined(told, "; ")


def _spoken(said: Phrase) -> Markup:
    return Markup(spoken(said, languages()))


def _named(said: Phrase) -> Markup:
    """Attributes from which the script renames a choice."""
    return Markup("").join(Markup(' data-in-{}="{}"').format(one, said.said(one)) for one in languages())


CARD = ("value", "bound", "margin", "kind", "asked_by")
"""Columns whose heads the style writes before their cells on a phone."""


def _card_style() -> Markup:
    rules = (
        Markup('html[data-language="{}"] td[data-of={}]::before {{ content: "{} "; }}').format(
            one, key, phrase(key).said(one)
        )
        for key in CARD
        for one in languages()
    )
    return Markup("\n").join(rules)


def _rank(row: RequirementRow) -> float:
    """Margin over U, by which rows are sorted; what is not verified comes first, what has no U by its sign last."""
    if row.margin is None:
        return LAST if row.private else -LAST
    if row.expanded:
        return round(row.margin / row.expanded, 4)
    return math.copysign(LAST, row.margin)


def _value_alone(row: RequirementRow) -> Markup:
    """A value to the place of its U."""
    said = row.value_text
    return (
        _with_unit(in_each(lambda one: said.said(one).partition(" ± ")[0]), row.unit, row.measure)
        if said
        else Markup("")
    )


def _with_unit(said: Phrase, unit: str, measure: str = "") -> Markup:
    """A number with its unit, parted from it only where that is money: no column holds "45 000 thousand RUB" in one line."""
    known = unit_said(unit, measure)
    if not known:
        return _spoken(said)

    between = " " if any(one in unit for one in CURRENCIES) else "\N{NO-BREAK SPACE}"

    def whole(language: Language) -> str:
        number, named = (one.said(language).replace(" ", "\N{NO-BREAK SPACE}") for one in (said, known))
        return f"{number}{between}{named}"

    return _spoken(in_each(whole))


def _quantity(value: float, unit: str, digits: int = 4, measure: str = "", *, signed: bool = False) -> Markup:
    """A number in significant digits with its unit."""
    plus = "+" if signed and value > 0.0 else ""
    return _with_unit(in_each(lambda one: plus + number_text(value, digits, one)), unit, measure)


def _by_estimate(row: RequirementRow) -> list[tuple[Phrase, Markup]]:
    """Value of a requirement by each of the estimates that disagree."""
    side = 1.0 if row.sign == "≥" else -1.0
    bound = row.bound or 0.0
    laws = sorted((row.laws or {}).items(), key=lambda one: side * one[1])
    return [(law_said(law), _quantity(bound + side * margin, row.unit, 4, row.measure)) for law, margin in laws]


def _number_said(slot: str, title: Phrase) -> Phrase:
    """A declared number: the part and what people call it."""
    return joined((SLOTS.get(slot) or slot, title), ": ")


def _stated_source(one: SourceRow) -> Markup:
    """A number as its datasheet states it, with its standard uncertainty."""
    said = quantity_said(one.stated) if one.stated else text("generic, not stated")
    if not one.uncertainty:
        return _spoken(said)
    u = in_each(lambda language: number_text(one.uncertainty, 2, language))
    return _spoken(joined((said, joined((u, unit_said(one.unit)), "\N{NO-BREAK SPACE}")), " ± "))


def _steps_said(protocol: Protocol) -> Phrase:
    """How many steps of a protocol somebody has held against its text."""
    return text(
        "{checked} of {steps} steps checked against the text", checked=protocol.steps_checked, steps=protocol.steps
    )


def csv_link(rows: Iterable[Sequence[str | float | None]]) -> str:
    """A table as the address of a file, numbers with a point in every language."""

    def cell(one: str | float | None) -> str:
        said = "" if one is None else one if isinstance(one, str) else f"{one:.6g}"
        return f'"{said.replace(chr(34), chr(34) * 2)}"' if set(said) & {",", '"', "\n"} else said

    lines = "\n".join(",".join(map(cell, row)) for row in rows)
    return f"data:text/csv;charset=utf-8,{quote(lines + chr(10), safe=',')}"


def _requirement_cells(rows: Iterable[RequirementRow]) -> Iterable[Sequence[str | float | None]]:
    yield (
        "requirement",
        "title",
        "party",
        "kind",
        "verdict",
        "value",
        "U",
        "value as told",
        "P",
        "sign",
        "bound",
        "margin",
        "unit",
        "scenario",
    )
    for one in rows:
        scenario = one.scenario.said("en") if one.scenario else ""
        yield (
            *(one.requirement, one.title.said("en"), one.owner, one.kind, one.verdict, one.value, one.expanded),
            *(
                one.value_text.said("en") if one.value_text else "",
                one.probability,
                one.sign,
                one.bound,
                one.margin,
                one.unit,
                scenario,
            ),
        )


def _figure_cells(content: Report) -> Iterable[Sequence[str | float | None]]:
    yield "figure", "how", "value ± U", "unit", "sign", "bound", "requirement", "verdict"
    for one in content.director.figures:
        said = one.value_text.said("en") if one.value_text else one.state
        yield (
            one.title.said("en"),
            one.how.said("en"),
            said,
            one.unit,
            one.sign,
            one.bound,
            one.requirement,
            one.verdict,
        )


def _moved_cells(content: Report) -> Iterable[Sequence[str | float | None]]:
    if content.since is None:
        return
    yield "requirement", "unit", "before", "after", *content.since.parties
    for one in content.since.differences:
        parts = (one.contributions.get(party, 0.0) for party in content.since.parties)
        yield one.requirement, one.unit, one.before, one.after, *parts
