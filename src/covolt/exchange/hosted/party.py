"""A party's host: dials out to the hub and serves one part; what leaves the house is port values, and a log says which."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, final

import grpc
import numpy as np

from covolt.errors import CovoltError, InputError
from covolt.exchange.component import Component, Value
from covolt.exchange.hosted.certificates import Identity
from covolt.exchange.hosted.hub import OPTIONS
from covolt.exchange.hosted.messages import (
    PROTOCOL,
    SERVE,
    FromHub,
    FromParty,
    doubles,
    value_message,
    values_from,
    vector,
)
from covolt.exchange.hosted.mission_messages import steps_of
from covolt.exchange.hosted.replay import Unrecorded
from covolt.exchange.hosted.shown import SHOWN, shown
from covolt.files import write_whole

__all__ = ["Dialled", "Served", "dial"]

KEPT_MOST = 20
"""States that a party keeps beyond a restart; the oldest go."""


class _Refused(Exception):  # becomes a failure in the protocol
    def __init__(self, code: str, names: list[str] | None = None) -> None:
        super().__init__(code)
        self.code, self.names = code, names or []


@final
class Served:
    """One part as it is served: answers to the hub's messages, one by one, whoever carries them."""

    def __init__(
        self,
        component: Component,
        *,
        replayed: bool = False,
        folder: Path | None = None,
        budget: Callable[[int], bool] = lambda rows: True,
        left: Callable[[], int | None] = lambda: None,
        tell: Callable[[Any, Any], None] = lambda asked, answer: None,
        failed: Callable[[Exception], None] = lambda error: None,
    ) -> None:
        self._component, self._replayed = component, replayed
        self._folder, self._budget, self._left, self._tell, self._failed = folder, budget, left, tell, failed
        self._one_at_a_time = threading.Lock()
        self._description = component.description
        self._shown = {one.name for one in self._description.variables if one.causality in SHOWN}
        self._wired = 0
        self._message = FromParty()
        self._answers: dict[str, Callable[[Any], None]] = {
            "wire": self._wire,
            "start": self._start,
            "step": self._step,
            "window": self._window,
            "missions": self._missions,
            "set_values": self._set,
            "get_values": self._get,
            "save": self._save,
            "restore": self._restore,
            "forget": self._forget,
            "keep": self._keep,
            "recall": self._recall,
            "close": self._close,
        }

    def hello(self) -> bytes:
        """The handshake: what the part is, and nothing of what is inside."""
        made = FromParty()
        made.hello.protocol, made.hello.replayed = PROTOCOL, self._replayed
        serialises = self._description.capabilities.serialises and self._folder is not None
        made.hello.description.CopyFrom(shown(self._description, serialises=serialises))
        if (left := self._left()) is not None:
            made.hello.budget = left
        return made.SerializeToString()

    def answer(self, content: bytes) -> bytes | None:
        """The answer to one message of the hub; None to what takes none.

        A stream that was ended while the part still computed is followed by the next: that one waits here until it is done.
        """
        with self._one_at_a_time:
            return self._answered(FromHub.FromString(content))

    def _answered(self, asked: Any) -> bytes | None:
        answer = self._message
        which = asked.WhichOneof("ask")
        if which in {None, "welcome"}:
            return None
        begun_s = time.perf_counter()
        answer.Clear()
        answer.sequence = asked.sequence
        try:
            self._answers[which](getattr(asked, which))
        except _Refused as refused:
            answer.failure.code = refused.code
            answer.failure.names.extend(refused.names)
        except InputError as error:
            # What the part says of it may tell of its inside: that stays here, and whoever asked knows what he gave.
            answer.failure.code = "values"
            self._failed(error)
        except Unrecorded as error:
            answer.failure.code = "unrecorded"
            self._failed(error)
        except Exception as error:  # whatever a party's own code raises stays here, told to its owner
            answer.failure.code = "failed"
            self._failed(error)
        answer.compute_s = time.perf_counter() - begun_s
        self._tell(asked, answer)
        return answer.SerializeToString()

    def _allowed(self, rows: int) -> None:
        if not self._budget(rows):
            raise _Refused("budget")

    def _wire(self, asked: Any) -> None:
        inputs, outputs = list(asked.inputs), list(asked.outputs)
        wrong = [one for one in (*inputs, *outputs) if one.partition("[")[0] not in self._shown]
        if wrong:
            raise _Refused("names", wrong)
        try:
            self._component.wire(inputs, outputs)
        except InputError:
            raise _Refused("names", [*inputs, *outputs]) from None
        self._wired = len(inputs)
        self._message.done.SetInParent()

    def _begin(self, asked: Any) -> np.ndarray:
        parameters, inputs = values_from(asked.parameters), vector(asked.inputs, self._wired)
        wrong = [one for one in asked.parameters if one not in self._shown]
        if wrong:
            raise _Refused("names", wrong)
        if inputs is None or len(parameters) != len(asked.parameters):
            raise _Refused("values")
        stop_s = asked.stop_s if asked.HasField("stop_s") else None
        try:
            return self._component.start(parameters, inputs, asked.start_s, stop_s)
        except InputError:
            raise _Refused("values", sorted(parameters)) from None

    def _start(self, asked: Any) -> None:
        self._allowed(1)
        self._message.outputs = doubles(self._begin(asked))

    def _step(self, asked: Any) -> None:
        self._allowed(1)
        inputs = vector(asked.inputs, self._wired)
        if inputs is None:
            raise _Refused("values")
        self._message.outputs = doubles(self._component.step(asked.time_s, asked.step_s, inputs))

    def _window(self, asked: Any) -> None:
        rows = len(asked.steps_s) // 8
        steps_s, inputs = vector(asked.steps_s, rows), vector(asked.inputs, rows, self._wired)
        if steps_s is None or inputs is None:
            raise _Refused("values")
        self._allowed(rows)
        self._message.outputs = doubles(self._component.window(asked.start_s, steps_s, inputs))

    def _missions(self, asked: Any) -> None:
        steps_s = steps_of(asked) or []
        inputs = vector(asked.inputs, sum(map(len, steps_s)), self._wired)
        if not steps_s or inputs is None:
            raise _Refused("values")
        self._allowed(len(inputs) + len(steps_s))
        pieces, at = list[bytes](), 0
        for start, steps in zip(asked.starts, steps_s, strict=True):
            pieces.append(doubles(self._begin(start)))
            if len(steps):
                pieces.append(doubles(self._component.window(start.start_s, steps, inputs[at : at + len(steps)])))
            at += len(steps)
        self._message.outputs = b"".join(pieces)

    def _set(self, asked: Any) -> None:
        values = values_from(asked.values)
        self._only_shown(list(asked.values))
        self._component.set_values(values)
        self._message.done.SetInParent()

    def _get(self, asked: Any) -> None:
        names = list(asked.names)
        self._only_shown(names)
        self._allowed(1)
        found: Mapping[str, Value] = self._component.get_values(names)
        self._message.values.SetInParent()
        for name, value in found.items():
            self._message.values.values[name].CopyFrom(value_message(value))

    def _only_shown(self, names: list[str]) -> None:
        wrong = [one for one in names if one.partition("[")[0] not in self._shown]
        if wrong:
            raise _Refused("names", wrong)

    def _save(self, asked: Any) -> None:
        if not self._description.capabilities.saves:
            raise _Refused("unable")
        self._message.state = self._component.save()

    def _restore(self, asked: int) -> None:
        self._state_or_refused(lambda: self._component.restore(asked))
        self._message.done.SetInParent()

    def _forget(self, asked: int) -> None:
        self._component.forget(asked)
        self._message.done.SetInParent()

    def _keep(self, asked: int) -> None:
        if self._folder is None:
            raise _Refused("unable")
        name = os.urandom(16).hex()
        content = self._state_or_refused(lambda: self._component.serialise(asked))
        write_whole(self._folder / f"{name}.state", content, mode=0o600, forced=False)
        for old in sorted(self._folder.glob("*.state"), key=lambda one: one.stat().st_mtime_ns)[:-KEPT_MOST]:
            old.unlink(missing_ok=True)
        self._message.kept = name

    def _recall(self, asked: str) -> None:
        known = asked.isalnum() and len(asked) == 32
        path = None if self._folder is None or not known else self._folder / f"{asked}.state"
        if path is None or not path.is_file():
            raise _Refused("state")
        self._message.state = self._state_or_refused(lambda: self._component.deserialise(path.read_bytes()))

    @staticmethod
    def _state_or_refused(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except InputError:
            raise _Refused("state") from None

    def _close(self, asked: Any) -> None:
        self._component.close()
        self._message.done.SetInParent()


@final
class Dialled:
    """An open stream to the hub; `wait` says how it ended."""

    def __init__(self, call: Any, channel: grpc.Channel, welcome: threading.Event) -> None:
        self._call, self._channel = call, channel
        self.welcome = welcome
        self.done = threading.Event()
        # A call that has ended already, as one to a hub that does not listen yet, takes no callback.
        if not call.add_callback(self.done.set):
            self.done.set()

    def wait(self, patience_s: float | None = None) -> tuple[str, str] | None:
        """Status and words with which the stream ended; None while it has not."""
        if not self.done.wait(patience_s):
            return None
        return str(self._call.code().name), str(self._call.details() or "")

    def close(self) -> None:
        """End it."""
        self._call.cancel()
        self._channel.close()


def dial(address: str, identity: Identity, served: Served, hub_name: str = "") -> Dialled:
    """Dial out to the hub and answer it, in a thread of gRPC's, until the stream ends.

    The thread that sends is the one that receives and computes: nothing is handed from one to another within a step.
    """
    credentials = grpc.ssl_channel_credentials(identity.authorities, identity.key, identity.certificate)
    options = [*OPTIONS, *([("grpc.ssl_target_name_override", hub_name)] if hub_name else [])]
    channel = grpc.secure_channel(address, credentials, options)
    begun, welcome = threading.Event(), threading.Event()
    calls: list[Any] = []

    def answers() -> Iterator[bytes]:
        yield served.hello()
        begun.wait()
        for content in calls[0]:
            if not welcome.is_set():
                welcome.set()
            try:
                answer = served.answer(content)
            except (
                CovoltError
            ):  # the log cannot be written: whoever serves knows it, and nothing leaves the house unlogged
                return
            if answer is not None:
                yield answer

    calls.append(channel.stream_stream(SERVE)(answers()))
    begun.set()
    return Dialled(calls[0], channel, welcome)
