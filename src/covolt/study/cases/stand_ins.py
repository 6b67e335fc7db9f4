"""Models that compute a part this once in place of its own: FMU files, each in the sandbox."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.errors import NotFound, Problem
from covolt.study.cases.options import Findings
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.vehicle.foreign import BatteryLink

__all__ = ["WORKERS", "opened_stand_ins"]

WORKERS = 2
"""Workers of each model: as many drives are under way at once."""
SLOTS = ("battery",)


@contextmanager
def opened_stand_ins(
    written: Sequence[str], programme: Programme | None, findings: Findings, option: str
) -> Generator[dict[str, BatteryLink]]:
    """Links to the models that are written `SLOT=FILE`, by the slot of the vehicle; their workers end with the block.

    What is wrong is added to the findings, all of it, before the block begins.
    """
    with ExitStack() as stack:
        found: dict[str, BatteryLink] = {}
        for one in written:
            slot, _, file = one.partition("=")
            where = f"{findings.called(option)} {one}"
            if not file:
                findings.add(Problem(text("'{one}' names no file", one=one), where, text("write SLOT=FILE.fmu")))
            elif programme is not None and slot not in programme.slots:
                findings.add(Problem(text("no slot '{slot}'", slot=slot), where, _slots(programme)), NotFound)
            elif slot in found:
                findings.add(Problem(text("{slot} is named twice", slot=slot), where, text("name one model a slot")))
            elif programme is not None and programme.vehicle_slot(programme.slots[slot]) not in SLOTS:
                hint = text("slots that take one: {slots}", slots=", ".join(SLOTS))
                findings.add(Problem(text("the slot '{slot}' takes no model of another yet", slot=slot), where, hint))
            elif programme is not None:
                link = findings.take(lambda file=file: _opened(Path(file), stack))
                if link is not None:
                    found[programme.vehicle_slot(programme.slots[slot])] = link
        yield found


def _slots(programme: Programme) -> Phrase:
    return text("slots: {slots}", slots=", ".join(sorted(programme.slots)))


def _opened(file: Path, stack: ExitStack) -> BatteryLink:
    """An FMU in its workers, as the battery of a vehicle."""
    from covolt.exchange.fmu import opened_apart
    from covolt.library.component_battery import ComponentBattery
    from covolt.library.pooled_battery import PooledBattery

    apart = [stack.enter_context(opened_apart(file)) for _ in range(WORKERS)]
    return PooledBattery([ComponentBattery(one.component, "sandboxed") for one in apart])
