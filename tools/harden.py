"""Hardening: what takes hours. `make harden [ONLY=row COUNT=n SEED=n]` prints one table and writes build/harden.json.

mutants  part of the changes of the physics (tools/mutants.py) that the fast tests notice, each tried with the test files
         that cover its line; those of equivalent_mutants.toml change nothing that can be seen and are listed with the reason
fuzz     damaged input files that end in anything but an answer or a refusal with what, where and a hint
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz import damaged
from mutants import ROOT, SOURCE, Mutant, mutants
from rich.console import Console
from rich.table import Table

Row = dict[str, Any]
BUILD = ROOT / "build" / "harden"
TESTS = ("tests/vehicle", "tests/simulation", "tests/library", "tests/oracles", "tests/laws", "tests/slopes", "tests/golden",
         "tests/study")  # fmt: skip
"""Folders of the fast suite whose tests drive anything."""
PATIENCE, LEAST_PATIENCE_s = 5.0, 120.0
"""A trial may take so many times what its tests took unchanged; longer counts as noticed."""
GOAL_KILLED, GOAL_FUZZ = 95.0, 0.0


@dataclass(frozen=True)
class Cover:
    """One test file: which lines of the physics it runs, and how long it took."""

    seconds: float
    lines: Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Tried:
    """What came of one mutant: killed, timed out, survived, not covered, equivalent."""

    mutant: Mutant
    outcome: str
    by: str
    seconds: float


def environment(source: Path) -> dict[str, str]:
    """Processes see this source before any other; nothing that was kept is used."""
    return {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}


def pytest(source: Path, files: Sequence[str], *more: str) -> list[str]:
    """The command that runs test files against a source, stopping at the first failure."""
    own = ["-x", "-q", "-p", "no:cacheprovider", "-o", f"pythonpath={source} {ROOT}", "--rootdir", str(ROOT)]
    return [sys.executable, *more, "-m", "pytest", *own, *files]


def covers(within: Sequence[str], console: Console) -> dict[str, Cover]:
    """What each test file of some folders covers, measured anew where it or the source has changed since."""
    kept = BUILD / "cover"
    kept.mkdir(parents=True, exist_ok=True)
    source = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(SOURCE.rglob("*.py")))).hexdigest()
    files = sorted(path for place in within for path in (ROOT / place).rglob("test_*.py"))
    files += [ROOT / place for place in within if place.endswith(".py")]

    def one(path: Path) -> tuple[str, Cover]:
        name = path.relative_to(ROOT).as_posix()
        place = kept / (name.replace("/", "_") + ".json")
        key = hashlib.sha256(source.encode() + path.read_bytes()).hexdigest()
        if not place.exists() or json.loads(place.read_text())["key"] != key:
            place.write_text(json.dumps({"key": key, **_measured(name)}))
        read = json.loads(place.read_text())
        return name, Cover(read["seconds"], {file: frozenset(lines) for file, lines in read["lines"].items()})

    with console.status("what each test file covers"), ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(one, files))


def _measured(name: str) -> dict[str, Any]:
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "coverage"
        command = pytest(SOURCE.parent, [name], "-m", "coverage", "run", f"--data-file={data}", f"--source={SOURCE}")
        subprocess.run(command, cwd=ROOT, env=environment(SOURCE.parent), capture_output=True, check=False)
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "coverage", "json", f"--data-file={data}", "-o", str(report), "-q"]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        found = json.loads(report.read_text())["files"] if report.exists() else {}
    lines = {
        path.split("src/covolt/", 1)[1]: each["executed_lines"] for path, each in found.items() if "src/covolt/" in path
    }
    return {"seconds": time.monotonic() - begin, "lines": lines}


def tests_of(mutant: Mutant, known: Mapping[str, Cover]) -> list[str]:
    """Test files that run the line of a mutant: those that are named after its module first, then the quick ones."""
    stem = Path(mutant.file).stem
    # A statement of several lines is counted at its first one.
    near = range(mutant.line - 12, mutant.line + 1)
    first = max((line for line in near if any(line in c.lines.get(mutant.file, ()) for c in known.values())), default=0)
    found = [name for name, cover in known.items() if first in cover.lines.get(mutant.file, ())]
    return sorted(found, key=lambda name: (stem not in Path(name).stem, known[name].seconds))


def tried(mutant: Mutant, known: Mapping[str, Cover], equivalent: Mapping[str, str]) -> Tried:
    """Run the tests that cover a mutant's line against a copy of the source that has it."""
    if mutant.name in equivalent:
        return Tried(mutant, "equivalent", equivalent[mutant.name], 0.0)
    files = tests_of(mutant, known)
    if not files:
        return Tried(mutant, "not covered", "", 0.0)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="covolt-mutant-") as folder:
        source = Path(folder) / "src"
        shutil.copytree(SOURCE.parent, source, ignore=shutil.ignore_patterns("__pycache__"))
        (source / "covolt" / mutant.file).write_text(mutant.applied(), encoding="utf-8")
        patience_s = LEAST_PATIENCE_s + PATIENCE * sum(known[name].seconds for name in files)
        try:
            ended = subprocess.run(
                pytest(source, files), cwd=ROOT, env=environment(source), capture_output=True, text=True,
                timeout=patience_s, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Tried(mutant, "timed out", "", time.monotonic() - begin)
    seconds = time.monotonic() - begin
    if ended.returncode == 0:
        return Tried(mutant, "survived", f"{len(files)} test files", seconds)
    said = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return Tried(mutant, "killed", said[0][:160] if said else ended.stdout[-160:], seconds)


def equivalents() -> dict[str, str]:
    """Mutants that change nothing that can be seen, with the reason."""
    table = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text(encoding="utf-8"))
    return {one["mutant"]: one["reason"] for one in table.get("equivalent", [])}


