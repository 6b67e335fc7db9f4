"""Connections of the server: a request comes within its time, an answer is taken within its time, and only so many are open."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["Connection", "serving"]

HEAD_s = 10.0
"""Within which the head of a request is whole, from the beginning of the connection or the first sign of the head."""
BODY_s, LEAST_bytes = 30.0, 3000
"""Of a body so much comes at least in so long."""
REST_s, REST_bytes = 2.0, 65536
"""How long, and how much of a body is still taken after its answer, so that its sender comes to read that."""
UNREAD_s = 60.0
"""Within which something of an answer is taken that waits for its reader."""
KEPT_OPEN_s = 75
MOST_OPEN = 1000
"""Connections at once; a third of the files that the system allows the process where that is less."""


def serving(app: Any, **more: Any) -> uvicorn.Config:
    """How an application is served by such connections."""
    return uvicorn.Config(app, http=Connection, ws="none", timeout_keep_alive=KEPT_OPEN_s, server_header=False, **more)


def most_open() -> int:
    """How many connections are open at once at most."""
    if sys.platform != "win32":  # which knows no such bound
        import resource

        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if allowed != resource.RLIM_INFINITY:
            return max(50, min(MOST_OPEN, allowed // 3))
    return MOST_OPEN


@final
class Connection(H11Protocol):
    """One connection, which is closed where it holds the server up.

    Where too many are open, the one goes that has asked nothing for the longest, else the one whose request has been coming
    for the longest; whoever waits for an answer goes for nobody.
    """

    _awaited = ""
    _timer: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _came_bytes = 0
    _held = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > most_open():
            self._make_room()

    def data_received(self, data: bytes) -> None:
        self._came_bytes += len(data)
        super().data_received(data)
        self._watch()
        if self._awaited == "rest" and self._came_bytes > REST_bytes:
            self.flow.pause_reading()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_s, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._watch()

    def _watch(self) -> None:
        """Bound the time of what is to come now; nothing is bounded while the server itself is at work."""
        awaited = self._to_come()
        if awaited != self._awaited:
            self._awaited = awaited
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if awaited:
                self._give_time()

    def _to_come(self) -> str:
        state = self.conn.their_state
        if self.transport.is_closing():
            return ""
        if state is h11.IDLE:  # after an answer nothing is awaited: the time to keep it open runs
            return "head" if not self.cycle or self.conn.trailing_data[0] else ""
        if state is h11.SEND_BODY:
            return "rest" if self.cycle.response_complete else "body"
        return ""

    def _give_time(self) -> None:
        self._came_bytes, self._held = 0, self._is_held()
        within_s = {"head": HEAD_s, "body": BODY_s, "rest": REST_s}[self._awaited]
        self._timer = self.loop.call_later(within_s, self._late)

    def _is_held(self) -> bool:
        """Whether the server itself keeps the body back: it has not read what came, or has not asked for it."""
        return self.flow.read_paused or (bool(self.cycle) and self.cycle.waiting_for_100_continue)

    def _late(self) -> None:
        if self._awaited == "body" and (self._came_bytes >= LEAST_bytes or self._held or self._is_held()):
            self._give_time()
        else:
            self.transport.close()

    def _make_room(self) -> None:
        others = [one for one in self.connections if isinstance(one, Connection)]
        coming = [
            (one._awaited == "body", until_s, at, one) for at, one in enumerate(others) if (until_s := one._until_s())
        ]
        goes = min(coming)[-1] if coming else self
        goes.transport.close()

    def _until_s(self) -> float:
        """When it is closed if nothing comes; 0 where it is at work."""
        timer = self._timer or self.timeout_keep_alive_task
        return 0.0 if timer is None or self.transport.is_closing() else timer.when()
