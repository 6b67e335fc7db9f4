"""What a component of WebAssembly may call: the callbacks of FMI, files of its resources, and a system of which nothing is real.

    callbacks                 messages are kept, the last of them
    resource-dir-callbacks    reads files of `resources/`, never outside
    wasi                      no file, no network, no variables, no arguments; a clock that only counts its own readings and a
                              random source that always begins alike, so that the same run gives the same bytes
    anything else             ends the call, with the name of what was asked for

Nothing here waits, so that the deadline of a call holds whatever it asks for.
"""

from __future__ import annotations

import ctypes
import random
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol, cast, final

from wasmtime import Engine, StoreContext, WasmtimeError
from wasmtime import component as wit

from covolt.errors import InputError, Problem
from covolt.exchange.wasm.interface import Exports, instances, written
from covolt.exchange.wasm.values import give_bytes, message_of, raw, taken
from covolt.words import Phrase, text

__all__ = ["MESSAGES", "Host", "Resources"]

MESSAGES: Final = 200
"""How many messages of a component are kept: the last."""
_MESSAGE_SIGNS: Final = 1000
_RANDOM_BYTES: Final = 65_536
_ROOM_BYTES: Final = 4096
_PACKAGE: Final = "fmi:fmi3/"
_FILES: Final = "fmi:fmi3/resource-dir-callbacks@"

_STATUS: Final = "enum{ok, warning, discard, error, fatal}"
_TYPES: Final[Mapping[str, str]] = {
    "callbacks/log-message": f"(string, {_STATUS}, string, string)",
    "callbacks/clock-update": "()",
    "callbacks/lock-preemption": "()",
    "callbacks/unlock-preemption": "()",
    "intermediate-update-callbacks/intermediate-update": "(f64, bool, bool, bool, bool) -> tuple<bool, f64>",
    "resource-dir-callbacks/read-file": "(string) -> result<list<u8>, string>",
}
"""Callbacks of the standard with their types."""


class Resources(Protocol):
    """Files of the folder `resources/` of an FMU."""

    def read(self, path: str) -> bytes:
        """The bytes of a file by its path inside the folder.

        Raises:
            InputError: there is no such file, or the path leads outside.
        """
        ...


