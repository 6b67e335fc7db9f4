"""Calls of the Linux kernel that Python's standard library does not offer, by way of the C library."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from typing import Any

__all__ = [
    "CLONE_NEWCGROUP",
    "CLONE_NEWIPC",
    "CLONE_NEWNET",
    "CLONE_NEWNS",
    "CLONE_NEWPID",
    "CLONE_NEWUSER",
    "CLONE_NEWUTS",
    "capabilities_of",
    "control",
    "drop_capabilities",
    "forgo_capabilities",
    "make_read_only",
    "mount",
    "pivot_root",
    "system_call",
    "unmount",
    "unshare",
]

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE, MS_SLAVE = 0x1000, 0x4000, 1 << 18, 1 << 19
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4
PR_GET_SECCOMP, PR_SET_SECCOMP = 21, 22
PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 38, 39
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 1, 2, 4
_CAPABILITY_VERSION_3 = 0x20080522

_numbers = {"x86_64": (155, 442), "aarch64": (41, 442)}
"""pivot_root and mount_setattr, which no C library of Debian 12 wraps."""
_library: Any = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
"""Elsewhere this is imported for its names alone."""


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def system_call(number: int, *arguments: int) -> int:
    """A kernel call by its number; the result, or -1 times the error."""
    _library.syscall.restype = ctypes.c_long
    result = _library.syscall(ctypes.c_long(number), *(ctypes.c_long(one) for one in arguments))
    return int(result) if result >= 0 else -ctypes.get_errno()


def control(option: int, *arguments: int) -> int:
    """`prctl`.

    Raises:
        OSError: as the kernel says.
    """
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(_library.prctl(option, *(ctypes.c_ulong(one) for one in padded)), f"prctl {option}")


def unshare(flags: int) -> None:
    """Leave the namespaces that are named by `flags`, for new ones.

    Raises:
        OSError: where the kernel or its owner does not allow it.
    """
    _checked(_library.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """`mount`.

    Raises:
        OSError: as the kernel says.
    """
    given = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    _checked(_library.mount(*given), f"mount {target}")


def unmount(target: str) -> None:
    """Take away a mount and whatever is mounted below it."""
    _checked(_library.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root, and put what was the root at `old`."""
    result = system_call(_number(0), _address(new), _address(old))
    if result < 0:
        raise OSError(-result, f"pivot_root: {os.strerror(-result)}")


def make_read_only(target: str, *, below: bool = True) -> None:
    """Make a mount, and all below it, unwritable, without set-user-id files and without devices (Linux 5.12)."""
    attributes = _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV
    flags = _AT_RECURSIVE if below else 0
    asked = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    given = (_AT_FDCWD, _address(target), flags, ctypes.addressof(asked), ctypes.sizeof(asked))
    result = system_call(_number(1), *given)
    if result < 0:
        raise OSError(-result, f"mount_setattr {target}: {os.strerror(-result)}")


_kept: list[ctypes.Array[ctypes.c_char]] = []


def _address(text: str) -> int:
    """Where the text lies, which stays alive as long as the process."""
    _kept.append(ctypes.create_string_buffer(text.encode()))
    return ctypes.addressof(_kept[-1])


def _number(index: int) -> int:
    machine = os.uname().machine
    if machine not in _numbers:
        raise OSError(38, f"no numbers of kernel calls are known for {machine}")
    return _numbers[machine][index]


def forgo_capabilities() -> None:
    """Give up to have ever again any right of root: the bounding and the ambient set; done while one may still do so."""
    control(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for number in range(64):
        try:
            control(PR_CAPBSET_DROP, number)
        except OSError as error:
            if error.errno in {
                errno.EPERM,
                errno.EINVAL,
            }:  # whoever started it was no root; past the last one of this kernel
                break
            raise


def drop_capabilities() -> None:
    """Give up every right of root that this process has."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _checked(_library.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())), "capset")


def capabilities_of() -> tuple[int, int]:
    """Rights of root that this process has, and could have again: effective with permitted, and the bounding set."""
    header, found = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    _checked(_library.capget(ctypes.byref(header), ctypes.byref(found)), "capget")
    own = found[0] | found[1] | (found[3] | found[4]) << 32
    bounding = 0
    for number in range(64):
        try:
            bounding |= control(PR_CAPBSET_READ, number) << number
        except OSError:
            break
    return own, bounding
