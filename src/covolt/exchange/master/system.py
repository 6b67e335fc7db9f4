"""A system as it is written down: parts, what joins their variables, power bonds, ranges and what comes from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, final

from covolt.exchange.component import Value

__all__ = ["Bond", "Connection", "Course", "Part", "Port", "Range", "Side", "System"]

_NONE: Mapping[str, Value] = MappingProxyType({})
_NO_NUMBERS: Mapping[Port, float] = MappingProxyType({})


@final
@dataclass(frozen=True, order=True)
class Port:
    """A variable of a part: scalar "speed", element "forces[2,1]", or a whole array "forces"."""

    part: str
    variable: str

    def __str__(self) -> str:
        return f"{self.part}.{self.variable}"


@final
@dataclass(frozen=True)
class Part:
    """A component in a system: its name there, what it is set to, and the smallest step that its contract allows."""

    name: str
    parameters: Mapping[str, Value] = field(default_factory=lambda: _NONE)
    """Values of parameters, structural ones too, each in the component's own unit."""
    smallest_step_s: float | None = None
    """No exchange may be asked of it more often; None where no contract says."""


@final
@dataclass(frozen=True)
class Connection:
    """What an input takes: factor * output + offset in the unit of the output, then converted to the unit of the input.

    Whole arrays of one shape join element by element.
    """

    source: Port
    target: Port
    factor: float = 1.0
    offset: float = 0.0
    choices: tuple[tuple[float, float], ...] = ()
    """What each value of a boolean, an integer or an enumeration becomes; then no factor counts, and other values are refused."""
    converts_units: bool = True
    """Whether units are converted; where not, numbers pass as they are."""


@final
@dataclass(frozen=True)
class Side:
    """One side of a bond: what the part gives into it and what it takes from it."""

    part: str
    output: str
    input: str


@final
@dataclass(frozen=True)
class Bond:
    """Two connections between two parts that carry one power, such as torque and speed, or voltage and current.

    power:  P = first.output * first.input = sign * second.output * second.input
    heat:   the first side gives a heat flow and takes a temperature; the power is the heat flow itself
    """

    name: str
    first: Side
    second: Side
    energy_scale_J: float | None = None
    """What an error of energy is measured by, from the contract: say the rated power times the time that matters."""
    kind: Literal["power", "heat"] = "power"


@final
@dataclass(frozen=True)
class Range:
    """What a contract allows of a port, in the unit of its component; what leaves it stops the run."""

    port: Port
    minimum: float | None = None
    maximum: float | None = None
    largest_rate_per_s: float | None = None
    """The largest change, in the unit of the port, of one second."""


@final
@dataclass(frozen=True)
class Course:
    """What an input is given from outside over time, in its own unit: rows of time and value, straight between them or held."""

    target: Port
    time_s: tuple[float, ...]
    values: tuple[float, ...]
    held: bool = False
    """Whether a value stays until the next row; two rows of one time are a jump either way."""


@final
@dataclass(frozen=True)
class System:
    """Parts and what joins them; where the parts run is said elsewhere."""

    name: str
    parts: tuple[Part, ...]
    connections: tuple[Connection, ...] = ()
    bonds: tuple[Bond, ...] = ()
    inputs: Mapping[Port, float] = field(default_factory=lambda: _NO_NUMBERS)
    """Values of inputs: those to which nothing is joined keep theirs, the others begin with it."""
    ranges: tuple[Range, ...] = ()
    courses: tuple[Course, ...] = ()
