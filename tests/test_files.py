"""Files are whole or absent, whatever interrupts the writing."""

import errno
import os

import pytest

from covolt.errors import InputError
from covolt.files import whole, write_new, write_whole
from covolt.legible import apart


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_an_interrupted_write_leaves_what_was_there(tmp_path, stop):
    path = tmp_path / "lock"
    path.write_text("before")
    with pytest.raises(stop), whole(path) as partial:
        partial.write_text("half")
        raise stop
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("lock", "before")]


def test_an_interruption_at_the_last_moment(tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "lock", "after")
    assert not list(tmp_path.iterdir())


def test_where_nothing_can_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "inner", tmp_path / "folder"):
        with pytest.raises(InputError, match="cannot be written") as raised:
            write_whole(path, "text")
        assert raised.value.problems[0].where == str(path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]


def test_of_several_writers_of_one_new_file_one_wins(tmp_path):
    assert [write_new(tmp_path / "offer", text) for text in ("first", "second")] == [True, False]
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("offer", "first")]


def test_a_disk_without_hard_links_has_one_winner_too(tmp_path, monkeypatch):
    def without(*_, **__):
        raise OSError(errno.EPERM, "no hard links")

    monkeypatch.setattr(os, "link", without)
    assert [write_new(tmp_path / "offer", text) for text in ("first", "second")] == [True, False]
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("offer", "first")]


@pytest.mark.parametrize("within", [False, True])
def test_nothing_is_written_through_a_link_of_a_programme(tmp_path, within):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "car").mkdir()
    (tmp_path / "car" / "build").symlink_to(tmp_path / "elsewhere")
    path = tmp_path / "car" / "build" / "inner" / "report.html"
    if within:
        with pytest.raises(InputError, match="a link to a folder"):
            write_whole(path, "page", within=tmp_path / "car")
        assert not list((tmp_path / "elsewhere").iterdir())
    else:
        write_whole(path, "page")
        assert (tmp_path / "elsewhere" / "inner" / "report.html").read_text() == "page"


def test_a_place_is_never_out_of_the_programme(tmp_path):
    with pytest.raises(InputError, match="leads out"):
        write_whole(tmp_path / "car" / ".." / "x", "page", within=tmp_path / "car")


def test_what_an_interrupted_writer_left_is_swept_and_what_somebody_writes_stays(tmp_path):
    (tmp_path / ".lock.123-4.part").write_text("half")
    (tmp_path / ".lock.99.part").write_text("half, by an earlier covolt")
    (tmp_path / ".other.123-4.part").write_text("of another file")
    (tmp_path / ".lock.5.part").symlink_to(tmp_path / "absent")
    with whole(tmp_path / "lock") as partial:
        partial.write_text("mine")
        write_whole(tmp_path / "other", "done")
        held = os.open(partial, os.O_RDONLY)
        # The same file by another writer while this one is at it, as another process would.
        name = tmp_path / ".lock.77-8.part"
        partial.rename(name)
        write_whole(tmp_path / "lock", "theirs")
        assert name.read_text() == "mine"
        name.rename(partial)
        os.close(held)
    assert sorted(one.name for one in tmp_path.iterdir()) == [".lock.5.part", "lock", "other"]
    assert (tmp_path / "lock").read_text() == "mine"


@pytest.mark.parametrize(
    ("number", "hint"), [(errno.ENOSPC, "make room"), (errno.EROFS, "only be read"), (errno.EACCES, "may not write")]
)
def test_why_nothing_can_be_written_has_its_own_hint(tmp_path, monkeypatch, number, hint):
    def refused(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refused)
    for within in (None, tmp_path):
        with pytest.raises(InputError, match=hint) as raised:
            write_whole(tmp_path / "lock", "text", within=within)
        # Who cannot name another file is not told to.
        assert ("name a file" in raised.value.problems[0].hint) == (within is None and number != errno.ENOSPC)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", [7, 18, 19, 40, 70])
def test_digests_are_shown_where_they_differ(place):
    one = "sha256:" + "0123456789abcdef" * 4
    other = one[:place] + ("e" if one[place] != "e" else "f") + one[place + 1 :]
    now, then = apart(one, other)
    assert now != then and len(now) <= 24
    assert now.startswith("sha256:0123") or place < 11


def test_a_part_that_is_held_between_is_waited_for(tmp_path, monkeypatch):
    # The sweeper holds what was just made, and takes it away a moment later.
    tries = []

    def late(handle):
        tries.append(handle)
        return len(tries) != 1

    monkeypatch.setattr("covolt.files.held", late)
    write_whole(tmp_path / "record.bin", b"whole", forced=False)
    assert (tmp_path / "record.bin").read_bytes() == b"whole"
    assert [found.name for found in tmp_path.iterdir()] == ["record.bin"]
