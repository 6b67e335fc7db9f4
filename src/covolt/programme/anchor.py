"""The anchor: which first keys are trusted, and whom gates with people ask, in a file of the user outside every programme.

It lies in `COVOLT_CONFIG_DIR`, else in the user's configuration folder, for the user alone, and is written by `covolt key trust`:
by what its reader agreed to, and by it is taken back. What reads a programme adds only revocations that are signed by keys that
count, and where the programme lies. The anchor of the shipped examples is a file of covolt, which speaks of their programmes
alone and only where the user's own does not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from covolt.contract.document import DOCUMENT, dumps, loads
from covolt.errors import Forbidden, InputError, Problem, system_said
from covolt.files import write_whole
from covolt.own_files import config_folder, own_content, own_turn
from covolt.programme.keys import Fingerprint
from covolt.programme.standing import Trust
from covolt.programme.text import Date, Digest, Identifier
from covolt.words import text

__all__ = [
    "ANCHOR_FILE",
    "anchor_file",
    "first_in",
    "is_shipped",
    "kept_of",
    "named_in",
    "record",
    "remember",
    "taken_up",
    "trust_in",
    "trust_of",
]

FORM = 2
"""Form of the statements that a trusted programme takes: none of an older one passes a gate in it."""
ANCHOR_FILE = "trusted.toml"
FOREIGN_MODES = 0o077
MOST_FOLDERS = 256
"""Folders of one programme that are kept in mind."""


class _Entry(BaseModel):
    """What is trusted of one programme; without `people`, `others` or `orders` it was written before these were remembered."""

    model_config = DOCUMENT

    form: Literal[1, 2] = 2
    signatures_from: Identifier | None = None
    order: Annotated[int, Field(ge=1)] | None = None
    revoked: dict[Fingerprint, tuple[Digest, ...]] = {}
    """Digests of the revocations that were seen of each key: it stays out unless they are all there."""
    left: dict[str, Date] = {}
    agencies: tuple[Identifier, ...] | None = None
    """Parties that were agencies when they were trusted; None where nobody asked."""
    folders: tuple[str, ...] = ()
    """Where the programme was seen: what lies there under another name is not taken for another one."""
    people: dict[Identifier, tuple[str, ...]] | None = None
    others: dict[Identifier, tuple[str, ...]] | None = None
    orders: dict[Identifier, int] | None = None
    first: dict[str, Fingerprint] = {}


class _Anchor(BaseModel):
    """The file: an entry by the name of each programme."""

    model_config = DOCUMENT

    document: Literal["trusted/1"] = Field(default="trusted/1", alias="schema")
    programme: dict[str, _Entry] = {}


def anchor_file() -> Path | None:
    """The user's own anchor, which may not be there yet; None where the user has no home."""
    try:
        return config_folder() / ANCHOR_FILE
    except InputError:
        return None


def trust_of(programme: str, root: Path | None = None) -> Trust:
    """What is trusted of a programme, and which it was called in its folder before; nothing where nobody has said so.

    Names that differ in capitals alone are one.
    """
    own = _own()
    entry = own.programme.get(_called(own, programme)) or _shipped().programme.get(programme) or _Entry(form=1)
    place = "" if root is None else _place(root)
    before = (name for name, one in own.programme.items() if name != programme and place and place in one.folders)
    return _trust(entry, next(before, ""))


def is_shipped(programme: str, fingerprints: Collection[str]) -> bool:
    """Whether some of these keys are those of an example of covolt, which nobody holds."""
    entry = _shipped().programme.get(programme)
    return entry is not None and not set(entry.first.values()).isdisjoint(fingerprints)


def _called(own: _Anchor, programme: str) -> str:
    """Name under which a programme is known here already."""
    return next((name for name in own.programme if name.casefold() == programme.casefold()), programme)


def _place(root: Path) -> str:
    return os.fsencode(root.resolve()).decode("utf-8", "backslashreplace")


def _trust(entry: _Entry, renamed: str) -> Trust:
    return Trust(
        left=entry.left,
        agencies=None if entry.agencies is None else frozenset(entry.agencies),
        renamed=renamed,
        first=entry.first,
        revoked={key: frozenset(seen) for key, seen in entry.revoked.items()},
        signatures_from=entry.signatures_from,
        order=entry.order,
        form=entry.form,
        people=entry.people,
        others=entry.others,
        orders=entry.orders,
    )


def trust_in(
    programme: str,
    first: Mapping[str, str],
    signatures_from: str | None,
    order: int | None,
    people: Mapping[str, tuple[str, ...]] | None = None,
    others: Mapping[str, tuple[str, ...]] | None = None,
    orders: Mapping[str, int] | None = None,
    *,
    left: Mapping[str, str] | None = None,
    again: Collection[str] = (),
) -> Path:
    """Trust these first keys of a programme, beside those that the user trusted before, and none that he did not name.

    `people` None leaves what was said of gates; `left` says of parties on which day they left, empty for not at all;
    keys once seen revoked stay so, but for those that are to count `again`.
    """

    def trusted(before: _Entry | None) -> _Entry:
        known = before or _Entry()
        days = {party: day for party, day in {**known.left, **(left or {})}.items() if day}
        gates = {"people": people, "others": others, "orders": orders}
        said = {
            "first": {**known.first, **first},
            "signatures_from": signatures_from,
            "order": order,
            **({} if people is None else gates),
            "left": days,
            "revoked": {name: seen for name, seen in known.revoked.items() if name not in again},
        }
        return known.model_copy(update=said)

    return _change(programme, trusted)


