import os
import shutil
from pathlib import Path

import pytest

from covolt.errors import InputError
from covolt.programme.folder import find_root
from covolt.programme.offering import publish_part
from covolt.programme.reading import read_programme


def test_the_shipped_programme_is_whole(city_car):
    programme = read_programme(city_car)
    assert len(programme.parties) == 9
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
    """A party's own file is called as the party is; every other may be called as one likes."""
    path = city_car / "scenarios" / "зима.toml"
    text = 'schema = "scenario/1"\nid = "frost"\ntitle = { ru = "Мороз" }\n[conditions]\nambient = "-40 degC"\n'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_programme(city_car).scenarios["frost"].title.words.said("ru") == "Мороз"


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


def test_a_lock_or_charter_elsewhere_does_not_count_and_is_told(city_car, problems):
    before = read_programme(city_car)
    (city_car / "integrator" / "programme.lock").write_text((city_car / "programme.lock").read_text())
    (city_car / "integrator" / "other.toml").write_text((city_car / "programme.toml").read_text())
    assert before.lock is not None
    assert [(one.what, one.where) for one in problems()] == [
        ("a programme has one programme.toml, in its own folder", "integrator/other.toml"),
        ("a programme has one programme.lock, in its own folder", "integrator/programme.lock"),
    ]


def test_links_are_no_files_of_the_programme(city_car, problems, tmp_path):
    """A folder behind a link was once left out in silence, and its laws with it."""
    (city_car / "agency").rename(tmp_path / "agency")
    (city_car / "agency").symlink_to(tmp_path / "agency")
    (city_car / "parties" / "more.toml").symlink_to(tmp_path / "absent")
    assert {(one.what, one.where) for one in problems() if "link" in one.what} == {
        ("this is a link to a folder", "agency"),
        ("this is a link to a file", "parties/more.toml"),
    }


def test_links_where_covolt_itself_writes_are_refused(city_car, problems, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    evidence = city_car / "offers" / "battery-works" / "evidence"
    for place in (city_car / ".covolt", city_car / "build", evidence, city_car / "agency" / "data"):
        place.symlink_to(elsewhere)
    assert {one.where for one in problems() if one.what == "this is a link to a folder"} == {
        ".covolt",
        "build",
        "offers/battery-works/evidence",
        "agency/data",
    }
    evidence.unlink()
    (evidence / "pack-33@1.0.0").mkdir(parents=True)
    (evidence / "pack-33@1.0.0" / "reports").symlink_to(elsewhere)
    assert "offers/battery-works/evidence/pack-33@1.0.0/reports" in {one.where for one in problems()}


@pytest.mark.parametrize("place", [".covolt", "offers", "offers/battery-works", "offers/battery-works/evidence"])
def test_no_offer_is_written_through_a_link(city_car, tmp_path, place):
    part = city_car / "battery-works" / "parts" / "pack-33"
    (part / "mass.pdf").write_text("weighed")
    (part / "part.toml").write_text((part / "part.toml").read_text().replace('"1.0.0"', '"1.0.1"'))
    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(city_car / place, ignore_errors=True)
    (city_car / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="a link to a folder"):
        publish_part(part, [part / "mass.pdf"])
    assert not list((tmp_path / "elsewhere").iterdir())


def test_an_attachment_that_is_a_link_is_told(city_car, problems, tmp_path):
    part = city_car / "battery-works" / "parts" / "pack-33"
    (part / "mass.pdf").write_text("weighed")
    (part / "part.toml").write_text((part / "part.toml").read_text().replace('"1.0.0"', '"1.0.1"'))
    publish_part(part, [part / "mass.pdf"])
    copy = city_car / "offers" / "battery-works" / "evidence" / "pack-33@1.0.1" / "mass.pdf"
    copy.rename(tmp_path / "mass.pdf")
    copy.symlink_to(tmp_path / "mass.pdf")
    assert [one.what for one in problems()] == ["a link leads to its file mass.pdf"]


def test_a_folder_that_cannot_be_looked_into_is_told(city_car, problems, monkeypatch):
    scandir = os.scandir

    def closed(path):
        if Path(path).name == "agency":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert [(one.what, one.where) for one in problems()] == [("Permission denied", "agency")]


def test_names_that_differ_in_capitals_alone(city_car, problems):
    text = (city_car / "agency" / "requirements" / "A-R85.toml").read_text()
    (city_car / "agency" / "requirements" / "again.TOML").write_text(text.replace('"A-R85"', '"a-r85"'))
    [problem] = problems()
    assert problem.what == (
        "requirement 'A-R85' and 'a-r85' of agency/requirements/again.TOML differ in capitals alone"
        if problem.where.endswith("A-R85.toml")
        else "requirement 'a-r85' and 'A-R85' of agency/requirements/A-R85.toml differ in capitals alone"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1251"])
def test_a_file_that_cannot_be_read_is_the_only_problem(city_car, problems, encoding):
    """What it would give is not called missing in every other file."""
    for path in (city_car / "parties" / "agency.toml", city_car / "contracts" / "battery.toml"):
        path.write_bytes(path.read_text().encode(encoding))
    assert [one.where.partition(":")[0] for one in problems()] == ["contracts/battery.toml", "parties/agency.toml"]
    assert all("not UTF-8" in one.what for one in problems())


def test_windows_line_ends_keep_their_line_numbers(city_car, problems):
    for path in city_car.rglob("*.toml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_programme(city_car).parties
    path = city_car / "contracts" / "battery.toml"
    path.write_bytes(path.read_bytes().replace(b'"270 kg"', b'"270 km"').replace(b'"29 kWh"', b"29"))
    assert [one.where for one in problems()] == [
        "contracts/battery.toml:10 (limits.mass)",
        "contracts/battery.toml:11 (limits.energy_usable)",
    ]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ('path = "report.pdf"', 'path = "/etc/hostname"', "leaves the folder of the requirement"),
        ('path = "report.pdf"', 'path = "../../../report.pdf"', "leaves the folder of the requirement"),
        ("2030-01-31", "2030-02-31", "'2030-02-31' is no day"),
    ],
)
def test_evidence_that_lies_elsewhere_or_holds_to_no_day(city_car, problems, before, after, what):
    path = city_car / "agency" / "requirements" / "A-R100.toml"
    cited = f'[[evidence]]\npath = "report.pdf"\ndigest = "sha256:{"0" * 64}"\nvalid_until = "2030-01-31"\n'
    path.write_text(path.read_text() + cited.replace(before, after))
    [problem] = problems()
    assert what in problem.what
    assert problem.where.startswith("agency/requirements/A-R100.toml:1")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"300 kg"', '"-300 kg"', "maximum_load"),
        ('"150 km/h"', '"0 km/h"', "speed_limit"),
        ('"1.7 m"', '"1.7 kg"', "width"),
    ],
)
def test_a_frame_that_no_vehicle_has(city_car, problems, old, new, key):
    path = city_car / "programme.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert any(f"(vehicle.{key})" in one.where for one in problems())
