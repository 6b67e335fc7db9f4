"""Several files of a programme, written together: all or none, also where the process is killed at any moment.

All writers of a programme take turns. The new files lie hidden beside their places first; then a journal says which part takes
which place, and from that moment on they are written: whoever is interrupted, the next command that reads the programme finishes
it. The journal is sealed with a secret of the user, since a programme comes from others: theirs moves no file here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from covolt.errors import Conflict, InputError, Problem, Unavailable
from covolt.files import (
    PART,
    Folder,
    cannot_write,
    demand_portable,
    digest_at,
    digest_of,
    fill,
    opened,
    part_name,
    sweep,
)
from covolt.locks import waited
from covolt.own_files import own_secret
from covolt.words import text

__all__ = ["HOME", "Change", "reading", "write_together"]

HOME = ".covolt"
"""Folder of a programme in which its writers take turns."""
LOCK, JOURNAL, SECRET = "lock", "journal", "journal.key"
UNREAD = frozenset({"data", "node_modules"})
"""Folders in which covolt never writes."""


@dataclass(frozen=True)
class Change:
    """A file to be written, and the digest of what it replaces: empty where nothing may be there, None for whatever is.

    Without content it is taken away.
    """

    path: Path
    content: bytes | None
    before: str | None = None


@dataclass(frozen=True)
class _Move:
    """A part that takes its place, with digests of what was there and of what will be; none where a file goes."""

    part: str
    path: str
    before: str | None
    after: str


def write_together(root: Path, changes: Sequence[Change], further: Callable[[], list[Problem]] = lambda: []) -> None:
    """Write all files of a programme or none of them; raises where one is no longer what its writer has read.

    `further` is asked while nobody else can write, and finds what else speaks against it.
    """
    for one in changes:
        if one.content is not None:
            demand_portable(one.path, root)
    try:
        with _turn(root) as home, ExitStack() as stack:
            _finish(root, home)
            at = _opened(root, {one.path.parent for one in changes}, stack)
            problems = [_overtaken(root, one) for one in changes if not _stands(at[one.path.parent], one)]
            if problems := [*problems, *further()]:
                raise Conflict(problems)
            moves = [_drafted(root, at[one.path.parent], one, home, stack) for one in changes]
            for folder in at.values():
                folder.force()
            if len(moves) > 1:
                _write_journal(root, home, moves)
            _carry_out(root, home, moves)
    except OSError as error:
        raise cannot_write(error, changes[0].path, chosen=False) from error


def _opened(root: Path, paths: set[Path], stack: ExitStack) -> dict[Path, Folder]:
    """Folders by their paths; one in which nothing comes to be goes again."""
    at: dict[Path, Folder] = {}
    for path in sorted(paths):
        stack.callback(_prune, path, root)
        at[path] = stack.enter_context(opened(path, root))
    return at


def _stands(folder: Folder, change: Change) -> bool:
    return change.before is None or digest_at(folder, change.path.name) == change.before


def _overtaken(root: Path, change: Change) -> Problem:
    where = change.path.relative_to(root).as_posix()
    what = text("somebody has changed this meanwhile") if change.before else text("somebody has written this meanwhile")
    return Problem(
        text("{what}; nothing of yours was written", what=what), where, text("look at it, then run this again")
    )


def _drafted(root: Path, folder: Folder, change: Change, home: Folder, stack: ExitStack) -> _Move:
    """The content in a hidden neighbour; it goes where the writing ends before the journal stands."""
    place = change.path.relative_to(root).as_posix()
    if change.content is None:
        return _Move("", place, change.before, "")
    sweep(folder, change.path.name)
    part = part_name(change.path.name)

    def withdraw() -> None:
        if not digest_at(home, JOURNAL):
            folder.unlink(part)

    stack.callback(withdraw)
    folder.draft(part, change.content)
    return _Move(part, place, change.before, digest_of(change.content))


def _carry_out(root: Path, home: Folder, moves: Sequence[_Move]) -> None:
    """Let every part take its place, and forget the journal; what stands already is left."""
    with ExitStack() as stack:
        at = _opened(root, {(root / one.path).parent for one in moves}, stack)
        placed = [(at[(root / one.path).parent], PurePosixPath(one.path).name, one) for one in moves]
        if problems := [_torn(one) for folder, name, one in placed if not _possible(folder, name, one)]:
            raise Conflict(problems)
        for folder, name, one in placed:
            if not one.part:
                folder.unlink(name)
            elif digest_at(folder, one.part) and not folder.put(one.part, name, new=one.before == ""):
                # It was linked, and the part not yet taken away.
                folder.unlink(one.part)
        for folder in at.values():
            folder.force()
    home.unlink(JOURNAL)
    home.force()


def _possible(folder: Folder, name: str, move: _Move) -> bool:
    now, part = digest_at(folder, name), move.part and digest_at(folder, move.part)
    if not part and not move.after:
        return move.before is None or now in {move.before, ""}
    if not part:
        return now == move.after
    return part == move.after and (move.before is None or now in {move.before, move.after})


def _torn(move: _Move) -> Problem:
    what = text("covolt was interrupted while it wrote this, and it was changed since")
    hint = text(
        "remove {home}/{journal} to keep what stands, then run the interrupted command again",
        home=HOME,
        journal=JOURNAL,
    )
    return Problem(what, move.path, hint)


def _write_journal(root: Path, home: Folder, moves: Sequence[_Move]) -> None:
    told = {"folder": root.stat().st_ino, "moves": [asdict(one) for one in moves]}
    text = json.dumps(told, ensure_ascii=False)
    with home.part(JOURNAL, 0o600) as (part, handle):
        fill(handle, f"{_seal(text)}\n{text}")
        home.put(part, JOURNAL, new=False)
    home.force()


def _seal(text: str) -> str:
    return hmac.new(own_secret(SECRET), text.encode(), hashlib.sha256).hexdigest()


def _finish(root: Path, home: Folder) -> None:
    """Finish the writing that was interrupted; that of somebody else is refused."""
    try:
        os.stat(home.at(JOURNAL), dir_fd=home.handle, follow_symlinks=False)
    except FileNotFoundError:
        return
    moves = _own_moves(root, home)
    if moves is None:
        what = text("here lies an unfinished writing that is not yours: covolt does not carry it out")
        hint = text("let whoever was interrupted run covolt check; or remove this file, and what stands counts")
        raise Conflict(Problem(what, f"{HOME}/{JOURNAL}", hint))
    _carry_out(root, home, moves)


def _own_moves(root: Path, home: Folder) -> list[_Move] | None:
    """What this user's own journal says of this folder; None where it is another's, damaged, or of another folder."""
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        seal, _, text = (home.content(JOURNAL) or b"").decode().partition("\n")
        if hmac.compare_digest(seal.encode(), _seal(text).encode()):
            told: dict[str, Any] = json.loads(text)
            if told["folder"] == root.stat().st_ino:
                moves = [_Move(**one) for one in told["moves"]]
                texts: list[object] = [
                    one for move in moves for one in (move.part, move.path, move.before or "", move.after)
                ]
                return moves if all(isinstance(one, str) for one in texts) else None
    return None


@contextmanager
def _turn(root: Path) -> Generator[Folder]:
    """The folder in which writers of a programme take turns, while it is this one's."""
    with opened(root / HOME, root) as home:
        handle = _lock(home, os.O_RDWR | os.O_CREAT)
        try:
            if not waited(handle):
                what = text("another process has been writing here for too long")
                raise Unavailable(Problem(what, f"{HOME}/{LOCK}", text("wait until it has ended, then run this again")))
            yield home
        finally:
            os.close(handle)


