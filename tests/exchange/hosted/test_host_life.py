"""A host tells its owner what becomes of it: failures in his own words, a spent budget, what the hub waits for instead."""

import json
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from covolt.errors import ComponentEnded, ComponentFailed, CovoltError
from covolt.exchange.hosted import Deadlines, HostedComponent
from covolt.exchange.hosted.budget import Budget
from covolt.exchange.hosted.diary import Diary
from covolt.exchange.hosted.hosting import Hosting
from tests.exchange.hosted.parts import SECRET, Lag
from tests.exchange.hosted.world import world

QUICK = Deadlines(step_s=1.0, call_s=10.0, joining_s=15.0)
ZERO = np.zeros(1)


class Broken(Lag):
    """Raises what no component of covolt would."""

    def step(self, time_s, step_s, inputs):
        raise KeyError(SECRET)


@pytest.fixture
def here(tmp_path):
    with world(tmp_path) as made, made.hub() as hub:
        made.open_hub = hub
        yield made


@contextmanager
def hosting(here, part, identity=None, **options):
    """A host in a thread: what it said, and what ended it."""
    end, said, raised = threading.Event(), [], []
    one = Hosting(
        part,
        f"127.0.0.1:{here.open_hub.port}",
        identity or here.identity("battery-works"),
        lambda told: said.append(str(told)),
        log=lambda hello: Diary(here.folder / "left.log", hello),
        **options,
    )

    def run():
        try:
            one.run(end.is_set)
        except CovoltError as error:
            raised.append(error)

    worker = threading.Thread(target=run)
    worker.start()
    try:
        yield said, raised, worker
    finally:
        end.set()
        worker.join()


def wait_for(reached):
    end_s = time.monotonic() + 20.0
    while not reached():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def taken(said):
    wait_for(lambda: any("has taken the part" in one for one in said))


def test_what_the_owners_class_raises_is_shown_to_its_owner_alone(here):
    with hosting(here, Broken()) as (said, _, _):
        one = HostedComponent(here.open_hub, "battery-works", "lag", QUICK)
        one.start({}, ZERO)
        with pytest.raises(ComponentFailed, match="its model failed") as failed:
            one.step(0.0, 1.0, ZERO)
        assert SECRET not in str(failed.value)
        HostedComponent(here.open_hub, "battery-works", "lag", QUICK)
    told = "\n".join(said)
    assert "Traceback" in told
    assert f"KeyError: '{SECRET}'" in told
    assert "the stream ended, since the part failed as told above" in told
    lines = [json.loads(one) for one in (here.folder / "left.log").read_text().splitlines()]
    assert SECRET in next(one["why"] for one in lines if one["call"] == "failed")


def test_an_answer_that_is_no_number_is_told_to_its_owner_too(here, tmp_path):
    with hosting(here, Lag(fault="nan", fault_at_s=0.0, folder=tmp_path)) as (said, _, _):
        one = HostedComponent(here.open_hub, "battery-works", "lag", QUICK)
        one.start({}, ZERO)
        with pytest.raises(ComponentFailed, match=r"no finite number\n.*its owner must mend its model"):
            one.step(0.0, 1.0, ZERO)
    assert "the part answered what is no finite number" in " ".join(said)


def test_a_budget_that_is_spent_ends_the_host(here, tmp_path):
    budget = Budget(tmp_path / "budget.json", 5, "2026-03-31")
    with hosting(here, Lag(), budget=budget) as (_, raised, worker):
        one = HostedComponent(here.open_hub, "battery-works", "lag", QUICK)
        one.start({}, ZERO)
        with pytest.raises(ComponentEnded, match=r"the budget is spent\n.*ask battery-works"):
            one.window(0.0, np.ones(5), np.zeros((5, 1)))
        worker.join(10.0)
    assert "the budget of lag is spent: 1 of 5 steps since 2026-03-31, and 5 more are asked" in str(raised[0])


def test_who_came_instead_is_told_to_both_sides(here):
    soon = Deadlines(joining_s=0.1)
    with hosting(here, Lag("my pack")) as (said, _, _):
        taken(said)
        with pytest.raises(ComponentFailed, match=r"within 0\.1 s; battery-works came with my pack\n.*--as lag"):
            HostedComponent(here.open_hub, "battery-works", "lag", soon)
        wait_for(lambda: any("the hub waits for lag, not for my pack" in one for one in said))
    with hosting(here, Lag(), here.identity("drive-works")) as (said, _, _):
        taken(said)
        with pytest.raises(ComponentFailed, match="drive-works came with lag"):
            HostedComponent(here.open_hub, "battery-works", "lag", soon)
        wait_for(lambda: any("the hub waits for lag (battery-works), not for lag" in one for one in said))


def test_a_reason_that_is_repeated_is_said_once(here, monkeypatch):
    monkeypatch.setattr("covolt.exchange.hosted.hosting.SHORTEST_s", 0.05)
    here.open_hub.close()
    with hosting(here, Lag()) as (said, _, _):
        time.sleep(1.0)
    assert len(said) == 1
    assert "Connection refused; dialling again" in said[0]
