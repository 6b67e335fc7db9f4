"""FMUs that others gave away: two halves of masses and springs that integrate at the step of the exchange."""

import numpy as np
import pytest

from covolt.exchange.fmu import open_in_worker, unpacked
from covolt.exchange.master import Connection, Method, Part, Port, System, examine, join, run
from tests.exchange.master.test_examination import closed_form
from tests.exchange.wheels import fmus_of

pytestmark = pytest.mark.whole
SPAN_S = 40.0
HALVES = System(
    "masses and springs",
    (Part("one"), Part("two")),
    (Connection(Port("one", "x1"), Port("two", "x1")), Connection(Port("two", "x2"), Port("one", "x2"))),
)


@pytest.fixture(scope="module")
def fmus():
    return fmus_of("gemseo-fmu", "3.1.1", "gemseo_fmu/problems/fmu_files/linux/")


def opened(fmus, name, folder):
    target = folder / name
    unpacked(fmus[name], target)
    return open_in_worker(target, {})


def halves(fmus, folder):
    return {
        "one": opened(fmus, "MassSpringSubSystem1", folder),
        "two": opened(fmus, "MassSpringSubSystem2", folder),
    }


def test_their_growing_amplitude_is_found_and_said(fmus, tmp_path):
    joined = join(HALVES, halves(fmus, tmp_path))
    found = examine(joined, SPAN_S, Method(0.02))
    first = found.runs[0]
    exact = closed_form(first.time_s)[0]
    last = first.time_s > 0.75 * SPAN_S
    place = first.of("one", "x1")
    assert np.abs(place - exact).max() > 0.5
    effects = {str(effect.port): effect for effect in found.effects}
    assert effects["one.x1"].swing_ratio == pytest.approx(np.std(place[last]) / np.std(exact[last]), rel=0.05)
    told = [str(one) for one in found.telling]
    assert len(told) == 4
    assert all("swings ever wider by the step alone" in one for one in told)
    joined.close()


def test_their_whole_agrees_with_them_to_the_last_digit_and_is_wrong_with_them(fmus, tmp_path):
    joined = join(HALVES, halves(fmus, tmp_path))
    whole = join(System("whole", (Part("whole"),)), {"whole": opened(fmus, "MassSpringSystem", tmp_path)})
    apart, together = run(joined, SPAN_S, Method(0.02)), run(whole, SPAN_S, Method(0.02))
    assert np.array_equal(apart.of("one", "x1"), together.of("whole", "x1"))
    assert str(examine(whole, SPAN_S, Method(0.02)).telling[0]).startswith("whole.")
    joined.close()
    whole.close()
