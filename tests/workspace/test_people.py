"""Several people: each does what the own memberships and the token allow, comes in once by an invitation, and leaves."""

import json
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import httpx2
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from covolt.cli.application import app as commands
from covolt.errors import Conflict, Forbidden, InputError, NotFound, Unavailable
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace
from covolt.workspace.bearer import hash_of
from covolt.workspace.doors import feed as doors_of_feed
from covolt.workspace.entrance import SCOPES, Asker
from covolt.workspace.feed import feed
from covolt.workspace.steady import SteadyClock
from covolt.workspace.tables import InvitationRow, TokenRow
from covolt.workspace.together import Settings, Together, doubts_of, opened_by, settings_of
from covolt.workspace.tokens import TokenWanted
from tests.workspace.conftest import of
from tests.workspace.test_client import served

NAME = "small-car"
AT = f"/api/v1/programmes/{NAME}"
ADDRESS = "http://workspace.example.org"


class Time:
    """A clock that stands until a test moves it; `passed_s` is what really passes."""

    def __init__(self):
        self.now, self.passed_s = datetime(2026, 11, 30, 12, 0, tzinfo=UTC), 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def together(workspace, time):
    steady = SteadyClock(time, passed_s=lambda: time.passed_s)
    workspace.people.clock = steady
    workspace.tokens._clock = steady
    workspace.entrance = Together(workspace.people, Settings(address=ADDRESS), steady)
    return workspace


def person(workspace, name, *memberships, administers=False):
    """Somebody who acts for parties, `(party, slots)` each; the id."""
    made = workspace.people.add(name, administers=administers)
    with workspace.programmes.database.writing() as session:
        for party, slots in memberships:
            workspace.people.join(session, NAME, party, made, slots, made)
    return made


def token(workspace, who, *scopes, **bounds):
    return workspace.tokens.make(Asker(who), TokenWanted("a test", scopes or SCOPES, **bounds)).word


@pytest.fixture
def client_of(together):
    app = application(together)

    def made(word="", party=""):
        headers = {"Authorization": f"Bearer {word}"} if word else {}
        headers |= {"Covolt-Party": party} if party else {}
        return TestClient(app, base_url=ADDRESS, headers=headers)

    return made


def test_a_programme_of_which_one_is_no_member_is_answered_as_one_that_is_not(together, client_of):
    stranger = client_of(token(together, person(together, "A stranger")))
    administrator = client_of(token(together, person(together, "An administrator", administers=True)))
    for client in (stranger, administrator):
        assert client.get("/api/v1/programmes").json()["programmes"] == []
        for path in ("", "/verdicts", "/feed", "/feed.atom", "/proposals", "/proposals/1", "/gates"):
            hidden, absent = client.get(AT + path), client.get(f"/api/v1/programmes/small-cat{path}")
            assert hidden.status_code == absent.status_code == 404
            assert hidden.text.replace(NAME, "small-cat") == absent.text, "also no hint at its name"
            assert {k: v for k, v in hidden.headers.items() if k not in {"content-length", "x-request-id"}} == {
                k: v for k, v in absent.headers.items() if k not in {"content-length", "x-request-id"}
            }


def test_one_acts_for_the_own_parties_alone(together, client_of):
    word = token(together, person(together, "A battery engineer", ("battery-works", ())))
    body = {"changes": [{"slot": "battery", "number": "mass", "value": "240 kg"}], "title": "Heavier"}
    assert client_of(word, "battery-works").post(f"{AT}/proposals", json=body).status_code == 201
    for party in ("integrator", "nobody"):
        answer = client_of(word, party).post(f"{AT}/proposals", json=body)
        assert answer.status_code == 403
        assert f"you do not act for '{party}'" in answer.text
    assert client_of(word).post(f"{AT}/proposals/1/merge").status_code == 403, "who merges speaks for a party"


