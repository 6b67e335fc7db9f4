"""A clone to work in: the programme's repository with the party's own in its folder, and what others show beside them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from covolt.contract.datasheet import Declared
from covolt.errors import Conflict, CovoltError, Forbidden, InputError, NotFound, Problem, Unavailable
from covolt.programme.documents import Programme
from covolt.programme.movable import locked_sheet
from covolt.programme.reading import read_leniently
from covolt.study.gate.check import check_programme
from covolt.words import text
from covolt.workspace.client import RemoteProgramme, address_and_token, connect

__all__ = ["Clone", "clone_at", "new_clone"]

PATIENCE_s = 600.0
MOST_TRIES = 5


@final
@dataclass(frozen=True)
class Clone:
    """A folder in which a party works on a programme of a workspace."""

    folder: Path
    address: str
    programme: str
    party: str
    elsewhere: bool = False
    """Whether the party's own repository is that of a Git server of its own, of which the workspace learns nothing."""

    @property
    def own(self) -> Path:
        """The party's own repository in it."""
        return self.folder / self.party

    @property
    def whole(self) -> bool:
        """Whether that is there: who acts for some slots of the party alone is not given it."""
        return (self.own / ".git").exists()

    def _bearing(self, folder: Path) -> dict[str, str]:
        """What Git is given of who asks: nothing where it does not ask the workspace."""
        return {} if self.elsewhere and folder == self.own else _bearing(self.address)

    def remote(self) -> RemoteProgramme:
        """The programme in the workspace, as the party sees it."""
        return connect(self.address).programme(self.programme, self.party)

    def pull(self) -> None:
        """Bring in what others have written since; what the party has committed comes after it.

        Raises:
            Conflict: Git cannot join both.
        """
        for folder in (self.folder, self.own) if self.whole else (self.folder,):
            by = self._bearing(folder)
            if _git(folder, "ls-remote", "--heads", "origin", by=by).strip():
                _git(folder, "pull", "--quiet", "--rebase", "--autostash", "origin", "main", by=by)
        self.refresh()
        self._demand_joined()

    def _demand_joined(self) -> None:
        """Raise where Git could not join what lay here uncommitted with what others have written, which it calls a success."""
        both = text("here and in the workspace the same lines differ, and Git has left its marks between both")
        hint = text("keep what is right there and git add it; what lay here before is in git stash")
        left = [
            Problem(both, str(folder / one), hint)
            for folder in ((self.folder, self.own) if self.whole else (self.folder,))
            for one in _git(folder, "diff", "--name-only", "--diff-filter=U", "--relative").splitlines()
        ]
        if left:
            raise Conflict(left)

    def push(self, message: str, *, publications: bool = False) -> dict[str, str]:
        """Commit what differs and send it: first the party's own files, then what it publishes; the commits by repository.

        With `publications` only these: the party's own files are neither committed nor sent. Where the party has a Git server of
        its own, its files go there, and the workspace is sent what is published alone.

        Raises:
            InputError: the workspace refuses something, each problem at its place.
            Forbidden: who acts for some slots alone proposes.
        """
        self._demand_whole()
        found: dict[str, str] = {}
        own = () if publications else ((self.party, self.own),)
        for _, folder in (*own, ("programme", self.folder)):
            _git(folder, "add", "--all")
            if _git(folder, "status", "--porcelain"):
                _git(folder, "commit", "--quiet", "-m", message)
        for name, folder in (*own, ("programme", self.folder)):
            by = self._bearing(folder)
            if not _git(folder, "for-each-ref", "refs/heads"):
                continue  # nothing was ever written to it
            for tried in range(MOST_TRIES):
                said = _git(folder, "push", "--quiet", "origin", "HEAD:main", by=by, demanded=False)
                if not said:
                    break
                if not _overtaken(said) or tried == MOST_TRIES - 1:
                    raise InputError([Problem(one, name) for one in _remote(said).splitlines()])
                _git(folder, "pull", "--quiet", "--rebase", "origin", "main", by=by)
            found[name] = _git(folder, "rev-parse", "HEAD").strip()
        self.pull()
        return found

    def changed_numbers(self) -> dict[str, dict[str, str]]:
        """Numbers of the party's parts that are otherwise than in what the lock pins, by `SLOT/NUMBER`, as they are written.

        With each value what differs of what is stated beside it: `u`, `basis`, `source`, for which a paper stands where none is.

        Raises:
            InputError: parts of the party are wrong: a number that cannot be read would pass for one that does not differ.
        """
        programme = read_leniently(self.folder)
        if wrong := self._part_problems(programme):
            raise InputError(wrong)
        found: dict[str, dict[str, str]] = {}
        for slot in programme.slots:
            sheet = locked_sheet(programme, slot)
            mine = [one for one in programme.parts.values() if sheet and (one.party, one.id) == (sheet.party, sheet.id)]
            if sheet is None or sheet.party != self.party or not mine:
                continue
            before = {**sheet.declared, **sheet.model.parameters}
            for name, one in {**mine[-1].declared, **mine[-1].model.parameters}.items():
                if name in before and (stated := _otherwise_stated(one, before[name])) is not None:
                    found[f"{slot}/{name}"] = {"value": str(one.value), **stated}
        return found

    def _part_problems(self, programme: Programme) -> list[Problem]:
        """What is wrong with the party's own parts; what is wrong beside them keeps nobody from proposing their numbers."""
        own, parts = f"{self.party}/", f"{self.party}/parts/"
        files = (parts, *(file for (kind, _), (file, _) in programme.origin.items() if kind == "part"))
        try:
            check_programme(self.folder, party=self.party)
        except CovoltError as error:
            told = [one for one in error.problems if one.where.startswith(own)]
            return [one for one in told if one.where.startswith(files) or one in programme.drafts]
        return []

    def propose(self, title: str, reason: str) -> int:
        """Propose those numbers; the proposal's number.

        Raises:
            InputError: none differs, or the workspace refuses them.
            Forbidden: the party's parts are not here to differ.
        """
        self._demand_whole()
        if not (changes := self.changed_numbers()):
            hint = text("change a number of a part of yours in {folder}", folder=str(self.own / "parts"))
            raise InputError(Problem(text("nothing differs from what is locked"), str(self.folder), hint))
        return self.remote().propose(changes, title, reason)

    def _demand_whole(self) -> None:
        if not self.whole:
            what = text("you act for some slots of {party} alone: its files are not here", party=self.party)
            raise Forbidden(Problem(what, str(self.folder), text("propose numbers in the workspace")))

    def refresh(self) -> None:
        """Write what others show into their folders, and take out what they no longer do."""
        shown = self.remote().beside()
        written = {one.path: one.content for one in shown.files}
        for folder in shown.parties:
            for path in (
                sorted((self.folder / folder).rglob("*.toml")) if folder != self.party or not self.whole else ()
            ):
                if path.relative_to(self.folder).as_posix() not in written:
                    path.unlink()
        for place, content in written.items():
            path = self.folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        ignored = "".join(f"/{one}/\n" for one in sorted({*shown.parties, self.party}))
        (self.folder / ".git" / "info" / "exclude").write_text(f"{ignored}/.covolt/\n/build/\n", encoding="utf-8")


