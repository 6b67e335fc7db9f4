"""Whatever a party keeps as its own is found in no answer to anybody else: every door, every role, every field."""

import io
import re
import zipfile
from collections import Counter
from contextlib import contextmanager
from itertools import takewhile

import httpx2
import pytest
from sqlalchemy import event

from covolt.workspace.alone import Alone
from covolt.workspace.asking import Workspace
from covolt.workspace.entrance import SCOPES, Asker
from covolt.workspace.together import Settings, Together
from covolt.workspace.tokens import TokenWanted
from tests.house.source import ROOT
from tests.workspace.conftest import PERSON, Clock, of
from tests.workspace.private import BETWEEN, CANARIES, CONTRACT, MAKERS, OF_SLOT, SLOT, kept_between, private_programme
from tests.workspace.test_client import served

pytestmark = pytest.mark.whole
NAME, ABSENT = "small-car", "small-cat"
CHANGE = [{"slot": "battery", "number": "heater_power", "value": "3.5 kW"}]
TRIED = [{"slot": "body", "number": "mass", "value": "560 kg"}]
GIVEN = {
    "changes": TRIED, "title": "Tried", "id": "another-car", "example": "city-car", "answer": "accept", "content": "sha256:0",
    "party": "battery-works", "slots": [SLOT], "scopes": ["read"], "word": "covolt_token_wrong", "name": "Somebody",
    "programme": NAME, "days": 7, "reason": "", "requirement": "I-MASS", "slot": SLOT, "number": 1, "gate": "concept",
    "part": "pack-33", "from": 1, "proposal": 1, "text": "A remark", "address": "battery/mass", "of": "battery-works",
    "which": "battery-works",
}  # fmt: skip
"""What fields and parameters of requests are filled with, by their names; what is not named here is filled by its schema."""
LAST = ("end", "revoke", "exchange", "withdraw")
"""Doors that take something away, asked after all others."""
UNREACHED = {
    "/api/v1/login/{issuer}", "/api/v1/login/{issuer}/callback", "/api/v1/session", "/api/v1/invitations/use",
    "/api/v1/tokens/exchange",
}  # fmt: skip
"""Doors of which no role holds the word that they need: they are asked, and refuse."""