def test_a_token_allows_its_scopes_alone(together, client_of):
    who = person(together, "A battery engineer", ("battery-works", ()))
    body = {"changes": [{"slot": "battery", "number": "mass", "value": "240 kg"}], "title": "Heavier"}
    reads = client_of(token(together, who, "read"), "battery-works")
    assert reads.get(AT).status_code == 200
    for path, given in (
        ("/proposals", body),
        ("/proposals/1/merge", None),
        ("/invitations", {"party": "battery-works"}),
    ):
        answer = reads.post(AT + path, json=given)
        assert answer.status_code == 403
        assert "needs the scope" in answer.text
    assert client_of(token(together, who, "propose"), "battery-works").get(AT).status_code == 403
    assert reads.post("/api/v1/programmes", json={"id": "another"}).status_code == 403
    administers = client_of(token(together, who, "administer"))
    assert administers.post("/api/v1/programmes", json={"id": "another"}).status_code == 403, "no administrator"
    wider = administers.post("/api/v1/tokens", json={"title": "wider", "scopes": ["merge"]})
    assert wider.status_code == 403
    assert "reaches further" in wider.text


def test_a_token_that_is_bound_to_a_party_speaks_for_no_other(together, client_of):
    who = person(together, "An engineer of two", ("battery-works", ()), ("integrator", ()))
    word = token(together, who, programme=NAME, party="battery-works")
    assert client_of(word, "battery-works").get(AT).status_code == 200
    assert client_of(word, "integrator").get(AT).status_code == 403
    assert client_of(token(together, who, programme="other")).get(AT).status_code == 404
    made = client_of(word).post("/api/v1/tokens", json={"title": "free", "scopes": ["read"]})
    assert made.status_code == 403


def test_what_is_kept_of_a_word_lets_nobody_in(together, client_of):
    who = person(together, "A battery engineer", ("battery-works", ()))
    word = token(together, who)
    with together.programmes.database.reading() as session:
        [row] = session.query(TokenRow).all()
    assert row.hash == hash_of(word)
    assert word not in str(vars(row))
    assert client_of(row.hash).get(AT).status_code == 401


def test_a_token_expires_also_where_the_clock_is_set_back(together, client_of, time):
    who = person(together, "A battery engineer", ("battery-works", ()))
    client = client_of(token(together, who, days=1))
    assert client.get(AT).status_code == 200
    time.now += timedelta(hours=23)
    assert client.get(AT).status_code == 200
    time.now -= timedelta(days=30)
    assert client.get(AT).status_code == 200
    time.passed_s += 3601.0
    assert client.get(AT).status_code == 401


def test_a_browser_logs_in_by_a_token_and_out(together, client_of):
    who = person(together, "A battery engineer", ("battery-works", ()))
    word, browser = token(together, who, "read"), client_of()
    assert browser.get(AT).status_code == 401
    assert browser.post("/api/v1/session", json={"word": "covolt_token_wrong"}).status_code == 403
    assert browser.post("/api/v1/session", json={"word": word}).status_code == 201
    shown = browser.get("/api/v1/session").json()
    assert (shown["name"], shown["together"]) == ("A battery engineer", True)
    assert [one["party"] for one in shown["memberships"]] == ["battery-works"]
    assert browser.post(f"{AT}/proposals/1/merge").status_code == 403, "no more than the token allows"
    kept = browser.cookies.get("covolt-0")
    assert browser.post("/api/v1/session/end").status_code == 200
    assert client_of().get(AT, headers={"Cookie": f"covolt-0={kept}"}).status_code == 401
    assert browser.post("/api/v1/session", json={"word": word}).status_code == 201
    [row] = together.tokens.listed(Asker(who)).tokens
    together.tokens.end(Asker(who), row.number)
    assert browser.get(AT).status_code == 401, "the session ends with its token"


