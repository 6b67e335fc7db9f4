"""`covolt report`: the verdict of a programme as one page, with its machine-readable twin, and on paper."""

from __future__ import annotations

import json as json_module
import os
import shutil
import subprocess
import webbrowser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from covolt.cli.options import check_outputs, language_of
from covolt.cli.printing import console
from covolt.errors import InputError, Problem
from covolt.files import whole
from covolt.journal import Change, write_together
from covolt.study.cases.options import Findings

if TYPE_CHECKING:
    from covolt.programme.documents import Programme

HELP = """Write the report of a programme: one HTML file that needs no network, in English and Russian, and its JSON twin.

Examples:

  covolt report examples/city-car

  covolt report examples/city-car --base HEAD~1 --output build/report.html --pdf
"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_s = 120.0


def report(
    programme: Annotated[Path, typer.Argument(metavar="[PROGRAMME]", help="Folder of the programme.")] = Path(),
    output: Annotated[Path | None, typer.Option("--output", "-o", help="HTML file to write.")] = None,
    base: Annotated[
        str | None, typer.Option("--base", help="Earlier state to compare with; else the baseline kept last.")
    ] = None,
    party: Annotated[str, typer.Option("--party", help="Party that reads: its private requirements are shown.")] = "",
    language: Annotated[str, typer.Option("--language", help="Language in which the page opens: en or ru.")] = "en",
    show: Annotated[bool, typer.Option("--open", help="Open the page in a browser, where there is one.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Drive everything anew, whatever was computed before.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it to PDF as well (needs Chromium).")] = False,
) -> None:
    """Entry of the command; its help is `HELP`."""
    from covolt.study.gate.check import read_whole

    findings = Findings()
    opens_in = language_of(findings, language)
    browser = findings.take(_browser) if pdf else None
    read = findings.take(lambda: read_whole(programme))
    if read is not None and party and party not in read.parties:
        findings.add(Problem(f"no party '{party}'", "--party", f"parties: {', '.join(read.parties)}"))
    path = output or (programme if read is None else read.root) / "build" / "report.html"
    if path.suffix.lower() not in {".html", ".htm"}:
        findings.add(Problem("the report is a page of HTML", f"--output {path}", "give it a name that ends in .html"))
    twins = [("--output", path), ("--output", path.with_suffix(".json"))]
    check_outputs(findings, [*twins, ("--pdf", path.with_suffix(".pdf"))] if pdf else twins, make_folders=True)
    findings.demand_none()
    if read is None:
        return
    made = make_report(read, path, base=base, party=party, language=opens_in, anew=anew)
    out = console()
    out.print(f"wrote {made} ({made.stat().st_size / 1e3:.0f} kB) and {made.with_suffix('.json').name}")
    if show and not webbrowser.open(made.resolve().as_uri()):
        out.print("no browser can be opened from here; open the file yourself")
    if browser is not None:
        out.print(f"wrote {print_pdf(made, browser)}")


def make_report(
    read: Programme,
    path: Path,
    *,
    base: str | None = None,
    party: str = "",
    language: Literal["en", "ru"] = "en",
    anew: bool = False,
) -> Path:
    """Verify the programme and write its report."""
    from covolt.programme.baselines import last_baseline
    from covolt.study.gate.gates import gate_states
    from covolt.study.report.content import Since, content
    from covolt.study.report.example import example_drive
    from covolt.study.report.page import page
    from covolt.study.verdicts.attribution import changes_between, differences_of
    from covolt.study.verdicts.baseline import baseline
    from covolt.study.verdicts.bench import Bench
    from covolt.study.verdicts.records import RecordStore
    from covolt.study.verdicts.verification import verify

    kept = last_baseline(read.root) if base is None else None
    compared = base or (str(kept) if kept else "")
    since = None
    with ExitStack() as held:
        was = held.enter_context(baseline(read, compared)) if compared else None
        store = RecordStore.own(anew=anew)
        found = verify(read, store)
        if was is not None:
            moved = differences_of(was.state, read, Bench(read.charter.vehicle, store))[0]
            since = Since(was.said, was.beside, changes_between(was.state, read), moved)
    said = content(read, found, reader=party, since=since, gates=gate_states(read, found))
    ledger = example_drive(read)[1].ledger
    html = page(said, ledger, language)
    _write(read.root, path, html, json_module.dumps(said, indent=1, ensure_ascii=False))
    return path


def _write(root: Path, page: Path, html: str, json: str) -> None:
    """The page and its twin, of one verdict: within the programme both or none."""
    place = Path(os.path.abspath(page))  # noqa: PTH100  a link is not to be resolved, it is refused
    twin = place.with_suffix(".json")
    if place.is_relative_to(root):
        write_together(root, [Change(twin, json.encode()), Change(place, html.encode())])
        return
    with whole(twin) as first, whole(place) as second:
        first.write_text(json, encoding="utf-8")
        second.write_text(html, encoding="utf-8")


def _browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise InputError(
            Problem("no Chromium to print with", "--pdf", "install chromium, or print the page from a browser")
        )
    return found


def print_pdf(page: Path, browser: str) -> Path:
    """The page printed by a browser without a window."""
    path = page.with_suffix(".pdf")
    with TemporaryDirectory(prefix="covolt-print-") as profile, whole(path) as partial:
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={partial.resolve()}",
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE_s, check=False)
            said = done.stderr.decode(errors="replace").strip().splitlines()
        except subprocess.TimeoutExpired:
            said = [f"it took more than {PATIENCE_s:.0f} s"]
        if not partial.is_file() or not partial.stat().st_size:
            why = said[-1] if said else "no reason given"
            raise InputError(Problem(f"Chromium did not print: {why}", "--pdf", "print from a browser"))
    return path
