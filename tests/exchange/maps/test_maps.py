"""Maps of others: from tables, matrices, structured FMUs and bench logs, with holes that are told and never filled."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from covolt.cli.application import main
from covolt.contract.datasheet import Datasheet
from covolt.contract.schemas import read_document
from covolt.errors import InputError, NotFound
from covolt.exchange.maps import read_map
from covolt.exchange.maps.grid import losses_of_efficiency_W
from covolt.study.cases.map import make_map, told_of
from tests.house.source import ROOT

SPEEDS = np.array([0.0, 200.0, 700.0, 1500.0])
TORQUES = np.array([-225.0, -60.0, 0.0, 60.0, 225.0])
PART = ROOT / "examples/city-car/drive-works/parts/pm-80/part.toml"


def loss_W(speed: np.ndarray, torque: np.ndarray) -> np.ndarray:
    """A machine that nobody built: 90 W, copper, iron."""
    return 90.0 + 0.055 * torque**2 + 0.25 * speed + 2.4e-4 * speed**2 + 0.6 * np.abs(torque)


def points() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    speed, torque = (one.ravel() for one in np.meshgrid(SPEEDS, TORQUES, indexing="ij"))
    return speed, torque, loss_W(speed, torque)


def efficiency() -> np.ndarray:
    speed, torque, loss = points()
    power = speed * torque
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(power > 0.0, power / (power + loss), (np.abs(power) - loss) / np.abs(power))


def csv(path: Path, head: str, *columns: np.ndarray) -> Path:
    rows = [",".join(repr(float(one)) for one in row) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_losses_of_all_four_quadrants_come_back_from_efficiencies() -> None:
    speed, torque, loss = points()
    found = losses_of_efficiency_W(speed, torque, efficiency())
    passes = speed * torque != 0.0
    np.testing.assert_allclose(found[passes], loss[passes], rtol=1e-12)
    assert np.isnan(found[~passes]).all()
    driven, turned = losses_of_efficiency_W(np.array([100.0, -100.0]), np.array([50.0, -50.0]), np.array([0.8, 0.8]))
    assert driven == turned == pytest.approx(1250.0)
    assert losses_of_efficiency_W(np.array([100.0]), np.array([-50.0]), np.array([-0.2]))[0] == pytest.approx(6000.0)


def test_a_table_of_losses_in_other_units(tmp_path: Path) -> None:
    speed, torque, loss = points()
    order = np.random.default_rng(3).permutation(len(speed))
    path = csv(
        tmp_path / "map.csv",
        "Torque [Nm],Speed [rpm],Loss [kW]",
        torque[order],
        speed[order] * 30.0 / np.pi,
        loss[order] / 1e3,
    )
    grid = read_map(path)
    np.testing.assert_allclose(grid.speeds_rad_per_s, SPEEDS, rtol=1e-12)
    np.testing.assert_allclose(grid.torques_Nm, TORQUES)
    np.testing.assert_allclose(grid.losses_W, loss_W(SPEEDS[:, None], TORQUES[None, :]), rtol=1e-12)
    assert grid.holes == ()


def test_an_efficiency_says_nothing_where_no_power_passes(tmp_path: Path) -> None:
    speed, torque, _ = points()
    percent = np.nan_to_num(100.0 * efficiency(), nan=0.0, posinf=0.0, neginf=0.0)
    grid = read_map(csv(tmp_path / "eta.csv", "speed_rad_per_s,torque_Nm,efficiency [%]", speed, torque, percent))
    assert len(grid.holes) == len(TORQUES) + len(SPEEDS) - 1
    assert grid.with_no_power_W(95.0).holes == ()
    assert grid.with_no_power_W(95.0).losses_W[0, 0] == 95.0
    with pytest.raises(InputError, match=r"eta2\.csv:4: an efficiency of 1\.04 is more than 1[\s\S]*efficiency \[%\]"):
        read_map(
            csv(
                tmp_path / "eta2.csv",
                "speed_rpm,torque_Nm,efficiency",
                *np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0], [0.9, 0.9, 1.04]]),
            )
        )


def test_a_missing_point_is_a_hole_and_a_double_one_is_refused(tmp_path: Path) -> None:
    speed, torque, loss = points()
    head = "speed_rad_per_s,torque_Nm,loss_W"
    grid = read_map(csv(tmp_path / "hole.csv", head, *(np.delete(one, 7) for one in (speed, torque, loss))))
    assert grid.holes == ((200.0, 0.0),)
    twice = [np.append(one, one[7]) for one in (speed, torque, loss)]
    assert read_map(csv(tmp_path / "same.csv", head, *twice)).holes == ()
    twice[2][-1] += 5.0
    with pytest.raises(InputError, match=r"twice\.csv:22: 200 rad/s and 0 Nm stand twice, first in line 9"):
        read_map(csv(tmp_path / "twice.csv", head, *twice))
    with pytest.raises(InputError, match="a loss is negative"):
        read_map(csv(tmp_path / "minus.csv", head, speed, torque, -loss))


def test_matrices_of_matlab(tmp_path: Path) -> None:
    from scipy.io import savemat

    matrix = loss_W(SPEEDS[:, None], TORQUES[None, :])
    path = tmp_path / "map.mat"
    for stored in (matrix, matrix.T):
        savemat(path, {"speed_rpm": SPEEDS * 30.0 / np.pi, "torque_Nm": TORQUES, "loss_W": stored})
        np.testing.assert_allclose(read_map(path).losses_W, matrix, rtol=1e-12)
    savemat(path, {"speed_rpm": SPEEDS, "torque_Nm": TORQUES, "loss_W": matrix[:2]})
    with pytest.raises(InputError, match="the matrix is 2 x 5, and there are 4 speeds and 5 torques"):
        read_map(path)
    speed, torque, loss = points()
    savemat(path, {"speed_rpm": speed, "torque_Nm": torque, "loss_W": loss})
    assert read_map(path).losses_W.shape == matrix.shape


MANIFEST = (
    '<fmiLayeredStandardManifest xmlns:fmi-ls="http://fmi-standard.org/fmi-ls-manifest" '
    'fmi-ls:fmi-ls-name="org.fmi-standard.fmi-ls-struct" fmi-ls:fmi-ls-version="1.0.0-rc.1" fmi-ls:fmi-ls-description="d"/>'
)


def structured(path: Path, *, kind: str = "rectilinearGrid", unit: str = "kW", manifest: bool = True) -> Path:
    matrix = loss_W(SPEEDS[:, None], TORQUES[None, :])
    speeds, torques, losses = SPEEDS * 30.0 / np.pi, TORQUES, matrix / 1e3
    if kind == "irregular":
        speeds, torques = (one.ravel() for one in np.meshgrid(speeds, torques, indexing="ij"))
        losses = losses.ravel()

    def variable(name: str, reference: int, values: np.ndarray, unit: str) -> str:
        sizes = "".join(f'<Dimension start="{size}"/>' for size in values.shape)
        start = " ".join(repr(float(one)) for one in values.ravel())
        return (
            f'<Float64 name="{name}" valueReference="{reference}" causality="parameter" variability="fixed" '
            f'unit="{unit}" start="{start}">{sizes}</Float64>'
        )

    def member(name: str, role: str) -> str:
        standard = "org.fmi-standard.fmi-ls-struct.map"
        return f'<TerminalMemberVariable variableName="{name}" memberName="{name}" variableKind="{standard}.{role}"/>'

    description = (
        '<fmiModelDescription fmiVersion="3.0" modelName="m" instantiationToken="t">'
        '<CoSimulation modelIdentifier="m"/><UnitDefinitions>'
        f'<Unit name="rpm"><BaseUnit s="-1" rad="1" factor="{np.pi / 30.0!r}"/></Unit>'
        '<Unit name="N.m"><BaseUnit kg="1" m="2" s="-2"/></Unit>'
        '<Unit name="kW"><BaseUnit kg="1" m="2" s="-3" factor="1000"/></Unit>'
        '<Unit name="K"><BaseUnit K="1"/></Unit></UnitDefinitions><ModelVariables>'
        + variable("n", 1, speeds, "rpm")
        + variable("M", 2, torques, "N.m")
        + variable("map", 3, losses, unit)
        + '<Float64 name="time" valueReference="0" causality="independent" variability="continuous"/>'
        "</ModelVariables><ModelStructure/></fmiModelDescription>"
    )
    terminals = (
        '<fmiTerminalsAndIcons fmiVersion="3.0"><Terminals><Terminal name="losses" matchingRule="plug" '
        f'terminalKind="org.fmi-standard.fmi-ls-struct.map.{kind}">'
        + member("n", "domain")
        + member("M", "domain")
        + member("map", "codomain")
        + "</Terminal></Terminals></fmiTerminalsAndIcons>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("modelDescription.xml", description)
        archive.writestr("terminalsAndIcons/terminalsAndIcons.xml", terminals)
        if manifest:
            archive.writestr("extra/org.fmi-standard.fmi-ls-struct/fmi-ls-manifest.xml", MANIFEST)
    path.write_bytes(made.getvalue())
    return path


@pytest.mark.parametrize("kind", ["rectilinearGrid", "irregular"])
def test_structured_variables_of_an_fmu(tmp_path: Path, kind: str) -> None:
    grid = read_map(structured(tmp_path / "m.fmu", kind=kind))
    np.testing.assert_allclose(grid.speeds_rad_per_s, SPEEDS, rtol=1e-12)
    np.testing.assert_allclose(grid.losses_W, loss_W(SPEEDS[:, None], TORQUES[None, :]), rtol=1e-12)
    assert "losses" in grid.source


def test_an_fmu_without_such_a_map_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="names no maps by FMI-LS-STRUCT"):
        read_map(structured(tmp_path / "m.fmu", manifest=False))
    with pytest.raises(NotFound, match=r"none of its maps is over speed and torque: losses[\s\S]*state units"):
        read_map(structured(tmp_path / "k.fmu", unit="K"))
    with pytest.raises(InputError, match="reads no measurement file of this kind"):
        read_map(tmp_path / "bench.dat")


def log(path: Path, *, offset_Nm: float = 0.0) -> Path:
    """Each point held 6 s at 10 Hz, with 1 s on the way; the first 1.5 s warm; one point left out."""
    random = np.random.default_rng(5)
    rows: list[tuple[float, ...]] = []
    time = 0.0
    for speed in SPEEDS[1:]:
        for torque in TORQUES:
            if (speed, torque) == (700.0, 60.0):
                continue
            for n in range(10):
                part = (n + 1) / 11.0
                rows.append((time, speed * part, torque * part, 350.0, 0.0))
                time += 0.1
            for n in range(60):
                noise = random.normal(0.0, 1e-3, 2)
                w, T = speed + noise[0] * speed, torque + noise[1] * 60.0
                loss = loss_W(np.array(w), np.array(T)) * (1.4 if n < 15 else 1.0)
                rows.append((time, w, T + offset_Nm, 350.0, (T * w + float(loss)) / 350.0))
                time += 0.1
    return csv(path, "time_s,speed [rad/s],torque [Nm],voltage_V,current_A", *np.array(rows).T)


def test_a_bench_log_gives_what_was_held_and_tells_the_rest(tmp_path: Path) -> None:
    grid = read_map(log(tmp_path / "bench.csv"))
    np.testing.assert_allclose(grid.speeds_rad_per_s, SPEEDS[1:], rtol=2e-3)
    np.testing.assert_allclose(grid.torques_Nm, TORQUES, atol=0.2)
    assert len(grid.holes) == 1
    assert np.allclose(grid.holes[0], (700.0, 60.0), rtol=1e-2)
    known = ~np.isnan(grid.losses_W)
    expected = loss_W(SPEEDS[1:, None], TORQUES[None, :])
    np.testing.assert_allclose(grid.losses_W[known], expected[known], rtol=0.01)
    assert grid.row_count[known].min() >= 35
    assert (grid.row_count[~known] == 0).all()
    assert np.nanmax(grid.spreads_W) < 0.02 * expected.max()
    with pytest.raises(InputError, match="less goes in than comes out"):
        read_map(log(tmp_path / "offset.csv", offset_Nm=30.0))
    with pytest.raises(InputError, match="no point was held"):
        read_map(
            csv(
                tmp_path / "ramp.csv",
                "time_s,speed_rpm,torque_Nm,voltage_V,current_A",
                *np.outer(np.linspace(1.0, 9.0, 5), np.linspace(0.0, 1.0, 200)),
            )
        )


def test_a_map_goes_into_a_datasheet_that_stays_as_written(tmp_path: Path) -> None:
    part = tmp_path / "part.toml"
    part.write_bytes(PART.read_bytes())
    speed, torque, loss = points()
    path = csv(tmp_path / "map.csv", "speed_rad_per_s,torque_Nm,loss_W", speed, torque, loss)
    done = make_map(path, part)
    assert done.part == str(part)
    sheet = read_document(part)
    assert isinstance(sheet, Datasheet)
    assert sheet.model.kind == "loss-map"
    np.testing.assert_allclose(sheet.model.tables["loss"].rows_si, loss_W(SPEEDS[:, None], TORQUES[None, :]), rtol=1e-5)
    before, after = PART.read_text(encoding="utf-8").splitlines(), part.read_text(encoding="utf-8").splitlines()
    assert [line for line in before if line not in after] == ['kind = "six-term-losses"']


def test_a_map_with_holes_leaves_the_datasheet_alone(tmp_path: Path) -> None:
    part = tmp_path / "part.toml"
    part.write_bytes(PART.read_bytes())
    columns = [np.delete(one, [7, 13]) for one in points()]
    path = csv(tmp_path / "map.csv", "speed_rad_per_s,torque_Nm,loss_W", *columns)
    with pytest.raises(InputError) as refused:
        make_map(path, part)
    assert [one.what for one in refused.value.problems] == [
        "nobody says what is lost at 200 rad/s and 0 Nm",
        "nobody says what is lost at 700 rad/s and 60 Nm",
    ]
    short = [one[TORQUES[np.arange(len(one)) % 5] <= 60.0] for one in points()]
    with pytest.raises(InputError, match=r"the map covers -225 to 60 Nm"):
        make_map(csv(tmp_path / "short.csv", "speed_rad_per_s,torque_Nm,loss_W", *short), part)
    with pytest.raises(InputError, match="no datasheet of a drive unit"):
        make_map(
            csv(tmp_path / "w.csv", "speed_rad_per_s,torque_Nm,loss_W", *points()),
            ROOT / "examples/city-car/battery-works/parts/pack-33/part.toml",
        )
    assert part.read_bytes() == PART.read_bytes()


def test_what_no_drive_unit_does_is_told_in_the_units_of_the_file(tmp_path: Path) -> None:
    speed, torque, loss = points()
    head = "speed_rpm,torque_Nm,loss_W"
    rpm = speed * 30.0 / np.pi
    sound = make_map(csv(tmp_path / "good.csv", head, rpm, torque, loss))
    assert (sound.notices, sound.speed_unit, sound.torque_unit) == ((), "rpm", "Nm")
    fast = make_map(csv(tmp_path / "fast.csv", "speed [rad/s],torque_Nm,loss_W", rpm, torque, loss))
    assert "faster than any drive unit" in fast.notices[0].what
    lossy = make_map(csv(tmp_path / "lossy.csv", "speed_rpm,torque_Nm,loss_kW", rpm, torque, loss))
    assert [one.what.partition(" ")[0] for one in lossy.notices] == ["it", "half"]
    assert "more than the" in lossy.notices[0].what
    assert [one.what for one in told_of(lossy)] == [one.what for one in lossy.notices]
    part = tmp_path / "part.toml"
    part.write_bytes(PART.read_bytes())
    with pytest.raises(InputError, match=r"the map covers 0 to \d+\.?\d* rpm, not 0 to \d+\.\d rpm"):
        make_map(csv(tmp_path / "slow.csv", head, rpm / 2.0, torque, loss), part)


def test_units_and_percents_are_told_as_the_file_has_them(tmp_path: Path) -> None:
    columns = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0], [90.0, 90.0, 120.0]])
    with pytest.raises(InputError, match=r"eta\.csv:4: an efficiency of 120 % is more than 100 %"):
        read_map(csv(tmp_path / "eta.csv", "speed_rpm,torque_Nm,efficiency [%]", *columns))
    with pytest.raises(InputError, match="unknown unit 'K'"):
        read_map(csv(tmp_path / "k.csv", "speed_rpm,torque_Nm,loss_K", *columns))


def test_the_command_tells_range_holes_and_what_is_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = log(tmp_path / "bench.csv")
    with pytest.raises(SystemExit) as left:
        main(["map", str(path)])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert "1 hole" in told
    assert "Rows behind a point" in told
    with pytest.raises(SystemExit):
        main(["map", str(path), "--json"])
    assert json.loads(capsys.readouterr().out)["schema"] == "map/1"
