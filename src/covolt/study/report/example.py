"""The drive that a report shows: the joined vehicle over one cycle of its class, with parts that are not covolt's themselves."""

from __future__ import annotations

from typing import NamedTuple

from covolt.errors import ComponentFailed, Unavailable
from covolt.library.subject import Subject
from covolt.programme.documents import Programme
from covolt.simulation.cycles import standard
from covolt.simulation.mission import follow
from covolt.simulation.run import simulate
from covolt.simulation.trace import Trace
from covolt.study.procedures.foreign_use import Uses
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.record import Record
from covolt.study.procedures.segments import laboratory
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.offered_models import OfferedModels
from covolt.study.verdicts.rests_on import RestsOn, rests_on

__all__ = ["Example", "example_drive"]


class Example(NamedTuple):
    """The vehicle by what its parts declare, the drive, and the parts that are not covolt's behind that."""

    subject: Subject
    trace: Trace
    foreign: tuple[RestsOn, ...]


def example_drive(programme: Programme) -> Example:
    """The joined vehicle over one cycle of its class; a part that an offer brings along is asked itself, behind the same doors.

    One that gives no answer, or stays with its owner, is what it declares, and `foreign` says so.
    """
    sheets, frame = locked_sheets(programme), programme.charter.vehicle
    subject = subject_of(sheets, frame, programme.charter.id)
    mission = follow(
        standard("wltc-3b" if subject.category in {"M1", "N1"} else "sort-2"), laboratory(subject, Given())
    )
    uses = Uses()
    try:
        with OfferedModels(programme.whole) as doors:
            asked = subject_of(sheets, frame, programme.charter.id, doors=doors)
            trace = simulate(asked.vehicle, mission)
        uses.asked(trace.result.coupling)
    except (ComponentFailed, Unavailable):
        trace = simulate(subject.vehicle, mission)
    record = Record("", {}, foreign=uses.found())
    return Example(subject, trace, rests_on(record, sheets, programme.whole.offers, (), frozenset(sheets)))
