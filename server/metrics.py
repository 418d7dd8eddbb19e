"""What operators watch, in Prometheus' text format at /metrics."""

import asyncio
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from server.shell import Lifecycle
from upstreams.redis_link import RedisLink
from upstreams.state import SourceState

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_BREAKER = {"CLOSED": 0, "HALF_OPEN": 1, "OPEN": 2}


class Metrics:
    """Counts of one process; no label holds anything a client can choose."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        sources: Callable[[], Iterable[SourceState]],
        links: Callable[[], Iterable[RedisLink]] = tuple,
    ) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Live(lifecycle, sources))
        self.registry.register(_Redis(links))
        self._requests = Counter(
            "walletgraph_requests", "GraphQL requests answered.", ["status"], registry=self.registry
        )
        self._errors = Counter(
            "walletgraph_errors", "Errors in answers.", ["code"], registry=self.registry
        )
        self._seconds = Histogram(
            "walletgraph_request_seconds",
            "Time from the request's headers to its answer.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._by_status: dict[int, Counter] = {}

    def answered(self, status: int, codes: list[str], seconds: float) -> None:
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._by_status[status] = self._requests.labels(str(status))
        counter.inc()
        self._seconds.observe(seconds)
        for code in codes:
            self._errors.labels(code).inc()

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Live(Collector):
    """Figures that are read when they are asked for."""

    def __init__(self, lifecycle: Lifecycle, sources: Callable[[], Iterable[SourceState]]) -> None:
        self._lifecycle = lifecycle
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "walletgraph_in_flight", "GraphQL requests being served.", self._lifecycle.in_flight
        )
        yield GaugeMetricFamily(
            "walletgraph_tasks", "Tasks of the event loop.", len(asyncio.all_tasks())
        )
        calls = CounterMetricFamily(
            "walletgraph_upstream_calls", "Calls made to an upstream.", labels=["source"]
        )
        merges = CounterMetricFamily(
            "walletgraph_upstream_merges", "Calls saved by merging.", labels=["source"]
        )
        failures = CounterMetricFamily(
            "walletgraph_upstream_budget_failures",
            "Failures of the budget of calls itself.",
            labels=["source"],
        )
        gauges = {
            "permits_left": "Calls that could leave this instant.",
            "queue_length": "Calls waiting for a permit.",
            "breaker": "Circuit breaker: 0 closed, 1 half open, 2 open.",
            "oldest_served_seconds": "Greatest age of an answer served.",
        }
        families = {
            name: GaugeMetricFamily(f"walletgraph_upstream_{name}", text, labels=["source"])
            for name, text in gauges.items()
        }
        for state in self._sources():
            calls.add_metric([state.name], state.calls)
            merges.add_metric([state.name], state.merges)
            failures.add_metric([state.name], state.budget_failures)
            for name, family in families.items():
                value = getattr(state, name)
                family.add_metric([state.name], _BREAKER[value] if name == "breaker" else value)
        yield calls
        yield merges
        yield failures
        yield from families.values()


class _Redis(Collector):
    """Whether Redis works, by what it is used for; nothing where none is configured."""

    def __init__(self, links: Callable[[], Iterable[RedisLink]]) -> None:
        self._links = links

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "walletgraph_redis_up", "Whether the last commands had replies.", labels=["link"]
        )
        failures = CounterMetricFamily(
            "walletgraph_redis_failures", "Commands without a usable reply.", labels=["link"]
        )
        for link in self._links():
            up.add_metric([link.name], float(link.problem is None))
            failures.add_metric([link.name], link.failures)
        yield up
        yield failures
