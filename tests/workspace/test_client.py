"""The workspace over a real socket: asked from Python, from a page of elsewhere, and by who sends nonsense."""

import json
import threading
import time
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn

import covolt
from covolt.errors import Conflict, InputError, NotFound, Unavailable
from covolt.workspace.application import application
from covolt.workspace.connections import serving

pytestmark = pytest.mark.whole
NAME = "small-car"
JSON = {"Content-Type": "application/json; charset=utf-8"}


def mass(value):
    return {"changes": [{"slot": "battery", "number": "mass", "value": value}]}


@contextmanager
def served(workspace):
    server = uvicorn.Server(serving(application(workspace), port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        workspace.closing = True
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def address(workspace):
    with served(workspace) as found:
        yield found


def test_a_number_is_changed_from_python_and_found_in_git(address, workspace):
    connected = covolt.connect(address)
    assert connected.programmes() == {NAME: "Joint city car"}
    works, integrator = (connected.programme(NAME, party=party) for party in ("battery-works", "integrator"))
    tried = works.what_if({"battery/mass": "260 kg"})
    assert tried.answered.surely
    assert "1175 kg" in str(tried)
    number = integrator.propose({"battery/mass": "260 kg"}, "Heavier", "certified cells")
    with pytest.raises(Conflict, match="Battery works has not answered"):
        integrator.merge(number)
    works.answer(number, "accept")
    commits = integrator.merge(number)
    assert commits == workspace.folders(NAME).heads().plain()
    assert integrator.proposal(number).proposal.state == "merged"
    assert [one.verb for one in works.feed().events] == ["merged", "accepted", "proposed", "begun"]
    assert works.gates().gates
    assert integrator.proposals().proposals[0].title == "Heavier"
    with pytest.raises(NotFound, match="did you mean 'mass'"):
        works.what_if({"battery/mas": "260 kg"})
    with pytest.raises(InputError, match="names no number"):
        works.what_if({"battery/": "260 kg"})
    with pytest.raises(NotFound):
        connected.programme("other")


def test_where_nobody_answers_it_is_said():
    with pytest.raises(Unavailable, match="covolt serve"):
        covolt.connect("http://127.0.0.1:1")


def test_the_feed_goes_on_where_it_broke_off(address):
    programme = covolt.connect(address).programme(NAME, party="battery-works")
    programme.propose({"battery/mass": "240 kg"}, "One")
    programme.propose({"battery/mass": "250 kg"}, "Two")
    path = f"{address}/api/v1/programmes/{NAME}/feed/stream"
    with httpx2.stream("GET", path, headers={"Last-Event-ID": "2"}, timeout=20) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = (one for one in stream.iter_lines() if one.startswith("data: "))
        told = json.loads(next(lines).removeprefix("data: "))
    assert told["sequence"] == 3
    assert "Two" in told["said"]["en"]
    atom = httpx2.get(f"{address}/api/v1/programmes/{NAME}/feed.atom", params={"language": "ru"})
    assert "внесено предложение" in atom.text


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("GET", "nothing", {}, 404),
        ("GET", "programmes/other", {}, 404),
        ("GET", "programmes/..%2f..%2fetc", {}, 404),
        ("GET", f"programmes/{NAME}/verdicts", {"headers": {"Covolt-Party": "nobody"}}, 404),
        ("GET", f"programmes/{NAME}/verdicts", {"params": {"wait_s": "inf"}}, 422),
        ("GET", f"programmes/{NAME}/proposals/999999999999999999999", {}, 422),
        ("POST", f"programmes/{NAME}/proposals/1/merge", {}, 404),
        ("POST", f"programmes/{NAME}/what-if", {"content": b"{"}, 415),
        ("POST", f"programmes/{NAME}/what-if", {"content": b"{", "headers": JSON}, 422),
        ("POST", f"programmes/{NAME}/what-if", {"data": {"changes": "x"}}, 415),
        ("POST", f"programmes/{NAME}/what-if", {"files": {"changes": b"x"}}, 415),
        ("DELETE", f"programmes/{NAME}/what-if", {}, 405),
        ("POST", f"programmes/{NAME}/what-if", {"json": {"changes": [{"slot": "a"}]}}, 422),
        ("POST", f"programmes/{NAME}/what-if", {"json": mass("nan kg")}, 422),
        ("POST", f"programmes/{NAME}/what-if", {"json": mass("1e308 kg")}, 422),
        ("POST", f"programmes/{NAME}/proposals", {"json": {"changes": [], "title": "\x1b[31m<script>"}}, 403),
        ("POST", "programmes", {"json": {"example": "city-car", "id": "../evil"}}, 422),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words(address, method, path, given, status):
    answer = httpx2.request(method, f"{address}/api/v1/{path}", timeout=60, **given)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["status"] == status
    assert told["problems"]
    assert all(one["what"]["ru"] for one in told["problems"])
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_page_of_elsewhere_cannot_ask(address, workspace):
    evil = {"Origin": "http://evil.example"}
    path = f"{address}/api/v1/programmes/{NAME}/proposals/1/merge"
    assert httpx2.post(path, headers=evil).status_code == 403
    assert httpx2.post(path, headers={"Origin": "null"}).status_code == 403
    assert httpx2.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert httpx2.post(path, headers={"Origin": address}).status_code == 404
    workspace.answers_at(address.removeprefix("http://"))
    assert httpx2.get(f"{address}/api/v1/programmes").status_code == 200
    assert httpx2.get(f"{address}/api/v1/programmes", headers={"Host": "evil.example"}).status_code == 403


def test_slots_gates_states_and_talk_are_asked_from_python(workspace):
    with served(workspace) as address:
        works = covolt.connect(address).programme(NAME, party="battery-works")
        assert works.slot("battery").own.part == "battery-works/pack-33@1.0.0"
        assert works.gate("concept").surely
        number = works.propose({"battery/mass": "260 kg"}, "Heavier")
        [row] = [
            one for one in works.compare(f"before:{number}", f"proposal:{number}").turned if one.requirement == "I-MASS"
        ]
        assert row.worse
        comment = works.comment("battery/mass", "Certified cells.", to=["integrator"])
        asked = covolt.connect(address).programme(NAME, party="integrator")
        assert [one.id for one in asked.comments("battery/mass").comments] == [comment]
        with pytest.raises(NotFound):
            asked.comments("battery/none")
