"""Hardening: what takes hours. `make harden [ONLY=row COUNT=n SEED=n]` prints one table and writes build/harden.json.

mutants  part of the changes of the physics (tools/mutants.py) that the fast tests notice, each tried with the test files
         that cover its line; those of equivalent_mutants.toml change nothing that can be seen and are listed with the reason
fuzz     damaged input files of every reader that end in anything but an answer or a refusal with what, where and a hint,
         or take more than 2 CPU s or 300 MB
kills    commands killed while they write (tools/kills.py; needs strace) that leave anything half done, lost or lying about
races    two commands that write at once (tools/races.py) of which both win one name, or one is lost
guards   attacks of a hostile partner (tests/hostile) that are held though the guard that they test is taken out (tools/guards.py)
mutations  random edits of a signed programme (tools/mutations.py) after which something stands that should have moved, or
         moves that means nothing, by a second program that works that out from the documents (tools/expected_moves.py)
hostile  FMUs damaged on purpose, archive and description (tools/hostile.py), that end in anything but an answer or a refusal,
         write outside of their folder, or cost too much
parties  hosted parties that are killed, frozen, slow, send NaN or come back with a certificate that does not count
         (tools/parties.py), after which the run does not stop within its deadline, named, and resume to the same bytes
studies  studies that are killed while they run, the command or its processes (tools/studies.py), and gone on with, that do not
         end as the uninterrupted one to the byte
workspace  faults of a workspace that is used (tools/workspace_faults.py): its server, a worker and PostgreSQL killed, its disk
         and that of PostgreSQL full, slow clients, a clock set back, after which a write that was answered is lost, its audit
         finds anything, a job is lost or done twice at once, or it is not back in 10 s
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mutants import PHYSICS, ROOT, SOURCE, Mutant, mutants
from rich.console import Console
from rich.table import Table
from trial import STOPPED, Trial

Row = dict[str, Any]
BUILD = ROOT / "build" / "harden"
TESTS = (
    "tests/vehicle",
    "tests/library",
    "tests/golden",
    "tests/oracles",
    "tests/slopes",
    "tests/simulation",
    "tests/laws",
)
"""Folders of the fast suite whose tests are near the physics; those of whole programmes, which drive for minutes, are left
out, so that what is found is no more than what the whole suite notices."""
LIMIT_s = 40.0
"""No further test of a trial begins after so much computing: a mutant that none has noticed by then counts as a survivor. One
that computes twice as long within a test counts as noticed."""
GOAL_KILLED, GOAL_FUZZ = 95.0, 0.0
LIMITS_FROM = 1000
"""Damaged files from which on inputs at the limit of their size are tried too, which take minutes."""


@dataclass(frozen=True)
class Cover:
    """One test file: what each of its tests took, and which of them ran a line of the physics first, by file and line."""

    seconds: Mapping[str, float]
    lines: Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class Tried:
    """What came of one mutant: killed, ended, survived, not covered, equivalent, no trial."""

    mutant: Mutant
    outcome: str
    by: str
    seconds: float


def covers(within: Sequence[str], console: Console) -> dict[str, Cover]:
    """What each test file of some folders covers, measured anew where it or the physics that it runs has changed since."""
    kept = BUILD / "cover"
    kept.mkdir(parents=True, exist_ok=True)
    files = [path for place in within for path in sorted((ROOT / place).rglob("test_*.py"))]
    files += [ROOT / place for place in within if place.endswith(".py")]

    def one(path: Path) -> tuple[str, Cover]:
        name = path.relative_to(ROOT).as_posix()
        place = kept / (name.replace("/", "_") + ".json")
        if not place.exists() or not _still(read := json.loads(place.read_text(encoding="utf-8")), path):
            read = _measured(path)
            place.write_text(json.dumps(read), encoding="utf-8")
        return name, Cover(read["seconds"], read["lines"])

    with console.status("what each test file covers"), ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(one, files))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _still(read: Mapping[str, Any], path: Path) -> bool:
    return read["test"] == _digest(path) and all(_digest(SOURCE / file) == was for file, was in read["sources"].items())


def _measured(path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        wanted = [str(SOURCE / pattern) for pattern in PHYSICS]
        one = Trial(ROOT, SOURCE.parent, Path(folder), [path.relative_to(ROOT).as_posix()], watched=wanted)
        one.run()
        found = json.loads(one.report.read_text(encoding="utf-8"))["files"] if one.report.exists() else {}
        took_s = json.loads(one.note.read_text(encoding="utf-8")) if one.note.exists() else {}
    lines = {
        file.split("src/covolt/", 1)[1]: {
            line: [test for test in tests if test] for line, tests in each["contexts"].items()
        }
        for file, each in found.items()
        if each["executed_lines"]
    }
    sources = {file: _digest(SOURCE / file) for file in lines}
    return {"test": _digest(path), "sources": sources, "seconds": took_s, "lines": lines}


def tests_of(mutant: Mutant, known: Mapping[str, Cover]) -> tuple[list[str], list[str]]:
    """Test files that run the line of a mutant, and their tests in the order of trial.

    First come tests that were seen to run it. What is compiled or made at import is run by the first test that needs it only,
    so the others of the same files follow. Each lot begins with files named after the module, then goes by time.
    """
    stem = Path(mutant.file).stem
    within = {name: cover.lines[mutant.file] for name, cover in known.items() if mutant.file in cover.lines}
    # A statement of several lines is counted at its first one.
    near = range(mutant.line, max(mutant.line - 13, 0), -1)
    line = next((str(line) for line in near if any(str(line) in lines for lines in within.values())), "")
    files = [name for name, lines in within.items() if line in lines]
    seen = {test for name in files for test in within[name][line]}
    # A constant is set by no test.
    seen = seen or {test for name in files for tests in within[name].values() for test in tests}

    def rank(test: tuple[str, float]) -> tuple[bool, bool, float]:
        return test[0] not in seen, stem not in Path(test[0].split("::")[0]).stem, test[1]

    every = [each for name in files for each in known[name].seconds.items()]
    return files, [name for name, _ in sorted(every, key=rank)]


def tried(mutant: Mutant, known: Mapping[str, Cover], equivalent: Mapping[str, str]) -> Tried:
    """Run the tests that cover a mutant's line against a copy of the source that has it, until one notices."""
    if mutant.name in equivalent:
        return Tried(mutant, "equivalent", equivalent[mutant.name], 0.0)
    files, tests = tests_of(mutant, known)
    if not tests:
        return Tried(mutant, "not covered", "", 0.0)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="covolt-mutant-") as folder:
        source = Path(folder) / "src"
        shutil.copytree(SOURCE.parent, source, ignore=shutil.ignore_patterns("__pycache__"))
        (source / "covolt" / mutant.file).write_text(mutant.applied(), encoding="utf-8")
        one = Trial(ROOT, source, Path(folder), files, order=tests, limit_s=LIMIT_s)
        code, said = one.run(), one.said.read_text(encoding="utf-8")
    seconds = time.monotonic() - begin
    failed = [line[:160] for line in said.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if failed:
        return Tried(mutant, "killed", failed[0], seconds)
    if code < 0:
        return Tried(mutant, "ended", f"by signal {-code}", seconds)
    if code == pytest.ExitCode.OK or STOPPED in said:
        return Tried(mutant, "survived", said.splitlines()[-1], seconds)
    return Tried(mutant, "no trial", said[-400:], seconds)


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
    killed = [one for one in judged if one.outcome in ("killed", "ended")]
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
    """Damaged files that crash a reader, or take it too long or too much memory."""
    # Not above: trials begin with this module, and covolt must come from their own source.
    from fuzz import damaged

    with console.status("damaged files"):
        found = damaged(count, seed)
    rows: list[Row] = [
        {
            "name": "fuzz",
            "measured": float(len(found.problems)),
            "goal": GOAL_FUZZ,
            "unit": "problems",
            "better": "lower",
            "peer": f"seed {seed}: {found.said}",
            "cases": found.tries,
            "details": found.problems,
        }
    ]
    return [*rows, _limit_row(console)] if count >= LIMITS_FROM else rows


def _limit_row(console: Console) -> Row:
    """Inputs at the limit of their size that crash a reader, or cost more than they are larger."""
    from fuzz_limits import growth

    with console.status("inputs at the limit"):
        kinds = growth()
    return {
        "name": "fuzz",
        "measured": float(sum(bool(one["wrong"]) for one in kinds)),
        "goal": GOAL_FUZZ,
        "unit": "kinds that grow worse than linear",
        "better": "lower",
        "peer": "; ".join(
            f"{one['case']} " + ", ".join(f"{at['cpu_s']} s {at['memory_MB']} MB" for at in one["points"])
            for one in kinds
        ),
        "cases": 3 * len(kinds),
        "details": kinds,
    }


def kill_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Kills after which something was not as it should be."""
    from kills import rows

    with console.status("kills"):
        return rows(count, seed)


def race_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Two writers at once that ended otherwise than they should."""
    from races import rows

    with console.status("two writers at once"):
        return rows(count, seed)


def guard_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Attacks that are held by something else than what they are to test."""
    from guards import rows

    with console.status("attacks without their guards"):
        return rows(count, seed)


def mutation_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Edits of a signed programme that are misjudged."""
    from mutations import rows

    with console.status("edits of a signed programme"):
        return rows(count, seed)


def hostile_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Hostile FMUs that crash a reader, write outside, or cost too much."""
    from hostile import rows

    with console.status("hostile FMUs"):
        return rows(count, seed)


def party_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Hosted parties that fail and are not stopped in time, named, and resumed."""
    from parties import rows

    with console.status("parties that fail"):
        return rows(count, seed)


def study_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Studies that are killed and do not end as if they had not been."""
    from studies import rows

    with console.status("studies that are killed"):
        return rows(count, seed)


def workspace_rows(count: int, seed: int, _within: Sequence[str], console: Console) -> list[Row]:
    """Faults of a workspace that is used and loses something, or is not back soon."""
    from workspace_faults import rows

    with console.status("a workspace at fault"):
        return rows(count, seed)


ROWS: dict[str, tuple[Callable[[int, int, Sequence[str], Console], list[Row]], int]] = {
    "mutants": (mutant_rows, 120),
    "fuzz": (fuzz_rows, 2000),
    "kills": (kill_rows, 200),
    "races": (race_rows, 200),
    "guards": (guard_rows, 1000),
    "mutations": (mutation_rows, 1000),
    "hostile": (hostile_rows, 10_000),
    "parties": (party_rows, 100),
    "studies": (study_rows, 50),
    "workspace": (workspace_rows, 200),
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
            asked = f"make harden ONLY={name} COUNT={chosen.count or usual} SEED={chosen.seed}"
            rows += [
                {**row, "command": asked} for row in run(chosen.count or usual, chosen.seed, chosen.within, console)
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
