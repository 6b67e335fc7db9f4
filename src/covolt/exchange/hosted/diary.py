"""The log of what left the house: a line for every message, with its port values and nothing else, in a file of bounded size."""

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

__all__ = ["Diary", "plain"]

LARGEST_B = 64 << 20
"""Of one file; the one before it stays beside it as FILE.1, older ones go."""


@final
class Diary:
    """Writes what is asked and answered as JSON, exact to the bit: numbers are read back as they were."""

    def __init__(self, file: Path, hello: bytes, largest_B: int = LARGEST_B) -> None:
        self._file, self._largest_B, self._hello = file, largest_B, hello
        self._open: TextIO | None = None
        self._size_B = 0

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

    def close(self) -> None:
        """End it."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _write(self, line: Mapping[str, Any]) -> None:
        content = json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
        try:
            if self._open is None or self._size_B + len(content) > self._largest_B:
                self._turn()
            if self._open is not None:
                self._open.write(content)
                self._open.flush()
        except OSError as error:
            raise cannot_write(error, self._file) from error
        self._size_B += len(content)

    def _turn(self) -> None:
        """Begin the file, or go on in it; a full one makes room."""
        if self._open is not None:
            self._open.close()
            self._file.replace(self._file.with_name(self._file.name + ".1"))
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open = os.fdopen(
            os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        )
        self._size_B = self._file.stat().st_size
        self._open.write(json.dumps({"call": "hello", "hello": base64.b64encode(self._hello).decode()}) + "\n")


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
