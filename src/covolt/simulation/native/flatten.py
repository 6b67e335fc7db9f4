"""The traced physics read into a flat list of scalar operations: the input language of the own compiler.

JAX traces start and step once on scalars. The traces are inlined, and what is not in the language is refused, by name, so that
XLA takes over. A drive is in the language where it is made of

- float64, bool, int32; uint32 as it counts in tables; int64 as constants only;
- add, sub, mul, div, neg, abs, max, min, clamp, sign, floor, ceil, sqrt, rsqrt, exp, log, logistic, square, integer_pow,
  comparisons, is_finite and choices of float64; and, or, not, ne of bool; add, sub, mul, max, min, comparisons and choices of
  int32, and its division by a constant other than 0 and -1;
- pow by a constant, or of what is never negative by its structure (an absolute value, a square, a root, a sum of such);
- float64 to int32 towards zero and held within its bounds, int32 and bool to float64;
- tables of float64 that are read at an index of int32 or uint32, held within the table;
- calls of traced functions, loops of a fixed length up to 16 that carry scalars.

What is in it gives what JAX gives, not-a-number and infinity included, but for: rounding (sums and products are gathered
anew, multiply-add is fused, exp and log are within 2 units in the last place, pow within 1e-12); the sign of a zero, and so that
of what is divided by it; an overflow within a chain of products; numbers below the smallest normal one, which XLA takes for
zero. `tests/simulation/test_native_language.py` holds every word of it to JAX.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Union

import jax
import jax.extend.core
import numpy as np

from covolt.simulation.native.program import COMPARISONS, LANGUAGE, TYPES, Builder, Kind, Program


class Table(NamedTuple):
    """A run of numbers that all vehicles share."""

    number: int
    offset: int
    size: int


Traced = Union[int, Table]
Shapes = tuple[tuple[int, ...], ...]

KEPT = set[str]().union(*LANGUAGE.values())
"""Primitives of JAX that are operations of a program as they are."""
PASSED = {"copy", "squeeze", "reshape", "broadcast_in_dim", "optimization_barrier"}
CALLS = {"jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "checkpoint", "remat2"}
TURNED: set[tuple[Kind, Kind]] = {("real", "whole"), ("whole", "real"), ("natural", "whole"), ("whole", "natural")}
LARGEST_PRODUCT = 64
"""Exponent up to which a power is multiplied out."""


class Inliner:
    """Reads a closed jaxpr into a builder."""

    def __init__(self, builder: Builder) -> None:
        self._to = builder

    def read(self, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Traced]) -> list[Traced]:
        """The results of a jaxpr for these arguments.

        Raises:
            NotImplementedError: where it holds a primitive that has no scalar form here.
        """
        values: dict[Any, Traced] = {}
        for variable, constant in zip(jaxpr.constvars, constants, strict=True):
            values[variable] = self._literal(constant)
        values.update(zip(jaxpr.invars, arguments, strict=True))

        def value(atom: Any) -> Traced:
            return self._literal(atom.val) if isinstance(atom, jax.extend.core.Literal) else values[atom]

        for equation in jaxpr.eqns:
            results = self._equation(equation, [value(atom) for atom in equation.invars])
            values.update(zip(equation.outvars, results, strict=True))
        return [value(atom) for atom in jaxpr.outvars]

    def _literal(self, value: Any) -> int:
        array = np.asarray(value)
        if array.size != 1:
            raise NotImplementedError(f"an array of {array.size} constants")
        return self._to.constant(float(array.reshape(())), _kind_of(array.dtype))

    def _equation(self, equation: Any, arguments: list[Traced]) -> list[Traced]:
        name, parameters = equation.primitive.name, equation.params
        if name == "scan":
            return self._scan(parameters, arguments)
        if name in CALLS:
            inner = next(parameters[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in parameters)
            return self.read(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), arguments)
        output = equation.outvars[0].aval
        numbers = [argument for argument in arguments if isinstance(argument, int)]
        if arguments and isinstance(arguments[0], Table) and len(numbers) == len(arguments) - 1:
            return [self._of_table(name, output, parameters, arguments[0], numbers)]
        if output.size != 1 or len(numbers) < len(arguments):
            raise NotImplementedError(f"{name} with {output.size} results")
        if name in PASSED:
            return list(arguments)
        return [self._scalar(name, parameters, numbers, _kind_of(output.dtype))]

    def _scalar(self, name: str, parameters: dict[str, Any], x: list[int], kind: Kind) -> int:
        to = self._to
        one = to.constant(1.0)
        composed: dict[str, Callable[[], int]] = {
            "lt_to": lambda: to.add("lt", x, "truth"),
            "add_any": lambda: to.add("add", x, kind),
            "select_n": lambda: self._chosen(x, kind),
            "pow": lambda: self._real_power(x[0], self._converted(x[1], "real")),
            "clamp": lambda: to.add("min", (to.add("max", (x[1], x[0]), kind), x[2]), kind),
            "square": lambda: self._power(x[0], 2, kind),
            "integer_pow": lambda: self._power(x[0], parameters["y"], kind),
            "rsqrt": lambda: to.add("div", (one, to.add("sqrt", x))),
            "logistic": lambda: to.add("div", (one, to.add("add", (one, to.add("exp", (to.add("neg", x),)))))),
            "is_finite": lambda: to.add("lt", (to.add("abs", x), to.constant(math.inf)), "truth"),
            "convert_element_type": lambda: self._converted(x[0], kind),
        }
        if name in composed and len(x) <= 3:
            return composed[name]()
        if name in KEPT:
            return to.add(name, x, "truth" if name in COMPARISONS else kind)
        raise NotImplementedError(f"primitive {name}")

    def _chosen(self, x: list[int], kind: Kind) -> int:
        if len(x) != 3 or self._to.operations[x[0]].kind != "truth":
            raise NotImplementedError("a choice by number")
        return self._to.add("select", (x[0], x[2], x[1]), kind)

    def _converted(self, x: int, kind: Kind) -> int:
        operation = self._to.operations[x]
        if operation.kind == kind:
            return x
        if operation.name == "constant":
            return self._to.constant(_turned(operation.value, operation.kind, kind), kind)
        if operation.kind == "truth" and kind != "long":
            return self._to.add("select", (x, self._to.constant(1.0, kind), self._to.constant(0.0, kind)), kind)
        if (operation.kind, kind) in TURNED:
            return self._to.add(kind, (x,), kind)
        raise NotImplementedError(f"a {operation.kind} number taken as a {kind} one")

    def _power(self, x: int, exponent: int, kind: Kind) -> int:
        if exponent < 0:
            return self._to.add("div", (self._to.constant(1.0, kind), self._power(x, -exponent, kind)), kind)
        if exponent == 0:
            return self._to.constant(1.0, kind)
        if exponent == 1:
            return x
        half = self._power(x, exponent // 2, kind)
        square = self._to.add("mul", (half, half), kind)
        return self._to.add("mul", (square, x), kind) if exponent % 2 else square

    def _real_power(self, x: int, y: int) -> int:
        """x^y, by multiplication where y is a small whole constant, else e^(y log x)."""
        to, exponent = self._to, self._to.operations[y].value
        if to.is_constant(y):
            whole = math.isfinite(exponent) and exponent == math.trunc(exponent)
            if whole and abs(exponent) <= LARGEST_PRODUCT:
                return self._power(x, int(exponent), "real")
            if not math.isfinite(exponent) or (whole and not to.never_negative[x]):
                raise NotImplementedError(f"pow by {exponent}")
            if not to.never_negative[x]:
                # Of less than nothing it is not a number; but of minus infinity what it is of infinity.
                lowest = to.add("eq", (x, to.constant(-math.inf)), "truth")
                x = to.add("select", (lowest, to.constant(math.inf), x))
            return self._exponential(x, y)
        if not to.never_negative[x]:
            raise NotImplementedError("pow of what may be negative")
        one = to.constant(1.0)
        certain = to.add("or", (self._is(y, 0.0), self._is(x, 1.0)), "truth")
        return to.add("select", (certain, one, self._exponential(x, y)))

    def _exponential(self, x: int, y: int) -> int:
        return self._to.add("exp", (self._to.add("mul", (y, self._to.add("log", (x,)))),))

    def _is(self, x: int, value: float) -> int:
        return self._to.add("eq", (x, self._to.constant(value)), "truth")

    def _scan(self, parameters: dict[str, Any], arguments: list[Traced]) -> list[Traced]:
        fixed, carried = parameters["num_consts"], parameters["num_carry"]
        inner = parameters["jaxpr"]
        if len(arguments) != fixed + carried or len(inner.jaxpr.outvars) != carried or parameters["length"] > 16:
            raise NotImplementedError("a loop over arrays")
        carry = arguments[fixed:]
        for _ in range(parameters["length"]):
            carry = self.read(inner.jaxpr, inner.consts, [*arguments[:fixed], *carry])
        return carry

    def _of_table(self, name: str, output: Any, parameters: dict[str, Any], table: Table, others: list[int]) -> Traced:
        if name in ("reshape", "copy", "convert_element_type", "squeeze") and output.size == table.size:
            _kind_of(output.dtype, "real")
            return table
        if name == "slice" and len(parameters["start_indices"]) == 1 and parameters["strides"] is None:
            begin, end = parameters["start_indices"][0], parameters["limit_indices"][0]
            part = Table(table.number, table.offset + begin, end - begin)
            return part if part.size > 1 else self._entry(part, self._to.constant(0, "whole"))
        if name == "dynamic_slice" and parameters["slice_sizes"] == (1,):
            return self._entry(table, others[0])
        raise NotImplementedError(f"{name} of a table")

    def _entry(self, table: Table, index: int) -> int:
        """The entry at an index, held within the table as JAX holds it."""
        to = self._to
        kind = to.operations[index].kind
        if kind == "long" and to.is_constant(index):
            index, kind = self._converted(index, "whole"), "whole"
        if kind == "whole":
            index = to.add("max", (index, to.constant(0, "whole")), "whole")
        held = to.add("min", (index, to.constant(table.size - 1, kind)), kind)
        at = to.add("add", (held, to.constant(table.offset, kind)), kind)
        return to.add("read", (to.leaf("table", table.number), at))


def _kind_of(dtype: Any, *allowed: Kind) -> Kind:
    for kind, own in TYPES.items():
        if dtype == own and (not allowed or kind in allowed):
            return kind
    raise NotImplementedError(f"numbers of type {dtype}")


def _turned(value: float, kind: Kind, to: Kind) -> float:
    """A constant as JAX turns it into another kind: real ones towards zero, held within bounds; whole ones by their last bits."""
    if to in ("real", "truth"):
        return float(bool(value)) if to == "truth" else value
    if kind == "real":
        bounds = np.iinfo(TYPES[to])
        return 0.0 if math.isnan(value) else float(math.trunc(min(max(value, bounds.min), bounds.max)))
    return float(np.int64(value).astype(TYPES[to]))


class Traces(NamedTuple):
    """The traced start and step: (parameters, tables, settings) and (the same, carried, row, index) to carried values."""

    start: Any
    step: Any
    parameters: int
    settings: int
    table_sizes: tuple[int, ...]
    carried: int
    columns: int


def scalars(parameters: int, table_shapes: Shapes, settings: int) -> tuple[list[Any], list[Any], list[Any]]:
    """What start and step are traced on: a place for each parameter, table and setting."""
    zero = jax.ShapeDtypeStruct((), np.float64)
    tables = [jax.ShapeDtypeStruct(shape, np.float64) for shape in table_shapes]
    return [zero] * parameters, tables, [zero] * settings


def traced(
    start: Callable[..., Any],
    step: Callable[..., Any],
    parameters: int,
    table_shapes: Shapes,
    settings: int,
    columns: int,
) -> tuple[Traces, Any]:
    """Start and step traced on scalars; with the tree of what they carry, each value's place in its stead."""
    with jax.enable_x64(True):
        fixed = scalars(parameters, table_shapes, settings)
        zero = jax.ShapeDtypeStruct((), np.float64)
        carried = jax.eval_shape(start, *fixed)
        leaves, tree = jax.tree.flatten(carried)
        traces = Traces(
            start=jax.make_jaxpr(start)(*fixed),
            step=jax.make_jaxpr(step)(*fixed, carried, [zero] * columns, zero),
            parameters=parameters,
            settings=settings,
            table_sizes=tuple(int(np.prod(shape)) for shape in table_shapes),
            carried=len(leaves),
            columns=columns,
        )
    return traces, jax.tree.unflatten(tree, range(len(leaves)))


