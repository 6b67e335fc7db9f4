"""What is to be sent: queued for each subscriber as things happen, tried until it is taken or its days are over, and told.

What is queued, and that an attempt begins, is in the database before anything is sent: whatever ends the process, nothing is
lost, and what is sent again bears the key that it bore before. An attempt that nobody brought to its end is made again later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import final
from uuid import uuid4

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from covolt.errors import CovoltError
from covolt.programme.documents import Programme
from covolt.words import Words, text
from covolt.workspace.access import seen
from covolt.workspace.feed import event_shown
from covolt.workspace.outgoing.entitled import acting, wanted_events
from covolt.workspace.outgoing.message import Entry, Message
from covolt.workspace.outgoing.messengers import Answer, Sending, messengers
from covolt.workspace.outgoing.reach import Reach
from covolt.workspace.outgoing.rows import DeliveryRow, SubscriptionRow
from covolt.workspace.outgoing.seal import Seal
from covolt.workspace.outgoing.settings import OutgoingSettings
from covolt.workspace.programmes import Programmes
from covolt.workspace.tables import EventRow

__all__ = ["Deliveries", "end", "gathered_at", "queue", "utc"]

LOG = logging.getLogger("covolt.outgoing")
AT_ONCE = 8
"""Subscribers that are written to beside one another."""
FIRST_PAUSE_s, PAUSE_RATIO, LONGEST_PAUSE_s = 60.0, 3.0, 21_600.0
"""The first pause is longer than any attempt: nobody else begins one meanwhile."""
GATHERED_HOUR = 6
IDLE_s = 1.0


def utc(moment: datetime) -> datetime:
    """A time of the database, which SQLite hands back without its zone."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def gathered_at(rhythm: str, now: datetime) -> datetime | None:
    """When a subscriber of this rhythm is told next, 06:00 UTC of a day or of a Monday; None where it is at once."""
    if rhythm == "at once":
        return None
    at = now.replace(hour=GATHERED_HOUR, minute=0, second=0, microsecond=0)
    at += timedelta(days=1 if at <= now else 0)
    return at + timedelta(days=-at.weekday() % 7) if rhythm == "weekly" else at


def queue(session: Session, subscription: int, events: list[int], now: datetime) -> DeliveryRow:
    """What is to be sent at once, in a session that writes."""
    row = DeliveryRow(
        key=f"covolt_{uuid4().hex}", subscription=subscription, events=events, made=now, state="waiting", attempts=0,
        next_try=now, answered={},
    )  # fmt: skip
    session.add(row)
    return row


def _pause_s(attempts: int) -> float:
    """How long after an attempt the next is made: 1, 3, 9, 27 … minutes, six hours at most."""
    return min(FIRST_PAUSE_s * PAUSE_RATIO ** min(attempts - 1, 20), LONGEST_PAUSE_s)


