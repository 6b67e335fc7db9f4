"""The drive of a shipped car as machine code for the processors and systems that covolt means to run on.

It is verified and written here, never run elsewhere: what is shown is that LLVM takes it, and that it calls no mathematical
library of any system.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator

import llvmlite.binding as llvm
import numpy as np
import pytest

from covolt.library.build import car
from covolt.library.cars import figures
from covolt.simulation.core import pack
from covolt.simulation.cycles import standard
from covolt.simulation.mission import follow
from covolt.simulation.native.batch import traced_drive
from covolt.simulation.native.emit import VECTORS, intermediate, is_object_code, machine_code

pytestmark = pytest.mark.whole

TARGETS = {
    "x86-64": ("x86_64-unknown-linux-gnu", "x86-64", 16),
    "x86-64-v3": ("x86_64-unknown-linux-gnu", "x86-64-v3", 32),
    "aarch64": ("aarch64-unknown-linux-gnu", "generic", 16),
    "aarch64 neoverse-n1": ("aarch64-unknown-linux-gnu", "neoverse-n1", 16),
    "arm64 macOS": ("arm64-apple-darwin", "apple-m1", 16),
    "x86-64 Windows": ("x86_64-pc-windows-msvc", "x86-64", 16),
}
"""Triple, processor, and bytes of a vector."""
OF_THE_SYSTEM = {"x86-64 Windows": {"__chkstk", "_fltused"}}
"""Of Microsoft's C runtime: what grows the stack page by page, and the mark of code that has real numbers. Whether the loader of
LLVM finds them there was never tried."""


@functools.cache
def drive_of(name: str, lanes: int) -> str:
    """The LLVM text of a car's drive over UDDS in doubles."""
    _, tables, structure = pack(car(figures(name)))
    columns = tuple(follow(standard("udds")).profile)
    drive = traced_drive(structure, tuple(np.shape(table) for table in tables), columns, "report")
    return intermediate(drive.program, len(columns), "double", lanes)


def undefined(code: bytes) -> set[str]:
    """Names that object code leaves to a linker: of ELF, Mach-O or COFF."""
    if code.startswith(b"\x7fELF"):
        return set(_of_elf(code))
    return set(_of_mach_o(code) if code.startswith(b"\xcf\xfa\xed\xfe") else _of_coff(code))


def _text(code: bytes, begin: int) -> str:
    return code[begin : code.index(b"\0", begin)].decode()


def _of_elf(code: bytes) -> Iterator[str]:
    (table,) = struct.unpack_from("<Q", code, 0x28)
    size, count = struct.unpack_from("<HH", code, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", code, table + k * size) for k in range(count)]
    for _, kind, _, _, begin, length, link, *_ in sections:
        for at in range(begin, begin + length, 24) if kind == 2 else ():
            name, _, _, section = struct.unpack_from("<IBBH", code, at)
            if section == 0 and name:
                yield _text(code, sections[link][4] + name)


def _of_mach_o(code: bytes) -> Iterator[str]:
    (count,) = struct.unpack_from("<I", code, 16)
    at = 32
    for _ in range(count):
        kind, size = struct.unpack_from("<II", code, at)
        if kind == 2:
            begin, symbols, texts, _ = struct.unpack_from("<IIII", code, at + 8)
            for place in range(begin, begin + 16 * symbols, 16):
                name, flags = struct.unpack_from("<IB", code, place)
                if not flags & 0x0E:
                    yield _text(code, texts + name).removeprefix("_")
        at += size


def _of_coff(code: bytes) -> Iterator[str]:
    begin, count = struct.unpack_from("<II", code, 8)
    texts, k = begin + 18 * count, 0
    while k < count:
        name, value, section, _, kind, more = struct.unpack_from("<8sIhHBB", code, begin + 18 * k)
        if section == 0 and kind == 2 and value == 0:
            zeros, place = struct.unpack("<II", name)
            yield name.rstrip(b"\0").decode() if zeros else _text(code, texts + place)
        k += 1 + more


def emitted(text: str, triple: str, processor: str) -> bytes:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=processor, opt=3, jit=True)
    head = f'target triple = "{triple}"\ntarget datalayout = "{machine.target_data}"\n'
    return machine_code(head + text, machine)


@pytest.mark.parametrize("name", TARGETS)
def test_a_drive_is_written_for_every_system_and_calls_no_mathematical_library(name: str) -> None:
    triple, processor, vector_bytes = TARGETS[name]
    code = emitted(drive_of("city-car", VECTORS * vector_bytes // 8), triple, processor)
    assert is_object_code(code)
    assert len(code) > 20_000
    assert undefined(code) <= OF_THE_SYSTEM.get(name, set())


@pytest.mark.parametrize("name", TARGETS)
def test_a_call_of_a_library_would_be_seen(name: str) -> None:
    triple, processor, _ = TARGETS[name]
    text = "declare double @sine_of_somebody(double)\n"
    text += "define double @drive(double %x) {\n  %y = call double @sine_of_somebody(double %x)\n  ret double %y\n}\n"
    assert undefined(emitted(text, triple, processor)) - OF_THE_SYSTEM.get(name, set()) == {"sine_of_somebody"}
