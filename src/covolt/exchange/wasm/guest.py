"""One component of WebAssembly at work: its fuel, its memory and the time of its calls bounded, and what ended a call named."""

from __future__ import annotations

import ctypes
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from wasmtime import Config, Engine, Store, WasmtimeError
from wasmtime import component as wit

from covolt.errors import ComponentFailed, InputError, Problem
from covolt.exchange.wasm.host import Host, Resources
from covolt.exchange.wasm.interface import Mode, Signature, instances, interface_of, signatures, unlike
from covolt.exchange.wasm.values import Arguments, message_of, raw, taken
from covolt.words import Phrase, joined, text

__all__ = ["Bounds", "Guest"]

TICK_s: Final = 0.01
"""How finely the deadline of a call is kept."""
FUEL_PER_s: Final = 50_000_000_000
"""Instructions that no machine of today runs in a second, so that the deadline comes first where the machine is slow."""
_MEMORIES: Final = 4
_SHOWN: Final = 3
"""How many of its last messages an error shows."""
_GUARD_BYTES: Final = 65_536
"""Behind each memory; wasmtime's own 32 MiB and the 4 GiB of each memory do not fit into a worker's address space."""
_TABLE_ELEMENTS: Final = 1_000_000
_INSTANCES: Final = 1_000


@final
@dataclass(frozen=True)
class Bounds:
    """What a component may use."""

    deadline_s: float = 10.0
    """Of each call."""
    memory_bytes: int = 256 * 2**20
    """Of each of its memories, of which there may be four."""
    fuel: int | None = None
    """Instructions of each call; None gives as many as the deadline has room for."""

    @property
    def fuel_of_a_call(self) -> int:
        return self.fuel if self.fuel is not None else max(1, int(self.deadline_s * FUEL_PER_s))


