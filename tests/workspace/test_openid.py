"""Logging in at an issuer: a small one with real signatures, and every lie that another could tell in its stead."""

import base64
import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from covolt.workspace.application import application
from covolt.workspace.openid import Issuer
from covolt.workspace.together import Settings, Together

ADDRESS = "http://workspace.example.org"
CLIENT = "covolt"
NOW = 1_796_040_000


class SmallIssuer:
    """Knows one person. `claims` and `sign` may be bent by a test; nothing else of it lies."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.keys = [self.key]
        self.codes = {}
        self.asked = []
        self.bend = lambda claims: claims
        self.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        self.called = None
        self.app = FastAPI()
        self.app.get("/.well-known/openid-configuration")(self.about)
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)
        self.app.get("/keys")(lambda: {"keys": [one.as_dict(private=False) for one in self.keys]})

    def about(self):
        return {"issuer": self.called or self.address, "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys"}  # fmt: skip

    def authorize(self, request: Request):
        asked = dict(request.query_params)
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", 303)

    async def token(self, request: Request):
        given = {name: one[0] for name, one in parse_qs((await request.body()).decode()).items()}
        assert given["grant_type"] == "authorization_code"
        code, code_verifier, redirect_uri, client_id = (
            given[one] for one in ("code", "code_verifier", "redirect_uri", "client_id")
        )
        asked = self.codes.pop(code, None)
        self.asked.append(code)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        right = asked and (asked["code_challenge"], asked["redirect_uri"]) == (challenge, redirect_uri)
        if not right or client_id != CLIENT:
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {"iss": self.address, "aud": CLIENT, "sub": "engineer-7", "name": "A battery engineer", "iat": NOW,
                  "exp": NOW + 300, "nonce": asked["nonce"]}  # fmt: skip
        return {"id_token": self.sign(self.bend(claims)), "access_token": "x", "token_type": "Bearer"}


@pytest.fixture(scope="module")
def serving():
    one = SmallIssuer()
    server = uvicorn.Server(uvicorn.Config(one.app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    one.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield one
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def issuer(serving):
    kept = dict(vars(serving))
    yield serving
    vars(serving).update(kept)


@pytest.fixture
def browser(workspace, issuer):
    from datetime import UTC, datetime

    known = Issuer(title="Battery works", address=issuer.address, client=CLIENT)
    settings = Settings(address=ADDRESS, issuers={"works": known})
    workspace.entrance = Together(workspace.people, settings, lambda: datetime.fromtimestamp(NOW, UTC))
    return TestClient(application(workspace), base_url=ADDRESS, follow_redirects=False)


def sent(browser):
    """To the issuer and back, as far as the address at which the workspace is asked again."""
    away = browser.get("/api/v1/login/works")
    assert away.status_code == 303, away.text
    to = urlsplit(away.headers["location"])
    asked = {name: one[0] for name, one in parse_qs(to.query).items()}
    assert asked["code_challenge_method"] == "S256"
    with TestClient(browser.issuer.app, follow_redirects=False) as at:
        back = at.get(f"/authorize?{to.query}").headers["location"]
    return back.removeprefix(ADDRESS)


@pytest.fixture
def going(browser, issuer):
    browser.issuer = issuer
    return browser


def test_a_person_logs_in_where_the_party_knows_it(going, workspace, issuer):
    assert going.get("/api/v1/entrance").json()["issuers"][0]["title"]["en"] == "Battery works"
    back = going.get(sent(going))
    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert any("samesite=strict" in one.lower() for one in back.headers.get_list("set-cookie"))
    shown = going.get("/api/v1/session").json()
    assert (shown["person"], shown["name"]) == (f"{issuer.address}|engineer-7", "A battery engineer")
    assert shown["memberships"] == []
    assert going.get("/api/v1/programmes").json()["programmes"] == []
    going.post("/api/v1/session/end")
    assert going.get("/api/v1/session").status_code == 401
    assert going.get(sent(going)).status_code == 303
    assert len(workspace.people.listed()) == 1


def pem_as_secret(issuer, claims):
    """The signature that anybody can make who knows the public key, told as one of a shared secret."""
    import hmac

    def part(content):
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    head = f"{part(json.dumps({'alg': 'HS256', 'kid': 'one'}).encode())}.{part(json.dumps(claims).encode())}"
    mac = hmac.new(issuer.key.as_pem(private=False), head.encode(), hashlib.sha256).digest()
    return f"{head}.{part(mac)}"


def unsigned(_, claims):
    def part(content):
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


def of_another_key(_, claims):
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048, {"kid": "one"}))


def of_shared_secret(issuer, claims):
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("x" * 32), algorithms=["HS256"])


def altered(issuer, claims):
    head, _, mac = jwt.encode({"alg": "RS256", "kid": "one"}, claims, issuer.key).split(".")
    other = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "somebody-else"}).encode()).rstrip(b"=").decode()
    return f"{head}.{other}.{mac}"


@pytest.mark.parametrize(
    "forge", [pem_as_secret, unsigned, of_another_key, of_shared_secret, altered, lambda *_: "x.y"]
)
def test_what_the_issuer_has_not_signed_counts_for_nothing(going, workspace, issuer, forge):
    issuer.sign = lambda claims: forge(issuer, claims)
    answer = going.get(sent(going))
    assert answer.status_code == 403
    assert "not signed by it" in answer.text
    assert workspace.people.listed() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": None}, {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"}, {"azp": "another"}, {"iss": "http://evil.example"}, {"iss": None},
        {"exp": NOW - 61}, {"exp": None}, {"exp": "never"}, {"iat": NOW + 3600}, {"nbf": NOW + 3600}, {"sub": None}, {"sub": 7},
        {"sub": ""}, {"sub": "x" * 300}, {"sub": "a\nb"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_for_this_log_in_counts_for_nothing(going, workspace, issuer, changes):
    issuer.bend = lambda claims: {k: v for k, v in (claims | changes).items() if v is not None}
    answer = going.get(sent(going))
    assert answer.status_code == 403, answer.headers
    assert "not for this log-in" in answer.text
    assert workspace.people.listed() == []


def test_what_comes_back_answers_to_this_browser_and_once(going, workspace):
    back = sent(going)
    code = parse_qs(urlsplit(back).query)["code"][0]
    other = TestClient(going.app, base_url=ADDRESS, follow_redirects=False)
    assert other.get(back).status_code == 403, "another browser: somebody would be logged in as who sent the link"
    assert going.get(back).status_code == 403, "and what it has spoilt does not count for the first"
    assert going.get(f"/api/v1/login/works/callback?code={code}&state=another").status_code == 403
    assert going.get("/api/v1/login/works/callback?error=access_denied").status_code == 403
    assert going.get(sent(going) + "&iss=http://evil.example").status_code == 403
    assert going.get("/api/v1/login/nowhere").status_code == 404
    assert workspace.people.listed() == []


def test_of_many_who_come_back_with_one_answer_one_is_let_in(going):
    back = sent(going)
    cookies = dict(going.cookies)

    def again(_):
        return TestClient(going.app, base_url=ADDRESS, follow_redirects=False, cookies=cookies).get(back).status_code

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(again, range(32))) == [303] + [403] * 31


def test_an_issuer_may_change_its_keys(going, issuer, workspace):
    assert going.get(sent(going)).status_code == 303
    new = ECKey.generate_key("P-256", {"kid": "two"})
    issuer.keys = [new]
    issuer.sign = lambda claims: jwt.encode({"alg": "ES256", "kid": "two"}, claims, new)
    assert going.get(sent(going)).status_code == 403, (
        "asked for anew after some seconds alone: nobody makes it ask often"
    )
    workspace.entrance.openid._passed_s = lambda: time.monotonic() + 60.0
    assert going.get(sent(going)).status_code == 303


def test_an_issuer_that_calls_itself_otherwise_is_none(going, issuer):
    issuer.called = "http://evil.example"
    assert going.get("/api/v1/login/works").status_code == 403


def test_where_the_issuer_does_not_answer_it_is_said(workspace):
    from datetime import UTC, datetime

    settings = Settings(
        address=ADDRESS, issuers={"works": Issuer(title="W", address="http://127.0.0.1:1", client=CLIENT)}
    )
    workspace.entrance = Together(workspace.people, settings, lambda: datetime.now(UTC))
    answer = TestClient(application(workspace), base_url=ADDRESS).get("/api/v1/login/works")
    assert answer.status_code == 503
