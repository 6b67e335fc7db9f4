"""An instance of an FMU of FMI 2.0, for co-simulation and model exchange."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from ctypes import POINTER, c_char_p, c_double, c_int, c_size_t, c_void_p
from pathlib import Path
from typing import Any, final

import numpy as np

from covolt.errors import InputError, Problem
from covolt.exchange.fmu.calls import DISCARD, AbstractInstance, Event, Stepped, Type
from covolt.exchange.fmu.documents import Interface, ModelDescription
from covolt.exchange.fmu.library import Library
from covolt.exchange.fmu.log import LOGGER_2, Log, logger_of_2
from covolt.words import text

__all__ = ["Instance2"]

_LAST_TIME, _TERMINATED = 2, 3  # fmi2StatusKind


@final
class _Callbacks(ctypes.Structure):
    _fields_ = (
        ("logger", LOGGER_2),
        ("allocateMemory", c_void_p),
        ("freeMemory", c_void_p),
        ("stepFinished", c_void_p),
        ("componentEnvironment", c_void_p),
    )


@final
class _EventInfo(ctypes.Structure):
    _fields_ = (
        ("newDiscreteStatesNeeded", c_int),
        ("terminateSimulation", c_int),
        ("nominalsOfContinuousStatesChanged", c_int),
        ("valuesOfContinuousStatesChanged", c_int),
        ("nextEventTimeDefined", c_int),
        ("nextEventTime", c_double),
    )


@final
class Instance2(AbstractInstance):
    """fmi2Component."""

    def __init__(
        self, model: ModelDescription, interface: Interface, binary: Path, folder: Path, *, stepping: bool
    ) -> None:
        resources = folder / "resources"
        super().__init__(model, interface, resources.as_uri() if resources.is_dir() else folder.as_uri())
        library = Library(binary, model.name, f"{interface.identifier}_")
        handle, references = c_void_p, c_void_p

        def call(name: str, *arguments: Any, gives: Any = c_int, needed: bool = True) -> Any:
            return library.function(f"fmi2{name}", *arguments, gives=gives, needed=needed)

        self._instantiate = call(
            "Instantiate", c_char_p, c_int, c_char_p, c_char_p, c_void_p, c_int, c_int, gives=handle
        )
        self._free = call("FreeInstance", handle, gives=None)
        self._reset = call("Reset", handle)
        self._setup = call("SetupExperiment", handle, c_int, c_double, c_double, c_int, c_double)
        self._enter = call("EnterInitializationMode", handle)
        self._exit = call("ExitInitializationMode", handle)
        self._terminate = call("Terminate", handle)
        self._debug = call("SetDebugLogging", handle, c_int, c_size_t, c_void_p, needed=False)
        self._types(call, references)
        saves = interface.saves
        self._get_state = call("GetFMUstate", handle, POINTER(c_void_p), needed=saves)
        self._set_state = call("SetFMUstate", handle, c_void_p, needed=saves)
        self._free_state = call("FreeFMUstate", handle, POINTER(c_void_p), needed=saves)
        serialises = interface.serialises
        self._size = call("SerializedFMUstateSize", handle, c_void_p, POINTER(c_size_t), needed=serialises)
        self._serialise = call("SerializeFMUstate", handle, c_void_p, c_char_p, c_size_t, needed=serialises)
        self._deserialise = call(
            "DeSerializeFMUstate", handle, c_char_p, c_size_t, POINTER(c_void_p), needed=serialises
        )
        if stepping:
            self.do_step = call("DoStep", handle, c_double, c_double, c_int)
            self._real_status = call("GetRealStatus", handle, c_int, POINTER(c_double), needed=False)
            self._boolean_status = call("GetBooleanStatus", handle, c_int, POINTER(c_int), needed=False)
        else:
            self._continuous(call, handle)
        library.demand_all()
        self._library = library
        self._callbacks = self._made_callbacks()

    def _types(self, call: Any, references: Any) -> None:
        kinds = (
            ("Real", c_double, np.float64),
            ("Integer", c_int, np.int32),
            ("Boolean", c_int, np.int32),
            ("String", c_char_p, object),
        )
        made = {
            name: Type(
                scalar,
                dtype,
                call(f"Get{name}", c_void_p, references, c_size_t, c_void_p),
                call(f"Set{name}", c_void_p, references, c_size_t, c_void_p),
            )
            for name, scalar, dtype in kinds
        }
        self.types = {**made, "Enumeration": made["Integer"]}

    def _continuous(self, call: Any, handle: Any) -> None:
        vector = (handle, c_void_p, c_size_t)
        self._event_mode = call("EnterEventMode", handle)
        self._update = call("NewDiscreteStates", handle, POINTER(_EventInfo))
        self._continuous_mode = call("EnterContinuousTimeMode", handle)
        self._completed = call("CompletedIntegratorStep", handle, c_int, POINTER(c_int), POINTER(c_int))
        self.set_time = call("SetTime", handle, c_double)
        self.set_states = call("SetContinuousStates", *vector)
        self.derivatives = call("GetDerivatives", *vector)
        self.indicators = call("GetEventIndicators", *vector)
        self.states = call("GetContinuousStates", *vector)
        self.nominals = call("GetNominalsOfContinuousStates", *vector)

    def _made_callbacks(self) -> _Callbacks:
        own = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
        made = _Callbacks(
            logger_of_2,
            ctypes.cast(own.calloc, c_void_p),
            ctypes.cast(own.free, c_void_p),
            None,
            self.log.number,
        )
        with suppress(Exception):  # where FMPy has no such library, texts stay without their further arguments
            from fmpy.logging import addLoggerProxy

            addLoggerProxy(ctypes.byref(made))
        return made

    def instantiate(self, *, stepping: bool) -> None:
        self.log.open()
        self.handle = self._instantiate(
            self.model.name.encode()[:200],
            1 if stepping else 0,
            self.model.token.encode(),
            self._resources.encode(),
            ctypes.byref(self._callbacks),
            0,
            1,
        )
        if not self.handle:
            raise InputError(not_instantiated(self.model.name, "guid", self.log))
        self.listen(self._debug)

    def free(self) -> None:
        if self.handle and not self.dead_flag:
            if self.running_flag:
                self._terminate(self.handle)
            self._free(self.handle)
        self.handle = None
        self.running_flag = False

    def reset(self) -> None:
        self.running_flag = False
        self.judge(self._reset(self.handle), "fmi2Reset")

    def enter_initialisation(self, start_s: float, stop_s: float | None, tolerance_ratio: float | None) -> None:
        self.time_s = start_s
        status = self._setup(
            self.handle,
            int(tolerance_ratio is not None),
            tolerance_ratio or 0.0,
            start_s,
            int(stop_s is not None),
            stop_s or 0.0,
        )
        self.judge(status, "fmi2SetupExperiment")
        self.judge(self._enter(self.handle), "fmi2EnterInitializationMode")

    def exit_initialisation(self) -> None:
        self.judge(self._exit(self.handle), "fmi2ExitInitializationMode")
        self.running_flag = True

    def configure(self, *, begin: bool) -> None:
        """FMI 2.0 has no structural parameters."""

    def step(self, time_s: float, step_s: float) -> Stepped:
        self.time_s = time_s
        status = self.do_step(self.handle, time_s, step_s, 1)
        if status > 1:
            return self._refused(status, time_s)
        return Stepped(time_s + step_s)

    def _refused(self, status: int, time_s: float) -> Stepped:
        """A step that was not done: how far it came, and whether that was the end, where the FMU says it."""
        if status == DISCARD and self._real_status is not None and self._boolean_status is not None:
            reached, over = c_double(time_s), c_int(0)
            self._boolean_status(self.handle, _TERMINATED, ctypes.byref(over))
            known = self._real_status(self.handle, _LAST_TIME, ctypes.byref(reached)) <= 1
            if over.value:
                return Stepped(reached.value if known else time_s, terminate=True)
            if known and reached.value > time_s:
                what = text("it came to {reached:g} s only (discard)", reached=reached.value)
                raise self.failure("fmi2DoStep", what, text("try a smaller step"))
        self.judge(status, "fmi2DoStep")
        return Stepped(time_s)

    def enter_event_mode(self) -> None:
        self.judge(self._event_mode(self.handle), "fmi2EnterEventMode")

    def leave_event_mode(self, *, stepping: bool) -> None:
        self.judge(self._continuous_mode(self.handle), "fmi2EnterContinuousTimeMode")

    def update(self) -> Event:
        info = _EventInfo()
        self.judge(self._update(self.handle, ctypes.byref(info)), "fmi2NewDiscreteStates")
        return Event(
            bool(info.newDiscreteStatesNeeded),
            bool(info.terminateSimulation),
            bool(info.nominalsOfContinuousStatesChanged),
            bool(info.valuesOfContinuousStatesChanged),
            info.nextEventTime if info.nextEventTimeDefined else None,
        )

    def completed_step(self) -> tuple[bool, bool]:
        event, end = c_int(0), c_int(0)
        self.judge(
            self._completed(self.handle, 1, ctypes.byref(event), ctypes.byref(end)), "fmi2CompletedIntegratorStep"
        )
        return bool(event.value), bool(end.value)

    def state(self, call: str, *arguments: Any) -> Any:
        functions = {
            "get": (self._get_state, "fmi2GetFMUstate"),
            "set": (self._set_state, "fmi2SetFMUstate"),
            "free": (self._free_state, "fmi2FreeFMUstate"),
            "size": (self._size, "fmi2SerializedFMUstateSize"),
            "serialise": (self._serialise, "fmi2SerializeFMUstate"),
            "deserialise": (self._deserialise, "fmi2DeSerializeFMUstate"),
        }
        function, name = functions[call]
        return self.judge(function(self.handle, *arguments), name)


def not_instantiated(name: str, token: str, log: Log) -> Problem:
    """Why no instance came: what it says itself, else nearly always the token."""
    said = log.last()
    if said and token not in said.lower() and "token" not in said.lower() and "guid" not in said.lower():
        what = text("it cannot be instantiated; it says: {words}", words=said)
        return Problem(what, name, text("give it what it asks for, or ask who made it"))
    what = (
        text("it cannot be instantiated; it says: {words}", words=said) if said else text("it cannot be instantiated")
    )
    hint = text(
        "the {token} of its description is mostly not that of its binary: ask who made it to export it anew",
        token=token,
    )
    return Problem(what, name, hint)