def mutant_rows(count: int, seed: int, within: Sequence[str], console: Console) -> list[Row]:
    """Share of mutants that are noticed by the tests within some folders."""
    every = mutants()
    chosen = random.Random(seed).sample(every, min(count, len(every)))
    known, same = covers(within, console), equivalents()
    found: list[Tried] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for one in pool.map(lambda mutant: tried(mutant, known, same), chosen):
            console.print(f"{one.outcome:11s} {one.seconds:6.0f} s  {one.mutant.name}", highlight=False, markup=False)
            found.append(one)
    judged = [one for one in found if one.outcome != "equivalent"]
    killed = [one for one in judged if one.outcome in ("killed", "timed out")]
    return [
        {
            "name": "mutants",
            "measured": 100.0 * len(killed) / len(judged) if judged else None,
            "goal": GOAL_KILLED,
            "unit": "%",
            "better": "higher",
            "peer": f"of {len(every)} possible changes of the physics, seed {seed}; tests: {' '.join(within)}",
            "cases": len(judged),
            "details": [
                {"case": one.mutant.name, "outcome": one.outcome, "by": one.by, "line": one.mutant.line}
                for one in found
            ],
        }
    ]


def fuzz_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Damaged files that crash a reader."""
    with console.status("damaged files"):
        tries, crashed = damaged(count, seed)
    return [
        {
            "name": "fuzz",
            "measured": float(len(crashed)),
            "goal": GOAL_FUZZ,
            "unit": "crashes",
            "better": "lower",
            "peer": f"damaged cars, cells, cycles, routes and requirements, seed {seed}",
            "cases": tries,
            "details": crashed,
        }
    ]


ROWS: dict[str, tuple[Callable[[int, int, Sequence[str], Console], list[Row]], int]] = {
    "mutants": (mutant_rows, 120),
    "fuzz": (fuzz_rows, 2000),
}
"""Each row with the count that is tried where none is asked for."""


def verdict(row: Row) -> str:
    """pass, or by how much it falls short."""
    if row["measured"] is None:
        return "nothing tried"
    short = row["goal"] - row["measured"] if row["better"] == "higher" else row["measured"] - row["goal"]
    return "pass" if short <= 0.0 else f"short by {short:.3g}"


def main(arguments: list[str] | None = None) -> int:
    """Run all rows, or the one named."""
    parser = argparse.ArgumentParser(description="Try to break what the fast tests hold.")
    parser.add_argument("--only", default="", choices=["", *ROWS])
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--within", nargs="*", default=TESTS, help="folders and files of tests that mutants are tried with"
    )
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    chosen = parser.parse_args(arguments)
    console = Console()
    rows: list[Row] = []
    for name, (run, usual) in ROWS.items():
        if chosen.only in ("", name):
            command = f"make harden ONLY={name} COUNT={chosen.count or usual} SEED={chosen.seed}"
            rows += [
                {**row, "command": command} for row in run(chosen.count or usual, chosen.seed, chosen.within, console)
            ]
    table = Table(title="Hardening", title_justify="left")
    for heading in ("name", "measured", "goal", "unit", "cases", "verdict"):
        table.add_column(heading)
    for row in rows:
        measured = "" if row["measured"] is None else f"{row['measured']:.3g}"
        table.add_row(row["name"], measured, f"{row['goal']:g}", row["unit"], str(row["cases"]), verdict(row))
    console.print(table)
    chosen.build.mkdir(parents=True, exist_ok=True)
    place = chosen.build / "harden.json"
    partial = place.with_suffix(".part")
    partial.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(place)
    console.print(f"written: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
