"""The histograms of durations that OpenTelemetry's conventions name."""

from opentelemetry import metrics
from opentelemetry.metrics import Histogram

from upstreams.version import VERSION

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


def durations(name: str, of: str) -> Histogram:
    """Seconds, sorted as the conventions sort them; nothing unless the SDK is configured."""
    return metrics.get_meter("walletgraph", VERSION).create_histogram(
        name,
        unit="s",
        description=f"Duration of {of}.",
        explicit_bucket_boundaries_advisory=_BOUNDS,
    )
