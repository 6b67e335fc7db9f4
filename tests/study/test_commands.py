"""The commands of a joint programme, as a person or a script uses them."""

import hashlib
import json
import re
import shutil
import subprocess

import pytest

from covolt.cli import exit_codes, main
from covolt.errors import InputError
from covolt.programme.reading import read_programme
from covolt.study.gate.check import check_programme
from covolt.study.verdicts.attribution import changes_between
from covolt.study.verdicts.baseline import earlier_state
from covolt.study.verdicts.verification import verify
from tests.house.source import ROOT
from tests.signed import copy_unsigned

pytestmark = pytest.mark.whole

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
    _, out, _ = run(capsys, "verify", verified_car, "--next", "-v")
    assert max(map(len, out.splitlines())) <= 80
    assert "A-R68, I-SPEED, I-SPEED-30: at the limiter of 150 km/h" in out
    assert re.search(r"What to measure next: \d+ within uncertainty", out)
    assert re.search(r"B-MASS: battery mass \(battery-works\): u 4 kg to 2 kg → met", out)
    assert re.search(r"I-MASS +8\d\.\d % +22 kg +0 kg +body mass 20", out)
    assert "100.0 %" not in out and "> 99.9 %" in out
    table, _, _ = out.partition("Where the uncertainty comes from")
    uncertain = int(re.search(r"(\d+) within\s+uncertainty", table)[1])
    # That of an open sum stands beside its ends too, where it is met.
    met = re.findall(r"I-SHARE-72 +met, text not .*\n +checked *\n +P > 99.9 %", table)
    assert len(met) == 1
    # Of two nobody knows it: with a number moved the cabin stays too cold.
    short = len(set(re.findall(r"N-COLD-40|N-WORST", table)))
    assert short == 2
    assert len(re.findall(r" P [<>]? ?\d", table)) == uncertain + 1 - short, "P stands in the table itself"
    assert re.search(r"B-MASS +within ± +235 +≥ 230 +\+5.0 ± 8.0 kg", table)
    assert re.search(r"68 requirements: \d+ met; ", out)


