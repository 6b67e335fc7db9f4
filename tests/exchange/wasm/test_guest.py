"""A component is bounded in time, instructions and memory, and sees nothing but its callbacks and its resources."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from wasmtime import Engine, Store, WasmtimeError, wat2wasm
from wasmtime import component as wit

from covolt.errors import ComponentFailed, InputError, Problem
from covolt.exchange.wasm import Bounds, Guest
from covolt.exchange.wasm.host import MESSAGES, Host
from covolt.exchange.wasm.interface import Mode
from covolt.exchange.wasm.values import Refused
from tests.exchange.wasm.building import STATUS, component, either

LOOP, EAT, TRAP, DEEP, WRONG_STATUS, LOOP_IN_DTOR, FLOOD, HUGE_LIST = 1, 2, 4, 13, 15, 10, 11, 17
ARGUMENTS: dict[Mode, list[Any]] = {
    "co-simulation": ["lag", "{ok}", False, True, False, False, []],
    "model-exchange": ["lag", "{ok}", False, True],
}
DEFINES: dict[Mode, tuple[str, ...]] = {"co-simulation": (), "model-exchange": ("MODEL_EXCHANGE",)}


class Shelf:
    """Resources that are one text."""

    def read(self, path: str) -> bytes:
        if path == "fault":
            raise RuntimeError
        if path != "data.txt":
            raise InputError(Problem(f"there is no {path} in resources"))
        return bytes(range(256))


def guest(mode: Mode = "co-simulation", *, wrong: int = 0, **bounds: Any) -> Guest:
    """The lag, made and told what to do wrong."""
    one = Guest(component("lag.c", mode, *DEFINES[mode]), "lag", mode, Bounds(**bounds), Shelf())
    assert one.begin(ARGUMENTS[mode])
    assert one.call("set-int32", [15], [wrong]) == "ok"
    return one


def failure(one: Guest, *call: Any) -> str:
    with pytest.raises(ComponentFailed) as told:
        one.call(*call)
    one.close()
    return str(told.value)


def test_lag_steps_as_its_equation() -> None:
    one = guest()
    assert one.call("enter-initialization-mode", None, 0.0, 10.0) == "ok"
    assert one.call("set-float64", [1, 3], [5.0, 0.5]) == "ok"
    assert one.call("exit-initialization-mode") == "ok"
    stepped = one.call("do-step", 0.0, 0.25, True)
    assert stepped == {
        "last-successful-time": 0.25,
        "event-handling-needed": False,
        "terminate-simulation": False,
        "early-return": False,
    }
    assert one.call("get-float64", [2]) == pytest.approx([5.0 * (1.0 - np.exp(-0.5))], rel=1e-14)
    one.close()


@pytest.mark.parametrize(
    ("kind", "reference", "values"),
    [
        ("int64", 9, [-(2**63)]),
        ("int64", 9, [2**63 - 1]),
        ("uint64", 5, [2]),
        ("boolean", 8, [True]),
        ("string", 10, ["Напряжение, В\0end"]),
        ("string", 10, [""]),
        ("clock", 13, [True]),
    ],
)
def test_values_of_every_kind_come_back_whole(kind: str, reference: int, values: Sequence[Any]) -> None:
    one = guest()
    assert one.call(f"set-{kind}", [reference], values) == "ok"
    assert list(one.call(f"get-{kind}", [reference])) == list(values)
    one.close()


def test_bytes_come_back_whole() -> None:
    one = guest()
    sent = bytes(range(256)) * 100
    assert one.call("set-binary", [11], [sent]) == "ok"
    (echoed,) = one.call("get-binary", [12])
    assert bytes(echoed) == sent
    one.close()


def test_refused_result_is_its_status_and_the_component_goes_on() -> None:
    one = guest()
    refused = one.call("get-float64", [99])
    assert isinstance(refused, Refused)
    assert refused.status == "error"
    for _ in range(50):
        assert list(one.call("get-float64", [1])) == [0.0]
        assert isinstance(one.call("get-float64", [99]), Refused)
    one.close()


def test_wrong_token_makes_no_instance_and_says_why() -> None:
    one = Guest(component("lag.c", "co-simulation"), "lag", "co-simulation", Bounds(), Shelf())
    assert not one.begin(["lag", "{other}", *ARGUMENTS["co-simulation"][2:]])
    assert list(one.host.messages) == ["error: the token is not mine"]
    one.close()


@pytest.mark.parametrize("mode", ["co-simulation", "model-exchange"])
def test_call_that_never_returns_is_ended_by_its_deadline(mode: Mode) -> None:
    one = guest(mode, wrong=LOOP, deadline_s=0.2)
    one.now_s = 1.5
    call = ("do-step", 1.5, 0.1, True) if mode == "co-simulation" else ("get-continuous-state-derivatives",)
    if mode == "model-exchange":
        one.call("set-time", 1.5)
    began_s = time.monotonic()
    told = failure(one, *call)
    assert f"lag, {call[0]} at 1.5 s: did not return within its deadline of 0.2 s" in told
    assert 0.15 < time.monotonic() - began_s < 5.0


def test_instructions_of_a_call_are_bounded() -> None:
    assert "used up the 10000000 instructions" in failure(
        guest(wrong=LOOP, deadline_s=60.0, fuel=10_000_000), "do-step", 0.0, 0.1, True
    )


def test_memory_is_bounded() -> None:
    told = failure(guest(wrong=EAT, memory_bytes=20 * 2**20), "do-step", 0.0, 0.1, True)
    assert "ended itself" in told
    assert "its 20 MiB of memory" in told
    small = Guest(component("lag.c", "co-simulation"), "lag", "co-simulation", Bounds(memory_bytes=2**20), Shelf())
    with pytest.raises(ComponentFailed, match="asks for more than its 1 MiB of memory"):
        small.begin(ARGUMENTS["co-simulation"])
    small.close()


@pytest.mark.parametrize(
    ("wrong", "said"), [(TRAP, "ended itself"), (DEEP, "ended itself"), (WRONG_STATUS, "discriminant 77 out of range")]
)
def test_what_ends_itself_is_named(wrong: int, said: str) -> None:
    assert said in failure(guest(wrong=wrong), "do-step", 0.0, 0.1, True)


def test_flood_of_data_is_refused_before_there_is_room_for_it() -> None:
    assert "more data in one call" in failure(guest(wrong=HUGE_LIST), "get-boolean", [8])


def test_after_a_failure_only_a_new_start_helps() -> None:
    one = guest(wrong=TRAP)
    with pytest.raises(ComponentFailed):
        one.call("do-step", 0.0, 0.1, True)
    with pytest.raises(ComponentFailed, match="not running since an earlier call failed"):
        one.call("get-float64", [1])
    assert one.begin(ARGUMENTS["co-simulation"])
    assert list(one.call("get-float64", [1])) == [0.0]
    one.close()
    one.close()


def test_letting_go_has_a_deadline_too() -> None:
    one = guest(wrong=LOOP_IN_DTOR, deadline_s=0.2)
    with pytest.raises(ComponentFailed, match="drop: did not return"):
        one.close()
    one.close()


def test_messages_are_kept_within_bounds() -> None:
    one = guest(wrong=FLOOD, deadline_s=60.0)
    one.call("do-step", 0.0, 0.1, True)
    assert one.host.message_count == 5001
    assert list(one.host.messages) == ["ok: again"] * MESSAGES
    one.close()


@pytest.mark.parametrize(
    ("path", "read"), [("data.txt", bytes(range(256))), ("../modelDescription.xml", b""), ("fault", b"")]
)
def test_component_reads_its_resources_and_no_more(path: str, read: bytes) -> None:
    one = guest()
    one.call("set-string", [17], [path])
    one.call("enter-initialization-mode", None, 0.0, None)
    one.call("exit-initialization-mode")
    (got,) = one.call("get-binary", [16])
    if read:
        assert bytes(got) == read
    else:
        assert list(one.host.messages)[-1] == "warning: the host did not let it be read"
    one.close()


@pytest.mark.parametrize("mode", ["co-simulation", "model-exchange"])
def test_missing_and_changed_functions_are_all_named_with_both_types(mode: Mode) -> None:
    content = component("lag.c", mode, *DEFINES[mode], changed={"get-float64": None, "set-float64": None})
    with pytest.raises(InputError) as told:
        Guest(content, "lag", mode, Bounds(), Shelf())
    assert [f"[method]{mode}-instance.{name}" in str(told.value) for name in ("get-float64", "set-float64")] == [
        True
    ] * 2


def test_changed_function_is_named_with_both_types() -> None:
    content = component(
        "lag.c", "co-simulation", changed={"do-step": (("f64", "f64", "u32"), either("$do-step-result"))}
    )
    with pytest.raises(InputError) as told:
        Guest(content, "lag", "co-simulation", Bounds(), Shelf())
    assert (
        "[method]co-simulation-instance.do-step of the component is (borrow<resource>, f64, f64, u32) -> "
        "result<do-step-result, status>; the standard has (borrow<resource>, f64, f64, bool) -> result<do-step-result, status>"
    ) in str(told.value)


def test_function_that_covolt_never_calls_may_be_missing_and_is_told() -> None:
    one = Guest(
        component("lag.c", "co-simulation", changed={"get-shift-decimal": None}),
        "lag",
        "co-simulation",
        Bounds(),
        Shelf(),
    )
    assert ["get-shift-decimal" in problem.what for problem in one.differing] == [True]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bytes(wat2wasm("(module)")), "a WebAssembly module, not a component"),
        (b"(component)", "no WebAssembly"),
        (b"", "no WebAssembly"),
        (bytes(wat2wasm("(component)"))[:-1], "no WebAssembly"),
        (b"\0asm\x0d\0\1\0\xff\xff", "no WebAssembly component"),
        (bytes(wat2wasm("(component)")), "it offers no interface"),
    ],
)
def test_what_is_no_such_component_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Guest(content, "thing.fmu", "co-simulation", Bounds(), Shelf())


def test_component_of_the_other_mode_says_what_it_offers() -> None:
    with pytest.raises(InputError, match=r"it offers fmi:fmi3/model-exchange@3\.0\.0"):
        Guest(component("lag.c", "model-exchange", "MODEL_EXCHANGE"), "lag", "co-simulation", Bounds(), Shelf())


SYSTEM = """(component
  (import "wasi:io/error@0.2.6" (instance $errors (export "error" (type (sub resource)))))
  (alias export $errors "error" (type $error))
  (import "wasi:io/streams@0.2.6" (instance $streams
    (export "output-stream" (type $out (sub resource)))
    (alias outer 1 $error (type $error-1)) (export "error" (type $error-2 (eq $error-1)))
    (type $why-1 (variant (case "last-operation-failed" (own $error-2)) (case "closed")))
    (export "stream-error" (type $why (eq $why-1)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $why)))))
    (export "[method]output-stream.check-write" (func (param "self" (borrow $out)) (result (result u64 (error $why)))))))
  (alias export $streams "output-stream" (type $out))
  (import "wasi:cli/stderr@0.2.6" (instance $stderr
    (alias outer 1 $out (type $out-1)) (export "output-stream" (type $out-2 (eq $out-1)))
    (export "get-stderr" (func (result (own $out-2))))))
  (import "wasi:cli/environment@0.2.6" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (import "wasi:random/random@0.2.6" (instance $random (export "get-random-u64" (func (result u64)))))
  (import "wasi:clocks/monotonic-clock@0.2.6" (instance $clock (export "now" (func (result u64)))))
  (import "wasi:sockets/instance-network@0.2.6" (instance $network (export "open" (func (result u32)))))
  (alias export $random "get-random-u64" (func $get-random))
  (alias export $clock "now" (func $now))
  (alias export $network "open" (func $open))
  (alias export $stderr "get-stderr" (func $get-stderr))
  (alias export $environment "get-environment" (func $get-environment))
  (alias export $streams "[method]output-stream.blocking-write-and-flush" (func $write))
  (alias export $streams "[method]output-stream.check-write" (func $check))
  (core module $library (memory (export "memory") 1) (data (i32.const 64) "hello\\nworld\\n")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $lib (instantiate $library))
  (alias core export $lib "memory" (core memory $memory))
  (alias core export $lib "realloc" (core func $realloc))
  (core func $c-random (canon lower (func $get-random)))
  (core func $c-now (canon lower (func $now)))
  (core func $c-open (canon lower (func $open)))
  (core func $c-stderr (canon lower (func $get-stderr)))
  (core func $c-environment (canon lower (func $get-environment) (memory $memory) (realloc $realloc)))
  (core func $c-write (canon lower (func $write) (memory $memory) (realloc $realloc)))
  (core func $c-check (canon lower (func $check) (memory $memory) (realloc $realloc)))
  (core module $main
    (import "h" "random" (func $random (result i64))) (import "h" "now" (func $now (result i64)))
    (import "h" "open" (func $open (result i32))) (import "h" "stderr" (func $stderr (result i32)))
    (import "h" "environment" (func $environment (param i32)))
    (import "h" "write" (func $write (param i32 i32 i32 i32))) (import "h" "check" (func $check (param i32 i32)))
    (import "h" "memory" (memory 1))
    (func (export "random") (result i64) (call $random))
    (func (export "now") (result i64) (call $now))
    (func (export "open") (result i32) (call $open))
    (func (export "environment") (result i32) (call $environment (i32.const 32)) (i32.load (i32.const 36)))
    (func (export "write") (result i64) (local $to i32)
      (local.set $to (call $stderr))
      (call $check (local.get $to) (i32.const 0))
      (call $write (local.get $to) (i32.const 64) (i32.const 12) (i32.const 16))
      (i64.load (i32.const 8))))
  (core instance $run (instantiate $main (with "h" (instance
    (export "random" (func $c-random)) (export "now" (func $c-now)) (export "open" (func $c-open))
    (export "stderr" (func $c-stderr)) (export "environment" (func $c-environment)) (export "write" (func $c-write))
    (export "check" (func $c-check)) (export "memory" (memory $memory))))))
  (alias core export $run "random" (core func $r-random)) (alias core export $run "now" (core func $r-now))
  (alias core export $run "open" (core func $r-open)) (alias core export $run "environment" (core func $r-environment))
  (alias core export $run "write" (core func $r-write))
  (func (export "random") (result u64) (canon lift (core func $r-random)))
  (func (export "now") (result u64) (canon lift (core func $r-now)))
  (func (export "open") (result u32) (canon lift (core func $r-open)))
  (func (export "environment") (result u32) (canon lift (core func $r-environment)))
  (func (export "write") (result u64) (canon lift (core func $r-write))))
