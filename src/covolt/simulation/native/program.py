"""A drive as a flat list of scalar operations, taken from the traced physics.

JAX traces start and step once on scalars. The traces are inlined, equal operations are shared, dead ones dropped, and what
the vehicle and the setting alone decide is told apart from what changes in every step, so that it is computed once a drive.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple, Union

import jax
import jax.extend.core
import numpy as np

Kind = Literal["real", "truth", "whole"]
FIXED = ("parameter", "setting", "table")
"""Leaves that keep their value over a drive; the others (state, column, index) change with the step."""


class Operation(NamedTuple):
    """One scalar operation on the results of earlier ones; leaves have a value (constant, or their place) instead."""

    name: str
    arguments: tuple[int, ...]
    kind: Kind
    value: float = 0.0


class Program(NamedTuple):
    """What a drive computes.

    `start` and `after` are the operations whose results are the carried values before the first and after each step; `moving`
    says of each operation whether it must be repeated in every step. A carried value k is read as the leaf `state` k.
    """

    operations: tuple[Operation, ...]
    moving: tuple[bool, ...]
    start: tuple[int, ...]
    after: tuple[int, ...]

    def repeated(self) -> dict[str, int]:
        """Count of each operation that a step repeats."""
        counts: dict[str, int] = {}
        for operation, moving in zip(self.operations, self.moving, strict=True):
            if moving and operation.arguments:
                counts[operation.name] = counts.get(operation.name, 0) + 1
        return counts


class Table(NamedTuple):
    """A run of numbers that all vehicles share."""

    number: int
    offset: int
    size: int


Traced = Union[int, Table]
Shapes = tuple[tuple[int, ...], ...]

COMPARISONS = {"gt", "lt", "ge", "le", "eq", "ne"}
KEPT = COMPARISONS | {
    *("neg", "abs", "exp", "log", "sqrt", "floor", "ceil", "sign", "not"),
    *("add", "sub", "mul", "div", "max", "min", "and", "or", "pow"),
}
"""Primitives of JAX that are operations of a program as they are."""
PASSED = {"copy", "stop_gradient", "squeeze", "reshape", "broadcast_in_dim", "optimization_barrier"}
COMMUTATIVE = {"add", "mul", "and", "or", "eq", "ne"}
FOLDED: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "max": np.maximum,
    "min": np.minimum,
    "neg": np.negative,
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "gt": np.greater,
    "lt": np.less,
    "ge": np.greater_equal,
    "le": np.less_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "real": np.float64,
}


class Builder:
    """Collects operations: equal ones once, those of constants at once."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.moving: list[bool] = []
        self._known: dict[Operation, int] = {}

    def leaf(self, name: str, place: int) -> int:
        """A value that comes from outside."""
        return self._add(Operation(name, (), "real", float(place)))

    def constant(self, value: float, kind: Kind = "real") -> int:
        """A number that is the same in every drive."""
        return self._add(Operation("constant", (), kind, float(value)))

    def is_constant(self, index: int, value: float | None = None) -> bool:
        """Whether an operation is a constant, and this one."""
        operation = self.operations[index]
        return operation.name == "constant" and (value is None or operation.value == value)

    def add(self, name: str, arguments: Sequence[int], kind: Kind = "real") -> int:
        """The result of an operation, simplified where that is exact."""
        if name in FOLDED and all(self.is_constant(argument) for argument in arguments):
            numbers = [self.operations[argument].value for argument in arguments]
            whole = name == "div" and kind == "whole"
            with np.errstate(all="ignore"):
                return self.constant(
                    float(math.floor(numbers[0] / numbers[1]) if whole else FOLDED[name](*numbers)), kind
                )
        simpler = self._simpler(name, arguments)
        if simpler is not None:
            return simpler
        if name in COMMUTATIVE:
            arguments = sorted(arguments)
        return self._add(Operation(name, tuple(arguments), kind))

    def _simpler(self, name: str, arguments: Sequence[int]) -> int | None:
        first, last = arguments[0], arguments[-1]
        neutral = {"add": 0.0, "sub": 0.0, "mul": 1.0, "div": 1.0, "pow": 1.0}.get(name)
        if neutral is not None and self.is_constant(last, neutral):
            return first
        if name in ("add", "mul") and self.is_constant(first, neutral):
            return last
        if name in ("max", "min", "and", "or") and first == last:
            return first
        if name == "select":
            if arguments[1] == arguments[2]:
                return arguments[1]
            if self.is_constant(first):
                return arguments[1] if self.operations[first].value else arguments[2]
        return None

    def _add(self, operation: Operation) -> int:
        # Python holds 0.0 and -0.0 for equal, and NaN for unequal to itself: neither may decide what is shared.
        key = operation._replace(value=repr(operation.value))  # pyright: ignore[reportArgumentType]
        known = self._known.get(key)
        if known is not None:
            return known
        self._known[key] = len(self.operations)
        moving = any(self.moving[argument] for argument in operation.arguments)
        if not operation.arguments:
            moving = operation.name not in ("constant", *FIXED)
        self.operations.append(operation)
        self.moving.append(moving)
        return len(self.operations) - 1


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
        inner = next((parameters[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in parameters), None)
        if inner is not None and name not in ("while", "cond"):
            return self.read(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), arguments)
        output = equation.outvars[0].aval
        if isinstance(arguments[0], Table):
            return [self._of_table(name, parameters, arguments[0], arguments[1:])]
        if output.size != 1:
            raise NotImplementedError(f"{name} with {output.size} results")
        numbers = [argument for argument in arguments if isinstance(argument, int)]
        if name in PASSED:
            return list(arguments)
        return [self._scalar(name, parameters, numbers, _kind_of(output.dtype))]

    def _scalar(self, name: str, parameters: dict[str, Any], x: list[int], kind: Kind) -> int:
        to = self._to
        one = to.constant(1.0)
        composed: dict[str, Callable[[], int]] = {
            "lt_to": lambda: to.add("lt", x, "truth"),
            "add_any": lambda: to.add("add", x, kind),
            "select_n": lambda: to.add("select", (x[0], x[2], x[1]), kind),
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

    def _converted(self, x: int, kind: Kind) -> int:
        operation = self._to.operations[x]
        if operation.kind == kind:
            return x
        if operation.name == "constant":
            number = math.trunc(operation.value) if kind == "whole" else operation.value
            return self._to.constant(float(bool(number)) if kind == "truth" else number, kind)
        if kind == "truth":
            raise NotImplementedError("a number taken as a truth")
        if operation.kind == "truth":
            return self._to.add("select", (x, self._to.constant(1.0, kind), self._to.constant(0.0, kind)), kind)
        return self._to.add(kind, (x,), kind)

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

    def _scan(self, parameters: dict[str, Any], arguments: list[Traced]) -> list[Traced]:
        fixed, carried = parameters["num_consts"], parameters["num_carry"]
        inner = parameters["jaxpr"]
        if len(arguments) != fixed + carried or len(inner.jaxpr.outvars) != carried or parameters["length"] > 16:
            raise NotImplementedError("a loop over arrays")
        carry = arguments[fixed:]
        for _ in range(parameters["length"]):
            carry = self.read(inner.jaxpr, inner.consts, [*arguments[:fixed], *carry])
        return carry

    def _of_table(self, name: str, parameters: dict[str, Any], table: Table, others: list[Traced]) -> Traced:
        if name in ("reshape", "copy", "convert_element_type", "stop_gradient"):
            return table
        if name == "slice" and len(parameters["start_indices"]) == 1 and parameters["strides"] is None:
            begin, end = parameters["start_indices"][0], parameters["limit_indices"][0]
            part = Table(table.number, table.offset + begin, end - begin)
            return part if part.size > 1 else self._entry(part, self._to.constant(0, "whole"))
        if name == "dynamic_slice" and parameters["slice_sizes"] == (1,) and isinstance(others[0], int):
            return self._entry(table, others[0])
        if name == "squeeze":
            return self._entry(table, self._to.constant(0, "whole"))
        raise NotImplementedError(f"{name} of a table")

    def _entry(self, table: Table, index: int) -> int:
        to = self._to
        last = to.constant(table.size - 1, "whole")
        held = to.add("min", (to.add("max", (index, to.constant(0, "whole")), "whole"), last), "whole")
        at = to.add("add", (held, to.constant(table.offset, "whole")), "whole")
        return to.add("read", (to.leaf("table", table.number), at))


def _kind_of(dtype: Any) -> Kind:
    if np.issubdtype(dtype, np.bool_):
        return "truth"
    return "real" if np.issubdtype(dtype, np.floating) else "whole"


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


def states_behind(whole: Program, results: Iterable[int], stop: Iterable[int] = ()) -> set[int]:
    """Carried values that later steps need for these results; what is behind those to stop at does not count."""
    found: set[int] = set()
    seen: set[int] = set(stop)
    stack = list(results)
    while stack:
        i = stack.pop()
        if i in seen:
            continue
        seen.add(i)
        operation = whole.operations[i]
        stack.extend(operation.arguments)
        # The value of a constant may be not-a-number: only that of a state is a place.
        if operation.name == "state":
            found.add(int(operation.value))
            stack.append(whole.after[int(operation.value)])
    return found
