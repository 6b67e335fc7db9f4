"""What a party's runner is given of a job: its question and the programme as the party sees it, as one archive with a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from covolt.exchange.archive import Bounds, opened_archive
from covolt.programme.documents import Programme
from covolt.workspace.beside import files_beside
from covolt.workspace.job_files import Question

__all__ = ["digest_of", "packed", "seen_files", "unpacked"]


def seen_files(own: Programme, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files of a programme as the party that reads it sees them: what all share, its own, and what others show.

    It is what a clone of the party holds; whoever asks has made sure that the party may clone.
    """
    mine = {path: one for path, one in files.items() if path.partition("/")[0] not in own.parties.keys() - {own.reader}}
    return mine | files_beside(own)


def digest_of(question: Question, files: Mapping[str, bytes]) -> str:
    """Digest of a question and of all files on which it is asked."""
    content = [(path, hashlib.sha256(one).hexdigest()) for path, one in sorted(files.items())]
    said = json.dumps([asdict(question), content], sort_keys=True, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def packed(files: Mapping[str, bytes]) -> BinaryIO:
    """Files as an archive, from its beginning."""
    found = TemporaryFile()  # noqa: SIM115 - whoever streams it closes it
    with ZipFile(found, "w", ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            archive.writestr(path, content)
    found.seek(0)
    return found


def unpacked(archive: Path, folder: Path) -> dict[str, bytes]:
    """Write what was packed into a new folder, judged as a stranger's archive is; content by path.

    Raises:
        InputError: it holds what no programme has.
    """
    folder.mkdir(mode=0o700)
    with opened_archive(archive, Bounds()) as opened:
        opened.unpack(folder)
        return {name: folder.joinpath(*name.split("/")).read_bytes() for name in opened.names}