def _otherwise_stated(one: Declared, before: Declared) -> dict[str, str] | None:
    """What is stated otherwise beside a number than before; None where all is as it was."""
    moves = one.value_si != before.value_si
    if (one.u, one.basis, one.source, moves) == (before.u, before.basis, before.source, False):
        return None
    stated = {"u": str(one.u or ""), "basis": one.basis, "source": one.source or one.evidence}
    was = {"u": str(before.u or ""), "basis": before.basis, "source": "" if moves else before.source}
    return {key: said for key, said in stated.items() if said and (said != was[key] or (moves and key == "basis"))}


def new_clone(address: str, party: str, folder: Path, own: str = "") -> Clone:
    """Make a clone of a programme, named by the workspace's address and its id: `ADDRESS/PROGRAMME`, or by its id.

    Args:
        own: the party's own repository as Git names it, where that lies on a server of its own and not in the workspace.

    Raises:
        Conflict: there is something in that place.
        NotFound: the workspace has no such programme or party.
    """
    where, _, name = address.rstrip("/").rpartition("/")
    where = where or address_and_token()[0]
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(Problem(text("this place is taken"), str(folder), text("name a new folder")))
    made = Clone(folder.absolute(), where, name, party, bool(own))
    made.remote()  # says what is wrong with the address, the programme or the party
    folder.parent.mkdir(parents=True, exist_ok=True)
    there, by = f"{where}/git/{name}", _bearing(where, party)
    _git(folder.parent, "clone", "--quiet", f"{there}/programme.git", str(made.folder), by=by)
    if own:
        own = str(Path(own).absolute()) if Path(own).exists() else own
        _git(folder, "clone", "--quiet", "--", own, str(made.own))
    elif made.remote().beside().slots is None:
        _git(folder, "clone", "--quiet", f"{there}/{party}.git", str(made.own), by=by)
    for key, value in {"address": where, "programme": name, "party": party, "elsewhere": own}.items():
        if value:
            _git(folder, "config", f"covolt.{key}", value)
    for one in (made.folder, made.own) if made.whole and not own else (made.folder,):
        _git(one, "config", f"http.{where}/.extraHeader", f"Covolt-Party: {party}")
    for one in (made.folder, made.own) if made.whole else (made.folder,):
        _git(one, "symbolic-ref", "HEAD", "refs/heads/main")
    made.refresh()
    return made


