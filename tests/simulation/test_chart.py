"""Charts: no peak is lost, names never lie on one another, one meaning has one colour, and the values stand behind them."""

import csv
import io
import re
from itertools import pairwise
from urllib.parse import unquote

import numpy as np
import pytest

from covolt.simulation.chart import Bound, Chart, Line, drawn, spread, thinned, time_read
from covolt.simulation.chart_colours import PALETTE, colours_of, colours_of_parties
from covolt.words import Words

TIME = np.linspace(0.0, 20.0, 201)


def chart(*lines, bounds=(), x=TIME, group=""):
    return Chart(Words("A run", "Заезд"), Words("Time", "Время"), Words("min", "мин"), x,
                 Words("Speed", "Скорость"), Words("km/h", "км/ч"), lines, bounds, group)  # fmt: skip


def made(*lines, **rest):
    return drawn([chart(*lines, **rest)], ["en", "ru"])[0]


def table_of(html):
    found = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', html)
    assert found is not None
    return list(csv.reader(io.StringIO(unquote(found[1]))))


def test_thinning_keeps_the_peak_of_every_line():
    time = np.arange(7000.0)
    one, other = np.sin(time / 300.0), np.cos(time / 300.0)
    one[3501], other[5003] = 9.0, -9.0
    kept = thinned([one, other], 900)
    assert len(kept) <= 900
    assert {0, 3501, 5003, 6999} <= set(kept.tolist())
    assert list(kept) == sorted(set(kept))


@pytest.mark.parametrize("wanted", [[95.0, 95.0, 95.0], [190.0, 189.0, 2.0, 188.0], [0.0, 1.0, 190.0], [50.0]])
def test_names_at_the_ends_never_meet(wanted):
    places = sorted(spread(wanted, 15.0, 190.0))
    assert all(after - before >= 15.0 - 1e-9 for before, after in pairwise(places))
    assert places[0] >= -1e-9 and places[-1] <= 190.0 + 1e-9


def test_one_meaning_has_one_colour():
    first = colours_of(["electric, RU", "Petrol car", "Diesel car", "Compressed-gas car"])
    again = colours_of(["Diesel car", "something else", "electric, BY"])
    assert first[0] == again[2] and first[2] == again[0]
    assert len(set(first)) == 4 and len(set(again)) == 3
    assert colours_of_parties(["b", "a", "c"]) == colours_of_parties(["c", "b", "a"])
    assert len(set(colours_of_parties("abcdefgh").values())) == len(PALETTE) == 8


def test_lines_are_told_apart_by_dash_and_named_at_their_ends():
    html = made(Line(Words("battery", "батарея"), TIME), Line(Words("winding", "обмотка"), 2.0 * TIME))
    assert html.count("<polyline") == 2 and html.count("<polyline class") == 2
    assert len(re.findall(r"<polyline[^>]*stroke-dasharray", html)) == 1
    for name in ("battery", "winding", "батарея", "обмотка"):
        assert f">{name}</i>" in html


def test_the_top_tick_is_not_below_the_highest_value():
    html = made(Line(Words("speed"), 131.0 * np.sin(TIME / 7.0) ** 2))
    found = re.search(r'data-high="([\d.]+)"', html)
    assert found is not None
    assert float(found[1]) == 150.0
    heights = [float(pair.split(",")[1]) for pair in re.findall(r'points="([^"]*)"', html)[0].split()]
    assert min(heights) >= 0.0 and max(heights) <= 100.0


def test_the_values_stand_behind_the_lines():
    speed = 50.0 + 40.0 * np.sin(TIME)
    html = made(Line(Words("speed", "скорость"), speed))
    rows = table_of(html)
    assert rows[0] == ["Time [min]", "Speed [km/h]"]
    assert [float(row[1]) for row in rows[1:]] == pytest.approx(speed.tolist(), rel=1e-5)
    assert '<th scope="col"><i lang=en>Speed [km/h]</i><i lang=ru>Скорость [км/ч]</i></th>' in html
    highest = float(f"{speed.max():.4g}")
    assert html.count(f"{highest}") >= 2, "in the table and in the words"
    assert f"to {highest} km/h" in html and f"до {highest} км/ч".replace(".", ",") in html
    labelled, told = re.findall(r'aria-(?:labelledby|describedby)="([^"]*)"', html)
    assert f'id="{labelled}"' in html and f'id="{told}"' in html


def test_a_bound_is_drawn_where_it_holds():
    ageing = chart(
        Line(Words("law"), 100.0 - TIME),
        bounds=[Bound("A-5", 80.0, 5.0, 5.0), Bound("A-8", 70.0, 8.0, 8.0), Bound("ALL", 60.0, 0.0, 20.0)],
    )
    html = drawn([ageing], ["en"])[0]
    assert html.count('class="bound point"') == 2 and html.count('class="bound"') == 1
    assert '<i class="bound point" data-from="5" data-to="5" style="left:25.00%;width:0.00%' in html
    assert "A-5 ≥ 80" in html
    tops = sorted(float(top) for top in re.findall(r'class="limit [a-z]+"[^>]*top:([\d.]+)px', html))
    assert all(after - before >= 15.0 for before, after in pairwise(tops))


def test_lines_on_one_another_are_told():
    same = made(Line(Words("disconnected"), TIME), Line(Words("recuperating"), TIME.copy()))
    assert "disconnected and recuperating coincide" in same
    assert "coincide" not in made(Line(Words("disconnected"), TIME), Line(Words("recuperating"), 1.1 * TIME))


def test_a_gap_is_left_out_and_hostile_names_stay_text():
    values = TIME.copy()
    values[50:60] = np.nan
    html = made(Line(Words("</svg><script>"), values))
    assert "nan" not in re.findall(r'points="([^"]*)"', html)[0]
    assert table_of(html)[51][1] == ""
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("length_s", "unit", "last"), [(120.0, "s", 120.0), (1800.0, "min", 30.0), (14400.0, "h", 4.0)]
)
def test_time_is_read_as_its_length_asks(length_s, unit, last):
    time, found = time_read(np.array([0.0, length_s]))
    assert (found, time[-1]) == (unit, pytest.approx(last))
