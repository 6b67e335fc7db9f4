"""Jobs: one of a question, one worker at a time, taken up again after whatever ended it, and shown to their party alone."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from covolt.errors import Conflict, Forbidden, NotFound
from covolt.workspace import job_doing
from covolt.workspace.application import application
from covolt.workspace.asking import Workspace
from covolt.workspace.job_doing import LEASE_s
from covolt.workspace.job_files import Question, answer_of
from covolt.workspace.job_table import JobRow
from covolt.workspace.jobs import MOST_CRASHES, MOST_OPEN
from tests.house.source import ROOT
from tests.workspace.conftest import Clock, of

NAME = "small-car"
WORKS = of("battery-works")
ASKED = {"changes": [], "designs": 4}


def test_the_same_question_is_one_job_and_another_partys_is_another(workspace):
    jobs = workspace.jobs
    first = jobs.ask(NAME, WORKS, "conflicts", ASKED)
    assert jobs.ask(NAME, WORKS, "conflicts", ASKED) == first
    assert jobs.ask(NAME, WORKS, "conflicts", {**ASKED, "designs": 5}) != first
    assert jobs.ask(NAME, of("integrator"), "conflicts", ASKED) != first
    with pytest.raises(Forbidden):
        jobs.ask(NAME, of(""), "conflicts", ASKED)


def test_of_many_workers_one_gets_a_job(workspace):
    workspace.jobs.ask(NAME, WORKS, "conflicts", ASKED)
    found, start = [], threading.Barrier(8)

    def take(at):
        start.wait()
        found.append(workspace.jobs.take(f"worker-{at}"))

    threads = [threading.Thread(target=take, args=(at,)) for at in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len([one for one in found if one is not None]) == 1


def test_a_job_whose_worker_is_gone_is_taken_up_again_and_the_late_answer_counts_for_nothing(workspace):
    jobs, clock = workspace.jobs, workspace.clock
    number = jobs.ask(NAME, WORKS, "conflicts", ASKED)
    first = jobs.take("first")
    assert jobs.take("second") is None
    assert jobs.renew(first, "first", 1, 4)
    clock.now += timedelta(seconds=LEASE_s + 1)
    second = jobs.take("second")
    assert (second.id, second.attempt) == (first.id, 2)
    assert not jobs.renew(first, "first", 2, 4)
    assert not jobs.finish(first, "first", b'{"documents": {}}')
    assert jobs.shown(NAME, number, WORKS).status == "running"
    assert jobs.finish(second, "second", b'{"documents": {}}')
    assert jobs.shown(NAME, number, WORKS).status == "done"


def test_a_clock_that_is_set_back_keeps_no_job_for_ever(workspace):
    jobs, clock = workspace.jobs, workspace.clock
    jobs.ask(NAME, WORKS, "conflicts", ASKED)
    jobs.take("first")
    clock.now -= timedelta(days=1)
    assert jobs.take("second") is not None


def test_a_process_that_ends_by_itself_is_tried_again_and_then_told(workspace):
    jobs = workspace.jobs
    number = jobs.ask(NAME, WORKS, "conflicts", ASKED)
    for _ in range(MOST_CRASHES):
        jobs.crashed(jobs.take("worker"), "worker")
    shown = jobs.shown(NAME, number, WORKS)
    assert (shown.status, jobs.take("worker")) == ("failed", None)
    assert "by itself" in shown.failed[0].said("en")
    assert shown.failed[0].said("ru") != shown.failed[0].said("en")
    assert jobs.ask(NAME, WORKS, "conflicts", ASKED) == number, "asked again it is tried again"
    assert jobs.take("worker") is not None


def test_what_is_cancelled_is_nobodys_and_too_many_are_refused(workspace):
    jobs = workspace.jobs
    number = jobs.ask(NAME, WORKS, "conflicts", ASKED)
    taken = jobs.take("worker")
    jobs.cancel(NAME, number, WORKS)
    assert not jobs.wanted(taken, "worker")
    assert jobs.shown(NAME, number, WORKS).status == "cancelled"
    for at in range(MOST_OPEN):
        jobs.ask(NAME, WORKS, "conflicts", {**ASKED, "designs": 10 + at})
    with pytest.raises(Conflict, match="under way"):
        jobs.ask(NAME, WORKS, "conflicts", ASKED)


def test_another_partys_job_is_as_if_it_were_not_there(workspace):
    from starlette.testclient import TestClient

    number = workspace.jobs.ask(NAME, WORKS, "conflicts", ASKED)
    client = TestClient(application(workspace))
    way = f"/api/v1/programmes/{NAME}/jobs"
    for party in ("integrator", ""):
        headers = {"Covolt-Party": party}
        there, never = (client.get(f"{way}/{one}", headers=headers) for one in (number, 9999))
        assert there.status_code == never.status_code == 404
        assert there.text.replace(str(number), "9999") == never.text
        assert client.get(way, headers=headers).json()["jobs"] == []
        assert client.post(f"{way}/{number}/cancel", headers=headers).status_code == 404
        with pytest.raises(NotFound):
            workspace.jobs.changes(NAME, number, 0, of(party))
    assert client.get(f"{way}/{number}", headers={"Covolt-Party": "battery-works"}).json()["status"] == "waiting"


def test_a_broken_bound_is_told_at_once_with_who_stands_against_whom(workspace):
    shown = workspace.conflicts.shown(NAME, WORKS, [("battery", "mass", "260 kg")])
    [row] = [one for one in shown.broken if one.requirement == "I-MASS"]
    assert (row.party, row.against, row.new, row.way) == ("integrator", ("battery-works",), True, "1175 kg")
    assert row.gap_text.said("en").endswith("15")
    assert not [one for one in workspace.conflicts.shown(NAME, WORKS).broken if one.requirement == "I-MASS"]


def test_a_bound_that_is_missed_within_its_uncertainty_is_a_conflict_too(workspace):
    wanted = [("battery", "mass", "260 kg")]
    shown = workspace.conflicts.shown(NAME, WORKS, wanted, wait_s=60.0)
    assert shown.surely
    [row] = [one for one in shown.broken if one.requirement == "I-MASS"]
    assert row.new
    verdicts = workspace.verdicts(NAME, WORKS, wanted, wait_s=60.0)
    [turned] = [one for one in verdicts.turned if one.requirement == "I-MASS"]
    assert (turned.after.said("en"), turned.breaks) == ("within uncertainty", True)


@pytest.mark.whole
def test_conflicts_are_found_by_a_process_of_their_own(workspace):
    number = workspace.conflicts.ask(NAME, WORKS, [("battery", "mass", "260 kg")], 4)
    workspace.work()
    shown = workspace.jobs.shown(NAME, number, WORKS, 120.0)
    assert (shown.status, shown.failed) == ("done", ())
    assert (shown.conflicts.programme, shown.conflicts.designs) == (NAME, None), "nothing moves in this one"
    until_s = time.monotonic() + 20.0
    while list((workspace.programmes.home / "jobs").iterdir()):
        assert time.monotonic() < until_s, "what was worked with goes once its end is written"
        time.sleep(0.05)


@pytest.mark.whole
def test_a_process_ends_with_its_worker_and_the_next_start_takes_the_job_up(workspace, tmp_path, database_address):
    """A server that is killed leaves no process behind, and its job is done by the next one."""
    number = workspace.conflicts.ask(NAME, WORKS, [], 4)
    workspace.close()
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from datetime import UTC, datetime, timedelta\n"
        "from covolt.workspace.access import Reader\n"
        "from covolt.workspace.asking import Workspace\n"
        "now = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)\n"
        "made = Workspace(Path(sys.argv[1]), lambda: now, sys.argv[3])\n"
        "works = Reader('engineer', 'battery-works')\n"
        "made.work()\n"
        "while made.jobs.shown('small-car', int(sys.argv[2]), works).status == 'waiting':\n"
        "    time.sleep(0.05)\n"
        "print('running', flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "home"), str(number), database_address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as server:
        assert server.stdout.readline() == b"running\n"
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        seen = [int(one) for one in children.read_text(encoding="utf-8").split()] if children.is_file() else []
        server.kill()
    again = Workspace(tmp_path / "home", Clock(), database_address)
    try:
        again.clock.now += timedelta(hours=1)
        again.work()
        shown = again.jobs.shown(NAME, number, WORKS, 120.0)
        assert (shown.status, shown.failed) == ("done", ())
        with again.programmes.database.reading() as session:
            assert session.query(JobRow).one().attempts == 2
        for child in seen:
            with pytest.raises(ProcessLookupError):
                os.kill(child, 0)
    finally:
        again.close()


def test_a_process_that_ends_as_it_is_told_that_its_worker_is_there_has_ended_and_no_more(tmp_path, monkeypatch):
    """A runner died of the closed pipe, and its job's answer with it."""
    begun = []

    class Process(subprocess.Popen):
        def __init__(self, command, **how):
            super().__init__([sys.executable, "-c", "pass"], **how)
            begun.append(self)

        def poll(self):
            # As long as nobody has looked whether it has ended, it counts as under way.
            return super().poll() if told else None

    def renew(done, total):
        os.waitid(os.P_PID, begun[0].pid, os.WEXITED | os.WNOWAIT)
        told.append((done, total))
        return True

    told = []
    monkeypatch.setattr(job_doing.subprocess, "Popen", Process)
    assert job_doing.carried_out(tmp_path, threading.Event(), lambda: True, renew, 0.0)
    assert len(told) == 1


def test_a_question_is_answered_from_its_folder_alone(workspace, tmp_path):
    from covolt.workspace.job_process import run

    number = workspace.conflicts.ask(NAME, WORKS, [("battery", "mass", "9 kg")], 2)
    assert number == 1
    taken = workspace.jobs.take("worker")
    folder = tmp_path / "job"
    folder.mkdir()
    workspace.jobs.write_programme(taken, folder / "programme")
    Question("conflicts", "battery-works", taken.day, {**taken.asked, "designs": 0}).write(folder)
    run(folder)
    assert answer_of(folder) is None
    assert (folder / "problems.json").is_file()
