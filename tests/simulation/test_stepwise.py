"""A battery that is asked step by step gives the drive that a battery gives that is asked for the whole mission."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.sample import compact, with_leaf
from tests.simulation.test_joint import assert_alike, foreign

from covolt.errors import ComponentFailed, InputError
from covolt.exchange.own_battery import own_battery
from covolt.library.component_battery import ComponentBattery
from covolt.simulation.cycles import standard
from covolt.simulation.mission import Conditions, follow
from covolt.simulation.run import TracedRunner, simulate
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.battery import CellBattery

COLD = follow(standard("udds"), Conditions(state_of_charge=0.03, ambient_temperature_K=258.15, comforts_on=True))


class Once:
    """A link to a part that cannot begin anew: whoever asks it for a whole mission is refused."""

    def __init__(self, link: ComponentBattery, spoilt_from: int = 10**9, warmer_K: float = 0.0) -> None:
        self._link, self._spoilt_from, self._warmer_K, self.steps = link, spoilt_from, warmer_K, 0
        self.name, self.runs, self.digest = link.name, link.runs, link.digest
        self.protections: tuple[str, ...] = ()
        self.serves = frozenset({"stepwise"})

    def alone(self) -> Any:
        return nullcontext(self)

    def start(self, begin: Any, dt_s: float) -> Any:
        return self._link.start(begin, dt_s)

    def step(self, index: int, asked: Any, dt_s: float) -> Any:
        assert index == self.steps
        self.steps += 1
        answer = self._link.step(index, asked, dt_s)
        answer = answer._replace(temperature_K=answer.temperature_K + self._warmer_K)
        return answer._replace(voltage_V=np.nan * answer.voltage_V) if index >= self._spoilt_from else answer


def once(vehicle: Vehicle, given: Any = "power", **spoilt: Any) -> Vehicle:
    assert isinstance(vehicle.battery, CellBattery)
    return foreign(vehicle, Once(ComponentBattery(own_battery(vehicle.battery, "pack", given)), **spoilt))


@pytest.mark.parametrize("given", ["power", "current"])
def test_step_by_step_is_the_step_of_the_vehicle(given: Any) -> None:
    """With limits that bind, from nearly empty: what is asked depends on what was answered before."""
    weak = with_leaf(compact(), lambda v: v.battery.peak_discharge_rate_per_s, 1.0 / 3600.0)
    vehicle = once(weak, given)
    own, ours = simulate(weak, COLD), simulate(vehicle, COLD)
    assert_alike(ours, own, 1e-8)
    assert ours.result.coupling is not None
    assert ours.result.coupling.way == "stepwise"
    assert vehicle.battery.link.steps == COLD.count
    assert str(ours.outcome) == str(own.outcome)


def test_both_ways_give_the_same_drive() -> None:
    link = ComponentBattery(own_battery(compact().battery, "pack", "power"))
    vehicle = foreign(compact(), link)
    drive = follow(standard("udds"), Conditions(state_of_charge=0.7))
    whole, steps = (TracedRunner(way=way).run(vehicle, drive) for way in ("whole mission", "stepwise"))
    assert whole.result.coupling.way == "whole mission"
    assert steps.result.coupling.way == "stepwise"
    assert_alike(steps, whole, 1e-11)


def test_a_step_without_an_answer_names_part_port_and_time() -> None:
    with pytest.raises(ComponentFailed, match="pack answers nan for voltage_V at 700 s"):
        simulate(once(compact(), spoilt_from=700), COLD)


def test_a_battery_that_warms_by_nothing_is_no_result() -> None:
    trace = simulate(once(compact(), warmer_K=30.0), COLD)
    assert trace.outcome.limit == "coupling"
    assert "pack goes from -15 to 15 degC within 1 s" in str(trace.outcome)


def test_a_mission_whose_clock_waits_is_not_driven_step_by_step() -> None:
    waiting = replace(COLD, miss_policy="correct")
    with pytest.raises(InputError, match="cannot be driven step by step: policy correct"):
        simulate(once(compact()), waiting)
