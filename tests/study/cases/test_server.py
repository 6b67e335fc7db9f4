"""What a server does: every use case of the command line, called one after the other without a terminal; no `covolt.cli` here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from covolt.errors import CovoltError, Forbidden, InputError, NotFound, Unavailable, ending_of
from covolt.library.field_schema import printed_schema
from covolt.programme.signing import new_key, read_key
from covolt.study.cases import hosting, optimise, study, study_shown, targets
from covolt.study.cases.approve import approve
from covolt.study.cases.catalogue import cars, cycles, interfaces, text_of_car
from covolt.study.cases.charge import ChargeOptions, charge
from covolt.study.cases.compare import compare
from covolt.study.cases.conflicts import conflicts
from covolt.study.cases.dossier import DossierOptions, dossier
from covolt.study.cases.drive import DriveOptions, drive
from covolt.study.cases.export import ExportOptions, export_fmu
from covolt.study.cases.fmu import FmuOptions, check_fmu, inspect_fmu, run_fmu
from covolt.study.cases.host import host
from covolt.study.cases.identify import identify_battery
from covolt.study.cases.keys import external, listed_keys, make, prove, revoke, show
from covolt.study.cases.map import make_map
from covolt.study.cases.negatives import negatives
from covolt.study.cases.negotiate import ProposalOptions, negotiate
from covolt.study.cases.negotiate import answer as answer_proposal
from covolt.study.cases.negotiate import show as show_proposal
from covolt.study.cases.options import Findings
from covolt.study.cases.origin import origin
from covolt.study.cases.parties import parties
from covolt.study.cases.publish import begin_programme, lock, offer, offers
from covolt.study.cases.rename import rename
from covolt.study.cases.report import make_report, read_for
from covolt.study.cases.requirement_files import export_requirements, import_requirements
from covolt.study.cases.sandbox import sandbox_check
from covolt.study.cases.sensitivity import sensitivity
from covolt.study.cases.sign import SignOptions, attach, dry_run, find_gates, sign, state, states_of
from covolt.study.cases.ssp import check_ssp
from covolt.study.cases.ssp_export import export_ssp
from covolt.study.cases.ssp_run import run_ssp
from covolt.study.cases.sureness import sureness
from covolt.study.cases.trusting import Question, trust
from covolt.study.cases.upgrade import upgrade
from covolt.study.cases.verify import verify
from covolt.study.gate.check import check_programme
from covolt.study.procedures.registry import find_procedure, procedures
from covolt.study.result import plain
from covolt.workspace.client import RemoteProgramme
from covolt.workspace.clones import Clone, new_clone
from covolt.workspace.keeping import audited, back_up, export_party, restore
from covolt.workspace.runner import Runner
from tests.exchange.ssp.building import component, inline, real, ssp, structure, system
from tests.house.source import ROOT
from tests.programme.external.elsewhere import PRIVATE, certificate
from tests.vehicle.test_cell_measurements import pulses_csv, slow_csv

pytestmark = pytest.mark.whole

CALLED = {
    "authority invite": hosting.invite_party, "authority list": hosting.listed_certificates,
    "authority new": hosting.new_authority, "authority request": hosting.request_invitation,
    "authority revoke": hosting.revoke_certificates, "host": host,
    "audit": audited, "backup": back_up, "restore": restore, "export party": export_party,
    "merge": RemoteProgramme.merge, "propose": Clone.propose, "pull": new_clone, "push": Clone.push,
    "review": RemoteProgramme.proposal, "runner": Runner.run,
    "approval": approve, "charge": charge, "check": check_programme, "conflicts": conflicts,
    "cycles": cycles, "diff": compare, "dossier": dossier,
    "drive": drive, "fmu check": check_fmu, "fmu inspect": inspect_fmu, "fmu run": run_fmu,
    "export fmu": export_fmu,
    "map": make_map,
    "gate": states_of, "identify battery": identify_battery, "key external": external, "key list": listed_keys, "key new": make,
    "key revoke": revoke, "key show": show, "key trust": trust, "lock": lock, "new": begin_programme,
    "negatives": negatives, "negotiate": negotiate, "proposal accept": answer_proposal, "proposal refuse": answer_proposal,
    "proposal show": show_proposal, "offer": offer, "offers": offers, "origin": origin, "parties": parties,
    "parts": cars, "procedures": procedures,
    "rename": rename, "report": make_report,
    "requirements export": export_requirements, "requirements import": import_requirements, "schema": printed_schema,
    "sign": sign, "ssp check": check_ssp, "ssp export": export_ssp, "ssp run": run_ssp, "upgrade": upgrade, "verify": verify,
    "sandbox check": sandbox_check,
    "study sensitivity": sensitivity, "study sureness": sureness,
    "study export": study_shown.export, "study front": optimise.front, "study optimise": optimise.optimise,
    "study resume": study.resume, "study run": study.run, "study show": study_shown.show,
    "targets answer": targets.answer, "targets new": targets.new, "targets show": targets.show,
}  # fmt: skip
"""By the words of the command line, what is called here in its place; `demo` is `drive` over cars that were measured."""


def answered(ask: Callable[[], object]) -> tuple[int, dict[str, Any]]:
    """What a server answers: the status of the table, and all problems as RFC 9457 has them."""
    try:
        ask()
    except CovoltError as error:
        end = ending_of(error)
        return end.http_status, {"title": end.title, "problems": [asdict(one) for one in error.problems]}
    return 200, {}


def test_what_there_is_is_listed():
    assert {"wltc-3b", "udds"} <= {one.id for one in cycles()}
    assert all(one.duration_s > 0.0 for one in cycles())
    assert "leaf-40" in cars()
    assert 'schema = "car/1"' in text_of_car("leaf-40")
    assert {one.name for one in interfaces()} >= {"battery", "drive_unit"}
    assert find_procedure("wltp", "here") is procedures()["wltp"]
    assert printed_schema("car/1")["$id"]


def test_a_map_is_read(tmp_path):
    path = tmp_path / "map.csv"
    path.write_text("speed_rpm,torque_Nm,loss_W\n0,0,90\n0,100,300\n1000,0,120\n", encoding="utf-8")
    [hole] = make_map(path).holes_si
    assert hole == pytest.approx((104.72, 100.0), rel=1e-4)
    assert answered(lambda: make_map(path, tmp_path / "part.toml"))[0] == 404


def test_nothing_is_negotiated_without_a_study(tmp_path):
    city_car, file = ROOT / "examples/city-car", tmp_path / "battery-works.toml"
    assert answered(lambda: negotiate(city_car, [tmp_path]))[0] == 404
    assert answered(lambda: show_proposal(file, city_car))[0] == 404
    file.write_text('schema = "proposal/1"', encoding="utf-8")
    status, told = answered(lambda: answer_proposal(ProposalOptions(file, city_car), "refuse"))
    assert status == 422
    assert "settlement" in " ".join(str(one) for one in told["problems"])


def test_a_part_is_given_away(tmp_path):
    options, city_car = ExportOptions("battery", fmi="2", shown=["mass"]), ROOT / "examples/city-car"
    status, told = answered(lambda: export_fmu(city_car, options, tmp_path / "pack.fmu"))
    if status == 503:
        pytest.skip(told["problems"][0]["what"])
    assert status == 200
    assert (tmp_path / "pack.fmu").read_bytes().startswith(b"PK")
    status, told = answered(lambda: export_fmu(city_car, ExportOptions("battery", shown=["masse"]), tmp_path / "b.fmu"))
    assert (status, [one["where"] for one in told["problems"]]) == (404, ["shown"])


def test_cars_are_driven_and_charged_and_all_problems_told_in_the_words_of_the_case():
    done = drive(DriveOptions("leaf-40", cycle="udds", ambient="0 degC"))
    assert done.trace.outcome.completed
    assert done.known["range_m"].expanded > 0.0
    session = charge(ChargeOptions("leaf-40", post="50 kW"))
    assert session.known["time_s"].value == session.session.time_s
    with pytest.raises(InputError) as refused:
        drive(DriveOptions("leaf-40", state_of_charge="5", ambient="400 degC", driver="x"))
    assert [one.where for one in refused.value.problems] == ["state_of_charge", "ambient '400 degC'", "driver"]
    with pytest.raises(InputError, match="post, socket"):
        charge(ChargeOptions("leaf-40"))


def test_a_cell_is_identified(tmp_path):
    cell, report = identify_battery(
        pulses_csv(tmp_path / "p.csv"), slow_csv(tmp_path / "s.csv"), tmp_path / "cell.toml"
    )
    assert (tmp_path / "cell.toml").is_file()
    assert float(cell.capacity_C) > 0.0
    assert report.residuals


def test_an_fmu_is_looked_at_tried_and_run(tmp_path):
    from tests.exchange.fmu.built import fmu

    file = fmu(tmp_path, "dahlquist", 2)
    seen = inspect_fmu(file)
    assert seen.runs_here
    try:
        done = run_fmu(FmuOptions(file, parameters=("k=2",)), tmp_path / "out.csv")
    except Unavailable as error:
        pytest.skip(str(error))
    assert (tmp_path / "out.csv").read_text().startswith("time [s],x\n0.0,1.0\n")
    assert done.document()["outputs"]["x"]["values"][-1] == pytest.approx(0.0183, abs=1e-3)
    assert check_fmu(FmuOptions(file)).tried.same
    with pytest.raises(InputError) as refused:
        run_fmu(FmuOptions(file, step="x", form="y"))
    assert [one.where for one in refused.value.problems] == ["form", "step"]


def test_designs_are_judged_gone_on_with_shown_and_written(tmp_path):
    city_car, few = ROOT / "examples/city-car", tmp_path / "few"
    status, told = answered(lambda: study.run(city_car, few, method="full", only=["NONE"], workers=-1))
    assert status == 422
    assert sorted(one["where"] for one in told["problems"]) == ["method", "only", "workers"]
    assert study.run(city_car, few, designs=3, only=["I-MASS"]).whole
    assert study.resume(few).judged == 0
    assert study_shown.show(few).written == 4
    assert study_shown.export(few, tmp_path / "few.csv") == 4
    assert answered(lambda: study_shown.design(few, 9))[0] == 404


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A programme as it begins, kept as a baseline."""
    made, _ = begin_programme(tmp_path_factory.mktemp("server") / "my-car", "city-car")
    assert lock(made, freeze="begun").path is None
    return made


