"""The filter of kernel calls, run by hand for both kinds of processor; and where control groups are looked for."""

import errno
import os
from pathlib import Path

import pytest

from covolt.exchange.confinement.call_filter import program
from covolt.exchange.confinement.call_numbers import ARCHITECTURES, NUMBERS
from covolt.exchange.confinement.refused_calls import REFUSED
from covolt.exchange.sandbox.control_groups import places

ALLOWED = 0x7FFF0000
KILLED = 0x80000000
THREAD = 0x00010000 | 0x00000100
ORDINARY = {"x86_64": (0, 1, 9, 11, 12, 202, 231, 257), "aarch64": (56, 63, 64, 94, 98, 215, 222, 226)}
"""read, write, mmap, munmap, brk, futex, exit_group, openat, by their numbers."""


def answer(machine, number, *arguments, mark=None, children=False):
    """What the program says to a call: the machine of BPF, as far as it is used."""
    words = {0: number, 4: ARCHITECTURES[machine] if mark is None else mark}
    for place, one in enumerate((*arguments, *[0] * 6)[:6]):
        words[16 + 8 * place] = one & 0xFFFFFFFF
    code, at, held = program(machine, children=children), 0, 0
    while True:
        kind, yes, no, value = code[at]
        at += 1
        if kind == 0x20:
            held = words[value]
        elif kind == 0x06:
            return value
        else:
            true = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[kind]
            at += yes if true else no


def refused(error):
    return 0x00050000 | error


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_named_call_is_refused_and_ordinary_ones_are_not(machine):
    column = tuple(ARCHITECTURES).index(machine)
    for refusal in REFUSED:
        assert refusal.reason
        for name in refusal.calls:
            number = NUMBERS[name][column]
            if number is not None:
                assert answer(machine, number) == refused(errno.EPERM), name
                assert (answer(machine, number, children=True) == ALLOWED) is refusal.of_children, name
    for number in ORDINARY[machine]:
        assert answer(machine, number) == ALLOWED


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_threads_are_made_and_no_process_and_no_namespace(machine):
    column = tuple(ARCHITECTURES).index(machine)
    clone, clone_3 = NUMBERS["clone"][column], NUMBERS["clone3"][column]
    assert answer(machine, clone, THREAD) == ALLOWED
    assert answer(machine, clone, 17) == refused(errno.EPERM)
    assert answer(machine, clone, 17, children=True) == ALLOWED
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        for children in (False, True):
            assert answer(machine, clone, THREAD | flag, children=children) == refused(errno.EPERM)
    assert answer(machine, clone_3) == refused(errno.ENOSYS)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_signals_go_to_itself_alone_and_nothing_is_typed_into_a_terminal(machine):
    column = tuple(ARCHITECTURES).index(machine)
    for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        assert answer(machine, NUMBERS[name][column], os.getpid(), 9) == ALLOWED
        for other in (os.getpid() + 1, -1, 0, 1):
            assert answer(machine, NUMBERS[name][column], other, 9) == refused(errno.EPERM)
    ioctl = NUMBERS["ioctl"][column]
    assert answer(machine, ioctl, 0, 0x5401) == ALLOWED
    assert answer(machine, ioctl, 0, 0x5412) == answer(machine, ioctl, 0, 0x541C) == refused(errno.EPERM)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_of_other_tables_and_later_kernels_do_not_pass(machine):
    for mark in {0x40000003, 0x40000028, 0xC000003E, 0xC00000B7} - {ARCHITECTURES[machine]}:
        assert answer(machine, 0, mark=mark) == KILLED
    for number in (463, 1000, 0x40000000, 0x40000000 | 41, 0xFFFFFFFF):
        assert answer(machine, number) == refused(errno.ENOSYS)


def test_a_processor_whose_calls_are_not_known_has_no_filter():
    with pytest.raises(OSError, match="no numbers of kernel calls are known for riscv64"):
        program("riscv64", children=False)


def test_groups_of_both_versions_are_found_where_they_are():
    mounts = (
        "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
        "39 31 0:36 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
        "40 31 0:37 /box /sys/fs/cgroup/pids rw,relatime shared:9 - cgroup cgroup rw,pids\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    )
    own = "8:pids:/box/inner\n4:memory:/user/one\n1:cpu,cpuacct:/\n0::/slice\n"
    assert places(mounts, own) == {
        "memory": Path("/sys/fs/cgroup/memory/user/one"),
        "pids": Path("/sys/fs/cgroup/pids/inner"),
        "": Path("/sys/fs/cgroup/unified/slice"),
    }
    assert places("30 23 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n", "0::/a\n") == {"": Path("/sys/fs/cgroup/a")}
    assert places("", own) == places(mounts, "") == {}
