"""A component: whatever can be started, given values and stepped, wherever it runs; the one form in which foreign models are met.

    in process      covolt's own parts, and FMUs inside the sandbox's worker
    sandboxed       a worker process (`exchange.sandbox`)
    hosted          its owner's machine (`exchange.hosted`)

All three keep the same protocol, so that a master, a vehicle or a command never asks where a component runs. What crosses at
every step is a vector of float64 in the order in which it was wired; what is no real number goes by `set_values`, `get_values`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, Union

import numpy as np

__all__ = ["Capabilities", "Causality", "Component", "Description", "Kind", "Unit", "Value", "Variable"]

Value = Union[float, int, bool, str, bytes, np.ndarray]
"""One value: a scalar of its kind, or an array of the variable's shape (float64, int64, uint64, bool, or object for texts)."""

Causality = Literal[
    "input", "output", "parameter", "structural parameter", "calculated parameter", "local", "independent"
]
Kind = Literal["real", "integer", "boolean", "string", "binary", "enumeration", "clock"]


@dataclass(frozen=True)
class Unit:
    """A unit by what it is made of: SI value = factor * value + offset_si, in kg^k m^m s^s A^a K^K mol^mol cd^cd rad^rad."""

    name: str
    exponents: tuple[int, ...] = (0,) * 8
    """Of kg, m, s, A, K, mol, cd, rad."""
    factor: float = 1.0
    offset_si: float = 0.0
    relative: bool = False
    """Of differences, such as of temperatures: then no offset counts, whatever they are written in."""


@dataclass(frozen=True)
class Variable:
    """One variable of a component as it describes it."""

    name: str
    causality: Causality
    kind: Kind = "real"
    variability: Literal["constant", "fixed", "tunable", "discrete", "continuous", ""] = ""
    unit: Unit | None = None
    """None where the component states none: it joins nothing that has one without a word."""
    start: Value | None = None
    minimum: float | None = None
    maximum: float | None = None
    nominal: float | None = None
    shape: tuple[int, ...] = ()
    """Empty for a scalar; of a variable whose size a structural parameter sets, the size as it is now."""
    meaning: str = ""
    wide: bool = False
    """A whole number of 64 bits, which a float64 may not hold: it goes by its name, and never crosses at a step."""


@dataclass(frozen=True)
class Capabilities:
    """What a component can serve."""

    saves: bool = False
    """`save` and `restore` work, within the life of the component."""
    serialises: bool = False
    """A saved state can leave the process and come back (`serialise`, `deserialise`)."""
    variable_step: bool = True
    fixed_step_s: float | None = None
    """The only step that it takes, where there is one."""
    largest_step_s: float | None = None
    gradient: bool = False
    follows: bool = False
    """`window` also takes where inputs go within each step, (n, 3 k): at its begin, at its end, and after a jump there."""


@dataclass(frozen=True)
class Description:
    """What a component says of itself."""

    name: str
    form: str
    """As a person would call it: "FMI 2.0 co-simulation", "FMI 3.0 model exchange", "covolt part"."""
    digest: str
    """SHA-256 of what is run, in hexadecimal; of a hosted one, what its host states."""
    variables: tuple[Variable, ...] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)
    feedthrough: Mapping[str, tuple[str, ...]] | None = None
    """Inputs on which each output depends within the same instant; None where nobody says, which means: on all."""
    default_step_s: float | None = None

    def of(self, *causalities: Causality) -> tuple[Variable, ...]:
        """The variables of these causalities, in their order."""
        return tuple(one for one in self.variables if one.causality in causalities)


class Component(Protocol):
    """Something that can be started and stepped.

    Order of life: `wire` (any time before `start`), `start`, then `step` or `window`, then `close`; `start` again begins anew.
    Every method may raise `ComponentFailed`, which names the component, the call and the time; after it only `start` and `close`.
    """

    @property
    def description(self) -> Description:
        """What it says of itself."""
        ...

    def wire(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Choose what crosses at every step: scalars "speed", elements of arrays "forces[2,1]"; reals, and what is exact as one.

        Raises:
            InputError: with every name that does not exist, has the wrong causality, or is no number.
        """
        ...

    def start(
        self, parameters: Mapping[str, Value], inputs: np.ndarray, start_s: float = 0.0, stop_s: float | None = None
    ) -> np.ndarray:
        """Begin anew: structural parameters, parameters, initial inputs (k,), initialisation; the outputs (m,) then."""
        ...

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        """From `time_s` over `step_s` with inputs (k,) held; outputs (m,) at its end. float64, in the component's own units."""
        ...

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Many steps in one call: inputs (n, k), outputs (n, m). Equal, to the bit, to n calls of `step`."""
        ...

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Set any variables, of any kind, whole arrays too."""
        ...

    def get_values(self, names: Sequence[str]) -> dict[str, Value]:
        """Values of any variables, of any kind."""
        ...

    def save(self) -> int:
        """Keep the state as it is now; its number."""
        ...

    def restore(self, state: int) -> None:
        """Go back to a kept state, which stays kept."""
        ...

    def forget(self, state: int) -> None:
        """Let a kept state go."""
        ...

    def serialise(self, state: int) -> bytes:
        """A kept state as bytes."""
        ...

    def deserialise(self, state: bytes) -> int:
        """A state from bytes, kept; its number."""
        ...

    def close(self) -> None:
        """End it; nothing of it stays. Twice is no error."""
        ...
