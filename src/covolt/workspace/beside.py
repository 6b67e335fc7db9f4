"""What a party sees of the folders of others, as files: with its own and the shared ones they make a programme to work in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from pydantic import BaseModel
from pydantic.dataclasses import dataclass

from covolt.contract.document import dumps
from covolt.programme.documents import Programme
from covolt.study.result import RESULT

__all__ = ["BesideShown", "FileShown", "beside_shown", "files_beside"]


@final
@dataclass(frozen=True, config=RESULT)
class FileShown:
    """A file by its place in the programme."""

    path: str
    content: str


@final
@dataclass(frozen=True, config=RESULT)
class BesideShown:
    """What a party sees of the folders of others, and all parties.

    `slots` are those for which alone the reader acts; the party's own folder is then among the others, as far as it is seen.
    """

    parties: tuple[str, ...]
    files: tuple[FileShown, ...]
    slots: tuple[str, ...] | None = None


def beside_shown(own: Programme) -> BesideShown:
    """That of a programme as its reader sees it."""
    files = (FileShown(path, content.decode()) for path, content in sorted(files_beside(own).items()))
    return BesideShown(
        tuple(own.parties), tuple(files), None if own.reader_slots is None else tuple(sorted(own.reader_slots))
    )


def files_beside(own: Programme) -> dict[str, bytes]:
    """Documents of others that the reader of a programme may see, each by its place, written anew from what is seen.

    Of a requirement that is hidden from the reader its id, owner, kind and gate are left, so that what names it finds it. Parts
    of others are not among them: what is to be seen of these they offer. Who acts for some slots of a party alone does not read
    its folder, and is given what is seen of it likewise.
    """
    kinds: tuple[tuple[str, Mapping[str, BaseModel]], ...] = (
        ("requirement", own.requirements),
        ("interest", own.interests),
        ("design", own.designs),
        ("negative", own.negatives),
        ("checked", own.checked),
        ("signature", own.signatures),
    )
    found: dict[str, bytes] = {}
    for kind, documents in kinds:
        for name, one in documents.items():
            place, _ = own.origin[kind, name]
            folder = place.partition("/")[0]
            if folder in own.parties and (folder != own.reader or own.reader_slots is not None):
                hidden = kind == "requirement" and name in own.hidden
                found[f"{folder}/requirements/{name}.toml" if hidden else place] = dumps(one).encode()
    return found
