"""The functions that the layered standard FMI-LS-WASM gives a component, with their types, and how those of a component differ.

    fmi:fmi3/common@3.0.0              get-version
    fmi:fmi3/co-simulation@3.0.0       the resource co-simulation-instance and its functions
    fmi:fmi3/model-exchange@3.0.0      the resource model-exchange-instance and its functions

Types are compared by their structure, as the component model does; what a draft calls them does not count. Names of parameters
do not count either, since a call gives them by their place.
Source: Modelica Association, layered standard FMI-LS-WASM, working draft of 2026, WIT package fmi:fmi3@3.0.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, final

from wasmtime import Engine
from wasmtime import component as wit

from covolt.errors import InputError, Problem
from covolt.words import text

__all__ = ["Mode", "Signature", "instances", "interface_of", "resource_of", "signatures", "unlike", "written"]

Mode = Literal["co-simulation", "model-exchange"]

_VERSION: Final = "3.0."
"""Patches of 3.0 keep the same functions."""
_MOST_SHOWN: Final = 300

_NAMED: Final[Mapping[str, str]] = {
    "status": "enum{ok, warning, discard, error, fatal}",
    "interval-qualifier": "enum{interval-not-yet-known, interval-unchanged, interval-changed}",
    "dependency-kind": "enum{dependent, constant, fixed, tunable, discrete}",
    "value-reference": "u32",
    "fmu-state": "list<u8>",
    "interval-fraction": "record{counter: u64, resolution: u64}",
    "variable-dependency": "record{dependent-value-reference: value-reference, element-index-of-dependent: u32, "
    "independent-value-reference: value-reference, element-index-of-independent: u32, kind: dependency-kind}",
    "discrete-states-info": "record{new-discrete-states-needed: bool, terminate-simulation: bool, "
    "nominals-of-continuous-states-changed: bool, values-of-continuous-states-changed: bool, "
    "next-event-time-defined: bool, next-event-time: f64}",
    "do-step-result": "record{last-successful-time: f64, event-handling-needed: bool, terminate-simulation: bool, "
    "early-return: bool}",
    "completed-step-result": "record{enter-event-mode: bool, terminate-simulation: bool}",
}
"""Types by the names that the standard gives them."""

_KINDS: Final[Mapping[str, str]] = {
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
    "binary": "list<u8>",
    "clock": "bool",
}
"""Types of FMI 3 variables as the component model has them."""

_COMMON: Final = """
enter-initialization-mode(option<f64>, f64, option<f64>) -> status
exit-initialization-mode() -> status
enter-event-mode() -> status
terminate() -> status
reset() -> status
enter-configuration-mode() -> status
exit-configuration-mode() -> status
update-discrete-states() -> result<discrete-states-info, status>
get-fmu-state() -> result<fmu-state, status>
set-fmu-state(fmu-state) -> status
get-directional-derivative(list<value-reference>, list<value-reference>, list<f64>) -> result<list<f64>, status>
get-interval-decimal(list<value-reference>) -> result<list<tuple<f64, interval-qualifier>>, status>
"""

_COMMON_UNUSED: Final = """
set-debug-logging(bool, list<string>) -> status
evaluate-discrete-states() -> status
get-number-of-variable-dependencies(value-reference) -> result<u64, status>
get-variable-dependencies(value-reference) -> result<list<variable-dependency>, status>
get-adjoint-derivative(list<value-reference>, list<value-reference>, list<f64>) -> result<list<f64>, status>
get-interval-fraction(list<value-reference>) -> result<list<tuple<interval-fraction, interval-qualifier>>, status>
get-shift-decimal(list<value-reference>) -> result<list<f64>, status>
get-shift-fraction(list<value-reference>) -> result<list<interval-fraction>, status>
set-interval-decimal(list<value-reference>, list<f64>) -> status
set-interval-fraction(list<value-reference>, list<interval-fraction>) -> status
set-shift-decimal(list<value-reference>, list<f64>) -> status
set-shift-fraction(list<value-reference>, list<interval-fraction>) -> status
"""

_CO_SIMULATION: Final = """
enter-step-mode() -> status
do-step(f64, f64, bool) -> result<do-step-result, status>
"""

_CO_SIMULATION_UNUSED: Final = """
set-input-derivatives(list<tuple<value-reference, u32>>, list<f64>) -> status
get-output-derivatives(list<tuple<value-reference, u32>>) -> result<list<f64>, status>
"""

_MODEL_EXCHANGE: Final = """
enter-continuous-time-mode() -> status
set-time(f64) -> status
set-continuous-states(list<f64>) -> status
get-continuous-state-derivatives() -> result<list<f64>, status>
get-event-indicators() -> result<list<f64>, status>
get-continuous-states() -> result<list<f64>, status>
get-nominals-of-continuous-states() -> result<list<f64>, status>
get-number-of-event-indicators() -> result<u64, status>
get-number-of-continuous-states() -> result<u64, status>
completed-integrator-step(bool) -> result<completed-step-result, status>
"""

_MAKING: Final[Mapping[Mode, str]] = {
    "co-simulation": "instantiate-co-simulation(string, string, bool, bool, bool, bool, list<value-reference>) "
    "-> option<own<resource>>",
    "model-exchange": "instantiate-model-exchange(string, string, bool, bool) -> option<own<resource>>",
}


@final
@dataclass(frozen=True)
class Signature:
    """One function: its name in the interface, its type as WIT writes it, and whether covolt calls it."""

    name: str
    type_text: str
    called: bool = True

    @property
    def structure(self) -> str:
        """The type with every named type written out."""
        return _expanded(self.type_text)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Types of what it is given, the instance first, every named type written out."""
        inside = self.structure[1 : self.structure.index(")")]
        return tuple(filter(None, re.split(r", (?![^<{]*[>}])", inside)))


