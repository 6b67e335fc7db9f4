"""Verdicts as people and machines list them: in the unit of each requirement, as rows of a table, and as JUnit XML."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from covolt import units
from covolt.catalogues import ENGLISH, Language
from covolt.digits import number_text
from covolt.display import Table, printed
from covolt.errors import UnitError
from covolt.legible import shown
from covolt.programme.documents import Programme
from covolt.programme.requirement import Requirement
from covolt.study.verdicts.unstated_number import unstated_count, unstated_said
from covolt.study.verdicts.verdict import Verdict, margin_text, value_text
from covolt.study.verdicts.verification import Verification
from covolt.words import joined

__all__ = ["harmless", "in_own_unit", "junit_text", "numbers_of", "table_text", "verdict_table"]

COLUMNS = (
    "requirement", "title", "owner", "kind", "verdict", "value", "side", "bound", "margin", "expanded_uncertainty", "unit",
    "probability", "procedure", "measure", "validation_level", "why",
    "unstated", "door", "part", "file", "part_digest", "passes", "unexplained_ratio", "provisional",
)  # fmt: skip
FOREIGN = ("door", "part", "file", "part_digest", "passes", "unexplained_ratio")
"""What is said of parts that are not covolt's behind a verdict."""
MUST = frozenset({"law", "constraint"})
"""Kinds that fail a run; needs and wishes that are not met are told and skipped."""


def in_own_unit(one: Verdict, requirement: Requirement) -> Verdict:
    """The same verdict in the unit in which its requirement is written."""
    if one.bound is None:
        return one
    try:
        own, of = units.unit_of(str(requirement.bound)), units.unit(one.unit)
    except UnitError:  # a unit of the measure's alone, such as years
        return one
    if own.si != of.si or own.name == of.name:
        return one
    ratio = of.factor / own.factor

    def number(value: float | None) -> float | None:
        return None if value is None else own.from_si(of.to_si(value))

    def difference(value: float | None) -> float | None:
        return None if value is None else value * ratio

    return replace(
        one,
        unit=own.name,
        value=number(one.value),
        bound=number(one.bound),
        margin=difference(one.margin),
        uncertainty=difference(one.uncertainty),
        inputs=difference(one.inputs),
        models=difference(one.models),
        laws={law: margin * ratio for law, margin in one.laws.items()},
        contributions=tuple(replace(part, effect=part.effect * ratio) for part in one.contributions),
    )


def numbers_of(own: Verdict, requirement: Requirement, language: Language = ENGLISH) -> tuple[str, str, str]:
    """Value, bound and margin in a language, in the unit in which the verdict is; empty where there is none.

    A value that is open, or that a step parts, is told by its ends.
    """
    side = "≥" if requirement.sign > 0.0 else "≤"
    return (
        _value(own, language),
        "" if own.bound is None else f"{side} {number_text(own.bound, language=language, grouped=False)}",
        margin_text(own, language, grouped=False),
    )


def _value(own: Verdict, language: Language) -> str:
    if own.value is None or own.is_open:
        return value_text(own, language, grouped=False).partition(" ± ")[0]
    return number_text(own.value, language=language, grouped=False)


def verdict_table(found: Verification, programme: Programme) -> Table:
    """Every requirement with its verdict, in the unit in which it is written."""
    rows: list[tuple[str, ...]] = []
    for one in found.verdicts:
        requirement = programme.requirements[one.requirement]
        own = in_own_unit(one, requirement)
        said = (one.requirement, str(requirement.title.words), one.owner, str(one.standing))
        why = str(joined((one.why, unstated_said(one.unstated))))
        rows.append((*said, *numbers_of(own, requirement), printed(own.unit), why))
    counts = Counter(str(one.standing) for one in found.verdicts)
    summed = "; ".join(f"{count} {verdict}" for verdict, count in counts.items())
    kept = sum(one.kept for one in found.conformances)
    promises = f"{kept} of {len(found.conformances)} promises of the contracts are kept" if found.conformances else ""
    written = any(one.kind in MUST for one in found.verdicts)
    whole = len(found.verdicts) == len(programme.requirements)
    acceptable = (
        "no law or constraint among those verified"
        if not written
        else "a law or a constraint is not shown to be met"
        if not found.acceptable
        else "every law and constraint is met"
        if whole
        else "every law and constraint of those verified is met"
    )
    heads = ("requirement", "what", "owner", "verdict", "value", "bound", "margin", "unit", "why")
    notes = (promises, str(unstated_count(found.verdicts)), "± is two standard uncertainties.")
    title = f"{programme.charter.id}: {acceptable} ({len(found.verdicts)} requirements: {summed})"
    return Table(title, heads, rows, frozenset({4, 5, 6}), notes)


