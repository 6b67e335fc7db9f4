"""The EPA's list of any folder: other families, unknown kinds, missing files; the fit of the set is linear algebra."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from covolt.library.generic import FITTED_ON, GENERIC, is_seen

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
HEAD = (
    "row_id,family,make,model,test_vehicle_id,config,rated_hp,drive,axle_ratio,etw_kg,A_lbf,B_lbf_per_mph,C_lbf_per_mph2,test,"
    "front_kind,rear_kind,front_inverter,rear_inverter"
)
ROWS = (
    "a,Other One,O,One,1,0,200,R,1.0,1928,30,0.2,0.016,UDDS,-,PM,-,?",
    "b,Other One,O,One,1,0,200,R,1.0,1928,30,0.2,0.016,HWFET,-,PM,-,?",
    "c,Other Two,O,Two,2,0,1,4,1.0,2400,40,0.2,0.018,UDDS,?,,,",
    "d,Tesla Model 3,T,Long,3,0,350,A,1.0,2000,30,0.2,0.015,UDDS,IM,PM,SiC,SiC",
    "e,Other Two,O,Two,2,0,1,4,1.0,,40,0.2,0.018,HWFET,unknown,unknown,,",
    "f,Other Two,O,Two,2,0,300,F,1.0,2400,40,0.2,0.018,HWFET,EESM,?,Si IGBT?,",
    "g,Other Two,O,Two,2,0,300,F,1.0,2400,40,0.2,0.018,FTP_20F,EE,-,Si,",
)
MEASURED = {"a": "yes", "b": "yes", "c": "yes", "d": "yes", "e": "yes", "f": "doubtful", "g": "yes"}


@pytest.fixture(scope="module")
def bench() -> Any:
    sys.path.insert(0, str(BENCHMARKS))
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in ("epa_list", "epa_fit", "validation_epa")})
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    (root / "epa").mkdir()
    (root / "epa" / "bev_test_inputs_other.csv").write_text("\n".join([HEAD, *ROWS]) + "\n")
    results = [f"{row},150.0,{usable}" for row, usable in MEASURED.items()]
    (root / "epa" / "bev_test_results_other.csv").write_text("\n".join(["row_id,wall_Wh_km,usable", *results]) + "\n")
    return root


def test_unknown_kinds_and_powers_fall_back_and_what_is_unusable_is_counted(bench: Any, folder: Path) -> None:
    found = bench.epa_list.epa_list(folder)
    assert found.families == ("Other One", "Other Two", "Tesla Model 3")
    assert found.left_out == {"doubtful": 1, "no coast-down": 1, "no UDDS or HWFET at the plug": 1}
    one, two, three = (car.figures for car in sorted(found.cars, key=lambda car: car.family))
    assert (one.layout, one.motor_kind, one.inverter_kind) == ("rear", "permanent-magnet", None)
    assert (two.layout, two.motor_kind) == ("all", "permanent-magnet")
    assert two.motor_power == pytest.approx(80.0 * 2400.0)
    kinds = (three.motor_kind, three.second_motor_kind, three.second_inverter_kind)
    assert kinds == ("permanent-magnet", "induction", "silicon-carbide")


def test_unseen_families_are_scored_alone_and_too_few_are_not_fitted(bench: Any, folder: Path) -> None:
    rows = {row["name"]: row for row in bench.validation_epa.rows(folder)}
    assert rows["epa_udds_mae"]["cases"] == 2
    assert set(rows["epa_udds_mae"]["details"]) == {"Other One", "Other Two"}
    assert set(rows["epa_udds_seen_mae"]["details"]) == {"Tesla Model 3"}
    assert rows["epa_hwfet_mae"]["cases"] == 1
    assert "epa_hwfet_seen_mae" not in rows
    assert 0.0 <= rows["epa_udds_coverage_90"]["measured"] <= 100.0
    assert rows["epa_udds_outer_mae"]["measured"] is None
    assert "3 families are too few" in rows["epa_udds_outer_mae"]["reason"]
    assert rows["epa_hwfet_blind_mae"]["cases"] == 1


def test_a_folder_without_a_list_says_so(bench: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        bench.validation_epa.rows(tmp_path)


def test_families_fitted_on_are_seen_and_others_are_not() -> None:
    assert len(FITTED_ON) == len(set(FITTED_ON))
    assert is_seen("Nissan Leaf")
    assert is_seen("BMW i3 (94 Ah)")
    assert not is_seen("Other One")
    assert not is_seen("BMW iX")


def test_energy_is_linear_in_the_losses(bench: Any, folder: Path) -> None:
    """Each number moved by half of itself moves the energy as its slope says, within 0.1 % of the energy."""
    cars = bench.epa_list.epa_list(folder).cars
    tests = bench.epa_fit.tests_of(cars)
    for name in ("base_loss_W", "silicon_torque_loss_W_per_Nm", "spin_loss_W_s", "drive_loss_ratio"):
        by = 0.5 * getattr(GENERIC, name)
        table = bench.epa_list.plug_Wh_per_km(cars, replace(GENERIC, **{name: getattr(GENERIC, name) + by}))
        found = table[tests.car_index, tests.cycle_index]
        foretold = tests.computed_Wh_per_km + by * tests.slopes[name]
        assert found == pytest.approx(foretold, rel=1e-3)
        assert np.all(found > tests.computed_Wh_per_km) or name == "silicon_torque_loss_W_per_Nm"


def test_without_its_losses_the_energy_is_the_bare_one(bench: Any, folder: Path) -> None:
    cars = bench.epa_list.epa_list(folder).cars
    tests = bench.epa_fit.tests_of(cars)
    names = ("base_loss_W", "permanent_magnet_loss_W", "silicon_torque_loss_W_per_Nm", "spin_loss_W_s")
    table = bench.epa_list.plug_Wh_per_km(cars, replace(GENERIC, **dict.fromkeys(names, 0.0)))
    found = table[tests.car_index, tests.cycle_index] / tests.measured_Wh_per_km
    assert found == pytest.approx(tests.bare, rel=2e-3)
    whole = [getattr(GENERIC, bench.epa_fit.NUMBERS[term]) for term in bench.epa_fit.CHOSEN.terms]
    design = tests.design(bench.epa_fit.CHOSEN)
    assert design @ np.array(whole) + tests.bare == pytest.approx(
        tests.computed_Wh_per_km / tests.measured_Wh_per_km, rel=1e-9
    )


def test_a_robust_fit_heeds_the_many(bench: Any) -> None:
    design = np.ones((20, 1))
    wanted = np.full(20, 1.0)
    wanted[0] = 5.0
    found = bench.epa_fit.fit(design, wanted, np.ones(20))
    assert found[0] == pytest.approx(1.0, abs=0.01)
    assert bench.epa_fit.fit(-design, wanted, np.ones(20))[0] == 0.0
