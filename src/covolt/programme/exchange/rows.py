"""Requirements as rows of texts, and rows as requirements in the files of their parties."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, final

from covolt.contract.document import MOST_TOLD, dumps, validate
from covolt.contract.editing import edited
from covolt.errors import InputError, Problem
from covolt.journal import Change, write_together
from covolt.programme.coherence import incoherences
from covolt.programme.documents import Programme
from covolt.programme.exchange.columns import COLUMNS, NO, VERDICT_COLUMNS, YES, Column
from covolt.programme.exchange.spelling import latin_unit, spellings
from covolt.programme.reading import Further
from covolt.programme.requirement import LONGEST_KIND, Requirement

__all__ = [
    "COLUMNS",
    "VERDICT_COLUMNS",
    "Column",
    "Imported",
    "Row",
    "Rows",
    "relations_in",
    "relations_text",
    "rows_of",
    "take_in",
]


_NUMBERED: dict[tuple[str | int, ...], int] = {column.path: number for number, column in enumerate(COLUMNS, 1)}
"""Columns by the place of their value, as if they were the lines of a row."""
_STAND_INS: Mapping[str, Any] = {"title": "-", "kind": "need", "at_least": 1.0}
"""What stands in for a cell that cannot be read, so that the rest of its row is judged besides."""
_LISTS = ("parents", "slots")
_QUANTITIES = ("at_least", "at_most", "conditions.ambient", "conditions.payload", "conditions.yearly_distance")
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
        return f"{self.where}, {name}" if self.where else name


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


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do: names of requirements that are new, changed, as they were, and not in the file."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    left: tuple[str, ...]
    remarks: tuple[str, ...]


def take_in(
    programme: Programme,
    rows: Sequence[Row],
    *,
    party: str = "",
    write: bool = True,
    further: Further = lambda programme: [],
) -> Imported:
    """Rows into the parties' files, all or none.

    Evidence is kept, which no table holds, and so is what a column would say that the rows lack. A requirement that the rows
    lack stays and is named in `left`. `further` finds what else would be wrong with the programme.
    Raises every problem of every row at once; then nothing is written.
    """
    problems: list[Problem] = []
    read: dict[str, Requirement] = {}
    rests: list[tuple[Requirement, Row, frozenset[str]]] = []
    failed: set[str] = set()
    places: dict[tuple[str, str], tuple[str, Any]] = {}
    alike: dict[str, set[str]] = {}
    for name in programme.requirements:
        alike.setdefault(name.casefold(), set()).add(name)
    for row in rows:
        if len(problems) >= MOST_TOLD:
            problems.append(Problem("from here on nothing was looked at", row.where, "mend what is named first"))
            raise InputError(problems)
        try:
            found = _requirement(row, programme)
        except _RowError as error:
            problems += error.problems
            failed.add(row.cells.get("id", ""))
            if error.rest is not None:
                rests.append((error.rest, row, error.wrong))
            continue
        if misplaced := _misplaced(found, row, programme, party, read, alike):
            problems += misplaced
            failed.add(found.id)
            continue
        read[found.id] = found
        alike.setdefault(found.id.casefold(), set()).add(found.id)
        places["requirement", found.id] = (row.where, _NUMBERED)
    judged, blamed = dict(read), set[str]()
    for rest, row, wrong in rests:
        judged.setdefault(rest.id, rest)
        places.setdefault(("requirement", rest.id), (row.where, _NUMBERED))
        blamed |= {f"{row.where}:{_NUMBERED[one.path]}" for one in COLUMNS if one.path[0] in wrong | {"party"}}
        problems += [] if "party" in wrong else _misplaced(rest, row, programme, party, {}, {})
    told = _incoherent(programme, judged, places, further, without=failed - judged.keys())
    if problems := [*problems, *_in_columns([one for one in told if one.where not in blamed], rows)]:
        raise InputError(problems)
    known = programme.requirements
    new = [name for name in read if name not in known]
    changed = [name for name, one in read.items() if name in known and one != known[name]]
    if write:
        _write(programme, [read[name] for name in (*new, *changed)])
    return Imported(
        tuple(new),
        tuple(changed),
        tuple(name for name, one in read.items() if known.get(name) == one),
        tuple(name for name, one in known.items() if party in {"", one.party} and name not in read),
        (
            *(f"{row.cells.get('id', '')}: {row.remark}" for row in rows if row.remark),
            *(rows.left_out if isinstance(rows, Rows) else ()),
        ),
    )


def _in_columns(problems: Sequence[Problem], rows: Sequence[Row]) -> list[Problem]:
    """Problems of requirements told by the columns in which their rows say so."""
    if not problems:
        return []
    places = {f"{row.where}:{_NUMBERED[one.path]}": row.place(one.key) for row in rows for one in COLUMNS}
    return [replace(one, where=places.get(one.where, one.where)) for one in problems]


def _incoherent(
    programme: Programme,
    read: Mapping[str, Requirement],
    places: Mapping[tuple[str, str], tuple[str, Any]],
    further: Further,
    without: set[str],
) -> list[Problem]:
    """What would no longer hang together: gates, scenarios, parents, slots and measures that are not there, wrong units.

    Of `without`, which could not be read, nobody is told that it is missing.
    """
    before = {*incoherences(programme), *further(programme)}
    after = replace(programme, requirements={**programme.requirements, **read}, origin={**programme.origin, **places})
    return [
        one
        for one in (*incoherences(after), *further(after))
        if one not in before and without.isdisjoint(one.what.split("'")[1:-1])
    ]


def _misplaced(
    found: Requirement,
    row: Row,
    programme: Programme,
    party: str,
    read: Mapping[str, Requirement],
    alike: Mapping[str, set[str]],
) -> list[Problem]:
    problems: list[Problem] = []
    if found.party not in programme.parties:
        known = ", ".join(programme.parties)
        problems.append(Problem(f"no party '{found.party}'", row.place("party"), f"parties: {known}"))
    elif party and found.party != party:
        what = f"this is a requirement of {found.party}"
        problems.append(Problem(what, row.place("party"), f"take out the row, or import as {found.party}"))
    if found.id in read:
        problems.append(Problem(f"'{found.id}' stands twice", row.place("id"), "give each requirement its own ID"))
    for name in sorted(alike.get(found.id.casefold(), set()) - {found.id}):
        what = f"'{found.id}' and '{name}' differ in capitals alone"
        problems.append(Problem(what, row.place("id"), "give each requirement its own ID"))
    old = programme.requirements.get(found.id)
    if old is not None and old.party != found.party:
        what = f"'{found.id}' belongs to {old.party}"
        problems.append(Problem(what, row.place("party"), "a requirement does not change its owner by import"))
    return problems


def _requirement(row: Row, programme: Programme) -> Requirement:
    known = programme.requirements.get(_spelled(COLUMNS[0], row.cells.get("id", ""), programme))
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
        raise _RowError([_named(one, row) for one in (*error.problems, *further)], rest, wrong) from error


@final
class _RowError(InputError):
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
        return [_spelled(column, one.strip(), programme) for one in re.split(r"[,;\n]", text) if one.strip()]
    if column.key == "relations":
        return [{"kind": kind, "to": _spelled(column, to, programme)} for kind, to in relations_in(text)]
    if column.key == "safety":
        known = {one.casefold(): True for one in YES.plain().values()} | {
            one.casefold(): False for one in NO.plain().values()
        }
        return known.get(text.casefold(), text)
    if column.key in (*_RATIOS, "at_least", "at_most") and _NUMBER.match(text):
        return float(text.replace(",", "."))
    if column.key == "conditions.yearly_volume" and text.isdecimal():
        return int(text)
    return latin_unit(text) if column.key in _QUANTITIES else _spelled(column, text, programme)


def _spelled(column: Column, text: str, programme: Programme) -> str:
    """A word in the capitals of the programme: spreadsheets and other tools begin their cells with a capital."""
    known: Iterable[str] = {
        "id": programme.requirements,
        "party": programme.parties,
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
    hint = f"write one of: {', '.join(column.choices)}" if column and column.choices else problem.hint
    return Problem(problem.what, where, hint)


def _file(programme: Programme, requirement: Requirement) -> Path:
    if requirement.id in programme.requirements:
        return programme.file_of("requirement", requirement.id)
    return programme.root / requirement.party / "requirements" / f"{requirement.id}.toml"


def _text_of(programme: Programme, requirement: Requirement, path: Path) -> str:
    """The file as it will be: of one that is there the text stays, but for what the rows change."""
    known = programme.requirements.get(requirement.id)
    if known is None or path.suffix != ".toml":
        return dumps(requirement)
    text = edited(path.read_bytes().decode(), known, requirement)
    return text if validate(tomllib.loads(text), Requirement, path.name) == requirement else dumps(requirement)


def _write(programme: Programme, requirements: Sequence[Requirement]) -> None:
    """All files or none; what somebody has changed since it was read is not written over."""
    changes: list[Change] = []
    for one in requirements:
        path = _file(programme, one)
        before = programme.digests.get(path.relative_to(programme.root).as_posix(), "")
        changes.append(Change(path, _text_of(programme, one, path).encode(), before))
    write_together(programme.root, changes)
