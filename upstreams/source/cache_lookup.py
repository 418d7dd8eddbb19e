"""`CacheLookup`: the work of a fetch that asks the shared cache before it queues a call."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context
from typing import Any, Generic, TypeVar

from upstreams.errors import UpstreamError
from upstreams.source.batch_queue import BatchQueue, BatchRequest, PendingItem
from upstreams.source.single_flight import Fetch

R = TypeVar("R")

_MOST_CLIENTS = 20


class CacheLookup(Generic[R]):
    """What `begin` starts as a task of its own, which ends no fetch; see `FetchWork`."""

    def __init__(
        self,
        queue: BatchQueue,
        request: BatchRequest[Any, R],
        item: Hashable,
        client: str,
        fetch: Fetch[Any],
    ) -> None:
        self._queue = queue
        self._clients = [client]
        self._request = request
        self._item = item
        self._fetch = fetch
        self._pending: PendingItem | None = None
        self._task: asyncio.Task[Any]

    def begin(self, fetching: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run what looks the item up and may `ask` for it; it belongs to no request."""
        self._task = asyncio.create_task(fetching, context=Context())
        return self._task

    async def ask(self) -> R | UpstreamError:
        """The upstream's answer, or why it could not be asked."""
        refusal: UpstreamError | None = None
        for client in self._clients:
            refusal = self._queue.refusal(self._request, client, self._fetch.until)
            if refusal is None:
                break
        if refusal is not None:
            return refusal
        future: asyncio.Future[R | Exception] = asyncio.get_running_loop().create_future()
        first, *others = self._clients
        self._pending = self._queue.add(
            self._request, self._item, first, self._fetch, _settling(future)
        )
        for client in others:
            self._pending.hasten(client)
        answer = await future
        if isinstance(answer, Exception) and not isinstance(answer, UpstreamError):
            raise answer
        return answer

    def wait(self) -> float:
        return 0.0 if self._pending is None else self._pending.wait()

    def hasten(self, client: str) -> None:
        if self._pending is not None:
            self._pending.hasten(client)
        elif client not in self._clients and len(self._clients) < _MOST_CLIENTS:
            self._clients.append(client)

    def stop(self) -> None:
        if self._pending is not None:
            self._pending.stop()
        self._task.cancel()


def _settling(future: asyncio.Future[R | Exception]) -> Callable[[R | Exception], None]:
    def settle(answer: R | Exception) -> None:
        if not future.done():
            future.set_result(answer)

    return settle
