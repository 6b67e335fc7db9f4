"""The workspace as it is asked, from whatever door: programmes, verdicts, what-if, proposals, gates and the feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import final

from covolt.errors import CovoltError, Problem
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.gates import gate_states, signed_by_agencies
from covolt.study.report.headline import headline
from covolt.words import text
from covolt.workspace.access import Reader, seen, seen_verdicts
from covolt.workspace.changes import broken_contracts, changes_of
from covolt.workspace.computing import Computing
from covolt.workspace.database import Database
from covolt.workspace.entrance import AbstractEntrance, Unlocked
from covolt.workspace.feed import feed, newer
from covolt.workspace.invitations import Invitations
from covolt.workspace.people import People
from covolt.workspace.programmes import Clock, Programmes
from covolt.workspace.proposals import Proposals
from covolt.workspace.rates import Rates
from covolt.workspace.shown import (
    EventShown,
    FeedShown,
    GatesShown,
    ProgrammeName,
    ProgrammeShown,
    ProgrammesShown,
    VerdictsShown,
)
from covolt.workspace.states import ProgrammeFolders
from covolt.workspace.steady import SteadyClock
from covolt.workspace.telling import (
    contradiction_rows,
    gate_row,
    problem_text,
    programme_shown,
    turned_rows,
    verdict_rows,
)
from covolt.workspace.tokens import Tokens

__all__ = ["Workspace"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@final
class Workspace:
    """A workspace in a folder, for one person on one machine.

    Args:
        home: its folder; it is made where it is not there.
        clock: what time it is, in UTC.
        person: who asks, where nobody logs in: until it is served, `entrance` lets in everybody in this process.
        database: its address, of SQLAlchemy; SQLite in the folder where that is empty.
    """

    def __init__(self, home: Path, clock: Clock, person: str, database: str = "") -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(OSError):  # another's folder, or a disk that knows no permissions
            home.chmod(0o700)
        self.clock = clock
        self.closing = False
        self._hosts = frozenset[str]()
        self._database = Database(database or f"sqlite:///{home / 'workspace.db'}")
        self._database.upgrade()
        self._computing = Computing()
        self.programmes = Programmes(home, self._database, clock, self._computing)
        self.proposals = Proposals(self.programmes)
        steady = SteadyClock(clock)
        self.people = People(self.programmes, steady)
        self.invitations = Invitations(self.people)
        self.tokens = Tokens(self._database, steady)
        self.rates = Rates(burst=1000.0, per_s=200.0)
        self.strangers = Rates(burst=300.0, per_s=5.0)
        self.entrance: AbstractEntrance = Unlocked(person, self.programmes.names)

    def refuses(self, method: str, headers: Mapping[str, str]) -> Problem | None:
        """Why a request is refused whatever it asks: it was made in the name of another site (CSRF, DNS rebinding)."""
        host = headers.get("host", "")
        if self._hosts and host not in self._hosts:
            return Problem(text("this workspace is not '{host}'", host=host), "Host", "")
        origin = headers.get("origin", "")
        elsewhere = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
        if method not in SAFE and (elsewhere or (origin and origin.partition("://")[2] != host)):
            return Problem(text("a page of {origin} asks here", origin=origin or "?"), "Origin", "")
        return None

    def answers_at(self, *hosts: str) -> None:
        """Say under which names it may be asked: a page of elsewhere that another name leads here is refused."""
        self._hosts = frozenset(hosts)

    def folders(self, name: str) -> ProgrammeFolders:
        """The repositories of a programme."""
        self.programmes.demand(name)
        return self.programmes.folders(name)

    def ready(self) -> bool:
        """Whether the database answers."""
        self.programmes.names()
        return True

    def begin(self, folder: Path, who: Reader) -> str:
        """Take the programme of a folder into the workspace."""
        return self.programmes.begin(folder, who)

    def begin_example(self, example: str, name: str, who: Reader) -> str:
        """Take a shipped programme into the workspace."""
        return self.programmes.begin_example(example, name, who)

    def programmes_shown(self, names: Sequence[str]) -> ProgrammesShown:
        """Programmes by name: those that are there for who asks."""
        return ProgrammesShown(
            tuple(
                ProgrammeName(name, self.programmes.read(name, self.programmes.heads(name)).charter.title.words)
                for name in names
            )
        )

    def programme(self, name: str, who: Reader) -> ProgrammeShown:
        """A programme as it stands."""
        heads = self.programmes.heads(name)
        return programme_shown(seen(self.programmes.read(name, heads), who), heads.digest, heads.programme)

    def verdicts(
        self, name: str, who: Reader, wanted: Sequence[tuple[str, str, str]] = (), *, wait_s: float = 0.0
    ) -> VerdictsShown:
        """Verdicts on a programme as it stands, or on its vehicle with numbers changed and what turns by it."""
        heads = self.programmes.heads(name)
        locked = self.programmes.computed(name, heads)
        changes = changes_of(seen(locked.programme, who), wanted) if wanted else []
        tried = self.programmes.computed(name, heads, changes, tried_by=who.called) if changes else locked
        try:
            (found, surely), failed = tried.found(wait_s), ()
        except CovoltError as error:
            found, surely, failed = tried.nominal, False, tuple(problem_text(one) for one in error.problems)
        mine, own = seen_verdicts(found, tried.programme, who)
        turned = ()
        if changes:
            # Like against like: nominal verdicts turn beside nominal ones, or a ± that is not there yet would seem to turn them.
            was = locked.found(wait_s)[0] if surely else locked.nominal
            turned = turned_rows(seen_verdicts(was, locked.programme, who)[0], mine, own)
        signed = signed_by_agencies(own, gate_states(own, mine))
        notices = tuple(problem_text(one) for one in broken_contracts(tried.programme, changes))
        told = headline(own, mine, approval_rows(own, mine.verdicts, signed=signed))
        return VerdictsShown(
            tried.key,
            heads.digest,
            surely,
            told.big,
            verdict_rows(mine, own),
            contradiction_rows(own),
            turned,
            failed,
            notices,
        )

    def gates(self, name: str, who: Reader, wait_s: float = 0.0) -> GatesShown:
        """The gates of a programme as it stands."""
        heads = self.programmes.heads(name)
        one = self.programmes.computed(name, heads)
        found, surely = one.found(wait_s)
        mine, own = seen_verdicts(found, one.programme, who)
        states = gate_states(own, mine)
        return GatesShown(heads.digest, surely, tuple(map(gate_row, states)))

    def feed(self, name: str, who: Reader) -> FeedShown:
        """What happened in a programme."""
        return feed(self.programmes, name, who)

    def newer(self, name: str, who: Reader, after: int) -> list[EventShown]:
        """What happened in a programme after an entry."""
        return newer(self.programmes, name, who, after)

    def close(self) -> None:
        """Stop computing, and let go of the database."""
        self.closing = True
        self._computing.close()
        self._database.close()
