"""A whole car from its public figures, every missing number from the generic set."""

from __future__ import annotations

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from covolt.library.cell_pack import pack_of
from covolt.library.figures import CarFigures
from covolt.vehicle.assembly import Axle, Vehicle
from covolt.vehicle.auxiliary import Auxiliary
from covolt.vehicle.battery import CellBattery, generic_pack
from covolt.vehicle.body import AbstractBody, CoastDownBody, DragBody
from covolt.vehicle.brake import Brake
from covolt.vehicle.cabin import Cabin
from covolt.vehicle.cell import REFERENCE_TEMPERATURE_K
from covolt.vehicle.charge_limit import generic_charge_limit
from covolt.vehicle.charger import (
    AbstractChargingCurve,
    GenericChargingCurve,
    Inlet,
    OnBoardCharger,
    charging_curve,
)
from covolt.vehicle.coolant import BatteryConditioning, Coolant, NoBatteryConditioning
from covolt.vehicle.drive_unit import Machine, PolynomialDriveUnit
from covolt.vehicle.driver import IdealDriver
from covolt.vehicle.gearbox import FixedGearbox, Lubrication
from covolt.vehicle.heat_pump import PTC, HeatPump, NoHeatPump
from covolt.vehicle.part import ZERO_CELSIUS_K, settled
from covolt.vehicle.tyre import Tyre


@dataclass(frozen=True)
class Generic:
    """The generic set: one for all cars.

    The first eight numbers were calibrated on the EPA's 2022 test-car list (114 charge-depleting tests of 10 families); what
    they cannot know of a single family is up to 11 % of its energy, see docs/models/generic-car.md. The rest are physical values
    with the source beside them; they were not tuned.
    """

    constant_loss_W: float = 500.0
    spin_loss_W_s: float = 0.48
    induction_spin_loss_W_s: float = 2.2
    torque_loss_W_per_Nm: float = 5.0
    torque_squared_loss_W_per_Nm2: float = 0.02
    sizeless_loss_fraction: float = 0.55
    """Part of the reference car's constant and spin losses that every car has, whatever its size."""
    mass_exponent: float = 6.0
    power_exponent: float = 0.3
    highest_mass_ratio: float = 1.25
    """2.5 t, the heaviest cars without induction machines (Porsche Taycan): beyond, the list cannot tell mass from machine."""
    silicon_carbide_loss_ratio: float = 0.6
    """Constant and spin losses of a drive switched by silicon carbide over those of one switched by silicon: gives an Ioniq 5 the
    5 % of range that its maker states for it, between the 4 and 8 % of a supplier for WLTC."""
    silicon_carbide_fraction: float = 0.3
    """Of the families in the EPA's 2022 list: their mean is what the losses above stand for."""
    reference_mass_kg: float = 2000.0
    reference_power_W: float = 200e3
    reference_torque_Nm: float = 310.0
    mesh_efficiency: float = 0.985
    base_speed_rad_per_s: float = 480.0
    """Speed at which peak torque meets peak power: 150 kW and 310 Nm (VW ID.3, maker's figures)."""
    maximum_speed_rad_per_s: float = 1680.0
    ratio_per_radius_per_m: float = 28.4
    """Gear ratio over wheel radius; EPA list, motor speed over vehicle speed 96 to 150 rpm/mph, median 118."""
    wheel_radius_m: float = 0.335
    tyre_fraction: float = 0.85
    grip_coefficient: float = 0.9
    height_over_wheelbase_ratio: float = 0.19
    charger_efficiency: float = 0.93
    tyre_coefficient_per_K: float = 0.010
    """Fall of rolling resistance with tyre temperature: upper end of UN R117's classes; measured winter trips ask for more."""
    heavy_tyre_coefficient_per_K: float = 0.006
    bearing_coefficient: float = 0.002
    """Drag of bearings and touching brake pads over the weight, an estimate confirmed by one car's measured trips."""
    rotor_inertia_per_torque_kg_m2_per_Nm: float = 2.4e-4
    """An estimate: 0.06 kg m2 for a rotor of 250 Nm."""
    wheel_mass_ratio: float = 0.03
    reference_rate_per_s: float = 1.8 / 3600.0
    """Peak power over energy at which a pack has the resistance of the generic energy cell; from one measured pack and from the
    charge curves of 73 cars."""
    drag_gearbox_Nm: float = 0.5
    drag_gearbox_per_speed_Nm_s: float = 0.001


