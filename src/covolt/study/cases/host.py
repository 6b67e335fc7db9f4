"""The use case `host`: one part served to a hub from its owner's machine, whatever form it has, or a record of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from covolt import units
from covolt.contract.architecture import FIRST_AXLE, SECOND_AXLE
from covolt.errors import Forbidden, InputError, NotFound, Problem
from covolt.study.cases.options import Findings
from covolt.suggestion import meant
from covolt.words import Phrase, text

if TYPE_CHECKING:
    from covolt.exchange.component import Component
    from covolt.exchange.hosted.authority import Invitation
    from covolt.exchange.hosted.budget import Budget
    from covolt.exchange.hosted.renewed import RenewedComponent
    from covolt.exchange.sandbox import Deadlines
    from covolt.programme.documents import Programme

__all__ = ["HostOptions", "host"]

NEVER: Callable[[], bool] = lambda: False  # noqa: E731


HOSTED_SLOTS = ("battery", FIRST_AXLE[0], SECOND_AXLE[0])
"""Slots of the vehicle whose parts a vehicle can be driven with from afar."""


@dataclass(frozen=True)
class HostOptions:
    """What is served, to which hub, by which certificate; how much of it; where its log lies.

    Of a log `log_parts` full files are kept beside it. An FMU or a class is `called` what the hub knows its slot by, else as it
    calls itself; no call of it takes longer than the `deadline`.
    """

    part: str
    invitation: Path
    to: str = ""
    key: Path | None = None
    programme: Path = Path()
    given: Literal["current", "power"] = "power"
    replay: Path | None = None
    budget: int | None = None
    log: Path | None = None
    keeps: bool = True
    unprotected: bool = False
    called: str = ""
    deadline: str = "10 s"
    log_parts: int = 32


def host(
    options: HostOptions,
    at: datetime,
    tell: Callable[[Phrase], None],
    *,
    ended: Callable[[], bool] = NEVER,
    findings: Findings | None = None,
) -> None:
    """Serve a part until `ended`: one of the programme, an FMU or a Python class of a party, in the sandbox, or a record.

    An FMU or class that crashes or hangs is ended; the hub is told that the part failed and nothing else, and the next start
    gets a new worker.

    Raises:
        InputError: every problem of the options.
        Forbidden: the certificate does not count, here or at the hub; or the budget is spent.
    """
    from covolt.contract.document import read_content
    from covolt.exchange.hosted.address import demand_address
    from covolt.exchange.hosted.authority import Invitation, key_folder
    from covolt.exchange.hosted.budget import Budget
    from covolt.exchange.hosted.diary import Diary
    from covolt.exchange.hosted.hosting import Hosting, demand_own

    findings = findings or Findings()
    file = str(options.invitation)
    invitation = findings.take(lambda: Invitation.read(read_content(options.invitation), file))
    component = findings.take(lambda: _served(options, at))
    if options.to:
        findings.take(lambda: demand_address(options.to, findings.called("to")))
    elif invitation is not None:
        findings.take(lambda: demand_address(invitation.hub, file))
    if invitation is None or component is None:
        findings.demand_none()
        raise RuntimeError("there is no part or no invitation, and no problem says why")
    identity = findings.take(lambda: invitation.identity(_key(options, invitation)))
    findings.demand_none()
    if identity is None:
        raise RuntimeError("there is no key, and no problem says why")
    with closing(component):
        party = demand_own(identity, file, at)
        name = component.description.name
        files = _files(options, key_folder(invitation.programme) / party, name)
        budget = None if options.replay is not None else Budget(files.budget, options.budget, at.date().isoformat())
        for said in _said(options, party, component, files, budget):
            tell(said)
        if budget is not None and (spent := budget.spent(name)) is not None:
            raise Forbidden(spent)
        if options.keeps:
            files.states.mkdir(mode=0o700, parents=True, exist_ok=True)
        Hosting(
            component,
            options.to or invitation.hub,
            identity,
            tell,
            budget=budget,
            log=lambda hello: Diary(files.log, hello, parts=options.log_parts, tell=tell),
            replayed=options.replay is not None,
            folder=files.states if options.keeps else None,
        ).run(ended)


@dataclass(frozen=True)
class _Files:
    """What a host keeps on its owner's disk of one part."""

    log: Path
    budget: Path
    states: Path


def _files(options: HostOptions, folder: Path, part: str) -> _Files:
    """What a part answers stands in a log of its own, and that of a record never in the log that it is read from.

    Steps are counted by part and log: beside the log, where its owner names one.
    """
    from covolt.exchange.hosted.diary import parts_of

    name = re.sub(r"[^A-Za-z0-9._-]", "_", part)
    log = options.log or folder / (f"{name}.log" if options.replay is None else f"{name}.replay.log")
    if options.replay is not None and log.resolve() in {one.resolve() for one in parts_of(options.replay)}:
        hint = text("name another file, or none")
        raise InputError(Problem(text("the record that is answered from is not written over"), str(log), hint))
    budget = folder / f"{name}.budget.json" if options.log is None else log.with_name(f"{log.name}.{name}.budget.json")
    return _Files(log, budget, folder / f"{name}.states")


def _said(
    options: HostOptions, party: str, component: Component, files: _Files, budget: Budget | None
) -> Iterator[Phrase]:
    """What the owner is told before the hub is dialled."""
    from covolt.exchange.hosted.diary import LARGEST_B

    described = component.description
    yield text("{party} serves {part}: {form}", party=party, part=described.name, form=described.form)
    if options.part.partition(":")[0].lower().endswith((".py", ".fmu")) and not options.called:
        yield text("the hub finds it by the name {part}; --as SLOT gives it that of its slot", part=described.name)
    yield text(
        "what leaves this house stands in {log}; a full one, {size} MiB, is kept as {log}.1 and so on, {parts} of them",
        log=str(files.log),
        size=LARGEST_B >> 20,
        parts=options.log_parts,
    )
    if budget is not None:
        yield budget.said(described.name)


