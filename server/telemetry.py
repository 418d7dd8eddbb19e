"""Whether OpenTelemetry's own variables ask for traces and figures, and for which exporter."""

import importlib
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from urllib.parse import unquote

from server.settings import SettingsError

_EXPORTERS = ("otlp", "console", "none")
_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_{}_HEADERS")
_SIGNALS = ("TRACES", "METRICS")


def exporting(environ: Mapping[str, str]) -> AbstractContextManager[None]:
    """Export what is asked for as long as it is entered; SettingsError where that cannot be.

    The SDK is imported only then: it takes some 12 MB.
    """
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return nullcontext()
    spans, figures = (_exporter(environ, signal) for signal in _SIGNALS)
    if spans == figures == "none":
        return nullcontext()
    try:
        otlp = importlib.import_module("server.otlp")
    except ModuleNotFoundError:
        raise SettingsError(
            [
                "OTEL_* variables ask for telemetry, and OpenTelemetry's SDK is not installed: "
                "pip install 'walletgraph[telemetry]'"
            ]
        ) from None
    exporter: AbstractContextManager[None] = otlp.exporting(spans, figures)
    return exporter


def secrets(environ: Mapping[str, str]) -> list[str]:
    """What the collector's headers hold, which no log line may."""
    names = {name.format(signal) for name in _HEADERS for signal in _SIGNALS}
    pairs = [pair for name in names for pair in environ.get(name, "").split(",")]
    values = [pair.partition("=")[2].strip() for pair in pairs]
    # A shorter one cannot be told from the words around it.
    return [form for value in values if len(value) >= 4 for form in {value, unquote(value)}]


def _exporter(environ: Mapping[str, str], signal: str) -> str:
    name = f"OTEL_{signal}_EXPORTER"
    asked = environ.get(name, "").strip()
    endpoints = (_ENDPOINT, f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    if not asked:
        asked = "otlp" if any(environ.get(each, "").strip() for each in endpoints) else "none"
    if asked not in _EXPORTERS:
        raise SettingsError([f"{name} must be otlp, console or none, got {asked!r}"])
    for each in ("OTEL_EXPORTER_OTLP_PROTOCOL", f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"):
        protocol = environ.get(each, "").strip()
        if asked == "otlp" and protocol not in ("", "http/protobuf"):
            raise SettingsError([f"{each} must be http/protobuf, got {protocol!r}"])
    return asked
