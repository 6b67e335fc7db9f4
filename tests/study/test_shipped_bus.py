"""The shipped bus tells three conflicts with figures and owners, and offers that wait beside the locked ones mend two of them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.study.verdicts.contradiction import contradictions
from covolt.study.verdicts.records import RecordStore
from covolt.study.verdicts.verification import Verification, verify
from tests.house.source import ROOT

BUS = ROOT / "examples" / "city-bus"
ASKED = {"O-FULL-CHARGE", "O-FROST-40", "W-BATTERY", "B-MASS"}
MENDED = {"charger": "electronics-works/pantograph-360@1.0.0", "cabin": "bus-works/saloon-30@2.1.0"}


def with_offers(programme: Programme, offers: dict[str, str]) -> Programme:
    """The programme as if these offers were locked."""
    assert programme.lock is not None
    slots = {
        slot: one.model_copy(update={"offer": offers[slot], "digest": programme.offers[offers[slot]].digest})
        if slot in offers
        else one
        for slot, one in programme.lock.slots.items()
    }
    return replace(programme, lock=programme.lock.model_copy(update={"slots": slots}))


def found(programme: Programme, records: RecordStore) -> Verification:
    return verify(programme, records, only=ASKED)


@pytest.mark.whole
def test_the_shipped_bus_tells_its_conflicts_and_offers_mend_them(records: RecordStore) -> None:
    programme = read_programme(BUS)
    assert programme.requirements["O-FULL-CHARGE"].at_most == "55 min"
    locked = {one.requirement: one for one in found(programme, records).verdicts}
    charge, frost = locked["O-FULL-CHARGE"], locked["O-FROST-40"]
    assert (charge.verdict, frost.verdict) == ("not met", "not met")
    assert charge.value is not None and charge.value > 88.4  # 221 kWh at 150 kW, losses left out
    for said in ("221 kWh in 55 min ask for 241 kW", "electronics-works/pantograph-150@1.0.0", "150 kW"):
        assert said in charge.why.said("en")
    for said in (
        "15 degC are asked for",
        "of bus-works has no fuel-fired heater",
        "cabin@1 between bus-works, operator",
    ):
        assert said in frost.why.said("en")
    mended = {one.requirement: one for one in found(with_offers(programme, MENDED), records).verdicts}
    assert {name: mended[name].verdict for name in ("O-FULL-CHARGE", "O-FROST-40")} == {
        "O-FULL-CHARGE": "met",
        "O-FROST-40": "within uncertainty",
    }
    assert "falls short" in mended["O-FROST-40"].why.said("en"), "with a number of the cabin moved by its uncertainty"
    # The two masses stay a conflict whatever is locked: no battery can keep both.
    [masses] = contradictions(programme)
    assert (masses.at_least.id, masses.at_least.party, masses.at_most.id, masses.at_most.party) == (
        "B-MASS",
        "battery-works",
        "W-BATTERY",
        "bus-works",
    )
    assert masses.gap == pytest.approx(150.0)
    assert locked["W-BATTERY"].verdict == "not met" and locked["W-BATTERY"].value == pytest.approx(2300.0)


def test_masses_that_agree_are_no_conflict(tmp_path: Path) -> None:
    bus = Path(shutil.copytree(BUS, tmp_path / "bus", ignore=shutil.ignore_patterns(".covolt", "build")))
    path = bus / "bus-works" / "requirements" / "W-BATTERY.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("2100 kg", "2350 kg"), encoding="utf-8")
    assert contradictions(read_programme(bus)) == []
