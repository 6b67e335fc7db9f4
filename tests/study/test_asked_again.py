"""A part that answers differently when it is asked the same verifies nothing, and its record is not kept."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import pytest

from covolt.errors import Unavailable
from covolt.exchange.own_battery import own_battery
from covolt.exchange.own_drive_unit import PortedDriveUnit
from covolt.exchange.own_part import OwnPart
from covolt.library.component_battery import ComponentBattery
from covolt.library.component_drive_unit import ComponentDriveUnit
from covolt.library.pooled_battery import PooledBattery
from covolt.simulation.charging import ChargingMission, Socket
from covolt.study.gate.check import read_whole
from covolt.study.procedures.asked_again import AskedAgain
from covolt.study.procedures.asking import ChargingAsk
from covolt.study.procedures.driving import Single
from covolt.study.procedures.registry import procedures
from covolt.study.verdicts.bench import Bench, Setting
from covolt.study.verdicts.foreign import with_links
from covolt.study.verdicts.joined import locked_sheets
from covolt.study.verdicts.records import MemoryRecords
from covolt.study.verdicts.verification import given_of
from tests.house.source import ROOT
from tests.study.procedures.sample import city_car

SESSION = ChargingMission(Socket(7.4e3), 0.5, 0.51)


class Moody:
    """A component whose answers have something added to them that nobody asked for."""

    def __init__(self, inner: Any, added: Any) -> None:
        self._inner, self._added, self.begun = inner, added, 0
        self.description = inner.description

    def wire(self, inputs: Any, outputs: Any) -> None:
        self._voltage = np.array([1.0 * (one in ("voltage", "power")) for one in outputs])
        self._inner.wire(inputs, outputs)

    def start(self, *given: Any) -> np.ndarray:
        self.begun += 1
        return self._inner.start(*given)

    def step(self, *given: Any) -> np.ndarray:
        return self._inner.step(*given) + self._added() * self._voltage

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        return self._inner.window(start_s, steps_s, inputs) + self._added() * self._voltage


def moody(added: Any, runs: Any = "sandboxed") -> tuple[Moody, ComponentBattery]:
    component = Moody(own_battery(city_car().vehicle.battery, "pack", "power"), added)  # type: ignore[arg-type]
    return component, ComponentBattery(component, runs)  # type: ignore[arg-type]


def by_chance() -> Any:
    drawn = np.random.default_rng(13)
    return lambda: 0.1 * drawn.random()


def kept() -> Any:
    begun = count()
    return lambda: 1e-3 * next(begun)


def answered(asked_again: AskedAgain, **links: Any) -> Any:
    vehicle = with_links(city_car(), links).vehicle
    return Single(asked_again=asked_again)([ChargingAsk(vehicle, SESSION)])[0]


@pytest.mark.parametrize("added", [by_chance, kept])
def test_what_answers_differently_is_told_and_asked_no_more(added: Any) -> None:
    component, link = moody(added())
    again = AskedAgain()
    found = answered(again, battery=link)
    assert isinstance(found, Unavailable)
    assert "pack answers differently when asked the same" in str(found)
    begun = component.begun
    assert isinstance(answered(again, battery=link), Unavailable)
    assert component.begun == begun


def test_what_answers_the_same_is_asked_twice_more_and_once_in_all() -> None:
    (plain, link), (asked, other) = moody(lambda: 0.0), moody(lambda: 0.0)
    assert Single()([ChargingAsk(with_links(city_car(), {"battery": link}).vehicle, SESSION)])[0].outcome.completed
    again = AskedAgain()
    for _ in range(2):
        assert answered(again, battery=other).outcome.completed
    assert asked.begun == 2 * plain.begun + 2


def test_workers_that_differ_are_one_part_that_answers_by_chance() -> None:
    links = [moody(lambda volt=volt: volt)[1] for volt in (0.0, 0.1)]
    found = answered(AskedAgain(), battery=PooledBattery(links))
    assert isinstance(found, Unavailable)
    assert "pack answers differently" in str(found)


def test_a_record_answers_what_was_asked_before_alone() -> None:
    component, link = moody(lambda: 0.0, "replayed")
    assert answered(AskedAgain(), battery=link).outcome.completed
    begun = component.begun
    assert answered(AskedAgain(), battery=link).outcome.completed
    assert component.begun == 2 * begun


def test_a_drive_unit_is_asked_again_too() -> None:
    unit = city_car().vehicle.axles[0].drive_unit
    links = [ComponentDriveUnit(Moody(OwnPart(PortedDriveUnit(unit), "motor"), added)) for added in (kept(), float)]
    first, second = (answered(AskedAgain(), drive_unit=one) for one in links)
    assert isinstance(first, Unavailable)
    assert "motor answers differently" in str(first)
    assert second.outcome.completed


@pytest.mark.slow
def test_its_record_says_why_and_is_not_kept() -> None:
    read = read_whole(ROOT / "examples/city-car")
    sheets, store = locked_sheets(read), MemoryRecords()
    bench = Bench(Setting.of(read), store, links={"battery": moody(kept())[1]})
    given = given_of(read.requirements["B-EFFICIENCY"], read)
    record = bench.record(procedures()["charging-dc"], given, sheets)
    assert "pack answers differently when asked the same" in str(record.unanswered)
    assert record.measures == {}
    assert store.computed == 0
