"""Who wants to be told what is told it, signed, at least once and by one key; no value and no secret leaves."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from covolt.errors import Conflict, InputError, NotFound
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace
from covolt.workspace.outgoing import entitled
from covolt.workspace.outgoing.deliveries import gathered_at
from covolt.workspace.outgoing.rows import DeliveryRow, SubscriptionRow
from covolt.workspace.outgoing.subscriptions import WantedSubscription
from covolt.workspace.tables import EventRow, MembershipRow, PersonRow, ProposalRow
from tests.workspace.conftest import PERSON, Clock, of
from tests.workspace.receiver import Receiver

NAME = "small-car"
BATTERY, OTHER = "battery-works", "integrator"
CANARY = "123.456789 kg"


@pytest.fixture
def receiver(monkeypatch, own_records):
    made = Receiver()
    monkeypatch.setenv("COVOLT_HOOKS_HTTP", "1")
    monkeypatch.setenv("COVOLT_HOOKS_PORTS", str(made.port))
    monkeypatch.setenv("COVOLT_HOOKS_NETWORKS", "127.0.0.0/8")
    yield made
    made.close()


@pytest.fixture
def served(receiver, workspace):
    workspace.answers_at("127.0.0.1:8600")
    return workspace


def hook(receiver, **more):
    return WantedSubscription("webhook", f"http://127.0.0.1:{receiver.port}/hook", **more)


def happens(workspace, verb="proposed", party=OTHER, subject="proposal/7", **told):
    told = {"title": "Cells of another maker", "reason": CANARY, "changes": [change("battery")], **told}
    with workspace.programmes.database.writing() as session:
        workspace.programmes.tell(session, NAME, of(party), verb, subject, told)


def change(slot):
    return {"slot": slot, "number": "mass", "before": CANARY, "after": CANARY}


def rows(workspace, kind):
    with workspace.programmes.database.reading() as session:
        return session.scalars(select(kind).order_by(*kind.__table__.primary_key)).all()


def test_what_happens_arrives_signed_with_titles_and_links_and_no_value(served, receiver):
    made = served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    happens(served)
    assert served.subscriptions.deliveries.step()
    ((path, headers, content),) = receiver.requests
    key, at = headers["webhook-id"], headers["webhook-timestamp"]
    signed = f"{key}.{at}.".encode() + content
    known = base64.b64decode(made.secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(known, signed, hashlib.sha256).digest()).decode()
    assert (path, headers["webhook-signature"]) == ("/hook", f"v1,{wanted}")
    told = json.loads(content)
    (event,) = told["data"]["events"]
    assert told["type"] == "covolt.proposed"
    assert event["link"] == f"http://127.0.0.1:8600/en/{NAME}/proposals/7?party={BATTERY}"
    assert event["title"] == {
        "en": "made proposal 7, “Cells of another maker”",
        "ru": event["title"]["ru"],
    }
    assert CANARY.split(maxsplit=1)[0] not in content.decode()
    assert not served.subscriptions.deliveries.step()
    assert len(receiver.requests) == 1
    (row,) = served.subscriptions.listed(NAME, of(BATTERY)).subscriptions
    assert [(one.state, str(one.said)) for one in row.deliveries] == [("sent", "answered 204")]


def test_a_secret_is_told_once_and_stands_nowhere(served, receiver, tmp_path, caplog):
    client = TestClient(application(served), base_url="http://127.0.0.1:8600")
    body = {"kind": "webhook", "target": f"http://127.0.0.1:{receiver.port}/hook"}
    headers = {"Covolt-Party": BATTERY}
    path = f"/api/v1/programmes/{NAME}/subscriptions"
    caplog.set_level(0)
    made = client.post(path, json=body, headers=headers)
    secret = made.json()["secret"].removeprefix("whsec_")
    assert (made.status_code, len(base64.b64decode(secret))) == (201, 32)
    tried = client.post(f"{path}/{made.json()['id']}/try", headers=headers)
    assert tried.json()["id"].startswith("covolt_")
    served.subscriptions.deliveries.step()
    listed = client.get(path, headers=headers)
    feed = client.get(f"/api/v1/programmes/{NAME}/feed", headers=headers)
    assert len(receiver.requests) == 1
    for answer in (listed, feed, tried):
        assert secret not in answer.text
    assert secret not in caplog.text
    for file in (tmp_path / "home").rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes(), file


def test_a_test_message_arrives_and_there_is_one_at_a_time(served, receiver):
    made = served.subscriptions.make(NAME, of(BATTERY), hook(receiver))
    key = served.subscriptions.attempt(NAME, made.id, of(BATTERY))
    with pytest.raises(Conflict):
        served.subscriptions.attempt(NAME, made.id, of(BATTERY))
    served.subscriptions.deliveries.step()
    assert [one[1]["webhook-id"] for one in receiver.requests] == [key]
    assert receiver.bodies[0]["type"] == "covolt.test"
    served.subscriptions.attempt(NAME, made.id, of(BATTERY))


def test_subscriptions_are_of_one_person_and_party(served, receiver):
    made = served.subscriptions.make(NAME, of(BATTERY), hook(receiver))
    for other in (of(OTHER), of(""), Reader("somebody", BATTERY)):
        assert served.subscriptions.listed(NAME, other).subscriptions == ()
        for ask in (served.subscriptions.end, served.subscriptions.attempt):
            with pytest.raises(NotFound):
                ask(NAME, made.id, other)
    served.subscriptions.end(NAME, made.id, of(BATTERY))
    happens(served)
    assert not served.subscriptions.deliveries.step()
    with pytest.raises(NotFound):
        served.subscriptions.end(NAME, made.id, of(BATTERY))
    assert rows(served, SubscriptionRow)[0].secret == ""


def test_every_problem_of_what_is_wanted_is_told(served):
    wanted = WantedSubscription("webhook", "https://10.0.0.1/", "secret", "some", ("danced",), "xx", "hourly")
    with pytest.raises(InputError) as refused:
        served.subscriptions.make(NAME, of(BATTERY), wanted)
    found = {one.where for one in refused.value.problems}
    assert found == {"target", "secret", "scope", "verbs", "language", "rhythm"}
    with pytest.raises(InputError):
        served.subscriptions.make(NAME, of(BATTERY), WantedSubscription("pigeon", ""))
    with pytest.raises(NotFound):
        served.subscriptions.make(NAME, of("nobody-here"), wanted)


def proposal(workspace, number, party, slot):
    with workspace.programmes.database.writing() as session:
        session.add(
            ProposalRow(
                programme=NAME,
                number=number,
                party=party,
                person=PERSON,
                title="-",
                reason="",
                changes=[change(slot)],
                base={},
                state="open",
                made=Clock()(),
                merged=None,
            )
        )


def sequences(served):
    """Of the entries of the programme: between them stand those that hold rows."""
    return [one.sequence for one in rows(served, EventRow) if one.programme == NAME]


def test_a_filter_lets_through_what_touches_the_party_and_the_verbs_asked_for(served, receiver):
    own = served.programme(NAME, of("")).slots
    mine = next(one.id for one in own if BATTERY in {one.owner, one.party})
    others = next(one for one in own if BATTERY not in {one.owner, one.party})
    proposal(served, 1, others.owner, others.id)
    proposal(served, 2, others.owner, mine)
    for wanted in ({}, {"scope": "all", "verbs": ("merged",)}, {"scope": "all"}, {"scope": "all", "verbs": ("gates",)}):
        served.subscriptions.make(NAME, of(BATTERY), hook(receiver, **wanted))
    happens(served, "proposed", others.owner, "proposal/1")
    happens(served, "proposed", others.owner, "proposal/2")
    happens(served, "merged", others.owner, "proposal/1")
    while served.subscriptions.deliveries.step():
        pass
    got = {one.id: [] for one in rows(served, SubscriptionRow)}
    for one in rows(served, DeliveryRow):
        got[one.subscription] += one.events
    _, first, second, third = sequences(served)
    assert list(got.values()) == [[second], [third], [first, second, third], []]


def test_what_is_not_taken_is_tried_again_later_and_later_by_the_same_key_and_given_up(served, receiver):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    happens(served)
    receiver.otherwise = (500, {}, CANARY.encode())
    clock, pauses = served.clock, []
    deliveries = served.subscriptions.deliveries
    for _ in range(40):
        if deliveries.step():
            pauses.append(clock.now)
        clock.now += timedelta(minutes=30)
        if rows(served, DeliveryRow)[0].state != "waiting":
            break
        clock.now += timedelta(hours=3)
    (row,) = rows(served, DeliveryRow)
    assert (row.state, row.attempts, len(receiver.requests)) == ("given up", row.attempts, row.attempts)
    assert row.attempts > 5
    assert len({one[1]["webhook-id"] for one in receiver.requests}) == 1
    assert pauses[-1] - pauses[0] >= timedelta(days=3)
    assert CANARY not in json.dumps(row.answered)


def test_an_attempt_begun_is_not_made_by_another_process_meanwhile_and_made_again_where_nobody_ended_it(
    served, receiver
):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    happens(served)
    deliveries = served.subscriptions.deliveries
    deliveries._queue_all()
    assert len(deliveries._claimed()) == 1  # and here the process dies
    assert deliveries._claimed() == []
    served.clock.now += timedelta(seconds=61)
    assert deliveries.step()
    assert len(receiver.requests) == 1
    assert rows(served, DeliveryRow)[0].state == "sent"


def test_a_clock_that_is_set_back_holds_up_nothing(served, receiver):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    receiver.answers = [(503, {}, b"")]
    happens(served)
    assert served.subscriptions.deliveries.step()
    served.clock.now -= timedelta(days=700)
    assert served.subscriptions.deliveries.step()
    assert rows(served, DeliveryRow)[0].state == "sent"


@pytest.mark.parametrize("said", ["120", "Mon, 30 Nov 2026 13:00:00 GMT", "-5", "soon", "99999999999"])
def test_how_long_to_wait_is_heard_within_bounds(served, receiver, said):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    receiver.answers = [(429, {"Retry-After": said}, b"")]
    happens(served)
    served.subscriptions.deliveries.step()
    (row,) = rows(served, DeliveryRow)
    pause_s = (row.next_try.replace(tzinfo=UTC) - served.clock.now).total_seconds()
    wanted_s = {"120": (110, 121), "Mon, 30 Nov 2026 13:00:00 GMT": (3000, 3600)}.get(said, (50, 61))
    assert wanted_s[0] <= pause_s <= wanted_s[1]


def test_a_receiver_that_is_gone_ends_the_subscription(served, receiver):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    receiver.answers = [(410, {}, b"")]
    happens(served)
    happens(served)
    while served.subscriptions.deliveries.step():
        pass
    assert [one.state for one in rows(served, DeliveryRow)] == ["given up", "ended"]
    assert not rows(served, SubscriptionRow)[0].active
    assert len(receiver.requests) == 1


def test_nothing_is_sent_to_an_inner_address_that_was_allowed_before(
    served, receiver, monkeypatch, tmp_path, database_address
):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    happens(served)
    served.close()
    monkeypatch.delenv("COVOLT_HOOKS_NETWORKS")
    again = Workspace(tmp_path / "home", Clock(), database_address)
    try:
        again.subscriptions.deliveries.step()
        assert [one.state for one in rows(again, DeliveryRow)] == ["given up"]
        assert receiver.requests == []
    finally:
        again.close()


def test_whoever_no_longer_acts_for_the_party_is_told_nothing_more(served, receiver):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    now = Clock()()
    with served.programmes.database.writing() as session:
        session.add(PersonRow(id=PERSON, name="an engineer", administers=False, made=now))
        session.flush()
        member = MembershipRow(
            programme=NAME, party=BATTERY, person=PERSON, slots=[], invited_by="", made=now, ended=None
        )
        session.add(member)
    happens(served)
    assert served.subscriptions.deliveries.step()
    happens(served)
    served.subscriptions.deliveries._queue_all()
    with served.programmes.database.writing() as session:
        session.get(MembershipRow, member.id).ended = now
    while served.subscriptions.deliveries.step():
        pass
    assert len(receiver.requests) == 1
    assert not rows(served, SubscriptionRow)[0].active


def test_whoever_was_invited_for_one_slot_is_told_of_no_other(served, receiver):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    with served.programmes.database.writing() as session:
        session.add(PersonRow(id=PERSON, name="an engineer", administers=False, made=Clock()()))
        session.flush()
        session.add(
            MembershipRow(
                programme=NAME,
                party=BATTERY,
                person=PERSON,
                slots=["inverter"],
                invited_by="",
                made=Clock()(),
                ended=None,
            )
        )
    happens(served, changes=[change("battery")])
    happens(served, changes=[change("inverter")])
    while served.subscriptions.deliveries.step():
        pass
    assert [one.events for one in rows(served, DeliveryRow)] == [sequences(served)[-1:]]


def test_a_digest_gathers_what_happened_and_says_nothing_where_nothing_did(served, receiver):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all", rhythm="daily"))
    happens(served)
    happens(served, "merged")
    assert not served.subscriptions.deliveries.step()
    served.clock.now += timedelta(days=1)
    assert served.subscriptions.deliveries.step()
    assert [one["sequence"] for one in receiver.bodies[0]["data"]["events"]] == sequences(served)[1:]
    served.clock.now += timedelta(days=1)
    assert not served.subscriptions.deliveries.step()
    happens(served)
    assert not served.subscriptions.deliveries.step()


@pytest.mark.parametrize("rhythm", ["at once", "daily"])
def test_more_than_is_looked_at_in_one_go_is_told_all_the_same(served, receiver, monkeypatch, rhythm):
    monkeypatch.setattr(entitled, "MOST_AT_ONCE", 3)
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all", rhythm=rhythm))
    for _ in range(10):
        happens(served)
    served.clock.now += timedelta(days=1)
    for _ in range(20):
        served.subscriptions.deliveries.step()
    told = [each["sequence"] for one in receiver.bodies for each in one["data"]["events"]]
    assert told == sequences(served)[1:]


@pytest.mark.parametrize(
    ("rhythm", "now", "wanted"),
    [
        ("at once", "2026-11-30T05:00", None),
        ("daily", "2026-11-30T05:00", "2026-11-30T06:00"),
        ("daily", "2026-11-30T06:00", "2026-12-01T06:00"),
        ("weekly", "2026-11-30T05:00", "2026-11-30T06:00"),
        ("weekly", "2026-11-30T07:00", "2026-12-07T06:00"),
        ("weekly", "2026-12-03T07:00", "2026-12-07T06:00"),
    ],
)
def test_digests_come_at_six(rhythm, now, wanted):
    found = gathered_at(rhythm, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == (datetime.fromisoformat(wanted).replace(tzinfo=UTC) if wanted else None)


def test_one_receiver_that_fails_holds_up_no_other(served, receiver):
    served.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    served.subscriptions.make(NAME, of(OTHER), hook(receiver, scope="all"))
    receiver.answers = [(500, {}, b"")]
    happens(served)
    served.subscriptions.deliveries.step()
    assert sorted(one.state for one in rows(served, DeliveryRow)) == ["sent", "waiting"]


SENDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from covolt.workspace.asking import Workspace
from covolt.workspace.outgoing import deliveries
deliveries.FIRST_PAUSE_s = deliveries.LONGEST_PAUSE_s = 0.3
workspace = Workspace(Path(sys.argv[1]), lambda: datetime.now(UTC))
workspace.subscriptions.deliveries.begin()
time.sleep(600)
"""


