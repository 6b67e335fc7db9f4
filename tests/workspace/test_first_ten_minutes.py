"""The first ten minutes whole: a number tried, its conflict, a settlement merged, gates moved, one signed; feed, Python, Git."""

import json
import os
import subprocess
import sys
from functools import partial

import pytest

import covolt
from covolt.contract.document import loads
from covolt.programme.keys import PartyKey
from tests.workspace.browser import Browser
from tests.workspace.test_pages import (
    BARE_ENGLISH,
    BROWSER,
    BUILT,
    ENGLISH,
    OWN_TEXT,
    PROGRAMME,
    REQUIRED,
    RUSSIAN,
    SECOND,
    Served,
    acts_for,
    command,
    shows,
    tab_to,
)

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(BROWSER is None and not REQUIRED, reason="no Chromium on this machine"),
    pytest.mark.skipif(not BUILT and not REQUIRED, reason="the pages are not built: make web"),
]
MORE_ENGLISH = ENGLISH | {
    "conflict": "Conflict: it breaks", "resolve": "Look at the conflict", "ask": "Ask for settlements", "settle": "Settlement 1",
    "make": "Make a proposal from this", "proposals": "go to: proposals", "moved": "What moved last",
    "asked": "Your sign-off is asked", "fetch": "Fetch what is to be signed", "hand_in": "Hand in the sign-off",
    "counts": "counts", "signed": "signed the gate “Concept”",
}  # fmt: skip
MORE_RUSSIAN = RUSSIAN | {
    "conflict": "Конфликт: нарушено", "resolve": "Конфликт и выходы", "ask": "Запросить варианты согласия",
    "settle": "Вариант 1", "make": "Сделать из этого предложение", "proposals": "перейти: предложения",
    "moved": "Что сдвинулось последним", "asked": "Требуется ваша подпись", "fetch": "Получить подписываемое",
    "hand_in": "Передать подпись", "counts": "действует", "signed": "подписан рубеж «Концепция»",
}  # fmt: skip


SIGNED_GATE, SIGNER, ROLE = "concept", "integrator", "chief-engineer"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("ten-minutes")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """What commands and the workspace of one person share: whose keys they trust."""
    return {**os.environ, "COVOLT_CONFIG_DIR": str(tmp_path_factory.mktemp("ten-minutes-config"))}


@pytest.fixture(scope="module")
def served(home, own):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVOLT_CONFIG_DIR", own["COVOLT_CONFIG_DIR"])
        one = Served(home)
    yield one
    one.close()


@pytest.fixture(scope="module")
def browser(served):
    one = Browser(BROWSER)
    one.sized(1280)
    one.open(f"{served.address}/en/#enter={served.ticket}")
    one.until("document.querySelector('header') !== null")
    yield one
    one.close()


@pytest.mark.parametrize(("words", "programme"), [(MORE_ENGLISH, PROGRAMME), (MORE_RUSSIAN, SECOND)], ids=["en", "ru"])
def test_from_a_number_to_a_gate_that_is_signed(served, browser, home, own, tmp_path, words, programme):
    """By keyboard alone."""
    if programme == SECOND:
        served.asked("", {"example": "city-car", "id": SECOND}, programme="")
    ask = partial(served.asked, programme=programme)
    browser.faults.clear()
    browser.open(f"{served.address}/{words['language']}/{programme}")
    acts_for(browser, ask, "battery-works", words)
    meets_the_conflict(browser, words)
    title = chooses(browser, words)
    concerned = ask("/proposals/1")["must_agree"]
    assert "integrator" in concerned, "whose bound of the kerb mass moves"
    for party in concerned:
        accepts(browser, ask, party, title, words)
    merges(browser, ask, title, words)
    gates = ask("/feed", party="union")["events"][0]["gates"]
    assert {"concept", "prototype"} <= {one["gate"] for one in gates}
    signs(browser, ask, partial(typed, own | {"COVOLT_TOKEN": served.token}, tmp_path), (served.bare, programme), words)
    found_elsewhere(served, home, programme, title)
    assert browser.faults == []


def meets_the_conflict(browser, words):
    """While typing: verdicts move, and the requirement that breaks is named with its owner."""
    command(browser, words["mass"])
    browser.until("document.activeElement?.dataset.number === 'battery/mass'")
    browser.write("260")
    shows(browser, words["trying"])
    shows(browser, words["conflict"])
    assert browser.run("document.activeElement?.dataset.number") == "battery/mass"
    tab_to(browser, words["resolve"])
    browser.key("Enter")
    browser.until("location.pathname.endsWith('/conflicts')")
    browser.until("document.querySelector('main .progress:not(.sure)') === null", within_s=300.0)
    browser.until("document.querySelector('.broken tr.worse')?.innerText.includes('I-MASS')")
    accessible(browser, words)


def chooses(browser, words):
    """Settlements are asked for, and one becomes a proposal."""
    tab_to(browser, words["ask"])
    browser.key("Enter")
    browser.until("document.querySelector('.settlement') !== null", within_s=600.0)
    accessible(browser, words)
    tab_to(browser, words["make"])
    browser.key("Enter")
    browser.until("location.pathname.endsWith('/proposals/1')")
    browser.until("document.querySelector('[data-surely=true]') !== null", within_s=300.0)
    accessible(browser, words)
    return browser.run("document.querySelector('main .big').innerText")


