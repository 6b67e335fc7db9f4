"""A verification of WLTC whose pack is hosted behind a wide-area network: whole missions, and step by step; the same verdict.

`benchmarks/far.py` prints how long each takes, near and far.
"""

import shutil
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tools.demo_doors import CITY_CAR, serving

from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.run import TracedRunner
from covolt.study.cases.options import Findings
from covolt.study.cases.stand_ins import opened_stand_ins
from covolt.study.cases.verify import verify
from covolt.study.gate.check import read_whole
from covolt.study.verdicts.foreign import with_links
from covolt.study.verdicts.joined import locked_sheets, subject_of
from tests.exchange.hosted.wan import HUB, obstacle, wan

ROUND_TRIP_s, LOSS = 0.030, 0.02
ONLY = ("I-CONSUMPTION",)


def now():
    return datetime.now(UTC)


def wltc_of(programme, model):
    """WLTC as a whole mission and step by step, with the pack by a model: wall time of each."""
    read = read_whole(programme)
    findings, found = Findings(), []
    with opened_stand_ins([model], read, findings, "--model", now, 60.0) as links:
        findings.demand_none()
        own = subject_of(locked_sheets(read), read.charter.vehicle, "vehicle")
        far, drive = with_links(own, links), follow(standard("wltc-3b"), Conditions(state_of_charge=0.8))
        expected = TracedRunner().run(own.vehicle, drive)
        TracedRunner(way="whole mission").run(far.vehicle, drive)  # compiles
        for way in ("whole mission", "stepwise"):
            begun_s = time.monotonic()
            trace = TracedRunner(way=way).run(far.vehicle, drive)
            wall_s = time.monotonic() - begun_s
            assert trace["state_of_charge"] == pytest.approx(expected["state_of_charge"], rel=1e-9)
            found.append(wall_s)
    return found


def verdict_of(programme, *models):
    """The verdict, and the wall time of the verification."""
    begun_s = time.monotonic()
    (found,) = verify(programme, only=ONLY, anew=True, stand_ins=models, now=now, wait_s=60.0).verdicts
    return found, time.monotonic() - begun_s


def measured(folder, packets, port, *, far):
    """Wall times of WLTC as a whole mission, step by step, and of the verification; own and hosted verdicts."""
    with ExitStack() as stack:
        host, within = "127.0.0.1", []
        if far:
            within = list(stack.enter_context(wan(0.5 * ROUND_TRIP_s, LOSS, packets)))
            host = HUB
        programme = Path(shutil.copytree(CITY_CAR, folder / "city-car"))
        stack.enter_context(serving(programme, folder, f"{host}:{port}", within))
        model = f"battery=hosted@{host}:{port}"
        times_s = wltc_of(programme, model)
        other, wall_s = verdict_of(programme, model)
        return *times_s, wall_s, verdict_of(programme)[0], other


@pytest.mark.slow
def test_a_pack_behind_a_wide_area_network_gives_its_verdict(tmp_path, monkeypatch):
    if why := obstacle():
        pytest.skip(why)
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    packets = []
    *_, own, other = measured(tmp_path, packets, 7451, far=True)
    assert (other.verdict, other.uncertainty) == (own.verdict, own.uncertainty)
    assert other.value == pytest.approx(own.value, rel=1e-9)
    assert dict(other.foreign) == {"battery": "hosted"}
    assert packets[1] > 0
