"""The picture of a drive: everything in one file, curves and flows that hold what was computed."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from tests.sample import compact, mission

from covolt.simulation import picture
from covolt.simulation.run import simulate


@pytest.fixture(scope="module")
def trace():
    return simulate(compact(), mission())


@pytest.fixture(scope="module")
def page(trace):
    return picture.page(trace, title="A <car> & more")


class Balance(HTMLParser):
    VOID = frozenset({"meta", "br"})

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_no_network(page):
    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    assert "http" not in page
    assert "A &lt;car&gt; &amp; more" in page
    assert len(page) < 1_000_000


def test_the_curves_hold_the_speeds(page, trace):
    frame = re.search(r'data-low="([^"]+)" data-high="([^"]+)" data-unit="km/h"', page)
    low, high = map(float, frame.groups())
    points = re.search(r'<polyline class="" data-output="value-0-1"[^>]*points="([^"]+)"', page)[1]
    time_s, heights = np.array([pair.split(",") for pair in points.split()], dtype=float).T
    assert np.array_equal(time_s, trace.time_s)
    speeds = high - heights / 100.0 * (high - low)
    np.testing.assert_allclose(speeds, 3.6 * trace["speed_m_per_s"], atol=1e-4 * (high - low))


def test_a_long_curve_keeps_its_extremes():
    values = np.sin(np.linspace(0.0, 400.0, 90_000))
    values[12_345], values[67_890] = 9.0, -9.0
    kept = picture._thinned(values)
    assert kept.size <= picture.MOST_POINTS + 2
    assert {0, 12_345, 67_890, 89_999} <= set(kept.tolist())
    assert np.all(np.diff(kept) > 0)


@pytest.mark.parametrize(("low", "high"), [(0.0, 131.0), (-0.4, 0.2), (84.2, 84.2), (-40.0, 250.0)])
def test_axes_span_the_values_with_few_round_numbers(low, high):
    ticks = picture._ticks([picture._Curve("x", np.array([low, high]), "#000")])
    assert 2 <= len(ticks) <= 7
    assert ticks[0] <= low
    assert ticks[-1] >= high


def test_figures_carry_their_uncertainty_where_it_is_known(trace, page):
    known = picture.page(trace, title="car", expanded_si={"plug_consumption_J_per_m": 36.0})
    assert re.search(r"From the plug</dt><dd>\d+\.\d ± 1\.0 <small>kWh/100 km", known)
    assert "U, k = 2" in known
    assert "±" not in page
