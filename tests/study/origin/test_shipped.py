"""Schemes that ship: thresholds by day as a table written by hand from the sources has them, and what is open of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from covolt.contract.terms import Operation
from covolt.library.shipped_tables import shipped_tables
from covolt.library.terms import terms_of
from covolt.programme.origin_points import Done, points_of
from covolt.programme.origin_scheme import OriginScheme
from tests.study.origin.joined import city_car

BY_HAND = [
    # scheme, use, first day of the value, value (None: none is law)
    ("ru-pp-719", "state-procurement", "2024-12-11", 3200),
    ("ru-pp-719", "state-procurement", "2027-01-01", 3500),
    ("ru-pp-719", "state-procurement", "2028-01-01", 3700),
    ("ru-pp-719", "state-procurement-buses", "2024-12-11", 2900),
    ("ru-pp-719", "state-procurement-buses", "2027-01-01", None),
    ("ru-pp-719", "demand-support", "2025-01-01", 2000),
    ("ru-pp-719", "demand-support", "2026-01-01", None),
    ("ru-pp-719", "recycling-fee-compensation", "2025-01-01", 1500),
    ("ru-pp-719", "recycling-fee-compensation", "2026-01-01", None),
    ("ru-pp-719", "taxi-register", "2026-03-01", 3200),
    ("ru-pp-719", "taxi-register", "2033-01-01", 3200),
    ("ru-pp-719", "lithium-ion-cells", "2023-01-01", 600),
    ("ru-pp-719", "lithium-ion-cells", "2025-01-01", 800),
    ("ru-pp-719", "lithium-ion-cells", "2027-01-01", 900),
    ("ru-pp-719", "lithium-ion-cells", "2029-01-01", 900),
    ("eaeu-decision-72", "cars-of-belarus", "2015-01-01", 0.3),
    ("eaeu-decision-72", "cars-of-belarus", "2018-07-01", 0.5),
    ("by-1817", "own-production", "2001-12-17", 0.15),
    ("cis-st-1", "certificate", "2009-11-20", None),
    ("eaeu-decision-105", "register", "2022-06-10", None),
    ("eu-uk-tca", "tariff-free", "2024-02-07", None),
    ("eu-uk-tca", "tariff-free", "2027-01-01", None),
]


def scheme(name: str) -> OriginScheme:
    found = shipped_tables()[name]
    assert isinstance(found, OriginScheme)
    return found


@pytest.mark.parametrize(("name", "use"), sorted({(name, use) for name, use, _, _ in BY_HAND}))
def test_thresholds_the_day_before_on_and_after_each_change(name: str, use: str) -> None:
    changes = [(day, value) for known, of, day, value in BY_HAND if (known, of) == (name, use)]
    for first, _ in changes:
        for by in (-1, 0, 1):
            day = (date.fromisoformat(first) + timedelta(days=by)).isoformat()
            expected = next((value for begins, value in reversed(changes) if begins <= day), None)
            found = scheme(name).threshold_on(use, day)
            assert (None if found is None else found.value) == expected, day


def test_every_use_that_ships_stands_in_the_table_by_hand() -> None:
    shipped = {
        (name, use) for name, one in shipped_tables().items() if isinstance(one, OriginScheme) for use in one.uses
    }
    assert shipped == {(name, use) for name, use, _, _ in BY_HAND}


def test_welding_and_painting_are_demanded_from_the_first_of_july_2018() -> None:
    demanded = [scheme("eaeu-decision-72").threshold_on("cars-of-belarus", day) for day in ("2018-06-30", "2018-07-01")]
    assert [one.operations if one else None for one in demanded] == [(), ("welding of body", "painting of body")]


def done(*operations: tuple[str, str, float | None]) -> list[Done]:
    return [
        Done("body", "maker/body@1.0.0", Operation(id=name, country=country, extent=extent))
        for name, country, extent in operations
    ]


def test_a_row_of_the_press_opens_a_sum_and_the_motor_that_nobody_found_opens_it_to_the_end_of_the_scale() -> None:
    pp = scheme("ru-pp-719")
    made = done(("welding of body", "RU", None), ("painting of body", "RU", None), ("glass", "CN", None))
    found = points_of(pp, made, "2027-01-01")
    assert (found.low, found.high, found.granted) == (0, 7000, 900)
    mounted = done(("surface mounting of chips of a control unit", "RU", None))
    assert [points_of(pp, mounted, day).low for day in ("2024-07-31", "2024-08-01")] == [75, 0]
    research = done(("research and development", "RU", 0.012))
    assert points_of(pp, research, "2027-01-01").granted == 400
    metal = [
        points_of(pp, done(("metal of the country in the body", "RU", x)), "2027-01-01").granted for x in (0.69, 0.7)
    ]
    assert metal == [0, 200]


def test_what_is_done_in_another_state_of_the_union_counts_on_terms_that_nobody_sees() -> None:
    pp = scheme("ru-pp-719")
    mounted = done(("surface mounting of chips of a control unit", "BY", None))
    found = points_of(pp, mounted, "2024-07-31")
    assert (found.low, found.granted) == (0, 75)
    assert any("footnote 55" in str(one) for one in found.open)


def test_the_table_of_a_programme_takes_the_place_of_the_shipped_one() -> None:
    own = (
        'schema = "origin-scheme/1"\nid = "ru-pp-719"\ntitle = "The act itself"\nsource = "the act"\nmarkets = ["RU"]\n'
        'measure = "points"\ncountries = ["RU"]\n[[operation]]\nid = "welding of body"\npoints = 410\n'
    )
    terms = terms_of(city_car({"tables/act.toml": own}))
    found = [one for one in terms.of(OriginScheme) if one.id == "ru-pp-719"]
    assert [one.title.en for one in found] == ["The act itself"]
    assert points_of(found[0], done(("welding of body", "RU", None)), "2027-01-01").high == 410
    assert len(terms.of(OriginScheme)) == len(
        [one for one in shipped_tables().values() if isinstance(one, OriginScheme)]
    )


def test_cells_are_held_against_their_own_points_and_not_against_those_of_the_vehicle() -> None:
    pp = scheme("ru-pp-719")
    assert pp.scope_of("lithium-ion-cells") == "lithium-ion cells"
    assert pp.scope_of("taxi-register") == ""
    made = done(("welding of body", "RU", None), ("metal of the country in the body", "RU", 0.9))
    of_cells = points_of(pp, made, "2027-01-01", scope="lithium-ion cells")
    assert (of_cells.low, of_cells.high) == (0, None)
    assert [str(one) for one in of_cells.open] == ["no row of lithium-ion cells is known"]
    assert points_of(pp, made, "2027-01-01").granted == 600


def test_a_use_for_other_vehicles_is_not_among_those_of_a_car() -> None:
    pp = scheme("ru-pp-719")
    car, bus = ({one.use for one in pp.thresholds_on("2026-11-28", category)} for category in ("M1", "M3"))
    assert car == {"state-procurement", "taxi-register", "lithium-ion-cells"}
    assert bus == {"state-procurement-buses", "lithium-ion-cells"}
    rows = ({one.id for one in pp.operations_on("2026-11-28", category)} for category in ("M1", "M3"))
    assert [("operations of buses" in one) for one in rows] == [False, True]
