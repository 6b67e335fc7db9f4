"""Things that outlive the drive that needed them: files for the next process, and memories of this one.

A kept file is one's own, made by covolt for this machine: it lies in `COVOLT_CACHE_DIR`, else in the user's cache folder, with
permissions for the user alone. Its name is a digest of all that its content depends on, and it begins with a seal of
both by a secret of the user: what came with somebody's files is none, whoever owns it here. It is opened without following a
link, and read only where the open file is a plain one, the user's own, and nobody else could have written to it; what is cut,
damaged, renamed or somebody else's is made anew. Of each lot of files the most recently used stay: `MOST_FILES` of code and cars,
`MOST_RECORDS` of records, and all that this process has used. Several processes may write one file: it is whole at any time,
and the last one stands. Deleting the folder is always safe.

A memory of the process holds a stated number of things and forgets the one that was not asked for longest.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import pickle
import platform
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar, final

from covolt import as_loaded, locks
from covolt.errors import InputError
from covolt.files import fill, opened, sweep
from covolt.own_files import config_folder, own_content, own_secret

ROOT = Path(__file__).resolve().parents[1]
HEADER, SECRET = b"covolt kept 3\n", "kept.key"
DIGEST_BYTES, NAME_DIGITS = 32, 32
MOST_FILES = 200
"""The least recently used go first: each change of source or version leaves files that nobody asks for again."""
RECORD, MOST_RECORDS = "record", 20_000
"""Records of procedures are a lot of their own: a programme has hundreds, each of some kilobytes."""
PRUNED_EACH_ratio = 0.01
"""Share of a lot after which it is looked through again."""
MOST_STRUCTURES = 64
"""Kinds of vehicle whose compiled functions a process remembers: some megabytes each."""
_OWN_NAME = re.compile(r"[a-z]+(-[a-z]+)*-[0-9a-f]{32}\.bin")
"""How kept files begin; others in the folder are somebody else's and stay."""
_STARTED_s = time.time()
_since_pruned: dict[tuple[Path, bool], int] = {}

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


def cache_folder() -> Path | None:
    """Where things are kept; None where the user has set COVOLT_CACHE_DIR to nothing."""
    chosen = os.environ.get("COVOLT_CACHE_DIR")
    if chosen is not None:
        return Path(chosen) if chosen else None
    usual = os.environ.get("LOCALAPPDATA") if locks.WINDOWS else None
    home = usual or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(home).expanduser() / "covolt"
    except RuntimeError:
        return None


def recall(name: str, about: Sequence[str], folder: Path | None = None) -> bytes | None:
    """What an earlier process kept under these texts; None where it is absent, damaged or could be somebody else's."""
    digest, path = _place(name, about, folder)
    raw = own_content(path) if path is not None else None
    if raw is None or not raw.startswith(HEADER):
        return None
    seal, content = raw[len(HEADER) : len(HEADER) + DIGEST_BYTES], raw[len(HEADER) + DIGEST_BYTES :]
    with suppress(InputError):
        return content if hmac.compare_digest(seal, _seal(digest, content)) else None
    return None


def recalled_as(kind: Callable[..., Thing], name: str, about: Sequence[str]) -> Thing | None:
    """What was kept as the pickled arguments of a kind of thing; None also where they are not such, and it is made anew."""
    content = recall(name, about)
    if content is None:
        return None
    try:
        return kind(*pickle.loads(content))
    except Exception:  # whatever bytes of no sense make pickle and the kind raise
        return None


