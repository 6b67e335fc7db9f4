"""What is kept: whole files of one's own, one rule for all kinds, several processes at once, memories that end."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from covolt.own_files import own_content
from covolt.simulation import kept
from covolt.simulation.kept import Memory, keep, recall, source_digest


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_kept_comes_back_for_the_same_texts_only(folder: Path) -> None:
    keep("thing", ("a", "bc"), b"content")
    assert recall("thing", ("a", "bc")) == b"content"
    assert recall("thing", ("ab", "c")) is None
    assert recall("other", ("a", "bc")) is None
    assert folder.stat().st_mode & 0o077 == 0
    assert only_file(folder).stat().st_mode & 0o077 == 0


def test_a_file_under_another_name_is_left_aside(folder: Path) -> None:
    """Whoever may rename files in the folder cannot pass one for another."""
    keep("thing", ("one",), b"1")
    first = only_file(folder)
    keep("thing", ("two",), b"2")
    second = next(path for path in folder.iterdir() if path != first)
    first.replace(second)
    assert recall("thing", ("two",)) is None


def test_a_stranger_s_file_is_left_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    keep("thing", ("key",), b"content")
    monkeypatch.setattr(os, "getuid", lambda: 4321)
    assert recall("thing", ("key",)) is None


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_is_left_aside(folder: Path, mode: int) -> None:
    keep("thing", ("key",), b"content")
    only_file(folder).chmod(mode)
    assert recall("thing", ("key",)) is None


def test_what_came_with_somebody_s_files_is_left_aside(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder that is checked out belongs to whoever checks it out: only the secret tells who wrote what lies in it."""
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "theirs"))
    keep("thing", ("key",), b"their code")
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "mine"))
    assert recall("thing", ("key",)) is None
    keep("thing", ("key",), b"mine")
    assert recall("thing", ("key",)) == b"mine"


def test_without_a_secret_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path / "file" / "inner"))
    keep("thing", ("key",), b"content")
    assert recall("thing", ("key",)) is None


def test_nothing_is_unpickled_but_what_was_kept() -> None:
    """`recall` alone gives the bytes that become objects again; it takes none that another user could have written.

    A worker of a cluster runs whatever its scheduler sends it, by Dask's own pickles too: who may share one is said on its page.
    """
    for path in sorted({*kept.ROOT.rglob("*.py")} - {kept.ROOT / "study" / "designs" / "cluster.py"}):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"pickle\.loads?\(|marshal\.|shelve|joblib|allow_pickle", text):
            before = text[: match.start()].rpartition("\ndef ")[2]
            assert re.search(r"content = (recall|recall_content)\(", before), f"{path}: {match[0]}"


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    keep("thing", ("key",), b"content")
    path, elsewhere = only_file(folder), tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert own_content(elsewhere) is not None
    assert own_content(path) is None
    assert recall("thing", ("key",)) is None


def test_a_pipe_or_folder_in_its_place_does_not_hold_anybody_up(folder: Path) -> None:
    keep("thing", ("key",), b"content")
    path = only_file(folder)
    path.unlink()
    os.mkfifo(path)
    assert recall("thing", ("key",)) is None
    path.unlink()
    path.mkdir()
    assert recall("thing", ("key",)) is None


def test_of_all_kinds_the_most_recently_used_stay_and_what_is_not_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_FILES", 4)
    folder.mkdir()
    for name in ("thesis.pdf", "notes.bin", "double-0.bin"):
        (folder / name).write_text("mine")
        os.utime(folder / name, (0, 0))
    keep("native-trace", ("first",), b"first")
    keep("car", ("second",), b"second")
    for number, path in enumerate(sorted(folder.glob("*-*.bin"))):
        os.utime(path, (number + 1, number + 1))
    assert recall("native-trace", ("first",)) == b"first"
    for number in range(3):
        keep(("car", "native-trace", "native")[number], (str(number),), b"more")
    assert recall("native-trace", ("first",)) == b"first"
    assert recall("car", ("second",)) is None
    names = {path.name for path in folder.iterdir()}
    assert {"thesis.pdf", "notes.bin", "double-0.bin"} < names
    assert len(names) == 4 + 3


