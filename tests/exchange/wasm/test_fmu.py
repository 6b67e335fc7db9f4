"""An FMU whose binary is a WebAssembly component: values, events, clocks, states, and what ends it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from covolt.errors import ComponentFailed, InputError
from covolt.exchange.component import Component
from covolt.exchange.fmu.opening import open_in_worker, unpacked
from covolt.exchange.wasm import component_name
from tests.exchange.wasm.fmus import lag_fmu

FORMS = ["co-simulation", "model exchange"]
LOOP, SHORT, NOT_A_NUMBER, STEP_DISCARD, STEP_ERROR, STEP_FATAL, EARLY, RISING = 1, 3, 7, 5, 8, 6, 12, 16


def opened(folder: Path, form: str, options: Mapping[str, Any] | None = None, **made: Any) -> Component:
    """The lag as the sandbox's worker opens it."""
    inside = folder / "unpacked"
    inside.mkdir()
    unpacked(lag_fmu(folder / "lag.fmu", *FORMS, **made), inside, form)
    return open_in_worker(inside, {"form": form, "deadline_s": 5.0, **(options or {})})


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def lag(tmp_path: Path, form: str) -> Iterator[Component]:
    one = opened(tmp_path, form)
    yield one
    one.close()


def lagging(time_s: float, u: float = 5.0, constant_s: float = 0.5) -> float:
    """T dx/dt = u - x from rest."""
    return u * (1.0 - math.exp(-time_s / constant_s))


def test_says_what_it_is(lag: Component, form: str) -> None:
    assert lag.description.form == f"FMI 3.0 {form}, WebAssembly"
    assert lag.description.capabilities.serialises


def test_steps_and_windows_follow_the_equation(lag: Component, form: str) -> None:
    lag.wire(["u", "v[2]", "flag"], ["x", "s", "half"])
    given = np.array([5.0, 7.0, 1.0])
    first = lag.start({"T": 0.5, "v": np.array([1.0, 2.0, 3.0])}, given, 0.0, 1.0)
    assert first.tolist() == [0.0, 11.0, 2.5]
    stepped = np.array([lag.step(0.1 * k, 0.1, given) for k in range(10)])
    exact = [lagging(0.1 * (k + 1)) for k in range(10)]
    assert stepped[:, 0] == pytest.approx(exact, rel=1e-12 if form == "co-simulation" else 1e-5)
    lag.start({"T": 0.5, "v": np.array([1.0, 2.0, 3.0])}, given, 0.0, 1.0)
    times_s = np.array([0.1 * k for k in range(10)])
    rows = [lag.window(time_s, np.array([0.1]), given[None, :])[0] for time_s in times_s]
    assert np.array_equal(np.array(rows), stepped)


def test_values_of_every_kind_and_resized_arrays(lag: Component) -> None:
    lag.wire(["u"], ["s"])
    given = {
        "n": 5,
        "v": np.arange(5.0),
        "big": 2**62 + 1,
        "word": "Напряжение",
        "bytes": b"\0\xff",
        "file": "data.txt",
    }
    assert lag.start(given, np.zeros(1)).tolist() == [10.0]
    found = lag.get_values(["n", "v", "big", "word", "echo", "read"])
    assert found["n"] == 5
    assert np.array_equal(np.asarray(found["v"]), np.arange(5.0))
    assert (found["big"], found["word"], found["echo"]) == (2**62 + 1, "Напряжение", b"\0\xff")
    assert found["read"] == bytes(range(256))


def test_states_are_kept_and_leave_as_bytes(lag: Component) -> None:
    lag.wire(["u"], ["x"])
    given = np.array([5.0])
    lag.start({}, given)
    lag.step(0.0, 0.5, given)
    kept = lag.save()
    outside = lag.serialise(kept)
    ahead = lag.step(0.5, 0.5, given).tolist()
    lag.restore(kept)
    assert lag.step(0.5, 0.5, given).tolist() == ahead
    lag.forget(kept)
    lag.restore(lag.deserialise(outside))
    assert lag.step(0.5, 0.5, given).tolist() == ahead


def test_clocks_tick_when_they_are_due(tmp_path: Path, form: str) -> None:
    one = opened(tmp_path, form, events=True, interval_s=0.25)
    one.wire(["u"], ["ticks"])
    ticks = [one.start({}, np.zeros(1))[0]]
    ticks += [one.step(0.1 * k, 0.1, np.zeros(1))[0] for k in range(10)]
    assert ticks == [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5]
    one.close()


