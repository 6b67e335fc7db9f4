"""Bench logs as measurement files of ASAM MDF: the map that the same log gives as a CSV."""

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from covolt.cli.application import main
from covolt.errors import InputError
from covolt.exchange.maps import read_map
from tests.exchange.maps.test_maps import log

asammdf: Any = pytest.importorskip("asammdf", reason="the extra covolt[mdf] is not installed")


def columns(tmp_path: Path) -> dict[str, np.ndarray]:
    with log(tmp_path / "bench.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    return dict(zip(head, np.array(rows, dtype=np.float64).T, strict=True))


def written(path: Path, *groups: tuple[np.ndarray, dict[str, tuple[str, np.ndarray]]], version: str = "4.10") -> Path:
    """Groups of channels, each of one clock: times in s, and by name unit and values."""
    with asammdf.MDF(version=version) as file:
        for time_s, channels in groups:
            file.append([asammdf.Signal(one, time_s, name=name, unit=unit) for name, (unit, one) in channels.items()])
        return Path(file.save(path, overwrite=True))


@pytest.mark.parametrize(("version", "ending"), [("4.10", "mf4"), ("3.30", "mdf")])
def test_a_log_gives_the_map_of_its_csv(tmp_path: Path, version: str, ending: str) -> None:
    table = columns(tmp_path)
    channels = {
        "speed": ("rpm", table["speed [rad/s]"] * 30.0 / np.pi),
        "torque": ("Nm", table["torque [Nm]"]),
        "voltage_V": ("V", table["voltage_V"]),
        "current_A": ("", table["current_A"]),
        "winding": ("K", np.full(len(table["time_s"]), 300.0)),
    }
    path = written(tmp_path / f"bench.{ending}", (table["time_s"], channels), version=version)
    found, same = read_map(path), read_map(tmp_path / "bench.csv")
    np.testing.assert_allclose(found.losses_W, same.losses_W, rtol=1e-9)
    np.testing.assert_array_equal(found.row_count, same.row_count)
    assert found.own.speed == "rpm"


def test_channels_of_two_clocks_are_put_on_the_slower(tmp_path: Path) -> None:
    table = columns(tmp_path)
    slow, quick_s = table["time_s"], np.arange(0.0, table["time_s"][-1] + 0.5, 0.02)
    current = np.interp(quick_s, slow, table["current_A"])
    mechanical = {"speed_rad_per_s": ("", table["speed [rad/s]"]), "torque": ("Nm", table["torque [Nm]"])}
    electric = {"voltage": ("V", np.full(len(quick_s), 350.0)), "current": ("mA", 1e3 * current)}
    path = written(tmp_path / "bench.mf4", (slow, mechanical), (quick_s, electric))
    found, same = read_map(path), read_map(tmp_path / "bench.csv")
    np.testing.assert_allclose(found.losses_W, same.losses_W, rtol=1e-6)
    np.testing.assert_array_equal(found.row_count, same.row_count)


def test_what_is_no_log_is_told(tmp_path: Path) -> None:
    time_s = np.arange(0.0, 5.0, 0.1)
    ones = np.ones(len(time_s))
    with pytest.raises(InputError, match="no channel has a name that is known here; the file holds: revs, pull"):
        read_map(written(tmp_path / "named.mf4", (time_s, {"revs": ("rpm", ones), "pull": ("Nm", ones)})))
    with pytest.raises(InputError, match="'speed_rpm' says another unit than its name: rad/s"):
        read_map(written(tmp_path / "unit.mf4", (time_s, {"speed_rpm": ("rad/s", ones), "torque": ("Nm", ones)})))
    twice = ({"speed": ("rpm", ones), "torque": ("Nm", ones)}, {"speed": ("rpm", ones)})
    with pytest.raises(InputError, match="speed"):
        read_map(written(tmp_path / "twice.mf4", *((time_s, one) for one in twice)))
    whole = written(tmp_path / "whole.mf4", (time_s, {"speed": ("rpm", ones)})).read_bytes()
    for damaged, said in (
        (b"", "no finished"),
        (b"UnFinMF " + whole[8:], "no finished"),
        (whole[:800], "be read as MDF"),
    ):
        (tmp_path / "damaged.mf4").write_bytes(damaged)
        with pytest.raises(InputError, match=said):
            read_map(tmp_path / "damaged.mf4")


def test_without_the_package_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bench.mf4").write_bytes(b"MDF     4.10    ")
    monkeypatch.setitem(sys.modules, "asammdf", None)
    with pytest.raises(SystemExit) as end:
        main(["map", str(tmp_path / "bench.mf4")])
    assert end.value.code == 2
    assert "pip install 'covolt[mdf]'" in " ".join(capsys.readouterr().err.split())
