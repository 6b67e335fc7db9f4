"""A programme of a workspace in a folder of one's own: pulled, verified, changed, pushed, proposed, reviewed and merged."""

import os
import re
import subprocess

import httpx2
import pytest

from covolt.cli.application import main
from covolt.errors import ENDINGS, Forbidden
from covolt.study.cases.verify import verify
from covolt.workspace.access import Reader
from covolt.workspace.alone import Alone, Opened, own_home
from covolt.workspace.client import ADDRESS, TOKEN
from covolt.workspace.clones import clone_at, new_clone
from covolt.workspace.keeping import audited
from covolt.workspace.repository import environment
from tests.house.source import ROOT
from tests.workspace.conftest import PERSON, of
from tests.workspace.git_client import everything, git
from tests.workspace.test_client import served
from tests.workspace.test_proposals import agree

pytestmark = pytest.mark.whole
NAME, PARTY = "small-car", "battery-works"


@pytest.fixture
def address(workspace, tmp_path, monkeypatch):
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "An engineer")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "engineer@example.org")
    with served(workspace) as found:
        yield found


def run(*words, code=0):
    with pytest.raises(SystemExit) as left:
        main(list(words))
    assert left.value.code == code


def test_a_party_works_in_its_own_folder_from_pull_to_merge(workspace, address, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "my-car"
    run("pull", f"{address}/{NAME}", "--party", PARTY, str(folder))
    assert (folder / PARTY / "parts/pack-33/part.toml").is_file()
    assert (folder / "integrator/requirements/I-MASS.toml").is_file(), "what others show lies beside"
    assert not (folder / "integrator/parts").exists(), "what they keep does not"
    found = verify(folder, party=PARTY)
    assert {one.requirement: one.value for one in found.verdicts}["I-MASS"] == 1150.0

    monkeypatch.chdir(folder)
    part = folder / PARTY / "parts/pack-33/part.toml"
    part.write_text(part.read_text("utf-8").replace('"235 kg"', '"260 kg"'), "utf-8")
    run("propose", "--title", "Certified cells", "--reason", "they weigh more")
    assert "proposal 1" in capsys.readouterr().out
    agree(workspace, 1)
    part.write_text(part.read_text("utf-8").replace('"260 kg"', '"235 kg"'), "utf-8")
    run("merge", "1")
    assert '"260 kg"' in part.read_text("utf-8"), "what was merged is there"
    (folder / PARTY / "notes.txt").write_text("measured again")
    run("push", "--message", "Notes")
    heads = workspace.programmes.heads(NAME)
    assert workspace.folders(NAME).files(heads)[f"{PARTY}/notes.txt"] == b"measured again"
    assert [one.verb for one in workspace.feed(NAME, of("")).events][:2] == ["pushed", "merged"]

    (folder / "programme.toml").write_text((folder / "programme.toml").read_text() + "\n# mine\n")
    capsys.readouterr()
    run("push", code=2)
    assert "this is not battery-works's to change" in " ".join(capsys.readouterr().err.split())
    if workspace.programmes.database.embedded:  # PostgreSQL is kept by its own tools
        assert not audited(workspace.programmes.home).problems


def test_a_number_that_cannot_be_read_does_not_pass_for_one_that_differs_not(address, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "my-car"
    run("pull", f"{address}/{NAME}", "--party", PARTY, str(folder))
    monkeypatch.chdir(folder)
    place = folder / PARTY / "parts/pack-33/part.toml"
    right = place.read_text("utf-8")
    wrong = folder / PARTY / "parts/pack-34/part.toml"
    wrong.parent.mkdir()
    wrong.write_text(right.replace('"30.5 kWh"', '"30,5 kWh"'), "utf-8")
    place.write_text(right.replace('"235 kg"', '"250,5 kg"'), "utf-8")
    (folder / PARTY / "requirements" / "B-OWN.toml").write_text('schema = "requirement/1"\n', "utf-8")
    capsys.readouterr()
    run("propose", "--title", "Certified cells", code=2)
    said = " ".join(capsys.readouterr().err.split())
    assert "nothing differs" not in said
    assert "pack-33/part.toml:" in said and "pack-34/part.toml:" in said, "both, each at its place"
    assert "250,5 kg" in said and "hint:" in said
    assert "B-OWN" not in said, "what is no part keeps no number from being proposed"
    wrong.unlink()
    place.write_text(right.replace('"235 kg"', '"250.5 kg"'), "utf-8")
    run("propose", "--title", "Certified cells")
    assert "250.5 kg" in capsys.readouterr().out


def test_a_review_shows_first_what_breaks_and_counts_what_else_moves(workspace, address, tmp_path, monkeypatch, capsys):
    number = workspace.proposals.make(NAME, of(PARTY), [("battery", "mass", "260 kg")], "Certified cells", "")
    assert number == 1
    run("pull", f"{address}/{NAME}", "--party", PARTY, str(tmp_path / "my-car"))
    monkeypatch.chdir(tmp_path / "my-car")
    capsys.readouterr()
    run("review", "1")
    said = capsys.readouterr().out
    assert re.search(r"I-MASS\W+1150\W+1175\W+1160", said), said
    assert "within uncertainty, now beyond its bound" in " ".join(said.split())
    assert "battery/mass" in said
    moving = [
        one for one in workspace.proposals.shown(NAME, 1, of(PARTY), 60.0).turned if not one.turned and not one.breaks
    ]
    assert all(one.requirement not in said for one in moving)
    run("review", "1", "--all")
    everything_said = capsys.readouterr().out
    assert moving, "something moves without turning"
    assert all(one.requirement in everything_said for one in moving)
    assert f"{len(moving)} other value" in said
    run("pull", f"{address}/{NAME}", "--party", "integrator", str(tmp_path / "theirs"))
    run("review", "1", "--accept", "--folder", str(tmp_path / "theirs"))
    assert "1150" not in (answered := capsys.readouterr().out), "the table was shown before"
    assert "integrator: accept" in answered


def test_a_folder_is_brought_up_to_date_beside_others(workspace, address, tmp_path):
    mine, theirs = (new_clone(f"{address}/{NAME}", one, tmp_path / one) for one in (PARTY, "drive-works"))
    (theirs.own / "notes.txt").write_text("x")
    theirs.push("Notes")
    (mine.own / "notes.txt").write_text("y")
    assert set(mine.push("Notes")) == {PARTY, "programme"}
    mine.pull()
    theirs.pull()
    for clone in (mine, theirs):
        assert clone_at(clone.own.parent).party == clone.party
        head = (clone.folder / ".parties").read_text()
        assert (
            head
            == workspace.folders(NAME).shared.files(workspace.programmes.heads(NAME).programme)[".parties"].decode()
        )


def test_what_is_no_clone_or_no_programme_is_told(address, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    run("push", code=2)
    assert "no clone" in capsys.readouterr().err
    run("pull", f"{address}/{NAME}", "--party", "nobody", "made", code=2)
    run("pull", f"{address}/no-such", "--party", PARTY, "made", code=2)
    run("pull", f"{address}/{NAME}", code=2)
    assert not (tmp_path / "made").exists()


class SomeSlots:
    """An entrance by which whoever asks acts for the battery's slot alone."""

    def __init__(self, behind):
        self._behind = behind

    def __getattr__(self, name):
        return getattr(self._behind, name)

    def reader(self, asker, programme, party, *, administering=False):
        return Reader(asker.person, party, frozenset({"battery"}) if party else None)


def test_who_acts_for_some_slots_pulls_the_programme_and_pushes_nothing(
    workspace, address, tmp_path, monkeypatch, capsys
):
    workspace.entrance = SomeSlots(workspace.entrance)
    before, folder = workspace.programmes.heads(NAME), tmp_path / "my-car"
    run("pull", f"{address}/{NAME}", "--party", PARTY, str(folder))
    assert "its own repository is not there" in " ".join(capsys.readouterr().out.split())
    assert (folder / "integrator/requirements/I-MASS.toml").is_file()
    assert not (folder / PARTY / "parts").exists()
    monkeypatch.chdir(folder)
    run("pull")
    run("push", code=ENDINGS[Forbidden].exit_code)
    (folder / "offers" / PARTY / "notes.toml").write_text("x")
    git(folder, "add", "--all")
    git(folder, "commit", "-m", "Notes")
    assert "propose it instead" in git(folder, "push", "origin", "HEAD:main", ok=False)
    for service in ("git-upload-pack", "git-receive-pack"):
        mine, none = (
            httpx2.get(
                f"{address}/git/{NAME}/{which}.git/info/refs?service={service}",
                headers={"Covolt-Party": PARTY, "Authorization": "Bearer x"},
            )
            for which in (PARTY, "nobody-s")
        )
        assert (mine.status_code, mine.text.replace(PARTY, "nobody-s")) == (404, none.text)
    assert workspace.programmes.heads(NAME) == before


@pytest.fixture
def alone(workspace, monkeypatch, tmp_path):
    """The workspace of one person, whose key stands in the folder of one's own; the key."""
    workspace.entrance = Alone(workspace.clock, PERSON, workspace.programmes.names)
    for name in (ADDRESS, TOKEN, "GIT_CONFIG_COUNT"):
        monkeypatch.delenv(name, raising=False)
    return workspace.entrance.token


@pytest.mark.parametrize("by", ["environment", "folder"])
def test_git_is_given_the_token_and_keeps_it_nowhere(workspace, alone, address, tmp_path, monkeypatch, by):
    if by == "environment":
        monkeypatch.setenv("COVOLT_TOKEN", alone)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
        own_home().mkdir(parents=True, exist_ok=True)
        Opened(address, os.getpid(), alone).write(own_home())
    folder = tmp_path / "my-car"
    run("pull", f"{address}/{NAME}" if by == "environment" else NAME, "--party", PARTY, str(folder))
    (folder / PARTY / "notes.txt").write_text("measured")
    run("push", "--folder", str(folder))
    heads = workspace.programmes.heads(NAME)
    assert workspace.folders(NAME).files(heads)[f"{PARTY}/notes.txt"] == b"measured"
    kept = [one for one in folder.rglob("*") if one.is_file() and alone.encode() in one.read_bytes()]
    assert not kept


def test_git_alone_clones_as_the_page_says_it(alone, address, tmp_path):
    page = (ROOT / "docs/how-to/git-and-forges.md").read_text("utf-8")
    said = page.partition("```console\n")[2].partition("```")[0]
    said = said.replace("http://127.0.0.1:8600", address).replace("joint-city-car", NAME)
    bearing = environment() | {"COVOLT_TOKEN": alone, "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(["sh", "-ec", said], cwd=tmp_path, env=bearing, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "programme/programme.toml").is_file()
    git(tmp_path / PARTY, "log", "-1")
    fetched = subprocess.run(["git", "fetch"], cwd=tmp_path / PARTY, env=bearing, capture_output=True, check=False)
    assert fetched.returncode == 0, "what comes after needs nothing else"
    assert alone.encode() not in (tmp_path / PARTY / ".git/config").read_bytes()


SECRET = "the cells come from the north hall"


def elsewhere(tmp_path, workspace):
    """The Git server of the party itself, a bare repository on its disk, and in it what the party keeps as its own."""
    bare, first = tmp_path / "own.git", tmp_path / "first"
    git(tmp_path, "init", "--bare", "--initial-branch=main", str(bare))
    git(tmp_path, "clone", str(bare), str(first))
    part = workspace.folders(NAME).own(PARTY).files(dict(workspace.programmes.heads(NAME).parties)[PARTY])
    (first / "parts/pack-33").mkdir(parents=True)
    text = part["parts/pack-33/part.toml"].decode().replace('"1.0.0"', '"1.1.0"').replace('"235 kg"', '"225 kg"')
    (first / "parts/pack-33/part.toml").write_text(text, encoding="utf-8")
    (first / "notes.txt").write_text(SECRET, encoding="utf-8")
    git(first, "add", "--all")
    git(first, "commit", "-m", SECRET)
    git(first, "push", "origin", "HEAD:main")
    return bare


def test_a_party_keeps_its_own_git_server_and_pushes_publications_alone(
    workspace, address, tmp_path, monkeypatch, capsys
):
    bare, folder = elsewhere(tmp_path, workspace), tmp_path / "my-car"
    run("pull", f"{address}/{NAME}", "--party", PARTY, str(folder), "--own", str(bare))
    assert (folder / PARTY / "notes.txt").read_text("utf-8") == SECRET
    monkeypatch.chdir(folder)
    party = folder / "parties" / f"{PARTY}.toml"
    party.write_text(party.read_text("utf-8") + 'repository = "a server of its own"\n', "utf-8")
    run("offer", f"{PARTY}/parts/pack-33/part.toml")
    (folder / PARTY / "more.txt").write_text(f"{SECRET}, still", encoding="utf-8")
    before = workspace.programmes.heads(NAME)
    run("push", "--publications")
    assert "more.txt" not in git(bare, "ls-tree", "--name-only", "main"), "the party's own files stay where they are"
    run("push", "--message", "More")
    assert "more.txt" in git(bare, "ls-tree", "--name-only", "main"), "or go to the party's own server"
    after = workspace.programmes.heads(NAME)
    assert (after.parties, after.programme != before.programme) == (before.parties, True)
    published = f"offers/{PARTY}/pack-33@1.1.0.toml"
    assert published in workspace.folders(NAME).files(after)
    shown = {one.id: one.repository for one in workspace.programme(NAME, of("integrator")).parties}
    assert (shown[PARTY], shown["integrator"]) == ("a server of its own", "")

    changes = [("battery", "offer", f"{PARTY}/pack-33@1.1.0")]
    number = workspace.proposals.make(NAME, of(PARTY), changes, "Lighter", "")
    agree(workspace, number)
    workspace.proposals.merge(NAME, number, of(PARTY))
    values = {one.requirement: one.value for one in workspace.verdicts(NAME, of("integrator")).verdicts}
    assert values["I-MASS"] == 1140.0, "the lock and the verdicts follow"
    run("pull")
    assert "pack-33@1.1.0" in (folder / "programme.lock").read_text("utf-8")

    git(folder / PARTY, "remote", "add", "workspace", f"{address}/git/{NAME}/{PARTY}.git")
    said = git(folder / PARTY, "push", "--force", "workspace", "HEAD:main", party=PARTY, ok=False)
    assert "403" in said, said
    offer = folder / "offers" / PARTY / "pack-33@1.0.0.toml"
    offer.write_text(offer.read_text("utf-8").replace("235 kg", "234 kg"), "utf-8")
    capsys.readouterr()
    run("push", "--publications", code=2)
    assert "stays as it is" in " ".join(capsys.readouterr().err.split()), "the same checks as for everybody"
    for repository in workspace.programmes.home.rglob("*.git"):
        assert SECRET.encode() not in everything(repository)
    assert not [
        one for one in workspace.programmes.home.rglob("*") if one.is_file() and SECRET.encode() in one.read_bytes()
    ]


def test_what_is_proposed_from_a_folder_is_merged_also_where_it_was_pushed(
    workspace, address, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "my-car"
    run("pull", f"{address}/{NAME}", "--party", PARTY, str(folder))
    monkeypatch.chdir(folder)
    part = folder / PARTY / "parts/pack-33/part.toml"
    stated = 'mass = { value = "241 kg", u = "1 kg", basis = "measured", evidence = "weighed.txt" }'
    part.write_text(re.sub(r"^mass = .*$", stated, part.read_text("utf-8"), flags=re.M), "utf-8")
    (folder / PARTY / "parts/pack-33/weighed.txt").write_text("241 kg")
    run("propose", "--title", "Weighed")
    assert "241 kg, u 1 kg, measured, weighed.txt" in capsys.readouterr().out
    run("push", "--message", "weighed")
    agree(workspace, 1)
    run("merge", "1")
    assert 'evidence = "weighed.txt"' in part.read_text("utf-8"), "it stays as its party wrote it"


def test_marks_that_git_leaves_at_a_pull_are_told(workspace, address, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "my-car"
    run("pull", f"{address}/{NAME}", "--party", PARTY, str(folder))
    monkeypatch.chdir(folder)
    part = folder / PARTY / "parts/pack-33/part.toml"
    number = workspace.proposals.make(NAME, of(PARTY), [("battery", "mass", "262 kg")], "Heavier", "")
    agree(workspace, number)
    workspace.proposals.merge(NAME, number, of(PARTY))
    part.write_text(part.read_text("utf-8").replace('"235 kg"', '"270 kg"'), "utf-8")
    run("pull", code=2)
    told = " ".join(capsys.readouterr().err.split())
    assert "part.toml: here and in the workspace the same lines differ" in told
    assert "git stash" in told
