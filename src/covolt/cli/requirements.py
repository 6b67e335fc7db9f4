"""`covolt requirements`: requirements to and from Excel and ReqIF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.exit_codes import COMPLETED
from covolt.cli.options import check_outputs
from covolt.cli.printing import console
from covolt.study.cases.options import Findings
from covolt.words import plural

HELP = "Requirements to and from Excel (.xlsx) and ReqIF (.reqif, .reqifz)."
EXPORT_HELP = """Write the requirements as an Excel workbook or as ReqIF.

Examples:

  covolt requirements export requirements.xlsx examples/city-car --verdicts

  covolt requirements export requirements.reqif examples/city-car --party agency
"""
IMPORT_HELP = """Take requirements from a file into the parties' folders: all rows or none.

What the file lacks stays. Another tool's ReqIF yields requirements that a document shows.

Examples:

  covolt requirements import requirements.xlsx examples/city-car --party agency --dry-run

  covolt requirements import doors.reqif examples/city-car --party agency
"""
app = typer.Typer(help=HELP, no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")]
SPELLED = {"party": "--party", "text": "--text"}
"""How the options of the case are called here."""


@app.command("export", help=EXPORT_HELP)
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write: .xlsx, .reqif or .reqifz.")],
    programme: Folder = Path(),
    party: Annotated[str, typer.Option("--party", help="Only this party's.")] = "",
    verdicts: Annotated[bool, typer.Option("--verdicts", help="With value, margin and verdict (Excel).")] = False,
) -> None:
    """Entry of the command; its help is `EXPORT_HELP`."""
    from covolt.study.cases.exchange import export_requirements

    findings = Findings(SPELLED)
    check_outputs(findings, (("FILE", file),), make_folders=True)
    done = export_requirements(file, programme, party=party, verdicts=verdicts, findings=findings)
    out = console()
    out.print(f"wrote {plural('{count} requirement', '{count} requirements', count=done.count)} to {file}")
    for remark in done.remarks:
        out.print(remark, style="yellow", markup=False, highlight=False)
    if done.hidden:
        out.print(f"left out {done.hidden} that are their party's own: export them with --party")


@app.command("import", help=IMPORT_HELP)
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Workbook or ReqIF file.")],
    programme: Folder = Path(),
    party: Annotated[
        str, typer.Option("--party", help="Party that imports; nothing of others is changed or compared in secret.")
    ] = "",
    text: Annotated[
        str,
        typer.Option(
            "--text", metavar="ATTRIBUTE", help="Attribute of a ReqIF file that holds the text; else ReqIF.Text."
        ),
    ] = "",
    widen: Annotated[
        bool, typer.Option("--widen", help="Allow that requirements are shown to more readers than before.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
) -> None:
    """Entry of the command; its help is `IMPORT_HELP`."""
    from covolt.study.cases.exchange import import_requirements

    found = import_requirements(
        file, programme, party=party, text=text, widen=widen, write=not dry_run, findings=Findings(SPELLED)
    )
    out = console()
    for title, names in (("new", found.new), ("changed", found.changed), ("not in the file, kept", found.left)):
        if names:
            out.print(f"{title}: {', '.join(names)}")
    for name, (before, after) in found.widened.items():
        out.print(f"shown to more readers: {name}, {before} → {after}", style="yellow")
    for remark in found.remarks:
        out.print(remark, style="yellow", markup=False, highlight=False)
    written = "would write" if dry_run else "wrote"
    count = plural("{count} requirement", "{count} requirements", count=len(found.new) + len(found.changed))
    out.print(f"{written} {count}; {len(found.same)} as before")
    raise typer.Exit(COMPLETED)
