"""Drawings hold what was computed, in the units that people read, and nothing that acts."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import xarray

from covolt.errors import InputError
from covolt.simulation.drawing import plot, round_values

SVG = "{http://www.w3.org/2000/svg}"


def line(values, places):
    return xarray.DataArray(
        values, dims=["battery_energy"], coords={"battery_energy": ("battery_energy", places, {"units": "J"})},
        name="range_m", attrs={"units": "m", "long_name": "range"},
    )  # fmt: skip


def test_a_line_stands_where_its_numbers_do():
    drawing = plot(line([100e3, 150e3, 300e3], np.array([20.0, 30.0, 60.0]) * 3.6e6))
    root = ElementTree.fromstring(drawing.svg)
    at = [(float(one.get("cx")), float(one.get("cy"))) for one in root.iter(f"{SVG}circle")]
    (x0, y0), (x1, y1), (x2, y2) = at
    assert (x1 - x0) / (x2 - x0) == pytest.approx(0.25, abs=2e-3)
    assert (y1 - y0) / (y2 - y0) == pytest.approx(0.25, abs=2e-3)
    assert [one[0].text for one in root.iter(f"{SVG}circle")] == ["20: 100", "30: 150", "60: 300"]
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert texts[0] == "range, km"
    assert {"battery energy, kWh", "20", "30", "60"} <= set(texts)


def test_a_value_that_is_none_breaks_the_line():
    drawing = plot(line([100e3, np.nan, 300e3, 310e3, 320e3], np.arange(1.0, 6.0) * 3.6e7))
    lines = [one.get("points").split() for one in ElementTree.fromstring(drawing.svg).iter(f"{SVG}polyline")]
    assert [len(one) for one in lines if one] == [1, 3]


def test_a_grid_shows_every_number_darker_the_greater():
    values = np.array([[1.0, 2.0], [3.0, np.nan]])
    root = ElementTree.fromstring(
        plot(xarray.DataArray(values, dims=["a", "b"], coords={"a": [0, 1], "b": ["x", "<y>"]})).svg
    )
    cells = {one[0].text: one.get("fill") for one in root.iter(f"{SVG}rect")}
    light = {told: sum(map(int, re.findall(r"\d+", fill))) for told, fill in cells.items() if fill != "none"}
    assert list(light) == ["a 0, b x: 1", "a 0, b <y>: 2", "a 1, b x: 3"]
    assert sorted(light.values(), reverse=True) == list(light.values())
    assert cells["a 1, b <y>: none"] == "none"


def test_texts_of_an_axis_do_not_act():
    hostile = "</text><script>alert(1)</script>\u202e"
    drawing = plot(xarray.DataArray([1.0, 2.0], dims=["cycle"], coords={"cycle": [hostile, "b"]}), hostile)
    assert "<script" not in drawing.svg
    assert "\u202e" not in drawing.svg


def test_what_cannot_be_drawn_is_refused(tmp_path):
    for wrong in (np.zeros((2, 2, 2)), np.float64(1.0), np.array(["a", "b"]), np.array([np.nan, np.nan])):
        with pytest.raises(InputError):
            plot(xarray.DataArray(wrong))
    drawing = plot(line([1.0, 2.0], [1.0, 2.0]))
    with pytest.raises(InputError, match=r"\.svg or \.html"):
        drawing.save(tmp_path / "a.png")
    assert ElementTree.parse(drawing.save(tmp_path / "a.svg")).getroot().tag == f"{SVG}svg"


@pytest.mark.parametrize(("low", "high"), [(0.0, 131.0), (-0.4, 0.2), (84.2, 84.2), (-40.0, 250.0)])
def test_round_values_span_both_ends(low, high):
    found = round_values(low, high)
    assert 2 <= len(found) <= 7
    assert found[0] <= low
    assert found[-1] >= high