def test_a_programme_is_verified_reported_and_held_against_acts(folder, tmp_path):
    counted: list[tuple[int, int]] = []
    verify(folder, only=["MASS"], anew=True, progress=lambda count, total: counted.append((count, total)))
    assert counted
    assert counted == sorted(counted)
    assert counted[-1][0] == counted[-1][1]
    done = verify(folder)
    assert done.found.acceptable
    assert plain(done.document())["verdicts"]
    with pytest.raises(NotFound, match="only: no requirement 'NONE'"):
        verify(folder, only=["NONE"])
    read = read_for(folder, "agency", Findings())
    page = make_report(read, tmp_path / "report.html")
    assert json.loads(page.with_suffix(".json").read_text())["schema"].startswith("report/")
    rows = plain(approve(folder))["acts"]
    assert {"act", "state", "checked"} <= rows[0].keys()
    assert [one["scheme"] for one in plain(origin(folder, market="BY", date="2027-01-01"))["schemes"]] == [
        "by-1817", "cis-st-1", "eaeu-decision-105"
    ]  # fmt: skip
    with pytest.raises(InputError, match="date: '2027-02-30' is no day"):
        origin(folder, date="2027-02-30")
    assert plain(negatives(folder, party="agency"))["negatives"] == []
    assert [one["id"] for one in plain(parties(folder))["parties"]] == ["agency", "integrator", "supplier"]
    upgraded = upgrade(folder, write=True)
    assert (upgraded.moves, upgraded.made) == ([], True)
    assert [one for one in upgraded.steps if "key new" in one.command]


