"""The generic set: one for all cars, with how surely each of its numbers is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce
from operator import add
from typing import Literal, final

from covolt.words import Phrase, text

__all__ = [
    "CORRELATIONS",
    "FITTED_ON",
    "GENERIC",
    "LOOKED_AT",
    "UNCERTAIN",
    "DriveLoss",
    "DriveOfCar",
    "Generic",
    "GenericNumber",
    "HEAVY_kg",
    "InverterKind",
    "MotorKind",
    "correlation",
    "drive_losses",
    "is_seen",
    "moved",
    "turning",
]

MotorKind = Literal["permanent-magnet", "induction", "externally-excited"]
InverterKind = Literal["silicon", "silicon-carbide"]


HEAVY_kg = 3500.0
"""Mass from which a vehicle is a lorry or a bus (category N2, M2 and above)."""


@final
@dataclass(frozen=True)
class Generic:
    """The generic set: one for all cars.

    The losses of the drive were fitted on the families of `FITTED_ON`; what they cannot know of a single car stands as
    standard uncertainty in `UNCERTAIN`, see docs/models/generic-car.md. The rest are physical values with the source beside
    them; they were not tuned.
    """

    drive_loss_ratio: float = 1.0
    """Losses of the drive units of one vehicle over those of the set: how well machines and inverters are made."""
    base_loss_W: float = 130.0
    """Control, pumps and converters of a car that is ready to drive, beside its 12 V loads; not by mass."""
    permanent_magnet_loss_W: float = 205.0
    """Of a turning machine of the reference power: gate drives, field weakening, iron that a coast-down does not hold."""
    externally_excited_loss_W: float = 420.0
    induction_loss_W: float = 1080.0
    induction_spin_loss_W_s: float = 2.4
    power_exponent: float = 0.5
    """Losses of a turning machine grow with its peak power to this."""
    reference_power_W: float = 150e3
    spin_loss_W_s: float = 0.41
    """Drag of the car's drives under power over the speed of the rotor, beyond what a coast-down holds."""
    torque_loss_W_per_Nm: float = 2.0
    """With an inverter of silicon carbide."""
    silicon_torque_loss_W_per_Nm: float = 9.2
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
    charger_efficiency: float = 0.915
    """At full power."""
    charger_fixed_loss_ratio: float = 0.025
    """Loss of the charger at any power over its greatest power."""
    tyre_coefficient_per_K: float = 0.010
    """Fall of rolling resistance with tyre temperature: upper end of UN R117's classes; measured winter trips ask for more."""
    heavy_tyre_coefficient_per_K: float = 0.006
    bearing_coefficient: float = 0.002
    """Drag of bearings and touching brake pads over the weight, an estimate confirmed by one car's measured trips."""
    heavy_bearing_ratio: float = 0.15
    """The same of lorries and buses over that of cars, 0.0003 of the weight: tapered roller bearings, 0.5 x 0.0018 x 90 mm bore
    over a wheel of 0.5 m, are 0.00016; seals and pads as much again (estimate)."""
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
    charging_fall_ratio: float = 1.0
    """Power that a car's cells take, where these and not the highest power limit, over that of the generic charging curve."""
    cabin_conductance_ratio: float = 1.0
    """Heat that a cabin loses over what the generic cabin of its size loses."""
    fresh_air_ratio: float = 1.0
    """Air that a cabin takes from outside over that of the generic cabin of its size."""
    door_open_fraction: float = 0.42
    """Part of the time in which a bus stands with its doors open: of 9 to 26 % of its time at stops and 12 to 26 % in traffic
    the middles (Levinson, Transportation Research Record 915, 1983), less 2.5 of 20 s in which doors move."""
    heat_pump_ratio: float = 1.0
    """Second-law efficiency of a heat pump over that of the generic one."""
    air_conditioner_ratio: float = 1.0
    """The same of an air conditioner."""
    drag_gearbox_Nm: float = 0.5
    drag_gearbox_per_speed_Nm_s: float = 0.001

    def bearing_coefficient_of(self, mass_kg: float) -> float:
        """Drag of bearings and brake pads over the weight, for a vehicle of this mass."""
        return self.bearing_coefficient * (self.heavy_bearing_ratio if mass_kg >= HEAVY_kg else 1.0)


