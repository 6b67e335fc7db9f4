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

from fuzz import MOST_MEMORY_MB, MOST_CPU_s, crash_of, in_child, peak_MB
from fuzz_readers import PULSES, readers

SHARES = (1, 2, 4)
"""Quarters of the limit."""
SMALL_bytes = 1_000_000
"""Below that, time and memory are promised whatever the input is."""
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


def _counted(begin: str, one: Callable[[int], str], end: str, count: int) -> str:
    """The text between a beginning and an end, with so many numbered pieces."""
    return begin + "".join(map(one, range(count))) + end


def _excel(rows: int) -> bytes:
    """A workbook of so many requirements that can be taken in."""
    from openpyxl import Workbook

    cells = {
        "kind": "need",
        "procedure": "declaration",
        "measure": "kerb_mass",
        "at_most": "1500 kg",
        "slots": "battery",
    }
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Requirements")
    sheet.append(["id", "party", "title.en", *cells])
    for number in range(rows):
        sheet.append([f"R-{number}", "agency", f"the mass of part {number}", *cells.values()])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _reqif(seed: bytes, size: int) -> bytes:
    """A valid file with its first object again and again, each with a number and a name of its own."""
    text = seed.decode()
    objects = re.search(r"<SPEC-OBJECTS>(.*?</SPEC-OBJECT>)", text, re.DOTALL)
    if objects is None:
        raise ValueError("the seed has no object")
    begin, end = text[: objects.start(1)], text[objects.end(1) :]
    given = re.search(r'IDENTIFIER="([^"]+)".*?LONG-NAME="([^"]+)"', objects[1])
    if given is None:
        raise ValueError("the object has no name")

    def piece(number: int) -> str:
        return objects[1].replace(given[1], f"_{number}").replace(f'"{given[2]}"', f'"R-{number}"')

    return _filled(begin, piece, end, size).encode()


def _documents() -> dict[str, tuple[tuple[str, Callable[[int], str], str], int]]:
    """Shapes of a document, and of how many pieces each has its limit; in bytes where that is none."""
    from covolt.contract.document import MOST_MARKS, MOST_STEPS, MOST_TABLES

    gate = 'schema = "gate/1"\nname = "g"\norder = 1\ntitle = "G"\ncriteria = ['
    return {
        "TOML keys": ((REQUIREMENT, lambda n: f"k{n} = 1\n", ""), MOST_MARKS - 10),
        "TOML array": ((REQUIREMENT + "k = [\n", lambda n: f"{n},\n", "]\n"), MOST_MARKS - 10),
        "TOML nested arrays": ((REQUIREMENT + "k = [", lambda n: "[[[1]]],", "]\n"), MOST_MARKS // 4 - 10),
        "TOML nested tables": ((REQUIREMENT + "k = [", lambda n: "{a={a={a=1}}},", "]\n"), MOST_MARKS // 7 - 10),
        "TOML inline tables": ((REQUIREMENT + "evidence = [", lambda n: "{},", "]\n"), MOST_MARKS // 2 - 10),
        "TOML tables": ((REQUIREMENT, lambda n: f'[[evidence]]\nsource = "{n}"\n', ""), MOST_TABLES - 10),
        "TOML table of steps": (
            (REQUIREMENT, lambda n: f"[a{n}{'.b' * (MOST_STEPS - 1)}]\n", ""),
            MOST_MARKS // (MOST_STEPS + 1),
        ),
        "TOML key of steps": (
            (REQUIREMENT, lambda n: f"a{n}{'.b' * (MOST_STEPS - 1)} = 1\n", ""),
            MOST_MARKS // (MOST_STEPS + 1),
        ),
        "criteria": ((gate, lambda n: f"'{n}x',", "]\n"), MOST_MARKS - 10),
        "TOML hidden signs": ((REQUIREMENT, lambda n: f'k{n} = "\u200b"\n', ""), MOST_MARKS - 10),
        "TOML text": ((REQUIREMENT + 'statement = """', lambda n: f"line {n}\n", '"""\n'), 0),
        "TOML remarks": ((REQUIREMENT, lambda n: f"# {n}\n", ""), 0),
        "TOML quotation marks": ((REQUIREMENT + "statement = '''", lambda n: '"', "'''\n"), 0),
    }


def _tables() -> dict[str, tuple[str, tuple[str, Callable[[int], str], str], int]]:
    """Tables by their reader, their rows at the limit, and how many that are."""
    from covolt.simulation.column_file import MOST_ROWS
    from covolt.simulation.cycle_file import LONGEST_s
    from covolt.simulation.route import MOST_STOPS, LONGEST_m
    from covolt.vehicle.pulse_data import MOST_RESISTANCES
    from covolt.vehicle.pulse_data import MOST_ROWS as MOST_LOGGED

    step_s, step_m = LONGEST_s / MOST_ROWS, LONGEST_m / MOST_ROWS
    pulses = tuple(PULSES.splitlines(keepends=True))
    return {
        "cycle of 48 h": (
            "cycle",
            ("time_s,speed_km_per_h\n", lambda n: f"{n * step_s:.5f},{abs(n // 100 % 120 - 60)}\n", ""),
            MOST_ROWS,
        ),
        "route of 10,000 km": (
            "route",
            ("distance_m,speed_km_per_h\n", lambda n: f"{n * step_m:.0f},{300 + n % 2}\n", ""),
            MOST_ROWS,
        ),
        "route of stops": (
            "route",
            ("distance_m,speed_km_per_h,stop_s\n", lambda n: f"{n},50,0.1\n", f"{MOST_STOPS},50,0\n"),
            MOST_STOPS,
        ),
        "pulses": ("pulses", (pulses[0], lambda n: pulses[1 + n % (len(pulses) - 1)], ""), MOST_RESISTANCES // 2),
        "slow discharge": (
            "slow discharge",
            ("time_s,current_A,voltage_V\n", lambda n: f"{n / 100:.2f},0.15,{4.2 - 1e-7 * n:.6f}\n", ""),
            MOST_LOGGED,
        ),
    }


def _made(kind: str, quarters: int, seed: bytes) -> tuple[str, bytes]:
    """Which reader, and its input of so many quarters of the limit."""
    from covolt.contract.document import LARGEST_FILE
    from covolt.programme.requirement_files.workbook import MOST_ROWS

    size = LARGEST_FILE * quarters // 4
    if kind == "xlsx":
        return "xlsx import", _excel(MOST_ROWS * quarters // 4 - 1)
    if kind == "ReqIF":
        return "ReqIF import", _reqif(seed, size)
    if kind in (tables := _tables()):
        name, shape, count = tables[kind]
        return name, _counted(*shape, count * quarters // 4).encode()
    shape, count = _documents()[kind]
    text = _counted(*shape, count * quarters // 4) if count else _filled(*shape, size)
    return "gate/1" if kind == "criteria" else "requirement/1", text.encode()


def kinds() -> tuple[str, ...]:
    """Every kind that has a limit."""
    return (*_documents(), *_tables(), "ReqIF", "xlsx")


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


def growth(chosen: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Each kind at its shares, with what is wrong: a crash, or more than linear growth."""
    told: list[dict[str, Any]] = []
    for kind in chosen or kinds():
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
            if found["bytes"] < SMALL_bytes and (found["cpu_s"] > MOST_CPU_s or found["memory_MB"] > MOST_MEMORY_MB):
                wrong.append(f"{found['cpu_s']} CPU s and {found['memory_MB']} MB for {found['bytes']} bytes")
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
