"""Law by date, against a table that was written by hand from the sources."""

from datetime import date, timedelta

import pytest

from covolt.contract.document import loads
from covolt.errors import InputError
from covolt.programme.amendments import Series, SeriesTable, days_of
from covolt.study.gate.law import law_changes, law_on, without_dates
from covolt.study.verdicts.acts import Act, KnownVehicle, Matrix, matrix

CAR = KnownVehicle("M1", 1200.0, 1500.0, 4, None)
BUS = KnownVehicle("M3", 13000.0, 18000.0, 85, "I")
EAST, EU, CHINA = ("RU", "BY"), ("EU",), ("CN",)
FORCE_OF_155 = "not yet, 2021-01-22 in force"
STATES = [
    ("UN R10", "05", EAST, "elsewhere"),
    ("UN R10", "05", EU, "no date known"),
    ("UN R10", "06", EAST, "open"),
    ("UN R10", "07", EAST, "not yet, 2024-11-01 open, 2024-11-30 seen"),
    ("UN R11", "04", EU, "no date known"),
    ("UN R12", "04", EU, "no date known"),
    ("UN R13", "11", EU, "no date known"),
    ("UN R13-H", "00", EU, "no date known"),
    ("UN R13-H", "01 Suppl. 4", EAST, "not yet, 2022-06-01 open, 2022-06-30 seen"),
    ("UN R14", "07", EU, "no date known"),
    ("UN R16", "07", EU, "no date known"),
    ("UN R51", "03", EAST, "in force"),
    ("UN R51", "03 Suppl. 7", EAST, "not yet, 2022-06-01 open, 2022-06-30 seen"),
    ("UN R94", "04", EAST, "not yet, 2020-11-01 open, 2020-11-30 adopted"),
    ("UN R95", "05", EAST, "not yet, 2020-11-01 open, 2020-11-30 adopted"),
    ("UN R137", "00", EAST, "in force"),
    ("UN R137", "02", EAST, "not yet, 2020-11-01 open, 2020-11-30 adopted"),
    ("UN R100", "03", EAST, "not yet, 2020-11-01 open, 2020-11-30 adopted"),
    ("UN R100", "04", EAST, "not yet, 2023-12-01 open, 2023-12-31 adopted"),
    ("UN R100", "05", EAST, "not yet, 2025-09-01 open, 2025-09-30 in force"),
    ("UN GTR 20", "Amendment 2", EAST, "not yet, 2026-03-19 proposed"),
    ("UN R107", "06 Suppl. 5", EAST, "in force"),
    ("UN R107", "08", EAST, "seen"),
    ("UN R117", "04", EAST, "not yet, 2023-03-01 open, 2023-03-31 voted"),
    ("UN R122", "01", EAST, "no date known"),
    ("UN R138", "01 Suppl. 1", EAST, "seen"),
    ("UN R138", "01 Suppl. 3", EAST, "not yet, 2023-03-01 open, 2023-03-31 seen"),
    ("UN R154", "00", EAST, "not yet, 2020-06-01 open, 2020-06-30 adopted"),
    ("UN R155", "00", EAST, FORCE_OF_155),
    ("UN R155", "00", EU, FORCE_OF_155),
    ("UN R156", "00", EAST, FORCE_OF_155),
    ("UN R157", "00", EAST, FORCE_OF_155),
    ("UN R168", "00", EAST, "not yet, 2024-03-26 in force"),
    ("TR CU 018/2011", "Annex 2", EAST, "no date known"),
    ("TR CU 018/2011", "changes No. 2", EAST, "in force"),
    ("PP 855", "PP 1667 of 2024-11-29", EAST, "no date known"),
    ("EPTS", "EEC Board decision 122 of 2015-09-22", EAST, "no date known"),
    ("GB 38031", "2025", CHINA, "not yet, 2026-07-01 asked for"),
    ("GB 36980.1", "2025", CHINA, "not yet, 2026-01-01 asked for"),
    ("EU 2023/1542", "Battery passport", EU, "not yet, 2027-02-18 asked for"),
]
"""What each series is from 2020 on, and from which day on it is something else."""
NEW_AND_ALL = [
    ("UN R100", "05", EAST, "no, 2027-09-01 open", "not known"),
    ("UN R51", "03", EAST, "not known", "not known"),
    ("UN R155", "00", EAST, "not known", "not known"),
    *(
        (act, "00", EU, "no, 2022-07-01 open, 2022-07-31 yes", "no, 2024-07-01 open, 2024-07-31 yes")
        for act in ("UN R155", "UN R156", "UN R157")
    ),
]
"""From when on new types and all types must fulfil a series."""
EVENTS = [
    ("UN R122", "01", EAST, "old approvals not accepted", "no, 2028-09-01 yes"),
    ("UN R155", "00", EAST, "exemption ends", "no, 2024-07-01 yes"),
    ("UN R168", "00", EAST, "applied", "no, 2024-03-26 yes"),
    ("PP 855", "PP 1667 of 2024-11-29", EAST, "exemption ends", "no, 2025-01-01 yes"),
    ("UN R10", "05", EU, "asked", "not known"),
    ("UN R51", "03", EAST, "adopted", "yes"),
    ("EPTS", "EEC Board decision 122 of 2015-09-22", EAST, "seen", "not known"),
]


