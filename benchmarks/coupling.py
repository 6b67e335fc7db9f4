"""What a macro step of three FMUs in one process costs: covolt's master against libcosim in the same run."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STEPS = 20_000
STEP_S = 1e-3
SIZES = {
    "electric": (-50.0, [1000.0, -100.0], [0.1, 1.0]),
    "mechanical": (-0.5, [500.0], [1.0]),
    "thermal": (-0.1, [0.01], [1.0]),
}
JOINED = ((("electric", 0), ("mechanical", 0)), (("mechanical", 0), ("electric", 1)), (("electric", 1), ("thermal", 0)))
"""Output of a part, input of a part."""


def by_libcosim(fmus: dict[str, Path]) -> float:
    """Seconds a macro step, without observers."""
    from libcosimpy.CosimExecution import CosimExecution
    from libcosimpy.CosimLogging import CosimLogLevel, log_output_level
    from libcosimpy.CosimSlave import CosimLocalSlave

    log_output_level(CosimLogLevel.ERROR)
    engine = CosimExecution.from_step_size(round(STEP_S * 1e9))
    slaves = {name: engine.add_local_slave(CosimLocalSlave(str(path), name)) for name, path in fmus.items()}
    engine.real_initial_value(slaves["electric"], 0, 12.0)
    for (giving, output), (taking, given) in JOINED:
        engine.connect_real_variables(slaves[giving], 100 + output, slaves[taking], given)
    engine.step(100)
    begin = time.perf_counter()
    engine.step(STEPS)
    return (time.perf_counter() - begin) / STEPS


def by_covolt(fmus: dict[str, Path], folder: Path, *, offered: bool) -> float:
    """Seconds a macro step, with every value of every step kept and guarded."""
    from covolt.exchange.fmu import open_in_worker, unpacked
    from covolt.exchange.master import Connection, Method, Part, Port, System, join, run, running

    components: dict[str, Any] = {}
    for name, path in fmus.items():
        target = folder / f"{name}-{len(list(folder.iterdir()))}"
        unpacked(path, target)
        components[name] = open_in_worker(target, {})
    connections = tuple(Connection(Port(a, f"y{i}"), Port(b, f"u{j}")) for (a, i), (b, j) in JOINED)
    system = System("three", tuple(Part(name) for name in fmus), connections, inputs={Port("electric", "u0"): 12.0})
    joined = join(system, components)
    worth, running.WORTH_STEPS = running.WORTH_STEPS, 200 if offered else STEPS * 2
    try:
        run(joined, 300 * STEP_S, Method(STEP_S))
        begin = time.perf_counter()
        run(joined, STEPS * STEP_S, Method(STEP_S))
        return (time.perf_counter() - begin) / STEPS
    finally:
        running.WORTH_STEPS = worth
        joined.close()


def coupling_rows(row: Callable[..., dict[str, Any]]) -> list[dict[str, Any]]:
    """Least of five repetitions each, one after another."""
    sys.path.insert(0, str(ROOT))
    from tests.exchange.master.linear_fmu import linear_fmu

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fmus = {name: linear_fmu(folder, name, *size) for name, size in SIZES.items()}
        times: dict[str, list[float]] = {"libcosim": [], "machine code": [], "asked": []}
        for _ in range(5):
            times["libcosim"].append(by_libcosim(fmus))
            times["machine code"].append(by_covolt(fmus, folder, offered=True))
            times["asked"].append(by_covolt(fmus, folder, offered=False))
    least = {name: min(found) for name, found in times.items()}
    peer = "libcosim, the same FMUs"
    return [
        row("master_vs_libcosim", least["machine code"] / least["libcosim"], 1.2, "times", "lower", STEPS, peer=peer),
        row("master_asked_vs_libcosim", least["asked"] / least["libcosim"], None, "times", "lower", STEPS, peer=peer),
        row("libcosim_step", 1e6 * least["libcosim"], None, "us a macro step", "lower", STEPS, peer=peer),
    ]


if __name__ == "__main__":
    for found in coupling_rows(lambda name, measured, *_, **__: {"name": name, "measured": measured}):
        print(found)
