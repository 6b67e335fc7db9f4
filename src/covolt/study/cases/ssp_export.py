"""The use case `ssp export`: an SSP written anew on one level, in the version that another tool reads."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from covolt.errors import Problem
from covolt.exchange.ssp import Models, flattened, opened_ssp
from covolt.exchange.ssp.writing import Version, write_ssp, written_of
from covolt.study.cases.options import Findings
from covolt.study.cases.ssp import SspDocument, document_of
from covolt.words import text

__all__ = ["export_ssp"]


def export_ssp(
    path: Path, output: Path, to: str = "2.0", structure: str = "", *, findings: Findings | None = None
) -> SspDocument:
    """Read an SSP with everything in it and write it flat; what it joins and sets, and what it leaves out.

    Raises:
        InputError: with every problem of the SSP, and all for which that version has no words.
    """
    findings = findings or Findings()
    if to not in {"1.0", "2.0"}:
        what = text("version '{given}' of SSP is not written", given=to)
        findings.add(Problem(what, findings.called("to"), text("choose one of: {known}", known="1.0, 2.0")))
    findings.demand_none()
    with opened_ssp(path, structure) as read:
        flat = flattened(read, models := Models(), models.items)
        write_ssp(written_of(flat), output, cast("Version", to))
        return document_of(flat)