GENERIC = Generic()

HEAVY_kg = 3500.0
GENERIC_J_per_kg = 140.0 * 3600.0
"""Energy over mass of a pack: 2020 Chevrolet Bolt, maker's figures."""
WIDEST_WINDOW = 0.96
"""Part of the charge that a window leaves at most: near the ends of the curve nobody drives (estimate)."""
"""Test mass from which a vehicle is a lorry or a bus (category N2, M2 and above)."""


def car(figures: CarFigures, generic: Generic = GENERIC) -> Vehicle:
    """The vehicle that the figures describe.

    Losses of the drive: constant and spin losses scale with `loss_size`, torque losses with the size of the machine (stack
    length). They are those of the mean inverter of the list unless its semiconductor is stated. A coast-down already holds the
    warm drag of gears, bearings and rotor, so a car described by one counts only the excess of cold oil.
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
        cabin=_cabin(figures),
        coolant=Coolant(),
        conditioning=BatteryConditioning() if figures.battery_heater else NoBatteryConditioning(),
        auxiliary=_auxiliary(figures),
        charger=_charger(figures, generic),
        inlet=Inlet(),
        charging_curve=_charging_curve(figures),
        driver=IdealDriver(),
    )
    return settled(vehicle)


def loss_size(mass_kg: float, power_W: float, generic: Generic = GENERIC) -> float:
    """Constant and spin losses of a car over those of the reference car.

    s = f + (1 - f) min(m / 2000 kg, highest)^n (P / 200 kW)^a, P the peak power of all motors: a part that every car has, and
    one that grows as the power grows that the families of the EPA list lose beyond their road load.
    """
    mass_ratio = min(mass_kg / generic.reference_mass_kg, generic.highest_mass_ratio)
    by_power = (power_W / generic.reference_power_W) ** generic.power_exponent
    sizeless = generic.sizeless_loss_fraction
    return sizeless + (1.0 - sizeless) * mass_ratio**generic.mass_exponent * by_power


def _inverter_ratio(figures: CarFigures, generic: Generic) -> float:
    """Constant and spin losses by the inverter's semiconductor, over those of the mean of the list."""
    carbide = generic.silicon_carbide_loss_ratio
    mean = 1.0 + generic.silicon_carbide_fraction * (carbide - 1.0)
    return {"silicon": 1.0 / mean, "silicon-carbide": carbide / mean, None: 1.0}[figures.inverter_kind]


def usual_mass_kg(power_W: float) -> float:
    """Mass of the car that a power usually moves, m = 182 kg (P / 1 W)^0.2: regression over the EPA's 2022 list, 70 to 560 kW."""
    return 182.0 * power_W**0.2023


def peak_power_W(figures: CarFigures) -> float:
    """Peak power of all motors."""
    return figures.motor_power + (figures.second_motor_power or 0.0)


