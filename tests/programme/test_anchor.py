"""What is trusted lies outside every programme, for its owner alone, and is never widened by what a programme says."""

import os
import re
import stat
from pathlib import Path

import pytest

from covolt.cli import main
from covolt.errors import InputError, Problem
from covolt.programme import anchor
from covolt.programme.anchor import anchor_file, keep_in_mind, record, remember, trust_in, trust_of
from covolt.programme.reading import read_programme
from covolt.study.gate.check import check_programme, trust_notices
from covolt.study.verdicts.checking import bounds_checked, texts_checked
from tests.signed import DIGEST, Holder, put, put_key

FIRST = Holder("first", roles=("type-approval-officer", "recovery"))
SECOND = Holder("second", by=FIRST, on="2026-04-01")
KEY = {"agency": FIRST.fingerprint}


def test_nothing_is_trusted_at_first():
    trust = trust_of("city-car")
    assert (trust.first, trust.form, trust.revoked) == ({}, 1, {})


def test_what_is_trusted_stays_and_is_its_owners_alone():
    path = trust_in("city-car", KEY, "trial", 3)
    trust_in("other", {"works": "f" * 64}, None, None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    trust = trust_of("city-car")
    assert (trust.first, trust.form, trust.signatures_from, trust.order) == (KEY, 2, "trial", 3)
    assert trust_of("other").first == {"works": "f" * 64}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_file_that_others_can_read_or_write_is_refused(mode):
    path = trust_in("city-car", KEY, None, None)
    path.chmod(mode)
    with pytest.raises(InputError, match="by others"):
        trust_of("city-car")


def test_a_link_is_not_followed(tmp_path):
    path = trust_in("city-car", KEY, None, None)
    moved = path.rename(tmp_path / "elsewhere.toml")
    path.symlink_to(moved)
    with pytest.raises(InputError, match="no plain file"):
        trust_of("city-car")


def test_a_damaged_file_is_told_and_trusts_nobody():
    path = trust_in("city-car", KEY, None, None)
    path.write_text('schema = "trusted/1"\n[programme.city-car.first]\nagency = "abc"\n')
    with pytest.raises(InputError, match=r"trusted\.toml:3"):
        trust_of("city-car")


def test_what_reads_a_programme_only_takes_trust_away(city_car):
    put_key(city_car, FIRST)
    put_key(city_car, SECOND)
    read_programme(city_car)
    assert not anchor_file().exists(), "nobody is trusted by reading"
    trust_in("city-car", KEY, None, None)
    revoked = put(city_car, FIRST.revokes(SECOND, on="2026-07-01"), "keys/agency/revoked.toml")
    assert not read_programme(city_car).standings.keys[SECOND.fingerprint].standing.counts
    revoked.unlink()
    found = read_programme(city_car).standings.keys[SECOND.fingerprint].standing
    assert not found.counts
    assert "its revocation is gone" in str(found.why)
    assert trust_of("city-car").first == KEY


def test_the_folder_in_hand_is_kept_in_mind_whatever_else_was_seen(city_car, monkeypatch):
    monkeypatch.setattr(anchor, "MOST_FOLDERS", 3)
    trust_in("city-car", KEY, None, None)
    for name in ("a", "b", "c", "d"):
        keep_in_mind("city-car", Path("/") / name, {})
    for _ in range(2):
        read_programme(city_car)
        assert trust_of("another", city_car).renamed == "city-car"
    seen = [one for one in "abcd" if trust_of("another", Path("/") / one).renamed]
    assert seen == ["c", "d"], "those that were seen first go"
    record("city-car", Path("/a"), {})
    assert trust_of("another", Path("/a")).renamed == "city-car"


def test_an_earlier_demand_is_remembered_and_a_later_one_is_not():
    trust_in("city-car", KEY, "trial", 3)
    remember("city-car", {}, "concept", 1)
    assert trust_of("city-car").order == 1
    remember("city-car", {}, "trial", 3)
    remember("city-car", {}, None, None)
    assert (trust_of("city-car").signatures_from, trust_of("city-car").order) == ("concept", 1)


def test_a_home_that_cannot_be_written_to_keeps_what_it_knew(monkeypatch):
    trust_in("city-car", KEY, None, None)

    def full(*_, **__):
        raise InputError(Problem("No space left on device"))

    monkeypatch.setattr(anchor, "write_whole", full)
    remember("city-car", {"a" * 64: ["sha256:" + "b" * 64]}, None, None)
    assert trust_of("city-car").first == KEY
    with pytest.raises(InputError, match="No space"):
        trust_in("city-car", {"works": "f" * 64}, None, None)


def test_the_folder_follows_the_rules_of_the_desktop(monkeypatch, tmp_path):
    monkeypatch.delenv("COVOLT_CONFIG_DIR")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert anchor_file() == tmp_path / "covolt" / "trusted.toml"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert anchor_file() == Path(os.environ["HOME"]) / ".config" / "covolt" / "trusted.toml"


def test_who_has_left_stays_so_whatever_the_file_says_then(city_car):
    put_key(city_car, FIRST)
    trust_in("city-car", KEY, None, None)
    path = city_car / "parties" / "agency.toml"
    said = path.read_text()
    path.write_text(said.replace('id = "agency"', 'id = "agency"\nleft = "2026-04-01"', 1))
    read_programme(city_car)
    path.write_text(said)
    read = read_programme(city_car)
    late, soon = (
        FIRST.signs("agency/checked", DIGEST, role=FIRST.roles[0], on=f"2026-0{month}-01") for month in (5, 4)
    )
    assert "left on 2026-04-01" in str(read.standings.of(late).why)
    assert read.standings.of(soon).counts
    assert any("left on 2026-04-01, and its file says so no longer" in one.what for one in trust_notices(read))


def test_a_party_that_makes_itself_an_agency_checks_nothing(city_car):
    put_key(city_car, Holder("works", "battery-works", ("chief",)))
    works = Holder("works", "battery-works").fingerprint
    put_key(city_car, FIRST)
    for fingerprint in (FIRST.fingerprint, works):
        with pytest.raises(SystemExit):
            main(["key", "trust", str(city_car), "--fingerprint", fingerprint])
    path = city_car / "parties" / "battery-works.toml"
    path.write_text(path.read_text().replace('roles = ["', 'roles = ["agency", "', 1))
    entry = (
        'schema = "checked/1"\nid = "own"\nparty = "{}"\n[[text]]\nby = "J. Doe"\non = "2026-01-01"\n'
        'edition = "e"\nbounds = ["UN R21"]\n'
    )
    for party in ("battery-works", "agency"):
        (city_car / party).mkdir(exist_ok=True)
        (city_car / party / "own.toml").write_text(entry.format(party))
        read = read_programme(city_car)
        assert bounds_checked("UN R21", texts_checked(read)) is (party == "agency")
    assert any("battery-works was no agency when it was trusted" in one.what for one in trust_notices(read))


def test_two_parties_of_one_title_are_told(city_car):
    agency, works = (city_car / "parties" / f"{name}.toml" for name in ("agency", "battery-works"))
    assert not [one for one in check_programme(city_car)[1] if "one title" in one.what]
    title = re.search(r"(?m)^title = .*", agency.read_text())[0]
    works.write_text(re.sub(r"(?m)^title = .*", title, works.read_text()))
    assert any("have one title" in one.what for one in check_programme(city_car)[1])