def test_a_narrow_terminal_shows_whole_words(capsys, verified_car, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    _, out, _ = run(capsys, "verify", verified_car)
    assert max(map(len, out.splitlines())) <= 60
    assert re.search(r"B-MASS +within ± +235 kg\s+P \d\d\.\d % +≥ 230 kg\s+\+5.0 ± 8.0 kg", out)


def test_scripts_read_where_a_margin_comes_from(capsys, verified_car):
    _, out, _ = run(capsys, "verify", verified_car, "--only", "B-MASS", "--json")
    said = json.loads(out)
    [verdict], [step] = said["verdicts"], said["next"]
    assert (verdict["verdict"], verdict["uncertainty"], verdict["expanded"]) == ("within uncertainty", 4.0, 8.0)
    [part] = verdict["contributions"]
    assert (part["party"], part["slot"], part["number"], part["effect"]) == ("battery-works", "battery", "mass", 4.0)
    [choice] = step["alone"]
    assert (step["requirement"], choice["verdict"], choice["numbers"][0]["number"]) == ("B-MASS", "met", "mass")


def test_only_what_is_met_ends_with_success(capsys, verified_car):
    code, out, _ = run(capsys, "verify", verified_car, "--only", "A-R13H", "--protocol")
    assert code == exit_codes.COMPLETED
    assert re.search(r"A-R13H +met +\d+\.?\d* +.* m\b", out)
    _, said, _ = run(capsys, "verify", verified_car, "--only", "A-R13H", "--json")
    [verdict] = json.loads(said)["verdicts"]
    editions = [one["edition"] for one in verdict["checked"] if one["by"] and one["on"]]
    assert "UN R13-H, example entry" in editions
    assert not any("R68" in one for one in editions)
    assert "Every law and constraint of those verified is met" in " ".join(out.split())
    _, out, _ = run(capsys, "verify", verified_car, "--only", "N-COLD-40")
    assert "No law or constraint among those verified" in " ".join(out.split())
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


@pytest.mark.slow  # it drives the whole car with another mass
def test_the_difference_between_two_commits_sums_to_the_whole(capsys, verified_car):
    commit(verified_car, "agreed")
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
    made = run(capsys, "key", "new", "agency.pem", verified_car, "--party", "agency", "--role", "type-approval-officer")
    assert made[0] == exit_codes.COMPLETED
    arguments = ("sign", "trial", verified_car, "--party", "agency", "--role", "type-approval-officer")
    code, _, err = run(capsys, *arguments, "--key", "agency.pem")
    assert code == exit_codes.INPUT_WRONG
    assert "people ride after this gate: it is not signed" in re.sub(r"\s+", " ", err)
    assert not (verified_car / "signoffs").exists()


def test_a_shut_gate_has_its_exit_code(capsys, verified_car):
    code, out, _ = run(capsys, "gate", verified_car, "--gate", "trial")
    assert code == exit_codes.REQUIREMENTS_NOT_MET
    assert "shut" in out


ONE_OF_EACH = {"A-GRADE", "A-R13", "A-R85", "B-LIFE", "B-MASS", "O-RANGE", "W-ACCELERATION", "W-SPEED"}


# All of it drives for a quarter of a minute; each procedure drives the bus in its own tests.
@pytest.mark.parametrize("only", [ONE_OF_EACH, pytest.param(None, marks=pytest.mark.slow)], ids=["one of each", "all"])
def test_the_city_bus_verifies(capsys, tmp_path, records, only):
    bus = copy_unsigned(ROOT / "examples" / "city-bus", tmp_path / "city-bus")
    assert run(capsys, "check", bus)[0] == exit_codes.COMPLETED
    read = read_programme(bus)
    found = verify(read, records, only=only)
    assert {one.requirement for one in found.verdicts} == (only or set(read.requirements))
    assert sum(one.passes for one in found.verdicts) >= (10 if only is None else 4)
    assert {party.country for party in read.parties.values()} >= {"RU", "BY"}


def test_every_problem_of_files_and_of_what_they_ask_for_at_once(capsys, city_car):
    def change(name, before, after):
        path = city_car / name
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after))

    change("integrator/requirements/I-MASS.toml", "1160 kg", "1160 km")
    change("integrator/requirements/I-SPEED.toml", 'measure = "speed"', 'measure = "sped"')
    change("contracts/battery.toml", '"integrator"]', '"integrater"]')
    change("battery-works/parts/pack-33/part.toml", '"equivalent-circuit"', '"equivalent-circuits"')
    (city_car / "parties" / "new.toml").write_bytes("название".encode("cp1251"))
    before = {path: path.read_bytes() for path in city_car.rglob("*") if path.is_file()}
    for command in (["check"], ["verify"], ["gate"], ["report"], ["diff", "HEAD"]):
        code, out, err = run(capsys, *command, city_car)
        flat = " ".join(err.split())
        assert (code, out) == (exit_codes.INPUT_WRONG, "")
        for part in (
            "integrator/requirements/I-MASS.toml:9: vehicle.kerb_mass is in kg",
            "integrator/requirements/I-SPEED.toml:8: the procedure 'un-r68' yields no measure 'sped'",
            "contracts/battery.toml:6: no party 'integrater'",
            "parties/new.toml:1: not UTF-8",
        ):
            assert part in flat, (command, part)
        assert max(map(len, err.splitlines())) <= 80
    assert "no model 'equivalent-circuits'" in run(capsys, "check", city_car)[2]
    assert {path: path.read_bytes() for path in city_car.rglob("*") if path.is_file()} == before


def test_texts_of_others_are_shown_as_they_are(capsys, verified_car):
    path = verified_car / "programme.toml"
    path.write_text(path.read_text().replace('en = "Joint', 'en = "[/bold] [red]Joint :smile:'))
    code, out, _ = run(capsys, "check", verified_car)
    assert code == exit_codes.COMPLETED
    assert "[/bold] [red]Joint :smile:" in " ".join(out.split())


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("programme.toml", "give it a name that ends in .html"),
        ("offers", "a folder of this name is there"),
        ("programme.toml/report.html", "there is no folder"),
    ],
)
def test_a_report_is_written_over_nothing_else(capsys, verified_car, output, words):
    charter = (verified_car / "programme.toml").read_bytes()
    code, _, err = run(capsys, "report", verified_car, "--output", verified_car / output, "--language", "fr")
    assert code == exit_codes.INPUT_WRONG
    assert words in " ".join(err.split())
    assert "no language 'fr'" in err
    assert (verified_car / "programme.toml").read_bytes() == charter


def commit(folder, message):
    if not (folder / ".git").exists():
        subprocess.run([*GIT, "init", "-q"], cwd=folder, check=True)
        (folder / ".gitignore").write_text(".covolt/\n")
    for command in (["add", "-A"], ["commit", "-qm", message]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)


