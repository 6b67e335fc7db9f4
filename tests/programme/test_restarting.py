"""A programme begun from an earlier one: its files and negatives, its state as a baseline, and none of its signatures."""

import pytest

from covolt.cli import main
from covolt.errors import CovoltError, InputError
from covolt.programme.baselines import as_kept, read_lock
from covolt.programme.reading import read_programme
from covolt.programme.restarting import restart
from covolt.study.verdicts.attribution import changes_between
from tests.signed import Holder, put_key


def test_it_takes_everything_but_what_was_signed(city_car, tmp_path, capsys):
    put_key(city_car, Holder("agency"))
    old = read_programme(city_car)
    with pytest.raises(SystemExit) as left:
        main(["new", str(tmp_path / "second-try"), "--restart", str(city_car)])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert "9 negatives" in said
    command = next(line for line in said.splitlines() if "covolt diff " in line).partition("covolt diff ")[2]
    assert command == f"{tmp_path / 'second-try' / 'baselines' / 'city-car.lock'} {tmp_path / 'second-try'}"
    new = read_programme(tmp_path / "second-try")
    assert new.charter.id == "second-try"
    assert (new.keys, new.signatures, new.signoffs, new.revocations) == ({}, {}, {}, {})
    assert new.negatives == old.negatives
    assert new.requirements == old.requirements
    assert (new.offers, new.gates, new.contracts) == (old.offers, old.gates, old.contracts)
    assert new.lock is not None
    assert new.lock.slots == old.lock.slots
    was = as_kept(new, read_lock(tmp_path / "second-try" / "baselines" / "city-car.lock"))
    assert [one for one in changes_between(was, new) if one.kind != "agreement"] == []
    before = {one.name for one in (city_car / "baselines").iterdir()}
    assert {one.name for one in (tmp_path / "second-try" / "baselines").iterdir()} == before | {"city-car.lock"}


def test_it_is_another_programme_in_a_folder_of_its_own(city_car, tmp_path):
    with pytest.raises(InputError, match="cannot be its id"):
        restart(city_car, tmp_path / "new", "city-car")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine")
    with pytest.raises(CovoltError, match="something here already"):
        restart(city_car, tmp_path / "full")
    with pytest.raises(CovoltError, match="within a programme"):
        restart(city_car, city_car / "inner")
    assert not (tmp_path / "new").exists()
