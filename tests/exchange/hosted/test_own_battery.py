"""covolt's own pack behind the ports of its interface."""

import hashlib

import jax
import numpy as np
import pytest

from covolt.errors import ComponentFailed, InputError
from covolt.exchange.own_battery import own_battery
from covolt.vehicle.battery import generic_pack

STEPS = 150
PACK = generic_pack(2.0e8)
WIRED = ("state_of_charge", "temperature", "voltage", "discharge_power_limit", "charge_power_limit", "unserved_power")


def asked(scale):
    """Discharging and charging, heating and a cold day, over steps of changing length."""
    at = np.arange(STEPS)
    steps_s = np.where(at % 7 == 0, 0.5, 1.0)
    columns = (scale * np.sin(0.11 * at) - 0.3 * scale, np.where(at > 60, 800.0, -200.0), np.full(STEPS, 268.15))
    return steps_s, np.stack(columns, axis=1)


def part(given="power"):
    one = own_battery(PACK, "pack", given)
    one.wire((given, "heating", "ambient_temperature"), (*WIRED, "current" if given == "power" else "power"))
    return one


def digest(numbers):
    return hashlib.sha256(np.ascontiguousarray(numbers).tobytes()).hexdigest()


def test_a_window_equals_its_steps_to_the_bit():
    steps_s, inputs = asked(4.0e4)
    one = part()
    begin = one.start({"state_of_charge_start": 0.7, "temperature_start": 280.0}, inputs[0])
    whole = one.window(0.0, steps_s, inputs)
    assert np.array_equal(one.start({"state_of_charge_start": 0.7, "temperature_start": 280.0}, inputs[0]), begin)
    times_s = np.cumsum(steps_s) - steps_s
    single = np.stack([one.step(t, dt, row) for t, dt, row in zip(times_s, steps_s, inputs, strict=True)])
    assert digest(single) == digest(whole)
    assert np.ptp(whole[:, 0]) > 0.001


def test_it_is_the_pack_of_the_vehicle():
    steps_s, inputs = asked(4.0e4)
    one = part()
    one.start({"state_of_charge_start": 0.7, "temperature_start": 280.0}, inputs[0])
    found = one.window(0.0, steps_s, inputs)
    step, state = jax.jit(PACK.step.__func__), PACK.start(0.7, 280.0)
    for row, (dt_s, (power_W, heat_W, ambient_K)) in enumerate(zip(steps_s, inputs, strict=True)):
        state, signals = step(PACK, state, power_W, max(heat_W, 0.0), max(-heat_W, 0.0), ambient_K, dt_s)
        limits = PACK.limits(state, dt_s)
        expected = (PACK.state_of_charge(state), state.temperature_K, signals.voltage_V, limits.discharge_power_W)
        assert found[row, :4] == pytest.approx([float(number) for number in expected], rel=1e-12)
        assert found[row, 6] == pytest.approx(float(signals.current_A), rel=1e-12)


def test_a_current_is_carried_exactly():
    steps_s, inputs = asked(150.0)
    one = part("current")
    one.start({"state_of_charge_start": 0.7}, inputs[0])
    powers_W = one.window(0.0, steps_s, inputs)[:, 6]
    other = part("power")
    other.start({"state_of_charge_start": 0.7}, inputs[0])
    given = inputs.copy()
    given[:, 0] = powers_W
    assert other.window(0.0, steps_s, given)[:, 6] == pytest.approx(inputs[:, 0], rel=1e-11, abs=1e-9)


def test_limits_hold_over_the_next_step_that_is_named():
    one = own_battery(PACK, given="power")
    one.wire(("power", "next_step"), ("discharge_power_limit",))
    one.start({"state_of_charge_start": 0.02}, np.array([0.0, 600.0]))
    for_long = one.step(0.0, 1.0, np.array([0.0, 600.0]))
    assert one.step(1.0, 1.0, np.array([0.0, 0.0])) > 1.5 * for_long


def test_a_state_goes_back_and_out_and_in_to_the_bit():
    steps_s, inputs = asked(4.0e4)
    one, other = part(), part()
    one.start({"state_of_charge_start": 0.5, "ageing_capacity_ratio": 0.8}, inputs[0])
    one.window(0.0, steps_s[:50], inputs[:50])
    state = one.save()
    written = one.serialise(state)
    expected = one.window(50.0, steps_s[50:], inputs[50:])
    one.restore(state)
    assert digest(one.window(50.0, steps_s[50:], inputs[50:])) == digest(expected)
    other.restore(other.deserialise(written))
    assert digest(other.window(50.0, steps_s[50:], inputs[50:])) == digest(expected)
    one.forget(state)
    with pytest.raises(InputError, match=r"no state is kept"):
        one.restore(state)


