"""The commands of a joint programme, as a person or a script uses them."""

import json
import re
import shutil
import subprocess

import pytest

from covolt.cli import exit_codes, main
from covolt.programme.folder import read_programme
from covolt.study.verification import verify
from tests.house.source import ROOT

FIELDS = {
    "requirement", "procedure", "measure", "value", "unit", "bound", "margin", "uncertainty", "verdict", "owner",
    "evidence", "validation_level",
}  # fmt: skip
GIT = ["git", "-c", "user.name=engineer", "-c", "user.email=engineer@example.org", "-c", "commit.gpgsign=false"]


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


@pytest.fixture(autouse=True)
def terminal(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)


def test_verify_tells_every_verdict_to_a_script(capsys, verified_car, programme):
    code, out, _ = run(capsys, "verify", verified_car, "--json")
    verdicts = json.loads(out)["verdicts"]
    assert code == exit_codes.REQUIREMENTS_NOT_MET
    assert {one["requirement"] for one in verdicts} == set(programme.requirements)
    assert all(set(one) >= FIELDS for one in verdicts)
    for one in verdicts:
        if one["margin"] is not None:
            assert one["unit"], one
            assert one["uncertainty"] >= 0.0


def test_verify_fits_80_columns(capsys, verified_car):
    _, out, _ = run(capsys, "verify", verified_car)
    assert max(map(len, out.splitlines())) <= 80
    assert re.search(r"52 requirements: \d+ met, ", out)


def test_only_what_is_met_ends_with_success(capsys, verified_car):
    code, out, _ = run(capsys, "verify", verified_car, "--only", "A-R85", "--protocol")
    assert code == exit_codes.COMPLETED
    assert re.search(r"A-R85 +met +80 kW", out)
    code, _, err = run(capsys, "verify", verified_car, "--only", "A-R58")
    assert code == exit_codes.INPUT_WRONG
    assert "no requirement 'A-R58'" in err


def test_a_new_programme_verifies_at_once(capsys, tmp_path):
    assert run(capsys, "new", "my-car")[0] == exit_codes.COMPLETED
    assert run(capsys, "check", "my-car")[0] == exit_codes.COMPLETED
    code, out, _ = run(capsys, "verify", "my-car")
    assert code == exit_codes.COMPLETED, out
    code, _, err = run(capsys, "new", "my-car")
    assert code == exit_codes.INPUT_WRONG
    assert "my-car" in err


def test_the_difference_between_two_commits_sums_to_the_whole(capsys, verified_car):
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "agreed"]):
        subprocess.run([*GIT, *command], cwd=verified_car, check=True)
    part = verified_car / "drive-works" / "parts" / "pm-80" / "part.toml"
    text = part.read_text().replace('version = "1.0.0"', 'version = "1.0.1"')
    assert '"62 kg"' in text
    part.write_text(text.replace('"62 kg"', '"74 kg"'))
    assert run(capsys, "offer", part)[0] == exit_codes.COMPLETED
    assert run(capsys, "lock", verified_car, "--upgrade")[0] == exit_codes.COMPLETED
    code, out, _ = run(capsys, "diff", "HEAD", verified_car, "--json")
    assert code == exit_codes.COMPLETED
    said = json.loads(out)
    moved = {one["requirement"]: one for one in said["differences"]}
    assert set(moved["I-MASS"]["contributions"]) == {"drive-works"}
    assert moved["I-MASS"]["total"] == pytest.approx(-12.0)
    for one in said["differences"]:
        assert sum(one["contributions"].values()) == pytest.approx(one["total"], rel=1e-9, abs=1e-12)


def test_a_base_that_is_nothing_is_told(capsys, verified_car):
    code, _, err = run(capsys, "diff", "--", "-x", verified_car)
    assert code == exit_codes.INPUT_WRONG
    assert "is no commit" in err


def test_signing_asks_for_all_that_it_needs_at_once(capsys, verified_car):
    code, _, err = run(capsys, "sign", "trial", verified_car, "--party", "institute", "--role", "clerk")
    assert code == exit_codes.INPUT_WRONG
    assert "does not ask for 'institute' as 'clerk'" in err
    assert "no key is named" in err


def test_a_gate_with_people_is_not_signed_without_evidence(capsys, verified_car, tmp_path):
    assert run(capsys, "key", "agency.pem")[0] == exit_codes.COMPLETED
    arguments = ("sign", "trial", verified_car, "--party", "agency", "--role", "type-approval-officer")
    code, _, err = run(capsys, *arguments, "--key", "agency.pem")
    assert code == exit_codes.INPUT_WRONG
    assert "a gate with people is not signed" in re.sub(r"\s+", " ", err)
    assert not (verified_car / "signoffs").exists()


def test_a_shut_gate_has_its_exit_code(capsys, verified_car):
    code, out, _ = run(capsys, "gate", verified_car, "--gate", "trial")
    assert code == exit_codes.REQUIREMENTS_NOT_MET
    assert "shut" in out


def test_the_city_bus_verifies(capsys, tmp_path, records):
    bus = tmp_path / "city-bus"
    shutil.copytree(ROOT / "examples" / "city-bus", bus, ignore=shutil.ignore_patterns(".covolt", "build"))
    assert run(capsys, "check", bus)[0] == exit_codes.COMPLETED
    read = read_programme(bus)
    found = verify(read, records)
    assert {one.requirement for one in found.verdicts} == set(read.requirements)
    assert sum(one.verdict == "met" for one in found.verdicts) >= 10
    assert {party.country for party in read.parties.values()} >= {"RU", "BY"}
