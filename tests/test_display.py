"""Results as people see them in a notebook: tables with units, everything of parties escaped, pages that stand alone."""

import dataclasses
import re

import pytest

import covolt
from covolt.display import AbstractShown, Page, Quantity, Table
from covolt.errors import InputError

HOSTILE = '<script>alert("x")</script>\u202e&\n<img src=x onerror=y>'


def unescaped(html: str) -> str:
    """What of a party's text would act as HTML."""
    return "".join(re.findall(r"<(?:script|img)[^>]*>|\u202e", html))


@pytest.fixture(scope="module")
def trace():
    return covolt.simulate("leaf-40", "udds", uncertainty=True)


def test_every_sign_of_a_text_is_shown_and_none_acts():
    made = Table(HOSTILE, (HOSTILE, "b"), [(HOSTILE, "1")], frozenset({1}), (HOSTILE,))
    assert not unescaped(made.html)
    assert made.html.count("&lt;script&gt;") == 4
    assert made.html.count("\\u{202e}") == 4
    assert "\u202e" not in made.text


def test_a_number_is_told_in_its_own_unit_with_its_uncertainty():
    assert str(Quantity("range", 271234.0, "km", 12345.0)) == "271 ± 12 km"
    assert str(Quantity("battery", 296.15, "degC", 0.5)) == "23.00 ± 0.50 °C", (
        "a difference of temperatures has no offset"
    )
    assert str(Quantity("charge", 0.8667, "%")) == "86.67 %"
    assert str(Quantity("gear", 8.19, "1")) == "8.19"


def test_named_results_are_those_of_the_result(trace):
    found = trace.result.quantities
    for name, one in found.items():
        assert one.value_si == getattr(trace.result, name)
        assert one.expanded_si == trace.result.expanded_si[name]
    assert found["range_m"].value == pytest.approx(trace.result.range_m / 1e3)
    assert found["range_m"].expanded_si > 0.0
    assert found["plug_consumption_J_per_m"].unit == "kWh/100 km"


def test_a_trace_shows_results_with_units_and_uncertainty_and_where_the_energy_went(trace):
    html = trace._repr_html_()
    assert f">{trace.result.quantities['range_m'].number}</td>" in html
    assert "±" in trace.result.quantities["range_m"].number
    for entry in trace.ledger.entries:
        shown = abs(entry.energy_J) > 1e-3 * trace.ledger.energy_J("battery")
        assert (entry.name in html) == shown
    assert trace.result.quantities["range_m"].number in repr(trace)
    assert "Outcome: completed" in repr(trace)


def test_uncertainty_is_kept_with_the_trace(trace, tmp_path):
    trace.to_parquet(tmp_path / "t.parquet")
    again = covolt.Trace.read(tmp_path / "t.parquet")
    assert repr(again) == repr(trace)
    assert again.result.expanded_si == trace.result.expanded_si


def test_of_a_vehicle_nobody_knows_what_is_generic():
    with pytest.raises(InputError, match="nobody knows which"):
        covolt.simulate(covolt.load_car("leaf-40"), "udds", uncertainty=True)


def test_a_cycle_and_a_car_show_themselves():
    assert "phase extra-high" in repr(covolt.standard_cycle("wltc-3b"))
    assert '<td style="text-align:right">131.3</td>' in covolt.standard_cycle("wltc-3b")._repr_html_()
    leaf = covolt.car_figures("leaf-40").replace(title="<script>a</script>")
    assert ">40</td>" in leaf._repr_html_()
    assert "coast_down.constant" in repr(leaf)
    assert not unescaped(leaf._repr_html_())


def test_every_shipped_car_shows_itself():
    from covolt.library.cars import car_names

    for name in car_names():
        assert "test_mass" in repr(covolt.car_figures(name))


def test_a_picture_is_shown_in_a_frame_and_saved(trace, tmp_path):
    picture = trace.plot(HOSTILE)
    assert not unescaped(picture._repr_html_())
    assert picture._repr_html_().startswith("<iframe ")
    path = picture.save(tmp_path / "drive.html")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(InputError, match=r"written as \.html"):
        picture.save(tmp_path / "drive.png")
    assert [one.name for one in tmp_path.iterdir()] == ["drive.html"]


def test_whatever_shows_itself_says_how():
    """No kind of result of the front door is left with Python's own words."""
    kinds = [getattr(covolt, name) for name in covolt.__all__]
    shown = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, AbstractShown)]
    assert {covolt.Trace, covolt.CarFigures} <= set(shown)
    assert Page("a", "<p>b</p>")._repr_html_().count("&lt;p&gt;") == 1


def test_what_was_recuperated_is_told_with_its_unit_and_its_share(trace):
    found = trace.result.quantities
    power_W = trace["drive_unit_power_W"]
    back_J, drove_J = (float((side * power_W).clip(0.0).sum()) * trace.result.mission.dt_s for side in (-1.0, 1.0))
    assert found["recuperated_energy_J"].value_si == pytest.approx(back_J)
    assert found["recuperated_fraction"].value_si == pytest.approx(back_J / drove_J, rel=1e-6), (
        "the ledger's entries sum to the energy of the drive units"
    )
    assert 0.1 < back_J / drove_J < 0.5, "of a car in a city cycle"
    assert found["recuperated_energy_J"].expanded_si > 0.0
    assert f">{found['recuperated_fraction'].number}</td><td" in trace._repr_html_()


def test_a_charging_session_shows_itself():
    leaf = covolt.load_car("leaf-40")
    session = covolt.charge(leaf, covolt.ChargingMission(covolt.Station(power_max_W=50e3)))
    assert session.quantities["time_s"].value == pytest.approx(session.time_s / 60.0)
    html = session._repr_html_()
    assert f">{session.quantities['plug_energy_J'].number}</td>" in html
    assert "Charging from 10 to 80 % at 50 kW, 23.0 °C" in repr(session)
    assert "Outcome: completed" in repr(session)
    rows = session.as_tables()[1].rows
    assert [row[0] for row in rows] == ["10", "20", "30", "40", "50", "60", "70", "80"]
    assert rows[-1][1] == f"{session.time_at_s(0.8) / 60.0:.1f}"


def test_a_trace_is_equal_to_itself_alone(trace):
    """Two arrays are equal by element, which is no answer to whether two traces are."""
    again = dataclasses.replace(trace)
    assert trace != again
    assert trace == trace  # noqa: PLR0124
    assert again.result == trace.result
