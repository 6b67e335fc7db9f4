"""A workspace for one person of one machine: each start has a key of its own, and only this person's programs read it."""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import string
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import final

from covolt.files import write_whole
from covolt.own_files import own_content
from covolt.workspace.access import Reader
from covolt.workspace.bearer import hash_of, new_word
from covolt.workspace.entrance import AbstractEntrance, Asker, Entered, not_let_in

__all__ = ["Alone", "Opened", "opened_at", "own_data", "own_home", "own_host"]

FILE = "open.json"
HOST_FILE = "host"
HOST = re.compile(rb"covolt-[a-z]{12}\.localhost\n")
LASTS = timedelta(days=7)
LASTS_ELSEWHERE = timedelta(hours=12)
TICKETS_MOST = 100


def own_home() -> Path:
    """Where the workspace of this user lies: the folder of COVOLT_HOME, else one in the data folder."""
    chosen = os.environ.get("COVOLT_HOME")
    return Path(chosen) if chosen else own_data() / "workspace"


def own_data() -> Path:
    """Where covolt keeps what is this user's, as the system has it."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "covolt"


def own_host(home: Path) -> str:
    """The name of this machine by which browsers open the workspace of a folder, and no other of it.

    Cookies know no ports: what is kept for 127.0.0.1 is sent to every server there, of whichever user. A cookie for this
    name is sent to no other name, and nobody else knows it, so that nobody leads a browser to a port of theirs by it. It
    stays as long as the folder, since bookmarks and what a page keeps hang on it; sessions end with each start all the same.
    """
    content = own_content(home / HOST_FILE, foreign_modes=0o077) or b""
    if not HOST.fullmatch(content):
        letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
        content = f"covolt-{letters}.localhost\n".encode()
        write_whole(home / HOST_FILE, content.decode(), mode=0o600)
    return content.decode().strip()


@final
@dataclass(frozen=True)
class Opened:
    """How a workspace that is open is reached: its address, the process that serves it, and the token that lets in."""

    address: str
    process: int
    token: str

    def write(self, home: Path) -> None:
        """Keep it where only this user reads it."""
        content = json.dumps({"address": self.address, "process": self.process, "token": self.token}) + "\n"
        write_whole(home / FILE, content, mode=0o600)

    def remove(self, home: Path) -> None:
        """It is open no longer; where another process has opened it meanwhile, that one's stays."""
        if opened_at(home) == self:
            with suppress(OSError):
                (home / FILE).unlink()


def opened_at(home: Path) -> Opened | None:
    """How the workspace in a folder is reached; None where nobody serves it, or others could have written so."""
    content = own_content(home / FILE, foreign_modes=0o077)
    try:
        told = json.loads(content or b"")
        found = Opened(str(told["address"]), int(told["process"]), str(told["token"]))
        if sys.platform != "win32":
            os.kill(found.process, 0)
    except (ValueError, KeyError, TypeError, OSError):
        return None
    return found


@final
class Alone(AbstractEntrance):
    """Lets in who bears the key of this start; a browser is let in by a ticket, once, and has a cookie from then on.

    Args:
        clock: what time it is.
        person: as whom everybody is let in.
        names: the programmes of the workspace.
        host: the name that is the workspace's own; by another, whose cookies others may see, a browser is let in for less long.
    """

    together = False

    def __init__(
        self, clock: Callable[[], datetime], person: str, names: Callable[[], Sequence[str]], host: str = ""
    ) -> None:
        self.token = new_word("key")
        self._host = host
        self._clock, self._person, self._names = clock, person, names
        self._turn = Lock()
        self._tickets: dict[str, None] = {}
        self._sessions: dict[str, datetime] = {}

    def ticket(self) -> str:
        """A word that lets one browser in, once."""
        word = new_word("ticket")
        with self._turn:
            self._tickets[hash_of(word)] = None
            while len(self._tickets) > TICKETS_MOST:
                del self._tickets[next(iter(self._tickets))]
        return word

    def by_token(self, word: str) -> Asker | None:
        right = hmac.compare_digest(hash_of(word), hash_of(self.token))
        return Asker(self._person, administers=True) if right else None

    def by_cookie(self, word: str) -> Asker | None:
        with self._turn:
            until = self._sessions.get(hash_of(word))
        if until is None or until <= self._clock():
            return None
        return Asker(self._person, administers=True)

    def enter(self, word: str, host: str = "") -> Entered:
        now, lasts = self._clock(), LASTS if host == self._host else LASTS_ELSEWHERE
        with self._turn:
            if hash_of(word) not in self._tickets:
                raise not_let_in()
            del self._tickets[hash_of(word)]
            made = new_word("session")
            self._sessions = {name: until for name, until in self._sessions.items() if until > now}
            self._sessions[hash_of(made)] = now + lasts
        return Entered(made, lasts, self._person)

    def leave(self, word: str) -> None:
        with self._turn:
            self._sessions.pop(hash_of(word), None)

    def programmes(self, asker: Asker) -> Sequence[str]:
        return self._names()

    def reader(self, asker: Asker, programme: str, party: str, *, administering: bool = False) -> Reader:
        return Reader(asker.person, party)
