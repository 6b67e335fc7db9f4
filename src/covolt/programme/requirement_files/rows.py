"""Requirements as rows of texts, and rows as requirements in the files of their parties."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from covolt.contract.document import validate
from covolt.errors import InputError, Problem
from covolt.programme.documents import Programme
from covolt.programme.requirement import LONGEST_KIND, Requirement
from covolt.programme.requirement_files.columns import COLUMNS, NO, VERDICT_COLUMNS, YES, Column
from covolt.programme.requirement_files.spelling import latin_unit, spellings
from covolt.words import joined, spoken, text

__all__ = [
    "COLUMNS",
    "NUMBERED",
    "VERDICT_COLUMNS",
    "Column",
    "Row",
    "RowError",
    "Rows",
    "relations_in",
    "relations_text",
    "requirement_in",
    "rows_of",
    "spelled",
]


NUMBERED: dict[tuple[str | int, ...], int] = {column.path: number for number, column in enumerate(COLUMNS, 1)}
"""Columns by the place of their value, as if they were the lines of a row."""
_STAND_INS: Mapping[str, Any] = {"title": "-", "kind": "need", "at_least": 1.0}
"""What stands in for a cell that cannot be read, so that the rest of its row is judged besides."""
_LISTS = ("parents", "slots")
_QUANTITIES = (
    "at_least",
    "at_most",
    "conditions.ambient",
    "conditions.payload",
    "conditions.yearly_distance",
    "conditions.station_power",
    "conditions.station_voltage",
)
_RATIOS = ("conditions.state_of_health", "conditions.state_of_charge", "conditions.charges_per_day")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Characters that neither XML nor a workbook can hold."""
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?$")


@dataclass(frozen=True)
class Row:
    """One requirement as texts by the keys of `COLUMNS`, and where it stood. `remark` says what a foreign file did not tell."""

    cells: Mapping[str, str]
    where: str = ""
    remark: str = ""
    titles: Mapping[str, str] = field(default_factory=dict[str, str])
    """How the file calls its columns, by their keys."""

    def place(self, key: str) -> str:
        """Where a cell stands: its column as the file calls it, and as covolt does."""
        name = next((one.en for one in COLUMNS if one.key == key), key)
        own = self.titles.get(key, name)
        name = name if own.casefold() == name.casefold() else f"{own} ({name})"
        return spoken(joined((self.where, name), ", "))


@final
class Rows(list[Row]):
    """Rows of a file, and in `left_out` a sentence on each thing in it that is no row."""

    left_out: tuple[str, ...] = ()


def rows_of(requirements: Iterable[Requirement]) -> list[Row]:
    """Requirements as rows; what is as usual is still written, so that a table shows it."""
    return [Row({column.key: _text(column, _found(one, column.path)) for column in COLUMNS}) for one in requirements]


def _found(requirement: Requirement, path: Sequence[str]) -> Any:
    value: Any = requirement
    for step in path:
        value = None if value is None else getattr(value, step)
    return value