def test_systems_of_other_tools_are_checked(tmp_path):
    content = structure(system("car", component("motor"), bindings=inline(real("motor.k", 1))))
    found = plain(check_ssp(ssp(tmp_path / "car.ssp", content)))
    assert found["schema"] == "ssp/1"
    assert [one["name"] for one in found["components"]] == ["motor"]
    assert len(found["unapplied"]) == 1
    with pytest.raises(InputError, match="nobody says when the run ends"):
        run_ssp(tmp_path / "car.ssp")
    with pytest.raises(InputError, match="'motor' does not say what it has"):
        export_ssp(tmp_path / "car.ssp", tmp_path / "flat.ssp")


def test_requirements_go_out_and_come_back_as_they_were(folder, tmp_path):
    for name in ("requirements.xlsx", "requirements.reqif"):
        assert export_requirements(tmp_path / name, folder).count > 0
        found = import_requirements(tmp_path / name, folder, party="agency", write=False)
        assert not (found.new or found.changed)
    with pytest.raises(InputError) as refused:
        export_requirements(tmp_path / "r.pdf", folder, party="nobody")
    assert len(refused.value.problems) == 2


def test_an_offer_is_published_locked_and_compared(folder):
    part = folder / "supplier" / "parts" / "pack" / "part.toml"
    text = part.read_text()
    part.write_text(text.replace('version = "1.0.0"', 'version = "1.1.0"').replace('value = "', 'value = "', 1))
    done = offer(part)
    assert done.path.is_file()
    assert done.signature is None
    moved = lock(folder, upgrade=True)
    assert [after for _, after in moved.moved.values()] == [done.offer.reference]
    found = compare(folder, "begun")
    assert any(done.offer.reference in one.after for one in found.changes)
    assert found.document().base.name


