"""Who is let in where the workspace is one person's: nobody without the key of its start, a browser by a ticket, once."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

import covolt
from covolt.errors import Forbidden, Unavailable
from covolt.workspace.access import Reader
from covolt.workspace.alone import LASTS, LASTS_ELSEWHERE, Alone, Opened, opened_at, own_host
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace
from covolt.workspace.doors.asked import _asker, _reader
from covolt.workspace.doors.scopes import ADMINISTRATORS, OPEN, SCOPE
from covolt.workspace.entrance import SCOPES
from covolt.workspace.rates import Rates
from covolt.workspace.steady import SteadyClock
from tests.workspace.conftest import PERSON, Clock

NAME = "small-car"


@pytest.fixture
def alone(workspace):
    workspace.entrance = Alone(Clock(), PERSON, workspace.programmes.names)
    return workspace


@pytest.fixture
def client(alone):
    return TestClient(application(alone), base_url="http://127.0.0.1:8600")


def bearer(word):
    return {"Authorization": f"Bearer {word}"}


def doors_of(app):
    """Every door: method and path, and what it depends on."""

    def deeper(dependant):
        return {dependant.call} | {each for one in dependant.dependencies for each in deeper(one)}

    for found in iter_route_contexts(app.routes):
        one = found.original_route
        for method in sorted(getattr(one, "methods", ()) or ()):
            if method != "HEAD":
                asked = deeper(one.dependant) if isinstance(one, APIRoute) else set()
                yield method, found.path, asked


def test_no_door_forgets_to_ask_who_asks(alone):
    found = list(doors_of(application(alone)))
    assert len(found) > 20
    unguarded = {(method, path) for method, path, asked in found if not asked & {_asker, _reader}}
    assert unguarded == OPEN & {one[:2] for one in found}, "a door depends on Who or Asks, or is named in OPEN"
    of_programmes = {(method, path) for method, path, asked in found if "{name}" in path and _reader not in asked}
    assert of_programmes == set(), (
        "a door of a programme depends on Who: it looks whether the programme is there for who asks"
    )


def test_every_door_names_its_scope(alone):
    guarded = {(method, path) for method, path, _ in doors_of(application(alone))} - OPEN
    assert guarded - SCOPE.keys() == set(), "name its scope in doors/scopes.py"
    assert SCOPE.keys() - guarded == set(), "no such door"
    assert SCOPE.keys() >= ADMINISTRATORS
    assert set(SCOPE.values()) <= set(SCOPES)


def test_nobody_is_let_in_without_a_proof(client, alone):
    alone.strangers = Rates(10_000.0, 1.0)  # it is not looked how often here
    for method, path, _ in doors_of(client.app):
        if (method, path) in OPEN:
            continue
        filled = path.replace("{name}", NAME).replace("{number}", "1")
        for headers in ({}, bearer("covolt_key_wrong"), {"Authorization": "Basic eDp5"}, {"Authorization": "Digest x"},
                        {"Authorization": bearer(alone.entrance.token)["Authorization"] + "x"},
                        {"Cookie": f"covolt-8600={alone.entrance.token}"}):  # fmt: skip
            answer = client.request(method, filled, headers=headers)
            assert answer.status_code == 401, (method, path, headers)
            assert answer.headers["www-authenticate"]
            assert "covolt serve" in answer.json()["problems"][0]["hint"]["en"]
            assert NAME not in answer.text
    assert client.get("/health/live").json() == {"live": True}


def test_until_an_entrance_is_set_a_workspace_lets_nobody_in(tmp_path, small_programme):
    made = Workspace(tmp_path / "home", Clock())
    try:
        made.begin(small_programme, Reader(PERSON))
        client = TestClient(application(made))
        asked = {(method, path) for method, path, _ in doors_of(client.app)} - OPEN
        assert len(asked) > 20
        for method, path in sorted(asked):
            filled = path.replace("{name}", NAME).replace("{number}", "1")
            for headers in ({}, bearer("covolt_token_x"), {"Cookie": "covolt-0=x; covolt-80=x"}):
                answer = client.request(method, filled, headers=headers)
                assert answer.status_code == 401, (method, path)
                assert answer.json()["problems"][0]["hint"]["en"]
        assert client.post("/api/v1/session", json={"word": "x"}).status_code == 403
        used = client.post("/api/v1/invitations/use", json={"word": "x", "name": "Somebody"})
        assert used.status_code == 404
    finally:
        made.close()


def test_a_script_is_let_in_by_the_key_of_the_start(client, alone):
    word = alone.entrance.token
    assert client.get(f"/api/v1/programmes/{NAME}", headers=bearer(word)).status_code == 200
    basic = b64encode(f"anybody:{word}".encode()).decode()
    assert client.get(f"/api/v1/programmes/{NAME}", headers={"Authorization": f"Basic {basic}"}).status_code == 200
    assert client.get("/api/v1/session", headers=bearer(word)).json()["person"] == PERSON


def test_a_browser_is_let_in_by_a_ticket_and_keeps_a_cookie(client, alone):
    word = alone.entrance.ticket()
    answer = client.post("/api/v1/session", json={"word": word})
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("covolt-8600=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {one.strip() for one in cookie.split(";")}
    assert word not in cookie
    assert client.get(f"/api/v1/programmes/{NAME}").status_code == 200
    other = TestClient(client.app, base_url="http://127.0.0.1:8700")
    other.cookies = client.cookies
    assert other.get(f"/api/v1/programmes/{NAME}").status_code == 401, "the cookie of another port"
    assert TestClient(client.app).post("/api/v1/session", json={"word": word}).status_code == 403
    assert client.post("/api/v1/session/end").status_code == 200
    again = {"Cookie": cookie.partition(";")[0]}
    assert (
        TestClient(client.app, base_url="http://127.0.0.1:8600").get("/api/v1/programmes", headers=again).status_code
        == 401
    )


def test_of_a_hundred_who_use_a_ticket_one_is_let_in(client, alone):
    word = alone.entrance.ticket()

    def use(_):
        return TestClient(client.app).post("/api/v1/session", json={"word": word}).status_code

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(use, range(100)))
    assert sorted(found) == [201] + [403] * 99


def test_a_cookie_expires_also_where_the_clock_is_set_back(workspace):
    now, passed_s = [datetime(2026, 11, 30, tzinfo=UTC)], [0.0]
    steady = SteadyClock(lambda: now[0], passed_s=lambda: passed_s[0])
    entrance = Alone(steady, PERSON, workspace.programmes.names)
    entered = entrance.enter(entrance.ticket())
    assert entrance.by_cookie(entered.word)
    now[0] += entered.lasts - timedelta(seconds=1)
    assert entrance.by_cookie(entered.word)
    now[0] -= timedelta(days=300)
    passed_s[0] += 2.0
    assert entrance.by_cookie(entered.word) is None


def test_a_workspace_has_a_host_name_of_its_own_that_others_do_not_know(tmp_path):
    found = own_host(tmp_path)
    assert re.fullmatch(r"covolt-[a-z]{12}\.localhost", found)
    assert own_host(tmp_path) == found
    assert stat.S_IMODE((tmp_path / "host").stat().st_mode) == 0o600
    (tmp_path / "host").chmod(0o644)
    second = own_host(tmp_path)
    assert second != found, "others could have read it"
    (tmp_path / "host").write_text("covolt.example.org\n")
    assert own_host(tmp_path) not in {found, second, "covolt.example.org"}


@pytest.mark.parametrize(("host", "lasts"), [("covolt-a.localhost", LASTS), ("127.0.0.1", LASTS_ELSEWHERE)])
def test_at_a_name_that_others_share_a_browser_is_let_in_for_a_shorter_time(workspace, host, lasts):
    workspace.entrance = Alone(Clock(), PERSON, workspace.programmes.names, "covolt-a.localhost")
    workspace.answers_at("covolt-a.localhost:8600", "127.0.0.1:8600")
    client = TestClient(application(workspace), base_url=f"http://{host}:8600")
    answer = client.post(
        "/api/v1/session", json={"word": workspace.entrance.ticket()}, headers={"Origin": f"http://{host}:8600"}
    )
    assert answer.status_code == 201
    assert f"Max-Age={lasts.total_seconds():.0f}" in answer.headers["set-cookie"]
    assert "domain" not in answer.headers["set-cookie"].lower(), "of this host alone"
    other = {"Origin": "http://covolt-a.localhost:8700"}
    assert client.post("/api/v1/session/end", headers=other).status_code == 403, "another port of the same name"


def test_how_a_workspace_is_reached_only_its_user_reads(tmp_path):
    opened = Opened("http://127.0.0.1:8600", os.getpid(), "covolt_key_x")
    opened.write(tmp_path)
    place = tmp_path / "open.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert opened_at(tmp_path) == opened
    place.chmod(0o644)
    assert opened_at(tmp_path) is None, "others could have read it"
    place.chmod(0o600)
    Opened("http://127.0.0.1:8601", os.getpid(), "covolt_key_y").remove(tmp_path)
    assert place.is_file(), "another's"
    opened.remove(tmp_path)
    assert opened_at(tmp_path) is None
    Opened("http://127.0.0.1:8600", 2**22 + 1, "covolt_key_x").write(tmp_path)
    assert opened_at(tmp_path) is None, "its process has ended"
    place.write_text("{")
    assert opened_at(tmp_path) is None


@pytest.mark.whole
def test_serve_lets_in_whom_it_should(tmp_path, small_programme, monkeypatch):
    """`covolt serve` as a user starts it: without a proof nothing, `connect()` finds address and key by itself."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("COVOLT_WORKSPACE", raising=False)
    monkeypatch.delenv("COVOLT_TOKEN", raising=False)
    with pytest.raises(Unavailable, match="covolt serve"):
        covolt.connect()
    command = [sys.executable, "-m", "covolt", "serve", str(small_programme), "--port", "0", "--no-browser"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True)
    try:
        told = "".join(process.stdout.readline() for _ in range(3))
        by = r"(http://covolt-[a-z]{12}\.localhost(:\d+))/#enter=(\S+)[\s\S]+ (http://127\.0\.0\.1\2)/#enter=\3\n"
        own, _, word, address = re.search(by, told).groups()
        assert httpx2.get(f"{address}/api/v1/programmes", timeout=60).status_code == 401
        assert covolt.connect().programmes() == {NAME: "Joint city car"}
        assert covolt.connect(address).programmes() == {NAME: "Joint city car"}
        with pytest.raises(Forbidden, match="nobody is logged in"):
            covolt.connect(address, "covolt_key_wrong")
        monkeypatch.setenv("COVOLT_TOKEN", "covolt_key_wrong")
        with pytest.raises(Forbidden, match="nobody is logged in"):
            covolt.connect()
        again = [sys.executable, "-m", "covolt", "serve", "--no-browser"]
        told = subprocess.run(again, capture_output=True, text=True, timeout=60, check=True).stdout
        another = re.search(rf"{re.escape(own)}/#enter=(\S+)", told)[1]  # the name stays
        for one in (word, another):
            assert httpx2.post(f"{address}/api/v1/session", json={"word": one}).status_code == 201
            assert httpx2.post(f"{address}/api/v1/session", json={"word": one}).status_code == 403
        [file] = tmp_path.rglob("open.json")
        assert json.loads(file.read_text())["address"] == address
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        token = json.loads(file.read_text())["token"]
        with httpx2.stream(
            "GET", f"{address}/api/v1/programmes/{NAME}/feed/stream", headers=bearer(token)
        ) as open_page:
            assert "data:" in next(open_page.iter_text())
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=60)[1]
        assert "Traceback" not in told, "a page that is open is let go"
    finally:
        process.kill()


@pytest.mark.whole
def test_one_in_another_folder_is_found_and_leaves_nothing_that_lets_in(tmp_path, small_programme, monkeypatch):
    """As a system ends its services: not only Ctrl-C is an orderly end."""
    home = tmp_path / "elsewhere"
    for name in ("COVOLT_WORKSPACE", "COVOLT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    command = [sys.executable, "-m", "covolt", "serve", str(small_programme), "--home", str(home), "--port", "0"]
    with subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            process.stdout.readline()
            with pytest.raises(Unavailable, match="COVOLT_HOME"):
                covolt.connect()
            monkeypatch.setenv("COVOLT_HOME", str(home))
            assert covolt.connect().programmes() == {NAME: "Joint city car"}
            assert (home / "open.json").is_file()
            other = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert other.returncode == 2
            assert "another process serves this workspace" in other.stderr
            assert "--take" in other.stderr
            process.send_signal(signal.SIGTERM)
            assert (process.wait(timeout=60), process.stderr.read()) == (0, b"")
            assert not (home / "open.json").exists()
        finally:
            process.kill()
        process.communicate()
    assert not list(tmp_path.rglob("open.json"))