def test_an_invitation_lets_one_in_for_its_slots(together, client_of):
    owner = person(together, "A battery engineer", ("battery-works", ()))
    wanted = {"party": "battery-works", "slots": ["battery"], "days": 7}
    inviting = client_of(token(together, owner), "battery-works")
    made = inviting.post(f"{AT}/invitations", json=wanted)
    assert made.status_code == 201
    word = made.json()["word"]
    guest = client_of()
    assert guest.post("/api/v1/invitations/use", json={"word": word, "name": ""}).status_code == 422
    taken = guest.post("/api/v1/invitations/use", json={"word": word, "name": "a  \uff22attery engineer"})
    assert (taken.status_code, "called" in taken.text) == (409, True), "another's name, in letters that look so"
    assert "if this is you, log in first" in taken.text, "who was made known before is not to be two people"
    alike = guest.post("/api/v1/invitations/use", json={"word": word, "name": "A battery engine\u0435r"})
    assert (alike.status_code, "several scripts" in alike.text) == (422, True), "with one Cyrillic letter"
    together.people.add("An \u0410\u0420\u041c administrator", administers=True)
    for name, status in (
        ("A battery engineer.", 409), ("A\u3164battery engineer", 422), ("\u115f", 422), ("\uffa0\u2800", 422),
        ("...", 422), ("A" + "\u0301" * 9, 422), ("battery-works", 409), ("Battery works", 409), ("INTEGRATOR", 409),
        ("workspace", 409), (owner, 422), ("An APM administrator", 409),
    ):  # fmt: skip
        refused = guest.post("/api/v1/invitations/use", json={"word": word, "name": name})
        assert refused.status_code == status, (name, refused.text)
        with pytest.raises((Conflict, InputError)):
            together.people.add(name)
    used = guest.post("/api/v1/invitations/use", json={"word": word, "name": "A cell engineer"})
    assert (used.status_code, used.json()["id"]) == (201, NAME)
    acting = {"Covolt-Party": "battery-works"}
    assert guest.get(AT, headers=acting).status_code == 200
    for slot, number, status in (("battery", "mass", 201), ("body", "mass", 403)):
        body = {"changes": [{"slot": slot, "number": number, "value": "240 kg"}], "title": "Other"}
        assert guest.post(f"{AT}/proposals", json=body, headers=acting).status_code == status
    assert guest.post(f"{AT}/invitations", json=wanted, headers=acting).status_code == 403
    again = client_of().post("/api/v1/invitations/use", json={"word": word, "name": "Another"})
    assert again.status_code == 409
    assert "used already" in again.text
    [row] = inviting.get(f"{AT}/invitations").json()["invitations"]
    assert word not in str(row)
    told = inviting.get(f"{AT}/feed")
    assert word not in told.text
    assert [one["verb"] for one in told.json()["events"][:3]] == ["proposed", "joined", "invited"]
    [member] = [one for one in inviting.get(f"{AT}/members").json()["members"] if one["slots"]]
    assert inviting.post(f"{AT}/members/{member['number']}/end").status_code == 200
    assert guest.get(AT, headers=acting).status_code == 404, "at once"


@pytest.mark.parametrize("ends", ["token", "membership"])
def test_a_live_feed_ends_with_what_let_one_in(together, monkeypatch, ends):
    monkeypatch.setattr(doors_of_feed, "LOOKS_AGAIN", 1)
    who = person(together, "A battery engineer", ("battery-works", ()))
    word, asker = token(together, who), Asker(who)
    with served(together) as address:
        together.answers_at(address.partition("://")[2])
        headers = {"Authorization": f"Bearer {word}", "Covolt-Party": "battery-works"}
        with httpx2.stream("GET", f"{address}{AT}/feed/stream", headers=headers, timeout=20) as stream:
            lines = stream.iter_lines()
            assert next(lines)
            if ends == "token":
                together.tokens.end(asker, together.tokens.listed(asker).tokens[0].number)
            else:
                [member] = [one for one in together.people.members(NAME).members if one.person == who]
                together.people.end(Asker(who, administers=True), NAME, member.number)
            for _ in lines:
                """Until it ends: else the time is over."""


def test_who_administers_lets_in_others_and_the_feed_says_so(together, client_of):
    chief = person(together, "An administrator", administers=True)
    administering, battery = client_of(token(together, chief)), {"party": "battery-works"}
    word = administering.post(f"{AT}/invitations", json=battery).json()["word"]
    refused = administering.post("/api/v1/invitations/use", json={"word": word})
    assert (refused.status_code, "does not use it" in refused.text) == (403, True)
    guest = client_of()
    assert guest.post("/api/v1/invitations/use", json={"word": word, "name": "A guest"}).status_code == 201
    feed = guest.get(f"{AT}/feed", headers={"Covolt-Party": "battery-works"}).json()["events"]
    assert [(one["verb"], one["party"]) for one in feed[:2]] == [("joined", "battery-works"), ("invited", "")]
    assert feed[1]["said"]["en"].endswith("to act for Battery works, as who administers the workspace")
    [guests] = [one for one in together.people.members(NAME).members if one.name == "A guest"]
    assert administering.post(f"{AT}/members/{guests.number}/end").status_code == 200
    told = together.feed(NAME, Reader("", "")).events[0]
    assert (told.verb, told.party, told.person_said.said("en")) == ("left", "", "An administrator")
    assert told.said.said("en").startswith("ended the membership of A guest in Battery works, as who administers")
    assert feed[0]["said"]["en"] == "A guest acts for the party from now on"


