"""Offering: a part folder becomes an immutable offer in the programme."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from covolt.contract.compatibility import datasheet_differences
from covolt.contract.datasheet import Datasheet
from covolt.contract.document import dumps, place_of
from covolt.contract.offer import AttachedFile, Offer, publish
from covolt.contract.schemas import read_document, read_with_lines
from covolt.contract.standard import standard_interface
from covolt.errors import Conflict, CovoltError, Forbidden, InputError, Problem, system_said
from covolt.files import digest_of, kind_of_refusal
from covolt.journal import Change, write_together
from covolt.programme.folder import attachment, find_root
from covolt.programme.placing import place_problem
from covolt.programme.reading import party_problems
from covolt.words import text

__all__ = ["OfferDraft", "draft_offer", "missing_reports", "publish_draft", "publish_part", "reports_of"]


@dataclass(frozen=True)
class OfferDraft:
    """An offer as it would be published: where, with which files, and as it was published before with the same content."""

    root: Path
    file: Path
    path: Path
    offer: Offer
    before: Offer | None
    changes: Sequence[Change]
    lines: Mapping[tuple[str | int, ...], int]

    def at_line(self, problem: Problem) -> Problem:
        """A problem of the part, with the file and line that says so."""
        return _at_line(problem, self.offer.datasheet, self.file, self.lines)


def publish_part(
    part: Path,
    attached: Sequence[Path] = (),
    further: Callable[[Datasheet, bool], list[Problem]] = lambda _, __: [],
    day: str | None = None,
) -> tuple[Path, Offer]:
    """Publish the part in a file or folder; the path of the offer, and the offer.

    The offer lies in `offers/PARTY/ID@VERSION.toml` of the programme, copies of the attached files in `evidence/ID@VERSION`
    beside it. The same content again changes nothing; other content under a published version is refused.
    """
    return publish_draft(draft_offer(part, attached, further, day))


def draft_offer(
    part: Path,
    attached: Sequence[Path] = (),
    further: Callable[[Datasheet, bool], list[Problem]] = lambda _, __: [],
    day: str | None = None,
    unread: Callable[[Path], list[Problem]] = lambda _: [],
) -> OfferDraft:
    """What `publish_part` would write; raises every problem of the part by its file and line, also those that `further` finds.

    `further` is told whether the part fits its interface, `unread` is asked what can be said of one that cannot be read.
    """
    file = part / "part.toml" if part.is_dir() else part
    try:
        document, lines = _read(file, part)
    except InputError as error:
        raise InputError([*error.problems, *unread(file)]) from error
    root = find_root(file.parent)
    said = place_of(str(file), ("party",), lines)
    problems = [
        Problem(text("no such file"), f"--attach {one}", text("check the path"))
        for one in attached
        if not one.is_file()
    ]
    # By links resolved: whose folder a path leads to is who could have written the part.
    source = file.resolve().relative_to(root).as_posix() if file.resolve().is_relative_to(root) else file.name
    parties = [one.stem for one in (root / "parties").glob("*.toml")]
    if (misplaced := place_problem(document, source, lines, parties)) is not None:
        problems.append(replace(misplaced, where=said))
    problems += [replace(one, where=said) for one in party_problems(root, document.party, said, day)]
    attached = _with_model(attached, document, file, problems)
    problems += missing_reports(document, str(file), lambda named: (file.parent / named).is_file())
    try:
        interface = standard_interface(document.fills)
    except InputError as error:
        told = [Problem(one.what, place_of(str(file), ("fills",), lines), one.hint) for one in error.problems]
        raise InputError([*problems, *told]) from error
    found = datasheet_differences(document, interface)
    problems += [*(one.problem(document.reference) for one in found), *further(document, not found)]
    if problems:
        raise InputError([_at_line(one, document, file, lines) for one in problems])
    contents = [_content(one) for one in attached]
    files = [
        AttachedFile(path=_relative(one, file.parent), digest=digest_of(content))
        for one, content in zip(attached, contents, strict=True)
    ]
    try:
        made = publish(document, interface, files)
    except CovoltError as error:
        raise InputError([_at_line(one, document, file, lines) for one in error.problems]) from error
    path = root / "offers" / document.party / f"{document.id}@{document.version}.toml"
    before = _published(path, made, place_of(str(file), ("version",), lines))
    # Beside the offer, since the part's own folder goes on changing.
    changes = [Change(attachment(path, made, stated), content) for stated, content in zip(files, contents, strict=True)]
    changes.append(Change(path, dumps(made).encode(), before=""))
    return OfferDraft(root, file, path, made, before, changes, lines)


def _with_model(attached: Sequence[Path], sheet: Datasheet, file: Path, problems: list[Problem]) -> Sequence[Path]:
    """The attached files, and that of the part's own model, which always goes along."""
    if sheet.model.file is None:
        return attached
    own, where = file.parent / sheet.model.file, f"{sheet.reference} (model.entry)"
    if not own.is_file():
        what = text("the file {path} of its model is not there", path=sheet.model.file)
        problems.append(Problem(what, where, text("put it into the folder of the part")))
    elif own.resolve() != file.parent.resolve() / sheet.model.file:
        what = text("a link leads to its file {path}", path=sheet.model.file)
        problems.append(Problem(what, where, text("put the file itself there")))
    elif own.resolve() not in {one.resolve() for one in attached}:
        return [*attached, own]
    return attached


