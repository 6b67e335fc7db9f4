"""Designs in bulk: made in columns and driven without recipes, each number equal to the bit to the design's alone."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from covolt.errors import CovoltError
from covolt.library.join_many import join_many
from covolt.library.subject import Subject
from covolt.programme.documents import Programme
from covolt.programme.reading import read_programme
from covolt.simulation.mission import full_throttle, steady
from covolt.simulation.packed import packed
from covolt.simulation.run import BatchRunner
from covolt.study.designs import bulk
from covolt.study.designs.bulk import drive_designs, subjects_in, vehicles_of
from covolt.study.designs.space import DesignSpace
from covolt.study.verdicts.bench import Setting
from covolt.study.verdicts.joined import frame_of, subject_of
from tests.house.source import ROOT

COUNT = 24


def example(name: str) -> tuple[DesignSpace, Setting, np.ndarray]:
    """Space and setting of a shipped programme, and designs all over it, today's among them."""
    read = read_programme(ROOT / "examples" / name).seen_by(None)
    space = DesignSpace.of(read)
    fractions = np.random.default_rng(2).random((COUNT, len(space.variables)))
    values = np.stack([one.at(fractions[:, at]) for at, one in enumerate(space.variables)], axis=1)
    return space, Setting.of(read), np.concatenate([space.nearest(values), space.at_locked[None]])


def alone(space: DesignSpace, setting: Setting, row: np.ndarray) -> Subject:
    return subject_of(space.sheets(row), setting.frame, "vehicle", terms=setting.terms)


@pytest.mark.parametrize("name", ["city-car", "city-bus"])
def test_subjects_are_those_made_one_by_one(name: str) -> None:
    space, setting, values = example(name)
    for row, found in zip(values, subjects_in(space, setting, values), strict=True):
        expected = alone(space, setting, row)
        assert isinstance(found, Subject)
        own, other = packed(found.vehicle), packed(expected.vehicle)
        assert own.structure is other.structure
        assert own.vector_si.tobytes() == other.vector_si.tobytes()
        assert [one.tobytes() for one in own.tables] == [one.tobytes() for one in other.tables]
        for one in fields(Subject):
            if one.name != "vehicle":
                assert getattr(found, one.name) == getattr(expected, one.name), one.name


@pytest.mark.parametrize("name", ["city-car", "city-bus"])
def test_all_of_the_shipped_spaces_is_made_in_columns(name: str) -> None:
    space, setting, values = example(name)
    twice = np.repeat(values, 4, axis=0)
    for members, many in space.in_columns(twice):
        groups, left = join_many(many, frame_of(setting.frame))
        assert left.size == 0
        assert sum(len(one.members) for one in groups) == len(members)


def test_drives_are_those_of_each_vehicle_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    space, setting, values = example("city-car")
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 11)
    missions = (full_throttle(6.0), steady(15.0, 30.0))
    parts = list(drive_designs(space, setting, values, missions, threads=1))
    assert [len(one.values) for one in parts] == [11, 11, 3]
    np.testing.assert_array_equal(np.concatenate([one.values for one in parts]), values)
    runner = BatchRunner(threads=1)
    for number, mission in enumerate(missions):
        driven = [one.missions[number] for one in parts]
        for at, row in enumerate(values):
            car = packed(alone(space, setting, row).vehicle)
            last, tally = runner.run_packed(car.vector_si[:, None], car.tables, car.structure, mission)
            own, place = driven[at // 11], at % 11
            assert own.last_speed_m_per_s[place] == last.speed_m_per_s[0]
            assert own.tally.distance_m[place] == tally.distance_m[0]
            assert {name: one[place] for name, one in own.tally.energy_J.items()} == {
                name: one[0] for name, one in tally.energy_J.items()
            }


def test_a_design_that_cannot_be_has_no_number_and_is_told(programme: Programme) -> None:
    """More usable than installed energy, where what is coupled to it does not go with it."""
    space, setting, values = example("city-car")
    battery = space.locked["battery"]
    small = battery.declared["energy_nominal"].model_copy(update={"value": "31 kWh"})
    declared = {**battery.declared, "energy_nominal": small}
    moves = tuple(one.model_copy(update={"coupled": ()}) for one in space.documents)
    changed = {**space.locked, "battery": battery.model_copy(update={"declared": declared})}
    space = DesignSpace(space.variables, changed, space.offers, moves, space.slots)
    (found,) = drive_designs(space, setting, values, [full_throttle(1.0)], threads=1)
    beyond = values[:, 0] > 31.0
    assert 0 < beyond.sum() < len(values)
    assert sorted(found.refused) == np.flatnonzero(beyond).tolist()
    np.testing.assert_array_equal(np.isnan(found.missions[0].tally.distance_m), beyond)
    for at, one in found.refused.items():
        with pytest.raises(CovoltError) as raised:
            alone(space, setting, values[at])
        assert str(one) == str(raised.value)


def test_a_body_that_carries_less_than_is_loaded_is_refused_in_bulk_too() -> None:
    space, setting, values = example("city-bus")
    body = space.locked["body"]
    less = body.declared["payload_maximum"].model_copy(update={"value": "5000 kg"})
    changed = body.model_copy(update={"declared": {**body.declared, "payload_maximum": less}})
    space = DesignSpace(space.variables, {**space.locked, "body": changed}, space.offers, space.documents, space.slots)
    groups, refused = vehicles_of(space, setting, values)
    assert groups == []
    assert sorted(refused) == list(range(len(values)))
    assert "payload_maximum" in str(refused[0])
