"""What studies and verification cost beside the bare batch of the same steps, timed in the same run.

The bare batch drives vehicles of the same structure and keeps no signal. Times are processor time, of all processes, but for
those of verification in seconds, for which a person waits.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from covolt.errors import CovoltError
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.simulation.cycles import standard
from covolt.simulation.many import ManyRunner
from covolt.simulation.mission import Conditions, Mission, follow, full_throttle
from covolt.simulation.packed import packed
from covolt.simulation.precision import prepare_process
from covolt.simulation.run import BatchRunner
from covolt.study.designs.bulk import drive_designs
from covolt.study.designs.evaluation import Evaluation
from covolt.study.designs.space import DesignSpace
from covolt.study.procedures.asking import Answer, Ask, ChargingAsk
from covolt.study.procedures.driving import Batched
from covolt.study.verdicts import moved, verification
from covolt.study.verdicts.bench import Setting
from covolt.study.verdicts.joined import subject_of
from covolt.study.verdicts.records import MemoryRecords
from covolt.vehicle.assembly import Vehicle

ROOT = Path(__file__).resolve().parent.parent
DESIGNS = 64
BULK = 16384
BARE = 512
"""Vehicles of the bare batch."""
PEER = "covolt, the bare batch of the same steps"


class Counting:
    """Answers as `Batched` does, and counts the steps that are asked for."""

    def __init__(self, runner: ManyRunner) -> None:
        self._answer = Batched(runner)
        self.steps = 0

    def __call__(self, asks: Sequence[Ask | ChargingAsk]) -> Sequence[Answer | CovoltError]:
        """One answer to each."""
        self.steps += sum(one.mission.count for one in asks if isinstance(one, Ask))
        return self._answer(asks)


def missions() -> tuple[Mission, ...]:
    """UDDS, WLTC and 0 to 100 km/h."""
    cycles = (follow(standard(name), Conditions()) for name in ("udds", "wltc-3b"))
    return (*cycles, full_throttle(20.0))


def bare_step_s(vehicle: Vehicle) -> float:
    """Processor time of one step of one vehicle in the bare batch, the least of several."""
    car, runner, mission = packed(vehicle), BatchRunner(threads=1), missions()[1]
    matrix = np.repeat(car.vector_si[:, None], BARE, axis=1)
    times: list[float] = []
    for _ in range(4):
        begin = time.process_time()
        runner.run_packed(matrix, car.tables, car.structure, mission)
        times.append(time.process_time() - begin)
    return min(times[1:]) / (BARE * mission.count)


def values_of(space: DesignSpace, count: int) -> np.ndarray:
    """Designs all over a space."""
    fractions = np.random.default_rng(1).random((count, len(space.variables)))
    return space.nearest(np.stack([one.at(fractions[:, at]) for at, one in enumerate(space.variables)], axis=1))


def design_rows(row: Callable[..., dict[str, Any]], programme: Programme, step_s: float) -> list[dict[str, Any]]:
    """Designs by every requirement, and by three drives alone."""
    space = DesignSpace.of(programme)
    counting = Counting(ManyRunner(1))
    evaluation = Evaluation(programme, space, answer=counting)
    evaluation.evaluate(values_of(space, 2))
    counting.steps, begin = 0, time.process_time()
    evaluation.evaluate(values_of(space, DESIGNS))
    whole = (time.process_time() - begin) / (counting.steps * step_s)
    setting = Setting.of(programme)

    def bulk(count: int) -> float:
        """Seconds from the numbers of designs to the sums of their drives."""
        values = values_of(space, count)
        begin = time.process_time()
        for _ in drive_designs(space, setting, values, missions(), threads=1):
            pass
        return time.process_time() - begin

    bulk(BARE)
    three = bulk(BULK) / (BULK * sum(one.count for one in missions()) * step_s)
    return [
        row("study_vs_batch", whole, 1.25, "times", "lower", DESIGNS, peer=PEER),
        row("study_of_three_drives_vs_batch", three, 1.1, "times", "lower", BULK, peer=PEER),
    ]


def beside_s() -> float:
    """Processor time of the processes that this one has begun and that live; none where the system does not tell of them."""
    ticks = 0
    for one in Path("/proc/self/task").glob("*/children"):
        for number in one.read_text(encoding="utf-8").split():
            words = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def verify_rows(row: Callable[..., dict[str, Any]], programme: Programme, step_s: float) -> list[dict[str, Any]]:
    """`covolt verify` in a process that has done it before: nominal values alone, then the whole with every ±.

    Steps are counted in a run of their own: covolt does not let other processes work for one whose code was changed in place.
    """
    counted: list[Counting] = []

    def counting(runner: ManyRunner) -> Counting:
        counted.append(Counting(runner))
        return counted[-1]

    with patch.object(moved, "Batched", counting):
        verification.verify(programme, MemoryRecords())
    for _ in range(3):  # of two cores the second begins a process, in the third it warms up
        verification.verify(programme, MemoryRecords())
    begin = time.perf_counter()
    verification.verify(programme, MemoryRecords(), surely=False)
    nominal_s = time.perf_counter() - begin
    begin, wall = time.process_time() + beside_s(), time.perf_counter()
    verification.verify(programme, MemoryRecords())
    whole_s, waited_s = time.process_time() + beside_s() - begin, time.perf_counter() - wall
    bare_s = sum(one.steps for one in counted) * step_s
    return [
        row("verify_nominal", nominal_s, 0.5, "s", "lower", len(programme.requirements), peer=""),
        row("verify_whole", waited_s, 3.0, "s", "lower", len(programme.requirements), peer=""),
        row("verify_vs_batch", (whole_s - 0.3) / bare_s, 1.5, "times", "lower", len(programme.requirements), peer=PEER),
    ]


def study_rows(row: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    """All of it, on the shipped city car."""
    programme = read_programme(ROOT / "examples" / "city-car").seen_by(None)
    frame, terms = Setting.of(programme)
    space = DesignSpace.of(programme)
    step_s = bare_step_s(subject_of(space.sheets(space.at_locked), frame, "vehicle", terms=terms).vehicle)
    bare = row("bare_step", step_s * 1e9, None, "ns a vehicle and step", "lower", BARE, peer="")
    return [bare, *design_rows(row, programme, step_s), *verify_rows(row, programme, step_s)]


def main() -> int:
    """These rows alone."""
    prepare_process()
    for found in study_rows(lambda name, measured, goal, *_, **__: {"name": name, "measured": measured, "goal": goal}):
        print(f"{found['name']:32} {found['measured']:10.3g}   goal {found['goal']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
