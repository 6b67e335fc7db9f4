"""An FMU opened in the sandbox: unpacked into a folder of its own outside, loaded and run in the worker alone."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

from covolt.errors import Unavailable
from covolt.exchange.component import Component
from covolt.exchange.fmu.documents import Form, ModelDescription
from covolt.exchange.fmu.opening import binary_in, open_in_worker, unpacked
from covolt.exchange.sandbox import Deadlines, Program, SandboxedComponent

__all__ = ["Apart", "opened_apart"]

_COMPILE_s_per_byte = 10e-6
"""Ten times what a machine of today takes."""
_ROOM_s = 1.0
"""Between the deadline of a call within a WebAssembly component and that of the worker."""
FACTORY = "covolt.exchange.fmu:open_in_worker"


@final
@dataclass(frozen=True)
class Apart:
    """An FMU in its worker."""

    component: Component
    model: ModelDescription
    form: Form
    missing: tuple[str, ...] = ()
    """Protections that were not there."""
    wasm: bool = False
    """Whether its model is a WebAssembly component."""

    @property
    def said(self) -> str:
        """The form as people call it: "co-simulation", "co-simulation, WebAssembly"."""
        return f"{self.form}, WebAssembly" if self.wasm else self.form


@contextmanager
def opened_apart(
    path: Path,
    form: str = "",
    *,
    deadlines: Deadlines | None = None,
    tolerance_ratio: float | None = None,
    unprotected: bool = False,
    native: bool = False,
    called: str = "",
) -> Generator[Apart]:
    """An FMU in a worker of its own, which ends with all that it started.

    Where its model is a WebAssembly component, which can reach nothing by itself, missing protections are told and not
    demanded; where there can be no worker at all, it runs in this process within its own bounds. `native` passes over it.
    Messages name it as it is `called`, else by its file.

    Raises:
        InputError: it cannot be read, or not be run on this machine.
        Unavailable: protections are missing here, and nobody allowed to go on without.
        ComponentFailed: it did not load within the deadline.
    """
    with tempfile.TemporaryDirectory(prefix="covolt-fmu-") as name:
        folder = Path(name)
        model, chosen = unpacked(path, folder, form, native=native, unprotected=unprotected)
        kept = deadlines or Deadlines()
        options: dict[str, str | float | bool] = {
            "form": chosen, "digest": model.digest, "native": native, "deadline_s": kept.step_s, "called": called
        }  # fmt: skip
        if tolerance_ratio is not None:
            options["tolerance_ratio"] = tolerance_ratio
        program = Program(called or path.name, FACTORY, folder, options, model.digest)
        binary = binary_in(folder, model, chosen, native=native)
        safe = binary.suffix == ".wasm"
        if safe:
            kept = _with_room(kept, binary.stat().st_size)
        component, missing = _opened(program, kept, unprotected=unprotected or safe, safe=safe)
        try:
            yield Apart(component, model, chosen, missing, safe)
        finally:
            component.close()


def _with_room(given: Deadlines, size_bytes: int) -> Deadlines:
    """Deadlines of the worker of a WebAssembly component: its own, which name the call, come first; and it is compiled first."""
    return Deadlines(
        open_s=given.open_s + size_bytes * _COMPILE_s_per_byte,
        start_s=given.start_s + _ROOM_s,
        step_s=given.step_s + _ROOM_s,
        window_s=given.window_s + _ROOM_s,
    )


def _opened(
    program: Program, deadlines: Deadlines, *, unprotected: bool, safe: bool
) -> tuple[Component, tuple[str, ...]]:
    """The component, and which protections it goes without; all of them in this process, for a model that is safe by itself."""
    try:
        component = SandboxedComponent(program, deadlines=deadlines, unprotected=unprotected)
    except Unavailable:
        if not safe or program.folder is None:
            raise
        return open_in_worker(program.folder, program.options), ("worker",)
    return component, component.protections.missing
