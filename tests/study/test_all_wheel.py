"""A joint programme with two drive units: who brings which, what it costs and weighs, and whose change moves what."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import equinox as eqx
import numpy as np
import pytest

from covolt.cli import main
from covolt.contract.architecture import SECOND_AXLE
from covolt.contract.datasheet import Datasheet, Declared, Model
from covolt.errors import AssemblyError
from covolt.library.build import car
from covolt.library.figures import CarFigures
from covolt.library.join import Frame, join
from covolt.library.subject import Subject
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.simulation.cycles import standard
from covolt.simulation.mission import follow, full_throttle
from covolt.simulation.run import simulate
from covolt.study.procedures.registry import procedures
from covolt.study.report.content import content
from covolt.study.result import plain
from covolt.study.verdicts.attribution import changes_between, differences_of
from covolt.study.verdicts.baseline import earlier_state
from covolt.study.verdicts.bench import Bench, Setting
from covolt.study.verdicts.conformance import conformances
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.records import KeptRecords, RecordStore
from covolt.study.verdicts.verification import verify
from covolt.vehicle.drive_unit import MapDriveUnit, PolynomialDriveUnit
from tests.all_wheel import SECOND_kg, all_wheel
from tests.library.test_join import loss_table
from tests.sample import LABORATORY, mission
from tests.study.procedures.sample import recorded
from tests.study.test_conformance import Bent

TOTAL_W = 120e3
COOLANT_K = 338.15


FEW = {"I-MASS", "I-PRICE", "A-R85", "I-ACCELERATION", "B-CHARGE"}
"""Requirements that need few drives."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = all_wheel(tmp_path_factory.mktemp("all-wheel") / "city-car")
    for path in root.glob("*/requirements/*.toml"):
        if path.stem not in FEW:
            path.unlink()
    return root


@pytest.fixture(scope="module")
def both(folder: Path) -> Programme:
    return read_programme(folder)


@pytest.fixture(scope="module")
def subject_of_both(both: Programme) -> Subject:
    return subject_of(locked_sheets(both), both.charter.vehicle, "all-wheel")


def test_the_second_axle_is_the_other_one_and_weighs_what_its_party_declares(subject, subject_of_both):
    rear, front = subject_of_both.vehicle.axles
    assert (rear.name, front.name) == ("rear", "front")
    assert (float(rear.drive_unit.machine.peak_power_W), float(front.drive_unit.machine.peak_power_W)) == (80e3, 40e3)
    assert (float(rear.gearbox.ratio), float(front.gearbox.ratio)) == (9.3, 9.0)
    assert subject_of_both.kerb_mass_kg == pytest.approx(subject.kerb_mass_kg + SECOND_kg)
    assert subject_of_both.declared_power_W == TOTAL_W
    assert subject.declared_power_W == 80e3
    assert float(rear.load_fraction) + float(front.load_fraction) == pytest.approx(1.0)


MOST_DRAG_Nm = 2.0
"""A drive unit that gives the wheels nothing still turns its gearbox."""


def test_the_split_uses_both_and_the_energy_closes(subject_of_both):
    vehicle = subject_of_both.vehicle
    trace = simulate(vehicle, follow(standard("wltc-3b"), LABORATORY))
    assert trace.outcome.completed
    assert trace.ledger.closes
    rear, front = (np.abs(trace[f"{axle}_torque_Nm"]) > MOST_DRAG_Nm for axle in ("rear", "front"))
    assert np.mean(rear & ~front) > 0.05, "the larger one alone"
    assert np.mean(rear & front) > 0.15, "both together"
    assert min(trace["rear_torque_Nm"].min(), trace["front_torque_Nm"].min()) < -10.0, "both recuperate"
    sprint = simulate(vehicle, full_throttle(10.0))
    assert sprint.ledger.closes
    assert sprint["rear_torque_Nm"].max() == pytest.approx(220.0, rel=0.02)
    assert sprint["front_torque_Nm"].max() == pytest.approx(110.0, rel=0.02)