GENERIC = Generic()


FITTED_ON = (
    "Acura ZDX", "Audi e-tron", "BMW i4", "BMW i5", "BMW i7", "Cadillac Lyriq", "Chevrolet Blazer EV", "Chevrolet Equinox EV",
    "Chevrolet Silverado EV", "Chevrolet Spark", "Fiat 500e", "Ford Mustang Mach-E", "Genesis GV60", "Genesis GV70",
    "Honda Clarity", "Honda Prologue", "Hyundai Ioniq 5", "Hyundai Ioniq 6", "Hyundai Kona", "Kia Soul", "Lexus RZ",
    "Mercedes B-Class", "Mercedes EQB", "Mercedes EQE", "Nissan Ariya", "Nissan Leaf", "Porsche Taycan", "Rolls-Royce Spectre",
    "Tesla Model 3", "Tesla Model Y", "VW ID.4",
)  # fmt: skip
"""Families of EPA's test-car lists of 2011 to 2024 on which the drive losses were fitted."""
LOOKED_AT = (
    "Azure Transit Connect Electric", "Bollore Bluecar", "Canoo LDV", "Coda", "Kandi", "Lordstown Endurance",
    "Rimac Concept_One", "Rimac Nevera", "Scion iQ EV", "BMW i3", "Chevrolet Bolt", "MINI Cooper",
)  # fmt: skip
"""Families seen while the set was made: hardly built ones of the same lists, and shipped cars whose ranges and trips stand in
the validation. Their tests prove nothing of it either."""


def is_seen(family: str) -> bool:
    """Whether the set was fitted on a family, or looked at with it."""
    bare = family.casefold().strip()
    return any(bare == name.casefold() for name in FITTED_ON) or any(
        bare.startswith(name.casefold()) for name in LOOKED_AT
    )


@final
@dataclass(frozen=True)
class GenericNumber:
    """How surely a number of the generic set is known: what a datasheet leaves open is uncertain by this.

    `name` is a field of `Generic`. Standard uncertainty and range are in its SI unit; the range is what physics allows.
    `replaced_by` names, as (slot, declared name), what of a party takes its place; "loss" is the table of a loss map. `slot` is
    the part that it stands for where no single declared number can.
    """

    name: str
    standard_uncertainty: float
    lowest: float
    highest: float
    si_unit: str
    source: str
    title: Phrase
    replaced_by: tuple[tuple[str, str], ...] = ()
    slot: str = ""

    @property
    def slots(self) -> tuple[str, ...]:
        """Slots of the parts that it stands for."""
        return (self.slot,) if self.slot else tuple(slot for slot, _ in self.replaced_by)


