"""The shared library of an FMU: which one this machine takes, and what is missing where it cannot be loaded."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, final

from covolt.errors import InputError, Problem, Unavailable
from covolt.exchange.fmu.documents import ModelDescription
from covolt.words import text

__all__ = ["Library", "binary_name", "here", "platforms_of"]

_MACHINES = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "aarch64": "aarch64",
    "arm64": "aarch64",
    "i386": "x86",
    "i686": "x86",
}
_SYSTEMS = {"linux": ("linux", ".so"), "win32": ("windows", ".dll"), "darwin": ("darwin", ".dylib")}
_OF_2 = {
    ("x86_64", "linux"): "linux64", ("x86", "linux"): "linux32", ("x86_64", "windows"): "win64", ("x86", "windows"): "win32",
    ("x86_64", "darwin"): "darwin64", ("aarch64", "darwin"): "darwin64", ("aarch64", "linux"): "aarch64-linux",
}  # fmt: skip


def here(major: int) -> tuple[str, str]:
    """What the folder of this machine's binaries is called in an FMU, and the ending of their names."""
    machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
    if sys.maxsize < 2**32 and machine == "x86_64":
        machine = "x86"
    system, ending = _SYSTEMS.get(sys.platform, (sys.platform, ".so"))
    return (_OF_2.get((machine, system), f"{machine}-{system}") if major == 2 else f"{machine}-{system}"), ending


def binary_name(model: ModelDescription, identifier: str) -> str:
    """Where in the archive the binary for this machine lies."""
    folder, ending = here(model.major)
    return f"binaries/{folder}/{identifier}{ending}"


def platforms_of(names: Iterable[str]) -> tuple[str, ...]:
    """Platforms for which an FMU has binaries."""
    steps = (name.split("/") for name in names)
    return tuple(sorted({step[1] for step in steps if step[0] == "binaries" and len(step) > 2}))


@final
class Library:
    """A loaded shared library; its functions are looked for once, and the missing ones named together."""

    def __init__(self, path: Path, name: str, prefix: str = "") -> None:
        self._prefix = prefix
        self._path = path
        self._name = name
        try:
            self._loaded = ctypes.CDLL(str(path), mode=getattr(os, "RTLD_NOW", 2) | getattr(os, "RTLD_LOCAL", 0))
        except OSError as error:
            raise self._not_loaded(str(error).replace(str(path), path.name)) from error
        self._missing: list[str] = []

    def function(
        self, name: str, *arguments: Any, gives: Any = ctypes.c_int, needed: bool = True
    ) -> Callable[..., Any] | None:
        """A function by its name; None where it is not there."""
        # What was made for static linking bears the name of the model before that of the function.
        found: Any = next(
            (getattr(self._loaded, one) for one in (name, self._prefix + name) if hasattr(self._loaded, one)), None
        )
        if found is None:
            if needed:
                self._missing.append(name)
            return None
        found.argtypes, found.restype = arguments, gives
        return found

    def demand_all(self) -> None:
        """Refuse a library that lacks functions."""
        if self._missing:
            names = ", ".join(self._missing[:8])
            what = text("its binary {file} has no function {names}", file=self._path.name, names=names)
            hint = text("ask who made it: the binary does not fit what the description promises")
            raise InputError(Problem(what, self._name, hint))

    def _not_loaded(self, said: str) -> InputError:
        if "cannot open shared object file" in said or "image not found" in said or "Could not find module" in said:
            missing = said.partition(":")[0]
            return Unavailable(
                Problem(
                    text("its binary needs {library}, which is not on this machine", library=missing),
                    self._name,
                    text("install {library} here, or ask who made the FMU to put it in", library=missing),
                )
            )
        if "undefined symbol" in said:
            symbol = said.rpartition("undefined symbol:")[2].split()[0].strip("(),")
            return InputError(
                Problem(
                    text("its binary needs the function {symbol}, which nothing here has", symbol=symbol),
                    self._name,
                    text("ask who made it to link in what has {symbol}", symbol=symbol),
                )
            )
        if "ELF" in said or "Exec format" in said or "file too short" in said or "incompatible" in said:
            what = text("its binary is of another machine than it says: {why}", why=said[:200])
            return InputError(
                Problem(what, self._name, text("ask who made it for one built for {platform}", platform=here(3)[0]))
            )
        what = text("its binary cannot be loaded: {why}", why=said[:300])
        return InputError(Problem(what, self._name, text("ask who made it")))
