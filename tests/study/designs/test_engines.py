"""Engines give the same rows, and a design that ends its process is set apart while the others are judged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from covolt.errors import InputError, Unavailable
from covolt.programme.documents import Programme
from covolt.study.cases.study import run
from covolt.study.designs.chunks import chunks_of
from covolt.study.designs.engine import Engine, Inline
from covolt.study.designs.evaluation import Rows
from covolt.study.designs.pool import Pool
from covolt.study.designs.study_table import parquet_of
from tests.study.conftest import CITY_CAR
from tests.study.designs.judging import FAULT, POISON, REFUSED, Quick

pytestmark = pytest.mark.whole  # each starts processes


def rows_of(engine: Engine, values: list[float], chunk: int = 4) -> Rows:
    column = np.array(values, dtype=np.float64)[:, None]
    done = {one.begin: rows for one, rows in engine.run(Quick(), column, chunks_of(len(values), chunk))}
    assert list(sorted(done)) == list(range(0, len(values), chunk))
    return Rows.together([done[one] for one in sorted(done)])


def test_a_pool_gives_the_rows_of_one_process() -> None:
    values = [float(one) / 3.0 for one in range(20)]
    inline, pooled = (rows_of(engine, values) for engine in (Inline(), Pool(2)))
    for name in ("values", "found", "margins", "verdicts"):
        assert np.array_equal(getattr(inline, name), getattr(pooled, name))
    assert inline.outcomes == pooled.outcomes


def test_a_design_that_ends_its_process_is_named_and_the_others_are_judged() -> None:
    values = [float(one) for one in range(12)]
    values[8], values[9] = 20.0, 21.0
    found = rows_of(Pool(2), values)
    lost = [at for at, said in enumerate(found.outcomes) if said]
    assert lost == [values.index(POISON)] and "SIGKILL" in found.outcomes[lost[0]]
    assert found.verdicts[lost[0], 0] == "not verified" and np.isnan(found.margins[lost[0], 0])
    others = [at for at in range(12) if at not in lost]
    assert np.array_equal(found.found[others, 0], np.array(values)[others])


def test_a_bug_and_a_refusal_of_a_process_are_raised_here() -> None:
    with pytest.raises(RuntimeError, match="a bug of ours"):
        rows_of(Pool(1), [FAULT])
    with pytest.raises(InputError, match="refused"):
        rows_of(Pool(1), [REFUSED])


def test_processes_that_never_begin_are_told_and_no_design_is_blamed() -> None:
    with pytest.raises(Unavailable, match=r"before they were ready: exit code 3"):
        list(Pool(1).run(Quick(stillborn=True), np.zeros((2, 1)), chunks_of(2, 1)))


RUN = """
import sys
from pathlib import Path
from covolt.study.cases.study import resume, run

if __name__ == "__main__":
    programme, folder, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if how == "run":
        run(programme, folder, designs=11, only=("I-MASS", "PARTS-PRICE"), chunk=2, workers=2)
    else:
        resume(folder, workers=2)
"""


def test_a_killed_study_goes_on_to_the_same_table(programme: Programme, tmp_path: Path) -> None:
    script, cut, whole = tmp_path / "script.py", tmp_path / "cut", tmp_path / "whole"
    script.write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(script), str(CITY_CAR), str(cut)]
    killed = subprocess.Popen([*command, "run"])
    deadline = time.monotonic() + 120.0
    while not list(cut.glob("designs-*.parquet")) and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    there = {one.name: one.read_bytes() for one in cut.glob("designs-*.parquet")}
    assert there
    subprocess.run([*command, "resume"], check=True, timeout=300.0)
    assert all((cut / name).read_bytes() == content for name, content in there.items())
    run(programme, whole, designs=11, only=("I-MASS", "PARTS-PRICE"), chunk=2)
    assert parquet_of(cut).equals(parquet_of(whole)) and parquet_of(cut).num_rows == 12
