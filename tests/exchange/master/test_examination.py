"""What the step does to an answer is found and said: two halves of masses and springs against their closed form."""

import numpy as np
import pytest

from covolt.exchange.master import Connection, Method, Part, Port, System, examine, join
from tests.exchange.master.parts import METRE, SPEED, Linear
from tests.exchange.master.test_running import motor

SPAN_S = 30.0


def closed_form(time_s):
    """Both places of x1'' = -2 x1 + x2, x2'' = x1 - 2 x2 from x1 = 0, v1 = 1, x2 = 1, v2 = 0, by their two modes."""
    fast = np.sqrt(3.0) * time_s
    total, apart = np.cos(time_s) + np.sin(time_s), np.sin(fast) / np.sqrt(3.0) - np.cos(fast)
    return 0.5 * (total + apart), 0.5 * (total - apart)


class Euler(Linear):
    """As many tools give their models away: explicit Euler at the step of the exchange."""

    def step(self, time_s, step_s, inputs):
        self.x = self.x + step_s * (self.a @ self.x + self.b @ self._of(inputs))
        return (self.c @ self.x)[self.rows]


def half(kind, name, other, begin):
    return kind(name, [[0.0, 1.0], [-2.0, 0.0]], [[0.0], [1.0]], np.eye(2), inputs={f"x{other}": METRE},
                outputs={f"x{name[-1]}": METRE, f"v{name[-1]}": SPEED}, begin=begin)  # fmt: skip


def halves(kind):
    system = System(
        "masses and springs",
        (Part("half1"), Part("half2")),
        (Connection(Port("half1", "x1"), Port("half2", "x1")), Connection(Port("half2", "x2"), Port("half1", "x2"))),
    )
    parts = {"half1": half(kind, "half1", 2, [0.0, 1.0]), "half2": half(kind, "half2", 1, [1.0, 0.0])}
    return join(system, parts)


def test_models_that_integrate_at_the_step_are_found_by_their_growth():
    found = examine(halves(Euler), SPAN_S, Method(0.02))
    exact = closed_form(found.runs[0].time_s)
    places = [found.runs[0].of(part, name) for part, name in (("half1", "x1"), ("half2", "x2"))]
    last = found.runs[0].time_s > 0.75 * SPAN_S
    for effect, place, true in zip([found.effects[0], found.effects[2]], places, exact, strict=True):
        assert effect.grows
        # What is said without knowing the closed form is what the closed form says.
        assert effect.swing_ratio == pytest.approx(np.std(place[last]) / np.std(true[last]), rel=0.05)
        assert effect.swing_ratio > 1.3
    told = [str(one) for one in found.telling]
    assert len(told) == 4
    assert told[0].startswith("half1.x1 swings ever wider by the step alone: in the end 1.")


def test_models_that_integrate_exactly_do_not_grow_where_inputs_are_foreseen():
    found = examine(halves(Linear), SPAN_S, Method(0.02, prediction="linear"))
    assert not found.telling
    assert found.runs[0].of("half1", "x1") == pytest.approx(closed_form(found.runs[0].time_s)[0], abs=5e-3)


def test_held_inputs_do_the_same_to_exact_models_and_it_is_said():
    """The delay of held inputs feeds every oscillation, whatever integrates the parts."""
    found = examine(halves(Linear), SPAN_S, Method(0.02))
    assert any(effect.grows or effect.dies for effect in found.effects)
    assert found.telling


def test_what_only_changes_is_told_by_its_share():
    found = examine(motor(), 0.1, Method(2e-3))
    assert any(
        "of its span where the step of 0.002 s is halved" in str(one) or "swings" in str(one) for one in found.telling
    )
    assert not examine(motor(), 0.1, Method(2e-5, prediction="linear")).telling


def test_runs_are_compared_at_the_same_times():
    found = examine(motor(), 0.1, Method(1e-3, keep_every=3))
    assert all(
        np.array_equal(found.runs[0].time_s, one.time_s) or one.time_s == pytest.approx(found.runs[0].time_s)
        for one in found.runs
    )
    assert [one.method.step_s for one in found.runs] == [1e-3, 5e-4, 2.5e-4]
