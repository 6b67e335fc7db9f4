from pathlib import Path

import pytest

from covolt.errors import InputError
from covolt.programme.folder import find_root, read_programme


def test_the_shipped_programme_is_whole(city_car):
    programme = read_programme(city_car)
    assert len(programme.parties) == 5
    assert {party.country for party in programme.parties.values()} == {"RU", "BY"}
    assert programme.lock is not None
    assert set(programme.lock.slots) == set(programme.slots)
    assert programme.where("slot", "battery", "owner") == "slots/battery.toml:4"


def test_a_programme_is_found_from_within(city_car):
    assert find_root(city_car / "battery-works" / "parts") == city_car.resolve()


def test_no_programme_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="covolt new"):
        find_root(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        find_root(tmp_path / "absent")


def test_two_parties_claim_one_slot(city_car, problems):
    text = (city_car / "slots" / "battery.toml").read_text().replace('owner = "battery-works"', 'owner = "drive-works"')
    (city_car / "slots" / "battery-of-others.toml").write_text(text)
    [problem] = [one for one in problems() if "claim" in one.what]
    assert "battery-works" in problem.what
    assert "drive-works" in problem.what


def test_every_problem_of_every_file_at_once(city_car, problems):
    (city_car / "slots" / "tyre.toml").write_text('schema = "slot/1"\nid = "tyre"\n')
    (city_car / "parties" / "agency.toml").write_bytes(b"\xff\xfe")
    (city_car / "contracts" / "body.toml").write_text(
        (city_car / "contracts" / "body.toml").read_text().replace('"820 kg"', '"820 km"')
    )
    found = "\n".join(map(str, problems()))
    assert "slots/tyre.toml" in found
    assert "parties/agency.toml" in found
    assert "contracts/body.toml" in found


def test_cyrillic_names_and_a_byte_order_mark_are_welcome(city_car):
    path = city_car / "parties" / "завод.toml"
    text = (
        'schema = "party/1"\nid = "steklo"\ntitle = { ru = "Стекольный завод" }\ncountry = "BY"\nroles = ["supplier"]\n'
    )
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_programme(city_car).parties["steklo"].title.words.said("ru") == "Стекольный завод"


def test_an_offer_changed_after_its_hash_is_refused(city_car, problems):
    path = city_car / "offers" / "battery-works" / "pack-33@1.0.0.toml"
    path.write_text(path.read_text().replace("235 kg", "215 kg"))
    assert any("changed after it was published" in one.what and one.where.startswith("offers/") for one in problems())


def test_the_same_document_twice(city_car, problems):
    text = (city_car / "parties" / "agency.toml").read_text()
    (city_car / "parties" / "agency-again.toml").write_text(text)
    assert any("already given" in one.what for one in problems())


def test_a_folder_without_a_charter(tmp_path):
    Path(tmp_path / "programme.toml").write_text('schema = "party/1"\n')
    with pytest.raises(InputError, match="missing"):
        read_programme(tmp_path)
