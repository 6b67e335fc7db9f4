"""A battery that is not covolt's drives the vehicle: its answers settle to those of the vehicle's own step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import equinox as eqx
import numpy as np
import pytest
from tests.sample import compact, with_leaf

from covolt.errors import ComponentFailed, InputError, Problem
from covolt.exchange.own_battery import own_battery
from covolt.library.component_battery import ComponentBattery
from covolt.library.pooled_battery import PooledBattery
from covolt.simulation.cycles import standard
from covolt.simulation.gradient import energy_slope
from covolt.simulation.mission import Conditions, Mission, follow, full_throttle
from covolt.simulation.run import BatchRunner, TracedRunner, simulate
from covolt.simulation.trace import Trace
from covolt.vehicle.assembly import Vehicle
from covolt.vehicle.battery import CellBattery
from covolt.vehicle.foreign import ForeignBattery, Outside

WLTC = follow(standard("wltc-3b"), Conditions(state_of_charge=0.8))


def foreign(vehicle: Vehicle, link: Any) -> Vehicle:
    """The vehicle with its battery behind a link."""
    battery = ForeignBattery(declared=vehicle.battery, mass_kg=vehicle.battery.mass_kg, link_outside=Outside(link))
    return eqx.tree_at(lambda v: v.battery, vehicle, battery)


def linked(vehicle: Vehicle, given: Any = "power") -> Vehicle:
    assert isinstance(vehicle.battery, CellBattery)
    return foreign(vehicle, ComponentBattery(own_battery(vehicle.battery, "pack", given)))


def assert_alike(ours: Trace, own: Trace, ratio: float = 1e-9) -> None:
    for name in own.names:
        if name in {"battery_open_circuit_power_W", "battery_loss_power_W", "unserved_power_W"}:
            continue
        scale = max(np.abs(own[name]).max(), 1e3 if "remainder" in name else 1e-6)
        np.testing.assert_allclose(ours[name], own[name], rtol=0.0, atol=ratio * scale, err_msg=name)


@pytest.mark.parametrize("given", ["power", "current"])
def test_settled_answers_are_those_of_the_step(given: Any) -> None:
    own, ours = simulate(compact(), WLTC), simulate(linked(compact(), given), WLTC)
    assert ours.outcome.completed
    assert_alike(ours, own)
    assert ours.result.coupling is not None
    assert ours.result.coupling.way == "whole mission"
    assert ours.result.coupling.rest_ratio <= 1e-12
    assert 1 <= ours.result.coupling.passes <= 12
    assert own.result.coupling is None
    assert ours.result.battery_energy_J == pytest.approx(own.result.battery_energy_J, rel=1e-9)


@pytest.mark.parametrize(
    "drive",
    [
        follow(standard("udds"), Conditions(state_of_charge=0.03, ambient_temperature_K=258.15, comforts_on=True)),
        full_throttle(20.0, Conditions(state_of_charge=0.4)),
    ],
    ids=["cold and nearly empty", "full throttle"],
)
def test_limits_that_bind_settle_too(drive: Mission) -> None:
    """What the battery cannot give changes the drive, and the drive what it gives next."""
    weak = with_leaf(compact(), lambda v: v.battery.peak_discharge_rate_per_s, 1.0 / 3600.0)
    own, ours = simulate(weak, drive), simulate(linked(weak), drive)
    assert np.any(own["limit"] == 2.0)
    assert_alike(ours, own, 1e-8)
    assert str(ours.outcome) == str(own.outcome)


def test_a_black_box_leaves_a_remainder_and_no_ledger_closes() -> None:
    own, ours = simulate(compact(), WLTC), simulate(linked(compact()), WLTC)
    ledger = ours.ledger
    assert ledger.open == ("battery",)
    assert not ledger.closes
    assert ledger.holds
    entry = ledger.energy_J
    assert entry("battery") == pytest.approx(own.ledger.energy_J("battery"), rel=1e-3)
    terminals_J = entry("battery") - entry("battery loss") - entry("remainder of the battery")
    assert terminals_J == pytest.approx(own.result.battery_energy_J, rel=1e-9)
    assert abs(entry("remainder of the battery")) < 0.01 * terminals_J
    assert own.ledger.closes


def test_a_trace_is_read_with_its_open_balance(tmp_path: Any) -> None:
    trace = simulate(linked(compact()), WLTC)
    trace.to_csv(tmp_path / "drive.csv")
    assert Trace.read(tmp_path / "drive.csv").ledger == trace.ledger


class Spoilt:
    """A link that hands on what another answers, changed."""

    def __init__(self, link: ComponentBattery, change: Any) -> None:
        self._link, self._change, self.asked = link, change, 0
        self.name, self.runs, self.serves, self.digest = link.name, link.runs, link.serves, link.digest
        self.protections = link.protections

    def start(self, begin: Any, dt_s: float) -> Any:
        return self._link.start(begin, dt_s)

    def whole(self, begin: Any, asked: Any, steps_s: Any) -> Any:
        self.asked += 1
        return self._change(self._link.whole(begin, asked, steps_s), self.asked)


def spoilt(change: Any) -> Vehicle:
    own = compact().battery
    assert isinstance(own, CellBattery)
    return foreign(compact(), Spoilt(ComponentBattery(own_battery(own, "pack", "power")), change))


def test_an_answer_that_is_no_number_names_part_port_and_time() -> None:
    def change(answer: Any, _: int) -> Any:
        voltage_V = answer.voltage_V.copy()
        voltage_V[0, 601] = np.nan
        return answer._replace(voltage_V=voltage_V)

    with pytest.raises(ComponentFailed, match="pack answers nan for voltage_V at 601 s"):
        simulate(spoilt(change), WLTC)


class Refusing:
    """A component that ends with an error where it is asked for more than it can give, as many models do."""

    def __init__(self, inner: Any, refuses: Any) -> None:
        self._inner, self._refuses, self.ended = inner, refuses, 0
        self.description = inner.description

    def wire(self, inputs: Any, outputs: Any) -> None:
        self._power = inputs.index("power")
        self._inner.wire(inputs, outputs)

    def start(self, *given: Any) -> np.ndarray:
        return self._inner.start(*given)

    def step(self, time_s: float, step_s: float, inputs: np.ndarray) -> np.ndarray:
        if self._refuses(-inputs[self._power], time_s):
            self.ended += 1
            raise ComponentFailed(Problem("no voltage is found", f"step at {time_s:g} s"))
        return self._inner.step(time_s, step_s, inputs)

    def window(self, start_s: float, steps_s: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        times_s = start_s + np.concatenate([[0.0], np.cumsum(steps_s)])
        return np.stack([self.step(*row) for row in zip(times_s, steps_s, inputs, strict=False)])


def refusing(vehicle: Vehicle, refuses: Any) -> tuple[Refusing, Vehicle]:
    """The vehicle, with numbers declared of its battery that promise more than it can."""
    assert isinstance(vehicle.battery, CellBattery)
    component = Refusing(own_battery(vehicle.battery, "pack", "power"), refuses)
    return component, foreign(compact(), ComponentBattery(component))  # type: ignore[arg-type]


def test_what_no_vehicle_would_ask_may_end_a_part_before_answers_settle() -> None:
    drive = full_throttle(20.0, Conditions(state_of_charge=0.4))
    weak = with_leaf(compact(), lambda v: v.battery.peak_discharge_rate_per_s, 1.0 / 3600.0)
    own = simulate(weak, drive)
    most_W = -np.min(own["battery_power_W"] + own["unserved_power_W"])
    component, vehicle = refusing(weak, lambda power_W, _: power_W > 1.001 * most_W)
    ours = simulate(vehicle, drive)
    assert component.ended > 2
    assert_alike(ours, own, 1e-8)
    assert str(ours.outcome) == str(own.outcome)


def test_a_part_that_ends_on_the_drive_itself_ends_it_by_name() -> None:
    component, vehicle = refusing(compact(), lambda power_W, _: power_W > 30e3)
    with pytest.raises(ComponentFailed, match="no voltage is found") as ended:
        simulate(vehicle, WLTC)
    assert component.ended > 2
    own = simulate(compact(), WLTC)
    beyond = own["battery_power_W"] < -30e3
    assert ended.value.problems[0].where == f"step at {np.argmax(beyond):g} s"


@pytest.mark.parametrize(("port", "added"), [("temperature_K", 273.15), ("state_of_charge", -0.3)])
def test_a_battery_that_does_not_begin_where_it_was_begun_is_told(port: str, added: float) -> None:
    """As one that says kelvin where it states degC."""

    def change(answer: Any, _: int) -> Any:
        return answer._replace(**{port: getattr(answer, port) + added})

    with pytest.raises(ComponentFailed, match=r"pack was begun at 80.0 % and 23 degC, and says at its start"):
        simulate(spoilt(change), WLTC)


def test_answers_that_never_settle_are_no_result() -> None:
    def change(answer: Any, asked: int) -> Any:
        return answer._replace(voltage_V=answer.voltage_V * (1.0 + 1e-3 * (asked % 2)))

    trace = TracedRunner(way="whole mission").run(spoilt(change), WLTC)
    assert not trace.outcome.completed
    assert trace.outcome.limit == "coupling"
    assert "pack do not settle: after 120 passes" in str(trace.outcome)


def test_where_answers_do_not_settle_the_part_is_asked_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a pack that is held at a temperature for hours: its answers settle a hundred steps a pass."""
    drive = replace(WLTC, profile={"target_m_per_s": WLTC.profile["target_m_per_s"][:300]}, phases=())
    own = compact().battery
    assert isinstance(own, CellBattery)
    workers = [ComponentBattery(own_battery(own, "pack", "power")) for _ in range(2)]
    vehicle = foreign(compact(), PooledBattery(workers))
    whole = simulate(vehicle, drive)
    monkeypatch.setattr("covolt.simulation.run.FEW_PASSES", 1)
    monkeypatch.setattr("covolt.simulation.joint.REST_RATIO", -1.0)
    stepped = simulate(vehicle, drive)
    assert whole.result.coupling is not None
    assert stepped.result.coupling is not None
    assert (whole.result.coupling.way, stepped.result.coupling.way) == ("whole mission", "stepwise")
    assert_alike(stepped, whole)


