"""Missed gates and refused offers: told with the planned day, and drafted as negatives with what watches them."""

import re

import pytest
from typer.testing import CliRunner

from covolt.cli import main
from covolt.cli.application import app
from covolt.contract.document import canonical_json
from covolt.library.shipped_negatives import shipped_negatives
from covolt.programme.gate import Gate
from covolt.programme.reading import read_programme
from covolt.study.cases.negatives import record
from covolt.study.cases.publish import begin_programme, offer
from covolt.study.cases.report import report_of
from covolt.study.gate.gates import gate_states
from covolt.study.gate.guards import unguarded
from covolt.study.verdicts.verification import verify

PLANNED = 'planned = "2026-06-30"\n'


@pytest.fixture
def folder(tmp_path):
    return begin_programme(tmp_path / "my-car")[0]


def plan(folder, name="prototype", line=PLANNED):
    """A gate that is shut, with its planned day."""
    path = folder / "gates" / f"{name}.toml"
    path.write_text(re.sub(r"(?m)^order = .*\n", lambda found: found[0] + line, path.read_text(), count=1))
    return path


def shut_gate(folder):
    read = read_programme(folder)
    return next(one.id for one in gate_states(read, verify(read)) if not one.open)


def test_a_day_that_is_not_stated_is_in_no_digest():
    gate = Gate.model_validate({"schema": "gate/1", "id": "trial", "title": "Trial", "order": 1})
    assert b"planned" not in canonical_json(gate)
    assert gate.late_days("2030-01-01") == 0


def test_a_gate_is_late_from_the_day_after_the_planned_one_and_only_while_it_is_shut(folder):
    name = shut_gate(folder)
    plan(folder, name)
    for day, late in (("2026-06-29", 0), ("2026-06-30", 0), ("2026-07-01", 1), ("2027-06-30", 365)):
        read = read_programme(folder, day=day)
        (state,) = (one for one in gate_states(read, verify(read)) if one.id == name)
        assert (state.open, state.planned, state.late_days) == (False, "2026-06-30", late)
    opened = read_programme(folder, day="2027-06-30")
    free = next(one for one in gate_states(opened, verify(opened)) if one.open)
    plan(folder, free.id)
    read = read_programme(folder, day="2027-06-30")
    assert next(one for one in gate_states(read, verify(read)) if one.id == free.id).late_days == 0


@pytest.mark.parametrize(
    ("language", "word"), [("en", "planned for 2026-06-30, late by 3 days"), ("ru", "опоздание 3 дня")]
)
def test_the_command_and_the_report_tell_the_day(folder, language, word):
    name = shut_gate(folder)
    plan(folder, name)
    done = CliRunner().invoke(app, ["gate", str(folder), "--at", "2026-07-03", "--language", language])
    assert word in done.output
    made = report_of(read_programme(folder), day="2026-07-03", language=language)
    assert word in made.page
    assert '"late_days": 3' in made.twin
    assert "late by" not in report_of(read_programme(folder), day="2026-06-30").page


def test_a_missed_gate_becomes_a_draft_whose_guards_are_what_it_lacks(folder):
    name = shut_gate(folder)
    plan(folder, name)
    assert record(folder, "integrator", day="2026-06-30").paths == ()
    done = CliRunner().invoke(
        app, ["negatives", str(folder), "--record", "--party", "integrator", "--at", "2026-07-03"]
    )
    assert f"missed-{name}.toml" in done.output.replace("\n", "")
    read = read_programme(folder)
    draft = read.negatives[f"missed-{name}"]
    assert (draft.delay, draft.promise.number, draft.when) == ("3 d", "2026-06-30", "2026-06-30 to 2026-07-03")
    assert draft.happened.en.startswith("shut 3 days after its planned day: ")
    lacking = {one.criterion for one in draft.guards if one.criterion} | {one.role for one in draft.guards if one.role}
    assert lacking
    assert not unguarded(read)
    assert record(folder, "integrator", day="2026-08-01").known == (f"missed-{name}",)


def test_an_offer_that_its_contract_refuses_becomes_a_draft_unless_a_newer_version_fits(folder):
    battery = next(one for one in folder.glob("*/parts/*/part.toml") if 'fills = "battery"' in one.read_text())
    fits = battery.read_text()

    def publish(version, mass=""):
        text = fits.replace('version = "1.0.0"', f'version = "{version}"')
        battery.write_text(re.sub(r'mass = \{value = "[^"]*"', f'mass = {{value = "{mass}"', text) if mass else text)
        offer(battery)

    publish("1.1.0", "300 kg")
    publish("1.2.0")
    assert record(folder, "integrator").paths == ()
    publish("1.3.0", "310 kg")
    assert [one.name for one in record(folder, "integrator").paths] == ["refused-battery-supplier-pack-1-3-0.toml"]
    (draft,) = read_programme(folder).negatives.values()
    assert (draft.whose, draft.promise.contract, draft.promise.number) == (
        "supplier",
        "battery@1",
        "supplier/pack@1.3.0",
    )
    assert "310 kg" in draft.happened.en
    assert set(unguarded(read_programme(folder))) == {draft.id}


def test_a_programme_begins_with_what_ships(tmp_path):
    done = CliRunner().invoke(app, ["new", str(tmp_path / "new"), "--negatives", "--integrator", "Volta Works"])
    assert done.exit_code == 0
    assert "9 negatives" in done.output
    read = read_programme(tmp_path / "new")
    assert read.negatives.keys() == shipped_negatives().keys()
    assert {one.party for one in read.negatives.values()} == {"Volta-Works"}
    with pytest.raises(SystemExit) as ended:
        main(["new", str(tmp_path / "other"), "--negatives", "--restart", str(tmp_path / "new")])
    assert (ended.value.code, (tmp_path / "other").exists()) == (2, False)
