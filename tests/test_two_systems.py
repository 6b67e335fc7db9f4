"""Files by the rules of Windows: the same promises, where an open file neither moves nor goes and locks are of bytes.

The rules are imitated on this system; covolt was never run on Windows itself.
"""

import errno
import os
import sys
import types
from pathlib import Path

import pytest

from covolt import locks
from covolt.errors import InputError
from covolt.files import digest_of, opened, sweep, write_new, write_whole
from covolt.journal import Change, write_together
from covolt.own_files import config_folder, own_content, own_secret, own_turn
from covolt.places import unportable
from covolt.simulation import kept
from tests import test_files, test_journal

OPEN = Path("/dev/fd")


def opened_files():
    """Handles of this process by what they are open on."""
    found = {}
    for name in os.listdir(OPEN):  # noqa: PTH208  it is open while it is listed
        try:
            about = os.fstat(int(name))
        except OSError:
            continue
        found.setdefault((about.st_dev, about.st_ino), set()).add(int(name))
    return found


def unless_open(function, places):
    """A function of the system that refuses to move or take away what is open."""

    def called(*arguments, **named):
        assert not any(value is not None for key, value in named.items() if key.endswith("dir_fd")), named
        for place in filter(os.path.lexists, arguments[:places]):
            about = os.lstat(place)
            if (about.st_dev, about.st_ino) in opened_files():
                raise PermissionError(errno.EACCES, "The process cannot access the file", place)
        return function(*arguments, **named)

    return called


@pytest.fixture
def windows(monkeypatch, tmp_path):
    """Windows as covolt's files meet it: sharing violations, no handles of folders, byte locks that are never shared."""
    if not OPEN.is_dir():
        pytest.skip("open files cannot be listed here")
    monkeypatch.setenv("HOME", str(tmp_path.parent))  # the profile, in which the tests' settings lie
    held = {}

    def locking(handle, mode, count):
        about = os.fstat(handle)
        key = about.st_dev, about.st_ino, os.lseek(handle, 0, os.SEEK_CUR)
        if held.get(key) in opened_files().get(key[:2], ()) and held[key] != handle:
            raise PermissionError(errno.EACCES, "Permission denied")
        held[key] = handle

    real = os.open

    def without_folders(path, flags, mode=0o777, *, dir_fd=None):
        assert dir_fd is None
        if Path(path).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, flags & ~(os.O_NOFOLLOW | os.O_DIRECTORY | os.O_NONBLOCK), mode)

    monkeypatch.setattr(locks, "WINDOWS", True)
    monkeypatch.setattr(locks, "OPENED_ELSEWHERE_s", 0.1)
    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_NBLCK=2))
    monkeypatch.setattr(os, "replace", unless_open(os.replace, 2))
    monkeypatch.setattr(os, "unlink", unless_open(os.unlink, 1))
    monkeypatch.setattr(os, "open", without_folders)


@pytest.fixture
def car(tmp_path):
    return test_journal.car.__wrapped__(tmp_path)


def test_what_is_replaced_stands_whole(windows, tmp_path):
    write_whole(tmp_path / "lock", "first")
    write_whole(tmp_path / "lock", "second")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("lock", "second")]


def test_a_file_that_another_program_has_open_is_told_and_left(windows, tmp_path):
    (tmp_path / "list.xlsx").write_text("before")
    with (tmp_path / "list.xlsx").open(), pytest.raises(InputError, match="cannot be written") as caught:
        write_whole(tmp_path / "list.xlsx", "after")
    assert caught.value.problems[0].hint
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("list.xlsx", "before")]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_interruptions_leave_what_was_there(windows, tmp_path, stop):
    test_files.test_an_interrupted_write_leaves_what_was_there(tmp_path, stop)


def test_one_of_several_writers_wins(windows, tmp_path):
    test_files.test_of_several_writers_of_one_new_file_one_wins(tmp_path)
    assert write_new(tmp_path / "other", "x") is True


def test_what_an_interrupted_writer_left_goes_and_what_somebody_writes_stays(windows, tmp_path):
    (tmp_path / ".lock.7-1.part").write_text("left")
    with opened(tmp_path) as folder, folder.part("offer") as (part, _):
        sweep(folder)
        assert [one.name for one in tmp_path.iterdir()] == [part]
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_through_a_link(windows, tmp_path):
    for within in (False, True):
        folder = tmp_path / str(within)
        folder.mkdir()
        test_files.test_nothing_is_written_through_a_link_of_a_programme(folder, within)


