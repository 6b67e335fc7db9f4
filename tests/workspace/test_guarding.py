"""What is so at every door and in every module: kinds of content, heads of answers, what is read back, whence chance comes."""

import ast

import pytest
from fastapi.testclient import TestClient

from covolt.cli.serve import _listening
from covolt.workspace.application import application
from covolt.workspace.rates import Rates
from tests.house.source import PACKAGE, modules, short, tree
from tests.workspace.test_entrance import doors_of

NAME = "small-car"
MAKES_OBJECTS = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "jsonpickle", "xmlrpc"}
RUNS = {"eval", "exec", "__import__"}
WORKSPACE = [one for one in modules() if one.is_relative_to(PACKAGE / "workspace")]
READING = [
    one for one in modules() if one.relative_to(PACKAGE).parts[0] in {"workspace", "programme", "contract", "cli"}
]
"""Modules that read what others wrote."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory, small_programme):
    """Asks every door, by a method and with given content."""
    from covolt.workspace.access import Reader
    from covolt.workspace.asking import Workspace
    from tests.workspace.conftest import PERSON, Clock
    from tests.workspace.unlocked import unlocked

    made = unlocked(Workspace(tmp_path_factory.mktemp("home"), Clock()))
    made.begin(small_programme, Reader(PERSON))
    made.rates = made.strangers = Rates(100_000.0, 1.0)
    client = TestClient(application(made), raise_server_exceptions=False)

    def ask(method, path, **given):
        filled = path.replace("{name}", NAME).replace("{number}", "999").replace("{which}", "none")
        return client.request(method, filled, **given)

    yield ask, [(method, path) for method, path, _ in doors_of(client.app) if "stream" not in path]
    made.close()


def imported(path):
    """Every package that a module imports, and every bare name that it calls."""
    names, calls = set(), []
    for one in ast.walk(tree(path)):
        if isinstance(one, ast.Import):
            names |= {each.name.partition(".")[0] for each in one.names}
        elif isinstance(one, ast.ImportFrom) and one.module and not one.level:
            names.add(one.module.partition(".")[0])
        elif isinstance(one, ast.Call):
            calls.append(one)
    return names, calls


def test_nothing_that_is_read_makes_objects_or_runs_as_code():
    assert len(READING) > 200
    for path in READING:
        names, calls = imported(path)
        assert not names & MAKES_OBJECTS, short(path)
        assert not [one.lineno for one in calls if isinstance(one.func, ast.Name) and one.func.id in RUNS], short(path)
    for path in modules():
        shells = [key for one in imported(path)[1] for key in one.keywords if key.arg == "shell"]
        assert not shells, f"{short(path)}: a program is called with its words apart, by no shell"


def test_what_nobody_may_guess_comes_from_the_system_and_digests_are_sha_256():
    for path in WORKSPACE:
        names, calls = imported(path)
        assert "random" not in names, short(path)
        made = [each.name for one in ast.walk(tree(path)) if getattr(one, "module", "") == "uuid" for each in one.names]
        assert set(made) <= {"uuid4"}, short(path)
        for one in calls:
            if isinstance(one.func, ast.Attribute) and getattr(one.func.value, "id", "") == "hashlib":
                by = one.args[1].value if one.func.attr == "file_digest" else one.func.attr
                assert by == "sha256", short(path)


def test_the_workspace_reads_no_xml_and_asks_its_database_with_values_apart():
    for path in WORKSPACE:
        for one in imported(path)[1]:
            called = getattr(one.func, "attr", getattr(one.func, "id", ""))
            assert called not in {"fromstring", "XMLParser", "iterparse"}, short(path)
            if called in {"statement", "exec_driver_sql"} and one.args and "migrations" not in path.parts:
                assert not isinstance(one.args[0], ast.JoinedStr), f"{short(path)}: a value stands in a statement"


def test_a_body_of_another_kind_is_refused_at_every_door(asked):
    ask, doors = asked
    bringing = [
        (method, path) for method, path in doors if method in {"POST", "PUT", "PATCH"} and path.startswith("/api/")
    ]
    assert len(bringing) > 20
    for method, path in bringing:
        for kind in (
            "text/plain",
            "application/xml",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "",
        ):
            answer = ask(method, path, content=b"{}", headers={"Content-Type": kind} if kind else {})
            assert answer.status_code == 415, (method, path, kind)
            assert answer.json()["problems"][0]["where"] == "Content-Type"


def test_every_answer_bears_its_heads_and_none_is_kept_by_a_cache(asked):
    ask, doors = asked
    seen = set()
    for method, path in [*doors, ("GET", "/api/v1/none"), ("TRACE", "/api/v1/programmes"), ("GET", "/en/x")]:
        answer = ask(method, path, **({"json": {}} if method == "POST" else {}))
        seen.add(answer.status_code)
        heads = answer.headers
        assert heads["x-content-type-options"] == "nosniff", (method, path)
        assert heads["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in heads["content-security-policy"]
        assert "access-control-allow-origin" not in heads
        assert "strict-transport-security" not in heads, "where it is not asked over TLS"
        assert not {"server-version", "x-powered-by"} & set(heads)
        if answer.content:
            assert heads["content-type"], (method, path)
        if path.startswith("/api/"):
            assert heads["cache-control"] == "no-store", (method, path)
        elif path.startswith("/git/") and answer.is_success:
            assert "no-cache" in heads["cache-control"]
    assert {200, 404, 405, 422} <= seen


def test_it_listens_on_loopback_alone():
    with _listening(0) as found:
        assert found.getsockname()[0] == "127.0.0.1"
