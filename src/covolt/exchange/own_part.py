"""A part of covolt's own as a component: its ports in, its ports out, one compiled loop for a step and for a whole window."""

from __future__ import annotations

import hashlib
import struct
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Union, cast, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.errors import ComponentFailed, InputError, Problem
from covolt.exchange.component import Capabilities, Description, Value, Variable
from covolt.simulation.precision import in_64_bits
from covolt.suggestion import meant
from covolt.vehicle.part import Scalar
from covolt.words import text

__all__ = ["AbstractPorted", "OwnPart", "Scalars"]

ROWS = 64
"""Rows of the buffers of the compiled loop: a step and a window run the same machine code, hence give the same bits."""
MAGIC = b"covolt state 1\n"
_CAPABILITIES = Capabilities(saves=True, serialises=True, gradient=True)

_wrong = text("name one of those that it has: {names}")


Scalars = Union[Sequence[Scalar], jax.Array]
"""Numbers in a row, each by its place: a vector, or as many scalars where each is traced by itself."""


class AbstractPorted(eqx.Module):
    """A part with named ports: how it begins and how it goes on, as pure functions of scalars in the order of its variables."""

    @abstractmethod
    def variables(self) -> tuple[Variable, ...]:
        """Parameters, inputs and outputs; real scalars in SI units, each with a start where it is set from outside."""

    @abstractmethod
    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        """Inputs on which each output depends within the same instant."""

    @abstractmethod
    def begin(self, values: Scalars, inputs: Scalars) -> tuple[Any, Scalars]:
        """State and outputs at the start, of all parameters and of all inputs."""

    @abstractmethod
    def advance(self, state: Any, values: Scalars, inputs: Scalars, dt_s: Scalar) -> tuple[Any, Scalars]:
        """State and outputs after one step."""


