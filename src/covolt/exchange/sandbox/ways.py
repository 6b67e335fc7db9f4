"""The ways in which a worker is kept apart: namespaces of covolt's own making, those of bubblewrap, or none."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    "import sys, json; sys.path[:] = json.loads(sys.argv[1])['path']; "
    "from covolt.exchange.confinement.launcher import main; main()"
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
    left: tuple[Path, ...] = ()
    """Folders that were made for it, and are taken away after it."""

    def command(self, order: Order) -> list[str]:
        """The command line, with an order whose descriptors are known."""
        python = [sys.executable, "-I", "-S", "-c"]
        if not self.before:
            return [*python, _BOOT, order.line()]
        # Within the other program's namespaces the files of the groups are not seen: they are joined before.
        join = [*python, _JOIN, str(len(order.groups)), *order.groups]
        return [*join, *self.before, *python, _BOOT, replace(order, groups=()).line()]

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
        user = _user()
        copied = source is not None and bool(user) and not _readable(source)
        return Started(way, _order(str(source or ""), bounds, SCRATCH, shows, user=user, copied=copied, apart=True))
    if way == "bubblewrap":
        return _by_bubblewrap(source, bounds, shows)
    scratch = Path(tempfile.mkdtemp(prefix="covolt-scratch-"))
    order = _order("", bounds, str(scratch), shows, user=0, apart=False, demanding=False)
    return Started(way, order, folder=str(source or scratch), left=(scratch,))


def _order(
    folder: str,
    bounds: Bounds,
    scratch: str,
    shows: tuple[str, ...],
    *,
    user: int,
    apart: bool,
    copied: bool = False,
    demanding: bool = True,
) -> Order:
    return Order(
        socket=-1, life=-1, report=-1, folder=folder, folder_copied=copied, seen=seen(shows), path=search_path(),
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
    if source is not None and user and not _readable(source):
        place = Path(tempfile.mkdtemp(prefix="covolt-part-"))
        place.chmod(0o755)
        copy_readable(source, place)
        source, left = place, (place,)
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
    return Started("bubblewrap", _order("", bounds, SCRATCH, shows, user=user, apart=False), tuple(line), left=left)


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


def _readable(folder: Path) -> bool:
    """Whether another user can read a folder and everything in it, once it is shown to them."""
    for place, _, files in os.walk(folder):
        if Path(place).stat().st_mode & 0o005 != 0o005:
            return False
        if any(not Path(place, one).lstat().st_mode & 0o004 for one in files):
            return False
    return True
