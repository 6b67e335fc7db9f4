"""A battery that is not covolt's: what is asked of it over a mission, what it answers, and what it declares of itself.

In the step of the vehicle its answers come from the row of the mission (`BatteryRow`), so that one machine code drives every
vehicle, and a runner asks the part itself, over its `BatteryLink`, until what it answers is what the vehicle was driven with.
Questions about what is not (another charge, another temperature, a step that is not driven) the part cannot be asked: they go
to `declared`, covolt's model of the numbers that it declares.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple, Protocol, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.errors import ComponentFailed, Problem
from covolt.vehicle.abstract_battery import AbstractBattery, BatteryLimits, BatterySignals, ThermalNumbers
from covolt.vehicle.part import PartState, Scalar

__all__ = [
    "AT_ENDS",
    "UNSTATED",
    "AnsweredInPart",
    "BatteryAnswer",
    "BatteryAsked",
    "BatteryBegin",
    "BatteryLink",
    "BatteryRow",
    "ForeignBattery",
    "HowRun",
    "Outside",
    "PartLink",
]

HowRun = Literal["in process", "sandboxed", "hosted", "replayed"]
"""Where a foreign part runs; answers of one that is replayed are provisional."""


class BatteryBegin(NamedTuple):
    """How batteries begin: one value for each of k vehicles, shape (k,), float64."""

    state_of_charge: np.ndarray
    temperature_K: np.ndarray


class BatteryAsked(NamedTuple):
    """What is asked of the batteries of k vehicles over n steps: shape (k, n), float64, a flow positive into the battery.

    `voltage_V` is what the battery answered last, by which one that takes a current is given I = P / U.
    """

    power_W: np.ndarray
    voltage_V: np.ndarray
    heating_W: np.ndarray
    cooling_W: np.ndarray
    ambient_temperature_K: np.ndarray


class BatteryAnswer(NamedTuple):
    """What batteries answer: at the start and after each of n steps, shape (k, n + 1); over each step, shape (k, n); float64.

    Limits hold over the step that follows; what may be taken for as long as one likes, and a loss, is not a number where the part
    states none.
    """

    discharge_power_limit_W: np.ndarray
    charge_power_limit_W: np.ndarray
    sustained_charge_power_limit_W: np.ndarray
    voltage_V: np.ndarray
    temperature_K: np.ndarray
    state_of_charge: np.ndarray
    current_A: np.ndarray
    loss_power_W: np.ndarray


AT_ENDS = BatteryAnswer._fields.index("current_A")
"""How many of the answers are given at the ends of steps; the others are means over them."""
UNSTATED = ("sustained_charge_power_limit_W", "loss_power_W")
"""Answers that a part may leave open."""


class AnsweredInPart(ComponentFailed):
    """A part gave no answer to some step: `answer` holds what came before it, and is not a number from there on."""

    def __init__(self, problems: Problem | Iterable[Problem], answer: tuple[Any, ...]) -> None:
        super().__init__(problems)
        self.answer = answer


class PartLink(Protocol):
    """The way to a part that is not covolt's, wherever it runs; one serves many vehicles in one call."""

    @property
    def name(self) -> str:
        """What people call the part."""
        ...

    @property
    def runs(self) -> HowRun:
        """Where it runs."""
        ...

    @property
    def serves(self) -> frozenset[str]:
        """What it can serve: "whole mission" (it can begin anew), "stepwise", "save"; "many missions" at once."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of what runs, in hexadecimal."""
        ...

    @property
    def wiring(self) -> str:
        """Which variables carry its ports, and its parameters, in one line; empty where each goes by its own name."""
        ...

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What is to be told of its units."""
        ...

    @property
    def protections(self) -> tuple[str, ...]:
        """What keeps it apart on this machine, as `covolt sandbox check` calls it; empty where it runs elsewhere or by ours."""
        ...

    def alone(self) -> AbstractContextManager[Any]:
        """The way to it for one drive step by step, on which nobody else asks until the block ends."""
        ...


class BatteryLink(PartLink, Protocol):
    """The way to a battery."""

    def alone(self) -> AbstractContextManager[BatteryLink]:
        """The way to it for one drive step by step, on which nobody else asks until the block ends."""
        ...

    def whole(self, begin: BatteryBegin, asked: BatteryAsked, steps_s: np.ndarray) -> BatteryAnswer:
        """Begin anew, and answer a whole mission of n steps: `steps_s` of shape (n,), float64, s.

        Raises:
            AnsweredInPart: it ended with an error at some step, as it does each time it is asked this.
            ComponentFailed: where there is no answer that counts.
        """
        ...

    def aged(self, capacity_ratio: float, resistance_ratio: float) -> BatteryLink | None:
        """The way to the same part with so much of its capacity and of its resistance when new; None where it cannot be aged."""
        ...

    def start(self, begin: BatteryBegin, dt_s: float) -> BatteryAnswer:
        """Begin anew; the answers at the start, n = 0."""
        ...

    def step(self, index: int, asked: BatteryAsked, dt_s: float) -> BatteryAnswer:
        """One step more, n = 1; of what lies at the ends of steps both columns are that after it."""
        ...


@final
class Outside:
    """A thing that no traced code reads: two vehicles that differ in it alone are compiled once, and it is kept on no disk."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any = None) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outside)

    def __hash__(self) -> int:
        return hash(Outside)

    def __repr__(self) -> str:
        return "Outside()"


