"""Settings of a party, logging in, out, and in by an invitation, in a browser by keyboard; axe at two widths, both languages."""

import io
import json
import subprocess
import urllib.request
import zipfile
from datetime import UTC, datetime
from urllib.error import HTTPError

import pytest

from covolt.workspace.access import Reader
from covolt.workspace.alone import Alone
from covolt.workspace.asking import Workspace
from covolt.workspace.entrance import SCOPES, Asker
from covolt.workspace.together import Settings, Together
from covolt.workspace.tokens import TokenWanted
from tests.workspace import test_pages
from tests.workspace.browser import Browser
from tests.workspace.git_client import environment
from tests.workspace.test_client import served
from tests.workspace.test_pages import BARE_ENGLISH, BROWSER, BUILT, OWN_TEXT, shows, tab_to

pytestmark = test_pages.pytestmark
NAME, PARTY = "small-car", "battery-works"
READY = "document.querySelector('main .progress') === null && document.querySelectorAll('main section').length >= {}"
ONCE = "document.querySelector('[data-once]')?.innerText"


def now():
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, small_programme):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COVOLT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        made = Workspace(tmp_path_factory.mktemp("settings"), now)
        made.begin(small_programme, Reader("engineer"))
        yield made
        made.close()


@pytest.fixture(scope="module")
def address(workspace):
    workspace.entrance = Together(workspace.people, Settings(address="http://127.0.0.1"), now)
    with served(workspace) as found:
        yield found


@pytest.fixture(scope="module")
def browser():
    assert BROWSER is not None, "COVOLT_BROWSER=required, and there is no Chromium"
    assert BUILT
    one = Browser(BROWSER)
    one.sized(1280)
    yield one
    one.close()


@pytest.fixture(scope="module")
def engineer(workspace):
    """A person who acts for the whole party, and a token of that one."""
    made = workspace.people.add("A battery engineer")
    with workspace.programmes.database.writing() as session:
        workspace.people.join(session, NAME, PARTY, made, (), made)
    return made, workspace.tokens.make(Asker(made), TokenWanted("first log-in", SCOPES)).word


