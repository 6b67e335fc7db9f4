"""Speed, each figure against the peer timed in the same run; prints a table and writes build/bench.json.

Times are the least of several repetitions, processor time where cores are compared, wall time where a person waits.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
from rich.console import Console
from rich.table import Table

from covolt.library.build import car
from covolt.library.cars import figures
from covolt.simulation import cycles
from covolt.simulation.core import compiled_drive, pack, pack_setting
from covolt.simulation.gradient import compiled_slope, parameter_names
from covolt.simulation.mission import ZERO_CELSIUS_K, Conditions, Mission, follow
from covolt.simulation.precision import prepare_process
from covolt.simulation.run import BatchRunner, TracedRunner, profile_of, setting_of
from covolt.vehicle.assembly import Vehicle

ROOT = Path(__file__).resolve().parent.parent
PEER_PYTHON = ROOT / "build" / "bench-venv" / "bin" / "python"
PEER = "FASTSim 3.1.0"
CAR = "leaf-40"
DESIGN = (
    "body.mass_kg",
    "body.constant_N",
    "body.quadratic_N_s2_per_m2",
    "axles[0].gearbox.ratio",
    "axles[0].gearbox.mesh_efficiency",
    "axles[0].drive_unit.constant_W",
    "axles[0].drive_unit.torque_squared_W_per_Nm2",
    "battery.resistance_ratio",
    "battery.parallel_count",
    "auxiliary.moving_load_W",
)
BATCH = 8192
LARGE_BATCH = 100_000


def least(call: Callable[[], Any], repetitions: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Least time of a call over some repetitions, after one that is not counted."""
    jax.block_until_ready(call())
    times: list[float] = []
    for _ in range(repetitions):
        begin = clock()
        jax.block_until_ready(call())
        times.append(clock() - begin)
    return min(times)


def designs(vehicle: Vehicle, count: int, dtype: Any = np.float64) -> tuple[np.ndarray, Any, Any]:
    """Many cars of one structure: every parameter of `DESIGN` varied by up to 15 %."""
    vector, tables, structure = pack(vehicle)
    names = parameter_names(vehicle)
    generator = np.random.default_rng(1)
    matrix = np.repeat(vector[:, None], count, axis=1)
    for name in DESIGN:
        row = names.index(name)
        low, high = (0.97, 1.0) if name.endswith("efficiency") else (0.85, 1.15)
        matrix[row] *= generator.uniform(low, high, count)
    return matrix.astype(dtype), tables, structure


def batch_rows(vehicle: Vehicle, mission: Mission, peer: dict[str, float]) -> list[dict[str, Any]]:
    """Throughput of the full vehicle: UDDS in float64 against the peer, and the figures beside it."""
    per_second = 1.0 / peer["run_s_processor"]
    matrix, tables, structure = designs(vehicle, BATCH)
    one = BatchRunner(threads=1)
    ours = BATCH / least(lambda: one.run_packed(matrix, tables, structure, mission), 3, time.process_time)
    out = [
        row("batch_vs_fastsim", ours / per_second, 500.0, "times", "higher", BATCH),
        row("batch_udds_float64", ours, None, "drives per CPU-second", "higher", BATCH),
        row("fastsim_udds", per_second, None, "drives per CPU-second", "higher", 15),
    ]
    small = designs(vehicle, BATCH, np.float32)[0]
    rate = BATCH / least(lambda: one.run_packed(small, tables, structure, mission), 3, time.process_time)
    out.append(row("batch_udds_float32", rate, None, "drives per CPU-second", "higher", BATCH))
    wltc = follow(cycles.standard("wltc-3b"), mission.conditions)
    rate = BATCH / least(lambda: one.run_packed(matrix, tables, structure, wltc), 2, time.process_time)
    out.append(row("batch_wltc_float64", rate, None, "drives per CPU-second", "higher", BATCH))
    every = BatchRunner()
    rate = BATCH / least(lambda: every.run_packed(matrix, tables, structure, mission), 3)
    out.append(row("batch_udds_all_cores", rate, None, f"drives per second, {os.cpu_count()} cores", "higher", BATCH))
    return out + peak_rows(ours, vehicle, mission)


def peak_rows(drives_per_second: float, vehicle: Vehicle, mission: Mission) -> list[dict[str, Any]]:
    """Fraction of the machine's measured multiply-add peak that the batch reaches."""
    try:
        from fma_peak import operations_per_step, peak_operations_per_second
    except ImportError:
        return []
    operations = operations_per_step(vehicle, mission) * mission.count
    share = drives_per_second * operations / peak_operations_per_second()
    return [row("batch_fraction_of_fma_peak", 100.0 * share, None, "%", "higher", BATCH)]


def single_row(vehicle: Vehicle, mission: Mission, peer: dict[str, float]) -> dict[str, Any]:
    """One drive in process with every signal of every step kept, as the runner returns it."""
    runner = TracedRunner()
    ours = least(lambda: runner.run(vehicle, mission).values, 15)
    return row("single_vs_fastsim", peer["traced_run_s"] / ours, 50.0, "times", "higher", 15)