class BatteryRow(NamedTuple):
    """What a foreign battery answers to one step: its limits and voltage before, its end, current and loss."""

    discharge_power_limit_W: Scalar
    charge_power_limit_W: Scalar
    sustained_charge_power_limit_W: Scalar
    voltage_before_V: Scalar
    voltage_V: Scalar
    temperature_K: Scalar
    state_of_charge: Scalar
    current_A: Scalar
    loss_power_W: Scalar


class ForeignState(NamedTuple):
    """What covolt knows of a foreign battery between two steps."""

    state_of_charge: Scalar
    temperature_K: Scalar


class HeardState(NamedTuple):
    """The same, with what the battery answers to the step that begins here."""

    state_of_charge: Scalar
    temperature_K: Scalar
    row: BatteryRow


@final
class ForeignBattery(AbstractBattery):
    """A battery whose model is not covolt's.

        P = U I  from its answers;  stored  U_0(s, T) Q ds/dt  by its own state of charge and the declared rest voltage
        remainder = P - stored - its own loss: what its losses and its model leave open; never called closed

    Source: the part. Validity and validation: what the party says of it.
    """

    declared: AbstractBattery
    mass_kg: Scalar
    link_outside: Outside = eqx.field(static=True)

    @property
    def link(self) -> BatteryLink:
        """The way to the part."""
        return self.link_outside.thing

    def serves(self) -> frozenset[str]:
        """What its link serves; it is neither traced nor differentiated itself."""
        return self.link.serves

    def heard(self, state: ForeignState, row: BatteryRow | None) -> HeardState:
        if row is None:
            raise ValueError("a vehicle with a foreign battery is driven by simulation.joint alone")
        return HeardState(state.state_of_charge, state.temperature_K, row)

    def start(self, state_of_charge: Scalar, temperature_K: Scalar) -> ForeignState:
        return ForeignState(jnp.asarray(state_of_charge, dtype=float), jnp.asarray(temperature_K, dtype=float))

    def _declared(self, state: PartState) -> PartState:
        return self.declared.start(state.state_of_charge, state.temperature_K)

    def cell_charge_fraction(self, state_of_charge: Scalar) -> Scalar:
        return self.declared.cell_charge_fraction(state_of_charge)

    def window_fraction(self) -> Scalar:
        return self.declared.window_fraction()

    def state_of_charge(self, state: PartState) -> Scalar:
        return state.state_of_charge

    def temperature_K(self, state: PartState) -> Scalar:
        return state.temperature_K

    def cell_rest_voltage_V(self, state_of_charge: Scalar) -> jax.Array:
        return self.declared.cell_rest_voltage_V(state_of_charge)

    def open_circuit_voltage_V(self, state: PartState) -> jax.Array:
        return self.declared.open_circuit_voltage_V(self._declared(state))

    def energy_J(self) -> jax.Array:
        return self.declared.energy_J()

    def thermal(self) -> ThermalNumbers:
        return self.declared.thermal()

    @property
    def nominal_voltage_V(self) -> jax.Array:
        return self.declared.nominal_voltage_V

    @property
    def capacity_C(self) -> jax.Array:
        return self.declared.capacity_C

    def limits(self, state: PartState, dt_s: Scalar) -> BatteryLimits:
        if not isinstance(state, HeardState):
            return self.declared.limits(self._declared(state), dt_s)
        row = state.row
        # Of a part that does not say what it takes for as long as one likes, what it declares says so.
        lasting = self.declared.limits(self._declared(state), dt_s)
        declared_W = jnp.minimum(row.charge_power_limit_W, lasting.sustained_charge_power_W)
        stated_W = row.sustained_charge_power_limit_W
        return BatteryLimits(
            discharge_power_W=row.discharge_power_limit_W,
            charge_power_W=row.charge_power_limit_W,
            sustained_discharge_power_W=jnp.minimum(row.discharge_power_limit_W, lasting.sustained_discharge_power_W),
            sustained_charge_power_W=jnp.where(jnp.isnan(stated_W), declared_W, stated_W),
        )

    def step(
        self,
        state: PartState,
        power_W: Scalar,
        heating_W: Scalar,
        cooling_W: Scalar,
        ambient_temperature_K: Scalar,
        dt_s: Scalar,
    ) -> tuple[ForeignState, BatterySignals]:
        if not isinstance(state, HeardState):
            after, signals = self.declared.step(
                self._declared(state), power_W, heating_W, cooling_W, ambient_temperature_K, dt_s
            )
            return ForeignState(self.declared.state_of_charge(after), self.declared.temperature_K(after)), signals
        row = state.row
        after = ForeignState(row.state_of_charge, row.temperature_K)
        # As covolt's own packs count it: by the rest voltage at the step's beginning, at the temperature there.
        rest_V = self.declared.step(self._declared(state), 0.0, 0.0, 0.0, ambient_temperature_K, dt_s)[
            1
        ].open_circuit_voltage_V
        stored_W = rest_V * self.capacity_C * (row.state_of_charge - state.state_of_charge) / dt_s
        carried_W = row.voltage_V * row.current_A
        unknown = jnp.nan * jnp.ones(())
        return after, BatterySignals(
            power_W=carried_W,
            current_A=row.current_A,
            voltage_V=row.voltage_V,
            open_circuit_voltage_V=rest_V,
            open_circuit_power_W=stored_W,
            loss_power_W=row.loss_power_W,
            heat_W=unknown,
            heat_to_ambient_W=unknown,
            unserved_power_W=power_W - carried_W,
            under_voltage_flag=unknown,
            over_voltage_flag=unknown,
            empty_flag=1.0 * (row.state_of_charge <= 0.0),
            full_flag=1.0 * (row.state_of_charge >= 1.0),
            outside_range_flag=unknown,
            remainder_power_W=carried_W - stored_W - row.loss_power_W,
        )