def _text(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.key in _LISTS:
        return ", ".join(value)
    if column.key == "relations":
        return relations_text([(one.kind, one.to) for one in value])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return CONTROL.sub(" ", str(value))


def relations_text(relations: Iterable[tuple[str, str]]) -> str:
    """Kinds and names as a cell has them."""
    return "; ".join(f"{_KIND_BREAKS.sub(' ', kind).strip()[:LONGEST_KIND]}: {to}" for kind, to in relations)


def relations_in(text: str) -> list[tuple[str, str]]:
    """Kinds and names that a cell states; one without a kind has an empty one, which is refused later."""
    parts = [one.rpartition(":") for one in _KIND_BREAKS.split(text) if one.strip()]
    return [(kind.strip(), to.strip()) for kind, _, to in parts]


_KIND_BREAKS = re.compile(r"[;\n]+")


def requirement_in(row: Row, programme: Programme) -> Requirement:
    """The requirement that a row asks for, over what is known by its name; raises `RowError` with all that is wrong with it."""
    known = programme.requirements.get(spelled(COLUMNS[0], row.cells.get("id", ""), programme))
    plain: dict[str, Any] = {"schema": "requirement/1"}
    cells = row.cells
    if known is not None:
        # What the file does not tell stays as it is; of another tool's file only the title and relations are told.
        told = [key for key in cells if key.startswith("title.") or key == "relations" or not row.remark]
        cells = {**rows_of([known])[0].cells, **{key: cells[key] for key in told}}
    for column in COLUMNS:
        text = cells.get(column.key, "").strip()
        if not text:
            continue
        inner = plain
        for step in column.path[:-1]:
            inner = inner.setdefault(step, {})
        inner[column.path[-1]] = _value(column, text, programme)
    if known is not None and known.evidence:
        plain["evidence"] = [one.model_dump(mode="json") for one in known.evidence]
    try:
        return validate(plain, Requirement, row.where or "row")
    except InputError as error:
        wrong, further, rest = _behind(plain, error)
        raise RowError([_named(one, row) for one in (*error.problems, *further)], rest, wrong) from error


@final
class RowError(InputError):
    """A row that cannot be read: its problems, what it asks for besides, and which of its keys are wrong."""

    def __init__(self, problems: Sequence[Problem], rest: Requirement | None, wrong: frozenset[str]) -> None:
        super().__init__(problems)
        self.rest, self.wrong = rest, wrong


def _behind(plain: Mapping[str, Any], error: InputError) -> tuple[frozenset[str], list[Problem], Requirement | None]:
    """Keys that are wrong, what is wrong besides once each has a stand-in, and the rest of the row where that can be read."""
    bounds, told, wrong = {"at_least", "at_most"}, list(error.problems), frozenset[str]()
    for _ in range(3):  # its cells, then what they say together
        named = {problem.where.partition("(")[2].rstrip(")").partition(".")[0] for problem in told} - {""}
        named |= bounds if named & bounds or not bounds & plain.keys() else set()
        wrong |= named
        stand_ins = {key: one for key, one in _STAND_INS.items() if key in wrong}
        if plain.get("verify", {}).get("method") == "document":
            stand_ins.pop("at_least", None)
        try:
            rest = validate(
                {key: one for key, one in plain.items() if key not in wrong} | stand_ins, Requirement, "row"
            )
        except InputError as further:
            known = {one.what for one in told}
            told += [one for one in further.problems if one.what not in known]
        else:
            return wrong, told[len(error.problems) :], rest
    return wrong, told[len(error.problems) :], None


def _value(column: Column, text: str, programme: Programme) -> Any:
    if column.key in _LISTS:
        return [spelled(column, one.strip(), programme) for one in re.split(r"[,;\n]", text) if one.strip()]
    if column.key == "relations":
        return [{"kind": kind, "to": spelled(column, to, programme)} for kind, to in relations_in(text)]
    if column.key == "safety":
        known = {one.casefold(): True for one in YES.plain().values()} | {
            one.casefold(): False for one in NO.plain().values()
        }
        return known.get(text.casefold(), text)
    if column.key in (*_RATIOS, "at_least", "at_most") and _NUMBER.match(text):
        return float(text.replace(",", "."))
    if column.key in {"conditions.yearly_volume", "conditions.year"} and text.isdecimal():
        return int(text)
    return latin_unit(text) if column.key in _QUANTITIES else spelled(column, text, programme)


def spelled(column: Column, text: str, programme: Programme) -> str:
    """A word in the capitals of the programme: spreadsheets and other tools begin their cells with a capital."""
    known: Iterable[str] = {
        "id": programme.requirements,
        "party": programme.parties,
        "conditions.party": programme.parties,
        "parents": programme.requirements,
        "relations": programme.requirements,
        "slots": programme.slots,
        "scenario": programme.scenarios,
        "verify.gate": programme.gates,
    }.get(column.key, column.choices)
    alike = [one for one in known if text.casefold() in spellings(one, column.choices)]
    return text if text in alike or len(alike) != 1 else alike[0]


def _named(problem: Problem, row: Row) -> Problem:
    """A problem of the document as one of its cell."""
    _, _, rest = problem.where.partition("(")
    key = rest.rstrip(")")
    column = next((one for one in COLUMNS if one.key == key or (key and one.key.startswith(key + "."))), None)
    where = row.place(column.key) if column else row.where
    hint = (
        text("write one of: {choices}", choices=", ".join(column.choices))
        if column and column.choices
        else problem.hint
    )
    return Problem(problem.what, where, hint)