def test_an_invitation_expires_and_is_taken_back(together, client_of, time):
    owner = person(together, "A battery engineer", ("battery-works", ()))
    inviting = client_of(token(together, owner), "battery-works")
    words = [inviting.post(f"{AT}/invitations", json={"party": "battery-works", "days": 2}).json() for _ in range(2)]
    assert inviting.post(f"{AT}/invitations/{words[0]['number']}/revoke").status_code == 200
    for moved, one, told in ((timedelta(0), words[0], "taken back"), (timedelta(days=3), words[1], "expired")):
        time.now += moved
        answer = client_of().post("/api/v1/invitations/use", json={"word": one["word"], "name": "Late"})
        assert answer.status_code == 409
        assert told in answer.text
    other = client_of(token(together, person(together, "An integrator", ("integrator", ()))), "integrator")
    assert other.post(f"{AT}/invitations", json={"party": "battery-works"}).status_code == 403
    assert other.get(f"{AT}/invitations", params={"of": "battery-works"}).status_code == 403
    assert other.post(f"{AT}/invitations/{words[0]['number']}/revoke").status_code == 403
    wrong = inviting.post(f"{AT}/invitations", json={"party": "battery-works", "slots": ["bat"], "days": 99})
    assert [one["where"] for one in wrong.json()["problems"]] == ["slots", "days"]


def raced(count, act):
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(act, range(count)))


def test_of_a_hundred_who_use_an_invitation_one_comes_in(together, client_of):
    owner = person(together, "A battery engineer", ("battery-works", ()))
    word = together.invitations.make(Asker(owner), NAME, "battery-works", (), 7).word

    def use(at):
        return client_of().post("/api/v1/invitations/use", json={"word": word, "name": f"Guest {at}"})

    found = raced(100, use)
    assert sorted(one.status_code for one in found) == [201] + [409] * 99
    assert all("used already" in one.text for one in found if one.status_code == 409)
    assert len(together.people.members(NAME).members) == 2
    assert len(together.people.listed()) == 2
    with together.programmes.database.reading() as session:
        assert [one.used_by for one in session.query(InvitationRow).all()] != [None]


def test_of_a_hundred_who_exchange_a_token_one_is_given_another(together, client_of):
    who = person(together, "A battery engineer", ("battery-works", ()))
    word = token(together, who, "read", days=3)
    found = raced(100, lambda _: client_of().post("/api/v1/tokens/exchange", json={"word": word}))
    assert sorted(one.status_code for one in found) == [201] + [409] * 99
    [made] = [one.json()["word"] for one in found if one.status_code == 201]
    assert client_of(word).get(AT).status_code == 401
    assert client_of(made).get(AT).status_code == 200
    assert client_of(made, "battery-works").post(f"{AT}/proposals/1/merge").status_code == 403, "the same bounds"


@pytest.mark.whole
def test_of_a_hundred_merges_of_one_proposal_one_is_made(together, client_of):
    who = person(together, "An engineer of two", ("battery-works", ()), ("integrator", ()))
    number = together.proposals.make(NAME, of("integrator"), [("battery", "mass", "260 kg")], "Heavier", "")
    content = together.proposals.shown(NAME, number, of("battery-works"), 60.0).content
    word = token(together, who)

    def answer(_):
        given = {"answer": "accept", "content": content}
        return client_of(word, "battery-works").post(f"{AT}/proposals/{number}/answers", json=given)

    answered = raced(100, answer)
    assert sorted(one.status_code for one in answered) == [201] + [409] * 99
    assert all("has answered so already" in one.text for one in answered if one.status_code == 409)
    found = raced(100, lambda _: client_of(word, "integrator").post(f"{AT}/proposals/{number}/merge"))
    assert sorted(one.status_code for one in found) == [200] + [409] * 99
    assert all("merged already" in one.text for one in found if one.status_code == 409)
    assert len(together.folders(NAME).shared.log()) == 2
    assert [one.verb for one in together.feed(NAME, of("")).events].count("merged") == 1


