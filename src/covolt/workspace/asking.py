"""The workspace as it is asked, from whatever door: programmes, verdicts, what-if, proposals, gates and the feed."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import final

from covolt import locks
from covolt.errors import CovoltError, InputError, Problem, Unavailable, system_said
from covolt.files import kind_of_refusal
from covolt.programme.documents import Programme
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.gates import gate_states, signed_by_agencies
from covolt.study.report.headline import headline
from covolt.study.verdicts.verification import Verification
from covolt.words import Phrase, text
from covolt.workspace.access import Reader, seen, seen_verdicts
from covolt.workspace.changes import Asked, changes_of
from covolt.workspace.changing import broken_contracts
from covolt.workspace.comments import Comments
from covolt.workspace.comparing import Comparing
from covolt.workspace.computing import Computing
from covolt.workspace.conflicting import Conflicts
from covolt.workspace.countersigning import Countersigning
from covolt.workspace.database import Database, address_in
from covolt.workspace.entrance import AbstractEntrance, Shut
from covolt.workspace.exporting import Exports
from covolt.workspace.feed import feed, newer
from covolt.workspace.invitations import Invitations
from covolt.workspace.job_worker import Worker
from covolt.workspace.jobs import Jobs
from covolt.workspace.judging import Judging
from covolt.workspace.lately import Lately
from covolt.workspace.looking import Looking
from covolt.workspace.measuring import Measuring
from covolt.workspace.outgoing.settings import settings_of
from covolt.workspace.outgoing.subscriptions import Subscriptions
from covolt.workspace.people import People
from covolt.workspace.programmes import Clock, Programmes
from covolt.workspace.proposals import Proposals
from covolt.workspace.pushes import Pushes
from covolt.workspace.rates import Rates
from covolt.workspace.repositories import Repositories
from covolt.workspace.runners import Runners
from covolt.workspace.shown import (
    EventShown,
    FeedShown,
    GatesShown,
    ProgrammeName,
    ProgrammeShown,
    ProgrammesShown,
    VerdictsShown,
)
from covolt.workspace.signing_off import SigningOff
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

__all__ = ["Workspace", "make_home", "served_by_one", "tried_said"]

SERVED = "served"
"""A file of the home that whoever serves it holds."""
MOST_SHOWN = 512
"""Answers of one kind that are kept, of every state and of what each party sees of it."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@final
class Workspace:
    """A workspace in a folder; at its doors it lets in nobody until `entrance` is set.

    Args:
        home: its folder; it is made where it is not there.
        clock: what time it is, in UTC.
        database: its address; SQLite in the folder where that is empty.
        together: whether several people log in, of whom PostgreSQL then shows each the rows of its own programmes.

    Raises:
        InputError: the folder is none, or cannot be made.
        NotFound: programmes lie there, and their database is elsewhere.
        Unavailable: the database does not answer, or its tables are of an earlier form that only their owner may change.
    """

    def __init__(self, home: Path, clock: Clock, database: str = "", *, together: bool = False) -> None:
        make_home(home)
        with suppress(OSError):  # another's folder, or a disk that knows no permissions
            home.chmod(0o700)
        self.clock = clock
        self.closing = False
        self._hosts = frozenset[str]()
        self._database = Database(database or address_in(home), guarded=together)
        self._database.upgrade()
        self._computing = Computing()
        self._programme = Lately[ProgrammeShown](MOST_SHOWN)
        self._verdicts = Lately[VerdictsShown](MOST_SHOWN)
        self._gates = Lately[GatesShown](MOST_SHOWN)
        self.programmes = Programmes(home, self._database, clock, self._computing)
        self.programmes.put_back()
        self.jobs = Jobs(self.programmes)
        self.proposals = Proposals(self.programmes, self.jobs)
        self._worker = Worker(self.jobs)
        self.repositories = Repositories(self.programmes)
        self.runners = Runners(self.programmes, self.jobs, self.repositories)
        self.conflicts = Conflicts(self.programmes, self.jobs, self.runners)
        self.pushes = Pushes(self.programmes, self.repositories)
        steady = SteadyClock(clock)
        self.people = People(self.programmes, steady)
        self.invitations = Invitations(self.people)
        self.tokens = Tokens(self._database, steady)
        self.rates = Rates(burst_count=1000.0, per_s=200.0)
        self.strangers = Rates(burst_count=300.0, per_s=5.0)
        self.entrance: AbstractEntrance = Shut()
        self.subscriptions = Subscriptions(self.programmes, home, settings_of(os.environ))
        self.comments = Comments(self.programmes)
        self.exports = Exports(self.programmes)
        self.looking = Looking(self.programmes)
        self.judging = Judging(self.programmes)
        self.signing_off = SigningOff(self.programmes)
        self.countersigning = Countersigning(self.programmes)
        self.measuring = Measuring(self.programmes)
        self.comparing = Comparing(self.programmes)

    def refuses(self, method: str, headers: Mapping[str, str]) -> Problem | None:
        """Why a request is refused whatever it asks: it was made in the name of another site (CSRF, DNS rebinding)."""
        host = headers.get("host", "")
        if self._hosts and host not in self._hosts:
            hint = text(
                "open it at the address that covolt serve prints, which workspace.toml settles for several people"
            )
            return Problem(text("this workspace is not '{host}'", host=host), "Host", hint)
        origin = headers.get("origin", "")
        elsewhere = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
        if method not in SAFE and (elsewhere or (origin and origin.partition("://")[2] != host)):
            return Problem(text("a page of {origin} asks here", origin=origin or "?"), "Origin", "")
        return None

    def answers_at(self, *hosts: str) -> None:
        """Say under which names it may be asked: a page of elsewhere that another name leads here is refused."""
        self._hosts = frozenset(hosts)
        self.subscriptions.found_at(f"http://{hosts[0]}" if hosts else "")

    def folders(self, name: str) -> ProgrammeFolders:
        """The repositories of a programme."""
        self.programmes.demand(name)
        return self.programmes.folders(name)

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
        read = self.programmes.read(name, heads)
        return self._programme.of(
            (heads, read.day, who.sight), lambda: programme_shown(seen(read, who), heads.digest, heads.programme)
        )

    def verdicts(
        self, name: str, who: Reader, wanted: Sequence[tuple[str, str, str] | Asked] = (), *, wait_s: float = 0.0
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

        # Like against like: nominal verdicts turn beside nominal ones, or a ± that is not there yet would seem to turn them.
        was = found if not changes else locked.found(wait_s)[0] if surely else locked.nominal

        def shown() -> VerdictsShown:
            mine, own = seen_verdicts(found, tried.programme, who)
            turned = turned_rows(seen_verdicts(was, locked.programme, who)[0], mine, own) if changes else ()
            notices = tuple(problem_text(one) for one in broken_contracts(tried.programme, changes, who))
            return VerdictsShown(
                tried.key,
                heads.digest,
                surely,
                tried_said(own, mine) if changes else _said(own, mine),
                verdict_rows(mine, own),
                contradiction_rows(own),
                turned,
                failed,
                notices,
            )

        # What nobody tries is asked for by everybody.
        return shown() if changes or failed else self._verdicts.of((tried.key, who.sight, surely), shown)

    def gates(self, name: str, who: Reader, wait_s: float = 0.0) -> GatesShown:
        """The gates of a programme as it stands."""
        heads = self.programmes.heads(name)
        one = self.programmes.computed(name, heads)
        found, surely = one.found(wait_s)

        def shown() -> GatesShown:
            mine, own = seen_verdicts(found, one.programme, who)
            rows = tuple(gate_row(each, own, surely=surely) for each in gate_states(own, mine))
            return GatesShown(heads.digest, surely, rows)

        return self._gates.of((one.key, who.sight, surely), shown)

    def feed(self, name: str, who: Reader) -> FeedShown:
        """What happened in a programme."""
        return feed(self.programmes, name, who)

    def newer(self, name: str, who: Reader, after: int) -> list[EventShown]:
        """What happened in a programme after an entry."""
        return newer(self.programmes, name, who, after)

    def work(self) -> None:
        """Begin to do jobs, those first that were interrupted."""
        self._worker.start()

    def let_go(self) -> None:
        """Let everybody who waits go, before it is served no longer: streams end, and what is there is answered."""
        self.closing = True
        self._computing.let_go()
        self.jobs.close()

    def close(self) -> None:
        """Stop computing, and let go of the database."""
        self.let_go()
        self.subscriptions.deliveries.close()
        self._worker.stop()
        self._computing.close()
        self.programmes.close()
        self._database.close()


def _said(own: Programme, mine: Verification) -> Phrase:
    """The verdict on a vehicle as it stands, in one sentence."""
    signed = signed_by_agencies(own, gate_states(own, mine))
    return headline(own, mine, approval_rows(own, mine.verdicts, signed=signed)).big


def tried_said(own: Programme, mine: Verification) -> Phrase:
    """The same of one that somebody tries, by what that one may see: trying number after number would find a hidden bound."""
    visible = replace(
        mine, verdicts=tuple(one for one in mine.verdicts if one.requirement not in own.hidden), behind=None
    )
    told = headline(own, visible, approval_rows(own, visible.verdicts)).big
    return text("{told}, of what you may see", told=told) if own.hidden else told


def make_home(home: Path) -> None:
    """Make the folder of a workspace."""
    hint = text("name the folder of a workspace")
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(Problem(text("this is no folder"), str(home), hint)) from error
    except OSError as error:
        raise kind_of_refusal(error)(Problem(system_said(error), str(home), hint)) from error


@contextmanager
def served_by_one(home: Path) -> Generator[None]:
    """Serve a folder as nobody else does: what one process remembers of it, another would not hear of.

    Raises:
        Unavailable: another process serves it.
        InputError: it is no folder.
    """
    make_home(home)
    with (home / SERVED).open("ab") as one:
        if not locks.held(one.fileno()):
            what = text("another process serves this workspace")
            hint = text("end it first; a programme is taken in beside it by: covolt serve FOLDER --take")
            raise Unavailable(Problem(what, str(home), hint))
        yield
