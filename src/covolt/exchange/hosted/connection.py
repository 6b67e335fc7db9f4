"""One party at the hub: asked one thing at a time, each with its number and its deadline, which the hub itself keeps."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, final

import grpc

from covolt.exchange.hosted.messages import FromHub, FromParty

__all__ = ["Connection", "Lost", "Statistics", "Watch"]

LOOK_s = 1.0

Why = Literal["late", "gone", "garbled", "out of order"]


class Lost(Exception):  # it ends a connection, and is told as a ComponentFailed
    """The connection is of no use any longer."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


@final
@dataclass
class Statistics:
    """Where the time of a hosted part goes: all of it as the hub waits, and of this what the party says that it computed."""

    messages: int = 0
    wait_s: float = 0.0
    compute_s: float = 0.0
    longest_s: float = 0.0


@final
class Watch:
    """Ends connections that owe an answer for too long: one thread that asks nothing of a step but to note its deadline.

    Once a second it also lets the hub `look` whether those that are open still count.
    """

    def __init__(self, look: Callable[[], None] = lambda: None) -> None:
        self._look = look
        self._watched: set[Connection] = set()
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="covolt hub watch", daemon=True)
        self._thread.start()

    def add(self, connection: Connection) -> None:
        """Watch over a connection until it ends."""
        with self._lock:
            self._watched.add(connection)
        self._changed.set()

    def drop(self, connection: Connection) -> None:
        """Watch over it no longer."""
        with self._lock:
            self._watched.discard(connection)

    def close(self) -> None:
        """End the watch."""
        self._open = False
        self._changed.set()

    def _run(self) -> None:
        pause_s, looked_s = LOOK_s, time.monotonic()
        while self._open:
            self._changed.wait(pause_s)
            self._changed.clear()
            now = time.monotonic()
            if now - looked_s >= LOOK_s:
                self._look()
                looked_s = now = time.monotonic()
            with self._lock:
                watched = list(self._watched)
            for one in watched:
                if one.due_s <= now:
                    one.end("late")
            # Whatever is asked from now on is due no sooner than the shortest deadline from now.
            pause_s = min((max(min(one.due_s - now, one.shortest_s), 1e-3) for one in watched), default=LOOK_s)
            pause_s = min(pause_s, LOOK_s)


@final
class Connection:
    """A party's open stream. `ask` is for one thread at a time, which itself sends and receives.

    `send` puts a message on the stream, and ends the stream where it is given None.
    """

    def __init__(
        self,
        party: str,
        certificate: bytes,
        hello: Any,
        requests: Iterator[bytes],
        context: Any,
        send: Callable[[bytes | None], None],
        watch: Watch,
    ) -> None:
        self.party = party
        self.certificate = certificate
        self.hello = hello
        self.due_s = math.inf
        self.shortest_s = 0.05
        self.statistics = Statistics()
        self.ended = threading.Event()
        self.taken = False
        """Whether somebody waited for it and asks it."""
        self._why: Why = "gone"
        self._requests, self._context, self._send, self._watch = requests, context, send, watch
        self._sequence = 0
        self._message = FromHub()

    def greet(self) -> None:
        """Tell the party that it was let in: the first message of all."""
        welcome = FromHub(sequence=0)
        welcome.welcome.SetInParent()
        self._send(welcome.SerializeToString())

    def begin(self) -> Any:
        """The message to fill and to `ask`, numbered; it is used again and again."""
        self._message.Clear()
        self._sequence += 1
        self._message.sequence = self._sequence
        return self._message

    def ask(self, deadline_s: float) -> Any:
        """Send the message that was begun and wait for its answer, no longer than its deadline.

        Raises:
            Lost: there is none, or none that counts.
        """
        if self.ended.is_set():
            raise Lost(self._why)
        begun_s = time.monotonic()
        self.shortest_s = min(self.shortest_s, deadline_s)
        self.due_s = begun_s + deadline_s
        try:
            self._send(self._message.SerializeToString())
            content = next(self._requests)
        except Exception:  # gRPC ends an iterator by several private ones
            self.end(self._why if self.ended.is_set() else "gone")
            raise Lost(self._why) from None
        finally:
            self.due_s = math.inf
        return self._counted(content, time.monotonic() - begun_s)

    def _counted(self, content: bytes, wait_s: float) -> Any:
        try:
            answer = FromParty.FromString(content)
        except Exception:  # whatever the parser dislikes
            self.end("garbled")
            raise Lost("garbled") from None
        if answer.sequence != self._sequence:
            self.end("out of order")
            raise Lost("out of order")
        known = self.statistics
        known.messages += 1
        known.wait_s += wait_s
        known.longest_s = max(known.longest_s, wait_s)
        if 0.0 <= answer.compute_s <= wait_s:
            known.compute_s += answer.compute_s
        return answer

    def dismiss(self, awaited: str) -> None:
        """End a stream that nobody waits for: the party is told what is waited for."""
        if not self.ended.is_set():
            self.ended.set()
            self._watch.drop(self)
            self._context.set_code(grpc.StatusCode.NOT_FOUND)
            self._context.set_details(awaited)
            self._send(None)

    def end(self, why: Why) -> None:
        """End the stream; the first reason stays."""
        if not self.ended.is_set():
            self._why = why
            self.ended.set()
            self._watch.drop(self)
            self._context.cancel()
