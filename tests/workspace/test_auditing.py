"""Audit, back-up and export: what was changed behind the workspace is found and named; what was kept comes back whole."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing

import pytest

from covolt.errors import Conflict, InputError, NotFound
from covolt.programme.signing import new_key
from covolt.workspace import auditing
from covolt.workspace.asking import Workspace
from covolt.workspace.auditing import audit
from covolt.workspace.checkpoints import countersign, keep
from covolt.workspace.keeping import back_up, export_party, restore
from covolt.workspace.repository import Author, environment
from covolt.workspace.states import ProgrammeFolders
from tests.workspace.conftest import Clock, of
from tests.workspace.git_client import git
from tests.workspace.test_proposals import HEAVIER, agree

pytestmark = pytest.mark.whole
NAME, PARTY = "small-car", "battery-works"


@pytest.fixture(scope="module")
def grown(tmp_path_factory, small_programme):
    """A workspace in which something was proposed, agreed and merged, and something refused; nobody serves it."""
    with pytest.MonkeyPatch.context() as own:
        place = tmp_path_factory.mktemp("grown")
        own.setenv("COVOLT_CACHE_DIR", str(place / "cache"))
        own.setenv("XDG_CONFIG_HOME", str(place / "config"))
        workspace = Workspace(place / "home", Clock())
        workspace.begin(small_programme, of(""))
        number = workspace.proposals.make(NAME, of("integrator"), HEAVIER, "Certified cells", "they weigh more")
        agree(workspace, number)
        workspace.proposals.merge(NAME, number, of("integrator"))
        second = workspace.proposals.make(NAME, of(PARTY), [("battery", "mass", "270 kg")], "More", "")
        workspace.proposals.withdraw(NAME, second, of(PARTY))
        with workspace.programmes.database.writing() as session:
            keep(session, workspace.programmes.home, "")
        workspace.close()
    with closing(sqlite3.connect(place / "home/workspace.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return place / "home"


@pytest.fixture
def home(grown, tmp_path):
    return shutil.copytree(grown, tmp_path / "home")


def places(home, **given):
    return [one.where for one in audit(home, **given).problems]


def written(home, statement, *values):
    with closing(sqlite3.connect(home / "workspace.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        assert connection.execute(statement, values).rowcount


def test_what_nobody_touched_is_whole(home):
    found = audit(home)
    assert not found.problems
    assert (found.entries, found.checkpoints) == (6, 3)
    assert found.repositories > 3


def test_who_writes_while_it_looks_is_no_fault(home, monkeypatch):
    """A merge between the reading of the log and that of Git."""
    workspace = Workspace(home, Clock())
    looked_at = auditing._repository_problems
    number = workspace.proposals.make(
        NAME, of("integrator"), [("battery", "mass", "255 kg")], "Lighter cells", "they are here"
    )
    agree(workspace, number)

    def meanwhile(*about):
        monkeypatch.setattr(auditing, "_repository_problems", looked_at)
        workspace.proposals.merge(NAME, number, of("integrator"))
        return looked_at(*about)

    try:
        monkeypatch.setattr(auditing, "_repository_problems", meanwhile)
        assert places(home) == []
        assert auditing._repository_problems is looked_at, "nobody wrote"
    finally:
        workspace.close()


def test_a_write_that_was_interrupted_is_told_until_it_is_put_back(home):
    folders = ProgrammeFolders(home / "programmes" / NAME)
    before, stood = folders.shared.head(), json.dumps(folders.heads().plain())
    (folders.folder / "moving-0123456789abcdef").write_text(stood, encoding="utf-8")
    assert places(home) == [], "nothing was moved yet"
    folders.shared.commit(folders.shared.files(before) | {"x.txt": b"x"}, before, Author("x", PARTY), "x", Clock()())
    [told] = audit(home).problems
    assert "interrupted" in str(told.what)
    Workspace(home, Clock()).close()
    assert places(home) == []
    assert folders.shared.head() == before


def test_what_only_looks_like_a_mark_holds_nobody_up(home):
    """A folder, a pipe and a link by its name: nothing waits for them, and a write goes on."""
    folder = ProgrammeFolders(home / "programmes" / NAME).folder
    (folder / "moving-folder").mkdir()
    os.mkfifo(folder / "moving-pipe")
    (folder / "moving-link").symlink_to("/dev/zero")
    workspace = Workspace(home, Clock())
    try:
        number = workspace.proposals.make(NAME, of("integrator"), [("battery", "mass", "255 kg")], "Lighter", "")
        agree(workspace, number)
        workspace.proposals.merge(NAME, number, of("integrator"))
    finally:
        workspace.close()
    assert places(home) == []


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE events SET person = 'another' WHERE sequence = 3", "log/3"),
        ("UPDATE events SET told = replace(told, '260 kg', '261 kg') WHERE verb = 'proposed'", "log/2"),
        ("DELETE FROM events WHERE sequence = 2", "log/3"),
        ("DELETE FROM events WHERE sequence = 6", f"{NAME}/proposals/2"),
        ("UPDATE proposals SET title = 'Other cells' WHERE number = 1", f"{NAME}/proposals/1"),
        ("UPDATE proposals SET reason = 'none' WHERE number = 1", "checkpoints/4"),
        ("UPDATE proposals SET state = 'open' WHERE number = 2", f"{NAME}/proposals/2"),
        ("UPDATE answers SET answer = 'refuse'", f"{NAME}/proposals/1/answers"),
        ("UPDATE answers SET content = 'sha256:0'", "checkpoints/4"),
        ("DELETE FROM answers", f"{NAME}/proposals/1/answers"),
        (
            "UPDATE checkpoints SET content = replace(content, 'sha256:', 'sha256:0') WHERE sequence = 1",
            "checkpoints/1",
        ),
        ("DELETE FROM checkpoints WHERE sequence = 1", "checkpoints/4"),
    ],
)
def test_a_changed_row_is_found_and_named(home, statement, place):
    written(home, statement)
    assert place in places(home)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE programmes SET begun = 'x'", f"programmes/{NAME}"),
        ("UPDATE proposals SET changes = '{' WHERE number = 1", "proposals/1"),
        ("UPDATE events SET told = 'x' WHERE sequence = 3", "events/3"),
        ("UPDATE events SET told = 'null' WHERE sequence = 3", "log/3"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_hides_nothing(home, statement, place):
    whole = audit(home)
    written(home, statement)
    written(home, "UPDATE proposals SET title = 'Other cells' WHERE number = 2")
    found = audit(home)
    told = [one.where for one in found.problems]
    assert place in told
    assert f"{NAME}/proposals/2" in told or "log" in told, "what else is wrong is looked for"
    assert (found.checkpoints, found.repositories) == (whole.checkpoints, whole.repositories)
    assert found.entries >= whole.entries - 1
    assert found.rows > whole.rows - 3


def test_what_could_make_git_run_or_read_something_else_is_named(home):
    programmes = home / "programmes"
    folders = ProgrammeFolders(programmes / NAME)
    shared, own = folders.shared.folder, folders.own(PARTY).folder
    for key in ("core.fsmonitor", "core.hooksPath", "uploadpack.packObjectsHook", "include.path"):
        git(shared, "config", key, "/tmp/evil")
    (own / "hooks").mkdir(exist_ok=True)
    (own / "hooks/post-update").write_text("#!/bin/sh\n")
    (own / "objects/info/alternates").write_text("/tmp/others\n")
    (own / "info").mkdir(exist_ok=True)
    (own / "info/grafts").write_text("")
    (own / "commondir").write_text("../programme.git\n")
    (programmes / "other-car").mkdir()
    (programmes / NAME / "parties/notes.txt").write_text("")
    (programmes / NAME / "parties/link.git").symlink_to(own)
    found = audit(home).problems
    told = "\n".join(f"{one.where}: {one.what}" for one in found)
    for key in ("core.fsmonitor", "core.hookspath", "uploadpack.packobjectshook", "include.path"):
        assert f"{NAME}/programme.git/config: the workspace wrote no such setting: {key}" in told
    for place in ("hooks/post-update", "objects/info/alternates", "info/grafts", "commondir"):
        assert f"{NAME}/{PARTY}.git/{place}: " in told
    for place in ("other-car", f"{NAME}/parties/notes.txt", f"{NAME}/parties/link.git"):
        assert f"programmes/{place}: " in told


def test_a_truncated_log_and_a_rewritten_history_are_found(home, tmp_path):
    receipt = json.loads(
        sqlite3.connect(home / "workspace.db").execute("SELECT content FROM checkpoints").fetchall()[-1][0]
    )
    assert places(home, receipt=receipt) == []
    folders = ProgrammeFolders(home / "programmes" / NAME)
    shared = folders.shared.folder
    first = git(shared, "rev-list", "--max-parents=0", "main").strip()
    copied = shutil.copytree(home, tmp_path / "rewritten")
    own = ProgrammeFolders(copied / "programmes" / NAME).shared.folder
    git(own, "update-ref", "refs/heads/main", first)
    found = places(copied)
    assert f"{NAME}/programme.git" in found, "it stands elsewhere than the log says"
    assert "log/4" in found
    written(home, "DELETE FROM events WHERE sequence > 4")
    written(home, "DELETE FROM checkpoints WHERE sequence > 4")
    written(home, "DELETE FROM proposals WHERE number = 2")
    found = places(home, receipt=receipt)
    assert f"checkpoints/{receipt['sequence']}" in found, "who kept a checkpoint finds that it is gone"


def test_parties_countersign_with_their_keys(home, tmp_path):
    database = Workspace(home, Clock())
    new_key(tmp_path / "stranger.pem")
    with database.programmes.database.writing() as session:
        countersign(session, PARTY, tmp_path / "stranger.pem")
    database.close()
    assert "checkpoints/6/countersignatures" in places(home), "a key that the party has not is nobody's word"


def logical(home):
    """All that is read of a workspace: its rows, JSON as what it says, and what its repositories hold."""

    def read(value):
        try:
            return json.loads(value)
        except (TypeError, ValueError):
            return value

    with closing(sqlite3.connect(f"file:{home}/workspace.db?mode=ro", uri=True)) as connection:
        names = sorted(name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))
        rows = [
            sorted(([read(one) for one in row] for row in connection.execute(f"SELECT * FROM {name}")), key=repr)
            for name in names
        ]
    folders = ProgrammeFolders(home / "programmes" / NAME)
    heads = folders.heads()
    return names, rows, heads, folders.files(heads)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_one_flipped_bit_in_any_file_is_found_or_changes_nothing(home, seed):
    """Bits of which nothing is read are those of free pages of the database and of what Git only tells people."""
    chance = random.Random(seed)
    whole = logical(home)
    files = sorted(one for one in home.rglob("*") if one.is_file() and one.stat().st_size)
    files = [one for one in files if "hooks" not in one.parts and "states" not in one.parts]
    files = [one for one in files if not one.name.endswith(("-shm", "-wal"))]  # gone with the last connection
    database = home / "workspace.db"
    chosen = chance.choices(files, k=25 if seed == 1 else 300) + [database] * (25 if seed == 1 else 300)
    noticed = 0
    for path in chosen:
        was, mode = path.read_bytes(), path.stat().st_mode
        at = chance.randrange(len(was))
        path.chmod(0o600)
        path.write_bytes(was[:at] + bytes([was[at] ^ (1 << chance.randrange(8))]) + was[at + 1 :])
        found = audit(home)
        noticed += bool(found.problems)
        if not found.problems:
            assert logical(home) == whole, f"{path} byte {at}"
        path.write_bytes(was)
        path.chmod(mode)
    assert noticed > len(chosen) // 3
    assert not audit(home).problems


def test_a_back_up_is_restored_whole_while_the_workspace_runs(home, tmp_path):
    workspace = Workspace(home, Clock())
    beside = {
        "outgoing.key": b"key",
        "results/1.json": b"{}",
        "workspace.toml": b'address = "https://covolt.example.org"\n',
    }
    for name, content in beside.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(content)
    file = tmp_path / "kept.zip"
    assert back_up(home, file) > 3
    number = workspace.proposals.make(NAME, of(PARTY), [("battery", "mass", "250 kg")], "After it", "")
    assert number == 3
    workspace.close()
    with pytest.raises(Conflict):
        back_up(home, file)
    with pytest.raises(Conflict):
        restore(file, home)
    found = restore(file, tmp_path / "again")
    assert not found.problems
    assert found.entries == 6
    assert {name: (tmp_path / "again" / name).read_bytes() for name in beside} == beside
    again = Workspace(tmp_path / "again", Clock())
    assert again.programmes.heads(NAME) == ProgrammeFolders(home / "programmes" / NAME).heads()
    assert [one.number for one in again.proposals.listed(NAME, of("")).proposals] == [2, 1]
    again.proposals.make(NAME, of(PARTY), [("battery", "mass", "251 kg")], "Goes on", "")
    again.close()
    assert not audit(tmp_path / "again").problems
    assert file.stat().st_mode & 0o077 == 0


def test_what_is_no_back_up_or_was_changed_is_not_restored(home, tmp_path):
    file = tmp_path / "kept.zip"
    back_up(home, file)
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)
    with pytest.raises(InputError):
        restore(file, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(InputError, match="no back-up"):
        restore(tmp_path / "other.zip", tmp_path / "again")
    with pytest.raises(NotFound, match="no workspace"):
        back_up(tmp_path, tmp_path / "none.zip")
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".covolt")]


def test_a_party_takes_all_that_is_its_own(home, tmp_path):
    file = tmp_path / "own.zip"
    export_party(home, NAME, PARTY, file)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        archive.extract(f"{PARTY}.bundle", tmp_path)
        told = {one: json.loads(archive.read(f"{one}.json")) for one in ("proposals", "answers", "log")}
    assert f"published/offers/{PARTY}/pack-33@1.1.0.toml" in names
    assert not [one for one in names if "drive-works" in one]
    assert [one["number"] for one in told["proposals"]] == [2]
    assert [(one["proposal"], one["answer"]) for one in told["answers"]] == [(1, "accept")]
    assert {one["party"] for one in told["log"]} == {PARTY}
    subprocess.run(
        ["git", "clone", "--quiet", "-b", "main", f"{PARTY}.bundle", "cloned"],
        cwd=tmp_path,
        env=environment(),
        check=True,
    )
    assert (tmp_path / "cloned/parts/pack-33/part.toml").is_file()
    with pytest.raises(NotFound):
        export_party(home, NAME, "nobody", tmp_path / "none.zip")
