"""What XLA compiled for earlier tests, kept for the next run: a compiled function depends on its program, not on the day."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

import jax
from jax._src import lru_cache  # its files are written in place; two processes share these
from llvmlite import binding

from covolt.errors import CovoltError
from covolt.files import write_whole

FOLDER = Path(__file__).resolve().parents[1] / "build" / "compiled"
MOST_BYTES = 200 * 2**20
SHORTEST_s = 0.03
"""What compiles sooner is not worth a file."""


def keep() -> None:
    """Let this process, and none that it starts, recall what was compiled on processors like this one."""
    features = ",".join(f"{name}={there}" for name, there in sorted(binding.get_host_cpu_features().items()))
    machine = hashlib.sha256(f"{binding.get_host_cpu_name()} {features}".encode()).hexdigest()[:16]
    folder = FOLDER / machine
    if "PYTEST_XDIST_WORKER" not in os.environ and _size_bytes(folder) > MOST_BYTES:
        shutil.rmtree(folder, ignore_errors=True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", SHORTEST_s)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    lru_cache.LRUCache.put = _put


def _size_bytes(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.iterdir()) if folder.is_dir() else 0


def _put(self: lru_cache.LRUCache, key: str, value: bytes) -> None:
    """As the original without a bound of size does, but whole at any time; a test may have made writing impossible."""
    path = self.path / f"{key}{lru_cache._CACHE_SUFFIX}"
    if not path.exists():
        with suppress(OSError, CovoltError):
            write_whole(path, value, forced=False)
