"""Procedures are found where they lie: in their room, and in packages that offer their own."""

import importlib
import sys
from pathlib import Path

import pytest

import covolt.study.procedures as room
from covolt.errors import InputError
from covolt.library.generic import GENERIC
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.registry import find_procedure, procedures
from covolt.study.verdicts.records import record_key

OUTSIDE = """
from covolt.study.procedures.protocol import Measure, Procedure
from covolt.words import Words

HALF_LOAD = Measure("half_load", Words("Half load"), "kg")

def half_load(subject, given, note):
    note.result(HALF_LOAD, note.line("half load", 0.5 * subject.maximum_load_kg, "kg"))

PROCEDURES = (Procedure("half-load", Words("Half load"), "covolt", (HALF_LOAD,), half_load),)
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a package of another maker, as pip would, for as long as the test runs."""

    def install(source, name="half_load_maker"):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        about = tmp_path / f"{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        (about / "entry_points.txt").write_text(f"[covolt.procedures]\nhalf = {name}:PROCEDURES\n", encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        procedures.cache_clear()

    yield install
    procedures.cache_clear()
    sys.modules.pop("half_load_maker", None)


def test_a_new_procedure_is_one_file(tmp_path, monkeypatch, subject):
    """Laid into the room it is found; nothing else is touched."""
    shipped = set(procedures())
    (tmp_path / "half_load.py").write_text(OUTSIDE, encoding="utf-8")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    procedures.cache_clear()
    try:
        assert set(procedures()) - shipped == {"half-load"}
        assert find_procedure("half-load", "here").do(subject, Given()).measures
    finally:
        procedures.cache_clear()
        sys.modules.pop(f"{room.__name__}.half_load", None)


def test_every_procedure_that_ships_is_found_once():
    held = [
        one.id
        for name in procedures_of_files()
        for one in getattr(importlib.import_module(f"{room.__name__}.{name}"), "PROCEDURES", ())
    ]
    assert len(held) > 20
    assert sorted(held) == sorted(procedures())


def procedures_of_files():
    return [path.stem for path in Path(room.__file__).parent.glob("*.py") if path.stem != "__init__"]


def test_another_packages_procedure_is_one_like_any_other(installed, subject):
    installed(OUTSIDE)
    found = find_procedure("half-load", "here")
    assert found.do(subject, Given()).measures == {"half_load": 0.5 * subject.maximum_load_kg}
    assert not found.own
    assert find_procedure("wltp", "here").own


def test_what_another_package_computes_is_kept_for_no_other_process(installed, programme, monkeypatch):
    installed(OUTSIDE)
    keys = []
    for process in ("one", "another"):
        monkeypatch.setattr("covolt.study.verdicts.records.THIS_PROCESS", process)
        for name in ("half-load", "wltp"):
            keys.append(
                record_key(find_procedure(name, "here"), Given(), {}, programme.charter.vehicle, GENERIC, "source")
            )
    assert keys[0] != keys[2]
    assert keys[1] == keys[3]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("PROCEDURES = 4", "a int is no procedure"),
        ("raise ValueError('no licence')", "cannot be loaded: ValueError: no licence"),
        (OUTSIDE.replace('"half-load"', '"wltp"'), "the procedure 'wltp' is there already"),
        (
            OUTSIDE.replace("(subject, given, note)", "(subject, given)"),
            "the recipe of 'half-load' is of an earlier form",
        ),
    ],
)
def test_what_is_no_procedure_is_refused_by_its_entry_point(installed, source, said):
    installed(source)
    with pytest.raises(InputError, match="entry point half = half_load_maker:PROCEDURES") as refused:
        procedures()
    assert said in str(refused.value)
    assert "of half_load_maker 1.0" in refused.value.problems[0].where
