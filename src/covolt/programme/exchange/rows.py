"""Requirements as rows of texts, and rows as requirements in the files of their parties."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final, get_args

from covolt.contract.datasheet import Visibility
from covolt.contract.document import MOST_TOLD, dumps, validate
from covolt.contract.editing import edited
from covolt.errors import InputError, Problem
from covolt.journal import Change, write_together
from covolt.programme.coherence import incoherences
from covolt.programme.documents import Programme
from covolt.programme.reading import Further
from covolt.programme.requirement import LONGEST_KIND, Kind, Requirement, Verify
from covolt.words import Phrase, Words, text

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


@dataclass(frozen=True)
class Column:
    """One column: where its value stands in a requirement, what it is called, and what may be written."""

    key: str
    title: Phrase
    meaning: str
    choices: tuple[str, ...] = ()

    @property
    def en(self) -> str:
        """What it is called in English."""
        return str(self.title)

    @property
    def path(self) -> tuple[str, ...]:
        """Place of the value in the document."""
        return tuple(self.key.split("."))


YES, NO = text("yes"), text("no")
_KINDS: tuple[str, ...] = get_args(Kind)
_METHODS: tuple[str, ...] = get_args(Verify.model_fields["method"].annotation)
COLUMNS = (
    Column("id", text("ID", context="column"), "name of the requirement, unique in the programme"),
    Column("party", text("Party", context="column"), "who owns it; its file lies in this party's folder"),
    Column("title.en", text("Title", context="column"), "one sentence, in English"),
    Column("title.ru", text("Title (Russian)", context="column"), "one sentence, in Russian"),
    Column("kind", text("Kind", context="column"), "law, constraint, need or wish", _KINDS),
    Column("firmness", text("Firmness", context="column"), "fixed, or negotiable", ("fixed", "negotiable")),
    Column("procedure", text("Procedure", context="column"), "covolt procedures lists them"),
    Column("measure", text("Measure", context="column"), "covolt procedures NAME lists them"),
    Column("at_least", text("At least", context="column"), 'number with unit: "250 km"; a ratio is a plain number'),
    Column("at_most", text("At most", context="column"), "the same; one of both is given"),
    Column("scenario", text("Scenario", context="column"), "conditions by the name of a scenario of the programme"),
    Column("conditions.cycle", text("Cycle", context="column"), "covolt cycles lists them"),
    Column("conditions.ambient", text("Ambient", context="column"), '"-20 degC"'),
    Column("conditions.payload", text("Payload", context="column"), '"150 kg"'),
    Column("conditions.state_of_health", text("State of health", context="column"), "0 to 1"),
    Column("conditions.state_of_charge", text("State of charge", context="column"), "0 to 1"),
    Column(
        "conditions.start", text("Start", context="column"), "soaked, or preconditioned", ("soaked", "preconditioned")
    ),
    Column("conditions.climate", text("Climate", context="column"), "place of the library, such as yakutsk"),
    Column("conditions.yearly_distance", text("Distance a year", context="column"), '"60000 km"'),
    Column("conditions.charges_per_day", text("Charges a day", context="column"), "a number"),
    Column("parents", text("Parents", context="column"), "IDs, separated by commas"),
    Column(
        "relations",
        text("Relations", context="column"),
        "how it is related to others: satisfies: ID; conflicts with: ID",
    ),
    Column("slots", text("Slots", context="column"), "slots that it concerns, separated by commas"),
    Column("safety", text("Safety", context="column"), "yes, or no", ("yes", "no")),
    Column("regulation", text("Regulation", context="column"), "act that it comes from: UN R13-H"),
    Column("verify.method", text("Shown by", context="column"), "simulation, declaration or document", _METHODS),
    Column("verify.gate", text("Gate", context="column"), "gate at which it must be shown"),
    Column("visibility", text("Visible to", context="column"), "who sees its numbers", get_args(Visibility)),
    Column("reason.en", text("Reason", context="column"), "why, in English"),
    Column("reason.ru", text("Reason (Russian)", context="column"), "why, in Russian"),
)
VERDICT_COLUMNS = (
    Column("value", text("Value", context="column"), "what the vehicle reaches; not read back"),
    Column("unit", text("Unit", context="column"), "unit of value, margin and uncertainty; not read back"),
    Column("margin", text("Margin", context="column"), "positive where the bound is kept; not read back"),
    Column("uncertainty", Words("u"), "standard uncertainty; not read back"),
    Column("verdict", text("Verdict", context="column"), "met, not met, within uncertainty …; not read back"),
)
_LISTS = ("parents", "slots")
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

    def place(self, key: str) -> str:
        """Where a cell stands."""
        name = next((one.en for one in COLUMNS if one.key == key), key)
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
        except InputError as error:
            problems += error.problems
            failed.add(row.cells.get("id", ""))
            continue
        if misplaced := _misplaced(found, row, programme, party, read, alike):
            problems += misplaced
            failed.add(found.id)
            continue
        read[found.id] = found
        alike.setdefault(found.id.casefold(), set()).add(found.id)
        places["requirement", found.id] = (row.where, {})
    problems += _incoherent(programme, read, places, further, without=failed)
    if problems:
        raise InputError(problems)
    known = programme.requirements
    new = [name for name in read if name not in known]
    changed = [name for name, one in read.items() if name in known and one != known[name]]
    if write:
        _write(programme, [read[name] for name in (*new, *changed)])
    mine = [name for name, one in known.items() if party in {"", one.party}]
    return Imported(
        tuple(new),
        tuple(changed),
        tuple(name for name, one in read.items() if known.get(name) == one),
        tuple(name for name in mine if name not in read),
        (
            *(f"{row.cells.get('id', '')}: {row.remark}" for row in rows if row.remark),
            *(rows.left_out if isinstance(rows, Rows) else ()),
        ),
    )


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
        raise InputError([_named(one, row) for one in (*error.problems, *_behind(plain, error))]) from error


def _behind(plain: Mapping[str, Any], error: InputError) -> list[Problem]:
    """What is wrong besides in the rest of a row, which is judged as a whole only once each of its values can be read."""
    wrong = {problem.where.partition("(")[2].rstrip(")").partition(".")[0] for problem in error.problems} - {""}
    if not wrong:
        return []
    try:
        validate({key: value for key, value in plain.items() if key not in wrong}, Requirement, "row")
    except InputError as further:
        return [one for one in further.problems if not any(f"({name}" in one.where for name in wrong)]
    return []


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
    return _spelled(column, text, programme)


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
    alike = [one for one in known if one.casefold() == text.casefold()]
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
