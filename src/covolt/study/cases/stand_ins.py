"""Models that compute a part this once in place of its own: FMU files in the sandbox, and parts on their owners' machines."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.errors import NotFound, Problem
from covolt.study.cases.options import Findings
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.exchange.component import Component
    from covolt.programme.documents import Programme
    from covolt.study.verdicts.foreign import Link
    from covolt.vehicle.foreign import HowRun

__all__ = ["WORKERS", "opened_stand_ins"]

WORKERS = 2
"""Workers of each model: as many drives are under way at once."""
SLOTS = ("battery", FIRST_AXLE[0], SECOND_AXLE[0])
"""Slots of the vehicle that take a model of another."""
HOSTED = "hosted@"
WRITTEN = text("write SLOT=FILE.fmu, or SLOT=hosted@ADDRESS:PORT")


@contextmanager
def opened_stand_ins(
    written: Sequence[str],
    programme: Programme | None,
    findings: Findings,
    option: str,
    now: Callable[[], datetime] | None = None,
) -> Generator[dict[str, Link]]:
    """Links to models written `SLOT=FILE` or `SLOT=hosted@ADDRESS`, by the slot of the vehicle; they end with the block.

    An address is where the hub of the programme's authority listens for the party of the locked offer; `now` is by which
    certificates are judged.

    What is wrong is added to the findings, all of it, before the block begins.
    """
    with ExitStack() as stack:
        found: dict[str, Link] = {}
        for one in written:
            slot, _, file = one.partition("=")
            where = f"{findings.called(option)} {one}"
            if not file:
                findings.add(Problem(text("'{one}' names no file", one=one), where, WRITTEN))
            elif programme is not None and slot not in programme.slots:
                findings.add(Problem(text("no slot '{slot}'", slot=slot), where, _slots(programme)), NotFound)
            elif slot in found:
                findings.add(Problem(text("{slot} is named twice", slot=slot), where, text("name one model a slot")))
            elif programme is not None and programme.vehicle_slot(programme.slots[slot]) not in SLOTS:
                hint = text("slots that take one: {slots}", slots=", ".join(SLOTS))
                findings.add(Problem(text("the slot '{slot}' takes no model of another yet", slot=slot), where, hint))
            elif programme is not None:
                link = findings.take(lambda slot=slot, file=file: _link(slot, file, programme, stack, now))
                if link is not None:
                    found[programme.vehicle_slot(programme.slots[slot])] = link
        yield found


def _slots(programme: Programme) -> Phrase:
    return text("slots: {slots}", slots=", ".join(sorted(programme.slots)))


def _link(slot: str, written: str, programme: Programme, stack: ExitStack, now: Callable[[], datetime] | None) -> Link:
    of_vehicle = programme.vehicle_slot(programme.slots[slot])
    if not written.startswith(HOSTED):
        return _opened(of_vehicle, Path(written), stack)
    pin = None if programme.lock is None else programme.lock.slots.get(slot)
    if now is None:
        raise ValueError("certificates of hosts are judged by a clock, and none was handed in")
    if pin is None:
        what = text("the lock pins no offer in slot '{part}'", part=slot)
        raise NotFound(Problem(what, "programme.lock", text("covolt lock")))
    return _awaited(
        programme, programme.offers[pin.offer].datasheet.party, of_vehicle, written.removeprefix(HOSTED), stack, now
    )


def _awaited(
    programme: Programme, party: str, slot: str, address: str, stack: ExitStack, now: Callable[[], datetime]
) -> Link:
    """The part that a party serves from its own machine: the hub listens until it has come."""
    from covolt.exchange.hosted import HostedComponent, Hub
    from covolt.exchange.hosted.authority import Authority

    authority = Authority(programme.root, programme.charter.id)
    hub = stack.enter_context(Hub(address, authority.hub(), authority.trust, now))
    component = HostedComponent(hub, party, slot)
    stack.callback(component.close)
    return _wired(slot, [component], "replayed" if component.replayed else "hosted")


def _opened(slot: str, file: Path, stack: ExitStack) -> Link:
    """An FMU in its workers, as the part of a vehicle."""
    from covolt.exchange.fmu import opened_apart

    apart = [stack.enter_context(opened_apart(file)) for _ in range(WORKERS)]
    return _wired(slot, [one.component for one in apart], "sandboxed")


def _wired(slot: str, components: Sequence[Component], runs: HowRun) -> Link:
    """Equal components as the part of a slot of the vehicle."""
    if slot == "battery":
        from covolt.library.component_battery import ComponentBattery
        from covolt.library.pooled_battery import PooledBattery

        return PooledBattery([ComponentBattery(one, runs) for one in components])
    from covolt.library.component_drive_unit import ComponentDriveUnit
    from covolt.library.pooled_drive_unit import PooledDriveUnit

    return PooledDriveUnit([ComponentDriveUnit(one, runs) for one in components])
