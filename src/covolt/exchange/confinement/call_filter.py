"""A filter that refuses every kernel call which a model has no need of, written as BPF and held by the kernel (seccomp)."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator

from covolt.exchange.confinement import kernel
from covolt.exchange.confinement.call_numbers import ARCHITECTURES, LAST_KNOWN, NUMBERS
from covolt.exchange.confinement.refused_calls import REFUSED

__all__ = ["install", "is_there", "program"]

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_FILTER_MODE = 2
_NAMESPACE_FLAGS = (
    kernel.CLONE_NEWNS | kernel.CLONE_NEWCGROUP | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUSER | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET
)  # fmt: skip
_CLONE_THREAD = 0x00010000
_PUSHED_INPUT = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: typing into the terminal of whoever started the program."""

_Instruction = tuple[int, int, int, int]


def program(machine: str, *, children: bool) -> list[_Instruction]:
    """The filter as instructions: code, jump if so, jump if not, number.

    A call of another architecture's table ends the process; a refused one answers EPERM; one that is younger than this table, and
    `clone3`, whose flags no filter can read, answer ENOSYS, so that libraries take the older one.

    Raises:
        OSError: where the numbers of this machine's calls are not known.
    """
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no numbers of kernel calls are known for {machine}")
    column = tuple(ARCHITECTURES).index(machine)
    made: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, LAST_KNOWN + 1),  # also the x32 calls, whose numbers begin at 1 << 30
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
    ]
    made += _unless(NUMBERS["clone3"][column], errno.ENOSYS)
    for name in _refused(children=children):
        number = NUMBERS[name][column]
        if number is not None:
            made += _unless(number, errno.EPERM)
    if not children:
        for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
            made += _to_itself(NUMBERS[name][column], os.getpid())
    made += _clone(NUMBERS["clone"][column], children=children)
    made += _typing(NUMBERS["ioctl"][column])
    return [*made, (_RETURN, 0, 0, _ALLOW)]


def _refused(*, children: bool) -> Iterator[str]:
    for refusal in REFUSED:
        if not (children and refusal.of_children):
            yield from refusal.calls


def _unless(number: int | None, error: int) -> list[_Instruction]:
    return [] if number is None else [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | error)]


def _clone(number: int | None, *, children: bool) -> list[_Instruction]:
    """New threads, and new processes where they are allowed, never in a new namespace."""
    threads_only: list[_Instruction] = (
        [] if children else [(_ANY_BIT, 1, 0, _CLONE_THREAD), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    )
    inner: list[_Instruction] = [
        (_LOAD, 0, 0, _ARGUMENTS),
        (_ANY_BIT, 0, 1, _NAMESPACE_FLAGS),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
        *threads_only,
        (_RETURN, 0, 0, _ALLOW),
    ]
    return [(_EQUAL, 0, len(inner), -1 if number is None else number), *inner]


def _to_itself(number: int | None, process: int) -> list[_Instruction]:
    """Signals of a process to itself, and to no other."""
    inner: list[_Instruction] = [
        (_LOAD, 0, 0, _ARGUMENTS),
        (_EQUAL, 1, 0, process),
        (_RETURN, 0, 0, _ERROR | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return [(_EQUAL, 0, len(inner), -1 if number is None else number), *inner]


def _typing(number: int | None) -> list[_Instruction]:
    inner: list[_Instruction] = [(_LOAD, 0, 0, _ARGUMENTS + 8)]
    for one in _PUSHED_INPUT:
        inner += _unless(one, errno.EPERM)
    inner.append((_RETURN, 0, 0, _ALLOW))
    return [(_EQUAL, 0, len(inner), -1 if number is None else number), *inner]


def install(*, children: bool) -> None:
    """Set the filter for this process, its threads to come and its children; there is no way back.

    Raises:
        OSError: where the kernel has no seccomp, or this machine's calls are not known.
    """
    instructions = program(os.uname().machine, children=children)
    code = b"".join(struct.pack("=HBBI", *one) for one in instructions)
    held = ctypes.create_string_buffer(code)
    heading = ctypes.create_string_buffer(struct.pack("@HP", len(instructions), ctypes.addressof(held)))
    kernel.control(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.control(kernel.PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(heading))


def is_there() -> bool:
    """Whether this process has a filter."""
    try:
        return kernel.control(kernel.PR_GET_SECCOMP) == _FILTER_MODE
    except OSError:
        return False
