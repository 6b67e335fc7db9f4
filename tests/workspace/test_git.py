"""Git over HTTP: who clones what, and that a clone holds nothing that others keep as their own."""

import re
import shutil

import httpx2
import pytest
from fastapi.testclient import TestClient

from covolt.errors import Conflict
from covolt.study.cases.publish import offer
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace
from covolt.workspace.brought import Brought, brought
from covolt.workspace.repositories import kept_offer
from tests.workspace.conftest import PERSON, Clock
from tests.workspace.git_client import everything, git
from tests.workspace.test_client import served
from tests.workspace.test_proposals import agree
from tests.workspace.unlocked import unlocked

NAME = "small-car"
CANARY = "canary-7f3a"


@pytest.fixture
def address(workspace):
    with served(workspace) as found:
        yield found


def test_a_party_clones_its_own_repository_and_the_programmes(address, workspace, tmp_path):
    git(tmp_path, "clone", f"{address}/git/{NAME}/programme.git", party="battery-works")
    assert (tmp_path / "programme/programme.toml").is_file()
    assert not (tmp_path / "programme/battery-works").exists()
    git(tmp_path, "clone", f"{address}/git/{NAME}/battery-works.git", party="battery-works")
    assert (tmp_path / "battery-works/parts/pack-33/part.toml").is_file()
    heads = workspace.folders(NAME).heads()
    assert git(tmp_path / "programme", "rev-parse", "HEAD").strip() == heads.programme
    assert git(tmp_path / "battery-works", "rev-parse", "HEAD").strip() == dict(heads.parties)["battery-works"]


def test_the_party_can_be_said_as_the_name_of_the_address(address, tmp_path):
    named = address.replace("://", "://battery-works:word@")
    git(tmp_path, "clone", f"{named}/git/{NAME}/battery-works.git")
    assert (tmp_path / "battery-works/parts/pack-33/part.toml").is_file()


def test_anothers_repository_is_answered_as_one_that_is_not_there(address):
    def asked(which, **headers):
        path = f"{address}/git/{NAME}/{which}.git/info/refs?service=git-upload-pack"
        answer = httpx2.get(path, headers=headers)
        return answer.status_code, answer.text.replace(which, "WHICH")

    for headers in ({}, {"Covolt-Party": "drive-works"}, {"Authorization": "Basic ZHJpdmUtd29ya3M6"}):
        assert asked("battery-works", **headers) == asked("nobody-s", **headers)
        assert asked("battery-works", **headers)[0] in {401, 404}
    assert asked("programme", **{"Covolt-Party": "nobody"})[0] in {401, 404}
    assert httpx2.get(f"{address}/git/{NAME}/programme.git/HEAD").status_code == 404
    assert httpx2.get(f"{address}/git/no-such/programme.git/info/refs").status_code in {401, 404}


def test_a_mirror_clone_holds_nothing_that_a_party_keeps_as_its_own(tmp_path, small_programme, own_records):
    folder = tmp_path / "with-canaries"
    shutil.copytree(small_programme, folder)
    own = folder / "battery-works"
    path = own / "requirements/B-MASS.toml"
    path.write_text(
        re.sub(r"(?m)^title = .*$", f'title = {{ en = "{CANARY}", ru = "{CANARY}" }}', path.read_text())
        + f"\n# {CANARY}\n"
    )
    (own / "parts/pack-33/notes.txt").write_text(CANARY)
    workspace = unlocked(Workspace(tmp_path / "home", Clock()))
    workspace.begin(folder, Reader(PERSON))
    with served(workspace) as address:
        git(tmp_path, "clone", "--mirror", f"{address}/git/{NAME}/programme.git", "mirror", party="drive-works")
        git(tmp_path, "clone", "--mirror", f"{address}/git/{NAME}/battery-works.git", "own", party="battery-works")
    workspace.close()
    assert CANARY.encode() in everything(tmp_path / "own"), "what is looked for is found where it may be"
    assert b"programme.toml" in everything(tmp_path / "mirror")
    assert CANARY.encode() not in everything(tmp_path / "mirror")


def test_a_contract_that_parties_keep_between_them_is_told_to_nobody_else(tmp_path, small_programme, own_records):
    folder = tmp_path / "kept"
    shutil.copytree(small_programme, folder)
    contract = folder / "contracts/battery.toml"
    said = contract.read_text(encoding="utf-8").replace('ru = "Тяговая батарея"', 'ru = "CANARY"')
    contract.write_text(said.replace("[limits]", 'visibility = "party"\n\n[limits]', 1), encoding="utf-8")
    workspace = unlocked(Workspace(tmp_path / "home", Clock()))
    workspace.begin(folder, Reader(PERSON))
    client = TestClient(application(workspace))
    at, broken = f"/api/v1/programmes/{NAME}", {"changes": [{"slot": "battery", "number": "mass", "value": "300 kg"}]}
    for party, reads in (("battery-works", True), ("integrator", True), ("drive-works", False), ("agency", False)):
        headers = {"Covolt-Party": party}
        dossier = client.get(f"{at}/dossiers/gate/concept", params={"form": "json", "wait_s": 25}, headers=headers)
        assert (dossier.status_code, "CANARY" in dossier.text) == (200, reads), party
        tried = client.post(f"{at}/what-if", json=broken, headers=headers)
        assert (tried.status_code, bool(tried.json()["notices"])) == (200, reads), party
        asked = client.post(f"{at}/proposals", json={**broken, "title": "Heavier"}, headers=headers)
        assert (asked.status_code, "270" in asked.text) == ((422, True) if reads else (201, False)), party
    number = asked.json()["number"]
    agree(workspace, number)
    with pytest.raises(Conflict, match="others keep between them") as refused:
        workspace.proposals.merge(NAME, number, Reader(PERSON, "agency"))
    assert "270" not in str(refused.value)
    with served(workspace) as address:
        where = f"{address}/git/{NAME}/programme.git"
        said = git(tmp_path, "clone", where, "others", party="drive-works", ok=False)
        assert "battery-works, integrator" in said
        git(tmp_path, "clone", where, "own", party="battery-works")
    workspace.close()


def test_a_programme_with_an_offer_that_is_shown_to_nobody_else_is_not_cloned_by_others(
    tmp_path, small_programme, own_records
):
    folder = tmp_path / "kept"
    shutil.copytree(small_programme, folder)
    part = folder / "battery-works/parts/pack-33/part.toml"
    said = re.sub(r"(?m)^version = .*$", 'version = "1.5.0"\nvisibility = "party"', part.read_text(encoding="utf-8"))
    part.write_text(said, encoding="utf-8")
    made = offer(part.parent)
    assert kept_offer(made.path.read_bytes()) == "battery-works"
    workspace = unlocked(Workspace(tmp_path / "home", Clock()))
    workspace.begin(folder, Reader(PERSON))
    with served(workspace) as address:
        where = f"{address}/git/{NAME}/programme.git"
        said = git(tmp_path, "clone", where, "others", party="drive-works", ok=False)
        assert "battery-works" in said
        git(tmp_path, "clone", where, "own", party="battery-works")
    workspace.close()


def test_what_a_request_brings_is_read_in_both_ways():
    assert brought("Bearer abc") == Brought("abc")
    assert brought("basic YmF0dGVyeS13b3JrczphYmM=") == Brought("abc", "battery-works")
    for odd in ("", "Basic", "Basic ***", "Basic /w==", "Digest x"):
        assert brought(odd) == Brought()