@final
class Host:
    """The other side of a component; one for each."""

    def __init__(self, resources: Resources) -> None:
        self.messages: deque[str] = deque(maxlen=MESSAGES)
        """The last messages, "error: it does not converge"."""
        self.message_count = 0
        self.reason: Phrase | None = None
        """Why the call that is running has to end, where the component asked for what is not there."""
        self.heard: Callable[[str, str, str], None] = lambda *_: None
        """Told of each message: status, category, text."""
        self._resources = resources
        self._clock_ns = 0
        self._begun = b""
        self._random = random.Random(0)
        self._kinds: dict[str, wit.ResourceType] = {}
        self._numbers: dict[str, int] = {}
        self._reading = raw.wasmtime_component_func_callback_t(self._read)

    def offer(self, linker: wit.Linker, component: wit.Component, engine: Engine) -> None:
        """Give a linker all that a component takes.

        Raises:
            InputError: a callback of FMI has another type than the standard's.
        """
        self._random.seed(0)
        self._clock_ns = 0
        wanted = component.type.imports(engine)
        groups = instances(wanted, engine)
        problems = [one for name, exports in groups.items() for one in _other_callbacks(name, exports)]
        if problems:
            raise InputError(problems)
        with linker.root() as root:
            for name, exports in groups.items():
                with root.add_instance(name) as into:
                    self._offer_all(into, name, exports)
            for name, one in wanted.items():
                if isinstance(one.ty, wit.FuncType):
                    root.add_func(name, self._refusing(name))

    def _offer_all(self, into: wit.LinkerInstance, name: str, exports: Exports) -> None:
        for inner, kind in exports.items():
            if isinstance(kind, wit.ResourceType):
                into.add_resource(inner, self._resource(inner), lambda *_: None)
            elif name.startswith(_FILES) and inner == "read-file":
                self._offer_files(into)
            elif isinstance(kind, wit.FuncType):
                into.add_func(inner, self._function(name, inner, kind))

    def _offer_files(self, into: wit.LinkerInstance) -> None:
        """`read-file` at the level of the C interface: its bytes would be one Python object each otherwise."""
        name = b"read-file"
        nothing = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(0)
        error = raw.wasmtime_component_linker_instance_add_func(
            into.ptr(), ctypes.create_string_buffer(name), len(name), self._reading, None, nothing
        )
        if error:
            raise WasmtimeError(message_of(error))

    def _resource(self, name: str) -> wit.ResourceType:
        """One kind of resource for each name, whichever interface mentions it."""
        if name not in self._kinds:
            self._numbers[name] = len(self._numbers) + 1
            self._kinds[name] = wit.ResourceType.host(self._numbers[name])
        return self._kinds[name]

    def _own(self, name: str) -> wit.ResourceHost:
        self._resource(name)
        return wit.ResourceHost.own(1, self._numbers[name])

    def _function(self, interface: str, name: str, kind: wit.FuncType) -> Callable[..., Any]:
        place = interface.partition("@")[0]
        answer = self._fmi(place, name) if place.startswith(_PACKAGE) else self._system(f"{place}/{name}")
        if answer is None:
            return self._refusing(f"{interface} {name}")
        result = kind.result

        def answered(store: StoreContext, *given: Any) -> Any:
            try:
                return _fitted(answer(*given), result)
            except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
                # The component has it with other types; such an error would else surface in a later call.
                raise self._ended(
                    text("asked for {name}, which covolt does not give", name=f"{interface} {name}")
                ) from None
            finally:
                _let_go(store, given)

        return answered

    def _refusing(self, name: str) -> Callable[..., Any]:
        def refuse(_store: object, *_: object) -> Any:
            raise self._ended(text("asked for {name}, which covolt does not give", name=name))

        return refuse

    def _ended(self, reason: Phrase) -> WasmtimeError:
        self.reason = reason
        return WasmtimeError(str(reason))

    def _fmi(self, place: str, name: str) -> Callable[..., Any] | None:
        answers: Mapping[str, Callable[..., Any]] = {
            "log-message": self._log,
            "clock-update": lambda: None,
            "lock-preemption": lambda: None,
            "unlock-preemption": lambda: None,
            "intermediate-update": lambda *_: (False, 0.0),
        }
        return answers.get(name) if f"{place.removeprefix(_PACKAGE)}/{name}" in _TYPES else None

    def _log(self, _instance: str, status: str, category: str, message: str) -> None:
        self.message_count += 1
        self.heard(status, category[:_MESSAGE_SIGNS], message[:_MESSAGE_SIGNS])
        self.messages.append(f"{status}: {message[:_MESSAGE_SIGNS]}")

    def _read(self, *given: Any) -> int:
        """A callback of the C interface: the path among its arguments, the bytes or the refusal in its result."""
        arguments, results = given[3], given[5]
        try:
            found: bytes | str = self._resources.read(str(taken(arguments[0])))
        except InputError as error:
            found = str(error.problems[0].what)
        except Exception as error:
            # Nothing may fly through C; the component is told.
            found = type(error).__name__
        give_bytes(results[0], found)
        return 0

    def _system(self, name: str) -> Callable[..., Any] | None:
        """Answers of the system interfaces, of any version; None for those that nothing here answers."""
        answers: Mapping[str, Callable[..., Any]] = {
            "wasi:cli/environment/get-environment": list,
            "wasi:cli/environment/get-arguments": list,
            "wasi:cli/environment/initial-cwd": lambda: None,
            "wasi:cli/exit/exit": lambda *_: self._exit(),
            "wasi:cli/exit/exit-with-code": lambda *_: self._exit(),
            "wasi:cli/stdin/get-stdin": lambda: self._own("input-stream"),
            "wasi:cli/stdout/get-stdout": lambda: self._own("output-stream"),
            "wasi:cli/stderr/get-stderr": lambda: self._own("output-stream"),
            "wasi:cli/terminal-stdin/get-terminal-stdin": lambda: None,
            "wasi:cli/terminal-stdout/get-terminal-stdout": lambda: None,
            "wasi:cli/terminal-stderr/get-terminal-stderr": lambda: None,
            "wasi:clocks/monotonic-clock/now": self._clock,
            "wasi:clocks/monotonic-clock/resolution": lambda: 1,
            "wasi:clocks/monotonic-clock/subscribe-duration": lambda *_: self._own("pollable"),
            "wasi:clocks/monotonic-clock/subscribe-instant": lambda *_: self._own("pollable"),
            "wasi:clocks/wall-clock/now": lambda: {"seconds": 0, "nanoseconds": self._clock() % 10**9},
            "wasi:clocks/wall-clock/resolution": lambda: {"seconds": 0, "nanoseconds": 1},
            "wasi:filesystem/preopens/get-directories": list,
            "wasi:filesystem/types/filesystem-error-code": lambda *_: None,
            "wasi:io/error/[method]error.to-debug-string": lambda *_: "",
            "wasi:io/poll/poll": lambda given: list(range(len(given))),
            "wasi:io/poll/[method]pollable.block": lambda *_: None,
            "wasi:io/poll/[method]pollable.ready": lambda *_: True,
            "wasi:random/random/get-random-bytes": self._random_bytes,
            "wasi:random/random/get-random-u64": lambda: self._random.getrandbits(64),
            "wasi:random/insecure/get-insecure-random-bytes": self._random_bytes,
            "wasi:random/insecure/get-insecure-random-u64": lambda: self._random.getrandbits(64),
            "wasi:random/insecure-seed/insecure-seed": lambda: (0, 0),
        }
        return answers.get(name) or self._stream(name)

    def _stream(self, name: str) -> Callable[..., Any] | None:
        """Streams: what is written becomes messages, what is read has ended."""
        into, out = "wasi:io/streams/[method]output-stream.", "wasi:io/streams/[method]input-stream."
        answers: Mapping[str, Callable[..., Any]] = {
            f"{into}check-write": lambda *_: _Good(_ROOM_BYTES),
            f"{into}write": lambda _stream, content: self._written(content),
            f"{into}blocking-write-and-flush": lambda _stream, content: self._written(content),
            f"{into}flush": lambda *_: _Good(None),
            f"{into}blocking-flush": lambda *_: _Good(None),
            f"{into}subscribe": lambda *_: self._own("pollable"),
            f"{out}read": lambda *_: _Bad(wit.Variant("closed")),
            f"{out}blocking-read": lambda *_: _Bad(wit.Variant("closed")),
            f"{out}subscribe": lambda *_: self._own("pollable"),
        }
        return answers.get(name)

    def _written(self, content: bytes) -> _Good:
        """What a program writes comes in pieces; a message is a line."""
        *lines, self._begun = (self._begun + content[:_ROOM_BYTES]).split(b"\n")
        if len(self._begun) > _MESSAGE_SIGNS:
            lines, self._begun = [*lines, self._begun], b""
        for line in lines:
            self._log("", "written", "", line.decode("utf-8", "replace"))
        return _Good(None)

    def _exit(self) -> None:
        raise self._ended(text("ended its program by itself"))

    def _clock(self) -> int:
        self._clock_ns += 1
        return self._clock_ns

    def _random_bytes(self, count: int) -> bytes:
        if count > _RANDOM_BYTES:
            raise self._ended(text("asked for {count} random bytes at once", count=count))
        return self._random.randbytes(count)