@final
class Guest:
    """One component, loaded and bounded; its functions are called by their short names, "do-step".

    Nothing that it imports reaches outside (`Host`). It is ended by `close`, after which nothing of it stays.
    """

    def __init__(self, content: bytes, name: str, mode: Mode, bounds: Bounds, resources: Resources) -> None:
        """Compile a component and hold its interface against the standard's.

        Raises:
            InputError: it is no component, or its interface is another one; every function that differs, with both types.
        """
        self.name = name
        self.mode: Final = mode
        self.bounds = bounds
        self.host = Host(resources)
        self.now_s = math.nan
        """The time of which an error tells."""
        self._engine = Engine(_config(bounds))
        _judge(content, name)
        try:
            self._component = wit.Component(self._engine, content)
        except WasmtimeError as error:
            what = text("it is no WebAssembly component: {said}", said=_last(str(error)))
            raise InputError(Problem(what, name, _ANEW)) from None
        exports = instances(self._component.type.exports(self._engine), self._engine)
        self._interface = interface_of(mode, exports, name)
        self._missing = unlike(mode, exports[self._interface], name)
        self._store: Store | None = None
        self._functions: dict[str, _Function] = {}
        self._instance: Any = None
        self._broken = False
        self._ticking: threading.Event | None = None

    @property
    def differing(self) -> tuple[Problem, ...]:
        """Functions of the standard that covolt does not call and this component has not, or has otherwise."""
        return self._missing

    def begin(self, arguments: Sequence[Any]) -> bool:
        """Load it anew, away from all that was before, and make its instance; whether it made one.

        Raises:
            ComponentFailed: it asks for more than its bounds, or for what is not there.
        """
        self.close()
        self._broken = False
        self._tick()
        store = Store(self._engine)
        store.set_limits(
            memory_size=self.bounds.memory_bytes,
            table_elements=_TABLE_ELEMENTS,
            instances=_INSTANCES,
            tables=_INSTANCES,
            memories=_MEMORIES,
        )
        self._store = store
        linker = wit.Linker(self._engine)
        self.host.offer(linker, self._component, self._engine)
        self._arm(store)
        try:
            instance = linker.instantiate(store, self._component)
            index = instance.get_export_index(store, self._interface)
            functions = {
                one.name: self._function(store, instance, index, one) for one in signatures(self.mode) if one.called
            }
            making = next(iter(functions.values()))
            self._instance = making.function(store, *arguments)
        except WasmtimeError as error:
            raise self._failed("instantiate", str(error)) from None
        self._functions = {name.rpartition(".")[2]: one for name, one in functions.items()}
        return self._instance is not None

    def wrong_count(self, call: str, found: int, count: int) -> ComponentFailed:
        """The error of a call that gave another number of values than it was asked for."""
        what = text("gave {found} values where it has {count}", found=found, count=count)
        return ComponentFailed(Problem(what, self.place(call), text("its owner mends it: arrays are given whole")))

    def place(self, call: str) -> Phrase:
        """Where an error of a call is: component, call and time."""
        if math.isnan(self.now_s):
            return text("{name}, {call}", name=self.name, call=call)
        return text("{name}, {call} at {time_s} s", name=self.name, call=call, time_s=self.now_s)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function of the instance; what it gives, `Refused` where its result is a status.

        Raises:
            ComponentFailed: it did not return within its bounds, or ended itself.
        """
        function = self._functions.get(name)
        if function is None or self._store is None or self._broken:
            raise self._failed(name, "")
        self._arm(self._store)
        try:
            return function.called(self._store, (self._instance, *arguments))
        except WasmtimeError as error:
            self._broken = True
            raise self._failed(name, str(error)) from None

    def close(self) -> None:
        """Let the instance go, and all of its memory; twice is no error.

        Raises:
            ComponentFailed: letting go took longer than a call may; it is gone all the same.
        """
        instance, store = self._instance, self._store
        self._instance = None
        self._functions = {}
        try:
            # What has failed is not entered again, not even to let it go.
            if instance is not None and store is not None and not self._broken:
                self._arm(store)
                instance.drop(store)
        except WasmtimeError as error:
            raise self._failed("drop", str(error)) from None
        finally:
            if store is not None:
                store.close()
            self._store = None
            if self._ticking is not None:
                self._ticking.set()
                self._ticking = None

    @staticmethod
    def _function(store: Store, instance: wit.Instance, index: Any, signature: Signature) -> _Function:
        inner = instance.get_export_index(store, signature.name, index)
        return _Function(instance.get_func(store, inner) if inner is not None else None, signature.parameters)

    def _arm(self, store: Store) -> None:
        """Give the next call its fuel and its deadline."""
        self.host.reason = None
        store.set_fuel(self.bounds.fuel_of_a_call)
        store.set_epoch_deadline(max(1, math.ceil(self.bounds.deadline_s / TICK_s)) + 1)

    def _tick(self) -> None:
        """Count time for the engine, until it is closed."""
        stop, engine = threading.Event(), self._engine
        self._ticking = stop

        def count() -> None:
            due_s = time.monotonic()
            while not stop.wait(TICK_s):
                while due_s <= time.monotonic():
                    engine.increment_epoch()
                    due_s += TICK_s

        threading.Thread(target=count, name="covolt-wasm-clock", daemon=True).start()

    def _failed(self, call: str, said: str) -> ComponentFailed:
        what, hint = _ending(said, self.host.reason, self.bounds)
        said_last = "; ".join(list(self.host.messages)[-_SHOWN:]) if said else ""
        if said_last:
            what = joined([what, text("it says: {words}", words=said_last)])
        return ComponentFailed(Problem(what, self.place(call), hint))


@final
class _Function:
    """One function with room for its arguments."""

    def __init__(self, function: Any, kinds: tuple[str, ...]) -> None:
        self.function = function
        self._raw = function._func
        self._arguments = Arguments(kinds)
        self._count = len(kinds)

    def called(self, store: Any, given: Sequence[Any]) -> Any:
        self._arguments.fill(given)
        # A fresh one each time: wasmtime lets go of what it finds in it.
        result = raw.wasmtime_component_val_t()
        error = raw.wasmtime_component_func_call(
            ctypes.byref(self._raw),
            store._context(),
            self._arguments.values,
            self._count,
            ctypes.byref(result),
            1,
        )
        if error:
            raise WasmtimeError(message_of(error))
        try:
            return taken(result)
        finally:
            raw.wasmtime_component_val_delete(ctypes.byref(result))


def _config(bounds: Bounds) -> Config:
    """Fuel and deadline on; what depends on the machine or shares memory off; no more room taken than the bounds allow."""
    config = Config()
    config.consume_fuel = True
    config.epoch_interruption = True
    config.wasm_threads = False
    config.cranelift_nan_canonicalization = True
    config.wasm_relaxed_simd_deterministic = True
    config.memory_reservation = bounds.memory_bytes
    config.memory_reservation_for_growth = 0
    config.memory_guard_size = _GUARD_BYTES
    config.memory_init_cow = False
    return config


def _ending(said: str, reason: Phrase | None, bounds: Bounds) -> tuple[Phrase, Phrase]:
    """What ended a call, and what to do."""
    if reason is not None:
        return reason, text(
            "its owner builds it without this; a component has no file, network, variable or clock here"
        )
    if not said:
        return text("is not running since an earlier call failed"), text("start it anew")
    slow = text("give it a longer deadline if it is only slow; otherwise its owner mends it")
    megabytes = round(bounds.memory_bytes / 2**20)
    full = text("see its messages; it also ends so where its {megabytes} MiB of memory are full", megabytes=megabytes)
    memory = text("asks for more than its {megabytes} MiB of memory", megabytes=megabytes), text("give it more memory")
    itself = text("ended itself: {said}", said=_last(said)), full
    known = {
        "wasm trap: interrupt": (
            text("did not return within its deadline of {deadline_s} s and was ended", deadline_s=bounds.deadline_s),
            slow,
        ),
        "all fuel consumed": (
            text("used up the {fuel} instructions of a call and was ended", fuel=bounds.fuel_of_a_call),
            slow,
        ),
        "exceeds memory limit": memory,
        "too much data": (
            text("gave or took more data in one call than there is room for"),
            text("its owner gives it smaller arrays"),
        ),
        "unreachable": itself,
        "out of bounds": itself,
    }
    other = text("ended: {said}", said=_last(said)), text("its owner mends it")
    return next((told for sign, told in known.items() if sign in said), other)


def _last(said: str) -> str:
    """The last line of what wasmtime says, which is the cause."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return (lines[-1] if lines else said).rpartition("wasm trap: ")[2][:200]


def _judge(content: bytes, name: str) -> None:
    """Refuse what is no component by its first bytes; wasmtime would also take a text for one."""
    if content[:4] != _WASM:
        raise InputError(Problem(text("it is no WebAssembly"), name, _ANEW))
    if content[4:8] == _MODULE:
        hint = text("build it for wasm32-wasip2, or wrap the module as a component")
        raise InputError(Problem(text("it is a WebAssembly module, not a component"), name, hint))


_WASM: Final = b"\0asm"
_MODULE: Final = b"\1\0\0\0"
_ANEW: Final = text("export the FMU anew from its tool")
