"""A runner of a party: a process of its own, its party's jobs alone, a lease that ends, and late results refused."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from covolt.cli.application import app as commands
from covolt.errors import Conflict, Forbidden, InputError, NotFound
from covolt.study.verdicts.records import source_digest
from covolt.workspace.access import Reader
from covolt.workspace.application import application
from covolt.workspace.job_doing import LEASE_s
from covolt.workspace.job_table import JobRow
from covolt.workspace.runner import working_in
from tests.house.source import ROOT
from tests.workspace.conftest import PERSON, of
from tests.workspace.test_client import served

NAME = "small-car"
WORKS, OTHERS = of("battery-works"), of("integrator")
WANTED = [("battery", "mass", "260 kg")]
NOW = datetime(2026, 11, 30, tzinfo=UTC)
EMPTY = {"documents": {"battery-works": {"programme": NAME, "excluded": []}}}


def asked(workspace, designs=4):
    return workspace.conflicts.ask(NAME, WORKS, WANTED, designs, runner=True)


def leased(workspace, who=WORKS):
    return workspace.runners.lease(NAME, who, source_digest()).job


def test_a_job_of_a_runner_is_neither_the_workspaces_nor_another_partys(workspace):
    number = asked(workspace)
    assert workspace.jobs.take("the worker of the workspace") is None
    assert leased(workspace, OTHERS) is None
    assert workspace.conflicts.ask(NAME, WORKS, WANTED, 4) != number, "the workspace's own job is another"
    job = leased(workspace)
    assert (job.number, job.party, job.kind) == (number, "battery-works", "conflicts")
    assert leased(workspace) is None, "it is one runner's alone"
    for who in (OTHERS, of("")):
        for ask in (
            lambda who: workspace.runners.inputs(NAME, number, who, job.lease),
            lambda who: workspace.runners.renew(NAME, number, who, job.lease, 1, 4),
            lambda who: workspace.runners.finish(NAME, number, who, job.lease, job.inputs, EMPTY),
            lambda who: workspace.runners.fail(NAME, number, who, job.lease, []),
        ):
            with pytest.raises((NotFound, Forbidden)):
                ask(who)
    with pytest.raises(Conflict, match="another covolt"):
        workspace.runners.lease(NAME, WORKS, "an older one")
    some = Reader(PERSON, "battery-works", frozenset({"battery"}))
    with pytest.raises(Forbidden, match="some slots"):
        workspace.runners.lease(NAME, some, source_digest())


def test_a_late_result_is_refused_with_why_and_the_first_end_stays(workspace):
    number, runners = asked(workspace), workspace.runners
    first = leased(workspace)
    workspace.clock.now += timedelta(seconds=LEASE_s + 1)
    second = leased(workspace)
    assert second.number == number and second.lease != first.lease and second.inputs == first.inputs
    for late in (
        lambda: runners.renew(NAME, number, WORKS, first.lease, 1, 4),
        lambda: runners.finish(NAME, number, WORKS, first.lease, first.inputs, EMPTY),
        lambda: runners.fail(NAME, number, WORKS, first.lease, []),
    ):
        with pytest.raises(Conflict, match="another runner has taken it up"):
            late()
    with pytest.raises(Conflict, match="another question or another programme"):
        runners.finish(NAME, number, WORKS, second.lease, "sha256:0", EMPTY)
    runners.finish(NAME, number, WORKS, second.lease, second.inputs, EMPTY)
    with pytest.raises(Conflict, match="has its end already"):
        runners.finish(NAME, number, WORKS, second.lease, second.inputs, EMPTY)
    shown = workspace.jobs.shown(NAME, number, WORKS)
    assert (shown.status, shown.runner, shown.conflicts.programme) == ("done", "battery-works", NAME)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"documents": []},
        {"documents": {"integrator": {"programme": NAME, "excluded": []}}},
        {"documents": {"battery-works": {"programme": "another", "excluded": []}}},
        {"documents": {"battery-works": {"programme": NAME, "excluded": [], "more": 1}}},
        {"documents": {"battery-works": {"programme": NAME, "excluded": [{"gap": "<script>"}]}}},
    ],
    ids=["empty", "list", "of-another", "elsewhere", "more", "wrong"],
)
def test_what_is_no_answer_to_the_job_is_refused_and_the_job_goes_on(workspace, answer):
    number = asked(workspace)
    job = leased(workspace)
    with pytest.raises(InputError) as refused:
        workspace.runners.finish(NAME, number, WORKS, job.lease, job.inputs, answer)
    assert all(one.where.startswith("answer") for one in refused.value.problems)
    assert workspace.jobs.shown(NAME, number, WORKS).status == "running"


def test_a_settlement_brings_back_only_what_may_be_proposed(workspace):
    number = workspace.conflicts.ask(NAME, WORKS, WANTED, 4, "settlement", runner=True)
    job = leased(workspace)
    document = {"designs": 4, "levers": [], "options": [], "excluding": []}
    forged = {"slot": "battery", "number": "mass", "before": "300 kg", "after": "260 kg"}
    for options in ([[forged]], [[{**forged, "after": 260}]], [["x"]]):
        with pytest.raises(InputError):
            answer = {"documents": {"battery-works": document}, "options": options}
            workspace.runners.finish(NAME, number, WORKS, job.lease, job.inputs, answer)
    answer = {"documents": {"battery-works": document}, "options": []}
    workspace.runners.finish(NAME, number, WORKS, job.lease, job.inputs, answer)
    assert workspace.jobs.shown(NAME, number, WORKS).settlements.designs == 4


def test_a_token_without_the_scope_run_gets_no_job(workspace):
    from covolt.workspace.doors.scopes import SCOPE

    way = f"/api/v1/programmes/{'{name}'}"
    doors = {door for door, scope in SCOPE.items() if scope == "run"}
    assert doors == {
        ("POST", f"{way}/runner/leases"),
        ("POST", f"{way}/jobs/{{number}}/inputs"),
        ("POST", f"{way}/jobs/{{number}}/renewals"),
        ("POST", f"{way}/jobs/{{number}}/result"),
    }


def test_a_result_beyond_its_bound_is_not_read(workspace):
    from starlette.testclient import TestClient

    from covolt.workspace.doors.runners import LARGEST_ANSWER_bytes

    client = TestClient(application(workspace))
    number, headers = asked(workspace), {"Covolt-Party": "battery-works"}
    job = leased(workspace)
    way = f"/api/v1/programmes/{NAME}/jobs/{number}/result"
    large = json.dumps({"lease": job.lease, "answer": {"documents": "x" * LARGEST_ANSWER_bytes}})
    assert client.post(way, content=large, headers=headers | {"Content-Type": "application/json"}).status_code == 413
    assert client.get(f"/api/v1/programmes/{NAME}/runner", headers=headers).json()["heard"]
    assert not client.get(f"/api/v1/programmes/{NAME}/runner", headers={"Covolt-Party": "integrator"}).json()["heard"]


def test_one_runner_works_in_a_folder(tmp_path):
    with (
        working_in(tmp_path / "runner", NOW),
        pytest.raises(Conflict, match="another runner"),
        working_in(tmp_path / "runner", NOW),
    ):
        pass


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_token_that_others_can_read_is_told(tmp_path, mode):
    token = tmp_path / "token"
    token.write_text("any\n", encoding="utf-8")
    token.chmod(mode)
    words = ["runner", f"http://127.0.0.1:9/{NAME}", "--party", "integrator", "--once", "--token-file", str(token)]
    found = CliRunner().invoke(commands, [*words, "--folder", str(tmp_path / "runner")])
    assert ("others of this machine can read it" in found.output) == (mode == 0o644)


@contextmanager
def runner(address, tmp_path, *more, party="battery-works"):
    command = [sys.executable, "-m", "covolt", "runner", f"{address}/{NAME}", "--party", party, *more]
    command += ["--token-file", str(tmp_path / "token"), "--folder", str(tmp_path / "runner")]
    (tmp_path / "token").write_text("any\n", encoding="utf-8")
    (tmp_path / "token").chmod(0o600)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until(found, wait_s=60.0):
    end = time.monotonic() + wait_s
    while not (told := found()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return told


def children(process):
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(one) for one in listed.read_text(encoding="utf-8").split()]


@pytest.mark.whole
def test_a_runner_that_is_killed_loses_no_job_and_the_next_one_ends_it(workspace, tmp_path, own_records):
    number = asked(workspace)
    with served(workspace) as address:
        with runner(address, tmp_path, "--once", party="integrator") as other:
            assert other.wait(60) == 0
        assert workspace.jobs.shown(NAME, number, WORKS).status == "waiting"
        with runner(address, tmp_path) as first:
            [child] = until(
                lambda: children(first) if workspace.jobs.shown(NAME, number, WORKS).status == "running" else []
            )
            first.send_signal(signal.SIGKILL)
            first.wait(10)
            until(lambda: not alive(child))
        files = [one for one in (tmp_path / "runner").rglob("*") if one.is_file()]
        assert [one for one in files if one.match("programme/battery-works/parts/pack-33/part.toml")]
        assert not [one for one in files if one.match("programme/integrator/parts/**/*")], (
            "what others keep is not there"
        )
        workspace.clock.now += timedelta(seconds=LEASE_s + 1)
        with runner(address, tmp_path, "--once") as third:
            said = third.communicate(timeout=120)[0]
        assert f"job {number}: done" in said, (third.returncode, said)
    shown = workspace.jobs.shown(NAME, number, WORKS)
    assert (shown.status, shown.failed, shown.runner) == ("done", (), "battery-works")
    with workspace.programmes.database.reading() as session:
        assert session.query(JobRow).one().attempts == 2
    assert not [one for one in (tmp_path / "runner").iterdir() if one.is_dir()], "what was worked with is gone"


@pytest.mark.whole
def test_who_gives_a_job_up_ends_it_where_it_is_computed(workspace, tmp_path, own_records):
    number = asked(workspace, 64)
    with served(workspace) as address, runner(address, tmp_path) as one:
        [child] = until(lambda: children(one) if workspace.jobs.shown(NAME, number, WORKS).status == "running" else [])
        workspace.jobs.cancel(NAME, number, WORKS)
        until(lambda: not alive(child))
        again = asked(workspace, 4)
        assert workspace.jobs.shown(NAME, again, WORKS, 120.0).status == "done", "the runner goes on"
        assert one.poll() is None
    assert workspace.jobs.shown(NAME, number, WORKS).status == "cancelled"


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


@pytest.mark.whole
def test_what_the_workspace_and_a_runner_find_is_the_same(workspace, tmp_path, own_records):
    mine = workspace.conflicts.ask(NAME, WORKS, WANTED, 4)
    number = asked(workspace)
    workspace.work()
    with served(workspace) as address, runner(address, tmp_path, "--once") as one:
        said = one.communicate(timeout=120)[0]
        assert one.returncode == 0, said
    theirs = workspace.jobs.shown(NAME, number, WORKS)
    ours = workspace.jobs.shown(NAME, mine, WORKS, 120.0)
    assert (ours.status, theirs.status, ours.runner) == ("done", "done", "")
    assert ours.conflicts == theirs.conflicts
    assert [(one.slot, one.number, one.after) for one in theirs.changes] == WANTED
