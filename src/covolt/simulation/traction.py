"""What the drive units and brakes give of a requested force, and how axles share it.

Forces are at the wheels, positive forwards. Two driven axles share a force so that their electrical power is least: the step
compares driving with the first axle, with the second, and with both in proportion to their peak torque.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp

from covolt.vehicle.assembly import Axle, AxleState, PlacedVehicle, VehicleState
from covolt.vehicle.brake import axle_grip_N
from covolt.vehicle.gearbox import Engaged, GearboxState
from covolt.vehicle.part import Scalar, positive


class AxleLimit(NamedTuple):
    """One axle in this step: its engaged gear and the forces it can give forwards and backwards (positive numbers)."""

    gearbox: GearboxState
    engaged: Engaged
    rotor_per_speed_per_m: Scalar
    drive_N: Scalar
    brake_N: Scalar
    unit_N: Scalar
    battery_N: Scalar
    grip_N: Scalar
    derating_ratio: Scalar


class Traction(NamedTuple):
    """What is delivered: wheel force of each driven axle, friction force, and what bound a request that was not met."""

    axle_N: tuple[Scalar, ...]
    drive_N: Scalar
    friction_N: Scalar
    limit_index: Scalar


class AxlePower(NamedTuple):
    """Powers of one axle at a wheel force and speed."""

    torque_Nm: Scalar
    rotor_speed_rad_per_s: Scalar
    electric_W: Scalar
    unit_loss_W: Scalar
    gearbox_loss_W: Scalar


def axle_limits(
    car: PlacedVehicle,
    state: VehicleState,
    speed_m_per_s: Scalar,
    discharge_W: Scalar,
    charge_W: Scalar,
    dt_s: Scalar,
    excess_W: Sequence[Scalar | None] = (),
) -> tuple[AxleLimit, ...]:
    """Forces that each driven axle can give, with the battery's power shared by peak power.

    What a foreign drive unit takes beyond what it declares, `excess_W` by axle, is not there for its declared one to drive with.
    At the limit of grip the weight that accelerating moves onto the axle counts: F = mu m g s / (1 - mu h/L).
    """
    vehicle = car.vehicle
    peak_W = [axle.unit_count * axle.drive_unit.peak_power_W() for axle in vehicle.axles]
    total_W = sum(peak_W)
    limits: list[AxleLimit] = []
    beyond_W = excess_W or (None,) * len(peak_W)
    for axle, axle_state, own_W, more_W in zip(vehicle.axles, state.axles, peak_W, beyond_W, strict=True):
        share = 1.0 if len(vehicle.axles) == 1 else own_W / total_W
        n = axle.unit_count
        wheel = speed_m_per_s / vehicle.tyre.radius_m
        gearbox, engaged = axle.gearbox.engage(axle_state.gearbox, wheel, dt_s)
        per_speed = engaged.ratio / vehicle.tyre.radius_m
        w = speed_m_per_s * per_speed
        envelope = axle.drive_unit.envelope(axle_state.drive_unit, w, state.voltage_V)
        given_W, back_W = discharge_W * share, charge_W * share
        if more_W is not None:
            given_W, back_W = positive(given_W - more_W), back_W + more_W
        fed = axle.drive_unit.drive_torque_Nm(axle_state.drive_unit, given_W / n, w)
        taken = axle.drive_unit.brake_torque_Nm(axle_state.drive_unit, back_W / n, w)
        forwards = engaged.transmitting_fraction * engaged.mesh_efficiency * per_speed
        backwards = engaged.transmitting_fraction * per_speed / engaged.mesh_efficiency
        mu = vehicle.tyre.grip_coefficient
        still_N = axle_grip_N(mu, car.resistance.mass_kg, axle.load_fraction)
        grip = still_N / (1.0 - mu * axle.transfer_ratio)
        braking_grip_N = still_N / (1.0 + mu * axle.transfer_ratio)
        unit_N = positive(envelope.drive_Nm * n - engaged.drag_Nm) * forwards
        battery_N = positive(fed * n - engaged.drag_Nm) * forwards
        braking_N = (jnp.minimum(envelope.brake_Nm, taken) * n + engaged.drag_Nm) * backwards
        limits.append(
            AxleLimit(
                gearbox=gearbox,
                engaged=engaged,
                rotor_per_speed_per_m=per_speed,
                drive_N=jnp.minimum(jnp.minimum(unit_N, battery_N), grip),
                brake_N=jnp.minimum(braking_N, braking_grip_N),
                unit_N=unit_N,
                battery_N=battery_N,
                grip_N=grip,
                derating_ratio=envelope.derating_ratio,
            )
        )
    return tuple(limits)


def axle_power(axle: Axle, state: AxleState, limit: AxleLimit, force_N: Scalar, speed_m_per_s: Scalar) -> AxlePower:
    """Torque, electrical power and losses of one axle at a wheel force.

    driving   T = F r / (i eta) + T_drag,   braking   T = F r eta / i + T_drag,   P = T w + P_loss(T, w)
    An axle that is asked for nothing keeps its inverter on: cars of the EPA list with two axles lose no less for idling one.
    """
    n = axle.unit_count
    eta = limit.engaged.mesh_efficiency
    w = speed_m_per_s * limit.rotor_per_speed_per_m
    pushing = jnp.maximum(force_N, 0.0)
    holding = force_N - pushing
    torque = (pushing / eta + holding * eta) / limit.rotor_per_speed_per_m + limit.engaged.drag_Nm
    unit_loss = n * axle.drive_unit.loss_W(state.drive_unit, torque / n, w)
    mesh_W = (pushing * (1.0 / eta - 1.0) - holding * (1.0 - eta)) * speed_m_per_s
    gearbox_loss = mesh_W + limit.engaged.drag_Nm * w
    return AxlePower(torque, w, torque * w + unit_loss, unit_loss, gearbox_loss)


def _electric_W(
    car: PlacedVehicle,
    state: VehicleState,
    limits: tuple[AxleLimit, ...],
    forces_N: tuple[Scalar, ...],
    speed_m_per_s: Scalar,
) -> Scalar:
    """Electrical power of all driven axles."""
    rows = zip(car.vehicle.axles, state.axles, limits, forces_N, strict=True)
    return sum(axle_power(axle, own, limit, force, speed_m_per_s).electric_W for axle, own, limit, force in rows)


def _shared(
    car: PlacedVehicle, state: VehicleState, limits: tuple[AxleLimit, ...], force_N: Scalar, speed_m_per_s: Scalar
) -> tuple[Scalar, ...]:
    """Wheel force of each axle, for the least electrical power among the three ways of sharing."""
    if len(limits) == 1:
        return (force_N,)
    first, second = limits

    def within(limit: AxleLimit, asked_N: Scalar) -> jax.Array:
        return jnp.clip(asked_N, -limit.brake_N, limit.drive_N)

    only_first = within(first, force_N)
    only_second = within(second, force_N)
    proportion = first.unit_N / (first.unit_N + second.unit_N + 1.0)
    part = within(first, force_N * proportion)
    part = force_N - within(second, force_N - part)
    ways = (
        (only_first, force_N - only_first),
        (force_N - only_second, only_second),
        (part, force_N - part),
    )
    costs = [_electric_W(car, state, limits, way, speed_m_per_s) for way in ways]
    best = ways[2]
    cost = costs[2]
    for way, its in zip(ways[:2], costs[:2], strict=True):
        better = its < cost
        best = (jnp.where(better, way[0], best[0]), jnp.where(better, way[1], best[1]))
        cost = jnp.minimum(its, cost)
    return best


def deliver(
    car: PlacedVehicle, state: VehicleState, limits: tuple[AxleLimit, ...], request_N: Scalar, speed_m_per_s: Scalar
) -> Traction:
    """What machines and brakes give of a requested wheel force.

    Braking is blended: recuperation as far as brakes, axle, machine and battery allow, friction for the rest up to grip.
    """
    vehicle = car.vehicle
    drive_N = sum(limit.drive_N for limit in limits)
    brake_N = sum(limit.brake_N for limit in limits)
    recuperation_N = jnp.minimum(
        brake_N, vehicle.brake.recuperation_N(-request_N, car.resistance.mass_kg, speed_m_per_s)
    )
    given_N = jnp.clip(request_N, -recuperation_N, drive_N)
    all_grip_N = axle_grip_N(vehicle.tyre.grip_coefficient, car.resistance.mass_kg, 1.0)
    friction_N = jnp.clip(given_N - request_N, 0.0, positive(all_grip_N + jnp.minimum(given_N, 0.0)))

    unit_N = sum(limit.unit_N for limit in limits)
    battery_N = sum(limit.battery_N for limit in limits)
    grip_N = sum(limit.grip_N for limit in limits)
    bound = jnp.where(battery_N < unit_N, 2.0, 1.0)
    bound = jnp.where(grip_N < jnp.minimum(battery_N, unit_N), 3.0, bound)
    too_much = request_N > given_N + 1e-6 * all_grip_N
    too_little = request_N < given_N - friction_N - 1e-6 * all_grip_N
    limit_index = jnp.where(too_much, bound, jnp.where(too_little, 4.0, 0.0))
    return Traction(_shared(car, state, limits, given_N, speed_m_per_s), given_N, friction_N, limit_index)
