"""`covolt study optimise`: the city car searched, gone on with after a stop, and what excludes every design."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from covolt.cli import main
from covolt.cli.exit_codes import COMPLETED, INPUT_WRONG, REQUIREMENTS_NOT_MET
from covolt.errors import InputError
from covolt.programme.documents import Programme
from covolt.study.cases.optimise import front, optimise
from covolt.study.cases.study import resume, run
from covolt.study.designs.plan import read_plan
from covolt.study.designs.space import DesignSpace
from covolt.study.designs.study_table import StudyTable, parquet_of
from tests.study.conftest import CITY_CAR
from tests.study.designs.conftest import left_by_contracts, put

SMALL: dict[str, Any] = {"population": 12, "generations": 4}
ASKED = ("I-PARTS", "declaration.drive_unit.torque_peak:max")


def best_of(table: StudyTable, costs: np.ndarray, kept: np.ndarray) -> set[int]:
    """Numbers of the designs than which none that is kept is better in one and worse in none, the plainest way."""
    better = (costs[:, None] <= costs).all(axis=2) & (costs[:, None] < costs).any(axis=2) & kept[:, None]
    return {int(one) for one in table.design[kept & ~better.any(axis=0)]}


@pytest.fixture(scope="module")
def searched(programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("searches") / "best"
    optimise(programme, folder, objectives=ASKED, meet=("I-MASS",), **SMALL)
    return folder


def test_the_front_is_the_best_of_a_study_of_the_space(searched: Path, programme: Programme) -> None:
    found, table = front(searched), StudyTable.read(searched)
    space = DesignSpace.of(programme)
    assert table.variables == space.names and np.array_equal(table.values[0], space.at_locked)
    assert np.array_equal(table.values, space.nearest(table.values)) and 40 < table.designs <= 49
    assert found.written == table.designs == read_plan(searched).count and found.evaluations == table.designs
    price, torque = table.found[:, table.requirements.index("I-PARTS")], table.interest_values[:, 0]
    agreed = [not left_by_contracts(programme, space, row) for row in table.values]
    kept = table.met[:, table.requirements.index("I-MASS")] & agreed
    assert found.contracts == "keep" and found.leaving == table.designs - sum(agreed) > 0
    assert {one.design for one in found.front} == best_of(table, np.stack([price, -torque], axis=1), kept)
    assert [one.objective for one in found.objectives] == ["I-PARTS", "measure/declaration.drive_unit.torque_peak"]
    assert [one.direction for one in found.objectives] == ["min", "max"]
    assert found.objectives[0].today == pytest.approx(1267.6) and found.objectives[0].best == price[kept].min()
    assert found.meeting == kept.sum() and not found.excluding


def test_a_stopped_search_goes_on_to_the_same_designs(searched: Path, programme: Programme, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    optimise(programme, cut, objectives=ASKED, meet=("I-MASS",), **SMALL)
    assert parquet_of(cut).equals(parquet_of(searched))
    files = sorted(cut.glob("designs-*.parquet"))
    assert len(files) == 5  # today's vehicle, then each generation
    for one in files[3:]:
        one.unlink()
    left = sum(pyarrow.parquet.read_metadata(one).num_rows for one in files[:3])
    with pytest.raises(InputError, match=f"{left} designs are here of {StudyTable.read(searched).designs}"):
        StudyTable.read(cut)
    done = resume(cut, programme=programme.root)
    assert done.judged == StudyTable.read(searched).designs - left and done.whole
    assert parquet_of(cut).equals(parquet_of(searched))
    assert resume(cut, programme=programme.root).judged == 0


def test_the_cheapest_car_is_sized_by_gradients(city_car: Path, tmp_path: Path) -> None:
    put(city_car, SIZE)
    found = optimise(
        city_car, tmp_path / "sized", objectives=("I-PARTS",), meet=("I-MASS", "B-MASS"), method="gradient"
    )
    # B-MASS asks for a battery of 230 kg, 7 kg for each kWh, and 30.5 kWh weigh 235 kg: 29.79 kWh, of steps of 0.5 kWh 30.
    (best,) = found.front
    assert best.values == {"X [kWh]": 30.0}
    assert best.objectives["I-PARTS [kRUB]"] == pytest.approx(1267.6 - 0.5 * 11.0)
    assert found.of_differences == ("I-PARTS", "I-MASS", "B-MASS") and (found.evaluations or 0) > found.written
    table = StudyTable.read(tmp_path / "sized")
    assert set(table.values[:, 0] % 0.5) == {0.0}


SIZE = """number = "energy_usable"
lowest = "25 kWh"
highest = "40 kWh"
step = "0.5 kWh"
[[coupled]]
number = "energy_nominal"
per = "1.082 kWh/kWh"
[[coupled]]
number = "mass"
per = "7.0 kg/kWh"
[[coupled]]
number = "price"
per = "11000 RUB/kWh"
"""


def test_what_excludes_every_design_is_said_as_the_smallest_sets(city_car: Path, tmp_path: Path) -> None:
    put(city_car, SIZE)
    mass = city_car / "battery-works" / "requirements" / "B-MASS.toml"
    mass.write_text(mass.read_text(encoding="utf-8").replace("230 kg", "300 kg"), encoding="utf-8")
    found = optimise(
        city_car,
        tmp_path / "none",
        objectives=("I-PARTS",),
        meet=("D-TORQUE", "I-MASS", "B-MASS"),
        population=31,
        generations=2,
    )
    assert found.front == () and found.meeting == 0
    assert found.excluding == (("B-MASS", "I-MASS"), ("B-MASS", "contract: battery mass"))
    assert (found.objectives[0].today, found.objectives[0].best) == (pytest.approx(1267.6), None)


def test_the_best_car_keeps_its_contracts_unless_they_may_move(
    programme: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"objectives": ("I-PARTS",), "meet": ("I-MASS",), "method": "gradient"}
    (kept,) = optimise(programme, tmp_path / "kept", **asked).front
    assert kept.leaves == () and kept.values["MOTOR-POWER [kW]"] == 75.0 and kept.values["PACK-SIZE [kWh]"] == 29.0
    (free,) = optimise(programme, tmp_path / "free", **asked, contracts="may-move").front
    assert free.objectives["I-PARTS [kRUB]"] < kept.objectives["I-PARTS [kRUB]"]
    space = DesignSpace.of(programme.seen_by(None))
    row = StudyTable.read(tmp_path / "free").values[free.design]
    left = {(one.limit.split()[1].replace("-", "_"), one.limit.split()[2]) for one in free.leaves}
    assert left == left_by_contracts(programme, space, row) and ("drive_unit", "power_peak") in left
    with pytest.raises(SystemExit):
        main(["study", "front", str(tmp_path / "free")])
    shown = capsys.readouterr().out
    assert f"{free.design} *" in shown and "* leaves the contract drive-unit@1: power_peak" in shown


def test_wrong_questions_are_told_at_once(programme: Programme, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        optimise(
            programme,
            tmp_path / "x",
            objectives=("iso-8715.time_0_100", "I-RANGES", "I-RANGE:up", "A-R10", "iso-8715.time_0_1000:min"),
            meet=("A-R155", "I-NONE"),
            method="gradients",
            population=2,
            seed=-1,
            contracts="move",
        )
    said = [str(one.what) for one in refused.value.problems]
    assert said == [
        "no method 'gradients'",
        "'move' is not possible here",
        "a seed of -1",
        "2 is not possible here",
        "the objective iso-8715.time_0_100 has no direction",
        "no requirement, interest or measure 'I-RANGES'",
        "'up' is no direction of I-RANGE",
        "A-R10 is shown by a document, whatever the design",
        "the procedure 'iso-8715' yields no measure 'time_0_1000'",
        "A-R155 is shown by a document, whatever the design",
        "no requirement 'I-NONE'",
    ]
    with pytest.raises(InputError) as refused:
        optimise(programme, tmp_path / "x", objectives=("I-RANGE", "I-MASS"), method="gradient", generations=3)
    assert len(refused.value.problems) == 2 and not (tmp_path / "x").exists()
    with pytest.raises(InputError, match="there is no objective"):
        optimise(programme, tmp_path / "x", objectives=())


def test_an_empty_space_is_refused(city_car: Path, tmp_path: Path) -> None:
    put(city_car, SIZE).unlink()
    with pytest.raises(InputError, match="nobody lets a number move"):
        optimise(city_car, tmp_path / "x", objectives=("I-PARTS",))


def test_a_sample_has_no_front(programme: Programme, tmp_path: Path) -> None:
    run(programme, tmp_path / "few", designs=3, only=("I-MASS",))
    with pytest.raises(InputError, match="a sample, which has no objectives"):
        front(tmp_path / "few")


def test_from_a_terminal(searched: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(["study", *arguments])
        told = capsys.readouterr()
        return int(left.value.code or 0), " ".join((told.out + told.err).split())

    code, shown = said("front", str(searched))
    assert code == COMPLETED and "↓ I-PARTS [kRUB]" in shown and "↑ declaration.drive_unit.torque_peak [Nm]" in shown
    code, shown = said("front", str(searched), "--json")
    assert json.loads(shown)["schema"] == "study-front/1"
    code, shown = said("optimise", str(CITY_CAR), "--objective", "iso-8715.time_0_100", "-o", str(tmp_path / "x"))
    assert code == INPUT_WRONG and "write iso-8715.time_0_100:max or iso-8715.time_0_100:min" in shown
    few = ("--population", "6", "--generations", "1", "--meet", "D-TORQUE", "--objective", "I-MASS")
    code, shown = said("optimise", str(CITY_CAR), *few, "--objective", "I-PARTS", "-o", str(tmp_path / "y"))
    assert code == COMPLETED and "best design" in shown
    code, shown = said("show", str(tmp_path / "y"))
    assert code == COMPLETED and "7 of 7" in shown
    many = ("--meet", "I-SHARE-72", "--meet", "I-MASS", "--meet", "B-MASS", "--objective", "I-PARTS")
    code, shown = said("optimise", str(CITY_CAR), *many, "--method", "gradient", "-o", str(tmp_path / "z"))
    assert code in {COMPLETED, REQUIREMENTS_NOT_MET}