def resource_of(mode: Mode) -> str:
    """Name of the resource whose functions a mode has."""
    return f"{mode}-instance"


@cache
def signatures(mode: Mode) -> tuple[Signature, ...]:
    """The functions of the interface of a mode, in the standard's order."""
    resource = resource_of(mode)
    own = (_CO_SIMULATION, _CO_SIMULATION_UNUSED) if mode == "co-simulation" else (_MODEL_EXCHANGE, "")
    called = [*_lines(_COMMON), *_lines(own[0])]
    for kind, element in _KINDS.items():
        called.append((f"get-{kind}", f"(list<value-reference>) -> result<list<{element}>, status>"))
        called.append((f"set-{kind}", f"(list<value-reference>, list<{element}>) -> status"))
    unused = [*_lines(_COMMON_UNUSED), *_lines(own[1])]
    ((making, making_type),) = _lines(_MAKING[mode])
    return (
        Signature(f"[static]{resource}.{making}", making_type),
        *(Signature(f"[method]{resource}.{name}", _with_self(kind)) for name, kind in called),
        *(Signature(f"[method]{resource}.{name}", _with_self(kind), called=False) for name, kind in unused),
    )


def _lines(given: str) -> Iterator[tuple[str, str]]:
    """Names and types of functions that are written one a line."""
    for line in filter(None, given.splitlines()):
        name, _, rest = line.partition("(")
        yield name, f"({rest}"


def _with_self(kind: str) -> str:
    """The type of a method, which is first given the instance."""
    return kind.replace("(", "(borrow<resource>", 1) if kind.startswith("()") else f"(borrow<resource>, {kind[1:]}"


@cache
def _expanded(given: str) -> str:
    """A type with every name of the standard replaced by what it stands for; the labels of records stay labels."""
    while True:
        replaced = _WORD.sub(lambda found: _NAMED.get(found[0], found[0]), given)
        if replaced == given:
            return given
        given = replaced


_WORD: Final = re.compile(r"(?<![\w-])[a-z][a-z-]*(?![\w-]|:)")


def written(kind: wit.ComponentItem | None) -> str:
    """A type of a component as WIT writes it, structure only: `(borrow<resource>, f64) -> result<list<f64>, enum{ok, …}>`."""
    if isinstance(kind, wit.FuncType):
        given = ", ".join(written(one) for _, one in kind.params)
        return f"({given})" + (f" -> {written(kind.result)}" if kind.result is not None else "")
    return _written_value(kind)


