"""How surely a drive of a programme's vehicle is known."""

from __future__ import annotations

import pytest

from covolt.library.generic import GENERIC, UNCERTAIN, moved
from covolt.programme.documents import Programme
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.run import simulate
from covolt.study.verdicts.joined import locked_sheets, subject_of
from covolt.study.verdicts.known import programme_intervals


def test_a_drive_of_a_programme_has_its_uncertainty_by_datasheets_and_models(programme: Programme) -> None:
    mission = follow(standard("sort-1"), Conditions(comforts_on=True))
    found = programme_intervals(programme, mission)
    sheets, frame = locked_sheets(programme), programme.charter.vehicle

    def battery_J(generic=GENERIC) -> float:
        return simulate(subject_of(sheets, frame, "vehicle", generic).vehicle, mission).result.battery_energy_J

    energy = found["battery_energy_J"]
    assert energy.value == pytest.approx(battery_J(), rel=1e-6)
    assert energy.inputs > 0.0
    assert energy.models > 0.0
    assert energy.standard_uncertainty**2 == pytest.approx(energy.inputs**2 + energy.models**2)
    u = next(one.standard_uncertainty for one in UNCERTAIN if one.name == "drive_loss_ratio")
    alone = 0.5 * (battery_J(moved(GENERIC, "drive_loss_ratio", u)) - battery_J(moved(GENERIC, "drive_loss_ratio", -u)))
    # Base load and machine are correlated, so that the rest may take a little off.
    assert 0.9 * alone < energy.models < 3.0 * alone
    # What is declared of the battery's energy moves the range and not the consumption.
    assert found["range_m"].inputs / found["range_m"].value > energy.inputs / energy.value
