"""`covolt report`: the verdict of a programme as one page, with its machine-readable twin, and on paper."""

from __future__ import annotations

import webbrowser
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from covolt.cli.exit_codes import COMPLETED, REQUIREMENTS_NOT_MET
from covolt.cli.language import LanguageOption
from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console, indented
from covolt.errors import InputError, Problem
from covolt.study.cases.options import Findings
from covolt.study.result import text_of
from covolt.words import Language, joined, plural, text

MOST_CHANGES = 12
"""What changed since an earlier state that is shown; the JSON has all."""

HELP = """Write the report of a programme: one HTML file that needs no network, in English and Russian, and its JSON twin.

Examples:

  covolt report examples/city-car

  covolt report examples/city-car --base HEAD~1 --output build/report.html --pdf

  covolt report examples/city-car --check build/report.html
"""


def report(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    output: Annotated[Path | None, typer.Option("--output", "-o", help="HTML file to write.")] = None,
    base: Annotated[
        str | None, typer.Option("--base", help="Earlier state to compare with; else the baseline kept last.")
    ] = None,
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are shown.")] = "",
    language: LanguageOption = None,
    show: Annotated[bool, typer.Option("--open", help="Open the page in a browser, where there is one.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Drive everything anew, whatever was computed before.")] = False,
    day: Annotated[
        str,
        typer.Option("--date", metavar="DAY", help="Day that it bears, 2026-11-28; else that of the lock's commit."),
    ] = "",
    check: Annotated[
        Path | None,
        typer.Option(
            "--check", metavar="FILE", help="Write nothing: say whether this page or twin is unaltered and still holds."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="With --check: print JSON only.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it to PDF as well (needs Chromium).")] = False,
) -> None:
    """Write the report of a programme, or check one that was handed on."""
    from covolt.study.cases.report import find_browser, make_report, print_pdf, read_for

    findings = Findings({"party": "--party"})
    if check is not None:
        chosen = language_of(findings, language)
        findings.demand_none()
        _check(check, programme, party, chosen, json=json)
        return
    if json:
        findings.add(
            Problem(
                text("only what a check says is printed as JSON"), "--json", text("its JSON twin lies beside the page")
            )
        )
    handed = findings.take(lambda: _day(day)) if day else None
    opens_in = language_of(findings, language)
    browser = findings.take(find_browser) if pdf else None
    read = read_for(programme, party, findings, day=handed and handed.isoformat())
    path = output or (programme if read is None else read.root) / "build" / "report.html"
    if path.suffix.lower() not in {".html", ".htm"}:
        findings.add(
            Problem(text("the report is a page of HTML"), f"--output {path}", text("give it a name that ends in .html"))
        )
    twins = [("--output", path), ("--output", path.with_suffix(".json"))]
    check_outputs(findings, [*twins, ("--pdf", path.with_suffix(".pdf"))] if pdf else twins, make_folders=True)
    findings.demand_none()
    if read is None:
        return
    made = make_report(read, path, base=base, language=opens_in, anew=anew, day=day)
    out = console()
    size_kB = f"{made.stat().st_size / 1e3:.0f}"
    twin = made.with_suffix(".json").name
    out.print(text("wrote {file} ({size} kB) and {twin}", file=str(made), size=size_kB, twin=twin), soft_wrap=True)
    if show and not webbrowser.open(made.resolve().as_uri()):
        out.print(text("no browser can be opened from here; open the file yourself"))
    if browser is not None:
        out.print(text("wrote {file}", file=str(print_pdf(made, browser))), soft_wrap=True)


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise InputError(
            Problem(text("'{said}' is no day", said=said), "--date", text("write it as 2026-11-28"))
        ) from error


def _check(path: Path, programme: Path, party: str, language: Language, *, json: bool) -> None:
    """Say how a report stands; ends with 6 where it is not in order."""
    from covolt.programme.folder import CHARTER_FILE
    from covolt.study.cases.report_check import ANSWERS, check_report
    from covolt.study.gate.check import read_whole

    # In a folder that is no programme the file alone is held against itself.
    alone = programme == Path() and not (programme / CHARTER_FILE).is_file()
    found = check_report(path, None if alone else read_whole(programme), party=party)
    if json:
        print(text_of(found), end="")
    else:
        out = console()
        where = f": {found.where.said(language)}" if found.where else ""
        out.print(f"{path}: {ANSWERS[found.answer].said(language)}{where}")
        for one in found.changed[:MOST_CHANGES]:
            out.print(indented(one.said(language), 2))
        if len(found.changed) > MOST_CHANGES:
            more = plural("and {count} more", "and {count} more", count=len(found.changed) - MOST_CHANGES)
            out.print(indented(more.said(language), 2))
        held = joined((text("its own digest"), *found.compared), ", ")
        said = text(
            "covolt {covolt}, lock {lock}, {digest}; held against {held}",
            covolt=found.covolt,
            lock=found.lock[7:19],
            digest=found.digest,
            held=held,
        )
        out.print(said.said(language))
    raise typer.Exit(COMPLETED if found.answer == "in order" else REQUIREMENTS_NOT_MET)