class Matrix:
    """The workspace over a socket, and who asks."""

    def __init__(self, workspace, address):
        self.workspace, self.address = workspace, address
        self.client = httpx2.Client(base_url=address, timeout=60.0)
        self.words = {}
        self.described = self.client.get("/api/v1/openapi.json").json()

    def person(self, *memberships, administers=False):
        """A token of somebody new who acts for parties, `(party, slots)` each."""
        people = self.workspace.people
        who = people.add(f"Somebody {len(people.listed())}", administers=administers)
        with people.programmes.database.writing() as session:
            for party, slots in memberships:
                people.join(session, NAME, party, who, slots, who)
        return self.workspace.tokens.make(Asker(who), TokenWanted("a test", SCOPES)).word

    def doors(self):
        """Method, path and description of every door, those that take away last."""
        found = [
            (method.upper(), path, one)
            for path, each in self.described["paths"].items()
            for method, one in each.items()
        ]
        return sorted(found, key=lambda one: (one[0] != "GET", one[1].rpartition("/")[2] in LAST))

    def filled(self, schema, name=""):
        """A value as a schema asks for it."""
        if "$ref" in schema:
            schema = self.described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if name in GIVEN and ("enum" not in schema or GIVEN[name] in schema["enum"]):
            return GIVEN[name]
        schema = schema.get("anyOf", [schema])[0]
        known = [schema[one] for one in ("const", "default") if one in schema] + schema.get("enum", [])
        if known:
            return known[0]
        if schema.get("type") == "object":
            return {key: self.filled(schema["properties"][key], key) for key in schema.get("required", ())}
        if schema.get("type") == "array":
            return [self.filled(schema["items"], name)] if schema.get("minItems") else []
        plain = {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": False}
        return plain.get(schema.get("type"), "x")

    def ask(self, method, path, one, headers, name=NAME):
        """An answer: status, all that it says, and its body alone; of a stream its first lines."""
        asked = {}
        for each in one.get("parameters", ()):
            value = name if each["name"] == "name" else self.filled(each["schema"], each["name"])
            if each["in"] == "path":
                path = path.replace(f"{{{each['name']}}}", str(value))
            elif each.get("required"):
                asked[each["name"]] = value
        assert "{" not in path, path
        given = {"params": asked, "headers": headers}
        if content := one.get("requestBody", {}).get("content"):
            kind, described = next(iter(content.items()))
            if kind == "application/json":
                given["json"] = self.filled(described["schema"])
            else:
                given["content"], given["headers"] = b"x", {**headers, "Content-Type": kind}
        with self.client.stream(method, path, **given) as answer:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                body = "\n".join(takewhile(lambda line: not line.startswith(":"), answer.iter_lines()))
            else:
                body = unpacked(answer.read())
            return answer.status_code, f"{answer.headers}\n{body}", body


def unpacked(content):
    """A body as text; of an archive, such as a dossier or what a party takes out, the names and contents of all of it."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(f"{one}\n{unpacked(archive.read(one))}" for one in archive.namelist())


@pytest.fixture(scope="module")
def small(tmp_path_factory, small_programme):
    made = tmp_path_factory.mktemp("private") / NAME
    return kept_between(private_programme(small_programme, made, ROOT / "examples/city-car"))


@contextmanager
def asked_at(workspace):
    """The workspace, served."""
    try:
        with served(workspace) as address:
            matrix = Matrix(workspace, address)
            try:
                yield matrix
            finally:
                matrix.client.close()
    finally:
        workspace.close()


def opened(home, small, monkeypatch):
    """A workspace in which a proposal of the private part stands, merged, and one is open."""
    made = Workspace(home, Clock())
    made.begin(small, of(""))
    # What only its party reads is proposed no more; an earlier part of the programme may have been read by all.
    monkeypatch.setattr("covolt.workspace.proposals.unseen_by_others", lambda *_: [])
    wanted = [tuple(one.values()) for one in CHANGE]
    first = made.proposals.make(NAME, of("battery-works"), wanted, "Another heater", "")
    made.proposals.shown(NAME, first, of("battery-works"), 60.0)
    made.proposals.merge(NAME, first, of("battery-works"))
    made.proposals.make(NAME, of("battery-works"), [(SLOT, "heater_power", "4.0 kW")], "And another", "")
    made.proposals.make(NAME, of("integrator"), [tuple(one.values()) for one in TRIED], "A lighter body", "")
    return made


@pytest.fixture
def together(tmp_path, monkeypatch, small):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    made = opened(tmp_path / "home", small, monkeypatch)
    made.entrance = Together(made.people, Settings(address="http://x"), made.people.clock)
    with asked_at(made) as matrix:
        yield matrix


def told_of(said, allowed):
    """Canaries in an answer that are not for who asked."""
    found = {
        one for one in {*CANARIES, *CONTRACT} if one in said or (one[0].isdigit() and one.replace(".", ",") in said)
    }
    return found - allowed


def own(*parties):
    kept = CONTRACT if {*parties} & {*BETWEEN} else set()
    return kept | {one for one, party in CANARIES.items() if party in parties}


def roles_of(matrix):
    """Who asks: headers, and the canaries that are theirs."""
    acting = {
        f"for {party}": (matrix.person((party, ())), party, own(party)) for party in (*MAKERS, "agency", "concern")
    }
    everyone = {
        **acting,
        "nobody": ("", "", set()),
        "a stranger": (matrix.person(), "", set()),
        "a stranger who claims a party": (matrix.person(), "battery-works", set()),
        "a member for another party": (matrix.person(("integrator", ())), "battery-works", set()),
        "a member for nobody": (matrix.person(("battery-works", ())), "", set()),
        "for a slot": (matrix.person(("battery-works", (SLOT,))), "battery-works", own("battery-works") & OF_SLOT),
        "for another slot": (matrix.person(("battery-works", ("body",))), "battery-works", set()),
        "for a slot of another": (matrix.person(("integrator", (SLOT,))), "integrator", own("integrator") & OF_SLOT),
        "an administrator": (matrix.person(administers=True), "", set()),
    }  # fmt: skip
    matrix.words = {word for word, *_ in everyone.values() if word}
    return {
        name: (
            ({"Authorization": f"Bearer {word}"} if word else {}) | ({"Covolt-Party": party} if party else {}),
            allowed,
        )
        for name, (word, party, allowed) in everyone.items()
    }


def test_no_answer_to_anybody_holds_what_is_anothers(together):
    matrix, reached, found = together, Counter(), Counter()
    roles = roles_of(matrix)
    leaks = []
    for method, path, one in matrix.doors():
        for role, (headers, allowed) in roles.items():
            status, said, body = matrix.ask(method, path, one, headers)
            assert status < 500, (method, path, role, said)
            reached[method, path] += status < 400 or status in {403, 409}
            leaks += [(method, path, role, each) for each in told_of(said, allowed)]
            leaks += [(method, path, role, "a token") for word in matrix.words if word in body]
            found.update(each for each in allowed if each in said)
    assert leaks == []
    unreached = [f"{method} {path}" for method, path, _ in matrix.doors() if not reached[method, path]]
    assert [one for one in unreached if one.partition(" ")[2] not in UNREACHED] == [], (
        "fill them: GIVEN names their fields"
    )
    shown = {one for one in CANARIES if "requirement.END" in one or ".slot-part" in one or ".slot-source" in one}
    assert found.keys() >= CONTRACT, "who keeps it reads it"
    assert shown - found.keys() <= {one for one in CANARIES if "slot-part" in one}, "who may see them does"


def test_what_is_not_for_who_asks_is_as_what_is_not(together):
    """Status, body and headers are equal, and so is what the database is asked."""
    matrix, statements = together, []
    matrix.workspace.subscriptions.deliveries.close()  # what it asks the database of itself is not of any answer
    engine = matrix.workspace.programmes.database.engine
    headers = {"Authorization": f"Bearer {matrix.person()}"}
    event.listen(engine, "before_cursor_execute", lambda _, __, said, *___: statements.append(said))
    for method, path, one in matrix.doors():
        if "{name}" not in path:
            continue
        for more in ({}, {"Covolt-Party": "battery-works"}, {"Covolt-Party": "nobody"}):
            told = []
            for name in (NAME, ABSENT):
                statements.clear()
                status, said, _ = matrix.ask(method, path, one, headers | more, name)
                told.append(
                    (
                        status,
                        re.sub("'(?:date|x-request-id)': '[^']*'", "", said).replace(name, "NAME"),
                        list(statements),
                    )
                )
            assert told[0] == told[1], (method, path, more)
            assert told[0][0] == 404
            assert len(told[0][2]) > 0


WRONG = [
    ("POST", "/what-if", {"changes": [{"slot": SLOT, "number": "heater_powe", "value": "1 kW"}]}),
    ("POST", "/what-if", {"changes": [{"slot": SLOT, "number": "heater_power", "value": "1 V"}]}),
    ("POST", "/what-if", {"changes": CHANGE}),
    ("POST", "/proposals", {"changes": CHANGE, "title": "Probing"}),
    ("POST", "/proposals", {"changes": [{"slot": SLOT, "number": "mass", "value": "240 kg"}], "title": "Probing"}),
    ("GET", "/proposals/1", None),
    ("GET", "/proposals/2", None),
    ("GET", "/verdicts?wait_s=20", None),
    ("GET", "/gates?wait_s=20", None),
]


@pytest.mark.parametrize("party", ["", "integrator", "agency", "drive-works"])
def test_what_is_wrong_is_told_without_it(together, party):
    headers = {"Authorization": f"Bearer {together.person((party or 'concern', ()))}", "Covolt-Party": party}
    for method, path, body in WRONG:
        answer = together.client.request(method, f"/api/v1/programmes/{NAME}{path}", headers=headers, json=body)
        assert told_of(f"{answer.headers}{answer.text}", own(party)) == set(), (path, answer.text)
        if body and body.get("title"):
            assert answer.status_code in {403, 404, 422}, "numbers that are not shown are not for others to change"


def test_the_one_person_of_a_machine_sees_as_each_party_only_its_own(tmp_path, monkeypatch, small):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    made = opened(tmp_path / "home", small, monkeypatch)
    made.entrance = Alone(made.people.clock, PERSON, made.programmes.names)
    with asked_at(made) as matrix:
        for party in ("", *MAKERS, "agency"):
            headers = {"Authorization": f"Bearer {made.entrance.token}", "Covolt-Party": party}
            for method, path, one in matrix.doors():
                if method == "GET" or path.endswith("what-if"):
                    status, said, _ = matrix.ask(method, path, one, headers)
                    assert status < 500
                    assert told_of(said, own(party)) == set(), (method, path, party)
                    assert made.entrance.token not in said
