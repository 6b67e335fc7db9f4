"""A whole car from its public figures, every missing number from the generic set."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from covolt.library.cell_pack import pack_of
from covolt.library.figures import CarFigures
from covolt.library.fitted import BUS_SIZE_RATIO, cold_charging, conditioned
from covolt.library.generic import GENERIC, DriveLoss, DriveOfCar, Generic, HEAVY_kg, drive_losses
from covolt.simulation.precision import in_64_bits
from covolt.vehicle.assembly import Axle, Vehicle
from covolt.vehicle.auxiliary import Auxiliary
from covolt.vehicle.battery import CellBattery, generic_pack
from covolt.vehicle.body import AbstractBody, CoastDownBody, DragBody
from covolt.vehicle.brake import Brake
from covolt.vehicle.cabin import Cabin
from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K, GenericCell
from covolt.vehicle.charge_limit import generic_charge_limit
from covolt.vehicle.charger import (
    AbstractChargingCurve,
    Inlet,
    OnBoardCharger,
    charging_curve,
    generic_charging_curve,
)
from covolt.vehicle.coolant import AbstractBatteryConditioning, BatteryConditioning, Coolant, NoBatteryConditioning
from covolt.vehicle.drive_unit import Machine, PolynomialDriveUnit
from covolt.vehicle.driver import IdealDriver, UNLIMITED_m_per_s
from covolt.vehicle.gearbox import FixedGearbox, Lubrication
from covolt.vehicle.part import ZERO_CELSIUS_K, settled
from covolt.vehicle.tyre import Tyre

__all__ = ["GENERIC", "Generic", "HEAVY_kg", "car", "motors_of", "pack_mass_kg", "peak_power_W"]

GENERIC_J_per_kg = 140.0 * 3600.0
"""Energy over mass of a pack: 2020 Chevrolet Bolt, maker's figures."""
WIDEST_WINDOW = 0.96
"""Part of the charge that a window leaves at most: near the ends of the curve nobody drives (estimate)."""
ASSIST_FRACTION = 0.35
"""Of the power of all motors in an induction machine beside one of another kind, which helps the main axle: Tesla Model 3 and
VW ID.4 with two axles (makers' figures)."""


@in_64_bits
def car(figures: CarFigures, generic: Generic = GENERIC) -> Vehicle:
    """The vehicle that the figures describe.

    Losses of the drive by kind and power of each machine, see `drive_losses`. A coast-down already holds the warm drag of gears,
    bearings and rotor, so a car described by one counts only the excess of cold oil.
    """
    radius_m = figures.wheel_radius or generic.wheel_radius_m
    ratio = figures.gear_ratio or generic.ratio_per_radius_per_m * radius_m
    vehicle = Vehicle(
        body=_body(figures, generic, ratio, radius_m),
        tyre=_tyre(figures, generic, radius_m),
        axles=_axles(figures, generic, ratio, radius_m),
        brake=Brake(
            recuperation_fraction=1.0,
            recuperation_deceleration_m_per_s2=3.0 if figures.layout != "rear" else 2.5,
            fade_start_m_per_s=2.0,
            fade_end_m_per_s=0.5,
        ),
        battery=_battery(figures, generic),
        cabin=_cabin(figures, generic),
        coolant=Coolant(),
        conditioning=_conditioning(figures),
        auxiliary=_auxiliary(figures),
        charger=_charger(figures, generic),
        inlet=Inlet(),
        charging_curve=_charging_curve(figures, generic),
        driver=IdealDriver(figures.top_speed or UNLIMITED_m_per_s),
    )
    return settled(vehicle)


def motors_of(figures: CarFigures) -> tuple[DriveOfCar, ...]:
    """Machine and inverter of each driven axle; with two, the rear one first.

    Where only the power of all is known, both have half of it, but for an induction machine that assists one of another kind.
    """
    first = DriveOfCar(figures.motor_power, figures.motor_kind, figures.inverter_kind)
    if figures.layout != "all":
        return (first,)
    kind = figures.second_motor_kind or figures.motor_kind
    second_W, first_W = figures.second_motor_power, figures.motor_power
    if second_W is None:
        share = 0.5
        if kind != figures.motor_kind:
            share = {"induction": ASSIST_FRACTION}.get(kind, 0.5)
            share = {"induction": 1.0 - ASSIST_FRACTION}.get(figures.motor_kind, share)
        first_W, second_W = (1.0 - share) * figures.motor_power, share * figures.motor_power
    inverter = figures.second_inverter_kind or figures.inverter_kind
    return replace(first, power_W=first_W), DriveOfCar(second_W, kind, inverter)


