"""One trial, in a process of its own that is forked with the libraries loaded; and the pytest plugin that it runs with."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest
from coverage.exceptions import NoDataError

LIBRARIES = [
    "trial",
    "equinox",
    "hypothesis",
    "jax",
    "jaxtyping",
    "llvmlite.binding",
    "pydantic",
    "scipy.interpolate",
    "xarray",
]
STOPPED = "no further test within the time of a trial"
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(LIBRARIES)


@dataclass(frozen=True)
class Trial:
    """Test files run against a source, in a folder that is nobody else's."""

    root: Path
    source: Path
    folder: Path
    files: Sequence[str]
    order: Sequence[str] | None = None
    """Tests to run, first to last, until one fails; all of the files where none is named."""
    limit_s: float = 3600.0
    """Seconds of computing after which no other test begins; who computes twice as long is ended."""
    watched: Sequence[str] = ()
    """Patterns of files whose lines are watched, each with the tests that run it."""

    @property
    def said(self) -> Path:
        """What pytest prints."""
        return self.folder / "said.txt"

    @property
    def note(self) -> Path:
        """What every test took that passed: one that fails unchanged can notice nothing."""
        return self.folder / "note.json"

    @property
    def report(self) -> Path:
        """The lines that were watched."""
        return self.folder / "report.json"

    def run(self) -> int:
        """The exit code of pytest; below zero the signal that ended it."""
        process = FORKS.Process(target=_inside, args=(self,))
        process.start()
        process.join()
        return process.exitcode or 0


def _inside(trial: Trial) -> None:
    if "covolt" in sys.modules:
        raise RuntimeError("covolt is loaded already: a trial would not see its own source")
    resource.setrlimit(resource.RLIMIT_CPU, (int(2 * trial.limit_s),) * 2)
    os.setsid()
    os.chdir(trial.root)
    tempfile.tempdir = str(trial.folder)
    os.environ |= {"TMPDIR": str(trial.folder), "HYPOTHESIS_STORAGE_DIRECTORY": str(trial.folder / "hypothesis")}
    # What the libraries bring for pytest is loaded already and is not needed.
    os.environ |= {"PYTHONPATH": str(trial.source), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    sys.path[:0] = [str(trial.source), str(trial.root)]
    sys.dont_write_bytecode = True
    own = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        f"pythonpath={trial.source} {trial.root}",
        "--rootdir",
        str(trial.root),
    ]
    with (
        trial.said.open("w", encoding="utf-8") as said,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        watching = coverage.Coverage(data_file=None, include=list(trial.watched), config_file=False)
        if trial.watched:
            watching.start()
        code = pytest.main([*own, *(["-x"] if trial.order is not None else []), *trial.files], plugins=[Plugin(trial)])
        if trial.watched:
            watching.stop()
            with contextlib.suppress(NoDataError):  # tests that run none of it
                watching.json_report(outfile=str(trial.report), show_contexts=True)
        said.flush()
    # Threads of the libraries are not waited for.
    os._exit(int(code))


class Plugin:
    """Orders tests, times them, ends the trial in time, and names the lines that a test runs after it."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.took_s: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that were asked for, in that order."""
        if self.trial.order is not None:
            rank = {name: index for index, name in enumerate(self.trial.order)}
            items[:] = sorted((item for item in items if item.nodeid in rank), key=lambda item: rank[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Time a test, its fixtures with it."""
        begin = time.process_time()
        if watching := coverage.Coverage.current():
            watching.switch_context(item.nodeid)
        found = yield
        self.took_s[item.nodeid] = time.process_time() - begin
        if time.process_time() > self.trial.limit_s:
            item.session.shouldstop = STOPPED
        return found

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what fails."""
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write what was noted."""
        passed = {name: seconds for name, seconds in self.took_s.items() if name not in self.failed}
        self.trial.note.write_text(json.dumps(passed), encoding="utf-8")
