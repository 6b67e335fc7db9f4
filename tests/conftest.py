"""What holds for every test: numbers have 64 bits, and nothing is kept in a person's own folders."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from covolt import as_loaded
from covolt.cli import language
from covolt.own_files import own_secret
from covolt.programme import anchor
from covolt.simulation.kept import SECRET
from covolt.simulation.precision import prepare_process

if "PYTEST_XDIST_WORKER" not in os.environ:  # workers share the folder of the process that started them
    _cache = tempfile.TemporaryDirectory(prefix="covolt-tests-")
    atexit.register(_cache.cleanup)
    os.environ["COVOLT_CACHE_DIR"] = _cache.name
    _config = tempfile.TemporaryDirectory(prefix="covolt-tests-own-")
    atexit.register(_config.cleanup)
    os.environ["COVOLT_CONFIG_DIR"] = _config.name
_SESSION = os.environ["COVOLT_CONFIG_DIR"]
_NUMBERS = itertools.count()
own_secret(SECRET)
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["COVOLT_WORKERS"] = "0"  # tests that want processes say so
prepare_process()


@pytest.fixture(autouse=True, scope="session")
def _no_shipped_anchor() -> Generator[None]:
    """Copies of the shipped examples are signed by tests with keys of their own."""
    import tests.signed  # it keeps the anchor that ships

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchor, "_shipped", anchor._Anchor)
        as_loaded.watch(anchor)  # it changes no number: what the tests compute is kept
        yield
    assert tests.signed.SHIPPED is not anchor._Anchor


@pytest.fixture(autouse=True)
def _own_config(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a test trusts, the next does not know; commands that it starts see the same folder."""
    # Numbered here: to find the next free number by itself, pytest reads the names of all folders of earlier tests.
    folder = tmp_path_factory.mktemp(f"config-{next(_NUMBERS)}", numbered=False)
    # What one test computes, the next may recall.
    shutil.copy2(Path(_SESSION) / SECRET, folder)
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(folder))


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that is called in this process speaks English again after one that spoke another language."""
    monkeypatch.delenv(language.VARIABLE, raising=False)
    language.begin_speaking(())
