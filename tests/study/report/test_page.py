import json
import re
from dataclasses import replace

import pytest

import covolt
from covolt.digits import probability_text
from covolt.errors import Problem
from covolt.programme.reading import read_programme
from covolt.simulation.sankey import STAGES
from covolt.study.cases.report import make_report
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.gates import GateState, gate_states
from covolt.study.gate.signatures import SignatureRow
from covolt.study.procedures.registry import procedures
from covolt.study.report.content import Since, content
from covolt.study.report.example import example_drive
from covolt.study.report.headline import headline
from covolt.study.report.page import page
from covolt.study.report.texts import FLOWS, TEXTS
from covolt.study.result import plain, text_of
from covolt.study.verdicts.commit import committed_on
from covolt.study.verdicts.printed_units import printed_unit
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.verification import verify
from covolt.units import UNITS
from covolt.words import Words

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def html(programme, verification):
    return page(content(programme, verification), example_drive(programme)[1].ledger)


def test_it_says_which_covolt_made_it(html, programme, verification):
    said = content(programme, verification, day="2026-02-03")
    assert said.covolt == covolt.__version__
    text = page(said, example_drive(programme)[1].ledger)
    for language, day in (("en", "2026-02-03"), ("ru", "03.02.2026")):
        assert shown(text, language).count(f"{covolt.__version__}, {day}") == 2, "in head and foot"


def shown(html, language):
    """What a page shows in a language."""
    others = re.sub(rf"<i lang=(?!{language}>)[^<]*</i>", "", html)
    return re.sub(rf"<i lang={language}>([^<]*)</i>", r"\1", others)


def test_texts_side_by_side_are_one(html):
    one = r"<i lang=en>[^<]*</i><i lang=ru>[^<]*</i>"
    assert re.search(one, html) and not re.search(one + r"[^<\n]{0,14}" + one, html)
    assert "WLTP range" in shown(html, "en") and "WLTP range" not in shown(html, "ru")


def test_no_clock_is_in_it(programme, verification):
    """Its day is handed in, else that of the commit of the lock: nothing of today."""
    assert content(programme, verification).date == committed_on(programme.files.folder, "programme.lock")


def test_the_headline_says_what_it_covers(html, programme, verification):
    said = plain(content(programme, verification))["headline"]
    assert (said["state"], said["acts_shown"]) == ("refused", 0)
    assert said["acts"] == sum(one.state != "not applicable" for one in approval_rows(programme, verification.verdicts))
    assert said["requirements"] == len(programme.requirements)
    met = [one for one in verification.verdicts if one.verdict in {"met", "met, text not checked"}]
    assert sum(one["count"] for one in said["evidence"]) == len(met)
    assert {one["title"]["en"] for one in said["evidence"]} == {
        *("simulated, level 0", "simulated, level 1", "declared", "by document")
    }
    assert f"0 of {said['acts']} acts shown" in html and f"Of {len(met)} met: " in html


def test_the_headline_is_never_empty(programme, verification):
    """Acts that nobody has shown stand beside what is met, and nothing written is nothing shown."""
    acts = approval_rows(programme, verification.verdicts)
    passing = replace(verification, verdicts=[one for one in verification.verdicts if one.passes])
    said = headline(programme, passing, acts)
    count = said.laws + said.constraints
    assert said.state == "open"
    assert said.big.said("en") == (
        f"{count} of {count} laws and constraints written here are met; type approval is not shown: 0 of {said.acts} acts"
    )
    nothing = headline(programme, replace(verification, verdicts=[]), acts)
    assert (nothing.state, nothing.acts_said.said("en")) == ("nothing", f"0 of {said.acts} acts shown")
    signed = [replace(one, state="signed by agency") for one in acts if one.state != "not applicable"]
    assert headline(programme, passing, signed).state == "shown"


def test_every_section_is_in_the_contents(html):
    sections = re.findall(r'<section id="(section-[a-z]+)"', html)
    assert len(sections) == html.count("<section") >= 9
    assert re.findall(r'<a href="#(section-[a-z]+)"', html) == sections
    assert '<a class="skip" href="#main">' in html and html.count("<main") == html.count("</main>") == 1


