"""What another party hides moves nothing that one is answered: two worlds that differ in it alone look the same from outside."""

import re
import shutil

import pytest

from covolt.workspace.asking import Workspace
from covolt.workspace.job_files import Question, answer_of
from covolt.workspace.job_process import run
from covolt.workspace.together import Settings, Together
from tests.house.source import ROOT
from tests.workspace.conftest import Clock, of
from tests.workspace.private import private_programme
from tests.workspace.test_client import served
from tests.workspace.test_secrets import NAME, Matrix

pytestmark = pytest.mark.whole
HIDDEN = "battery-works/requirements/OWN-REQUIREMENT-BATTERY-WORKS.toml"
WORLDS = {"met": 'at_least = "1 kg"', "not met": 'at_least = "9000 kg"'}
TRIES = [
    {"slot": "body", "number": "mass", "value": value} for value in ("200 kg", "560 kg", "900 kg")
]  # fmt: skip
VARYING = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{12}"
    r"|covolt_\w+|'date': '[^']*'|127\.0\.0\.1:\d+"
)
"""Digests, ids and times: they cover all of a programme, and tell that something of it is other, not what."""


@pytest.fixture(scope="module")
def small(tmp_path_factory, small_programme):
    return private_programme(small_programme, tmp_path_factory.mktemp("private") / NAME, ROOT / "examples/city-car")


def answers(made, party):
    """All that a member of a party is answered, by what was asked; jobs among it."""
    made.entrance = Together(made.people, Settings(address="http://x"), made.people.clock)
    found = {}
    with served(made) as address:
        matrix = Matrix(made, address)
        matrix.client.timeout = 300.0
        headers = {"Authorization": f"Bearer {matrix.person((party, ()))}", "Covolt-Party": party}
        where = f"/api/v1/programmes/{NAME}"
        for each in TRIES:
            for path in ("what-if", "conflicts"):
                told = {"changes": [each], "wait_s": 60.0}
                found[path, each["value"]] = matrix.client.post(f"{where}/{path}", headers=headers, json=told).text
        proposed = {"changes": [TRIES[1]], "title": "Lighter", "reason": ""}
        found["propose", ""] = matrix.client.post(f"{where}/proposals", headers=headers, json=proposed).text
        found["merge", ""] = matrix.client.post(f"{where}/proposals/1/merge", headers=headers, json={}).text
        for method, path, one in matrix.doors():
            if method == "GET" and "{name}" in path and "/events" not in path and "/export" not in path:
                found[method, path] = matrix.ask(method, path, one, headers)[2]
        matrix.client.close()
    for kind in ("conflicts", "settlement"):
        made.conflicts.ask(NAME, of(party), [tuple(TRIES[0].values())], 4, kind)
        taken = made.jobs.take("here")
        folder = made.jobs.folder(taken)
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        made.jobs.write_programme(taken, folder / "programme")
        Question(taken.kind, taken.party, taken.day, taken.asked).write(folder)
        run(folder)
        found["job", kind] = str(answer_of(folder))
    return {key: VARYING.sub("…", said) for key, said in found.items()}


def test_a_bound_that_is_hidden_moves_no_answer_to_another(small, tmp_path, monkeypatch):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    worlds = []
    for world, bound in WORLDS.items():
        folder = shutil.copytree(small, tmp_path / world / NAME)
        path = folder / HIDDEN
        path.write_text(re.sub(r"at_least = .*", bound, path.read_text(encoding="utf-8")), encoding="utf-8")
        made = Workspace(tmp_path / world / "home", Clock())
        made.begin(folder, of(""))
        try:
            worlds.append(answers(made, "integrator"))
        finally:
            made.close()
    one, other = worlds
    assert one.keys() == other.keys()
    apart = [key for key in one if one[key] != other[key]]
    assert not apart, [(key, one[key], other[key]) for key in apart]
