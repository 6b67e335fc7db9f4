"""Other processes measure vehicles with a number moved: the same to the bit with any number of them, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path

import pytest

from covolt.errors import Cancelled, InputError
from covolt.programme.reading import read_programme
from covolt.study import processes
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.bench import Bench, Setting, Task
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.variation import World, variations
from tests.house.source import ROOT

pytestmark = [
    pytest.mark.whole,  # each starts processes
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are told by Linux"),
]

LONGEST_s = 120.0
LOADS_kg = (0.0, 50.0, 100.0, 150.0)


def children() -> set[int]:
    """Processes of covolt's that this one has begun and that live."""
    found: set[int] = set()
    for one in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread, or a process, that has just ended
            for number in (one / "children").read_text().split():
                if b"covolt.study.processes" in Path(f"/proc/{number}/cmdline").read_bytes():
                    found.add(int(number))
    return found


@pytest.fixture(autouse=True)
def none_left(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    monkeypatch.setenv(processes.VARIABLE, "2")
    processes.end_all()
    yield
    processes.end_all()
    assert not children()


def asked() -> tuple[Setting, list[Task]]:
    """A whole record, and lots under several loads: numbers moved up and down, and one that no vehicle can be joined of."""
    read = read_programme(ROOT / "examples" / "city-car").whole
    sheets = locked_sheets(read)
    sides = [side for one in variations(sheets)[:2] for side in (one.up, one.down)]
    sides.append(World({slot: one for slot, one in sheets.items() if slot != "battery"}))
    slope = procedures()["gradeability"]
    moved = [Task(slope, Given(payload_kg=one), side, whole=False) for one in LOADS_kg for side in sides]
    return Setting.of(read), [Task(slope, Given(), World(sheets)), *moved]


class Told:
    """Hears of progress, and lets a whole record wait until others have done so many of the moved ones."""

    def __init__(self, wanted: int, then: Callable[[], bool] = lambda: False) -> None:
        self._wanted, self._then = wanted, then
        self._there = threading.Event()
        self.count = 0

    def progress(self, done: int, of: int) -> None:
        del of
        self.count = max(self.count, done)
        if done >= self._wanted:
            self._there.set()

    def cancelled(self) -> bool:
        # Only this process asks it.
        assert self._there.wait(LONGEST_s)
        return self._then()


def records(setting: Setting, tasks: list[Task], workers: int, told: Told | None = None) -> list[str]:
    bench = Bench(setting, store := MemoryRecords())
    if told is None:
        bench.do_all(tasks, 1, workers=workers)
    else:
        bench.do_all(tasks, 1, told.progress, told.cancelled, workers=workers)
    assert store.computed == len(tasks)
    return [repr(bench.measures(one.procedure, one.given, one.world)) for one in tasks[1:]]


def test_records_are_the_same_to_the_bit_whoever_makes_them() -> None:
    setting, tasks = asked()
    alone = records(setting, tasks, 0)
    assert not children()
    refused = alone[4::5]
    assert len(set(refused)) == 1 and "speed" not in refused[0] and all("speed" in one for one in alone[:4])
    for workers in (1, 2):
        # The whole record waits until the others have made all that is moved.
        assert records(setting, tasks, workers, Told(len(tasks) - 1)) == alone
        assert len(children()) == workers
    # Those that are kept serve again, with vehicles of another programme too.
    kept = children()
    other = setting._replace(frame=setting.frame.model_copy(update={"speed_limit": "120 km/h"}))
    assert records(other, tasks, 2, Told(len(tasks) - 1)) == records(other, tasks, 0)
    assert children() == kept


def test_what_a_killed_process_had_is_made_here() -> None:
    setting, tasks = asked()
    killed: list[int] = []

    def kill() -> bool:
        if not killed:
            killed.extend(children())
            for one in killed:
                os.kill(one, signal.SIGKILL)
        return False

    found = records(setting, tasks, 1, Told(1, kill))
    assert len(killed) == 1 and found == records(setting, tasks, 0)


def test_who_cancels_leaves_no_process_at_work() -> None:
    setting, tasks = asked()
    bench, told = Bench(setting, store := MemoryRecords()), Told(1, lambda: True)
    with pytest.raises(Cancelled):
        bench.do_all(tasks, 1, told.progress, told.cancelled, workers=1)
    assert 1 <= store.computed < len(tasks)
    (kept,) = children()
    before = used_s(kept)
    time.sleep(0.5)
    assert used_s(kept) == before
    # It is kept, and what it was stopped in is made anew.
    assert records(setting, tasks, 1, Told(len(tasks) - 1)) == records(setting, tasks, 0)
    assert children() == {kept}


def used_s(number: int) -> float:
    """Processor time of a process."""
    words = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


ENDING = """
import os, sys
from covolt.study.processes import taken
print(taken(1)[0]._process.pid, flush=True)
{how}
"""


@pytest.mark.parametrize("how", ["os._exit(0)", "os.kill(os.getpid(), 9)", "sys.exit()"])
def test_a_process_ends_with_the_one_that_began_it(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDING.format(how=how)], stdout=subprocess.PIPE, text=True, check=False
    )
    place, end_s = Path(f"/proc/{int(done.stdout)}"), time.monotonic() + LONGEST_s
    while place.exists() and "Z" not in (place / "stat").read_text().split():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def test_the_script_of_who_uses_covolt_runs_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import pickle\nfrom covolt.study.processes import taken\nprint('once')\n"
        "one = taken(1)[0]\none.open(pickle.dumps(print))\nprint(one.heard())\n",
        encoding="utf-8",
    )
    # A folder that looks like covolt where it stands is not read.
    (tmp_path / "numpy.py").write_text("raise SystemExit(9)", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", str(script)], cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.split() == ["once", "ready"]


def test_a_wrong_number_of_processes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(processes.VARIABLE, "many")
    with pytest.raises(InputError, match="'many' is no number of processes"):
        processes.stated_workers()