def _body(figures: CarFigures, generic: Generic, ratio: float, radius_m: float) -> AbstractBody:
    if figures.coast_down is not None:
        return CoastDownBody(
            mass_kg=figures.test_mass,
            # The equivalent test weight of 40 CFR 1066 is the inertia that the rollers simulate, rotating parts included.
            rotating_mass_kg=0.0,
            constant_N=figures.coast_down.constant,
            linear_N_s_per_m=figures.coast_down.linear,
            quadratic_N_s2_per_m2=figures.coast_down.quadratic,
            tyre_fraction=generic.tyre_fraction,
        )
    assert_drag = figures.drag_and_tyres
    return DragBody(
        mass_kg=figures.test_mass,
        rotating_mass_kg=_rotating_mass_kg(figures, generic, ratio, radius_m),
        drag_area_m2=assert_drag.drag_area if assert_drag else 0.0,
        bearing_coefficient=generic.bearing_coefficient,
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
        rolling_speed_coefficient_s2_per_m2=0.0,
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
    if figures.layout != "all":
        load = 0.60 if figures.layout == "front" else 0.52
        return (_axle(figures.layout, figures, generic, figures.motor_power, ratio, radius_m, load, 1.0),)
    second_W = figures.second_motor_power or 0.5 * figures.motor_power
    first_W = figures.motor_power if figures.second_motor_power else 0.5 * figures.motor_power
    share = first_W / (first_W + second_W)
    return (
        _axle("rear", figures, generic, first_W, ratio, radius_m, 0.50, share),
        _axle("front", figures, generic, second_W, ratio, radius_m, 0.50, 1.0 - share),
    )


def _axle(
    name: str,
    figures: CarFigures,
    generic: Generic,
    power_W: float,
    ratio: float,
    radius_m: float,
    load_fraction: float,
    loss_fraction: float,
) -> Axle:
    """One driven axle; `loss_fraction` is its part of the vehicle's constant and spin losses."""
    torque_Nm = power_W / generic.base_speed_rad_per_s
    if figures.motor_torque is not None:
        torque_Nm = figures.motor_torque * power_W / figures.motor_power
    k = torque_Nm / generic.reference_torque_Nm
    s = loss_size(figures.test_mass, peak_power_W(figures), generic) * loss_fraction
    s *= _inverter_ratio(figures, generic)
    # Losses were calibrated at the generic ratio; a shorter or longer one turns the rotor at another speed for the same car.
    speed_ratio = generic.ratio_per_radius_per_m * radius_m / ratio
    spin = generic.spin_loss_W_s * s
    if figures.motor_kind == "induction":
        # Magnetising an induction machine is absent in a coast-down and comes on top, by the size of the machine.
        spin += generic.induction_spin_loss_W_s * power_W / generic.reference_power_W
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
        constant_W=generic.constant_loss_W * s,
        torque_W_per_Nm=generic.torque_loss_W_per_Nm,
        torque_squared_W_per_Nm2=generic.torque_squared_loss_W_per_Nm2 / k,
        speed_W_s=spin * speed_ratio,
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
    curve = _charging_curve(figures)
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
        lowest_state_of_charge=low,
        highest_state_of_charge=high,
        mass_kg=pack_mass_kg(figures),
        resistance_ratio=min(1.0, generic.reference_rate_per_s * energy_J / peak_W),
        peak_discharge_rate_per_s=max(3.0 / 3600.0, 1.25 * motors_W / energy_J / 0.9),
        peak_charge_rate_per_s=max(3.0 / 3600.0, 1.2 * float(np.max(taken_per_s))),
        charge_limit=eqx.tree_at(
            lambda x: x.over_state_of_charge_per_s, limit, limit.over_state_of_charge_per_s.scaled(raised)
        ),
    )
    cell = figures.battery_cell
    return battery if cell is None else pack_of(cell, battery, energy_J, voltage_V)


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


def _cabin(figures: CarFigures) -> Cabin:
    """The generic cabin scaled by the car's length times width over the measured car's 4.0 m x 1.78 m.

    A larger cabin than that has a larger heater, as buses and long cars have. Fresh air follows the people, not the length of a
    car; in a bus they fill the floor.
    """
    size = figures.cabin_size
    cabin = Cabin().scaled(size)
    if figures.test_mass < HEAVY_kg:
        cabin = eqx.tree_at(lambda c: c.ventilation_kg_per_s, cabin, Cabin().ventilation_kg_per_s)
    heater = PTC(power_max_W=PTC().power_max_W * max(1.0, size))
    pump = HeatPump() if figures.heat_pump else NoHeatPump()
    return eqx.tree_at(lambda c: (c.heater, c.heat_pump), cabin, (heater, pump))


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
        fixed_loss_W=0.01 * mains_W,
        slope_efficiency=generic.charger_efficiency / 0.99,
    )


def _charging_curve(figures: CarFigures) -> AbstractChargingCurve:
    if figures.dc_curve is not None:
        return charging_curve([point[0] for point in figures.dc_curve], [point[1] for point in figures.dc_curve])
    return GenericChargingCurve(power_max_W=figures.dc_power or 1.5 * figures.battery_energy / 3600.0)
