"""Damaged input files: a reader answers or refuses with what, where and a hint, soon and in little memory."""

from __future__ import annotations

import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz_edits import harmed, parses
from fuzz_readers import readers

from covolt.errors import CovoltError

MOST_CPU_s, MOST_MEMORY_MB = 2.0, 300.0
GIVEN_UP_s = 30
PER_CHILD = 500
MOST_SPACE_bytes = 8 << 30


class _TooLongError(BaseException):
    """Raised by the clock; no reader takes it for the failure of a library."""


@dataclass
class Found:
    """What came of damaged files: problems, and the worst that was measured."""

    tries: int = 0
    parsed: Counter[str] = field(default_factory=Counter[str])
    tried: Counter[str] = field(default_factory=Counter[str])
    accepted: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[float, str] = (0.0, "")

    def add(self, other: Found) -> None:
        """Take in what another batch found."""
        self.tries += other.tries
        self.accepted += other.accepted
        self.parsed.update(other.parsed)
        self.tried.update(other.tried)
        self.problems += other.problems
        self.slowest, self.largest = max(self.slowest, other.slowest), max(self.largest, other.largest)

    @property
    def said(self) -> str:
        """The shares and the worst, for people."""
        share = sum(self.parsed.values()) / max(1, self.tries)
        least = min(self.tried, key=lambda one: self.parsed[one] / self.tried[one], default="")
        return (
            f"{len(self.tried)} readers, all from valid files; {share:.0%} get past the parser"
            f" (least: {least} {self.parsed[least] / max(1, self.tried[least]):.0%}), {self.accepted} are accepted;"
            f" worst {self.slowest[0]:.2f} CPU s ({self.slowest[1]}),"
            f" {self.largest[0]:.0f} MB above idle ({self.largest[1]})"
        )


def peak_MB() -> float:
    """Greatest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def crash_of(call: Callable[[], object]) -> tuple[bool, str]:
    """Whether the call answers, and what is wrong with how it ended."""
    try:
        call()
    except CovoltError as error:
        worded = all(problem.what and problem.hint for problem in error.problems)
        return False, "" if worded else "a refusal without a word or a hint"
    except _TooLongError:
        return False, f"no end after {GIVEN_UP_s} CPU s"
    except Exception:
        return False, traceback.format_exc()[-600:]
    return True, ""


def _clock(*_: object) -> None:
    raise _TooLongError


def batch(first: int, count: int, seed: int) -> Found:
    """Some inputs by number, each measured, in this process."""
    found = Found()
    signal.signal(signal.SIGVTALRM, _clock)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_SPACE_bytes, MOST_SPACE_bytes))
    with tempfile.TemporaryDirectory(prefix="covolt-fuzz-") as folder:
        every = readers(Path(folder))
        for one in every.values():
            crash_of(lambda one=one: one.read(one.seeds[0]))
        idle_MB = peak_MB()
        for number in range(first, first + count):
            dice = random.Random(f"{seed}/{number}")
            kind = dice.choice(sorted(every))
            reader = every[kind]
            raw = harmed(dice.choice(reader.seeds), reader.ending, dice)
            # The parser of the test takes memory too, and would else be counted with what comes after.
            parsed, before_MB, began_s = parses(raw, reader.ending), peak_MB(), time.process_time()
            signal.setitimer(signal.ITIMER_VIRTUAL, GIVEN_UP_s)
            answered, said = crash_of(lambda reader=reader, raw=raw: reader.read(raw))
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            case, taken_s = f"{number} {kind}", time.process_time() - began_s
            above_MB = peak_MB() - idle_MB if peak_MB() > before_MB else 0.0
            if not said and taken_s > MOST_CPU_s:
                said = f"{taken_s:.1f} CPU s"
            if not said and above_MB > MOST_MEMORY_MB:
                said = f"{above_MB:.0f} MB above idle"
            if said:
                shown = raw[:300].decode("utf-8", "replace")
                found.problems.append({"case": case, "said": said, "bytes": len(raw), "input": shown})
            found.tries, found.accepted = found.tries + 1, found.accepted + answered
            found.tried[kind] += 1
            found.parsed[kind] += parsed
            found.slowest = max(found.slowest, (taken_s, case))
            found.largest = max(found.largest, (above_MB, case))
    return found


def in_child(*arguments: str) -> tuple[dict[str, Any] | None, str]:
    """What this file prints with these arguments in a process of its own; or how that ended."""
    ended = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if ended.returncode:
        return None, f"the process ended with {ended.returncode}: {ended.stderr[-600:]}"
    return json.loads(ended.stdout.splitlines()[-1]), ""


def damaged(count: int, seed: int) -> Found:
    """So many damaged files, in processes that are measured; each is made anew by its number and the seed."""
    every = Found()
    for first in range(0, count, PER_CHILD):
        size = min(PER_CHILD, count - first)
        told, ended = in_child("batch", str(first), str(size), str(seed))
        if told is None:
            every.problems.append({"case": f"{first} to {first + size - 1}", "said": ended})
            continue
        for key in ("parsed", "tried"):
            told[key] = Counter(told[key])
        for key in ("slowest", "largest"):
            told[key] = tuple(told[key])
        every.add(Found(**told))
    return every


if __name__ == "__main__":
    if sys.argv[1] == "batch":
        sys.stdout.write(json.dumps(vars(batch(*map(int, sys.argv[2:5])))))
    else:
        from fuzz_limits import measured

        sys.stdout.write(json.dumps(measured(sys.argv[2], int(sys.argv[3]))))