def test_many_records_push_out_no_code_and_are_not_let_go_while_they_are_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_FILES", 2)
    monkeypatch.setattr(kept, "MOST_RECORDS", 20)
    keep("car", ("code",), b"code")
    for number in range(30):
        keep(kept.RECORD, (str(number),), b"record")
    assert recall("car", ("code",)) == b"code"
    # All thirty were written by this process.
    assert all(recall(kept.RECORD, (str(number),)) == b"record" for number in range(30))
    for path in folder.glob("record-*.bin"):
        os.utime(path, (1, 1))
    assert recall(kept.RECORD, ("7",)) == b"record"
    keep(kept.RECORD, ("one more",), b"record")
    assert len(list(folder.glob("record-*.bin"))) == 20
    assert recall(kept.RECORD, ("7",)) == b"record"


WRITER = """
import sys
from covolt.simulation.kept import keep, recall
for _ in range(300):
    keep("thing", ("key",), sys.argv[1].encode() * 20_000)
    found = recall("thing", ("key",))
    assert found is not None and len(found) == 20_000 and len(set(found)) == 1, found and len(found)
"""


def test_processes_that_write_one_file_leave_it_whole(folder: Path) -> None:
    """Each reads a whole file after each write, be it its own or the other's."""
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, letter]) for letter in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert recall("thing", ("key",)) in (b"a" * 20_000, b"b" * 20_000)
    assert len(list(folder.iterdir())) == 1


def test_source_that_changed_under_the_process_is_nobody_s_source(monkeypatch: pytest.MonkeyPatch) -> None:
    assert source_digest("simulation") is not None
    monkeypatch.setattr(kept, "_STARTED_s", 0.0)
    assert kept._digest_of_files.__wrapped__(("simulation",), (".py",)) is None


def test_a_memory_forgets_what_was_not_asked_for_longest() -> None:
    memory: Memory[str, int] = Memory(2)
    assert (memory.made("a", lambda: 1), memory.made("bb", lambda: 2)) == (1, 2)
    assert memory.get("a") == 1
    memory.put("ccc", 3)
    assert (memory.get("a"), memory.get("bb"), memory.get("ccc"), len(memory)) == (1, None, 3, 2)


def test_threads_that_ask_for_one_thing_have_it_made_once() -> None:
    memory: Memory[str, int] = Memory(2)
    begun, made = threading.Barrier(4), []

    def make() -> int:
        made.append(1)
        return 7

    def ask() -> None:
        begun.wait()
        assert memory.made("key", make) == 7

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_what_cannot_be_made_is_tried_again() -> None:
    memory: Memory[str, int] = Memory(2)
    with pytest.raises(ZeroDivisionError):
        memory.made("key", lambda: 1 // 0)
    assert memory.made("key", lambda: 1) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04garbage", pickle.dumps(5), pickle.dumps((1, 2, 3)), b"cos\nsystemX\n."]
)
def test_what_makes_no_sense_is_made_anew(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the right digest: another version of a library pickles otherwise, and a disk may err before it is sealed."""
    from covolt.simulation import compiled, remembered
    from covolt.simulation.native import emit, trace

    text = "car"
    about = remembered._about(text)
    assert about is not None
    keep("car", about, content)
    assert remembered.recall(text) is None
    monkeypatch.setattr(trace, "_about", lambda key: ("about",))
    keep("native-trace", ("about",), content)
    assert trace._recalled(None) is None  # pyright: ignore[reportArgumentType]
    keep("drive", ("about",), content)
    assert compiled._load("drive", ("about",)) is None
    machine = emit.target_machine()
    source = "define void @drive() {\n ret void\n}\n"
    key = (source, str(machine.triple), *emit.processor(), emit.llvmlite.__version__)
    keep("native", key, content)
    assert emit.is_object_code(emit.object_code(source, machine, None))


def test_what_makes_sense_comes_back() -> None:
    keep("thing", ("key",), pickle.dumps((3, 4)))
    assert kept.recalled_as(complex, "thing", ("key",)) == 3 + 4j