def _written_value(kind: wit.ComponentItem | None) -> str:
    found = _SIMPLE.get(type(kind)) or _pieced(kind)
    if isinstance(kind, wit.EnumType):
        found = f"enum{{{', '.join(kind.names)}}}"
    elif isinstance(kind, wit.FlagsType):
        found = f"flags{{{', '.join(kind.names)}}}"
    elif isinstance(kind, wit.RecordType):
        found = f"record{{{', '.join(f'{name}: {written(one)}' for name, one in kind.fields)}}}"
    elif isinstance(kind, wit.VariantType):
        found = f"variant{{{', '.join(f'{name}({written(one)})' for name, one in kind.cases)}}}"
    return found


def _pieced(kind: wit.ComponentItem | None) -> str:
    """A type made of one, two or a row of others."""
    found = "_" if kind is None else type(kind).__name__
    if isinstance(kind, wit.ListType):
        found = f"list<{written(kind.element)}>"
    elif isinstance(kind, wit.OptionType):
        found = f"option<{written(kind.payload)}>"
    elif isinstance(kind, wit.ResultType):
        found = f"result<{written(kind.ok)}, {written(kind.err)}>"
    elif isinstance(kind, wit.TupleType):
        found = f"tuple<{_listed(kind.elements)}>"
    return found


def _listed(kinds: Sequence[wit.ValType]) -> str:
    return ", ".join(written(one) for one in kinds)


_SIMPLE: Final[Mapping[type, str]] = {
    wit.Bool: "bool",
    wit.S8: "s8",
    wit.S16: "s16",
    wit.S32: "s32",
    wit.S64: "s64",
    wit.U8: "u8",
    wit.U16: "u16",
    wit.U32: "u32",
    wit.U64: "u64",
    wit.F32: "f32",
    wit.F64: "f64",
    wit.Char: "char",
    wit.String: "string",
    wit.OwnType: "own<resource>",
    wit.BorrowType: "borrow<resource>",
}

Exports = Mapping[str, wit.ComponentItem]
"""Functions and types of one interface by their names."""


def instances(found: Mapping[str, Any], engine: Engine) -> dict[str, Exports]:
    """Interfaces among what a component takes or offers, by their full name."""
    kinds = {name: one.ty for name, one in found.items()}
    return {
        name: {inner: item.ty for inner, item in kind.exports(engine).items()}
        for name, kind in kinds.items()
        if isinstance(kind, wit.ComponentInstanceType)
    }


def interface_of(mode: Mode, offered: Mapping[str, Exports], where: str) -> str:
    """The full name of the interface of a mode, of those that a component offers.

    Raises:
        InputError: it offers none that covolt knows; those that it offers.
    """
    known = [name for name in offered if name.startswith(f"fmi:fmi3/{mode}@{_VERSION}")]
    if known:
        return known[0]
    what = text(
        "the component does not offer fmi:fmi3/{mode}@3.0.0; it offers {offered}",
        mode=mode,
        offered=", ".join(sorted(offered))[:_MOST_SHOWN] or text("no interface"),
    )
    raise InputError(Problem(what, where, text("build it for the world of this mode of FMI-LS-WASM")))


def unlike(mode: Mode, offered: Exports, where: str) -> tuple[Problem, ...]:
    """Functions of the standard that a component has not, or has with another type, and that covolt never calls.

    Raises:
        InputError: functions that covolt calls are missing or differ; each with both types.
    """
    needed: list[Problem] = []
    others: list[Problem] = []
    for one in signatures(mode):
        kind = offered.get(one.name)
        found = written(kind) if isinstance(kind, wit.FuncType) else None
        if found != one.structure:
            (needed if one.called else others).append(_differing(one, found, where))
    if needed:
        raise InputError(needed)
    return tuple(others)


def _differing(one: Signature, found: str | None, where: str) -> Problem:
    hint = text("build the FMU against the package fmi:fmi3@3.0.0 of FMI-LS-WASM")
    if found is None:
        return Problem(text("the component has no {name}{type}", name=one.name, type=one.type_text), where, hint)
    what = text(
        "{name} of the component is {found}; the standard has {type}",
        name=one.name,
        found=_named(found),
        type=one.type_text,
    )
    return Problem(what, where, hint)


def _named(found: str) -> str:
    """A type with the standard's names for what it stands for, where it is that."""
    for name in (one for one in _NAMED if "{" in _NAMED[one]):
        found = found.replace(_expanded(_NAMED[name]), name)
    return found