@final
class Deliveries:
    """Queues and sends.

    Args:
        programmes: of the workspace.
        settings: what the operator has settled.
        seal: opens the secrets of subscribers.
        reach: the way to addresses of others.
        told: is told the kind of each attempt and what came of it.
    """

    def __init__(
        self,
        programmes: Programmes,
        settings: OutgoingSettings,
        seal: Seal,
        reach: Reach,
        told: Callable[[str, str], None] = lambda _, __: None,
    ) -> None:
        self.settings = settings
        self.told = told
        self._programmes = programmes
        self._seal = seal
        self._reach = reach
        self._wake, self._ending = Event(), Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="covolt-outgoing")
        self._thread: Thread | None = None
        self._looked = 0
        self._behind = set[str]()

    def begin(self) -> None:
        """Queue and send from now on, in a thread of its own."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="covolt-outgoing", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look at once whether there is something to send."""
        self._wake.set()

    def close(self) -> None:
        """Begin nothing more; what is on its way is sent again, by the same key, when the workspace is opened next."""
        self._ending.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                busy = self.step()
            except Exception as error:  # a full disk, a database that is away: tried again until it is there
                LOG.warning("nothing can be sent now: %s", type(error).__name__)
                busy = False
            if not busy:
                self._wake.wait(IDLE_s)
                self._wake.clear()

    def step(self) -> bool:
        """Queue what has happened, and make one attempt for each subscriber for whom one is due; whether any was."""
        self._queue_all()
        due = self._claimed()
        list(self._pool.map(self._attempt, due))
        return bool(due)

    def _queue_all(self) -> None:
        """Look at what the log has got since it was looked at, for everybody; after a start at all of it."""
        now = self._programmes.clock()
        with self._programmes.database.reading() as session:
            newest = session.scalar(select(func.max(EventRow.sequence))) or 0
            wanted = select(EventRow.programme).where(EventRow.sequence > self._looked).distinct()
            moved = {*session.scalars(wanted), *self._behind}
            active = session.scalars(select(SubscriptionRow).where(SubscriptionRow.active)).all()
        behind = set[str]()
        for one in active:
            if not (utc(one.gathers) <= now if one.gathers else one.programme in moved):
                continue
            try:
                more = self._queue_for(one, now)
            except CovoltError:  # of this programme, and of no other
                LOG.warning("the programme of a subscription cannot be read", extra={"subscription": one.id})
                more = True
            behind |= {one.programme} if more else set()
        self._looked, self._behind = newest, behind

    def _queue_for(self, one: SubscriptionRow, now: datetime) -> bool:
        """Queue what a subscriber wants to be told; whether there is more than is looked at in one go."""
        own = self._own(one)
        with self._programmes.database.writing() as session:
            row = session.get(SubscriptionRow, one.id)
            if row is None or not row.active or row.seen != one.seen:
                return False  # another process was first
            if own is None:
                end(session, row, now)
                return False
            found, row.seen, more = wanted_events(session, row, own)
            for events in [found] if row.gathers and found else [[each] for each in found]:
                queue(session, row.id, events, now)
            if not (row.gathers and more):
                row.gathers = gathered_at(row.rhythm, now)
            return more

    def _own(self, one: SubscriptionRow) -> Programme | None:
        """The programme as a subscriber sees it now; None where that person no longer acts for the party."""
        with self._programmes.database.reading() as session:
            reader = acting(session, one)
        if reader is None:
            return None
        return seen(self._programmes.read(one.programme, self._programmes.heads(one.programme)), reader)

    def _claimed(self) -> list[int]:
        """The oldest due delivery of each subscriber, with its next attempt put off: whoever dies in this one leaves that."""
        now = self._programmes.clock()
        # A time further away than any pause was written before the clock was set back.
        far = now + timedelta(days=1, seconds=LONGEST_PAUSE_s)
        due = or_(DeliveryRow.next_try <= now, DeliveryRow.next_try > far)
        wanted = (
            select(func.min(DeliveryRow.id))
            .where(DeliveryRow.state == "waiting", due)
            .group_by(DeliveryRow.subscription)
            .order_by(func.min(DeliveryRow.next_try))
            .limit(AT_ONCE)
        )
        with self._programmes.database.reading() as session:
            if not session.scalars(wanted).all():
                return []
        with self._programmes.database.writing() as session:
            found = session.scalars(select(DeliveryRow).where(DeliveryRow.id.in_(session.scalars(wanted).all()))).all()
            for row in found:
                row.attempts += 1
                row.next_try = now + timedelta(seconds=_pause_s(row.attempts))
            return [row.id for row in found]

    def _attempt(self, delivery: int) -> None:
        now = self._programmes.clock()
        with self._programmes.database.reading() as session:
            row = session.get_one(DeliveryRow, delivery)
            one = session.get_one(SubscriptionRow, row.subscription)
            if row.state != "waiting":
                return  # it was ended meanwhile
        answer = self._sent(row, one, now)
        LOG.info("delivery", extra={"delivery": row.key, "kind": one.kind, "outcome": answer.outcome})
        self.told(one.kind, answer.outcome)
        self._settle(delivery, answer)

    def _sent(self, row: DeliveryRow, one: SubscriptionRow, now: datetime) -> Answer:
        try:
            messenger = messengers().get(one.kind)
            secret = self._seal.opened(one.secret)
            if messenger is None or not messenger.offered(self.settings):
                return Answer("later", text("this workspace does not send so"))
            if secret is None:
                return Answer("refused", text("its secret was sealed with another key: subscribe anew"))
            if (own := self._own(one)) is None:
                return Answer("gone", text("whoever subscribed no longer acts for the party"))
            message = self._message(row, one, own, now)
            if message is None:
                return Answer("refused", text("nothing of it may be seen any more"))
            return messenger.send(message, Sending(one.target, secret, self.settings, self._reach))
        except Exception as error:  # a way of another package may fail in any way, and holds up nobody
            LOG.warning("a delivery failed: %s", type(error).__name__, extra={"delivery": row.key})
            return Answer("later", text("it could not be sent"))

    def _message(self, row: DeliveryRow, one: SubscriptionRow, own: Programme, now: datetime) -> Message | None:
        """What is sent, of what the subscriber may see now; None where that is nothing."""
        with self._programmes.database.reading() as session:
            wanted = select(EventRow).where(EventRow.programme == one.programme, EventRow.sequence.in_(row.events))
            events = session.scalars(wanted.order_by(EventRow.sequence)).all()
        entries: list[Entry] = []
        for event in events:
            shown = event_shown(event, own)
            party = own.parties.get(event.party)
            who = party.title.words if party is not None else Words()
            entries.append(Entry(event.sequence, event.at, event.party, event.verb, event.subject, shown.said, who))
        if row.events and not entries:
            return None
        return Message(
            row.key, now, self.settings.address, one.programme, one.party, own.charter.title.words, one.language,
            tuple(entries),
        )  # fmt: skip

    def _settle(self, delivery: int, answer: Answer) -> None:
        """Write down what came of an attempt."""
        now = self._programmes.clock()
        with self._programmes.database.writing() as session:
            row = session.get_one(DeliveryRow, delivery)
            row.answered = {"at": now.isoformat(), "said": answer.said.stored()}
            over = now - utc(row.made) > timedelta(days=self.settings.lasting_days)
            if answer.outcome == "taken":
                row.state = "sent"
            elif row.state != "waiting":
                return
            elif answer.outcome in {"refused", "gone"} or over:
                row.state = "given up"
            elif answer.after_s is not None:
                row.next_try = max(utc(row.next_try), now + timedelta(seconds=answer.after_s))
            if answer.outcome == "gone":
                end(session, session.get_one(SubscriptionRow, row.subscription), now)


def end(session: Session, one: SubscriptionRow, now: datetime) -> None:
    """End a subscription, in a session that writes: what waits for it is sent no more, and its secret is forgotten."""
    one.active, one.ended, one.secret = False, now, ""
    waiting = select(DeliveryRow).where(DeliveryRow.subscription == one.id, DeliveryRow.state == "waiting")
    for row in session.scalars(waiting):
        row.state = "ended"
