"""Compiled functions that outlive the process: same numbers, whole files, damage and strangers left aside."""

import os

import jax.numpy as jnp
import numpy as np
import pytest

from covolt.simulation import compiled
from covolt.simulation.drive_end import DriveEnd
from covolt.simulation.origin import name_of
from covolt.simulation.precision import prepare_process


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    compiled._functions.clear()
    return tmp_path / "cache"


def double(x, table):
    return {"number": x.sum(), "table": 2.0 * table, "whole": jnp.arange(3)}


ARGUMENTS = (np.arange(3.0), np.ones((2, 2)))


def found_again(what, arguments=ARGUMENTS):
    """What a later process would find for this function, which is of another room than the compiler's."""
    about = compiled._about(double.__module__, (name_of(what),), arguments)
    return compiled._load("double", about)


def test_what_is_kept_gives_the_same(own_folder):
    made = compiled.kept("double", ("first",), double, ARGUMENTS, lambda: ("a", "b"))
    found = found_again("first")
    assert found is not None
    assert found.note == made.note == ("a", "b")
    for function in (made.function, found.function):
        result = function(*ARGUMENTS)
        assert result["number"] == 3.0
        assert np.array_equal(result["table"], np.full((2, 2), 2.0))
        assert np.array_equal(result["whole"], [0, 1, 2])
    assert [path.name.startswith("double-") for path in own_folder.iterdir()] == [True]
    assert own_folder.stat().st_mode & 0o077 == 0


def test_another_shape_or_name_is_another_function():
    compiled.kept("double", ("second",), double, ARGUMENTS)
    assert found_again("second", (np.arange(4.0), np.ones((2, 2)))) is None
    assert found_again("third") is None


@pytest.mark.parametrize("harm", [lambda raw: raw[:-1], lambda raw: b"", lambda raw: raw[:80] + b"\0" + raw[81:]])
def test_a_damaged_file_is_left_aside(own_folder, harm):
    compiled.kept("double", ("fourth",), double, ARGUMENTS)
    (path,) = own_folder.iterdir()
    path.write_bytes(harm(path.read_bytes()))
    assert found_again("fourth") is None


def test_no_folder_means_nothing_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("COVOLT_CACHE_DIR", "")
    assert compiled.kept("double", ("fifth",), double, ARGUMENTS).function(*ARGUMENTS)["number"] == 3.0


def test_a_folder_that_cannot_be_written_costs_only_the_next_start(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert compiled.kept("double", ("sixth",), double, ARGUMENTS).function(*ARGUMENTS)["number"] == 3.0


def test_the_user_s_own_options_stay(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--mine")
    prepare_process()
    assert os.environ["XLA_FLAGS"] == "--mine"


def test_a_result_comes_back_as_its_own_type():
    def ended(x):
        return DriveEnd(**{name: {"air_power_W": x[1]} if name == "energy_J" else x[2] for name in DriveEnd._fields})

    result = compiled.kept("ended", ("only",), ended, (np.arange(3.0),)).function(np.arange(3.0))
    assert isinstance(result, DriveEnd)
    assert (result.speed_m_per_s, result.energy_J, result.driven_steps) == (2.0, {"air_power_W": 1.0}, 2.0)
