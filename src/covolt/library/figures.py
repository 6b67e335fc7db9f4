"""What a test list or a brochure says of a car, as a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from covolt import units
from covolt.contract.datasheet import Chemistry
from covolt.contract.document import DOCUMENT, Told, load_table, read_text, refusals, validate
from covolt.contract.lines import lines_of_keys
from covolt.contract.road_load import (
    HIGHEST_SPEED_m_per_s,
    road_load_problem,
)
from covolt.display import AbstractShown, Table
from covolt.errors import CovoltError, InputError, NotFound, Problem
from covolt.library import figure_ranges as limits
from covolt.library.cell_file import CellFile, read_cell
from covolt.library.figure_fields import (
    IN_SI,
    Cell,
    CoastDown,
    DragAndTyres,
    Energy,
    Length,
    Mass,
    Measured,
    Power,
    Ratio,
    Speed,
    Temperature,
    Torque,
    Voltage,
)
from covolt.library.figures_read import read_in_part
from covolt.library.generic import GENERIC, InverterKind, MotorKind
from covolt.words import Phrase, text

HIGHEST_J_per_kg = 0.3 * 3.6e6
"""Energy over the mass of a whole vehicle that no pack reaches: 300 Wh/kg is the best of cells alone (estimate)."""
Layout = Literal["front", "rear", "all"]


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
            what = text(
                "a battery of {battery_energy:g} kWh is heavier than a vehicle of {test_mass:g} kg",
                battery_energy=self.battery_energy / 3.6e6,
                test_mass=self.test_mass,
            )
            told.append((what, text("check the units of battery_energy and test_mass"), ()))
        if self.battery_gross_energy is not None and self.battery_gross_energy < self.battery_energy:
            what = text("the battery holds less than can be used of it")
            hint = text("battery_energy is what can be used; battery_gross_energy is all that the cells hold")
            told.append((what, hint, ()))
        second = (self.second_motor_power, self.second_motor_kind, self.second_inverter_kind)
        if any(one is not None for one in second) and self.layout != "all":
            told.append((text("a second motor without all-wheel drive"), text('write layout = "all"'), ()))
        told += _told_of_ranges(self)
        if told:
            raise refusals(told)
        return self

    def _told_of_road_load(self) -> list[Told]:
        """What is wrong with it as a whole: none, two, or one that pushes the car somewhere below its top speed."""
        if (self.coast_down is None) == (self.drag_and_tyres is None):
            what = text("a car needs either a coast-down or drag area and tyres, and not both")
            return [(what, text("give [coast_down] or [drag_and_tyres]"), ())]
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
            told.append(
                (text("a charging curve of fewer than two points"), text("give two points or more"), ("dc_curve",))
            )
        if not all(0.0 <= charge <= 1.0 for charge in charges):
            what = text(
                "states of charge from {charges:g} to {charges_2:g} lie outside 0 to 1",
                charges=min(charges),
                charges_2=max(charges),
            )
            told.append((what, text("write 80 % as 0.8"), ("dc_curve",)))
        if not all(low < high for low, high in pairwise(charges)):
            what = text("the states of charge of the charging curve do not rise")
            told.append((what, text("sort the points by state of charge, each once"), ("dc_curve",)))
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
        hint = text("give its path from the car's file; covolt identify battery writes one")
        raise NotFound(Problem(text("there is no cell file {path}", path=str(path)), where, hint))
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
            yield (
                text(
                    "{place} {shown} is not between {low} and {high}", place=place[-1], shown=shown, low=low, high=high
                ),
                text("{why}; check its unit", why=why),
                place,
            )
    for charge, power_W in figures.dc_curve or ():
        if not power_W <= 5e6:
            yield (
                text("{power:g} kW at {value:g} % is more than 5 MW", power=power_W / 1e3, value=100.0 * charge),
                text("check its unit"),
                ("dc_curve",),
            )


def _relations(figures: CarFigures) -> Iterator[tuple[Phrase, Phrase, tuple[str, ...]]]:
    yield from _of_masses(figures)
    yield from _of_machines(figures)
    yield from _of_road_load(figures)
    powers_W = [figures.dc_power or 0.0, figures.ac_power or 0.0, *(power for _, power in figures.dc_curve or ())]
    if max(powers_W) > limits.MOST_CHARGE_PER_h * figures.battery_energy / 3600.0:
        minutes = figures.battery_energy / max(powers_W) / 60.0
        what = text(
            "{powers:g} kW fill {battery_energy:g} kWh in {minutes:.2g} min",
            powers=max(powers_W) / 1e3,
            battery_energy=figures.battery_energy / 3.6e6,
            minutes=minutes,
        )
        hint = text("check the charging powers and battery_energy")
        yield what, hint, ("battery_energy", "dc_power", "ac_power", "dc_curve")


def _of_road_load(figures: CarFigures) -> Iterator[tuple[Phrase, Phrase, tuple[str, ...]]]:
    load, weight_N = figures.coast_down, figures.test_mass * limits.GRAVITY_m_per_s2
    if load is None or not {"constant", "linear", "quadratic"} <= load.model_fields_set:
        return
    v = min(limits.RESISTED_m_per_s, figures.top_speed or inf)
    force_N = load.constant + load.linear * v + load.quadratic * v**2
    most_N = max(abs(load.constant), abs(load.linear) * v, force_N)
    # What is below zero is told by the curve as a whole.
    if most_N > limits.MOST_RESISTANCE * weight_N or 0.0 < force_N < limits.LEAST_RESISTANCE * weight_N:
        what = text(
            "a road load of {force:.3g} N at {value:.3g} km/h, of terms up to {most:.3g} N, fits no vehicle",
            force=force_N,
            value=3.6 * v,
            most=most_N,
        )
        hint = text("check the units of the coast-down and of test_mass")
        yield (
            text("{what} of {test_mass:.6g} kg", what=what, test_mass=figures.test_mass),
            hint,
            ("coast_down", "test_mass"),
        )


def _of_masses(figures: CarFigures) -> Iterator[tuple[Phrase, Phrase, tuple[str, ...]]]:
    held_J = figures.battery_gross_energy or figures.battery_energy
    if figures.battery_mass is None:
        return
    pack_kg, of = figures.battery_mass, ("battery_mass", "test_mass")
    if pack_kg >= figures.test_mass:
        what = text(
            "a battery of {pack:.6g} kg is heavier than the vehicle of {test_mass:.6g} kg",
            pack=pack_kg,
            test_mass=figures.test_mass,
        )
        yield what, text("battery_mass is part of test_mass"), of
    least, most = limits.PACK_J_per_kg
    if not least <= held_J / pack_kg <= most:
        what = text(
            "{held:.6g} kWh in {pack:.6g} kg are {held_2:.3g} Wh/kg",
            held=held_J / 3.6e6,
            pack=pack_kg,
            held_2=held_J / pack_kg / 3600.0,
        )
        hint = text(
            "packs have {least:g} to {most:g}: check battery_mass and the energies",
            least=least / 3600.0,
            most=most / 3600.0,
        )
        yield what, hint, ("battery_mass", "battery_energy", "battery_gross_energy")


def _of_machines(figures: CarFigures) -> Iterator[tuple[Phrase, Phrase, tuple[str, ...]]]:
    first_W, second_W = figures.motor_power, figures.second_motor_power or 0.0
    specific = (first_W + second_W) / figures.test_mass
    if not limits.LEAST_W_per_kg <= specific <= limits.MOST_W_per_kg:
        what = text(
            "{first:g} kW move {test_mass:.6g} kg, {specific:.3g} W/kg",
            first=(first_W + second_W) / 1e3,
            test_mass=figures.test_mass,
            specific=specific,
        )
        hint = text(
            "vehicles have {least:g} to {most:g}: check motor_power and test_mass",
            least=limits.LEAST_W_per_kg,
            most=limits.MOST_W_per_kg,
        )
        yield what, hint, ("motor_power", "second_motor_power", "test_mass")
    if second_W and min(first_W, second_W) < limits.LEAST_SHARE * (first_W + second_W):
        what = text(
            "machines of {first:g} and {second:g} kW: the weaker one drives nothing",
            first=first_W / 1e3,
            second=second_W / 1e3,
        )
        yield what, text("check motor_power and second_motor_power"), ("second_motor_power", "motor_power")
    if figures.motor_torque is not None:
        base = first_W / figures.motor_torque
        if not limits.SLOWEST_BASE_rad_per_s <= base <= limits.FASTEST_rad_per_s:
            what = text(
                "{motor_torque:g} Nm reach {first:g} kW at {base:.3g} rpm",
                motor_torque=figures.motor_torque,
                first=first_W / 1e3,
                base=base * 9.5493,
            )
            yield what, text("check motor_torque and motor_power"), ("motor_torque", "motor_power")
    radius_m = figures.wheel_radius or GENERIC.wheel_radius_m
    ratio_per_m = GENERIC.ratio_per_radius_per_m if figures.gear_ratio is None else figures.gear_ratio / radius_m
    pull_N = (figures.motor_torque or 0.0) * ratio_per_m
    if pull_N > limits.MOST_PULL * figures.test_mass * limits.GRAVITY_m_per_s2:
        what = text(
            "motor_torque through gear_ratio and wheel_radius pulls {pull:.3g} kN, "
            "more than {most:g} times the weight of {mass:.6g} kg",
            pull=pull_N / 1e3,
            most=limits.MOST_PULL,
            mass=figures.test_mass,
        )
        hint = text("motor_torque is that of the machine, not of the wheels")
        yield what, hint, ("motor_torque", "gear_ratio", "wheel_radius", "test_mass")
    current_A = (first_W + second_W) / (figures.battery_voltage or inf)
    if current_A > limits.MOST_A:
        what = text(
            "{first:g} kW from {battery_voltage:g} V are {current:.6g} A",
            first=(first_W + second_W) / 1e3,
            battery_voltage=figures.battery_voltage or inf,
            current=current_A,
        )
        hint = text("no vehicle carries {most:g} A: check battery_voltage and motor_power", most=limits.MOST_A)
        yield what, hint, ("battery_voltage", "motor_power", "second_motor_power")
    if figures.gear_ratio is not None:
        turns = (figures.top_speed or 0.0) * ratio_per_m
        if turns > limits.FASTEST_rad_per_s:
            what = text(
                "at top speed the machine turns at {turns:.6g} rpm, beyond {fastest:.3g}",
                turns=turns * 9.5493,
                fastest=limits.FASTEST_rad_per_s * 9.5493,
            )
            yield (
                what,
                text("check gear_ratio, wheel_radius and top_speed"),
                ("gear_ratio", "wheel_radius", "top_speed"),
            )
