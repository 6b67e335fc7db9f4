"""The ways in which a worker is kept apart: namespaces of covolt's own making, those of bubblewrap, or none."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

from covolt.errors import Problem, Unavailable
from covolt.exchange.confinement.file_tree import COMPONENT, SCRATCH, copy_readable, linked
from covolt.exchange.confinement.order import Bounds, Order
from covolt.exchange.sandbox.surroundings import search_path, seen
from covolt.words import text

__all__ = ["WAYS", "Started", "Way", "started"]

Way = Literal["namespaces", "bubblewrap", "none"]
WAYS: tuple[Way, ...] = ("namespaces", "bubblewrap")
"""Those that protect, in the order in which they are tried."""
_BOOT = (
    "import sys, json; line = open(int(sys.argv[1]), encoding='utf-8').read(); sys.path[:] = json.loads(line)['path']; "
    "from covolt.exchange.confinement.launcher import main; main(line)"
)
_JOIN = (
    "import os, sys; first = int(sys.argv[1]) + 2; "
    "[open(one, 'w').write(str(os.getpid())) for one in sys.argv[2:first]]; os.execv(sys.argv[first], sys.argv[first:])"
)
_ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
}  # fmt: skip
"""One thread each: what a model computes then depends on no number of cores."""
_FIRST_USER = 1_879_048_192
"""Users from here on are nobody on any system that is known; each worker is one of its own."""
_NOBODY = 65534
_counter = itertools.count()


@final
@dataclass(frozen=True)
class Started:
    """How a worker is started in one way, what it is told, and where it sees its folder."""

    way: Way
    order: Order
    before: tuple[str, ...] = ()
    """The program that makes the namespaces, with its arguments."""
    folder: str = COMPONENT
    copied: Path | None = None
    """The folder of which the worker gets a copy."""
    left: tuple[Path, ...] = ()
    """Folders that were made for it, and are taken away after it."""

    def command(self, ordered: int, groups: Sequence[str]) -> list[str]:
        """The command line, with the descriptor from which the order is read: whatever stands in it can be read from within."""
        python = [sys.executable, "-I", "-S", "-c"]
        if not self.before:
            return [*python, _BOOT, str(ordered)]
        # Within the other program's namespaces the files of the groups are not seen: they are joined before.
        return [*python, _JOIN, str(len(groups)), *groups, *self.before, *python, _BOOT, str(ordered)]

    def clear(self) -> None:
        """Take away what was made for it."""
        for one in self.left:
            shutil.rmtree(one, ignore_errors=True)


def started(way: Way, folder: Path | None, bounds: Bounds, shows: tuple[str, ...] = ()) -> Started:
    """How a worker is started in a way; it sees `shows` where they are, beside what every worker sees.

    Raises:
        Unavailable: bubblewrap is asked for and not there.
    """
    source = folder.resolve() if folder else None
    if way == "namespaces":
        return Started(way, _order(bounds, SCRATCH, shows, user=_user(), apart=True), copied=source)
    if way == "bubblewrap":
        return _by_bubblewrap(source, bounds, shows)
    scratch = Path(tempfile.mkdtemp(prefix="covolt-scratch-"))
    order = _order(bounds, str(scratch), shows, user=0, apart=False, demanding=False)
    return Started(way, order, folder=str(source or scratch), left=(scratch,))


def _order(
    bounds: Bounds,
    scratch: str,
    shows: tuple[str, ...],
    *,
    user: int,
    apart: bool,
    demanding: bool = True,
) -> Order:
    return Order(
        socket=-1, life=-1, report=-1, folder=-1, seen=seen(shows), path=search_path(),
        serves="covolt.exchange.sandbox.server:serve", canary="", user=user, apart=apart, demanding=demanding, bounds=bounds,
        environment={**_ENVIRONMENT, "HOME": scratch, "TMPDIR": scratch},
    )  # fmt: skip


def _by_bubblewrap(source: Path | None, bounds: Bounds, shows: tuple[str, ...]) -> Started:
    program = shutil.which("bwrap")
    if program is None:
        raise Unavailable(
            Problem(
                text("bubblewrap is not installed here"), hint=text("install the package bubblewrap of your system")
            )
        )
    user = _user()
    left: tuple[Path, ...] = ()
    if source is not None:
        closed = Path(tempfile.mkdtemp(prefix="covolt-part-"))  # which no other user of the machine may pass
        place, opened = closed / "part", os.open(source, os.O_RDONLY)
        place.mkdir()
        place.chmod(0o755)
        try:
            copy_readable(opened, place)
        finally:
            os.close(opened)
        source, left = place, (closed,)
    line = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    # Its own first process has no filter, and the worker, where it is the same user, could write into its memory.
    line += ["--as-pid-1"]
    if user:
        line += [part for right in ("SETUID", "SETGID", "SETPCAP") for part in ("--cap-add", f"CAP_{right}")]
    else:
        line += ["--unshare-user"]
    if threading.current_thread() is threading.main_thread():
        line += ["--die-with-parent"]  # which looks at the thread that started it
    for one in dict.fromkeys(
        str(above) for each in seen(shows) for above in reversed(Path(each).parents) if above != Path("/")
    ):
        line += ["--perms", "0755", "--dir", one]  # what bubblewrap makes by itself no other user could pass
    for one in seen(shows):
        target = linked(Path(one))
        line += ["--symlink", target, one] if target else ["--ro-bind-try", one, one]
    line += ["--ro-bind", str(source), COMPONENT] if source else ["--dir", COMPONENT]
    line += ["--dev", "/dev", "--proc", "/proc", "--perms", "0777" if user else "0700"]
    line += ["--size", str(bounds.scratch_bytes), "--tmpfs", SCRATCH]
    if not any(Path(one).is_relative_to("/tmp") for one in seen(shows)):
        line += ["--symlink", SCRATCH, "/tmp"]
    line += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH, "--"]
    return Started("bubblewrap", _order(bounds, SCRATCH, shows, user=user, apart=False), tuple(line), left=left)


def _user() -> int:
    """A user id that nobody else has, where covolt runs as root and may give one; else 0."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return 0
    asked = _FIRST_USER + os.getpid() % 4_194_304 * 64 + next(_counter) % 64
    for line in Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines():
        first, _, count = (int(one) for one in line.split())
        if first <= asked < first + count:
            return asked
    return _NOBODY
