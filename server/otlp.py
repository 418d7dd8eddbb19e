"""OpenTelemetry's SDK as its own `OTEL_*` variables configure it; needs the extra `telemetry`."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

from upstreams.version import VERSION

_SPANS: Mapping[str, Callable[[], Any]] = {"otlp": OTLPSpanExporter, "console": ConsoleSpanExporter}
_METRICS: Mapping[str, Callable[[], Any]] = {
    "otlp": OTLPMetricExporter,
    "console": ConsoleMetricExporter,
}


@contextmanager
def exporting(spans: str, figures: str) -> Iterator[None]:
    """Send spans and durations to these exporters (otlp, console or none) until the process ends.

    Where to, which part of them, and as what service is what the SDK reads from the environment.
    """
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "walletgraph"}
    resource = Resource.create({**named, "service.version": VERSION})
    tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
    if spans in _SPANS:
        tracers.add_span_processor(BatchSpanProcessor(_SPANS[spans]()))
    readers = []
    if figures in _METRICS:
        readers.append(PeriodicExportingMetricReader(_METRICS[figures]()))
    meters = MeterProvider(readers, resource=resource, shutdown_on_exit=False)
    if spans in _SPANS:
        trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(meters)
    try:
        yield
    finally:
        tracers.shutdown()
        meters.shutdown()
