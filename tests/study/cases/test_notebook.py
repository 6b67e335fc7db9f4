"""A programme in a notebook: read, verified, an offer tried, its gates asked, and everything shown as tables."""

import html
import re

import pytest

import covolt
from covolt import units
from covolt.display import printed
from covolt.errors import InputError
from covolt.study.gate.gates import gate_states
from covolt.study.procedures.registry import procedures
from tests.test_display import HOSTILE, unescaped

pytestmark = pytest.mark.whole
QUICK = ["MASS", "ENERGY"]
"""Requirements that need no drive."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return covolt.begin_programme(tmp_path_factory.mktemp("joint") / "my-car")[0]


@pytest.fixture(scope="module")
def found(folder):
    return covolt.verify(folder, only=QUICK)


def columns(page):
    """The cells of each row of a table."""
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page) if "<td" in row]


def test_a_programme_shows_its_parties_and_what_fills_each_slot(folder):
    programme = covolt.read_programme(folder)
    page = programme._repr_html_()
    for name in (*programme.parties, *programme.slots, *programme.offers):
        assert f">{name}</td>" in page
    assert "9 offers, 6 requirements, 2 gates" in repr(programme)


def test_a_folder_a_text_and_a_programme_are_verified_alike(folder, found):
    for given in (str(folder), covolt.read_programme(folder)):
        again = covolt.verify(given, only=QUICK)
        assert [(one.requirement, one.margin) for one in again.verdicts] == [
            (one.requirement, one.margin) for one in found.verdicts
        ]
    assert found.acceptable
    rows = {row[0]: row for row in columns(found.as_tables()[0].html)}
    unstated = "no uncertainty is stated of energy_usable of supplier/pack@1.0.0, an estimate"
    assert rows["ENERGY"] == [
        "ENERGY",
        "Usable energy",
        "integrator",
        "met",
        "33",
        "≥ 29.7",
        "+3.3 ± ?",
        "kWh",
        unstated,
    ]
    assert set(rows) == set(QUICK)


def test_an_offer_is_tried_and_the_lock_stays(folder, found):
    part = folder / "supplier" / "parts" / "pack"
    text = (part / "part.toml").read_text(encoding="utf-8")
    changes = {'version = "1.0.0"': 'version = "1.1.0"', "33.00 kWh": "36.00 kWh"}
    for old, new in changes.items():
        text = text.replace(old, new)
    (part / "part.toml").write_text(text, encoding="utf-8")
    offered = covolt.offer(part)
    assert '<td style="text-align:left">36.00 kWh</td>' in offered._repr_html_()
    tried = covolt.verify(folder, only=QUICK, tried=["battery=supplier/pack@1.1.0"])
    margins = {one.requirement: one.margin for one in tried.verdicts}
    before = {one.requirement: one.margin for one in found.verdicts}
    assert margins["ENERGY"] == pytest.approx(before["ENERGY"] + 3.0)
    assert "the lock stays as it is" in repr(tried)
    assert covolt.read_programme(folder).lock.slots["battery"].offer == "supplier/pack@1.0.0"
    locked = covolt.lock(folder, upgrade=True)
    assert ["battery", "supplier/pack@1.0.0", "supplier/pack@1.1.0"] in columns(locked._repr_html_())


def test_gates_show_what_holds_them(folder, found):
    programme = covolt.read_programme(folder)
    states = covolt.gates(programme, found)
    assert list(states) == gate_states(programme, found.found)
    rows = columns(states._repr_html_())
    assert [row[1] for row in rows] == ["open" if one.open else "shut" for one in states]
    assert "signature missing" in repr(states)


def test_a_verdict_a_gate_and_a_record_show_themselves(folder, found):
    energy = next(one for one in found.verdicts if one.requirement == "ENERGY")
    rows = {row[0]: row[1] for row in columns(energy._repr_html_())}
    assert rows["value"] == "33 ± ? kWh"
    assert rows["bound"] == "29.7 kWh"
    assert rows["margin"] == "+3.3 ± ? kWh"
    assert repr(energy).startswith("ENERGY: met")
    gate = covolt.gates(covolt.read_programme(folder), found)[1]
    assert repr(gate).startswith(f"{gate.title}: shut")
    assert str(gate.blocks[0]) in html.unescape(gate._repr_html_())
    name, record = next(iter(found.found.records.items()))
    measures, lines = record.as_tables()
    assert {row[0] for row in measures.rows} == {*record.measures, *record.missing}
    assert [row[0] for row in lines.rows] == [one.number for one in record.lines]
    declared = {one.id: one.unit for one in procedures()[record.procedure].measures}
    shown = {row[0]: (float(row[1]), row[2]) for row in measures.rows if row[1]}
    for measure, value_si in record.measures.items():
        value, unit = shown[measure]
        assert value == pytest.approx(units.unit(declared[measure]).from_si(value_si), rel=1e-4), name
        assert unit == printed(declared[measure])


def test_words_of_a_party_do_not_act(folder):
    from dataclasses import replace

    programme = covolt.read_programme(folder)
    hostile = HOSTILE.replace("\u202e", "")
    slot = programme.parties["supplier"].model_copy(update={"roles": (hostile,)})
    shown = replace(programme, parties={**programme.parties, "supplier": slot})._repr_html_()
    assert "&lt;script&gt;" in shown
    assert not unescaped(shown)


def test_progress_is_told_and_names_that_nobody_knows_are_refused(folder):
    told: list[tuple[int, int]] = []
    covolt.verify(folder, only=QUICK, anew=True, progress=lambda done, total: told.append((done, total)))
    assert told
    assert told[-1][0] == told[-1][1]
    with pytest.raises(InputError, match="no requirement 'MAS'"):
        covolt.verify(folder, only=["MAS"])