"""
"""A component that uses the system interfaces as toolchains write them."""


class System:
    """One component with nothing but a host."""

    def __init__(self, text: str) -> None:
        engine = Engine()
        self.store, self.host = Store(engine), Host(Shelf())
        made, linker = wit.Component(engine, bytes(wat2wasm(text))), wit.Linker(engine)
        self.host.offer(linker, made, engine)
        self.instance = linker.instantiate(self.store, made)

    def __call__(self, name: str) -> Any:
        function = self.instance.get_func(self.store, name)
        assert function is not None
        return function(self.store)


def test_system_has_no_variables_and_always_begins_alike() -> None:
    first, again = System(SYSTEM), System(SYSTEM)
    assert first("environment") == 0
    assert [first("random") for _ in range(3)] == [again("random") for _ in range(3)]
    assert [first("now"), first("now")] == [again("now"), again("now")] == [1, 2]


def test_what_is_written_becomes_messages() -> None:
    one = System(SYSTEM)
    assert one("write") == 4096
    assert list(one.host.messages) == ["written: hello", "written: world"]


def test_what_is_not_given_ends_the_call_by_its_name() -> None:
    one = System(SYSTEM)
    with pytest.raises(WasmtimeError):
        one("open")
    assert str(one.host.reason) == "asked for wasi:sockets/instance-network@0.2.6 open, which covolt does not give"


def test_system_function_of_other_types_ends_the_call() -> None:
    one = System("""(component
      (import "wasi:clocks/wall-clock@0.9.0" (instance $clock
        (type $other-1 (record (field "days" u64))) (export "other" (type $other (eq $other-1)))
        (export "now" (func (result $other)))))
      (alias export $clock "now" (func $now))
      (core func $c-now (canon lower (func $now)))
      (core module $main (import "h" "now" (func $now (result i64))) (func (export "now") (result i64) (call $now)))
      (core instance $run (instantiate $main (with "h" (instance (export "now" (func $c-now))))))
      (alias core export $run "now" (core func $r-now))
      (func (export "now") (result u64) (canon lift (core func $r-now))))""")
    for _ in range(2):
        with pytest.raises(WasmtimeError):
            one("now")
    assert str(one.host.reason) == "asked for wasi:clocks/wall-clock@0.9.0 now, which covolt does not give"


def test_other_callback_is_refused_with_both_types() -> None:
    text = f"""(component (import "fmi:fmi3/callbacks@3.0.0" (instance
      (type $s {STATUS}) (export "status" (type $status (eq $s)))
      (export "log-message" (func (param "status" $status) (param "message" string))) (export "other" (func)))))"""
    with pytest.raises(InputError) as told:
        System(text)
    assert "log-message as (enum{ok, warning, discard, error, fatal}, string); the standard has (string, " in str(
        told.value
    )
    assert "wants other, which the standard does not have" in str(told.value)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A component with some of its bytes that are not 0 turned, cut or doubled."""
    full = [at for at, byte in enumerate(content) if byte]
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = min(chance.choice(full), len(made) - 1)
        way = chance.randrange(4)
        if way == 0:
            made[at] ^= 1 << chance.randrange(8)
        elif way == 1:
            made[at] = chance.randrange(256)
        elif way == 2:
            del made[at : at + chance.randrange(1, 50)]
        else:
            made[at:at] = chance.randbytes(chance.randrange(1, 8))
    return bytes(made)


def test_damaged_components_are_refused_or_run_or_end_and_nothing_else() -> None:
    chance, content = random.Random(20260401), component("lag.c", "co-simulation")
    ends: set[str] = set()
    for _ in range(100):
        one = None
        try:
            one = Guest(damaged(content, chance), "lag", "co-simulation", Bounds(0.5, 64 * 2**20), Shelf())
            one.begin(ARGUMENTS["co-simulation"])
            one.call("do-step", 0.0, 0.1, True)
            one.call("get-float64", [2])
            one.call("get-string", [10])
            ends.add("ran")
        except (InputError, ComponentFailed) as error:
            ends.add(type(error).__name__)
        finally:
            if one is not None:
                with suppress(ComponentFailed):
                    one.close()
    assert {"ran", "InputError"} <= ends
