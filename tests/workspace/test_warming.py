"""What is computed before anybody asks: it is there, says nothing to anybody, and gives way to whoever tries something."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

from covolt.errors import Cancelled
from covolt.workspace import computing
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


def test_who_waits_for_every_uncertainty_is_let_go_when_the_workspace_ends(workspace, monkeypatch):
    nominal = computing.verify

    def endless(*given, surely=True, cancelled=None, **more):
        if not surely:
            return nominal(*given, surely=False, **more)
        while not cancelled():
            sleep(0.01)
        raise Cancelled([])

    monkeypatch.setattr(computing, "verify", endless)
    with ThreadPoolExecutor(1) as pool:
        wanted = [("battery", "mass", "272 kg")]
        waiting = pool.submit(workspace.verdicts, NAME, of("battery-works"), wanted, wait_s=600.0)
        sleep(2.0)
        assert not waiting.done()
        workspace.let_go()
        assert not waiting.result(30.0).surely


def test_who_comes_back_to_a_number_whose_computation_is_just_being_given_up_has_its_uncertainties(
    workspace, monkeypatch
):
    real, begun = computing.verify, list[bool]()

    def slow_to_stop(*given, surely=True, cancelled=None, **more):
        if surely and not begun:
            begun.append(True)
            while not cancelled():
                sleep(0.01)
            sleep(2.0)
            raise Cancelled([])
        return real(*given, surely=surely, cancelled=cancelled, **more)

    monkeypatch.setattr(computing, "verify", slow_to_stop)
    first, second = ([("battery", "mass", f"{mass} kg")] for mass in (273, 274))
    assert not workspace.verdicts(NAME, of("battery-works"), first, wait_s=0.3).surely
    assert begun
    workspace.verdicts(NAME, of("battery-works"), second)
    assert workspace.verdicts(NAME, of("battery-works"), first, wait_s=60.0).surely
