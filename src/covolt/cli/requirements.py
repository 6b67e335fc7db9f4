"""`covolt requirements`: requirements to and from Excel and ReqIF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from covolt.cli.exit_codes import COMPLETED
from covolt.cli.options import check_outputs
from covolt.cli.printing import console
from covolt.errors import InputError, Problem
from covolt.study.cases.options import Findings

HELP = "Requirements to and from Excel (.xlsx) and ReqIF (.reqif)."
EXPORT_HELP = """Write the requirements as an Excel workbook or as ReqIF.

Examples:

  covolt requirements export requirements.xlsx examples/city-car --verdicts

  covolt requirements export requirements.reqif examples/city-car --party agency
"""
IMPORT_HELP = """Take requirements from a file into the parties' folders: all rows or none.

What the file lacks stays. Another tool's ReqIF yields requirements that a document shows.

Examples:

  covolt requirements import requirements.xlsx examples/city-car --dry-run

  covolt requirements import doors.reqif examples/city-car --party agency
"""
app = typer.Typer(help=HELP, no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]
KINDS = (".xlsx", ".reqif")


@app.command("export", help=EXPORT_HELP)
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file, .xlsx or .reqif.")],
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Only this party's.")] = "",
    verdicts: Annotated[bool, typer.Option("--verdicts", help="With value, margin and verdict (Excel).")] = False,
) -> None:
    """Entry of the command; its help is `EXPORT_HELP`."""
    from covolt.programme.exchange import rows_of, write_excel, write_reqif
    from covolt.programme.reading import read_programme
    from covolt.study.gate.check import read_whole

    _demand_kind(file)
    findings = Findings()
    check_outputs(findings, (("FILE", file),), make_folders=True)
    read = findings.take(lambda: read_whole(programme) if verdicts else read_programme(programme))
    findings.demand_none()
    if read is None:
        return
    _demand_party(party, read.parties)
    chosen = [one for one in read.requirements.values() if party in {"", one.party}]
    hidden = [one for one in chosen if one.visibility == "party" and one.party != party]
    rows = rows_of([one for one in chosen if one not in hidden])
    if file.suffix.lower() == ".reqif":
        write_reqif(file, rows, read.charter.title.words.said("en"))
    else:
        write_excel(file, rows, _verdicts(read) if verdicts else None)
    out = console()
    out.print(f"wrote {len(rows)} requirements to {file}")
    if hidden:
        out.print(f"left out {len(hidden)} that are their party's own: export them with --party")


def _verdicts(read: Any) -> dict[str, dict[str, Any]]:
    from covolt.study.verdicts.verification import verify

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


@app.command("import", help=IMPORT_HELP)
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Workbook or ReqIF file.")],
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Take only for this party; rows of others are refused.")] = "",
    text: Annotated[
        str,
        typer.Option(
            "--text", metavar="ATTRIBUTE", help="Attribute of a ReqIF file that holds the text; else ReqIF.Text."
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
) -> None:
    """Entry of the command; its help is `IMPORT_HELP`."""
    from covolt.programme.exchange import read_excel, read_reqif, take_in
    from covolt.programme.reading import read_programme
    from covolt.study.verdicts.verification import requirement_problems

    _demand_kind(file)
    if text and file.suffix.lower() != ".reqif":
        raise InputError(Problem("a workbook has no attributes", "--text", "leave it out"))
    read = read_programme(programme)
    _demand_party(party, read.parties)
    rows = read_reqif(file, party=party, text=text) if file.suffix.lower() == ".reqif" else read_excel(file)
    found = take_in(read, rows, party=party, write=not dry_run, further=requirement_problems)
    out = console()
    for title, names in (("new", found.new), ("changed", found.changed), ("not in the file, kept", found.left)):
        if names:
            out.print(f"{title}: {', '.join(names)}")
    for remark in found.remarks:
        out.print(remark, style="yellow", markup=False, highlight=False)
    written = "would write" if dry_run else "wrote"
    out.print(f"{written} {len(found.new) + len(found.changed)} requirements; {len(found.same)} are as they were")
    raise typer.Exit(COMPLETED)


def _demand_kind(file: Path) -> None:
    if file.suffix.lower() not in KINDS:
        raise InputError(
            Problem(f"'{file.suffix}' is neither .xlsx nor .reqif", str(file), "name a file of one of both")
        )


def _demand_party(party: str, known: Any) -> None:
    if party and party not in known:
        raise InputError(Problem(f"no party '{party}'", "--party", f"parties: {', '.join(known)}"))
