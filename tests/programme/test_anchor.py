"""What is trusted lies outside every programme, for its owner alone, and is never widened by what a programme says."""

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from covolt.cli import key, main
from covolt.errors import InputError, Problem
from covolt.programme import anchor, pledging
from covolt.programme.anchor import anchor_file, record, remember, trust_in, trust_of
from covolt.programme.people import asked_of
from covolt.programme.reading import read_leniently, read_programme
from covolt.study.gate.check import check_programme, trust_notices
from covolt.study.verdicts.checking import bounds_checked, texts_checked
from tests.signed import DIGEST, Holder, private_key, put, put_key

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
    put_key(city_car, FIRST)
    trust_in("city-car", KEY, None, None)
    for name in ("a", "b", "c", "d"):
        remember("city-car", Path("/") / name, {})
    for _ in range(2):
        read_programme(city_car)
        assert trust_of("another", city_car).renamed == "city-car"
    seen = [one for one in "abcd" if trust_of("another", Path("/") / one).renamed]
    assert seen == ["c", "d"], "those that were seen first go"
    record("city-car", Path("/a"), {})
    assert trust_of("another", Path("/a")).renamed == "city-car"


def test_a_folder_that_only_calls_itself_so_is_not_kept_in_mind(city_car):
    trust_in("city-car", KEY, None, None)
    read_programme(city_car)
    assert not trust_of("another", city_car).renamed
    put_key(city_car, FIRST)
    read_programme(city_car)
    assert trust_of("another", city_car).renamed == "city-car"


def test_a_home_that_cannot_be_written_to_keeps_what_it_knew(monkeypatch):
    trust_in("city-car", KEY, None, None)

    def full(*_, **__):
        raise InputError(Problem("No space left on device"))

    monkeypatch.setattr(anchor, "write_whole", full)
    remember("city-car", None, {"a" * 64: ["sha256:" + "b" * 64]})
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


def run(*arguments):
    with pytest.raises(SystemExit) as leaving:
        main([str(one) for one in arguments])
    return leaving.value.code


def says_left(folder, day):
    path = folder / "parties" / "agency.toml"
    said = re.sub(r"(?m)^left = .*\n", "", path.read_text())
    path.write_text(said.replace('id = "agency"', f'id = "agency"\nleft = "{day}"', 1) if day else said)


def seen(folder):
    """A state as a command reads it, whatever is wrong with it."""
    with suppress(InputError):
        read_programme(folder)
    return read_leniently(folder)


def left_by(folder, day):
    """What is said of a statement of the agency on a day, in the state that lies there."""
    return str(seen(folder).standings.of(FIRST.signs("agency/checked", DIGEST, on=day)).why)


def test_who_has_left_by_a_word_that_was_agreed_to_stays_so_whatever_the_file_says_then(city_car, capsys):
    put_key(city_car, FIRST)
    says_left(city_car, "2026-04-01")
    assert run("key", "trust", city_car, "--fingerprint", FIRST.fingerprint) == 0
    assert "agency left on 2026-04-01" in capsys.readouterr().out
    says_left(city_car, "")
    assert "left on 2026-04-01" in left_by(city_car, "2026-05-01")
    assert not left_by(city_car, "2026-04-01")
    notices = trust_notices(read_programme(city_car))
    assert any("agency left on 2026-04-01, and its file says so no longer" in one.what for one in notices)
    signer = pledging.signer_problems(read_programme(city_car), private_key("first"), "agency", FIRST.roles[0], "--key")
    assert [one.what for one in signer] == ["agency left on 2026-04-01"], "nobody signs what is then invalid"


def test_an_edit_that_nobody_signed_is_remembered_of_nobody(city_car):
    """A party's file says for one commit that it has left, and the charter what must be signed: both count while they stand."""
    put_key(city_car, FIRST)
    assert run("key", "trust", city_car, "--fingerprint", FIRST.fingerprint) == 0
    before = anchor_file().read_bytes()
    charter = (city_car / "programme.toml").read_text()
    says_left(city_car, "2026-04-01")
    (city_car / "programme.toml").write_text(charter.replace("[vehicle]", 'signatures_from = "concept"\n[vehicle]'))
    assert "left on 2026-04-01" in left_by(city_car, "2026-05-01")
    told = " ".join(one.what for one in trust_notices(seen(city_car)))
    assert "agency left on 2026-04-01, as its file says, which nobody signs" in told
    assert "from the gate concept on, which nobody has agreed to here" in told
    says_left(city_car, "")
    (city_car / "programme.toml").write_text(charter)
    assert not left_by(city_car, "2026-05-01")
    assert trust_notices(read_programme(city_car)) == []
    assert anchor_file().read_bytes() == before


