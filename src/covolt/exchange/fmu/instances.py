"""Which kind of instance drives an FMU: machine code of FMI 2.0 or 3.0, or a WebAssembly component."""

from __future__ import annotations

from pathlib import Path

from covolt.exchange.fmu.calls import AbstractInstance
from covolt.exchange.fmu.documents import Form, ModelDescription
from covolt.exchange.fmu.instance2 import Instance2
from covolt.exchange.fmu.instance3 import Instance3
from covolt.exchange.fmu.instance_wasm import InstanceWasm
from covolt.exchange.wasm import Bounds

__all__ = ["form_said", "instance_of"]

_WASM = ".wasm"


def instance_of(
    model: ModelDescription, form: Form, binary: Path, folder: Path, bounds: Bounds | None = None
) -> AbstractInstance:
    """An instance that is not yet made, of the binary in its unpacked folder; `bounds` are those of a WebAssembly component."""
    stepping, interface = form == "co-simulation", model.interfaces[form]
    if binary.suffix == _WASM:
        return InstanceWasm(model, interface, binary, folder, bounds or Bounds(), stepping=stepping)
    kind = Instance2 if model.major == 2 else Instance3
    return kind(model, interface, binary, folder, stepping=stepping)


def form_said(model: ModelDescription, form: Form, binary: Path) -> str:
    """As people call what is run: "FMI 3.0 co-simulation, WebAssembly"."""
    said = model.described(form).form
    return f"{said}, WebAssembly" if binary.suffix == _WASM else said
