"""OpenID Connect: people log in where their party knows them; nothing of what an issuer says counts before it is checked."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, final
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, Field

from covolt.contract.document import DOCUMENT
from covolt.errors import Forbidden, NotFound, Problem, Unavailable
from covolt.legible import HIDDEN
from covolt.own_files import own_content
from covolt.programme.text import Titled
from covolt.suggestion import named
from covolt.words import text

__all__ = ["Begun", "Issuer", "OpenId", "secret_problems"]

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
"""Signatures by a key that the issuer alone has; none that whoever can check them could have made."""
PATIENCE_s = 10.0
WAITS_s = 600.0
KEYS_LAST_s, KEYS_ANEW_s = 3600.0, 10.0
LEEWAY_s = 60
MOST_WAITING = 1000
LARGEST = 1 << 20
LONGEST_SUBJECT = 255


@final
class Issuer(BaseModel):
    """Who knows the people of a party (OpenID Connect): its address, and as whom it knows this workspace."""

    model_config = DOCUMENT

    title: Titled
    address: str = Field(pattern=r"^https?://[^\s?#]+$")
    client: str = Field(min_length=1, max_length=200)
    secret_file: str = Field(default="", pattern=r"^[\w.-]*$")


@final
@dataclass(frozen=True)
class Begun:
    """A log-in that was begun: where the browser goes, and the word that its cookie keeps until it comes back."""

    to: str
    word: str


@final
@dataclass(frozen=True)
class _Waiting:
    """What must come back: to which issuer, in which browser, for which request."""

    issuer: str
    nonce: str
    verifier: str
    word: str
    until_s: float


@final
class OpenId:
    """Log-ins at the issuers of a workspace (authorization code with PKCE, OpenID Connect Core 1.0, RFC 7636, RFC 9207).

    Args:
        home: folder of the workspace, in which secrets of clients lie.
        address: of the workspace, as browsers have it.
        issuers: by name.
        clock: what time it is.
        passed_s: seconds that nobody sets.
    """

    def __init__(
        self,
        home: Path,
        address: str,
        issuers: Mapping[str, Issuer],
        clock: Callable[[], datetime],
        passed_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home, self._address, self._issuers = home, address, issuers
        self._clock, self._passed_s = clock, passed_s
        self._turn = Lock()
        self._waiting = OrderedDict[str, _Waiting]()
        self._about: dict[str, tuple[float, dict[str, Any]]] = {}
        self._keys: dict[str, tuple[float, dict[str, Any]]] = {}

    def begin(self, name: str) -> Begun:
        """Send a browser to an issuer.

        Raises:
            NotFound: no such issuer.
            Unavailable: it does not answer.
        """
        issuer, about = self._issuer(name), self._described(name)
        state, nonce, verifier, word = (secrets.token_urlsafe(32) for _ in range(4))
        waiting = _Waiting(name, nonce, verifier, word, self._passed_s() + WAITS_s)
        with self._turn:
            self._waiting[state] = waiting
            while len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": issuer.client, "redirect_uri": self._comes_back(name),
            "scope": "openid profile", "state": state, "nonce": nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        to = _text(about, "authorization_endpoint", issuer)
        return Begun(f"{to}{'&' if '?' in to else '?'}{urlencode(asked)}", word)

    def finish(self, name: str, *, code: str, state: str, word: str, issuer_said: str = "") -> tuple[str, str]:
        """Who came back from an issuer: the id `ISSUER|SUBJECT`, and how it calls the person.

        Args:
            name: the issuer.
            code: what it gave the browser.
            state: which request that answers; each counts once.
            word: what the cookie of the browser kept: no other browser goes on with it.
            issuer_said: the issuer as it names itself (RFC 9207), where it does.

        Raises:
            Forbidden: what came back does not answer to what this browser was sent with, or is not what an issuer says.
            Unavailable: the issuer does not answer.
        """
        with self._turn:
            waiting = self._waiting.pop(state, None)
        if (
            waiting is None
            or waiting.issuer != name
            or waiting.until_s < self._passed_s()
            or not secrets.compare_digest(waiting.word.encode(), word.encode("utf-8", "surrogatepass"))
        ):
            raise _refused(text("this answers to no log-in of this browser"))
        issuer, about = self._issuer(name), self._described(name)
        if issuer_said and issuer_said != about["issuer"]:
            raise _refused(text("another issuer answered"))
        given = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._comes_back(name),
            "client_id": issuer.client, "code_verifier": waiting.verifier,
        }  # fmt: skip
        told = self._asked(_text(about, "token_endpoint", issuer), issuer, given)
        claims = self._claims(name, str(told.get("id_token", "")), waiting.nonce)
        subject, called = claims["sub"], claims.get("name") or claims.get("preferred_username") or claims["sub"]
        shown = "".join(sign for sign in HIDDEN.sub("", str(called)) if sign.isprintable()).strip()[:100]
        return f"{about['issuer']}|{subject}", shown or "?"

    def _claims(self, name: str, told: str, nonce: str) -> Mapping[str, Any]:
        """What an ID token says, after every check of OpenID Connect Core 1.0, 3.1.3.7."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        issuer, about = self._issuer(name), self._described(name)
        claims: Mapping[str, Any] = {}
        for anew in (False, True):
            try:
                keys = self._key_set(name, anew=anew)
                claims = jwt.decode(told, keys, algorithms=ALGORITHMS).claims
                break
            except (JoseError, ValueError, TypeError, KeyError) as error:
                if anew:  # its keys may have been changed since they were read
                    raise _refused(text("the issuer's word is not signed by it")) from error
        wanted = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_s,
            iss={"essential": True, "value": about["issuer"]},
            aud={"essential": True, "value": issuer.client},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            wanted.validate(dict(claims))
        except (JoseError, ValueError, TypeError) as error:
            raise _refused(text("the issuer's word is not for this log-in, or no longer")) from error
        audience, azp = claims["aud"], claims.get("azp")
        others = isinstance(audience, list) and set(audience) != {issuer.client}
        subject = claims["sub"]
        wrong = not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable()
        if wrong or (azp not in {None, issuer.client}) or (others and azp is None):
            raise _refused(text("the issuer's word is not for this log-in, or no longer"))
        return claims

    def _key_set(self, name: str, *, anew: bool) -> Any:
        from joserfc.jwk import KeySet

        kept_s, keys = self._keys.get(name, (-KEYS_LAST_s, {}))
        age_s = self._passed_s() - kept_s
        if not keys or age_s > (KEYS_ANEW_s if anew else KEYS_LAST_s):
            issuer = self._issuer(name)
            keys = self._asked(_text(self._described(name), "jwks_uri", issuer), issuer)
            self._keys[name] = (self._passed_s(), keys)
        of_issuer = [one for one in keys.get("keys", ()) if isinstance(one, dict) and one.get("kty") != "oct"]
        return KeySet.import_key_set({"keys": of_issuer})

    def _described(self, name: str) -> dict[str, Any]:
        """What an issuer says of itself (OpenID Connect Discovery 1.0)."""
        issuer = self._issuer(name)
        kept_s, about = self._about.get(name, (-KEYS_LAST_s, {}))
        if not about or self._passed_s() - kept_s > KEYS_LAST_s:
            about = self._asked(f"{issuer.address.rstrip('/')}/.well-known/openid-configuration", issuer)
            if str(about.get("issuer", "")).rstrip("/") != issuer.address.rstrip("/"):
                raise _refused(text("another issuer answered"))
            self._about[name] = (self._passed_s(), about)
        return about

    def _asked(self, address: str, issuer: Issuer, given: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What an issuer answers; it is asked at its own address alone, and is followed nowhere."""
        import httpx2

        secret = self._secret(issuer) if given is not None else ""
        proof = (issuer.client, secret) if secret else None
        why, content = "HTTP", b""
        try:
            method = "GET" if given is None else "POST"
            with httpx2.stream(method, address, data=given, auth=proof, timeout=PATIENCE_s) as answer:
                if answer.status_code == 200:
                    content = _bounded(answer.iter_bytes())
            found = json.loads(content)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            found, why = None, type(error).__name__
        if not isinstance(found, dict):
            what = text("the issuer does not answer as it should: {why}", why=why)
            raise Unavailable(Problem(what, issuer.client, text("try again later")))
        return found

    def _secret(self, issuer: Issuer) -> str:
        found = _secret_of(self._home, issuer)
        if isinstance(found, Problem):
            raise Unavailable(found)
        return found

    def _issuer(self, name: str) -> Issuer:
        if name not in self._issuers:
            raise NotFound(Problem(text("no issuer '{name}'", name=name), "issuer", named(name, self._issuers)))
        return self._issuers[name]

    def _comes_back(self, name: str) -> str:
        return f"{self._address}/api/v1/login/{name}/callback"


def secret_problems(home: Path, issuers: Mapping[str, Issuer]) -> list[Problem]:
    """Secrets that issuers are to be told and that cannot be read in the folder of a workspace."""
    found = (_secret_of(home, one) for one in issuers.values())
    return [one for one in found if isinstance(one, Problem)]


def _secret_of(home: Path, issuer: Issuer) -> str | Problem:
    """The secret by which an issuer knows this workspace, empty where it has none; or why it cannot be read."""
    if not issuer.secret_file:
        return ""
    content = own_content(home / issuer.secret_file, foreign_modes=0o077)
    if content is None:
        what = text("the client's secret is not there, or others can read it")
        return Problem(what, issuer.secret_file, text("give the file the mode 600"))
    try:
        return content.decode().strip()
    except UnicodeDecodeError:
        return Problem(text("not UTF-8"), issuer.secret_file, text("put the secret alone there, as text"))


def _bounded(pieces: Iterable[bytes]) -> bytes:
    """What comes, as far as it may be long; nothing where it is longer."""
    found = b""
    for piece in pieces:
        found += piece
        if len(found) > LARGEST:
            return b""
    return found


def _text(about: Mapping[str, Any], name: str, issuer: Issuer) -> str:
    """An address of an issuer; over TLS, but on this machine, where no one else listens in."""
    found = str(about.get(name, ""))
    parts = urlsplit(found)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"} and issuer.address.startswith("http:")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise _refused(text("the issuer names no address for {what}", what=name))
    return found


def _refused(what: Any) -> Forbidden:
    return Forbidden(Problem(what, "login", text("log in anew")))
