"""The first page, stages, waterfalls, and the chain from a requirement to the numbers behind it."""

import json
import re

import pytest

from covolt.programme.reading import read_programme
from covolt.study.gate.gates import gate_states
from covolt.study.report.citations import citation_said
from covolt.study.report.conditions import quantity_said, scenario_said, unit_said
from covolt.study.report.content import Since, content
from covolt.study.report.example import example_drive
from covolt.study.report.marks import degrees
from covolt.study.report.page import page
from covolt.study.result import plain
from covolt.study.verdicts.attribution import Change, Difference
from covolt.study.verdicts.records import KeptRecords
from covolt.study.verdicts.verification import verify
from covolt.words import Words

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def since():
    part = Change("battery-works", "battery", "a@0.9.0", "a@1.0.0", "part")
    crossed = Difference("I-MASS", "kg", -10.0, 10.0, {"drive-works": 25.0, "battery-works": -5.0})
    stayed = Difference("N-COLD-20", "km", 5.0, 10.8, {"battery-works": 5.8})
    return Since(Words("commit v1", "коммит v1"), (), (part,), (stayed, crossed))


@pytest.fixture(scope="module")
def said(programme, verification, since):
    return content(programme, verification, since=since, gates=gate_states(programme, verification))


@pytest.fixture(scope="module")
def html(said, programme):
    return page(said, example_drive(programme)[1].ledger)


def test_a_director_reads_each_figure_against_its_bound(said, verification):
    figures = {one.id: one for one in said.director.figures}
    assert set(figures) == {
        "range", "cold_range", "consumption", "acceleration", "speed", "charge", "price", "cost", "mass"
    }  # fmt: skip
    verdicts = {one.requirement: one for one in verification.verdicts}
    for one in figures.values():
        assert (one.state, one.value) == ("required", verdicts[one.requirement].value)
        assert (one.bound, one.verdict) == (verdicts[one.requirement].bound, verdicts[one.requirement].verdict)
    told = figures["cost"].value_text.said("en")
    assert re.fullmatch(r"89\.9…99\.7 ± 3\.3", told), "charged at home, and in public"
    assert (figures["cost"].estimates, figures["mass"].estimates) == (2, 0)
    cold = figures["cold_range"]
    assert cold.requirement == "N-COLD-20" and "−20\N{NO-BREAK SPACE}°C, soaked" in cold.how.said("en")
    assert re.fullmatch(r"\d+ ± \d+", cold.value_text.said("en"))


def test_a_figure_that_nobody_asks_for_says_so(city_car):
    for path in city_car.glob("*/requirements/*.toml"):
        if path.stem not in {"I-PRICE", "B-MASS", "A-R100"}:
            path.unlink()
    programme = read_programme(city_car)
    verification = verify(programme, KeptRecords(None), only=["B-MASS", "A-R100"])
    found = content(programme, verification, gates=gate_states(programme, verification)).director
    figures = {one.id: one for one in found.figures}
    assert (figures["range"].state, figures["range"].value) == ("not computed", None)
    assert (figures["mass"].state, figures["mass"].value) == ("no requirement", pytest.approx(1150.0))
    assert figures["mass"].verdict is None


def test_what_holds_a_gate_is_told_by_its_nature_and_once(said):
    stages = {one.id: one for one in said.stages}
    assert said.director.gate == "concept" == said.stages[0].id
    assert "I-ACCELERATION" in stages["concept"].numbers and not stages["concept"].papers
    assert "A-R100" in stages["trial"].papers and "A-R85" in stages["trial"].numbers
    assert set(stages["type-approval"].told_before) >= {"A-R100", "A-R85"}
    told = [name for one in said.stages for name in (*one.papers, *one.numbers, *one.texts)]
    assert len(told) == len(set(told))
    assert [one.lacks.said("en") for one in stages["concept"].criteria if one.lacks] == [
        "16 of 23 constraints due at this gate met, 21 needed"
    ]
    assert [str(one.waits_for) for one in said.stages] == ["None", "Concept", "Prototype", "Trials on the road"]
    assert len(stages["trial"].unsigned) == 1


def test_next_steps_have_owners(said, programme):
    titles = {one.title.words.said("en") for one in programme.parties.values()}
    assert 1 <= len(said.director.steps) <= 3
    held = said.stages[0]
    told = {name for one in said.director.steps for name in one.requirements}
    assert said.director.more == len({*held.numbers, *held.papers, *held.texts} - told) > 0
    for one in (*said.director.steps, *said.director.measure):
        assert {owner.said("en") for owner in one.owners} <= titles | {"covolt"}
        assert set(one.requirements) <= set(programme.requirements)
        assert re.search("[а-я]", one.what.said("ru"))


