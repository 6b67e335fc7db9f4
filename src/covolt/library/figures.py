"""What a test list or a brochure says of a car, as a document."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, WithJsonSchema, model_validator

from covolt import units
from covolt.contract.datasheet import Chemistry
from covolt.contract.document import DOCUMENT, Told, load_table, read_text, refusal, refusals, validate
from covolt.contract.lines import lines_of_keys
from covolt.contract.road_load import (
    EPA_DENSITY_kg_per_m3,
    GTR_15_DENSITY_kg_per_m3,
    HIGHEST_SPEED_m_per_s,
    road_load_problem,
)
from covolt.display import AbstractShown, Table
from covolt.errors import CovoltError, InputError, NotFound, Problem, UnitError
from covolt.library import figure_ranges as limits
from covolt.library.cell_file import CellFile, read_cell
from covolt.library.figures_read import read_in_part
from covolt.library.generic import GENERIC, InverterKind, MotorKind

HIGHEST_J_per_kg = 0.3 * 3.6e6
"""Energy over the mass of a whole vehicle that no pack reaches: 300 Wh/kg is the best of cells alone (estimate)."""
Layout = Literal["front", "rear", "all"]


IN_SI: Any = {"numbers": "in SI"}
"""Context of a validation in which numbers without a unit are taken in SI: those that were read before."""


def _reader(si_unit: str) -> Any:
    def read(value: object, info: ValidationInfo) -> object:
        plain = si_unit == "1" or info.context is IN_SI
        if isinstance(value, float | int) and not isinstance(value, bool) and plain:
            if not abs(value) > sys.float_info.max:
                return float(value)
            raise refusal("this number is too large", "write a ratio as a plain number")
        try:
            return units.parse(value, si_unit)  # pyright: ignore[reportArgumentType]  # refuses what is not text
        except UnitError as error:
            problem = error.problems[0]
            raise refusal(problem.what, problem.hint) from error

    return read


def _quantity(si_unit: str) -> Any:
    # What a file may hold: a text with its unit, a ratio also as a plain number.
    kind = ["number", "string"] if si_unit == "1" else "string"
    return (BeforeValidator(_reader(si_unit)), WithJsonSchema({"type": kind}))


Mass = Annotated[float, *_quantity("kg"), Field(gt=0)]
Power = Annotated[float, *_quantity("W"), Field(gt=0)]
Energy = Annotated[float, *_quantity("J"), Field(gt=0)]
Voltage = Annotated[float, *_quantity("V"), Field(gt=0)]
Torque = Annotated[float, *_quantity("Nm"), Field(gt=0)]
Length = Annotated[float, *_quantity("m"), Field(gt=0)]
Area = Annotated[float, *_quantity("m2"), Field(gt=0)]
Speed = Annotated[float, *_quantity("m/s"), Field(gt=0)]
Force = Annotated[float, *_quantity("N")]
ForcePerSpeed = Annotated[float, *_quantity("N/(m/s)")]
ForcePerSpeedSquared = Annotated[float, *_quantity("N/(m/s)^2"), Field(gt=0)]
Consumption = Annotated[float, *_quantity("J/m"), Field(gt=0)]
Temperature = Annotated[float, *_quantity("K"), Field(gt=0)]
Ratio = Annotated[float, *_quantity("1"), Field(gt=0)]


def _no_path(value: object) -> object:
    if isinstance(value, str):
        raise refusal("a cell file is named where no file names it", "describe the car in a file of its own")
    return value


Cell = Annotated[CellFile, BeforeValidator(_no_path), WithJsonSchema({"type": "string"})]
"""In a car's file the path of a cell file, relative to it; in figures the cell that it describes."""


REFERENCES = {"epa": EPA_DENSITY_kg_per_m3, "gtr-15": GTR_15_DENSITY_kg_per_m3}
"""Air for which a coast-down stands, by the rule that it was made after."""


def _read_reference(value: object, info: ValidationInfo) -> object:
    return value if isinstance(value, str) and value in REFERENCES else _reader("kg/m3")(value, info)


Reference = Annotated[
    Literal["epa", "gtr-15"] | Annotated[float, Field(gt=0.5, lt=2.0)],
    BeforeValidator(_read_reference),
    WithJsonSchema({"type": "string"}),
]


class CoastDown(BaseModel):
    """Target coast-down of the rolling vehicle, F = f0 + f1 v + f2 v^2; a negative linear term is normal.

    `reference` says for which air: the EPA's, that of UN GTR 15 and R154, or a density.
    """

    model_config = DOCUMENT

    constant: Force
    linear: ForcePerSpeed
    quadratic: ForcePerSpeedSquared
    reference: Reference = "gtr-15"

    @property
    def density_kg_per_m3(self) -> float:
        """Density of the air for which it stands."""
        return REFERENCES[self.reference] if isinstance(self.reference, str) else self.reference


