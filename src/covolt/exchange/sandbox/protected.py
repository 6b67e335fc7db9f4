"""A worker that is protected in every point, in whichever way this machine offers; else a refusal with what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from covolt.errors import Problem, Unavailable
from covolt.exchange.confinement.order import Bounds
from covolt.exchange.sandbox.protections import Protections, judged
from covolt.exchange.sandbox.ways import WAYS, Way
from covolt.exchange.sandbox.worker import Worker
from covolt.words import text

__all__ = ["looked_at", "protected"]


def looked_at(way: Way, bounds: Bounds | None = None) -> Protections:
    """What protects a worker that is started in a way; it ends at once.

    Raises:
        Unavailable: it does not start.
    """
    worker = Worker(None, bounds or Bounds(), way=way)
    try:
        return _of(worker)
    finally:
        worker.end()


def protected(
    folder: Path | None,
    bounds: Bounds,
    ways: Sequence[Way] = WAYS,
    *,
    unprotected: bool = False,
    start_s: float = 60.0,
    shows: tuple[str, ...] = (),
) -> tuple[Worker, Protections]:
    """A worker, and what protects it; no foreign code is in it yet.

    Raises:
        Unavailable: none is protected in every point, and `unprotected` does not allow one that is not.
    """
    problems: list[Problem] = []
    for way in ways:
        try:
            worker = Worker(folder, bounds, way=way, start_s=start_s, shows=shows)
        except Unavailable as error:
            problems += error.problems
            continue
        found = _of(worker)
        if found.complete:
            return worker, found
        worker.end()
        problems += found.problems()
    if not unprotected:
        none = Problem(text("no way of keeping foreign code apart is allowed"), hint=text("see `covolt sandbox check`"))
        raise Unavailable(problems or none)
    worker = Worker(folder, bounds, way="none", start_s=start_s, shows=shows)
    return worker, _of(worker)


def _of(worker: Worker) -> Protections:
    return Protections(judged(worker.facts, worker.bounds, worker.groups), worker.way, worker.folder)
