"""Which acts hold, and what shows them."""

import dataclasses
import json
import re

import pytest

from covolt.cli import exit_codes, main
from covolt.errors import InputError
from covolt.programme.checked import same_act
from covolt.programme.reading import read_programme
from covolt.programme.requirement import Requirement, StatedConditions
from covolt.study.gate import approval
from covolt.study.gate.approval import approval_rows
from covolt.study.gate.gates import GateState, signed_by_agencies
from covolt.study.gate.signatures import SignatureRow
from covolt.study.procedures.registry import find_measure
from covolt.study.verdicts.acts import matrix
from covolt.units import unit
from covolt.words import Words


@pytest.fixture(scope="module")
def rows(programme, verification):
    return {one.act: one for one in approval_rows(programme, verification.verdicts)}


def changed(programme, name, **changes):
    plain = programme.requirements[name].model_dump(by_alias=True) | changes
    requirements = {**programme.requirements, name: Requirement.model_validate(plain)}
    return dataclasses.replace(programme, requirements=requirements)


def test_the_table_asks_for_what_covolt_computes():
    table = matrix()
    assert len(table.act) >= 20
    for act in table.act:
        for check in act.check:
            procedure, measure = find_measure(check.procedure, check.measure, act.id)
            assert set(act.categories) & set(procedure.categories)
            if check.bound is not None:
                assert unit(check.bound.split(" ", 1)[1]).si == measure.si_unit


def test_every_requirement_of_the_examples_cites_an_act_of_the_table(programme):
    acts = [act.id for act in matrix().act]
    for one in programme.requirements.values():
        if one.kind == "law":
            assert any(same_act(one.regulation, act) for act in acts), one.id


def test_each_state(rows):
    assert (rows["UN R13-H"].state, rows["UN R13-H"].basis) == ("computed: met", "computed")
    assert rows["UN R13-H"].requirements == ("A-R13H", "A-R13H-MFDD")
    assert all(one.startswith("sha256:") for one in rows["UN R13-H"].evidence)
    assert rows["UN R10"].state == "open"
    assert "not shown: A-R10" in rows["UN R10"].why.said("en")
    assert rows["TR CU 018/2011"].why.said("en") == "no requirement asks for its document"
    r13 = next(one for act in matrix().act if act.id == "UN R13-H" for one in act.check if one.bound)
    assert approval._said(r13, "UN R13-H").said("ru").endswith("(un-r13-h stopping_distance) ≤ 70\N{NO-BREAK SPACE}м")
    assert rows["UN R94"].why.said("en") == "no requirement cites it"
    assert rows["UN R83"].why.said("en") == "for combustion engines"
    assert rows["UN R107"].why.said("en") == "for M2, M3"


def test_a_document_alone_is_cited_and_not_computed(programme, verification):
    verdicts = [
        dataclasses.replace(one, verdict="met") if one.requirement == "A-R10" else one for one in verification.verdicts
    ]
    row = next(one for one in approval_rows(programme, verdicts) if one.act == "UN R10")
    assert (row.state, row.fulfilled) == ("document cited", True)
    assert row.reads.said("ru") == "документ приложен"


def signature(party, *, counts=True):
    return SignatureRow(party, "officer", Words(party, f"{party} ru"), "2026-11-28", state="stands", counts=counts)


def gate_of(name, *rows, is_open=True):
    return GateState(name, Words(name, f"{name} ru"), is_open, (), "", rows)


