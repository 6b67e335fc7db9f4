"""Restarting: a programme begun from an earlier one, with its files, negatives and baselines, and without its signatures."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from covolt.contract.editing import edited
from covolt.errors import Conflict, InputError, Problem
from covolt.journal import HOME, Change, write_together
from covolt.programme.baselines import freeze, kept_baseline
from covolt.programme.folder import CHARTER_FILE
from covolt.programme.reading import read_programme
from covolt.programme.text import IDENTIFIER, identifier_of
from covolt.words import text

__all__ = ["Restarted", "restart"]

SIGNED = ("key", "revocation", "signature", "signoff")
"""Kinds of documents that name the programme for which they were said."""
LEFT = frozenset({HOME, ".git", "build", "__pycache__", "keys", "signoffs"})


@dataclass(frozen=True)
class Restarted:
    """A programme begun anew: its folder, how many files it took, the baseline that keeps the earlier state, what it left."""

    folder: Path
    count: int
    negatives: int
    baselines: int
    kept: str
    left: int

    @property
    def baseline(self) -> Path | None:
        """The file of the baseline that is kept, if any."""
        return kept_baseline(self.folder, self.kept)


def restart(old: Path, folder: Path, name: str = "") -> Restarted:
    """Write a programme with all that an earlier one holds beside its keys, signatures and sign-offs, all files or none.

    The state in which that was left is kept as a baseline of its id, and its own baselines are taken as they are. It is another
    programme, by another id: nothing that was signed for the earlier one counts in it, and nothing is demanded to be signed yet.
    """
    before = read_programme(old)
    name = name or identifier_of(folder.resolve().name)
    problems: list[Problem] = []
    if not re.fullmatch(IDENTIFIER, name) or name == before.charter.id:
        hint = text("choose a name of its own: --id")
        problems.append(Problem(text("'{name}' cannot be its id", name=name), "--id", hint))
    if problems:
        raise InputError(problems)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(
            Problem(text("there is something here already"), str(folder), text("name a new or an empty folder"))
        )
    around = next((one for one in folder.resolve().parents if (one / CHARTER_FILE).is_file()), None)
    if around is not None:
        raise Conflict(Problem(text("this lies within a programme"), str(folder), text("begin it outside")))
    said = {place for (kind, _), (place, _) in before.origin.items() if kind in SIGNED}
    with TemporaryDirectory(prefix="covolt-restart-") as made:
        draft = Path(made)
        for path in sorted(before.root.rglob("*")):
            place = path.relative_to(before.root)
            if path.is_symlink() or not path.is_file() or LEFT & set(place.parts[:1]) or place.as_posix() in said:
                continue
            (draft / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, draft / place)
        charter = before.charter.model_copy(update={"id": name, "signatures_from": None})
        content = (draft / CHARTER_FILE).read_text(encoding="utf-8")
        (draft / CHARTER_FILE).write_text(edited(content, before.charter, charter), encoding="utf-8")
        after, kept = read_programme(draft), ""
        if after.lock is not None:
            kept = before.charter.id
            while kept_baseline(draft, kept) is not None:
                kept += "-left"
            freeze(after, kept)
        shutil.rmtree(draft / HOME, ignore_errors=True)
        files = sorted((one.relative_to(draft) for one in draft.rglob("*") if one.is_file()), key=_charter_first)
        folder.mkdir(parents=True, exist_ok=True)
        root = folder.resolve()
        write_together(root, [Change(root / one, (draft / one).read_bytes(), before="") for one in files])
        count = len(list((draft / "baselines").glob("*.lock")))
    return Restarted(folder, len(files), len(after.negatives), count, kept, len(said))


def _charter_first(path: Path) -> tuple[bool, Path]:
    """The charter first: what is begun is then found, and finished."""
    return path.as_posix() != CHARTER_FILE, path
