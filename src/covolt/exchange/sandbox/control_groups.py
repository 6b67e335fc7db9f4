"""Control groups of a worker, of version 1 or 2, where this machine lets covolt make them: they count memory and processes."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import final

from covolt.exchange.confinement.order import Bounds

__all__ = ["ControlGroups", "places"]

_OVERHEAD_BYTES = 96 << 20
"""What the launcher and the first process of the namespace take."""
_CONTROLLERS = ("memory", "pids")
_number = itertools.count()


def places(mounts: str, own: str) -> Mapping[str, Path]:
    """The folder of this process's own group by controller, from the texts of /proc/self/mountinfo and /proc/self/cgroup.

    Of version 2 ("" is its controller) the group must hand the controllers down, which one that holds processes cannot, the
    first excepted; where it does not, that of version 1 is what there is, or none.
    """
    mine = {}
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        mine |= dict.fromkeys(controllers.split(","), path)
    found: dict[str, Path] = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, place = before.split(" ")[3:5]
        for controller in ("",) if kind == "cgroup2" else _CONTROLLERS if kind == "cgroup" else ():
            if controller in mine and (not controller or controller in options.split(" ")[-1].split(",")):
                path = mine[controller]
                within = os.path.relpath(path, root) if path.startswith(root) else path.lstrip("/")
                found[controller] = Path(place, within)
    return found


@final
class ControlGroups:
    """The groups of one worker; none of them where none can be made."""

    def __init__(self, bounds: Bounds) -> None:
        self._made: dict[str, Path] = {}
        self._limits = {
            "memory": bounds.memory_bytes + bounds.scratch_bytes + _OVERHEAD_BYTES,
            "pids": bounds.threads + bounds.children + 2,
        }
        try:
            mounts, own = (Path(f"/proc/self/{one}").read_text(encoding="ascii") for one in ("mountinfo", "cgroup"))
        except (OSError, UnicodeDecodeError):
            return
        known = places(mounts, own)
        for controller in _CONTROLLERS:
            with suppress(OSError):
                self._make(controller, known)

    def _make(self, controller: str, known: Mapping[str, Path]) -> None:
        unified = known.get("")
        if unified is not None and controller in _words(unified / "cgroup.subtree_control"):
            parent, file = unified, {"memory": "memory.max", "pids": "pids.max"}[controller]
        elif controller in known:
            parent, file = known[controller], {"memory": "memory.limit_in_bytes", "pids": "pids.max"}[controller]
        else:
            return
        _sweep(parent)
        place = parent / f"covolt-{os.getpid()}-{next(_number)}"
        place.mkdir()
        try:
            (place / file).write_text(str(self._limits[controller]), encoding="ascii")
        except OSError:
            place.rmdir()
            raise
        self._made[controller] = place

    @property
    def files(self) -> tuple[str, ...]:
        """Where a process is written that is to be in them."""
        return tuple(str(one / "cgroup.procs") for one in dict.fromkeys(self._made.values()))

    def held(self) -> tuple[str, ...]:
        """Controllers that bound a worker now: its processes are in the group, and the bound is what was asked."""
        return tuple(one for one, place in self._made.items() if self._holds(one, place))

    def _holds(self, controller: str, place: Path) -> bool:
        for file in ("memory.max", "memory.limit_in_bytes") if controller == "memory" else ("pids.max",):
            said = _words(place / file)
            if said and said[0].isdecimal():
                # The kernel counts memory in pages.
                return int(said[0]) <= self._limits[controller] and len(_words(place / "cgroup.procs")) >= 2
        return False

    def memory_ran_out(self) -> bool:
        """Whether the kernel has ended a process of it because its memory was used up."""
        place = self._made.get("memory")
        if place is None:
            return False
        words = _words(place / "memory.events") + _words(place / "memory.oom_control")
        counts = dict(zip(words[::2], words[1::2], strict=False))
        return int(counts.get("oom_kill", "0")) > 0

    def remove(self) -> None:
        """Take them away; their processes have ended."""
        for place in self._made.values():
            for _ in range(20):
                try:
                    place.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)  # the kernel takes leave of the last process a little later
                else:
                    break
        self._made = {}


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except OSError:
        return []


def _sweep(parent: Path) -> None:
    """Take away groups whose covolt was killed before it could."""
    for one in parent.glob("covolt-*-*"):
        process = one.name.split("-")[1]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            with suppress(OSError):
                one.rmdir()
