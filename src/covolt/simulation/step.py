"""The one step of the vehicle, which every runner calls.

    limits      what battery, drive units, tyres and temperatures allow now
    comfort     what auxiliaries, cabin and battery conditioning draw
    request     the force that the driver asks for
    deliver     what the machines and brakes give
    move        the speed that this leaves the body with
    advance     the states of all parts

The order is fixed and nothing is written in place. Speeds within a step are the mean of begin and end, so that force times
mean speed times step is exactly the change of kinetic energy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from covolt.simulation.excess import ExcessOfAxles, excess_of, excess_signals, real_powers, savable_W
from covolt.simulation.request import Request
from covolt.simulation.traction import AxleLimit, Traction, axle_limits, axle_power, deliver
from covolt.vehicle.assembly import AxleState, PlacedVehicle, VehicleState
from covolt.vehicle.driver import Target
from covolt.vehicle.fuel_heater import Burning
from covolt.vehicle.part import GRAVITY_m_per_s2, Scalar, positive

Signals = dict[str, Scalar]
"""Signals of one step by name with unit; names ending in `_power_W` are mean powers over the step."""

TRACE_TOLERANCE_m_per_s = 2.0 / 3.6
"""Speed tolerance of UN R154 and of 40 CFR 1066 (2 km/h; 2 mph there)."""

STANDING_m_per_s = 1e-6
"""Mean speed of a step below which the vehicle stands: rounding must not decide who holds it on a hill."""

STILL_m_per_s = 1e-9
"""End speed that is rounding and not motion."""


class Drawn(NamedTuple):
    """What is drawn beside traction, and the heat that it moves."""

    auxiliary_W: Scalar
    climate_W: Scalar
    conditioning_W: Scalar
    heat_to_cabin_W: Scalar
    heating_W: Scalar
    cooling_W: Scalar
    climate_on: Scalar
    burning: Burning | None = None

    @property
    def total_W(self) -> Scalar:
        """Electrical power of all of it."""
        return self.auxiliary_W + self.climate_W + self.conditioning_W


def step(car: PlacedVehicle, state: VehicleState, request: Request, dt_s: Scalar) -> tuple[VehicleState, Signals]:
    """Drive one step.

    Args:
        car: the vehicle in one weather, with one load.
        state: its state at the beginning of the step.
        request: what the mission asks for.
        dt_s: length of the step.

    Returns:
        the state at the end, and the signals of the step.
    """
    battery, row = car.vehicle.battery, request.battery_row()
    state = state._replace(battery=battery.heard(state.battery, row))
    if row is not None:
        state = state._replace(voltage_V=row.voltage_before_V)
    limits = battery.limits(state.battery, dt_s)
    drawn = _drawn(car, state, request, limits.discharge_power_W)

    driver, wanted = car.vehicle.driver.speed_m_per_s(
        state.driver,
        Target(
            state.speed_m_per_s,
            request.target_m_per_s,
            request.target_m_per_s if request.preview_m_per_s is None else request.preview_m_per_s,
        ),
        dt_s,
    )
    resistance = _Resisting(car, state, request, wanted)
    middle = 0.5 * (state.speed_m_per_s + wanted)
    force_request_N = car.resistance.equivalent_mass_kg * (wanted - state.speed_m_per_s) / dt_s + resistance.force_N(
        middle
    )
    # A vehicle that stands and shall stand is held by its brakes, on a slope too, and not by its motor.
    force_request_N = jnp.where(middle > STANDING_m_per_s, force_request_N, jnp.minimum(resistance.standing_N, 0.0))
    if request.coasting_fraction is not None:
        force_request_N = force_request_N * (1.0 - request.coasting_fraction)
        middle = jnp.where(request.coasting_fraction > 0.0, state.speed_m_per_s, middle)
    excess_W = excess_of(car.vehicle.axles, request)
    axles = axle_limits(
        car,
        state,
        _reachable_m_per_s(car, state, resistance, middle, dt_s),
        positive(limits.discharge_power_W - drawn.total_W),
        limits.charge_power_W + drawn.total_W,
        dt_s,
        excess_W,
    )
    traction = deliver(car, state, axles, force_request_N, middle)
    moved = _move(car, state, resistance, traction, dt_s)
    awake = 1.0 if request.parked_fraction is None else 1.0 - request.parked_fraction
    # An empty battery no longer feeds the standing loss of the inverters: the vehicle is off until it recuperates.
    feeds = jnp.where(limits.discharge_power_W - drawn.total_W > 1.0, 1.0, 0.0)
    moving_back = jnp.where(traction.drive_N < 0.0, 1.0, 0.0)
    awake = awake * jnp.maximum(feeds, moving_back)
    inverters = Inverters(awake, feeds, excess_W)
    after, signals = _advance(car, state, drawn, resistance, traction, axles, moved, inverters, dt_s)
    signals["target_speed_m_per_s"] = request.target_m_per_s
    return after._replace(driver=driver), signals


def _reachable_m_per_s(
    car: PlacedVehicle, state: VehicleState, resistance: _Resisting, middle_m_per_s: Scalar, dt_s: Scalar
) -> jax.Array:
    """Mean speed at which limits are read: what is wanted, but not beyond what peak power and grip can reach, nor below braking
    at the limit of grip.
    """
    v0, mass_kg = state.speed_m_per_s, car.resistance.equivalent_mass_kg
    grip_N = GRAVITY_m_per_s2 * car.vehicle.tyre.grip_coefficient * car.resistance.mass_kg
    peak_W = sum(axle.unit_count * axle.drive_unit.peak_power_W() for axle in car.vehicle.axles)
    resisting_N = resistance.force_N(v0)
    pull_N = jnp.minimum(grip_N, peak_W / jnp.maximum(v0, 1.0)) - resisting_N
    half_s = 0.5 * dt_s / mass_kg
    slowest = positive(v0 - half_s * (grip_N + resisting_N))
    return jnp.clip(middle_m_per_s, slowest, jnp.maximum(slowest, v0 + half_s * positive(pull_N)))


def _drawn(car: PlacedVehicle, state: VehicleState, request: Request, available_W: Scalar) -> Drawn:
    """Auxiliaries first, then cabin and battery conditioning as far as the battery can feed them."""
    vehicle, comfort = car.vehicle, car.comfort
    auxiliary = jnp.minimum(vehicle.auxiliary.power_W(car.auxiliary, state.speed_m_per_s), available_W)
    battery = vehicle.conditioning.demand(
        vehicle.battery.temperature_K(state.battery), car.conditioning, comfort.conditioning, comfort.preconditioning
    )
    if request.heater_power_W is not None and request.air_conditioning_power_W is not None:
        climate = vehicle.cabin.given(car.cabin, request.heater_power_W, request.air_conditioning_power_W)
    else:
        climate = vehicle.cabin.climate(
            state.cabin, car.cabin, state.speed_m_per_s, car.ambient.sun_W_per_m2, comfort.climate
        )
    wished = climate.electric_power_W + battery.electric_power_W
    share = jnp.minimum(1.0, positive(available_W - auxiliary) / (wished + 1e-3))
    climate_on = comfort.climate
    if request.parked_fraction is not None:
        auxiliary = auxiliary + request.parked_fraction * (car.auxiliary.key_off_W - auxiliary)
        # Of a parked vehicle the blower rests and the doors are shut.
        driven = 1.0 - request.parked_fraction
        share, climate_on = share * driven, climate_on * driven
    return Drawn(
        auxiliary,
        climate.electric_power_W * share,
        battery.electric_power_W * share,
        climate.heat_to_cabin_W * share,
        battery.heating_W * share,
        battery.cooling_W * share,
        climate_on,
        None if climate.burning is None else climate.burning.scaled(share),
    )


class _Resisting:
    """Resistance of this step, c0 + c1 v + c2 (v + w) |v + w|, rolling only where the car rolls; w is the head wind."""

    def __init__(self, car: PlacedVehicle, state: VehicleState, request: Request, wanted_m_per_s: Scalar) -> None:
        r = car.resistance
        # At standstill nothing resists; the force grows in with the first 0.05 m/s so that it has a slope for gradients.
        moving = jnp.minimum(1.0, 20.0 * (0.5 * (state.speed_m_per_s + wanted_m_per_s)))
        cold = car.vehicle.tyre.resistance_factor(state.tyre) - 1.0
        self.rolling_N = r.rolling_N * (1.0 + r.tyre_warmth_fraction * cold) * moving
        self.constant_N = r.constant_N * moving
        self.slope_N: Scalar = 0.0
        if request.slope_fraction is not None:
            s = request.slope_fraction
            self.slope_N = r.mass_kg * GRAVITY_m_per_s2 * s / jnp.sqrt(1.0 + s * s)
        self.linear_N_s_per_m = r.linear_N_s_per_m
        self.quadratic_N_s2_per_m2 = r.quadratic_N_s2_per_m2 * moving
        self.wind_m_per_s = r.wind_m_per_s
        self.still_air_N = self.rolling_N + self.constant_N + self.slope_N
        self.standing_N = self.still_air_N + self.air_N(0.0)

    def air_N(self, speed_m_per_s: Scalar) -> Scalar:
        """Drag of the air at a speed; a tail wind faster than the vehicle pushes it."""
        through = speed_m_per_s + self.wind_m_per_s
        return self.quadratic_N_s2_per_m2 * through * jnp.abs(through)

    def force_N(self, speed_m_per_s: Scalar) -> Scalar:
        """Resisting force at a speed."""
        return self.still_air_N + speed_m_per_s * self.linear_N_s_per_m + self.air_N(speed_m_per_s)

    def slope_N_s_per_m(self, speed_m_per_s: Scalar) -> Scalar:
        """Derivative of the force by speed."""
        through = jnp.abs(speed_m_per_s + self.wind_m_per_s)
        return self.linear_N_s_per_m + 2.0 * through * self.quadratic_N_s2_per_m2

    def of_fit_N(self, speed_m_per_s: Scalar) -> Scalar:
        """What a negative linear term of a coast-down takes off the air, for it mends the square that the fit made too steep.

        As far as there is drag in calm air to take it from; the rest, at walking pace, is left to the rest of the road load.
        """
        calm_N = self.quadratic_N_s2_per_m2 * speed_m_per_s * speed_m_per_s
        return positive(calm_N + speed_m_per_s * jnp.minimum(self.linear_N_s_per_m, 0.0)) - calm_N


class Moved(NamedTuple):
    """How the body moved: mean speed and speed at the end, and the friction force that was really needed."""

    mean_m_per_s: Scalar
    end_m_per_s: Scalar
    friction_N: Scalar


def _move(car: PlacedVehicle, state: VehicleState, resistance: _Resisting, traction: Traction, dt_s: Scalar) -> Moved:
    """Speed after the step from the force delivered.

    m (v1 - v0) / dt = F - c0 - c1 x - c2 (x + w) |x + w| with x = (v0 + v1) / 2 has one non-negative root. Where the air comes
    from ahead, as it does if the force at x = -w still accelerates beyond it, s = 1, else s = -1:
    x = 2 K / (b + sqrt(b^2 + 4 s c2 K)),  b = 2 m / dt + c1 + 2 s c2 w,  K = F - c0 - s c2 w^2 + 2 m v0 / dt.
    A vehicle that would roll backwards is held by its brakes; where hill and air alone stop it within the step, it rolls to rest
    without them, x = m v0^2 / (2 dt (R - F)), and stands for what is left.
    """
    m, v0 = car.resistance.equivalent_mass_kg, state.speed_m_per_s
    inertia = 2.0 * m / dt_s
    b, w = inertia + resistance.linear_N_s_per_m, resistance.wind_m_per_s
    k = traction.drive_N - traction.friction_N - resistance.still_air_N + inertia * v0
    c2 = jnp.where((w >= 0.0) | (k + b * w > 0.0), 1.0, -1.0) * resistance.quadratic_N_s2_per_m2
    k, b = k - c2 * (w * w), b + c2 * (2.0 * w)
    root = b + jnp.sqrt(positive(b * b + 4.0 * c2 * k))
    x = 2.0 * k / root
    # The end speed is 2 x - v0; below zero the car has stopped within the step and its brakes hold it.
    stopped = x <= 0.5 * v0
    x = jnp.maximum(x, 0.5 * v0)
    to_hold = traction.drive_N + 0.5 * inertia * v0 - resistance.force_N(0.5 * v0)
    rolls_out = stopped & (to_hold < 0.0)
    rest = 0.25 * inertia * v0 * v0
    for _ in range(3):
        # Newton on (R(x) - F) x = rest, whose root lies a little below v0 / 2.
        value = (resistance.force_N(x) - traction.drive_N) * x - rest
        slope = resistance.force_N(x) - traction.drive_N + x * resistance.slope_N_s_per_m(x)
        x = jnp.where(rolls_out, x - value / jnp.where(rolls_out, slope, 1.0), x)
    friction = jnp.where(stopped, positive(to_hold), traction.friction_N)
    end = jnp.where(stopped, 0.0, 2.0 * x - v0)
    return Moved(x, jnp.where(end < STILL_m_per_s, 0.0, end), friction)


def _product(values: Iterable[Scalar]) -> Scalar:
    """Product of numbers."""
    result: Scalar = 1.0
    for value in values:
        result = result * value
    return result


class Inverters(NamedTuple):
    """Whether (1) or not (0) the inverters are on, whether the battery can feed them, and what they take beyond the declared."""

    awake_fraction: Scalar
    fed_fraction: Scalar
    excess_W: ExcessOfAxles


def _advance(
    car: PlacedVehicle,
    state: VehicleState,
    drawn: Drawn,
    resistance: _Resisting,
    traction: Traction,
    axles: tuple[AxleLimit, ...],
    moved: Moved,
    inverters: Inverters,
    dt_s: Scalar,
) -> tuple[VehicleState, Signals]:
    """The states of all parts after the step but the driver's, and what is worth knowing about it.

    A parked vehicle (awake 0) has its inverters off. One that an empty battery does not feed loses no more than it recuperates.
    """
    vehicle, v = car.vehicle, moved.mean_m_per_s
    awake_fraction = inverters.awake_fraction
    declared = tuple(
        axle_power(axle, own, limit, force, v)
        for axle, own, limit, force in zip(vehicle.axles, state.axles, axles, traction.axle_N, strict=True)
    )
    powers = real_powers(declared, inverters.excess_W)
    asked_W = sum(power.electric_W for power in powers)
    unfed_W = (1.0 - inverters.fed_fraction) * positive(asked_W)
    electric_W = awake_fraction * (asked_W - unfed_W)
    whole_W = sum(power.unit_loss_W for power in powers)
    saved_W = jnp.minimum(unfed_W, savable_W(whole_W, inverters.excess_W))
    lossy_fraction = awake_fraction * (1.0 - saved_W / (whole_W + 1e-9))
    unit_loss_W = awake_fraction * (whole_W - saved_W)
    # What the machine would give to turn the gears, the wheels turn them with.
    gearbox_loss_W = awake_fraction * (sum(power.gearbox_loss_W for power in powers) - (unfed_W - saved_W))
    battery, given = vehicle.battery.step(
        state.battery,
        -(drawn.total_W + electric_W),
        drawn.heating_W,
        drawn.cooling_W,
        car.ambient.temperature_K,
        dt_s,
    )
    rolling_W, fit_N = resistance.rolling_N * v, resistance.of_fit_N(v)
    after_axles = tuple(
        AxleState(
            axle.gearbox.step(limit.gearbox, power.gearbox_loss_W, car.ambient.temperature_K, dt_s),
            axle.drive_unit.step(
                own.drive_unit, lossy_fraction * power.unit_loss_W / axle.unit_count, state.coolant.temperature_K, dt_s
            ),
        )
        for axle, own, limit, power in zip(vehicle.axles, state.axles, axles, powers, strict=True)
    )
    heat_W = sum(
        axle.unit_count
        * axle.drive_unit.coolant_heat_W(
            own.drive_unit, lossy_fraction * power.unit_loss_W / axle.unit_count, state.coolant.temperature_K
        )
        for axle, own, power in zip(vehicle.axles, after_axles, powers, strict=True)
    )
    after = VehicleState(
        speed_m_per_s=moved.end_m_per_s,
        voltage_V=given.voltage_V,
        battery=battery,
        axles=after_axles,
        tyre=vehicle.tyre.step(state.tyre, rolling_W, v, car.ambient, dt_s),
        cabin=vehicle.cabin.step(
            state.cabin,
            drawn.heat_to_cabin_W,
            car.cabin,
            v,
            car.ambient.sun_W_per_m2,
            drawn.climate_on,
            dt_s,
        ),
        coolant=vehicle.coolant.step(state.coolant, heat_W, car.ambient.temperature_K, v, dt_s),
        driver=state.driver,
    )
    signals: Signals = {
        "speed_m_per_s": moved.end_m_per_s,
        "mean_speed_m_per_s": v,
        "wheel_force_N": traction.drive_N,
        "battery_open_circuit_power_W": given.open_circuit_power_W,
        "battery_loss_power_W": given.loss_power_W,
        "battery_power_W": given.power_W,
        "battery_current_A": given.current_A,
        "battery_voltage_V": given.voltage_V,
        "battery_temperature_K": vehicle.battery.temperature_K(battery),
        "state_of_charge": vehicle.battery.state_of_charge(battery),
        "auxiliary_power_W": drawn.auxiliary_W,
        "climate_power_W": drawn.climate_W,
        "conditioning_power_W": drawn.conditioning_W,
        "drive_unit_power_W": electric_W,
        "drive_unit_loss_power_W": unit_loss_W,
        "gearbox_loss_power_W": gearbox_loss_W,
        "wheel_power_W": traction.drive_N * v,
        "friction_brake_power_W": moved.friction_N * v,
        "rolling_power_W": rolling_W,
        "driveline_power_W": (resistance.constant_N + resistance.linear_N_s_per_m * v - fit_N) * v,
        "air_power_W": (resistance.air_N(v) + fit_N) * v,
        "slope_power_W": resistance.slope_N * v,
        "unserved_power_W": given.unserved_power_W,
        "cabin_temperature_K": after.cabin.temperature_K,
        "coolant_temperature_K": after.coolant.temperature_K,
        "tyre_temperature_K": after.tyre.temperature_K,
        "limit": traction.limit_index,
        "outside_map_flag": 1.0
        - _product(
            axle.drive_unit.covers(power.torque_Nm / axle.unit_count, power.rotor_speed_rad_per_s)
            for axle, power in zip(vehicle.axles, powers, strict=True)
        ),
    }
    signals |= excess_signals(vehicle.axles, state, declared, inverters.excess_W, lossy_fraction, unit_loss_W)
    if given.remainder_power_W is not None:
        signals["battery_remainder_power_W"] = given.remainder_power_W
        signals["battery_asked_power_W"] = -(drawn.total_W + electric_W)
        signals["battery_heating_power_W"] = drawn.heating_W
        signals["battery_cooling_power_W"] = drawn.cooling_W
    if drawn.burning is not None:
        signals["fuel_power_W"] = drawn.burning.fuel_W
        signals["fuel_heat_power_W"] = drawn.burning.heat_W
        signals["fuel_exhaust_power_W"] = drawn.burning.exhaust_W
    for axle, own, power in zip(vehicle.axles, after.axles, powers, strict=True):
        signals[f"{axle.name}_torque_Nm"] = power.torque_Nm
        signals[f"{axle.name}_rotor_speed_rad_per_s"] = power.rotor_speed_rad_per_s
        signals[f"{axle.name}_winding_temperature_K"] = axle.drive_unit.winding_temperature_K(own.drive_unit)
        signals[f"{axle.name}_oil_temperature_K"] = own.gearbox.oil_temperature_K
        signals[f"{axle.name}_gear"] = own.gearbox.gear
    return after, signals