def _lock(home: Folder, flags: int) -> int:
    try:
        handle = home.open(LOCK, flags)
    except PermissionError:
        # Another member of the group has made it: it need not be written to be held.
        handle = home.open(LOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Conflict(Problem(text("this is no ordinary file"), f"{HOME}/{LOCK}", text("remove it")))
    return handle


@contextmanager
def reading(root: Path) -> Generator[None]:
    """A programme while it is read: what was interrupted is finished and swept first, and nobody is half way through."""
    # A link in its place is told with the other problems of the folder.
    if not (root / HOME).is_symlink():
        if os.path.lexists(root / HOME / JOURNAL):
            try:
                with _turn(root) as home:
                    _finish(root, home)
            except OSError as error:
                raise cannot_write(error, root / HOME / JOURNAL, chosen=False) from error
        _sweep(root)
    with _unwritten(root):
        yield


@contextmanager
def _unwritten(root: Path) -> Generator[None]:
    """Nobody writes, as far as this user can hold the lock."""
    with ExitStack() as stack:
        with suppress(OSError, InputError):
            if (root / HOME).is_dir():
                handle = _lock(stack.enter_context(opened(root / HOME, root)), os.O_RDONLY)
                stack.callback(os.close, handle)
                waited(handle, shared=True)
        yield


def _sweep(root: Path) -> None:
    """Take away the parts that interrupted writers have left anywhere in a programme."""
    left: set[Path] = set()
    for folder, inner, names in os.walk(root):
        inner[:] = [one for one in inner if one not in UNREAD and (one == HOME or not one.startswith("."))]
        if any(PART.fullmatch(one) for one in names):
            left.add(Path(folder))
    if left:
        # One turn keeps apart what another writer is just about to move.
        with suppress(OSError, InputError), _turn(root):
            for path in sorted(left):
                with suppress(OSError, InputError), opened(path, root) as folder:
                    sweep(folder)
                _prune(path, root)


def _prune(path: Path, root: Path) -> None:
    """Take away folders that were made for what was never written."""
    with suppress(OSError):
        while path != root:
            path.rmdir()
            path = path.parent
