"""A workspace at fault under load: some rounds of what `make harden ONLY=workspace` tries 200 times."""

import sys

import pytest

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
    assert len(faults.lost(home, database_address, told)) == 5
    with workspace.programmes.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE events SET party = 'other' WHERE sequence = 1")
    assert "broken: [1]" in faults.lost(home, database_address, faults.Told())[0]


@pytest.mark.slow
@pytest.mark.parametrize("embedded", [True, False], ids=["sqlite", "postgresql"])
def test_no_write_that_was_answered_is_lost_and_it_is_back_soon(embedded, faults, own_records):
    if not embedded and (why := missing()):
        pytest.skip(why)
    kinds = [one for one in faults.FAULTS if one != "postmaster" or not embedded]
    found = faults.rounds(len(kinds), 1, embedded=embedded)
    assert [one for one in found if one["wrong"]] == []
    assert sum(one["writes"] for one in found) > 0
    assert [one["refused"] > 0 for one in found if "disk" in one["case"]] == [True], (
        "the disk was full, and that was said"
    )
