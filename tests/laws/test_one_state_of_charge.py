"""One state of charge at every door: that of the usable window, whatever the cells hold beyond it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.sample import LABORATORY, compact, figures, mission

from covolt.cli.application import main
from covolt.errors import InputError
from covolt.library.build import car
from covolt.library.subject import Subject
from covolt.programme.requirement import StatedConditions
from covolt.simulation.charging import ChargingMission, Socket, charge
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.picture import page
from covolt.simulation.run import BatchRunner, simulate
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.segments import laboratory
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.battery import CellBattery
from covolt.vehicle.part import settled

WINDOWS = ((0.05, 0.95), (0.0, 1.0), (0.3, 0.7), (0.26, 0.74))


def windowed(low: float, high: float) -> Vehicle:
    """The compact car with as much usable energy in another window of larger or smaller cells."""
    own = compact().battery
    assert isinstance(own, CellBattery)
    width = float(own.highest_cell_charge_fraction - own.lowest_cell_charge_fraction)
    made = replace(
        own,
        lowest_cell_charge_fraction=low,
        highest_cell_charge_fraction=high,
        parallel_count=float(own.parallel_count) * width / (high - low),
    )
    return replace(compact(), battery=settled(made))


@pytest.mark.parametrize("window", WINDOWS)
def test_empty_full_and_between_mean_the_same_in_every_window(window: tuple[float, float]) -> None:
    battery = windowed(*window).battery
    for shown in (0.0, 0.37, 1.0):
        state = battery.start(shown, 290.0)
        assert float(battery.state_of_charge(state)) == pytest.approx(shown, abs=1e-12)
        assert float(state.cell_charge_fraction) == pytest.approx(window[0] + shown * (window[1] - window[0]))
    assert float(battery.limits(battery.start(0.0, 290.0), 1.0).discharge_power_W) == pytest.approx(0.0, abs=1e-3)
    assert float(battery.limits(battery.start(1.0, 290.0), 1.0).charge_power_W) == pytest.approx(0.0, abs=1e-3)


def test_the_usual_start_leaves_room_to_recuperate_whatever_is_usable_of_the_cells() -> None:
    """With the cells' own charge as the measure, "90 %" lay above a narrow window and cost a quarter of the range."""
    shares = (0.95, 0.8, 0.65, 0.5)
    cars = [car(figures(battery_gross_energy=f"{40.0 / share:.3f} kWh")) for share in shares]
    found = [simulate(one, follow(standard("wltc-3b"), LABORATORY)).result for one in cars]
    consumption = [one.battery_consumption_J_per_m for one in found]
    assert consumption == pytest.approx([consumption[0]] * len(shares), rel=0.01)
    used = [LABORATORY.state_of_charge - one.state_of_charge for one in found]
    assert used == pytest.approx([used[0]] * len(shares), rel=0.05)


def test_result_trace_batch_and_picture_tell_the_same() -> None:
    car, drive = windowed(0.3, 0.7), mission(Conditions(state_of_charge=0.5))
    trace = simulate(car, drive)
    used_C = -float(np.sum(trace["battery_current_A"]))
    assert trace.result.state_of_charge == pytest.approx(0.5 - used_C / float(car.battery.capacity_C), abs=1e-9)
    assert trace["state_of_charge"][-1] == trace.result.state_of_charge
    assert BatchRunner().run([car], [drive])[0][0].state_of_charge == pytest.approx(trace.result.state_of_charge)
    assert f"50 → {100.0 * trace.result.state_of_charge:.1f}" in page(trace, title="")


def test_a_session_begins_where_a_drive_ended() -> None:
    car = windowed(0.3, 0.7)
    left = simulate(car, mission(Conditions(state_of_charge=0.5))).result.state_of_charge
    session = charge(car, ChargingMission(Socket(), left, 0.5, dt_s=60.0))
    put_C = float(np.sum(session["battery_current_A"] * np.diff(session["time_s"], prepend=0.0)))
    assert put_C == pytest.approx((0.5 - left) * float(car.battery.capacity_C), rel=1e-2)


@pytest.mark.parametrize("charge_fraction", [-0.01, 1.01, float("nan")])
def test_more_than_full_and_less_than_empty_cannot_be_asked_for(charge_fraction: float) -> None:
    with pytest.raises(InputError, match="state_of_charge"):
        Conditions(state_of_charge=charge_fraction)
    with pytest.raises(InputError, match="from_displayed_fraction"):
        ChargingMission(Socket(), charge_fraction, 0.8)
    with pytest.raises(ValueError, match="state_of_charge"):
        StatedConditions(state_of_charge=charge_fraction)


@pytest.mark.whole
def test_a_drive_says_the_window_on_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A car of which two thirds of the cells are used: full is 100 %, and a drive leaves what a session begins with."""
    (tmp_path / "narrow.toml").write_text(
        'schema = "car/1"\nid = "narrow"\ntitle = "Narrow"\nsource = "estimate"\ntest_mass = "1600 kg"\n'
        'battery_energy = "26 kWh"\nbattery_gross_energy = "52 kWh"\nmotor_power = "100 kW"\nlayout = "front"\n'
        '[drag_and_tyres]\ndrag_area = "0.75 m2"\nrolling_coefficient = 0.0095\n'
    )
    path = str(tmp_path / "narrow.toml")
    found = []
    for start in ("90 %", "60 %"):
        with pytest.raises(SystemExit) as ended:
            main(["drive", path, "--cycle", "wltc-3b", "--soc", start, "--json"])
        assert ended.value.code == 0
        found.append(json.loads(capsys.readouterr().out))
    starts = [one["mission"]["start_state_of_charge_percent"] for one in found]
    used = [start - one["result"]["state_of_charge_percent"] for start, one in zip(starts, found, strict=True)]
    assert starts == [90.0, 60.0]
    assert used == pytest.approx([100.0 * 146.0 * 23.27 / 26e3] * 2, rel=0.1)
    with pytest.raises(SystemExit) as refused:
        main(["drive", path, "--soc", "101 %"])
    assert refused.value.code == 2


def test_a_programme_states_and_a_procedure_takes_the_same() -> None:
    given = Given(state_of_charge=0.8)
    subject = Subject(windowed(0.3, 0.7))
    assert laboratory(subject, given).state_of_charge == 0.8
    assert laboratory(subject, Given()).state_of_charge == 1.0
