"""What holds for every test: numbers have 64 bits, and nothing is kept in a person's own folders."""

from __future__ import annotations

import atexit
import os
import tempfile

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
