"""64-bit numbers inside covolt, whatever the process around it computes with.

A drive in 32 bits would not close its ledger. Importing covolt, and using it, leave the settings of a process alone: functions
at which people enter compute in 64 bits and go back. A process that is covolt's own (its command line) is set once, by
`prepare_process`.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

SMALL_LOOPS = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=100000000"
"""Runs a loop of small steps as one function instead of a graph of tiny tasks: 20 times faster for a single drive by XLA."""

YOUNG_OBJECTS, YOUNG_ROUNDS, OLD_ROUNDS = 100_000, 20, 50
"""How rarely cycles of dead objects are sought: recipes make many short-lived objects and hardly any cycles."""
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of glibc's settings (malloc.h)."""
KEPT_FREE_BYTES, LARGEST_KEPT_BYTES = 256 << 20, 32 << 20
"""The second is the most that glibc takes."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def prepare_process() -> None:
    """Set what may be set once a process that is covolt's own, before JAX first computes: 64 bits and XLA's small-loop option.

    What the user has set in XLA_FLAGS or JAX_ENABLE_X64 stays. The option is only read by what XLA drives. Memory that signals
    of drives took is kept for the next ones, since to get it anew takes longer than to fill it.
    """
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_ROUNDS, OLD_ROUNDS)
    _keep_freed_memory()
    os.environ.setdefault("XLA_FLAGS", SMALL_LOOPS)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("JAX_ENABLE_X64", "1")
    if "jax" in sys.modules:
        import jax

        if os.environ["JAX_ENABLE_X64"].lower() in {"1", "true", "yes", "on"}:
            jax.config.update("jax_enable_x64", True)


def _keep_freed_memory() -> None:
    """Let glibc keep what is freed; another C library has no such settings."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(TRIM_THRESHOLD, KEPT_FREE_BYTES)
        mallopt(MMAP_THRESHOLD, LARGEST_KEPT_BYTES)


def in_64_bits(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function, computing in 64 bits in the thread that calls it."""

    @functools.wraps(function)
    def inside(*given: Arguments.args, **named: Arguments.kwargs) -> Result:
        import jax

        if jax.config.jax_enable_x64:  # pyright: ignore[reportAttributeAccessIssue]  # made at run time
            return function(*given, **named)
        with jax.enable_x64(True):
            return function(*given, **named)

    return inside
