"""What holds for every test: numbers have 64 bits, and nothing is kept in a person's own folders."""

from __future__ import annotations

import atexit
import os
import tempfile

import pytest

from covolt.simulation.precision import prepare_process

if "PYTEST_XDIST_WORKER" not in os.environ:  # workers share the folder of the process that started them
    _cache = tempfile.TemporaryDirectory(prefix="covolt-tests-")
    atexit.register(_cache.cleanup)
    os.environ["COVOLT_CACHE_DIR"] = _cache.name
    _config = tempfile.TemporaryDirectory(prefix="covolt-tests-own-")
    atexit.register(_config.cleanup)
    os.environ["COVOLT_CONFIG_DIR"] = _config.name
os.environ["JAX_ENABLE_X64"] = "1"
prepare_process()


@pytest.fixture(autouse=True)
def _own_config(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a test trusts, the next does not know; commands that it starts see the same folder."""
    monkeypatch.setenv("COVOLT_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
