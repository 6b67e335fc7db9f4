"""Traces and metrics of the server by OpenTelemetry, where `covolt[telemetry]` is there and OTEL_* says whereto; else nothing.

Spans and metrics bear the pattern of a door, its method and status, and the kind and outcome of a delivery: no path, no query, no
header, no name of a programme, a party or a person.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from importlib.util import find_spec
from time import monotonic
from typing import Any, final

from covolt.errors import Problem, Unavailable
from covolt.words import text
from covolt.workspace.logs import App, Receive, Scope, Send, route_of

__all__ = ["Telemetry", "Traced", "telemetry_of"]

WANTED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@final
class Telemetry:
    """What is measured.

    Args:
        traces: provider of tracers of OpenTelemetry.
        metrics: provider of its meters.
    """

    def __init__(self, traces: Any, metrics: Any) -> None:
        self._traces, self._metrics = traces, metrics
        meter = metrics.get_meter("covolt")
        self.tracer = traces.get_tracer("covolt")
        self._duration_s = meter.create_histogram(
            "http.server.request.duration", unit="s", description="how long an answer takes"
        )
        self._deliveries = meter.create_counter(
            "covolt.deliveries", unit="{attempt}", description="attempts to send a message"
        )

    def answered(self, told: Mapping[str, str | int], duration_s: float) -> None:
        """Count an answer."""
        self._duration_s.record(duration_s, told)

    def delivered(self, kind: str, outcome: str) -> None:
        """Count an attempt to send a message."""
        self._deliveries.add(1, {"covolt.kind": kind, "covolt.outcome": outcome})

    def close(self) -> None:
        """Hand over what is not handed over yet."""
        self._traces.shutdown()
        self._metrics.shutdown()


def telemetry_of(environment: Mapping[str, str]) -> Telemetry | None:
    """Telemetry as the variables of OpenTelemetry ask for it; None where none names an endpoint.

    Raises:
        Unavailable: it is asked for, and what it takes is not installed.
    """
    wanted = [name for name in WANTED if environment.get(name)]
    if not wanted or environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if find_spec("opentelemetry.sdk") is None:
        hint = text("install covolt[telemetry]")
        raise Unavailable(Problem(text("OpenTelemetry is asked for and not installed"), wanted[0], hint))
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": environment.get("OTEL_SERVICE_NAME") or "covolt"})
    traces = TracerProvider(resource=resource)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Telemetry(traces, MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=resource))


@final
class Traced:
    """A span for every request, called after its door."""

    def __init__(self, app: App, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s, status = monotonic(), 500

        async def noted(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        # Nothing of an error goes along by itself: its text may hold what was sent.
        with self._telemetry.tracer.start_as_current_span(
            "request", record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                await self._app(scope, receive, noted)
            finally:
                method = scope["method"] if scope["method"] in METHODS else "_OTHER"
                told = {"http.request.method": method, "http.response.status_code": status}
                if route := route_of(scope):
                    told["http.route"] = route
                span.update_name(f"{method} {route}".strip())
                span.set_attributes(told)
                self._telemetry.answered(told, monotonic() - began_s)
