"""A document speaks only in its own place; the shipped ones do."""

import shutil

import pytest

from covolt.errors import CovoltError
from covolt.programme.reading import read_earlier, read_programme

MOVED = {
    "parties/agency.toml": "agency/agency.toml",
    "offers/battery-works/pack-33@1.0.0.toml": "drive-works/offers/pack-33@1.0.0.toml",
    "gates/trial.toml": "agency/trial.toml",
    "slots/battery.toml": "battery-works/battery.toml",
    "contracts/battery.toml": "offers/battery.toml",
    "scenarios/winter.toml": "Agency/winter.toml",
    "agency/checked.toml": "integrator/checked.toml",
    "battery-works/parts/pack-33/part.toml": "drive-works/parts/pack-33/part.toml",
    "agency/requirements/A-R13H.toml": "requirements/A-R13H.toml",
}


def told(folder):
    with pytest.raises(CovoltError) as raised:
        read_programme(folder)
    return [(one.where, one.what, one.hint) for one in raised.value.problems]


@pytest.mark.parametrize(("right", "wrong"), MOVED.items())
def test_what_speaks_out_of_place_is_refused(city_car, right, wrong):
    (city_car / wrong).parent.mkdir(parents=True, exist_ok=True)
    shutil.move(city_car / right, city_car / wrong)
    said = ("party", "id") if right.startswith(("agency", "offers", "battery")) else ("id",)
    text = (city_car / wrong).read_text().splitlines()
    line = next(number for number, row in enumerate(text, 1) if row.startswith(tuple(f"{one} = " for one in said[:1])))
    found = [one for one in told(city_car) if one[0] == f"{wrong}:{line}"]
    assert found, told(city_car)
    assert "move it: " in found[0][2]


def test_a_party_offers_in_no_other_name(city_car):
    """The attack: from its own folder a party offers a battery in the name of the battery works, and self-made it is whole."""
    text = (city_car / "offers" / "battery-works" / "pack-33@1.0.0.toml").read_text()
    (city_car / "drive-works" / "offers").mkdir()
    (city_car / "drive-works" / "offers" / "x.toml").write_text(text)
    assert any(where.startswith("drive-works/offers/x.toml") for where, *_ in told(city_car))


def test_within_its_folder_a_party_keeps_order_as_it_likes(city_car):
    inner = city_car / "agency" / "laws" / "2026"
    inner.mkdir(parents=True)
    shutil.move(city_car / "agency" / "requirements" / "A-R13H.toml", inner / "braking.toml")
    shutil.move(city_car / "gates" / "trial.toml", city_car / "trial.toml")
    assert "A-R13H" in read_programme(city_car).requirements


@pytest.mark.parametrize("name", ["offers", "Keys", "evidence"])
def test_no_party_is_called_as_a_folder_of_the_programme(city_car, name):
    text = (city_car / "parties" / "agency.toml").read_text().replace('"agency"\n', f'"{name}"\n', 1)
    (city_car / "parties" / f"{name}.toml").write_text(text)
    assert any("is the name of a folder that is no party's own" in what for _, what, _ in told(city_car))


def test_what_nobody_can_change_any_more_is_read_wherever_it_stands(city_car):
    shutil.move(city_car / "gates" / "trial.toml", city_car / "agency" / "trial.toml")
    assert "trial" in read_earlier(city_car, further=lambda _: [])[0].gates