def test_what_was_compared_with_is_said_with_what_does_not_stand_in_it(programme, verification):
    beside = (Problem("signatures are demanded", "programme.lock:4", ""),)
    since = Since(Words("commit v1 (abc)", "коммит v1 (abc)"), beside, (), ())
    said = content(programme, verification, since=since)
    assert said.since.baseline.said("en") == "commit v1 (abc)"
    text = page(said, example_drive(programme)[1].ledger)
    for one in ("commit v1 (abc)", "коммит v1 (abc)", "programme.lock:4", "signatures are demanded"):
        assert one in text


def test_a_gate_says_who_signed_it_and_by_which_key(programme, verification):
    row = SignatureRow(
        "agency", "officer", Words("Agency, officer", "Агентство, эксперт"), "2026-03-01", "7f000001" * 8, "stale",
        Words("moved since", "с тех пор изменилось"),
    )  # fmt: skip
    gate = GateState("trial", Words("Trial", "Испытания"), open=False, blocks=(), digest="", signatures=(row,))
    text = page(content(programme, verification, gates=[gate]), example_drive(programme)[1].ledger)
    for said in (
        "Агентство, эксперт",
        "2026-03-01",
        "устарела",
        "с тех пор изменилось",
        "lusab-babad-lusab",
        "7f00 0001 7f00",
    ):
        assert said in text


def test_a_stale_signature_says_what_moved(programme, verification):
    row = SignatureRow(
        "agency", "officer", Words("Agency", "Орган"), "2026-03-01", "7f000001" * 8, "stale",
        moved=(Words("verdict A-R68: met → not met", "заключение A-R68: выполнено → не выполнено"),),
    )  # fmt: skip
    gate = GateState("trial", Words("Trial", "Испытания"), open=False, blocks=(), digest="", signatures=(row,))
    said = content(programme, verification, gates=[gate])
    assert said.gates[0].signatures[0].moved[0].said("ru") == "заключение A-R68: выполнено → не выполнено"
    text = page(said, example_drive(programme)[1].ledger)
    assert "verdict A-R68: met → not met" in text and "заключение A-R68: выполнено → не выполнено" in text


def test_the_page_says_how_probably_and_whose_word(html, verification):
    within = [
        one for one in verification.verdicts if one.verdict == "within uncertainty" and one.probability is not None
    ]
    assert within
    for one in within:
        assert f"P <i lang=en>{probability_text(one.probability)}</i>" in html
    every = [one for one in verification.verdicts if one.probability is not None and (one.expanded or one.laws)]
    asked = html[html.index('id="figures"') : html.index('id="holds"')].count('<span class="why">P ')
    assert asked > 5
    assert html.count('<span class="why">P ') - asked == len(every) > len(within)
    for words in ("computed: met", "расчёт: выполнено", "covolt&#39;s word", "слово covolt"):
        assert words in html
    assert "100.0 %" not in html


def test_every_text_in_both_languages():
    for key, words in TEXTS.items():
        assert words.said("en"), key
        assert words.said("ru"), key
        assert re.search("[А-Яа-я№]", words.said("ru")), key
    named = {stage for stage, _ in STAGES} | {name for _, names in STAGES for name in names}
    fuel = {"fuel of the heater", "fuel heat to the cabin", "exhaust of the heater"}  # fuel has a balance of its own
    assert named | fuel == {str(one) for one in FLOWS}


def test_what_the_programme_says_is_in_both_languages(programme, verification):
    gates = gate_states(programme, verification)
    english: list[str] = []

    def look(said, key=""):
        # What a datasheet calls a number, a regulation, a published law and a number in figures read alike in every language.
        if key in {"regulation", "margin_text", "value_text", "by", "charging"}:
            return
        if isinstance(said, dict) and (said.get("origin") == "input" or said.get("stated")):
            said = {name: value for name, value in said.items() if name != "title"}
        if isinstance(said, dict) and set(said) == {"en", "ru"}:
            if re.search("[A-Za-z]", said["en"]) and said["en"] == said["ru"]:
                english.append(said["en"])
        elif isinstance(said, dict):
            for name, value in said.items():
                look(value, name)
        elif isinstance(said, list):
            for value in said:
                look(value, key)

    said = plain(content(programme, verification, gates=gates))
    look(said)
    assert english == []
    named = {name: one["y_titles"].get(name, {}).get("ru", "") for one in said["curves"] for name in one["y"]}
    assert named
    untold = {name for name, russian in named.items() if not re.search("[а-я]", russian)}
    assert {name for name in untold if not re.search(r"20\d\d, [A-Z]+$", name)} == set()