def gradient_row(vehicle: Vehicle, mission: Mission) -> dict[str, Any]:
    """Energy with its gradient by ten parameters, over one forward run of the same drive."""
    vector, tables, structure = pack(vehicle)
    columns, rows = profile_of(mission)
    setting = pack_setting(setting_of(mission))
    names = parameter_names(vehicle)
    indices = tuple(names.index(name) for name in DESIGN)
    forward = compiled_drive(structure, columns, traced=False)
    slope = compiled_slope(structure, columns, indices, mission.count)
    short = rows[: mission.count]
    # The denominator is the quickest way that there is to drive once for this energy.
    forward_s = min(
        least(lambda: forward(vector, tables, setting, rows, mission.count), 30),
        least(lambda: slope.energy_J(vector, tables, setting, short), 30),
    )
    slope_s = least(lambda: slope(vector[list(indices)], vector, tables, setting, short), 30)
    return row(
        "gradient_vs_forward", slope_s / forward_s, 5.0, "times", "lower", len(DESIGN), peer="covolt, one forward run"
    )


def command_row() -> dict[str, Any]:
    """Whole process of the second `covolt drive` against import, load and run of the peer."""
    ours = [str(ROOT / ".venv" / "bin" / "covolt"), "drive", CAR, "--cycle", "udds"]
    program = (
        "import fastsim as f; v = f.Vehicle.from_resource('2020 Chevrolet Bolt EV thrml.yaml'); "
        "d = f.SimDrive(v, f.Cycle.from_resource('udds.csv')); d.run(); print(d.to_dict()['veh']['state'])"
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    commands = (ours, [str(PEER_PYTHON), "-c", program])
    times: tuple[list[float], list[float]] = ([], [])
    for repetition in range(6):
        for command, found in zip(commands, times, strict=True):
            begin = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=environment)
            if repetition > 0:
                found.append(time.perf_counter() - begin)
    return row("cli_vs_fastsim", min(times[0]) / min(times[1]), 1.5, "times", "lower", 5)


def memory_row() -> dict[str, Any]:
    """Largest resident memory of a process that drives 100,000 cars over UDDS."""
    done = subprocess.run(
        [sys.executable, __file__, "--large-batch"], check=True, capture_output=True, text=True, env=dict(os.environ)
    )
    return row("batch_memory", float(done.stdout.split()[-1]), 4.0, "GB", "lower", LARGE_BATCH, peer="")


def large_batch() -> None:
    """Drive the large batch and print the largest resident memory in GB."""
    vehicle, mission = subject()
    matrix, tables, structure = designs(vehicle, LARGE_BATCH)
    BatchRunner().run_packed(matrix, tables, structure, mission)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9)


def subject() -> tuple[Vehicle, Mission]:
    """The full default vehicle with every comfort running, on a cold day, so that no part of the model stands still."""
    conditions = Conditions(ambient_temperature_K=ZERO_CELSIUS_K, comforts_on=True)
    return car(figures(CAR)), follow(cycles.standard("udds"), conditions)


def row(
    name: str, measured: float, goal: float | None, unit: str, better: str, cases: int, *, peer: str = PEER
) -> dict[str, Any]:
    """One line of the table."""
    return {
        "name": name,
        "measured": measured,
        "goal": goal,
        "unit": unit,
        "better": better,
        "peer": peer,
        "cases": cases,
        "command": "make bench",
    }


def main() -> int:
    """Run every benchmark; the exit code says whether all could be run, not whether goals are reached."""
    prepare_process()
    console = Console()
    if not PEER_PYTHON.exists():
        console.print(f"the peer is not installed at {PEER_PYTHON.relative_to(ROOT)}: run `make bench`")
        return 2
    found = subprocess.run(
        [str(PEER_PYTHON), str(ROOT / "benchmarks" / "fastsim_peer.py")], check=True, capture_output=True, text=True
    )
    peer: dict[str, float] = json.loads(found.stdout.splitlines()[-1])
    vehicle, mission = subject()
    rows = batch_rows(vehicle, mission, peer)
    rows.append(single_row(vehicle, mission, peer))
    rows.append(command_row())
    rows.append(gradient_row(vehicle, mission))
    rows.append(memory_row())
    from coupling import coupling_rows

    rows.extend(coupling_rows(row))
    from studies import study_rows

    rows.extend(study_rows(row))
    table = Table("figure", "measured", "goal", "unit", "", title="Speed", title_justify="left")
    for entry in rows:
        goal = entry["goal"]
        good = "" if goal is None else "met" if (entry["measured"] <= goal) == (entry["better"] == "lower") else "short"
        sign = "" if goal is None else ("≤ " if entry["better"] == "lower" else "≥ ") + f"{goal:g}"
        table.add_row(
            entry["name"],
            f"{entry['measured']:.3g}" if entry["measured"] < 1e3 else f"{entry['measured']:,.0f}",
            sign,
            entry["unit"],
            good,
        )
    console.print(table)
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as file:
        json.dump(rows, file, indent=1)
    Path(file.name).replace(target)
    console.print(f"written: {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    if "--large-batch" in sys.argv:
        large_batch()
    else:
        sys.exit(main())
