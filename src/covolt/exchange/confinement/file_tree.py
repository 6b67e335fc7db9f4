"""The root of a worker: an empty one in memory, with Python, the component's folder and a scratch folder, and nothing else."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from covolt.exchange.confinement import kernel
from covolt.exchange.confinement.order import Order

__all__ = ["COMPONENT", "SCRATCH", "change_root", "copy_readable", "linked"]

COMPONENT = "/component"
SCRATCH = "/scratch"
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKED = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Names that are links into `/usr` on systems of today."""


def change_root(order: Order) -> None:
    """Leave the old root for one that holds only what the order names; needs a mount namespace of its own.

    Raises:
        OSError: where the kernel does not allow it.
    """
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_SLAVE)
    stage = "/tmp" if Path("/tmp").is_dir() else "/"
    kernel.mount("tmpfs", stage, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755,size=256k,nr_inodes=4k")
    os.chdir(stage)
    Path("new").mkdir(mode=0o755)
    Path("old").mkdir(mode=0o755)
    room = order.bounds.scratch_bytes
    kernel.mount("tmpfs", "new", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=0755,size=1m,nr_inodes=16k")
    kernel.pivot_root(".", "old")
    os.chdir("/")
    for one in order.seen:
        _show(one)
    _show_devices()
    _show_folder(order)
    _fill_scratch(order, room)
    _show_own_processes()
    kernel.pivot_root("/new", "/new/.old")
    os.chdir("/")
    kernel.unmount("/.old")
    Path("/.old").rmdir()
    kernel.make_read_only("/", below=False)
    os.chdir(SCRATCH)


def _show(name: str) -> None:
    """Let a file or folder be seen where it is, unwritable."""
    old, new = Path(f"/old{name}"), Path(f"/new{name}")
    target = linked(old, name)
    if target:
        _make(new.parent)
        new.symlink_to(target)
        return
    if not old.exists():
        return
    _bind(str(old), new, folder=old.is_dir())
    kernel.make_read_only(str(new))


def linked(place: Path, name: str = "") -> str:
    """Where one of the links into `/usr` leads that systems of today have in their root; empty for everything else."""
    return str(place.readlink()) if (name or str(place)) in _LINKED and place.is_symlink() else ""


def _bind(old: str, new: Path, *, folder: bool) -> None:
    if folder:
        _make(new)
    else:
        _make(new.parent)
        new.touch(mode=0o644)
    kernel.mount(old, str(new), "", kernel.MS_BIND | kernel.MS_REC)


def _make(folder: Path) -> None:
    """A folder that every user may pass, whatever the mask of who started it is."""
    for one in (*reversed(folder.parents), folder):
        if str(one).startswith("/new/") and not one.exists():
            one.mkdir()
            one.chmod(0o755)


def _show_devices() -> None:
    _make(Path("/new/dev"))
    for name in _DEVICES:
        _bind(f"/old/dev/{name}", Path(f"/new/dev/{name}"), folder=False)


def _show_folder(order: Order) -> None:
    place = Path(f"/new{COMPONENT}")
    _make(place)
    if order.folder < 0:
        return
    size = sum(found.st_size + 8192 for _, found, _ in _entries(order.folder)) + (1 << 20)
    kernel.mount("tmpfs", str(place), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"mode=0755,size={size}")
    copy_readable(order.folder, place)
    os.close(order.folder)
    kernel.make_read_only(str(place))


def copy_readable(source: int, place: Path) -> None:
    """Files and folders of an open one, readable for everyone; links and whatever else a folder may hold stay behind.

    A copy, for a file system that is shown elsewhere says in its list of mounts where it lies.
    """
    for name, found, here in _entries(source):
        target = place / name
        if stat.S_ISDIR(found.st_mode):
            target.mkdir()
            target.chmod(0o755)
        elif stat.S_ISREG(found.st_mode):
            opened = os.open(target.name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=here)
            with os.fdopen(opened, "rb") as read, target.open("wb") as written:
                shutil.copyfileobj(read, written)
            target.chmod(0o755 if found.st_mode & 0o111 else 0o644)


def _entries(source: int) -> Iterator[tuple[str, os.stat_result, int]]:
    """Everything below an open folder, a folder before what it holds: name, what it is, and the open folder it lies in."""
    for at, folders, files, here in os.fwalk(".", dir_fd=source, follow_symlinks=False):
        for name in sorted((*folders, *files)):
            yield f"{at}/{name}", os.stat(name, dir_fd=here, follow_symlinks=False), here


def _fill_scratch(order: Order, size: int) -> None:
    """The one place that is writable, bounded, and gone with the worker; also what libraries take for shared memory."""
    place = Path(f"/new{SCRATCH}")
    _make(place)
    kernel.mount(
        "tmpfs", str(place), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, f"mode=0700,size={size},nr_inodes=16k"
    )
    if order.user:
        os.chown(place, order.user, order.user)
    for name in ("tmp", "dev/shm"):
        # Where covolt or Python itself lies within, the folder is there already, and stays unwritable.
        if not Path(f"/new/{name}").exists():
            Path(f"/new/{name}").symlink_to(SCRATCH)
    Path("/new/.old").mkdir()


def _show_own_processes() -> None:
    """What a program may ask of itself; nothing of the machine. Where it is not to be had, a worker does without."""
    _make(Path("/new/proc"))
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    try:
        kernel.mount("proc", "/new/proc", "proc", flags, "subset=pid,hidepid=2")
    except OSError:
        return
