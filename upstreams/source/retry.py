"""`RetryingCaller`: makes one upstream call, again where that is safe, useful and affordable."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import TypeVar

from upstreams.deadline import remaining
from upstreams.errors import (
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from upstreams.observer import NOBODY, Observer
from upstreams.source.breaker import Breaker, Outcome
from upstreams.source.tracing import attempt_begins, attempt_failed

ATTEMPTS = 3
# The longest that a 429 keeps calls back, whatever it says. Then one call finds out.
CLOSED_SECONDS = 60.0
_FIRST_WAIT = 0.1
# What a 429 without Retry-After closes the budget for.
_UNSTATED_WAIT = 1.0

T = TypeVar("T")


class RetryBudget:
    """At most a tenth of the calls may be retries, besides a few that quiet times may need."""

    def __init__(self, share: float = 0.1, floor: float = 3.0, most: float = 10.0) -> None:
        self._share = share
        self._most = most
        self._tokens = floor

    def deposit(self) -> None:
        """A first attempt was made."""
        self._tokens = min(self._most, self._tokens + self._share)

    def spend(self) -> bool:
        """Take one retry; False where none is left."""
        # A hair below 1, because ten tenths as floats are less than one.
        if self._tokens < 0.999:
            return False
        self._tokens -= 1.0
        return True


class RetryingCaller:
    """Calls of one upstream: behind its breaker, retried within a budget.

    Retried are errors marked transient (not reached, 502, 503, 504, a known 500) and a 429 that
    says when to come back, if that is within the deadline. Every attempt after the first waits
    for a permit of its own. A 429 closes the upstream's budget through `pause`; `was_limited` says
    whether the last call ended so.
    """

    def __init__(
        self,
        source: str,
        breaker: Breaker,
        pause: Callable[[float], None],
        observer: Observer = NOBODY,
    ) -> None:
        self.source = source
        self.breaker = breaker
        self.calls = 0
        self.last_error: str | None = None
        self._pause = pause
        self._observer = observer
        self._budget = RetryBudget()
        self.was_limited = False

    def refusal(self) -> UpstreamUnavailable:
        """What is answered, without a call, while the breaker is open."""
        return UpstreamUnavailable(
            f"The {self.source} upstream keeps failing and is being left alone for a moment.",
            source=self.source,
            retry_after=max(0.1, round(self.breaker.wait(), 1)),
        )

    async def call(
        self,
        ask: Callable[[], Awaitable[T]],
        permit: Callable[[], Awaitable[None]],
        generation: int,
    ) -> T:
        """The answer to `ask`, whose first attempt the breaker let in as `generation`.

        Raises the last attempt's UpstreamError.
        """
        self._budget.deposit()
        number = 1
        while True:
            try:
                return await self._attempt(ask, generation)
            except UpstreamError as error:
                wait = self._backoff(error, number)
                if wait is None or not self._budget.spend():
                    raise
                attempt_failed(number, error)
            await asyncio.sleep(wait)
            await permit()
            again = self.breaker.enter()
            if again is None:
                raise self.refusal()
            generation = again
            number += 1
            attempt_begins(number)

    async def _attempt(self, ask: Callable[[], Awaitable[T]], generation: int) -> T:
        self.calls += 1
        outcome, said = Outcome.UNKNOWN, "cancelled"
        started = perf_counter()
        try:
            answer = await ask()
            outcome, said = Outcome.GOOD, "ok"
            self.was_limited = False
        except UpstreamError as error:
            outcome, said = _outcome(error), error.code
            self.last_error = said
            self.was_limited = error.status == 429
            if self.was_limited:
                wait = _UNSTATED_WAIT if error.retry_after is None else error.retry_after
                self._pause(min(wait, CLOSED_SECONDS))
            raise
        finally:
            self.breaker.leave(generation, outcome)
            self._observer.called(self.source, said, perf_counter() - started)
        return answer

    def _backoff(self, error: UpstreamError, number: int) -> float | None:
        """Seconds till the attempt after that number, from 1; None where there is to be none."""
        if number == ATTEMPTS or not error.is_transient:
            return None
        told = error.retry_after
        if isinstance(error, UpstreamRateLimited) and told is None:
            return None
        left = remaining()
        if left is not None and left <= (told or 0.0) + _FIRST_WAIT:
            return None
        if told is not None:
            return told + _FIRST_WAIT
        # Jitter, so that those who failed together do not come back together.
        return _FIRST_WAIT * ((1 << number - 1) + random.random())  # noqa: S311 - no secret


def _outcome(error: UpstreamError) -> Outcome:
    """Only no answer, none in time, or a 5xx says that the service is down.

    Whatever else an answer holds is its content: anyone can put strange content into a wallet.
    """
    is_down = isinstance(error, UpstreamTimeout | UpstreamUnavailable)
    return Outcome.BAD if is_down else Outcome.ALIVE