def steps(written):
    """The steps of a line of the tables above: from which day on what holds."""
    first, *later = written.split(", ")
    return [("2020-01-01", first), *(tuple(one.split(" ", 1)) for one in later)]


def told(written, day):
    return [what for begun, what in steps(written) if begun <= day][-1]


def days():
    """The first of each month of eleven years, and the day before, on and after every day on which a line changes."""
    lines = [one[3] for one in STATES] + [one for row in NEW_AND_ALL for one in row[3:]] + [one[4] for one in EVENTS]
    turns = {date.fromisoformat(begun) for written in lines for begun, _ in steps(written)}
    near = {one + timedelta(days=by) for one in turns for by in (-1, 0, 1)}
    firsts = {date(2020 + at // 12, at % 12 + 1, 1) for at in range(132)}
    return [one.isoformat() for one in sorted(near | firsts | {date(2030, 12, 31)}) if date(2020, 1, 1) <= one]


@pytest.fixture(scope="module")
def found():
    """Every series of every act, by day and place."""
    table = matrix()
    return {
        (day, places): {(act.act, one.series): one for act in law_on(day, places, table, CAR) for one in act.series}
        for day in days()
        for places in (EAST, EU, CHINA)
    }


@pytest.mark.parametrize(("act", "series", "places", "written"), STATES)
def test_what_a_series_is_on_a_day(found, act, series, places, written):
    for day in days():
        assert found[day, places][act, series].state == told(written, day), day


@pytest.mark.parametrize(("act", "series", "places", "new", "every"), NEW_AND_ALL)
def test_from_when_on_types_must_fulfil_it(found, act, series, places, new, every):
    for day in days():
        one = found[day, places][act, series]
        assert (one.new_types, one.all_types) == (told(new, day), told(every, day)), day


@pytest.mark.parametrize(("act", "series", "places", "event", "written"), EVENTS)
def test_when_an_event_has_come(found, act, series, places, event, written):
    for day in days():
        (reached,) = [one.reached for one in found[day, places][act, series].events if one.event == event]
        assert reached == told(written, day), day


SURE = [
    ("UN R51", "03", EAST, "low"),  # its source says "in force", and it was adopted that month
    ("UN R10", "06", EAST, "medium"),
    ("UN R100", "03", EAST, "high"),
    ("UN R122", "01", EAST, "high"),
    ("EPTS", "EEC Board decision 122 of 2015-09-22", EAST, ""),
]
"""The least confidence of what is said of a series: as the sources' own column has it."""


@pytest.mark.parametrize(("act", "series", "places", "sure"), SURE)
def test_how_sure_that_is(found, act, series, places, sure):
    assert {found[day, places][act, series].confidence for day in days()} == {sure}


def test_every_series_of_the_table_stands_in_this_one():
    known = {(act.id, one.id) for act in (*matrix().act, *matrix().dated) for one in act.series}
    assert known == {one[:2] for one in STATES}
    assert (
        sum(
            any(e.event == "in force" for e in one.event)
            for act in (*matrix().act, *matrix().dated)
            for one in act.series
        )
        == 9
    )


def told_event(event, day, **more):
    row = {"event": event, "date": day, "source": "made for a test", "confidence": "high", "checked_on": "2026-11-28"}
    return {key: value for key, value in (row | more).items() if value is not None}


def matrix_of(*series, **more):
    act = {
        "id": "UN R100",
        "title": "Battery",
        "categories": ["M1"],
        "markets": ["UN"],
        "source": "made for a test",
        "series": [{"id": name, "event": events} for name, events in series],
    }
    market = {"id": "UN", "title": "All", "countries": [], "source": "made for a test"}
    return Matrix.model_validate({"date": "2026-11-28", "market": [market], "act": [act | more]})


OVERLAPPING = (
    (
        "02",
        [told_event("in force", "2020-03-01"), told_event("new types", "2021"), told_event("all types", "2023-05-10")],
    ),
    (
        "03",
        [
            told_event("in force", "2022-06"),
            told_event("new types", "2024-02-01"),
            told_event("all types", "2026-09-01"),
        ],
    ),
)


@pytest.mark.parametrize(
    ("day", "in_force", "possible", "new", "new_possible", "every"),
    [
        ("2020-02-29", (), (), "", (), ""),
        ("2020-03-01", ("02",), (), "", (), ""),
        ("2020-12-31", ("02",), (), "", (), ""),
        ("2021-01-01", ("02",), (), "", ("02",), ""),
        ("2021-12-31", ("02",), (), "02", (), ""),
        ("2022-06-01", ("02",), ("03",), "02", (), ""),
        ("2022-06-30", ("02", "03"), (), "02", (), ""),
        ("2023-05-09", ("02", "03"), (), "02", (), ""),
        ("2023-05-10", ("02", "03"), (), "02", (), "02"),
        ("2024-02-01", ("02", "03"), (), "03", (), "02"),
        ("2026-08-31", ("02", "03"), (), "03", (), "02"),
        ("2026-09-01", ("02", "03"), (), "03", (), "03"),
    ],
)
def test_series_that_overlap_and_new_types_before_all(day, in_force, possible, new, new_possible, every):
    (act,) = law_on(day, ("UN",), matrix_of(*OVERLAPPING), CAR)
    assert (act.in_force, act.possible) == (in_force, possible)
    assert (act.new_types, act.new_types_possible, act.all_types) == (new, new_possible, every)


def test_a_series_adopted_before_its_day_in_force_is_not_in_force():
    table = matrix_of(("05", [told_event("adopted", "2024-11"), told_event("in force", "2025-09-26")]))
    (act,) = law_on("2025-09-25", ("UN",), table, CAR)
    assert act.series[0].state == "adopted"
    assert act.series[0].reads.said("en") == "adopted some day of 2024-11; not in force before 2025-09-26"
    assert law_on("2025-09-26", ("UN",), table, CAR)[0].in_force == ("05",)


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [("2024-02", "2024-02-01", "2024-02-29"), ("2023", "2023-01-01", "2023-12-31"), ("2022-07-31",) * 3],
)
def test_a_month_and_a_year_are_intervals(when, first, last):
    assert days_of(when) == (first, last)


def test_what_changes_between_two_days():
    changes = law_changes("2026-11-28", "2028-09-01", EAST, matrix(), CAR)
    dated = [(one.act, one.series, one.event, one.date, one.certain, one.turns_red) for one in changes if one.date]
    assert dated == [
        ("UN R100", "05", "new types", "2027-09", False, True),
        ("UN R122", "01", "old approvals not accepted", "2028-09-01", True, True),
    ]
    assert {one.act for one in changes if not one.date} == {"TR CU 018/2011", "EPTS"}
    earlier = law_changes("2026-11-28", "2028-08-31", EAST, matrix(), CAR)
    assert [one.act for one in earlier if one.date] == ["UN R100"]


def test_a_month_that_begins_before_the_day_may_still_come():
    changes = law_changes("2024-07-15", "2024-12-31", EU, matrix(), CAR)
    found = {(one.act, one.event): (one.certain, one.earliest, one.latest) for one in changes if one.date}
    assert found["UN R155", "all types"] == (False, "2024-07-01", "2024-07-31")
    assert ("UN R155", "exemption ends") not in found


def test_an_act_for_other_vehicles_turns_nothing_red():
    bus = {one.act: one for one in law_on("2026-11-28", EAST, matrix(), BUS)}
    assert (bus["UN R94"].holds, bus["UN R107"].holds, bus["UN R157"].holds) == ("no", "yes", "not known")
    table = matrix_of(("05", [told_event("new types", "2027-01-01")]))
    assert [one.turns_red for one in law_changes("2026-11-28", "2028-01-01", ("UN",), table, BUS)] == [False]
    assert [one.turns_red for one in law_changes("2026-11-28", "2028-01-01", ("UN",), table, CAR)] == [True]


def test_each_series_names_the_source_of_what_is_said_of_it():
    found = {one.act: {each.series: each for each in one.series} for one in law_on("2027-09-01", EAST, matrix(), CAR)}
    assert found["UN R100"]["05"].source == "utac.com"
    assert found["UN R100"]["03"].source == "WP.29/2020/109"
    assert found["EPTS"]["EEC Board decision 122 of 2015-09-22"].source == "g.engime.org copy; vinculum.ru"
    assert all(one.source for series in found.values() for one in series.values())


def test_acts_without_a_date_are_named():
    names = without_dates(EAST, matrix(), CAR)
    assert "UN R17" in names and "UN R100" not in names and "UN R66" not in names


def test_what_the_programme_states_takes_the_place_of_the_table():
    text = """
schema = "series/1"
id = "own"
title = "Series as the agency reads them"
source = "letter of the agency"
[[act]]
id = "UN R 100"
title = "Battery"
markets = ["UN"]
[[act.series]]
id = "06"
event = [{ event = "in force", date = "2027-03-04", source = "letter", confidence = "high", checked_on = "2026-11-28" }]
"""
    own = loads(text, SeriesTable, "tables/own.toml")
    found = {one.act: one for one in law_on("2027-03-04", EAST, matrix(), CAR, [own])}
    assert (found["UN R100"].in_force, found["UN R100"].holds) == (("06",), "yes")
    assert [one.series for one in found["UN R100"].series] == ["06"]


def problems(text):
    with pytest.raises(InputError) as caught:
        loads(text, SeriesTable, "tables/own.toml")
    return [f"{one.where}: {one.what}" for one in caught.value.problems]


def test_every_mistake_of_a_table_is_told_at_once():
    head = 'schema = "series/1"\nid = "own"\ntitle = "Own"\nsource = "letter"\n'
    act = '[[act]]\nid = "{}"\ntitle = "Act"\nmarkets = ["UN"]\n'
    last = 'source = "letter", confidence = "high", checked_on = "2026-11-28" }'
    reverse = (
        f'[[act.series]]\nid = "05"\nevent = [\n{{ event = "in force", date = "2025-09-26", {last},\n'
        f'{{ event = "new types", date = "2028-01-01", {last},\n{{ event = "all types", date = "2027", {last},\n'
        f'{{ event = "adopted", date = "2025-10", {last},\n{{ event = "in force", date = "2025-10-01", {last} ]\n'
    )
    unknown = f'[[act.series]]\nid = "01"\nevent = [{{ event = "in force", date = "2025-02-30", {last} ]\n'
    found = problems(head + act.format("UN R100") + reverse + act.format("UN R94") + unknown)
    assert found == [
        "tables/own.toml:11 (act.0.series.0.event.4.event): series 05: in force stands twice, 2025-09-26 and 2025-10-01",
        "tables/own.toml:11 (act.0.series.0.event.0.date): series 05: in force 2025-09-26 comes before adopted 2025-10",
        "tables/own.toml:11 (act.0.series.0.event.2.date): series 05: all types 2027 comes before new types 2028-01-01",
        "tables/own.toml:23 (act.1.series.0.event.0.date): '2025-02-30' is no day",
    ]


def test_series_stand_in_the_order_of_time():
    late, early = (("03", [told_event("in force", day)]) for day in ("2025-01-01", "2024-01-01"))
    with pytest.raises(ValueError, match="series 02: in force 2024-01-01 comes before series 03: 2025-01-01"):
        matrix_of(late, ("02", early[1]))
    with pytest.raises(ValueError, match="series 03 stands twice"):
        matrix_of(late, late)


def test_an_older_table_is_still_read():
    assert "series" in Act.model_fields
    assert matrix_of().act[0].series == ()
    assert Series.model_validate({"id": "01", "event": [told_event("seen", None)]}).event[0].date is None
