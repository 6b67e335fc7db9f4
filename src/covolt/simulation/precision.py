"""64-bit numbers inside covolt, whatever the process around it computes with.

A drive in 32 bits would not close its ledger. Importing covolt, and using it, leave the settings of a process alone: functions
at which people enter compute in 64 bits and go back. A process that is covolt's own (its command line) is set once, by
`prepare_process`.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

SMALL_LOOPS = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=100000000"
"""Runs a loop of small steps as one function instead of a graph of tiny tasks: 20 times faster for a single drive by XLA."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def prepare_process() -> None:
    """Set what may be set once a process that is covolt's own, before JAX first computes: 64 bits and XLA's small-loop option.

    What the user has set in XLA_FLAGS or JAX_ENABLE_X64 stays. The option is only read by what XLA drives.
    """
    os.environ.setdefault("XLA_FLAGS", SMALL_LOOPS)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("JAX_ENABLE_X64", "1")
    if "jax" in sys.modules:
        import jax

        if os.environ["JAX_ENABLE_X64"].lower() in {"1", "true", "yes", "on"}:
            jax.config.update("jax_enable_x64", True)


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