_Kept = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Parameters, state, inputs and outputs."""


@final
@dataclass(frozen=True)
class _Form:
    """Structure of a part, so that its numbers cross into compiled code as one vector: many small arrays are slow."""

    tree: Any
    shapes: tuple[tuple[int, ...], ...]
    width: int

    def whole(self, values: jax.Array) -> AbstractPorted:
        """The part from its numbers."""
        ends = np.cumsum([int(np.prod(one)) for one in self.shapes])
        pieces = zip(jnp.split(values, ends[:-1]), self.shapes, strict=True)
        return cast("AbstractPorted", jax.tree.unflatten(self.tree, [jnp.reshape(one, shape) for one, shape in pieces]))


def _flat(state: Any) -> jax.Array:
    leaves = [jnp.asarray(one, dtype=float) for one in jax.tree.leaves(state)]
    return jnp.stack(leaves) if leaves else jnp.zeros(0)


@partial(jax.jit, static_argnums=0)
def _begin(form: _Form, numbers: Any, values: jax.Array, inputs: jax.Array) -> tuple[jax.Array, jax.Array]:
    state, outputs = form.whole(numbers).begin(values, inputs)
    return _flat(state), _flat(outputs)


@partial(jax.jit, static_argnums=0)
def _advance(
    form: _Form, numbers: Any, values: jax.Array, state: Any, given: Any, count: int
) -> tuple[jax.Array, jax.Array]:
    part = form.whole(numbers)
    tree = jax.tree.structure(jax.eval_shape(part.begin, values, given[0, 1:])[0])

    def once(row: jax.Array, carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        state, outputs = carry
        now = jax.tree.unflatten(tree, list(state))
        after, out = part.advance(now, values, given[row, 1:], given[row, 0])
        return _flat(after), outputs.at[row].set(_flat(out))

    return jax.lax.fori_loop(0, count, once, (state, jnp.zeros((ROWS, form.width))))


@final
class OwnPart:
    """A part of covolt's own as a `Component`: it saves, it serialises, and a window equals its steps to the bit.

    Bits hold on one kind of processor: the compiler may join a product and a sum where another processor cannot.
    """

    def __init__(self, part: AbstractPorted, name: str, default_step_s: float = 1.0) -> None:
        self._made(part, name, default_step_s)

    @in_64_bits
    def _made(self, part: AbstractPorted, name: str, default_step_s: float) -> None:
        leaves, tree = jax.tree.flatten(part)
        numbers = [np.asarray(one, dtype=float) for one in leaves]
        width = sum(one.causality == "output" for one in part.variables())
        self._form = _Form(tree, tuple(one.shape for one in numbers), width)
        self._numbers = jnp.asarray(np.concatenate([one.ravel() for one in numbers]))
        self.description = Description(
            name=name,
            form="covolt part",
            digest=_digest_of(self._form, self._numbers),
            variables=part.variables(),
            capabilities=_CAPABILITIES,
            feedthrough=part.feedthrough(),
            default_step_s=default_step_s,
        )
        known = self.description
        self._parameter_names = [one.name for one in known.of("parameter")]
        self._input_names = [one.name for one in known.of("input")]
        self._output_names = [one.name for one in known.of("output")]
        self._constants = {one.name: one.start for one in known.of("calculated parameter")}
        self._inputs_at, self._outputs_at = _all_of(self._input_names), _all_of(self._output_names)
        self._given = np.zeros((ROWS, 1 + len(self._input_names)))
        self._held, self._outputs = np.zeros(len(self._input_names)), np.zeros(width)
        self._parameters: np.ndarray | jax.Array = np.zeros(0)
        self._state: jax.Array | None = None
        self._kept: dict[int, _Kept] = {}
        self._next = 1

    def wire(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Choose what crosses at every step."""
        problems = [*self._unknown(inputs, self._input_names), *self._unknown(outputs, self._output_names)]
        if problems:
            raise InputError(problems)
        self._inputs_at = np.array([self._input_names.index(one) for one in inputs], dtype=int)
        self._outputs_at = np.array([self._output_names.index(one) for one in outputs], dtype=int)

    def _unknown(self, names: Sequence[str], known: Sequence[str]) -> list[Problem]:
        return [
            Problem(
                text("{name} is not a port of this kind, or none at all", name=name),
                self.description.name,
                meant(name, known) or _wrong.filled({"names": ", ".join(known)}),
            )
            for name in names
            if name not in known
        ]

    @in_64_bits
    def start(
        self, parameters: Mapping[str, Value], inputs: np.ndarray, start_s: float = 0.0, stop_s: float | None = None
    ) -> np.ndarray:
        """Begin anew; parameters and inputs that are not given have their start values."""
        known = {one.name: one.start for one in self.description.variables}
        problems = self._unknown(list(parameters), self._parameter_names)
        problems += [
            Problem(
                text("{name} must be one finite number", name=name), self.description.name, text("give it as a number")
            )
            for name, value in parameters.items()
            if not _one_number(value)
        ]
        if problems:
            raise InputError(problems)
        chosen = {**known, **parameters}
        self._parameters = np.array([float(cast("float", chosen[one])) for one in self._parameter_names])
        self._held = np.array([float(cast("float", known[one])) for one in self._input_names])
        self._held[self._inputs_at] = inputs
        self._state, outputs = _begin(self._form, self._numbers, self._parameters, self._held)
        self._outputs = np.array(outputs)
        return self._outputs[self._outputs_at]

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        """One step with inputs held."""
        return self.window(time_s, np.array([step_s]), np.reshape(inputs, (1, -1)))[0]

    @in_64_bits
    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Many steps, by the same machine code as one."""
        state = self._demand_started(start_s)
        found = np.empty((len(steps_s), len(self._outputs_at)))
        for first in range(0, len(steps_s), ROWS):
            rows = min(ROWS, len(steps_s) - first)
            # JAX may read these buffers where they lie; each call is waited for before they change.
            given = self._given[:rows]
            given[:, 0], given[:, 1:] = steps_s[first : first + rows], self._held
            given[:, 1 + self._inputs_at] = inputs[first : first + rows]
            state, outputs = _advance(self._form, self._numbers, self._parameters, state, self._given, rows)
            whole = np.asarray(outputs)
            found[first : first + rows] = whole[:rows, self._outputs_at]
            self._state, self._held, self._outputs = state, given[-1, 1:].copy(), whole[rows - 1].copy()
        return found

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Set inputs that are not wired, by name."""
        problems = self._unknown(list(values), self._input_names)
        if problems:
            raise InputError(problems)
        for name, value in values.items():
            self._held[self._input_names.index(name)] = float(cast("float", value))

    def get_values(self, names: Sequence[str]) -> dict[str, Value]:
        """Values as they are now."""
        known: dict[str, Value] = {
            **{name: cast("float", value) for name, value in self._constants.items()},
            **dict(zip(self._parameter_names, self._parameters.tolist(), strict=False)),
            **dict(zip(self._input_names, self._held.tolist(), strict=True)),
            **dict(zip(self._output_names, self._outputs.tolist(), strict=True)),
        }
        problems = self._unknown(names, list(known))
        if problems:
            raise InputError(problems)
        return {name: known[name] for name in names}

    def save(self) -> int:
        """Keep the state as it is now."""
        state = self._demand_started(None)
        number, self._next = self._next, self._next + 1
        self._kept[number] = (np.asarray(self._parameters), np.asarray(state), self._held.copy(), self._outputs.copy())
        return number

    @in_64_bits
    def restore(self, state: int) -> None:
        """Go back to a kept state."""
        self._parameters, kept, held, outputs = self._of(state)
        self._state = jnp.asarray(kept)
        self._held, self._outputs = held.copy(), outputs.copy()

    def forget(self, state: int) -> None:
        """Let a kept state go."""
        self._kept.pop(state, None)

    def serialise(self, state: int) -> bytes:
        """A kept state as bytes: digest of the part, then little-endian float64 of parameters, state, inputs and outputs."""
        numbers = self._of(state)
        counts = struct.pack("<4I", *(len(one) for one in numbers))
        body = b"".join(one.astype("<f8").tobytes() for one in numbers)
        return MAGIC + bytes.fromhex(self.description.digest) + counts + body

    @in_64_bits
    def deserialise(self, state: bytes) -> int:
        """A state from bytes that this part has written."""
        head = len(MAGIC) + 32 + 16
        counts = struct.unpack("<4I", state[head - 16 : head]) if len(state) >= head else (0, 0, 0, 0)
        wanted = (len(self._parameter_names), counts[1], len(self._input_names), len(self._output_names))
        shape = jax.eval_shape(_begin, self._form, self._numbers, jnp.zeros(wanted[0]), jnp.zeros(wanted[2]))[0]
        whole = state.startswith(MAGIC + bytes.fromhex(self.description.digest)) and counts[1] == shape.shape[0]
        if not whole or counts != wanted or len(state) != head + 8 * sum(counts):
            hint = text("restore a state that this very part has saved")
            raise InputError(Problem(text("these bytes are no state of this part"), self.description.name, hint))
        numbers = np.frombuffer(state[head:], dtype="<f8").astype(float)
        parameters, kept, held, outputs = np.split(numbers, np.cumsum(counts)[:-1])
        number, self._next = self._next, self._next + 1
        self._kept[number] = (parameters, kept, held, outputs)
        return number

    def close(self) -> None:
        """End it."""
        self._state = None
        self._kept.clear()

    def _of(self, state: int) -> _Kept:
        if state not in self._kept:
            hint = text("save it anew: a state is kept until it is forgotten or the part is closed")
            raise InputError(
                Problem(text("no state is kept under number {state}", state=state), self.description.name, hint)
            )
        return self._kept[state]

    def _demand_started(self, time_s: float | None) -> jax.Array:
        if self._state is None:
            when = "" if time_s is None else text("at {time} s", time=time_s)
            hint = text("start it first")
            raise ComponentFailed(Problem(text("{name} was not started", name=self.description.name), when, hint))
        return self._state


def _all_of(names: Sequence[str]) -> np.ndarray:
    return np.arange(len(names))


def _one_number(value: Value) -> bool:
    return isinstance(value, (float, int, np.floating, np.integer)) and bool(np.isfinite(value))


def _digest_of(form: _Form, values: jax.Array) -> str:
    found = hashlib.sha256(repr((str(form.tree), form.shapes)).encode())
    found.update(np.asarray(values, dtype="<f8").tobytes())
    return found.hexdigest()
