"""Levels: roll-ups of generated trees equal to a sum over leaves, nothing twice; circles and unknown parents told at once."""

import random
from collections import Counter
from fractions import Fraction
from itertools import permutations

import pytest

from covolt.contract.document import canonical_json
from covolt.errors import InputError
from covolt.programme import levels
from covolt.programme.level_changes import AGREED, rows_between
from covolt.programme.levels import at_level, below, rolled, rolled_levels, sums, sums_of_all, uncertainties
from covolt.programme.party import LEVELS, Party
from covolt.programme.reading import read_programme

NAMES = ("vehicles", "subsidy")


def party(name, level=None, above=(), measures=()):
    stated = [
        {"name": one, "value": value, "unit": "1", "year": year, "source": "test", "declared": True}
        for one, value, year in measures
    ]
    return Party.model_validate(
        {"schema": "party/1", "id": name, "title": name, "country": "RU", "roles": ["supplier"], "level": level}
        | ({"belongs_to": above} if above else {})
        | ({"measures": stated} if stated else {})
    )


def tree(seed):
    """Parties at levels, each below one or two of the level above; numbers with digits that binary fractions lose."""
    chance = random.Random(seed)
    found, before = {}, []
    for level in LEVELS[: chance.randint(2, 5)]:
        here = []
        for at in range(chance.randint(1, 5)):
            name = f"{level}-{at}"
            above = chance.sample(before, min(len(before), chance.choice((0, 1, 1, 2))))
            measures = [
                (one, chance.choice((1, 0.1, 2.35, 1e-3, 40)), chance.choice((2026, 2027)))
                for one in NAMES
                if chance.random() < 0.7
            ]
            found[name] = party(name, level, above, measures)
            here.append(name)
        before = here
    return found


def ancestors(parties, name):
    """The other way round: up from a leaf."""
    return {name}.union(*(ancestors(parties, one) for one in parties[name].belongs_to or ()))


@pytest.mark.parametrize("seed", range(200))
def test_a_roll_up_is_a_sum_over_leaves_with_nothing_twice(seed):
    parties = tree(seed)
    leaves = [one for one in parties.values() if not any(one.id in (two.belongs_to or ()) for two in parties.values())]

    def expected(wanted):
        told = {}
        for leaf in leaves:
            if wanted & ancestors(parties, leaf.id):
                for one in leaf.measures or ():
                    told.setdefault((one.name, one.unit, one.year), []).append(Fraction(str(one.value)))
        return {key: sum(values) for key, values in told.items()}

    for name in parties:
        assert sums(parties, below(parties, name)) == expected({name})
    for level in LEVELS:
        assert at_level(parties, level) == expected({one.id for one in parties.values() if one.level == level})
    by_party, by_level = sums_of_all(parties)
    assert {name: {key: one.value for key, one in each.items()} for name, each in by_party.items()} == {
        name: sums(parties, below(parties, name)) for name in parties
    }
    assert all(
        {key: one.value for key, one in by_level.get(level, {}).items()} == at_level(parties, level) for level in LEVELS
    )
    assert all(one.declared_count == one.count for each in by_party.values() for one in each.values())
    moved = {name: float(2**at) for at, name in enumerate(parties)}
    for name, total in rolled(parties, moved).items():
        assert total == sum(value for one, value in moved.items() if name in ancestors(parties, one))


def test_all_sums_go_up_once_from_each_leaf(monkeypatch):
    """Nothing is walked from above, so that thousands of parties under two each take no longer than reading them."""
    walked, above = [], levels.above
    monkeypatch.setattr(levels, "above", lambda parties, name: walked.append(name) or above(parties, name))
    monkeypatch.setattr(levels, "below", None)
    parties = tree(7)
    sums_of_all(parties)
    assert sorted(walked) == levels.leaves(parties, parties)


def changed(old, seed):
    """A later state: up to three parties state otherwise, one belongs elsewhere, one leaves and one that measures joins."""
    chance = random.Random(seed)
    new = dict(old)
    gone = chance.choice([None, *(name for name in old if old[name].measures is None)])
    new.pop(gone, None)
    joined = party("new", "enterprise", chance.sample(sorted(new), min(2, len(new))), [("vehicles", 2.35, 2027)])
    new["new"] = joined
    stating = chance.sample(sorted(new.keys() - {"new"}), min(2, len(new) - 1))
    for name in stating:
        new[name] = party(name, new[name].level, (), [("vehicles", chance.choice((0.1, 3, 40)), 2027)])
    moving = chance.choice(sorted(new.keys() - {"new"}))
    above = {
        name: chance.sample(["new"], chance.randint(0, 1)) if name == moving else old[name].belongs_to for name in old
    }
    for name in new.keys() - {"new"}:
        kept = tuple(one for one in above[name] or () if one in new and name not in joined.belongs_to)
        new[name] = new[name].model_copy(update={"belongs_to": kept or None})
    return new, ["new", *stating]


def every_sum(chosen, old, new):
    """All sums where the chosen state what they state afterwards, and what is agreed is so afterwards where it is chosen."""
    parties = new if AGREED in chosen else old
    found = Counter()
    above = {each for one in parties.values() for each in one.belongs_to or ()}
    for name in parties.keys() - above:
        stating = (new if name in chosen else old).get(name)
        over = ancestors(parties, name)
        tops = {(one, parties[one].level) for one in over} | {("", parties[one].level) for one in over}
        for one in (stating.measures if stating else None) or ():
            for top in tops:
                found[top, one.name, one.unit, one.year] += Fraction(str(one.value))
    return found


