"""What a car's file leaves open is said where it is driven and charged."""

import pytest

from covolt.library.cars import figures
from covolt.library.left_open import open_in_charging, open_in_driving


def test_a_curve_that_no_file_states_is_generic() -> None:
    assert open_in_charging(figures("leaf-40"), alternating=False, coldest_K=296.15) == []
    (told,) = open_in_charging(figures("mini-cooper-se"), alternating=False, coldest_K=296.15)
    assert "Generic charging curve" in str(told) and "50 kW" in str(told)
    bare = figures("mini-cooper-se").model_copy(update={"dc_power": None, "ac_power": None})
    assert "1.5 C" in open_in_charging(bare, alternating=False, coldest_K=296.15)[0].said("en")
    assert "7.4 kW" in open_in_charging(bare, alternating=True, coldest_K=296.15)[0].said("en")


@pytest.mark.parametrize(("car", "count"), [("kona-electric", 2), ("model-3-lr-awd", 1), ("leaf-40", 1)])
def test_a_cold_charge_says_whose_limit_it_is(car: str, count: int) -> None:
    told = open_in_charging(figures(car), alternating=False, coldest_K=263.15)
    assert len(told) == count
    assert "not of this pack" in str(told[0])
    own = figures(car).model_copy(update={"charging_above": 273.15, "battery_heater": True})
    assert open_in_charging(own, alternating=False, coldest_K=263.15) == []


def test_a_drive_names_what_is_generic() -> None:
    told = str(open_in_driving(figures("bmw-i3-60ah")))
    assert "losses of the drive" in told and "battery cells" in told
    assert "gear ratio" not in told