def clone_at(folder: Path) -> Clone:
    """The clone in a folder.

    Raises:
        NotFound: it is none.
    """
    found = [
        _git(folder, "config", "--get", f"covolt.{key}", demanded=None) for key in ("address", "programme", "party")
    ]
    if not all(found):
        hint = text("covolt pull ADDRESS/PROGRAMME --party ID FOLDER makes one")
        raise NotFound(Problem(text("this is no clone of a workspace's programme"), str(folder), hint))
    top = _git(folder, "rev-parse", "--show-toplevel")
    elsewhere = bool(_git(folder, "config", "--get", "covolt.elsewhere", demanded=None))
    address, programme, party = (one.strip() for one in found)
    return Clone(Path(top.strip()), address, programme, party, elsewhere)


def _bearing(address: str, party: str = "") -> dict[str, str]:
    """Settings of the environment with which Git says to this workspace alone who asks.

    No other user reads the environment of a process, as they read its arguments, and nothing of it stays in the clone. Whose
    clone it is stands in its own settings, once it is made.
    """
    _, token = address_and_token(address)
    told = [f"Covolt-Party: {party}"] if party else []
    told += [f"Authorization: Bearer {token}"] if token else []
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(given) if given.isdigit() else 0  # what the user sets so stays
    found = {"GIT_CONFIG_COUNT": str(first + len(told)), "GIT_TERMINAL_PROMPT": "0"}
    for at, one in enumerate(told, first):
        found |= {f"GIT_CONFIG_KEY_{at}": f"http.{address}/.extraHeader", f"GIT_CONFIG_VALUE_{at}": one}
    return found


def _git(folder: Path, *words: str, by: Mapping[str, str] | None = None, demanded: bool | None = True) -> str:
    """What Git prints; with `demanded` its refusal is raised, without what it then says is returned; None: an empty text."""
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", **(by or {})},  # what Git says of itself is read here
            capture_output=True,
            timeout=PATIENCE_s,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError as error:
        raise Unavailable(Problem(text("git is not installed"), "git", text("install git"))) from error
    if done.returncode == 0:
        return "" if demanded is False else done.stdout
    said = done.stderr.strip() or done.stdout.strip()
    if demanded:
        kind = Conflict if words[0] == "pull" else InputError
        raise kind(
            Problem(text("git {word}: {why}", word=words[0], why=" ".join(_remote(said).split())), str(folder), "")
        )
    return said if demanded is False else ""


def _overtaken(said: str) -> bool:
    return "fetch first" in said or "non-fast-forward" in said or "moved meanwhile" in said


def _remote(said: str) -> str:
    """What the workspace says by Git, or else what Git does."""
    told = [one.removeprefix("remote:").strip() for one in said.splitlines() if one.startswith("remote:")]
    return "\n".join(told) or said
