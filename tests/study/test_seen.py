"""What a party keeps to itself: no use case tells anybody else what it says, and every gate holds it all the same."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from pathlib import Path

import pytest

import covolt
from covolt.cli import main
from covolt.errors import NotFound
from covolt.programme.gate import Criterion
from covolt.programme.pledging import bring_in
from covolt.programme.reading import read_programme
from covolt.programme.signing import new_key, read_key
from covolt.programme.text import Title
from covolt.study.cases.approve import approve
from covolt.study.cases.compare import compare
from covolt.study.cases.options import Findings
from covolt.study.cases.publish import begin_programme, lock
from covolt.study.cases.report import read_for, report_of
from covolt.study.cases.requirement_files import export_requirements
from covolt.study.cases.sign import SignOptions, dry_run, find_gates, states_of
from covolt.study.cases.verify import Verified, verify
from covolt.study.gate.check import check_programme
from covolt.study.gate.covered import covered_digest
from covolt.study.gate.gates import criteria_blocks
from covolt.study.result import text_of
from covolt.study.verdicts.listed import junit_text, table_text

pytestmark = pytest.mark.whole

OWNER, OTHER = "supplier", "integrator"
OWN = """schema = "requirement/1"
id = "{id}"
party = "supplier"
kind = "constraint"
procedure = "{procedure}"
measure = "{measure}"
{bound}
safety = true
regulation = "Canary Act 7"
visibility = "party"
{more}

[title]
en = "Canary of {id}"
ru = "Канарейка {id}"

