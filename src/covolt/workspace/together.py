"""A workspace of several people: what `workspace.toml` in its folder settles, and who is let in as whom."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import final
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.orm import Session

from covolt.contract.document import DOCUMENT
from covolt.contract.mistakes import told_plainly
from covolt.errors import InputError, Problem
from covolt.own_files import written_by_others
from covolt.programme.text import Identifier
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.entrance import AbstractEntrance, Asker, Entered, not_let_in
from covolt.workspace.openid import Issuer, OpenId
from covolt.workspace.people import People
from covolt.workspace.peopleshown import IssuerRow
from covolt.workspace.sessions import Sessions
from covolt.workspace.tables import PersonRow, TokenRow
from covolt.workspace.tokens import Tokens

__all__ = ["Settings", "Together", "database_of", "doubts_of", "opened_by", "settings_of"]

FILE = "workspace.toml"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ADDRESS = r"^https?://[^/\s?#]+$"


@final
class Settings(BaseModel):
    """A workspace of several people: the address at which browsers reach it, and the port of this machine behind that."""

    model_config = DOCUMENT

    address: str = Field(pattern=ADDRESS)
    port: int = Field(default=8600, ge=1, le=65535)
    database: str = ""
    issuers: dict[Identifier, Issuer] = Field(default_factory=dict[Identifier, Issuer])


def settings_of(home: Path) -> Settings | None:
    """What is settled in the folder of a workspace; None where nothing is: then it is one person's.

    Raises:
        InputError: every fault of the file.
    """
    path = home / FILE
    if not path.is_file():
        return None
    try:
        return Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(Problem(str(error), str(path), text("write it as TOML"))) from error
    except ValidationError as error:
        places = [(one, ".".join(str(step) for step in one["loc"])) for one in error.errors()]
        raise InputError([told_plainly(one, f"{path}: {where}") for one, where in places]) from error


def doubts_of(home: Path, settings: Settings) -> list[Problem]:
    """What speaks against serving so, and hinders nobody: others could read what browsers send, or settle something else."""
    found, path = list[Problem](), home / FILE
    host = urlsplit(settings.address).hostname or ""
    local = host in LOOPBACK or host.endswith(".localhost")
    if settings.address.startswith("http:") and not local:
        what = text(
            "whoever is between here and a browser reads what lets people in: {address}", address=settings.address
        )
        hint = text("let a proxy speak TLS before it, and write the address with https")
        found.append(Problem(what, f"{path}: address", hint))
    if written_by_others(path):
        what = text("others of this machine can write it, and so let in whom they want")
        found.append(Problem(what, str(path), text("let nobody else write it: chmod go-w")))
    return found


def opened_by(settings: Settings, port: int, listening: int) -> Settings:
    """The settings of a start for which another port is named than that of its address on this machine: it is open there.

    Args:
        settings: as they are written.
        port: the one that they would have it listen on.
        listening: where it listens.
    """
    found = urlsplit(settings.address)
    own = found.scheme == "http" and found.hostname in LOOPBACK and listening not in {found.port, port}
    return settings.model_copy(update={"address": f"http://{found.hostname}:{listening}"}) if own else settings


def database_of(home: Path, named: str | None = None) -> str:
    """Address of the database of a workspace: the one that is named, else that of its settings; empty where it is a file there.

    Raises:
        InputError: every fault of its settings.
    """
    settings = settings_of(home)
    return named or (settings.database if settings is not None else "")


@final
class Together(AbstractEntrance):
    """Lets in whoever has logged in or bears a token, each for the own memberships alone."""

    together = True

    def __init__(self, people: People, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._people = people
        self._database = people.programmes.database
        self.settings = settings
        self.secure = settings.address.startswith("https:")
        self.issuers = tuple(IssuerRow(name, one.title.words) for name, one in settings.issuers.items())
        self.sessions = Sessions(self._database, clock)
        self.tokens = Tokens(self._database, clock)
        self.openid = OpenId(people.programmes.home, settings.address, settings.issuers, clock)

    def by_token(self, word: str) -> Asker | None:
        with self._database.reading() as session:
            row = self.tokens.standing(session, word=word)
            return None if row is None else _asker(session, row.person, row)

    def by_cookie(self, word: str) -> Asker | None:
        with self._database.reading() as session:
            found = self.sessions.whose(session, word)
            if found is None:
                return None
            if found.token is None:
                return _asker(session, found.person)
            row = self.tokens.standing(session, number=found.token)
            return None if row is None else _asker(session, row.person, row)

    def enter(self, word: str, host: str = "") -> Entered:
        with self._database.writing() as session:
            row = self.tokens.standing(session, word=word)
            if row is None:
                raise not_let_in()
            return self.sessions.begin(session, row.person, row.id)

    def enter_as(self, person: str, name: str) -> Entered:
        """Let a browser in as a person whom an issuer knows."""
        with self._database.writing() as session:
            known = self._people.added(session, name, frozenset(), person=person)
            return self.sessions.begin(session, known.id)

    def let_in(self, person: str) -> Entered:
        """Let the browser of a person in who is known by now."""
        with self._database.writing() as session:
            return self.sessions.begin(session, person)

    def leave(self, word: str) -> None:
        self.sessions.end(word)

    def programmes(self, asker: Asker) -> Sequence[str]:
        return self._people.names(asker)

    def reader(self, asker: Asker, programme: str, party: str, *, administering: bool = False) -> Reader:
        return self._people.reader(asker, programme, party, administering=administering)


def _asker(session: Session, person: str, bounds: TokenRow | None = None) -> Asker:
    administers = session.get_one(PersonRow, person).administers
    if bounds is None:
        return Asker(person, administers=administers)
    return Asker(person, frozenset(bounds.scopes), administers, bounds.programme or "", bounds.party or "")