def test_an_act_is_signed_where_an_agency_has_signed_an_open_gate(programme, verification):
    due = {one.id: one.verify.gate for one in programme.requirements.values()}["A-R68"]
    order = {name: one.order for name, one in programme.gates.items()}
    earlier = next(name for name in sorted(order, key=order.__getitem__) if order[name] < order[due])

    def row(*states):
        signed = signed_by_agencies(programme, states)
        return next(
            one for one in approval_rows(programme, verification.verdicts, signed=signed) if one.act == "UN R68"
        )

    assert row().state == "computed: met"
    found = row(gate_of(due, signature("agency")))
    assert (found.state, found.fulfilled) == ("signed by agency", True)
    said = Words(f"agency signed {due} on 2026-11-28", f"agency ru: подписан рубеж «{due} ru» 28.11.2026")
    assert found.why.plain() == said.plain()
    for states in (
        [gate_of(due, signature("integrator"))],
        [gate_of(due, signature("agency", counts=False))],
        [gate_of(due, signature("agency"), is_open=False)],
        [gate_of(earlier, signature("agency"))],
    ):
        assert row(*states).state == "computed: met"
    trust = dataclasses.replace(programme.trust, agencies=frozenset())
    strange = dataclasses.replace(programme, trust=trust)
    assert signed_by_agencies(strange, [gate_of(due, signature("agency"))]) == {}, "nobody trusted it as an agency"
    failing = [dataclasses.replace(one, verdict="not met") for one in verification.verdicts]
    signed = signed_by_agencies(programme, [gate_of(due, signature("agency"))])
    assert {one.state for one in approval_rows(programme, failing, signed=signed) if one.act == "UN R68"} == {"failing"}


def test_a_requirement_weaker_than_the_act_does_not_show_it(programme, verification):
    for bound, state in (("70 m", "computed: met"), ("69 m", "computed: met"), ("75 m", "open")):
        rows = approval_rows(changed(programme, "A-R13H", at_most=bound), verification.verdicts)
        found = next(one for one in rows if one.act == "UN R13-H")
        assert found.state == state, bound
    assert "Stopping distance (un-r13-h stopping_distance) ≤ 70\N{NO-BREAK SPACE}m" in found.why.said("en")


def test_a_requirement_under_other_conditions_does_not_show_its_act(programme, verification):
    scenario = next(name for name, one in programme.scenarios.items() if one.conditions != StatedConditions())
    for changes in ({"conditions": {"payload": "75 kg"}}, {"scenario": scenario}):
        rows = approval_rows(changed(programme, "A-R13H", **changes), verification.verdicts)
        found = next(one for one in rows if one.act == "UN R13-H")
        assert found.state == "open"
        assert found.why.said("en") == "A-R13H: its conditions differ from the act's" and found.why.said("ru")


def test_a_requirement_that_is_not_met_fails_its_act(programme, verification):
    verdicts = [
        dataclasses.replace(one, verdict="not met") if one.requirement == "A-R68" else one
        for one in verification.verdicts
    ]
    rows = {one.act: one for one in approval_rows(programme, verdicts)}
    assert rows["UN R68"].state == "failing"


def test_another_category_has_other_acts(programme, verification):
    frame = programme.charter.vehicle.model_copy(update={"category": "M3"})
    bus = dataclasses.replace(programme, charter=programme.charter.model_copy(update={"vehicle": frame}))
    rows = {one.act: one for one in approval_rows(bus, verification.verdicts)}
    assert rows["UN R13-H"].state == "not applicable"
    assert rows["UN R107"].state == "open"


def framed(programme, **frame):
    vehicle = programme.charter.vehicle.model_copy(update=frame)
    return dataclasses.replace(programme, charter=programme.charter.model_copy(update={"vehicle": vehicle}))


@pytest.mark.parametrize(
    ("frame", "act", "why"),
    [
        ({"category": "M3", "passengers": 77, "bus_class": "I"}, "UN R118", "for buses of class II, III"),
        ({"category": "M3", "passengers": 77, "bus_class": "II"}, "UN R118", ""),
        ({"category": "M2", "passengers": 16}, "UN R66", "up to 22 passengers"),
        ({"category": "M3", "passengers": 77}, "UN R66", ""),
        ({"category": "M2"}, "UN R154", ""),
        ({"category": "N1", "maximum_load": "2600 kg"}, "UN R154", "maximum mass over 3500 kg"),
        ({"category": "N1"}, "UN R94", ""),
        ({"category": "N1", "maximum_load": "1500 kg"}, "UN R94", "maximum mass over 2500 kg"),
        ({"category": "N1"}, "UN GTR 22", "for M1"),
        ({"category": "N1"}, "UN R49", "reference mass up to 2610 kg"),
    ],
)
def test_scopes_by_mass_people_and_class(programme, verification, frame, act, why):
    programme = framed(programme, **frame)
    programme = dataclasses.replace(
        programme, charter=programme.charter.model_copy(update={"countries": ("BY", "RU", "DE")})
    )
    row = next(one for one in approval_rows(programme, verification.verdicts) if one.act == act)
    assert (row.state == "not applicable") == bool(why)
    if why:
        assert row.why.said("en") == why and row.why.said("ru")


