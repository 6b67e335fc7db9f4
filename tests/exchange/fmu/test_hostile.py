"""Some hundreds of hostile FMUs: each is read or refused with what, where and a hint, and nothing is written outside."""

import json
import subprocess
import sys

import pytest

from tests.house.source import ROOT


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded by what Linux tells")
def test_hostile_files_are_read_or_refused():
    done = subprocess.run(
        [sys.executable, "-m", "tools.hostile", "400", "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["problems"] == []
    assert told["outcomes"]["refused"] > 150
    assert told["outcomes"]["read"] > 20
