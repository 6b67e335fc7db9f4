"""Hostile FMUs: archives and descriptions damaged on purpose, that end in anything but an answer or a refusal.

    python -m tools.hostile COUNT SEED      one line of JSON: what was found

Each is read and unpacked in a process of bounded memory; it may neither raise what is no refusal, nor write outside of its
folder, nor unpack more than its bounds, nor take long.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
import stat
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MOST_MEMORY_bytes = 1 << 30
"""Address space above what Python and covolt take when they are loaded."""
MOST_CPU_s = 5.0
MOST_WRITTEN_bytes = 64 << 20
PER_CHILD = 500

TWO = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="2.0" modelName="m" guid="{g}" numberOfEventIndicators="1">
<ModelExchange modelIdentifier="m"/><CoSimulation modelIdentifier="m" canHandleVariableCommunicationStepSize="true"/>
<UnitDefinitions><Unit name="N.m"><BaseUnit kg="1" m="2" s="-2"/></Unit></UnitDefinitions>
<TypeDefinitions><SimpleType name="T"><Real unit="N.m" min="-1" max="1"/></SimpleType>
<SimpleType name="E"><Enumeration><Item name="a" value="1"/></Enumeration></SimpleType></TypeDefinitions>
<DefaultExperiment startTime="0" stopTime="1" stepSize="0.1"/>
<ModelVariables>
<ScalarVariable name="x" valueReference="0" causality="output" initial="exact"><Real declaredType="T" start="1"/></ScalarVariable>
<ScalarVariable name="der(x)" valueReference="1"><Real derivative="1"/></ScalarVariable>
<ScalarVariable name="n" valueReference="2" causality="parameter" variability="fixed"><Integer start="3" min="0"/></ScalarVariable>
<ScalarVariable name="e" valueReference="3" causality="input"><Enumeration declaredType="E" start="1"/></ScalarVariable>
<ScalarVariable name="s" valueReference="4" causality="parameter"><String start="word"/></ScalarVariable>
</ModelVariables>
<ModelStructure><Outputs><Unknown index="1" dependencies="4"/></Outputs><Derivatives><Unknown index="2"/></Derivatives></ModelStructure>
</fmiModelDescription>"""
THREE = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="3.0" modelName="m" instantiationToken="{g}">
<CoSimulation modelIdentifier="m" hasEventMode="true" fixedInternalStepSize="1e-3"/>
<ModelVariables>
<Float64 name="time" valueReference="9" causality="independent" variability="continuous"/>
<UInt64 name="n" valueReference="1" causality="structuralParameter" variability="tunable" start="2"/>
<Float64 name="A" valueReference="2" causality="input" start="1 2 3 4"><Dimension valueReference="1"/><Dimension start="2"/></Float64>
<Int64 name="i" valueReference="3" causality="output" start="5" initial="exact"/>
<Binary name="b" valueReference="4" causality="input"><Start value="00ff"/></Binary>
<String name="s" valueReference="5" causality="input"><Start value="word"/></String>
<Clock name="c" valueReference="6" causality="input" intervalVariability="constant" intervalDecimal="0.1"/>
</ModelVariables>
<ModelStructure><Output valueReference="3" dependencies="2"/></ModelStructure></fmiModelDescription>"""
STRANGE = (
    "", "-1", "0", "1", "99999999999999999999999", "1e999", "NaN", "INF", "-INF", "0x10", "1_0", "\u0661", "..", "../../x", "/x", "C:\\x",
    "true", "a" * 5000, "\u202e", "1 2 3 " * 400, "4000000", "2147483648", "18446744073709551616", "&amp;", "'", "{0}", "%s%n", "\u0430",
)  # fmt: skip
NAMES = (
    "../evil", "/evil", "a/../../evil", "..\\evil", "C:\\evil", "a//b", "./a", "a/.", "\x01", "x" * 70000, "modelDescription.xml",
    "modelDescription.xml/", "binaries", "binaries/linux64", "resources/\u0438\u0301", "nul", "con/aux", "a\n", "\ud800", "~/.x",
)  # fmt: skip
_ATTRIBUTE = re.compile(r'([A-Za-z]+)="([^"]*)"')
_ELEMENT = re.compile(r"<[A-Za-z]+[^<>]*/>|<([A-Za-z]+)[^<>]*>[^<]*</\1>")


def _text(dice: random.Random) -> bytes:
    """A description with a few edits."""
    text = dice.choice((TWO, THREE))
    for _ in range(dice.choice((0, 1, 1, 1, 2, 4))):
        kind = dice.randrange(7)
        if kind <= 2:
            found = list(_ATTRIBUTE.finditer(text))
            one = dice.choice(found) if found else None
            if one:
                text = text[: one.start(2)] + dice.choice(STRANGE).replace('"', "") + text[one.end(2) :]
        elif kind in {3, 4}:
            found = list(_ELEMENT.finditer(text))
            one = dice.choice(found) if found else None
            if one:
                text = text[: one.start()] + one[0] * dice.choice((0, 2, 300)) + text[one.end() :]
        elif kind == 5:
            at = dice.randrange(len(text))
            text = text[:at] + dice.choice(("<", ">", "&x;", "<!--", "]]>", "<![CDATA[", "\0", "<a>" * 80)) + text[at:]
        else:
            bombs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 50}">' for n in range(9))
            text = text.replace("?>", f"?><!DOCTYPE x [{bombs}<!ENTITY f SYSTEM 'file:///etc/passwd'>]>", 1)
            text = text.replace('modelName="m"', 'modelName="&e8;"')
    raw = text.encode("utf-8", "surrogatepass")
    return (
        raw.replace(b"UTF-8", dice.choice((b"UTF-16", b"latin-1", b"utf-7", b"x")), 1) if dice.random() < 0.05 else raw
    )


def _archive(dice: random.Random) -> bytes:
    """An archive around a description, with edits of its names, kinds, sizes and bytes."""
    made, plain = io.BytesIO(), dice.random() < 0.5
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        parts: list[tuple[str, bytes]] = [
            ("modelDescription.xml", _text(dice)),
            ("binaries/linux64/m.so", b"\x7fELF" + bytes(300)),
        ]
        for _ in range(0 if plain else dice.choice((0, 0, 1, 1, 3))):
            content = bytes(dice.choice((0, 10, 1 << 20))) if dice.random() < 0.7 else dice.randbytes(1000)
            parts.insert(dice.randrange(len(parts) + 1), (dice.choice(NAMES), content))
        for name, content in parts:
            info = zipfile.ZipInfo()
            info.filename = name[:60000].encode("utf-8", "replace").decode()
            info.compress_type = dice.choice(
                (zipfile.ZIP_DEFLATED,) * 8 + (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED if plain else zipfile.ZIP_BZIP2)
            )
            if not plain and dice.random() < 0.08:
                info.external_attr = (
                    dice.choice((stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK)) | 0o777
                ) << 16
            archive.writestr(info, content)
    raw = bytearray(made.getvalue())
    for _ in range(0 if plain else dice.choice((0, 0, 0, 1, 1, 2, 5))):
        _harm(raw, dice)
    return bytes(raw[: dice.randrange(len(raw))]) if dice.random() < 0.05 else bytes(raw)


def _harm(raw: bytearray, dice: random.Random) -> None:
    """One field of a header, or one byte, otherwise."""
    if dice.random() < 0.6:
        heads = [match.start() for match in re.finditer(rb"PK\x01\x02|PK\x03\x04|PK\x05\x06", raw)]
        at = dice.choice(heads) + dice.randrange(4, 46)
        if at + 4 <= len(raw):
            struct.pack_into("<I", raw, at, dice.choice((0, 1, 0xFFFFFFFF, 0x7FFFFFFF, dice.randrange(1 << 32))))
    elif raw:
        raw[dice.randrange(len(raw))] = dice.randrange(256)


def _tried(raw: bytes, home: Path) -> tuple[str, str]:
    """What came of one: read, refused, or a problem with its words."""
    from covolt.errors import CovoltError
    from covolt.exchange.archive import Bounds, opened_archive
    from covolt.exchange.fmu import read_description

    path, folder = home / "in" / "a.fmu", home / "out"
    path.write_bytes(raw)
    folder.mkdir()
    begun_s = time.process_time()
    outcome = ("read", "")
    try:
        with opened_archive(path, Bounds(total_bytes=MOST_WRITTEN_bytes)) as archive:
            read_description(archive)
            archive.unpack(folder)
    except CovoltError as error:
        outcome = ("refused", "")
        if not all(one.what and one.where and one.hint for one in error.problems):
            outcome = ("problem", f"refused without what, where or hint: {error}")
    except BaseException:  # whatever else flies is what is looked for
        outcome = ("problem", traceback.format_exc(limit=-3))
    took_s = time.process_time() - begun_s
    if took_s > MOST_CPU_s:
        outcome = ("problem", f"took {took_s:.1f} s")
    written = sum(one.stat(follow_symlinks=False).st_size for one in folder.rglob("*") if one.is_file())
    if written > MOST_WRITTEN_bytes:
        outcome = ("problem", f"wrote {written} bytes")
    if any(one.is_symlink() for one in folder.rglob("*")):
        outcome = ("problem", "a link was unpacked")
    if {one.name for one in home.iterdir()} != {"in", "out"} or [one.name for one in path.parent.iterdir()] != [
        "a.fmu"
    ]:
        outcome = ("problem", "something was written outside")
    import shutil

    shutil.rmtree(folder)
    return outcome


def batch(count: int, seed: int) -> dict[str, Any]:
    """So many hostile files in this process."""
    import covolt.exchange.fmu  # noqa: F401  before memory is bounded

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_MEMORY_bytes,) * 2)
    dice = random.Random(seed)
    outcomes: Counter[str] = Counter()
    problems: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "in").mkdir()
        for number in range(count):
            raw = _archive(dice)
            kind, said = _tried(raw, home)
            outcomes[kind] += 1
            if kind == "problem":
                problems.append({"case": f"seed {seed}, file {number}", "said": said[-800:]})
    return {"outcomes": outcomes, "problems": problems}


def hostile(count: int, seed: int) -> dict[str, Any]:
    """So many, some hundreds in a process of their own each; one that dies is a problem too."""
    outcomes: Counter[str] = Counter()
    problems: list[dict[str, str]] = []
    for begin in range(0, count, PER_CHILD):
        asked = [sys.executable, "-m", "tools.hostile", str(min(PER_CHILD, count - begin)), str(seed + begin)]
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)
        if done.returncode:
            problems.append(
                {"case": f"seed {seed + begin}", "said": f"ended with {done.returncode}: {done.stderr[-800:]}"}
            )
            continue
        told = json.loads(done.stdout.splitlines()[-1])
        outcomes.update(told["outcomes"])
        problems += told["problems"]
    return {"outcomes": dict(outcomes), "problems": problems}


def rows(count: int, seed: int) -> list[dict[str, Any]]:
    """The row of `make harden`."""
    found = hostile(count, seed)
    return [
        {
            "name": "hostile",
            "measured": float(len(found["problems"])),
            "goal": 0.0,
            "unit": "problems",
            "better": "lower",
            "peer": f"FMUs damaged on purpose, seed {seed}: "
            + ", ".join(f"{n} {kind}" for kind, n in found["outcomes"].items()),
            "cases": count,
            "details": found["problems"],
        }
    ]


if __name__ == "__main__":
    print(json.dumps(batch(int(sys.argv[1]), int(sys.argv[2]))))  # noqa: T201
