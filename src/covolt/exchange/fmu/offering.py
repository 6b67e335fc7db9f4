"""Addresses of an FMU's own functions, for a master that steps it without Python in between."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from covolt.errors import ComponentFailed
from covolt.exchange.fmu.calls import AbstractInstance
from covolt.exchange.fmu.instance_wasm import InstanceWasm
from covolt.exchange.fmu.wiring import Port
from covolt.exchange.master.offered import Call, Functions

__all__ = ["offered", "refused"]

_REALS: Final = ("Real", "Float64")


def offered(instance: Any, inputs: Sequence[Port], outputs: Sequence[Port]) -> Functions | None:
    """Functions of a started co-simulation in machine code whose wired ports are scalar reals; else None.

    The references live as long as the instance, which keeps them.
    """
    if isinstance(instance, InstanceWasm) or instance.handle is None:
        return None
    if any(one.variable.type not in _REALS or one.element for one in (*inputs, *outputs)):
        return None
    if any(one.variable.dimensions for one in (*inputs, *outputs)):
        return None
    three = instance.model.major == 3
    of_type = instance.types["Float64" if three else "Real"]
    given, taken = (
        np.array([one.variable.reference for one in ports] or [0], dtype=np.uint32) for ports in (inputs, outputs)
    )
    instance.offered_references = (given, taken)
    return Functions(
        instance.handle,
        _address(of_type.setter),
        int(given.ctypes.data),
        _address(of_type.getter),
        int(taken.ctypes.data),
        _address(instance.do_step),
        tells_flag=three,
    )


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def refused(instance: AbstractInstance, call: Call, status: int, time_s: float) -> ComponentFailed:
    """What a status that does not count means, named by the call and its time."""
    instance.time_s = time_s
    names = {"set": "Set", "step": "DoStep", "get": "Get"}
    real = "Float64" if instance.model.major == 3 else "Real"
    name = f"fmi{instance.model.major}{names[call]}{real if call != 'step' else ''}"
    try:
        instance.judge(status, name)
    except ComponentFailed as error:
        return error
    raise RuntimeError("a status that counts is no failure")