def difference(capsys, base, folder):
    code, out, err = run(capsys, "diff", base, folder, "--json")
    assert code == exit_codes.COMPLETED, err
    said = json.loads(out)
    for one in said["differences"]:
        assert sum(one["contributions"].values()) == pytest.approx(one["total"], rel=1e-9, abs=1e-12)
    return said


def test_whose_a_change_is_that_is_no_part(capsys, verified_car):
    """A bound is its owner's; scenario, frame, contract and who is in it are the programme's; an agreement moves no margin."""
    base = verified_car.parent / "base"
    shutil.copytree(verified_car, base, ignore=shutil.ignore_patterns(".covolt"))
    for name, before, after in (
        ("integrator/requirements/I-MASS.toml", "1160 kg", "1150 kg"),
        ("integrator/requirements/I-PRICE.toml", 'kind = "need"', 'kind = "wish"'),
        ("contracts/battery.toml", "270 kg", "260 kg"),
    ):
        path = verified_car / name
        assert before in path.read_text(), name
        path.write_text(path.read_text().replace(before, after))
    (verified_car / "agency" / "requirements" / "A-R10.toml").unlink()
    text = (verified_car / "integrator" / "requirements" / "I-MASS.toml").read_text()
    # Named as a slot is: it is no part for that.
    (verified_car / "institute" / "requirements" / "battery.toml").write_text(
        text.replace('"I-MASS"', '"battery"').replace('party = "integrator"', 'party = "institute"')
    )
    (verified_car / "parties" / "glass.toml").write_text(
        'schema = "party/1"\nid = "glass"\ntitle = "Glass"\ncountry = "BY"\nroles = ["supplier"]\n'
    )
    said = difference(capsys, base, verified_car)
    assert {(one["party"], one["what"], one["before"], one["after"]) for one in said["changes"]} == {
        ("agency", "A-R10", "by document", "absent"),
        ("institute", "battery", "absent", "at most 1150 kg"),
        ("integrator", "I-MASS", "at most 1160 kg", "at most 1150 kg"),
        ("integrator", "I-PRICE", "kind need", "kind wish"),
        ("programme", "contract battery@1", "limits: mass: maximum 270 kg", "limits: mass: maximum 260 kg"),
        ("programme", "party glass", "absent", "present"),
    }
    moved = [one for one in said["differences"] if any(one["contributions"].values())]
    assert [(one["requirement"], one["contributions"]["integrator"]) for one in moved] == [("I-MASS", -10.0)]
    assert said["not_comparable"] == {"A-R10": "removed", "battery": "new"}


def test_a_folder_within_the_programme_is_no_earlier_state(capsys, verified_car):
    commit(verified_car, "agreed")
    code, _, err = run(capsys, "diff", verified_car / "integrator", verified_car)
    assert code == exit_codes.INPUT_WRONG
    assert "no state" in err


def test_what_is_wrong_with_an_earlier_state_is_told_of_it(capsys, verified_car):
    path = verified_car / "integrator" / "requirements" / "I-MASS.toml"
    text = path.read_text()
    path.write_text(text.replace("1160 kg", "1160 km"))
    commit(verified_car, "wrong unit")
    path.write_text(text)
    (verified_car / "ln.toml").symlink_to("/etc/hostname")
    commit(verified_car, "a link that leads out")
    (verified_car / "ln.toml").unlink()
    for base, words in (
        ("HEAD~1", "HEAD~1, integrator/requirements/I-MASS.toml:9"),
        ("HEAD", "ln.toml: the state 'HEAD' holds a link"),
    ):
        code, _, err = run(capsys, "diff", base, verified_car)
        assert code == exit_codes.INPUT_WRONG
        assert words in " ".join(err.split())