def asked(address, word, path=""):
    request = urllib.request.Request(f"{address}/api/v1{path}", headers={"Authorization": f"Bearer {word}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def keeps_the_rules(browser):
    for width, dark in ((390, True), (1280, False)):
        browser.sized(width, dark=dark)
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), width
        assert browser.violations() == [], width


def log_in(browser, address, word, *, language="en"):
    """By a token, by keyboard."""
    browser.open(f"{address}/{language}/")
    browser.until("document.querySelector('input[name=token]') !== null")
    browser.run("document.querySelector('input[name=token]').focus()")
    browser.write(word)
    browser.key("Enter")
    browser.until("document.querySelector('header') !== null")
    browser.faults.clear()  # the console tells that it was not let in before


def settings(browser, address, *, language="en", sections=6):
    browser.open(f"{address}/{language}/{NAME}/settings?party={PARTY}")
    browser.until(READY.format(sections))


def press(browser, text):
    tab_to(browser, text)
    browser.key("Enter")


def log_out(browser, said="Log out", shown="Log in to see"):
    press(browser, said)
    shows(browser, shown)
    assert browser.run("fetch('/api/v1/session').then((one) => one.status)") == 401


def test_one_logs_in_invites_makes_a_token_and_logs_out(browser, address, workspace, engineer):
    browser.open(f"{address}/en/{NAME}/settings?party={PARTY}")
    shows(browser, "Log in to see")
    keeps_the_rules(browser)
    log_in(browser, address, engineer[1])
    settings(browser, address)
    shows(browser, "You are logged in as A battery engineer.")
    keeps_the_rules(browser)
    browser.until("document.querySelector('select[name=party]').options.length === 2")  # nobody, and one's own party

    browser.run("document.querySelector('[aria-label=\"Invite somebody\"] input[name=battery]').focus()")
    browser.key(" ")
    press(browser, "Invite somebody")
    link = browser.until(ONCE)
    assert link.startswith(f"{address}/en/#invitation=covolt_invitation_")
    keeps_the_rules(browser)
    press(browser, "I have kept it")
    [open_one] = workspace.invitations.listed(Asker(engineer[0]), NAME, PARTY).invitations
    assert (open_one.slots, open_one.used) == (("battery",), "")
    press(browser, "Invite somebody")
    browser.until(ONCE)
    press(browser, "Take back")
    press_again(browser)
    browser.until("document.querySelectorAll('main section')[2].querySelectorAll('tbody tr').length === 1")

    browser.run("document.querySelector('input[name=title]').focus()")
    browser.write("nightly run")
    press(browser, "Make a token")
    word = browser.until(
        "[...document.querySelectorAll('[data-once]')].map((o) => o.innerText).find((o) => /token_/.test(o))"
    )
    assert [one["id"] for one in json.loads(asked(address, word, "/programmes"))["programmes"]] == [NAME]
    shown = workspace.tokens.listed(Asker(engineer[0])).tokens[0]
    assert (shown.title, shown.scopes, shown.programme, shown.party) == ("nightly run", ("read",), NAME, "")
    focused(browser, 'button[aria-label="End: nightly run"]')
    browser.key("Enter")
    press_again(browser)
    browser.until("document.querySelector('button[aria-label$=\"nightly run\"]') === null")
    with pytest.raises(HTTPError, match="401"):
        asked(address, word, "/programmes")
    settings(browser, address)
    assert browser.faults == []
    log_out(browser)


def focused(browser, selector):
    """Go to what a selector names, once it is there."""
    there = (
        f"(one => one && (one.focus(), document.activeElement === one))(document.querySelector({json.dumps(selector)}))"
    )
    browser.until(there)


def press_again(browser):
    """What is not undone is pressed twice."""
    browser.until("document.activeElement.innerText.includes('once more')")
    browser.key("Enter")


def test_an_invitation_lets_in_by_its_link_and_its_membership_is_ended(browser, address, workspace, engineer):
    made = workspace.invitations.make(Asker(engineer[0]), NAME, PARTY, ["battery"], 1)
    for language, said in (("ru", "Вас пригласили"), ("en", "You are invited")):
        browser.ask("Page.navigate", url="about:blank")
        browser.open(f"{address}/{language}/#invitation={made.word}")
        shows(browser, said)
        assert browser.run("location.hash") == ""
        browser.until("document.querySelector('input[name=name]') !== null")
        keeps_the_rules(browser)
    browser.run("document.querySelector('input[name=name]').focus()")
    browser.write("A cell engineer")
    browser.key("Enter")
    browser.until("document.querySelector('header') !== null")
    assert browser.run("location.pathname + location.search") == f"/en/{NAME}?party={PARTY}"
    settings(browser, address)
    said = shows(browser, "A cell engineer")
    assert "Who acts for the whole of this party invites" in said
    assert browser.run("document.querySelector('button[aria-label=\"End: A battery engineer\"]')") is None
    log_out(browser)

    browser.ask("Page.navigate", url="about:blank")
    browser.open(f"{address}/en/#invitation={made.word}")
    shows(browser, "You are invited")
    browser.until("document.querySelector('input[name=name]') !== null")
    browser.run("document.querySelector('input[name=name]').focus()")
    browser.write("Another")
    browser.key("Enter")
    shows(browser, "used already")
    press(browser, "Not now")
    shows(browser, "Log in to see")

    log_in(browser, address, engineer[1])
    settings(browser, address)
    focused(browser, 'button[aria-label="End: A cell engineer"]')
    browser.key("Enter")
    press_again(browser)
    browser.until("!document.querySelector('main').innerText.includes('A cell engineer')")
    assert [one.name for one in workspace.people.members(NAME).members] == ["A battery engineer"]


def test_it_is_whole_in_russian_and_nobody_logs_in_where_one_is_alone(browser, address, workspace, engineer, tmp_path):
    settings(browser, address, language="ru")
    shows(browser, "Вы вошли как")
    keeps_the_rules(browser)
    found = browser.run(OWN_TEXT).replace("A battery engineer", "").replace("first log-in", "")
    assert not BARE_ENGLISH.findall(found), found
    log_out(browser, "Выйти", "Войдите, чтобы")

    together = workspace.entrance
    workspace.entrance = Alone(now, "engineer", workspace.programmes.names)
    try:
        browser.ask("Page.navigate", url="about:blank")
        browser.open(f"{address}/en/#enter={workspace.entrance.ticket()}")
        browser.until("document.querySelector('header') !== null")
        settings(browser, address, sections=2)
        said = shows(browser, "Nobody logs in here")
        assert "Invitations" not in said
        assert "My tokens" not in said
        keeps_the_rules(browser)
        command = browser.run("document.querySelector('[data-clone]').innerText").split()
        word = workspace.entrance.token
        assert command[:2] == ["git", "clone"]
        where = command[2].replace(f"{PARTY}@", f"{PARTY}:{word}@")
        subprocess.run(["git", "clone", "--quiet", where, "own"], cwd=tmp_path, env=environment(), check=True)
        assert (tmp_path / "own/parts/pack-33/part.toml").is_file()
        place = browser.run("document.querySelector('a[download]').getAttribute('href')")
        with zipfile.ZipFile(io.BytesIO(asked(address, word, place.removeprefix("/api/v1")))) as archive:
            assert f"{PARTY}.bundle" in archive.namelist()
    finally:
        workspace.entrance = together
