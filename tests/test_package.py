"""What is handed out is whole: the sdist builds the wheel by itself, and the wheel works where there is no checkout."""

import os
import subprocess
import sys
import tarfile
import zipfile

import pytest

from covolt.errors import InputError
from covolt.programme.reading import read_programme
from covolt.study.cases.example import copy_example, example_names
from tests.house.source import ROOT


def built(source, kind, into):
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (found,) = into.glob("*.tar.gz" if kind == "sdist" else "*.whl")
    return found


@pytest.mark.whole
def test_the_sdist_builds_a_wheel_that_works_elsewhere(tmp_path):
    with tarfile.open(built(ROOT, "sdist", tmp_path / "sdist")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        archive.extractall(tmp_path / "copy", filter="data")
    assert {"Makefile", "tools/uv", "requirements.lock", "requirements-dev.lock", "tests/test_package.py"} <= names
    (copy,) = (tmp_path / "copy").iterdir()
    with zipfile.ZipFile(built(copy, "wheel", tmp_path / "wheel")) as archive:
        archive.extractall(tmp_path / "site")
    inside = {path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*")}
    assert {
        "covolt/examples/city-car/programme.toml",
        "covolt/library/cars",
        "covolt/texts/ru.po",
        "covolt/py.typed",
    } <= inside
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, "-m", "covolt", "new", "tried", "--example", "city-car"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (
        read_programme(tmp_path / "tried").requirements == read_programme(ROOT / "examples" / "city-car").requirements
    )


def test_a_shipped_programme_is_copied_whole_or_refused(tmp_path):
    assert {"city-bus", "city-car"} <= set(example_names())
    copy_example(tmp_path / "bus", "city-bus")
    assert read_programme(tmp_path / "bus").requirements == read_programme(ROOT / "examples" / "city-bus").requirements
    with pytest.raises(InputError, match="something here already"):
        copy_example(tmp_path / "bus", "city-car")
    with pytest.raises(InputError, match="no programme 'city-boat' is shipped") as caught:
        copy_example(tmp_path / "boat", "city-boat")
    assert "city-car" in caught.value.problems[0].hint
    assert not (tmp_path / "boat").exists()
