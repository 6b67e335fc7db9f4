"""The generic set: one for all cars, with how surely each of its numbers is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal, final

from covolt.words import Words

__all__ = [
    "GENERIC",
    "UNCERTAIN",
    "DriveLoss",
    "DriveOfCar",
    "Generic",
    "GenericNumber",
    "InverterKind",
    "MotorKind",
    "correlation",
    "drive_losses",
    "moved",
]

MotorKind = Literal["permanent-magnet", "induction", "externally-excited"]
InverterKind = Literal["silicon", "silicon-carbide"]


@final
@dataclass(frozen=True)
class Generic:
    """The generic set: one for all cars.

    The losses of the drive were fitted on the families of `FITTED_ON`; what they cannot know of a single car stands as
    standard uncertainty in `UNCERTAIN`, see docs/models/generic-car.md. The rest are physical values with the source beside
    them; they were not tuned.
    """

    base_loss_W: float = 215.0
    """Control, pumps and converters of a car that is ready to drive, beside its 12 V loads; not by mass."""
    permanent_magnet_loss_W: float = 213.0
    """Of a turning machine of the reference power: gate drives, field weakening, iron that a coast-down does not hold."""
    externally_excited_loss_W: float = 435.0
    induction_loss_W: float = 1500.0
    power_exponent: float = 0.5
    """Losses of a turning machine grow with its peak power to this."""
    reference_power_W: float = 150e3
    spin_loss_W_s: float = 0.0
    """Drag of the car's drives under power over the speed of the rotor, beyond what a coast-down holds."""
    torque_loss_W_per_Nm: float = 3.0
    """With an inverter of silicon carbide."""
    silicon_torque_loss_W_per_Nm: float = 3.0
    """What an inverter of silicon loses beyond it."""
    silicon_fraction: float = 0.7
    """Of inverters that are not known."""
    torque_squared_loss_W_per_Nm2: float = 0.02
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
    pack_resistance_ratio: float = 1.0
    """Resistance of a pack over that of the generic cells in it."""
    cold_growth_ratio: float = 1.0
    """Activation energies of the cell's resistances over those of the generic cell."""
    cabin_conductance_ratio: float = 1.0
    """Heat that a cabin loses over what the generic cabin of its size loses."""
    drag_gearbox_Nm: float = 0.5
    drag_gearbox_per_speed_Nm_s: float = 0.001


GENERIC = Generic()


@final
@dataclass(frozen=True)
class GenericNumber:
    """How surely a number of the generic set is known: what a datasheet leaves open is uncertain by this.

    `name` is a field of `Generic`. Standard uncertainty and range are in its SI unit; the range is what physics allows.
    `replaced_by` names, as (slot, declared name), what of a party takes its place; "loss" is the table of a loss map.
    """

    name: str
    standard_uncertainty: float
    lowest: float
    highest: float
    si_unit: str
    source: str
    title: Words
    replaced_by: tuple[tuple[str, str], ...] = ()


