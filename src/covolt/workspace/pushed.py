"""Checks on what is pushed, before a file of it is read: its history, its names, its sizes, and whose files it changes."""

from __future__ import annotations

import re
import subprocess
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

from covolt.contract.document import load_table, text_of
from covolt.errors import Conflict, CovoltError, Forbidden, InputError, Problem
from covolt.exchange.archive import Bounds, opened_archive
from covolt.journal import HOME
from covolt.legible import HIDDEN, alike
from covolt.places import unportable
from covolt.programme.documents import Programme
from covolt.programme.folder import LOCK_FILE
from covolt.words import text
from covolt.workspace.called import FORM_OF_PEOPLE, OWN_NAMES
from covolt.workspace.receiving import Wish
from covolt.workspace.repository import MAIN, OWN_MAILS, Repository

__all__ = [
    "archive_problems",
    "changed_paths",
    "commit_problems",
    "demand_fitting",
    "foreign",
    "long_texts",
    "tree_problems",
]

MOST_FILE_bytes, MOST_TREE_bytes, MOST_FILES, MOST_PATH_signs = 20 * 1024**2, 100 * 1024**2, 20_000, 240
MOST_LISTED_bytes = 16 * 1024**2
"""What lists of names of one push may be long: trees that name each other unfold without end."""
MOST_TOLD = 100
MOST_PARTY_signs, MOST_TITLE_signs, MOST_TEXT_signs = 200, 500, 20_000
"""Of a title of a party, of any other, and of any other text of a document; what stood before may be longer."""
ARCHIVES = (".fmu", ".ssp", ".zip")
_MODES = {"120000": text("this is a link"), "160000": text("this is a repository within the repository")}


def demand_fitting(wishes: Sequence[Wish], stands: str, repository: Repository) -> Wish:
    """The one wish that a push may have: that main go on from where it stands.

    Raises:
        Forbidden: another ref, a ref that is to be gone, or a history without what stands.
        Conflict: main has moved since it was fetched.
    """
    if len(wishes) != 1 or wishes[0].ref != MAIN:
        refs = ", ".join(one.ref.removeprefix("refs/heads/") for one in wishes if one.ref != MAIN)
        raise Forbidden(Problem(text("only main is kept here"), refs, text("git push origin HEAD:main")))
    wish = wishes[0]
    if not wish.after:
        raise Forbidden(Problem(text("main cannot be deleted"), "main", text("what was written stays")))
    if wish.before != stands:
        raise Conflict(Problem(text("main has moved meanwhile"), "main", text("git pull, then push again")))
    try:
        kind = repository.asked("cat-file", "-t", wish.after).strip()
    except subprocess.CalledProcessError:
        kind = b""
    if kind != b"commit":
        raise InputError(Problem(text("the commit was not sent"), "main", text("push again")))
    if stands:
        common = repository.asked("rev-list", "--max-count=1", stands, f"^{wish.after}")
        if common.strip():
            what = text("this history leaves out what stands here")
            raise Forbidden(Problem(what, "main", text("git pull, then push again: nothing is rewritten here")))
    return wish


def tree_problems(repository: Repository, before: str, after: str) -> list[Problem]:
    """What no repository here holds: links, modules, hidden names, names that some system cannot hold, too much."""
    listed = repository.asked_little(MOST_LISTED_bytes, "ls-tree", "-r", "-z", "-l", "--full-tree", after)
    rows = [row.partition(b"\t") for row in (listed or b"").split(b"\0") if row]
    if listed is None or len(rows) > MOST_FILES:
        return [Problem(text("more than {most} files", most=MOST_FILES), "", text("leave out what is made anew"))]
    found: list[Problem] = []
    taken: dict[str, str] = {}
    total_bytes = 0
    for head, _, raw in rows:
        mode, _, _, size = head.decode().split()
        path = raw.decode("utf-8", "surrogateescape")
        if mode in _MODES:
            found.append(Problem(_MODES[mode], _shown(path), text("put the files themselves there")))
        total_bytes += int(size) if size.isdigit() else 0
        found += [*_name_problems(path), *_collisions(path, taken)]
    if total_bytes > MOST_TREE_bytes:
        found.append(_too_large("", total_bytes, MOST_TREE_bytes))
    return [*found, *_large(repository, before, after)][:MOST_TOLD]