@pytest.mark.parametrize(("capacity_ratio", "completes"), [(1.05, True), (1.3, False), (0.7, False), (1e6, False)])
def test_a_battery_that_makes_energy_or_loses_it_is_no_result(capacity_ratio: float, completes: bool) -> None:
    """A pack of another size than its charge says, as one whose charge never falls."""
    cells = compact().battery.parallel_count
    other = with_leaf(compact(), lambda v: v.battery.parallel_count, cells * capacity_ratio).battery
    assert isinstance(other, CellBattery)
    trace = simulate(foreign(compact(), ComponentBattery(own_battery(other, "pack", "power"))), WLTC)
    assert trace.outcome.completed == completes
    assert trace.result.coupling is not None
    [part] = trace.result.coupling.parts
    assert part.remainder_ratio is not None
    assert part.remainder_ratio == pytest.approx(1.0 / capacity_ratio - 1.0, abs=0.06)
    if not completes:
        assert trace.outcome.limit == "coupling"
        assert "what pack gives and takes differs from what its charge and its losses say by" in str(trace.outcome)


def test_a_loss_below_nothing_explains_no_energy() -> None:
    """A pack that takes a fifth of its current off its charge, and calls the rest a negative loss."""

    def change(answer: Any, _: int) -> Any:
        charge, power_W = answer.state_of_charge, answer.voltage_V[:, 1:] * answer.current_A
        slower = charge[:, :1] + 0.2 * (charge - charge[:, :1])
        return answer._replace(state_of_charge=slower, loss_power_W=answer.loss_power_W + 0.8 * power_W)

    trace = TracedRunner(way="whole mission").run(spoilt(change), WLTC)
    assert trace.outcome.limit == "coupling"
    assert "differs from what its charge and its losses say by" in str(trace.outcome)


