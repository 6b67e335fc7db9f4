"""What the machine of a workspace trusts about its programmes: kept in a back-up, said where that is restored, and named anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

from covolt.errors import NotFound, Problem
from covolt.programme.anchor import ANCHOR_FILE, anchor_file, first_in, kept_of, named_in, taken_up
from covolt.programme.documents import Programme
from covolt.programme.reading import read_leniently
from covolt.suggestion import named
from covolt.words import text
from covolt.workspace.states import ProgrammeFolders

__all__ = ["Shut", "kept_trust", "key_count", "programme_in", "read_in", "shut_in"]

UNIT_CONFIG = "config"
"""Folder of a workspace in which its service keeps what it trusts (`deploy/covolt.service`)."""
REPOSITORY = "programme.git"


@final
@dataclass(frozen=True)
class Shut:
    """A programme of which signatures count nowhere here, and the first keys by party that were trusted where it came from."""

    programme: str
    first: dict[str, str]


def kept_trust(home: Path) -> str:
    """What is trusted of the programmes in a folder where it is served: by its service, or by whoever runs this."""
    of_unit, own = home / UNIT_CONFIG / ANCHOR_FILE, anchor_file()
    place = of_unit if of_unit.exists() else own
    return "" if place is None else kept_of(place, programmes_in(home))


def key_count(kept: str) -> int:
    """How many first keys are named in what was kept."""
    return sum(len(one) for one in first_in(kept).values())


def shut_in(home: Path, kept: str, *, again: bool) -> list[Shut]:
    """Programmes with keys of which nobody has said here whose they are; `again` trusts anew what was kept of them."""
    first, found = first_in(kept), list[Shut]()
    for name in programmes_in(home):
        folders = ProgrammeFolders(home / "programmes" / name)
        has_keys = any(path.startswith("keys/") for path in folders.shared.files(folders.heads().programme))
        if not has_keys or named_in(name) or (again and taken_up(kept, name)):
            continue
        found.append(Shut(name, dict(first.get(name, {}))))
    return found


def programmes_in(home: Path) -> list[str]:
    """Ids of the programmes whose repositories lie in a folder."""
    return sorted(one.parent.name for one in (home / "programmes").glob(f"*/{REPOSITORY}"))


def programme_in(folder: Path) -> Path | None:
    """Folder of the repositories of a programme: where one of a workspace is named, or the bare repository in it; else None."""
    place = folder.parent if folder.name == REPOSITORY else folder
    return place if (place / REPOSITORY / "HEAD").is_file() else None


def read_in(place: Path) -> Programme:
    """The programme that a workspace has in a folder of repositories, as it stands.

    Raises:
        NotFound: there is none.
    """
    if programme_in(place) is None:
        what = text("no programme '{name}' in this workspace", name=place.name)
        raise NotFound(Problem(what, str(place), named(place.name, programmes_in(place.parent.parent))))
    folders = ProgrammeFolders(place)
    return read_leniently(folders.files(folders.heads()))
