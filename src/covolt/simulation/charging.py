"""A charging session: a drive that stands, from one state of charge to another, at a post or at a socket.

    session = charge(vehicle, ChargingMission(Station(power_max_W=150e3), 0.10, 0.80))
    session.time_s, session.plug_energy_J, session.outcome

Each step gives the battery the least of what is offered and what it takes:

    DC   P_bus = min(P_post, I_post U, P_inlet, I_inlet U, P_curve(s) + P_heater)
    AC   P_bus = P_charger(min(P_socket, P_on-board))
    P_battery = min(P_bus - P_12V - P_heater, P_sustained(z, T))

Energy at the plug is what post or socket gives. Conversion losses inside a DC post are the post's, not the car's. The battery
heats itself by its losses and by its heater, which the supply feeds; in the cold the sustained limit is that of lithium
plating. Cabin climate is off.
Source: docs/models/charging.md. Validity: one battery temperature; a supply that holds its power. Validation: level 1
(charging time).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from covolt.display import AbstractShown, Quantity, Table
from covolt.errors import DriveFailed, InputError, NotFound, Problem
from covolt.simulation.charging_end import not_reached
from covolt.simulation.charging_step import LIMITS, NEAR_ENOUGH_FRACTION, REMAINDER, SIGNALS, Weather, session_step
from covolt.simulation.compiled import jitted, kept
from covolt.simulation.core import Structure, unpack
from covolt.simulation.coupling import Coupling
from covolt.simulation.joint import REST_RATIO, unsettled
from covolt.simulation.joint_charging import joint_session
from covolt.simulation.ledger import Ledger, ledger
from covolt.simulation.mission import HIGHEST_AMBIENT_K, LOWEST_AMBIENT_K, ZERO_CELSIUS_K
from covolt.simulation.origin import behaviour_of
from covolt.simulation.outcome import Outcome
from covolt.simulation.packed import packed
from covolt.simulation.precision import in_64_bits
from covolt.simulation.quantities import session_quantities, session_tables
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.charger import Station
from covolt.vehicle.foreign import ForeignBattery
from covolt.words import text

LONGEST_s = 24.0 * 3600.0
STEPS = 8640


@dataclass(frozen=True)
class Socket:
    """Alternating current: a wall box or a household socket, with what it gives at most."""

    power_max_W: float = 11e3


@dataclass(frozen=True)
class ChargingMission:
    """What is to be charged, where, and in which weather.

    Fractions are those that the dashboard shows: 0 and 1 at the ends of the battery's usable window. A battery temperature
    of None equals the ambient: the car is soaked. With `heating` the battery warms itself from the supply to its best
    charging temperature; without, only as far as in driving.
    """

    supply: Station | Socket
    from_displayed_fraction: float = 0.10
    to_displayed_fraction: float = 0.80
    ambient_temperature_K: float = ZERO_CELSIUS_K + 23.0
    battery_temperature_K: float | None = None
    heating: bool = True
    dt_s: float = LONGEST_s / STEPS

    def __post_init__(self) -> None:
        begin, end = self.from_displayed_fraction, self.to_displayed_fraction
        kelvins = {"ambient_temperature_K": self.ambient_temperature_K}
        if self.battery_temperature_K is not None:
            kelvins["battery_temperature_K"] = self.battery_temperature_K
        power_W, step_s = float(self.supply.power_max_W), self.dt_s
        supply = text("a supply of {power:g} W", power=power_W)
        least, most = LOWEST_AMBIENT_K, HIGHEST_AMBIENT_K
        demands = (
            *(
                (0.0 <= one <= 1.0, text("{value:g} is outside 0 to 1", value=one), where, text("give a fraction"))
                for where, one in (("from_displayed_fraction", begin), ("to_displayed_fraction", end))
            ),
            (
                not begin >= end,
                text("charging from {begin:g} to {end:g} % leads downwards", begin=100.0 * begin, end=100.0 * end),
                "to_displayed_fraction",
                text("charge to more than the session begins with"),
            ),
            *(
                (
                    least <= one <= most,
                    text("{kelvin:g} K is outside {least:g} to {most:g} K", kelvin=one, least=least, most=most),
                    where,
                    text("give a temperature within this range"),
                )
                for where, one in kelvins.items()
            ),
            (
                LONGEST_s / STEPS <= step_s <= 60.0,
                text("a step of {step:g} s", step=step_s),
                "dt_s",
                text("give 10 s to 60 s"),
            ),
            (power_W > 0.0, supply, "supply.power_max_W", text("give a power above 0 W")),
        )
        problems = [Problem(what, f"charging.{where}", hint) for holds, what, where, hint in demands if not holds]
        if problems:
            raise InputError(problems)

    @property
    def soaked_battery_K(self) -> float:
        """Temperature of the battery at the start."""
        return self.ambient_temperature_K if self.battery_temperature_K is None else self.battery_temperature_K


@dataclass(frozen=True, repr=False)
class ChargingSession(AbstractShown):
    """What a session yields. Row i of `values` is the state at the end of step i; columns are `SIGNALS`."""

    mission: ChargingMission
    time_s: float
    ledger: Ledger
    outcome: Outcome
    displayed_fraction: float
    battery_temperature_K: float
    values: np.ndarray
    """Shape (n, 14), float64: a column for each of `SIGNALS`, in SI as it says."""
    coupling: Coupling | None = None
    """How a battery that is not covolt's took part."""

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Every number by its name in SI, with its unit."""
        return session_quantities(self)

    def as_tables(self) -> list[Table]:
        """What the session yields, and power over charge with what bound it."""
        return session_tables(self, LIMITS)

    def __getitem__(self, name: str) -> np.ndarray:
        """One signal: shape (n,), float64, in SI as its name says."""
        if name not in SIGNALS:
            hint = text("choose one of: {names}", names=", ".join(SIGNALS))
            raise NotFound(Problem(text("no signal '{name}'", name=name), "charging", hint))
        return self.values[:, SIGNALS.index(name)]

    @property
    def plug_energy_J(self) -> float:
        """Energy that post or socket gave."""
        return self.ledger.energy_J("mains")

    @property
    def stored_energy_J(self) -> float:
        """Energy that the cells keep."""
        return -self.ledger.energy_J("battery")

    @property
    def mean_power_W(self) -> float:
        """Energy at the plug over time."""
        return self.plug_energy_J / self.time_s if self.time_s > 0.0 else 0.0

    @property
    def efficiency(self) -> float:
        """Energy kept over energy given."""
        return self.stored_energy_J / self.plug_energy_J if self.plug_energy_J > 0.0 else 0.0

    def time_at_s(self, displayed_fraction: float) -> float:
        """When the dashboard shows this fraction; not a number where it never does."""
        shown = np.concatenate([[self.mission.from_displayed_fraction], self["displayed_fraction"]])
        if not shown[0] <= displayed_fraction <= shown.max() + 2.0 * NEAR_ENOUGH_FRACTION:
            return float("nan")
        return float(
            np.interp(displayed_fraction, np.maximum.accumulate(shown), np.concatenate([[0.0], self["time_s"]]))
        )

    def stored_within_J(self, time_s: float) -> float:
        """Energy kept after so much time: what 10, 20 or 30 minutes at the post are worth."""
        ends = self["time_s"]
        kept = np.cumsum(self["battery_open_circuit_power_W"] * np.diff(ends, prepend=0.0))
        return float(np.interp(time_s, np.concatenate([[0.0], ends]), np.concatenate([[0.0], kept])))


def _session(
    vector: Any, tables: Any, supply_numbers: Any, weather: Any, *, structure: Structure, supply_tree: Any
) -> tuple[Any, Any, Any, Any]:
    """Step until the asked charge is reached or time is up: charge and temperature at the end, rows, and how many of them."""
    vehicle = unpack(vector, tables, structure)
    supply: Any = supply_numbers[0] if supply_tree is None else jax.tree.unflatten(supply_tree, list(supply_numbers))
    weather = Weather(*weather)
    battery, end = vehicle.battery, weather.end_displayed_fraction
    state = battery.start(weather.begin_displayed_fraction, weather.battery_temperature_K)
    longest_s = jnp.minimum(weather.dt_s * STEPS, LONGEST_s)

    def wanted(carry: Any) -> Any:
        state, _, time_s, _, index = carry
        return (
            (index < STEPS)
            & (time_s < longest_s - 1e-6)
            & (battery.state_of_charge(state) < end - NEAR_ENOUGH_FRACTION)
        )

    def once(carry: Any) -> Any:
        state, voltage_V, time_s, rows, index = carry
        displayed_fraction = battery.state_of_charge(state)
        go = functools.partial(session_step, vehicle, supply, state, voltage_V, displayed_fraction, weather)
        tried, _ = go(weather.dt_s)
        # The last step is cut so that it ends at the asked charge.
        gain = battery.state_of_charge(tried) - displayed_fraction
        part = jnp.clip((end - displayed_fraction) / jnp.maximum(gain, 1e-12), 1e-3, 1.0)
        dt_s = weather.dt_s * jnp.where(gain > 0.0, part, 1.0)
        after, signals = go(dt_s)
        time_s = time_s + dt_s
        signals["time_s"] = time_s
        signals["displayed_fraction"] = battery.state_of_charge(after)
        row = jnp.stack([jnp.asarray(signals[name], rows.dtype) for name in SIGNALS])
        return (
            after,
            signals["battery_voltage_V"],
            time_s,
            lax.dynamic_update_index_in_dim(rows, row, index, 0),
            index + 1,
        )

    rows = jnp.zeros((STEPS, len(SIGNALS)))
    voltage_V = jnp.asarray(battery.open_circuit_voltage_V(state))
    state, _, _, rows, count = lax.while_loop(wanted, once, (state, voltage_V, jnp.zeros(()), rows, 0))
    return battery.state_of_charge(state), battery.temperature_K(state), rows, count


def _compiled_session(structure: Structure, supply_tree: Any, arguments: Sequence[Any]) -> Callable[..., Any]:
    def whole_session(*given: Any) -> tuple[Any, Any, Any, Any]:
        return _session(*given, structure=structure, supply_tree=supply_tree)

    return kept("session", (structure, supply_tree), whole_session, arguments).function


@in_64_bits
def charge(vehicle: Vehicle, mission: ChargingMission, *, throw: bool = False) -> ChargingSession:
    """Charge a vehicle; with `throw`, a session that does not reach the asked charge raises `DriveFailed`.

    Raises:
        CovoltError: where the energy account does not close, which is a fault of a part's model.
    """
    _demand_chargeable(vehicle, mission)
    vector, tables, structure, _ = packed(vehicle)
    if isinstance(mission.supply, Socket):
        numbers, tree = [mission.supply.power_max_W], None
    else:
        numbers, tree = jax.tree.flatten(mission.supply)
    weather = np.array(
        [
            mission.from_displayed_fraction,
            mission.to_displayed_fraction,
            mission.soaked_battery_K,
            mission.ambient_temperature_K,
            float(mission.heating),
            mission.dt_s,
        ]
    )
    coupling, remainder_J, refused = None, None, None
    given = (vector, tables, np.array(numbers, dtype=float), weather)
    if isinstance(vehicle.battery, ForeignBattery):
        supply = () if tree is None else behaviour_of(tree)
        joint = joint_session(vehicle.battery, given, structure, tree, supply, STEPS)
        values, coupling, remainder_J, refused = joint.values, joint.coupling, joint.remainder_J, joint.refused
        ended = (joint.state_of_charge, joint.battery_temperature_K)
    else:
        charge_fraction, battery_K, rows, count = _compiled_session(structure, tree, given)(*given)
        values = np.asarray(rows[: int(count)])
        ended = (float(charge_fraction), float(battery_K))
    steps_s = np.diff(values[:, 0], prepend=0.0)
    # Summed, not multiplied as vectors: the order in that depends on where the memory lies.
    sums = np.sum(steps_s[:, None] * values, axis=0)
    energy_J = {name: float(sums[SIGNALS.index(name)]) for name in SIGNALS if name.endswith("_power_W")}
    if remainder_J is not None:
        energy_J[REMAINDER] = remainder_J
    account = ledger(energy_J, 0.0)
    displayed_fraction, battery_K = ended
    outcome = _outcome(mission, values, displayed_fraction, battery_K)
    if coupling is not None and coupling.rest_ratio > REST_RATIO:
        outcome = unsettled(coupling)
    elif refused is not None:
        outcome = refused
    if np.isfinite(account.worst_ratio):
        account.demand_closed()
    time_s = float(values[-1, 0]) if len(values) else 0.0
    session = ChargingSession(mission, time_s, account, outcome, displayed_fraction, battery_K, values, coupling)
    if throw and not outcome.completed:
        hint = text("heat the battery, or allow more time")
        raise DriveFailed(Problem(outcome.told or outcome.reason, "charging session", hint))
    return session


@jitted
def _socket_gives_W(charger: Any) -> Any:
    return charger.direct_power_W(jnp.asarray(1e5))


def _demand_chargeable(vehicle: Vehicle, mission: ChargingMission) -> None:
    """Raise where this vehicle has no way to take what the supply gives."""
    if isinstance(mission.supply, Socket) and not float(_socket_gives_W(vehicle.charger)) > 0.0:
        what = text("the vehicle has no on-board charger")
        raise InputError(Problem(what, "vehicle.charger", text("charge it at a DC post")))


def _outcome(mission: ChargingMission, values: np.ndarray, displayed_fraction: float, battery_K: float) -> Outcome:
    """How the session ended, in an engineer's words."""
    if not np.all(np.isfinite(values)):
        step = int(np.argmax(~np.isfinite(values).all(axis=1)))
        bad = ", ".join(name for name, value in zip(SIGNALS, values[step], strict=True) if not np.isfinite(value))
        told = text("not a number in step {step}: {bad}", step=step, bad=bad)
        return Outcome(False, told, limit="not a number")
    if displayed_fraction >= mission.to_displayed_fraction - 2.0 * NEAR_ENOUGH_FRACTION:
        return Outcome(True)
    row: dict[str, float] = dict(zip(SIGNALS, values[-1].tolist(), strict=True))
    limit = LIMITS[int(row["limit"])]
    return not_reached(mission.to_displayed_fraction, displayed_fraction, row, limit, battery_K - ZERO_CELSIUS_K)
