"""`make validate` on folders with other cars, cells, trips and laws in them: what is unknown is counted and named."""

import csv
import gzip
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.whole

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def validate():
    sys.path.insert(0, str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("validate", BENCHMARKS / "validate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(BENCHMARKS))


def run(validate, name, folder):
    """Rows of one module by name; none of them may be a fault."""
    rows = validate.run_module(BENCHMARKS / f"validation_{name}.py", folder)
    assert not [row["reason"] for row in rows if str(row.get("reason", "")).startswith(validate.FAILED)]
    assert all({"name", "measured", "goal", "unit", "cases", "command"} <= set(row) for row in rows)
    return {row["name"]: row for row in rows}


def write(path: Path, heading: str, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([heading, *rows]) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def test_a_law_of_ageing_that_covolt_has_not_is_counted_and_named(validate, tmp_path):
    heading = (
        "model,temp_C,mean_soc_pct,dod_pct,c_rate,years,equivalent_full_cycles,calendar_loss_pct,cycle_loss_pct,"
        "remaining_capacity_pct"
    )
    path = tmp_path / "ageing" / "blast_lite_reference.csv"
    write(path, heading, "lfp_other_maker,25,50,80,1,5,500,3,4,50.0")
    rows = run(validate, "ageing", tmp_path)
    assert rows["ageing_blast_lite"]["measured"] is None
    assert rows["ageing_blast_lite"]["left_out"][0].startswith("lfp_other_maker (1 conditions)")
    other = rows["ageing_other_outside_band"]
    assert (other["cars"], other["cases"]) == (1, 1)
    assert 20.0 < other["measured"] < 50.0, "half of the capacity is far below what covolt's laws of LFP leave"


def test_a_law_may_be_called_by_its_own_name(validate, tmp_path):
    heading = "model,temp_C,mean_soc_pct,dod_pct,c_rate,years,equivalent_full_cycles,remaining_capacity_pct"
    write(
        tmp_path / "ageing" / "blast_lite_reference.csv",
        heading,
        "nmc111_kokam_75Ah,15,30,80,1,1,0,99.861",
        "Smith 2017,15,30,80,1,1,0,99.861",
    )
    row = run(validate, "ageing", tmp_path)["ageing_blast_lite"]
    assert (row["cases"], row["cars"], row["left_out"]) == (2, 1, [])
    assert row["measured"] < 1e-3


def test_folders_without_a_cell_that_can_be_identified_are_named(validate, tmp_path):
    write(tmp_path / "cell_without_slow" / "hppc_pulse_table.csv", "ambient_C,soc_pct", "25,50")
    write(tmp_path / "cell_without_table" / "notes.csv", "a", "1")
    rows = run(validate, "cells", tmp_path)
    named = " ".join(rows["cell_rmse_25C"]["left_out"])
    assert "cell_without_slow: no slow discharge" in named
    assert "cell_without_table: no pulse table" in named
    assert rows["cell_rmse_25C"]["measured"] is None


def rest_voltage_V(z):
    return 3.3 + 0.6 * z + 0.25 * z**3 - 0.3 * np.exp(-15.0 * z)


def made_up_cell(folder: Path) -> None:
    """3 Ah, a curved rest voltage, 30 mOhm at 25 degC that grow in the cold, one pair of 4 mOhm and 20 s."""
    lines: list[str] = []
    for celsius, ohm in ((25, 0.030), (0, 0.030 * np.exp(2500 * (1 / 273.15 - 1 / 298.15)))):
        for z in (0.9, 0.7, 0.5, 0.3, 0.1):
            for amperes in (1.5, 3.0):
                shown = [
                    ohm
                    + 0.004 * (1 - np.exp(-t / 20))
                    + (rest_voltage_V(z) - rest_voltage_V(z - amperes * t / 10800)) / amperes
                    for t in (1, 10)
                ]
                resistances = ",".join(f"{1e3 * one:.5f}" for one in shown)
                lines.append(f"{celsius},{100 * z:g},{amperes},{rest_voltage_V(z):.6f},{resistances},10")
    write(
        folder / "hppc_pulse_table.csv", "ambient_C,soc_pct,pulse_A,rest_voltage_V,R_1s_mohm,R_10s_mohm,pulse_s", *lines
    )
    heading = "time_s,current_A,voltage_V,case_temp_C"
    times = np.arange(0, 72001, 600)
    slow = [f"{t},{0.15},{rest_voltage_V(1 - 0.15 * t / 10800) - 0.15 * 0.034:.6f},25" for t in times]
    write(folder / "c20_25C.csv.gz", heading, *slow)
    drive: list[str] = []
    z, pair_V = 1.0, 0.0
    for t in range(1500):
        amperes = 3.0 if t % 60 < 30 else 0.5
        pair_V += (0.004 * amperes - pair_V) * (1 - np.exp(-1 / 20))
        z -= amperes / 10800
        drive.append(f"{t},{amperes},{rest_voltage_V(z) - 0.030 * amperes - pair_V:.6f},25")
    write(folder / "otherdrive_25C.csv.gz", heading, *drive)


def test_a_cell_of_another_maker_is_identified_and_scored(validate, tmp_path):
    made_up_cell(tmp_path / "cell_other_maker")
    rows = run(validate, "cells", tmp_path)
    row = rows["cell_rmse_25C"]
    assert (row["cases"], row["cars"]) == (1, 1)
    assert row["measured"] < 10.0 < row["plain"] * 3.0
    assert rows["cell_voltage_coverage_90"]["cars"] == 1


def test_padding_a_trace_changes_no_voltage(validate, tmp_path):
    from covolt.vehicle.cell import generic_nmc_cell
    from covolt.vehicle.cell_response import cell_voltage_V

    cells = validate.load(BENCHMARKS / "validation_cells.py")
    cell = generic_nmc_cell()
    current = np.where(np.arange(700) % 50 < 20, -4.0, 1.0)
    kelvin, durations = np.full(700, 283.15), np.full(700, 2.0)
    plain, z = cell_voltage_V(cell, current, kelvin, durations, 1.0)
    voltage, charge = cells.voltage_of(cell, current, kelvin, durations)
    np.testing.assert_allclose(voltage, plain, rtol=0, atol=1e-12)
    np.testing.assert_allclose(charge, z, rtol=0, atol=1e-12)


def test_other_charging_curves_count_and_broken_ones_are_named(validate, tmp_path):
    points = [(0, 90), (10, 100), (50, 95), (80, 60), (100, 10)]
    rows = [f"a,Other,Maker,One,60.0,{z},{power}" for z, power in points]
    rows += [f"b,Other,Maker,Two,,{z},{power}" for z, power in points]
    rows += [f"c,Third,Car,,50.0,{z},{power}" for z, power in points[:3]]
    heading = "id,brand,model,variant,usable_battery_kWh,soc_pct,dc_power_kW"
    write(tmp_path / "charging" / "other_dc_curves.csv", heading, *rows)
    row = run(validate, "charging", tmp_path)["charge_time_10_80_mae"]
    assert (row["cases"], row["cars"]) == (1, 1)
    assert row["measured"] < 2.0, "the time by the post's output is taken as curves with a clock stand to it"
    assert row["left_out"] == ["Other Maker Two: a number is missing", "Third Car: fewer than 4 points"]


def test_cars_whose_label_factor_a_folder_does_not_know_are_named(validate, tmp_path):
    write(
        tmp_path / "epa" / "fueleconomy_gov_bev_other.csv",
        "year,model,city_adjust_factor,hwy_adjust_factor",
        "2022,ID.4 Pro,0.71,0.72",
        "2022,Somebody else's car,0.7,0.7",
    )
    label = validate.load(BENCHMARKS / "validation_label.py")
    factors, unknown = label.own_factors(tmp_path)
    assert factors == {"id4-pro-rwd": (0.71, 0.72)}
    assert "leaf-40: its factor is not in the folder" in unknown


def test_trips_of_other_vehicles_are_named(validate, tmp_path):
    write(tmp_path / "trips_somebody" / "SUMMARY.csv", "trip", "one")
    row = run(validate, "trips", tmp_path)["i3_trip_energy_mae"]
    assert row["measured"] is None
    assert row["left_out"] == ["trips_somebody: no vehicle is described for it"]


def test_another_event_is_driven_and_what_has_no_trace_is_named(validate, tmp_path):
    heading = "id,truck,event,soc_start_pct,soc_end_pct,dod_pct,battery_kWh,usable_fit"
    write(
        tmp_path / "trips_tesla_semi" / "SUMMARY.csv",
        heading,
        "semi7_event1,7,1,90,88,2.0,825,yes",
        "semi7_event2,7,2,90,80,10.0,825,yes",
        "semi8_event1,8,1,90,80,10.0,825,no: range fit",
    )
    speeds = np.clip(np.arange(900) * 0.5, 0, 80.0)
    trace = [f"{s},{v}" for s, v in enumerate(speeds)]
    for name in ("semi7_event1", "semi8_event1"):
        write(tmp_path / "trips_tesla_semi" / f"{name}_1hz.csv.gz", "time_s,speed_kmh", *trace)
    rows = run(validate, "road", tmp_path)
    row = rows["semi_event_energy_mae"]
    assert (row["cases"], row["cars"]) == (1, 1)
    assert row["left_out"] == ["semi7_event2: no trace", "semi8_event1: no: range fit"]
    assert 10.0 < row["details"][0]["computed"] < 40.0
    assert rows["semi_event_energy_coverage_90"]["halfwidth_90"] > 4.0
    assert rows["twizy_trip_energy_mae"]["measured"] is None


def test_rows_keep_the_form_that_is_read(validate, tmp_path):
    from scoring import Scored, scored_rows

    cases = [Scored("a", "x", 11.0, 10.0, 1.0, 10.0), Scored("b", "x", 9.0, 10.0, 0.1, 12.0)]
    row, coverage = scored_rows("some_mae", cases, peer="p", goal=5.0, left_out=["c: why"])
    assert row["measured"] == pytest.approx(10.0) and row["plain"] == pytest.approx(10.0)
    assert coverage["name"] == "some_coverage_90" and coverage["measured"] == 50.0
    validate.write([{"command": "make validate", **one} for one in (row, coverage)], tmp_path)
    read = json.loads((tmp_path / "validation.json").read_text(encoding="utf-8"))
    assert list(read[0])[:8] == ["name", "measured", "goal", "unit", "better", "peer", "cases", "command"]
    assert read[0]["left_out"] == ["c: why"] and read[1]["by_car"] == 50.0
    with (tmp_path / "validation_details.csv").open(encoding="utf-8") as file:
        assert {line["case"] for line in csv.DictReader(file)} == {"a", "b"}
    assert validate.verdict(row) == "short by 5"


def test_the_interval_of_a_proportion_is_that_of_clopper_and_pearson():
    sys.path.insert(0, str(BENCHMARKS))
    from scoring import best_constant, proportion_interval

    # 10 of 10: the lower bound solves p^10 = 0.05; 0 of 10 is its mirror
    assert proportion_interval(10, 10) == (pytest.approx(0.05**0.1), 1.0)
    assert proportion_interval(0, 10) == (0.0, pytest.approx(1.0 - 0.05**0.1))
    assert best_constant([1.0, 2.0, 2.0, 2.0]) == 2.0


def test_an_interval_is_the_root_of_its_squared_central_differences():
    sys.path.insert(0, str(BENCHMARKS))
    from intervals import standard_uncertainty

    from covolt.library.figures import CarFigures
    from covolt.library.generic import GENERIC, UNCERTAIN

    figures = CarFigures.model_validate({
        "test_mass": "1500 kg", "drag_and_tyres": {"drag_area": "0.6 m2", "rolling_coefficient": 0.009},
        "battery_energy": "50 kWh", "motor_power": "100 kW",
    })  # fmt: skip
    number = next(one for one in UNCERTAIN if one.name == "mesh_efficiency")

    def mesh_and_mass(vehicles):
        return np.array([[float(v.axles[0].gearbox.mesh_efficiency), float(v.body.mass_kg)] for v in vehicles])

    found, u = standard_uncertainty(figures, mesh_and_mass, {"test_mass": 40.0})
    assert found == pytest.approx([GENERIC.mesh_efficiency, 1500.0])
    assert u == pytest.approx([number.standard_uncertainty, 40.0], rel=1e-6)


@pytest.mark.slow
def test_an_empty_folder_still_prints_its_table(validate, tmp_path, capsys):
    folder = tmp_path / "data"
    folder.mkdir()
    assert validate.main(["--data", str(folder), "--build", str(tmp_path / "build")]) == 0
    rows = json.loads((tmp_path / "build" / "validation.json").read_text(encoding="utf-8"))
    assert {"cold_range_naf", "truck_40t_energy_max", "semi_event_energy_mae"} <= {row["name"] for row in rows}


@pytest.mark.parametrize("path", sorted(BENCHMARKS.glob("validation_*.py")), ids=lambda path: path.stem)
def test_every_file_of_rows_can_be_loaded(validate, path):
    assert callable(validate.load(path).rows)