def publish_draft(draft: OfferDraft) -> tuple[Path, Offer]:
    """Write an offer and its files together."""
    if draft.before is not None:
        return draft.path, draft.before
    try:
        write_together(draft.root, draft.changes)
    except InputError:
        before = _published(draft.path, draft.offer, place_of(str(draft.file), ("version",), draft.lines))
        if before is None:
            raise
        return draft.path, before
    return draft.path, draft.offer


def _read(file: Path, part: Path) -> tuple[Datasheet, Mapping[tuple[str | int, ...], int]]:
    hint = text('name a file with schema = "part/1", or the folder of its part.toml')
    if not file.exists():
        what = text("this folder holds no part.toml") if part.is_dir() else text("there is no such file")
        raise InputError(Problem(what, str(part), hint))
    document, lines = read_with_lines(file)
    if not isinstance(document, Datasheet):
        raise InputError(Problem(text("this file is no part"), place_of(str(file), ("schema",), lines), hint))
    return document, lines


def _at_line(problem: Problem, sheet: Datasheet, file: Path, lines: Mapping[tuple[str | int, ...], int]) -> Problem:
    """A problem that names the part by its reference, by the file and line in which it stands."""
    told = re.fullmatch(rf"(?:{re.escape(sheet.reference)}|{re.escape(str(file))})(?: \((.+)\))?", problem.where)
    if told is None:
        return problem
    steps: list[str] = (told[1] or "").split(".") if told[1] else []
    # The name of a port has a dot of its own.
    keys = (
        (steps[0], ".".join(steps[1:]))
        if steps[:1] == ["ports"] and len(steps) > 1
        else tuple(int(one) if one.isdecimal() else one for one in steps)
    )
    return replace(problem, where=place_of(str(file), keys, lines))


def _published(path: Path, made: Offer, where: str) -> Offer | None:
    """The offer as it was published before, with the same content; raises where it was with another."""
    if not path.exists():
        return None
    before = read_document(path)
    if isinstance(before, Offer) and before.digest == made.digest:
        return before
    what = text("{made} is published already, with other content", made=made.reference)
    raise Conflict(
        Problem(what, where, text('give the part a new version, such as version = "{next}"', next=_next(made, path)))
    )


def _next(made: Offer, path: Path) -> str:
    """The first version after this one that is not published yet."""
    first, second, last = made.datasheet.version.split(".")
    later = (f"{first}.{second}.{number}" for number in count(int(last) + 1))
    return next(one for one in later if not path.with_name(f"{made.datasheet.id}@{one}.toml").exists())


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = text("cannot be read: {why}", why=system_said(error))
        raise kind_of_refusal(error)(Problem(what, str(path), text("check its permissions"))) from error


def missing_reports(sheet: Datasheet, file: str, is_there: Callable[[str], bool]) -> list[Problem]:
    """Numbers and tables of a part file whose report is named as a file that is not there; an address is not looked up."""
    return [
        Problem(
            text("the report {path} is not there", path=path),
            f"{file} ({place})",
            text("bring the file, and offer with --attach {path}", path=path),
        )
        for place, path in reports_of(sheet)
        if not is_there(path)
    ]


def reports_of(sheet: Datasheet) -> list[tuple[str, str]]:
    """Files that numbers and tables of a part name as their report, with what names them."""
    named = [
        *((f"declared.{name}", one.evidence) for name, one in sheet.declared.items()),
        *((f"model.parameters.{name}", one.evidence) for name, one in sheet.model.parameters.items()),
        *((f"tables.{name}", one.evidence) for name, one in sheet.tables.items()),
        *((f"model.tables.{name}", one.evidence) for name, one in sheet.model.tables.items()),
    ]
    return [(place, path) for place, path in named if path and "://" not in path]


def _relative(path: Path, folder: Path) -> str:
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError as error:
        hint = text("move it into the folder of the part")
        raise Forbidden(Problem(text("the attached file lies outside the part"), str(path), hint)) from error