def test_a_requirement_leads_to_the_line_and_the_numbers_behind_it(said, html, verification):
    protocols = {one.id: one for one in said.protocols}
    rows = [row for party in said.parties for row in party.requirements]
    found = 0
    for row in rows:
        if not row.line:
            continue
        found += 1
        record = verification.records[row.requirement]
        [line] = [one for one in protocols[row.protocol].lines if one.number == row.line]
        assert line.value_si == pytest.approx(record.measures[row.measure], rel=1e-9)
        assert row.requirement in line.gives
        assert f'href="#{row.protocol}-{row.line}"' in html
    assert found > 0.8 * sum(bool(row.protocol) for row in rows)
    cold = next(row for row in rows if row.requirement == "N-COLD-20")
    shares = [one.share for one in cold.sources]
    assert shares == sorted(shares, reverse=True) and 0.0 < sum(shares) <= 1.0 + 1e-9
    mass = next(row for row in rows if row.requirement == "B-MASS")
    assert [(one.slot, one.number, one.stated) for one in mass.sources] == [("battery", "mass", "235 kg")]
    battery = next(one for one in said.slots if one.id == "battery")
    assert "B-MASS" in battery.requirements and str(battery.signed).startswith("signed by Battery works")


def test_every_anchor_leads_somewhere(html):
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), sorted({one for one in ids if ids.count(one) > 1})
    assert {one for one in re.findall(r'href="#([^"]+)"', html)} - set(ids) == set()


def test_no_two_protocols_read_alike(said):
    for language in ("en", "ru"):
        heads = [(one.title.said(language), one.scenario.said(language)) for one in said.protocols]
        assert len(heads) == len(set(heads)), language


def test_protocols_count_the_steps_that_somebody_has_checked(said, html):
    for one in said.protocols:
        cited = [line for line in one.lines if line.clause not in {"covolt", "as required"}]
        assert (one.steps, one.steps_checked) == (len(cited), sum(line.checked for line in cited))
    wltp = next(one for one in said.protocols if one.procedure == "wltp")
    assert f"{wltp.steps_checked} of {wltp.steps} steps checked against the text" in html
    assert "from memory" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL).replace("[from memory,", "")


def test_a_waterfall_sums_to_the_margin_now(html):
    begin = html.index('<figure class="fall">')
    first = html[begin : html.index("</figure>", begin)]
    assert 'href="#I-MASS"' in first, "what crossed its bound comes first"
    bars = [
        (float(left), float(width))
        for left, width in re.findall(r'<i class="c-\w+" style="left:([\d.]+)%;width:([\d.]+)%"', first)
    ]
    zero = float(re.findall(r'class="zero" style="left:([\d.]+)%"', first)[0])
    before, battery, drive, now = bars
    assert sum(before) == pytest.approx(zero, abs=0.2) and now[0] == pytest.approx(zero, abs=0.2)
    assert sum(battery) == pytest.approx(before[0], abs=0.2), "the first party starts where the margin was"
    assert drive[0] == pytest.approx(battery[0], abs=0.2) and sum(drive) == pytest.approx(sum(now), abs=0.2)
    assert html.count('<figure class="fall">') == 2


def test_without_a_baseline_the_page_says_how_to_get_one(programme, verification):
    made = page(content(programme, verification), example_drive(programme)[1].ledger)
    assert "covolt lock --freeze NAME" in made and '<figure class="fall">' not in made


def test_the_page_stays_under_a_megabyte(html):
    assert len(html.encode()) < 1_000_000


def test_rows_are_sorted_by_margin_over_uncertainty(html):
    for table in re.findall(r'<table class="matrix requirements">.*?</tbody>', html, re.DOTALL):
        ranks = [float(one) for one in re.findall(r'data-rank="([^"]+)"', table)]
        assert ranks == sorted(ranks)


def test_tables_are_there_as_csv(html, said):
    assert html.count('download="requirements.csv"') == html.count('download="figures.csv"') == 1
    assert json.loads(json.dumps(plain(said)))["director"]["figures"]


@pytest.mark.parametrize(
    ("cited", "russian"),
    [
        ("UN R13-H Annex 3, 2.1.1", "Правила ООН №\N{NO-BREAK SPACE}13-H приложение 3, 2.1.1"),
        ("TR CU 018/2011", "ТР ТС 018/2011"),
        ("customer; GOST 15150", "по требованию заказчика; ГОСТ 15150"),
        ("Annex B8, Table A8/11, step 1", "приложение B8, таблица A8/11, шаг 1"),
        ("as required", "по заданию"),
        ("EU 1230/2012, Annex I", "Регламент (ЕС) 1230/2012, приложение I"),
        ("ISO 8715", "ISO 8715"),
        ("", ""),
    ],
)
def test_citations_are_said_as_each_language_writes_them(cited, russian):
    assert citation_said(cited).said("en") == cited
    assert citation_said(cited).said("ru") == russian


def test_conditions_and_units_in_words():
    said = scenario_said({"scenario": "winter", "ambient": "-20 degC", "start": "soaked"})
    assert (
        said.said("en") == "−20\N{NO-BREAK SPACE}°C, soaked"
        and said.said("ru") == "−20\N{NO-BREAK SPACE}°C, выдержан на месте"
    )
    assert scenario_said({"state_of_health": 0.8}).said("ru") == "батарея состарена до 80 %"
    assert quantity_said("0.22 m2").said("ru") == "0,22\N{NO-BREAK SPACE}м²"
    assert unit_said("Wh/km", "consumption_per_passenger").said("ru") == "Вт·ч/(пасс.·км)"
    assert unit_said("g/km").said("en") == "g CO₂e/km"
    assert degrees("Range at -20 degC, soaked") == "Range at −20\N{NO-BREAK SPACE}°C, soaked"
