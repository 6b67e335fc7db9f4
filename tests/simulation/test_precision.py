"""Covolt in a process that is somebody else's: nothing of it is changed, and the numbers are those of covolt's own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.whole

PROGRAM = """
import json, os, sys
import jax, jax.numpy as jnp
before = dict(os.environ)
if sys.argv[1] == "own":
    from covolt.simulation.precision import prepare_process
    prepare_process()
import numpy as np
import covolt
from covolt.simulation.gradient import energy_slope
vehicle = covolt.load_car("city-car")
drive = covolt.steady(10.0, 30.0)
found = []
for executor in sys.argv[2:]:
    trace = covolt.simulate(vehicle, drive, executor=executor)
    found += [trace.executor, trace.values.tolist(), trace.result.plug_energy_J]
    batch = covolt.BatchRunner(executor=executor, threads=1).run([vehicle], [drive])[0][0]
    found += [batch.plug_energy_J, batch.ledger.energy_J("auxiliaries")]
found.append(energy_slope(vehicle, drive, ["body.mass_kg"]).by_parameter)
session = covolt.charge(vehicle, covolt.ChargingMission(covolt.Station(power_max_W=50e3), 0.4, 0.5))
found += [session.time_s, session.plug_energy_J]
said = {
    "numbers": found,
    "default": str(jnp.ones(2).dtype),
    "x64": jax.config.jax_enable_x64,
    "environment": dict(os.environ) == before,
}
print(json.dumps(said))
"""


def driven(whose: str, folder: Path, *executors: str) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if name not in ("JAX_ENABLE_X64", "XLA_FLAGS")}
    environment["COVOLT_CACHE_DIR"] = str(folder)
    command = [sys.executable, "-W", "error", "-c", PROGRAM, whose, *executors]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.splitlines()[-1])


def test_a_process_with_numbers_of_32_bits_stays_one_and_covolt_drives_the_same_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host = driven("host", tmp_path / "host", "native")
    assert (host["default"], host["x64"], host["environment"]) == ("float32", False, True)
    # The process of the tests is set as covolt's own.
    monkeypatch.setattr(sys, "argv", ["", "own", "native"])
    exec(PROGRAM, {})
    own = json.loads(capsys.readouterr().out)
    assert (own["default"], own["x64"]) == ("float64", True)
    assert host["numbers"] == own["numbers"]


@pytest.mark.slow
def test_so_does_xla_but_for_the_rounding_of_its_option(tmp_path: Path) -> None:
    host, own = driven("host", tmp_path / "host", "xla"), driven("own", tmp_path / "own", "xla")
    assert (host["default"], host["x64"], host["environment"]) == ("float32", False, True)
    assert (own["default"], own["x64"], own["environment"]) == ("float64", True, False)
    assert host["numbers"][0] == own["numbers"][0] == "xla"
    assert host["numbers"][2:5] == pytest.approx(own["numbers"][2:5], rel=1e-12)
