"""The chamber against the same drive at 23 degC, where there is nothing to heat or to cool."""

import numpy as np
import pytest

from covolt.simulation.mission import Conditions
from covolt.study.procedures import emptying
from covolt.study.procedures.climate_chamber import PROCEDURES
from covolt.study.procedures.driving import carry_out
from covolt.study.procedures.emptying import TEMPERATURES
from covolt.study.procedures.protocol import Given
from covolt.study.procedures.segments import cycle_segments, drive_string, within
from covolt.study.procedures.segments import test_mass_kg as prescribed_mass_kg
from tests.study.procedures.sample import changed, did, recorded

COLD, HOT, SWEEP = PROCEDURES


def to_break_off(subject, ambient_K):
    """The cold procedure's drive by its parts."""
    payload_kg = subject.payload_for(prescribed_mass_kg(subject))
    start = Conditions(ambient_temperature_K=ambient_K, payload_kg=payload_kg, comforts_on=True, state_of_charge=1.0)
    string = within(subject, cycle_segments("wltc-3b", phases=False)) * 14
    return carry_out(drive_string(subject, string, start, *TEMPERATURES))


def test_at_23_degrees_the_chamber_changes_little(subject):
    # No requirement may ask for it, so the recipe is asked itself.
    record = recorded(COLD, subject, Given(ambient_temperature_K=296.15))
    assert record.measures["range_change"] == pytest.approx(0.0, abs=0.03)


def test_the_change_and_the_consumption_follow_from_their_lines(subject):
    record = did(COLD, subject)
    lines = {line.symbol: line.value_si for line in record.lines if line.symbol}
    assert record.measures["range_change"] == pytest.approx(lines["R"] / lines["R_23"] - 1.0)
    assert record.measures["consumption"] * lines["R"] == pytest.approx(lines["E_AC"])
    assert record.measures["cabin_5_min"] < record.measures["cabin_10_min"] < record.measures["cabin_20_min"]


def test_a_battery_that_is_not_empty_where_it_probably_is_is_driven_further(subject, monkeypatch):
    """The second, longer drive yields what the first one would, had it been long enough."""
    given = Given(ambient_temperature_K=263.15)
    usual = recorded(COLD, subject, given)
    monkeypatch.setattr(emptying, "LIKELY", 0.4)
    assert recorded(COLD, subject, given).measures == usual.measures


def test_a_car_parked_in_the_sun_cools_down(subject):
    m = did(HOT, subject).measures
    assert 333.15 > m["cabin_5_min"] > m["cabin_20_min"]
    assert m["range_change"] < 0.0


def test_the_sweep_holds_the_single_drive(subject):
    """The point at -20 degC of the sweep is the range of the cold procedure."""
    lines = {line.title.said("en"): line.value_si for line in did(SWEEP, subject).lines}
    assert lines["range at -20 degC"] == pytest.approx(did(COLD, subject).measures["range"])
    assert min(lines.values()) == did(SWEEP, subject).measures["worst_range"]


@pytest.mark.parametrize("celsius", [-20.0, -40.0])
def test_the_range_moves_steadily_with_the_battery(subject, celsius):
    """From one peak of the WLTC to the next lie up to 20 km: the end of a range test must not jump between them.

    Each per cent of battery is worth a per cent of range, but for what the first cycle, its heating and the empty end take.
    """
    shares = np.linspace(0.95, 1.05, 11)
    count = float(subject.vehicle.battery.parallel_count)
    found = [
        did(COLD, changed(subject, lambda v: (v.battery.parallel_count,), (share * count,)),
            Given(ambient_temperature_K=273.15 + celsius)).measures["range"]
        for share in shares
    ]  # fmt: skip
    steps = np.diff(found) / found[5]
    assert steps == pytest.approx([0.01] * 10, abs=0.003)


def test_the_range_is_that_of_the_drive_itself(subject):
    record = did(COLD, subject, Given(ambient_temperature_K=273.15))
    lines = {line.symbol: line.value_si for line in record.lines if line.symbol}
    driven, _ = to_break_off(subject, 273.15)
    assert lines["n"] == sum(one.complete for one in driven)
    assert record.measures["range"] == pytest.approx(sum(one.distance_m for one in driven), rel=0.02)
    assert 0.0 < lines["z_e"] < 0.03


def test_a_battery_that_never_gets_hotter_than_the_air_says_so(subject):
    record = did(HOT, subject)
    assert record.measures["battery_temperature"] == 313.15
    assert record.at_stop["battery_temperature"].said("en") == "as hot as the air in which it stood"
    assert "battery_temperature" not in did(HOT, subject, Given(ambient_temperature_K=297.15)).at_stop
