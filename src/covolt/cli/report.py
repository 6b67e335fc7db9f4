"""`covolt report`: the verdict of a programme as one page, with its machine-readable twin, and on paper."""

from __future__ import annotations

import json as json_module
import shutil
import subprocess
import webbrowser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import typer

from covolt.cli.printing import console
from covolt.errors import InputError, Problem

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
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it to PDF as well (needs Chromium).")] = False,
) -> None:
    """Entry of the command; its help is `HELP`."""
    from covolt.programme.folder import read_programme

    if language not in {"en", "ru"}:
        raise InputError(Problem(f"no language '{language}'", "--language", "write en or ru"))
    read = read_programme(programme)
    if party and party not in read.parties:
        raise InputError(Problem(f"no party '{party}'", "--party", f"parties: {', '.join(read.parties)}"))
    browser = _browser() if pdf else ""
    path = output or read.root / "build" / "report.html"
    made = make_report(read.root, path, base=base, party=party, language="ru" if language == "ru" else "en")
    out = console()
    out.print(f"wrote {made} ({made.stat().st_size / 1e3:.0f} kB) and {made.with_suffix('.json').name}")
    if show:
        webbrowser.open(made.resolve().as_uri())
    if pdf:
        out.print(f"wrote {print_pdf(made, browser)}")


def make_report(
    root: Path, path: Path, *, base: str | None = None, party: str = "", language: Literal["en", "ru"] = "en"
) -> Path:
    """Verify the programme and write its report."""
    from covolt.programme.baselines import last_baseline
    from covolt.programme.folder import read_programme
    from covolt.study.attribution import changes_between, differences_of
    from covolt.study.baseline import baseline
    from covolt.study.gates import gate_states
    from covolt.study.records import RecordStore
    from covolt.study.report.content import Since, content, example_drive
    from covolt.study.report.page import page, write
    from covolt.study.verification import RECORDS_FOLDER, Bench, verify

    read = read_programme(root)
    found = verify(read)
    kept = last_baseline(read.root) if base is None else None
    compared = base or (str(kept) if kept else "")
    since = None
    if compared:
        with baseline(read, compared) as was:
            bench = Bench(read.charter.vehicle, RecordStore(read.root / RECORDS_FOLDER))
            moved = differences_of(was, read, bench)[0]
            since = Since(kept.stem if kept else compared, changes_between(was, read), moved)
    gates = [state.plain() for state in gate_states(read, found)]
    said = content(read, found, reader=party, since=since, gates=gates)
    ledger = example_drive(read)[1].ledger
    write(path.with_suffix(".json"), json_module.dumps(said, indent=1, ensure_ascii=False))
    write(path, page(said, ledger, language))
    return path


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
    with TemporaryDirectory(prefix="covolt-print-") as profile:
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={path}",
            page.resolve().as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_s, check=False)
    if done.returncode or not path.is_file():
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(
            Problem(
                f"Chromium did not print: {said[-1] if said else 'no reason given'}", "--pdf", "print from a browser"
            )
        )
    return path
