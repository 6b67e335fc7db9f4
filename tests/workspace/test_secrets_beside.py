"""What a party keeps as its own stands in nothing beside the answers: logs, traces, messages, clones, and what comes of jobs."""

import io
import json
import logging
import statistics
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from covolt.errors import Forbidden, NotFound
from covolt.words import text
from covolt.workspace.access import Reader
from covolt.workspace.job_files import Question, answer_of, problems_of
from covolt.workspace.job_process import run
from covolt.workspace.logs import begin_logs
from covolt.workspace.outgoing.messengers import Answer
from covolt.workspace.outgoing.subscriptions import WantedSubscription
from covolt.workspace.outgoing.ways.mail import letter
from covolt.workspace.telemetry import Telemetry
from covolt.workspace.together import Settings, Together
from tests.house.source import ROOT
from tests.workspace.conftest import of
from tests.workspace.git_client import everything, git
from tests.workspace.private import HEATER, MAKERS, SLOT, canary, private_programme
from tests.workspace.test_client import served
from tests.workspace.test_secrets import (
    ABSENT,
    NAME,
    TRIED,
    Matrix,
    opened,
    own,
    roles_of,
    told_of,
)

pytestmark = pytest.mark.whole
CANARY_SAID = canary("battery-works", "said")
CHANGE_TOLD = [{"slot": SLOT, "number": "heater_power", "before": HEATER, "after": "4 kW", "unit": "kW"}]
EFFECT = {
    "requirement": "OWN-REQUIREMENT-BATTERY-WORKS", "title": {"en": canary("battery-works", "requirement")},
    "value_before": {"en": "1"}, "value_after": {"en": "2"}, "unit": {"en": "kg"}, "margin_after": {"en": "1"},
    "after": {"en": "met"},
}  # fmt: skip
TOLD = ("small-car", "battery-works", "heater_power")
"""What neither logs nor traces tell, beside canaries: whose programme it is, who asked, about what."""


@pytest.fixture(scope="module")
def small(tmp_path_factory, small_programme):
    return private_programme(small_programme, tmp_path_factory.mktemp("private") / NAME, ROOT / "examples/city-car")


@pytest.fixture
def made(tmp_path, monkeypatch, small):
    monkeypatch.setenv("COVOLT_CACHE_DIR", str(tmp_path / "cache"))
    found = opened(tmp_path / "home", small, monkeypatch)
    found.entrance = Together(found.people, Settings(address="http://x"), found.people.clock)
    yield found
    found.close()


@contextmanager
def asked_at(made):
    """Its doors, over a socket that is closed again."""
    with served(made) as address:
        matrix = Matrix(made, address)
        try:
            yield matrix
        finally:
            matrix.client.close()


@pytest.fixture
def logged():
    """What the server writes with COVOLT_LOGS=json."""
    root, stream = logging.getLogger(), io.StringIO()
    were, level = root.handlers[:], root.level
    begin_logs(stream)
    yield stream
    root.handlers[:] = were
    root.setLevel(level)


@pytest.fixture
def measured(monkeypatch):
    pytest.importorskip("opentelemetry.sdk", reason="covolt[telemetry] is not installed")
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans, reader, traces = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
    traces.add_span_processor(SimpleSpanProcessor(spans))
    from covolt.workspace.application import application

    found = SimpleNamespace(telemetry=Telemetry(traces, MeterProvider([reader])), spans=spans, reader=reader)
    monkeypatch.setattr("tests.workspace.test_client.application", lambda one: application(one, found.telemetry))
    return found


def test_logs_and_traces_of_every_door_hold_nothing_private(made, logged, measured):
    with asked_at(made) as matrix:
        roles = roles_of(matrix)
        for method, path, one in matrix.doors():
            for role in ("for battery-works", "a stranger", "nobody"):
                matrix.ask(method, path, one, roles[role][0])
        matrix.client.get(f"/api/v1/programmes/{NAME}/{canary('integrator', 'file')}", headers=roles["a stranger"][0])
    said = logged.getvalue()
    assert said.count('"message": "request"') > 100
    spans = measured.spans.get_finished_spans()
    assert len(spans) > 100
    traced = "".join(one.to_json() for one in spans) + measured.reader.get_metrics_data().to_json()
    for told in (said, traced):
        assert told_of(told, set()) == set()
        assert [one for one in (*TOLD, *matrix.words) if one in told] == []


def test_messages_to_others_hold_nothing_private(made, monkeypatch):
    """Every way sends what one message says: as JSON, as a letter, or as lines of text."""
    sent, deliveries = [], made.subscriptions.deliveries

    class Catcher:
        def offered(self, _):
            return True

        def send(self, message, _):
            sent.append((message.party, message))
            return Answer("taken", text("caught"))

    for party in (*MAKERS, "agency"):
        person = made.people.add(f"Somebody for {party}")
        with made.programmes.database.writing() as session:
            made.people.join(session, NAME, party, person, (), person)
        wanted = WantedSubscription("webhook", "https://example.org/hook", scope="all")
        made.subscriptions.make(NAME, Reader(person, party), wanted)
    monkeypatch.setattr("covolt.workspace.outgoing.deliveries.messengers", lambda: {"webhook": Catcher()})
    made.comments.add(NAME, of("battery-works"), f"{SLOT}/mass", CANARY_SAID, ("battery-works",), "")
    with made.programmes.database.writing() as session:
        told = {"title": "Another", "changes": CHANGE_TOLD, "effects": [EFFECT]}
        made.programmes.tell(session, NAME, of("battery-works"), "merged", "proposal/1", told)
    while deliveries.step():
        pass
    assert {party for party, _ in sent} >= {"battery-works", "integrator", "agency"}
    for party, message in sent:
        said = json.dumps(message.plain()) + letter(message, "a@example.org", "b@example.org").as_string()
        said += message.lines() + message.subject
        assert told_of(said, own(party)) == set(), party
        assert CANARY_SAID not in said


