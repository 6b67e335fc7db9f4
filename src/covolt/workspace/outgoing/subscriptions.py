"""Subscriptions: who wants to be told what happens in a programme, how, and what of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from covolt.catalogues import languages
from covolt.errors import Conflict, InputError, NotFound, Problem
from covolt.suggestion import named
from covolt.words import restored, text
from covolt.workspace.access import Reader, seen
from covolt.workspace.events import now_text
from covolt.workspace.log_shown import KindRow
from covolt.workspace.outgoing.deliveries import Deliveries, end, gathered_at, queue, utc
from covolt.workspace.outgoing.messengers import messengers
from covolt.workspace.outgoing.reach import Reach
from covolt.workspace.outgoing.rows import DeliveryRow
from covolt.workspace.outgoing.rows import SubscriptionRow as Row
from covolt.workspace.outgoing.seal import Seal
from covolt.workspace.outgoing.settings import OutgoingSettings
from covolt.workspace.programmes import Programmes
from covolt.workspace.subscriptions_shown import (
    DeliveryShown,
    SubscriptionMade,
    SubscriptionRow,
    SubscriptionsShown,
    WayShown,
)
from covolt.workspace.tables import EventRow
from covolt.workspace.verbs import KINDS

__all__ = ["Subscriptions", "WantedSubscription"]

MOST_ACTIVE = 20
"""Subscriptions of a person for a party in a programme."""
MOST_SHOWN = 50
MOST_DELIVERIES = 5
LONGEST_SECRET = 500


@final
@dataclass(frozen=True)
class WantedSubscription:
    """What somebody wants to be told, and how: `verbs` says which things, all where it is empty."""

    kind: str
    target: str
    secret: str = ""
    scope: str = "touched"
    verbs: tuple[str, ...] = ()
    language: str = "en"
    rhythm: str = "at once"


@final
class Subscriptions:
    """Subscriptions of a workspace, and the deliveries that come of them.

    Args:
        programmes: of the workspace.
        home: its folder, in which the key to secrets lies.
        settings: what the operator has settled.
        reach: the way to addresses of others.
    """

    def __init__(
        self, programmes: Programmes, home: Path, settings: OutgoingSettings, reach: Reach | None = None
    ) -> None:
        self._programmes = programmes
        self._seal = Seal(home)
        self.deliveries = Deliveries(programmes, settings, self._seal, reach or Reach(settings))

    def found_at(self, address: str) -> None:
        """Say where the pages are, for links, unless the operator has said so."""
        settings = self.deliveries.settings
        self.deliveries.settings = replace(settings, address=settings.address or address)

    def listed(self, name: str, reader: Reader) -> SubscriptionsShown:
        """Those of a person for a party: the running ones and the last that ended."""
        self._see(name, reader)
        settings = self.deliveries.settings
        ways = tuple(
            WayShown(one.kind, one.title, one.target_title, one.secret_title)
            for one in messengers().values()
            if one.offered(settings)
        )
        missing = tuple(
            text("{way}: {why}", way=one.title, why=one.why_not)
            for one in messengers().values()
            if not one.offered(settings)
        )
        with self._programmes.database.reading() as session:
            rows = session.scalars(
                _own(name, reader).order_by(Row.active.desc(), Row.id.desc()).limit(MOST_SHOWN)
            ).all()
            kinds = tuple(KindRow(one, title) for one, title in KINDS.items())
            return SubscriptionsShown(ways, missing, kinds, tuple(_row(session, one) for one in rows))

    def make(self, name: str, reader: Reader, wanted: WantedSubscription) -> SubscriptionMade:
        """Tell a person from now on what happens; a secret that is made for it is told here alone.

        Raises:
            InputError: every problem of what is wanted.
            Conflict: there are too many.
        """
        self._see(name, reader)
        if problems := self._problems(wanted):
            raise InputError(problems)
        made = messengers()[wanted.kind].new_secret()
        now = self._programmes.clock()
        with self._programmes.database.writing() as session:
            active = session.scalars(_own(name, reader).where(Row.active)).all()
            if len(active) >= MOST_ACTIVE:
                what = text("there are {most} subscriptions already", most=MOST_ACTIVE)
                raise Conflict(Problem(what, "", text("end one of them")))
            last = session.scalar(select(func.max(EventRow.sequence)).where(EventRow.programme == name)) or 0
            row = Row(
                programme=name, party=reader.party, person=reader.person, kind=wanted.kind, target=wanted.target,
                secret=self._seal.sealed(made or wanted.secret), scope=wanted.scope, verbs=list(wanted.verbs),
                language=wanted.language, rhythm=wanted.rhythm, active=True, made=now, ended=None, seen=last,
                gathers=gathered_at(wanted.rhythm, now),
            )  # fmt: skip
            session.add(row)
            session.flush()
            return SubscriptionMade(row.id, made)

    def attempt(self, name: str, number: int, reader: Reader) -> str:
        """Send a test message; the key of its delivery.

        Raises:
            Conflict: one is on its way already.
        """
        self._see(name, reader)
        with self._programmes.database.writing() as session:
            row = _found(session, name, number, reader)
            waiting = session.scalars(
                select(DeliveryRow).where(DeliveryRow.subscription == row.id, DeliveryRow.state == "waiting")
            )
            if any(not one.events for one in waiting):
                what = text("a test message is on its way already")
                raise Conflict(Problem(what, "", text("wait until it has arrived or is given up")))
            key = queue(session, row.id, [], self._programmes.clock()).key
        self.deliveries.wake()
        return key

    def end(self, name: str, number: int, reader: Reader) -> None:
        """Send nothing more."""
        self._see(name, reader)
        with self._programmes.database.writing() as session:
            end(session, _found(session, name, number, reader), self._programmes.clock())

    def _see(self, name: str, reader: Reader) -> None:
        """Raise where there is no such programme, or no such party in it."""
        seen(self._programmes.read(name, self._programmes.heads(name)), reader)

    def _problems(self, wanted: WantedSubscription) -> list[Problem]:
        settings = self.deliveries.settings
        known = {one.kind: one for one in messengers().values() if one.offered(settings)}
        problems: list[Problem] = []
        for where, given, allowed in (
            ("kind", [wanted.kind], list(known)),
            ("scope", [wanted.scope], ["touched", "all"]),
            ("rhythm", [wanted.rhythm], ["at once", "daily", "weekly"]),
            ("language", [wanted.language], list(languages())),
            ("verbs", wanted.verbs, list(KINDS)),
        ):
            problems += [
                Problem(text("'{given}' is none of these", given=one), where, named(one, allowed))
                for one in given
                if one not in allowed
            ]
        messenger = known.get(wanted.kind)
        if messenger is None:
            return problems
        if messenger.secret_title is None and wanted.secret:
            problems.append(Problem(text("no secret is handed over here"), "secret", ""))
        if len(wanted.secret) > LONGEST_SECRET:
            problems.append(Problem(text("a secret is shorter"), "secret", ""))
        return problems + messenger.problems(wanted.target, wanted.secret, settings)


def _own(name: str, reader: Reader) -> Any:
    return select(Row).where(Row.programme == name, Row.party == reader.party, Row.person == reader.person)


def _found(session: Session, name: str, number: int, reader: Reader) -> Row:
    row = cast("Row | None", session.scalars(_own(name, reader).where(Row.id == number, Row.active)).first())
    if row is None:
        raise NotFound(Problem(text("no subscription {number}", number=number), "subscription", ""))
    return row


def _row(session: Session, one: Row) -> SubscriptionRow:
    wanted = select(DeliveryRow).where(DeliveryRow.subscription == one.id).order_by(DeliveryRow.id.desc())
    told = tuple(map(_delivery, session.scalars(wanted.limit(MOST_DELIVERIES))))
    given: Any = one
    return SubscriptionRow(
        one.id, one.kind, one.target, given.scope, tuple(one.verbs), one.language, given.rhythm, one.active,
        now_text(utc(one.made)), told,
    )  # fmt: skip


def _delivery(one: DeliveryRow) -> DeliveryShown:
    said = restored(one.answered["said"]) if one.answered else None
    state: Any = one.state
    return DeliveryShown(
        one.key, tuple(one.events), state, one.attempts, now_text(utc(one.made)), now_text(utc(one.next_try)), said
    )
