"""How often one may ask, and how much one may send: told at once, before it is taken in."""

import json
import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient

from covolt.cli.serve import _run
from covolt.workspace.alone import Alone
from covolt.workspace.application import LARGEST_BODY, application
from covolt.workspace.rates import Rates
from tests.workspace.conftest import PERSON, Clock
from tests.workspace.test_client import served


@pytest.fixture
def alone(workspace):
    workspace.entrance = Alone(Clock(), PERSON, workspace.programmes.names)
    return workspace


def test_a_bucket_fills_by_itself():
    passed_s = [0.0]
    rates = Rates(3.0, 0.5, lambda: passed_s[0])
    assert [rates.wait_s("one") for _ in range(5)] == [0, 0, 0, 2, 2]
    assert rates.wait_s("other") == 0
    passed_s[0] = 2.0
    assert [rates.wait_s("one") for _ in range(2)] == [0, 2]


def test_who_asks_too_often_is_told_when_to_ask_again(alone):
    alone.rates, alone.strangers = Rates(5.0, 0.1), Rates(3.0, 0.1)
    client = TestClient(application(alone))
    headers = {"Authorization": f"Bearer {alone.entrance.token}"}
    found = [client.get("/api/v1/programmes", headers=headers) for _ in range(7)]
    assert [one.status_code for one in found] == [200] * 5 + [429] * 2
    assert found[-1].headers["retry-after"] in {"8", "9", "10"}
    assert found[-1].headers["content-type"] == "application/problem+json"
    wrong = [client.get("/api/v1/programmes", headers={"Authorization": "Bearer x"}).status_code for _ in range(4)]
    assert wrong == [401, 401, 401, 429]
    assert client.post("/api/v1/session", json={"word": "x"}).status_code == 429
    assert client.get("/health/live").status_code == 200


def test_of_addresses_that_a_proxy_appends_to_the_last_counts(alone, monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    configs = []
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: configs.append(self.config))
    monkeypatch.setattr("covolt.cli.serve.signal", lambda *_: None)
    monkeypatch.setattr(alone, "work", lambda: None)
    monkeypatch.setattr("covolt.cli.serve._warm_up", lambda _: None)
    _run(alone, None, behind_proxy=True)
    [config] = configs
    config.load()
    client = TestClient(config.loaded_app, client=("127.0.0.1", 1))
    alone.strangers = Rates(1.0, 0.001)

    def asked(forwarded):
        headers = {"Authorization": "Bearer x", "X-Forwarded-For": forwarded}
        return client.get("/api/v1/programmes", headers=headers).status_code

    assert asked("192.0.2.1") == 401
    assert [asked(f"198.51.100.{one}, 192.0.2.1") for one in range(2)] == [429, 429], "what one appends to is no other"
    assert asked("192.0.2.2") == 401


@pytest.mark.whole
def test_what_is_too_large_is_refused(alone):
    headers = {"Authorization": f"Bearer {alone.entrance.token}", "Content-Type": "application/json"}
    with served(alone) as address:
        path = f"{address}/api/v1/programmes"
        asked = HTTPConnection(address.removeprefix("http://"), timeout=20)
        asked.putrequest("POST", "/api/v1/programmes")
        for name, value in {**headers, "Content-Length": str(2**31)}.items():
            asked.putheader(name, value)
        asked.endheaders()
        told = asked.getresponse()
        assert told.status == 413, "refused by what it says of itself, before any of it has come"
        assert "too large" in json.loads(told.read())["problems"][0]["what"]["en"]
        assert told.headers["Content-Type"] == "application/problem+json"
        assert "Content-Security-Policy" in told.headers
        asked.close()
        told = httpx2.post(path, headers=headers, content=iter([b"x" * 100_000] * 50))
        assert told.status_code == 413, "refused when more has come than may, whatever it says of itself"
        assert httpx2.post(path, headers=headers, content=b"x" * (LARGEST_BODY - 10)).status_code == 422


@pytest.mark.whole
def test_a_request_with_two_lengths_is_refused_and_nothing_follows_it(alone):
    """What a proxy takes for the body of one request must not be another here."""
    with served(alone) as address, socket.create_connection(urlsplit(address).netloc.split(":"), timeout=10) as one:
        head = "POST /api/v1/session HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
        one.sendall(head.format(urlsplit(address).netloc).encode() + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        one.sendall(f"GET /health/live HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n\r\n".encode())
        told = b"".join(iter(lambda: one.recv(65536), b""))
    assert told.startswith(b"HTTP/1.1 4")
    assert b'"live"' not in told