def test_the_second_may_be_a_machine_of_another_kind(both):
    sheets = locked_sheets(both)
    model = Model(kind="loss-map", tables={"loss": loss_table()})
    joined = join({**sheets, "second_drive_unit": sheets["second_drive_unit"].model_copy(update={"model": model})})
    front, rear = joined.vehicle.axles
    assert isinstance(front.drive_unit, PolynomialDriveUnit)
    assert isinstance(rear.drive_unit, MapDriveUnit)
    trace = simulate(joined.vehicle, mission(slope=0.06))
    assert trace.outcome.completed
    assert trace.ledger.closes
    assert min(trace["front_torque_Nm"].max(), trace["rear_torque_Nm"].max()) > MOST_DRAG_Nm


def declaring(sheet: Datasheet, parameters: dict[str, str] | None = None, **declared: str | float) -> Datasheet:
    """The sheet with other numbers, none of them uncertain."""

    def said(value: str | float) -> Declared:
        return Declared(value=value, basis="estimate")

    model = Model(kind=sheet.model.kind, parameters={k: said(v) for k, v in (parameters or {}).items()})
    numbers = {**sheet.declared, **{name: said(value) for name, value in declared.items()}}
    return sheet.model_copy(update={"declared": numbers, "model": model})


def as_unit(sheet: Datasheet, unit: PolynomialDriveUnit) -> Datasheet:
    """A drive unit that declares all that a car's own has; the power that it holds stands for its thermal resistance."""
    machine = unit.machine
    speed_rad_per_s = 1.2 * float(machine.peak_power_W) / float(machine.peak_torque_Nm)
    held_Nm = float(unit.continuous_torque_Nm(COOLANT_K, speed_rad_per_s))
    return declaring(
        sheet,
        {"winding_heat_capacity": f"{float(machine.heat_capacity_J_per_K)!r} J/K"},
        torque_peak=f"{float(machine.peak_torque_Nm)!r} Nm",
        power_peak=f"{float(machine.peak_power_W)!r} W",
        power_continuous=f"{held_Nm * speed_rad_per_s!r} W",
        speed_maximum=f"{float(machine.maximum_speed_rad_per_s)!r} rad/s",
        voltage_nominal=f"{float(machine.nominal_voltage_V)!r} V",
    )


def test_the_same_car_as_a_car_file_drives_to_the_same_energy(both):
    mass_kg = 1900.0
    figures = CarFigures.model_validate({
        "test_mass": f"{mass_kg!r} kg",
        "drag_and_tyres": {"drag_area": "0.7 m2", "rolling_coefficient": 0.0095},
        "battery_energy": "50 kWh",
        "battery_voltage": "350 V",
        "battery_mass": "235 kg",
        "motor_power": "80 kW",
        "motor_torque": "220 Nm",
        "second_motor_power": "40 kW",
        "layout": "all",
        "gear_ratio": 9.3,
        "wheel_radius": "0.29 m",
        "auxiliary_power": "300 W",
        "dc_power": "150 kW",
    })  # fmt: skip
    whole = car(figures)
    # A car's own machine is cooled for its peak; a datasheet states no more continuous power than that.
    whole = eqx.tree_at(
        lambda v: [axle.drive_unit.machine.thermal_resistance_K_per_W for axle in v.axles],
        whole,
        replace_fn=lambda resistance: 3.0 * resistance,
    )
    sheets = locked_sheets(both)
    for slot, axle in zip(("drive_unit", "second_drive_unit"), whole.axles, strict=True):
        assert isinstance(axle.drive_unit, PolynomialDriveUnit)
        sheets[slot] = as_unit(sheets[slot], axle.drive_unit)
    for slot in ("gearbox", "second_gearbox"):
        sheets[slot] = declaring(sheets[slot], ratio=9.3, efficiency=0.985)
    power = {"discharge_power_peak": "150 kW", "charge_power_peak": "135 kW"}
    sheets["battery"] = declaring(sheets["battery"], energy_usable="50 kWh", voltage_nominal="350 V", **power)
    said_of_cells = ("energy_nominal", "capacity", "resistance", "cells_in_series", "cells_in_parallel")
    for own in (*said_of_cells, "voltage_minimum", "voltage_maximum"):
        sheets["battery"].declared.pop(own, None)  # a car file says none of them
    sheets["auxiliary"] = declaring(sheets["auxiliary"], power_driving="300 W", power_standstill="300 W")
    sheets["tyre"] = declaring(
        sheets["tyre"], rolling_resistance_coefficient=0.0095, rolling_radius="0.29 m", grip_coefficient=0.9
    )
    sheets["brake"] = declaring(sheets["brake"], recuperation_deceleration_maximum="3 m/s2")
    others_kg = sum(sheet.declared["mass"].value_si for slot, sheet in sheets.items() if slot != "body")
    body = declaring(sheets["body"], mass=f"{mass_kg - others_kg!r} kg", drag_coefficient=0.35, frontal_area="2 m2")
    del body.declared["front_load"]
    joined = join({**sheets, "body": body}, Frame("rear"))
    cycle = follow(standard("wltc-3b"), LABORATORY)
    traces = [simulate(vehicle, cycle) for vehicle in (joined.vehicle, whole)]
    for name in ("battery_power_W", "battery_open_circuit_power_W"):
        drawn_J = [float(np.sum(trace[name])) for trace in traces]
        assert drawn_J[0] == pytest.approx(drawn_J[1], rel=1e-9)
    for name in ("rear_torque_Nm", "front_torque_Nm"):
        assert traces[0][name] == pytest.approx(traces[1][name], rel=1e-6, abs=1e-6)