_BY_MAP = (("drive_unit", "loss"),)
_ROAD = (("body", "coast_down_constant"),)
UNCERTAIN: tuple[GenericNumber, ...] = (
    GenericNumber(
        "base_loss_W", 120.0, 0.0, 800.0, "W", "provisional estimate",
        Words("Base load of the drives", "Постоянная нагрузка привода"), _BY_MAP,
    ),
    GenericNumber(
        "permanent_magnet_loss_W", 60.0, 50.0, 600.0, "W", "provisional estimate",
        Words("Loss of a turning permanent-magnet machine", "Потери вращающейся машины с постоянными магнитами"), _BY_MAP,
    ),
    GenericNumber(
        "externally_excited_loss_W", 80.0, 100.0, 1000.0, "W", "provisional estimate",
        Words("Loss of a turning externally excited machine", "Потери вращающейся машины с обмоткой возбуждения"), _BY_MAP,
    ),
    GenericNumber(
        "induction_loss_W", 500.0, 300.0, 3000.0, "W", "provisional estimate",
        Words("Loss of a turning induction machine", "Потери вращающейся асинхронной машины"), _BY_MAP,
    ),
    GenericNumber(
        "torque_loss_W_per_Nm", 3.0, 0.0, 12.0, "W/Nm", "provisional estimate",
        Words("Loss of the drive by torque", "Потери привода от момента"), _BY_MAP,
    ),
    GenericNumber(
        "silicon_torque_loss_W_per_Nm", 1.5, 0.0, 12.0, "W/Nm", "provisional estimate",
        Words("What silicon loses beyond silicon carbide", "Потери кремния сверх карбида кремния"), _BY_MAP,
    ),
    GenericNumber(
        "mesh_efficiency", 0.004, 0.96, 0.995, "1", "two meshes of 0.7 to 1.0 % each (estimate)",
        Words("Efficiency of the gears", "КПД зубчатых передач"), (("gearbox", "efficiency"),),
    ),
    GenericNumber(
        "charger_efficiency", 0.012, 0.85, 0.97, "1", "provisional estimate",
        Words("Efficiency of the on-board charger", "КПД бортового зарядного устройства"), (("charger", "efficiency"),),
    ),
    GenericNumber(
        "bearing_coefficient", 0.0006, 0.0005, 0.004, "1", "provisional estimate",
        Words("Drag of wheel bearings and brakes", "Сопротивление ступиц и тормозов"), _ROAD,
    ),
    GenericNumber(
        "tyre_coefficient_per_K", 0.002, 0.004, 0.016, "1/K", "provisional estimate",
        Words("Rolling resistance by temperature", "Сопротивление качению от температуры"),
        (("tyre", "temperature_coefficient"),),
    ),
    GenericNumber(
        "pack_resistance_ratio", 0.25, 0.4, 2.0, "1", "provisional estimate",
        Words("Resistance of the battery", "Сопротивление батареи"), (("battery", "resistance"),),
    ),
    GenericNumber(
        "cold_growth_ratio", 0.15, 0.5, 1.5, "1", "provisional estimate",
        Words("Growth of the battery's resistance in the cold", "Рост сопротивления батареи на морозе"),
    ),
    GenericNumber(
        "cabin_conductance_ratio", 0.2, 0.5, 2.0, "1", "provisional estimate",
        Words("Heat that the cabin loses", "Теплопотери салона"), (("cabin", "heat_transfer"),),
    ),
)  # fmt: skip
"""Numbers of the set that are uncertain enough to move a verdict, in one order for all."""

_CORRELATIONS: dict[frozenset[str], float] = {
    frozenset(("base_loss_W", "permanent_magnet_loss_W")): -0.5,
}


def correlation(first: str, second: str) -> float:
    """Correlation of two uncertain numbers: 1 with itself, 0 where nothing binds them."""
    return 1.0 if first == second else _CORRELATIONS.get(frozenset((first, second)), 0.0)


def moved(generic: Generic, name: str, by: float) -> Generic:
    """The set with one of its numbers moved, in SI units."""
    if name not in {field.name for field in fields(generic)}:
        raise KeyError(name)
    return replace(generic, **{name: getattr(generic, name) + by})


@final
@dataclass(frozen=True)
class DriveOfCar:
    """What the generic losses of a drive unit follow from: peak power, kind of machine, inverter where known."""

    power_W: float
    motor_kind: MotorKind = "permanent-magnet"
    inverter_kind: InverterKind | None = None


@final
@dataclass(frozen=True)
class DriveLoss:
    """Coefficients of `PolynomialDriveUnit` that are generic."""

    constant_W: float
    torque_W_per_Nm: float
    speed_W_s: float


def drive_losses(drives: Sequence[DriveOfCar], generic: Generic = GENERIC) -> tuple[DriveLoss, ...]:
    """Losses of the drive units of one vehicle.

    C_i = C_base P_i / P + C_kind (P_i / 150 kW)^a,   ki_i = ki P_i / P,   k1_i = k1 + k1_Si where the inverter is of silicon

    An induction machine beside one of another kind sleeps: its own constant loss is zero. Source and validity:
    docs/models/generic-car.md.
    """
    total_W = sum(drive.power_W for drive in drives)
    asleep = len({drive.motor_kind for drive in drives}) > 1
    own_W = {
        "permanent-magnet": generic.permanent_magnet_loss_W,
        "externally-excited": generic.externally_excited_loss_W,
        "induction": 0.0 if asleep else generic.induction_loss_W,
    }
    silicon = {"silicon": 1.0, "silicon-carbide": 0.0, None: generic.silicon_fraction}
    return tuple(
        DriveLoss(
            constant_W=generic.base_loss_W * drive.power_W / total_W
            + own_W[drive.motor_kind] * (drive.power_W / generic.reference_power_W) ** generic.power_exponent,
            torque_W_per_Nm=generic.torque_loss_W_per_Nm
            + silicon[drive.inverter_kind] * generic.silicon_torque_loss_W_per_Nm,
            speed_W_s=generic.spin_loss_W_s * drive.power_W / total_W,
        )
        for drive in drives
    )