def peak_power_W(figures: CarFigures) -> float:
    """Peak power of all motors."""
    return figures.motor_power + (figures.second_motor_power or 0.0)


def _body(figures: CarFigures, generic: Generic, ratio: float, radius_m: float) -> AbstractBody:
    if figures.coast_down is not None:
        return CoastDownBody(
            mass_kg=figures.test_mass,
            rotating_mass_kg=_rotating_mass_kg(figures, generic, ratio, radius_m),
            constant_N=figures.coast_down.constant,
            linear_N_s_per_m=figures.coast_down.linear,
            quadratic_N_s2_per_m2=figures.coast_down.quadratic,
            tyre_fraction=generic.tyre_fraction,
            reference_density_kg_per_m3=figures.coast_down.density_kg_per_m3,
            # The equivalent test weight of 40 CFR 1066 is the whole inertia that the rollers simulate.
            rotating_on_rollers_fraction=0.0 if figures.coast_down.reference == "epa" else 1.0,
        )
    assert_drag = figures.drag_and_tyres
    return DragBody(
        mass_kg=figures.test_mass,
        rotating_mass_kg=_rotating_mass_kg(figures, generic, ratio, radius_m),
        drag_area_m2=assert_drag.drag_area if assert_drag else 0.0,
        bearing_coefficient=generic.bearing_coefficient_of(figures.test_mass),
    )


def _rotating_mass_kg(figures: CarFigures, generic: Generic, ratio: float, radius_m: float) -> float:
    """Wheels as a share of the mass, and the inertia of all rotors seen at the road, J (i / r)^2."""
    torque_Nm = figures.motor_torque or figures.motor_power / generic.base_speed_rad_per_s
    torque_Nm *= peak_power_W(figures) / figures.motor_power
    inertia_kg_m2 = generic.rotor_inertia_per_torque_kg_m2_per_Nm * torque_Nm
    return generic.wheel_mass_ratio * figures.test_mass + inertia_kg_m2 * (ratio / radius_m) ** 2


def _tyre(figures: CarFigures, generic: Generic, radius_m: float) -> Tyre:
    rolling = figures.drag_and_tyres.rolling_coefficient if figures.drag_and_tyres else 0.009
    heavy = figures.test_mass >= HEAVY_kg
    size = figures.test_mass / 1800.0
    return Tyre(
        rolling_coefficient=rolling,
        temperature_coefficient_per_K=generic.heavy_tyre_coefficient_per_K if heavy else generic.tyre_coefficient_per_K,
        # A coast-down is run warm at 20 degC: tyres some 20 K above the air.
        reference_temperature_K=ZERO_CELSIUS_K + 40.0,
        heat_capacity_J_per_K=70e3 * size,
        heat_fraction=0.9,
        conductance_W_per_K=25.0 * size,
        conductance_per_speed_J_per_K_m=3.0 * size,
        grip_coefficient=generic.grip_coefficient,
        radius_m=radius_m,
    )


def _axles(figures: CarFigures, generic: Generic, ratio: float, radius_m: float) -> tuple[Axle, ...]:
    motors = motors_of(figures)
    names, loads = ("rear", "front"), (0.50, 0.50)
    if figures.layout != "all":
        names, loads = (figures.layout,), (0.60 if figures.layout == "front" else 0.52,)
    return tuple(
        _axle(name, figures, generic, motor.power_W, ratio, radius_m, load, loss)
        for name, motor, load, loss in zip(names, motors, loads, drive_losses(motors, generic), strict=True)
    )