def commit_problems(
    repository: Repository, before: str, after: str, party: str, programme: Programme, members: Collection[str]
) -> list[Problem]:
    """What commits say of themselves, and all parties read: signs that nobody sees, and whoever the pusher is not.

    In a form of the workspace's own only the workspace writes, and what it wrote stands here before anybody could push it.
    A title of another party keeps none of the `members` of this one out, as the workspace calls them.
    """
    since = [f"^{before}"] if before else []
    words = ("log", "-z", "--format=%H%n%an%n%ae%n%cn%n%ce%n%B", after, *since)
    listed = repository.asked_little(MOST_LISTED_bytes, *words)
    if listed is None:
        return [Problem(text("more than {most} files", most=MOST_FILES), "", text("push in parts"))]
    found, ids, titles = list[Problem](), *_names_of_others(party, programme)
    titles = {one: name for one, name in titles.items() if one not in set(map(alike, members))}
    for said in filter(None, listed.decode("utf-8", "replace").split("\0")):
        commit, *rest = said.split("\n")
        if HIDDEN.search("\n".join(rest)):
            what = text("its author or its message holds signs that nobody sees")
            found.append(Problem(what, commit[:12], text("write it anew: git commit --amend")))
        hint = text("write it in a name of your own: git commit --amend --reset-author")
        if OWN_MAILS in unicodedata.normalize("NFKC", "\n".join(rest)).casefold():
            what = text("it bears a mail at {domain}, as the workspace alone writes them", domain=OWN_MAILS)
            found.append(Problem(what, commit[:12], hint))
        claimed = {ids[one] for who in (rest[0:2], rest[2:4]) for one in _claims(*who) if one in ids}
        claimed |= {titles[one] for name in (rest[0], rest[2]) for one in map(alike, _parts(name)) if one in titles}
        claimed |= {one for name in (rest[0], rest[2]) for one in OWN_NAMES if alike(one) in map(alike, _parts(name))}
        found += [
            Problem(text("its author is one of {party}", party=one), commit[:12], hint) for one in sorted(claimed)
        ]
        if any(FORM_OF_PEOPLE.search(one) for one in (rest[0], rest[2])):
            what = text("its author is called as the workspace numbers people")
            found.append(Problem(what, commit[:12], hint))
    return found[:MOST_TOLD]


def _names_of_others(party: str, programme: Programme) -> tuple[dict[str, str], dict[str, str]]:
    """Ids of other parties and the workspace's mails, as they are compared, and for whom they stand; then titles of others.

    What an author's mail bears is compared with ids alone: a party writes its title itself, and would keep out whom it likes.
    """
    own, ids, titles = set[str](), {alike(OWN_MAILS): OWN_MAILS}, dict[str, str]()
    for name, one in programme.parties.items():
        said = {alike(each) for each in (one.title.en, one.title.ru)} - {""}
        if name == party:
            own = {alike(name), *said} - {alike(OWN_MAILS)}
        else:
            ids[alike(name)] = name
            titles |= dict.fromkeys(said, name)
    for likeness in own:
        ids.pop(likeness, None)
        titles.pop(likeness, None)
    return ids, titles


def _claims(name: str, mail: str) -> Iterator[str]:
    """Whom an author may be taken for, as it is compared: by the name, or by either side of the mail."""
    box, _, domain = mail.rpartition("@")
    yield from map(alike, (*_parts(name), domain, box))


def _parts(name: str) -> Sequence[str]:
    """All of a name, and what of it stands in brackets or beside them."""
    return (name, *re.split(r"[()\[\]<>,;|/]", name))


