"""Other parts than the battery, and the whole vehicle: as FMUs they answer as inside, and as the vehicle's own step has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from covolt.exchange.export import About, fmu_of
from covolt.exchange.own_drive_unit import PortedDriveUnit
from covolt.exchange.own_loads import PortedAuxiliary, PortedCabin
from covolt.exchange.own_part import AbstractPorted, OwnPart
from covolt.exchange.own_running_gear import PortedBrake, PortedGearbox, PortedTyre
from covolt.exchange.own_variables import signal
from covolt.exchange.own_vehicle import PortedVehicle
from covolt.simulation.mission import Conditions, Mission
from covolt.simulation.run import simulate
from tests.exchange.export.test_export import demand_compiler
from tests.sample import compact

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
STEPS = 120
RANGES = {
    "voltage": (300.0, 400.0),
    "speed": (0.0, 30.0),
    "torque_request": (-400.0, 400.0),
    "coolant_temperature": (280.0, 340.0),
    "ambient_temperature": (258.0, 308.0),
    "sun": (0.0, 800.0),
    "climate_on": (0.0, 1.0),
    "target_speed": (0.0, 30.0),
    "slope": (-0.03, 0.03),
    "wind": (-5.0, 5.0),
    "wheel_side_speed": (0.0, 90.0),
    "motor_side_torque": (-150.0, 150.0),
    "load": (1e4, 2e4),
    "force_request": (0.0, 8e3),
    "recuperation_limit": (0.0, 4e3),
}


def given(part: AbstractPorted) -> tuple[list[str], list[str], np.ndarray]:
    names = [one.name for one in part.variables() if one.causality == "input"]
    random = np.random.default_rng(11)
    rows = np.column_stack([random.uniform(*RANGES[name], STEPS) for name in names])
    if "torque_request" in names:
        rows[:, names.index("speed")] *= 30.0
    if "target_speed" in names:
        rows[:, names.index("target_speed")] = np.clip(np.cumsum(random.uniform(-1.0, 1.2, STEPS)), 0.0, 30.0)
    return names, [one.name for one in part.variables() if one.causality == "output"], rows


def outside(
    part: AbstractPorted, folder: Path, version: str, rows: np.ndarray, **parameters: float
) -> dict[str, np.ndarray]:
    from fmpy import simulate_fmu
    from fmpy.validation import validate_fmu

    names, outputs, _ = given(part)
    path = folder / "part.fmu"
    path.write_bytes(fmu_of(part, About("part"), "2" if version == "2" else "3"))
    assert validate_fmu(str(path)) == []
    whole = np.vstack([rows, rows[-1]])
    kinds = [("time", float), *((name, float) for name in names)]
    columns = np.array([(float(t), *row) for t, row in enumerate(whole.tolist())], dtype=kinds)
    found = simulate_fmu(
        str(path),
        stop_time=float(STEPS),
        step_size=1.0,
        output_interval=1.0,
        input=columns,
        output=outputs,
        start_values=parameters,
    )
    return {name: found[name] for name in outputs}


def inside(part: AbstractPorted) -> dict[str, np.ndarray]:
    names, outputs, rows = given(part)
    own = OwnPart(part, "part")
    own.wire(names, outputs)
    begin = own.start({}, rows[0])
    answers = np.vstack([begin, own.window(0.0, np.ones(STEPS), rows)])
    return dict(zip(outputs, answers.T, strict=True))


@pytest.mark.parametrize(
    "part",
    [
        PortedDriveUnit(compact().axles[0].drive_unit),
        PortedAuxiliary(compact().auxiliary),
        PortedCabin(compact().cabin),
        PortedGearbox(compact().axles[0].gearbox),
        PortedTyre(compact().tyre),
        PortedBrake(compact().brake),
    ],
    ids=["drive unit", "auxiliary", "cabin", "gearbox", "tyre", "brake"],
)
def test_a_part_answers_outside_as_inside(part: AbstractPorted, tmp_path: Path) -> None:
    demand_compiler()
    expected = inside(part)
    for name, found in outside(part, tmp_path, "2", given(part)[2]).items():
        np.testing.assert_allclose(found, expected[name], rtol=1e-12, atol=1e-9, err_msg=name)


def test_the_drive_unit_gives_no_more_than_its_limits_and_closes_its_energy() -> None:
    part = PortedDriveUnit(compact().axles[0].drive_unit)
    names, _, rows = given(part)
    found = inside(part)
    speed, voltage = rows[:, names.index("speed")], rows[:, names.index("voltage")]
    np.testing.assert_allclose(
        found["power"][1:], -found["torque"][1:] * speed + found["loss"][1:], rtol=1e-12, atol=1e-9
    )
    np.testing.assert_allclose(found["current"][1:] * voltage, found["power"][1:], rtol=1e-12)
    limit_Nm = float(compact().axles[0].drive_unit.peak_torque_Nm())
    assert np.abs(found["torque"]).max() <= limit_Nm
    assert np.abs(rows[:, names.index("torque_request")]).max() > limit_Nm


def test_the_gearbox_closes_its_energy_and_loses_either_way() -> None:
    part = PortedGearbox(compact().axles[0].gearbox)
    names, _, rows = given(part)
    found = inside(part)
    speed, torque = rows[:, names.index("wheel_side_speed")], rows[:, names.index("motor_side_torque")]
    comes_W = torque * found["motor_side_speed"][1:] + found["wheel_side_torque"][1:] * speed
    np.testing.assert_allclose(found["loss"][1:], comes_W, rtol=1e-12, atol=1e-9)
    assert found["loss"].min() >= 0.0
    assert found["loss"][1:][torque < 0.0].max() > 0.0


def test_the_vehicle_drives_as_a_mission_does(tmp_path: Path) -> None:
    demand_compiler()
    part = PortedVehicle(compact())
    names, outputs, rows = given(part)
    rows[:, names.index("ambient_temperature")], rows[:, names.index("sun")] = 283.15, 300.0
    rows[:, names.index("wind")] = 2.0
    found = outside(part, tmp_path, "2", rows, temperature_start=283.15, climate_on=1.0)
    mission = Mission(
        "road",
        {"target_m_per_s": rows[:, names.index("target_speed")], "slope_fraction": rows[:, names.index("slope")]},
        conditions=Conditions(
            ambient_temperature_K=283.15, wind_m_per_s=2.0, sun_W_per_m2=300.0, comforts_on=True, state_of_charge=0.9
        ),
    )
    trace = simulate(compact(), mission)
    compared = {signal(name).name: name for name in trace.names if signal(name).name in outputs}
    assert len(compared) > 25
    for short, long in compared.items():
        np.testing.assert_allclose(found[short][1:], trace[long], rtol=1e-9, atol=1e-6, err_msg=long)