def _key(options: HostOptions, invitation: Invitation) -> bytes:
    from covolt.exchange.hosted.authority import FOREIGN_MODES, key_folder
    from covolt.own_files import own_content

    file = options.key or key_folder(invitation.programme) / f"{invitation.party}.key"
    content = own_content(file, FOREIGN_MODES)
    if content is None:
        hint = text("name the key that was made with the request: --key FILE")
        raise NotFound(Problem(text("there is no private key here that you alone can read"), str(file), hint))
    return content


def _served(options: HostOptions, at: datetime) -> Component:
    if options.replay is not None:
        from covolt.exchange.hosted.replay import ReplayedComponent

        return ReplayedComponent(options.replay)
    if options.part.partition(":")[0].endswith(".py"):
        return _renewed(options, lambda deadlines: _class_apart(options, deadlines))
    if options.part.lower().endswith(".fmu"):
        return _renewed(options, lambda deadlines: _fmu_apart(options, deadlines))
    return _own(options, at)


def _renewed(
    options: HostOptions, opened: Callable[[Deadlines], AbstractContextManager[Component]]
) -> RenewedComponent:
    """A party's own code in workers of the sandbox, one after the other."""
    from covolt.exchange.hosted.renewed import RenewedComponent
    from covolt.exchange.sandbox import Deadlines

    at_s = units.parse(options.deadline, "s")
    if at_s <= 0.0:
        hint = text("write a time such as 10 s")
        raise InputError(Problem(text("no call is answered in no time"), f"--deadline {options.deadline}", hint))
    usual = Deadlines()
    deadlines = Deadlines(usual.open_s, max(at_s, usual.start_s), at_s, max(at_s, usual.window_s))
    return RenewedComponent(lambda: opened(deadlines), options.called)


@contextmanager
def _fmu_apart(options: HostOptions, deadlines: Deadlines) -> Generator[Component]:
    from covolt.exchange.fmu import opened_apart

    with opened_apart(Path(options.part), deadlines=deadlines, unprotected=options.unprotected) as apart:
        yield apart.component


@contextmanager
def _class_apart(options: HostOptions, deadlines: Deadlines) -> Generator[Component]:
    from covolt.exchange.sandbox import SandboxedComponent
    from covolt.exchange.sandbox.python_class import program_of

    file, _, name = options.part.partition(":")
    if not Path(file).is_file() or not name:
        hint = text("write FILE.py:CLASS")
        raise NotFound(Problem(text("no class of a Python file is named"), file, hint))
    component = SandboxedComponent(program_of(Path(file), name), deadlines=deadlines, unprotected=options.unprotected)
    with closing(component):
        yield component


def _own(options: HostOptions, at: datetime) -> Component:
    """A part of a programme: that which the lock pins, or that of a named offer; its own model where it has one."""
    from covolt.exchange.export.parts import ported_part
    from covolt.exchange.own_part import OwnPart
    from covolt.library.models import model_kind
    from covolt.programme.reading import read_leniently
    from covolt.study.verdicts.joined import locked_sheets, subject_of
    from covolt.study.verdicts.offered_models import brought

    read = read_leniently(options.programme, day=at.date().isoformat())
    slot, offer = _chosen(read, options.part)
    sheet = read.offers[offer].datasheet
    if sheet.model.file is not None:
        return _renewed(
            replace(options, called=slot),
            lambda deadlines: brought(read, read.offers[offer], deadlines, unprotected=options.unprotected),
        )
    if model_kind(sheet).foreign:
        hint = text("name the file of its model: FILE.fmu, or FILE.py:CLASS")
        raise InputError(Problem(text("its own model is not in the programme"), options.part, hint))
    sheets = {**locked_sheets(read), slot: sheet}
    vehicle = subject_of(sheets, read.charter.vehicle, read.charter.id).vehicle
    if slot not in HOSTED_SLOTS:
        known = ", ".join(HOSTED_SLOTS)
        hint = text("host one of {slots}, an FMU (FILE.fmu), or a class of your own (FILE.py:CLASS)", slots=known)
        raise InputError(Problem(text("covolt hosts no part of this kind yet"), options.part, hint))
    return OwnPart(ported_part(vehicle, slot, options.given), slot)


def _chosen(read: Programme, part: str) -> tuple[str, str]:
    """Slot of the vehicle and offer that a slot or an offer names."""
    if part in read.offers:
        wanted = read.offers[part].interface.name
        fitting = [one for one in read.slots.values() if read.contracts[one.contract].demanded.name == wanted]
        return (read.vehicle_slot(fitting[0]) if fitting else wanted), part
    if part not in read.slots:
        known = [*read.slots, *read.offers]
        hint = meant(part, known) or text("name one of: {known}", known=", ".join(known))
        raise NotFound(Problem(text("no slot and no offer '{part}'", part=part), str(read.root), hint))
    pin = None if read.lock is None else read.lock.slots.get(part)
    if pin is None:
        hint = text("lock one, or name an offer: covolt lock")
        raise NotFound(Problem(text("the lock pins no offer in slot '{part}'", part=part), str(read.root), hint))
    return read.vehicle_slot(read.slots[part]), pin.offer