@pytest.mark.parametrize("way", ["script", "terminal"])
def test_whatever_is_remembered_is_taken_back_by_a_word_of_its_reader(city_car, monkeypatch, way):
    put_key(city_car, FIRST)
    put_key(city_car, SECOND)
    says_left(city_car, "2026-04-01")
    charter = (city_car / "programme.toml").read_text()
    (city_car / "programme.toml").write_text(charter.replace("[vehicle]", 'signatures_from = "concept"\n[vehicle]'))
    named = ("key", "trust", city_car, "--fingerprint", FIRST.fingerprint)
    assert run(*named) == 0
    revoked = put(city_car, FIRST.revokes(SECOND, on="2026-07-01"), "keys/agency/revoked.toml")
    says_left(city_car, "2026-03-20")
    seen(city_car)
    for path in (city_car / "parties" / "agency.toml", city_car / "programme.toml"):
        path.write_text(re.sub(r"(?m)^(left|signatures_from) = .*\n", "", path.read_text()))
    revoked.unlink()
    assert run(*named) == 0
    trust = trust_of("city-car")
    assert (trust.left, trust.order, len(trust.revoked)) == ({"agency": "2026-04-01"}, 1, 1), "not without a word"
    if way == "script":
        assert run(*named, "--replace", "--gates") == 0
    else:
        asked = []
        monkeypatch.setattr(key, "can_ask", lambda: True)
        monkeypatch.setattr(key.typer, "confirm", lambda text, default: asked.append(text) or not default)
        assert run("key", "trust", city_car) == 0
        assert len(asked) == 3
    trust = trust_of("city-car")
    assert (trust.left, trust.order, trust.revoked) == ({}, None, {})
    read = read_programme(city_car)
    assert read.standings.keys[SECOND.fingerprint].standing.counts
    assert trust_notices(read) == []


def test_a_day_to_come_is_no_past_one(city_car):
    put_key(city_car, FIRST)
    says_left(city_car, "2126-04-01")
    run("key", "trust", city_car, "--fingerprint", FIRST.fingerprint)
    says_left(city_car, "")
    [notice] = trust_notices(read_programme(city_car))
    assert "you agreed that agency leaves on 2126-04-01, and its file says so no longer" in notice.what


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
    for party, holder in (("battery-works", Holder("works", "battery-works", ("chief",))), ("agency", FIRST)):
        (city_car / party).mkdir(exist_ok=True)
        (city_car / party / "own.toml").write_text(entry.format(party))
        digest = read_programme(city_car).checked[f"{party}/own"].digest
        put(city_car, holder.signs(f"{party}/own", digest), f"{party}/own.signed.toml")
        read = read_programme(city_car)
        assert bounds_checked("UN R21", texts_checked(read)) is (party == "agency")
    assert any("battery-works was no agency when it was trusted" in one.what for one in trust_notices(read))


def test_two_parties_of_one_title_are_told(city_car):
    agency, works = (city_car / "parties" / f"{name}.toml" for name in ("agency", "battery-works"))
    assert not [one for one in check_programme(city_car)[1] if "one title" in one.what]
    title = re.search(r"(?m)^title = .*", agency.read_text())[0]
    works.write_text(re.sub(r"(?m)^title = .*", title, works.read_text()))
    assert any("have one title" in one.what for one in check_programme(city_car)[1])


def test_check_does_not_call_in_order_what_says_less_than_was_trusted(city_car, capsys):
    put_key(city_car, FIRST)
    asked = asked_of(read_programme(city_car))
    trust_in("city-car", KEY, None, None, asked)
    assert run("check", city_car) == 0
    assert "every file is in order" in capsys.readouterr().out
    path = city_car / "gates" / "trial.toml"
    path.write_text(path.read_text().replace("people = true", "people = false"))
    for also in ((), ("--json",)):
        assert run("check", city_car, *also) == 6
        said = capsys.readouterr().out
        assert "in order" not in said and "no longer says that people ride after it" in " ".join(said.split())