COLD = Conditions(state_of_charge=0.8, ambient_temperature_K=253.15)
SHORT = replace(WLTC, profile={"target_m_per_s": WLTC.profile["target_m_per_s"][:300]}, phases=(), conditions=COLD)


@pytest.mark.parametrize(
    ("drive", "warmer_K", "told"),
    [
        (SHORT, lambda time_s: 45.0 * (time_s >= 100.0), "from -20 to 25 degC within 1 s"),
        (SHORT, lambda time_s: -30.0 * (time_s >= 100.0), "from -20 to -50 degC within 1 s"),
        (SHORT, lambda time_s: 45.0 * ((time_s >= 100.0) & (time_s < 160.0)), "from -20 to 25 degC within 1 s"),
        (replace(WLTC, conditions=COLD), lambda time_s: 45.0 * time_s / time_s[-1], "to 22 degC within 1536 s"),
    ],
    ids=["jumps up", "jumps down", "up and down again", "slowly by nothing"],
)
def test_a_battery_that_warms_or_cools_by_nothing_is_no_result(drive: Mission, warmer_K: Any, told: str) -> None:
    def change(answer: Any, _: int) -> Any:
        time_s = np.arange(answer.temperature_K.shape[1], dtype=float)
        return answer._replace(temperature_K=answer.temperature_K + warmer_K(time_s))

    trace = TracedRunner(way="whole mission").run(spoilt(change), drive)
    assert trace.outcome.limit == "coupling"
    assert "its temperature is not that of a battery with half the declared heat capacity" in str(trace.outcome)
    assert told in str(trace.outcome)


