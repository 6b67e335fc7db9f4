"""A party in a network namespace of its own, behind a way with delay and losses."""

import time

import numpy as np
import pytest

from covolt.exchange.hosted import Deadlines, HostedComponent, Hub
from covolt.exchange.missions import AskedMission
from tests.exchange.hosted.parts import Lag
from tests.exchange.hosted.wan import HUB, obstacle, wan
from tests.exchange.hosted.world import world

ROWS = 1800
INPUTS = np.sin(np.arange(ROWS) * 0.01).reshape(-1, 1)


@pytest.mark.slow
def test_a_mission_is_one_trip_and_steps_are_as_they_are_in_process(tmp_path):
    """30 ms and 2 % loss: a mission takes a second or two, and not one trip a step."""
    if why := obstacle():
        pytest.skip(why)
    with world(tmp_path) as here, wan(0.015, 0.02) as network:
        here.hub_identity = here.identity("hub", addresses=(HUB,))
        with Hub(f"{HUB}:0", here.hub_identity, here.trust, here.now) as hub:
            here.party(hub, address=f"{HUB}:{hub.port}", network=network)
            one = HostedComponent(hub, "battery-works", "lag", Deadlines(step_s=10.0, call_s=30.0, joining_s=60.0))
            found, own = [], Lag()
            for part in (one, own):
                part.wire(("input",), ("output", "slope"))
                begun = part.start({"gain": 2.0}, INPUTS[0])
                rows = [part.step(float(at), 1.0, INPUTS[at]) for at in range(40)]
                found.append(np.vstack([begun, rows]).tobytes())
            assert found[0] == found[1]
            begun_s = time.monotonic()
            rows = one.missions([AskedMission({"gain": 2.0}, INPUTS[0], 0.0, np.ones(ROWS), INPUTS)] * 3)
            assert time.monotonic() - begun_s < 0.5 * ROWS * 0.03, "it did not wait for every step"
            own.start({"gain": 2.0}, INPUTS[0])
            assert rows[2][1:].tobytes() == own.window(0.0, np.ones(ROWS), INPUTS).tobytes()