def test_several_files_are_written_together(windows, car):
    write_together(car, test_journal.changes(car))
    assert test_journal.texts(car) == test_journal.NEW


@pytest.mark.parametrize("moment", range(1, 30, 2))
def test_a_kill_leaves_all_or_nothing(windows, car, monkeypatch, moment):
    test_journal.test_a_kill_leaves_all_or_nothing(car, monkeypatch, moment)


def test_writers_take_turns(windows, car, tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE_s", 0.1)
    (car / ".covolt").mkdir()
    with opened(car / ".covolt") as home:
        handle = home.open("lock", os.O_RDWR | os.O_CREAT)
        assert locks.held(handle)
        with pytest.raises(InputError, match="too long"):
            write_together(car, test_journal.changes(car))
        os.close(handle)
    write_together(car, test_journal.changes(car))


def test_a_lock_leaves_the_place_of_writing(windows, tmp_path):
    with opened(tmp_path) as folder:
        handle = folder.open("a", os.O_RDWR | os.O_CREAT)
        os.write(handle, b"ab")
        assert locks.held(handle)
        os.write(handle, b"c")
        os.close(handle)
    assert (tmp_path / "a").read_bytes() == b"abc"


def test_secrets_and_settings_lie_in_the_profile_alone(windows, tmp_path, monkeypatch):
    """The stated rule: own is what lies below the user's profile, through no link."""
    profile = tmp_path / "Users" / "ann"
    profile.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(profile))
    monkeypatch.setenv("USERPROFILE", str(profile))
    monkeypatch.setenv("APPDATA", str(profile / "AppData" / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(profile / "AppData" / "Local"))
    for name in ("COVOLT_CONFIG_DIR", "COVOLT_CACHE_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert config_folder() == profile / "AppData" / "Roaming" / "covolt"
    assert kept.cache_folder() == profile / "AppData" / "Local" / "covolt"
    assert own_secret("seal.key") == own_secret("seal.key")
    with own_turn() as folder:
        assert folder == config_folder()
    (tmp_path / "shared").write_text("anybody's")
    assert own_content(tmp_path / "shared") is None
    (profile / "link").symlink_to(tmp_path / "shared")
    assert own_content(profile / "link") is None
    (profile / "own").write_text("mine")
    assert own_content(profile / "own") == b"mine"


PLACES = {
    "CON": "device",
    "nul.toml": "device",
    "offers/Aux/x.toml": "device",
    "COM1.txt": "device",
    "offers/works./x.toml": "drops the last sign",
    "offers/works /x.toml": "drops the last sign",
    "a:b.toml": "allows no ':'",
    "C:": "allows no ':'",
    "a\\b.toml": "in a name",
    "what?.toml": "allows no '?'",
    "line\nbreak": "in a name",
    "n" * 201: "201 signs",
    "/".join(["folder"] * 30): "more than 180 signs",
}


@pytest.mark.parametrize(("place", "words"), PLACES.items())
def test_a_place_that_some_system_cannot_hold_is_refused_in_a_programme_on_every_system(car, place, words):
    told = unportable(car / place, car)
    assert told is not None and words in str(told[0]) and told[1]
    before = test_journal.texts(car)
    for write in (
        lambda: write_together(car, [Change(car / place, b"x", "")]),
        lambda: write_whole(car / place, "x", within=car),
        lambda: write_new(car / place, "x", within=car),
    ):
        with pytest.raises(InputError, match=words.replace("?", r"\?")):
            write()
    assert test_journal.texts(car) == before


@pytest.mark.parametrize(
    "place",
    [
        "parties/volta.toml",
        "offers/works/pack@1.0.0.toml",
        "Contract.toml",
        "аккумулятор.toml",
        "console.toml",
        ".covolt/lock",
    ],
)
def test_ordinary_places_are_held_by_all(tmp_path, place):
    assert unportable(tmp_path / place, tmp_path) is None
    assert unportable(Path(place)) is None


def test_what_stands_already_under_a_name_of_a_device_stays_readable(car):
    """An earlier covolt wrote it, and this system holds it."""
    (car / "agency" / "aux.toml").write_text("here")
    assert (car / "agency" / "aux.toml").read_text() == "here"
    write_together(car, [Change(car / "agency" / "aux.toml", None, digest_of(b"here"))])
    assert not (car / "agency" / "aux.toml").exists()
