"""The use case `ssp export`: an SSP written flat in the version that another tool reads, or the vehicle of a programme as one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from covolt.errors import Problem
from covolt.exchange.component import Variable
from covolt.exchange.fmu import read_fmu
from covolt.exchange.ssp import Models, flattened, opened_ssp
from covolt.exchange.ssp.writing import (
    Version,
    WrittenJoint,
    WrittenPart,
    WrittenShown,
    WrittenSystem,
    WrittenTaken,
    write_ssp,
    written_of,
)
from covolt.study.cases.export import ExportOptions, export_fmu
from covolt.study.cases.options import Findings, Patience
from covolt.study.cases.ssp import SspDocument, document_of
from covolt.words import text

__all__ = ["export_ssp"]

PROGRAMME = "programme.toml"
VEHICLE = "vehicle"


def export_ssp(
    path: Path,
    output: Path,
    to: str = "2.0",
    structure: str = "",
    *,
    findings: Findings | None = None,
    patience: Patience = nullcontext,
) -> SspDocument:
    """Write an SSP: of another, everything in it on one level; of the folder of a programme, its locked vehicle as an FMU.

    What the vehicle takes and gives are connectors of the system, with their units.

    Returns:
        What was read, of a programme what was written: what it joins and sets, and what it leaves out.

    Raises:
        InputError: with every problem of the SSP or the programme, and all for which that version has no words.
        Unavailable: a vehicle cannot be compiled here.
    """
    findings = findings or Findings()
    if to not in {"1.0", "2.0"}:
        what = text("version '{given}' of SSP is not written", given=to)
        findings.add(Problem(what, findings.called("to"), text("choose one of: {known}", known="1.0, 2.0")))
    version = cast("Version", to)
    if (path / PROGRAMME).is_file():
        with TemporaryDirectory(prefix="covolt-ssp-") as folder:
            fmu = Path(folder, f"{VEHICLE}.fmu")
            made = export_fmu(path, ExportOptions(fmi="2"), fmu, findings=findings, patience=patience)
            write_ssp(_around(made.of, fmu), output, version)
        path, structure = output, ""
    findings.demand_none()
    with opened_ssp(path, structure) as read:
        flat = flattened(read, models := Models(), models.items, models.resized)
        if path != output:
            write_ssp(written_of(flat), output, version)
        return document_of(flat)


def _around(name: str, fmu: Path) -> WrittenSystem:
    """One FMU as a system whose connectors are those of the FMU."""
    model = read_fmu(fmu)
    described = model.described(model.forms[0])
    taken, given = described.of("input"), described.of("output")
    return WrittenSystem(
        name,
        (WrittenPart(VEHICLE, described, fmu),),
        tuple(WrittenJoint(("", one.name), (VEHICLE, one.name)) for one in _numbers(taken)),
        tuple(WrittenShown(one.name, (VEHICLE, one.name), (), one.unit) for one in _numbers(given)),
        tuple(WrittenTaken(one.name, one.kind, one.unit) for one in _numbers(taken)),
        model.experiment.start_s if model.experiment.stop_s is not None else None,
        model.experiment.stop_s,
    )


def _numbers(variables: Sequence[Variable]) -> list[Variable]:
    return [one for one in variables if one.kind == "real" and not one.shape]
