"""The use case `report`: the verdict of a programme as one page with its machine-readable twin, and on paper."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from covolt.errors import Problem, Unavailable
from covolt.files import whole
from covolt.journal import Change, write_together
from covolt.study.cases.options import Findings, Progress, Wish, heed, silent
from covolt.words import text

if TYPE_CHECKING:
    from covolt.programme.documents import Programme
    from covolt.words import Language

__all__ = ["MadeReport", "find_browser", "make_report", "print_pdf", "read_for", "report_of"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_s = 120.0


def read_for(programme: Path, party: str, findings: Findings, *, day: str | None = None) -> Programme | None:
    """The programme as a party reads it, which must be in it; problems go to the findings."""
    from covolt.study.gate.check import read_whole

    read = findings.take(lambda: read_whole(programme, day=day))
    return None if read is None else findings.seen(read, party)


@dataclass(frozen=True)
class MadeReport:
    """A page and its twin, as texts that bear their digests."""

    page: str
    twin: str


def report_of(
    read: Programme,
    *,
    base: str | None = None,
    language: Language = "en",
    anew: bool = False,
    day: str = "",
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> MadeReport:
    """Verify the programme and make the report for its reader: the same programme gives the same bytes, driven or recalled."""
    from covolt.programme.walk import LOCK_FILE
    from covolt.study.gate.gates import gate_states
    from covolt.study.report.content import Since, content
    from covolt.study.report.example import example_drive
    from covolt.study.report.page import page
    from covolt.study.report.seal import sealed, stated
    from covolt.study.report.told import state_of, told_of
    from covolt.study.result import text_of
    from covolt.study.verdicts.attribution import changes_between, differences_of
    from covolt.study.verdicts.baseline import earlier_state, last_baseline
    from covolt.study.verdicts.bench import Bench, Setting
    from covolt.study.verdicts.commit import committed_on
    from covolt.study.verdicts.levels_moved import levels_moved
    from covolt.study.verdicts.offered_models import OfferedModels
    from covolt.study.verdicts.records import KeptRecords
    from covolt.study.verdicts.turned import earlier_verdicts
    from covolt.study.verdicts.verification import verify

    kept = last_baseline(read) if not base else None
    compared = base or (str(kept) if kept else "")
    since = None
    with ExitStack() as held:
        was = held.enter_context(earlier_state(read, compared)) if compared else None
        store = KeptRecords.own(anew=anew)
        found = verify(read, store, progress=progress, cancelled=cancelled)
        if was is not None:
            before, now = was.state.seen_by(read.reader, beside=read), read.seen_by(read.reader, beside=was.state)
            doors = held.enter_context(OfferedModels(read.whole, was.state.whole))
            bench = Bench(Setting.of(read), store, cancelled=cancelled, doors=doors)
            moved = differences_of(before, now, bench)[0]
            levels = levels_moved(before, now, bench, store, progress=progress, cancelled=cancelled)
            earlier = earlier_verdicts(before, store, progress=progress, cancelled=cancelled)
            since = Since(was.said, was.beside, changes_between(before, now), moved, levels, earlier)
    heed(cancelled)
    gates = gate_states(read, found, on=day or committed_on(read.files.folder, LOCK_FILE))
    said = content(read, found, since=since, gates=gates, base=base or "", day=day)
    told = told_of(said)
    said = replace(said, told=told, state=state_of(told, read, said.locked_on))
    twin = sealed(text_of(said))
    html = page(replace(said, digest=stated(twin)), example_drive(read)[1].ledger, language)
    return MadeReport(sealed(html), twin)


def make_report(
    read: Programme,
    path: Path,
    *,
    base: str | None = None,
    language: Language = "en",
    anew: bool = False,
    day: str = "",
    progress: Progress = silent,
    cancelled: Wish | None = None,
) -> Path:
    """Verify the programme and write its report.

    Raises:
        Cancelled: where `cancelled`, which is asked before every drive and before anything is written, says so.
    """
    made = report_of(read, base=base, language=language, anew=anew, day=day, progress=progress, cancelled=cancelled)
    heed(cancelled)
    _write(read.files.folder, path, made.page, made.twin)
    return path


def _write(root: Path | None, page: Path, html: str, twin_text: str) -> None:
    """The page and its twin, of one verdict: within the programme both or none."""
    place = Path(os.path.abspath(page))  # noqa: PTH100  a link is not to be resolved, it is refused
    twin = place.with_suffix(".json")
    if root is not None and place.is_relative_to(root):
        write_together(root, [Change(twin, twin_text.encode()), Change(place, html.encode())])
        return
    with whole(twin) as first, whole(place) as second:
        first.write_text(twin_text, encoding="utf-8")
        second.write_text(html, encoding="utf-8")


def find_browser() -> str:
    """The browser that prints; raises where there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise Unavailable(
            Problem(
                text("no Chromium to print with"), "--pdf", text("install chromium, or print the page from a browser")
            )
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
            why = said[-1] if said else text("no reason given")
            raise Unavailable(
                Problem(text("Chromium did not print: {why}", why=why), "--pdf", text("print from a browser"))
            )
    return path