def keep(name: str, about: Sequence[str], content: bytes, folder: Path | None = None) -> None:
    """Keep content for the next process; a disk that is full or closed costs only the next start.

    Args:
        name: begins the name of the file: small letters and hyphens.
        about: all that the content depends on; the same texts in every process.
        content: what `recall` gives back.
        folder: where; the user's own where none is named.
    """
    digest, path = _place(name, about, folder)
    if path is None:
        return
    with suppress(OSError, InputError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What interrupted writers left is swept whenever the folder is looked through: here that would take longer than to write.
        with opened(path.parent) as place, place.part(path.name, 0o600) as (part, handle):
            fill(handle, HEADER + _seal(digest, content) + content, forced=False)
            place.put(part, path.name, new=False)
        _prune(path.parent, records=name == RECORD)


def holds_records() -> bool:
    """Whether any record is kept that could be recalled."""
    folder = cache_folder()
    try:
        if folder is None:
            return False
        with os.scandir(folder) as found:
            return any(one.name.startswith(f"{RECORD}-") for one in found)
    except OSError:
        return False


def _place(name: str, about: Sequence[str], folder: Path | None) -> tuple[str, Path | None]:
    folder = folder or cache_folder()
    # Each text with its length: no two lists of texts run together into one.
    digest = hashlib.sha256("".join(f"{len(text)}:{text}" for text in about).encode()).hexdigest()[:NAME_DIGITS]
    return digest, None if folder is None else folder / f"{name}-{digest}.bin"


def _seal(digest: str, content: bytes) -> bytes:
    return hmac.digest(_secret(config_folder()), digest.encode() + content, "sha256")


@cache
def _secret(_: Path) -> bytes:
    return own_secret(SECRET)


def _prune(folder: Path, *, records: bool) -> None:
    """Let the least recently used files of a lot go; looking through it is worth it only every so many files."""
    most = MOST_RECORDS if records else MOST_FILES
    since = _since_pruned.get((folder, records), most) + 1
    _since_pruned[folder, records] = since
    if since < PRUNED_EACH_ratio * most:
        return
    _since_pruned[folder, records] = 0
    with opened(folder) as handle:
        sweep(handle)
    used_s: dict[Path, float] = {}
    for one in folder.iterdir():
        if _OWN_NAME.match(one.name) and one.name.startswith(f"{RECORD}-") == records:
            # Another process may have pruned it already.
            with suppress(OSError):
                used_s[one] = one.lstat().st_mtime
    for old in sorted(used_s, key=lambda one: used_s[one], reverse=True)[most:]:
        if used_s[old] < _STARTED_s:
            old.unlink(missing_ok=True)


def source_digest(*rooms: str, kinds: tuple[str, ...] = (".py",)) -> str | None:
    """Digest of the source of covolt's rooms (of all of it where none is named) as this process has loaded it.

    None where what computes here is not what stands there: a file was changed after the process had begun, or what was loaded
    has been changed in place.
    """
    places = [f"covolt.{room}." for room in rooms] or ["covolt."]
    return None if as_loaded.changes(*places) else _digest_of_files(rooms, kinds)


@cache
def _digest_of_files(rooms: tuple[str, ...], kinds: tuple[str, ...]) -> str | None:
    digest = hashlib.sha256()
    for room in rooms or (".",):
        for folder, inner, names in os.walk(ROOT / room):
            # A fixed order; what Python itself keeps is no source.
            inner[:] = sorted(name for name in inner if name != "__pycache__")
            for name in sorted(name for name in names if name.endswith(kinds)):
                with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123  two hundred files, at each start of a command
                    if os.fstat(file.fileno()).st_mtime > _STARTED_s:
                        return None
                    digest.update(f"{folder[len(str(ROOT)) :]}/{name}".encode() + b"\0" + file.read() + b"\0")
    return digest.hexdigest()


@cache
def processor() -> str:
    """Name and abilities of the processor: code compiled for one may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return f"{platform.machine()} {platform.processor()}"
    chosen = {
        line.partition(":")[0].strip(): line for line in lines if line.startswith(("model name", "flags", "Features"))
    }
    return platform.machine() + "".join(chosen.values())


@final
class Memory(Generic[Key, Thing]):
    """The things of a process that were asked for last, each made once; threads that ask for one thing wait for each other."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._things: OrderedDict[Key, Thing] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Key, threading.Lock] = {}

    def get(self, key: Key) -> Thing | None:
        """A thing, None where it is not remembered."""
        with self._lock:
            found = self._things.get(key)
            if found is not None:
                self._things.move_to_end(key)
            return found

    def made(self, key: Key, make: Callable[[], Thing]) -> Thing:
        """A thing, made now where it is not remembered."""
        found = self.get(key)
        if found is not None:
            return found
        with self._lock:
            own = self._making.setdefault(key, threading.Lock())
        try:
            with own:
                found = self.get(key)
                if found is None:
                    found = make()
                    self.put(key, found)
                return found
        finally:
            with self._lock:
                self._making.pop(key, None)

    def put(self, key: Key, thing: Thing) -> None:
        """Remember a thing under its key; the one that was used longest ago goes where there are too many."""
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            while len(self._things) > self._size:
                self._things.popitem(last=False)

    def clear(self) -> None:
        """Forget everything that is remembered in this process."""
        with self._lock:
            self._things.clear()

    def __len__(self) -> int:
        return len(self._things)
