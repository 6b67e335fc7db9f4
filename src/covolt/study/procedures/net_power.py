"""Power of the drive: UN R85 net and 30-minute power, UN GTR 21 system power."""

from __future__ import annotations

from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.simulation.mission import Conditions, full_throttle
from covolt.simulation.run import simulate
from covolt.study.procedures.segments import full_fraction
from covolt.study.protocol import Curve, Given, Measure, Procedure, Record, Recorder
from covolt.study.subject import Subject
from covolt.vehicle.assembly import Axle
from covolt.vehicle.drive_unit import DriveUnitState
from covolt.words import Words

__all__ = ["PROCEDURES", "thirty_minute_power_W"]

COOLANT_K = 273.15 + 65.0
START_K = 273.15 + 25.0
HELD_s = 1800.0
STEP_s = 10.0
TRIALS = 241


@eqx.filter_jit
def _winding_after(unit: Any, power_W: jax.Array, speed_rad_per_s: jax.Array) -> jax.Array:
    """Winding temperature after 30 minutes at each power, coolant held."""

    def once(_: int, temperature_K: jax.Array) -> jax.Array:
        state = DriveUnitState(temperature_K)
        loss_W = unit.loss_W(state, power_W / speed_rad_per_s, speed_rad_per_s)
        return unit.step(state, loss_W, COOLANT_K, STEP_s).winding_temperature_K

    return jax.lax.fori_loop(0, round(HELD_s / STEP_s), once, jnp.full_like(power_W, START_K))


def thirty_minute_power_W(axle: Axle) -> tuple[float, float]:
    """Largest power of one unit that leaves the winding at the start of derating after 30 minutes, and its speed.

    At the base speed P_peak / T_peak times 1.2, where both torque and speed losses are moderate; coolant at 65 degC.
    """
    machine = axle.drive_unit.machine
    speed = 1.2 * float(machine.peak_power_W) / float(machine.peak_torque_Nm)
    powers = np.linspace(0.0, float(machine.peak_power_W), TRIALS)
    ends = np.asarray(_winding_after(axle.drive_unit, jnp.asarray(powers), jnp.asarray(speed)))
    limit_K = float(machine.derating_start_K)
    if float(ends[-1]) <= limit_K:
        return float(powers[-1]), speed
    return float(np.interp(limit_K, np.maximum.accumulate(ends), powers)), speed


def net_power(subject: Subject, given: Given) -> Record:
    """Full-load curve of every drive unit at nominal voltage, and the power held for 30 minutes."""
    del given
    note = Recorder("un-r85")
    peak_W = sustained_W = 0.0
    for axle in subject.vehicle.axles:
        machine, count = axle.drive_unit.machine, float(axle.unit_count)
        speeds = np.linspace(1.0, float(machine.maximum_speed_rad_per_s), 120)
        torques = np.minimum(float(machine.peak_torque_Nm), float(machine.peak_power_W) / speeds)
        note.section()
        note.line(
            f"peak torque, {axle.name}",
            f"наибольший момент, {axle.name}",
            float(np.max(torques)),
            "Nm",
            "T_max",
            "UN R85, 5.3",
        )
        own_W = note.line(
            f"net power, {axle.name}",
            f"полезная мощность, {axle.name}",
            float(np.max(torques * speeds)),
            "kW",
            "P",
            "UN R85, 5.3",
        )
        held_W, speed = thirty_minute_power_W(axle)
        note.line(
            f"speed of the 30-minute test, {axle.name}", f"частота 30-мин испытания, {axle.name}", speed, "rpm", "n"
        )
        note.line(
            f"30-minute power, {axle.name}", f"30-минутная мощность, {axle.name}", held_W, "kW", "P_30", "UN R85, 5.4"
        )
        peak_W += count * own_W
        sustained_W += count * held_W
        curve = {"torque, Nm|момент, Н·м": torques, "power, kW|мощность, кВт": torques * speeds / 1e3}
        note.curve(
            Curve(
                Words(f"Full load, {axle.name}", f"Внешняя характеристика, {axle.name}"),
                Words("Speed", "Частота"),
                "rpm",
                speeds * 30.0 / np.pi,
                curve,
                "1",
            )
        )
    note.section()
    note.measure("power_peak", note.line("net power", "полезная мощность", peak_W, "kW", "P", "UN R85, 5.3"))
    note.measure(
        "power_30_min", note.line("30-minute power", "30-минутная мощность", sustained_W, "kW", "P_30", "UN R85, 5.4")
    )
    return note.record(3)


def system_power(subject: Subject, given: Given) -> Record:
    """Power at the wheels at full throttle: the best 2 s mean, and the mean over the 10 s from it on; UN GTR 21 [from memory]."""
    note = Recorder("gtr-21")
    ambient_K = START_K if given.ambient_temperature_K is None else given.ambient_temperature_K
    charge = full_fraction(subject) if given.state_of_charge is None else given.state_of_charge
    conditions = Conditions(ambient_temperature_K=ambient_K, state_of_charge=charge, payload_kg=given.payload_kg or 0.0)
    trace = simulate(subject.vehicle, full_throttle(60.0, conditions, dt_s=0.05))
    power = trace["wheel_power_W"]
    mean = partial(np.convolve, power, mode="valid")
    two = mean(np.full(40, 1.0 / 40.0))
    ten = mean(np.full(200, 1.0 / 200.0))
    begin = int(np.argmax(two))
    peak = note.line(
        "best mean over 2 s at the wheels",
        "пик за 2 с на колёсах",
        float(two[begin]),
        "kW",
        "P_2s",
        "GTR 21, 6.1",
        confirmed=False,
    )
    sustained = note.line(
        "mean over the 10 s from there",
        "за 10 с от пика",
        float(ten[min(begin, len(ten) - 1)]),
        "kW",
        "P_10s",
        "GTR 21, 6.1",
        confirmed=False,
    )
    note.measure("power_peak", peak)
    note.measure("power_sustained", sustained)
    return note.record(2)


PROCEDURES = (
    Procedure(
        id="un-r85",
        title=Words("Net power and 30-minute power", "Полезная и 30-минутная мощность"),
        regulation="UN R85",
        measures=(
            Measure("power_peak", Words("Net power", "Полезная мощность"), "kW"),
            Measure("power_30_min", Words("30-minute power", "30-минутная мощность"), "kW"),
        ),
        recipe=net_power,
    ),
    Procedure(
        id="gtr-21",
        title=Words("System power", "Системная мощность"),
        regulation="UN GTR 21",
        measures=(
            Measure("power_peak", Words("Peak at the wheels, 2 s", "Пик на колёсах, 2 с"), "kW"),
            Measure("power_sustained", Words("Sustained at the wheels, 10 s", "Длительная на колёсах, 10 с"), "kW"),
        ),
        recipe=system_power,
        conditions=("ambient_temperature_K", "state_of_charge", "payload_kg"),
    ),
)
