"""Power of the drive: UN R85 net power curve and 30-minute power, UN GTR 21 system power."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from covolt.library.subject import Subject
from covolt.simulation.compiled import kept
from covolt.simulation.trace import Trace
from covolt.study.procedures.asking import Asking, ask
from covolt.study.procedures.curve import curve_of
from covolt.study.procedures.protocol import Given, Measure, Procedure, Recorder
from covolt.study.procedures.track import axle_said, launch, prepared, road
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.drive_unit import AbstractDriveUnit
from covolt.vehicle.part import ZERO_CELSIUS_K
from covolt.words import Phrase, text

__all__ = ["PROCEDURES", "Bench", "bench"]

COOLANT_K = ZERO_CELSIUS_K + 65.0
"""Inlet temperature to which thermal resistances of drive units are declared."""
START_K = ZERO_CELSIUS_K + 25.0
HELD_s, BENCH_STEP_s = 1800.0, 10.0
SPEEDS, BISECTIONS = 96, 40
TEST_SPEED_RATIO = 1.2
"""Speed of the 30-minute test over the base speed P_peak / T_peak: where continuous powers are declared."""
LOAD_s, PEAK_s, STEP_s = 10.0, 2.0, 0.02
NET_POWER = Measure("power_peak", text("Net power"), "kW")
POWER_30_MIN = Measure("power_30_min", text("30-minute power"), "kW")
TORQUE = Measure("torque_peak", text("Highest torque"), "Nm")
SYSTEM_POWER = Measure("power_peak", text("System power, 2 s peak"), "kW")
SUSTAINED = Measure("power_sustained", text("System power, 10 s"), "kW")
HUB_PAYLOAD_kg = 60e3
"""Inertia of the hub dynamometer: its speed changes by less than 1 km/h in 10 s at 300 kW, and tyres do not slip."""


class Bench(NamedTuple):
    """A drive unit on the bench: rotor speeds, its net power at each, and its 30-minute power at each (SI).

    The last speed is that of the 30-minute test; those before it rise evenly.
    """

    speed_rad_per_s: np.ndarray
    net_W: np.ndarray
    held_W: np.ndarray


def _on_bench(unit: AbstractDriveUnit) -> tuple[jax.Array, jax.Array, jax.Array]:
    fastest = 0.99 * unit.maximum_speed_rad_per_s()
    test = jnp.minimum(TEST_SPEED_RATIO * unit.peak_power_W() / unit.peak_torque_Nm(), fastest)
    w = jnp.append(jnp.linspace(0.0, fastest, SPEEDS + 1)[1:], test)
    net_W = unit.envelope(unit.start(START_K), w, unit.nominal_voltage_V()).drive_Nm * w

    def after(power_W: jax.Array) -> jax.Array:
        def once(_: int, winding_K: jax.Array) -> jax.Array:
            state = unit.start(winding_K)
            after = unit.step(state, unit.loss_W(state, power_W / w, w), COOLANT_K, BENCH_STEP_s)
            return jnp.asarray(unit.winding_temperature_K(after))

        return lax.fori_loop(0, round(HELD_s / BENCH_STEP_s), once, jnp.full_like(w, START_K))

    def halve(_: int, bounds: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        low, high = bounds
        middle = 0.5 * (low + high)
        cool = after(middle) <= unit.derating_start_K()
        return jnp.where(cool, middle, low), jnp.where(cool, high, middle)

    cool_at_peak = after(net_W) <= unit.derating_start_K()
    held_W, _ = lax.fori_loop(0, BISECTIONS, halve, (jnp.zeros_like(net_W), net_W))
    return w, net_W, jnp.where(cool_at_peak, net_W, held_W)


def bench(unit: AbstractDriveUnit) -> Bench:
    """Full-load power of a drive unit at nominal voltage, and the power that it holds for 30 minutes.

    P_30(w): largest power whose winding, from 25 degC with coolant at 65 degC, is at the start of derating after 1800 s.
    """
    leaves, tree = jax.tree.flatten(unit)
    arguments = [np.asarray(leaf, dtype=np.float64) for leaf in leaves]

    def whole(*numbers: Any) -> tuple[jax.Array, jax.Array, jax.Array]:
        return _on_bench(jax.tree.unflatten(tree, list(numbers)))

    return Bench(*kept("bench", (tree,), whole, arguments).function(*arguments))


def net_power(subject: Subject, given: Given, note: Recorder) -> None:
    """Every drive unit alone on the bench at nominal voltage: net power curve, and the power held for 30 minutes."""
    del given
    peak_W = held_W = torque_Nm = 0.0
    for axle in subject.vehicle.axles:
        count = float(axle.unit_count)
        found = bench(axle.drive_unit)
        at_peak, at_test = int(np.argmax(found.net_W)), SPEEDS
        name = axle_said(axle.name)
        nominal_V = float(axle.drive_unit.nominal_voltage_V())
        highest_Nm = float(np.max(found.net_W / found.speed_rad_per_s))
        note.section()
        note.line(text("drive units, {name}", name=name), count, "1", "z")
        note.line(text("direct voltage, {name}", name=name), nominal_V, "V", "U", "UN R85, 5.3.1")
        note.line(text("highest torque, {name}", name=name), highest_Nm, "Nm", "T_max", "UN R85, 5.3.1")
        speed = float(found.speed_rad_per_s[at_peak])
        note.line(
            text("speed of highest power, {name}", name=name),
            speed,
            "rpm",
            "n_P",
            "UN R85, 5.3.1",
        )
        own_W = float(found.net_W[at_peak])
        note.line(text("net power, {name}", name=name), own_W, "kW", "P", "UN R85, 5.3.1")
        speed = float(found.speed_rad_per_s[at_test])
        clause = "UN R85, 5.3.2"
        note.line(text("speed of the 30-minute test, {name}", name=name), speed, "rpm", "n_30", clause)
        share = float(found.net_W[at_test] / found.net_W[at_peak])
        said = text("power there over the highest, at least 90 %, {name}", name=name)
        note.line(said, share, "%", "P/P_max", clause)
        note.line(text("coolant, {name}", name=name), COOLANT_K, "degC", "T_c", clause)
        limit_K = float(axle.drive_unit.derating_start_K())
        note.line(text("winding limit, {name}", name=name), limit_K, "degC", "T_w")
        own_held_W = float(found.held_W[at_test])
        note.line(text("30-minute power, {name}", name=name), own_held_W, "kW", "P_30", clause)
        title = text("Power on the bench, {name}", name=name)
        power_kW: dict[Phrase, np.ndarray] = {
            text("net power"): 1e-3 * found.net_W[:SPEEDS],
            text("30 min"): 1e-3 * found.held_W[:SPEEDS],
        }
        rpm = found.speed_rad_per_s[:SPEEDS] * 30.0 / np.pi
        at_peak_rpm, held_rpm = (float(found.speed_rad_per_s[at]) * 30.0 / np.pi for at in (at_peak, at_test))
        whole = len(subject.vehicle.axles) == 1 and count == 1.0
        holds = {NET_POWER.id: (at_peak_rpm, at_peak_rpm), POWER_30_MIN.id: (held_rpm, held_rpm)} if whole else {}
        note.curve(curve_of(title, text("Speed"), "rpm", rpm, power_kW, "kW", holds))
        peak_W, held_W, torque_Nm = peak_W + count * own_W, held_W + count * own_held_W, torque_Nm + count * highest_Nm
    note.section()
    note.result(NET_POWER, note.line("net power", peak_W, "kW", "P", "UN R85, 5.3.1"))
    said = text("30-minute power")
    note.result(POWER_30_MIN, note.line(said, held_W, "kW", "P_30", "UN R85, 5.3.2"))
    said = text("highest torque of all units")
    note.result(TORQUE, note.line(said, torque_Nm, "Nm", "T_max", "UN R85, 5.3.1"))


def shaft_power_W(vehicle: Vehicle, trace: Trace) -> np.ndarray:
    """Mechanical power at the shafts of all drive units over time."""
    powers = [trace[f"{axle.name}_torque_Nm"] * trace[f"{axle.name}_rotor_speed_rad_per_s"] for axle in vehicle.axles]
    return np.sum(powers, axis=0)


def _shaft_signals(vehicle: Vehicle) -> list[str]:
    names = [axle.name for axle in vehicle.axles]
    return [f"{name}_{signal}" for name in names for signal in ("torque_Nm", "rotor_speed_rad_per_s")]


def system_power(subject: Subject, given: Given, note: Recorder) -> Asking[None]:
    """Shaft power of all drive units from the vehicle's own battery at full load and constant speed on a hub dynamometer.

    The speed is that of the highest power in a run-up. Peak: best mean over 2 s; sustained: mean from 8 to 10 s (UN GTR 21, 6.9.1).
    The rule repeats the load and takes the mean of the 2nd to 5th; the simulation's loads are the same, so one is driven.
    """
    subject = prepared(subject)
    vehicle = subject.vehicle
    conditions = road(subject, given)
    shafts = _shaft_signals(vehicle)
    run = yield from ask(vehicle, launch(40.0, conditions), "speed_m_per_s", *shafts)
    power_W = shaft_power_W(vehicle, run)
    # The flat top of a power curve has no sharp maximum: a little past where it is reached stands for all of it.
    reached = int(np.argmax(power_W >= 0.995 * np.max(power_W)))
    speed = min(1.05 * float(run["speed_m_per_s"][reached]), float(np.max(run["speed_m_per_s"])))
    note.line("charge at the start", conditions.state_of_charge, "%", "SoC", "GTR 21, 6.5")
    note.line("speed of highest power", speed, "km/h", "v", "GTR 21, Annex 2")
    payload_kg = max(HUB_PAYLOAD_kg - subject.carried_mass_kg, 0.0)
    held = replace(conditions, payload_kg=payload_kg)
    full = launch(LOAD_s, held, dt_s=STEP_s, hold_m_per_s=speed)
    load = yield from ask(vehicle, full, "speed_m_per_s", "battery_power_W", "limit", *shafts)
    power_W = shaft_power_W(vehicle, load)
    window = round(PEAK_s / STEP_s)
    means_W = np.convolve(power_W, np.full(window, 1.0 / window), mode="valid")
    note.section()
    changed = float(load["speed_m_per_s"][-1] - load["speed_m_per_s"][0])
    note.line(
        "change of speed within the load",
        changed,
        "km/h",
        "dv",
        "GTR 21, 6.8.5",
    )
    battery_W = -float(np.mean(load["battery_power_W"][:window]))
    note.line(
        "battery in the first 2 s",
        battery_W,
        "kW",
        "P_REESS",
        "GTR 21, 6.9.2.2",
    )
    note.line(
        "limit: 1 drive, 2 battery, 3 grip",
        float(load["limit"][-1]),
        "1",
    )
    said = text("best mean over 2 s")
    note.result(SYSTEM_POWER, note.line(said, float(np.max(means_W)), "kW", "P_peak", "GTR 21, 6.9.1"))
    said = text("mean from 8 to 10 s")
    note.result(SUSTAINED, note.line(said, float(means_W[-1]), "kW", "P_sust", "GTR 21, 6.9.1"))
    clock, best_s = load.time_s[::5], STEP_s * float(np.argmax(means_W))
    title = text("Full load at constant speed")
    note.curve(
        curve_of(
            title,
            text("Time"),
            "s",
            clock,
            {text("shaft power"): 1e-3 * power_W[::5]},
            "kW",
            {SYSTEM_POWER.id: (best_s, best_s + PEAK_s), SUSTAINED.id: (LOAD_s - PEAK_s, LOAD_s)},
        )
    )


PROCEDURES = (
    Procedure(
        id="un-r85",
        title=text("Net power and 30-minute power"),
        regulation="UN R85",
        measures=(NET_POWER, POWER_30_MIN, TORQUE),
        validation_level=0,
        recipe=net_power,
        mass_only=("brake", "cabin", "charger"),
        on_bench=("drive_unit", "second_drive_unit"),
    ),
    Procedure(
        id="gtr-21",
        title=text("System power"),
        regulation="UN GTR 21",
        measures=(SYSTEM_POWER, SUSTAINED),
        validation_level=0,
        recipe=system_power,
        conditions=("state_of_health_fraction", "state_of_charge"),
        mass_only=("cabin", "charger"),
    ),
)
