"""The bounds of one process as the kernel keeps them: address space, processor time, files, threads."""

from __future__ import annotations

import math
import resource

from covolt.exchange.confinement.order import Bounds

__all__ = ["apply", "known"]


def _limits(bounds: Bounds) -> dict[int, int]:
    return {
        resource.RLIMIT_AS: bounds.memory_bytes,
        resource.RLIMIT_CPU: max(1, math.ceil(bounds.processor_time_s)),
        resource.RLIMIT_FSIZE: bounds.file_bytes,
        resource.RLIMIT_NOFILE: bounds.open_files,
        resource.RLIMIT_NPROC: bounds.threads + bounds.children,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }


def apply(bounds: Bounds) -> None:
    """Lower every bound of this process to what it may use; an own lower one stays."""
    for kind, value in _limits(bounds).items():
        hard = resource.getrlimit(kind)[1]
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # The first end of processor time is a signal that a model may catch, the second, a little later, none.
        later = 2 if kind == resource.RLIMIT_CPU else 0
        resource.setrlimit(kind, (soft, soft + later if hard == resource.RLIM_INFINITY else min(soft + later, hard)))


def known() -> dict[str, int]:
    """The bounds of this process as the kernel has them, by their names in `Bounds`; -1 where there is none."""
    kinds = {
        "memory_bytes": resource.RLIMIT_AS,
        "processor_time_s": resource.RLIMIT_CPU,
        "file_bytes": resource.RLIMIT_FSIZE,
        "open_files": resource.RLIMIT_NOFILE,
        "threads": resource.RLIMIT_NPROC,
    }
    return {name: resource.getrlimit(kind)[0] for name, kind in kinds.items()}
