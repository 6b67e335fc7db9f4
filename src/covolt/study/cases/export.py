"""The use case `export fmu`: a part of a programme, or all of it, as an FMU that runs without covolt and tells nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic.dataclasses import dataclass

from covolt.errors import InputError, NotFound, Problem
from covolt.programme.reading import Source
from covolt.study.cases.options import Findings, Patience
from covolt.study.result import RESULT
from covolt.suggestion import named
from covolt.words import text

if TYPE_CHECKING:
    from covolt.contract.offer import Offer
    from covolt.exchange.component import Variable
    from covolt.exchange.export import About, Given, Version
    from covolt.exchange.own_part import AbstractPorted
    from covolt.programme.documents import Programme

__all__ = ["ExportOptions", "ExportedFmu", "export_fmu"]


@plain_dataclass(frozen=True)
class ExportOptions:
    """A slot or an offer, or none for the vehicle; version of the FMI; platforms (none: this one); what a battery is given;
    numbers that are shown.
    """

    part: str = ""
    fmi: Version = "3"
    platforms: Sequence[str] = ()
    given: Given = "power"
    shown: Sequence[str] = ()


@dataclass(frozen=True, config=RESULT)
class ExportedFmu:
    """An FMU as it was written: of what, for which platforms, its variables, SHA-256 of the file."""

    file: str
    of: str
    fmi: str
    platforms: tuple[str, ...]
    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shown: tuple[str, ...]
    digest: str
    size_B: int
    schema: Literal["exported-fmu/1"] = "exported-fmu/1"


class _Part(NamedTuple):
    """What is given away, and what is told of it."""

    ported: AbstractPorted
    about: About


def export_fmu(
    programme: Source,
    options: ExportOptions,
    output: Path,
    *,
    party: str = "",
    findings: Findings | None = None,
    patience: Patience = nullcontext,
    day: str | None = None,
) -> ExportedFmu:
    """Write the part in a slot, or that of an offer, or the locked vehicle as an FMU; other parts are those of the lock.

    Of its numbers only those that are named go along.

    Raises:
        InputError: every problem of the programme, and every option that names nothing.
        Unavailable: there is no C compiler for a platform.
    """
    from covolt.exchange.export import fmu_of, own_platform
    from covolt.files import write_whole
    from covolt.study.gate.check import read_whole

    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme, day=day))
    read = None if read is None else findings.seen(read, party)
    chosen = None if read is None or not options.part else _chosen(read, options.part, findings)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    with patience():
        part = _vehicle(read) if chosen is None else _part(read, chosen, options, findings)
        content = fmu_of(part.ported, part.about, options.fmi, options.platforms)
    write_whole(output, content)
    variables = part.ported.variables()
    parameters, inputs, outputs = (
        tuple(one.name for one in variables if one.causality == causality)
        for causality in ("parameter", "input", "output")
    )
    return ExportedFmu(
        file=str(output),
        of=read.charter.id if chosen is None else chosen[1].reference,
        fmi=f"{options.fmi}.0",
        platforms=tuple(options.platforms) or (own_platform(),),
        parameters=parameters,
        inputs=inputs,
        outputs=outputs,
        shown=tuple(options.shown),
        digest=hashlib.sha256(content).hexdigest(),
        size_B=len(content),
    )


def _vehicle(read: Programme) -> _Part:
    from covolt.exchange.export import About
    from covolt.exchange.own_vehicle import PortedVehicle
    from covolt.library.models import model_kind
    from covolt.study.verdicts.joined import locked_sheets, subject_of

    sheets = locked_sheets(read)
    foreign = [
        Problem(
            text("the model of {part} is not covolt's", part=one.reference), slot, text("give the other parts away")
        )
        for slot, one in sheets.items()
        if model_kind(one).foreign
    ]
    if foreign:
        raise InputError(foreign)
    vehicle = subject_of(sheets, read.charter.vehicle, read.charter.id).vehicle
    pins = {} if read.lock is None else read.lock.slots
    parts = "".join(f'{slot} = "{pin.offer} {pin.digest}"\n' for slot, pin in sorted(pins.items()))
    about = About(read.charter.id, f"vehicle of the programme {read.charter.id}", records={"lock.toml": parts})
    return _Part(PortedVehicle(vehicle), about)


def _part(read: Programme, chosen: tuple[str, Offer], options: ExportOptions, findings: Findings) -> _Part:
    from covolt.exchange.export import About, ported_part
    from covolt.library.models import model_kind
    from covolt.study.verdicts.joined import locked_sheets, subject_of

    slot, offer = chosen
    if model_kind(offer.datasheet).foreign:
        what = text("the model of {part} is not covolt's", part=offer.reference)
        hint = text("give its own file away, or ask {party} for it", party=offer.datasheet.party)
        raise InputError(Problem(what, findings.called("part"), hint))
    sheets = {**locked_sheets(read), slot: offer.datasheet}
    ported = ported_part(subject_of(sheets, read.charter.vehicle, read.charter.id).vehicle, slot, options.given)
    declared = _declared(offer)
    known = list(dict.fromkeys([*declared, *(one.name for one in ported.variables() if _is_number(one))]))
    for one in options.shown:
        if one not in known:
            what = text("this part has no number '{name}' to show", name=one)
            findings.add(Problem(what, findings.called("shown"), named(one, known)), NotFound)
    findings.demand_none()
    sheet = offer.datasheet
    about = About(
        name=sheet.id,
        meaning=f"{slot} {offer.reference}",
        party=sheet.party,
        version=sheet.version,
        licence=sheet.licence,
        shown=frozenset(options.shown),
        constants=tuple(declared[name] for name in options.shown if name in declared),
        records={"offer.toml": f'reference = "{offer.reference}"\ndigest = "{offer.digest}"\n'},
    )
    return _Part(ported, about)


def _declared(offer: Offer) -> dict[str, Variable]:
    """Declared numbers of an offer, in SI."""
    from covolt.exchange.own_variables import number

    return {name: number(name, one.si_unit, one.value_si) for name, one in offer.datasheet.declared.items()}


def _is_number(variable: Variable) -> bool:
    return variable.causality == "calculated parameter"


def _chosen(read: Programme, part: str, findings: Findings) -> tuple[str, Offer] | None:
    """The slot of the vehicle, and the offer: that which the lock pins where a slot is named."""
    where = findings.called("part")
    if part in read.offers:
        offer = read.offers[part]
        wanted = offer.interface.name
        fitting = [one for one in read.slots.values() if read.contracts[one.contract].demanded.name == wanted]
        return (read.vehicle_slot(fitting[0]) if fitting else wanted), offer
    if part not in read.slots:
        known = [*read.slots, *read.offers]
        findings.add(Problem(text("no slot and no offer '{part}'", part=part), where, named(part, known)), NotFound)
        return None
    pin = None if read.lock is None else read.lock.slots.get(part)
    if pin is None:
        hint = text("lock one, or name an offer: covolt lock")
        findings.add(Problem(text("the lock pins no offer in slot '{part}'", part=part), where, hint), NotFound)
        return None
    return read.vehicle_slot(read.slots[part]), read.offers[pin.offer]