@pytest.mark.parametrize("damage", [b"", b"covolt state 1\n", "cut", "other"])
def test_bytes_that_are_no_state_are_refused(damage):
    one = part()
    one.start({}, np.zeros(3))
    written = one.serialise(one.save())
    bad = {"cut": written[:-8], "other": written[:20] + b"\0" + written[21:]}.get(damage, damage)
    with pytest.raises(InputError, match="no state of this part"):
        one.deserialise(bad)


def test_ageing_takes_capacity_and_adds_resistance():
    steps_s, inputs = asked(-3.0e4)
    new, old = part(), part()
    found = []
    for one, aged in ((new, {}), (old, {"ageing_capacity_ratio": 0.8, "ageing_resistance_ratio": 1.5})):
        one.start({"state_of_charge_start": 0.8, **aged}, inputs[0])
        found.append(one.window(0.0, steps_s, inputs)[-1, 0])
    assert found[1] - 0.8 == pytest.approx((found[0] - 0.8) / 0.8, rel=0.05)


def test_every_wrong_name_is_told_at_once():
    one = part()
    with pytest.raises(InputError) as told:
        one.wire(("powr", "voltage"), ("heating",))
    assert len(told.value.problems) == 3
    with pytest.raises(InputError) as told:
        one.start({"temperature": 1.0, "temperature_start": float("nan")}, np.zeros(3))
    assert len(told.value.problems) == 2


def test_it_is_started_first_and_closed_twice():
    one = part()
    with pytest.raises(ComponentFailed, match="was not started"):
        one.step(3.0, 1.0, np.zeros(3))
    one.start({}, np.zeros(3))
    one.close()
    one.close()
    with pytest.raises(ComponentFailed):
        one.step(0.0, 1.0, np.zeros(3))


def test_it_says_what_it_is():
    told = own_battery(PACK).description
    assert told.capabilities.serialises
    assert told.digest != own_battery(generic_pack(1.0e8)).description.digest
    assert {one.name: one.start for one in told.variables}["mass"] == pytest.approx(float(PACK.mass_kg))
    assert [one.name for one in told.of("output")][1] == "power"
    assert told.feedthrough is not None
    assert told.feedthrough["voltage"] == ("current",)


def test_values_that_are_not_wired():
    one = part()
    one.start({"state_of_charge_start": 0.4}, np.array([0.0, 0.0, 300.0]))
    one.set_values({"next_step": 5.0})
    assert one.get_values(["next_step", "ambient_temperature", "state_of_charge", "state_of_charge_start"]) == {
        "next_step": 5.0,
        "ambient_temperature": 300.0,
        "state_of_charge": 0.4,
        "state_of_charge_start": 0.4,
    }
    with pytest.raises(InputError):
        one.set_values({"voltage": 1.0})
    with pytest.raises(InputError):
        one.get_values(["volt"])


@pytest.mark.parametrize("given", ["power", "current"])
@pytest.mark.parametrize("step_s", [1.0, 60.0, 900.0])
def test_a_pack_is_charged_to_full_and_no_further(given, step_s):
    """What the cells took, the rest unserved, is the charge from where it stood to exactly full."""
    one = own_battery(PACK, "pack", given)
    one.wire([given], ["state_of_charge", "unserved_power", "power" if given == "current" else "current"])
    asked = 40.0 if given == "current" else 15e3
    one.start({"state_of_charge_start": 0.97}, np.array([0.0]))
    charge, unserved_W, _ = one.window(
        0.0, np.full(round(5400.0 / step_s), step_s), np.full((round(5400.0 / step_s), 1), asked)
    ).T
    assert charge[-1] == pytest.approx(1.0, abs=1e-9)
    assert np.max(charge) <= 1.0 + 1e-9
    assert unserved_W[-1] > 0.9 * (asked if given == "power" else asked * 340.0)
    carried = charge < 1.0 - 1e-9
    assert np.all(np.abs(unserved_W[carried]) < 1e-6)


def test_an_emptied_pack_gives_a_little_for_the_loads_of_its_vehicle_and_then_nothing():
    one = own_battery(PACK, "pack", "power")
    one.wire(["power"], ["state_of_charge", "unserved_power"])
    one.start({"state_of_charge_start": 0.002}, np.array([0.0]))
    charge, unserved_W = one.window(0.0, np.full(200, 60.0), np.full((200, 1), -5e3)).T
    assert charge[-1] == pytest.approx(-0.005, abs=1e-9)
    assert unserved_W[-1] == pytest.approx(-5e3, rel=1e-9)
