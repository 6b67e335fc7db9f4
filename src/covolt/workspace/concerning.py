"""Who must agree to a change: the owners of what it changes, and of requirements that everybody sees turn worse."""

from __future__ import annotations

from covolt.programme.documents import Programme
from covolt.study.verdicts.verdict import Verdict
from covolt.study.verdicts.verification import Verification
from covolt.workspace.access import Reader, seen_verdicts
from covolt.workspace.telling import misses

__all__ = ["worsened_owners"]


def worsened_owners(programme: Programme, before: Verification, after: Verification | None) -> frozenset[str]:
    """Owners of requirements that everybody sees turn worse; of all that were met where there is no vehicle after.

    A requirement turns worse where it was met and is no longer, and where its value goes beyond its bound, however surely.
    Of what a party keeps as its own nothing is told, not even that it turned.
    """
    was = _seen_by_all(programme, before)
    if after is None:
        return frozenset(one.owner for one in was.values() if one.passes)
    return frozenset(
        now.owner
        for name, now in _seen_by_all(programme, after).items()
        if (then := was.get(name)) is not None
        and ((then.passes and not now.passes) or (misses(now) and not misses(then)))
    )


def _seen_by_all(programme: Programme, found: Verification) -> dict[str, Verdict]:
    return {one.requirement: one for one in seen_verdicts(found, programme, Reader(""))[0].verdicts}
