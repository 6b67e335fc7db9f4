"""What a party's failure, or its silence, means to whoever asked it."""

from __future__ import annotations

from collections.abc import Mapping

from covolt.exchange.hosted.connection import Lost
from covolt.words import Phrase, text

__all__ = ["CODES", "lost_why"]

CODES: Mapping[str, Phrase] = {
    "failed": text("its model failed"),
    "budget": text("its owner allows no more questions: the budget is spent"),
    "state": text("it keeps no such state"),
    "unable": text("its part cannot do this"),
    "unrecorded": text("its record holds no answer to this question"),
}


def lost_why(lost: Lost, deadline_s: float) -> Phrase:
    """Why a party gave no answer."""
    if lost.why == "late":
        return text("it gave no answer within {deadline} s", deadline=deadline_s)
    if lost.why == "garbled":
        return text("its answer cannot be read")
    if lost.why == "out of order":
        return text("its answer belongs to another question")
    return text("it is gone: the connection ended")
