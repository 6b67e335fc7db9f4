"""Binaries read without being run: for which machine they are, and which libraries they need (ELF, PE, Mach-O, WebAssembly)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from covolt.exchange.archive import Archive

__all__ = ["Binary", "binaries_of", "needed_by"]

MOST_BYTES = 256 * 1024 * 1024
_MOST_NEEDED = 500
_ELF_MACHINES = {3: "x86", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_PE_MACHINES = {0x14C: "x86", 0x8664: "x86_64", 0xAA64: "aarch64"}
_MACH_MACHINES = {7: "x86", 0x01000007: "x86_64", 0x0100000C: "aarch64"}
_ENDINGS = (".so", ".dll", ".dylib", ".wasm")
_SYSTEM = {
    "elf": (
        "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "ld-linux", "libgcc_s.so", "libstdc++.so", "libutil.so",
        "libresolv.so", "linux-vdso",
    ),
    "pe": (
        "kernel32.", "user32.", "advapi32.", "ws2_32.", "shell32.", "ole32.", "oleaut32.", "gdi32.", "ntdll.", "msvcr",
        "api-ms-win-", "shlwapi.", "rpcrt4.", "psapi.", "winmm.", "version.", "comdlg32.", "crypt32.", "bcrypt.", "ucrtbase.",
    ),
    "mach-o": ("/usr/lib/", "/system/library/"),
}  # fmt: skip
"""How libraries begin that every machine of a system has."""


@final
@dataclass(frozen=True)
class Binary:
    """One shared library of an FMU."""

    name: str
    """In the archive."""
    kind: str
    """elf, pe, mach-o or wasm; empty where it is none of them."""
    machine: str
    needs: tuple[str, ...]
    undeclared: tuple[str, ...]
    """What it needs that neither the system has nor the FMU brings beside it."""


def binaries_of(archive: Archive) -> tuple[Binary, ...]:
    """All shared libraries below `binaries/`."""
    found: list[Binary] = []
    for name in archive.within("binaries"):
        if name.lower().endswith(_ENDINGS) and archive.size_bytes(name) <= MOST_BYTES:
            kind, machine, needs = needed_by(archive.read(name, MOST_BYTES))
            folder = name.rpartition("/")[0]
            beside = {one.rpartition("/")[2].lower() for one in archive.within(folder)}
            strange = tuple(
                one for one in needs if not _known(kind, one) and one.rpartition("/")[2].lower() not in beside
            )
            found.append(Binary(name, kind, machine, needs, strange))
    return tuple(found)


def _known(kind: str, library: str) -> bool:
    return library.lower().startswith(_SYSTEM.get(kind, ()))


def needed_by(content: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Kind, machine and needed libraries of a shared library; what is damaged tells nothing."""
    readers: tuple[tuple[bytes, Callable[[bytes], tuple[str, str, tuple[str, ...]]]], ...] = (
        (b"\x7fELF", _elf),
        (b"MZ", _pe),
        (b"\xcf\xfa\xed\xfe", _mach),
        (b"\xce\xfa\xed\xfe", _mach),
        (b"\xca\xfe\xba\xbe", _fat),
        # A component of WebAssembly, not a module; it needs no library, and what it takes is looked at when it is loaded.
        (b"\0asm\x0d\0\1\0", lambda _: ("wasm", "wasm32", ())),
    )
    for magic, read in readers:
        if content.startswith(magic):
            try:
                return read(content)
            except (struct.error, IndexError, ValueError, OverflowError):
                return "", "", ()
    return "", "", ()


def _text(content: bytes, at: int) -> str:
    if not 0 <= at < len(content):
        raise ValueError("outside of the file")
    return content[at : content.index(b"\0", at, at + 4096)].decode("utf-8", "replace")


