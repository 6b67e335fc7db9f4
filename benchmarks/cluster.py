"""Two workers of Dask against the same two processes bare, which judge the same designs; interleaved in one run.

bare      two processes, each given every second chunk at once; nothing between them and their chunks
dask      two workers of one thread, set as the how-to page says, asked by the engine of covolt: connection, version check,
          sending and taking counted
The figure is the ratio of designs for a second of processor time, scheduler and connection counted, which neighbours disturb
least; that of the wall's clock stands beside it. Writes build/bench-cluster.json. Goal: at least 0.9.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from dask import config
from distributed import Client, LocalCluster

ROOT = Path(__file__).resolve().parent.parent
WORKERS, ROUNDS, GOAL = 2, 2, 0.9
CHUNKS, CHUNK = 6, 32
SETTINGS = {
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": "1",
}
"""A worker judges in a thread beside its first, whose arena of memory the C library gives back and takes anew."""
ASKED = ("I-RANGE", "I-ACCELERATION")


def work(pipe: Connection, opening: Any) -> None:
    """A bare process: it judges whatever list of designs comes."""
    from covolt.simulation.precision import prepare_process

    prepare_process()
    judge = opening()
    while (lots := pipe.recv()) is not None:
        begun_s = time.process_time()
        rows = [judge(one) for one in lots]
        pipe.send((rows, time.process_time() - begun_s))


def begun(opening: Any) -> list[Connection]:
    """Ways to bare processes, which end with this one."""
    context = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _ in range(WORKERS)]
    for _, other in ends:
        context.Process(target=work, args=(other, opening), daemon=True).start()
    return [own for own, _ in ends]


def bare_s(pipes: list[Connection], lots: list[np.ndarray]) -> tuple[float, float, list[Any]]:
    """Seconds of the clock and of processors in which bare processes judge, and their rows in order."""
    begun_s = time.perf_counter()
    for at, pipe in enumerate(pipes):
        pipe.send(lots[at :: len(pipes)])
    found = [pipe.recv() for pipe in pipes]
    took_s = time.perf_counter() - begun_s
    rows = [found[at % len(pipes)][0][at // len(pipes)] for at in range(len(lots))]
    return took_s, sum(one for _, one in found), rows


def used_s(client: Client) -> float:
    """Seconds of processors that the workers and this process, where the scheduler is too, have used."""
    return time.process_time() + sum(client.run(time.process_time).values())


def main() -> int:
    """Measure, print, and write."""
    from covolt.programme.reading import read_programme
    from covolt.study.designs.chunks import chunks_of
    from covolt.study.designs.cluster import Dask
    from covolt.study.designs.plan import plan_of
    from covolt.study.designs.running import Opening
    from covolt.study.designs.sampling import sample
    from covolt.study.designs.space import DesignSpace

    seen = read_programme(ROOT / "examples" / "city-car").seen_by(None)
    space = DesignSpace.of(seen)
    count = CHUNKS * CHUNK
    plan = plan_of(seen, space, ROOT / "build" / "study", method="sobol", seed=0, designs=count - 1)
    opening = Opening(seen, ASKED, plan.covolt, plan.source)
    values = sample(space, "sobol", count=count - 1)
    chunks = chunks_of(count, CHUNK)
    lots = [values[one.begin : one.end] for one in chunks]
    pipes = begun(opening)
    bare_s(pipes, lots[:WORKERS])
    clock: dict[str, list[float]] = {"bare": [], "dask": []}
    processors: dict[str, list[float]] = {"bare": [], "dask": []}
    with (
        config.set(SETTINGS),
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as own,
    ):
        engine = Dask(cluster.scheduler_address)
        list(engine.run(opening, values, chunks[: 2 * WORKERS]))
        for _ in range(ROUNDS):
            took_s, cost_s, wanted = bare_s(pipes, lots)
            clock["bare"].append(took_s)
            processors["bare"].append(cost_s)
            before_s, begun_s = used_s(own), time.perf_counter()
            found = dict(engine.run(opening, values, chunks))
            clock["dask"].append(time.perf_counter() - begun_s)
            processors["dask"].append(used_s(own) - before_s)
            for chunk, rows in zip(chunks, wanted, strict=True):
                if found[chunk].found.tobytes() != rows.found.tobytes():
                    raise RuntimeError(f"other rows in chunk {chunk.begin}")
    for pipe in pipes:
        pipe.send(None)
    row = {
        "name": "dask_vs_bare",
        "measured": min(processors["bare"]) / min(processors["dask"]),
        "goal": GOAL,
        "unit": "of the throughput",
        "better": "higher",
        "peer": "two processes that judge, bare",
        "cases": count,
        "processors_s": processors,
        "clock_s": clock,
        "command": "make bench",
    }
    target = ROOT / "build" / "bench-cluster.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([row], indent=1), encoding="utf-8")
    sys.stdout.write(f"{json.dumps(row)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
