"""WebAssembly components for the tests: a core module compiled from C, wrapped by component text written here.

Types of the interface are written here a second time, in the text format of components and with the standard's names, so that
what covolt expects is held against something that was not made from it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from wasmtime import wat2wasm

HERE = Path(__file__).parent
MODES = ("co-simulation", "model-exchange")

STATUS = '(enum "ok" "warning" "discard" "error" "fatal")'
NAMED = {
    "status": STATUS,
    "interval-qualifier": '(enum "interval-not-yet-known" "interval-unchanged" "interval-changed")',
    "dependency-kind": '(enum "dependent" "constant" "fixed" "tunable" "discrete")',
    "value-reference": "u32",
    "fmu-state": "(list u8)",
    "interval-fraction": '(record (field "counter" u64) (field "resolution" u64))',
    "variable-dependency": '(record (field "dependent-value-reference" $value-reference) '
    '(field "element-index-of-dependent" u32) (field "independent-value-reference" $value-reference) '
    '(field "element-index-of-independent" u32) (field "kind" $dependency-kind))',
    "discrete-states-info": '(record (field "new-discrete-states-needed" bool) (field "terminate-simulation" bool) '
    '(field "nominals-of-continuous-states-changed" bool) (field "values-of-continuous-states-changed" bool) '
    '(field "next-event-time-defined" bool) (field "next-event-time" f64))',
}
OWN = {
    "co-simulation": {
        "do-step-result": '(record (field "last-successful-time" f64) (field "event-handling-needed" bool) '
        '(field "terminate-simulation" bool) (field "early-return" bool))'
    },
    "model-exchange": {
        "completed-step-result": '(record (field "enter-event-mode" bool) (field "terminate-simulation" bool))'
    },
}

REFERENCES = "(list $value-reference)"
KINDS = {
    "float32": "f32",
    "float64": "f64",
    "int8": "s8",
    "int16": "s16",
    "int32": "s32",
    "int64": "s64",
    "uint8": "u8",
    "uint16": "u16",
    "uint32": "u32",
    "uint64": "u64",
    "boolean": "bool",
    "string": "string",
    "binary": "(list u8)",
    "clock": "bool",
}


def either(kind: str) -> str:
    return f"(result {kind} (error $status))"


def shared() -> dict[str, tuple[tuple[str, ...], str]]:
    """Methods that both modes have: parameters after the instance, and the result."""
    plain = ((), "$status")
    found: dict[str, tuple[tuple[str, ...], str]] = {
        "set-debug-logging": (("bool", "(list string)"), "$status"),
        "enter-initialization-mode": (("(option f64)", "f64", "(option f64)"), "$status"),
        "exit-initialization-mode": plain,
        "enter-event-mode": plain,
        "terminate": plain,
        "reset": plain,
        "enter-configuration-mode": plain,
        "exit-configuration-mode": plain,
        "evaluate-discrete-states": plain,
        "update-discrete-states": ((), either("$discrete-states-info")),
        "get-number-of-variable-dependencies": (("$value-reference",), either("u64")),
        "get-variable-dependencies": (("$value-reference",), either("(list $variable-dependency)")),
        "get-fmu-state": ((), either("$fmu-state")),
        "set-fmu-state": (("$fmu-state",), "$status"),
        "get-directional-derivative": ((REFERENCES, REFERENCES, "(list f64)"), either("(list f64)")),
        "get-adjoint-derivative": ((REFERENCES, REFERENCES, "(list f64)"), either("(list f64)")),
        "get-interval-decimal": ((REFERENCES,), either("(list (tuple f64 $interval-qualifier))")),
        "get-interval-fraction": ((REFERENCES,), either("(list (tuple $interval-fraction $interval-qualifier))")),
        "get-shift-decimal": ((REFERENCES,), either("(list f64)")),
        "get-shift-fraction": ((REFERENCES,), either("(list $interval-fraction)")),
        "set-interval-decimal": ((REFERENCES, "(list f64)"), "$status"),
        "set-interval-fraction": ((REFERENCES, "(list $interval-fraction)"), "$status"),
        "set-shift-decimal": ((REFERENCES, "(list f64)"), "$status"),
        "set-shift-fraction": ((REFERENCES, "(list $interval-fraction)"), "$status"),
    }
    for kind, element in KINDS.items():
        found[f"get-{kind}"] = ((REFERENCES,), either(f"(list {element})"))
        found[f"set-{kind}"] = ((REFERENCES, f"(list {element})"), "$status")
    return found


def methods(mode: str) -> dict[str, tuple[tuple[str, ...], str]]:
    plain = ((), "$status")
    vector = ((), either("(list f64)"))
    if mode == "co-simulation":
        pairs = "(list (tuple $value-reference u32))"
        return shared() | {
            "enter-step-mode": plain,
            "set-input-derivatives": ((pairs, "(list f64)"), "$status"),
            "get-output-derivatives": ((pairs,), either("(list f64)")),
            "do-step": (("f64", "f64", "bool"), either("$do-step-result")),
        }
    return shared() | {
        "enter-continuous-time-mode": plain,
        "set-time": (("f64",), "$status"),
        "set-continuous-states": (("(list f64)",), "$status"),
        "get-continuous-state-derivatives": vector,
        "get-event-indicators": vector,
        "get-continuous-states": vector,
        "get-nominals-of-continuous-states": vector,
        "get-number-of-event-indicators": ((), either("u64")),
        "get-number-of-continuous-states": ((), either("u64")),
        "completed-integrator-step": (("bool",), either("$completed-step-result")),
    }


LIBRARY = """
(core module $library-module
  (memory (export "memory") 160)
  (global $top (mut i32) (i32.const 1048576))
  (func $realloc (export "realloc") (param $old i32) (param $was i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 15)) (i32.const -16)))
    (if (i32.gt_u (i32.add (local.get $at) (local.get $size)) (i32.const 2097152))
      (then (local.set $at (i32.const 1048576))))
    (global.set $top (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "dtor") (param $self i32)
    (if (i32.eq (i32.load (i32.const 2097152)) (i32.const 1)) (then (loop $for-ever (br $for-ever))))))