def test_what_is_for_some_slots_shows_of_the_party_only_those(workspace):
    whole = workspace.programmes.read(NAME, workspace.programmes.heads(NAME)).whole
    requirement = next(iter(whole.requirements.values()))

    def with_own(*slots):
        own = requirement.model_copy(update={"visibility": "party", "slots": slots, "party": "battery-works"})
        object.__setattr__(whole, "requirements", {own.id: own})
        return whole

    for slots, reader, shown in (
        (("battery",), Reader("x", "battery-works", frozenset({"battery"})), True),
        (("battery", "body"), Reader("x", "battery-works", frozenset({"battery"})), False),
        ((), Reader("x", "battery-works", frozenset({"battery"})), False),
        ((), Reader("x", "battery-works"), True),
        (("battery",), Reader("x", "integrator", frozenset({"battery"})), False),
    ):
        from covolt.workspace.access import seen

        assert (requirement.id not in seen(with_own(*slots), reader).hidden) == shown, (slots, reader)


def test_the_first_administrator_is_made_without_the_server(tmp_path, small_programme):
    made = Workspace(tmp_path, Time())
    made.begin(small_programme, of(""))
    made.close()

    def run(*words):
        found = CliRunner().invoke(commands, ["people", *words, "--home", str(tmp_path)])
        assert found.exit_code == 0, found.output
        return found.output.strip()

    who = run("add", "An integrator's engineer", "--administrator")
    wide = ("--scope", "usual", "--scope", "administer")
    word, invitation = (
        run("token", "an integrator's engineer", "first log-in", *wide),
        run("invite", NAME, "integrator", "--slot", "body"),
    )
    assert word.startswith("covolt_token_") and invitation.startswith("covolt_invitation_")
    assert "An integrator's engineer" in run("list")
    (tmp_path / "workspace.toml").write_text(f'address = "{ADDRESS}"\n')
    again = Workspace(tmp_path, lambda: datetime.now(UTC))
    try:
        again.entrance = Together(again.people, settings_of(tmp_path), again.people.clock)
        browser = TestClient(application(again), base_url=ADDRESS)
        assert browser.post("/api/v1/session", json={"word": word}).status_code == 201
        assert browser.get(AT).status_code == 404, "who administers is no member by it"
        assert browser.post("/api/v1/invitations/use", json={"word": invitation}).status_code == 201
        assert browser.get(AT, headers={"Covolt-Party": "integrator"}).status_code == 200
    finally:
        again.close()
    invited = CliRunner().invoke(commands, ["people", "invite", NAME, "agency", "--home", str(tmp_path)])
    link = f"{ADDRESS}/en/#invitation={invited.stdout.strip()}"
    assert link in invited.stderr, "beside the word, which scripts read"
    said = run("end", "an integrator's engineer")
    assert "1 membership has ended" in said and "1 token has ended" in said, said
    narrow = run("token", who, "log-in")
    with closing(sqlite3.connect(tmp_path / "workspace.db")) as database:
        [scopes] = database.execute("SELECT scopes FROM tokens WHERE hash = ?", [hash_of(narrow)]).fetchone()
    assert set(json.loads(scopes)) == set(SCOPES) - {"run", "administer"}