def test_a_mirror_clone_holds_no_object_that_is_anothers(made, tmp_path):
    with asked_at(made) as matrix:
        for role, (headers, allowed) in roles_of(matrix).items():
            place = tmp_path / role.replace(" ", "-")
            place.mkdir()
            words = [one for name, value in headers.items() for one in ("-c", f"http.extraHeader={name}: {value}")]
            for which in ("programme", *MAKERS):
                where = f"{matrix.address}/git/{NAME}/{which}.git"
                said = git(place, *words, "clone", "--mirror", where, which, ok=None)
                assert told_of(said, set()) == set()
                if (place / which / "HEAD").is_file():
                    held = everything(place / which).decode("utf-8", "replace")
                    assert told_of(held, allowed) == set(), (role, which)
                    assert which in {"programme", role.removeprefix("for ")}
        assert (tmp_path / "for-battery-works/battery-works/HEAD").is_file()


@pytest.mark.parametrize("kind", ["conflicts", "settlement"])
def test_what_comes_of_jobs_is_for_each_party_what_it_may_see(made, kind):
    for party in ("integrator", "battery-works"):
        number = made.conflicts.ask(
            NAME, of(party), [tuple(one.values()) for one in TRIED if party == "integrator"], 4, kind
        )
        taken = made.jobs.take("here")
        folder = made.jobs.folder(taken)
        folder.mkdir(parents=True, mode=0o700)
        made.jobs.write_programme(taken, folder / "programme")
        Question(taken.kind, taken.party, taken.day, taken.asked).write(folder)
        run(folder)
        answer = answer_of(folder)
        problems = problems_of(folder)
        assert kind == "settlement" or answer is not None, problems
        documents = json.loads(answer)["documents"] if answer else {party: problems}
        for reader, document in documents.items():
            assert told_of(json.dumps(document), own(reader)) == set(), (kind, party, reader)
        ended = made.jobs.finish(taken, "here", answer) if answer else made.jobs.fail(taken, "here", problems)
        assert ended
        made.jobs.clear(taken)
        # Who acts for some slots alone sees less than the party does.
        few = Reader("another", party, frozenset({SLOT}))
        assert made.jobs.listed(NAME, few).jobs == ()
        with pytest.raises(NotFound):
            made.jobs.shown(NAME, number, few)
        with pytest.raises(NotFound):
            made.jobs.shown(NAME, number, of("drive-works"))
        with pytest.raises(Forbidden):
            made.conflicts.ask(NAME, few, [], 4, kind)


@pytest.mark.slow
def test_what_is_hidden_takes_as_long_as_what_is_not_there(made):
    """Of 200 interleaved requests each, neither kind is the quicker one more often than chance has it (Mann and Whitney)."""
    with asked_at(made) as matrix:
        stranger, other = matrix.person(), matrix.person(("drive-works", ()))
        theirs = {"Authorization": f"Bearer {other}", "Covolt-Party": "drive-works"}
        asked = (
            ({"Authorization": f"Bearer {stranger}"}, "{0}/verdicts", NAME, ABSENT),
            (theirs, NAME + "/requirements/{0}", "OWN-REQUIREMENT-INTEGRATOR", "OWN-REQUIREMENT-INTEGRATER"),
            (
                theirs,
                NAME + "/comments?address=requirement/{0}",
                "OWN-REQUIREMENT-INTEGRATOR",
                "OWN-REQUIREMENT-INTEGRATER",
            ),
            (theirs, NAME + "/jobs/{0}", "1", "7"),
        )
        for headers, path, hidden, absent in asked:
            took, answers = {hidden: [], absent: []}, {}
            for at in range(220):
                for name in (hidden, absent) if at % 2 else (absent, hidden):
                    began = time.perf_counter()
                    answer = matrix.client.get("/api/v1/programmes/" + path.format(name), headers=headers)
                    if at >= 20:
                        took[name].append(time.perf_counter() - began)
                    answers[name] = answer.status_code, answer.text.replace(name, "NAME")
            assert answers[hidden] == answers[absent], path
            assert answers[hidden][0] in {404, 422}, (path, answers)
            assert 0.35 < quicker_ratio(took[hidden], took[absent]) < 0.65, path
            apart = abs(statistics.median(took[hidden]) - statistics.median(took[absent]))
            assert apart < 0.2 * statistics.median(took[absent]) + 2e-4, path


def quicker_ratio(first, second):
    """Of all pairs of two samples those in which the first is the smaller."""
    return sum((one < two) + 0.5 * (one == two) for one in first for two in second) / (len(first) * len(second))
