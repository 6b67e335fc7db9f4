"""A workspace at fault under load: some rounds of what `make harden ONLY=workspace` tries 200 times."""

import sys
from datetime import timedelta

import pytest

from covolt.workspace.jobs import LEASE_s
from tests.house.source import ROOT
from tests.workspace.cluster import missing
from tests.workspace.conftest import of

NAME = "small-car"


@pytest.fixture
def faults(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import workspace_faults

    yield workspace_faults
    sys.modules.pop("workspace_faults")


@pytest.mark.whole
def test_what_is_lost_is_noticed(faults, workspace, database_address, tmp_path):
    home = tmp_path / "home"
    number = workspace.proposals.make(NAME, of("integrator"), [("battery", "mass", "240 kg")], "Heavier", "")
    assert faults.lost(home, database_address, faults.Told(made={number})) == []
    told = faults.Told({number, 7}, {(number, "battery-works")}, {number}, {number: {}}, ["a fault"])
    told.pushed.add(("drive-works", "0" * 40))
    told.jobs["integrator", 7] = 0
    assert len(faults.lost(home, database_address, told)) == 7
    with workspace.programmes.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE events SET party = 'other' WHERE sequence = 1")
    assert "log/1" in faults.lost(home, database_address, faults.Told())[0]


def test_a_job_that_does_not_end_or_is_done_once_more_is_noticed(
    faults, workspace, database_address, tmp_path, monkeypatch
):
    served, told = faults.Served(tmp_path / "home", database_address), faults.Told()
    asked = {"changes": [], "designs": 4}
    told.jobs["battery-works", workspace.jobs.ask(NAME, of("battery-works"), "conflicts", asked)] = 0
    monkeypatch.setattr(faults, "JOB_PATIENCE_s", 0.0)
    assert faults.unfinished(served, told) == ["job 1 of battery-works is waiting"]
    for _ in range(2):
        taken = workspace.jobs.take("worker")
        workspace.clock.now += timedelta(seconds=LEASE_s + 1)
    assert workspace.jobs.finish(taken, "worker", b"{}")
    assert faults.unfinished(served, told) == ["job 1 was begun 2 times, and 0 faults struck it"]
    told.jobs["battery-works", 1] = 1
    assert faults.unfinished(served, told) == []


@pytest.mark.slow
@pytest.mark.parametrize("embedded", [True, False], ids=["sqlite", "postgresql"])
def test_no_write_that_was_answered_is_lost_and_it_is_back_soon(embedded, faults, own_records):
    if not embedded and (why := missing()):
        pytest.skip(why)
    count = len(faults.FAULTS) - (len(faults.OF_POSTGRES) if embedded else 0)
    found = faults.rounds(count, 1, embedded=embedded)
    assert [one for one in found if one["wrong"]] == []
    assert sum(one["writes"] for one in found) > 0
    assert [one["refused"] > 0 for one in found if one["kind"] == "disk"] == [True], (
        "the disk was full, and that was said"
    )
