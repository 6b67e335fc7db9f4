"""A step of a component in the sandbox's worker against the same step in this process, in turn, in one run.

in process   a first-order lag in Python: one input, one output
sandboxed    the same class in a worker apart from everything: request and answer over a socket, deadline, guards
Writes build/bench-sandboxed.json. Goal: 100 us on top of the step in process.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.exchange.sandbox.conftest import program  # noqa: E402
from tests.exchange.sandbox.lag import Lag  # noqa: E402

from covolt.exchange.sandbox import SandboxedComponent  # noqa: E402

ROUNDS, STEPS, GOAL_us = 41, 400, 100.0


def step_us(component: Any, steps: int) -> float:
    """Microseconds of one step."""
    component.start({"time_constant": 0.7}, np.ones(1))
    inputs = np.ones(1)
    begun_s = time.perf_counter()
    for at in range(steps):
        component.step(float(at), 1.0, inputs)
    return (time.perf_counter() - begun_s) / steps * 1e6


def main(steps: int = STEPS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure, print, and write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = Path(sys.modules[Lag.__module__].__file__ or "").read_text(encoding="utf-8")
        (folder / "lag.py").write_text(source, encoding="utf-8")
        apart, inside = SandboxedComponent(program(folder)), Lag()
        try:
            for one in (apart, inside):
                one.wire(["u"], ["y"])
                step_us(one, steps)
            rows = [(step_us(inside, steps), step_us(apart, steps)) for _ in range(rounds)]
        finally:
            apart.close()
    on_top = sorted(sandboxed - own for own, sandboxed in rows)
    found = {
        "in_process_us": statistics.median(own for own, _ in rows),
        "sandboxed_us": statistics.median(sandboxed for _, sandboxed in rows),
        "on_top_us": statistics.median(on_top),
        "on_top_of_rounds_us": on_top,
        "goal_us": GOAL_us,
    }
    print(
        f"sandboxed step {found['sandboxed_us']:.0f} us, in process {found['in_process_us']:.1f} us, "
        f"on top {found['on_top_us']:.0f} us (goal {GOAL_us:.0f}); of {rounds} rounds {on_top[0]:.0f} to {on_top[-1]:.0f} us"
    )
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "bench-sandboxed.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
