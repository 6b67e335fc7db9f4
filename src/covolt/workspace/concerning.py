"""Who must agree to a change: the owners of what it changes, and of requirements that everybody sees turn from met to not."""

from __future__ import annotations

from covolt.programme.documents import Programme
from covolt.study.verdicts.verification import Verification
from covolt.workspace.access import Reader, seen_verdicts

__all__ = ["worsened_owners"]


def worsened_owners(programme: Programme, before: Verification, after: Verification | None) -> frozenset[str]:
    """Owners of requirements that everybody sees turn from met to not; all that were met do where there is no vehicle after.

    Of what a party keeps as its own nothing is told, not even that it turned.
    """
    was = _met(programme, before)
    still = frozenset[str]() if after is None else _met(programme, after).keys()
    judged = was.keys() if after is None else {one.requirement for one in after.verdicts}
    return frozenset(owner for name, owner in was.items() if name in judged and name not in still)


def _met(programme: Programme, found: Verification) -> dict[str, str]:
    """Owners of requirements that everybody sees met, by requirement."""
    verdicts, _ = seen_verdicts(found, programme, Reader(""))
    return {one.requirement: one.owner for one in verdicts.verdicts if one.passes}
