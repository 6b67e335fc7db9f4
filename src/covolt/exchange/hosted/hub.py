"""The hub of a joint vehicle: where parties dial in over mutual TLS, each known by its certificate."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, final

import grpc

from covolt.errors import ComponentFailed, Forbidden, InputError, Problem
from covolt.exchange.hosted.address import cannot_listen
from covolt.exchange.hosted.certificates import REFUSALS, Identity, Refusal, Trust, addresses_of
from covolt.exchange.hosted.connection import Connection, Watch
from covolt.exchange.hosted.messages import PROTOCOL, SERVICE, FromParty
from covolt.words import Phrase, joined, text

__all__ = ["OPTIONS", "Hub"]

OPTIONS = (
    ("grpc.max_receive_message_length", 256 << 20),
    ("grpc.max_send_message_length", 256 << 20),
    ("grpc.so_reuseport", 0),
)
WORKERS, MOST_PARTS = 64, 8
"""Streams that are open at a time, of all parties that have passed the handshake and of one of them: none shuts out another."""

HELLO_s, MOST_SILENT, MOST_HELLO_BYTES = 10.0, 4, 16 << 20
"""How long a stream may wait with its first message, how many of one party may at a time, and how large that message may be."""


@final
@dataclass(frozen=True, eq=False)
class _Silent:
    """A stream on which nothing was said yet."""

    party: str
    context: Any
    due_s: float


@final
class Hub:
    """Listens at an address; a party that dials in and counts is handed to whoever waits for its part.

    The handshake lets in whoever has a certificate of a trusted authority that has not expired; right after it the hub looks at
    the name, the revocations and which authority may speak for whom.
    """

    def __init__(
        self, address: str, identity: Identity, trust: Callable[[], Trust] | Trust, now: Callable[[], datetime]
    ) -> None:
        self._trust: Callable[[], Trust] = trust if callable(trust) else lambda: trust
        self._now = now
        self._demand_own(identity, address)
        self._came = threading.Condition()
        self._connections: dict[tuple[str, str], Connection] = {}
        self._refused: list[tuple[str, Refusal]] = []
        self._silent: set[_Silent] = set()
        self._muted: Counter[str] = Counter()
        """How many streams of a party were ended, or not let in, since nothing was said on them."""
        self._watch = Watch(self._look)
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="covolt hub")
        self._server = grpc.server(self._workers, options=OPTIONS)
        serve = grpc.stream_stream_rpc_method_handler(self._handler())
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Serve": serve}),))
        credentials = grpc.ssl_server_credentials(
            [(identity.key, identity.certificate)], self._trust().bundle(), require_client_auth=True
        )
        try:
            self.port = self._server.add_secure_port(address, credentials)
        except RuntimeError:
            self._watch.close()
            raise cannot_listen(address) from None
        self._server.start()

    def _demand_own(self, identity: Identity, address: str) -> None:
        """That parties take the hub's own certificate: a hub that nobody can trust does not listen.

        Raises:
            Forbidden: it has expired, was revoked, or is not of this authority.
        """
        refusal = self._trust().judged(identity.certificate, self._now())[1]
        if refusal is not None:
            named = " ".join(f"--address {one}" for one in addresses_of(identity.certificate))
            hint = text("renew it: covolt authority new --renew {named}", named=named)
            raise Forbidden(Problem(text("the hub cannot be trusted: {why}", why=REFUSALS[refusal]), address, hint))

    def __enter__(self) -> Hub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every stream and stop listening."""
        for one in list(self._connections.values()):
            one.end("gone")
        self._watch.close()
        self._server.stop(0.2).wait()
        self._workers.shutdown(wait=False)

    def wait_for(self, party: str, part: str, patience_s: float) -> Connection:
        """The open stream of a party that serves a part, once it is there.

        Raises:
            ComponentFailed: it did not come in time; says why the hub refused it, where it did.
        """
        end_s = time.monotonic() + patience_s
        with self._came:
            while True:
                found = self._connections.get((party, part))
                if found is not None and not found.ended.is_set():
                    found.taken = True
                    return found
                left_s = end_s - time.monotonic()
                if left_s <= 0.0:
                    raise ComponentFailed(self._absence(party, part, patience_s))
                self._came.wait(left_s)

    def _absence(self, party: str, part: str, patience_s: float) -> Problem:
        why: list[Refusal] = [reason for name, reason in self._refused if name == party]
        if not why and (reason := self._trust().absence(party, self._now())) is not None:
            why = [reason]
        if why:
            what = text("{party} is not let in: {why}", party=party, why=REFUSALS[why[-1]])
            return Problem(what, part, text("invite it anew: covolt authority invite"))
        if (other := self._other(party, part)) is not None:
            return _came_instead(party, part, patience_s, *other)
        what: Phrase = text("{party} did not come within {patience} s", party=party, patience=patience_s)
        for other, count in self._muted.most_common(1 if self._muted.total() >= MOST_SILENT else 0):
            silent = text("{other} opened {count} streams and said nothing on them", other=other, count=count)
            what = joined([what, silent], "; ")
        hint = text(
            "ask {party} whether its host runs and what it says; covolt authority list tells whose certificate counts",
            party=party,
        )
        return Problem(what, part, hint)

    def _other(self, party: str, part: str) -> tuple[str, str] | None:
        """Who came with what, where nobody waits for it: the same part of another party, or another part of this one."""
        waiting = [
            (whose, name, one)
            for (whose, name), one in list(self._connections.items())
            if not (one.taken or one.ended.is_set()) and (whose == party or name == part)
        ]
        for whose, _, one in waiting:
            one.dismiss(part if whose == party else f"{part} ({party})")
        return min(((whose, name) for whose, name, _ in waiting), key=lambda one: one[0] != party, default=None)

    def judged(self, connection: Connection) -> Refusal | None:
        """Why the certificate of an open stream counts no longer; None where it still does."""
        return self._trust().judged(connection.certificate, self._now())[1]

    def _look(self) -> None:
        """End streams whose certificate was revoked, or has expired, since they were opened."""
        now_s = time.monotonic()
        for silent in list(self._silent):
            if silent.due_s <= now_s:
                self._silent.discard(silent)
                self._muted[silent.party] += 1
                silent.context.cancel()
        with suppress(InputError):
            trust, now = self._trust(), self._now()
            for (party, _), one in list(self._connections.items()):
                refusal = None if one.ended.is_set() else trust.judged(one.certificate, now)[1]
                if refusal is not None:
                    self._refused = [*self._refused[-99:], (party, refusal)]
                    one.end("gone")

    def _first(self, party: str, requests: Iterator[bytes], context: Any) -> bytes:
        """The first message of a stream; a party that lets many wait for it, or long, shuts out nobody.

        Raises:
            ValueError: too many of its streams wait for it, or it is too large.
        """
        silent = _Silent(party, context, time.monotonic() + HELLO_s)
        with self._came:
            if sum(one.party == party for one in self._silent) >= MOST_SILENT:
                self._muted[party] += 1
                raise ValueError("streams that say nothing")
            self._silent.add(silent)
        try:
            content = next(requests)
        finally:
            self._silent.discard(silent)
        if len(content) > MOST_HELLO_BYTES:
            raise ValueError("too large")
        return content

    def _handler(self) -> Callable[..., None]:
        """The handler of a stream in gRPC's form without an iterator of answers.

        Who asks sends: a thread that hands messages on for an iterator takes a third of a step's time.
        """

        def serve(requests: Iterator[bytes], context: Any, send: Callable[[bytes | None], None]) -> None:
            self._serve(requests, context, send)

        serve.__dict__["experimental_non_blocking"] = True
        return serve

    def _serve(self, requests: Iterator[bytes], context: Any, send: Callable[[bytes | None], None]) -> None:
        shown: Mapping[str, list[bytes]] = context.auth_context()
        certificate = next(iter(shown.get("x509_pem_cert", ())), b"")
        party, refusal = self._trust().judged(certificate, self._now())
        if refusal is not None:
            with self._came:
                self._refused = [*self._refused[-99:], (party, refusal)]
            context.abort(grpc.StatusCode.UNAUTHENTICATED, refusal)
        try:
            first = FromParty.FromString(self._first(party, requests, context))
        except Exception:  # gone, silent, or not of the protocol
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "hello")
            return
        if first.WhichOneof("answer") != "hello" or first.hello.protocol != PROTOCOL:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "hello")
        part = first.hello.description.name
        known = [(key, one) for key, one in list(self._connections.items()) if key != (party, part)]
        others = [whose for (whose, _), one in known if not one.ended.is_set()]
        if others.count(party) >= MOST_PARTS or len(others) >= WORKERS:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "parts")
        connection = Connection(party, certificate, first.hello, requests, context, send, self._watch)
        context.add_callback(lambda: connection.end("gone"))
        self._watch.add(connection)
        connection.greet()
        with self._came:
            before = self._connections.get((party, part))
            self._connections[party, part] = connection
            self._came.notify_all()
        if before is not None:
            before.end("gone")


def _came_instead(party: str, part: str, patience_s: float, other: str, its_part: str) -> Problem:
    what = text(
        "{party} did not come within {patience} s; {other} came with {its_part}",
        party=party,
        patience=patience_s,
        other=other,
        its_part=its_part,
    )
    hint = text("let {party} host by its own invitation, or lock an offer of {other}", party=party, other=other)
    if other == party:
        hint = text("let {party} name the slot that its part fills: covolt host … --as {part}", party=party, part=part)
    return Problem(what, part, hint)
