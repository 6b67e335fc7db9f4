"""An instance of an FMU of FMI 3.0 whose binary is a WebAssembly component, behind the same functions as one of machine code."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, final

import numpy as np

from covolt.errors import ComponentFailed, InputError
from covolt.exchange.fmu.calls import DISCARD, ERROR, FATAL, OK, WARNING, AbstractInstance, Event, Stepped, Type
from covolt.exchange.fmu.documents import Interface, ModelDescription
from covolt.exchange.fmu.instance2 import not_instantiated
from covolt.exchange.wasm import Bounds, Folder, Guest, Mode, Refused

__all__ = ["InstanceWasm"]

_STATUS: Final = {"ok": OK, "warning": WARNING, "discard": DISCARD, "error": ERROR, "fatal": FATAL}
_DTYPES: Final[dict[str, Any]] = {
    "Float32": np.float32,
    "Float64": np.float64,
    **{f"{sign}Int{bits}": f"{'u' if sign else 'i'}{bits // 8}" for sign in ("", "U") for bits in (8, 16, 32, 64)},
    "Boolean": np.bool_,
    "Clock": np.bool_,
}


@final
class InstanceWasm(AbstractInstance):
    """A resource of the component; a call that was ended by a bound is remembered and told by the next judgement.

    Whoever drives an instance hands over addresses, as C takes them; here they are read and written in this process alone, and
    the component sees copies.
    """

    def __init__(
        self,
        model: ModelDescription,
        interface: Interface,
        binary: Path,
        folder: Path,
        bounds: Bounds,
        *,
        stepping: bool,
    ) -> None:
        super().__init__(model, interface, "")
        mode: Mode = "co-simulation" if stepping else "model-exchange"
        self._guest = Guest(binary.read_bytes(), model.name, mode, bounds, Folder(folder / "resources"))
        self._guest.host.heard = self._heard
        self._ended: ComponentFailed | None = None
        self._states: dict[int, bytes] = {}
        self._numbers = 0
        self.types = self._types()
        self.set_time = lambda _, time_s: self._status("set-time", float(time_s))
        self.set_states = lambda _, at, count: self._status("set-continuous-states", _vector(at, count).copy())
        self.states = self._giving("get-continuous-states")
        self.nominals = self._giving("get-nominals-of-continuous-states")
        self.derivatives = self._giving("get-continuous-state-derivatives")
        self.indicators = self._giving("get-event-indicators")

    def _heard(self, status: str, category: str, message: str) -> None:
        self.log.add(_STATUS.get(status, OK), category.encode(), message.encode())

    def _call(self, call: str, *arguments: Any) -> tuple[int, Any]:
        """The status of a call and what it gave; one that was ended is fatal, and remembered."""
        self._guest.now_s = self.time_s
        try:
            found = self._guest.call(call, *arguments)
        except ComponentFailed as error:
            self._ended = error
            return FATAL, None
        if isinstance(found, Refused):
            return _STATUS.get(found.status, FATAL), None
        return (_STATUS[found], None) if isinstance(found, str) else (OK, found)

    def _status(self, call: str, *arguments: Any) -> int:
        return self._call(call, *arguments)[0]

    def _asked(self, call: str, *arguments: Any) -> Any:
        """What a call gives, where it gives something that counts."""
        status, found = self._call(call, *arguments)
        self.judge(status, call)
        return found

    def judge(self, status: int, call: str) -> int:
        if self._ended is not None:
            self.dead_flag = True
            raise self._ended
        return super().judge(status, call)

    def _giving(self, call: str) -> Callable[[Any, Any, int], int]:
        """A function that writes so many real numbers where it is told."""

        def give(_: Any, at: Any, count: int) -> int:
            status, found = self._call(call)
            if status > WARNING:
                return status
            if not self._counts(call, found, count):
                return FATAL
            _vector(at, count)[:] = found
            return status

        return give

    def _counts(self, call: str, found: Any, count: int) -> bool:
        """Whether there are as many values as asked for; what is wrong is remembered."""
        if len(found) == count:
            return True
        self._ended = self._guest.wrong_count(call, len(found), count)
        return False

    def _types(self) -> dict[str, Type]:
        made = {
            name: Type(None, np.dtype(dtype), *self._numbers_of(name, np.dtype(dtype)))
            for name, dtype in _DTYPES.items()
        }
        made["String"] = Type(ctypes.c_char_p, object, self._get_texts, self._set_texts)
        made["Binary"] = Type(ctypes.c_void_p, object, self._get_bytes, self._set_bytes)
        return {**made, "Enumeration": made["Int64"]}

    def _numbers_of(self, name: str, dtype: np.dtype[Any]) -> tuple[Callable[..., int], Callable[..., int]]:
        """Functions that take and give numbers of a type; a clock has one value for each reference."""
        kind = name.lower()

        def get(_: Any, references: Any, count: int, at: int, values: int | None = None) -> int:
            wanted = count if values is None else values
            status, found = self._call(f"get-{kind}", np.ctypeslib.as_array(references)[:count])
            if status > WARNING:
                return status
            if not self._counts(f"get-{kind}", found, wanted):
                return FATAL
            _array(at, wanted, dtype)[:] = found
            return status

        def put(_: Any, references: Any, count: int, at: int, values: int | None = None) -> int:
            given = _array(at, count if values is None else values, dtype).copy()
            return self._status(f"set-{kind}", np.ctypeslib.as_array(references)[:count], given)

        return get, put

    def _get_texts(self, _: Any, references: Any, count: int, into: Any, values: int) -> int:
        status, found = self._call("get-string", np.ctypeslib.as_array(references)[:count])
        if status > WARNING or not self._counts("get-string", found, values):
            return status if status > WARNING else FATAL
        for place, one in enumerate(found):
            into[place] = one.encode()
        return status

    def _set_texts(self, _: Any, references: Any, count: int, given: Any, values: int) -> int:
        texts = [(given[place] or b"").decode() for place in range(values)]
        return self._status("set-string", np.ctypeslib.as_array(references)[:count], texts)

    def _get_bytes(self, _: Any, references: Any, count: int, sizes: Any, pointers: Any, values: int) -> int:
        status, found = self._call("get-binary", np.ctypeslib.as_array(references)[:count])
        if status > WARNING or not self._counts("get-binary", found, values):
            return status if status > WARNING else FATAL
        # Kept until the next call, as a model of machine code keeps its own.
        self._lent = [ctypes.create_string_buffer(one.astype(np.uint8).tobytes(), max(1, len(one))) for one in found]
        for place, (one, held) in enumerate(zip(found, self._lent, strict=True)):
            sizes[place], pointers[place] = len(one), ctypes.addressof(held)
        return status

    def _set_bytes(self, _: Any, references: Any, count: int, sizes: Any, pointers: Any, values: int) -> int:
        given = [ctypes.string_at(pointers[place], sizes[place]) for place in range(values)]
        return self._status("set-binary", np.ctypeslib.as_array(references)[:count], given)

    def instantiate(self, *, stepping: bool) -> None:
        self._ended = None
        self.dead_flag = False
        self._states.clear()
        events = self.interface.event_mode
        more = [events, self.may_return_early, []] if stepping else []
        if not self._guest.begin([self.model.name[:200], self.model.token, False, True, *more]):
            self._guest.close()
            raise InputError(not_instantiated(self.model.name, "instantiationToken", self.log))
        self.handle = 1

    def free(self) -> None:
        if self.handle and not self.dead_flag and self._ended is None:
            self._call("terminate")
        self.handle = None
        self.log.close()
        self._guest.close()

    def reset(self) -> None:
        self.judge(self._status("reset"), "reset")

    def enter_initialisation(self, start_s: float, stop_s: float | None, tolerance_ratio: float | None) -> None:
        self.time_s = start_s
        call = "enter-initialization-mode"
        self.judge(self._status(call, tolerance_ratio, start_s, stop_s), call)

    def exit_initialisation(self) -> None:
        self.judge(self._status("exit-initialization-mode"), "exit-initialization-mode")

    def configure(self, *, begin: bool) -> None:
        call = "enter-configuration-mode" if begin else "exit-configuration-mode"
        self.judge(self._status(call), call)

    def step(self, time_s: float, step_s: float) -> Stepped:
        self.time_s = time_s
        found = self._asked("do-step", time_s, step_s, True)
        end_s = time_s + step_s
        if found["early-return"]:
            end_s = self.returned("do-step", found["last-successful-time"], time_s, end_s)
        return Stepped(end_s, found["event-handling-needed"], found["terminate-simulation"])

    def enter_event_mode(self) -> None:
        self.judge(self._status("enter-event-mode"), "enter-event-mode")

    def leave_event_mode(self, *, stepping: bool) -> None:
        call = "enter-step-mode" if stepping else "enter-continuous-time-mode"
        self.judge(self._status(call), call)

    def update(self) -> Event:
        found = self._asked("update-discrete-states")
        return Event(
            found["new-discrete-states-needed"],
            found["terminate-simulation"],
            found["nominals-of-continuous-states-changed"],
            found["values-of-continuous-states-changed"],
            found["next-event-time"] if found["next-event-time-defined"] else None,
        )

    def intervals(self, references: list[int]) -> list[float | None]:
        """Intervals of clocks that say anew when they tick, s; None of those that do not now."""
        found = self._asked("get-interval-decimal", references)
        return [seconds if kind == "interval-changed" else None for seconds, kind in found]

    def counts(self) -> tuple[int, int]:
        """How many continuous states and event indicators there are now."""
        states, indicators = (
            int(self._asked(f"get-number-of-{what}")) for what in ("continuous-states", "event-indicators")
        )
        return states, indicators

    def completed_step(self) -> tuple[bool, bool]:
        found = self._asked("completed-integrator-step", True)
        return found["enter-event-mode"], found["terminate-simulation"]

    def state(self, call: str, *arguments: Any) -> Any:
        """Kept states are bytes here from the beginning: what C has as an address is a number of ours."""
        first = arguments[0]
        if call == "get":
            found = self._asked("get-fmu-state")
            first._obj.value = self._keep(np.asarray(found).astype(np.uint8).tobytes())
        elif call == "set":
            self.judge(self._status("set-fmu-state", self._states[first.value]), "set-fmu-state")
        elif call == "free":
            self._states.pop(first._obj.value, None)
        elif call == "size":
            arguments[1]._obj.value = len(self._states[first.value])
        elif call == "serialise":
            ctypes.memmove(arguments[1], self._states[first.value], arguments[2])
        else:
            arguments[2]._obj.value = self._keep(bytes(first[: arguments[1]]))
        return OK

    def _keep(self, state: bytes) -> int:
        self._numbers += 1
        self._states[self._numbers] = state
        return self._numbers


def _array(at: Any, count: int, dtype: np.dtype[Any]) -> np.ndarray:
    """Numbers that lie at an address of this process."""
    if count == 0:
        return np.zeros(0, dtype)
    address = at if isinstance(at, int) else ctypes.cast(at, ctypes.c_void_p).value or 0
    return np.frombuffer(memoryview((ctypes.c_char * (count * dtype.itemsize)).from_address(address)).cast("B"), dtype)


def _vector(at: Any, count: int) -> np.ndarray:
    return _array(at, count, np.dtype(np.float64))
