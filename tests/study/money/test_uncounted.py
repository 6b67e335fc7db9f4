"""A price that cannot be counted is told when offered, locked and checked; operations and charging stand side by side."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from covolt.programme.reading import read_programme
from covolt.study.cases.offer_terms import term_rows
from covolt.study.cases.offers_document import of_offers
from covolt.study.cases.options import Findings
from covolt.study.cases.publish import compared, lock, offer, offers
from covolt.study.gate.check import check_programme
from covolt.study.result import text_of
from tests.house.source import ROOT


@pytest.fixture
def car(tmp_path: Path) -> Path:
    """The city car, which takes unsigned offers; without what its pack could be instead, whose price is in the old currency."""
    folder = Path(shutil.copytree(ROOT / "examples" / "city-car", tmp_path / "car"))
    shutil.rmtree(folder / "battery-works" / "designs")
    charter = folder / "programme.toml"
    charter.write_text(re.sub(r"(?m)^signatures_from.*\n", "", charter.read_text()))
    return folder


def rewritten(car: Path, pattern: str, to: str) -> Path:
    part = car / "battery-works" / "parts" / "pack-33" / "part.toml"
    written = re.sub(r'version = "[^"]*"', 'version = "1.9.0"', part.read_text(), count=1)
    changed = re.sub(pattern, to, written)
    assert changed != written
    part.write_text(changed)
    return part


@pytest.mark.parametrize(
    ("pattern", "to", "why", "russian"),
    [
        (r'currency = "RUB"', 'currency = "CNY"', "no rate of CNY/RUB on 2027-07-01", "CNY/RUB"),
        (r'valid_until = "[^"]*"', 'valid_until = "2027-01-31"', "its price does not hold on 2027-07-01", "2027-07-01"),
        (r"    \{ yearly_volume = 1000.*\n.*5000.*\n", "", "no price is stated for 5000 vehicles a year", "5000"),
    ],
)
def test_a_price_that_cannot_be_counted_is_told_when_offered_locked_and_checked(
    car: Path, pattern: str, to: str, why: str, russian: str
) -> None:
    part = rewritten(car, pattern, to)
    tried = offer(part, write=False)
    asked = [one for one in tried.notices if why in str(one.what)]
    assert len(asked) == 1
    assert "I-PRICE" in str(asked[0].what)
    assert "part.toml:" in str(asked[0].where)
    assert russian in asked[0].said("ru").what
    assert "спрашивают" in asked[0].said("ru").what
    offer(part)
    locked = lock(car, pins=["battery=battery-works/pack-33@1.9.0"])
    assert [str(one.what) for one in locked.notices if why in str(one.what)] == [str(asked[0].what)]
    _, notices = check_programme(car)
    (told,) = (one for one in notices if why in str(one.what))
    assert "offers/battery-works/pack-33@1.9.0.toml:" in str(told.where)


def test_a_price_that_counts_is_not_told(car: Path) -> None:
    read, notices = check_programme(car)
    assert read.lock is not None
    assert not [one for one in notices if "asked by" in str(one.what)]


def test_operations_and_charging_of_rivals_stand_side_by_side(car: Path) -> None:
    part = rewritten(car, r"\Z", '\n[[charging]]\nconnector = "CCS2"\nprotocols = ["ISO 15118-2"]\nsource = "test"\n')
    offer(part)
    found, terms = compared(car, "battery", Findings(), [])
    rows = {str(name): [str(cell) for cell in cells] for name, cells in terms}
    at = {one.reference.rpartition("@")[2]: place for place, one in enumerate(found)}
    assert rows["operation: cells"][at["1.0.0"]] == "CN"
    assert rows["operation: battery management system"][at["1.0.0"]] == "RU"
    assert rows["operation: battery management system"][at["0.9.0"]] == "CN"
    assert rows["charging"][at["1.9.0"]] == "CCS2, ISO 15118-2"
    assert rows["charging"][at["0.9.0"]] == "not stated"
    said = text_of(of_offers(offers(car, "battery")))
    assert '"CCS2, ISO 15118-2"' in said
    assert '"battery management system"' in said
    names = [name.said("ru") for name, _ in terms]
    assert "зарядка" in names
    tyre = read_programme(car).offers["integrator/tyre-16@1.0.0"].datasheet
    assert "charging" not in {str(name) for name, _ in term_rows(read_programme(car), [tyre])}
