"""The drive that a report shows: the joined vehicle over one cycle of its class."""

from __future__ import annotations

from covolt.library.subject import Subject
from covolt.programme.documents import Programme
from covolt.simulation.cycles import standard
from covolt.simulation.mission import follow
from covolt.simulation.run import simulate
from covolt.simulation.trace import Trace
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.segments import laboratory
from covolt.study.verdicts.joined import locked_sheets, subject_of

__all__ = ["example_drive"]


def example_drive(programme: Programme) -> tuple[Subject, Trace]:
    """The joined vehicle over one cycle of its class."""
    subject = subject_of(locked_sheets(programme), programme.charter.vehicle, programme.charter.id)
    name = "wltc-3b" if subject.category in {"M1", "N1"} else "sort-2"
    return subject, simulate(subject.vehicle, follow(standard(name), laboratory(subject, Given())))
