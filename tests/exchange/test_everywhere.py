"""One system with parts in process, in the sandbox and at their owner: the same bytes, also after a party was killed."""

from pathlib import Path

import pytest

from covolt.errors import ComponentFailed, Unavailable
from covolt.exchange.hosted import Deadlines, HostedComponent
from covolt.exchange.master import Connection, Method, Part, Port, System, join, run
from covolt.exchange.sandbox import Program, SandboxedComponent
from covolt.exchange.sandbox.python_class import FACTORY
from tests.exchange.hosted.parts import Lag as FarLag
from tests.exchange.hosted.world import world
from tests.exchange.sandbox import lag as near_module

pytestmark = pytest.mark.whole
SYSTEM = System(
    "two lags",
    (Part("near", {"time_constant": 0.7}), Part("far", {"gain": 2.5})),
    (
        Connection(Port("near", "y"), Port("far", "input")),
        Connection(Port("far", "output"), Port("near", "u"), factor=-1.0, offset=1.0),
    ),
)
METHOD = Method(0.25, prediction="linear")
SPAN_S = 20.0


@pytest.fixture
def near(tmp_path):
    """The near lag in a worker."""
    folder = tmp_path / "near"
    folder.mkdir(mode=0o700)
    (folder / "lag.py").write_text(Path(near_module.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    try:
        component = SandboxedComponent(
            Program("lag", FACTORY, folder, {"file": "lag.py", "class": "Lag", "arguments": {}})
        )
    except Unavailable as error:
        pytest.skip(f"this machine cannot keep foreign code apart: {error}")
    yield component
    component.close()


@pytest.fixture
def house(tmp_path):
    """The owner of the far lag, and the hub to which it dials."""
    at = tmp_path / "house"
    at.mkdir()
    with world(at) as made, made.hub() as hub:
        made.open_hub = hub
        yield made


def hosted(house):
    return HostedComponent(house.open_hub, "battery-works", "lag", Deadlines(step_s=2.0, call_s=20.0, joining_s=30.0))


def here():
    return run(join(SYSTEM, {"near": near_module.Lag(), "far": FarLag()}), SPAN_S, METHOD)


def test_runs_are_equal_to_the_bit_wherever_parts_run(near, house):
    house.party(house.open_hub)
    expected = here()
    apart = run(join(SYSTEM, {"near": near, "far": FarLag()}), SPAN_S, METHOD)
    away = run(join(SYSTEM, {"near": near, "far": hosted(house)}), SPAN_S, METHOD)
    assert expected.digest == apart.digest == away.digest
    assert expected.step_count == 80
    assert away.waiting["far"].calls == 80


def test_a_party_that_is_killed_stops_the_run_which_names_it(house):
    house.party(house.open_hub, fault="killed", fault_at_s=9.0)
    with pytest.raises(ComponentFailed) as raised:
        run(join(SYSTEM, {"near": near_module.Lag(), "far": hosted(house)}), SPAN_S, METHOD)
    problem = raised.value.problems[0]
    assert "battery-works" in f"{problem.where} {problem.what}"
    assert "at 9" in f"{problem.where} {problem.what}"


def test_a_party_that_comes_back_ends_in_the_same_bytes(house):
    sick = {"fault": "killed", "fault_at_s": 9.0}
    house.party(house.open_hub, **sick)
    part = hosted(house)
    usual = part.resume

    def resume():
        house.party(house.open_hub, **sick)
        usual()

    part.resume = resume
    method = Method(0.25, prediction="linear", most_resumes=1)
    done = run(join(SYSTEM, {"near": near_module.Lag(), "far": part}), SPAN_S, method)
    assert done.waiting["far"].resumed == 1
    assert done.digest == here().digest