def accepts(browser, ask, party, title, words):
    named = acts_for(browser, ask, party, words)
    command(browser, words["desk"])
    shows(browser, title)
    tab_to(browser, title)
    browser.key("Enter")
    browser.until("document.querySelector('[data-surely=true]') !== null && document.querySelector('form') !== null")
    tab_to(browser, words["accept"])
    browser.key("Enter")
    agreed = f"one.innerText.includes({json.dumps(named)}) && one.querySelector('.met')"
    browser.until(f"[...document.querySelectorAll('.answers li')].some(one => {agreed})")


def merges(browser, ask, title, words):
    browser.until("![...document.querySelectorAll('button')].at(-1).disabled")
    tab_to(browser, words["merge"])
    browser.key("Enter")
    shows(browser, words["merged"])
    command(browser, words["feed"])
    assert title in shows(browser, words["told"])
    browser.until("document.querySelectorAll('.events li.gate').length > 0")
    command(browser, words["gates"])
    shows(browser, words["moved"])
    browser.until("document.querySelector('main .progress:not(.sure)') === null", within_s=300.0)
    accessible(browser, words)


def typed(environment, place, *words):
    """A command in a terminal, as its person types it."""
    done = subprocess.run(
        [sys.executable, "-m", "covolt", *words],
        cwd=place,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)


def signs(browser, ask, run, where, words):
    """A gate lacks a sign-off: a key is made, what is to be signed is fetched, signed in a terminal, handed in, and counts."""
    place, (address, programme) = run.args[1], where
    run("pull", f"{address}/{programme}", "--party", SIGNER, "clone")
    run("key", "new", "engineer.pem", "clone", "--party", SIGNER, "--role", ROLE)
    run("push", "--folder", "clone", "--message", "A key of the chief engineer")
    (known,) = (place / "clone" / "keys" / SIGNER).glob("*.toml")
    fingerprint = loads(known.read_text(encoding="utf-8"), PartyKey, "key").fingerprint
    run("key", "trust", "clone", "--fingerprint", fingerprint)
    acts_for(browser, ask, SIGNER, words)
    gate = next(one for one in ask("/gates?wait_s=25", party=SIGNER)["gates"] if one["id"] == SIGNED_GATE)
    command(browser, words["gates"])
    tab_to(browser, gate["title"][words["language"]])
    browser.key("Enter")
    shows(browser, words["asked"])
    browser.until(
        f"[...document.querySelectorAll('a')].some(one => one.innerText === {json.dumps(words['fetch'])})",
        within_s=300.0,
    )
    accessible(browser, words)
    fetched = "[...document.querySelectorAll('a[download]')].find(one => one.innerText === {})"
    asked = f"{fetched.format(json.dumps(words['fetch']))}"
    saved = "one.headers.get('content-disposition').split(\"''\")[1]"
    content, file = browser.run(f"fetch({asked}.href).then(async one => [await one.text(), {saved}])")
    commands = browser.run("[...document.querySelectorAll('.signing code')].map(one => one.innerText)")
    assert f"covolt sign --statement {file} --key KEYFILE" in commands, "the command signs what the browser saves"
    statement = place / file
    statement.write_text(content, encoding="utf-8")
    run("sign", "--statement", statement.name, "--key", "engineer.pem")
    signed = statement.with_suffix(".signed.toml").read_text(encoding="utf-8")
    browser.run("document.querySelector('textarea[name=signed]').focus()")
    browser.ask("Input.insertText", text=signed)
    tab_to(browser, words["hand_in"])
    browser.key("Enter")
    counts = f"one.innerText.includes({json.dumps(words['counts'])})"
    browser.until(f"[...document.querySelectorAll('.judged b.met')].some(one => {counts})", within_s=300.0)
    accessible(browser, words)
    command(browser, words["feed"])
    shows(browser, words["signed"])


def found_elsewhere(served, home, programme, title):
    """The same in a Python cell and in `git log`."""
    works = covolt.connect(served.bare, served.token).programme(programme, party="battery-works")
    shown = works.proposal(1)
    assert (shown.proposal.state, shown.proposal.title, shown.settled) == ("merged", title, True)
    mass = next(one for slot in works.read().slots for one in slot.numbers if one.address == "battery/mass")
    assert mass.value > 235.0
    bare = home / "programmes" / programme / "programme.git"
    log = subprocess.run(
        ["git", "--git-dir", str(bare), "log", "--format=%B"], capture_output=True, check=True, text=True
    )
    assert title in log.stdout


def accessible(browser, words):
    """No rule of accessibility is broken, wide and narrow, and no English stands in a Russian page."""
    for width, dark in ((1280, False), (390, True)):
        browser.sized(width, dark=dark)
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), width
        assert browser.violations() == []
    browser.sized(1280)
    if words is MORE_RUSSIAN:
        said = browser.run(OWN_TEXT)
        assert not BARE_ENGLISH.findall(said), said