def named_in(programme: str) -> Mapping[str, str]:
    """First keys that the user himself has named, by party; those of the shipped examples he has not."""
    own = _own()
    entry = own.programme.get(_called(own, programme))
    return {} if entry is None else entry.first


def remember(programme: str, root: Path | None, revoked: Mapping[str, Iterable[str]]) -> None:
    """Add to a trusted programme the keys that were seen revoked, and where it was seen; None for a place that proves nothing."""
    place = "" if root is None else _place(root)

    def reminded(before: _Entry | None) -> _Entry | None:
        if before is None:
            return None
        seen = {name: tuple(sorted({*before.revoked.get(name, ()), *found})) for name, found in revoked.items()}
        folders = _seen(before, place) if place else before.folders
        return before.model_copy(update={"revoked": {**before.revoked, **seen}, "folders": folders})

    own = _own()
    known = own.programme.get(_called(own, programme))
    if known != reminded(known):
        # A home that cannot be written to keeps what it knew.
        with suppress(InputError):
            _change(programme, reminded)


def _seen(before: _Entry, place: str) -> tuple[str, ...]:
    """Folders to keep in mind with one where the programme is now: of too many, those that were seen first go."""
    if place in before.folders and len(before.folders) <= MOST_FOLDERS:
        return before.folders
    others = [one for one in before.folders if one != place]
    return (*others[1 - MOST_FOLDERS :], place)


def record(programme: str, root: Path | None, agencies: Mapping[str, bool]) -> None:
    """Record of a programme that is trusted now where it lies, None for no folder, and which of the parties are agencies."""
    place = "" if root is None else _place(root)

    def recorded(before: _Entry | None) -> _Entry | None:
        if before is None:
            return None
        known: dict[str, bool] = {**dict.fromkeys(before.agencies or (), True), **agencies}
        named = tuple(sorted(name for name, one in known.items() if one))
        folders = _seen(before, place) if place else before.folders
        return before.model_copy(update={"agencies": named, "folders": folders})

    with own_turn() as folder:
        own = _own()
        moved = {
            name: one.model_copy(update={"folders": tuple(x for x in one.folders if x != place)})
            for name, one in own.programme.items()
        }
        _write(folder, own.model_copy(update={"programme": moved}))
    _change(programme, recorded)


def kept_of(path: Path, programmes: Collection[str]) -> str:
    """What an anchor says of these programmes, to be kept elsewhere: public keys by their fingerprints, and no folder.

    Whoever may read the file may keep it: nothing is trusted by it until somebody says so (`taken_up`).
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = system_said(error) if isinstance(error, OSError) else text("not UTF-8")
        hint = text("run this as who serves the workspace")
        raise InputError(Problem(text("what is trusted cannot be read: {why}", why=why), str(path), hint)) from error
    known = {name.casefold() for name in programmes}
    anchor = loads(content, _Anchor, str(path))
    kept = {
        name: one.model_copy(update={"folders": ()})
        for name, one in anchor.programme.items()
        if name.casefold() in known and one.first
    }
    return dumps(_Anchor(programme=kept)) if kept else ""


def first_in(kept: str) -> Mapping[str, Mapping[str, str]]:
    """First keys that were trusted where something was kept: by programme and party."""
    return {name: one.first for name, one in loads(kept, _Anchor, ANCHOR_FILE).programme.items()} if kept else {}


def taken_up(kept: str, programme: str) -> bool:
    """Trust again what was kept of a programme, all of it; nothing where somebody has said what to trust of it here."""
    entry = loads(kept, _Anchor, ANCHOR_FILE).programme.get(programme) if kept else None
    if entry is None or named_in(programme):
        return False
    _change(programme, lambda before: before if before is not None and before.first else entry)
    return True


def _change(programme: str, made: Callable[[_Entry | None], _Entry | None]) -> Path:
    """Change the entry of a programme as it is now: of two that are changed at once neither is lost."""
    with own_turn() as folder:
        own = _own()
        name = _called(own, programme)
        entry = made(own.programme.get(name))
        if entry is not None:
            _write(folder, own.model_copy(update={"programme": {**own.programme, name: entry}}))
        return folder / ANCHOR_FILE


def _write(folder: Path, anchor: _Anchor) -> None:
    text = "# Written by covolt key trust: whose keys you trust.\n" + dumps(anchor)
    write_whole(folder / ANCHOR_FILE, text, mode=0o600)


def _own() -> _Anchor:
    path = anchor_file()
    if path is None or not os.path.lexists(path):
        return _Anchor()
    content = own_content(path, foreign_modes=FOREIGN_MODES)
    if content is None:
        what = text("what you trust could have been written or read by others, or is no plain file")
        raise Forbidden(Problem(what, str(path), text("look through it, then: chmod 600 {path}", path=str(path))))
    try:
        written = content.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            Problem(text("not UTF-8"), str(path), text("move it away, and trust anew: covolt key trust"))
        ) from error
    return loads(written, _Anchor, str(path))


def _shipped() -> _Anchor:
    file = files("covolt") / "library" / "trusted.toml"
    return loads(file.read_text(encoding="utf-8"), _Anchor, "trusted.toml") if file.is_file() else _Anchor()