def _let_go(store: StoreContext, given: Iterable[Any]) -> None:
    """Give back the handles that a call lent or gave, which wasmtime counts."""
    for one in given:
        if isinstance(one, wit.ResourceAny):
            one.drop(store)
        elif isinstance(one, list):
            _let_go(store, cast("list[Any]", one))


@final
class _Good:
    """The good side of a result."""

    def __init__(self, payload: object) -> None:
        self.payload = payload


@final
class _Bad:
    """The other side of a result."""

    def __init__(self, payload: object) -> None:
        self.payload = payload


def _fitted(answer: Any, kind: wit.ValType | None) -> Any:
    """An answer in the form in which wasmtime takes values of a type: records as objects, sides of a result named or not."""
    if isinstance(kind, wit.RecordType):
        record = wit.Record()
        for name, _ in kind.fields:
            setattr(record, name, answer[name])
        return record
    if isinstance(kind, wit.ResultType) and isinstance(answer, (_Good, _Bad)):
        side = "ok" if isinstance(answer, _Good) else "err"
        payload = answer.payload
        if isinstance(payload, wit.Variant) and not _named_by_side([one for _, one in _cases(kind.err)]):
            payload = payload.payload
        return wit.Variant(side, payload) if _named_by_side([kind.ok, kind.err]) else payload
    return answer


def _cases(kind: wit.ValType | None) -> Iterable[tuple[str, wit.ValType | None]]:
    return kind.cases if isinstance(kind, wit.VariantType) else ()


def _named_by_side(kinds: Iterable[wit.ValType | None]) -> bool:
    """Whether wasmtime cannot tell these types apart by the classes of their values, and wants each named."""
    seen: set[type] = set()
    for kind in kinds:
        own: set[type] = set()
        if kind is None:
            own.add(object)
        else:
            kind.add_classes(own)
        if own & seen:
            return True
        seen |= own
    return False


def _other_callbacks(interface: str, exports: Exports) -> list[Problem]:
    """Callbacks of FMI that a component wants with another type, or that the standard does not have."""
    place = interface.partition("@")[0]
    if not place.startswith(_PACKAGE):
        return []
    hint = text("build the FMU against the package fmi:fmi3@3.0.0 of FMI-LS-WASM")
    problems: list[Problem] = []
    for name, kind in exports.items():
        if isinstance(kind, wit.FuncType):
            known, found = _TYPES.get(f"{place.removeprefix(_PACKAGE)}/{name}"), written(kind)
            if known is None:
                what = text("the component wants {name}, which the standard does not have", name=name)
                problems.append(Problem(what, interface, hint))
            elif known != found:
                wanted = text("the component wants {name} as {found}", name=name, found=found)
                what = text("{wanted}; the standard has {type}", wanted=wanted, type=known)
                problems.append(Problem(what, interface, hint))
    return problems
