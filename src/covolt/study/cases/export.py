"""The use case `export fmu`: a part of a programme, compiled, as an FMU that runs without covolt and tells nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic.dataclasses import dataclass

from covolt.errors import NotFound, Problem
from covolt.programme.reading import Source
from covolt.study.cases.options import Findings, Patience
from covolt.study.result import RESULT
from covolt.suggestion import named
from covolt.words import text

if TYPE_CHECKING:
    from covolt.contract.offer import Offer
    from covolt.exchange.export import Given, Version
    from covolt.programme.documents import Programme

__all__ = ["ExportOptions", "ExportedFmu", "export_fmu"]


@plain_dataclass(frozen=True)
class ExportOptions:
    """A slot or an offer; the version of the FMI; platforms (none: this one); what a battery is given; numbers that are shown."""

    part: str
    fmi: Version = "3"
    platforms: Sequence[str] = ()
    given: Given = "power"
    shown: Sequence[str] = ()


@dataclass(frozen=True, config=RESULT)
class ExportedFmu:
    """An FMU as it was written: of which offer, for which platforms, its variables, SHA-256 of the file."""

    file: str
    offer: str
    fmi: str
    platforms: tuple[str, ...]
    parameters: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shown: tuple[str, ...]
    digest: str
    size_B: int


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
    """Write the part in a slot, or that of an offer, as an FMU; the others are those of the lock.

    Of its numbers only those that are named go along.

    Raises:
        InputError: every problem of the programme, and every option that names nothing.
        Unavailable: there is no C compiler for a platform.
    """
    from covolt.exchange.export import About, fmu_of, own_platform, ported_part
    from covolt.files import write_whole
    from covolt.study.gate.check import read_whole
    from covolt.study.verdicts.joined import locked_sheets, subject_of

    findings = findings or Findings()
    read = findings.take(lambda: read_whole(programme, day=day))
    read = None if read is None else findings.seen(read, party)
    chosen = None if read is None else _chosen(read, options.part, findings)
    findings.demand_none()
    if read is None or chosen is None:
        raise RuntimeError("there is no offer, and no problem says why")
    slot, offer = chosen
    with patience():
        sheets = {**locked_sheets(read), slot: offer.datasheet}
        vehicle = subject_of(sheets, read.charter.vehicle, read.charter.id).vehicle
        ported = ported_part(vehicle, slot, options.given)
        variables = ported.variables()
        known = [one.name for one in variables if one.causality == "calculated parameter"]
        for one in options.shown:
            if one not in known:
                what = text("this part has no number '{name}' to show", name=one)
                findings.add(Problem(what, findings.called("shown"), named(one, known)), NotFound)
        findings.demand_none()
        shown = tuple(options.shown)
        sheet = offer.datasheet
        about = About(
            name=sheet.id,
            meaning=f"{slot} {offer.reference}",
            party=sheet.party,
            version=sheet.version,
            licence=sheet.licence,
            shown=frozenset(shown),
            records={"offer.toml": f'reference = "{offer.reference}"\ndigest = "{offer.digest}"\n'},
        )
        content = fmu_of(ported, about, options.fmi, options.platforms)
    write_whole(output, content)
    lists = {causality: [one.name for one in variables if one.causality == causality] for causality in _KINDS}
    return ExportedFmu(
        file=str(output),
        offer=offer.reference,
        fmi=f"{options.fmi}.0",
        platforms=tuple(options.platforms) or (own_platform(),),
        parameters=tuple(lists["parameter"]),
        inputs=tuple(lists["input"]),
        outputs=tuple(lists["output"]),
        shown=shown,
        digest=hashlib.sha256(content).hexdigest(),
        size_B=len(content),
    )


_KINDS = ("parameter", "input", "output")


def _chosen(read: Programme, part: str, findings: Findings) -> tuple[str, Offer] | None:
    """The slot of the vehicle, and the offer: that which the lock pins where a slot is named."""
    where = findings.called("part")
    if part in read.offers:
        offer = read.offers[part]
        wanted = offer.interface.name
        slots = [read.vehicle_slot(one) for one in read.slots.values()]
        fitting = [one for one in slots if one == wanted] or [one for one in slots if one.startswith(wanted)]
        return (fitting or [wanted])[0], offer
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
