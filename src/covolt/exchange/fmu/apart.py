"""An FMU opened in the sandbox: unpacked into a folder of its own outside, loaded and run in the worker alone."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

from covolt.exchange.fmu.documents import Form, ModelDescription
from covolt.exchange.fmu.opening import unpacked
from covolt.exchange.sandbox import Deadlines, Program, SandboxedComponent

__all__ = ["Apart", "opened_apart"]

FACTORY = "covolt.exchange.fmu:open_in_worker"


@final
@dataclass(frozen=True)
class Apart:
    """An FMU in its worker."""

    component: SandboxedComponent
    model: ModelDescription
    form: Form


@contextmanager
def opened_apart(
    path: Path,
    form: str = "",
    *,
    deadlines: Deadlines | None = None,
    tolerance_ratio: float | None = None,
    unprotected: bool = False,
) -> Generator[Apart]:
    """An FMU in a worker of its own, which ends with all that it started.

    Raises:
        InputError: it cannot be read, or not be run on this machine.
        Unavailable: protections are missing here, and nobody allowed to go on without.
        ComponentFailed: it did not load within the deadline.
    """
    with tempfile.TemporaryDirectory(prefix="covolt-fmu-") as name:
        folder = Path(name)
        model, chosen = unpacked(path, folder, form)
        options: dict[str, str | float] = {"form": chosen, "digest": model.digest}
        if tolerance_ratio is not None:
            options["tolerance_ratio"] = tolerance_ratio
        program = Program(path.name, FACTORY, folder, options, model.digest)
        component = SandboxedComponent(program, deadlines=deadlines, unprotected=unprotected)
        try:
            yield Apart(component, model, chosen)
        finally:
            component.close()