def _large(repository: Repository, before: str, after: str) -> list[Problem]:
    """Files of whatever commit that are larger than one may be."""
    since = [f"^{before}"] if before else []
    listed = repository.asked_little(MOST_LISTED_bytes, "rev-list", "--objects", after, *since)
    if listed is None:
        return [Problem(text("more than {most} files", most=MOST_FILES), "", text("push in parts"))]
    told = repository.asked("cat-file", "--batch-check=%(objectsize) %(objecttype) %(rest)", given=listed)
    sizes = [(*line.split(" ", 2), "")[:3] for line in told.decode("utf-8", "replace").splitlines()]
    large = [
        _too_large(path, int(size), MOST_FILE_bytes)
        for size, kind, path in sizes
        if kind == "blob" and int(size) > MOST_FILE_bytes
    ]
    total_bytes = sum(int(size) for size, *_ in sizes)
    return [*large, *([_too_large("", total_bytes, MOST_TREE_bytes)] if total_bytes > MOST_TREE_bytes else [])]


def _too_large(path: str, size_bytes: int, most_bytes: int) -> Problem:
    what = text("{size:.0f} MB, more than {most:.0f}", size=size_bytes / 1e6, most=most_bytes / 1e6)
    hint = text("keep large files elsewhere, and name them by their digest")
    return Problem(what, _shown(path) or text("all files together"), hint)


def _name_problems(path: str) -> list[Problem]:
    steps, place, hint = path.split("/"), _shown(path), text("choose another name")
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for sign in path):
        return [Problem(text("the name holds signs that nobody sees"), place, hint)]
    if {"", ".", ".."} & set(steps):
        return [Problem(text("the name leads out of the programme"), place, hint)]
    hidden = [step for step in steps if step.casefold().startswith(".git") or step.casefold() == HOME]
    if hidden and path not in OWN_OF_WORKSPACE:
        return [
            Problem(text("'{name}' is a name of Git or of covolt itself", name=hidden[0]), place, text("leave it out"))
        ]
    if len(path) > MOST_PATH_signs:
        return [Problem(text("the name has more than {most} signs", most=MOST_PATH_signs), place, hint)]
    if path != unicodedata.normalize("NFC", path):
        return [Problem(text("the name is not written as Unicode has it (NFC)"), place, hint)]
    why = unportable(Path(path))
    return [Problem(why[0], place, why[1])] if why else []


OWN_OF_WORKSPACE = frozenset({".gitignore", ".parties"})
"""What the workspace itself keeps in the programme's repository, and nobody else writes."""


def _collisions(path: str, taken: dict[str, str]) -> list[Problem]:
    """That two names differ in capitals alone: some systems hold only one of them."""
    steps = path.split("/")
    for end in range(1, len(steps) + 1):
        part = "/".join(steps[:end])
        known = taken.setdefault(part.casefold(), part)
        if known != part:
            what = text("it differs from {other} in capitals alone", other=_shown(known))
            return [Problem(what, _shown(path), text("choose another name"))]
    return []


def _shown(path: str) -> str:
    """A name as a terminal may print it."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in path)


def changed_paths(repository: Repository, before: str, after: str) -> set[str]:
    """Files that differ, or that a commit of the push changed on the way; of a merge what none of its sides has."""
    since = [f"^{before}"] if before else []
    words = ("log", "-c", "--name-only", "-z", "--no-renames", "--format=", after, *since)
    listed = repository.asked_little(MOST_LISTED_bytes, *words)
    if listed is None:
        raise InputError(Problem(text("more than {most} files", most=MOST_FILES), "", text("push in parts")))
    if before:
        listed += b"\0" + repository.asked("diff", "--name-only", "-z", "--no-renames", before, after)
    names = (one.strip(b"\n").decode("utf-8", "surrogateescape") for one in listed.split(b"\0"))
    return {one for one in names if one}


def foreign(
    programme: Programme, party: str, paths: Iterable[str], before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> list[Problem]:
    """What of the programme's own files a party changes that is not its own to change."""
    found: list[Problem] = []
    for path in sorted(paths):
        if path == LOCK_FILE:
            found += _foreign_pins(programme, party, before.get(path, b""), after.get(path, b""))
        elif path.startswith(f"offers/{party}/"):
            if path in before and before[path] != after.get(path):
                what, hint = text("what was published stays as it is"), text("publish it as a new version")
                found.append(Problem(what, _shown(path), hint))
        elif not _is_own(path, party, before, after):
            hint = text(
                "{party} writes offers/{party}, keys/{party}, its sign-offs, and its slots in the lock", party=party
            )
            found.append(Problem(text("this is not {party}'s to change", party=party), _shown(path), hint))
    return found[:MOST_TOLD]


