"""Climates: every place has its year, its source, and is found by name."""

import re

import pytest

from covolt.errors import InputError
from covolt.study.lifetime.climate import places, the_place

COLDEST_degC, HOTTEST_degC = -45.0, 40.0


def test_the_places_that_a_programme_names_are_there():
    wanted = "minsk moscow st-petersburg yekaterinburg novosibirsk yakutsk sochi almaty berlin phoenix"
    assert set(places()) >= set(wanted.split())


@pytest.mark.parametrize("place", places().values(), ids=lambda place: place.id)
def test_a_year_of_the_northern_half_with_its_source(place):
    months = place.monthly.values
    assert COLDEST_degC < min(months)
    assert max(months) < HOTTEST_degC
    assert months.index(max(months)) in (6, 7)
    assert months.index(min(months)) in (0, 1, 11)
    assert place.title.words.en != place.title.words.ru
    assert re.search("[а-я]", place.source.ru)
    assert place.confirmed == ("[from memory" not in place.source.en) == ("[по памяти" not in place.source.ru)
    assert place.monthly_K[0] == pytest.approx(months[0] + 273.15)


@pytest.mark.parametrize(
    ("place", "year_degC"),
    [("berlin", 9.4), ("moscow", 5.4), ("minsk", 7.2), ("sochi", 14.6), ("novosibirsk", 1.9), ("yakutsk", -8.8)],
)
def test_the_mean_over_the_year_is_the_published_one(place, year_degC):
    """Of each source, or of the page that its row names, printed to 0.1 K; months count alike."""
    months = places()[place].monthly.values
    assert sum(months) / 12.0 == pytest.approx(year_degC, abs=0.11)


def test_an_unknown_place_is_refused_with_the_list_and_what_was_meant():
    with pytest.raises(InputError, match="no climate of 'Jakutsk'") as caught:
        the_place("Jakutsk")
    (problem,) = caught.value.problems
    assert problem.hint.startswith("did you mean 'yakutsk'? known: minsk, moscow, ")


def test_nobody_says_where_it_is_minsk():
    assert the_place(None).id == "minsk"