def _axle(
    name: str,
    figures: CarFigures,
    generic: Generic,
    power_W: float,
    ratio: float,
    radius_m: float,
    load_fraction: float,
    loss: DriveLoss,
) -> Axle:
    torque_Nm = power_W / generic.base_speed_rad_per_s
    if figures.motor_torque is not None:
        torque_Nm = figures.motor_torque * power_W / figures.motor_power
    k = torque_Nm / generic.reference_torque_Nm
    # Spin loss is generic at the generic ratio; a shorter or longer one turns the rotor at another speed for the same car.
    speed_ratio = generic.ratio_per_radius_per_m * radius_m / ratio
    top_rad_per_s = (figures.top_speed or 0.0) * ratio / radius_m
    unit = PolynomialDriveUnit(
        machine=Machine(
            peak_torque_Nm=torque_Nm,
            peak_power_W=power_W,
            maximum_speed_rad_per_s=max(generic.maximum_speed_rad_per_s, 1.03 * top_rad_per_s),
            nominal_voltage_V=0.95 * (figures.battery_voltage or 360.0),
            derating_start_K=ZERO_CELSIUS_K + 140.0,
            derating_end_K=ZERO_CELSIUS_K + 160.0,
            heat_capacity_J_per_K=0.30 * power_W,
            thermal_resistance_K_per_W=75.0 / (0.05 * power_W),
            winding_heat_fraction=0.7,
            mass_kg=0.0006 * power_W,
        ),
        constant_W=loss.constant_W,
        torque_W_per_Nm=loss.torque_W_per_Nm,
        torque_squared_W_per_Nm2=loss.torque_squared_W_per_Nm2 / k,
        speed_W_s=loss.speed_W_s * speed_ratio,
        speed_squared_W_s2=0.0,
        speed_cubed_W_s3=0.0,
    )
    transfer = generic.height_over_wheelbase_ratio * (-1.0 if name == "front" else 1.0)
    gearbox = FixedGearbox(
        ratio=ratio,
        mesh_efficiency=generic.mesh_efficiency,
        lubrication=Lubrication(
            drag_Nm=generic.drag_gearbox_Nm,
            drag_per_speed_Nm_s=generic.drag_gearbox_per_speed_Nm_s,
            viscosity_coefficient_per_K=0.025,
            reference_temperature_K=ZERO_CELSIUS_K + 40.0,
            included_fraction=1.0 if figures.coast_down else 0.0,
            heat_capacity_J_per_K=15e3,
            conductance_W_per_K=10.0,
        ),
        mass_kg=20.0 + 0.1e-3 * power_W,
    )
    return Axle(
        name=name,
        gearbox=gearbox,
        drive_unit=unit,
        unit_count=1.0,
        load_fraction=load_fraction,
        transfer_ratio=transfer,
    )


def _battery(figures: CarFigures, generic: Generic) -> CellBattery:
    """A pack of generic cells, built for the power that the car draws and takes; of its own cells where the car names them.

    Cells built for more power per energy have less resistance: r = min(1, reference rate / (P_peak / E)), with P_peak the
    larger of motor power and one and a half times the direct charging power. The rate
    feeds the motors at their peak with a quarter to spare. What the maker allows in charging at 25 degC does not plate his
    cells: the plating limit is raised to it, its fall in the cold kept.
    """
    motors_W = peak_power_W(figures)
    energy_J = figures.battery_energy
    curve = _charging_curve(figures, generic)
    limit = generic_charge_limit()
    # These are numbers even where the car is built inside a function that is being traced.
    with jax.ensure_compile_time_eval():
        z = jnp.linspace(0.1, 0.9, 17)
        taken_per_s = np.asarray(curve.power_limit_W(z)) / energy_J * 0.9
        allowed_per_s = np.asarray(limit(z, REFERENCE_TEMPERATURE_K))
    raised = max(1.0, float(np.max(taken_per_s / allowed_per_s)))
    low, high = _window(figures)
    peak_W = max(motors_W, 1.5 * float(np.max(taken_per_s)) * energy_J)
    voltage_V = figures.battery_voltage or 360.0
    battery = generic_pack(
        energy_J,
        voltage_V,
        lowest_cell_charge_fraction=low,
        highest_cell_charge_fraction=high,
        mass_kg=pack_mass_kg(figures),
        resistance_ratio=generic.pack_resistance_ratio * min(1.0, generic.reference_rate_per_s * energy_J / peak_W),
        peak_discharge_rate_per_s=max(3.0 / 3600.0, 1.25 * motors_W / energy_J / 0.9),
        peak_charge_rate_per_s=max(3.0 / 3600.0, 1.2 * float(np.max(taken_per_s))),
        charge_limit=cold_charging(
            replace(limit, over_state_of_charge_per_s=limit.over_state_of_charge_per_s.scaled(raised)),
            figures.charging_above,
            figures.freezing_charge_ratio,
        ),
    )
    cell = figures.battery_cell
    return in_the_cold(battery, generic) if cell is None else pack_of(cell, battery, energy_J, voltage_V)


