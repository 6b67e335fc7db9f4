"""The API keeps what its description says: every door, asked as several parties with what fits its schema and what does not.

As many requests a door as COVOLT_API_EXAMPLES says: 20 where nothing is said, 500 for the long run.
"""

import os
import random
from types import SimpleNamespace

import pytest
import schemathesis
from fastapi import APIRouter
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from covolt.workspace import application as doors
from covolt.workspace.access import Reader
from covolt.workspace.asking import Workspace
from tests.workspace.conftest import PERSON, Clock, of
from tests.workspace.unlocked import Unlocked, unlocked

pytestmark = pytest.mark.whole
EXAMPLES = int(os.environ.get("COVOLT_API_EXAMPLES", "20"))
COSTLY = {"POST /api/v1/programmes": 4}
"""Doors of which each use makes a programme: a share of the examples will do."""
ENDLESS = {"GET /api/v1/programmes/{name}/feed/stream"}
"""It is tried over a real socket (test_client.py): what never ends has no answer that could be held against a schema."""
PARTIES = ("", "battery-works", "integrator", "nobody")
RULED = ("positive_data_acceptance",)
"""What fits a schema may still be refused by a rule."""
NAME = "small-car"
PATIENCE_s = 120.0
REAL = {"slot": "battery", "number": "mass", "value": "240 kg"}


def schema_of(app):
    found = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    refused = found.config.checks.negative_data_rejection
    refused.expected_statuses = [*refused.expected_statuses, "413"]  # what is too large
    return found


def operations(schema):
    return {f"{one.method.upper()} {one.path}": one for one in (found.ok() for found in schema.get_all_operations())}


def nobody():
    """A workspace that is only described: nothing is asked of it."""
    idle = SimpleNamespace(deliveries=SimpleNamespace(begin=lambda: None))
    return SimpleNamespace(entrance=Unlocked(PERSON, list), refuses=lambda *_: None, subscriptions=idle)


def described():
    return sorted(operations(schema_of(doors.application(nobody()))))


@pytest.fixture(scope="module")
def asked(tmp_path_factory, small_programme):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COVOLT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        made = unlocked(Workspace(tmp_path_factory.mktemp("home"), Clock()))
        made.begin(small_programme, Reader(PERSON))
        for party, mass in (("integrator", "240 kg"), ("battery-works", "240 kg"), ("integrator", "241 kg")):
            made.proposals.make(NAME, of(party), [("battery", "mass", mass)], "Heavier", "")
        yield operations(schema_of(doors.application(made)))
        made.close()


def fits(case):
    """Whether a request keeps what the description says; what breaks it is sent as it is."""
    return case.meta.generation.mode == GenerationMode.POSITIVE


def real(case, number):
    """The same request of a programme and proposal that are there, and of a number that may change."""
    if "name" in case.path_parameters:
        case.path_parameters["name"] = NAME
    if "number" in case.path_parameters:
        case.path_parameters["number"] = number
    if isinstance(case.body, dict) and isinstance(case.body.get("changes"), list):
        case.body["changes"] = [dict(REAL) for _ in case.body["changes"]][:2]


def tried(operation, examples):
    """Ask a door; raises what it answers otherwise than its description says."""
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    excluded = [CHECKS.get_one(one) for one in RULED]

    @seed(1)
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=False, suppress_health_check=list(HealthCheck)
    )
    @given(
        case=modes.flatmap(lambda mode: operation.as_strategy(generation_mode=mode)),
        party=st.sampled_from(PARTIES),
        there=st.integers(0, 5),
    )
    def ask(case, party, there):
        if fits(case) and there:
            real(case, there)
        answer = case.call(headers={"Covolt-Party": party} if fits(case) else {}, timeout=PATIENCE_s)
        case.validate_response(answer, excluded_checks=excluded)

    ask()


@pytest.mark.parametrize("door", [one for one in described() if one not in ENDLESS])
def test_a_door_answers_as_its_description_says(asked, door):
    tried(asked[door], max(1, EXAMPLES // COSTLY.get(door, 1)))


def test_of_what_is_done_one_after_the_other_each_step_is_described(tmp_path, small_programme, own_records):
    """Proposals are made, looked at, answered, merged and withdrawn, in any order that links of the description allow."""
    schema, chance, made = schema_of(doors.application(nobody())), random.Random(), []

    async def present(scope, receive, send):
        """Each series of steps begins with a workspace of its own, so that it can be gone through again."""
        await made[-1][1](scope, receive, send)

    schema.app = present

    class Steps(schema.as_state_machine()):
        def setup(self):
            chance.seed(1)
            workspace = unlocked(Workspace(tmp_path / f"home-{len(made)}", Clock()))
            workspace.begin(small_programme, Reader(PERSON))
            workspace.proposals.make(NAME, of("integrator"), [("battery", "mass", "240 kg")], "Heavier", "")
            made.append((workspace, doors.application(workspace)))

        def teardown(self):
            made[-1][0].close()

        def before_call(self, case):
            if fits(case) and case.operation.label not in COSTLY:
                real(case, chance.randint(1, 2))

        def get_call_kwargs(self, case):
            return {"headers": {"Covolt-Party": chance.choice(PARTIES)} if fits(case) else {}, "timeout": PATIENCE_s}

        def validate_response(self, response, case, **_):
            case.validate_response(response, excluded_checks=[CHECKS.get_one(one) for one in RULED])

    Steps.run(
        settings=settings(
            max_examples=max(2, EXAMPLES // 4),
            stateful_step_count=6,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
    )


def test_a_method_that_no_door_has_is_refused_with_those_that_there_are(asked):
    app = next(iter(asked.values())).schema.app
    client = TestClient(app)
    path = f"/api/v1/programmes/{NAME}/proposals"
    refused = client.delete(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")
    refused = client.get(f"{path}/1/merge")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert client.get("/api/v1/nothing").status_code == 404


@pytest.mark.parametrize("fault", ["a status that is not described", "a fault of ours", "another document"])
def test_a_planted_fault_is_found(asked, monkeypatch, fault):
    def planted(_):
        router = APIRouter(prefix="/api/v1")

        @router.get("/planted")
        def answer() -> dict[str, int]:
            if fault == "another document":
                return doors.JSONResponse({"a": "b"})
            return doors.JSONResponse({"a": 1}, 418 if fault.startswith("a status") else 500)

        return router

    monkeypatch.setattr(doors, "GROUPS", (planted,))
    operation = operations(schema_of(doors.application(nobody())))["GET /api/v1/planted"]
    with pytest.raises(FailureGroup):
        tried(operation, 2)
