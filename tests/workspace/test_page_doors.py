"""What the pages ask of the application beside its rules: themselves, and a party where no header can be sent."""

from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from covolt.workspace import application as doors
from covolt.workspace.rates import Rates
from tests.workspace.unlocked import Unlocked


@pytest.fixture
def client():
    people = SimpleNamespace(name_of=str, memberships_of=lambda _: ())
    entrance = Unlocked("somebody", list)
    workspace = SimpleNamespace(refuses=lambda *_: None, entrance=entrance, people=people, rates=Rates(1000.0, 1.0))
    return TestClient(doors.application(workspace))


def test_pages_that_are_not_built_say_what_builds_them(client, tmp_path, monkeypatch):
    monkeypatch.setattr(doors, "PAGES", tmp_path)
    answer = client.get("/en/joint-city-car")
    assert answer.status_code == 503
    assert "make web" in answer.text


def test_every_address_of_a_page_gives_the_page_and_no_file_beside_it(client, tmp_path, monkeypatch):
    (tmp_path / "pages" / "assets").mkdir(parents=True)
    (tmp_path / "pages" / "index.html").write_text("the page")
    (tmp_path / "pages" / "assets" / "a.js").write_text("the script")
    (tmp_path / "secret").write_text("not a page")
    monkeypatch.setattr(doors, "PAGES", tmp_path / "pages")
    for path in ("/", "/ru/joint-city-car/gates", "/ru", "/%00", "/en/%00"):
        answer = client.get(path)
        assert (answer.text, answer.headers["cache-control"]) == ("the page", "no-cache")
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
    # Who looks for something else must not see success.
    for path in ("/metrics", "/assets/gone.js", "/..%2fsecret", "/assets/..%2f..%2fsecret"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path
    script = client.get("/assets/a.js")
    assert script.text == "the script"
    assert "immutable" in script.headers["cache-control"]


def test_a_stream_or_link_names_its_party_in_the_address(client):
    assert client.get("/api/v1/session?party=battery-works").json()["party"] == "battery-works"
    headers = {"Covolt-Party": "integrator"}
    assert client.get("/api/v1/session?party=battery-works", headers=headers).json()["party"] == "integrator"