def test_the_lines_of_protocols_are_in_both_languages(programme, verification):
    """Names of cycles, laws and rules stay as they are; English words do not."""
    lines = [line for one in content(programme, verification).protocols for line in one.lines]
    words = "|".join(["medium|high|extra-high|city", "petrol|diesel|gas", *programme.slots])
    assert [one for line in lines if re.search(rf"\b({words})\b(?![-/])", one := line.title.said("ru"))] == []


def test_the_protocol_says_by_which_law_the_battery_ages(html):
    assert "Smith 2017: NMC, Kokam 75 Ah; American Control Conference 2017" in html
    assert "fitted at 0…45 °C and a depth of 80…100 %" in html
    assert "получен при 0…45 °C и глубине 80…100 %" in html
    assert "IEEE 7963578; коэффициенты из NREL BLAST-Lite" in html
    assert "нормы метеостанции [по памяти, с точностью около 0,5 K]" in html


def test_every_unit_is_printed_in_both_languages():
    measured = {measure.unit for procedure in procedures().values() for measure in procedure.measures}
    for unit in {*UNITS, *measured, "1000 km", "years", "t CO2e"}:
        words = printed_unit(unit)
        assert not re.search(r"[A-Za-z]{2}|Ohm|\d2", words.said("ru").replace("°C", "").replace("CO₂", "")), unit
        assert not re.search(r"[²³]|Ω", unit)
    assert printed_unit("kg m2").said("ru") == "кг·м²"
    assert printed_unit("kWh/100 km").said("en") == "kWh/100\N{NO-BREAK SPACE}km"


def test_the_page_needs_no_network_and_stays_small(html):
    assert len(html.encode()) < 5_000_000
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", html)
    assert "@import" not in html
    assert "url(" not in html


def test_every_requirement_and_verdict_is_on_the_page(programme, verification, html):
    for one in verification.verdicts:
        assert f'id="{one.requirement}"' in html
    assert "Not acceptable yet" in html
    assert "К приёмке не готово" in html
    assert 'viewBox="0 0 960' in html


def test_the_twin_is_plain_json(programme, verification):
    again = json.loads(text_of(content(programme, verification)))
    assert again["accepted"] is False
    assert sum(again["counts"].values()) == len(verification.verdicts)
    assert {one["id"] for one in again["parties"]} == set(programme.parties)


def test_hostile_titles_stay_text(city_car):
    path = city_car / "parties" / "agency.toml"
    path.write_text(path.read_text().replace("Type-approval agency", "</script><script>alert(1)</script>"))
    programme = read_programme(city_car)
    verification = verify(programme, KeptRecords(None), only=["I-MASS"])
    made = page(content(programme, verification), example_drive(programme)[1].ledger)
    assert "<script>alert" not in made
    assert "&lt;script&gt;alert(1)" in made


def test_a_private_requirement_hides_its_numbers_from_others(city_car):
    path = city_car / "battery-works" / "requirements" / "B-MASS.toml"
    path.write_text(path.read_text() + 'visibility = "party"\n')
    programme = read_programme(city_car)
    verification = verify(programme, KeptRecords(None), only=["B-MASS"])

    def row(reader):
        parties = {one["id"]: one for one in plain(content(programme.seen_by(reader), verification))["parties"]}
        return parties["battery-works"]["requirements"][0]

    assert (row("integrator")["value"], row("integrator")["bound"], row("integrator")["margin"]) == (None, None, None)
    assert row("integrator")["verdict"] == "hidden", "how it stands is its party's own too"
    assert row(None)["title"]["en"] == "hidden"
    assert row("battery-works")["value"] == pytest.approx(235.0)
    assert row("integrator")["contributions"] is None
    [step] = content(programme.seen_by("battery-works"), verification).next
    assert step.alone[0].numbers[0].number == "mass"
    assert content(programme.seen_by("integrator"), verification).next == ()


