"""What a charging session may draw: on-board charger on AC, post and inlet on DC, and the car's own charging curve."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from typing import final

import equinox as eqx
import jax
import jax.numpy as jnp

from covolt.errors import InputError, Problem
from covolt.vehicle.part import AbstractPart, Scalar, positive
from covolt.words import text


class AbstractCharger(AbstractPart):
    """What turns mains power into direct current on board."""

    mains_power_max_W: eqx.AbstractVar[Scalar]

    @abstractmethod
    def direct_power_W(self, mains_power_W: Scalar) -> Scalar:
        """Direct-current power behind the charger."""

    @abstractmethod
    def mains_power_W(self, direct_power_W: Scalar) -> Scalar:
        """Mains power that this direct-current power draws."""


@final
class NoCharger(AbstractCharger):
    """A vehicle that charges by direct current only."""

    mains_power_max_W: Scalar = 0.0

    def direct_power_W(self, mains_power_W: Scalar) -> Scalar:
        """Nothing comes through."""
        return jnp.zeros_like(mains_power_W)

    def mains_power_W(self, direct_power_W: Scalar) -> Scalar:
        """Nothing is drawn."""
        return jnp.zeros_like(direct_power_W)


@final
class OnBoardCharger(AbstractCharger):
    """An AC charger with a constant and a proportional loss.

    P_dc = eta (min(P_ac, P_max) - P_0), not below 0;   P_ac = P_0 + P_dc / eta

    The defaults, an engineering estimate, give 0.94 at 7.4 kW and 0.92 at 2.3 kW, between the usual 0.92 and 0.95. The
    battery's own loss and the 12 V load while charging are not in here. Validation: level 1, in the plug
    energy of whole cars.
    """

    mains_power_max_W: Scalar = 7400.0
    fixed_loss_W: Scalar = 70.0
    slope_efficiency: Scalar = 0.95

    def direct_power_W(self, mains_power_W: Scalar) -> Scalar:
        """Direct-current power behind the charger."""
        return self.slope_efficiency * positive(jnp.minimum(mains_power_W, self.mains_power_max_W) - self.fixed_loss_W)

    def mains_power_W(self, direct_power_W: Scalar) -> Scalar:
        """Mains power that this direct-current power draws; the car never asks for more than its limit."""
        drawn_W = self.fixed_loss_W + direct_power_W / self.slope_efficiency
        return jnp.where(direct_power_W > 0.0, jnp.minimum(drawn_W, self.mains_power_max_W), 0.0)


@final
class Station(AbstractPart):
    """A DC post with its cable: power, current and the window of voltage it serves.

    P <= min(P_max, I_max U) where U_min <= U <= U_max, else 0
    """

    power_max_W: Scalar = 150e3
    current_max_A: Scalar = 400.0
    voltage_min_V: Scalar = 150.0
    voltage_max_V: Scalar = 920.0

    def power_limit_W(self, battery_voltage_V: Scalar) -> Scalar:
        """Power the post can give to a battery of this voltage."""
        served = (battery_voltage_V >= self.voltage_min_V) & (battery_voltage_V <= self.voltage_max_V)
        return jnp.where(served, jnp.minimum(self.power_max_W, self.current_max_A * battery_voltage_V), 0.0)


UNLIMITED_W = 1e9


@final
class Inlet(AbstractPart):
    """The car's socket or rails and their cables: a limit of current, and one of power where it is stated.

    P <= min(P_max, I_max U)
    """

    current_max_A: Scalar = 500.0
    power_max_W: Scalar = UNLIMITED_W

    def power_limit_W(self, battery_voltage_V: Scalar) -> Scalar:
        """Power that the socket carries at this voltage."""
        return jnp.minimum(self.power_max_W, self.current_max_A * battery_voltage_V)


class AbstractChargingCurve(AbstractPart):
    """The DC power that the car itself asks for at most, warm battery, over state of charge."""

    @abstractmethod
    def power_limit_W(self, state_of_charge: Scalar) -> Scalar:
        """Power limit at this state of charge."""


@final
class TableChargingCurve(AbstractChargingCurve):
    """A curve as published by the maker or a test, linear between its points.

    Build it with `charging_curve`, which checks the table.
    """

    state_of_charge: jax.Array
    power_W: jax.Array

    def power_limit_W(self, state_of_charge: Scalar) -> Scalar:
        """Power limit at this state of charge; the end points hold beyond the table."""
        return jnp.interp(state_of_charge, self.state_of_charge, self.power_W)


@final
class GenericChargingCurve(AbstractChargingCurve):
    """The usual shape where only the maximum power is known: full to a knee, then two straight falls.

    P = min(P_max, r max(P_max, P_f) s(z)),   s = 1 up to z_1, linear to p_2 at z_2, linear to p_3 at z = 1

    The falls are the cell's and begin at 1.1 times the energy an hour (P_f) or more: who charges more slowly is held by the post
    or the charger alone, and longer. r is what the cells of a car take over those of the usual one: with more of it the falls lie
    higher and begin later, the maximum stays.
    Fitted to 56 different DC curves of the open-ev-data collection (state 2022, MIT), at z_2 = 0.8: 10 to 80 % takes
    as long as by the car's own curve within 12 % on average. Cars differ: at 80 % the middle half of them still takes
    0.32 to 0.55 of its maximum. Ten of them charge below 1.2: with falls of their own power they are 9 % too long in the mean, so
    0.5 %. Warm battery, post stronger than the car. Validation: level 1 (charging time).
    """

    power_max_W: Scalar
    falling_from_W: Scalar = 0.0
    knee_state_of_charge: Scalar = 0.34
    bend_state_of_charge: Scalar = 0.8
    bend_power_fraction: Scalar = 0.5
    final_power_fraction: Scalar = 0.13
    taken_ratio: Scalar = 1.0

    def power_limit_W(self, state_of_charge: Scalar) -> Scalar:
        """Power limit at this state of charge."""
        z, z1, z2 = state_of_charge, self.knee_state_of_charge, self.bend_state_of_charge
        first_fall = (1.0 - self.bend_power_fraction) * jnp.clip((z - z1) / (z2 - z1), 0.0, 1.0)
        second_fall = (self.bend_power_fraction - self.final_power_fraction) * jnp.clip((z - z2) / (1.0 - z2), 0.0, 1.0)
        from_W = self.taken_ratio * jnp.maximum(self.power_max_W, self.falling_from_W)
        return jnp.minimum(self.power_max_W, from_W * (1.0 - first_fall - second_fall))


FALLING_RATE_per_s = 1.1 / 3600.0


def generic_charging_curve(power_max_W: Scalar, energy_J: Scalar, taken_ratio: Scalar = 1.0) -> GenericChargingCurve:
    """The usual shape for a highest power and the energy that can be used."""
    return GenericChargingCurve(
        power_max_W=power_max_W, falling_from_W=FALLING_RATE_per_s * energy_J, taken_ratio=taken_ratio
    )


def charging_curve(state_of_charge: Sequence[float], power_W: Sequence[float]) -> TableChargingCurve:
    """A charging curve from a table; all that is wrong with the table is raised at once."""
    problems: list[Problem] = []
    if len(state_of_charge) != len(power_W):
        what = text(
            "{state_of_charge} states of charge but {power} powers",
            state_of_charge=len(state_of_charge),
            power=len(power_W),
        )
        problems.append(Problem(what, "charging curve", text("give one power for each state of charge")))
    if len(state_of_charge) < 2:
        problems.append(Problem(text("fewer than two points"), "charging curve", text("give at least two points")))
    problems += [
        Problem(
            text("state of charge {value} is outside 0 to 1", value=value),
            f"charging curve, point {index}",
            text("give a fraction"),
        )
        for index, value in enumerate(state_of_charge)
        if not 0.0 <= value <= 1.0
    ]
    problems += [
        Problem(
            text("power {value} W is not finite and 0 or more", value=value),
            f"charging curve, point {index}",
            text("give watts, positive"),
        )
        for index, value in enumerate(power_W)
        if not 0.0 <= value < float("inf")
    ]
    problems += [
        Problem(
            text("{after} does not rise above {before}", after=after, before=before),
            f"charging curve, point {index}",
            text("sort the points, drop repeats"),
        )
        for index, (before, after) in enumerate(pairwise(state_of_charge), start=1)
        if not after > before
    ]
    if problems:
        raise InputError(problems)
    return TableChargingCurve(jnp.asarray(state_of_charge, dtype=float), jnp.asarray(power_W, dtype=float))


def direct_charging_limit_W(
    curve: AbstractChargingCurve, station: Station, inlet: Inlet, state_of_charge: Scalar, battery_voltage_V: Scalar
) -> Scalar:
    """DC power that curve, post and socket allow; the battery's own limits (cold, full) come on top.

    P = min(P_curve(z), P_station(U), P_inlet(U))
    """
    outside_W = jnp.minimum(station.power_limit_W(battery_voltage_V), inlet.power_limit_W(battery_voltage_V))
    return jnp.minimum(curve.power_limit_W(state_of_charge), outside_W)
