"""What holds for every test: numbers have 64 bits, and nothing is kept in a person's own cache."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["JAX_ENABLE_X64"] = "1"
os.environ["COVOLT_CACHE_DIR"] = str(Path(tempfile.gettempdir()) / f"covolt-tests-{os.getpid()}")
