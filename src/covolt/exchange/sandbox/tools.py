"""A tool of this machine, such as a compiler, run over foreign files in the sandbox; what it makes comes back as bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, final

from covolt.errors import InputError, Problem
from covolt.exchange.component import Component, Description, Value
from covolt.exchange.confinement.order import Bounds
from covolt.exchange.sandbox.sandboxed import Deadlines, Program, SandboxedComponent
from covolt.words import text

__all__ = ["TOOL_BOUNDS", "Done", "open_in_worker", "run_tool"]

_FACTORY = f"{__name__}:open_in_worker"
_PROGRAMS = ("/usr", "/bin", "/etc/alternatives")
"""Where programs lie, with the links by which compilers are called."""
_LONGEST_WORDS = 20_000
TOOL_BOUNDS = Bounds(
    memory_bytes=2 << 30, processor_time_s=600.0, scratch_bytes=512 << 20, open_files=512, threads=16, children=48
)
"""Of a tool: it starts programs of its own."""


@final
@dataclass(frozen=True)
class Done:
    """How a tool ended, what it said, and the files that it was to make, as far as it made them."""

    code: int
    words: str
    files: Mapping[str, bytes]


def run_tool(
    command: Sequence[str],
    folder: Path,
    results: Sequence[str],
    *,
    deadline_s: float = 300.0,
    bounds: Bounds = TOOL_BOUNDS,
    unprotected: bool = False,
) -> Done:
    """Run a program of this machine over a folder that nobody trusts.

    It begins in a copy of the folder in memory, sees the programs and libraries of the system, and has neither network nor home;
    `results` are names of files within the copy.

    Raises:
        Unavailable: nothing keeps it apart on this machine, and `unprotected` does not allow that.
        ComponentFailed: it did not end within `deadline_s`, or a bound ended it.
        InputError: a result is larger than what can come back.
    """
    options: dict[str, Any] = {"command": list(command), "deadline_s": deadline_s}
    program = Program(Path(command[0]).name, _FACTORY, folder, options, shows=_PROGRAMS)
    component = SandboxedComponent(
        program, deadlines=Deadlines(step_s=deadline_s), bounds=bounds, unprotected=unprotected
    )
    try:
        said = component.get_values(["code", "words", *(f"file {one}" for one in results)])
    finally:
        component.close()
    files = {one: said[f"file {one}"] for one in results}
    made = {name: value for name, value in files.items() if isinstance(value, bytes)}
    code, words = said["code"], said["words"]
    return Done(code if isinstance(code, int) else -1, str(words), made)


def open_in_worker(folder: Path, options: Mapping[str, Any]) -> Component:
    """Within the worker: a component whose values are what the tool makes; nothing else of a component is asked of it."""
    return cast(Component, _Tool(folder, options["command"]))


@final
class _Tool:
    """A tool as something that has values."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self.description = Description(Path(command[0]).name, "tool", "")
        self._command = list(command)
        self._place = Path(os.environ["TMPDIR"], "work")
        shutil.copytree(folder, self._place, symlinks=True)

    def get_values(self, names: Sequence[str]) -> dict[str, Value]:
        """Run it once; the code it ended with, its words, and files by "file NAME": bytes, or False where there is none."""
        with self._place.with_name("words").open("w+b") as words:
            done = subprocess.run(
                self._command, cwd=self._place, stdin=subprocess.DEVNULL, stdout=words, stderr=words, check=False
            )
            words.seek(0)
            said = words.read(_LONGEST_WORDS).decode("utf-8", "replace")
        found: dict[str, Value] = {"code": done.returncode, "words": said}
        for name in names[2:]:
            file = self._place / name.removeprefix("file ")
            found[name] = self._bytes(file) if file.is_file() else False
        return found

    def _bytes(self, file: Path) -> bytes:
        size = file.stat().st_size
        if size > 48 << 20:
            raise InputError(Problem(text("{size} bytes are more than can come back", size=size), file.name))
        return file.read_bytes()

    def close(self) -> None:
        """Nothing is left to end."""
