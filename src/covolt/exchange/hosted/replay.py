"""A record of a party's answers as a component: stands in for a party that is absent, and answers only what was asked before."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast, final

import numpy as np

from covolt.errors import ComponentFailed, InputError, Problem
from covolt.exchange.component import Capabilities, Description, Value
from covolt.exchange.hosted.diary import parts_of, plain
from covolt.exchange.hosted.messages import FromParty, description_from
from covolt.words import text

__all__ = ["ReplayedComponent", "Unrecorded"]

Key = tuple[float, float, bytes]
"""Time, step and inputs of a row."""


@final
class Unrecorded(ComponentFailed):
    """The record holds no answer to this question."""


@final
@dataclass(frozen=True)
class _Run:
    """One run of the record from its start."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    begun: str
    """Parameters, time and first inputs, as text to compare."""
    start: np.ndarray
    rows: list[tuple[Key, np.ndarray]] = field(default_factory=list[tuple[Key, np.ndarray]])

    def copied(self) -> _Run:
        """The same so far, going on by itself."""
        return replace(self, rows=list(self.rows))


@final
@dataclass
class _Reading:
    """What is known while a record is read."""

    hello: bytes = b""
    wired: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    now: _Run | None = None
    states: dict[int, _Run] = field(default_factory=dict[int, _Run])
    kept: dict[str, _Run] = field(default_factory=dict[str, _Run])
    runs: list[_Run] = field(default_factory=list[_Run])


