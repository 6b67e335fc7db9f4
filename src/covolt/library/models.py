"""The models that a datasheet can name, and why covolt cannot compute a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from covolt import units
from covolt.contract.architecture import INTERFACES, NEEDED, lone_half
from covolt.contract.datasheet import Datasheet, Table
from covolt.errors import Problem
from covolt.library.curves import charging_power_problems, coast_down_problems
from covolt.library.declared import not_used
from covolt.library.driveline import MOST_GEARS, gears_problems, loss_map_problems, loss_ratio_problems, tables_of
from covolt.suggestion import named
from covolt.words import Phrase, text

__all__ = ["MODELS", "ModelKind", "TableKind", "model_level", "model_problems", "slot_problems"]


@dataclass(frozen=True)
class TableKind:
    """A table that a model reads: SI unit of its values, and name and SI unit of its axes in their order."""

    si_unit: str
    axes: Mapping[str, str]
    needed: bool = False


def _no_table() -> dict[str, TableKind]:
    return {}


@dataclass(frozen=True)
class ModelKind:
    """A model that ships, for one interface: the parameters (name to SI unit) and tables that a datasheet may give it."""

    interface: str
    kind: str
    parameters: Mapping[str, str]
    tables: Mapping[str, TableKind] = field(default_factory=_no_table)
    needs: tuple[str, ...] = ()
    """Declared numbers that the interface leaves open and this model cannot do without."""
    needed_parameters: tuple[str, ...] = ()
    problems: Callable[[Datasheet], list[Problem]] | None = None
    """What else may be wrong with a datasheet in which nothing of the above is."""
    validation_level: int = 1
    """As its page in docs/models says: 0 parameterised, 1 energy per cycle, 2 time resolved, 3 thermal."""


_WINDING = {"winding_heat_capacity": "J/K", "winding_limit": "K"}
_MACHINE = {"motor_induction": "1", "motor_externally_excited": "1", "inverter_silicon_carbide": "1"}
"""1 where it is one, 0 where not; of two drive units each says its own."""
_LIST = (
    ModelKind(
        "battery",
        "equivalent-circuit",
        {"heater_power": "W", "heating_below": "K", "charging_above": "K", "freezing_charge_ratio": "1"},
        {"charging_power": TableKind("W", {"state_of_charge": "1"})},
        problems=charging_power_problems,
    ),
    ModelKind(
        "drive_unit",
        "six-term-losses",
        {"loss_constant": "W", "loss_ratio": "1", **_MACHINE, **_WINDING},
        problems=loss_ratio_problems,
    ),
    ModelKind(
        "drive_unit",
        "loss-map",
        {"loss_ratio": "1", **_WINDING},
        {"loss": TableKind("W", {"speed": "rad/s", "torque": "Nm"}, needed=True)},
        problems=loss_map_problems,
    ),
    ModelKind("gearbox", "fixed-ratio", {"drag_torque": "Nm"}),
    ModelKind(
        "gearbox",
        "shifting",
        {
            "upshift_speed": "rad/s",
            "downshift_speed": "rad/s",
            "shift_time": "s",
            "drag_torque": "Nm",
            **{f"ratio_{gear}": "1" for gear in range(2, MOST_GEARS)},
        },
        needs=("ratio", "ratio_highest_gear"),
        needed_parameters=("upshift_speed", "downshift_speed"),
        problems=gears_problems,
        validation_level=0,
    ),
    ModelKind("brake", "blended", {}),
    ModelKind("tyre", "rolling-coefficient", {"temperature_coefficient": "1/K"}),
    ModelKind("body", "drag-area", {"reference_density": "kg/m3"}, needs=("drag_coefficient", "frontal_area")),
    ModelKind(
        "body",
        "coast-down",
        {"reference_density": "kg/m3"},
        needs=("coast_down_constant", "coast_down_linear", "coast_down_quadratic"),
        problems=coast_down_problems,
    ),
    ModelKind(
        "cabin",
        "lumped",
        {
            "heat_pump": "1",
            "heat_pump_power": "W",
            "occupants": "1",
            "fresh_air": "kg/s",
            "heating_set_point": "K",
            "fuel_heater_efficiency": "1",
            "fuel_heater_electric_power": "W",
            "fuel_heater_below": "K",
            "fuel_heater_petrol": "1",
        },
    ),
    ModelKind("auxiliary", "constant-loads", {}),
    ModelKind("charger", "on-board", {"direct_power_maximum": "W"}),
)
MODELS: Mapping[tuple[str, str], ModelKind] = {(one.interface, one.kind): one for one in _LIST}
"""The models by interface and kind. A drive unit and a body are in every vehicle; a vehicle fills each slot once."""


def model_level(sheet: Datasheet) -> int:
    """How far the model of a part was compared with measurement; not at all where it leaves declared numbers of it out."""
    return 0 if not_used(sheet) else MODELS[sheet.fills.partition("@")[0], sheet.model.kind].validation_level


def model_problems(slot: str, sheet: Datasheet) -> list[Problem]:
    """Why covolt cannot compute a part: unknown model, parameter or table, wrong dimension, something missing or at odds."""
    interface = sheet.fills.partition("@")[0]
    kind = MODELS.get((interface, sheet.model.kind))
    if kind is None:
        known = [one.kind for one in _LIST if one.interface == interface]
        what = text("no model '{kind}' for {interface}", kind=sheet.model.kind, interface=interface)
        return [Problem(what, f"{sheet.reference} (model.kind)", named(sheet.model.kind, known))]
    problems = _missing(kind, slot, sheet)
    for name, declared in sheet.model.parameters.items():
        where = f"{sheet.reference} (model.parameters.{name})"
        unit = kind.parameters.get(name)
        if unit is None:
            hint = named(name, kind.parameters)
            problems.append(
                Problem(text("the model '{kind}' has no parameter '{name}'", kind=kind.kind, name=name), where, hint)
            )
        elif declared.si_unit != unit:
            problems.append(
                Problem(
                    text("{declared} is not in {unit}", declared=declared.value, unit=unit),
                    where,
                    text("write it in a unit such as {unit}", unit=unit),
                )
            )
    for name, table in tables_of(sheet).items():
        where = f"{sheet.reference} (tables.{name})"
        if name in kind.tables:
            problems += _table_problems(kind.tables[name], table, where)
        else:
            hint = named(name, kind.tables)
            problems.append(
                Problem(text("the model '{kind}' has no table '{name}'", kind=kind.kind, name=name), where, hint)
            )
    return problems if problems or kind.problems is None else kind.problems(sheet)


def _missing(kind: ModelKind, slot: str, sheet: Datasheet) -> list[Problem]:
    """Numbers and tables without which the model says nothing."""

    def told(name: str, place: str, hint: str | Phrase) -> Problem:
        return Problem(
            text("the model '{kind}' needs {name}", kind=kind.kind, name=name), f"{sheet.reference} ({place})", hint
        )

    problems = [
        told(name, "declared", text("declare {name} in slot {slot}", name=name, slot=slot))
        for name in kind.needs
        if name not in sheet.declared
    ]
    problems += [
        told(name, "model.parameters", text("add {name} to model.parameters", name=name))
        for name in kind.needed_parameters
        if name not in sheet.model.parameters
    ]
    problems += [
        told(
            f"the table '{name}'",
            "model.tables",
            text("add it over {axes} to model.tables", axes=" and ".join(table.axes)),
        )
        for name, table in kind.tables.items()
        if table.needed and name not in tables_of(sheet)
    ]
    return problems


def _table_problems(kind: TableKind, table: Table, where: str) -> list[Problem]:
    """A table in another unit, or over other axes."""
    problems: list[Problem] = []
    if units.unit(table.unit).si != kind.si_unit:
        hint = text("write it in a unit such as {si_unit}", si_unit=kind.si_unit)
        problems.append(
            Problem(text("values in {unit} are not in {si_unit}", unit=table.unit, si_unit=kind.si_unit), where, hint)
        )
    found = {axis.name: units.unit(axis.unit).si for axis in table.axes}
    if list(found.items()) != list(kind.axes.items()):
        over = " and ".join(f"{name} in {unit}" for name, unit in found.items())
        wanted = " and ".join(f"{name} in {unit}" for name, unit in kind.axes.items())
        problems.append(
            Problem(
                text("the table goes over {over}", over=over),
                where,
                text("give it over {wanted}, in this order", wanted=wanted),
            )
        )
    return problems


def slot_problems(sheets: Mapping[str, Datasheet]) -> list[Problem]:
    """Empty slots, slots that no vehicle has, and parts that are not for the slot in which they are."""
    missing = [name for name in NEEDED if name not in sheets]
    half = lone_half(sheets)
    if half is not None:
        missing.append(half[1])
    problems = [
        Problem(text("no part in the slot '{name}'", name=name), "vehicle", text("offer one for {name}", name=name))
        for name in missing
    ]
    for slot, sheet in sheets.items():
        interface = INTERFACES.get(slot)
        if interface is None:
            hint = text("slots: {interfaces}", interfaces=", ".join(INTERFACES))
            problems.append(Problem(text("a vehicle has no slot '{slot}'", slot=slot), "vehicle", hint))
        elif sheet.fills.partition("@")[0] != interface:
            what = text(
                "the slot '{slot}' takes a {interface}, and {sheet} is a {fills}",
                slot=slot,
                interface=interface,
                sheet=sheet.reference,
                fills=sheet.fills,
            )
            problems.append(Problem(what, "vehicle", text("offer one that fills {interface}", interface=interface)))
    return problems
