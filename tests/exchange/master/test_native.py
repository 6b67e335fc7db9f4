"""Steps in machine code answer as those that are asked one by one, to the bit, and fail as they do."""

import platform

import numpy as np
import pytest

from covolt.errors import ComponentFailed
from covolt.exchange.fmu import open_in_worker, unpacked
from covolt.exchange.master import Bond, Connection, Method, Part, Port, Range, Side, System, join, run
from covolt.exchange.master import running as running_module
from tests.exchange.master.linear_fmu import linear_fmu
from tests.exchange.master.native_part import NativePart
from tests.exchange.master.parts import MOTOR

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the loop in machine code is for x86-64 alone")
INDUCTANCE, RESISTANCE, K = MOTOR["inductance_H"], MOTOR["resistance_Ohm"], MOTOR["constant_Nm_per_A"]
CONNECTIONS = (
    Connection(Port("electric", "y0"), Port("mechanical", "u0")),
    Connection(Port("mechanical", "y0"), Port("electric", "u1")),
    Connection(Port("electric", "y1"), Port("thermal", "u0"), factor=2.0, offset=0.125),
)
BOND = Bond("shaft", Side("electric", "y0", "u1"), Side("mechanical", "y0", "u0"))


@pytest.fixture(scope="module")
def fmus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fmus")
    electric = linear_fmu(folder, "electric", -RESISTANCE / INDUCTANCE, [1 / INDUCTANCE, -K / INDUCTANCE], [K, 1.0])
    mechanical = linear_fmu(folder, "mechanical", -0.5, [500.0], [1.0])
    return {
        "electric": electric,
        "mechanical": mechanical,
        "thermal": linear_fmu(folder, "thermal", -0.1, [0.01], [1.0]),
    }


def system(ranges=(), connections=CONNECTIONS):
    parts = tuple(Part(name) for name in ("electric", "mechanical", "thermal"))
    return System("motor", parts, connections, (BOND,), {Port("electric", "u0"): 12.0}, ranges)


def parts(fmus, *, offers, **fmu_of):
    sizes = {"electric": (2, 2), "mechanical": (1, 1), "thermal": (1, 1)}
    return {name: NativePart(fmu_of.get(name, fmus[name]), *size, offers=offers) for name, size in sizes.items()}


@pytest.fixture
def native_runs(monkeypatch):
    """How many steps were taken in machine code."""
    counted = []
    usual = running_module.NativeSteps.run

    def counting(self, recorder, first, last, start_s):
        counted.append(last - first)
        usual(self, recorder, first, last, start_s)

    monkeypatch.setattr(running_module.NativeSteps, "run", counting)
    return counted


@pytest.mark.parametrize("prediction", ["held", "linear"])
@pytest.mark.parametrize(("span_s", "keep_every"), [(0.4, 1), (0.4005, 3), (5.0, 7)])
def test_both_ways_are_equal_to_the_bit(fmus, native_runs, prediction, span_s, keep_every):
    method = Method(1e-3, prediction=prediction, keep_every=keep_every)
    asked, native = (run(join(system(), parts(fmus, offers=offers)), span_s, method) for offers in (False, True))
    assert native_runs == [asked.step_count - 2]
    assert native.digest == asked.digest
    assert native.bonds == asked.bonds
    assert {name: one.calls for name, one in native.waiting.items()} == {
        name: one.calls for name, one in asked.waiting.items()
    }
    assert all(one.waited_s > 0.0 for one in native.waiting.values())


def test_where_one_part_does_not_offer_its_functions_all_are_asked(fmus, native_runs):
    mixed = {**parts(fmus, offers=True), "thermal": parts(fmus, offers=False)["thermal"]}
    run(join(system(), mixed), 0.4, Method(1e-3))
    assert native_runs == []


def test_parts_know_how_far_they_came(fmus):
    offered = parts(fmus, offers=True)
    run(join(system(), offered), 0.4, Method(1e-3))
    assert offered["electric"].reached_s == pytest.approx(0.399)


def failure_of(joined):
    with pytest.raises(ComponentFailed) as raised:
        run(joined, 0.4, Method(1e-3))
    return [(one.where, one.what) for one in raised.value.problems]


@pytest.mark.parametrize("ending", [{"fails_s": 0.3}, {"breaks_s": 0.3}])
def test_a_part_that_fails_is_named_as_where_it_is_asked(fmus, tmp_path, ending, native_runs):
    broken = linear_fmu(tmp_path, "mechanical", -0.5, [500.0], [1.0], **ending)
    told = [failure_of(join(system(), parts(fmus, offers=offers, mechanical=broken))) for offers in (False, True)]
    assert native_runs
    assert told[0] == told[1]
    assert "mechanical" in told[0][0][0]


@pytest.mark.parametrize(
    "bound",
    [
        Range(Port("mechanical", "y0"), maximum=50.0),
        Range(Port("thermal", "u0"), maximum=20.0),
        Range(Port("electric", "y1"), -1.0, 30.0),
    ],
)
def test_a_value_out_of_its_range_is_named_as_where_it_is_asked(fmus, bound, native_runs):
    told = [failure_of(join(system((bound,)), parts(fmus, offers=offers))) for offers in (False, True)]
    assert native_runs
    assert told[0] == told[1]
    assert str(bound.port) in told[0][0][0]


def test_negative_zero_keeps_its_sign(fmus):
    still = system(connections=CONNECTIONS[:2])
    runs = [run(join(still, parts(fmus, offers=offers)), 0.4, Method(1e-3)) for offers in (False, True)]
    assert np.array_equal(np.signbit(runs[0].values), np.signbit(runs[1].values))


def test_components_of_fmus_offer_their_functions_and_answer_the_same(fmus, tmp_path, native_runs, monkeypatch):
    def opened():
        made = {}
        for name, path in fmus.items():
            folder = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
            unpacked(path, folder)
            made[name] = open_in_worker(folder, {})
        return made

    method = Method(1e-3, prediction="linear")
    native = run(join(system(), opened()), 0.4, method)
    assert native_runs == [native.step_count - 2]
    monkeypatch.setattr(running_module, "WORTH_STEPS", 10**9)
    asked = run(join(system(), opened()), 0.4, method)
    assert len(native_runs) == 1
    assert native.digest == asked.digest
    assert native.digest == run(join(system(), parts(fmus, offers=False)), 0.4, method).digest
