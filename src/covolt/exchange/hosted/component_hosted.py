"""A part that stays with its owner, as a component: one message a step, every value guarded, resumed after a failure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from struct import pack
from typing import Any, cast, final

import numpy as np

from covolt.errors import ComponentEnded, ComponentFailed, InputError, Problem
from covolt.exchange.component import Description, Value
from covolt.exchange.hosted.certificates import REFUSALS
from covolt.exchange.hosted.connection import Connection, Lost, Statistics
from covolt.exchange.hosted.failures import CODES, lost_why
from covolt.exchange.hosted.guard import Guard
from covolt.exchange.hosted.hub import Hub
from covolt.exchange.hosted.messages import description_from, doubles, value_message, values_from, vector
from covolt.exchange.hosted.mission_messages import fill_missions, fill_start, in_messages
from covolt.exchange.missions import AskedMission
from covolt.words import Phrase, text

__all__ = ["Deadlines", "HostedComponent"]


@final
@dataclass(frozen=True)
class Deadlines:
    """How long a party may take, as the contract says: for one step, for each row of a window on top, and for all else."""

    step_s: float = 0.5
    row_s: float = 0.01
    call_s: float = 30.0
    joining_s: float = 30.0
    """To come, at first and after a failure."""

    def window_s(self, rows: int) -> float:
        """For many rows in one message."""
        return self.call_s + rows * self.row_s


@final
@dataclass
class _Record:
    """What was asked since the start or since the last kept state: what a party that comes back is brought up to."""

    wired: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    started: tuple[dict[str, Value], np.ndarray, float, float | None] | None = None
    kept: str = ""
    since: list[tuple[float, bytes, bytes]] = field(default_factory=list[tuple[float, bytes, bytes]])
    """Begin, steps and inputs of what was asked, as they were sent."""


_MOST_NAMES, _LONGEST_NAME = 20, 80
"""Of what a party tells of names, what is shown."""


@final
class HostedComponent:
    """A part on its owner's machine as a `Component`.

    An answer counts if it comes in time, in its turn, of the right length, every value finite and within its range. Where one
    does not, the call ends as `ComponentFailed`, which names party, part, call, time and port; `resume` then waits for the party,
    brings it back to the last state that it kept (or to its start), replays the inputs since, and the call can be made again.
    """

    def __init__(
        self,
        hub: Hub,
        party: str,
        part: str,
        deadlines: Deadlines | None = None,
        *,
        ranges: Mapping[str, tuple[float, float]] | None = None,
        checkpoint_every: int = 100,
    ) -> None:
        self._hub, self._party, self._part = hub, party, part
        self.deadlines = deadlines or Deadlines()
        self._ranges = dict(ranges or {})
        self._every, self._left = checkpoint_every, checkpoint_every
        self._record = _Record()
        self._time_s = 0.0
        self._statistics: list[Statistics] = []
        self._link = self._joined()
        self.description: Description = self._described()
        self._guard = Guard((), {}, {})
        self.wire(
            [one.name for one in self.description.of("input") if one.kind == "real" and not one.shape],
            [one.name for one in self.description.of("output") if one.kind == "real" and not one.shape],
        )

    @property
    def party(self) -> str:
        """Whose part it is, by its certificate."""
        return self._party

    @property
    def replayed(self) -> bool:
        """Whether a record of earlier answers stands in for the party: verdicts by it are provisional."""
        return bool(self._link.hello.replayed)

    @property
    def statistics(self) -> Statistics:
        """Messages, waiting and computing over all streams of this part."""
        known = self._statistics
        return Statistics(
            sum(one.messages for one in known),
            sum(one.wait_s for one in known),
            sum(one.compute_s for one in known),
            max((one.longest_s for one in known), default=0.0),
        )

    def wire(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Choose what crosses at every step."""
        message = self._link.begin()
        message.wire.inputs.extend(inputs)
        message.wire.outputs.extend(outputs)
        self._ask("wire", self.deadlines.call_s, "done")
        self._record.wired = (tuple(inputs), tuple(outputs))
        self._guard = Guard(tuple(outputs), _stated(self.description), self._ranges)

    def start(
        self, parameters: Mapping[str, Value], inputs: np.ndarray, start_s: float = 0.0, stop_s: float | None = None
    ) -> np.ndarray:
        """Begin anew; the outputs then."""
        if self._link.ended.is_set():
            self._rejoin()
        self._record.started = (dict(parameters), np.array(inputs, dtype=float), start_s, stop_s)
        self._record.kept, self._record.since = "", []
        self._left, self._time_s = self._every, start_s
        return self._started()

    def _started(self) -> np.ndarray:
        parameters, inputs, start_s, stop_s = cast("Any", self._record.started)
        fill_start(self._link.begin().start, parameters, inputs, start_s, stop_s)
        return self._row("start", self.deadlines.call_s)

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        """One message there and one back."""
        self._time_s = time_s
        asked, content = self._link.begin().step, doubles(inputs)
        asked.time_s, asked.step_s, asked.inputs = time_s, step_s, content
        found = self._row("step", self.deadlines.step_s)
        self._time_s = time_s + step_s
        self._note(time_s, pack("<d", step_s), content, 1)
        return found

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Many steps in one message."""
        self._time_s = start_s
        found = self._windowed(start_s, steps_s, inputs)
        self._time_s = start_s + float(np.sum(steps_s))
        self._note(start_s, doubles(steps_s), doubles(inputs), len(steps_s))
        return found

    def _windowed(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        asked = self._link.begin().window
        asked.start_s, asked.steps_s, asked.inputs = start_s, doubles(steps_s), doubles(inputs)
        return self._outputs("window", self.deadlines.window_s(len(steps_s)), start_s + np.cumsum(steps_s))

    def missions(self, asked: Sequence[AskedMission]) -> list[np.ndarray]:
        """Whole missions of many vehicles, in as few messages as their bytes allow; where the part stood before is not kept."""
        if self._link.ended.is_set():
            self._rejoin()
        self._record.started, self._record.kept, self._record.since = None, "", []
        found = list[np.ndarray]()
        for some in in_messages(asked, self._guard.width):
            self._time_s = some[0].start_s
            fill_missions(self._link.begin().missions, some)
            times_s = [one.start_s + np.concatenate([[0.0], np.cumsum(one.steps_s)]) for one in some]
            rows = self._outputs("missions", self.deadlines.window_s(sum(map(len, times_s))), np.concatenate(times_s))
            found += np.split(rows, np.cumsum([len(one) for one in times_s])[:-1])
        return found

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Set variables that the party shows."""
        message = self._link.begin()
        message.set_values.SetInParent()
        for name, value in values.items():
            message.set_values.values[name].CopyFrom(value_message(value))
        self._ask("set values", self.deadlines.call_s, "done")
        self._keep()

    def get_values(self, names: Sequence[str]) -> dict[str, Value]:
        """Values of variables that the party shows."""
        self._link.begin().get_values.names.extend(names)
        found = values_from(self._ask("get values", self.deadlines.call_s, "values").values)
        if set(found) != set(names):
            raise self._failed("get values", text("it answered other values than it was asked for"))
        return {name: found[name] for name in names}

    def save(self) -> int:
        """Let the party keep its state; its number there."""
        self._link.begin().save.SetInParent()
        return int(self._ask("save", self.deadlines.call_s, "state"))

    def restore(self, state: int) -> None:
        """Let the party go back to a state."""
        self._link.begin().restore = state
        self._ask("restore", self.deadlines.call_s, "done")
        self._keep()

    def forget(self, state: int) -> None:
        """Let a state go."""
        self._link.begin().forget = state
        self._ask("forget", self.deadlines.call_s, "done")

    def serialise(self, state: int) -> bytes:
        """The name under which the party keeps the state beyond a restart: what is in it never leaves its house."""
        self._link.begin().keep = state
        return str(self._ask("keep", self.deadlines.call_s, "kept")).encode()

    def deserialise(self, state: bytes) -> int:
        """A state that the party kept, by its name."""
        self._link.begin().recall = state.decode(errors="replace")
        return int(self._ask("recall", self.deadlines.call_s, "state"))

    def close(self) -> None:
        """End it; the party is told, if it is there."""
        if not self._link.ended.is_set():
            self._link.begin().close.SetInParent()
            try:
                self._link.ask(self.deadlines.step_s)
            except Lost:
                return
            self._link.end("gone")

    def resume(self) -> None:
        """After a failure: wait for the party, bring it to where it was before the call that failed.

        Raises:
            ComponentFailed: it does not come back in time, or is another part than it was.
        """
        self._rejoin()
        record = self._record
        if record.kept:
            self.restore_kept(record.kept)
        elif record.started is not None:
            self._started()
        if record.since:
            start_s = record.since[0][0]
            steps_s = np.frombuffer(b"".join(one for _, one, _ in record.since), "<f8")
            inputs = np.frombuffer(b"".join(one for _, _, one in record.since), "<f8").reshape(len(steps_s), -1)
            self._windowed(start_s, steps_s, inputs)

    def restore_kept(self, name: str) -> None:
        """Bring the party to a state that it keeps under a name."""
        state = self.deserialise(name.encode())
        self._link.begin().restore = state
        self._ask("restore", self.deadlines.call_s, "done")

    def _rejoin(self) -> None:
        self._link.end("gone")
        digest = self.description.digest
        try:
            self._link = self._joined()
        except ComponentFailed as absent:  # nobody waits for it again
            raise ComponentEnded(absent.problems) from None
        self.description = self._described()
        if self.description.digest != digest:
            hint = text("start it again; if two hosts of {party} serve it, let one of them be ended", party=self._party)
            what = text("{party} came back with another part than it served before", party=self._party)
            raise ComponentFailed(Problem(what, self._part, hint))
        if self._record.wired is not None:
            self.wire(*self._record.wired)

    def _joined(self) -> Connection:
        link = self._hub.wait_for(self._party, self._part, self.deadlines.joining_s)
        self._statistics.append(link.statistics)
        return link

    def _described(self) -> Description:
        found = description_from(self._link.hello.description)
        if found is None:
            self._link.end("garbled")
            hint = text("its host must speak the published protocol: hosted.proto")
            what = text("what {party} says of its part cannot be read", party=self._party)
            raise ComponentFailed(Problem(what, self._part, hint))
        return found

    def _note(self, start_s: float, steps: bytes, inputs: bytes, count: int) -> None:
        self._record.since.append((start_s, steps, inputs))
        self._left -= count
        if self._left <= 0:
            self._keep()

    def _keep(self) -> None:
        """A checkpoint, where the party can: what was asked before it need not be asked again."""
        self._left = self._every
        if self.description.capabilities.serialises:
            state = self.save()
            kept = self.serialise(state).decode()
            self.forget(state)
            self._record.kept, self._record.since = kept, []

    def _row(self, call: str, deadline_s: float) -> np.ndarray:
        """The outputs of one step or start."""
        content = cast("bytes", self._ask(call, deadline_s, "outputs"))
        return np.frombuffer(content, "<f8") if self._guard.passes(content) else self._judged(call, content)[0]

    def _outputs(self, call: str, deadline_s: float, times_s: np.ndarray) -> np.ndarray:
        """The outputs at many times."""
        return self._judged(call, cast("bytes", self._ask(call, deadline_s, "outputs")), times_s)

    def _judged(self, call: str, content: bytes, times_s: np.ndarray | None = None) -> np.ndarray:
        rows = 1 if times_s is None else len(times_s)
        found = vector(content, rows, self._guard.width)
        if found is None:
            what = text(
                "it answered {count} bytes where {rows} × {width} numbers are due",
                count=len(content),
                rows=rows,
                width=self._guard.width,
            )
            raise self._failed(call, what)
        breach = self._guard.breach(found)
        if breach is not None:
            row, what = breach
            if times_s is not None:
                self._time_s = float(times_s[row])
            hint = text("its owner must mend its model, or the range that it states")
            raise self._failed(call, what, hint)
        return found

    def _ask(self, call: str, deadline_s: float, kind: str) -> Any:
        try:
            answer = self._link.ask(deadline_s)
        except Lost as lost:
            raise ComponentEnded(self._failed(call, lost_why(lost, deadline_s)).problems) from None
        which = answer.WhichOneof("answer")
        if which == kind:
            return getattr(answer, kind)
        if which == "failure":
            raise self._told(call, answer.failure)
        raise self._failed(call, text("it answered something else than it was asked for"))

    def _told(self, call: str, failure: Any) -> ComponentFailed | InputError:
        names = ", ".join(repr(one[:_LONGEST_NAME]) for one in failure.names[:_MOST_NAMES])
        if failure.code == "names":
            what = text("{part} of {party} has no such port: {names}", part=self._part, party=self._party, names=names)
            known = ", ".join(one.name for one in self.description.variables)
            return InputError(Problem(what, call, text("name one of those that it has: {names}", names=known)))
        if failure.code == "values":
            what = text("{part} of {party} does not take {names}", part=self._part, party=self._party, names=names)
            return InputError(Problem(what, call, text("give values within the range that it states")))
        hint = None
        if failure.code == "budget":
            hint = text("ask {party} to allow more: covolt host … --budget", party=self._party)
            # No later question is answered either: nobody waits for the party again.
            return ComponentEnded(self._failed(call, CODES["budget"], hint).problems)
        if failure.code == "unrecorded":
            hint = text(
                "let {party} itself host the part, or ask what was asked when it was recorded", party=self._party
            )
        return self._failed(call, CODES.get(failure.code, CODES["failed"]), hint)

    def _failed(self, call: str, why: Phrase, hint: Phrase | None = None) -> ComponentFailed:
        self._link.end("gone")
        where = text(
            "{part} of {party}, {call} at {time} s", part=self._part, party=self._party, call=call, time=self._time_s
        )
        refusal = self._hub.judged(self._link)
        hint = hint or text("its owner's host says more, on its screen and in its log; then start it again")
        if refusal is not None:
            return ComponentFailed(Problem(REFUSALS[refusal], where, text("invite it anew: covolt authority invite")))
        return ComponentFailed(Problem(why, where, hint))


def _stated(description: Description) -> dict[str, tuple[float, float]]:
    """Ranges by the description itself."""
    return {
        one.name: (-math.inf if one.minimum is None else one.minimum, math.inf if one.maximum is None else one.maximum)
        for one in description.of("output")
    }
