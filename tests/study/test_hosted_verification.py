"""A verification in which the battery works serve the pack from their own process: the same verdict, or a clear end."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from covolt.errors import ComponentFailed
from covolt.study.cases import hosting
from covolt.study.cases.verify import verify
from tests.house.source import ROOT
from tests.signed import copy_unsigned

NOW = datetime.now(UTC)
PARTY, ONLY = "battery-works", "B-EFFICIENCY"
pytestmark = pytest.mark.whole


@pytest.fixture(autouse=True, scope="module")
def own_records(tmp_path_factory):
    """The records of this module: that of the pack itself must not be found in what another test has kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COVOLT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def invited(tmp_path):
    """A programme, the address of its hub, and the invitation of the battery works."""
    programme = copy_unsigned(ROOT / "examples" / "city-car", tmp_path / "city-car")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{one.getsockname()[1]}"
    hosting.new_authority(programme, ["127.0.0.1"], NOW)
    request, invitation = tmp_path / "request.json", tmp_path / "invitation.json"
    told = hosting.request_invitation(programme, PARTY, request, NOW).fingerprint
    hosting.invite_party(PARTY, programme, request, address, invitation, NOW, fingerprint=told)
    return programme, address, invitation


@contextmanager
def served(programme, invitation, *more):
    command = [sys.executable, "-m", "covolt", "host", "battery", str(programme), "--invitation", str(invitation)]
    party = subprocess.Popen([*command, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    try:
        yield party
    finally:
        party.kill()
        party.wait()


def run(capsys, *arguments):
    from covolt.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["verify", *map(str, arguments)])
    return ended.value.code, capsys.readouterr()


def test_the_verdict_with_a_hosted_pack_is_that_with_covolts_own(invited, capsys):
    programme, address, invitation = invited
    with served(programme, invitation):
        code, out = run(capsys, programme, "--only", ONLY, "--json")
        hosted_code, hosted_out = run(
            capsys, programme, "--only", ONLY, "--json", "--model", f"battery=hosted@{address}", "--wait", "60 s"
        )
    (own,), (other,) = json.loads(out.out)["verdicts"], json.loads(hosted_out.out)["verdicts"]
    assert hosted_code == code
    assert (other["verdict"], other["uncertainty"]) == (own["verdict"], own["uncertainty"])
    assert other["value"] == pytest.approx(own["value"], rel=1e-9)
    assert (own["foreign"], [one["door"] for one in other["foreign"]]) == ([], ["hosted"])
    (told,) = [one for one in json.loads(hosted_out.out)["notices"] if one["where"] == "battery"]
    assert "battery of battery-works (on its owner's machine, sha256:" in told["what"]


def test_a_host_that_never_comes_is_told_in_time_and_nothing_is_written(invited, tmp_path, capsys):
    programme, address, _ = invited
    model = ("--model", f"battery=hosted@{address}", "--csv", tmp_path / "verdicts.csv")
    begun_s = time.monotonic()
    code, out = run(capsys, programme, "--only", ONLY, *model, "--wait", "1 s")
    assert time.monotonic() - begun_s < 20.0
    assert code == 4
    assert "battery-works did not come within 1 s" in " ".join(out.err.split())
    assert not (tmp_path / "verdicts.csv").exists()
    code, out = run(capsys, programme, "--only", ONLY, *model, "--wait", "soon")
    assert code == 2
    assert "--wait" in out.err


def test_a_party_that_is_lost_in_the_midst_ends_the_verification_by_its_name(invited, tmp_path):
    programme, address, invitation = invited
    log, end = tmp_path / "left.log", threading.Event()
    with served(programme, invitation, "--log", str(log)) as party:

        def kill():
            while not end.wait(0.005):
                if log.exists() and '"call":"missions"' in log.read_text():
                    party.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        begun_s = time.monotonic()
        try:
            with pytest.raises(ComponentFailed) as lost:
                verify(
                    programme,
                    only=(ONLY, "I-RANGE"),
                    stand_ins=[f"battery=hosted@{address}"],
                    now=lambda: datetime.now(UTC),
                    wait_s=20.0,
                )
        finally:
            end.set()
            killer.join()
    assert time.monotonic() - begun_s < 50.0
    (problem,) = lost.value.problems
    # Between two questions it is waited for once, in the midst of one not at all.
    said = f"{problem.what} ({problem.where})"
    assert re.search(
        "it is gone: the connection ended .battery of battery-works, |battery-works did not come within", said
    )


def test_a_budget_that_is_spent_ends_the_verification_at_once_and_the_host_too(invited, capsys):
    programme, address, invitation = invited
    model = ("--model", f"battery=hosted@{address}", "--wait", "60 s")
    with served(programme, invitation, "--budget", "300") as party:
        code, out = run(capsys, programme, "--anew", "--only", ONLY, *model)
        assert party.wait(20.0) == 2
    assert code == 4
    assert "its owner allows no more questions: the budget is spent" in " ".join(out.err.split())
