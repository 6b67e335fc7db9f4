"""Inputs of a quarter, half and the whole of what a reader takes: time and memory may grow no worse than with their size."""

from __future__ import annotations

import io
import re
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from fuzz import crash_of, in_child, peak_MB
from fuzz_readers import readers

SHARES = (1, 2, 4)
"""Quarters of the limit."""
WORSE = 1.3
"""Times the ratio of the sizes: what a count of cycles scatters."""
REQUIREMENT = (
    'schema = "requirement/1"\nid = "A"\nparty = "agency"\ntitle = "A"\n'
    'procedure = "declaration"\nmeasure = "kerb_mass"\n'
)


def _filled(begin: str, one: Callable[[int], str], end: str, size: int) -> str:
    """The text between a beginning and an end, filled with numbered pieces up to a size."""
    length, ends = len(one(10**6).encode()), len((begin + end).encode())
    return begin + "".join(one(10**6 + n) for n in range((size - ends) // length)) + end


def _excel(rows: int) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Requirements")
    sheet.append(["id", "party", "title"])
    for number in range(rows):
        sheet.append([f"R-{number}", "agency", f"the mass of part {number}"])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _reqif(seed: bytes, size: int) -> bytes:
    """A valid file with its objects again and again, each with a number of its own."""
    text = seed.decode()
    objects = re.search(r"<SPEC-OBJECTS>(.*?</SPEC-OBJECT>)", text, re.DOTALL)
    if objects is None:
        raise ValueError("the seed has no object")
    begin, end = text[: objects.start(1)], text[objects.end(1) :]
    given = re.search(r'IDENTIFIER="([^"]+)"', objects[1])
    name = given[1] if given else ""
    return _filled(begin, lambda n: objects[1].replace(name, escape(f"_{n}")), end, size).encode()


def _made(kind: str, quarters: int, seed: bytes) -> tuple[str, bytes]:
    """Which reader, and its input of so many quarters of the limit."""
    from covolt.contract.document import LARGEST_FILE
    from covolt.programme.exchange.workbook import MOST_ROWS
    from covolt.simulation.column_file import MOST_ROWS as MOST_SAMPLES

    size = LARGEST_FILE * quarters // 4
    if kind == "xlsx":
        return "xlsx import", _excel(MOST_ROWS * quarters // 4 - 1)
    if kind == "ReqIF":
        return "ReqIF import", _reqif(seed, size)
    if kind == "cycle":
        count = MOST_SAMPLES * quarters // 4
        return kind, ("time_s,speed_km_per_h\n" + "".join(f"{t},{t % 60}\n" for t in range(count))).encode()
    shapes: dict[str, tuple[str, Callable[[int], str], str]] = {
        "TOML keys": (REQUIREMENT, lambda n: f"k{n} = 1\n", ""),
        "TOML array": (REQUIREMENT + "k = [\n", lambda n: f"{n},\n", "]\n"),
        "TOML tables": (REQUIREMENT, lambda n: f'[[evidence]]\nsource = "{n}"\n', ""),
        "TOML text": (REQUIREMENT + 'statement = """', lambda n: f"line {n}\n", '"""\n'),
    }
    return "requirement/1", _filled(*shapes[kind], size).encode()


KINDS = ("TOML keys", "TOML array", "TOML tables", "TOML text", "ReqIF", "xlsx", "cycle")


def measured(kind: str, quarters: int) -> dict[str, Any]:
    """CPU time and memory above idle of one input, in this process."""
    with tempfile.TemporaryDirectory(prefix="covolt-limits-") as folder:
        every = readers(Path(folder))
        seed = every["ReqIF import"].seeds[0]
        name, raw = _made(kind, quarters, seed)
        reader = every[name]
        crash_of(lambda: reader.read(reader.seeds[0]))
        idle_MB, began_s = peak_MB(), time.process_time()
        answered, said = crash_of(lambda: reader.read(raw))
        taken_s = time.process_time() - began_s
        return {
            "quarters": quarters,
            "bytes": len(raw),
            "cpu_s": round(taken_s, 2),
            "memory_MB": round(peak_MB() - idle_MB),
            "accepted": answered,
            "said": said,
        }


def growth(kinds: tuple[str, ...] = KINDS) -> list[dict[str, Any]]:
    """Each kind at its shares, with what is wrong: a crash, or more than linear growth."""
    told: list[dict[str, Any]] = []
    for kind in kinds:
        points: list[dict[str, Any]] = []
        wrong: list[str] = []
        for quarters in SHARES:
            found, ended = in_child("limit", kind, str(quarters))
            if found is None:
                wrong.append(ended)
                continue
            points.append(found)
            if found["said"]:
                wrong.append(found["said"])
        for less, more in pairwise(points):
            size = more["quarters"] / less["quarters"]
            for what, least in (("cpu_s", 0.2), ("memory_MB", 20)):
                ratio = max(more[what], least) / max(less[what], least)
                if ratio > WORSE * size:
                    wrong.append(
                        f"{what} grows {ratio:.2f} times from {less['quarters']} to {more['quarters']} quarters"
                    )
        told.append({"case": kind, "wrong": wrong, "points": points})
    return told