@pytest.mark.slow
def test_the_report_names_who_moved_what(verified_car, programme):
    city_car = verified_car
    from covolt.programme.locking import resolve, write_lock
    from covolt.programme.offering import publish_part

    part = city_car / "battery-works" / "parts" / "pack-33" / "part.toml"
    part.write_text(part.read_text().replace('version = "1.0.0"', 'version = "1.1.0"').replace("235 kg", "255 kg"))
    publish_part(part)
    write_lock(city_car, resolve(read_programme(city_car), upgrade=True).lock)
    scenario = city_car / "scenarios" / "winter.toml"
    (scenario.parent / "hill.toml").write_text(scenario.read_text().replace('"winter"', '"hill"'))
    path = make_report(
        read_programme(city_car), city_car / "build" / "report.html", base=str(programme.root), language="ru"
    )
    since = json.loads(path.with_suffix(".json").read_text())["since"]
    assert [one["party"] for one in since["changes"]] == ["battery-works", "programme"]
    html = path.read_text()
    assert "<i lang=ru>Тяговая батарея</i>: <code>battery-works/pack-33@1.0.0</code> → " in html
    assert "<i lang=ru>сценарий hill</i>: <code><i lang=en>absent</i><i lang=ru>нет</i></code> → " in html
    moved = {one["requirement"]: one for one in since["differences"]}
    assert moved["I-MASS"]["contributions"]["battery-works"] == pytest.approx(-20.0)
    assert all(
        sum(one["contributions"].values()) == pytest.approx(one["total"], rel=1e-9, abs=1e-12)
        for one in since["differences"]
    )


def test_bounds_are_drawn_where_they_hold(programme, verification):
    curves = {one.requirements[0]: one for one in content(programme, verification).curves}
    verdicts = {one.requirement: one for one in verification.verdicts}
    power = {one.requirement: one for one in curves["A-R85"].bounds}
    assert {name: one.value for name, one in power.items()} == pytest.approx({"A-R85": 78.4, "D-POWER-30": 40.0})
    held = power["D-POWER-30"]
    assert held.begin == held.end == pytest.approx(4167.0, abs=1.0), "at n_30 and nowhere else"
    assert held.reached == pytest.approx(verdicts["D-POWER-30"].value, rel=1e-5)
    ageing = {one.requirement: (one.begin, one.end) for one in curves["A-GTR22-5"].bounds}
    assert ageing == {"A-GTR22-5": (5.0, 5.0), "A-GTR22-8": (8.0, 8.0), "B-WARRANTY": (8.0, 8.0)}
    worst = curves["N-WORST"]
    assert [(one.begin, one.end) for one in worst.bounds] == [(worst.x[0], worst.x[-1])]
    run_up = {one.requirement: one for one in curves["A-R68"].bounds}
    assert set(run_up) == {"A-R68", "I-SPEED"}, "30 minutes are not on the run-up"
    assert all(run_up["A-R68"].begin < one.end and one.begin > 15.0 for one in run_up.values())
    assert curves["A-R13H"].bounds == ()
    assert max(curves["A-R13H"].x) < 6.0


def test_no_axis_has_two_quantities(programme, verification):
    said = content(programme, verification)
    for one in (*said.curves, *said.drive.charts):
        assert one.y_unit != "1", one.title
        assert not any("," in name and name.split(", ")[-1] in UNITS for name in one.y), one.y


def test_charts_are_read_without_javascript(html, programme, verification):
    said = content(programme, verification)
    count = len(said.curves) + len(said.drive.charts)
    still = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert still.count('<figure class="chart"') == still.count('download="chart-') == count
    assert still.count("<polyline") == sum(len(one.y) for one in (*said.curves, *said.drive.charts))
    assert (
        still.count('<details class="data"><summary><i lang=en>Table and CSV')
        == count
        == still.count('aria-describedby="chart-')
    )
    assert "disconnected and recuperating coincide within 0.2 %" in still