@pytest.mark.parametrize("moved", ["other heat capacity", "held", "coarse"])
def test_a_temperature_of_a_part_of_its_own_counts(moved: str) -> None:
    """As of one with three fifths of the declared heat capacity, with no temperature of its own, or a coarse sensor."""

    def change(answer: Any, _: int) -> Any:
        begin_K = answer.temperature_K[:, :1]
        other_K = {
            "other heat capacity": begin_K + (answer.temperature_K - begin_K) / 0.6,
            "held": begin_K + 0.0 * answer.temperature_K,
            "coarse": np.round(answer.temperature_K / 2.0) * 2.0,
        }
        return answer._replace(temperature_K=other_K[moved])

    assert TracedRunner(way="whole mission").run(spoilt(change), SHORT).outcome.completed


def test_both_executors_drive_a_foreign_battery_alike() -> None:
    drive = replace(WLTC, profile={"target_m_per_s": WLTC.profile["target_m_per_s"][:300]}, phases=())
    vehicle = linked(compact())
    ours, xla = (TracedRunner(executor=one).run(vehicle, drive) for one in ("native", "xla"))
    assert (ours.executor, xla.executor) == ("native", "xla")
    assert_alike(ours, xla, 1e-11)


def test_ports_that_nothing_carries_are_all_told() -> None:
    own = compact().battery
    assert isinstance(own, CellBattery)
    wrong = {"voltage": "volts", "watts": "x", "heating": "-loss"}
    with pytest.raises(InputError) as refused:
        ComponentBattery(own_battery(own, "pack", "power"), ports=wrong)
    told = str(refused.value)
    assert "no output carries voltage" in told
    assert "a battery has no port 'watts'" in told
    assert "no input carries heating" in told


def test_a_drive_whose_clock_waits_settles_too() -> None:
    """A weak vehicle that takes longer than its mission: answers belong to the steps that are driven."""
    weak = with_leaf(compact(), lambda v: v.axles[0].drive_unit.machine.peak_power_W, 9e3)
    profile = {"target_m_per_s": np.minimum(0.4 * np.arange(1.0, 121.0), 20.0)}
    drive = Mission("late", profile, conditions=Conditions(state_of_charge=0.8), miss_policy="correct")
    own, ours = simulate(weak, drive), simulate(linked(weak), drive)
    assert len(own.values) > drive.count + 5
    assert len(ours.values) == len(own.values)
    assert_alike(ours, own)
    assert str(ours.outcome) == str(own.outcome)


def test_a_foreign_battery_gives_no_gradient() -> None:
    with pytest.raises(InputError, match="the battery does not serve 'gradient', which energy_slope asks for"):
        energy_slope(linked(compact()), WLTC, ["battery.mass_kg"])


def test_a_batch_drives_foreign_batteries_one_by_one() -> None:
    own, ours = BatchRunner().run([compact(), linked(compact())], [WLTC])
    assert own[0].coupling is None
    assert ours[0].coupling is not None
    assert ours[0].battery_energy_J == pytest.approx(own[0].battery_energy_J, rel=1e-9)