def test_a_second_axle_of_which_a_half_is_missing_is_refused(both):
    sheets = locked_sheets(both)
    with pytest.raises(AssemblyError) as raised:
        join({slot: sheet for slot, sheet in sheets.items() if slot not in {"second_gearbox", "tyre"}})
    assert [one.what for one in raised.value.problems] == [
        "no part in the slot 'tyre'", "no part in the slot 'second_gearbox'"
    ]  # fmt: skip
    with pytest.raises(AssemblyError) as raised:
        join({**sheets, "second_gearbox": sheets["drive_unit"], "seat": sheets["tyre"]})
    assert [one.what for one in raised.value.problems] == [
        "the slot 'second_gearbox' takes a gearbox, and drive-works/pm-80@1.0.0 is a drive_unit",
        "a vehicle has no slot 'seat'",
    ]


@pytest.mark.whole
def test_a_script_reads_the_promises_and_the_levels_of_both(capsys, folder):
    with pytest.raises(SystemExit):
        main(["verify", str(folder), "--json"])
    found = json.loads(capsys.readouterr().out)
    promises = {(one["slot"], one["offer"], one["contract"]) for one in found["promises"] if one["kept"]}
    assert ("drive_unit", "drive-works/pm-80@1.0.0", "drive-unit@1") in promises
    assert ("second_drive_unit", "axle-works/im-40@1.0.0", "second-drive-unit@1") in promises
    assert ("second_gearbox", "axle-works/reducer-90@1.0.0", "second-gearbox@1") in promises
    assert all(one["kept"] for one in found["promises"])
    verdicts = {one["requirement"]: one for one in found["verdicts"]}
    assert set(SECOND_AXLE) <= set(verdicts["I-ACCELERATION"]["model_levels"])
    assert set(SECOND_AXLE).isdisjoint(verdicts["B-CHARGE"]["model_levels"])
    assert verdicts["A-R85"]["value"] == pytest.approx(TOTAL_W / 1e3)


def test_a_broken_promise_names_the_axle_that_breaks_it(both, subject_of_both):
    def bent(vehicle, mission):
        trace = simulate(vehicle, mission)
        values = np.array(trace["front_winding_temperature_K"])
        values[-1] = np.nan
        return Bent(trace, "front_winding_temperature_K", values)

    found = conformances(both, recorded(procedures()["conformance"], subject_of_both, drive=bent))
    assert {(one.slot, one.promise) for one in found if not one.kept} == {("second_drive_unit", "finite")}


