"""Who may see what of a programme: the one place where the workspace asks, for every door and every answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import final

from covolt.errors import Forbidden, NotFound, Problem
from covolt.programme.documents import Programme
from covolt.study.verdicts.verification import Verification
from covolt.suggestion import named
from covolt.words import text

__all__ = ["Reader", "demand_slots", "seen", "seen_verdicts"]


@final
@dataclass(frozen=True)
class Reader:
    """Who asks: a person, and the party for which that person acts; for none where that is empty."""

    person: str
    party: str = ""
    slots: frozenset[str] | None = None
    """Of the own party only what concerns these slots; all of it where that is None."""

    @property
    def called(self) -> str:
        """Both, as one name."""
        return f"{self.party}/{self.person}"

    @property
    def sight(self) -> Reader:
        """All on which it hangs what is seen of a programme: what one reader is answered is kept for others of the same sight."""
        return replace(self, person="")


def seen(programme: Programme, reader: Reader) -> Programme:
    """The programme as a reader may see it.

    Raises:
        NotFound: it has no such party.
    """
    if reader.party and reader.party not in programme.parties:
        what = text("no party '{party}' in this programme", party=reader.party)
        raise NotFound(Problem(what, "party", named(reader.party, programme.parties)))
    return programme.seen_by(reader.party or None, slots=reader.slots)


def demand_slots(reader: Reader, slots: Iterable[str]) -> None:
    """Raise where a reader who acts for some slots alone would act in others."""
    if reader.slots is not None and (beyond := sorted(set(slots) - reader.slots)):
        hint = text("you act for: {own}", own=", ".join(sorted(reader.slots)))
        raise Forbidden([Problem(text("you do not act for the slot '{slot}'", slot=one), one, hint) for one in beyond])


def seen_verdicts(found: Verification, programme: Programme, reader: Reader) -> tuple[Verification, Programme]:
    """Verdicts on a programme as a reader may see them, and the programme so."""
    own = seen(programme, reader)
    return found.seen_in(own), own