def test_a_commit_is_read_as_committed_whatever_its_attributes_say(city_car):
    """Attack 8: requirements were left out of the earlier state, and bytes of others exchanged, by attributes."""
    programme = read_programme(city_car)
    (city_car / ".gitattributes").write_text(
        "/agency/requirements/A-R10.toml export-ignore\n*.toml export-subst eol=crlf ident\n"
    )
    path = city_car / "integrator" / "requirements" / "I-MASS.toml"
    path.write_text(path.read_text() + "# $Format:%H$ $Id$\n")
    kept = {one: one.read_bytes() for one in city_car.rglob("*.toml")}
    commit(city_car, "with attributes")
    for one, content in kept.items():
        one.write_bytes(content)
    (city_car / ".git" / "info").mkdir(exist_ok=True)
    (city_car / ".git" / "info" / "attributes").write_text("/institute export-ignore\n")
    (city_car / "agency" / "requirements" / "A-R10.toml").unlink()
    with earlier_state(read_programme(city_car), "HEAD") as was:
        assert was.state.requirements == programme.requirements
        for one, content in kept.items():
            assert (was.state.root / one.relative_to(city_car)).read_bytes() == content, one
        assert [one.what for one in changes_between(was.state, read_programme(city_car))] == ["A-R10"]


def test_a_commit_is_not_replaced_by_another(city_car):
    """A reference under refs/replace would show other content under the same name."""
    commit(city_car, "agreed")
    path = city_car / "integrator" / "requirements" / "I-MASS.toml"
    text = path.read_text()
    path.write_text(text.replace("1160 kg", "1100 kg"))
    commit(city_car, "stricter")
    subprocess.run([*GIT, "replace", "-f", "HEAD~1", "HEAD"], cwd=city_car, check=True)
    with earlier_state(read_programme(city_car), "HEAD~1") as was:
        assert was.state.requirements["I-MASS"].at_most == "1160 kg"