def test_declared_numbers_and_cost_count_both(both, subject, subject_of_both):
    declared = recorded(procedures()["declaration"], subject_of_both)
    assert declared.measures["second_drive_unit.power_peak"] == 40e3
    assert procedures()["declaration"].measure("second_drive_unit.power_peak") is not None
    masses = {line.title.said("en"): line.value_si for line in declared.lines}
    assert (masses["second drive unit: mass"], masses["second gearbox: mass"]) == (35.0, 18.0)
    prices = [recorded(procedures()["ownership"], one).measures["price"] for one in (subject, subject_of_both)]
    assert prices[1] > prices[0]
    dearer = recorded(
        procedures()["ownership"],
        replace(subject, declared={**subject.declared, "second_drive_unit": {"power_peak": 40e3}}),
    )
    assert prices[1] == pytest.approx(dearer.measures["price"])


def test_the_report_shows_both_in_both_languages(both):
    store = KeptRecords(None)
    found = plain(content(both, verify(both, store, only=["I-MASS", "A-R85"])))
    slots = {one["id"]: one for one in found["slots"]}
    assert slots["second_drive_unit"]["owner"] == "axle-works"
    assert slots["second_drive_unit"]["offer"] == "axle-works/im-40@1.0.0"
    assert next(one["value"] for one in found["figures"] if one["name"] == "power") == pytest.approx(120.0)
    warm = next(one for one in found["drive"]["charts"] if one["y_title"]["en"] == "Temperature")
    bench = [one for one in found["curves"] if one["requirements"] == ["A-R85"]]
    assert [one["bounds"] for one in bench] == [[], []]  # the bound is on the sum of both
    assert {"winding, rear", "winding, front"} <= set(warm["y"])
    assert warm["y_titles"]["winding, rear"]["ru"] == "обмотка, задняя ось"


def compared(base: Programme, head: Programme, store: RecordStore) -> dict[str, dict[str, float]]:
    """Contributions to a few margins."""
    few = ("I-MASS", "A-R85", "I-ACCELERATION")
    keep = [replace(one, requirements={name: one.requirements[name] for name in few}) for one in (base, head)]
    found, apart = differences_of(keep[0], keep[1], Bench(Setting.of(head), store))
    assert not apart
    for one in found:
        assert sum(one.contributions.values()) == pytest.approx(one.total, rel=1e-9, abs=1e-12)
    return {one.requirement: dict(one.contributions) for one in found}


def test_a_second_drive_unit_is_its_partys_doing(programme, both, records):
    changes = {(one.party, one.what): (one.before, one.after) for one in changes_between(programme, both)}
    assert changes["axle-works", "second_drive_unit"] == ("empty", "axle-works/im-40@1.0.0")
    assert changes["axle-works", "second_gearbox"] == ("empty", "axle-works/reducer-90@1.0.0")
    assert ("programme", "slot second_drive_unit") in changes
    moved = compared(programme, both, records)
    assert {party for one in moved.values() for party in one} == {"axle-works"}
    assert moved["I-MASS"]["axle-works"] == pytest.approx(-SECOND_kg)
    assert moved["A-R85"]["axle-works"] == pytest.approx(40.0)


def test_two_parties_that_bring_one_half_each_share_what_the_axle_moves(programme, records, tmp_path):
    """Neither half can be built in without the other, so equals are treated alike."""
    head = read_programme(all_wheel(tmp_path / "halves", gearbox_party="gear-works"))
    assert {one.what: one.party for one in changes_between(programme, head) if one.kind == "part"} == {
        "second_drive_unit": "axle-works",
        "second_gearbox": "gear-works",
    }
    for moved in compared(programme, head, records).values():
        assert moved["axle-works"] == pytest.approx(moved["gear-works"])
        assert moved["axle-works"] != 0.0


def test_a_baseline_from_before_the_second_axle_stays_valid(both):
    with earlier_state(both, "draft") as was:
        assert set(SECOND_AXLE).isdisjoint(was.state.slots)
        assert set(SECOND_AXLE).isdisjoint(locked_sheets(was.state))
        changes = {one.what: one.before for one in changes_between(was.state, both) if one.party == "axle-works"}
    assert changes == {"second_drive_unit": "empty", "second_gearbox": "empty"}
