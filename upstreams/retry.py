"""`Caller`: makes one upstream call, again where that is safe, useful and affordable."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from upstreams.breaker import Breaker, Verdict
from upstreams.deadline import remaining
from upstreams.errors import (
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnavailable,
)

ATTEMPTS = 3
# The longest that a 429 keeps calls back, whatever it says. Then one call finds out.
CLOSED_SECONDS = 60.0
_FIRST_WAIT = 0.1
_LONGEST_WAIT = 1.0
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


class Caller:
    """Calls of one upstream: behind its breaker, retried by stamina within a budget.

    Retried are errors marked transient (not reached, 502, 503, 504, a known 500) and a 429 that
    says when to come back, if that is within the deadline. Every attempt after the first waits
    for a permit of its own. A 429 closes the upstream's budget through `close`; `was_limited` says
    whether the last call ended so.
    """

    def __init__(self, source: str, breaker: Breaker, close: Callable[[float], None]) -> None:
        self.source = source
        self.breaker = breaker
        self.calls = 0
        self.last_error: str | None = None
        self._close = close
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
        self, ask: Callable[[], Awaitable[T]], permit: Callable[[], Awaitable[None]], era: int
    ) -> T:
        """The answer to `ask`, whose first attempt the breaker let in as `era`.

        Raises the last attempt's UpstreamError.
        """
        self._budget.deposit()
        try:
            return await self._attempt(ask, era)
        except UpstreamError as error:
            if not self._backoff(error):
                raise
            first = error
        async for attempt in stamina.retry_context(
            on=self._spend,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=_FIRST_WAIT,
            wait_jitter=_FIRST_WAIT,
            wait_max=_LONGEST_WAIT,
        ):
            with attempt:
                # Stamina's set-up costs more than a call that goes well, so it is told of the
                # first failure instead of seeing it.
                if attempt.num == 1:
                    raise first
                await permit()
                again = self.breaker.enter()
                if again is None:
                    raise self.refusal()
                return await self._attempt(ask, again)
        raise AssertionError("stamina always returns or raises")  # pragma: no cover

    async def _attempt(self, ask: Callable[[], Awaitable[T]], era: int) -> T:
        self.calls += 1
        verdict = Verdict.UNKNOWN
        try:
            answer = await ask()
            verdict = Verdict.GOOD
            self.was_limited = False
        except UpstreamError as error:
            verdict = _verdict(error)
            self.last_error = error.code
            self.was_limited = error.status == 429
            if self.was_limited:
                wait = _UNSTATED_WAIT if error.retry_after is None else error.retry_after
                self._close(min(wait, CLOSED_SECONDS))
            raise
        finally:
            self.breaker.leave(era, verdict)
        return answer

    def _backoff(self, error: Exception) -> bool | float:
        """Whether to try again, and after how many seconds where the upstream said so."""
        if not isinstance(error, UpstreamError) or not error.is_transient:
            return False
        left = remaining()
        wait = error.retry_after
        if isinstance(error, UpstreamRateLimited) and wait is None:
            return False
        if left is not None and left <= (wait or 0.0) + _FIRST_WAIT:
            return False
        return True if wait is None else wait + _FIRST_WAIT

    def _spend(self, error: Exception) -> bool | float:
        backoff = self._backoff(error)
        return backoff if backoff and self._budget.spend() else False


def _verdict(error: UpstreamError) -> Verdict:
    """Only no answer, none in time, or a 5xx says that the service is down.

    Whatever else an answer holds is its content: anyone can put strange content into a wallet.
    """
    is_down = isinstance(error, UpstreamTimeout | UpstreamUnavailable)
    return Verdict.BAD if is_down else Verdict.ALIVE
