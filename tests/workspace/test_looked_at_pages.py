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
    "/agency?party=agency", "/compare?before=baseline:draft", "/history?party=integrator", "/audit?party=integrator",
    "/help/verdict", "?party=battery-works", "/measuring?party=integrator&row=I-MASS", "/study?party=integrator",
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
            browser.until("document.documentElement.scrollWidth <= innerWidth")  # the graph is laid out anew
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


def test_of_two_thousand_requirements_those_near_are_made_and_on_paper_all(served, browser):
    real = served.asked("/verdicts")
    rows = real["verdicts"]
    real["verdicts"] = [{**rows[at % len(rows)], "requirement": f"R-{at}"} for at in range(2000)]
    browser.open(f"{served.address}/en/{PROGRAMME}/gates")
    browser.run(f"{MANY}({json.dumps(json.dumps(real))})")
    browser.run("[...document.querySelectorAll('nav a')].find((one) => one.href.includes('requirements')).click()")
    browser.until("document.getElementById('R-0') !== null")
    made = "document.querySelectorAll('.requirements [aria-rowindex]').length"
    most = browser.run(made)
    for part in range(1, 41):
        last = (
            "scrollTo(0, document.body.scrollHeight)"
            if part == 40
            else f"scrollTo(0, document.body.scrollHeight * {part / 40})"
        )
        browser.run(
            f"(async () => {{ {last}; for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame); }})()"
        )
        most = max(most, browser.run(made))
    browser.until("(scrollTo(0, document.body.scrollHeight), document.getElementById('R-1999') !== null)")
    assert browser.run("document.getElementById('R-1999').getAttribute('aria-rowindex')") == "2001"
    assert browser.run("document.querySelector('.requirements').getAttribute('aria-rowcount')") == "2001"
    assert browser.run("document.getElementById('R-0')") is None
    assert most < 250, most
    assert browser.violations() == []
    browser.run(f"addEventListener('beforeprint', () => {{ window.onPaper = {made}; }})")
    assert browser.ask("Page.printToPDF", transferMode="ReturnAsStream")["stream"]
    assert browser.run("window.onPaper") == 2001
    browser.until(f"{made} < 250")


def test_the_page_of_what_to_measure_leads_to_the_number_and_its_talk(served, browser):
    browser.open(f"{served.address}/en/{PROGRAMME}/measuring?party=integrator")
    browser.until("document.querySelector('.asked') !== null", within_s=400.0)
    shown = served.asked("/measure?wait_s=20", party="integrator")
    deciding = [one for one in shown["asked"] if one["decides"]]
    assert browser.run("document.querySelector('.asked').tBodies[0].rows.length") == len(deciding)
    assert browser.run("document.querySelectorAll('.carried').length") == len(shown["open"])
    tab_to(browser, "Kerb mass")
    browser.key("Enter")
    browser.until("location.search.includes('row=I-MASS')")
    shows(browser, "Together they decide, each halved")
    browser.run("document.querySelector('.asked a.small').click()")
    browser.until("location.pathname.includes('/parts/') && location.search.includes('talk=')")


STUDIED = {
    "measures": [
        {
            "requirement": name, "title": {"en": name, "ru": name}, "party": "integrator", "at_least": more, "bound": bound,
            "unit": "kg", "printed_unit": {"en": "kg", "ru": "кг"}, "met": 6, "readers": {"en": "everyone", "ru": "все"},
        }
        for name, more, bound in (("I-MASS", False, 1160.0), ("I-RANGE", True, 250.0))
    ],
    "variables": [
        {
            "id": "DRAG", "title": {"en": "Drag", "ru": "Сопротивление"}, "party": "integrator", "slot": "body",
            "printed_unit": {"en": "", "ru": ""}, "readers": {"en": "everyone", "ru": "все"},
        }
    ],
    "designs": [
        {
            "design": at, "values": [0.2 + 0.01 * at], "found": [1100.0 + 10.0 * at, 200.0 + 10.0 * at - 40.0 * (at % 3 == 1)],
            "verdicts": ["met", "met"], "meets": 1 + (at == 6), "leaves": at == 11, "lost": "",
        }
        for at in range(12)
    ],
    "meeting": 1, "schema": "workspace-study/1",
}  # fmt: skip
CHANGED = {
    "slot": "battery", "number": "mass", "before": "235 kg", "after": "260 kg", "title": {"en": "mass", "ru": "масса"},
    "before_text": {"en": "235 kg", "ru": "235 кг"}, "after_text": {"en": "260 kg", "ru": "260 кг"},
    "stated": {"en": "", "ru": ""},
}  # fmt: skip
JOB = """((many) => {
  const [asked, answer] = [window.fetch, new Response(many)];
  window.fetch = (to, how) => String(to).includes("/jobs/") ? Promise.resolve(answer.clone()) : asked(to, how);
})"""