def test_triggered_clock_ticks_where_it_is_set(tmp_path: Path, form: str) -> None:
    one = opened(tmp_path, form, events=True)
    one.wire([], ["ticks"])
    one.start({}, np.zeros(0))
    one.set_values({"tick": True})
    one.set_values({"tick": True})
    assert one.get_values(["ticks"]) == {"ticks": 2}
    one.close()


def test_time_and_state_events_of_a_model_exchange(tmp_path: Path) -> None:
    one = opened(tmp_path, "model exchange")
    one.wire(["u"], ["x"])
    one.start({"wrong": RISING, "T": 1e9}, np.zeros(1))
    assert one.step(0.0, 1.0, np.zeros(1)) == pytest.approx([4.0], rel=1e-6)
    one.start({"T": 0.1}, np.array([20.0]))
    # Up to 10, where it falls to 1; then again.
    first_s = 0.1 * math.log(2.0)
    again_s = 0.1 * math.log(19.0 / 10.0)
    rest_s = 0.2 - first_s - 2 * again_s
    assert one.step(0.0, 0.2, np.array([20.0])) == pytest.approx([20.0 - 19.0 * math.exp(-rest_s / 0.1)], rel=1e-4)
    one.close()


def test_early_return_is_gone_on_from_where_it_is_allowed(tmp_path: Path) -> None:
    one = opened(tmp_path, "co-simulation", events=True)
    one.wire(["u"], ["x"])
    one.start({"wrong": EARLY, "T": 0.5}, np.array([5.0]))
    assert one.step(0.0, 1.0, np.array([5.0])) == pytest.approx([lagging(1.0)], rel=1e-12)
    one.close()


def test_early_return_that_nobody_allowed_is_refused(tmp_path: Path) -> None:
    one = opened(tmp_path, "co-simulation")
    one.wire(["u"], ["x"])
    one.start({"wrong": EARLY}, np.array([5.0]))
    with pytest.raises(ComponentFailed, match=r"returned early at 0\.05 s"):
        one.step(0.0, 1.0, np.array([5.0]))
    one.close()


@pytest.mark.parametrize(
    ("form", "wrong", "said"),
    [
        ("co-simulation", LOOP, r"lag, do-step at 0\.1 s: did not return within its deadline of 0\.2 s"),
        ("model exchange", LOOP, "lag, get-continuous-state-derivatives at 0.* s: did not return within its deadline"),
        ("co-simulation", SHORT, "gave 0 values where it has 1"),
        ("model exchange", SHORT, "gave 0 values where it has 1"),
        ("model exchange", NOT_A_NUMBER, r"derivative der\(x\) is no finite number"),
        ("co-simulation", STEP_DISCARD, "discard.*it does not converge"),
        ("co-simulation", STEP_ERROR, "error.*it does not converge"),
        ("co-simulation", STEP_FATAL, "fatal.*it does not converge"),
    ],
)
def test_what_ends_it_is_named_and_it_can_be_started_anew(tmp_path: Path, form: str, wrong: int, said: str) -> None:
    one = opened(tmp_path, form, {"deadline_s": 0.2})
    one.wire(["u"], ["x"])
    given = np.array([5.0])
    began_s = time.monotonic()
    with pytest.raises(ComponentFailed, match=said):
        one.start({"wrong": wrong}, given)
        one.step(0.1, 0.1, given)
    assert time.monotonic() - began_s < 10.0
    one.start({"T": 0.5}, given)
    assert one.step(0.0, 1.0, given) == pytest.approx([lagging(1.0)], rel=1e-5)
    one.close()


def test_token_of_another_export_is_told(tmp_path: Path) -> None:
    one = opened(tmp_path, "co-simulation", token="{other}")
    one.wire([], [])
    with pytest.raises(InputError, match="the token is not mine"):
        one.start({}, np.zeros(0))
    one.close()


def test_component_is_taken_before_the_binary_of_this_machine_unless_that_is_asked_for(tmp_path: Path) -> None:
    path = lag_fmu(tmp_path / "lag.fmu", "co-simulation")
    (tmp_path / "a").mkdir()
    model, chosen = unpacked(path, tmp_path / "a")
    assert (tmp_path / "a" / component_name(model.interfaces[chosen].identifier)).is_file()
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match=r"no binary for this machine.*it has wasm32-wasip2"):
        unpacked(path, tmp_path / "b", native=True)
