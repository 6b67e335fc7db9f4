"""Back-up of a workspace while it runs, its restoring whole or not at all, and the export of all that a party owns."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tomllib
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sqlalchemy import select

from covolt.contract.document import read_text
from covolt.errors import Conflict, InputError, NotFound, Problem, Unavailable
from covolt.exchange.archive import Archive, Bounds, opened_archive
from covolt.files import put_at, whole, write_new
from covolt.programme.anchor import ANCHOR_FILE
from covolt.words import text
from covolt.workspace.auditing import Audit, audit, demand_home, opened
from covolt.workspace.checkpoints import KEY_FILE, countersign, keep
from covolt.workspace.comment_rows import CommentRow
from covolt.workspace.database import DATABASE_FILE, Database
from covolt.workspace.events import now_text
from covolt.workspace.repository import MAIN, Repository
from covolt.workspace.states import ProgrammeFolders
from covolt.workspace.tables import AnswerRow, EventRow, ProposalRow
from covolt.workspace.together import database_of
from covolt.workspace.trusting import kept_trust

__all__ = ["audited", "back_up", "export_party", "export_written", "restore", "trust_in"]

SCHEMA, MANIFEST = "backup/1", "manifest.json"
BESIDE = ("outgoing.key", "workspace.toml", "results/*")
BOUNDS = Bounds(parts=100_000, total_bytes=2**42, part_bytes=2**42)
"""Of a back-up: its makers are trusted with all that it holds, and its size is that of the workspace."""
MOST_TRUST_bytes = 16 * 1024**2


def audited(
    home: Path,
    *,
    checkpoint: datetime | None = None,
    key: Path | None = None,
    party: str = "",
    receipt: Path | None = None,
    against: Path | None = None,
    address: str = "",
) -> Audit:
    """Look at all of a workspace; before that write a checkpoint, let a party sign the last one, and keep it as a receipt.

    Args:
        home: its folder, or a back-up of it, in which nothing is signed.
        checkpoint: when one is written first; none where no time is given.
        key: file of the private key of `party`.
        party: who signs.
        receipt: new file for the checkpoint that is signed.
        against: a receipt that was kept before.
        address: of the database, where that is PostgreSQL.

    Raises:
        NotFound: no workspace lies there, or there is no checkpoint to sign.
        InputError: a file cannot be read.
    """
    kept = None if against is None else _receipt(against)
    if home.is_file():
        if checkpoint is not None or key is not None or address:
            hint = text("name the folder of the workspace, or look at the back-up alone")
            raise InputError(Problem(text("a back-up stays as it is"), str(home), hint))
        with _laid_out(home, Path(gettempdir())) as folder:
            return audit(folder, kept)
    if checkpoint is not None or key is not None:
        database = opened(home, address)
        try:
            with database.writing() as session:
                if checkpoint is not None:
                    keep(session, home, now_text(checkpoint))
                    session.flush()
                if key is not None:
                    signed = countersign(session, party, key)
                    content = json.dumps(signed.content, ensure_ascii=False, indent=2).encode()
                    if receipt is not None and not write_new(receipt, content):
                        raise Conflict(_taken(receipt))
        finally:
            database.close()
    return audit(home, kept, address)


def _receipt(path: Path) -> dict[str, Any]:
    found = read_text(path, str(path))
    try:
        kept: dict[str, Any] = json.loads(found) if found.lstrip().startswith("{") else tomllib.loads(found)
        kept["sequence"]
    except (ValueError, KeyError, TypeError) as error:
        what = text("this is no checkpoint")
        hint = text("covolt audit --receipt writes one; so does signing what the page “Log” hands out")
        raise InputError(Problem(what, str(path), hint)) from error
    return kept


def _taken(file: Path) -> Problem:
    return Problem(text("there is a file here already"), str(file), text("name a new file"))


def back_up(home: Path, file: Path) -> int:
    """Write all of a workspace into one new file; the number of its repositories. The server may run meanwhile.

    Nobody writes for the moment in which the database is copied and it is looked where each repository stands.

    Raises:
        NotFound: no workspace lies there.
        Unavailable: its database is PostgreSQL, which has a way of its own.
        Conflict: the file is there already.
    """
    if database_of(home):
        hint = text("copy the database with pg_dump first, and the folder second")
        raise Unavailable(Problem(text("the database of this workspace is PostgreSQL"), str(home), hint))
    path = demand_home(home)
    with _written(file) as (folder, archive):
        database = Database(f"sqlite:///{path}")
        try:
            with database.writing():
                with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(folder / DATABASE_FILE)) as copy:
                    source.backup(copy)
                heads = {one: one.head() for one in _repositories(home)}
        finally:
            database.close()
        archive.write(folder / DATABASE_FILE, DATABASE_FILE)
        if trusted := kept_trust(home):
            archive.writestr(ANCHOR_FILE, trusted)
        for one in (home / KEY_FILE, *_beside(home)):
            archive.write(one, one.relative_to(home).as_posix())
        for number, (repository, head) in enumerate(heads.items()):
            made = folder / f"{number}.bundle"
            _bundle(repository, head, made)
            archive.write(made, _bundled(home, repository), ZIP_STORED)
            made.unlink()
        return len(heads)


def restore(file: Path, home: Path) -> Audit:
    """Make the workspace of a back-up in a new folder, whole or not at all; what its audit found.

    Raises:
        Conflict: there is something in that place.
        InputError: the file is no back-up, or an audit finds something in it that is not what was written.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise Conflict(Problem(text("this place is taken"), str(home), text("name a new folder")))
    home.parent.mkdir(parents=True, exist_ok=True)
    with _laid_out(file, home.parent) as folder:
        found = audit(folder)
        if found.problems:
            raise InputError(list(found.problems))
        if home.is_dir():
            home.rmdir()
        put_at(folder, home)
    return found


