"""One span for every upstream call, tied to all operations that wait for its answer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode

from upstreams.errors import UpstreamError
from upstreams.version import VERSION

# Does nothing unless the process has configured OpenTelemetry's SDK.
_TRACER = trace.get_tracer("walletgraph", VERSION)


def asker() -> SpanContext:
    """The span of whoever asks now; an invalid one where nothing is traced."""
    return trace.get_current_span().get_span_context()


@contextmanager
def call_span(
    source: str, askers: Iterable[SpanContext], *, wait: float, size: int, is_refresh: bool
) -> Iterator[None]:
    """The span of a call for `size` items, the first of which waited `wait` seconds for it.

    It is a child of the first asker's, and linked to the others': one call serves many operations.
    `is_refresh`: nobody waits for it, as all were answered with what was kept. Nothing in it names
    what was asked for, which is why the address has no more than the endpoint's template.
    """
    traced = {each.span_id: each for each in askers if each.is_valid}
    first, *others = traced.values() or (None,)
    parent = Context()
    if first is not None:
        parent = trace.set_span_in_context(NonRecordingSpan(first), parent)
    with _TRACER.start_as_current_span(
        "GET",
        context=parent,
        kind=SpanKind.CLIENT,
        links=[Link(each) for each in others],
        attributes={
            "http.request.method": "GET",
            "walletgraph.source": source,
            "walletgraph.wait": wait,
            "walletgraph.batch.size": size,
            "walletgraph.cache.result": "stale" if is_refresh else "miss",
        },
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except UpstreamError as error:
            span.set_attribute("error.type", error.code)
            span.set_status(Status(StatusCode.ERROR))
            raise


def attempt_failed(number: int, error: UpstreamError) -> None:
    """Note on the call's span that its attempt of that number, from 1, ended so."""
    trace.get_current_span().add_event(
        "attempt failed", {"walletgraph.attempt": number, "error.type": error.code}
    )


def attempt_begins(number: int) -> None:
    """Note on the call's span that it is sent again."""
    trace.get_current_span().set_attribute("http.request.resend_count", number - 1)
