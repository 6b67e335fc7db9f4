"""The option that makes single drives fast is one that the locked jaxlib knows, and it changes no result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from covolt.simulation.precision import SMALL_LOOPS

pytestmark = pytest.mark.slow
"""Answers what a new jaxlib asks, not what a change of ours does."""

ROOT = Path(__file__).resolve().parents[2]
PROGRAMME = """
import json, sys
import jax, numpy as np
from covolt.simulation.core import compiled_drive, pack, pack_setting
from covolt.simulation.run import profile_of, setting_of
from tests.sample import compact, mission
vector, tables, structure = pack(compact())
drive = mission()
columns, rows = profile_of(drive)
arguments = (vector, tables, pack_setting(setting_of(drive)), rows, drive.count)
compiled = compiled_drive(structure, columns, traced=False).lower(*arguments).compile()
last, tally, _ = compiled(*arguments)
numbers = [float(leaf) for leaf in jax.tree.leaves((last, tally))]
print(json.dumps({"numbers": numbers, "fused": "xla_cpu_small_call" in compiled.as_text()}))
"""


@pytest.fixture(scope="module")
def drives() -> dict[bool, dict]:
    """The same drive in two new processes, with the option and without."""
    processes = {}
    for with_option in (True, False):
        environment = {
            **os.environ,
            "JAX_ENABLE_X64": "1",
            "XLA_FLAGS": SMALL_LOOPS if with_option else "",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        }
        processes[with_option] = subprocess.Popen(
            [sys.executable, "-c", PROGRAMME],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    answers = {}
    for with_option, process in processes.items():
        output, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint[-2000:]
        assert "Unknown flag" not in complaint
        answers[with_option] = json.loads(output.splitlines()[-1])
    return answers


def test_the_option_takes_effect(drives: dict[bool, dict]) -> None:
    assert drives[True]["fused"]
    assert not drives[False]["fused"]


def test_the_option_changes_no_result(drives: dict[bool, dict]) -> None:
    assert drives[True]["numbers"] == pytest.approx(drives[False]["numbers"], rel=1e-12, abs=1e-9)
