"""What the server tells about itself: whether it is ready, its log, its telemetry; nothing that somebody sent stands in these."""

import io
import json
import logging
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from covolt.errors import Unavailable
from covolt.workspace import health, telemetry
from covolt.workspace.application import application
from covolt.workspace.logs import begin_logs
from covolt.workspace.telemetry import Telemetry, telemetry_of

CANARY = "canary-8154-secret"
NAME = "small-car"


@pytest.fixture
def lines():
    """What the log writes, an object a line."""
    root, own = logging.getLogger(), logging.getLogger("covolt")
    before = root.handlers[:], root.level, own.level
    stream = io.StringIO()
    begin_logs(stream)
    yield lambda: [json.loads(one) for one in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before[0], before[1]
    root.setLevel(before[1])
    own.setLevel(before[2])


def asked_with_canaries(client):
    """Every place in which somebody can send something, each with the canary in it."""
    headers = {"Authorization": f"Bearer {CANARY}", "Cookie": f"session={CANARY}", "Covolt-Party": CANARY}
    client.get(f"/api/v1/programmes/{NAME}?token={CANARY}", headers=headers)
    client.get(f"/api/v1/programmes/{CANARY}?party=battery-works")
    client.get(f"/api/v1/{CANARY}")
    client.get(f"/en/{CANARY}?party={CANARY}")
    client.post(f"/api/v1/programmes/{NAME}/subscriptions", json={"kind": CANARY, "target": CANARY, "secret": CANARY})
    client.post(f"/api/v1/programmes/{NAME}/subscriptions", content=CANARY)
    client.post("/api/v1/session", json={"word": CANARY})
    number = {"slot": "battery", "number": "mass", "value": CANARY}
    client.post(f"/api/v1/programmes/{NAME}/what-if", json={"changes": [number]})
    client.post(f"/api/v1/programmes/{NAME}/proposals", json={"changes": [number], "title": CANARY, "reason": CANARY})
    client.request(CANARY.replace("-", ""), f"/api/v1/programmes/{NAME}")


def test_it_is_ready_where_database_git_and_disk_work_whatever_name_it_is_asked_by(own_records, workspace):
    workspace.answers_at("127.0.0.1:8600")
    client = TestClient(application(workspace), base_url="http://10.1.2.3")
    assert client.get("/health/live").json() == {"live": True}
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, dict.fromkeys(("ready", "database", "git", "disk"), True))
    assert client.get("/api/v1/programmes").status_code == 403


@pytest.mark.parametrize("lost", ["database", "git", "disk"])
def test_it_is_not_ready_where_one_of_them_does_not(own_records, workspace, monkeypatch, tmp_path, lost):
    client = TestClient(application(workspace))
    if lost == "git":
        monkeypatch.setenv("PATH", str(tmp_path))
    elif lost == "disk":
        workspace.programmes.home = tmp_path / "gone"
    else:

        def reading():
            raise OSError(CANARY)

        monkeypatch.setattr(workspace.programmes.database, "reading", reading)
    answer = client.get("/health/ready")
    told = answer.json()
    assert answer.status_code == 503
    assert {name for name, works in told.items() if not works} == {"ready", lost}
    assert CANARY not in answer.text
    assert client.get("/health/live").status_code == 200


def test_the_disk_is_written_and_nothing_stays(tmp_path):
    health._disk(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_line_of_the_log_has_the_id_of_its_answer_and_the_pattern_of_its_door(own_records, workspace, lines):
    client = TestClient(application(workspace))
    first, second = client.get(f"/api/v1/programmes/{NAME}"), client.get("/api/v1/programmes/none")
    told = [one for one in lines() if one["message"] == "request"]
    assert [one["request"] for one in told] == [first.headers["x-request-id"], second.headers["x-request-id"]]
    assert [(one["route"], one["status"], one["method"]) for one in told] == [
        ("/api/v1/programmes/{name}", 200, "GET"),
        ("/api/v1/programmes/{name}", 404, "GET"),
    ]
    assert told[0]["request"] != told[1]["request"]


def test_nothing_that_was_sent_stands_in_the_log(own_records, workspace, lines):
    app = application(workspace)

    @app.get("/fault/{word}")
    def fault(word: str):
        raise RuntimeError(f"no such thing: {word}")

    app.router.routes.insert(0, app.router.routes.pop())
    client = TestClient(app, raise_server_exceptions=False)
    asked_with_canaries(client)
    assert client.get(f"/fault/{CANARY}").status_code == 500
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in %s", CANARY)
        logging.getLogger("covolt.outgoing").exception("a delivery failed", extra={"target": CANARY})
    logging.getLogger("httpx2").error("POST /bot%s/sendMessage", CANARY)
    found = lines()
    assert CANARY not in json.dumps(found)
    assert {one["error"] for one in found if "error" in one} == {"ValueError"}
    assert len([one for one in found if one["message"] == "request"]) == 11
    assert any(one.get("route") == "/fault/{word}" and one["status"] == 500 for one in found)


@pytest.fixture
def measured():
    pytest.importorskip("opentelemetry.sdk", reason="covolt[telemetry] is not installed")
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    traces = TracerProvider()
    traces.add_span_processor(SimpleSpanProcessor(spans))
    return SimpleNamespace(telemetry=Telemetry(traces, MeterProvider([reader])), spans=spans, reader=reader)


def test_spans_and_metrics_bear_doors_and_nothing_that_was_sent(own_records, workspace, measured):
    client = TestClient(application(workspace, measured.telemetry))
    asked_with_canaries(client)
    client.get(f"/api/v1/programmes/{NAME}/feed?party=battery-works")
    measured.telemetry.delivered("webhook", "taken")
    spans = measured.spans.get_finished_spans()
    assert spans[-1].name == "GET /api/v1/programmes/{name}/feed"
    assert dict(spans[-1].attributes) == {
        "http.request.method": "GET", "http.response.status_code": 200, "http.route": "/api/v1/programmes/{name}/feed",
    }  # fmt: skip
    told = "".join(one.to_json() for one in spans) + measured.reader.get_metrics_data().to_json()
    for secret in (CANARY, CANARY.replace("-", ""), NAME, "battery-works"):
        assert secret not in told
    for name in ("http.server.request.duration", "covolt.deliveries"):
        assert name in told


def test_telemetry_is_off_unless_it_is_asked_for(monkeypatch):
    assert telemetry_of({}) is None
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    assert telemetry_of({**asked, "OTEL_SDK_DISABLED": "true"}) is None
    monkeypatch.setattr(telemetry, "find_spec", lambda _: None)
    with pytest.raises(Unavailable):
        telemetry_of(asked)
