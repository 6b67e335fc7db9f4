"""What a functional mock-up unit says of itself: its interfaces, experiment and variables, as FMI 2.0 and 3.0 both have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, final

from covolt.exchange.component import Capabilities, Description, Unit, Variable

__all__ = ["FORMS", "Clock", "Dimension", "Experiment", "FmuVariable", "Form", "Interface", "ModelDescription"]

Form = Literal["co-simulation", "model exchange"]
FORMS: tuple[Form, ...] = ("co-simulation", "model exchange")
"""How covolt runs an FMU, the first where it offers both."""


@final
@dataclass(frozen=True)
class Dimension:
    """One dimension of an array: of a fixed size, or of that which a structural parameter says."""

    size_count: int
    parameter_reference: int | None = None


@final
@dataclass(frozen=True)
class Clock:
    """When a clock of FMI 3.0 ticks."""

    interval: str
    """constant, fixed, tunable, changing, countdown or triggered."""
    interval_s: float | None = None
    shift_s: float = 0.0


@final
@dataclass(frozen=True)
class FmuVariable:
    """One variable, with what an importer needs to reach it."""

    variable: Variable
    reference: int
    type: str
    """Its FMI type: Real, Integer … of 2.0, Float64, Int64 … of 3.0."""
    initial: str = ""
    dimensions: tuple[Dimension, ...] = ()
    derivative_of: int | None = None
    """Index of the variable (2.0), or value reference (3.0), of which this is the derivative."""
    items: Mapping[str, int] = field(default_factory=dict[str, int])
    """Of an enumeration, values by name."""
    clock: Clock | None = None
    clocks: tuple[int, ...] = ()
    """References of the clocks that it belongs to."""
    alias: bool = False
    """Another name of an earlier variable."""

    @property
    def name(self) -> str:
        return self.variable.name


@final
@dataclass(frozen=True)
class Interface:
    """One way to run it."""

    identifier: str
    needs_tool: bool = False
    once_per_process: bool = False
    saves: bool = False
    serialises: bool = False
    gradient: bool = False
    variable_step: bool = True
    internal_step_s: float | None = None
    event_mode: bool = False
    early_return: bool = False
    intermediate_update: bool = False
    completed_step: bool = False
    """Whether a model exchange asks to be told of every step of the integrator."""
    sources: tuple[str, ...] = ()
    """Of 2.0, files of `sources/` that make the binary."""


@final
@dataclass(frozen=True)
class Experiment:
    """The default experiment."""

    start_s: float = 0.0
    stop_s: float | None = None
    step_s: float | None = None
    tolerance_ratio: float | None = None


@final
@dataclass(frozen=True)
class ModelDescription:
    """A modelDescription.xml."""

    name: str
    version: str
    """Of FMI: "2.0", "3.0", "3.0.1"."""
    token: str
    digest: str
    tool: str = ""
    meaning: str = ""
    licence: str = ""
    interfaces: Mapping[str, Interface] = field(default_factory=dict[str, Interface])
    """By form; "scheduled execution" too, which covolt does not run."""
    experiment: Experiment = field(default_factory=Experiment)
    variables: tuple[FmuVariable, ...] = ()
    units: Mapping[str, Unit] = field(default_factory=dict[str, Unit])
    feedthrough: Mapping[str, tuple[str, ...]] | None = None
    states: tuple[int, ...] = ()
    """Value references of the derivatives of its continuous states."""
    event_indicator_count: int = 0
    log_categories: tuple[str, ...] = ()

    @property
    def major(self) -> int:
        """2 or 3."""
        return int(self.version[0])

    @property
    def forms(self) -> tuple[Form, ...]:
        """How covolt can run it."""
        return tuple(one for one in FORMS if one in self.interfaces)

    def described(self, form: Form) -> Description:
        """What it says of itself as a component."""
        interface = self.interfaces[form]
        steps = form == "model exchange" or interface.variable_step
        return Description(
            name=self.name,
            form=f"FMI {self.version} {form}",
            digest=self.digest,
            variables=tuple(one.variable for one in self.variables),
            capabilities=Capabilities(
                saves=interface.saves,
                serialises=interface.serialises,
                variable_step=steps,
                gradient=interface.gradient,
                follows=form == "model exchange" or interface.event_mode,
            ),
            feedthrough=self.feedthrough,
            default_step_s=self.experiment.step_s or interface.internal_step_s,
        )
