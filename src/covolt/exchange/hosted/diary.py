"""The log of what left the house: a line for every message with its port values, in files of bounded size, none lost silently."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO, final

import numpy as np

from covolt.exchange.component import Value
from covolt.exchange.hosted.messages import values_from
from covolt.files import cannot_write
from covolt.words import Phrase, text

__all__ = ["LARGEST_B", "PARTS", "Diary", "parts_of", "plain"]

LARGEST_B, PARTS = 64 << 20, 32
"""Of one file, and how many full ones stay beside it: FILE.1 is the one before, FILE.2 that before it; what goes is told."""


def parts_of(file: Path) -> list[Path]:
    """The files of a log from the oldest on, itself the last."""
    found = [file]
    while (before := _part(file, len(found))).is_file():
        found.append(before)
    return found[::-1]


@final
class Diary:
    """Writes what is asked and answered as JSON, exact to the bit: numbers are read back as they were.

    Args:
        file: it is gone on in, where it is there.
        hello: what the host says of the part.
        largest_B: of one file.
        parts: how many full files are kept.
        tell: hears of every file that is full, and of every one that goes.

    Raises:
        InputError: it cannot be written, now or later.
    """

    def __init__(
        self,
        file: Path,
        hello: bytes,
        largest_B: int = LARGEST_B,
        parts: int = PARTS,
        tell: Callable[[Phrase], None] = lambda said: None,
    ) -> None:
        self._file, self._largest_B, self._hello = file, largest_B, hello
        self._parts, self._tell = parts, tell
        self._open: TextIO | None = None
        self._size_B, self._turned, self._dropped = 0, False, False
        try:
            self._begin()
        except OSError as error:
            raise cannot_write(error, file) from error

    def told(self, asked: Any, answer: Any) -> None:
        """One line for one message."""
        which = asked.WhichOneof("ask")
        line: dict[str, Any] = {
            "n": asked.sequence,
            "call": which,
            **_ASKED.get(which, _nothing)(getattr(asked, which)),
        }
        kind = answer.WhichOneof("answer")
        if kind == "failure":
            line["failure"] = answer.failure.code
        elif kind == "outputs":
            line["out"] = _numbers(answer.outputs)
        elif kind == "values":
            line["values"] = plain(values_from(answer.values.values))
        elif kind in {"state", "kept"}:
            line[kind] = getattr(answer, kind)
        self._write(line)

    def failed(self, why: str) -> None:
        """What the part said of its failure: it stands here, and leaves the house by no message."""
        self._write({"call": "failed", "why": why})

    def close(self) -> None:
        """End it."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _write(self, line: Mapping[str, Any]) -> None:
        content = json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
        try:
            if self._open is not None and self._size_B + len(content) > self._largest_B:
                self._turn()
            if self._open is None:  # it was closed while the last answer was still computed
                self._begin(continued=True)
            if self._open is not None:
                self._open.write(content)
                self._open.flush()
        except OSError as error:
            raise cannot_write(error, self._file) from error
        self._size_B += len(content)

    def _turn(self) -> None:
        """A full file makes room."""
        self.close()
        full = parts_of(self._file)[:-1]
        for at, one in zip(range(len(full), 0, -1), full, strict=True):
            if at >= self._parts:
                one.unlink()
                if not self._dropped:
                    self._tell(text("the oldest part of the log is deleted, since {parts} are kept", parts=self._parts))
                self._dropped = True
            else:
                one.replace(_part(self._file, at + 1))
        self._file.replace(_part(self._file, 1))
        if not self._turned:
            # Told once, as what is dropped: on a long mission it is full again and again.
            file = str(_part(self._file, 1))
            self._tell(text("the log is full and goes on in new files; what it held is now {file}", file=file))
        self._turned = True
        self._begin(continued=True)

    def _begin(self, *, continued: bool = False) -> None:
        """Begin the file, or go on in it."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open = os.fdopen(
            os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        )
        self._size_B = self._file.stat().st_size
        hello = {"call": "hello", "hello": base64.b64encode(self._hello).decode()}
        # A run goes on over the end of a file: whoever reads the files one after the other must know it.
        self._open.write(json.dumps({**hello, "continued": True} if continued else hello) + "\n")
        self._open.flush()


def _part(file: Path, at: int) -> Path:
    return file.with_name(f"{file.name}.{at}")


def plain(values: Mapping[str, Value]) -> dict[str, Any]:
    """Values as JSON holds them."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Value) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(one) for one in value.ravel().tolist()]
    return value.hex() if isinstance(value, bytes) else value


def _numbers(content: bytes) -> list[float]:
    return np.frombuffer(content, dtype="<f8").tolist()


def _start(asked: Any) -> dict[str, Any]:
    return {"start_s": asked.start_s, "parameters": plain(values_from(asked.parameters)), "in": _numbers(asked.inputs)}


def _nothing(asked: Any) -> dict[str, Any]:
    return {}


_ASKED: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "wire": lambda asked: {"inputs": list(asked.inputs), "outputs": list(asked.outputs)},
    "start": _start,
    "step": lambda asked: {"time_s": asked.time_s, "step_s": asked.step_s, "in": _numbers(asked.inputs)},
    "window": lambda asked: {
        "start_s": asked.start_s,
        "steps_s": _numbers(asked.steps_s),
        "in": _numbers(asked.inputs),
    },
    "missions": lambda asked: {
        "starts": [_start(one) for one in asked.starts],
        **({"rows": list(asked.rows)} if asked.rows else {}),
        "steps_s": _numbers(asked.steps_s),
        "in": _numbers(asked.inputs),
    },
    "set_values": lambda asked: {"parameters": plain(values_from(asked.values))},
    "get_values": lambda asked: {"names": list(asked.names)},
    "restore": lambda asked: {"state": asked},
    "forget": lambda asked: {"state": asked},
    "keep": lambda asked: {"state": asked},
    "recall": lambda asked: {"kept": asked},
}
