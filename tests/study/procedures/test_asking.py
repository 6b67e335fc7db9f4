"""Recipes ask for drives: one alone, many side by side, in batches, and cancelled between two drives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import equinox as eqx
import numpy as np
import pytest

from covolt.errors import Cancelled, CovoltError, InputError, Problem, Unavailable
from covolt.library.subject import Subject
from covolt.programme.requirement import StatedConditions
from covolt.simulation.mission import Conditions, full_throttle
from covolt.study.procedures.asking import Ask, Asking, ask, ask_all
from covolt.study.procedures.driving import Batched, OnceEach, Single, carry_out, side_by_side
from covolt.study.procedures.protocol import Given, Measure, Procedure, Record, Recorder
from covolt.study.procedures.registry import procedures
from covolt.vehicle.foreign import Outside
from covolt.vehicle.foreign_drive_unit import DriveUnitAnswer, DriveUnitAsked, DriveUnitBegin, ForeignDriveUnit
from covolt.words import Words
from tests.study.procedures.sample import changed, city_car

NAMES = ("iso-8715", "gradeability", "cold", "charging-ac")


def ten() -> list[Subject]:
    """Vehicles of one structure and mass that roll more or less easily."""
    usual = float(np.asarray(city_car().vehicle.tyre.rolling_coefficient))  # pyright: ignore
    return [changed(city_car(), lambda v: v.tyre.rolling_coefficient, usual * (0.9 + 0.02 * n)) for n in range(10)]


def askings() -> list[Asking[Record]]:
    return [procedures()[name].asking(subject, Given()) for name in NAMES for subject in ten()]


@pytest.fixture(scope="module")
def alone() -> list[Record]:
    return [carry_out(one) for one in askings()]


def numbers(record: Record) -> tuple[Any, ...]:
    return (record.procedure, dict(record.measures), [(one.number, one.value_si) for one in record.lines])


def test_forty_recipes_side_by_side_yield_the_records_that_each_yields_alone(alone: list[Record]) -> None:
    rounds: list[int] = []
    single = Single()

    def counted(asks: Any) -> Any:
        rounds.append(len(asks))
        return single(asks)

    together = side_by_side(askings(), answer=counted)
    assert [numbers(one) for one in together if isinstance(one, Record)] == [numbers(one) for one in alone]
    # In the first round each launch asks for six drives, each hill and each chamber for one, each socket for a session.
    assert rounds[0] == 10 * (6 + 1 + 1 + 1)
    # The hills take most rounds: two speeds, twice a bisection of 18 drives at most, and one more.
    assert len(rounds) <= 2 + 2 * 18 + 1


def test_batches_answer_drives_together_and_records_stay_the_same_but_for_rounding(alone: list[Record]) -> None:
    batched = Batched()
    together = side_by_side(askings(), answer=batched)
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, Record)
        assert dict(one.measures) == pytest.approx(dict(other.measures), rel=1e-9)
        assert one.missing.keys() == other.missing.keys()
    # Drives of one code go together, whatever their profiles: of ten vehicles the six launches and the first hill.
    assert max(batched.runner.batches) == 10 * (6 + 1)
    assert len(batched.runner.batches) > 2


def test_procedures_that_share_drives_make_each_once_and_yield_what_each_yields_alone() -> None:
    asked: list[Ask] = []
    batched = Batched()

    def counted(asks: Any) -> Any:
        asked.extend(one for one in asks if isinstance(one, Ask))
        return batched(asks)

    shared = {one.id: one.shares_drives for one in procedures().values() if one.shares_drives}
    assert shared.keys() == {"cold", "hot-soak", "range-over-temperature", "ownership", "gtr-22"}
    cold = [Given(ambient_temperature_K=at_K) for at_K in (273.15 - 30.0, 273.15 - 20.0)]
    wished = [("cold", cold[0]), ("cold", cold[1]), ("hot-soak", Given()), ("range-over-temperature", Given())]
    vehicles = ten()[:2]

    def recipes() -> list[Asking[Record]]:
        return [
            procedures()[name].asking(one, given, protocol=False, unsure=False)
            for one in vehicles
            for name, given in wished
        ]

    apart = side_by_side(recipes(), answer=counted)
    drives, asked = len(asked), []
    together = side_by_side(recipes(), answer=OnceEach(counted))
    assert [one.measures for one in together if isinstance(one, Record)] == [
        one.measures for one in apart if isinstance(one, Record)
    ]
    assert len(together) == 2 * len(wished)
    # Each chamber drives at 23 degC too, once and to empty, and the sweep has both of the cold; neither asks that again.
    assert len(asked) == drives - 2 * (2 * 2 + 2 * 2)


def test_a_drive_is_another_where_vehicle_mission_or_signals_are() -> None:
    asked: list[Any] = []

    def counted(asks: Any) -> Any:
        asked.extend(asks)
        return list(range(len(asked) - len(asks), len(asked)))

    vehicle, other = (one.vehicle for one in ten()[:2])
    drive = full_throttle(2.0)
    slower = replace(drive, profile={"target_m_per_s": drive.profile["target_m_per_s"] * 0.5})
    once = OnceEach(counted)
    asks = [
        Ask(vehicle, drive),
        Ask(other, drive),
        Ask(vehicle, slower),
        Ask(vehicle, full_throttle(2.0, Conditions(payload_kg=10.0))),
        Ask(vehicle, drive, ("speed_m_per_s",)),
    ]
    assert list(once([*asks, Ask(vehicle, full_throttle(2.0))])) == [0, 1, 2, 3, 4, 0]
    assert list(once(asks[::-1])) == [4, 3, 2, 1, 0]
    assert len(asked) == len(asks)


def test_one_vehicle_that_cannot_be_driven_stops_no_other() -> None:
    def failing(asks: Any) -> Any:
        refusal = CovoltError(Problem("no such drive"))
        return [
            refusal if one.mission.name == "bad" else answer for one, answer in zip(asks, Single()(asks), strict=True)
        ]

    def drive(name: str) -> Asking[float]:
        mission = full_throttle(2.0)
        object.__setattr__(mission, "name", name)
        run = yield from ask(city_car().vehicle, mission)
        return run.result.distance_m

    bad, good = side_by_side([drive("bad"), drive("good")], answer=failing)
    assert isinstance(bad, CovoltError)
    assert isinstance(good, float)
    assert good > 1.0


def test_an_error_is_thrown_into_the_recipe_that_asked() -> None:
    def careful() -> Asking[str]:
        try:
            yield from ask(city_car().vehicle, full_throttle(2.0))
        except CovoltError as error:
            return str(error)
        return "driven"

    def refuse(vehicle: Any, mission: Any) -> Any:
        raise CovoltError(Problem("the road is closed"))

    assert carry_out(careful(), drive=refuse) == "the road is closed"
    assert carry_out(careful()) == "driven"


def test_a_recipe_reads_the_signals_that_it_named_and_no_other() -> None:
    def recipe() -> Asking[None]:
        run, plain = yield from ask_all(
            [
                Ask(city_car().vehicle, full_throttle(2.0), ("speed_m_per_s",)),
                Ask(city_car().vehicle, full_throttle(2.0)),
            ]
        )
        assert run.names == ("speed_m_per_s",)
        assert plain.names == ()
        assert plain.result.distance_m == run.result.distance_m > 0.0
        run["limit"]

    with pytest.raises(InputError, match="no signal 'limit'"):
        carry_out(recipe())


def test_a_case_is_cancelled_between_two_drives() -> None:
    done: list[int] = []
    closed: list[bool] = []

    def recipe() -> Asking[None]:
        try:
            for _ in range(5):
                yield from ask(city_car().vehicle, full_throttle(2.0))
        finally:
            closed.append(True)

    with pytest.raises(Cancelled):
        carry_out(recipe(), progress=done.append, cancelled=lambda: len(done) == 2)
    assert done == [1, 2]
    assert closed == [True]


def test_a_recipe_states_no_measure_that_it_does_not_declare() -> None:
    said, other = Measure("said", Words("Said"), "m"), Measure("other", Words("Other"), "m")
    for state in (
        lambda note: note.result(other, 1.0),
        lambda note: note.miss(other, Words("no")),
        lambda note: note.laws(other, {"a": 1.0}),
        lambda note: note.at_stop(other, Words("no")),
        lambda note: note.shortfall(other, Words("no")),
    ):

        def recipe(subject: Subject, given: Given, note: Recorder, state: Any = state) -> None:
            state(note)

        with pytest.raises(ValueError, match="declares no measure 'other'"):
            Procedure("it", Words("It"), "covolt", (said,), recipe).do(city_car(), Given())


def test_conditions_have_the_keys_of_the_files() -> None:
    written = {
        "cycle": "udds",
        "ambient": "-7 degC",
        "payload": "0.2 t",
        "state_of_health": 0.8,
        "state_of_charge": 0.5,
        "start": "soaked",
        "climate": "minsk",
        "yearly_distance": "60000 km",
        "charges_per_day": 2.0,
        "market": "BY",
        "date": "2027-01-01",
        "yearly_volume": 5000,
        "scheme": "ru-pp-719/taxi-register",
        "area": "Moscow",
        "station_power": "150 kW",
        "station_voltage": "920 V",
        "party": "institute",
        "level": "ministry",
        "year": 2028,
    }
    assert set(written) == set(StatedConditions.model_fields)
    read = Given.of(written)
    assert read == Given(
        "udds",
        pytest.approx(266.15),
        200.0,
        0.8,
        0.5,
        "soaked",
        "minsk",
        6e7,
        2.0,
        "BY",
        "2027-01-01",
        5000,
        "ru-pp-719/taxi-register",
        "Moscow",
        150e3,
        920.0,
        "institute",
        "ministry",
        2028,
    )
    assert Given.of({}) == Given()


def test_what_is_given_lies_over_the_procedures_own() -> None:
    own = Conditions(ambient_temperature_K=293.15, payload_kg=100.0, comforts_on=True)
    assert Given().over(own) == own
    laid = Given(ambient_temperature_K=253.15, payload_kg=0.0, cycle="udds").over(own)
    assert laid == Conditions(ambient_temperature_K=253.15, payload_kg=0.0, comforts_on=True)


class FarOff:
    """The way to a drive unit that takes half as much again as it gives."""

    name, runs, serves, digest = "far-off", "hosted", frozenset({"whole mission"}), ""
    protections: tuple[str, ...] = ()

    def whole(self, begin: DriveUnitBegin, asked: DriveUnitAsked, steps_s: np.ndarray) -> DriveUnitAnswer:
        return DriveUnitAnswer(1.5 * np.abs(asked.torque_Nm * asked.speed_rad_per_s) + 500.0)


@pytest.mark.parametrize("name", ["iso-8715", "un-r101"])
def test_no_recipe_reads_a_drive_that_is_no_result(name: str) -> None:
    """Whatever it looks at: a launch asks for speeds alone, and they are kept."""
    subject = city_car()
    unit = ForeignDriveUnit(subject.vehicle.axles[0].drive_unit, Outside(FarOff()))
    vehicle = eqx.tree_at(lambda v: v.axles[0].drive_unit, subject.vehicle, unit)
    with pytest.raises(Unavailable, match="far-off differs from what it declares by"):
        carry_out(procedures()[name].asking(replace(subject, vehicle=vehicle), Given()))