@final
class ReplayedComponent:
    """Answers as the part did whenever the same was asked before: same parameters, inputs, times and steps from the start on.

    Raises:
        InputError: the file is no log of `covolt host`.
    """

    def __init__(self, log: Path) -> None:
        found = _Reading()
        try:
            for line in _lines(log):
                _take(found, line)
        except (OSError, ValueError, KeyError, TypeError, IndexError, binascii.Error) as error:
            raise InputError(_no_log(log)) from error
        _put_away(found)
        hello = FromParty.FromString(found.hello).hello if found.hello else None
        description = None if hello is None else description_from(hello.description)
        if description is None:
            raise InputError(_no_log(log))
        self.description: Description = replace(
            description,
            form=f"record of: {description.form}",
            capabilities=Capabilities(saves=True, serialises=False),
        )
        self._runs = tuple(found.runs)
        self._wired: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._now: tuple[tuple[_Run, ...], int] = ((), 0)
        self._kept: dict[int, tuple[tuple[_Run, ...], int]] = {}

    def wire(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Choose what crosses; a record knows the wirings under which it was made."""
        if not any(run.inputs == tuple(inputs) and set(outputs) <= set(run.outputs) for run in self._runs):
            known = {one.name for one in self.description.variables}
            wrong = [one for one in (*inputs, *outputs) if one.partition("[")[0] not in known]
            if wrong:
                raise InputError([Problem(text("the record has no port {name}", name=one)) for one in wrong])
        self._wired = (tuple(inputs), tuple(outputs))

    def start(
        self, parameters: Mapping[str, Value], inputs: np.ndarray, start_s: float = 0.0, stop_s: float | None = None
    ) -> np.ndarray:
        """Begin anew, where a run of the record began so."""
        begun = _begun(plain(parameters), start_s, inputs.tolist())
        found = tuple(
            run
            for run in self._runs
            if run.begun == begun and run.inputs == self._wired[0] and set(self._wired[1]) <= set(run.outputs)
        )
        self._now = (found, 0)
        if not found:
            raise self._unrecorded(start_s)
        return self._chosen(found[0], found[0].start)

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        """The answer that was given to the same step of the same run."""
        runs, at = self._now
        key = (time_s, step_s, np.ascontiguousarray(inputs, dtype="<f8").tobytes())
        found = tuple(run for run in runs if at < len(run.rows) and run.rows[at][0] == key)
        if not found:
            raise self._unrecorded(time_s)
        self._now = (found, at + 1)
        return self._chosen(found[0], found[0].rows[at][1])

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Many steps."""
        rows = zip(_times_s(start_s, steps_s), steps_s, inputs, strict=True)
        found = [self.step(time_s, float(step_s), row) for time_s, step_s, row in rows]
        return np.stack(found) if found else np.zeros((0, len(self._wired[1])))

    def set_values(self, values: Mapping[str, Value]) -> None:
        """A record cannot be changed."""
        raise self._unrecorded(None)

    def get_values(self, names: Sequence[str]) -> dict[str, Value]:
        """Start values that the part stated."""
        known = {one.name: one.start for one in self.description.variables if one.start is not None}
        if not set(names) <= set(known):
            raise self._unrecorded(None)
        return {name: known[name] for name in names}

    def save(self) -> int:
        """Keep where the record stands."""
        self._kept[len(self._kept) + 1] = self._now
        return len(self._kept)

    def restore(self, state: int) -> None:
        """Go back there."""
        if state not in self._kept:
            raise InputError(Problem(text("no state is kept under number {state}", state=state)))
        self._now = self._kept[state]

    def forget(self, state: int) -> None:
        """Let a place in the record go."""
        self._kept.pop(state, None)

    def serialise(self, state: int) -> bytes:
        """A record is on its owner's disk already."""
        raise self._unrecorded(None)

    def deserialise(self, state: bytes) -> int:
        """A record takes no state of the part."""
        raise self._unrecorded(None)

    def close(self) -> None:
        """End it."""
        self._now = ((), 0)
        self._kept.clear()

    def _chosen(self, run: _Run, outputs: np.ndarray) -> np.ndarray:
        return outputs[[run.outputs.index(one) for one in self._wired[1]]]

    def _unrecorded(self, time_s: float | None) -> Unrecorded:
        where = "" if time_s is None else text("at {time} s", time=time_s)
        hint = text("let the party itself answer, or ask what it was asked when the record was made")
        return Unrecorded(Problem(text("the record holds no answer to this question"), where, hint))


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    for file in parts_of(log):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield cast("dict[str, Any]", json.loads(line))


def _no_log(log: Path) -> Problem:
    return Problem(text("this is no log of a host"), str(log), text("name the file that covolt host wrote"))


def _begun(parameters: Mapping[str, Any], start_s: float, inputs: Sequence[float]) -> str:
    return json.dumps([parameters, start_s, list(inputs)], sort_keys=True)


def _times_s(start_s: float, steps_s: np.ndarray | Sequence[float]) -> list[float]:
    """Begins of steps, added one after the other as whoever steps does it."""
    found, time_s = list[float](), start_s
    for step_s in steps_s:
        found.append(time_s)
        time_s += float(step_s)
    return found


def _put_away(found: _Reading) -> None:
    if found.now is not None:
        found.runs.append(found.now)
        found.now = None


def _take(found: _Reading, line: Mapping[str, Any]) -> None:
    """One line of the log."""
    if line["call"] == "hello" and line.get("continued") and found.hello:
        return
    if line["call"] == "hello":
        _put_away(found)
        found.states.clear()
        found.hello = base64.b64decode(line["hello"], validate=True)
    elif "failure" not in line:
        act = _ACTS.get(line["call"])
        if act is not None:
            act(found, line)


def _wire(found: _Reading, line: Mapping[str, Any]) -> None:
    _put_away(found)
    found.wired = (tuple(line["inputs"]), tuple(line["outputs"]))


def _start(found: _Reading, line: Mapping[str, Any]) -> None:
    _put_away(found)
    begun = _begun(line["parameters"], line["start_s"], line["in"])
    found.now = _Run(*found.wired, begun, np.array(line["out"], dtype=float))


def _step(found: _Reading, line: Mapping[str, Any]) -> None:
    _rows(found, line["time_s"], [line["step_s"]], line["in"], line["out"])


def _window(found: _Reading, line: Mapping[str, Any]) -> None:
    _rows(found, line["start_s"], line["steps_s"], line["in"], line["out"])


def _rows(found: _Reading, start_s: float, steps_s: list[float], given: list[float], out: list[float]) -> None:
    if found.now is None:
        return
    inputs = np.array(given, dtype="<f8").reshape(len(steps_s), -1)
    outputs = np.array(out, dtype=float).reshape(len(steps_s), -1)
    rows = zip(_times_s(start_s, steps_s), steps_s, inputs, outputs, strict=True)
    found.now.rows.extend(((time_s, step_s, row.tobytes()), answer) for time_s, step_s, row, answer in rows)


def _missions(found: _Reading, line: Mapping[str, Any]) -> None:
    _put_away(found)
    rows = line.get("rows") or [len(line["steps_s"])] * len(line["starts"])
    steps_s = line["steps_s"] if "rows" in line else line["steps_s"] * len(line["starts"])
    inputs = np.array(line["in"], dtype=float).reshape(len(steps_s), -1)
    outputs = np.array(line["out"], dtype=float).reshape(len(steps_s) + len(rows), -1)
    at = 0
    for vehicle, (start, count) in enumerate(zip(line["starts"], rows, strict=True)):
        given, out = inputs[at : at + count], outputs[at + vehicle : at + vehicle + count + 1]
        _start(found, {**start, "out": out[0].tolist()})
        own_s = steps_s[at : at + count]
        _rows(found, start["start_s"], own_s, given.ravel().tolist(), out[1:].ravel().tolist())
        at += count
    _put_away(found)


def _saved(found: _Reading, line: Mapping[str, Any]) -> None:
    if found.now is not None:
        found.states[line["state"]] = found.now.copied()


def _restored(found: _Reading, line: Mapping[str, Any]) -> None:
    _put_away(found)
    kept = found.states.get(line["state"])
    found.now = None if kept is None else kept.copied()


def _kept(found: _Reading, line: Mapping[str, Any]) -> None:
    if line["state"] in found.states:
        found.kept[line["kept"]] = found.states[line["state"]]


def _recalled(found: _Reading, line: Mapping[str, Any]) -> None:
    if line["kept"] in found.kept:
        found.states[line["state"]] = found.kept[line["kept"]]


_ACTS = {
    "wire": _wire,
    "start": _start,
    "step": _step,
    "window": _window,
    "missions": _missions,
    "save": _saved,
    "restore": _restored,
    "keep": _kept,
    "recall": _recalled,
    "set_values": lambda found, line: _put_away(found),
}