def trust_in(file: Path) -> str:
    """What a back-up says of whose keys were trusted where it was made; nothing where it says nothing."""
    with opened_archive(file, BOUNDS) as archive:
        return archive.read(ANCHOR_FILE, MOST_TRUST_bytes).decode() if ANCHOR_FILE in archive else ""


@contextmanager
def _laid_out(file: Path, beside: Path) -> Generator[Path]:
    """The workspace of a back-up in a folder that goes again unless it is put elsewhere."""
    with (
        TemporaryDirectory(prefix=".covolt-restore-", dir=beside) as made,
        opened_archive(file, BOUNDS) as archive,
    ):
        folder, packed = Path(made) / "home", Path(made) / "packed"
        packed.mkdir()
        folder.mkdir(mode=0o700)
        _unpack(archive, packed, file)
        for one in (packed / DATABASE_FILE, packed / KEY_FILE, *_beside(packed)):
            place = folder / one.relative_to(packed)
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(one, place)
            place.chmod(0o600)
        for bundle in sorted(packed.rglob("*.bundle")):
            _unbundle(bundle, folder / bundle.relative_to(packed).with_suffix(".git"))
        yield folder


def export_party(home: Path, name: str, party: str, file: Path, address: str = "") -> None:
    """Write all that a party owns in a programme of a workspace into one new file.

    Args:
        home: folder of the workspace.
        name: id of the programme.
        party: id of the party.
        file: the new file.
        address: of the database, where that is PostgreSQL.

    Raises:
        NotFound: there is no such workspace, programme or party.
        Conflict: the file is there already.
    """
    database = opened(home, address)
    try:
        export_written(ProgrammeFolders(home / "programmes" / name), database, name, party, file)
    finally:
        database.close()


def export_written(folders: ProgrammeFolders, database: Database, name: str, party: str, file: Path) -> None:
    """The same of a workspace that is open.

    Its repository as a Git bundle; its offers, keys and sign-offs as they were published; its proposals, its answers, its
    comments and its entries of the log as JSON.

    Raises:
        NotFound: there is no such programme or party.
        Conflict: the file is there already.
    """
    heads = folders.heads()
    shared = folders.shared.files(heads.programme)
    if f"parties/{party}.toml" not in shared:
        what = text("no party '{party}' in the programme '{name}'", party=party, name=name)
        raise NotFound(Problem(what, "party", text("name a programme and a party of it")))
    with _written(file) as (folder, archive):
        if commit := dict(heads.parties).get(party):
            _bundle(folders.own(party), commit, folder / "own.bundle")
            archive.write(folder / "own.bundle", f"{party}.bundle", ZIP_STORED)
        for place, content in shared.items():
            if place == f"parties/{party}.toml" or place.startswith((f"offers/{party}/", f"keys/{party}/")):
                archive.writestr(f"published/{place}", content)
            if place.startswith("signoffs/") and f'party = "{party}"'.encode() in content:
                archive.writestr(f"published/{place}", content)
        for title, rows in _rows(database, name, party).items():
            archive.writestr(f"{title}.json", json.dumps(rows, ensure_ascii=False, indent=2))


