"""`BatchQueue`: where calls queue for one upstream, and what fits together leaves together."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from contextvars import Context
from typing import Any, NamedTuple, TypeVar

from upstreams.deadline import deadline
from upstreams.errors import UpstreamError, UpstreamRateLimited, UpstreamUnavailable
from upstreams.observer import NOBODY, Observer
from upstreams.source.bisection import Bisection
from upstreams.source.breaker import PROBE_SECONDS, Outcome
from upstreams.source.fair_queue import Batch, BatchRequest, FairQueue, PendingItem
from upstreams.source.limiter import GuardedLimiter, LimiterFailed, NoPermitInTime
from upstreams.source.retry import RetryingCaller
from upstreams.source.single_flight import Fetch
from upstreams.source.tracing import call_span

__all__ = ["AskApart", "BatchQueue", "BatchRequest", "PendingItem"]

I = TypeVar("I", bound=Hashable)  # noqa: E741 - item, as R is result
R = TypeVar("R")


# For so many turns of the loop a call of a higher rank lets those come that leave before it: one
# operation asks for both, and the fields of the one may get there a few turns later.
HELD_BACK = 8


class AskApart(Exception):
    """Raised by `send`: these items must be asked for one at a time.

    `answers` has what can be said of each meanwhile: it is the answer to one that is refused a call
    of its own. With `all_alike` what waits of the same kind leaves one at a time too.
    """

    def __init__(self, answers: Mapping[Any, Any], *, all_alike: bool) -> None:
        super().__init__()
        self.answers = answers
        self.all_alike = all_alike


class Retry(NamedTuple):
    """A call that failed and waits for the permit of its next attempt."""

    future: asyncio.Future[None]
    until: float


class BatchQueue:
    """One call a permit, in the order of a FairQueue.

    Nothing waits for company: with a permit free, what was asked for together leaves at once.
    What cannot leave before its fetch's `until` is refused at once. A call for several items
    that is refused as wrong, or answered with what cannot be read, is asked again in halves, so
    that one of them costs the others time and no more.
    """

    def __init__(
        self,
        caller: RetryingCaller,
        limiter: GuardedLimiter,
        *,
        concurrency: int | None,
        seconds: float,
        observer: Observer = NOBODY,
    ) -> None:
        self.caller = caller
        self.limiter = limiter
        self.concurrency = concurrency
        self.merges = 0
        self._seconds = seconds
        self._observer = observer
        self._queue = FairQueue()
        self._retries: deque[Retry] = deque()
        self._under_way: set[Batch] = set()
        self._suspects = Bisection()
        self._pump: asyncio.Task[None] | None = None
        self._is_kick_due = False
        self._held_back = 0
        # A running mean of how long calls take, for when concurrency is what makes them wait.
        self._mean_seconds = 0.0

    @property
    def queue_length(self) -> int:
        """How many items wait for a call."""
        return sum(len(batch.items) for batch in self._queue)

    def refusal(
        self, request: BatchRequest[I, R], client: str, until: float
    ) -> UpstreamError | None:
        """Why an item cannot be asked for before `until` (loop time), if it cannot."""
        if self.caller.breaker.refuses():
            return self.caller.refusal()
        wait = self.wait(request, client)
        is_late = asyncio.get_running_loop().time() + wait > until
        return self.too_late(wait) if is_late else None

    def add(
        self,
        request: BatchRequest[I, R],
        item: I,
        client: str,
        fetch: Fetch[Any],
        settle: Callable[[R | Exception], None],
    ) -> PendingItem:
        """A place in a call for the item; see PendingItem for `settle`."""
        pending = PendingItem(self, item, client, fetch, settle)
        self._queue.add(request, pending, is_apart=self._suspects.has(request.group, item))
        self._kick_soon()
        return pending

    def leave(self, pending: PendingItem) -> None:
        """Give up an item, and its call with it if it was the last."""
        batch = pending.batch
        self._queue.remove(pending)
        if batch.items:
            return
        if batch.task is not None:
            batch.task.cancel()
        elif self._pump is not None and not self._has_work():
            self._pump.cancel()

    def hasten(self, pending: PendingItem, client: str) -> None:
        """Another client wants the same: it is served with whoever is served sooner."""
        self._queue.hasten(pending, client)

    def wait(self, request: BatchRequest[I, R], client: str, more: int = 0) -> float:
        """Seconds until an item would leave, with `more` of its group coming before it."""
        return self._wait_behind(self._queue.ahead(request, client, more))

    def wait_of(self, pending: PendingItem) -> float:
        """Seconds until an item's call leaves: 0 when it has."""
        if not pending.batch.is_waiting:
            return 0.0
        # Never 0 for what is still here, however wrong the forecast was.
        return max(0.1, self._wait_behind(self._queue.index(pending.batch)))

    def _wait_behind(self, ahead: int) -> float:
        ahead += len(self._retries)
        wait = self.limiter.wait(ahead)
        if self.concurrency is not None:
            rounds = (len(self._under_way) + ahead) // self.concurrency
            wait = max(wait, rounds * self._mean_seconds)
        return wait

    def too_late(self, wait: float) -> UpstreamRateLimited:
        """The refusal of what could not be asked in time, with the wait in seconds."""
        source = self.caller.source
        return UpstreamRateLimited(
            f"Rate limit reached: the {source} upstream has no capacity before the deadline.",
            source=source,
            retry_after=max(0.1, round(wait, 1)),
        )

    def pause(self, seconds: float) -> None:
        """The upstream wants no call for so long: refuse now whoever cannot wait till then."""
        self.limiter.pause(seconds)
        self._refuse_late(0.0)

    async def aclose(self) -> None:
        """Cancel all calls; what waits for them is cancelled by its fetches."""
        tasks = [batch.task for batch in self._under_way if batch.task]
        tasks += [self._pump] if self._pump else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _has_work(self) -> bool:
        if self.caller.breaker.is_awaited:
            return False
        # Once the upstream has said that it is asked too often, one call finds out whether it
        # still says so. Whoever waits to try again is not among those.
        if self.caller.was_limited and len(self._under_way) > len(self._retries):
            return False
        if self._retries:
            return True
        if not self._queue:
            return False
        return self.concurrency is None or len(self._under_way) < self.concurrency

    def _kick_soon(self) -> None:
        # Not now: what is asked for together must be queued together before the first call leaves.
        if not self._is_kick_due:
            self._is_kick_due = True
            asyncio.get_running_loop().call_soon(self._kick)

    def _kick(self) -> None:
        self._is_kick_due = False
        if self._pump is not None:
            return
        if self._queue and self._queue.first.request.rank and self._held_back < HELD_BACK:
            self._held_back += 1
            self._kick_soon()
            return
        self._held_back = 0
        breaker = self.caller.breaker
        while self._has_work() and not breaker.refuses() and self.limiter.take():
            self._depart()
        if breaker.refuses():
            self._refuse_all(self.caller.refusal())
        if self._has_work():
            self._pump = asyncio.create_task(self._wait_for_permits(), context=Context())

    async def _wait_for_permits(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._has_work():
                try:
                    await self.limiter.permit(self._latest() - loop.time())
                except NoPermitInTime as late:
                    if not self._refuse_late(late.wait):
                        # The budget says one thing and foretells another: go by what it says.
                        self._refuse_first(late.wait)
                except LimiterFailed:
                    refusal = self._uncounted()
                    for retry in list(self._retries):
                        self._refuse_retry(retry, refusal)
                    self._refuse_all(refusal)
                else:
                    self._depart()
                if self.caller.breaker.refuses():
                    self._refuse_all(self.caller.refusal())
        finally:
            self._pump = None
            # Work may have come between the cancellation of this task and now.
            if self._has_work():
                self._kick_soon()

    def _latest(self) -> float:
        """Until when the next to leave can wait."""
        if self._retries:
            return self._retries[0].until
        return max(pending.fetch.until for pending in self._queue.first.items.values())

    def _refuse_late(self, at_least: float) -> bool:
        """Refuse whoever cannot wait for his turn, none of which comes sooner than `at_least`.

        Whether there was anybody.
        """
        now = asyncio.get_running_loop().time()
        has_refused = False
        for ahead, retry in enumerate(list(self._retries)):
            wait = max(at_least, self.limiter.wait(ahead))
            if retry.until < now + wait:
                self._refuse_retry(retry, self.too_late(wait))
                has_refused = True
        for ahead, batch in enumerate(list(self._queue)):
            wait = max(at_least, self.limiter.wait(ahead))
            for pending in list(batch.items.values()):
                if pending.fetch.until < now + wait:
                    self._queue.remove(pending)
                    pending.settle(self.too_late(wait))
                    has_refused = True
        return has_refused

    def _refuse_first(self, wait: float) -> None:
        if self._retries:
            self._refuse_retry(self._retries[0], self.too_late(wait))
        elif self._queue:
            self._refuse(self._queue.first, self.too_late(wait))

    def _depart(self) -> None:
        """Use one permit: for the retry that has waited longest, else for the first call."""
        while self._retries:
            future = self._retries.popleft().future
            if not future.done():
                future.set_result(None)
                return
        if not self._queue:
            return
        generation = self.caller.breaker.enter()
        if generation is None:
            return
        if self.caller.breaker.is_awaited:
            asyncio.get_running_loop().call_later(PROBE_SECONDS, self._give_up, generation)
        batch = self._queue.pop()
        self._under_way.add(batch)
        self.merges += len(batch.items) - 1
        loop = asyncio.get_running_loop()
        batch.task = loop.create_task(self._run(batch, generation), context=Context())
        batch.task.add_done_callback(lambda _: self._ended(batch, generation))

    def _give_up(self, generation: int) -> None:
        """Refuse whoever waits for a probe, unless it has ended."""
        self.caller.breaker.give_up(generation)
        if self.caller.breaker.refuses():
            self._refuse_all(self.caller.refusal())

    async def _run(self, batch: Batch, generation: int) -> None:
        loop = asyncio.get_running_loop()
        items = list(batch.items)
        started = loop.time()
        until = started + self._seconds
        fetches = [each.fetch for each in batch.items.values()]
        wait = max(0.0, started - min(fetch.began for fetch in fetches))
        self._observer.left(self.caller.source, wait, len(items))
        span = call_span(
            self.caller.source,
            [fetch.asker for fetch in fetches],
            wait=wait,
            size=len(items),
            is_refresh=all(fetch.is_kept for fetch in fetches),
        )
        try:
            with deadline(self._seconds), span:
                answers = await self.caller.call(
                    lambda: batch.request.send(items), lambda: self._retry_permit(until), generation
                )
        except UpstreamError as error:
            if self._ask_in_halves(batch, error):
                return
            answers = dict.fromkeys(items, error)
        except AskApart as apart:
            self._take_apart(batch, apart)
            return
        else:
            self._suspects.clear(batch)
        finally:
            self._mean_seconds += 0.2 * (loop.time() - started - self._mean_seconds)
        for pending in batch.items.values():
            pending.settle(answers[pending.item])
        if self.caller.breaker.refuses():
            self._refuse_all(self.caller.refusal())

    def _ask_in_halves(self, batch: Batch, error: UpstreamError) -> bool:
        """Ask again for the halves of what was refused as a whole, unless it is beyond doubt."""
        parts = self._suspects.parts(batch, error)
        if parts:
            self._queue.add_parts([(batch, part) for part in parts], batch.refused)
            self._refuse_late(0.0)
        elif batch.refused is not None and batch.refused.is_given_up:
            for other in [each for each in self._queue if each.refused is batch.refused]:
                self._refuse(other, error)
        return bool(parts)

    def _take_apart(self, batch: Batch, apart: AskApart) -> None:
        """Ask for a call's items one by one, each with what is known of it so far."""
        for pending in batch.items.values():
            if (answer := apart.answers.get(pending.item)) is not None:
                pending.settle = _settling_for(answer, pending.settle)
        alike = batch.request.send if apart.all_alike else None
        waiting = [each for each in self._queue if each.request.send == alike]
        parts = [(each, [pending]) for each in [batch, *waiting] for pending in each.items.values()]
        for each in waiting:
            self._queue.discard(each)
        self._queue.add_parts(parts)
        self._refuse_late(0.0)

    async def _retry_permit(self, until: float) -> None:
        retry = Retry(asyncio.get_running_loop().create_future(), until)
        self._retries.append(retry)
        self._kick_soon()
        try:
            await retry.future
        finally:
            # Still there if this call was cancelled while it waited.
            if retry in self._retries:
                self._retries.remove(retry)

    def _uncounted(self) -> UpstreamUnavailable:
        source = self.caller.source
        return UpstreamUnavailable(
            f"The {source} upstream cannot be asked: this service's rate limiter has failed.",
            source=source,
        )

    def _refuse_all(self, refusal: UpstreamError) -> None:
        """Nothing that waits will be asked: the breaker is open, or the budget has failed."""
        while self._queue:
            self._refuse(self._queue.first, refusal)
        if self._pump is not None and not self._has_work():
            self._pump.cancel()

    def _refuse(self, batch: Batch, refusal: UpstreamError) -> None:
        self._queue.discard(batch)
        for pending in batch.items.values():
            pending.settle(refusal)

    def _refuse_retry(self, retry: Retry, refusal: UpstreamError) -> None:
        self._retries.remove(retry)
        if not retry.future.done():
            retry.future.set_exception(refusal)

    def _ended(self, batch: Batch, generation: int) -> None:
        # A task cancelled before its first step has not left by itself; leaving twice is no harm.
        self.caller.breaker.leave(generation, Outcome.UNKNOWN)
        self._under_way.discard(batch)
        task = batch.task
        if task is not None and not task.cancelled() and (defect := task.exception()) is not None:
            for pending in batch.items.values():
                pending.settle(defect)
        # Items and their call hold each other, and with them the answers.
        batch.items.clear()
        if self._has_work():
            self._kick_soon()


def _settling_for(answer: Any, settle: Callable[[Any], None]) -> Callable[[Any], None]:
    """A `settle` to which an answer is better than no other."""
    return lambda found: settle(answer if isinstance(found, UpstreamError) else found)
