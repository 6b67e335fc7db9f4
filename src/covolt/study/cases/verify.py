"""The use case `verify`: the locked vehicle held against every requirement, how surely, and what to measure next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covolt.errors import Problem
from covolt.study.cases.options import Findings

if TYPE_CHECKING:
    from covolt.programme.checked import CheckedText
    from covolt.programme.documents import Programme
    from covolt.study.verdicts.verdict import Verdict
    from covolt.study.verdicts.verification import Verification

__all__ = ["Verified", "as_document", "verify"]


@dataclass(frozen=True)
class Verified:
    """A programme, its verification, whose texts were checked, and what of it must be told beside its verdicts."""

    programme: Programme
    found: Verification
    checks: Sequence[CheckedText]
    notices: Sequence[Problem]

    def document(self) -> dict[str, Any]:
        """As scripts read it."""
        from covolt.study.verdicts.checking import readings_of_verdict
        from covolt.study.verdicts.decisive import next_steps
        from covolt.study.verdicts.verdict import correlations
        from covolt.study.verdicts.verification import conditions_of

        read, found = self.programme, self.found
        checked = {
            name: readings_of_verdict(read.requirements[name], record, self.checks)
            for name, record in found.records.items()
        }
        return {
            "verdicts": [
                as_document(one)
                | {"checked": checked.get(one.requirement, [])}
                | {"conditions": conditions_of(read.requirements[one.requirement], read)}
                for one in found.verdicts
            ],
            "correlations": correlations(found.verdicts),
            "next": [asdict(one) for one in next_steps(found.verdicts)],
            "notices": [asdict(one) for one in self.notices],
            "promises": [asdict(one) | {"kept": one.kept, "why": str(one.why)} for one in found.conformances],
        }


def as_document(one: Verdict) -> dict[str, Any]:
    """A verdict as scripts read it."""
    return asdict(one) | {
        "expanded": one.expanded,
        "why": str(one.why),
        "contributions": [asdict(part) | {"title": str(part.title)} for part in one.contributions],
    }


def verify(
    programme: Path,
    *,
    only: Sequence[str] = (),
    anew: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
    findings: Findings | None = None,
) -> Verified:
    """Hold the locked vehicle against its requirements, or against those named alone.

    Args:
        anew: whether what was computed before is left aside.
        progress: called with how many records are done, of how many.

    Raises:
        InputError: every problem of the programme, and every name that no requirement has.
    """
    from covolt.study.gate.check import (
        gate_notices,
        moved_parts,
        read_whole,
        texts_notices,
        trust_notices,
        unsigned_gates,
    )
    from covolt.study.verdicts.checking import texts_checked
    from covolt.study.verdicts.records import RecordStore
    from covolt.study.verdicts.verification import verify as verify_programme

    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme))
    known = {} if read is None else read.requirements
    for one in only if read is not None else ():
        if one not in known:
            findings.add(Problem(f"no requirement '{one}'", findings.called("only"), f"known: {', '.join(known)}"))
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    found = verify_programme(read, RecordStore.own(anew=anew), only=only or None, progress=progress)
    notices = [
        *trust_notices(read),
        *moved_parts(read),
        *texts_notices(read),
        *unsigned_gates(read),
        *gate_notices(read),
    ]
    return Verified(read, found, texts_checked(read), notices)