def program(traces: Traces) -> Program:
    """The program of a drive."""
    carried: dict[int, int] = {}
    while True:
        builder = Builder()
        inliner = Inliner(builder)
        fixed: list[Traced] = [builder.leaf("parameter", i) for i in range(traces.parameters)]
        fixed += [
            Table(i, 0, size)
            if size > 1
            else builder.add("read", (builder.leaf("table", i), builder.constant(0, "whole")))
            for i, size in enumerate(traces.table_sizes)
        ]
        fixed += [builder.leaf("setting", i) for i in range(traces.settings)]
        start = _numbers(inliner.read(traces.start.jaxpr, traces.start.consts, fixed))
        held = [start[k] if k in carried else builder.leaf("state", k) for k in range(traces.carried)]
        row = [builder.leaf("column", c) for c in range(traces.columns)]
        arguments = [*fixed, *held, *row, builder.leaf("index", 0)]
        after = _numbers(inliner.read(traces.step.jaxpr, traces.step.consts, arguments))
        # What a step gives back as it was, is no state: with it, all that follows from it is computed once a drive.
        same = {k: k for k in range(traces.carried) if after[k] in (held[k], start[k])}
        if same == carried:
            return Program(tuple(builder.operations), tuple(builder.moving), tuple(start), tuple(after))
        carried = same


def _numbers(values: list[Traced]) -> list[int]:
    if any(isinstance(value, Table) for value in values):
        raise NotImplementedError("a table as a state")
    return [value for value in values if isinstance(value, int)]
