"""A battery of covolt's own with the ports of its interface: asked by current or power, it answers voltage and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, final

import equinox as eqx
import jax
import jax.numpy as jnp

from covolt.exchange.component import Unit, Variable
from covolt.exchange.own_part import AbstractPorted, OwnPart, Scalars
from covolt.simulation.precision import in_64_bits
from covolt.vehicle.battery import BatterySignals, BatteryState, CellBattery
from covolt.vehicle.cell_line import carried
from covolt.vehicle.part import Scalar, positive

__all__ = ["PortedBattery", "own_battery"]

AMPERE = Unit("A", (0, 0, 0, 1, 0, 0, 0, 0))
COULOMB = Unit("C", (0, 0, 1, 1, 0, 0, 0, 0))
JOULE = Unit("J", (1, 2, -2, 0, 0, 0, 0, 0))
KELVIN = Unit("K", (0, 0, 0, 0, 1, 0, 0, 0))
KILOGRAM = Unit("kg", (1, 0, 0, 0, 0, 0, 0, 0))
ONE = Unit("1")
SECOND = Unit("s", (0, 0, 1, 0, 0, 0, 0, 0))
VOLT = Unit("V", (1, 2, -3, -1, 0, 0, 0, 0))
WATT = Unit("W", (1, 2, -3, 0, 0, 0, 0, 0))

Given = Literal["current", "power"]
DEFAULT_STEP_s = 1.0
ROUNDS = 4
"""Times that a current is turned into the power that the battery carries by it: each gains four digits, three reach rounding."""


BEYOND_FRACTION = 0.005
"""How far below empty a pack still serves: more than a vehicle's own loads take of it that keeps its limits."""


@final
class PortedBattery(AbstractPorted):
    """A pack of covolt's own behind the ports of `battery@1`, a flow positive into it.

        given power    P -> I, V as in the vehicle's own step
        given current  P = V(I) I, with V the line that the step itself takes at P: found in rounds, to rounding

    A full pack takes no more, and one that is far below empty gives none: what is asked beyond is not served, and told; in the
    step in which an end is reached as much is carried as leads there. Limits at the end of a step hold over the next, which takes
    `next_step`, or as long as this one where that is 0.
    """

    battery: CellBattery
    given: Given = eqx.field(static=True)

    def variables(self) -> tuple[Variable, ...]:
        asked, answered = ("current", AMPERE), ("power", WATT)
        if self.given == "power":
            asked, answered = answered, asked
        battery = self.battery
        return (
            _parameter("state_of_charge_start", ONE, 1.0, 0.0, 1.0, "of the usable window"),
            _parameter("temperature_start", KELVIN, 293.15, 213.15, 393.15, ""),
            _parameter("ageing_capacity_ratio", ONE, 1.0, 0.05, 1.0, "capacity over that when new"),
            _parameter("ageing_resistance_ratio", ONE, 1.0, 0.1, 20.0, "resistance of the pack over that when new"),
            _input(*asked, 0.0, "positive charges"),
            _input("heating", WATT, 0.0, "heat brought in from outside; negative cools"),
            _input("ambient_temperature", KELVIN, 293.15, "of what the pack stands in"),
            _input("next_step", SECOND, 0.0, "for which the limits shall hold; 0 is as long as this one"),
            _output("voltage", VOLT, "at the terminals, mean over the step"),
            _output(*answered, "what the battery carried; positive charges"),
            _output("state_of_charge", ONE, "of the usable window, at the end of the step"),
            _output("temperature", KELVIN, "at the end of the step"),
            _output("discharge_power_limit", WATT, "that can be drawn over the next step"),
            _output("charge_power_limit", WATT, "that can be taken over the next step"),
            _output("sustained_charge_power_limit", WATT, "that can be taken for as long as one likes"),
            _output("loss", WATT, "heat of currents, mean over the step"),
            _output("unserved_power", WATT, "what was asked for beyond what is feasible"),
            _constant("mass", KILOGRAM, battery.mass_kg),
            _constant("energy_usable", JOULE, battery.energy_J()),
            _constant("voltage_nominal", VOLT, battery.nominal_voltage_V),
            _constant("capacity", COULOMB, battery.capacity_C),
        )

    def feedthrough(self) -> Mapping[str, tuple[str, ...]]:
        slow = (
            "state_of_charge",
            "temperature",
            "discharge_power_limit",
            "charge_power_limit",
            "sustained_charge_power_limit",
        )
        quick = ("voltage", "power" if self.given == "current" else "current", "loss", "unserved_power")
        return {**dict.fromkeys(slow, ()), **dict.fromkeys(quick, (self.given,))}

    def begin(self, values: Scalars, inputs: Scalars) -> tuple[BatteryState, Scalars]:
        battery, charge, temperature_K = self._aged(values), values[0], values[1]
        state = battery.start(charge, temperature_K)
        dt_s = jnp.where(inputs[3] > 0.0, inputs[3], DEFAULT_STEP_s)
        limits = battery.limits(state, dt_s)
        rest = jnp.zeros(())
        outputs: list[Scalar] = [battery.open_circuit_voltage_V(state), rest, charge, temperature_K]
        outputs += [limits.discharge_power_W, limits.charge_power_W, limits.sustained_charge_power_W, rest, rest]
        return state, outputs

    def advance(
        self, state: BatteryState, values: Scalars, inputs: Scalars, dt_s: Scalar
    ) -> tuple[BatteryState, Scalars]:
        battery = self._aged(values)
        asked_W = inputs[0] if self.given == "power" else _power_W(battery, state, inputs[0], dt_s)
        power_W = _within(battery, state, asked_W, dt_s)
        heating_W, cooling_W = positive(inputs[1]), positive(-inputs[1])
        after, signals = battery.step(state, power_W, heating_W, cooling_W, inputs[2], dt_s)
        signals = signals._replace(unserved_power_W=signals.unserved_power_W + (asked_W - power_W))
        return after, self._answered(battery, after, signals, jnp.where(inputs[3] > 0.0, inputs[3], dt_s))

    def _answered(self, battery: CellBattery, after: BatteryState, signals: BatterySignals, next_s: Scalar) -> Scalars:
        limits = battery.limits(after, next_s)
        answered = signals.power_W if self.given == "current" else signals.current_A
        outputs: list[Scalar] = [signals.voltage_V, answered, battery.state_of_charge(after), after.temperature_K]
        outputs += [limits.discharge_power_W, limits.charge_power_W, limits.sustained_charge_power_W]
        outputs += [signals.loss_power_W, signals.unserved_power_W]
        return outputs

    def _aged(self, values: Scalars) -> CellBattery:
        """With q of its capacity and r of its resistance: parallel count n q, and resistance per cell r q."""
        kept, grown = values[2], values[3]
        made = self.battery
        count, ratio = made.parallel_count * kept, made.resistance_ratio * (grown * kept)
        return eqx.tree_at(lambda one: (one.parallel_count, one.resistance_ratio), made, (count, ratio))


