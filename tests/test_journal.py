"""Several files are written together or not at all, and only the user's own interrupted writing is finished."""

import errno
import json
import os
import resource
import threading
import time
from pathlib import Path

import pytest

from covolt import journal, locks
from covolt.errors import InputError
from covolt.files import Folder, digest_of
from covolt.journal import Change, reading, write_together
from covolt.own_files import own_secret


class Killed(BaseException):
    """Stands for the end of the process: nothing is tidied up after it."""


@pytest.fixture
def car(tmp_path):
    root = tmp_path / "car"
    (root / "agency").mkdir(parents=True)
    for name in ("a", "b", "c"):
        (root / "agency" / name).write_text("old " + name)
    (root / "moved").mkdir()
    (root / "moved" / "e").write_text("old e")
    return root


def changes(root):
    rows = [
        Change(root / "agency" / name, f"new {name}".encode(), digest_of(f"old {name}".encode())) for name in ("a", "b")
    ]
    gone = Change(root / "moved" / "e", None, digest_of(b"old e"))
    return [*rows, Change(root / "offers" / "d", b"new d", before=""), gone]


def texts(root):
    found = (path for path in root.rglob("*") if path.is_file() and path.name != "lock")
    return {path.relative_to(root).as_posix(): path.read_text() for path in found}


OLD = {"agency/a": "old a", "agency/b": "old b", "agency/c": "old c", "moved/e": "old e"}
NEW = {"agency/a": "new a", "agency/b": "new b", "agency/c": "old c", "offers/d": "new d"}


def killed_at(monkeypatch, root, moment):
    """Write, and end at the given call that changes the disk, without any tidying; whether that moment came."""
    calls = 0

    def counted(function):
        def called(*arguments, **named):
            nonlocal calls
            calls += 1
            if calls >= moment:
                raise Killed
            return function(*arguments, **named)

        return called

    with monkeypatch.context() as patch:
        for name in ("replace", "link", "unlink", "fsync", "mkdir"):
            patch.setattr(os, name, counted(getattr(os, name)))
        try:
            write_together(root, changes(root))
        except Killed:
            return True
    return False


@pytest.mark.parametrize("moment", range(1, 40))
def test_a_kill_leaves_all_or_nothing(car, monkeypatch, moment):
    came = killed_at(monkeypatch, car, moment)
    with reading(car):
        found = texts(car)
    assert found in (OLD, NEW)
    if came:
        if found == OLD:
            write_together(car, changes(car))
    else:
        assert found == NEW
        assert moment > 20
    assert texts(car) == NEW


def test_one_that_changed_meanwhile_stops_all(car):
    (car / "agency" / "b").write_text("theirs")
    (car / "offers").mkdir()
    (car / "offers" / "d").write_text("theirs")
    with pytest.raises(InputError) as raised:
        write_together(car, changes(car))
    assert [(one.where, one.what[:28]) for one in raised.value.problems] == [
        ("agency/b", "somebody has changed this me"),
        ("offers/d", "somebody has written this me"),
    ]
    assert texts(car) == OLD | {"agency/b": "theirs", "offers/d": "theirs"}


def interrupted(monkeypatch, root):
    """A journal that stands, with its parts."""

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(journal, "_carry_out", killed)
        write_together(root, changes(root))
    return root / ".covolt" / "journal"


def test_the_journal_of_somebody_else_moves_nothing(car, monkeypatch, tmp_path):
    path = interrupted(monkeypatch, car)
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "other"))
    before = texts(car)
    for _ in range(2):
        with pytest.raises(InputError, match="not yours") as raised, reading(car):
            pass
        assert raised.value.problems[0].where == ".covolt/journal"
    assert texts(car) == before
    path.unlink()
    with reading(car):
        assert texts(car) == OLD


@pytest.mark.parametrize("said", ["1.5", "[" * 100_000 + "]" * 100_000])
def test_a_sealed_journal_of_which_a_text_is_none_moves_nothing(car, monkeypatch, said):
    path = interrupted(monkeypatch, car)
    told = json.loads(path.read_text().partition("\n")[2])
    told["moves"][0]["path"] = "here"
    text = json.dumps(told).replace('"here"', said)
    path.write_text(f"{journal._seal(text)}\n{text}")
    with pytest.raises(InputError, match="not yours"), reading(car):
        pass


