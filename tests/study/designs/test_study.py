"""A study of a few designs: what it judges is what `verify` says, whoever is beside it, and it goes on after a stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from covolt.errors import Conflict, InputError
from covolt.programme.documents import Programme
from covolt.study.cases.study import resume, run
from covolt.study.designs.evaluation import Evaluation
from covolt.study.designs.plan import read_plan
from covolt.study.designs.sampling import sample
from covolt.study.designs.space import DesignSpace
from covolt.study.designs.study_table import StudyTable, parquet_of
from covolt.study.verdicts.records import RecordStore
from covolt.study.verdicts.verification import verify

QUICK = ("I-MASS", "B-MASS", "I-ACCELERATION", "PARTS-PRICE")


@pytest.fixture(scope="module")
def evaluation(programme: Programme, space: DesignSpace) -> Evaluation:
    return Evaluation(programme.seen_by(None), space, only=QUICK)


def test_todays_vehicle_is_judged_as_verify_judges_it(
    programme: Programme, evaluation: Evaluation, records: RecordStore
) -> None:
    rows = evaluation.evaluate(evaluation.space.at_locked)
    said = {one.requirement: one for one in verify(programme, records, only=QUICK[:3]).verdicts}
    names = [one.name for one in evaluation.requirements]
    assert sorted(names) == sorted(said) and rows.outcomes == ("",)
    for at, name in enumerate(names):
        assert rows.found[0, at] == pytest.approx(said[name].value, rel=1e-9)
        assert rows.margins[0, at] == pytest.approx(said[name].margin, rel=1e-6)
    assert [one.name for one in evaluation.interests] == ["concern/PARTS-PRICE"]
    assert rows.interests[0, 0] == pytest.approx(1267.6)


def test_a_row_does_not_depend_on_who_is_beside_it(evaluation: Evaluation, space: DesignSpace) -> None:
    values = sample(space, "sobol", count=3, seed=1)
    together = evaluation.evaluate(values)
    alone = [evaluation.evaluate(one) for one in values]
    assert np.array_equal(together.found, np.concatenate([one.found for one in alone]))
    assert np.array_equal(together.interests, np.concatenate([one.interests for one in alone]))


def test_a_vehicle_that_cannot_be_is_said_and_stops_no_other(city_car: Path) -> None:
    from covolt.programme.reading import read_programme
    from tests.study.designs.conftest import put

    put(city_car, 'number = "energy_usable"\nlowest = "25 kWh"\nhighest = "40 kWh"\n')
    here = read_programme(city_car)
    found = Evaluation(here, DesignSpace.of(here), only=QUICK).evaluate(np.array([[30.0], [40.0]]))
    assert found.outcomes[0] == "" and "energy_usable" in found.outcomes[1]
    assert set(found.verdicts[1]) == {"not verified"} and np.isnan(found.margins[1]).all()


def test_samples_follow_from_the_seed_alone(space: DesignSpace) -> None:
    first, again = (sample(space, "sobol", count=20, seed=7) for _ in range(2))
    assert np.array_equal(first, again) and np.array_equal(first[:9], sample(space, "sobol", count=8, seed=7))
    assert not np.array_equal(first, sample(space, "sobol", count=20, seed=8))
    assert np.array_equal(first[0], space.at_locked)
    for one in (first, sample(space, "latin-hypercube", count=20, seed=7)):
        assert np.array_equal(one[1:], space.nearest(one[1:]))
        assert one.shape == (21, 5)
    cube = sample(space, "latin-hypercube", count=10, seed=3)[1:, 1]
    assert len(set(np.floor((cube - 7.5) / 0.25))) == 10


def test_a_full_factorial_takes_every_step(space: DesignSpace) -> None:
    whole = sample(space, "full", levels=2)
    assert len(whole) == 1 + 41 * 51 * 2 * 2 * 2 and len(np.unique(whole[1:], axis=0)) == 41 * 51 * 8
    with pytest.raises(InputError, match="every value counts between the bounds of GEAR-RATIO, MOTOR-TORQUE, DRAG"):
        sample(space, "full")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "it is not said how many"),
        ({"designs": 0}, "0 designs"),
        ({"designs": 4, "method": "sobel"}, "no method 'sobel'"),
        ({"designs": 4, "levels": 3}, "full factorial alone"),
        ({"method": "full", "levels": 1}, "1 levels"),
        ({"method": "full", "levels": 2, "designs": 4}, "16728 designs, not 4"),
        ({"designs": 4, "only": ("I-MASSES",)}, "no requirement or interest 'I-MASSES'"),
        ({"designs": 4, "party": "nobody"}, "no party 'nobody'"),
        ({"designs": 4, "seed": -1}, "a seed of -1"),
    ],
)
def test_wrong_options_are_told(programme: Programme, tmp_path: Path, options: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run(programme, tmp_path / "study", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "study").exists()


def test_a_study_does_not_lie_among_the_documents(city_car: Path) -> None:
    with pytest.raises(InputError, match="lies in the programme"):
        run(city_car, city_car / "study", designs=2, only=("I-MASS",))
    assert run(city_car, city_car / "build" / "study", designs=2, only=("I-MASS",)).whole


def test_a_stopped_study_goes_on_to_the_same_table(programme: Programme, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    only = ("I-MASS", "PARTS-PRICE")
    assert run(programme, whole, designs=6, only=only, chunk=3).written == 7
    run(programme, cut, designs=6, only=only, chunk=3)
    (cut / "designs-00000003.parquet").unlink()
    part = StudyTable.read(cut)
    assert part.designs == 4 and part.design[-1] == 6
    read = programme.root
    assert resume(cut, programme=read).judged == 3
    assert parquet_of(cut).equals(parquet_of(whole))
    assert resume(cut, programme=read).judged == 0
    with pytest.raises(Conflict, match="there is a study already"):
        run(programme, cut, designs=3, only=only)


def test_the_table_of_a_study_holds_what_was_judged(programme: Programme, space: DesignSpace, tmp_path: Path) -> None:
    run(programme, tmp_path / "study", designs=5, seed=2, only=("I-MASS", "PARTS-PRICE"))
    table = StudyTable.read(tmp_path / "study")
    assert (table.designs, table.variables, table.requirements) == (6, space.names, ("I-MASS",))
    assert table.interests == ("concern/PARTS-PRICE",) and table.interest_units == ("kRUB",)
    assert np.array_equal(table.values, sample(space, "sobol", count=5, seed=2))
    assert np.array_equal(table.met[:, 0], table.margins[:, 0] >= 0.0)
    names = parquet_of(tmp_path / "study").column_names
    assert names[:2] == ["design", "PACK-SIZE [kWh]"] and "I-MASS margin [kg]" in names


def test_a_study_of_another_programme_or_covolt_is_not_gone_on_with(city_car: Path, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    run(city_car, folder, designs=2, only=("I-MASS",))
    plan = folder / "study.toml"
    written = plan.read_text(encoding="utf-8")
    plan.write_text(written.replace('covolt = "', 'covolt = "9.'), encoding="utf-8")
    with pytest.raises(Conflict, match="begun by covolt 9"):
        resume(folder)
    plan.write_text(written, encoding="utf-8")
    assert read_plan(folder).designs == 2
    mass = city_car / "integrator" / "requirements" / "I-MASS.toml"
    mass.write_text(mass.read_text(encoding="utf-8").replace("1160 kg", "1161 kg"), encoding="utf-8")
    with pytest.raises(Conflict, match="requirements, interests"):
        resume(folder)
