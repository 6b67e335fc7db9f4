"""Why a result cannot be had, in any language: what a drive, a charging session or an error says of itself."""

from __future__ import annotations

from covolt.errors import CovoltError
from covolt.simulation.outcome import Outcome
from covolt.words import Phrase, joined, text

__all__ = ["because", "why_failed", "why_not"]


def why_not(outcome: Outcome) -> Phrase:
    """How a drive or a session ended."""
    return outcome.said


def because(what: Phrase, outcome: Outcome) -> Phrase:
    """A statement and how the drive ended on which it rests."""
    return joined((what, why_not(outcome)), ": ")


def why_failed(error: CovoltError) -> Phrase:
    """What an error says first."""
    return text("the model refuses: {why}", why=error.problems[0].what)
