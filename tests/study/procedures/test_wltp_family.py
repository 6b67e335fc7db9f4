"""The interpolation family against closed forms and against driving the individual itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from covolt.errors import InputError
from covolt.library.build import car
from covolt.library.cars import figures
from covolt.library.subject import Family, Subject
from covolt.programme.charter import Family as StatedFamily
from covolt.programme.charter import FamilyEnd
from covolt.programme.reading import read_programme
from covolt.study.procedures.downscaling import wheel_force_N
from covolt.study.procedures.segments import Segment
from covolt.study.procedures.wltp import PROCEDURES as WLTPS
from covolt.study.procedures.wltp_family import PROCEDURES, cycle_energy_demand_J, interpolated
from covolt.study.verdicts.joined import family_end, locked_sheets, subject_of
from tests.study.procedures.sample import changed, city_car, did, recorded

(PROCEDURE,) = PROCEDURES
CITY_CAR = Path(__file__).parents[3] / "examples" / "city-car"


def heavier(subject: Subject, by_kg: float) -> Subject:
    assert subject.kerb_mass_kg is not None
    mass = float(subject.vehicle.body.mass_kg) + by_kg
    return changed(subject, lambda v: (v.body.mass_kg,), (mass,), kerb_mass_kg=subject.kerb_mass_kg + by_kg)


def in_family(subject: Subject, low: Subject, high: Subject) -> Subject:
    return replace(subject, family=Family(low, high))


def test_demand_of_a_trapeze_by_hand():
    """10 s up to 10 m/s at 1 m/s2, 10 s held, 10 s down at 1 m/s2, where the inertia gives more than the road takes."""
    mine = city_car()
    speeds = np.concatenate([np.arange(1.0, 11.0), np.full(10, 10.0), np.arange(9.0, -1.0, -1.0)])
    mass = float(mine.vehicle.body.mass_kg)
    v = np.arange(0.5, 10.0)
    up = sum(float(wheel_force_N(mine, 0.0, np.asarray(x), np.asarray(1.0))) * x for x in v)
    held = 10 * float(wheel_force_N(mine, 0.0, np.asarray(10.0), np.asarray(0.0))) * 10.0
    assert cycle_energy_demand_J(mine, 0.0, [Segment("all", speeds)]) == pytest.approx(up + held)
    split = [Segment("a", speeds[:7]), Segment("b", speeds[7:])]
    assert cycle_energy_demand_J(mine, 0.0, split) == pytest.approx(up + held)
    more = cycle_energy_demand_J(mine, 100.0, [Segment("all", speeds[:10])]) - cycle_energy_demand_J(
        mine, 0.0, [Segment("all", speeds[:10])]
    )
    assert more > 1.03 * 100.0 * 0.5 * 100.0
    assert up > 1.03 * mass * 0.5 * 100.0


def test_interpolation_meets_its_ends():
    assert [interpolated(k, 3.0, 7.0) for k in (0.0, 0.5, 1.0)] == [3.0, 5.0, 7.0]


def test_a_vehicle_at_an_end_has_the_values_of_that_end():
    mine = city_car()
    low, high = heavier(mine, -60.0), heavier(mine, 120.0)
    for end, coefficient in ((low, 0.0), (high, 1.0)):
        record = did(PROCEDURE, in_family(end, low, high))
        plain = recorded(WLTPS[0], end).measures
        assert record.measures["coefficient"] == pytest.approx(coefficient)
        for name in ("range", "consumption", "range_city", "consumption_city"):
            assert record.measures[name] == pytest.approx(plain[name])


def test_between_the_ends_it_agrees_with_driving_the_individual():
    mine = city_car()
    record = did(PROCEDURE, in_family(mine, heavier(mine, -60.0), heavier(mine, 60.0)))
    plain = recorded(WLTPS[0], mine).measures
    assert record.measures["coefficient"] == pytest.approx(0.5, abs=0.01)
    for name in ("range", "consumption", "range_city", "consumption_city"):
        assert record.measures[name] == pytest.approx(plain[name], rel=0.005)


def test_a_vehicle_outside_or_without_a_family_says_so():
    mine = city_car()
    outside = did(PROCEDURE, in_family(heavier(mine, 100.0), mine, heavier(mine, 60.0)))
    alone = did(PROCEDURE, mine)
    assert not outside.measures and not alone.measures
    assert "between" in outside.missing["range"].said("en")
    assert "programme.toml" in alone.missing["range"].said("en")


def test_a_programme_states_the_ends_of_its_family():
    programme = read_programme(CITY_CAR)
    low = FamilyEnd(kerb_mass="1000 kg", drag_area="0.60 m2", rolling_resistance=0.008)
    high = FamilyEnd(kerb_mass="1200 kg", drag_area="0.70 m2", rolling_resistance=0.010)
    frame = programme.charter.vehicle.model_copy(update={"family": StatedFamily(low=low, high=high)})
    subject = subject_of(locked_sheets(programme), frame, "city-car")
    assert subject.family is not None
    for end, kerb, area, rolling in (
        (subject.family.low, 1000.0, 0.6, 0.008),
        (subject.family.high, 1200.0, 0.7, 0.01),
    ):
        assert end.kerb_mass_kg == float(end.vehicle.body.mass_kg) == kerb
        assert float(end.vehicle.body.drag_area_m2) == pytest.approx(area)
        assert float(end.vehicle.tyre.rolling_coefficient) == rolling
        assert end.family is None
    assert subject_of(locked_sheets(programme), programme.charter.vehicle, "city-car").family is None


def test_a_family_needs_a_body_by_drag_area():
    low = FamilyEnd(kerb_mass="1000 kg", drag_area="0.60 m2", rolling_resistance=0.008)
    with pytest.raises(InputError, match="coast-down"):
        family_end(Subject(car(figures("leaf-40"))), low)
