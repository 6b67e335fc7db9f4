"""The use cases of negatives: listed with what watches them, taken in where they ship, and drafted of what went wrong here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from covolt.errors import Conflict, NotFound, Problem
from covolt.programme.reading import Source
from covolt.study.cases.options import Findings, Progress, Wish, heed, silent
from covolt.study.gate.negatives import GUARD_STATES, NegativeRow
from covolt.study.result import RESULT
from covolt.suggestion import named
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.programme.negative import Negative

__all__ = ["GUARD_STATES", "NegativeRow", "Negatives", "Written", "negatives", "record", "shipped", "take"]

FOLDER = "negatives"


@dataclass(frozen=True, config=RESULT)
class Negatives:
    """The negatives of a programme, worst first: unguarded, watched by something that is not met, open, met."""

    programme: str
    negatives: tuple[NegativeRow, ...]
    schema: Literal["negatives/1"] = "negatives/1"

    @property
    def watched(self) -> bool:
        """Whether each is guarded, and no guard is not met."""
        return not any(one.state in {"void", "not met"} for one in self.negatives)


@plain_dataclass(frozen=True)
class Written:
    """Files of negatives that were written, in one step, and names that the programme has already."""

    paths: tuple[Path, ...]
    known: tuple[str, ...]


def shipped() -> Sequence[Negative]:
    """The negatives that ship with covolt."""
    from covolt.library.shipped_negatives import shipped_negatives

    return list(shipped_negatives().values())


def negatives(
    programme: Source,
    *,
    party: str = "",
    progress: Progress = silent,
    cancelled: Wish | None = None,
    findings: Findings | None = None,
    day: str | None = None,
) -> Negatives:
    """Every negative of a programme with what watches it and how that stands today, as a `party` may read it.

    Raises:
        Cancelled: where `cancelled`, which is asked before every drive, says so.
    """
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.gates import gate_states
    from covolt.study.gate.negatives import demanded, negative_rows
    from covolt.study.verdicts.verification import verify

    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme, day=day))
    read = None if read is None else findings.seen(read, party)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    only = demanded(read)
    found = verify(read, progress=progress, cancelled=cancelled, only=only)
    gates = gate_states(read, found) if only is None else ()
    return Negatives(read.charter.id, negative_rows(read, found, gates))


def take(programme: Path, party: str, *, findings: Findings | None = None, cancelled: Wish | None = None) -> Written:
    """Write the negatives that ship with covolt into the folder of a party, all that the programme has not yet, or none."""
    from covolt.library.shipped_negatives import stated_by
    from covolt.programme.reading import read_programme

    findings = findings or Findings()
    read = findings.take(lambda: read_programme(programme))
    _find_party(read, party, findings)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    return _written(read, [stated_by(one, party) for one in shipped()], cancelled)


def record(
    programme: Path,
    party: str,
    *,
    progress: Progress = silent,
    findings: Findings | None = None,
    cancelled: Wish | None = None,
    day: str | None = None,
) -> Written:
    """Write what went wrong in a programme itself as drafts of negatives into the folder of a party, all or none.

    These are requirements that a baseline met and that are not met now, promises of contracts that are not kept, offers that
    their contract refuses, and gates that are shut after their planned day.
    """
    from covolt.programme.baselines import baselines
    from covolt.study.gate.check import read_whole
    from covolt.study.gate.gates import gate_states
    from covolt.study.gate.recording import drafted, fallen_since
    from covolt.study.verdicts.baseline import earlier_state
    from covolt.study.verdicts.verification import Verification, verify

    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme, day=day))
    _find_party(read, party, findings)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    read = read.seen_by(party)
    found = verify(read, progress=progress, cancelled=cancelled)
    fallen = fallen_since(found)
    earlier: dict[str, tuple[str, Verification]] = {}
    for path in baselines(read.root) if fallen else ():
        with earlier_state(read, path.stem) as compared:
            state = compared.state.seen_by(party, beside=read)
            there = [one for one in fallen if one in state.requirements]
            earlier[path.stem] = compared.kept, verify(state, only=there, progress=progress, cancelled=cancelled)
    return _written(read, drafted(read, found, earlier, gate_states(read, found), party), cancelled)


def _find_party(read: Programme | None, party: str, findings: Findings) -> None:
    if read is None or party in read.parties:
        return
    nobody = text("a negative is a party's word, and no party is named")
    what = text("no party '{party}'", party=party) if party else nobody
    findings.add(Problem(what, findings.called("party"), named(party, read.parties)), NotFound)


def _written(read: Programme, found: Iterable[Negative], cancelled: Wish | None) -> Written:
    """Write each negative whose name is free, as a file of its own; all or none."""
    from covolt.contract.document import dumps
    from covolt.journal import Change, write_together

    every = list(found)
    known = {one.casefold() for one in read.negatives}
    new = {read.root / one.party / FOLDER / f"{one.id}.toml": one for one in every if one.id.casefold() not in known}
    taken = [path for path in new if path.exists()]
    if taken:
        told = [Problem(text("this file is there already, and is no negative of that name"), str(one)) for one in taken]
        raise Conflict(told)
    heed(cancelled)
    changes = [Change(path, dumps(one).encode(), before="") for path, one in new.items()]
    if changes:
        write_together(read.root, changes)
    return Written(tuple(new), tuple(one.id for one in every if one.id.casefold() in known))