@pytest.mark.slow
def test_a_process_killed_at_any_moment_loses_no_delivery_and_sends_it_again_by_the_same_key(
    receiver, workspace, tmp_path
):
    """It is killed as a message has just arrived, before it can write down that it was taken."""
    events = 24
    workspace.subscriptions.make(NAME, of(BATTERY), hook(receiver, scope="all"))
    workspace.subscriptions.make(NAME, of(OTHER), hook(receiver, scope="all"))
    kills = [3, 4, 9, 17, 30]
    sender = None

    def answer(_, __):
        if kills and len(receiver.requests) >= kills[0]:
            kills.pop(0)
            os.kill(sender.pid, signal.SIGKILL)
        return 204, {}, b""

    receiver.otherwise = answer
    for _ in range(events):
        happens(workspace)
    command = [sys.executable, "-c", SENDER, str(tmp_path / "home")]
    until_s = time.monotonic() + 180
    while (
        any(one.state != "sent" for one in rows(workspace, DeliveryRow))
        or len(rows(workspace, DeliveryRow)) < 2 * events
    ):
        assert time.monotonic() < until_s
        if sender is None or sender.poll() is not None:
            sender = subprocess.Popen(command)
        time.sleep(0.1)
    sender.kill()
    sender.wait()
    assert kills == []
    told = {}
    for (_, headers, _), body in zip(receiver.requests, receiver.bodies, strict=True):
        told.setdefault(headers["webhook-id"], []).append(body["data"])
    assert sorted(told) == sorted(one.key for one in rows(workspace, DeliveryRow))
    assert any(len(each) > 1 for each in told.values()), "nothing was sent twice: the kills came at no bad moment"
    assert all(one == each[0] for each in told.values() for one in each)
    assert len({(one.subscription, one.events[0]) for one in rows(workspace, DeliveryRow)}) == 2 * events
