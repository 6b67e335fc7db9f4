"""Models that compute a part this once in place of its own: FMU files in the sandbox, and parts on their owners' machines."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.errors import InputError, NotFound, Problem
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
WRITTEN = text("write SLOT=FILE.fmu, SLOT=FILE.toml, or SLOT=hosted@ADDRESS:PORT")


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

    A file is an FMU, or a TOML beside one that names it and which of its variables are which ports.

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
    if written.endswith(".toml"):
        return _by_file(of_vehicle, Path(written), _demanded(sheet, slot), stack)
    if not written.startswith(HOSTED):
        return _opened(of_vehicle, Path(written), sheet, stack)
    address = demand_address(written.removeprefix(HOSTED), where)
    if now is None:
        raise ValueError("certificates of hosts are judged by a clock, and none was handed in")
    sheet = _demanded(sheet, slot)
    authority = Authority(programme.root, programme.charter.id)
    hub = stack.enter_context(Hub(address, authority.hub(), authority.trust, now))
    return _awaited(hub, sheet, of_vehicle, wait_s, stack)


def _demanded(sheet: Datasheet | None, slot: str) -> Datasheet:
    """The datasheet of the locked offer, which says what its model stands for."""
    if sheet is None:
        what = text("the lock pins no offer in slot '{part}'", part=slot)
        raise NotFound(Problem(what, "programme.lock", text("covolt lock")))
    return sheet


def _by_file(slot: str, path: Path, sheet: Datasheet, stack: ExitStack) -> Link:
    """An FMU whose ports and parameters a file beside it names, by the keys of the table `model` of a datasheet."""
    from covolt.contract.datasheet import Model
    from covolt.contract.document import loads, read_text

    model = loads(read_text(path), Model, str(path))
    if model.kind != "fmu" or model.file is None:
        hint = text('write kind = "fmu" and entry = "FILE.fmu", a file in its folder')
        raise InputError(Problem(text("it names no FMU"), str(path), hint))
    try:
        return _opened(slot, path.parent / model.file, sheet.model_copy(update={"model": model}), stack)
    except InputError as error:
        own = f"{sheet.reference} (model."
        raise InputError([replace(one, where=one.where.replace(own, f"{path} (")) for one in error.problems]) from error


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
