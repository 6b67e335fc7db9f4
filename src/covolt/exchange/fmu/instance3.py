"""An instance of an FMU of FMI 3.0, for co-simulation and model exchange, with event mode, clocks and intermediate updates."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_bool, c_char_p, c_double, c_int, c_size_t, c_void_p
from pathlib import Path
from typing import Any, final

import numpy as np

from covolt.errors import InputError
from covolt.exchange.fmu.calls import AbstractInstance, Event, Stepped, Type, references_of
from covolt.exchange.fmu.documents import Interface, ModelDescription
from covolt.exchange.fmu.instance2 import not_instantiated
from covolt.exchange.fmu.library import Library
from covolt.exchange.fmu.log import logger_of_3

__all__ = ["Instance3"]

_UPDATE = ctypes.CFUNCTYPE(None, c_void_p, c_double, c_bool, c_bool, c_bool, c_bool, POINTER(c_bool), POINTER(c_double))
_SCALARS: tuple[tuple[str, Any, Any], ...] = (
    ("Float32", ctypes.c_float, np.float32), ("Float64", c_double, np.float64), ("Int8", ctypes.c_int8, np.int8),
    ("UInt8", ctypes.c_uint8, np.uint8), ("Int16", ctypes.c_int16, np.int16), ("UInt16", ctypes.c_uint16, np.uint16),
    ("Int32", ctypes.c_int32, np.int32), ("UInt32", ctypes.c_uint32, np.uint32), ("Int64", ctypes.c_int64, np.int64),
    ("UInt64", ctypes.c_uint64, np.uint64), ("Boolean", c_bool, np.bool_), ("String", c_char_p, object),
)  # fmt: skip
_COUNTDOWN_CHANGED = 2


@final
class Instance3(AbstractInstance):
    """fmi3Instance."""

    def __init__(
        self, model: ModelDescription, interface: Interface, binary: Path, folder: Path, *, stepping: bool
    ) -> None:
        resources = folder / "resources"
        super().__init__(model, interface, f"{resources}/" if resources.is_dir() else "")
        self.intermediate_count = 0
        """Intermediate updates that it told of."""
        library = Library(binary, model.name, f"{interface.identifier}_")
        handle = c_void_p
        used = {one.type for one in model.variables}

        def call(name: str, *arguments: Any, gives: Any = c_int, needed: bool = True) -> Any:
            return library.function(f"fmi3{name}", *arguments, gives=gives, needed=needed)

        self._made = self._instantiating(call, stepping=stepping)
        self._free = call("FreeInstance", handle, gives=None)
        self._reset = call("Reset", handle)
        self._enter = call("EnterInitializationMode", handle, c_bool, c_double, c_double, c_bool, c_double)
        self._exit = call("ExitInitializationMode", handle)
        self._terminate = call("Terminate", handle)
        structural = any(one.variable.causality == "structural parameter" for one in model.variables)
        self._configuring = call("EnterConfigurationMode", handle, needed=structural)
        self._configured = call("ExitConfigurationMode", handle, needed=structural)
        self._debug = call("SetDebugLogging", handle, c_bool, c_size_t, c_void_p, needed=False)
        self._types(call, used)
        self._clocks(call, needed="Clock" in used)
        self._keeping(call, interface)
        events = interface.event_mode or not stepping
        self._event_mode = call("EnterEventMode", handle, needed=events)
        self._update = call("UpdateDiscreteStates", handle, *[POINTER(c_bool)] * 5, POINTER(c_double), needed=events)
        if stepping:
            flags = [POINTER(c_bool)] * 3
            self.do_step = call("DoStep", handle, c_double, c_double, c_bool, *flags, POINTER(c_double))
            self._step_mode = call("EnterStepMode", handle, needed=interface.event_mode)
        else:
            self._continuous(call, handle)
        library.demand_all()
        self._library = library
        self._told = _UPDATE(self._intermediate)
        self._flags = (c_bool(False), c_bool(False), c_bool(False), c_double(0.0))
        self._pointers = tuple(ctypes.byref(one) for one in self._flags)

    def _instantiating(self, call: Any, *, stepping: bool) -> Any:
        begin = (c_char_p, c_char_p, c_char_p, c_bool, c_bool)
        if not stepping:
            return call("InstantiateModelExchange", *begin, c_void_p, c_void_p, gives=c_void_p)
        end = (c_bool, c_bool, c_void_p, c_size_t, c_void_p, c_void_p, c_void_p)
        return call("InstantiateCoSimulation", *begin, *end, gives=c_void_p)

    def _types(self, call: Any, used: set[str]) -> None:
        arguments = (c_void_p, c_void_p, c_size_t, c_void_p, c_size_t)
        made: dict[str, Type] = {}
        for name, scalar, dtype in _SCALARS:
            needed = name in used or (name == "Int64" and "Enumeration" in used)
            pair = (call(f"{verb}{name}", *arguments, needed=needed) for verb in ("Get", "Set"))
            made[name] = Type(scalar, dtype, *pair)
        binary = (c_void_p, c_void_p, c_size_t, c_void_p, c_void_p, c_size_t)
        pair = (call(f"{verb}Binary", *binary, needed="Binary" in used) for verb in ("Get", "Set"))
        made["Binary"] = Type(c_void_p, object, *pair)
        clock = (c_void_p, c_void_p, c_size_t, c_void_p)
        pair = (call(f"{verb}Clock", *clock, needed="Clock" in used) for verb in ("Get", "Set"))
        made["Clock"] = Type(c_bool, np.bool_, *pair)
        self.types = {**made, "Enumeration": made["Int64"]}

    def _keeping(self, call: Any, interface: Interface) -> None:
        handle, saves, serialises = c_void_p, interface.saves, interface.serialises
        self._get_state = call("GetFMUState", handle, POINTER(c_void_p), needed=saves)
        self._set_state = call("SetFMUState", handle, c_void_p, needed=saves)
        self._free_state = call("FreeFMUState", handle, POINTER(c_void_p), needed=saves)
        self._size = call("SerializedFMUStateSize", handle, c_void_p, POINTER(c_size_t), needed=serialises)
        self._serialise = call("SerializeFMUState", handle, c_void_p, c_char_p, c_size_t, needed=serialises)
        self._deserialise = call(
            "DeserializeFMUState", handle, c_char_p, c_size_t, POINTER(c_void_p), needed=serialises
        )

    def _clocks(self, call: Any, *, needed: bool) -> None:
        self._interval = call(
            "GetIntervalDecimal", c_void_p, c_void_p, c_size_t, POINTER(c_double), POINTER(c_int), needed=needed
        )

    def _continuous(self, call: Any, handle: Any) -> None:
        vector = (handle, c_void_p, c_size_t)
        self._continuous_mode = call("EnterContinuousTimeMode", handle)
        self._completed = call("CompletedIntegratorStep", handle, c_bool, POINTER(c_bool), POINTER(c_bool))
        self.set_time = call("SetTime", handle, c_double)
        self.set_states = call("SetContinuousStates", *vector)
        self.derivatives = call("GetContinuousStateDerivatives", *vector)
        self.indicators = call("GetEventIndicators", *vector)
        self.states = call("GetContinuousStates", *vector)
        self.nominals = call("GetNominalsOfContinuousStates", *vector)
        self._count_states = call("GetNumberOfContinuousStates", handle, POINTER(c_size_t))
        self._count_indicators = call("GetNumberOfEventIndicators", handle, POINTER(c_size_t))

    def counts(self) -> tuple[int, int]:
        """How many continuous states and event indicators there are now."""
        states, indicators = c_size_t(0), c_size_t(0)
        self.judge(self._count_states(self.handle, ctypes.byref(states)), "fmi3GetNumberOfContinuousStates")
        self.judge(self._count_indicators(self.handle, ctypes.byref(indicators)), "fmi3GetNumberOfEventIndicators")
        return states.value, indicators.value

    def _intermediate(self, *_: Any) -> None:
        """An intermediate update: counted; nothing is asked or set in between, and no early return is wished."""
        self.intermediate_count += 1

    def instantiate(self, *, stepping: bool) -> None:
        self.log.open()
        begin = (self.model.name.encode()[:200], self.model.token.encode(), self._resources.encode(), False, True)
        if stepping:
            update = ctypes.cast(self._told, c_void_p) if self.interface.intermediate_update else None
            events = self.interface.event_mode
            logger = ctypes.cast(logger_of_3, c_void_p)
            self.handle = self._made(*begin, events, self.may_return_early, None, 0, self.log.number, logger, update)
        else:
            self.handle = self._made(*begin, self.log.number, ctypes.cast(logger_of_3, c_void_p))
        if not self.handle:
            raise InputError(not_instantiated(self.model.name, "instantiationToken", self.log))
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
        self.judge(self._reset(self.handle), "fmi3Reset")

    def enter_initialisation(self, start_s: float, stop_s: float | None, tolerance_ratio: float | None) -> None:
        self.time_s = start_s
        known, ends = tolerance_ratio is not None, stop_s is not None
        status = self._enter(self.handle, known, tolerance_ratio or 0.0, start_s, ends, stop_s or 0.0)
        self.judge(status, "fmi3EnterInitializationMode")

    def exit_initialisation(self) -> None:
        self.judge(self._exit(self.handle), "fmi3ExitInitializationMode")
        self.running_flag = True

    def configure(self, *, begin: bool) -> None:
        function, name = (
            (self._configuring, "fmi3EnterConfigurationMode")
            if begin
            else (self._configured, "fmi3ExitConfigurationMode")
        )
        self.judge(function(self.handle), name)

    def step(self, time_s: float, step_s: float) -> Stepped:
        self.time_s = time_s
        event, terminate, early, reached = self._flags
        status = self.do_step(self.handle, time_s, step_s, True, *self._pointers)
        if status > 1:
            self.judge(status, "fmi3DoStep")
        end_s = time_s + step_s
        if early.value:
            end_s = self.returned("fmi3DoStep", reached.value, time_s, end_s)
        return Stepped(end_s, event.value, terminate.value)

    def enter_event_mode(self) -> None:
        self.judge(self._event_mode(self.handle), "fmi3EnterEventMode")

    def leave_event_mode(self, *, stepping: bool) -> None:
        if stepping:
            self.judge(self._step_mode(self.handle), "fmi3EnterStepMode")
        else:
            self.judge(self._continuous_mode(self.handle), "fmi3EnterContinuousTimeMode")

    def update(self) -> Event:
        flags = [c_bool(False) for _ in range(5)]
        next_s = c_double(0.0)
        status = self._update(self.handle, *(ctypes.byref(one) for one in flags), ctypes.byref(next_s))
        self.judge(status, "fmi3UpdateDiscreteStates")
        again, terminate, nominals, states, defined = (one.value for one in flags)
        return Event(again, terminate, nominals, states, next_s.value if defined else None)

    def intervals(self, references: list[int]) -> list[float | None]:
        """Intervals of clocks that say anew when they tick, s; None of those that do not now."""
        seconds = (c_double * len(references))()
        qualifiers = (c_int * len(references))()
        status = self._interval(self.handle, references_of(references), len(references), seconds, qualifiers)
        self.judge(status, "fmi3GetIntervalDecimal")
        return [one if kind == _COUNTDOWN_CHANGED else None for one, kind in zip(seconds, qualifiers, strict=True)]

    def completed_step(self) -> tuple[bool, bool]:
        event, end = c_bool(False), c_bool(False)
        status = self._completed(self.handle, True, ctypes.byref(event), ctypes.byref(end))
        self.judge(status, "fmi3CompletedIntegratorStep")
        return event.value, end.value

    def state(self, call: str, *arguments: Any) -> Any:
        functions = {
            "get": (self._get_state, "fmi3GetFMUState"),
            "set": (self._set_state, "fmi3SetFMUState"),
            "free": (self._free_state, "fmi3FreeFMUState"),
            "size": (self._size, "fmi3SerializedFMUStateSize"),
            "serialise": (self._serialise, "fmi3SerializeFMUState"),
            "deserialise": (self._deserialise, "fmi3DeserializeFMUState"),
        }
        function, name = functions[call]
        return self.judge(function(self.handle, *arguments), name)