def test_a_person_is_let_in_no_longer_by_any_way_and_that_is_told(together, client_of):
    who = person(together, "An engineer who leaves", ("integrator", []), administers=True)
    made = together.invitations.make(Asker(who), NAME, "integrator", (), 7)
    browser, word = client_of(), token(together, who)
    assert browser.post("/api/v1/session", json={"word": word}).status_code == 201
    assert browser.get(AT).status_code == 200

    assert together.people.called("an  engineer who leaves") == who
    assert together.people.end_all("root", who) == (1, 1, 1)
    assert browser.get(AT).status_code == 401
    assert client_of(word).get(AT).status_code == 401
    again = client_of().post("/api/v1/invitations/use", json={"word": made.word, "name": "Again"})
    assert again.status_code == 409, "nor by an invitation that one made for oneself"
    assert "this invitation was taken back" in again.text
    events = feed(together.programmes, NAME, of("integrator")).events[:2]
    assert [(one.verb, one.person) for one in events] == [("left", "root"), ("uninvited", "root")]
    assert {one.person_said.said("en") for one in events} == {"administrator on the server (root)"}
    assert [one[2] for one in together.people.listed() if one[0] == who] == [False]
    with together.programmes.database.writing() as session:  # an issuer calls people as it likes
        other = together.people.added(session, "An engineer who leaves", frozenset(), person="https://id.example|7").id
    assert together.people.end_all("root", other) == (0, 0, 0)
    with pytest.raises(Conflict, match="2 people are called") as error:
        together.people.called("An engineer who leaves")
    assert who in str(error.value.problems[0].hint)
    with pytest.raises(NotFound) as unknown:
        together.people.called("Nobody at all")
    assert who not in str(unknown.value.problems[0].hint), "a name says more than a number"


def test_a_programme_is_taken_in_beside_whoever_serves_the_workspace(tmp_path, small_programme):
    serves = Workspace(tmp_path / "home", Time())
    try:
        assert serves.programmes.names() == []
        run = [*("serve", str(small_programme), "--home", str(tmp_path / "home"), "--take")]
        found = CliRunner().invoke(commands, run)
        assert (found.exit_code, found.output.strip()) == (0, f"took {NAME} into the workspace")
        assert serves.programmes.names() == [NAME]
        assert serves.programmes.read(NAME, serves.programmes.heads(NAME)).charter.id == NAME
    finally:
        serves.close()
    refused = CliRunner().invoke(commands, ["serve", "--home", str(tmp_path / "home"), "--take"])
    assert "covolt serve FOLDER --take" in str(refused.exception.problems[0].hint)


def test_what_could_not_be_served_is_refused_at_the_start_all_at_once(tmp_path, small_programme):
    made = Workspace(tmp_path, Time())
    made.begin(small_programme, of(""))
    made.close()
    lost = tmp_path / "programmes" / NAME / "parties" / "battery-works.git"
    shutil.move(lost, tmp_path / "elsewhere")
    issuer = 'title = { en = "X", ru = "Y" }\naddress = "https://x.example"\nclient = "covolt"\nsecret_file = '
    written = "".join(f'[issuers.{one}]\n{issuer}"{one}"\n' for one in ("gone", "open"))
    (tmp_path / "workspace.toml").write_text(f'address = "{ADDRESS}"\n{written}')
    (tmp_path / "open").write_text("secret")
    (tmp_path / "open").chmod(0o644)

    def places():
        refused = CliRunner().invoke(commands, ["serve", "--home", str(tmp_path), "--port", "0"])
        assert isinstance(refused.exception, Unavailable), refused.exception
        return [one.where for one in refused.exception.problems]

    assert places() == [str(lost), "gone", "open"]
    shutil.rmtree(tmp_path / "programmes")
    assert places() == [str(lost.parents[1] / "programme.git"), "gone", "open"]


@pytest.mark.parametrize(
    ("address", "port", "listening", "opens"),
    [
        ("http://127.0.0.1:8711", 8711, 8714, "http://127.0.0.1:8714"),
        ("http://localhost:8711", 8600, 8714, "http://localhost:8714"),
        ("http://127.0.0.1:8711", 8600, 8711, "http://127.0.0.1:8711"),
        ("http://127.0.0.1:8711", 8600, 8600, "http://127.0.0.1:8711"),
        ("https://covolt.example.org", 8600, 8714, "https://covolt.example.org"),
    ],
)
def test_one_that_is_tried_on_another_port_of_this_machine_is_open_there(address, port, listening, opens):
    assert opened_by(Settings(address=address, port=port), port, listening).address == opens