[reason]
en = "because canaries sing"
"""
HEAVY = {
    "id": "OWN-MASS",
    "procedure": "declaration",
    "measure": "vehicle.kerb_mass",
    "bound": 'at_least = "98765.4321 kg"',
}
QUICK = {"id": "OWN-TIME", "procedure": "iso-8715", "measure": "time_0_100", "bound": 'at_most = "12345.6789 s"'}
APART = r"[ ,\u00a0\u202f]?"
CANARY = re.compile(rf"canar|канаре|12{APART}345\b|98{APART}765\b|71{APART}23[45]\b|123[.,]4567", re.IGNORECASE)
CRITERION = """
[[criteria]]
id = "own"
check = "verdict('OWN-MASS') == 'met'"
title = {en = "The supplier's own", ru = "Своё поставщика"}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A programme in which the supplier keeps two requirements to itself; one is not met, and was another at the baseline."""
    made, _ = begin_programme(tmp_path_factory.mktemp("seen") / "my-car", "city-car")
    own = made / OWNER / "requirements"
    own.mkdir()
    quick = OWN.format(**QUICK, more='conditions = {payload = "123.4567 kg"}')
    (own / "time.toml").write_text(quick, encoding="utf-8")
    heavy = OWN.format(**HEAVY, more='verify = {method = "declaration"}')
    (own / "mass.toml").write_text(heavy.replace("98765.4321", "71234.5678"), encoding="utf-8")
    gate = made / "gates" / "concept.toml"
    gate.write_text(gate.read_text(encoding="utf-8") + CRITERION, encoding="utf-8")
    lock(made)
    shutil.copytree(made, made.parent / "begun")
    (own / "mass.toml").write_text(heavy, encoding="utf-8")
    key = made.parent / "chief.pem"
    new_key(key)
    bring_in(read_programme(made), read_key(key), OTHER, ("chief-engineer", "recovery"), None)
    agency = made.parent / "agency.pem"
    new_key(agency)
    bring_in(read_programme(made), read_key(agency), "agency", ("type-approval-officer", "recovery"), None)
    return made


def said_in(found: Verified) -> str:
    each = (text_of(found.document()), found._repr_html_(), repr(found), table_text(found.found, found.programme))
    return "\n".join((*each, junit_text(found.found, found.programme)))


def told(folder: Path, party: str, place: Path) -> Iterator[tuple[str, str]]:
    """What every use case tells a reader, by its name."""
    found = verify(folder, party=party)
    yield "verify", said_in(found)
    yield "notebook", said_in(covolt.verify(folder, party=party, only=["OWN-MASS", "MASS"]))
    yield "gates of a notebook", covolt.gates(found.programme, found)._repr_html_()
    for language in ("en", "ru"):
        made = report_of(read_for(folder, party, Findings()), base=str(folder.parent / "begun"), language=language)
        yield f"report {language}", unescape(made.page)
        yield f"twin {language}", made.twin
    yield "diff", text_of(compare(folder, str(folder.parent / "begun"), party=party).document())
    for name in ("out.xlsx", "out.reqif", "out.reqifz"):
        export_requirements(place / name, folder, party=party, verdicts=name.endswith("x"))
        if zipfile.is_zipfile(place / name):
            with zipfile.ZipFile(place / name) as packed:
                yield name, "\n".join(packed.read(one).decode(errors="replace") for one in packed.namelist())
        else:
            yield name, (place / name).read_text(encoding="utf-8")
    states = states_of(find_gates(folder, None, Findings(), party=party))
    yield "gate", "\n".join(text_of(one) for one in states)
    yield "approval", text_of(approve(folder, party=party))
    yield "check", "\n".join(map(str, check_programme(folder)[1]))


COMMANDS = (
    ("verify", "--verbose", "--next", "--protocol"),
    ("verify", "--json"),
    ("gate",),
    ("gate", "--json", "--language", "ru"),
    ("approval", "--all"),
)


@pytest.mark.parametrize("party", ["", OTHER])
def test_no_use_case_tells_anybody_else_what_a_party_keeps_to_itself(folder, tmp_path, capsys, party):
    exact = [one for one in verify(folder, party=OWNER).verdicts if one.requirement.startswith("OWN-")]
    numbers = {repr(number)[:9] for one in exact for number in (one.value, one.margin) if one.requirement == "OWN-TIME"}
    assert len(numbers) == 2
    for name, text in told(folder, party, tmp_path):
        leaks = [*CANARY.findall(text), *(one for one in numbers if one in text)]
        assert not leaks, (name, text[max(0, (CANARY.search(text) or re.search("", text)).start() - 200) :][:400])
    for command in COMMANDS:
        with suppress(SystemExit):
            main([command[0], str(folder), *command[1:], *(("--party", party) if party else ())])
        out = capsys.readouterr()
        assert not out.err.strip()
        assert "OWN-MASS" in out.out or command[0] == "approval"
        assert not CANARY.findall(out.out), command
    with suppress(SystemExit):
        main(["diff", str(folder.parent / "begun"), str(folder), *(("--party", party) if party else ())])
    assert not CANARY.findall(capsys.readouterr().out)


def test_its_party_reads_all_of_it(folder, tmp_path):
    silent = {"check", "approval"}
    for name, text in told(folder, OWNER, tmp_path):
        assert CANARY.search(text) or name in silent, name


def test_what_is_hidden_stands_there_with_owner_and_kind(folder):
    found = verify(folder)
    hidden = {
        one["requirement"]: one
        for one in json.loads(text_of(found.document()))["verdicts"]
        if one["verdict"] == "hidden"
    }
    assert set(hidden) == {"OWN-MASS", "OWN-TIME"}
    said = hidden["OWN-MASS"]
    assert (said["owner"], said["kind"]) == (OWNER, "constraint")
    assert not any(said.pop("why").values())
    assert {name for name, one in said.items() if one} == {"requirement", "verdict", "owner", "kind"}
    assert found.programme.requirements["OWN-MASS"].title.ru == "скрыто"
    assert not found.acceptable, "a constraint that is not met is not, whoever reads"
    assert verify(folder, party=OWNER).programme.hidden == frozenset()


def test_gates_judge_by_all_and_name_the_same_digest_to_every_reader(folder):
    states = {party: states_of(find_gates(folder, None, Findings(), party=party)) for party in ("", OTHER, OWNER)}
    kept = [[(one.id, one.open, one.digest, len(one.blocks)) for one in each] for each in states.values()]
    assert kept[0] == kept[1] == kept[2]
    assert not states[""][0].open
    assert any("OWN-MASS: hidden" in str(one) for one in states[OTHER][0].blocks)
    assert any("OWN-MASS: not met, needed: met" in str(one) for one in states[OWNER][0].blocks)


@pytest.mark.parametrize(
    "check", ["margin('OWN-TIME') >= -1e9", "value('OWN-TIME') <= 1e9", "not value('OWN-TIME') > 9"]
)
@pytest.mark.parametrize("party", [OTHER, OWNER])
def test_no_gate_opens_by_a_number_that_a_party_keeps_to_itself(folder, check, party):
    """By one limit after another whoever writes gates could find it out."""
    found = verify(folder, party=party, only=["OWN-TIME"])
    whole = found.programme.whole
    asked = Criterion(id="bisecting", title=Title(en="Bisecting"), check=check)
    gate = whole.gates["concept"].model_copy(update={"criteria": (asked,), "people": False})
    [block] = criteria_blocks(whole.seen_by(party), found.found, gate)
    assert str(block) == "not yet so: Bisecting: OWN-TIME is what supplier keeps to itself: its number opens no gate"


def test_counts_tell_nothing_of_a_lone_hidden_verdict(folder):
    """Neither the headline nor the sentence of a gate lets it be had as the rest of a sum."""
    for party in (OTHER, OWNER):
        found = verify(folder, party=party)
        shown = [one for one in found.verdicts if one.verdict != "hidden" and one.kind == "constraint"]
        head = found.headline()
        assert (head.hidden, head.requirements) == (2 * (party == OTHER), len(found.verdicts))
        assert (head.constraints, head.constraints_met) == (len(shown), sum(one.passes for one in shown))
        assert ("2 of them hidden" in str(head.scope)) is (party == OTHER)
        asked = Criterion(id="all", title=Title(en="All"), check="constraints.met >= 99")
        gate = found.programme.whole.gates["trial"].model_copy(update={"criteria": (asked,), "people": False})
        [block] = criteria_blocks(found.programme, found.found, gate)
        assert f"{head.constraints_met} of {head.constraints} constraints due at this gate met" in str(block)
        assert ("what is hidden counts beside" in str(block)) is (party == OTHER)


def test_a_check_tells_of_missing_evidence_of_what_is_hidden_to_its_party_alone(folder):
    path = folder / OWNER / "requirements" / "paper.toml"
    paper = OWN.format(id="OWN-PAPER", procedure="", measure="", bound="", more='verify = {method = "document"}')
    path.write_text(paper.replace('procedure = ""\nmeasure = ""\n', ""), encoding="utf-8")
    try:
        for party, there in (("", False), (OTHER, False), (OWNER, True)):
            told = [one.what for one in check_programme(folder, party=party)[1]]
            assert ("OWN-PAPER has no evidence" in told) is there
        with pytest.raises(NotFound, match="no party 'nobody'"):
            check_programme(folder, party="nobody")
    finally:
        path.unlink()


def test_a_signature_covers_what_its_signer_is_not_shown(folder, tmp_path):
    asked = SignOptions("concept", folder)
    lines = "\n".join(each.said(language) for _, each in dry_run(asked, Findings()) for language in ("en", "ru"))
    assert not CANARY.search(lines)
    whole = read_programme(folder)
    digest = states_of(find_gates(folder, "concept", Findings()), "concept")[0].digest
    seen = verify(whole.seen_by(OTHER))
    assert covered_digest(seen.programme, seen.found, whole.gates["concept"]) == digest
    moved = folder / OWNER / "requirements" / "mass.toml"
    text = moved.read_text(encoding="utf-8")
    try:
        moved.write_text(text.replace("98765.4321", "98765.4322"), encoding="utf-8")
        assert states_of(find_gates(folder, "concept", Findings()), "concept")[0].digest != digest
    finally:
        moved.write_text(text, encoding="utf-8")
