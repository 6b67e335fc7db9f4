"""The use cases of requirements in Excel and ReqIF: out of a programme, and back into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covolt.errors import Problem
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.programme.requirement_files import (
    Imported,
    read_excel,
    read_reqif,
    rows_of,
    take_in,
    write_excel,
    write_reqif,
)
from covolt.programme.seen import own_of_parties
from covolt.study.cases.options import Findings
from covolt.study.gate.check import read_whole
from covolt.study.verdicts.verification import requirement_problems, verify
from covolt.words import text

__all__ = ["Exported", "export_requirements", "import_requirements"]

KINDS = (".xlsx", ".reqif", ".reqifz")


@dataclass(frozen=True)
class Exported:
    """How many requirements a file holds now, how many were left out, being their party's own, and remarks on what was there."""

    count: int
    hidden: int
    remarks: tuple[str, ...] = ()


def export_requirements(
    file: Path,
    programme: Path,
    *,
    party: str = "",
    verdicts: bool = False,
    findings: Findings | None = None,
    day: str | None = None,
) -> Exported:
    """Write the requirements of a programme, or of one party, as a workbook or as ReqIF; a workbook may carry verdicts."""
    findings = findings or Findings()
    _find_kind(file, findings)
    read = findings.take(lambda: read_whole(programme, day=day) if verdicts else read_programme(programme, day=day))
    if read is not None:
        read = findings.seen(read, party)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    chosen = [one for one in read.requirements.values() if party in {"", one.party}]
    hidden = [one for one in chosen if one.id in read.hidden]
    rows = rows_of([one for one in chosen if one not in hidden])
    remarks: tuple[str, ...] = ()
    if _is_reqif(file):
        write_reqif(file, rows, read.charter.title.words.said("en"))
    else:
        remarks = write_excel(file, rows, _verdicts(read) if verdicts else None)
    return Exported(len(rows), len(hidden), remarks)


def _is_reqif(file: Path) -> bool:
    return file.suffix.lower() != ".xlsx"


def _verdicts(read: Programme) -> dict[str, dict[str, Any]]:
    return {
        one.requirement: {
            "value": one.value,
            "unit": one.unit,
            "margin": one.margin,
            "uncertainty": one.uncertainty,
            "verdict": one.verdict,
        }
        for one in verify(read).verdicts
    }


def import_requirements(
    file: Path,
    programme: Path,
    *,
    party: str = "",
    attribute: str = "",
    widen: bool = False,
    write: bool = True,
    findings: Findings | None = None,
    day: str | None = None,
) -> Imported:
    """Take requirements from a file into a party's folder, all rows or none; without `write` say what would change.

    It is done as the `party` reads the programme: what others keep to themselves is neither compared nor written, and what they
    wrote stays. `widen` allows that requirements are shown to more readers than before.

    Raises:
        Forbidden: where a row would change what is another party's, or show more of the party's own without that word.
        InputError: no party is named where there are several; every problem of every row.
    """
    findings = findings or Findings()
    _find_kind(file, findings)
    reqif = _is_reqif(file)
    if attribute and not reqif:
        findings.add(Problem(text("a workbook has no attributes"), findings.called("text"), text("leave it out")))
    read = findings.take(lambda: read_programme(programme, day=day))
    if read is not None:
        if not party and (len(read.parties) > 1 or own_of_parties(read)):
            hint = text("{called} one of: {parties}", called=findings.called("party"), parties=", ".join(read.parties))
            findings.add(Problem(text("say as whom you import"), findings.called("party"), hint))
        read = findings.seen(read, party)
    findings.demand_none()
    if read is None:
        raise RuntimeError("there is no programme, and no problem says why")
    rows = read_reqif(file, party=party, attribute=attribute) if reqif else read_excel(file)
    return take_in(read, rows, party=party, widen=widen, write=write, further=requirement_problems)


def _find_kind(file: Path, findings: Findings) -> None:
    if file.suffix.lower() not in KINDS:
        findings.add(
            Problem(
                text("'{suffix}' is neither .xlsx nor .reqif or .reqifz", suffix=file.suffix),
                str(file),
                text("name a file of one of them"),
            )
        )