@pytest.mark.parametrize("seed", range(200))
def test_a_change_is_divided_as_the_mean_over_all_orders_and_sums_to_the_whole(seed):
    old = tree(seed)
    new, stating = changed(old, seed)
    orders = list(permutations([AGREED, *stating]))
    steps = {frozenset(order[:at]) for order in orders for at in range(len(order) + 1)}
    known = {chosen: every_sum(chosen, old, new) for chosen in steps}
    rows = rows_between(old, new)
    assert any(row.moved.moves for row in rows)
    for row in rows:
        key = ((row.party, row.level or None), *row.measured)
        share = Counter()
        for order in orders:
            for at, one in enumerate(order):
                share[one] += known[frozenset(order[: at + 1])][key] - known[frozenset(order[:at])][key]
        assert row.moved.by == {one: total / len(orders) for one, total in share.items() if total}
        assert sum(row.moved.by.values()) == (row.moved.after or 0) - (row.moved.before or 0)
    told = {((row.party, row.level or None), *row.measured) for row in rows}
    assert told == {*known[frozenset()], *known[frozenset(orders[0])]}


def test_what_is_unsure_adds_in_squares_once_for_each_leaf():
    parties = {
        one.id: one
        for one in (
            party("union", "union-body"),
            party("a", "ministry", ["union"]),
            party("b", "ministry", ["union"]),
            party("works", "enterprise", ["a", "b"], [("vehicles", 100, 2027)]),
            party("plant", "enterprise", ["b"], [("vehicles", 50, 2027), ("subsidy", 7, 2027)]),
        )
    }
    for name, u in (("works", 3.0), ("plant", 4.0)):
        measures = parties[name].measures
        parties[name] = parties[name].model_copy(
            update={"measures": (measures[0].model_copy(update={"u": u}), *measures[1:])}
        )
    key = ("vehicles", "1", 2027)
    assert uncertainties(parties, below(parties, "union")) == {key: 5.0}
    assert uncertainties(parties, below(parties, "a")) == {key: 3.0}


def test_gains_roll_up_to_levels_each_party_once():
    parties = {
        one.id: one
        for one in (
            party("a", "ministry"),
            party("b", "ministry"),
            party("works", "enterprise", ["a", "b"]),
            party("plant", "enterprise", ["b"]),
        )
    }
    gains = {"works": 3.0, "plant": -1.0, "a": 0.5}
    assert rolled(parties, gains) == {"a": 3.5, "b": 2.0, "works": 3.0, "plant": -1.0}
    assert rolled_levels(parties, gains) == {"ministry": 2.5, "enterprise": 2.0}


def test_one_party_under_two_parents_is_seen_by_each_and_once_by_the_union_above():
    parties = {
        one.id: one
        for one in (
            party("union", "union-body"),
            party("ministry-a", "ministry", ["union"]),
            party("ministry-b", "ministry", ["union"]),
            party("works", "enterprise", ["ministry-a", "ministry-b"], [("vehicles", 20_000, 2027)]),
        )
    }
    told = [sums(parties, below(parties, name)) for name in ("ministry-a", "ministry-b", "union")]
    assert told == [{("vehicles", "1", 2027): Fraction(20_000)}] * 3
    assert at_level(parties, "ministry") == told[0]
    assert rolled(parties, {"works": 3.0})["union"] == 3.0


def test_what_is_wrong_is_told_at_once_by_file_and_line(city_car):
    def add(name, more):
        path = city_car / "parties" / f"{name}.toml"
        stated = path.read_text().split("level = ")[0]
        path.write_text(stated + more)

    measure = '[[measures]]\nname = "cells"\nvalue = 4\nunit = "{}"\nyear = 2027\nsource = "t"\ndeclared = true\n'
    add("agency", 'belongs_to = ["agency"]\n' + measure.format("GWh/yr"))
    add("institute", 'belongs_to = ["battery-works", "nobody"]\n' + measure.format("kWh/yr"))
    add("battery-works", 'belongs_to = ["institute"]\n')
    with pytest.raises(InputError) as caught:
        read_programme(city_car)
    assert {(one.where, str(one.what)) for one in caught.value.problems} == {
        ("parties/agency.toml:6", "agency belongs to itself"),
        (
            "parties/battery-works.toml:6",
            "parties belong to each other in a circle: battery-works → institute → battery-works",
        ),
        ("parties/institute.toml:6", "no party 'nobody'"),
        ("parties/institute.toml:10", "cells is in kWh/yr here, and in GWh/yr of agency"),
    }


def test_a_row_stated_twice_and_less_than_none_are_told_at_once(city_car):
    path = city_car / "parties" / "drive-works.toml"
    row = '{{ name = "{}", value = {}, unit = "people", year = 2028, source = "{}", declared = true }},\n'
    same = "made up for this example"
    more = [("jobs", 140, same), ("jobs", -900, "other"), ("loss", -5, same)]
    path.write_text(
        path.read_text().replace("measures = [\n", "measures = [\n" + "".join(row.format(*one) for one in more))
    )
    with pytest.raises(InputError) as caught:
        read_programme(city_car)
    assert [str(one.what) for one in caught.value.problems] == [
        "there is no -900 of jobs",
        "jobs of 2028 is stated twice from one source",
    ]
    assert all(one.where.startswith("parties/drive-works.toml:") and one.hint for one in caught.value.problems)


def test_what_is_not_stated_is_in_no_digest():
    assert b"level" not in canonical_json(party("works"))
    assert b"belongs_to" not in canonical_json(party("works"))
