"""What a worker is started with: which folders it sees, its bounds, its descriptors; as one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import final

__all__ = ["Bounds", "Order"]


@final
@dataclass(frozen=True)
class Bounds:
    """How much a worker may use.

    Memory is that of its address space, and of its control group where there is one. Processes other than the worker
    itself are refused unless `children` is raised; its threads are counted by `threads`.
    """

    memory_bytes: int = 2 << 30
    processor_time_s: float = 3600.0
    file_bytes: int = 64 << 20
    """Of one file."""
    scratch_bytes: int = 128 << 20
    """Of all its files."""
    open_files: int = 128
    threads: int = 64
    children: int = 0


@final
@dataclass(frozen=True)
class Order:
    """What the launcher is told."""

    socket: int
    """Descriptor of the worker's end of the conversation."""
    life: int
    """Descriptor that ends when whoever started the worker ends."""
    report: int
    """Descriptor to which the launcher and the worker write one line each: what went wrong, or what protects it."""
    folder: int
    """Descriptor of what the worker gets a copy of as `/component`, and never hears the place of; -1 for none."""
    seen: tuple[str, ...]
    """Files and folders that it sees where they are: Python, its packages, libraries."""
    path: tuple[str, ...]
    """Where its Python looks for modules."""
    serves: str
    """The function of covolt that serves the conversation, "module:name"."""
    canary: str
    """A file outside, which it must not see."""
    user: int
    """The user id it gets where covolt runs as root; 0 where it does not."""
    apart: bool = True
    """Whether the launcher makes namespaces; else another program has, or there are none."""
    demanding: bool = True
    """Whether the worker ends where a protection is not to be had; else it goes on, and what is missing is told."""
    groups: tuple[str, ...] = ()
    """Files of control groups into which it is to be written."""
    bounds: Bounds = field(default_factory=Bounds)
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self))

    @staticmethod
    def of(line: str) -> Order:
        """From one line of JSON."""
        said = json.loads(line)
        said["bounds"] = Bounds(**said["bounds"])
        for name in ("seen", "path", "groups"):
            said[name] = tuple(said[name])
        return Order(**said)