def _within(battery: CellBattery, state: BatteryState, asked_W: Scalar, dt_s: Scalar) -> jax.Array:
    """Of a power that is asked for as much as leads to full, or to the lowest charge at which a pack still serves."""
    cells = battery.series_count * battery.parallel_count
    charge = battery.state_of_charge(state)
    asked_A = carried(battery.line(state, dt_s), asked_W / cells)[0] * battery.parallel_count
    reached = charge + asked_A * dt_s / battery.capacity_C
    full, empty = (reached > 1.0) & (asked_W > 0.0), (reached < -BEYOND_FRACTION) & (asked_W < 0.0)
    left = jnp.where(full, positive(1.0 - charge), -positive(charge + BEYOND_FRACTION))
    end_W = _power_W(battery, state, left * battery.capacity_C / dt_s, dt_s)
    return jnp.where(full | empty, end_W, asked_W)


def _power_W(battery: CellBattery, state: BatteryState, current_A: Scalar, dt_s: Scalar) -> jax.Array:
    """Terminal power at which a step carries a current."""
    line = battery.line(state, dt_s)
    cell_A = current_A / battery.parallel_count
    power_W = cell_A * (line.source_V + line.resistance_Ohm * cell_A)
    for _ in range(ROUNDS):
        _, source_V, resistance_Ohm, _ = carried(line, power_W)
        power_W = cell_A * (source_V + resistance_Ohm * cell_A)
    return jnp.asarray(power_W * (battery.series_count * battery.parallel_count))


def _parameter(name: str, unit: Unit, start: float, minimum: float, maximum: float, meaning: str) -> Variable:
    return Variable(
        name,
        "parameter",
        variability="fixed",
        unit=unit,
        start=start,
        minimum=minimum,
        maximum=maximum,
        meaning=meaning,
    )


def _input(name: str, unit: Unit, start: float, meaning: str) -> Variable:
    return Variable(name, "input", variability="continuous", unit=unit, start=start, meaning=meaning)


def _output(name: str, unit: Unit, meaning: str) -> Variable:
    return Variable(name, "output", variability="continuous", unit=unit, meaning=meaning)


def _constant(name: str, unit: Unit, value: Scalar) -> Variable:
    return Variable(name, "calculated parameter", variability="constant", unit=unit, start=float(value))


@in_64_bits
def own_battery(battery: CellBattery, name: str = "battery", given: Given = "current") -> OwnPart:
    """A pack of covolt's own as a component; `given` is what it is asked for."""
    return OwnPart(PortedBattery(battery, given), name, DEFAULT_STEP_s)
