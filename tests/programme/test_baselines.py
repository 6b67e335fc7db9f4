"""Baselines: kept once, never changed, found by name and by age."""

import pytest

from covolt.errors import InputError
from covolt.programme.baselines import freeze, last_baseline, read_lock
from covolt.programme.locking import write_lock
from covolt.programme.reading import read_programme
from covolt.study.verdicts.baseline import baseline


def test_a_lock_is_kept_under_a_name_and_compared_with_by_it(city_car):
    programme = read_programme(city_car)
    path = freeze(programme, "concept")
    assert path == city_car / "baselines" / "concept.lock"
    assert read_lock(path).slots == programme.lock.slots
    assert read_lock(path).frozen
    with baseline(programme, "concept") as was:
        assert was.lock.slots == programme.lock.slots
    assert read_programme(city_car).lock == programme.lock


def test_a_baseline_never_changes(city_car):
    programme = read_programme(city_car)
    path = freeze(programme, "concept")
    before = path.read_bytes()
    with pytest.raises(InputError, match="already kept"):
        freeze(programme, "concept")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "../out", "a b", "a/b", ".hidden"])
def test_a_name_stays_in_its_folder(city_car, name):
    with pytest.raises(InputError, match="no name of a baseline"):
        freeze(read_programme(city_car), name)


def test_the_last_is_the_one_kept_last(city_car):
    lock = read_programme(city_car).lock
    for name, day in (("b", "2031-02-01"), ("a", "2031-03-01"), ("c", "2031-01-01")):
        write_lock(city_car, lock.model_copy(update={"frozen": day}), f"baselines/{name}.lock")
    assert last_baseline(city_car).stem == "a"


def test_a_programme_without_baselines_has_none(tmp_path):
    assert last_baseline(tmp_path) is None
