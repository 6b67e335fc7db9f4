"""A part on another's machine answers as it does here, and where it does not the run stops and says who, what and when."""

import hashlib
import time

import numpy as np
import pytest

from covolt.errors import ComponentFailed, InputError
from covolt.exchange.hosted import Deadlines, HostedComponent, Served, dial
from covolt.exchange.hosted.hub import MOST_PARTS
from covolt.exchange.missions import AskedMission, missions
from tests.exchange.hosted.parts import SECRET, Lag, served
from tests.exchange.hosted.world import world

INPUTS = np.round(np.sin(np.arange(60) * 0.37) * 3.0, 6).reshape(-1, 1)
QUICK = Deadlines(step_s=1.0, call_s=10.0, joining_s=15.0)


@pytest.fixture
def here(tmp_path):
    with world(tmp_path) as made, made.hub() as hub:
        made.open_hub = hub
        yield made


def hosted(here, deadlines=QUICK, part="lag", **options):
    return HostedComponent(here.open_hub, "battery-works", part, deadlines, **options)


def digest(numbers):
    return hashlib.sha256(np.ascontiguousarray(numbers).tobytes()).hexdigest()


def driven(component, steps=60, *, begin=True):
    component.wire(("input",), ("output", "slope"))
    first = component.start({"gain": 2.5}, INPUTS[0]) if begin else None
    rows = [first, *(component.step(float(at), 1.0, INPUTS[at]) for at in range(steps))]
    return np.stack(rows)


def test_hosted_and_in_process_are_equal_to_the_bit(here):
    here.party(here.open_hub)
    one = hosted(here)
    expected = driven(Lag())
    assert digest(driven(one)) == digest(expected)
    one.start({"gain": 2.5}, INPUTS[0])
    assert digest(one.window(0.0, np.ones(60), INPUTS)) == digest(expected[1:])
    assert one.statistics.messages > 60
    assert 0.0 < one.statistics.compute_s < one.statistics.wait_s
    assert not one.replayed


@pytest.mark.whole
def test_the_pack_of_covolt_hosted_is_the_pack_in_process(here):
    setup = {"kind": "battery", "energy_J": 2.0e8}
    here.party(here.open_hub, **setup)
    inputs = np.stack([4e4 * np.sin(np.arange(80) * 0.2) - 1e4, np.zeros(80), np.full(80, 280.0)], axis=1)
    found = []
    deadlines = Deadlines(step_s=10.0, call_s=60.0, joining_s=60.0)
    for one in (hosted(here, deadlines, "battery"), served(setup)):
        one.wire(("power", "heating", "ambient_temperature"), ("voltage", "current", "state_of_charge"))
        begin = one.start({"state_of_charge_start": 0.6}, inputs[0])
        rows = [one.step(float(at), 1.0, inputs[at]) for at in range(30)]
        found.append(np.vstack([begin, rows, one.window(30.0, np.ones(50), inputs[30:])]))
    assert digest(found[0]) == digest(found[1])
    assert np.ptp(found[0][:, 0]) > 1.0


def test_many_vehicles_cross_in_one_message(here):
    here.party(here.open_hub)
    one = hosted(here)
    one.wire(("input",), ("output", "slope"))
    before = one.statistics.messages
    gains = [{"gain": 0.5 + 0.1 * at} for at in range(24)]
    inputs = np.stack([INPUTS * (1.0 + at) for at in range(24)])
    # They need not drive equally long.
    steps_s = [np.ones(60 - at) for at in range(24)]
    asked = [
        AskedMission(gain, rows[0], 0.0, own_s, rows[: len(own_s)])
        for gain, rows, own_s in zip(gains, inputs, steps_s, strict=True)
    ]
    found = missions(one, asked)
    assert one.statistics.messages == before + 1
    own = Lag()
    own.wire(("input",), ("output", "slope"))
    assert [rows.tobytes() for rows in missions(own, asked)] == [rows.tobytes() for rows in found]
    for at, gain in enumerate(gains):
        own = Lag()
        own.wire(("input",), ("output", "slope"))
        rows = [own.start(gain, inputs[at, 0]), *own.window(0.0, steps_s[at], inputs[at, : 60 - at])]
        assert digest(found[at]) == digest(rows)


