"""What operators watch, in Prometheus' text format at /metrics."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from server.middleware import Lifecycle
from server.request_log import request_tally
from upstreams.redis.link import RedisLink
from upstreams.source.state import SourceState

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LAG_SECONDS = 0.5
_LAG_SAMPLES = 20
_BREAKER = {"CLOSED": 0, "HALF_OPEN": 1, "OPEN": 2}


class Metrics:
    """Counts of one process; no label holds anything a client can choose.

    It is the `Observer` of the upstreams.
    """

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
        self._calls = Histogram(
            "walletgraph_upstream_request_seconds",
            "Time of an attempt of a call, by how it ended: ok, or the code of its error.",
            ["source", "outcome"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._waits = Histogram(
            "walletgraph_upstream_wait_seconds",
            "Time from the first request for what a call brings until it leaves.",
            ["source"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._items = Histogram(
            "walletgraph_upstream_batch_size",
            "Wallets, accounts or assets in a call.",
            ["source"],
            buckets=(1, 2, 5, 10, 20, 50, 100),
            registry=self.registry,
        )
        self._lookups = Counter(
            "walletgraph_cache_lookups",
            "Answers of a kind that the cache had fresh or stale, or that were a miss.",
            ["kind", "result"],
            registry=self.registry,
        )
        self._lag = Gauge(
            "walletgraph_event_loop_lag_seconds",
            "How much later than asked for the event loop last woke up, the most in ten seconds.",
            registry=self.registry,
        )
        self._by_status: dict[int, Counter] = {}
        self._by_result: dict[tuple[str, str], Counter] = {}
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def built(self, version: str, sdl: str) -> None:
        """Tell which version runs, and which contract it serves, by a hash of the SDL."""
        info = Info("walletgraph_build", "What runs.", registry=self.registry)
        info.info({"version": version, "sdl_sha256": hashlib.sha256(sdl.encode()).hexdigest()[:12]})

    def answered(self, status: int, codes: list[str], seconds: float) -> None:
        counter = self._by_status.get(status)
        if counter is None:
            counter = self._by_status[status] = self._requests.labels(str(status))
        counter.inc()
        self._seconds.observe(seconds)
        for code in codes:
            self._errors.labels(code).inc()

    def called(self, source: str, outcome: str, seconds: float) -> None:
        self._calls.labels(source, outcome).observe(seconds)

    def left(self, source: str, seconds: float, size: int) -> None:
        self._waits.labels(source).observe(seconds)
        self._items.labels(source).observe(size)

    def looked_up(self, kind: str, result: str, number: int) -> None:
        tally = request_tally()
        if tally is not None:
            tally[result] = tally.get(result, 0) + number
        counter = self._by_result.get((kind, result))
        if counter is None:
            counter = self._by_result[kind, result] = self._lookups.labels(kind, result)
        counter.inc(number)

    async def watch_loop(self) -> None:
        """Measure how late the event loop wakes up, until cancelled."""
        worst: deque[float] = deque(maxlen=_LAG_SAMPLES)
        while True:
            due = perf_counter() + _LAG_SECONDS
            await asyncio.sleep(_LAG_SECONDS)
            worst.append(max(0.0, perf_counter() - due))
            self._lag.set(max(worst))

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