def _rows(database: Database, name: str, party: str) -> Mapping[str, list[dict[str, Any]]]:
    with database.reading() as session:
        own = select(ProposalRow).where(ProposalRow.programme == name, ProposalRow.party == party)
        answers = select(AnswerRow, ProposalRow.number).join(ProposalRow).where(ProposalRow.programme == name)
        comments = select(CommentRow).where(CommentRow.programme == name, CommentRow.party == party)
        # What who administers did to its people is the party's to have, too.
        events = select(EventRow).where(EventRow.programme == name, EventRow.party.in_((party, "")))
        return {
            "proposals": [_plain(one) for one in session.scalars(own.order_by(ProposalRow.number))],
            "answers": [
                {**_plain(one), "proposal": number}
                for one, number in session.execute(answers.where(AnswerRow.party == party).order_by(AnswerRow.id))
            ],
            "comments": [_plain(one) for one in session.scalars(comments.order_by(CommentRow.made, CommentRow.id))],
            "log": [
                _plain(one)
                for one in session.scalars(events.order_by(EventRow.sequence))
                if party in {one.party, one.told.get("party")}
            ],
        }


def _plain(row: Any) -> dict[str, Any]:
    values = {one.key: getattr(row, one.key) for one in row.__table__.columns}
    return {key: now_text(one) if hasattr(one, "strftime") else one for key, one in values.items()}


@contextmanager
def _written(file: Path) -> Generator[tuple[Path, ZipFile]]:
    """A new archive, with digests of all of it; it is there when it is whole."""
    if file.exists():
        raise Conflict(_taken(file))
    file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".covolt-keep-", dir=file.parent) as made, whole(file) as part:
        part.chmod(0o600)
        with ZipFile(part, "w", ZIP_DEFLATED) as archive:
            yield Path(made), archive
            names = archive.namelist()
        with ZipFile(part, "a", ZIP_DEFLATED) as archive:
            digests = {}
            for name in names:
                with archive.open(name) as content:
                    digests[name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
            archive.writestr(MANIFEST, json.dumps({"schema": SCHEMA, "files": digests}))


def _unpack(archive: Archive, folder: Path, file: Path) -> None:
    """All of a back-up, each part held against its digest."""
    try:
        told = json.loads(archive.read(MANIFEST, 64 * 1024**2)) if MANIFEST in archive else {}
        digests = told["files"] if told.get("schema") == SCHEMA else {}
    except (ValueError, KeyError, AttributeError):
        digests = {}
    if not {DATABASE_FILE, KEY_FILE} <= digests.keys() or {*digests, MANIFEST} != set(archive.names):
        raise InputError(Problem(text("this is no back-up of a workspace"), str(file), text("covolt backup makes one")))
    archive.unpack(folder, digests)
    for name, digest in digests.items():
        with (folder / name).open("rb") as part:
            if hashlib.file_digest(part, "sha256").hexdigest() != digest:
                raise InputError(Problem(text("it is not what was written"), f"{file}: {name}", text("take another")))


def _beside(home: Path) -> list[Path]:
    """Files that what the database tells of needs: the key to subscribers' secrets, who logs in how, and results of jobs."""
    return [one for name in BESIDE for one in sorted(home.glob(name)) if one.is_file()]


def _repositories(home: Path) -> list[Repository]:
    found = [*(home / "programmes").glob("*/programme.git"), *(home / "programmes").glob("*/parties/*.git")]
    return [one for one in map(Repository, sorted(found)) if one.head()]


def _bundled(home: Path, repository: Repository) -> str:
    return repository.folder.relative_to(home).with_suffix(".bundle").as_posix()


def _bundle(repository: Repository, head: str, file: Path) -> None:
    """What git bundle writes, of main where it stood: other commits may have come since."""
    with file.open("wb") as out:
        out.write(f"# v2 git bundle\n{head} {MAIN}\n\n".encode())
        out.flush()
        repository.packed(head, out)


def _unbundle(bundle: Path, folder: Path) -> None:
    repository = Repository(folder)
    repository.begin()
    repository.asked("fetch", "--quiet", str(bundle.resolve()), f"{MAIN}:{MAIN}")
