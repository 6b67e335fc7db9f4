"""What protects this process, found by trying what is forbidden, before any foreign code is there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from covolt.exchange.confinement import bounds, call_filter, kernel
from covolt.exchange.confinement.call_numbers import ARCHITECTURES, NUMBERS
from covolt.exchange.confinement.file_tree import SCRATCH
from covolt.exchange.confinement.order import Order

__all__ = ["Facts", "facts", "namespaces"]

Facts = dict[str, object]
_NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")
_OWN_PROCESSES = 4
_TRIED = {
    "socket": (2, 2, 0),
    "io_uring_setup": (1, 0),
    "ptrace": (16, 1, 0, 0),
    "process_vm_readv": (1, 0, 0, 0, 0, 0),
    "unshare": (0,),
    "mount": (0, 0, 0, 0, 0),
    "bpf": (99, 0, 0),
    "keyctl": (99, 0, 0),
    "memfd_create": (0, 0),
    "execve": (0, 0, 0),
}
"""Calls by which nothing would happen if they were allowed, or nothing that stays."""


def namespaces() -> dict[str, int]:
    """The namespaces of this process by number; empty where no file system of processes is mounted."""
    found: dict[str, int] = {}
    for name in _NAMESPACES:
        try:
            found[name] = Path(f"/proc/self/ns/{name}").stat().st_ino
        except OSError:
            continue
    return found


def facts(order: Order, spaces: dict[str, int]) -> Facts:
    """What was seen and tried; errors by the kernel's names, empty where a call went through."""
    own, bounding = kernel.capabilities_of()
    return {
        "namespaces": spaces,
        "signalled": _signalled(),
        "process": os.getpid(),
        "user": os.getuid(),
        "groups": os.getgroups(),
        "capabilities": own | bounding,
        "own_capabilities": own,
        "no_new_privileges": kernel.control(kernel.PR_GET_NO_NEW_PRIVS) == 1,
        "filter": call_filter.is_there(),
        "calls": {name: _tried(name, arguments) for name, arguments in _TRIED.items()},
        "fork": _forked(),
        "canary_seen": bool(order.canary) and os.path.lexists(order.canary),
        "home_seen": any(os.path.lexists(one) for one in ("/etc/passwd", "/etc/shadow", "/home", "/var")),
        "root_written": _written(),
        "others_seen": _others(),
        "bounds": bounds.known(),
        "scratch_bytes": _scratch_bytes(),
    }


def _named(number: int) -> str:
    return errno.errorcode.get(number, str(number)) if number else ""


def _tried(name: str, arguments: tuple[int, ...]) -> str:
    machine = os.uname().machine
    number = NUMBERS[name][tuple(ARCHITECTURES).index(machine)] if machine in ARCHITECTURES else None
    if number is None:
        return "unknown"
    result = kernel.system_call(number, *arguments)
    if result < 0:
        return _named(-result)
    if name in {"socket", "memfd_create"}:
        os.close(result)
    return ""


def _forked() -> str:
    try:
        child = os.fork()
    except OSError as error:
        return _named(error.errno or 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return ""


def _signalled() -> str:
    """What the kernel says to a signal, which would do nothing, to another process."""
    try:
        os.kill(os.getppid() or 1, 0)
    except OSError as error:
        return _named(error.errno or 0)
    return ""


def _written() -> str:
    """What the kernel says to a file beside the scratch folder."""
    try:
        with Path("/written").open("x", encoding="ascii"):
            pass
    except OSError as error:
        return _named(error.errno or 0)
    Path("/written").unlink()
    return ""


def _others() -> int:
    """Processes that are seen and are neither this one nor the few of covolt's own, and of bubblewrap, that lead to it."""
    try:
        return len([one for one in Path("/proc").iterdir() if one.name.isdecimal() and int(one.name) > _OWN_PROCESSES])
    except OSError:
        return 0


def _scratch_bytes() -> int:
    try:
        found = os.statvfs(SCRATCH)
    except OSError:
        return -1
    return found.f_frsize * found.f_blocks
