"""Taking rows in: requirements from a file into the folder of their party, all or none."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, final

from covolt.contract.document import MOST_TOLD, dumps, validate
from covolt.contract.editing import edited
from covolt.errors import Forbidden, InputError, Problem, refuse
from covolt.journal import Change, write_together
from covolt.programme.coherence import incoherences
from covolt.programme.documents import Programme
from covolt.programme.reading import Further
from covolt.programme.requirement import Requirement
from covolt.programme.requirement_files.rows import COLUMNS, NUMBERED, Row, RowError, Rows, requirement_in, spelled
from covolt.programme.seen import widened
from covolt.words import text

__all__ = ["Imported", "take_in"]


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do: names of requirements that are new, changed, as they were, and not in the file.

    `widened` says of those that more readers see now by whom they were seen, and are.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    left: tuple[str, ...]
    remarks: tuple[str, ...]
    widened: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


def take_in(
    programme: Programme,
    rows: Sequence[Row],
    *,
    party: str = "",
    widen: bool = False,
    write: bool = True,
    further: Further = lambda programme: [],
) -> Imported:
    """Rows into the parties' files, all or none.

    Evidence is kept, which no table holds, and so is what a column would say that the rows lack. A requirement that the rows
    lack stays and is named in `left`. `further` finds what else would be wrong with the programme. A row of what the programme
    hides from its reader is refused whatever it says, one that shows a requirement to more readers where `widen` is not said.
    Raises every problem of every row at once; then nothing is written.
    """
    found = _Found(programme, party, widen)
    for row in rows:
        found.take(row)
    found.hold_together(rows, further)
    read, known = found.read, programme.requirements
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
        {name: told for name, one in read.items() if (told := widened(known.get(name), one))},
    )


@final
class _Found:
    """What the rows read so far ask for, and what is wrong with them: some of it forbidden, some only wrong."""

    def __init__(self, programme: Programme, party: str, widen: bool) -> None:
        self._programme, self._party, self._widen = programme, party, widen
        self._problems: list[Problem] = []
        self._forbidden: list[Problem] = []
        self.read: dict[str, Requirement] = {}
        self._rests: list[tuple[Requirement, Row, frozenset[str]]] = []
        self._failed: set[str] = set()
        self._places: dict[tuple[str, str], tuple[str, Any]] = {}
        self._alike: dict[str, set[str]] = {}
        for name in programme.requirements:
            self._alike.setdefault(name.casefold(), set()).add(name)

    def take(self, row: Row) -> None:
        """Take one more row into the requirements of its party."""
        if len(self._problems) + len(self._forbidden) >= MOST_TOLD:
            self._problems.append(
                Problem(text("from here on nothing was looked at"), row.where, text("mend what is named first"))
            )
            self._demand_none()
        programme, name = self._programme, row.cells.get("id", "")
        if hidden := _hidden(row, programme):
            self._forbidden += hidden
            self._failed.add(name)
            return
        try:
            found = requirement_in(row, programme)
        except RowError as error:
            self._problems += error.problems
            self._failed.add(name)
            if error.rest is not None:
                self._rests.append((error.rest, row, error.wrong))
            return
        foreign = _foreign(found, row, programme, self._party)
        misplaced = _misplaced(found, row, programme, self.read, self._alike)
        self._forbidden += foreign
        self._problems += misplaced
        if misplaced or foreign:
            self._failed.add(found.id)
            return
        if not self._widen:
            self._forbidden += _not_widened(found, row, programme)
        self.read[found.id] = found
        self._alike.setdefault(found.id.casefold(), set()).add(found.id)
        self._places["requirement", found.id] = (row.where, NUMBERED)

    def hold_together(self, rows: Sequence[Row], further: Further) -> None:
        """Raise all that is wrong: with rows by themselves, and with the programme as it would be."""
        programme, judged, blamed = self._programme, dict(self.read), set[str]()
        for rest, row, wrong in self._rests:
            judged.setdefault(rest.id, rest)
            self._places.setdefault(("requirement", rest.id), (row.where, NUMBERED))
            blamed |= {f"{row.where}:{NUMBERED[one.path]}" for one in COLUMNS if one.path[0] in wrong | {"party"}}
            if "party" not in wrong:
                self._forbidden += _foreign(rest, row, programme, self._party)
                self._problems += _misplaced(rest, row, programme, {}, {})
        told = _incoherent(programme, judged, self._places, further, without=self._failed - judged.keys())
        self._problems += _in_columns([one for one in told if one.where not in blamed], rows)
        self._demand_none()

    def _demand_none(self) -> None:
        refuse({Forbidden: self._forbidden, InputError: self._problems})


def _hidden(row: Row, programme: Programme) -> list[Problem]:
    """That a row speaks of what its reader may not see, whatever it says of it."""
    name = spelled(COLUMNS[0], row.cells.get("id", ""), programme)
    if name not in programme.hidden:
        return []
    owner = programme.requirements[name].party
    what = text("'{name}' is what {owner} keeps to itself", name=name, owner=owner)
    return [Problem(what, row.place("id"), text("take out the row, or import as {owner}", owner=owner))]


def _not_widened(found: Requirement, row: Row, programme: Programme) -> list[Problem]:
    """That a row would show a requirement to more readers."""
    told = widened(programme.requirements.get(found.id), found)
    if told is None:
        return []
    what = text(
        "'{id}' would be shown to more readers: visibility {was} becomes {wanted}",
        id=found.id,
        was=told[0],
        wanted=told[1],
    )
    return [Problem(what, row.place("visibility"), text("write {told} there, or say --widen", told=told[0]))]


def _in_columns(problems: Sequence[Problem], rows: Sequence[Row]) -> list[Problem]:
    """Problems of requirements told by the columns in which their rows say so."""
    if not problems:
        return []
    places = {f"{row.where}:{NUMBERED[one.path]}": row.place(one.key) for row in rows for one in COLUMNS}
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


def _foreign(found: Requirement, row: Row, programme: Programme, party: str) -> list[Problem]:
    """That a row would change what another party has written; one that repeats it changes nothing."""
    known = programme.requirements.get(found.id) == found
    if known or party in {"", found.party} or found.party not in programme.parties:
        return []
    what = text("this is a requirement of {party}", party=found.party)
    return [Problem(what, row.place("party"), text("take out the row, or import as {party}", party=found.party))]


def _misplaced(
    found: Requirement,
    row: Row,
    programme: Programme,
    read: Mapping[str, Requirement],
    alike: Mapping[str, set[str]],
) -> list[Problem]:
    problems: list[Problem] = []
    if found.party not in programme.parties:
        known = ", ".join(programme.parties)
        problems.append(
            Problem(
                text("no party '{party}'", party=found.party), row.place("party"), text("parties: {known}", known=known)
            )
        )
    if found.id in read:
        problems.append(
            Problem(text("'{id}' stands twice", id=found.id), row.place("id"), text("give each requirement its own ID"))
        )
    for name in sorted(alike.get(found.id.casefold(), set()) - {found.id}):
        what = text("'{id}' and '{name}' differ in capitals alone", id=found.id, name=name)
        problems.append(Problem(what, row.place("id"), text("give each requirement its own ID")))
    old = programme.requirements.get(found.id)
    if old is not None and old.party != found.party:
        what = text("'{id}' belongs to {party}", id=found.id, party=old.party)
        problems.append(Problem(what, row.place("party"), text("a requirement does not change its owner by import")))
    return problems


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