def test_a_study_shows_its_front_and_the_address_holds_what_is_chosen(served, browser):
    """Of a study whose front is known: each design is heavier and goes further, but every third; one leaves a contract."""
    job = {
        "number": 1, "kind": "study", "status": "done", "state": "", "person": "an engineer", "made": "2026-11-30T12:00:00Z",
        "ended": "", "done": 12, "total": 12, "asked": {"designs": 11}, "runner": "", "changes": [CHANGED], "study": STUDIED,
    }  # fmt: skip
    browser.open(f"{served.address}/en/{PROGRAMME}/gates?party=integrator")
    browser.run(f"{JOB}({json.dumps(json.dumps(job))})")
    way = f"/en/{PROGRAMME}/study?party=integrator&study=1"
    browser.run(f"history.pushState(null, '', '{way}'); dispatchEvent(new Event('covolt:moved'))")
    browser.until("document.querySelectorAll('.scatter circle').length === 11")
    told = shows(browser, "1 of 12 designs meet everything")
    for said in ("Asked by an engineer", "Computed by the workspace", "mass: 235 kg → 260 kg", "has moved on since"):
        assert said in told, "of which vehicle it is, and whose"
    assert browser.run("document.querySelector('.scatter .front').points.length") == 7
    for width in (1280, 390):
        browser.sized(width)
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), width
        found = browser.violations()
        assert found == [], (width, "\n".join(found))
    browser.sized(1280)
    choose = """(([name, to]) => {
      const one = document.querySelector(`select[name=${name}]`);
      one.value = to;
      one.dispatchEvent(new Event("change", { bubbles: true }));
    })"""
    browser.run(f"{choose}(['only', 'front'])")
    browser.until("location.search.includes('only=front') && document.querySelectorAll('.scatter circle').length === 6")
    browser.run(f"{choose}(['x', 'I-RANGE'])")
    browser.until("location.search.includes('x=I-RANGE')")


def test_only_what_differs_counts_and_a_number_that_there_is_not_is_told(served, browser):
    slots = {one["id"]: one for one in served.asked("")["slots"]}
    (mass,) = (one for one in slots["battery"]["numbers"] if one["name"] == "mass")
    way = f"{served.address}/en/{PROGRAMME}/vehicle?party=integrator"
    assert not mass["mine"]
    browser.open(way)
    button = "[...document.querySelectorAll('#battery button.quiet')].find((one) => one.textContent === 'Try mass')"
    browser.until(f"{button} !== undefined")
    browser.run(f"{button}.click()")
    browser.until("location.search.includes('try=battery/mass')")
    shows(browser, "0\u00a0numbers differ")
    for value, told in (("260 kg", "1\u00a0number differs"), (mass["written"], "0\u00a0numbers differ")):
        browser.open(f"{way}&try=battery/mass:{value.replace(' ', '%20')}")
        shows(browser, told)
    assert browser.run("document.querySelector('[role=alert]')") is None
    browser.open(f"{way}&try=battery/masss:260%20kg")
    browser.until("document.querySelector('[role=alert]')?.innerText.includes('battery/masss')")
    assert browser.violations() == []


SIGNINGS = {
    "state": "0" * 64, "surely": True, "schema": "workspace-signings/1",
    "signings": [
        {
            "role": "chief-engineer", "who": {"en": "Integrator, chief engineer", "ru": "Сборщик, главный конструктор"},
            "digest": "0" * 64, "lines": [{"columns": 0, "said": {"en": "Concept", "ru": "Эскизный проект"}}],
            "keys": [{"fingerprint": "ab" * 32, "fingerprint_words": "abab abab", "known": True}], "against": [],
            "file": "concept.statement",
        }
    ],
}  # fmt: skip


def test_what_is_signed_takes_a_condition_by_keyboard(served, browser):
    """Of a sign-off that is asked of a party whose key is there."""
    answered = JOB.replace("/jobs/", "/signing")
    for language, said in (("en", "Remarks or restrictions"), ("ru", "Замечания или ограничения")):
        browser.open(f"{served.address}/{language}/{PROGRAMME}/gates?party=integrator")
        browser.run(f"{answered}({json.dumps(json.dumps(SIGNINGS))})")
        way = f"/{language}/{PROGRAMME}/gates/concept?party=integrator"
        browser.run(f"history.pushState(null, '', '{way}'); dispatchEvent(new Event('covolt:moved'))")
        shows(browser, said)
        fetched = "new URL(document.querySelector('.signing a[download]').href).searchParams.get('remarks')"
        assert not browser.run(fetched)
        for _ in range(150):
            browser.key("Tab")
            if browser.run("document.activeElement?.name === 'remarks'"):
                break
        browser.write("On a closed track & at 30 km/h")
        browser.until(f"{fetched} === 'On a closed track & at 30 km/h'")
        for width in (1280, 390):
            browser.sized(width)
            browser.until("document.documentElement.scrollWidth <= innerWidth")
            assert browser.violations() == [], (language, width)
        browser.sized(1280)