@pytest.mark.whole
@pytest.mark.parametrize("saves", [True, False])
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("killed", "it is gone"),
        ("frozen", r"no answer within 1 s"),
        ("slow", r"no answer within 1 s"),
        ("nan", r"port output is nan"),
        ("wild", "port output is 2.000.000, outside"),
        ("short", r"24 bytes where 1 × 2"),
        ("raises", "its model failed"),
    ],
)
def test_a_sick_party_stops_the_run_and_it_resumes_to_the_same_bytes(here, fault, says, saves):
    expected = driven(Lag())
    sick = {"fault": fault, "fault_at_s": 37.0, "saves": saves}
    process = here.party(here.open_hub, **sick)
    one = hosted(here, checkpoint_every=10)
    one.wire(("input",), ("output", "slope"))
    rows = [one.start({"gain": 2.5}, INPUTS[0])]
    for at in range(37):
        rows.append(one.step(float(at), 1.0, INPUTS[at]))
    begun = time.monotonic()
    with pytest.raises(ComponentFailed, match=says) as told:
        one.step(37.0, 1.0, INPUTS[37])
    assert time.monotonic() - begun < 1.5
    assert "lag of battery-works, step at 37" in str(told.value)
    assert SECRET not in str(told.value)
    with pytest.raises(ComponentFailed):
        one.step(37.0, 1.0, INPUTS[37])
    if fault in {"killed", "frozen"}:
        process.kill()
        here.party(here.open_hub, **sick)
    one.resume()
    for at in range(37, 60):
        rows.append(one.step(float(at), 1.0, INPUTS[at]))
    assert digest(np.stack(rows)) == digest(expected)


def test_a_party_that_never_comes_is_named(here):
    with pytest.raises(ComponentFailed, match=r"battery-works did not come within 0.2 s"):
        hosted(here, Deadlines(joining_s=0.2))


def test_an_expired_certificate_that_the_hub_knows_is_named(here):
    identity = here.expired("battery-works")
    here.issued = (identity.certificate,)
    here.party(here.open_hub, identity, once=True)
    with pytest.raises(ComponentFailed, match="battery-works is not let in: its certificate has expired"):
        hosted(here, Deadlines(joining_s=2.0))


@pytest.mark.parametrize("kind", ["foreign", "expired"])
def test_the_handshake_refuses(here, kind):
    process = here.party(here.open_hub, getattr(here, kind)("battery-works"), once=True)
    with pytest.raises(ComponentFailed, match="did not come"):
        hosted(here, Deadlines(joining_s=3.0))
    assert "UNAVAILABLE" in process.stdout.readline()


def test_a_revoked_certificate_is_refused_and_said(here):
    from covolt.exchange.hosted.certificates import certificate_from
    from tests.exchange.hosted.world import NOW

    identity = here.identity("battery-works")
    here.revoked[certificate_from(identity.certificate, "").serial_number] = NOW
    process = here.party(here.open_hub, identity, once=True)
    assert process.stdout.readline() == '["UNAUTHENTICATED", "revoked"]\n'
    with pytest.raises(ComponentFailed, match="its certificate was revoked"):
        hosted(here, Deadlines(joining_s=1.0))


def test_another_party_does_not_stand_in(here):
    here.party(here.open_hub, here.identity("motor-works"))
    with pytest.raises(ComponentFailed, match="battery-works did not come"):
        hosted(here, Deadlines(joining_s=3.0))


def test_one_party_does_not_shut_out_others(here):
    identity, links = here.identity("battery-works"), []
    try:
        for at in range(MOST_PARTS):
            links.append(dial(f"127.0.0.1:{here.open_hub.port}", identity, Served(Lag(f"part-{at}"))))
            assert links[-1].welcome.wait(20.0)
        links.append(dial(f"127.0.0.1:{here.open_hub.port}", identity, Served(Lag("one-more"))))
        assert links[-1].wait(20.0) == ("RESOURCE_EXHAUSTED", "parts")
        links.append(dial(f"127.0.0.1:{here.open_hub.port}", here.identity("motor-works"), Served(Lag("motor"))))
        assert links[-1].welcome.wait(20.0)
        assert np.array_equal(driven(hosted(here, part="part-3")), driven(Lag()))
    finally:
        for one in links:
            one.close()


def test_wrong_names_and_values_are_told(here):
    here.party(here.open_hub)
    one = hosted(here)
    with pytest.raises(InputError, match="no such port: 'inptu'"):
        one.wire(("inptu",), ("output",))
    with pytest.raises(InputError, match="no such port"):
        one.get_values([SECRET])
    with pytest.raises(InputError, match="does not take 'gain'") as told:
        one.start({"gain": 99.0}, np.zeros(1))
    assert SECRET not in str(told.value)
    one.wire(("input",), ("output",))
    one.start({"gain": 2.0}, np.zeros(1))
    assert one.get_values(["gain"]) == {"gain": 2.0}
    one.close()
    one.close()


def test_a_party_that_dials_before_its_hub_listens_learns_that_its_stream_has_ended(here):
    from covolt.exchange.hosted.party import Served, dial

    with here.hub() as hub:
        port = hub.port
    link = dial(f"127.0.0.1:{port}", here.identity("battery-works"), Served(Lag()))
    ended = link.wait(20.0)
    link.close()
    assert ended is not None
    assert ended[0] == "UNAVAILABLE"
