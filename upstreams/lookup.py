"""`Lookup`: the work of a flight that asks the cache of all replicas before it queues a call."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context
from typing import Any, Generic, TypeVar

from upstreams.errors import UpstreamError
from upstreams.flight import Flight
from upstreams.merge import Desk, Errand, Seat

R = TypeVar("R")

_MOST_CLIENTS = 20


class Lookup(Generic[R]):
    """What `begin` starts as a task of its own, which lands nothing; see flight.Work."""

    def __init__(
        self,
        desk: Desk,
        errand: Errand[Any, R],
        item: Hashable,
        client: str,
        flight: Flight[Any],
    ) -> None:
        self._desk = desk
        self._clients = [client]
        self._errand = errand
        self._item = item
        self._flight = flight
        self._seat: Seat | None = None
        self._task: asyncio.Task[Any]

    def begin(self, fetching: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run what looks the item up and may `ask` for it; it belongs to no request."""
        self._task = asyncio.create_task(fetching, context=Context())
        return self._task

    async def ask(self) -> R | UpstreamError:
        """The upstream's answer, or why it could not be asked."""
        refusal: UpstreamError | None = None
        for client in self._clients:
            refusal = self._desk.refusal(self._errand, client, self._flight.until)
            if refusal is None:
                break
        if refusal is not None:
            return refusal
        future: asyncio.Future[R | Exception] = asyncio.get_running_loop().create_future()
        first, *others = self._clients
        self._seat = self._desk.seat(
            self._errand, self._item, first, self._flight, _settling(future)
        )
        for client in others:
            self._seat.hasten(client)
        answer = await future
        if isinstance(answer, Exception) and not isinstance(answer, UpstreamError):
            raise answer
        return answer

    def wait(self) -> float:
        return 0.0 if self._seat is None else self._seat.wait()

    def hasten(self, client: str) -> None:
        if self._seat is not None:
            self._seat.hasten(client)
        elif client not in self._clients and len(self._clients) < _MOST_CLIENTS:
            self._clients.append(client)

    def stop(self) -> None:
        if self._seat is not None:
            self._seat.stop()
        self._task.cancel()


def _settling(future: asyncio.Future[R | Exception]) -> Callable[[R | Exception], None]:
    def settle(answer: R | Exception) -> None:
        if not future.done():
            future.set_result(answer)

    return settle
