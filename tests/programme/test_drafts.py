"""A part that nobody has offered yet holds nobody else up, however broken its file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from covolt.cli import exit_codes, main
from covolt.errors import InputError
from covolt.programme.reading import read_programme
from covolt.study.cases.publish import lock, offers
from covolt.study.gate.check import check_programme

BROKEN = {
    "not TOML": 'schema = "part/1"\nid = "pack-34"\nmass = 235 kg\n',
    "unknown field": 'schema = "part/1"\nid = "pack-34"\nparty = "battery-works"\nwieght = 3\n',
    "of another version": 'schema = "part/9"\n',
}


@pytest.fixture(params=BROKEN)
def place(city_car: Path, request: pytest.FixtureRequest) -> Path:
    path = city_car / "battery-works" / "parts" / "pack-34" / "part.toml"
    path.parent.mkdir(parents=True)
    path.write_text(BROKEN[request.param], encoding="utf-8")
    return path


def test_a_draft_that_cannot_be_read_is_told_with_its_place_and_stops_nobody(city_car, place, capsys):
    read = read_programme(city_car)
    assert read.drafts
    assert all(one.where.startswith("battery-works/parts/pack-34/part.toml") for one in read.drafts)
    told = []
    assert offers(city_car, told=told)["battery"]
    assert told == list(read.drafts)
    assert set(read.drafts) <= set(lock(city_car).notices)
    with pytest.raises(SystemExit) as ended:
        main(["offers", str(city_car)])
    assert ended.value.code == exit_codes.COMPLETED
    assert "pack-34" in capsys.readouterr().out


def test_who_checks_the_files_is_told_of_it_as_of_any_other(city_car, place):
    with pytest.raises(InputError) as refused:
        check_programme(city_car)
    assert set(read_programme(city_car).drafts) <= set(refused.value.problems)


@pytest.mark.parametrize("name", ["offers/battery-works/pack-34.toml", "slots/pack-34.toml", "nobody/part.toml"])
def test_what_is_locked_and_what_lies_elsewhere_is_held_as_strictly_as_before(city_car, name):
    path = city_car / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(BROKEN["unknown field"], encoding="utf-8")
    with pytest.raises(InputError, match="wieght"):
        read_programme(city_car)


def test_an_offer_that_cannot_be_read_stops_all(city_car):
    path = next((city_car / "offers" / "battery-works").glob("*.toml"))
    path.write_text(path.read_text(encoding="utf-8").replace("schema", "shema", 1), encoding="utf-8")
    with pytest.raises(InputError):
        read_programme(city_car)