_BY_MAP = (("drive_unit", "loss"),)
_ROAD = (("body", "coast_down_constant"),)
UNCERTAIN: tuple[GenericNumber, ...] = (
    GenericNumber(
        "drive_loss_ratio", 0.22, 0.2, 2.5, "1",
        "how 31 families of the EPA's lists, each left out of the fit, scatter about the set over UDDS",
        text("Losses of the drive"), _BY_MAP,
    ),
    GenericNumber(
        "base_loss_W", 90.0, 0.0, 600.0, "W",
        "leaving out one family after the other; a measured Model 3 has 400 to 630 W before its inverter, 304 W of it 12 V",
        text("Base load of the drives"), _BY_MAP,
    ),
    GenericNumber(
        "permanent_magnet_loss_W", 60.0, 50.0, 500.0, "W", "leaving out one family after the other",
        text("Loss of a turning permanent-magnet machine"), _BY_MAP,
    ),
    GenericNumber(
        "externally_excited_loss_W", 80.0, 150.0, 900.0, "W",
        "leaving out one family after the other; the field alone takes 150 to 250 W",
        text("Loss of a turning externally excited machine"), _BY_MAP,
    ),
    GenericNumber(
        "induction_loss_W", 450.0, 200.0, 2500.0, "W", "the two families that show it ask for 1.0 to 1.9 kW in all",
        text("Loss of a turning induction machine"), _BY_MAP,
    ),
    GenericNumber(
        "silicon_torque_loss_W_per_Nm", 1.8, 2.0, 16.0, "W/Nm",
        "leaving out one family after the other; knee of 0.8 to 1 V and switching of an IGBT at 1.1 A/Nm: 7 to 11 W/Nm",
        text("What silicon loses beyond silicon carbide"), _BY_MAP,
    ),
    GenericNumber(
        "silicon_fraction", 0.46, 0.0, 1.0, "1",
        "an inverter is of silicon or not: root of 0.7 x 0.3",
        text("Semiconductor of the inverter, where none is stated"), _BY_MAP,
    ),
    GenericNumber(
        "spin_loss_W_s", 0.4, 0.0, 1.5, "W s",
        "how the same families scatter over HWFET, up to its own value",
        text("Drag of the drives under power"), _BY_MAP,
    ),
    GenericNumber(
        "mesh_efficiency", 0.004, 0.96, 0.995, "1", "two meshes of 0.5 to 1.0 % each (estimate)",
        text("Efficiency of the gears"), (("gearbox", "efficiency"),),
    ),
    GenericNumber(
        "charger_efficiency", 0.03, 0.80, 0.98, "1",
        "eight chargers measured by DTU near full power: 0.86 to 0.97; certificates: 0.886 to 0.902 from plug to battery",
        text("Efficiency of the on-board charger"), (("charger", "efficiency"),),
    ),
    GenericNumber(
        "bearing_coefficient", 0.0006, 0.0005, 0.004, "1",
        "estimate: one car's trips gave 0.002; bearings and touching pads of cars 0.001 to 0.003 of the weight",
        text("Drag of wheel bearings and brakes"), _ROAD,
    ),
    GenericNumber(
        "tyre_coefficient_per_K", 0.002, 0.004, 0.016, "1/K",
        "estimate: UN R117 0.006 to 0.010, measured winter trips ask for more",
        text("Rolling resistance by temperature"),
        (("tyre", "temperature_coefficient"),),
    ),
    GenericNumber(
        "pack_resistance_ratio", 0.25, 0.4, 2.0, "1",
        "estimate: packs of one energy and power, one measured pack and the charge curves of 73 cars",
        text("Resistance of the battery"), (("battery", "resistance"),),
    ),
    GenericNumber(
        "cold_growth_ratio", 0.15, 0.5, 1.5, "1",
        "estimate: resistances after 10 s of three measured cells and one pack grow by 24 to 33 kJ/mol",
        text("Growth of the battery's resistance in the cold"), slot="battery",
    ),
    GenericNumber(
        "charging_fall_ratio", 0.2, 0.4, 2.0, "1",
        "how the charging curves of 44 models scatter about the generic one",
        text("How a car's charging power falls"), (("battery", "charging_power"),),
    ),
    GenericNumber(
        "cabin_conductance_ratio", 0.2, 0.5, 2.0, "1",
        "estimate: cabins of one size in published cooling tests",
        text("Heat that the cabin loses"), (("cabin", "heat_transfer"),),
    ),
    GenericNumber(
        "fresh_air_ratio", 0.4, 0.3, 2.5, "1",
        "with 0.2 of the envelope the 25 % to which halves of the trips of one car leave the heat demand open",
        text("Fresh air of the cabin"), (("cabin", "fresh_air"),),
    ),
    GenericNumber(
        "door_open_fraction", 0.1, 0.1, 0.8, "1",
        "buses spend 9 to 26 % of their time at stops and 12 to 26 % standing in traffic (Levinson 1983), evenly",
        text("Time at stops with open doors"), slot="cabin",
    ),
    GenericNumber(
        "heat_pump_ratio", 0.19, 0.5, 1.6, "1",
        "second-law efficiencies of whole systems lie between 0.33 and 0.6, the set has 0.42: width over the root of 12",
        text("Efficiency of the heat pump"), slot="cabin",
    ),
    GenericNumber(
        "air_conditioner_ratio", 0.2, 0.5, 1.6, "1", "estimate: one measured system stands behind the set's 0.36",
        text("Efficiency of the air conditioner"), slot="cabin",
    ),
)  # fmt: skip
"""Numbers of the set that are uncertain enough to move a verdict, in one order for all."""