def table_text(found: Verification, programme: Programme) -> str:
    """Verdicts as CSV, one row each, numbers in the unit of the requirement; a title that a spreadsheet would run is quoted."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in _rows(found, programme.requirements):
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return made.getvalue()


def _rows(found: Verification, requirements: Mapping[str, Requirement]) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = []
    for verdict in found.verdicts:
        requirement = requirements[verdict.requirement]
        one = in_own_unit(verdict, requirement)
        rows.append(
            {name: getattr(one, name, None) for name in COLUMNS}
            | {
                "title": harmless(str(requirement.title.words)),
                "side": "" if one.bound is None else "at least" if requirement.sign > 0.0 else "at most",
                "expanded_uncertainty": one.expanded,
                "why": harmless(str(one.why)),
                "unstated": harmless(str(unstated_said(one.unstated))),
            }
            | _foreign(one)
        )
    return rows


def _foreign(one: Verdict) -> dict[str, Any]:
    """On which parts that are not covolt's it rests, in the order of their slots; the worst of their shares, the most passes."""
    parts = one.foreign
    shares = [part.unexplained_ratio for part in parts if part.unexplained_ratio is not None]
    return {
        "door": ", ".join(part.door for part in parts),
        "part": ", ".join(part.part for part in parts),
        "file": harmless(", ".join(part.file for part in parts)),
        "part_digest": ", ".join(part.digest for part in parts),
        "passes": max((part.passes for part in parts if part.own_model), default=None),
        "unexplained_ratio": max(shares, default=None),
        "provisional": "yes" if one.provisional else "",
    }


def _cell(value: object) -> object:
    """Twelve digits of a number, so that a change of unit leaves 0.7 what it is."""
    return f"{value:.12g}" if isinstance(value, float) else "" if value is None else value


def harmless(text: str) -> str:
    """A party's words in a cell: as text, though they begin as a formula does."""
    plain = shown(text, breaks=True)
    return f"'{plain}" if plain[:1] in {"=", "+", "-", "@"} else plain


def junit_text(found: Verification, programme: Programme) -> str:
    """Verdicts and promises as JUnit XML, as build servers read it.

    A law or constraint that is not shown to be met, and a promise that is not kept, is a failure; a need or a wish, and
    what is hidden, is skipped.
    """
    suite = ElementTree.Element("testsuite", name=programme.charter.id)
    failures = skipped = 0
    for row in _rows(found, programme.requirements):
        case = ElementTree.SubElement(suite, "testcase", classname=str(row["owner"]), name=str(row["requirement"]))
        verdict = next(one for one in found.verdicts if one.requirement == row["requirement"])
        if verdict.foreign:
            stated = ElementTree.SubElement(case, "properties")
            for name in (*FOREIGN, "provisional"):
                if (cell := _cell(row[name])) != "":
                    ElementTree.SubElement(stated, "property", name=name, value=str(cell))
        told = f"{verdict.standing}: {row['title']}"
        unit = "" if row["unit"] == "1" else f" {row['unit']}"
        numbers = "" if row["value"] is None else f"{row['value']:g}{unit}, {row['side']} {row['bound']:g}{unit}"
        if verdict.passes:
            said = (told, numbers, str(row["unstated"]))
            ElementTree.SubElement(case, "system-out").text = "; ".join(filter(None, said))
            continue
        must = verdict.kind in MUST and verdict.verdict != "hidden"
        failures, skipped = failures + must, skipped + (not must)
        held = ElementTree.SubElement(case, "failure" if must else "skipped", message=told)
        held.text = "; ".join(filter(None, (numbers, str(row["why"]), str(row["unstated"]))))
    for one in found.conformances:
        case = ElementTree.SubElement(suite, "testcase", classname=one.slot, name=f"{one.offer}: {one.promise}")
        if one.broken:
            failures += 1
            ElementTree.SubElement(case, "failure", message=f"broken promise: {shown(str(one.why), breaks=True)}")
        elif not one.kept:
            skipped += 1
            ElementTree.SubElement(case, "skipped", message=f"not shown: {shown(str(one.why), breaks=True)}")
    counts = {"tests": len(suite), "failures": failures, "skipped": skipped, "errors": 0}
    suite.attrib.update({name: str(count) for name, count in counts.items()})
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
