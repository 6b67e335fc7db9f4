"""The picture of a drive: everything in one file, curves and flows that hold what was computed."""

import re
from html.parser import HTMLParser
from types import MappingProxyType

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
    ENDED_BY = MappingProxyType({"td": ("td",), "tr": ("td", "tr")})

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag in self.ENDED_BY:
            self.end(self.ENDED_BY[tag])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def end(self, tags):
        """HTML lets a cell and a row end where the next begins, or what holds them ends."""
        while self.open[-1:] and self.open[-1] in tags:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag == "tbody":
            self.end(("td", "tr"))
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
    points = re.search(r'<polyline class="[^"]*" points="([^"]+)"', page)[1]
    time_s, down = np.array([pair.split(",") for pair in points.split()], dtype=float).T
    assert np.array_equal(time_s, trace.time_s)
    marks = [
        float(one)
        for one in re.findall(r'<span class="y" style="top:[^"]*">([\d.]+)</span>', page.split("</figure>")[0])
    ]
    speeds = max(marks) - down / 100.0 * (max(marks) - min(marks))
    # Lines are drawn to a thousandth of the height, half of which they are off at most; the CSV has every digit.
    np.testing.assert_allclose(speeds, 3.6 * trace["speed_m_per_s"], atol=1e-3 * (max(marks) - min(marks)) / 2)


def test_figures_carry_their_uncertainty_where_it_is_known(trace, page):
    known = picture.page(trace, title="car", expanded_si={"plug_consumption_J_per_m": 36.0})
    assert re.search(r"From the plug</dt><dd>\d+\.\d ± 1\.0 <small>kWh/100 km", known)
    assert "U, k = 2" in known
    assert "±" not in page