(core instance $library (instantiate $library-module))
(alias core export $library "memory" (core memory $memory))
(alias core export $library "realloc" (core func $realloc))
(alias core export $library "dtor" (core func $dtor))
"""
"""Memory: the compiled module's own below 1 MiB, above it a ring for what is handed over, and a word that the destructor obeys.
"""

MEMORY = "(memory $memory) (realloc $realloc)"


def imports() -> str:
    types = "".join(
        f'(type ${name}-1 {kind}) (export "{name}" (type ${name} (eq ${name}-1)))\n' for name, kind in NAMED.items()
    )
    aliases = "".join(f'(alias export $types "{name}" (type ${name}))\n' for name in NAMED)
    return f"""
(import "fmi:fmi3/types@3.0.0" (instance $types {types}))
{aliases}
(import "fmi:fmi3/callbacks@3.0.0" (instance $callbacks
  (alias outer 1 $status (type $status-1)) (export "status" (type $status (eq $status-1)))
  (export "log-message" (func (param "instance-name" string) (param "status" $status)
    (param "category" string) (param "message" string)))))
(import "fmi:fmi3/resource-dir-callbacks@3.0.0" (instance $resources
  (export "read-file" (func (param "path" string) (result (result (list u8) (error string)))))))
"""


Changed = dict[str, "tuple[tuple[str, ...], str] | None"]
"""Functions that are to be otherwise than in the standard: other parameters and result, or left out."""


def component_text(mode: str, changed: Changed | None = None, extra: str = "") -> str:
    """Component text of a mode; `changed` gives other types to functions, or none, which leaves a function out."""
    resource = f"{mode}-instance"
    making = f"[static]{resource}.instantiate-{mode}"
    making_given = (
        "string",
        "string",
        "bool",
        "bool",
        *(("bool", "bool", REFERENCES) if mode == "co-simulation" else ()),
    )
    functions: dict[str, tuple[tuple[str, ...], str]] = {making: (making_given, "(option (own $instance))")}
    for name, (given, result) in methods(mode).items():
        functions[f"[method]{resource}.{name}"] = (("(borrow $instance)", *given), result)
    for name, kind in (changed or {}).items():
        full = f"[method]{resource}.{name}"
        if kind is None:
            del functions[full]
        else:
            functions[full] = (("(borrow $instance)", *kind[0]), kind[1])
    own = "".join(f"(type ${name} {kind})\n" for name, kind in OWN[mode].items())
    names = (*NAMED, *OWN[mode])
    kinds = NAMED | OWN[mode]
    lifted, taken, handed, offered = [], [], [], []
    for index, (name, (given, result)) in enumerate(functions.items()):
        labels = ["self", "a", "b", "c", "d", "e", "f"] if "[method]" in name else ["a", "b", "c", "d", "e", "f", "g"]
        written = " ".join(f'(param "{label}" {kind})' for label, kind in zip(labels, given, strict=False))
        written += f" (result {result})"
        outside = re.sub(r"\$([a-z-]+)", r"$\1-out", written)
        lifted.append(f'(alias core export $main "{name.rpartition(".")[2]}" (core func $c{index}))')
        lifted.append(f"(func $f{index} {written} (canon lift (core func $c{index}) {MEMORY} string-encoding=utf8))")
        taken.append(f'(import "take-{index}" (func $f{index} {written}))')
        handed.append(f'(with "take-{index}" (func $f{index}))')
        offered.append(f'(export "{name}" (func $f{index}) (func {outside}))')
    lines = "\n".join
    return f"""(component
{imports()}
{LIBRARY}
(type $instance (resource (rep i32) (dtor $dtor)))
{own}
(alias export $callbacks "log-message" (func $log-message))
(alias export $resources "read-file" (func $read))
(core func $new (canon resource.new $instance))
(core func $log (canon lower (func $log-message) {MEMORY} string-encoding=utf8))
(core func $read-file (canon lower (func $read) {MEMORY} string-encoding=utf8))
(core module)
(core instance $main (instantiate 1
  (with "env" (instance (export "memory" (memory $memory))))
  (with "host" (instance (export "new" (func $new)) (export "log" (func $log)) (export "read-file" (func $read-file))))))
{lines(lifted)}
(component $offering
  (import "resource" (type $instance (sub resource)))
  {lines(f'(type ${name}-1 {kinds[name]}) (import "type-{name}" (type ${name} (eq ${name}-1)))' for name in names)}
  {lines(taken)}
  (export $instance-out "{resource}" (type $instance))
  {lines(f'(export ${name}-out "{name}" (type ${name}))' for name in names)}
  {lines(offered)})
(instance $offered (instantiate $offering
  (with "resource" (type $instance))
  {lines(f'(with "type-{name}" (type ${name}))' for name in names)}
  {lines(handed)}))
(export "fmi:fmi3/{mode}@3.0.0" (instance $offered))
{extra}
)"""


@cache
def compiled(source: str, *defines: str) -> bytes:
    """The core module of a C file beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "core.wasm"
        command = [
            sys.executable,
            "-m",
            "ziglang",
            "cc",
            "-target",
            "wasm32-freestanding",
            "-O2",
            "-nostdlib",
            "-Wl,--strip-all",
        ]
        linker = ["-Wl,--no-entry", "-Wl,-z,stack-size=65536", "-Wl,--import-memory", "-Wl,--initial-memory=10485760"]
        subprocess.run(
            [*command, *linker, *(f"-D{one}" for one in defines), str(HERE / source), "-o", str(out)], check=True
        )
        return out.read_bytes()


def component(source: str, mode: str, *defines: str, changed: Changed | None = None) -> bytes:
    """A component of a mode whose functions are those of a C file."""
    wrapped = bytes(wat2wasm(component_text(mode, changed)))
    empty = bytes([1, 8]) + b"\0asm\1\0\0\0"
    assert wrapped.count(empty) == 1
    module = compiled(source, *defines)
    return wrapped.replace(empty, bytes([1]) + leb(len(module)) + module)


def leb(value: int) -> bytes:
    """A number as WebAssembly writes it: seven bits a byte, the last without its high bit."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
