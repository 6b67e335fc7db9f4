"""Repositories: exact bytes, one writer wins, and what stands in a folder is the sum of all of them."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from covolt.errors import Conflict
from covolt.workspace.repository import Author, Repository
from covolt.workspace.states import Heads, ProgrammeFolders, files_of

NOW = datetime(2026, 11, 30, tzinfo=UTC)
WHO = Author("engineer", "battery-works")
FILES = {
    "a.txt": b"1\r\n",
    'b/\u0436 "q"\\.txt': b"",
    "c\n.txt": b"\x00\xff",
    ".gitattributes": b"* text eol=lf ident\n",
}


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "one.git")
    made.begin()
    return made


def test_what_is_read_is_what_was_written_to_the_byte(repository):
    first = repository.commit(FILES, "", WHO, "First\n\nand why", NOW)
    second = repository.commit({"a.txt": b"2"}, first, WHO, "Second", NOW)
    assert repository.files(first) == FILES
    assert repository.files(second) == {"a.txt": b"2"}
    assert repository.head() == second
    assert [one.message for one in repository.log()] == ["Second", "First\n\nand why"]
    assert repository.log()[0].author == "engineer (battery-works)"


def test_an_empty_repository_has_no_head_and_no_files(repository, tmp_path):
    assert repository.head() == ""
    assert repository.files("") == {}
    assert repository.log() == []
    assert Repository(tmp_path / "none.git").head() == ""


def test_of_many_who_write_at_once_one_wins_and_the_others_are_told(repository):
    first = repository.commit({}, "", WHO, "First", NOW)

    def write(at):
        try:
            return repository.commit({"a": str(at).encode()}, first, WHO, str(at), NOW)
        except Conflict as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(write, range(8)))
    [won] = [one for one in found if isinstance(one, str)]
    assert repository.head() == won
    assert len(repository.log()) == 2


def test_a_name_cannot_forge_another_line(repository):
    forged = Author("x\ncommitter evil <evil@example.org> 0 +0000", "p\n")
    repository.commit({}, "", forged, "data 3\nabc\nM 100644 inline evil\ndata 1\nx\n", NOW)
    assert repository.files(repository.head()) == {}
    assert "<" not in repository.log()[0].author


def test_a_programme_is_the_sum_of_its_repositories(tmp_path):
    files = {
        "programme.toml": b"1", "parties/works.toml": b"2", "parties/institute.toml": b"3", "offers/works/pack.toml": b"4",
        "works/parts/pack/part.toml": b"5", "institute/requirements/N.toml": b"6", "tables/works/a.toml": b"7",
    }  # fmt: skip
    folders = ProgrammeFolders(tmp_path / "car")
    heads = folders.write(Heads("", ()), files, WHO, "Begun", NOW)
    assert folders.files(heads) == files
    assert folders.heads() == heads
    assert set(folders.own("works").files(dict(heads.parties)["works"])) == {"parts/pack/part.toml"}
    assert not any(path.startswith(("works/", "institute/")) for path in folders.shared.files(heads.programme))
    with folders.draft(heads) as draft:
        assert files_of(draft) == files
        (draft / "works/parts/pack/part.toml").write_bytes(b"8")
        after = folders.write(heads, files_of(draft), WHO, "Changed", NOW)
    assert after.programme != heads.programme, "the programme says which commits of its parties belong to it"
    assert dict(after.parties)["institute"] == dict(heads.parties)["institute"]
    assert files_of(folders.read_folder(heads)) == files
    assert folders.files(after)["works/parts/pack/part.toml"] == b"8"
    assert Heads.of(after.plain()) == after
    with pytest.raises(Conflict):
        folders.write(heads, {**files, "works/x": b"9"}, WHO, "Too late", NOW)


def test_a_state_that_was_half_written_is_written_again(tmp_path):
    folders = ProgrammeFolders(tmp_path / "car")
    heads = folders.write(Heads("", ()), {"programme.toml": b"1"}, WHO, "Begun", NOW)
    place = folders.read_folder(heads)
    place.with_suffix(".whole").unlink()
    (place / "programme.toml").write_bytes(b"")
    assert files_of(folders.read_folder(heads)) == {"programme.toml": b"1"}


def test_what_was_left_by_who_was_killed_while_it_received_goes_with_a_later_push(repository):
    left, under_way = repository.folder / "incoming-left", repository.folder / "incoming-now"
    left.mkdir()
    (left / "pack").write_bytes(b"half")
    under_way.mkdir()
    ago_s = under_way.stat().st_mtime - 2 * 3600.0
    os.utime(left, (ago_s, ago_s))
    with repository.received(None):
        assert not left.exists()
        assert under_way.exists()
