"""A vehicle joined from datasheets with a declared loss map or several gears; what is wrong with them is told at the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import jax.numpy as jnp
import numpy as np
import pytest
from tests.sample import mission
from tests.study.conftest import CITY_CAR

from covolt.contract.datasheet import Axis, Datasheet, Declared, Model, Table
from covolt.errors import AssemblyError
from covolt.library.join import join
from covolt.library.models import model_problems
from covolt.programme.reading import read_programme
from covolt.simulation.mission import Conditions
from covolt.simulation.run import simulate
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import record_key
from covolt.study.verdicts.variation import variations
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.drive_unit import WINDING_REFERENCE_K, MapDriveUnit, PolynomialDriveUnit
from covolt.vehicle.gearbox import ShiftingGearbox

RPM = np.pi / 30.0
SPEEDS_rpm = tuple(np.linspace(0.0, 14500.0, 30).tolist())
TORQUES_Nm = tuple(np.linspace(0.0, 225.0, 46).tolist())
COLD = Conditions(ambient_temperature_K=258.15)


@cache
def parts() -> dict[str, Datasheet]:
    return locked_sheets(read_programme(CITY_CAR))


def estimate(value: str | float) -> Declared:
    return Declared(value=value, basis="estimate")


@cache
def polynomial() -> PolynomialDriveUnit:
    unit = join(parts()).vehicle.axles[0].drive_unit
    assert isinstance(unit, PolynomialDriveUnit)
    return unit


def loss_table(torques_Nm: tuple[float, ...] = TORQUES_Nm, speeds_rpm: tuple[float, ...] = SPEEDS_rpm) -> Table:
    """The losses of the shipped drive unit at the temperature of a map, as a party would declare them."""
    unit = polynomial()
    speed = jnp.asarray(speeds_rpm)[:, None] * RPM
    losses = unit.loss_W(unit.start(WINDING_REFERENCE_K), jnp.asarray(torques_Nm)[None, :], speed)
    rows = tuple(tuple(row) for row in (np.asarray(losses) / 1e3).tolist())
    axes = (Axis(name="speed", unit="rpm", values=speeds_rpm), Axis(name="torque", unit="Nm", values=torques_Nm))
    return Table(unit="kW", axes=axes, values=rows, basis="measured", source="bench")


def with_map(table: Table | None = None, **parameters: Declared) -> dict[str, Datasheet]:
    model = Model(kind="loss-map", parameters=parameters, tables={"loss": table or loss_table()})
    return {**parts(), "drive_unit": parts()["drive_unit"].model_copy(update={"model": model})}


def with_gears(declared: dict[str, Declared] | None = None, **changes: Declared | None) -> dict[str, Datasheet]:
    """Two gears unless `declared` says more; None takes a parameter away."""
    usual: dict[str, Declared | None] = {
        "upshift_speed": estimate("9000 rpm"),
        "downshift_speed": estimate("3500 rpm"),
        "shift_time": estimate("0.4 s"),
    }
    parameters = {name: one for name, one in (usual | changes).items() if one is not None}
    sheet = parts()["gearbox"]
    own = {"ratio": estimate(12.0), "ratio_highest_gear": estimate(6.5)} | (declared or {})
    model = Model(kind="shifting", parameters=parameters)
    return {**parts(), "gearbox": sheet.model_copy(update={"declared": {**sheet.declared, **own}, "model": model})}


def energy_J(vehicle: Vehicle, conditions: Conditions | None = None) -> float:
    """Energy from the battery over the errand; the drive ends and its joules are kept."""
    trace = simulate(vehicle, mission(conditions))
    assert trace.outcome.completed, trace.outcome.reason
    assert trace.ledger.closes
    return trace.ledger.energy_J("battery")


def test_a_map_drives_as_the_losses_that_it_holds() -> None:
    vehicle = join(with_map()).vehicle
    assert isinstance(vehicle.axles[0].drive_unit, MapDriveUnit)
    by_map, by_terms = energy_J(vehicle), energy_J(join(parts()).vehicle)
    # The map keeps the temperature of its measurement, 65 degC; copper of the errand is colder.
    assert by_map == pytest.approx(by_terms, rel=0.01)
    assert energy_J(vehicle, COLD) > by_map


def test_both_quadrants_are_read_where_they_are_declared() -> None:
    both = (*(-T for T in reversed(TORQUES_Nm[1:])), *TORQUES_Nm)
    mirrored, whole = (join(with_map(table)).vehicle for table in (loss_table(), loss_table(both)))
    assert energy_J(whole) == pytest.approx(energy_J(mirrored), rel=1e-12)
    table = loss_table(both)
    dear = tuple(tuple(3.0 * x if T < 0 else x for T, x in zip(both, row, strict=True)) for row in table.rows)
    assert energy_J(join(with_map(table.model_copy(update={"values": dear}))).vehicle) > 1.002 * energy_J(whole)


def test_loss_ratio_makes_a_map_dearer() -> None:
    plain, dear = (join(with_map(loss_ratio=estimate(ratio))).vehicle for ratio in (1.0, 1.5))
    unit = dear.axles[0].drive_unit
    assert float(unit.loss_W(unit.start(300.0), 100.0, 500.0)) == pytest.approx(
        1.5 * float(plain.axles[0].drive_unit.loss_W(unit.start(300.0), 100.0, 500.0))
    )
    assert energy_J(dear) > 1.02 * energy_J(plain)


def test_full_torque_at_the_very_edge_of_the_map_stays_inside() -> None:
    torques_Nm = tuple(np.linspace(0.0, 70.0, 46).tolist())
    sheets = with_map(loss_table(torques_Nm))
    unit = sheets["drive_unit"]
    weak = {**unit.declared, "torque_peak": estimate("70 Nm")}
    trace = simulate(
        join({**sheets, "drive_unit": unit.model_copy(update={"declared": weak})}).vehicle, mission(slope=0.06)
    )
    assert trace["front_torque_Nm"].max() == pytest.approx(70.0)
    assert trace.outcome.limit == "drive unit"
    assert trace.ledger.closes


def test_leaving_the_map_is_an_outcome() -> None:
    vehicle = join(with_map()).vehicle
    fast = replace(mission(), start_speed_m_per_s=70.0)
    trace = simulate(vehicle, fast)
    assert trace.outcome.limit == "map"


def told(sheets: dict[str, Datasheet], slot: str) -> list[str]:
    problems = model_problems(slot, sheets[slot])
    assert all(one.where.startswith(sheets[slot].reference) and one.hint for one in problems)
    with pytest.raises(AssemblyError):
        join(sheets)
    return [one.what for one in problems]


def test_a_map_that_is_none_is_refused_at_the_door() -> None:
    short = loss_table(tuple(np.linspace(0.0, 219.0, 5).tolist()), tuple(np.linspace(500.0, 13000.0, 5).tolist()))
    speed, torque = told(with_map(short), "drive_unit")
    assert "500 to 13000 rpm" in speed
    assert "0 to 219 Nm, not 0 to 225 Nm" in torque
    lopsided = loss_table((-100.0, 0.0, 230.0))
    (what,) = told(with_map(lopsided), "drive_unit")
    assert "-100 to 230 Nm, not -225 to 225 Nm" in what
    table = loss_table((0.0, 230.0))
    for value in (-1.0, 0.0):
        bad = tuple((row[0], value) for row in table.rows)
        (what,) = told(with_map(table.model_copy(update={"values": bad})), "drive_unit")
        assert "negative, or zero under torque" in what


def test_a_drive_unit_without_losses_is_refused() -> None:
    nothing = {"loss_ratio": estimate(0.0)}
    assert told(with_map(**nothing), "drive_unit") == ["the losses are not above zero"]
    six = parts()["drive_unit"].model_copy(update={"model": Model(kind="six-term-losses", parameters=nothing)})
    assert told({**parts(), "drive_unit": six}, "drive_unit") == ["the losses are not above zero"]


def test_gears_without_a_lowest_are_told_and_no_crash() -> None:
    sheet = with_gears()["gearbox"]
    bare = sheet.model_copy(update={"declared": {k: v for k, v in sheet.declared.items() if k != "ratio"}})
    assert told({**parts(), "gearbox": bare}, "gearbox") == ["the model 'shifting' needs ratio"]


def test_a_map_in_other_units_or_over_other_axes_is_refused() -> None:
    table = loss_table((0.0, 230.0))
    assert told(with_map(table.model_copy(update={"unit": "Nm"})), "drive_unit") == ["values in Nm are not in W"]
    turned = Table(unit="kW", axes=table.axes[::-1], values=tuple(zip(*table.rows, strict=True)), basis="estimate")
    (what,) = told(with_map(turned), "drive_unit")
    assert what == "the table goes over torque [Nm] and speed [rad/s]"
    sheets = with_map()
    bare = sheets["drive_unit"].model_copy(update={"model": Model(kind="loss-map")})
    assert told({**sheets, "drive_unit": bare}, "drive_unit") == ["the model 'loss-map' needs the table 'loss'"]


def test_two_gears_shift_and_the_drive_closes() -> None:
    vehicle = join(with_gears()).vehicle
    gearbox = vehicle.axles[0].gearbox
    assert isinstance(gearbox, ShiftingGearbox)
    assert gearbox.ratios.tolist() == [12.0, 6.5]
    assert float(gearbox.upshift_speed_rad_per_s) == pytest.approx(9000 * RPM)
    trace = simulate(vehicle, mission(COLD))
    assert trace.outcome.completed, trace.outcome.reason
    assert trace.ledger.closes
    assert set(trace["front_gear"].tolist()) == {0.0, 1.0}
    engaged = np.array([12.0, 6.5])[trace["front_gear"].astype(int)]
    rotor = trace["mean_speed_m_per_s"] * engaged / float(vehicle.tyre.radius_m)
    assert trace["front_rotor_speed_rad_per_s"] == pytest.approx(rotor)


def test_three_gears_take_their_ratios_in_order() -> None:
    sheets = with_gears({"gears": estimate(3)}, ratio_2=estimate(8.8), downshift_speed=estimate("4000 rpm"))
    gearbox = join(sheets).vehicle.axles[0].gearbox
    assert isinstance(gearbox, ShiftingGearbox)
    assert gearbox.ratios.tolist() == [12.0, 8.8, 6.5]


@pytest.mark.parametrize(
    ("declared", "changes", "words"),
    [
        ({}, {"upshift_speed": None}, "needs upshift_speed"),
        ({}, {"upshift_speed": estimate("9000 Nm")}, "not in rad/s"),
        ({}, {"downshift_speed": estimate("6000 rpm")}, "undone at once"),
        ({"ratio_highest_gear": estimate(12.0)}, {}, "not below ratio"),
        ({"gears": estimate(3)}, {}, "ratio of gear 2 is not given"),
        ({}, {"ratio_2": estimate(9.0)}, "ratio_2 lies beyond the 2 gears"),
        ({"gears": estimate(3)}, {"ratio_2": estimate(0.0)}, "ratio_2 is not above zero"),
        ({}, {"shift_time": estimate("-1 s")}, "shift_time is negative"),
        ({"gears": estimate(1)}, {}, "1 gears cannot be shifted"),
        ({"gears": estimate(2.5)}, {}, "2.5 gears cannot be shifted"),
    ],
)
def test_gears_that_cannot_be_shifted_are_refused(
    declared: dict[str, Declared], changes: dict[str, Declared | None], words: str
) -> None:
    (what,) = told(with_gears(declared, **changes), "gearbox")
    assert words in what


def test_a_shift_beyond_the_drive_unit_is_refused() -> None:
    with pytest.raises(AssemblyError, match="upshift_speed is above 1451 rad/s"):
        join(with_gears(upshift_speed=estimate("14000 rpm")))


def test_every_number_moved_by_its_uncertainty_still_joins() -> None:
    unsure = Declared(value="14000 rpm", u="300 rpm", basis="estimate")
    sheets = with_map(loss_ratio=Declared(value=1.0, u=0.05, basis="estimate"))
    unit = sheets["drive_unit"]
    sheets["drive_unit"] = unit.model_copy(update={"declared": {**unit.declared, "speed_maximum": unsure}})
    found = [one for one in variations(sheets) if one.slot == "drive_unit"]
    assert sum(one.origin == "input" for one in found) == 6
    for one in found:
        for side in (one.up, one.down):
            join(side.sheets, generic=side.generic)


def test_a_record_heeds_every_number_of_a_map_and_of_the_gears() -> None:
    procedure, frame = procedures()["wltp"], read_programme(CITY_CAR).charter.vehicle

    def key(sheets: dict[str, Datasheet]) -> str:
        return record_key(procedure, Given(), sheets, frame)

    table = loss_table((0.0, 100.0, 230.0), (0.0, 7000.0, 14500.0))
    known = {key(with_map(table)), key(parts())}
    for row in range(3):
        for column in range(3):
            rows = [list(one) for one in table.rows]
            rows[row][column] += 0.001
            known.add(key(with_map(table.model_copy(update={"values": tuple(map(tuple, rows))}))))
    for axis in range(2):
        values = (*table.axes[axis].values[:-1], table.axes[axis].values[-1] + 1.0)
        axes = list(table.axes)
        axes[axis] = axes[axis].model_copy(update={"values": values})
        known.add(key(with_map(table.model_copy(update={"axes": tuple(axes)}))))
    assert len(known) == 2 + 9 + 2
    gears = [
        with_gears(),
        with_gears({"ratio_highest_gear": estimate(6.4)}),
        *(with_gears(**{name: estimate(value)}) for name, value in OTHER_SHIFTS.items()),
    ]
    assert len({key(sheets) for sheets in gears}) == len(gears)


OTHER_SHIFTS = {"upshift_speed": "9001 rpm", "downshift_speed": "3501 rpm", "shift_time": "0.41 s"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows / 1e3, r"% efficient, no machine with inverter is above 99.3 %"),
        (lambda rows: rows * 1e3, r"a machine of [0-9.]+ kW never loses so much"),
        (lambda rows: rows[:, ::-1].copy(), "the loss falls from"),
    ],
)
def test_a_map_whose_losses_no_machine_has_is_refused_with_the_point(
    change: Callable[[np.ndarray], np.ndarray], said: str
) -> None:
    table = loss_table()
    wrong = table.model_copy(update={"values": tuple(map(tuple, change(np.asarray(table.values)).tolist()))})
    sheets = with_map(wrong)
    found = model_problems("drive_unit", sheets["drive_unit"])
    assert any(re.search(said, one.what) for one in found)
    assert all("rad/s" in one.what for one in found)
    assert not model_problems("drive_unit", with_map(table)["drive_unit"])
