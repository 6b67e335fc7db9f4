"""The pages of one slot, the architecture, gates, states, history, log and help in a browser, and talk on them by keyboard."""

import json
from functools import partial

import pytest

from tests.workspace import test_pages
from tests.workspace.test_pages import BARE_ENGLISH, MANY, OWN_TEXT, PROGRAMME, browser, served, shows, tab_to

__all__ = ["browser", "served"]

pytestmark = test_pages.pytestmark
READY = "document.querySelector('main .progress:not(.sure)') === null && document.querySelector('main h1') !== null"
SAID = "Why <b>so heavy</b>? @battery-works"
PATHS = (
    "/parts/battery?party=battery-works&beside=-&talk=battery/mass", "/architecture", "/gates/trial?party=agency",
    "/agency?party=agency", "/compare?before=baseline:draft", "/history?party=integrator", "/audit", "/help/verdict",
    "?party=battery-works",
)  # fmt: skip


@pytest.fixture(scope="module")
def said(served):
    served.asked("/comments", {"address": "battery/mass", "text": SAID}, party="integrator")


@pytest.mark.parametrize("path", PATHS)
def test_no_rule_of_accessibility_is_broken_and_russian_is_whole(served, browser, said, path):
    browser.faults.clear()
    for language in ("en", "ru"):
        browser.open(f"{served.address}/{language}/{PROGRAMME}{path}")
        browser.until(READY, within_s=120.0)
        for width, dark in ((1280, language == "ru"), (390, language == "en")):
            browser.sized(width, dark=dark)
            assert browser.run("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            assert browser.violations() == [], (path, language, width, dark)
    found = browser.run(OWN_TEXT).replace("@battery-works", "")
    assert not BARE_ENGLISH.findall(found), found
    browser.sized(1280)
    assert browser.faults == []


def test_one_answers_on_the_slot_and_the_desk_no_longer_waits(served, browser, said):
    """By keyboard alone."""
    ask = partial(served.asked, party="battery-works")
    browser.open(f"{served.address}/en/{PROGRAMME}?party=battery-works")
    shows(browser, "Said to you")
    tab_to(browser, "so heavy")
    browser.key("Enter")
    browser.until("document.querySelector('.comments .words') !== null")
    assert browser.run("document.querySelector('.comments .words').innerText") == SAID
    assert browser.run("document.querySelector('.comments b + b, .comments .words b')") is None
    tab_to(browser, "Answer")
    browser.key("Enter")
    shows(browser, "Answer to Integrator")
    browser.run("document.querySelector('textarea[name=comment]').focus()")
    browser.write("It is the frame.")
    browser.key("Tab")
    browser.key("Tab")
    browser.key("Enter")
    browser.until("document.querySelectorAll('.comments li').length === 2")
    assert ask("/comments/waiting")["comments"] == []
    assert "Talk (2)" in browser.run("document.querySelector('[data-talk=\"battery/mass\"]').innerText")


def test_the_graph_leads_to_a_slot_by_keyboard(served, browser):
    browser.open(f"{served.address}/en/{PROGRAMME}/architecture")
    browser.until("document.querySelectorAll('.graph a.node').length === 9")
    crossing = """(() => {
      const boxes = [...document.querySelectorAll(".graph a.node")].map((one) => one.getBoundingClientRect());
      const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      return boxes.some((a, i) => boxes.some((b, j) => i < j && over(a, b)));
    })()"""
    for width in (1280, 700, 390):
        browser.sized(width)
        browser.until("document.querySelector('.graph svg').getBoundingClientRect().right <= innerWidth")
        assert not browser.run(crossing), width
    browser.sized(1280)
    for _ in range(80):
        browser.key("Tab")
        if browser.run("document.activeElement?.getAttribute('aria-label')?.startsWith('Gearbox')"):
            break
    browser.key("Enter")
    browser.until("location.pathname.endsWith('/parts/gearbox')")
    shows(browser, "Contract")


def test_the_chain_is_checked_on_its_page(served, browser):
    browser.open(f"{served.address}/en/{PROGRAMME}/audit?verb=begun")
    browser.until("document.querySelectorAll('.logged tbody tr').length === 1")
    tab_to(browser, "Check the chain")
    browser.key("Enter")
    shows(browser, "The chain is whole")


def test_two_thousand_requirements_are_scrolled_and_printed(served, browser):
    real = served.asked("/verdicts")
    rows = real["verdicts"]
    real["verdicts"] = [{**rows[at % len(rows)], "requirement": f"R-{at}"} for at in range(2000)]
    browser.open(f"{served.address}/en/{PROGRAMME}/gates")
    browser.run(f"{MANY}({json.dumps(json.dumps(real))})")
    browser.run("[...document.querySelectorAll('nav a')].find((one) => one.href.includes('requirements')).click()")
    all_there = "document.querySelectorAll('.requirements tbody tr').length === 2000"
    browser.until(f"(scrollTo(0, document.body.scrollHeight), {all_there})")
    printed = browser.ask("Page.printToPDF", transferMode="ReturnAsStream")
    assert printed["stream"]