class DragAndTyres(BaseModel):
    """Drag area and rolling resistance coefficient, where no coast-down is known."""

    model_config = DOCUMENT

    drag_area: Area
    rolling_coefficient: Ratio


class Measured(BaseModel):
    """What a test laboratory measured of the car: for comparison only, never used by the model."""

    model_config = DOCUMENT

    udds_plug_consumption: Consumption | None = None
    hwfet_plug_consumption: Consumption | None = None
    label_range: Length | None = None
    wltp_range: Length | None = None
    source: str = ""


class CarFigures(AbstractShown, BaseModel):
    """One car by its public figures. What is left out is taken from the generic set."""

    model_config = DOCUMENT

    schema_name: Literal["car/1"] = Field(default="car/1", alias="schema")
    id: str = Field(default="", pattern=r"^[a-z0-9-]*$")
    title: str = ""
    source: str = ""
    test_mass: Mass
    coast_down: CoastDown | None = None
    drag_and_tyres: DragAndTyres | None = None
    battery_energy: Energy
    battery_gross_energy: Energy | None = None
    battery_voltage: Voltage | None = None
    battery_mass: Mass | None = None
    battery_cell: Cell | None = None
    chemistry: Chemistry | None = None
    motor_power: Power
    motor_torque: Torque | None = None
    second_motor_power: Power | None = None
    motor_kind: MotorKind = "permanent-magnet"
    inverter_kind: InverterKind | None = None
    second_motor_kind: MotorKind | None = None
    second_inverter_kind: InverterKind | None = None
    layout: Layout = "front"
    gear_ratio: Ratio | None = None
    wheel_radius: Length | None = None
    top_speed: Speed | None = None
    heat_pump: bool = False
    battery_heater: bool | None = None
    cabin_size: Ratio = 1.0
    ac_power: Power | None = None
    dc_power: Power | None = None
    dc_curve: list[tuple[float, Power]] | None = None
    charging_above: Temperature | None = None
    freezing_charge_ratio: Ratio | None = None
    auxiliary_power: Power | None = None
    measured: Measured | None = None

    @model_validator(mode="after")
    def _is_coherent(self) -> CarFigures:
        told = [*self._told_of_road_load(), *self._told_of_charging()]
        if self.battery_energy > HIGHEST_J_per_kg * self.test_mass:
            what = (
                f"a battery of {self.battery_energy / 3.6e6:g} kWh is heavier than a vehicle of {self.test_mass:g} kg"
            )
            told.append((what, "check the units of battery_energy and test_mass", ()))
        if self.battery_gross_energy is not None and self.battery_gross_energy < self.battery_energy:
            what = "the battery holds less than can be used of it"
            hint = "battery_energy is what can be used; battery_gross_energy is all that the cells hold"
            told.append((what, hint, ()))
        second = (self.second_motor_power, self.second_motor_kind, self.second_inverter_kind)
        if any(one is not None for one in second) and self.layout != "all":
            told.append(("a second motor without all-wheel drive", 'write layout = "all"', ()))
        told += _told_of_ranges(self)
        if told:
            raise refusals(told)
        return self

    def _told_of_road_load(self) -> list[Told]:
        """What is wrong with it as a whole: none, two, or one that pushes the car somewhere below its top speed."""
        if (self.coast_down is None) == (self.drag_and_tyres is None):
            what = "a car needs either a coast-down or drag area and tyres, and not both"
            return [(what, "give [coast_down] or [drag_and_tyres]", ())]
        if self.coast_down is None:
            return []
        load = self.coast_down
        highest_m_per_s = self.top_speed or HIGHEST_SPEED_m_per_s
        found = road_load_problem(load.constant, load.linear, load.quadratic, "", highest_m_per_s)
        return [] if found is None else [(found.what, found.hint, ("coast_down",))]

    def _told_of_charging(self) -> list[Told]:
        """What is wrong with the charging curve, whose points may each be right."""
        if self.dc_curve is None:
            return []
        told: list[Told] = []
        charges = [charge for charge, _ in self.dc_curve]
        if len(charges) < 2:
            told.append(("a charging curve of fewer than two points", "give two points or more", ("dc_curve",)))
        if not all(0.0 <= charge <= 1.0 for charge in charges):
            what = f"states of charge from {min(charges):g} to {max(charges):g} lie outside 0 to 1"
            told.append((what, "write 80 % as 0.8", ("dc_curve",)))
        if not all(low < high for low, high in pairwise(charges)):
            what = "the states of charge of the charging curve do not rise"
            told.append((what, "sort the points by state of charge, each once", ("dc_curve",)))
        return told

    @classmethod
    def told_besides(cls, table: Mapping[str, Any], wrong: set[tuple[str | int, ...]], context: Any) -> list[Told]:
        """What is wrong with the figures that could be read, where others could not (places `wrong`)."""
        if () in wrong or not any(place and place[0] in cls.model_fields for place in wrong):
            return []
        read, names = read_in_part(cls, table, wrong, context), {str(place[0]) for place in wrong}
        told = read._told_of_charging()
        whole = {"test_mass", "battery_energy", "motor_power"} <= read.model_fields_set
        told += _told_of_ranges(read, names) if whole else _outside(read)
        return [one for one in told if one[2] not in wrong]

    def as_tables(self) -> list[Table]:
        """What is stated of the car, and what is left to the generic set."""
        from covolt.library.figures_table import figures_table

        return [figures_table(self)]

    def replace(self, **changes: object) -> CarFigures:
        """The same car with other figures: texts with units, `battery_energy="40 kWh"`, or numbers in SI.

        Raises:
            InputError: every figure that is unknown or wrong, alone or beside the others.
        """
        stated = {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
        return validate({**stated, **changes}, type(self), self.id or "figures", context=IN_SI)

    def called(self, name: str) -> CarFigures:
        """The same car under a name, such as that of its file."""
        return super().model_copy(update={"id": name})

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> CarFigures:
        """As `replace`: no copy is made whose figures were not looked at."""
        return self.replace(**update) if update else super().model_copy(deep=deep)


def read_car(path: str | Path) -> CarFigures:
    """Figures of a car from a TOML file, with its cell; raises all problems of both files at once."""
    path = Path(path)
    text = read_text(path)
    table, lines = load_table(text, str(path)), lines_of_keys(text)
    problems: list[Problem] = []
    named = table.get("battery_cell")
    if isinstance(named, str):
        line = lines.get(("battery_cell",))
        where = f"{path}:{line}" if line else str(path)
        try:
            table["battery_cell"] = _named_cell(path.parent / named, f"{where} (battery_cell)")
        except CovoltError as error:
            problems += error.problems
            del table["battery_cell"]
    figures = None
    try:
        figures = validate(table, CarFigures, str(path), lines)
    except CovoltError as error:
        problems += error.problems
    if problems or figures is None:
        raise InputError(problems)
    return figures if figures.id else figures.called(path.stem)


def _named_cell(path: Path, where: str) -> CellFile:
    if not path.is_file():
        hint = "give its path from the car's file; covolt identify battery writes one"
        raise NotFound(Problem(f"there is no cell file {path}", where, hint))
    return read_cell(path)


def _told_of_ranges(figures: CarFigures, wrong: AbstractSet[str] = frozenset()) -> list[Told]:
    """Everything implausible, each with its place: single numbers first, and relations of those that are right by themselves."""
    told = list(_outside(figures))
    names = {place[0] for _, _, place in told} | wrong
    for what, hint, of in _relations(figures):
        if not names & set(of):
            told.append((what, hint, (of[0],)))
    return told


def _outside(figures: CarFigures) -> Iterator[Told]:
    for place, (low, high, why) in limits.RANGES.items():
        value: object = figures
        for name in place:
            value = getattr(value, name, None)
        if not isinstance(value, float):
            continue
        si = units.unit_of(high).si
        least, most = units.parse(low, si), units.parse(high, si)
        if not least <= value <= most:
            shown = units.format_quantity(value, units.unit_of(low if value < least else high).name)
            yield f"{place[-1]} {shown} is not between {low} and {high}", f"{why}; check its unit", place
    for charge, power_W in figures.dc_curve or ():
        if not power_W <= 5e6:
            yield f"{power_W / 1e3:g} kW at {100.0 * charge:g} % is more than 5 MW", "check its unit", ("dc_curve",)


def _relations(figures: CarFigures) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    yield from _of_masses(figures)
    yield from _of_machines(figures)
    yield from _of_road_load(figures)
    powers_W = [figures.dc_power or 0.0, figures.ac_power or 0.0, *(power for _, power in figures.dc_curve or ())]
    if max(powers_W) > limits.MOST_CHARGE_PER_h * figures.battery_energy / 3600.0:
        minutes = figures.battery_energy / max(powers_W) / 60.0
        what = f"{max(powers_W) / 1e3:g} kW fill {figures.battery_energy / 3.6e6:g} kWh in {minutes:.2g} min"
        hint = "check the charging powers and battery_energy"
        yield what, hint, ("battery_energy", "dc_power", "ac_power", "dc_curve")


def _of_road_load(figures: CarFigures) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    load, weight_N = figures.coast_down, figures.test_mass * limits.GRAVITY_m_per_s2
    if load is None or not {"constant", "linear", "quadratic"} <= load.model_fields_set:
        return
    v = min(limits.RESISTED_m_per_s, figures.top_speed or inf)
    force_N = load.constant + load.linear * v + load.quadratic * v**2
    most_N = max(abs(load.constant), abs(load.linear) * v, force_N)
    # What is below zero is told by the curve as a whole.
    if most_N > limits.MOST_RESISTANCE * weight_N or 0.0 < force_N < limits.LEAST_RESISTANCE * weight_N:
        what = f"a road load of {force_N:.3g} N at {3.6 * v:.3g} km/h, of terms up to {most_N:.3g} N, fits no vehicle"
        hint = "check the units of the coast-down and of test_mass"
        yield f"{what} of {figures.test_mass:.6g} kg", hint, ("coast_down", "test_mass")


def _of_masses(figures: CarFigures) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    held_J = figures.battery_gross_energy or figures.battery_energy
    if figures.battery_mass is None:
        return
    pack_kg, of = figures.battery_mass, ("battery_mass", "test_mass")
    if pack_kg >= figures.test_mass:
        what = f"a battery of {pack_kg:.6g} kg is heavier than the vehicle of {figures.test_mass:.6g} kg"
        yield what, "battery_mass is part of test_mass", of
    least, most = limits.PACK_J_per_kg
    if not least <= held_J / pack_kg <= most:
        what = f"{held_J / 3.6e6:.6g} kWh in {pack_kg:.6g} kg are {held_J / pack_kg / 3600.0:.3g} Wh/kg"
        hint = f"packs have {least / 3600.0:g} to {most / 3600.0:g}: check battery_mass and the energies"
        yield what, hint, ("battery_mass", "battery_energy", "battery_gross_energy")


def _of_machines(figures: CarFigures) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    first_W, second_W = figures.motor_power, figures.second_motor_power or 0.0
    specific = (first_W + second_W) / figures.test_mass
    if not limits.LEAST_W_per_kg <= specific <= limits.MOST_W_per_kg:
        what = f"{(first_W + second_W) / 1e3:g} kW move {figures.test_mass:.6g} kg, {specific:.3g} W/kg"
        hint = f"vehicles have {limits.LEAST_W_per_kg:g} to {limits.MOST_W_per_kg:g}: check motor_power and test_mass"
        yield what, hint, ("motor_power", "second_motor_power", "test_mass")
    if second_W and min(first_W, second_W) < limits.LEAST_SHARE * (first_W + second_W):
        what = f"machines of {first_W / 1e3:g} and {second_W / 1e3:g} kW: the weaker one drives nothing"
        yield what, "check motor_power and second_motor_power", ("second_motor_power", "motor_power")
    if figures.motor_torque is not None:
        base = first_W / figures.motor_torque
        if not limits.SLOWEST_BASE_rad_per_s <= base <= limits.FASTEST_rad_per_s:
            what = f"{figures.motor_torque:g} Nm reach {first_W / 1e3:g} kW at {base * 9.5493:.3g} rpm"
            yield what, "check motor_torque and motor_power", ("motor_torque", "motor_power")
    radius_m = figures.wheel_radius or GENERIC.wheel_radius_m
    ratio_per_m = GENERIC.ratio_per_radius_per_m if figures.gear_ratio is None else figures.gear_ratio / radius_m
    pull_N = (figures.motor_torque or 0.0) * ratio_per_m
    if pull_N > limits.MOST_PULL * figures.test_mass * limits.GRAVITY_m_per_s2:
        what = f"motor_torque through gear_ratio and wheel_radius pulls {pull_N / 1e3:.3g} kN"
        what += f", more than {limits.MOST_PULL:g} times the weight of {figures.test_mass:.6g} kg"
        hint = "motor_torque is that of the machine, not of the wheels"
        yield what, hint, ("motor_torque", "gear_ratio", "wheel_radius", "test_mass")
    current_A = (first_W + second_W) / (figures.battery_voltage or inf)
    if current_A > limits.MOST_A:
        what = f"{(first_W + second_W) / 1e3:g} kW from {figures.battery_voltage:g} V are {current_A:.6g} A"
        hint = f"no vehicle carries {limits.MOST_A:g} A: check battery_voltage and motor_power"
        yield what, hint, ("battery_voltage", "motor_power", "second_motor_power")
    if figures.gear_ratio is not None:
        turns = (figures.top_speed or 0.0) * ratio_per_m
        if turns > limits.FASTEST_rad_per_s:
            what = f"at top speed the machine turns at {turns * 9.5493:.6g} rpm, beyond {limits.FASTEST_rad_per_s * 9.5493:.3g}"
            yield what, "check gear_ratio, wheel_radius and top_speed", ("gear_ratio", "wheel_radius", "top_speed")