def test_a_journal_counts_for_its_own_folder_and_as_it_was_sealed(car, monkeypatch):
    path = interrupted(monkeypatch, car)
    seal, _, text = path.read_text().partition("\n")
    told = json.loads(text)
    for other in ({**told, "folder": told["folder"] + 1}, {**told, "moves": told["moves"][:1]}):
        path.write_text(f"{seal}\n{json.dumps(other)}")
        with pytest.raises(InputError, match="not yours"), reading(car):
            pass
    copied = car.with_name("copied")
    car.rename(copied)
    path = copied / ".covolt" / "journal"
    path.write_text(f"{seal}\n{text}")
    with reading(copied):
        assert texts(copied) == NEW


def test_what_was_changed_after_an_interruption_is_not_written_over(car, monkeypatch):
    interrupted(monkeypatch, car)
    (car / "agency" / "b").write_text("edited since")
    with pytest.raises(InputError, match="changed since") as raised, reading(car):
        pass
    assert [one.where for one in raised.value.problems] == ["agency/b"]
    assert (car / "agency" / "a").read_text() == "old a"


def test_left_parts_go_at_the_next_start_with_the_folders_made_for_them(car):
    for place in ("agency/.a.77-8.part", "offers/p/evidence/x@1.0.0/.report.pdf.77-8.part", "build/.r.html.3.part"):
        (car / place).parent.mkdir(parents=True, exist_ok=True)
        (car / place).write_text("half")
    (car / "data").mkdir()
    (car / "data" / ".mine.1-2.part").write_text("not covolt's")
    with reading(car):
        assert texts(car) == OLD | {"data/.mine.1-2.part": "not covolt's"}
    assert not (car / "offers").exists()


def test_a_link_is_refused_on_the_way(car, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for place in (".covolt", "offers"):
        (car / place).symlink_to(elsewhere)
        with pytest.raises(InputError, match="a link to a folder"):
            write_together(car, changes(car))
        (car / place).unlink()
    (car / ".covolt" / "lock").unlink()
    (car / ".covolt" / "lock").symlink_to(elsewhere / "made")
    with pytest.raises(InputError, match="cannot be written"):
        write_together(car, changes(car))
    assert not list(elsewhere.iterdir())
    assert texts(car) == OLD


def test_many_files_need_few_open_ones(car):
    few = len(list(Path("/dev/fd").iterdir())) + 20
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, before[1]))
    try:
        write_together(car, [Change(car / "agency" / f"r{number}", b"text", before="") for number in range(50)])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert len(texts(car)) == len(OLD) + 50


def test_who_reads_waits_for_who_writes(car, monkeypatch):
    """A reader never finds one file new and the other old."""
    half, real = threading.Event(), Folder.put

    def slowly(self, part, name, *, new):
        done = real(self, part, name, new=new)
        if name == "a":
            half.set()
            time.sleep(0.2)
        return done

    write_together(car, [Change(car / "agency" / "c", b"old c")])
    monkeypatch.setattr(Folder, "put", slowly)
    writer = threading.Thread(target=write_together, args=(car, changes(car)))
    writer.start()
    assert half.wait(10)
    between = (car / "agency" / "a").read_text(), (car / "agency" / "b").read_text()
    with reading(car):
        found = texts(car)
    writer.join()
    assert between == ("new a", "old b"), "the writer was not half way through"
    assert found == NEW


def test_who_waits_too_long_is_told(car, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE_s", 0.05)
    with journal._turn(car), pytest.raises(InputError, match="has been writing here"):
        write_together(car, changes(car))
    assert texts(car) == OLD


def test_a_pipe_in_the_place_of_the_lock_holds_nobody_up(car):
    (car / ".covolt").mkdir()
    os.mkfifo(car / ".covolt" / "lock")
    with reading(car):
        pass
    with pytest.raises(InputError, match="no ordinary file"):
        write_together(car, changes(car))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_full_disk_leaves_what_was_there(car, monkeypatch, number):
    """Also where the content no longer fits, or the journal."""
    calls, real = 0, os.write

    def full(handle, content):
        nonlocal calls
        calls += 1
        if calls >= number:
            real(handle, bytes(content)[:2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, content)

    own_secret("journal.key")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(InputError, match="make room"):
            write_together(car, changes(car))
    assert texts(car) == OLD
    assert not (car / "offers").exists()
    write_together(car, changes(car))
    assert texts(car) == NEW