CORRELATIONS: dict[frozenset[str], float] = {
    frozenset(("base_loss_W", "permanent_magnet_loss_W")): -0.6,
    frozenset(("base_loss_W", "externally_excited_loss_W")): -0.4,
    frozenset(("permanent_magnet_loss_W", "externally_excited_loss_W")): 0.5,
}
"""Of the fit: what the base load takes, the machines have not."""


def correlation(first: str, second: str) -> float:
    """Correlation of two uncertain numbers: 1 with itself, 0 where nothing binds them."""
    return 1.0 if first == second else CORRELATIONS.get(frozenset((first, second)), 0.0)


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
    """Coefficients of `PolynomialDriveUnit` that are generic; that of torque squared is of a machine of 310 Nm."""

    constant_W: float
    torque_W_per_Nm: float
    torque_squared_W_per_Nm2: float
    speed_W_s: float


def drive_losses(drives: Sequence[DriveOfCar], generic: Generic = GENERIC) -> tuple[DriveLoss, ...]:
    """Losses of the drive units of one vehicle.

    C_i = C_base P_i / P + C_kind s_i,   ki_i = ki P_i / P + ki_kind s_i,   k1_i = k1 + k1_Si where the inverter is of silicon
    s_i = (P_i / 150 kW)^a, all times `drive_loss_ratio`

    Induction machines sleep beside one of another kind, and of several the largest alone turns excited: the others have no loss
    of their own. Source and validity: docs/models/generic-car.md.
    """
    total_W = reduce(add, (drive.power_W for drive in drives), 0.0)
    awake = turning(drives)
    own_W = {
        "permanent-magnet": generic.permanent_magnet_loss_W,
        "externally-excited": generic.externally_excited_loss_W,
        "induction": generic.induction_loss_W,
    }
    own_W_s = {"induction": generic.induction_spin_loss_W_s}
    silicon = {"silicon": 1.0, "silicon-carbide": 0.0, None: generic.silicon_fraction}
    ratio = generic.drive_loss_ratio
    out: list[DriveLoss] = []
    for drive, turns in zip(drives, awake, strict=True):
        share = drive.power_W / total_W
        size = (drive.power_W / generic.reference_power_W) ** generic.power_exponent if turns else 0.0
        torque_W_per_Nm = (
            generic.torque_loss_W_per_Nm + silicon[drive.inverter_kind] * generic.silicon_torque_loss_W_per_Nm
        )
        out.append(
            DriveLoss(
                constant_W=ratio * (generic.base_loss_W * share + own_W[drive.motor_kind] * size),
                torque_W_per_Nm=ratio * torque_W_per_Nm,
                torque_squared_W_per_Nm2=ratio * generic.torque_squared_loss_W_per_Nm2,
                speed_W_s=ratio * (generic.spin_loss_W_s * share + own_W_s.get(drive.motor_kind, 0.0) * size),
            )
        )
    return tuple(out)


def turning(drives: Sequence[DriveOfCar]) -> tuple[bool, ...]:
    """Which machines turn excited: all but induction machines that need not."""
    mixed = len({drive.motor_kind for drive in drives}) > 1
    largest = max(range(len(drives)), key=lambda i: drives[i].power_W)
    return tuple(drive.motor_kind != "induction" or (not mixed and i == largest) for i, drive in enumerate(drives))