def _is_own(path: str, party: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bool:
    if path.startswith(f"keys/{party}/") or path == f"parties/{party}.toml":
        return True
    states = [one[path] for one in (before, after) if path in one]
    return path.startswith("signoffs/") and bool(states) and all(_table(one).get("party") == party for one in states)


def _foreign_pins(programme: Programme, party: str, before: bytes, after: bytes) -> list[Problem]:
    """Slots of others that a lock pins otherwise."""
    was, now = _table(before), _table(after)
    if not after or (before and {**was, "slots": 0} != {**now, "slots": 0}):
        what = text("the lock itself is everybody's")
        return [Problem(what, LOCK_FILE, text("covolt lock writes it; push only what it moves in slots of your own"))]
    mine = {name for name, slot in programme.slots.items() if slot.owner == party}
    pins, pinned = was.get("slots", {}), now.get("slots", {})
    moved = {name for name in {*pins, *pinned} if pins.get(name) != pinned.get(name)}
    hint = text("its owner locks it, or a proposal moves it: covolt propose")
    return [
        Problem(text("'{slot}' is a slot of another party", slot=slot), LOCK_FILE, hint)
        for slot in sorted(moved - mine)
    ]


def _table(content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def archive_problems(files: Mapping[str, bytes], within: str) -> list[Problem]:
    """What is wrong with archives among files, by their tables of contents: nothing is unpacked."""
    found: list[Problem] = []
    for path, content in files.items():
        if path.lower().endswith(ARCHIVES):
            with NamedTemporaryFile(suffix=Path(path).suffix) as file:
                file.write(content)
                file.flush()
                try:
                    with opened_archive(Path(file.name), Bounds()):
                        pass
                except CovoltError as error:
                    found += [Problem(one.what, f"{within}{path}", one.hint) for one in error.problems]
    return found


def long_texts(before: Mapping[str, bytes], changed: Mapping[str, bytes], within: str) -> list[Problem]:
    """Texts of documents that are too long for whoever is shown them: titles stand in every answer about their thing.

    A text that stood in its file before is left, such as one that an earlier covolt took.
    """
    found: list[Problem] = []
    hint = text("shorten it, or keep it in a file beside")
    for path, content in changed.items():
        if not path.endswith((".toml", ".lock")):
            continue
        party = f"{within}{path}".startswith("parties/")
        long = [one for one in _texts(_document(content), ()) if len(one[1]) > _most(one[0], party=party)]
        stood = {said for _, said in _texts(_document(before.get(path, b"")), ())} if long else set[str]()
        for keys, said in long:
            if said not in stood:
                what = text(
                    "this text has {count} signs, more than {most}", count=len(said), most=_most(keys, party=party)
                )
                found.append(Problem(what, f"{within}{_shown(path)}: {_shown('.'.join(keys))[:MOST_PATH_signs]}", hint))
    return found[:MOST_TOLD]


def _document(content: bytes) -> dict[str, Any]:
    """The table of a document; nothing where it is none, which is told elsewhere."""
    try:
        return load_table(text_of(content, ""), "")
    except CovoltError:
        return {}


def _most(keys: Sequence[str], *, party: bool) -> int:
    if "title" not in keys:
        return MOST_TEXT_signs
    return MOST_PARTY_signs if party else MOST_TITLE_signs


def _texts(value: object, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of a document, with its keys."""
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, dict):
        for key, one in cast("dict[str, object]", value).items():
            yield from _texts(one, (*keys, key))
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            yield from _texts(one, keys)
