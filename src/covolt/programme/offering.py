"""Offering: a part folder becomes an immutable offer in the programme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from covolt.contract.compatibility import datasheet_differences
from covolt.contract.datasheet import Datasheet
from covolt.contract.document import dumps
from covolt.contract.offer import AttachedFile, Offer, publish
from covolt.contract.schemas import read_document
from covolt.contract.standard import standard_interface
from covolt.errors import Conflict, Forbidden, InputError, Problem
from covolt.files import digest_of, kind_of_refusal
from covolt.journal import Change, write_together
from covolt.programme.folder import attachment, find_root
from covolt.programme.reading import party_problems

__all__ = ["missing_reports", "publish_part", "reports_of"]


def publish_part(
    part: Path,
    attached: Sequence[Path] = (),
    further: Callable[[Datasheet], list[Problem]] = lambda _: [],
) -> tuple[Path, Offer]:
    """Publish the part in a file or folder; the path of the offer, and the offer. `further` finds what else is wrong with it.

    The offer lies in `offers/PARTY/ID@VERSION.toml` of the programme, copies of the attached files in `evidence/ID@VERSION`
    beside it. The same content again changes nothing; other content under a published version is refused.
    """
    file = part / "part.toml" if part.is_dir() else part
    document = read_document(file)
    if not isinstance(document, Datasheet):
        raise InputError(Problem("this file is no part", str(file), 'name a file with schema = "part/1"'))
    root = find_root(file.parent)
    problems = [Problem("no such file", str(one), "check the path") for one in attached if not one.is_file()]
    problems += party_problems(root, document.party, str(file))
    problems += missing_reports(document, file)
    try:
        interface = standard_interface(document.fills)
    except InputError as error:
        told = [Problem(one.what, f"{file} (fills)", one.hint) for one in error.problems]
        raise InputError([*problems, *told]) from error
    if not datasheet_differences(document, interface):
        problems += further(document)
    if problems:
        raise InputError(problems)
    contents = [_content(one) for one in attached]
    files = [
        AttachedFile(path=_relative(one, file.parent), digest=digest_of(content))
        for one, content in zip(attached, contents, strict=True)
    ]
    made = publish(document, interface, files)
    path = root / "offers" / document.party / f"{document.id}@{document.version}.toml"
    before = _published(path, made)
    if before is not None:
        return path, before
    # Beside the offer, since the part's own folder goes on changing.
    changes = [Change(attachment(path, made, stated), content) for stated, content in zip(files, contents, strict=True)]
    try:
        write_together(root, [*changes, Change(path, dumps(made).encode(), before="")])
    except InputError:
        before = _published(path, made)
        if before is None:
            raise
        return path, before
    return path, made


def _published(path: Path, made: Offer) -> Offer | None:
    """The offer as it was published before, with the same content; raises where it was with another."""
    if not path.exists():
        return None
    before = read_document(path)
    if isinstance(before, Offer) and before.digest == made.digest:
        return before
    what = f"{made.reference} is published already, with other content"
    raise Conflict(Problem(what, str(path), "give the part a new version"))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise kind_of_refusal(error)(Problem(what, str(path), "check its permissions")) from error


def missing_reports(sheet: Datasheet, file: Path) -> list[Problem]:
    """Numbers and tables of a part file whose report is named as a file that is not there; an address is not looked up."""
    return [
        Problem(
            f"the report {path} is not there", f"{file} ({place})", f"bring the file, and offer with --attach {path}"
        )
        for place, path in reports_of(sheet)
        if not (file.parent / path).is_file()
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
        hint = "move it into the folder of the part"
        raise Forbidden(Problem("the attached file lies outside the part", str(path), hint)) from error