def test_a_key_is_made_signs_is_trusted_and_revoked(folder, tmp_path):
    key = tmp_path / "chief.pem"
    read = find_gates(folder, "trial", Findings())
    [wanted] = read.gates["trial"].signoffs
    held = make(key, folder, wanted.party, (wanted.role, "recovery"))
    assert (held.new, show(key).row) == (True, None)
    asked = SignOptions("trial", folder, wanted.party, wanted.role, key)
    assert dry_run(asked, Findings())
    shown: list[str] = []
    assert sign(asked, lambda lines: shown.extend(str(words) for _, words in lines) or False, Findings()) is None
    assert shown
    made = sign(asked, lambda lines: True, Findings())
    assert made is not None
    with pytest.raises(InputError, match="fingerprints: nobody can be asked here"):
        trust(folder, ())
    questions: list[Question] = []
    assert trust(folder, (), ask=lambda one: questions.append(one) or False) == []
    assert any(line.text == held.fingerprint for one in questions for line in one.lines)
    row = show(key, folder).row
    assert row is not None
    assert str(row.why)
    assert trust(folder, (held.fingerprint,))[0] == f"the first key of {wanted.party} is trusted"
    assert [one.fingerprint for one in listed_keys(folder).keys] == [held.fingerprint]
    [trial] = states_of(find_gates(folder, None, Findings()), "trial")
    assert any(row.fingerprint == made.key for row in trial.signatures)
    assert find_gates(folder, None, Findings(), trusted_as="my-car").charter.id == "my-car"
    _signs_elsewhere(folder, tmp_path, asked)
    with pytest.raises(Forbidden, match="this is the programme 'my-car', and not 'your-car'"):
        find_gates(folder, None, Findings(), trusted_as="your-car")
    assert revoke(held.fingerprint[:8], folder, "compromised", lambda key, found: not found.falls, by=key) is None
    said = revoke(held.fingerprint[:8], folder, "compromised", lambda *_: True, by=key)
    assert said is not None
    assert said.is_file()
    assert not states_of(find_gates(folder, None, Findings()), "trial")[0].open
    with pytest.raises(Forbidden, match="no key of 'my-car' counts here"):
        find_gates(folder, None, Findings(), trusted_as="my-car")
    with pytest.raises(InputError, match="gate: no gate 'none'"):
        sign(replace(asked, gate="none"), lambda lines: True, Findings())


