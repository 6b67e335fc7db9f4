"""Conflicts: which requirements no design meets together, how far bounds must move at least, and what that costs others."""

from covolt.study.conflicts.confirmation import Confirmation, Confirmed, confirmed, unconfirmed
from covolt.study.conflicts.relaxation import Relaxation, alone, jointly
from covolt.study.conflicts.search import Aim, Axis, Evaluate, search
from covolt.study.conflicts.sets import Conflicts, conflicts_of, correction_sets, one_conflict
from covolt.study.conflicts.table import Asked, Designs, nominal_of

__all__ = [
    "Aim",
    "Asked",
    "Axis",
    "Confirmation",
    "Confirmed",
    "Conflicts",
    "Designs",
    "Evaluate",
    "Relaxation",
    "alone",
    "confirmed",
    "conflicts_of",
    "correction_sets",
    "jointly",
    "nominal_of",
    "one_conflict",
    "search",
    "unconfirmed",
]