def in_the_cold(battery: CellBattery, generic: Generic) -> CellBattery:
    """The pack of generic cells with their activation energies times `cold_growth_ratio`."""
    if not isinstance(battery.cell, GenericCell):
        return battery
    cell, growth = battery.cell, generic.cold_growth_ratio
    cell = replace(
        cell,
        resistance_activation_K=cell.resistance_activation_K * growth,
        kinetics_activation_K=cell.kinetics_activation_K * growth,
    )
    return replace(battery, cell=cell)


def pack_mass_kg(figures: CarFigures) -> float:
    """Mass of the battery as given, or that of a generic pack of the same energy."""
    if figures.battery_mass is not None:
        return figures.battery_mass
    return (figures.battery_gross_energy or figures.battery_energy) / GENERIC_J_per_kg


def _window(figures: CarFigures) -> tuple[float, float]:
    """Ends of the window: 5 and 95 %, or as wide as what can be used of all that the cells hold, in the middle (estimate)."""
    share = 0.9 if figures.battery_gross_energy is None else figures.battery_energy / figures.battery_gross_energy
    share = min(share, WIDEST_WINDOW)
    return 0.5 * (1.0 - share), 0.5 * (1.0 + share)


def _conditioning(figures: CarFigures) -> AbstractBatteryConditioning:
    """Heater and chiller where a heater is stated, nothing where it is denied; a chiller alone where nothing is known."""
    if figures.battery_heater is None:
        return BatteryConditioning(heating_power_max_W=0.0)
    return BatteryConditioning() if figures.battery_heater else NoBatteryConditioning()


def _cabin(figures: CarFigures, generic: Generic) -> Cabin:
    """The generic cabin scaled by the car's length times width over the measured car's 4.0 m x 1.78 m.

    A larger cabin than that has larger machines, as buses and long cars have. Fresh air follows the people, not the length of a
    car; in a bus they fill the floor.
    """
    size = figures.cabin_size
    cabin = Cabin().scaled(size)
    cabin = replace(
        cabin,
        conductance_W_per_K=cabin.conductance_W_per_K * generic.cabin_conductance_ratio,
        conductance_per_speed_J_per_m_K=cabin.conductance_per_speed_J_per_m_K * generic.cabin_conductance_ratio,
    )
    pump = {"heat_pump": 1.0} if figures.heat_pump else {}
    return conditioned(cabin, size, pump, generic, bus=size >= BUS_SIZE_RATIO)


def _auxiliary(figures: CarFigures) -> Auxiliary:
    if figures.auxiliary_power is None:
        return Auxiliary()
    base = Auxiliary()
    load_W = figures.auxiliary_power * base.converter_efficiency
    return Auxiliary(standstill_load_W=load_W, moving_load_W=load_W)


def _charger(figures: CarFigures, generic: Generic) -> OnBoardCharger:
    mains_W = figures.ac_power or 7400.0
    return OnBoardCharger(
        mains_power_max_W=mains_W,
        fixed_loss_W=generic.charger_fixed_loss_ratio * mains_W,
        slope_efficiency=generic.charger_efficiency / (1.0 - generic.charger_fixed_loss_ratio),
    )


def _charging_curve(figures: CarFigures, generic: Generic) -> AbstractChargingCurve:
    if figures.dc_curve is not None:
        return charging_curve([point[0] for point in figures.dc_curve], [point[1] for point in figures.dc_curve])
    usual_W = 1.5 * figures.battery_energy / 3600.0
    return generic_charging_curve(figures.dc_power or usual_W, figures.battery_energy, generic.charging_fall_ratio)
