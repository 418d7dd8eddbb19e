"""`Desk`: where calls queue for one upstream, and what fits together leaves together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextvars import Context
from typing import Any, Generic, NamedTuple, TypeVar

from upstreams.breaker import Verdict
from upstreams.budget import Budget, TooLate
from upstreams.deadline import deadline
from upstreams.errors import UpstreamError, UpstreamRateLimited
from upstreams.flight import Flight
from upstreams.retry import Caller

I = TypeVar("I", bound=Hashable)  # noqa: E741 - item, as R is result
R = TypeVar("R")


class Errand(NamedTuple, Generic[I, R]):
    """A kind of call: items of one `group` may share a call, up to `most`, made by `send`.

    `send` gets the items and answers each of them.
    """

    group: Hashable
    most: int
    send: Callable[[list[I]], Awaitable[Mapping[I, R]]]


class AskApart(Exception):
    """Raised by `send`: this kind of call must be made for one item at a time."""


class Seat:
    """One item's place in a call, wanted till its flight's `until`.

    `settle` gets the item's answer, or an UpstreamError, or a defect of ours. It may be called
    again, to no effect, and not at all once the seat was given up.
    """

    __slots__ = ("batch", "flight", "item", "settle")

    def __init__(
        self,
        item: Hashable,
        batch: "Batch",
        flight: Flight[Any],
        settle: Callable[[Any], None],
    ) -> None:
        self.item = item
        self.batch = batch
        self.flight = flight
        self.settle = settle

    def wait(self) -> float:
        """Seconds until its call leaves: 0 when it has."""
        return self.batch.desk.wait_of(self.batch)

    def stop(self) -> None:
        """Give it up."""
        self.batch.desk.leave(self)


class Batch:
    """The seats of one call to be; it leaves when its turn comes, full or not."""

    __slots__ = ("desk", "errand", "seats", "task")

    def __init__(self, desk: "Desk", errand: Errand[Any, Any]) -> None:
        self.desk = desk
        self.errand = errand
        self.seats: dict[Hashable, Seat] = {}
        self.task: asyncio.Task[None] | None = None


class Retry(NamedTuple):
    """A call that failed and waits for the permit of its next attempt."""

    future: asyncio.Future[None]
    until: float


class Desk:
    """First come, first served, across groups and requests: one call a permit.

    An item joins the last waiting call of its group if that has a free seat, else it opens a new
    one at the queue's end. Nothing waits for company: with a permit free, what was asked for
    together leaves at once. What cannot leave before its flight's `until` is refused at once.
    """

    def __init__(
        self, caller: Caller, budget: Budget, *, concurrency: int | None, seconds: float
    ) -> None:
        self.caller = caller
        self.budget = budget
        self.concurrency = concurrency
        self.merges = 0
        self._seconds = seconds
        self._queue: deque[Batch] = deque()
        self._open: dict[Hashable, Batch] = {}
        self._retries: deque[Retry] = deque()
        self._under_way: set[Batch] = set()
        self._pump: asyncio.Task[None] | None = None
        self._is_kick_due = False
        # A running mean of how long calls take, for when concurrency is what makes them wait.
        self._mean_seconds = 0.0

    @property
    def queue_length(self) -> int:
        """How many items wait for a call."""
        return sum(len(batch.seats) for batch in self._queue)

    def refusal(self, errand: Errand[I, R], until: float) -> UpstreamError | None:
        """Why an item cannot be asked for before `until` (loop time), if it cannot."""
        if self.caller.breaker.refuses():
            return self.caller.refusal()
        wait = self.wait(errand)
        is_late = asyncio.get_running_loop().time() + wait > until
        return self.too_late(wait) if is_late else None

    def seat(
        self,
        errand: Errand[I, R],
        item: I,
        flight: Flight[Any],
        settle: Callable[[R | Exception], None],
    ) -> Seat:
        """A place in the next call that has one free; see Seat for `settle`."""
        batch = self._open.get(errand.group)
        if batch is None or len(batch.seats) >= errand.most or item in batch.seats:
            batch = self._open[errand.group] = Batch(self, errand)
            self._queue.append(batch)
        seat = batch.seats[item] = Seat(item, batch, flight, settle)
        self._kick_soon()
        return seat

    def leave(self, seat: Seat) -> None:
        """Give up a seat, and its call with it if it was the last."""
        batch = seat.batch
        batch.seats.pop(seat.item, None)
        if batch.seats:
            return
        if batch.task is not None:
            batch.task.cancel()
            return
        self._discard(batch)
        if self._pump is not None and not self._has_work():
            self._pump.cancel()

    def wait(self, errand: Errand[I, R], more: int = 0) -> float:
        """Seconds until an item would leave, with `more` of its group coming before it."""
        batch = self._open.get(errand.group)
        free = 0 if batch is None else errand.most - len(batch.seats)
        if batch is not None and more < free:
            ahead = self._queue.index(batch)
        else:
            ahead = len(self._queue) + (more - max(0, free)) // errand.most
        return self._wait_behind(ahead)

    def wait_of(self, batch: Batch) -> float:
        """Seconds until a call leaves: 0 when it has."""
        if batch not in self._queue:
            return 0.0
        # Never 0 for what is still here, however wrong the forecast was.
        return max(0.1, self._wait_behind(self._queue.index(batch)))

    def _wait_behind(self, ahead: int) -> float:
        ahead += len(self._retries)
        wait = self.budget.wait(ahead)
        if self.concurrency is not None:
            rounds = (len(self._under_way) + ahead) // self.concurrency
            wait = max(wait, rounds * self._mean_seconds)
        return wait

    def too_late(self, wait: float) -> UpstreamRateLimited:
        """The refusal of what could not be asked in time, with the wait in seconds."""
        source = self.caller.source
        return UpstreamRateLimited(
            f"The {source} upstream's calls are spoken for longer than this operation may take.",
            source=source,
            retry_after=max(0.1, round(wait, 1)),
        )

    def close(self, seconds: float) -> None:
        """The upstream wants no call for so long: refuse now whoever cannot wait till then."""
        self.budget.close(seconds)
        self._refuse_late(0.0)

    async def aclose(self) -> None:
        """Cancel all calls; what waits for them is cancelled by its flights."""
        tasks = [batch.task for batch in self._under_way if batch.task]
        tasks += [self._pump] if self._pump else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _discard(self, batch: Batch) -> None:
        if batch in self._queue:
            self._queue.remove(batch)
        if self._open.get(batch.errand.group) is batch:
            del self._open[batch.errand.group]

    def _has_work(self) -> bool:
        if self._retries:
            return True
        if not self._queue:
            return False
        return self.concurrency is None or len(self._under_way) < self.concurrency

    def _kick_soon(self) -> None:
        # Not now: what is asked for together must be seated together before the first call leaves.
        if not self._is_kick_due:
            self._is_kick_due = True
            asyncio.get_running_loop().call_soon(self._kick)

    def _kick(self) -> None:
        self._is_kick_due = False
        if self._pump is not None:
            return
        breaker = self.caller.breaker
        while self._has_work() and not breaker.refuses() and self.budget.take():
            self._depart()
        if breaker.refuses():
            self._refuse_all()
        if self._has_work():
            self._pump = asyncio.create_task(self._wait_for_permits(), context=Context())

    async def _wait_for_permits(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._has_work():
                try:
                    await self.budget.permit(self._latest() - loop.time())
                except TooLate as late:
                    self._refuse_late(late.wait)
                else:
                    self._depart()
                if self.caller.breaker.refuses():
                    self._refuse_all()
        finally:
            self._pump = None
            # Work may have come between the cancellation of this task and now.
            if self._has_work():
                self._kick_soon()

    def _latest(self) -> float:
        """Until when the next to leave can wait."""
        if self._retries:
            return self._retries[0].until
        return max(seat.flight.until for seat in self._queue[0].seats.values())

    def _refuse_late(self, at_least: float) -> None:
        """Refuse whoever cannot wait for his turn, none of which comes sooner than `at_least`."""
        now = asyncio.get_running_loop().time()
        for ahead, retry in enumerate(list(self._retries)):
            wait = max(at_least, self.budget.wait(ahead))
            if retry.until < now + wait:
                self._retries.remove(retry)
                if not retry.future.done():
                    retry.future.set_exception(self.too_late(wait))
        for ahead, batch in enumerate(list(self._queue)):
            wait = max(at_least, self.budget.wait(ahead))
            for seat in [seat for seat in batch.seats.values() if seat.flight.until < now + wait]:
                del batch.seats[seat.item]
                seat.settle(self.too_late(wait))
            if not batch.seats:
                self._discard(batch)

    def _depart(self) -> None:
        """Use one permit: for the retry that has waited longest, else for the first call."""
        while self._retries:
            future = self._retries.popleft().future
            if not future.done():
                future.set_result(None)
                return
        if not self._queue:
            return
        batch = self._queue[0]
        era = self.caller.breaker.enter()
        if era is None:
            return
        self._discard(batch)
        self._under_way.add(batch)
        self.merges += len(batch.seats) - 1
        loop = asyncio.get_running_loop()
        batch.task = loop.create_task(self._run(batch, era), context=Context())
        batch.task.add_done_callback(lambda _: self._ended(batch, era))

    async def _run(self, batch: Batch, era: int) -> None:
        loop = asyncio.get_running_loop()
        items = list(batch.seats)
        started = loop.time()
        until = started + self._seconds
        try:
            with deadline(self._seconds):
                answers = await self.caller.call(
                    lambda: batch.errand.send(items), lambda: self._retry_permit(until), era
                )
        except UpstreamError as error:
            answers = dict.fromkeys(items, error)
        except AskApart:
            self._take_apart(batch)
            return
        finally:
            self._mean_seconds += 0.2 * (loop.time() - started - self._mean_seconds)
        for seat in batch.seats.values():
            seat.settle(answers[seat.item])
        if self.caller.breaker.refuses():
            self._refuse_all()

    def _take_apart(self, batch: Batch) -> None:
        """Queue a call's items one by one at the front, and take apart what waits of its kind."""
        waiting = [batch, *self._queue]
        self._queue.clear()
        self._open.clear()
        for each in waiting:
            if each.errand.send != batch.errand.send:
                self._queue.append(each)
                continue
            for seat in each.seats.values():
                alone = seat.batch = Batch(self, each.errand._replace(most=1))
                alone.seats[seat.item] = seat
                self._queue.append(alone)
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

    def _refuse_all(self) -> None:
        """While the breaker is open nothing that waits will be asked."""
        refusal = self.caller.refusal()
        while self._queue:
            batch = self._queue[0]
            self._discard(batch)
            for seat in batch.seats.values():
                seat.settle(refusal)
        if self._pump is not None and not self._has_work():
            self._pump.cancel()

    def _ended(self, batch: Batch, era: int) -> None:
        # A task cancelled before its first step has not left by itself; leaving twice is no harm.
        self.caller.breaker.leave(era, Verdict.UNKNOWN)
        self._under_way.discard(batch)
        task = batch.task
        if task is not None and not task.cancelled() and (defect := task.exception()) is not None:
            for seat in batch.seats.values():
                seat.settle(defect)
        # Seats and their call hold each other, and with them the answers.
        batch.seats.clear()
        if self._has_work():
            self._kick_soon()
