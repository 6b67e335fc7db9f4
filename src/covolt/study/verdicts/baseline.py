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
from covolt.programme.baselines import FOLDER, as_kept, baselines, kept_baseline, kept_on, read_lock
from covolt.programme.coherence import incoherences, pin_problems
from covolt.programme.documents import Programme
from covolt.programme.folder import CHARTER_FILE
from covolt.programme.reading import read_earlier
from covolt.study.verdicts.commit import HINT, commit_named, newest_committed, written_out
from covolt.study.verdicts.verification import requirement_problems
from covolt.words import Phrase, day_said, joined, text

__all__ = ["EarlierState", "earlier_state", "fallen", "last_baseline"]

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

    It is taken as it was left; what of it does not stand by today's keys and signatures is told `beside`. Of a `lock_alone` it is
    known which offer filled which slot; all else is taken as it is today.
    """

    state: Programme
    kind: Kind
    name: str
    commit: str = ""
    kept: str = ""
    beside: tuple[Problem, ...] = ()
    lock_alone: bool = False

    @property
    def said(self) -> Phrase:
        """What a comparison was made with."""
        also = f" ({self.commit})" if self.commit and self.commit != self.name else ""
        named = joined((KINDS[self.kind], f"{self.name}{also}"), " ")
        named = text("{state}, kept on {day}", state=named, day=day_said(self.kept)) if self.kept else named
        return text("{state}, of which the lock alone is known", state=named) if self.lock_alone else named


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
        what = text("'{base}' is the name of a {found}", base=base, found=" and a ".join(found))
        hint = text(
            "say which: ./{base} is a folder or file, {base}~0 a commit{kept}",
            base=base,
            kept=(text(", {kept} a baseline", kept=str(kept)) if kept else ""),
        )
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
                raise NotFound(Problem(text("there was no programme here at '{base}'", base=base), "BASE", HINT))
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
    lock = read_lock(path, head.root)
    try:
        was = as_kept(head, lock)
    except InputError as error:
        raise InputError([_held_in(path, one) for one in error.problems]) from error
    if not lock.documents and lock.slots.keys().isdisjoint(SECOND_AXLE):
        # The second axle is younger than this lock.
        was = replace(was, slots={name: slot for name, slot in was.slots.items() if name not in SECOND_AXLE})
    problems = [Problem(one.what, str(path), one.hint) for one in pin_problems(was, signed=False)]
    if lock.documents:
        further = [*incoherences(was, signed=False), *requirement_problems(was)]
        problems += [_held_in(path, one) for one in further if one not in pin_problems(was, signed=False)]
    if problems:
        raise InputError(problems)
    beside = tuple(Problem(one.what, str(path), one.hint) for one in pin_problems(was))
    return EarlierState(was, kind, name, kept=lock.frozen, beside=beside, lock_alone=not lock.documents)


def _held_in(path: Path, one: Problem) -> Problem:
    """A problem of a document that a baseline holds."""
    return replace(one, where=f"{path} ({one.where})")


def last_baseline(programme: Programme) -> Path | None:
    """The baseline that was kept last. None where there is none; raises where one is no baseline.

    What a file says of its own day is anybody's word: those that lie as they are committed come before all others, the newest
    commit first, and only within one commit, or where none is committed, the stated day decides, then the name.
    """
    found = [(path, *kept_on(path, programme)) for path in baselines(programme.files.folder)]
    if problems := [one for _, _, problems in found for one in problems]:
        raise InputError(problems)
    ages = newest_committed(programme.files.folder, FOLDER)
    known = [(path, frozen, ages.get(path.relative_to(programme.root).as_posix())) for path, frozen, _ in found]
    committed = [(-age, frozen, path.name, path) for path, frozen, age in known if age is not None]
    others = [(0, frozen, path.name, path) for path, frozen, _ in known]
    return max(committed or others, default=(0, "", "", None))[3]


def fallen(head: Programme) -> Iterator[Problem]:
    """What no longer holds of the baselines of a programme, so that it cannot be compared with them."""
    for path in baselines(head.files.folder):
        try:
            _with_lock(head.whole, path, "baseline", path.stem)
        except InputError as error:
            yield from error.problems