def _signs_elsewhere(folder, tmp_path, asked):
    """The gate is signed by a key of the same party that lies in a token."""
    said = dossier(DossierOptions("trial", folder, asked.party, asked.role, asked.key), Findings())
    assert plain(said.said)["subject"] == "trial"
    (tmp_path / "chief.cer").write_bytes(certificate(PRIVATE["ed25519"]))
    token = external(tmp_path / "chief.cer", folder, asked.party, (asked.role,), by=asked.key)
    registered = token.path.with_suffix(".statement").read_bytes()
    (tmp_path / "registered.sig").write_bytes(PRIVATE["ed25519"].sign(registered))
    prove(tmp_path / "registered.sig", folder, token.fingerprint)
    waits = state(asked, token.fingerprint, lambda lines: True, Findings())
    assert waits is not None
    (tmp_path / "chief.sig").write_bytes(PRIVATE["ed25519"].sign(waits.path.read_bytes()))
    assert attach(replace(asked, party="", role=""), tmp_path / "chief.sig", Findings()).key == token.fingerprint
    [trial] = states_of(find_gates(folder, None, Findings()), "trial")
    assert [(row.fingerprint, row.counts) for row in trial.signatures] == [(token.fingerprint, True)]


def test_all_that_is_wrong_with_a_key_is_told_at_once(folder, tmp_path):
    with pytest.raises(InputError) as refused:
        make(folder / "own.pem", folder, "nobody", ())
    assert [one.where for one in refused.value.problems][1:] == ["party", "roles"]
    assert not (folder / "own.pem").exists()
    with pytest.raises(InputError) as refused:
        revoke("12345678", folder, "stolen", lambda *_: True, since="yesterday")
    assert [one.where for one in refused.value.problems] == ["fingerprint", "reason", "since", "by"]


def test_a_server_answers_by_what_kind_of_thing_is_wrong(folder, tmp_path):
    def status(ask: Callable[[], object]) -> int:
        return answered(ask)[0]

    assert status(lambda: check_programme(folder)) == 200
    assert status(lambda: drive(DriveOptions("no-such-car"))) == 404
    assert status(lambda: drive(DriveOptions("leaf-40", cycle="no-such-cycle"))) == 404
    assert status(lambda: drive(DriveOptions("leaf-40", ambient="400 degC"))) == 422
    assert status(lambda: drive(DriveOptions("no-such-car", ambient="400 degC"))) == 422  # of two kinds
    assert status(lambda: verify(tmp_path / "nowhere")) == 404
    assert status(lambda: verify(folder, only=["NONE"])) == 404
    assert status(lambda: verify(folder, tried=["battery=nobody/pack@1.0.0"])) == 404
    assert status(lambda: compare(folder, "no-such-state")) == 404
    assert status(lambda: lock(folder, pins=["no_slot=supplier/pack@1.0.0"])) == 404
    assert status(lambda: lock(folder, freeze="begun")) == 409
    assert status(lambda: begin_programme(folder)) == 409
    assert status(lambda: export_requirements(tmp_path / "r.xlsx", folder, party="nobody")) == 404
    (tmp_path / "open.pem").write_text("x")
    (tmp_path / "open.pem").chmod(0o644)
    assert status(lambda: read_key(tmp_path / "open.pem")) == 403
    assert status(lambda: new_key(tmp_path / "open.pem")) == 409
    assert status(lambda: find_gates(folder, "none", Findings())) == 404
    asked = SignOptions("trial", folder, "supplier", "nobody", tmp_path / "none.pem")
    code, told = answered(lambda: sign(asked, lambda lines: True, Findings()))
    assert (code, told["title"]) == (422, "input is wrong")  # no such file, and no such signature is asked for
    assert len(told["problems"]) == 2


def test_without_git_an_earlier_state_is_not_available(folder, monkeypatch):
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    monkeypatch.setenv("PATH", "")
    code, told = answered(lambda: compare(folder, "HEAD"))
    assert code == 503
    assert "git is not installed" in told["problems"][0]["what"]


def test_a_programme_is_checked(folder):
    read, notices = check_programme(folder)
    assert read.requirements
    assert all(one.what for one in notices)
