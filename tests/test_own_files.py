"""What only this user can have written: a secret that is made once and is nobody else's."""

import stat
import threading

import pytest

from covolt.errors import InputError
from covolt.own_files import config_folder, own_content, own_secret
from covolt.programme.anchor import trust_in, trust_of


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "own"))
    return tmp_path / "own"


def test_a_secret_is_made_once_and_for_its_owner_alone(own):
    made = own_secret("seal.key")
    assert own_secret("seal.key") == made
    assert own_secret("other.key") != made
    assert stat.S_IMODE((own / "seal.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(own.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o622])
def test_one_that_others_may_know_is_none(own, mode):
    own_secret("seal.key")
    (own / "seal.key").chmod(mode)
    with pytest.raises(InputError, match="no secret of yours alone"):
        own_secret("seal.key")


def test_one_behind_a_link_or_cut_short_is_none(own, tmp_path):
    own_secret("seal.key")
    (own / "seal.key").rename(tmp_path / "seal.key")
    (own / "seal.key").symlink_to(tmp_path / "seal.key")
    with pytest.raises(InputError, match="no secret of yours alone"):
        own_secret("seal.key")
    (own / "seal.key").unlink()
    (own / "seal.key").write_bytes(b"short")
    (own / "seal.key").chmod(0o600)
    with pytest.raises(InputError, match="no secret of yours alone"):
        own_secret("seal.key")


def test_what_an_interruption_left_beside_it_goes(own):
    own_secret("seal.key")
    (own / ".seal.key.77-8.part").write_bytes(b"half")
    own_secret("seal.key")
    assert [one.name for one in own.iterdir()] == ["seal.key"]


def test_where_no_secret_can_be_kept_is_told(own):
    own.write_text("a file")
    with pytest.raises(InputError) as raised:
        own_secret("seal.key")
    assert raised.value.problems[0].hint == "set COVOLT_CONFIG_DIR to a folder of your own"


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("COVOLT_CONFIG_DIR")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert config_folder() == tmp_path / "config" / "covolt"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_folder() == tmp_path / ".config" / "covolt"


def test_what_others_can_write_is_no_own_content(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    assert own_content(path) == b"content"
    path.chmod(0o666)
    assert own_content(path) is None


def test_of_two_who_change_their_settings_at_once_neither_is_lost(own):
    """Each reads what the other has written before."""

    def add(name):
        for _ in range(20):
            trust_in(name, {"party": "0" * 64}, None, None)

    writers = [threading.Thread(target=add, args=(f"car-{number}",)) for number in range(3)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert all(trust_of(f"car-{number}").first for number in range(3))
    assert stat.S_IMODE((own / "trusted.toml").stat().st_mode) == 0o600
