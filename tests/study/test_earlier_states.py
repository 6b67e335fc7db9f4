"""Earlier states: which one a name means, read from the repository of the programme alone and without a command of others."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from covolt.errors import InputError
from covolt.study.verdicts.commit import commit_named, is_tracked, written_out

SETTINGS = ("safe.bareRepository=all", "user.name=engineer", "user.email=engineer@example.org", "commit.gpgsign=false")
GIT = ("git", *(word for one in SETTINGS for word in ("-c", one)))


def git(folder: Path, *words: str) -> str:
    return subprocess.run([*GIT, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def committed(folder: Path, *, tag: str = "") -> str:
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-Af")
    git(folder, "commit", "-qm", "state")
    if tag:
        git(folder, "tag", tag)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A repository whose folder `car` is the programme."""
    car = tmp_path / "hub" / "car"
    car.mkdir(parents=True)
    (car / "law.toml").write_text("agreed\n")
    (car.parent / "beside.toml").write_text("not of the car\n")
    committed(car.parent, tag="v1")
    (car / "law.toml").write_text("loosened\n")
    return car.parent


def law(folder: Path, name: str, to: Path) -> str:
    to.mkdir(exist_ok=True)
    written_out(folder, name, to)
    return (to / "law.toml").read_text()


def among_the_files(hub: Path, aside: Path) -> None:
    """A bare repository of today's state under the tag of the agreed one, as files of the programme."""
    aside.mkdir()
    (aside / "law.toml").write_text("loosened\n")
    committed(aside, tag="v1")
    bare = aside.with_name("bare")
    git(aside, "clone", "-q", "--bare", ".", str(bare))
    for path in bare.iterdir():
        path.rename(hub / "car" / path.name)


def test_files_that_look_like_a_repository_answer_for_no_commit(hub: Path, tmp_path: Path) -> None:
    among_the_files(hub, tmp_path / "aside")
    assert git(hub / "car", "show", "v1:law.toml") == "loosened", "Git itself would ask it"
    assert law(hub / "car", "v1", tmp_path / "was") == "agreed\n"
    assert commit_named(hub / "car", "v1") == git(hub, "rev-parse", "v1")
    assert [one.name for one in (tmp_path / "was").iterdir()] == ["law.toml"]


def test_where_nothing_but_such_files_is_there_is_no_commit(hub: Path, tmp_path: Path) -> None:
    among_the_files(hub, tmp_path / "aside")
    (hub / ".git").rename(tmp_path / "elsewhere")
    assert commit_named(hub / "car", "v1") is None
    with pytest.raises(InputError, match="lies in no Git repository"):
        law(hub / "car", "v1", tmp_path / "was")


def test_nothing_is_fetched_and_no_command_of_a_repository_runs(hub: Path, tmp_path: Path) -> None:
    """What is missing would be fetched from a promisor by a command that the repository names."""
    ran = tmp_path / "ran"
    blob = git(hub, "rev-parse", "v1:car/law.toml")
    (hub / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for name, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "other"),
        ("remote.other.url", "ssh://x/y"),
        ("remote.other.promisor", "true"),
        ("protocol.allow", "always"),
        ("core.sshCommand", f"touch {ran} #"),
        ("core.fsmonitor", f"touch {ran}"),
    ):
        git(hub, "config", name, value)
    with pytest.raises(InputError, match=r"lacks this file|no state"):
        law(hub / "car", "v1", tmp_path / "was")
    is_tracked(hub / "car", "law.toml")
    assert not ran.exists()
    subprocess.run(["git", "ls-tree", "-r", "-l", "v1"], cwd=hub, capture_output=True, check=False)
    assert ran.exists(), "Git itself runs it"


def test_another_repository_is_not_taken_from_the_surroundings(
    hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    among_the_files(hub, tmp_path / "aside")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "aside" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "aside"))
    assert law(hub / "car", "v1", tmp_path / "was") == "agreed\n"


def test_what_is_of_one_users_covolt_is_no_part_of_a_state(hub: Path, tmp_path: Path) -> None:
    """A journal of somebody else in an earlier state would refuse it for good."""
    (hub / "car" / ".covolt").mkdir()
    (hub / "car" / ".covolt" / "journal").write_text("theirs")
    (hub / "car" / ".covolt" / "link").symlink_to("/etc/hostname")
    committed(hub)
    assert is_tracked(hub / "car", ".covolt") and not is_tracked(hub / "car", ".co*")
    assert law(hub / "car", "HEAD", tmp_path / "was") == "loosened\n"
    assert not (tmp_path / "was" / ".covolt").exists()


@pytest.mark.parametrize("name", ["v1", "main", "HEAD"])
def test_a_name_that_git_gives_twice_is_refused(hub: Path, tmp_path: Path, name: str) -> None:
    assert commit_named(hub / "car", name) == git(hub, "rev-parse", "HEAD")
    committed(hub)
    git(hub, "update-ref", f"refs/heads/{name}" if name != "main" else "refs/tags/main", "HEAD")
    with pytest.raises(InputError, match="more than one thing"):
        commit_named(hub / "car", name)
    with pytest.raises(InputError, match="more than one thing"):
        law(hub / "car", name, tmp_path / "was")
    assert commit_named(hub / "car", "refs/tags/v1") == git(hub, "rev-parse", "refs/tags/v1")


def test_a_branch_does_not_take_the_name_of_a_commit(hub: Path) -> None:
    agreed = git(hub, "rev-parse", "HEAD")
    committed(hub)
    git(hub, "update-ref", f"refs/heads/{agreed[:7]}", "HEAD")
    with pytest.raises(InputError, match="more than one thing"):
        commit_named(hub / "car", agreed[:7])
    assert commit_named(hub / "car", agreed) == agreed