def object_of(folder, kind, content):
    command = [*GIT, "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
    return subprocess.run(command, cwd=folder, input=content, capture_output=True, check=True).stdout.decode().strip()


@pytest.mark.parametrize("name", [b"..", b".git", b"a\\b"])
def test_a_commit_that_leads_out_is_refused(city_car, name):
    commit(city_car, "agreed")
    blob = object_of(city_car, "blob", b"x")
    inner = object_of(city_car, "tree", b"100644 x.toml\0" + bytes.fromhex(blob))
    tree = object_of(city_car, "tree", b"40000 " + name + b"\0" + bytes.fromhex(inner))
    state = subprocess.run([*GIT, "commit-tree", tree, "-m", "x"], cwd=city_car, capture_output=True, check=True)
    with (
        pytest.raises(InputError, match="leads out of it"),
        earlier_state(read_programme(city_car), state.stdout.decode().strip()),
    ):
        pass


def test_a_commit_larger_than_any_programme_is_refused_before_it_is_written(city_car, monkeypatch):
    from covolt.study.verdicts import commit as module

    commit(city_car, "agreed")
    read = read_programme(city_car)
    with earlier_state(read, "HEAD") as was:
        assert was.state.requirements == read.requirements
    monkeypatch.setattr(module, "LARGEST_STATE_bytes", 1000)
    with pytest.raises(InputError, match="MiB"), earlier_state(read, "HEAD"):
        pass


def test_whatever_a_gate_or_signature_stands_on_is_told(city_car):
    """Attack 9: a weakened gate, another key or other evidence was no change."""
    cited = city_car / "agency" / "requirements" / "evidence" / "r100.txt"
    cited.parent.mkdir(exist_ok=True)
    cited.write_bytes(b"tested")
    with (city_car / "agency" / "requirements" / "A-R100.toml").open("a") as file:
        digest = hashlib.sha256(b"tested").hexdigest()
        file.write(f'\n[[evidence]]\npath = "evidence/r100.txt"\ndigest = "sha256:{digest}"\n')
    base = city_car.parent / "base"
    shutil.copytree(city_car, base, ignore=shutil.ignore_patterns(".covolt"))
    gate = city_car / "gates" / "trial.toml"
    text = gate.read_text()
    assert "people = true" in text
    gate.write_text(text.replace("people = true", "people = false").replace("order = ", "order = 1", 1))
    cited.write_bytes(b"tested otherwise")
    gone = {folder: sorted((city_car / folder).rglob("*.toml")) for folder in ("keys", "signoffs")}
    for files in gone.values():
        for one in files:
            one.unlink()
    (city_car / "agency" / "checked.toml").write_text(
        'schema = "checked/1"\nid = "mine"\nparty = "agency"\n[[text]]\nby = "A. Reader"\non = "2026-01-01"\n'
        'edition = "1"\nbounds = ["UN R13"]\n'
    )
    was, now = read_programme(base), read_programme(city_car)
    told = {one.what: one for one in changes_between(was, now)}
    assert "people true" in told["gate trial"].before
    assert "order" in told["gate trial"].after
    assert told["evidence evidence/r100.txt of A-R100"].after.startswith("sha256:")
    assert told["checked agency/mine"].party == "agency"
    assert sum(one.startswith("key ") for one in told) == len(was.keys)
    assert sum(one.startswith("sign-off ") for one in told) == len(was.signoffs)
    assert {one.kind for one in told.values()} == {"agreement"}
    assert changes_between(was, was) == []


def test_a_part_that_is_no_longer_what_is_locked_is_told_where_its_verdicts_are(capsys, city_car):
    arguments = ("verify", city_car, "--only", "I-MASS", "--json")
    assert json.loads(run(capsys, *arguments)[1])["notices"] == []
    path = city_car / "battery-works" / "parts" / "pack-33" / "part.toml"
    path.write_text(path.read_text().replace("235 kg", "234 kg"))
    [notice] = json.loads(run(capsys, *arguments)[1])["notices"]
    assert notice["where"].startswith("battery-works/parts/pack-33/part.toml")
    assert "no longer what was offered and locked" in notice["what"]
    assert "no longer what was offered" in " ".join(run(capsys, *arguments[:-1])[1].split())


def test_what_belongs_to_one_user_is_told_where_git_keeps_it(city_car):
    commit(city_car, "agreed")
    (city_car / ".covolt" / "records").mkdir(parents=True, exist_ok=True)
    (city_car / ".covolt" / "records" / "a.json").write_text("{}")
    assert not [one for one in check_programme(city_car)[1] if one.where == ".covolt"]
    subprocess.run([*GIT, "add", "-f", ".covolt"], cwd=city_car, check=True)
    [told] = [one for one in check_programme(city_car)[1] if one.where == ".covolt"]
    assert "git rm -r --cached .covolt" in told.hint


def test_a_party_whose_name_mixes_alphabets_is_told(city_car):
    path = city_car / "parties" / "agency.toml"
    assert not [one for one in check_programme(city_car)[1] if "alphabets" in one.what]
    path.write_text(path.read_text().replace("Type", "T\u0443pe", 1))
    [told] = [one for one in check_programme(city_car)[1] if "alphabets" in one.what]
    assert "Cyrillic \u0443" in told.what
    assert told.where.startswith("parties/agency.toml:")


def test_a_key_stays_out_of_the_programme(capsys, verified_car):
    code, _, err = run(capsys, "key", "new", verified_car / "agency" / "key.pem", verified_car)
    assert code == exit_codes.INPUT_WRONG
    said = " ".join(err.split())
    assert "does not belong into the programme" in said
    assert "no party '' in this programme" in said
    assert "no role is named" in said
    code, _, err = run(capsys, "key", "key.pem")
    assert code == exit_codes.INPUT_WRONG
    assert "covolt key new FILE" in " ".join(err.split())
    assert not (verified_car / "agency" / "key.pem").exists()


def test_signing_a_new_programme_whatever_its_role_is_called(capsys, tmp_path):
    """Records that somebody forged do not carry a signature: who signs drives anew."""
    role = "../../главный инженер"
    assert run(capsys, "new", "my-car")[0] == exit_codes.COMPLETED
    folder = tmp_path / "my-car"
    gate = folder / "gates" / "concept.toml"
    gate.write_text(gate.read_text() + f'\n[[signoffs]]\nparty = "integrator"\nrole = "{role}"\n')
    assert (
        run(capsys, "key", "new", "key.pem", folder, "--party", "integrator", "--role", role)[0] == exit_codes.COMPLETED
    )
    [listed] = json.loads(run(capsys, "key", "list", folder, "--json")[1])["keys"]
    assert listed["standing"] == "key not known here"
    arguments = ("sign", "concept", folder, "--party", "integrator", "--role", role, "--key", "key.pem")
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (exit_codes.COMPLETED, "")
    assert "The signature does not cover" in out, "what is signed is shown where nobody can be asked too"
    [signed] = (folder / "signoffs").rglob("*.toml")
    assert signed.parent == folder / "signoffs" / "concept"
    code, out, _ = run(capsys, "gate", folder, "--gate", "concept")
    assert code == exit_codes.REQUIREMENTS_NOT_MET
    assert "key not known here" in out
    assert run(capsys, "key", "trust", folder)[0] == exit_codes.INPUT_WRONG, "nobody can be asked"
    assert run(capsys, "key", "trust", folder, "--fingerprint", listed["fingerprint"])[0] == exit_codes.COMPLETED
    code, out, _ = run(capsys, "gate", folder, "--gate", "concept")
    assert code == exit_codes.COMPLETED
    assert listed["fingerprint_words"] in out
    assert max(map(len, out.splitlines())) <= 80
    [shown] = json.loads(run(capsys, "gate", folder, "--gate", "concept", "--json")[1])["gates"][0]["signatures"]
    assert (shown["fingerprint"], shown["standing"]["en"]) == (listed["fingerprint"], "stands")
    for name, before, after in (
        ("contracts/battery.toml", '"finite"', '"deterministic"'),
        ("slots/battery.toml", 'en = "', 'en = "New '),
        ("parties/supplier.toml", '"BY"', '"RU"'),
    ):
        path = folder / name
        text = path.read_text()
        assert before in text, name
        path.write_text(text.replace(before, after, 1))
        code, out, _ = run(capsys, "gate", folder, "--gate", "concept")
        assert code == exit_codes.REQUIREMENTS_NOT_MET, name
        assert "signature stale" in out
        kind, document = name.removesuffix(".toml").split("/")
        assert f"moved since: {kind} changed: {document}" in out
        assert max(map(len, out.splitlines())) <= 80
        path.write_text(text)


def test_the_way_of_a_tutorial_with_blanks_and_cyrillic_in_every_path(capsys, tmp_path):
    folder = tmp_path / "мой автомобиль [1]"
    assert run(capsys, "new", folder)[0] == exit_codes.COMPLETED
    assert run(capsys, "requirements", "export", tmp_path / "требования 1.xlsx", folder)[0] == exit_codes.COMPLETED
    code, out, _ = run(capsys, "requirements", "import", tmp_path / "требования 1.xlsx", folder, "--party", "agency")
    assert (code, out.split()[:2]) == (exit_codes.COMPLETED, ["wrote", "0"])
    code, out, _ = run(capsys, "offer", folder / "supplier" / "parts" / "pack")
    assert code == exit_codes.COMPLETED
    assert "мой автомобиль [1]" in " ".join(out.split())


@pytest.mark.parametrize("what", ["file", "full", "inner"])
def test_a_new_programme_takes_no_place_that_is_taken(capsys, tmp_path, what):
    place = tmp_path / "place"
    if what == "file":
        place.write_text("mine")
    elif what == "full":
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    else:
        (tmp_path / "programme.toml").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    code, _, err = run(capsys, "new", place)
    assert code == exit_codes.INPUT_WRONG
    assert "hint" in err
    assert sorted(tmp_path.rglob("*")) == before


def test_an_offer_of_whichever_party_is_tried_and_the_lock_stays(capsys, city_car):
    mine, theirs = (city_car / party / "parts" / "pack-33" for party in ("battery-works", "institute"))
    shutil.copytree(mine, theirs)
    sheet = (mine / "part.toml").read_text(encoding="utf-8").replace("battery-works", "institute")
    (theirs / "part.toml").write_text(
        re.sub(r'(\[declared.mass\]\s*value = |mass = \{ ?value = )"235 kg"', r'\1"260 kg"', sheet)
    )
    assert run(capsys, "offer", theirs)[0] == exit_codes.COMPLETED
    locked = (city_car / "programme.lock").read_bytes()
    asked = ("verify", city_car, "--only", "B-MASS", "--json")
    _, before, _ = run(capsys, *asked)
    _, tried, _ = run(capsys, *asked, "--with", "battery=institute/pack-33@1.0.0")
    values = [json.loads(one)["verdicts"][0]["value"] for one in (before, tried)]
    assert values == [pytest.approx(235.0), pytest.approx(260.0)]
    assert (city_car / "programme.lock").read_bytes() == locked
    assert any("is tried here" in one["what"] for one in json.loads(tried)["notices"])
    assert run(capsys, *asked)[1] == before


def test_what_cannot_be_tried_is_told_at_once(capsys, city_car):
    wrong = (
        "batery=battery-works/pack-33@1.0.0",
        "battery=battery-works/pack-99@1.0.0",
        "battery",
        "tyre=drive-works/pm-80@1.0.0",
    )
    options = [text for one in wrong for text in ("--with", one)]
    code, _, errors = run(capsys, "verify", city_car, *options)
    assert code == exit_codes.INPUT_WRONG
    for said in ("no slot 'batery'", "'battery' names no offer", "the slot takes a tyre"):
        assert said in re.sub(r"\s+", " ", errors)
