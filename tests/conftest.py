"""What holds for every test: numbers have 64 bits, and nothing is kept in a person's own cache."""

from __future__ import annotations

import atexit
import os
import tempfile

_CACHE = tempfile.TemporaryDirectory(prefix="covolt-tests-")
atexit.register(_CACHE.cleanup)
os.environ["COVOLT_CACHE_DIR"] = _CACHE.name
os.environ["JAX_ENABLE_X64"] = "1"
