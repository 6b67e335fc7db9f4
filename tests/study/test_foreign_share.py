"""What a foreign part leaves open of its energy stands in the ± of what rests on it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from covolt.exchange.own_battery import own_battery
from covolt.library.component_battery import ComponentBattery
from covolt.study.gate.check import read_whole
from covolt.study.procedures.foreign_use import ForeignUse
from covolt.study.procedures.openness import Open
from covolt.study.procedures.protocol import Measure, Record
from covolt.study.verdicts.foreign import foreign_notices
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.variation import Variation
from covolt.study.verdicts.verification import verdict_of, verify
from covolt.words import Words
from tests.house.source import ROOT
from tests.sample import with_leaf
from tests.study.test_verdict import RANGE, requirement

SHEETS: Any = {"battery": SimpleNamespace(party="battery-works"), "drive_unit": SimpleNamespace(party="drive-works")}


def use(slot: str = "battery", **share: float) -> ForeignUse:
    return ForeignUse(slot, "pack", "sandboxed", "0", 1, 2, 0.0, **share)


def record(*uses: ForeignUse, **more: Any) -> Record:
    return Record("wltp", **({"measures": {"range": 257.5e3}} | more), foreign=uses)


def moved(by_m: float, slot: str = "battery") -> Any:
    """A number of a part, by which the range moves."""
    one = Variation("input", "maker", slot, "energy_usable", Words("Energy"), 1.0, "J", None, None)  # type: ignore[arg-type]
    return one, record(measures={"range": 257.5e3 + by_m}), record(measures={"range": 257.5e3 - by_m})


@pytest.mark.parametrize(
    ("uses", "verdict", "u_km"),
    [
        ((), "met", 0.001),
        ((use(remainder_ratio=1e-9),), "met", 0.001),
        ((use(remainder_ratio=0.01),), "met", 2.575),
        ((use(remainder_ratio=0.04),), "within uncertainty", 10.3),
        ((use("drive_unit", declared_less_real_ratio=0.04),), "within uncertainty", 10.3),
        ((use(remainder_ratio=0.03), use("drive_unit", declared_less_real_ratio=0.04)), "within uncertainty", 12.875),
    ],
)
def test_a_margin_within_the_share_is_not_plainly_met(uses: Any, verdict: str, u_km: float) -> None:
    varied = [moved(1.0), moved(1e-9, "drive_unit")]
    found = verdict_of(requirement(at_least="250 km"), RANGE, record(*uses), varied, SHEETS)
    assert found.verdict == verdict
    assert found.uncertainty == pytest.approx(u_km, rel=1e-3)


def test_what_no_number_of_the_part_moves_does_not_rest_on_it() -> None:
    uses = (use(remainder_ratio=0.04),)
    elsewhere = [moved(0.0), moved(1.0, "body")]
    assert verdict_of(requirement(at_least="250 km"), RANGE, record(*uses), elsewhere, SHEETS).verdict == "met"
    unknown = [moved(1.0, "body")]
    found = verdict_of(requirement(at_least="250 km"), RANGE, record(*uses), unknown, SHEETS)
    assert found.verdict == "within uncertainty"


def test_both_ends_of_what_is_open_have_their_share() -> None:
    ends = {"range": Open(257.5e3, 300e3, Words("not known"), ())}
    uses = (use(remainder_ratio=0.04),)
    found = verdict_of(requirement(at_least="250 km"), RANGE, record(measures={}, open=ends), [moved(0.0)], SHEETS)
    assert found.verdict == "met"
    found = verdict_of(requirement(at_least="250 km"), RANGE, record(*uses, measures={}, open=ends), [], SHEETS)
    assert found.verdict != "met"


def test_a_temperature_holds_no_share_and_says_so() -> None:
    warm = Measure("range", Words("Temperature"), "degC")
    limit = requirement(at_least="250 degC")
    found = verdict_of(limit, warm, record(use(remainder_ratio=0.04), measures={"range": 530.0}), [], SHEETS)
    assert (found.verdict, found.uncertainty) == ("met", 0.0)
    assert "± holds nothing of what pack leaves open of its energy" in str(found.why)


@pytest.mark.whole
@pytest.mark.slow
def test_a_pack_that_is_five_percent_off_is_known_by_its_share() -> None:
    read = read_whole(ROOT / "examples/city-car")
    battery = subject_of(locked_sheets(read), read.charter.vehicle, "vehicle").vehicle.battery
    larger = with_leaf(battery, lambda one: one.parallel_count, battery.parallel_count * 1.05)
    links = [
        ComponentBattery(own_battery(one, "pack", "power"), runs="sandboxed")  # type: ignore[arg-type]
        for one in (battery, larger)
    ]
    own, other = (verify(read, MemoryRecords(), only=["I-RANGE"], links={"battery": one}) for one in links)
    plain = verify(read, only=["I-RANGE"])
    assert own.verdicts[0].uncertainty == pytest.approx(plain.verdicts[0].uncertainty, rel=1e-9)
    (one,) = other.verdicts
    share = one.contributions[-1]
    assert (share.slot, share.number, share.party) == ("battery", "open_share", "battery-works")
    assert share.uncertainty == pytest.approx(0.05, abs=0.01)
    assert share.effect == pytest.approx(share.uncertainty * one.value)
    assert one.uncertainty > own.verdicts[0].uncertainty
    assert "and of each value this share" in str(foreign_notices(other)[0].hint)
