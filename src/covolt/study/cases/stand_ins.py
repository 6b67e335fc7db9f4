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
from covolt.study.verdicts.offered_models import WORKERS, WINDOW_s, wired
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.contract.datasheet import Datasheet
    from covolt.exchange.hosted import Hub
    from covolt.programme.documents import Programme
    from covolt.study.verdicts.foreign import Link

__all__ = ["WORKERS", "USUAL_WAIT_s", "opened_stand_ins"]

USUAL_WAIT_s = 30.0
"""For a party that serves its part from its own machine."""

STEP_s = 5.0
"""For one step: on a way that loses packets TCP sends again after 0.2 s, then after 0.4, 0.8 and 1.6 s more."""

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
    wait_s: float = USUAL_WAIT_s,
) -> Generator[dict[str, Link]]:
    """Links to models written `SLOT=FILE` or `SLOT=hosted@ADDRESS`, by the slot of the vehicle; they end with the block.

    An address is where the hub of the programme's authority listens for the party of the locked offer; `now` is by which
    certificates are judged. It waits for a party as long as `wait_s`, at first and where it is lost in between.

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
                link = findings.take(
                    lambda slot=slot, file=file, where=where: _link(slot, file, where, programme, stack, now, wait_s)
                )
                if link is not None:
                    found[programme.vehicle_slot(programme.slots[slot])] = link
        yield found


def _slots(programme: Programme) -> Phrase:
    return text("slots: {slots}", slots=", ".join(sorted(programme.slots)))


def _link(
    slot: str,
    written: str,
    where: str,
    programme: Programme,
    stack: ExitStack,
    now: Callable[[], datetime] | None,
    wait_s: float,
) -> Link:
    from covolt.exchange.hosted import Hub
    from covolt.exchange.hosted.address import demand_address
    from covolt.exchange.hosted.authority import Authority

    of_vehicle = programme.vehicle_slot(programme.slots[slot])
    pin = None if programme.lock is None else programme.lock.slots.get(slot)
    sheet = None if pin is None else programme.offers[pin.offer].datasheet
    if not written.startswith(HOSTED):
        return _opened(of_vehicle, Path(written), sheet, stack)
    address = demand_address(written.removeprefix(HOSTED), where)
    if now is None:
        raise ValueError("certificates of hosts are judged by a clock, and none was handed in")
    if sheet is None:
        what = text("the lock pins no offer in slot '{part}'", part=slot)
        raise NotFound(Problem(what, "programme.lock", text("covolt lock")))
    authority = Authority(programme.root, programme.charter.id)
    hub = stack.enter_context(Hub(address, authority.hub(), authority.trust, now))
    return _awaited(hub, sheet, of_vehicle, wait_s, stack)


def _awaited(hub: Hub, sheet: Datasheet, slot: str, wait_s: float, stack: ExitStack) -> Link:
    """The part that a party serves from its own machine: the hub listens until it has come."""
    from covolt.exchange.hosted import Deadlines, HostedComponent

    component = HostedComponent(hub, sheet.party, slot, Deadlines(step_s=STEP_s, joining_s=wait_s))
    stack.callback(component.close)
    return wired(slot == "battery", [component], "replayed" if component.replayed else "hosted", sheet)


def _opened(slot: str, file: Path, sheet: Datasheet | None, stack: ExitStack) -> Link:
    """An FMU in its workers, as the part of a vehicle."""
    from covolt.exchange.fmu import opened_apart
    from covolt.exchange.sandbox import Deadlines

    apart = [stack.enter_context(opened_apart(file, deadlines=Deadlines(window_s=WINDOW_s))) for _ in range(WORKERS)]
    return wired(slot == "battery", [one.component for one in apart], "sandboxed", sheet)
