"""Many drives at once give what each gives alone: to the bit among each other, and but for rounding as a single traced drive."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import equinox as eqx
import numpy as np
import pytest
from tests.study.procedures.sample import city_car

from covolt.simulation.cycles import standard
from covolt.simulation.many import ManyRunner, Wanted
from covolt.simulation.mission import Conditions, Mission, follow, full_throttle
from covolt.simulation.run import simulate
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle

SIGNALS = ("battery_power_W", "speed_m_per_s")


@functools.cache
def vehicles(count: int) -> tuple[Vehicle, ...]:
    """Vehicles of one structure that roll more or less easily."""
    own = city_car().vehicle
    usual = float(np.asarray(own.tyre.rolling_coefficient))  # pyright: ignore
    return tuple(
        eqx.tree_at(lambda v: v.tyre.rolling_coefficient, own, np.asarray(usual * (0.8 + 0.01 * n)))
        for n in range(count)
    )


def short(**conditions: Any) -> Mission:
    """Five minutes of a city cycle."""
    whole = follow(standard("udds"), Conditions(**conditions))
    return replace(whole, profile={name: values[:300] for name, values in whole.profile.items()}, phases=())


def traces(wanted: list[Wanted], threads: int = 2) -> list[Trace]:
    found = ManyRunner(threads).run(wanted)
    assert all(isinstance(one, Trace) for one in found)
    return [one for one in found if isinstance(one, Trace)]


def bits(trace: Trace) -> tuple[Any, ...]:
    result = trace.result
    return (
        trace.names,
        trace.values.tobytes(),
        result.distance_m,
        result.ledger,
        result.state_of_charge,
        result.outcome,
    )


@pytest.mark.parametrize("mission", [short(ambient_temperature_K=263.15, comforts_on=True), full_throttle(20.0)])
def test_each_is_the_single_drive_but_for_rounding(mission: Mission) -> None:
    for vehicle, one in zip(vehicles(3), traces([Wanted(car, mission, SIGNALS) for car in vehicles(3)]), strict=True):
        single = simulate(vehicle, mission)
        for name in SIGNALS:
            assert one[name] == pytest.approx(single[name], rel=1e-9, abs=1e-9 * float(np.max(np.abs(single[name]))))
        assert one.result.distance_m == pytest.approx(single.result.distance_m, rel=1e-11)
        assert one.result.ledger.energy_J("battery") == pytest.approx(
            single.result.ledger.energy_J("battery"), rel=1e-9
        )
        assert one.result.usable_energy_J == single.result.usable_energy_J
        assert one.time_s.tobytes() == single.time_s.tobytes()


def test_a_drive_is_the_same_to_the_bit_alone_among_many_and_whatever_is_asked_of_it() -> None:
    """Of 43 vehicles, no multiple of any lanes, each with its own charge: on one thread and two, in another order, alone."""
    wanted = [Wanted(car, short(state_of_charge=0.5 + 0.01 * n), SIGNALS) for n, car in enumerate(vehicles(43))]
    among = traces(wanted)
    assert [bits(one) for one in traces(wanted, threads=1)] == [bits(one) for one in among]
    assert [bits(one) for one in traces(wanted[::-1])] == [bits(one) for one in among[::-1]]
    for at in (0, 17, 42):
        (alone,) = traces([wanted[at]])
        assert bits(alone) == bits(among[at])
        (more,) = traces([wanted[at]._replace(signals=("limit", *SIGNALS, "state_of_charge"))])
        assert more["battery_power_W"].tobytes() == alone["battery_power_W"].tobytes()
        assert more.result.ledger == alone.result.ledger


def test_drives_of_any_length_and_any_signals_go_together_and_learn_nothing_of_each_other() -> None:
    """Beside each other: profiles and counts of steps of their own, signals of their own, one step among thousands."""
    whole = short(ambient_temperature_K=268.15, comforts_on=True)
    missions = [
        replace(whole, profile={name: values[: 4 * n + 1] for name, values in whole.profile.items()}) for n in range(60)
    ]
    missions.append(full_throttle(100.0))
    wanted = [
        Wanted(vehicles(3)[n % 3], one, SIGNALS[: n % 3] if n % 5 else ("limit", *SIGNALS))
        for n, one in enumerate(missions)
    ]
    runner = ManyRunner(2)
    among = runner.run(wanted)
    assert runner.batches == [61]
    for one, beside in zip(wanted, among, strict=True):
        (alone,) = traces([one])
        assert isinstance(beside, Trace)
        assert bits(beside) == bits(alone)
        assert beside.names == one.signals
        assert beside.values.shape == (one.mission.count, len(one.signals))


def test_a_drive_that_ends_where_the_speed_is_missed_says_when_as_a_single_one_does() -> None:
    mission = replace(short(state_of_charge=0.02, ambient_temperature_K=253.15), miss_policy="abort")
    (one,) = traces([Wanted(vehicles(1)[0], mission, SIGNALS)])
    single = simulate(vehicles(1)[0], mission)
    assert not one.outcome.completed
    assert one.outcome.reason == single.outcome.reason
    assert len(one.values) == len(single.values) < mission.count
    assert one.names == SIGNALS
    reported = replace(mission, miss_policy="report")
    (one,) = traces([Wanted(vehicles(1)[0], reported, SIGNALS)])
    assert one.outcome.reason == simulate(vehicles(1)[0], reported).outcome.reason
    assert one.names == SIGNALS
    assert len(one.values) == mission.count


def test_what_it_does_not_drive_is_left() -> None:
    car, mission = vehicles(1)[0], short()
    lost = eqx.tree_at(lambda v: v.tyre.rolling_coefficient, car, np.asarray(np.nan))
    left = [
        Wanted(car, replace(mission, miss_policy="correct"), ()),
        Wanted(car, mission, ("no such signal",)),
        Wanted(lost, mission, SIGNALS),
    ]
    assert ManyRunner().run(left) == [None, None, None]
    runner = ManyRunner()
    assert isinstance(runner.run([*left, Wanted(car, mission, ())])[-1], Trace)
    assert runner.batches == [2, 1]