def test_outside_the_union_its_own_act_does_not_hold(programme, verification):
    parties = {name: one.model_copy(update={"country": "RS"}) for name, one in programme.parties.items()}
    charter = programme.charter.model_copy(update={"countries": ("RS",)})
    abroad = dataclasses.replace(programme, parties=parties, charter=charter)
    acts = {one.act for one in approval_rows(abroad, verification.verdicts)}
    assert "TR CU 018/2011" not in acts
    assert "UN R100" in acts


@pytest.mark.parametrize(("cited", "act"), [("UN R13H", "UN R13-H"), ("un r 13-h", "UN R13-H"), ("UN R100", "UN R100")])
def test_spellings_of_one_act(cited, act):
    assert same_act(cited, act)
    assert not same_act(cited, "UN R10")


def test_a_table_with_faults_tells_them_all(tmp_path):
    path = tmp_path / "approval.toml"
    path.write_text(
        'schema = "approval/1"\ndate = "soon"\nmarket = []\n'
        '[[act]]\nid = "UN R1"\ntitle = "Lamps"\ncategories = ["M9"]\nmarkets = ["UN"]\nsource = ""\n'
        '[[act.check]]\nprocedure = "wltp"\nmeasure = "range"\nat_least = "1 km"\nat_most = "2 km"\n'
    )
    with pytest.raises(InputError) as raised:
        matrix(path)
    text = " ".join(f"{one.where} {one.what}" for one in raised.value.problems)
    for word in ("date", "categories", "source", "a check has one bound"):
        assert word in text


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [60, 80])
def test_the_command_says_whose_word_it_is(capsys, monkeypatch, verified_car, language, width):
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit) as leaving:
        main(["approval", str(verified_car), "--language", language])
    assert leaving.value.code == exit_codes.COMPLETED
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    said = " ".join(out.split())
    assert ("computed: met" if language == "en" else "расчёт: выполнено") in said
    assert ("agency has signed an open gate" if language == "en" else "орган подписал открытый рубеж") in said
    assert not re.search(r"\d+ shown|state +shown", said)
    assert language == "en" or not re.search(r"\b(open|computed|document|acts|hold)\b", said)


def test_the_command(capsys, monkeypatch, verified_car):
    monkeypatch.setenv("COLUMNS", "80")
    for arguments in (["approval", str(verified_car)], ["approval", str(verified_car), "--json"]):
        with pytest.raises(SystemExit) as leaving:
            main(arguments)
        assert leaving.value.code == exit_codes.COMPLETED
        out = capsys.readouterr().out
        if "--json" in arguments:
            acts = {one["act"]: one for one in json.loads(out)["acts"]}
            assert acts.keys() >= {"UN R100", "UN R107"}
            assert acts["UN R68"]["state"] == "computed: met"
            assert acts["UN R68"]["reads"] == {"en": "computed: met", "ru": "расчёт: выполнено"}
            assert (acts["UN R68"]["fulfilled"], acts["UN R100"]["fulfilled"]) == (True, False)
            who = {"by": "type-approval officer of the example", "on": "2026-11-27", "edition": "UN R68, example entry"}
            assert who in acts["UN R68"]["checked"] and who not in acts["UN R85"]["checked"]
        else:
            assert max(map(len, out.splitlines())) <= 80
            assert "UN R107" not in out


def test_a_gate_may_ask_for_every_act(city_car):
    path = city_car / "gates" / "type-approval.toml"
    text = path.read_text().replace("evidence.missing == 0", "approval.shown == approval.count")
    path.write_text(text)
    assert "approval.shown" in read_programme(city_car).gates["type-approval"].criteria[0].check
