"""`covolt requirements`: requirements to and from Excel and ReqIF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.exit_codes import COMPLETED
from covolt.cli.language import LanguageOption
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console
from covolt.study.cases.options import Findings
from covolt.words import joined, plural, text

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
    language: LanguageOption = None,
) -> None:
    """Write the requirements as a workbook or as ReqIF."""
    from covolt.study.cases.requirement_files import export_requirements

    findings = Findings(SPELLED)
    language_of(findings, language)
    check_outputs(findings, (("FILE", file),), make_folders=True)
    done = export_requirements(file, programme, party=party, verdicts=verdicts, findings=findings)
    out = console()
    out.print(
        plural(
            "wrote {count} requirement to {file}", "wrote {count} requirements to {file}", done.count, file=str(file)
        )
    )
    for remark in done.remarks:
        out.print(remark, style="yellow", markup=False, highlight=False)
    if done.hidden:
        out.print(text("left out {count} that are their party's own: export them with --party", count=done.hidden))


@app.command("import", help=IMPORT_HELP)
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Workbook or ReqIF file.")],
    programme: Folder = Path(),
    party: Annotated[
        str, typer.Option("--party", help="Party that imports; nothing of others is changed or compared in secret.")
    ] = "",
    attribute: Annotated[
        str,
        typer.Option(
            "--text", metavar="ATTRIBUTE", help="Attribute of a ReqIF file that holds the text; else ReqIF.Text."
        ),
    ] = "",
    widen: Annotated[
        bool, typer.Option("--widen", help="Allow that requirements are shown to more readers than before.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    language: LanguageOption = None,
) -> None:
    """Read requirements of a party from a workbook or from ReqIF into its files."""
    from covolt.study.cases.requirement_files import import_requirements

    findings = Findings(SPELLED)
    language_of(findings, language)
    found = import_requirements(
        file, programme, party=party, attribute=attribute, widen=widen, write=not dry_run, findings=findings
    )
    out = console()
    new, changed, kept = text("new", context="requirements"), text("changed"), text("not in the file, kept")
    for title, names in ((new, found.new), (changed, found.changed), (kept, found.left)):
        if names:
            out.print(joined((title, ", ".join(names)), ": "))
    for name, (before, after) in found.widened.items():
        more = text("shown to more readers: {name}, {before} → {after}", name=name, before=before, after=after)
        out.print(more, style="yellow")
    for remark in found.remarks:
        out.print(remark, style="yellow", markup=False, highlight=False)
    count = len(found.new) + len(found.changed)
    written = (
        plural("would write {count} requirement", "would write {count} requirements", count)
        if dry_run
        else plural("wrote {count} requirement", "wrote {count} requirements", count)
    )
    same = text("{count} as before", count=len(found.same))
    out.print(joined((written, same), "; "))
    raise typer.Exit(COMPLETED)