def _elf(content: bytes) -> tuple[str, str, tuple[str, ...]]:
    wide, order = content[4] == 2, "<" if content[5] == 1 else ">"
    machine = _ELF_MACHINES.get(struct.unpack_from(f"{order}H", content, 18)[0], "")
    if wide:
        at, size, count = (
            *struct.unpack_from(f"{order}Q", content, 32),
            *struct.unpack_from(f"{order}HH", content, 54),
        )
    else:
        at, size, count = (
            *struct.unpack_from(f"{order}I", content, 28),
            *struct.unpack_from(f"{order}HH", content, 42),
        )
    loads: list[tuple[int, int, int]] = []
    dynamic: tuple[int, int] | None = None
    for number in range(min(count, 1000)):
        place = at + number * size
        if wide:
            kind, _, offset, address, _, length = struct.unpack_from(f"{order}IIQQQQ", content, place)
        else:
            kind, offset, address, _, length = struct.unpack_from(f"{order}IIIII", content, place)
        if kind == 1:
            loads.append((address, offset, length))
        elif kind == 2:
            dynamic = (offset, length)
    if dynamic is None:
        return "elf", machine, ()
    return "elf", machine, _elf_needs(content, dynamic, loads, f"{order}QQ" if wide else f"{order}II")


def _elf_needs(
    content: bytes, dynamic: tuple[int, int], loads: list[tuple[int, int, int]], form: str
) -> tuple[str, ...]:
    step = struct.calcsize(form)
    names: list[int] = []
    table = 0
    for number in range(min(dynamic[1] // step, 10_000)):
        tag, value = struct.unpack_from(form, content, dynamic[0] + number * step)
        if tag == 0:
            break
        if tag == 1:
            names.append(value)
        elif tag == 5:
            table = value
    offset = next(
        (start + table - address for address, start, length in loads if address <= table < address + length), table
    )
    return tuple(_text(content, offset + one) for one in names[:_MOST_NEEDED])


def _pe(content: bytes) -> tuple[str, str, tuple[str, ...]]:
    at = struct.unpack_from("<I", content, 60)[0]
    if content[at : at + 4] != b"PE\0\0":
        raise ValueError("no PE")
    machine, sections = struct.unpack_from("<HH", content, at + 4)
    optional = struct.unpack_from("<H", content, at + 20)[0]
    wide = struct.unpack_from("<H", content, at + 24)[0] == 0x20B
    imports = struct.unpack_from("<I", content, at + 24 + (120 if wide else 104))[0]
    rows = [
        struct.unpack_from("<IIII", content, at + 24 + optional + 40 * number + 8)
        for number in range(min(sections, 200))
    ]

    def place(address: int) -> int:
        for size, start, raw_size, raw in rows:
            if start <= address < start + max(size, raw_size):
                return address - start + raw
        raise ValueError("outside of the file")

    found: list[str] = []
    for number in range(_MOST_NEEDED if imports else 0):
        name = struct.unpack_from("<I", content, place(imports) + 20 * number + 12)[0]
        if name == 0:
            break
        found.append(_text(content, place(name)))
    return "pe", _PE_MACHINES.get(machine, ""), tuple(found)


def _mach(content: bytes) -> tuple[str, str, tuple[str, ...]]:
    wide = content[:4] == b"\xcf\xfa\xed\xfe"
    machine, _, _, count = struct.unpack_from("<IIII", content, 4)
    at, found = 32 if wide else 28, list[str]()
    for _ in range(min(count, 5000)):
        command, size = struct.unpack_from("<II", content, at)
        if command & 0x7FFFFFFF in {0xC, 0x18, 0x1F}:
            found.append(_text(content, at + struct.unpack_from("<I", content, at + 8)[0]))
        if size < 8:
            break
        at += size
    return "mach-o", _MACH_MACHINES.get(machine, ""), tuple(found[:_MOST_NEEDED])


def _fat(content: bytes) -> tuple[str, str, tuple[str, ...]]:
    """A library for several machines; the needs of its first one stand for all."""
    count = min(struct.unpack_from(">I", content, 4)[0], 20)
    parts = [struct.unpack_from(">IIII", content, 8 + 20 * number) for number in range(count)]
    inner = [_mach(content[offset : offset + size]) for _, _, offset, size in parts]
    machines = "+".join(one[1] for one in inner)
    return "mach-o", machines, inner[0][2] if inner else ()
