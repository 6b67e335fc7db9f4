"""Baselines: an earlier state of a programme, from another lock or from a commit, and what exactly it is.

A name may be that of a baseline, a file, a folder or a commit. Whoever may write to the programme can give any of the first three
the name of a commit, so that one which is several of them is refused.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from covolt.contract.architecture import SECOND_AXLE
from covolt.errors import InputError, NotFound, Problem
from covolt.programme.baselines import baselines, kept_baseline, read_lock
from covolt.programme.coherence import incoherences, pin_problems
from covolt.programme.documents import Programme
from covolt.programme.folder import CHARTER_FILE
from covolt.programme.reading import read_earlier
from covolt.study.verdicts.commit import HINT, commit_named, written_out
from covolt.study.verdicts.verification import requirement_problems
from covolt.words import Phrase, joined, text

__all__ = ["EarlierState", "earlier_state", "fallen"]

Kind = Literal["baseline", "lock file", "folder", "commit"]
KINDS: Mapping[Kind, Phrase] = {
    "baseline": text("baseline"),
    "lock file": text("lock file"),
    "folder": text("folder"),
    "commit": text("commit"),
}


@dataclass(frozen=True)
class EarlierState:
    """An earlier state: of which kind, by which name, its full name for a commit, its day for a baseline.

    It is taken as it was left; what of it does not stand by today's keys and signatures is told `beside`.
    """

    state: Programme
    kind: Kind
    name: str
    commit: str = ""
    kept: str = ""
    beside: tuple[Problem, ...] = ()

    @property
    def said(self) -> Phrase:
        """What a comparison was made with."""
        also = f" ({self.commit})" if self.commit and self.commit != self.name else ""
        named = joined((KINDS[self.kind], f"{self.name}{also}"), " ")
        return text("{state}, kept on {day}", state=named, day=self.kept) if self.kept else named


@contextmanager
def earlier_state(head: Programme, base: str) -> Generator[EarlierState]:
    """The programme as it was: in another folder, with a lock of a file or a baseline, or in that commit, tag or branch.

    A folder without a charter is none: a branch may be called as a folder of the programme is.
    """
    head = head.whole
    path, kept = Path(base), kept_baseline(head.root, base)
    commit = commit_named(head.root, base)
    found: list[Kind] = []
    if (path / CHARTER_FILE).is_file():
        found.append("folder")
    elif path.is_file():
        found.append("lock file")
    if kept is not None:
        found.append("baseline")
    if commit is not None:
        found.append("commit")
    if len(found) > 1:
        what = f"'{base}' is the name of a {' and a '.join(found)}"
        hint = f"say which: ./{base} is a folder or file, {base}~0 a commit" + (f", {kept} a baseline" if kept else "")
        raise InputError(Problem(what, "BASE", hint))
    if found == ["folder"]:
        yield _as_left(head, path, EarlierState(head, "folder", base))
    elif found == ["lock file"]:
        kind, name = ("baseline", path.stem) if path.resolve() in baselines(head.root) else ("lock file", base)
        yield _with_lock(head, path.resolve(), kind, name)
    elif kept is not None:
        yield _with_lock(head, kept, "baseline", base)
    else:
        with TemporaryDirectory(prefix="covolt-base-") as folder:
            written_out(head.root, base, Path(folder))
            if not (Path(folder) / CHARTER_FILE).is_file():
                raise NotFound(Problem(f"there was no programme here at '{base}'", "BASE", HINT))
            yield _as_left(head, Path(folder), EarlierState(head, "commit", base, commit or ""))


def _as_left(head: Programme, path: Path, base: EarlierState) -> EarlierState:
    try:
        state, misplaced = read_earlier(path, further=requirement_problems, day=head.day)
    except InputError as error:
        told = [Problem(one.what, f"{base.name}, {one.where}", one.hint) for one in error.problems]
        raise InputError(told) from error
    known, taken_out = {**state.keys, **head.keys}, {**state.revocations, **head.revocations}
    today = state
    if state.charter.id == head.charter.id:
        today = replace(state, trust=head.trust, keys=known, revocations=taken_out)
    return replace(base, state=state, beside=(*misplaced, *incoherences(today)))


def _with_lock(head: Programme, path: Path, kind: Kind, name: str) -> EarlierState:
    lock, slots = read_lock(path, head.root), head.slots
    if lock.slots.keys().isdisjoint(SECOND_AXLE):
        # The second axle is younger than this lock.
        slots = {name: slot for name, slot in slots.items() if name not in SECOND_AXLE}
    was = replace(head, lock=lock, slots=slots)
    problems = pin_problems(was, signed=False)
    if problems:
        raise InputError([Problem(one.what, str(path), one.hint) for one in problems])
    beside = tuple(Problem(one.what, str(path), one.hint) for one in pin_problems(was))
    return EarlierState(was, kind, name, kept=lock.frozen, beside=beside)


def fallen(head: Programme) -> Iterator[Problem]:
    """What no longer holds of the baselines of a programme, so that it cannot be compared with them."""
    for path in baselines(head.files.folder):
        try:
            _with_lock(head.whole, path, "baseline", path.stem)
        except InputError as error:
            yield from error.problems
