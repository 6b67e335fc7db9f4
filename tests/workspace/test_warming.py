"""What is computed before anybody asks: it is there, says nothing to anybody, and gives way to whoever tries something."""

from covolt.workspace.computing import WARMING
from tests.workspace.conftest import of

NAME = "small-car"


def test_warming_up_computes_and_leaves_no_trace(workspace):
    programmes = workspace.programmes
    heads, told = programmes.heads(NAME), workspace.feed(NAME, of("")).events
    programmes.warm_up(NAME)
    assert workspace.verdicts(NAME, of("")).surely
    assert (programmes.heads(NAME), workspace.feed(NAME, of("")).events) == (heads, told)


def test_what_warms_up_is_given_up_once_somebody_tries_something(workspace):
    workspace.programmes.warm_up(NAME)
    warming = workspace.programmes.computing.wished(WARMING)
    assert warming is not None
    mine = workspace.verdicts(NAME, of("battery-works"), [("battery", "mass", "271 kg")], wait_s=60.0)
    assert mine.surely
    assert warming.is_set()
    assert workspace.programmes.computing.wished(WARMING) is None
