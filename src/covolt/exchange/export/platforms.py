"""Platforms for which a model is given away, what their folders are called in an FMU, and which is this one."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import Literal

from covolt.errors import NotFound, Problem
from covolt.suggestion import meant
from covolt.words import text

__all__ = ["PLATFORMS", "Platform", "Version", "own_platform", "platform_named"]

Version = Literal["2", "3"]
"""Of the FMI."""


@dataclass(frozen=True)
class Platform:
    """A platform: its target for LLVM and for Zig, its plainest processor, the ending of its libraries."""

    name: str
    triple: str
    zig: str
    processor: str
    ending: str
    fmi2: str
    """Folder of FMI 2; where that standard names none, as tools call it."""

    def folder(self, version: Version) -> str:
        """Folder of its binaries in an FMU."""
        return f"binaries/{self.fmi2 if version == '2' else self.name}"


PLATFORMS = (
    Platform("x86_64-linux", "x86_64-unknown-linux-gnu", "x86_64-linux-gnu.2.17", "x86-64", ".so", "linux64"),
    Platform("aarch64-linux", "aarch64-unknown-linux-gnu", "aarch64-linux-gnu.2.17", "generic", ".so", "aarch64-linux"),
    Platform("x86_64-windows", "x86_64-w64-windows-gnu", "x86_64-windows-gnu", "x86-64", ".dll", "win64"),
    Platform("x86_64-darwin", "x86_64-apple-macosx11.0.0", "x86_64-macos.11.0", "x86-64", ".dylib", "darwin64"),
    Platform(
        "aarch64-darwin", "arm64-apple-macosx11.0.0", "aarch64-macos.11.0", "apple-m1", ".dylib", "aarch64-darwin"
    ),
)
_SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "darwin"}
_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}


def own_platform() -> str:
    """The name of the platform on which this process runs, as FMI 3 spells it."""
    machine = platform.machine().lower()
    return f"{_MACHINES.get(machine, machine)}-{_SYSTEMS.get(sys.platform, sys.platform)}"


def platform_named(name: str) -> Platform:
    """The platform of a name.

    Raises:
        NotFound: for which nothing is made.
    """
    known = {one.name: one for one in PLATFORMS}
    if name not in known:
        close = meant(name, known)
        hint = text("did you mean {close}?", close=close) if close else text("one of: {known}", known=", ".join(known))
        raise NotFound(Problem(text("no model is made for the platform {name}", name=name), "", hint))
    return known[name]
