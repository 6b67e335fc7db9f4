"""Shared libraries read without being run: what they need, of which kind and machine they are; rubbish tells nothing."""

import random
import struct

import pytest

from covolt.exchange.fmu.binaries import needed_by
from covolt.exchange.fmu.inspection import inspect
from tests.exchange.fmu.built import library
from tests.exchange.fmu.fetched import KEPT, gemseo_fmus


def mach(*names):
    """A Mach-O library for arm64 that loads others."""
    commands = b""
    for name in names:
        padded = name.encode() + b"\0" * (8 - len(name) % 8)
        commands += struct.pack("<IIIIII", 0xC, 24 + len(padded), 24, 0, 0, 0) + padded
    return struct.pack("<4sIIIIIII", b"\xcf\xfa\xed\xfe", 0x0100000C, 0, 6, len(names), len(commands), 0, 0) + commands


def test_elf(tmp_path):
    kind, machine, needs = needed_by(library(tmp_path, "frame2.c", '-DMODEL="stair.h"', "-Wl,--no-as-needed"))
    assert kind == "elf"
    assert machine
    assert any(one.startswith("libm.so") for one in needs)


def test_mach_o():
    inner = mach("/usr/lib/libSystem.B.dylib", "@rpath/libstrange.dylib")
    told = ("mach-o", "aarch64", ("/usr/lib/libSystem.B.dylib", "@rpath/libstrange.dylib"))
    assert needed_by(inner) == told
    fat = struct.pack(">4sI", b"\xca\xfe\xba\xbe", 1) + struct.pack(">IIIII", 0x0100000C, 0, 64, len(inner), 0)
    assert needed_by(fat.ljust(64, b"\0") + inner) == told


def test_pe_and_what_an_fmu_needs_and_does_not_bring():
    gemseo_fmus()
    seen = inspect(next(KEPT.rglob("win32/MassSpringSystem.fmu")))
    assert seen.platforms == ("win64",)
    assert not seen.runs_here
    [binary] = [one for one in seen.binaries if one.kind == "pe"]
    assert binary.machine == "x86_64"
    assert any(one.lower().startswith("kernel32") for one in binary.needs)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_libraries_tell_nothing_and_raise_nothing(tmp_path, seed):
    dice = random.Random(seed)
    for content in (mach("/usr/lib/a", "b"), b"\x7fELF\x02\x01" + dice.randbytes(400), b"MZ" + dice.randbytes(400)):
        damaged = bytearray(content)
        for _ in range(4):
            damaged[dice.randrange(4, len(damaged))] = dice.randrange(256)
        kind, _, needs = needed_by(bytes(damaged))
        assert kind in {"", "elf", "pe", "mach-o"}
        assert len(needs) <= 500