def test_no_workspace_begins_where_a_folder_is_misnamed(tmp_path):
    def run(*words, home=tmp_path / "hoem"):
        return CliRunner().invoke(commands, [*words, "--home", str(home)])

    for words in (["list"], ["token", "3f9a1c22b0d14e57", "first log-in"], ["invite", NAME, "integrator"]):
        refused = run("people", *words)
        assert isinstance(refused.exception, NotFound), words
        assert "no workspace here" in str(refused.exception)
    assert not (tmp_path / "hoem").exists()

    begun = run("people", "add", "An integrator's engineer", "--administrator")
    assert begun.exit_code == 0, begun.output
    assert f"a new workspace begins in {tmp_path / 'hoem'}" in begun.stderr
    assert len(begun.stdout.split()) == 1, "the number alone, for scripts"
    assert begun.stdout.strip() in run("people", "list").stdout
    assert "a new workspace begins" not in run("people", "add", "Another").stderr

    file = tmp_path / "file"
    file.write_text("x")
    for words in (["people", "add", "An engineer"], ["serve", "--port", "0", "--no-browser"]):
        for place in (file, file / "inner"):
            refused = run(*words, home=place)
            assert isinstance(refused.exception, InputError), (words, refused.exception)
            assert "this is no folder" in str(refused.exception)
    assert file.read_text() == "x"


@pytest.mark.parametrize(
    "written", ['address = "ftp://x"', 'address = "http://x"\nelse = 1', "address =", 'address = "http://x"\nport = 0']
)
def test_what_is_settled_wrongly_is_told(tmp_path, written):
    (tmp_path / "workspace.toml").write_text(written)
    with pytest.raises(InputError):
        settings_of(tmp_path)


def test_what_is_settled_carelessly_is_told_at_the_start(tmp_path):
    path = tmp_path / "workspace.toml"
    path.write_text('address = "http://workspace.example.org"\n')
    path.chmod(0o666)
    address, mode = doubts_of(tmp_path, settings_of(tmp_path))
    assert ("reads what lets people in" in address.what, "others of this machine can write it" in mode.what) == (
        True,
    ) * 2
    path.chmod(0o644)
    for careful in (
        "https://workspace.example.org",
        "http://127.0.0.1:8600",
        "http://[::1]:8600",
        "http://a.localhost",
    ):
        assert doubts_of(tmp_path, Settings(address=careful)) == []


def test_tokens_are_refused_with_all_their_faults(together):
    who = person(together, "A battery engineer")
    with pytest.raises(InputError) as refused:
        together.tokens.make(Asker(who), TokenWanted("", ("raed",), days=1000))
    assert [one.where for one in refused.value.problems] == ["scopes", "title", "days"]
    assert refused.value.problems[0].hint == "did you mean 'read'?"
    with pytest.raises(Forbidden):
        together.tokens.make(Asker("nobody"), TokenWanted("a test", ("read",)))


def test_over_tls_a_cookie_is_of_this_host_alone(together):
    address = "https://workspace.example.org"
    together.entrance = Together(together.people, Settings(address=address), together.people.clock)
    word = token(together, person(together, "A battery engineer", ("battery-works", ())))
    browser = TestClient(application(together), base_url=address)
    cookie = browser.post("/api/v1/session", json={"word": word}).headers["set-cookie"]
    assert cookie.startswith("__Host-covolt-0=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= {one.strip() for one in cookie.split(";")}
    assert "Domain" not in cookie
    answer = browser.get(AT)
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


def test_a_party_takes_out_what_is_its_own_and_nobody_else_does(together, client_of):
    whole = token(together, person(together, "A battery engineer", ("battery-works", ())))
    part = token(together, person(together, "A cell engineer", ("battery-works", ("battery",))))
    other = token(together, person(together, "An integrator", ("integrator", ())))
    administers = token(together, person(together, "An administrator", administers=True))
    reads = token(together, together.people.listed()[0][0], "read")
    where = f"{AT}/parties/battery-works/export"
    answer = client_of(whole, "battery-works").get(where)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == f'attachment; filename="{NAME}-battery-works.zip"'
    with ZipFile(BytesIO(answer.content)) as archive:
        assert {"battery-works.bundle", "proposals.json", "comments.json", "manifest.json"} <= set(archive.namelist())
    for word, party, status in (
        (part, "battery-works", 403), (other, "integrator", 403), (other, "battery-works", 403),
        (whole, "", 403), (administers, "", 403), (administers, "battery-works", 403), (reads, "battery-works", 403),
    ):  # fmt: skip
        assert client_of(word, party).get(where).status_code == status, (party, status)
    assert not list(together.programmes.home.glob(".covolt-export-*")), "what it was packed in is gone"
