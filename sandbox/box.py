"""All upstreams in one place: the applications, the calls they got, the faults they play."""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.algod import algod_app
from sandbox.calls import Calls
from sandbox.chain import BLOCK_SECONDS
from sandbox.faults import Faults
from sandbox.oneinch import Shape, oneinch_app
from sandbox.prices import PRICES_PATHS, prices_app


class Sandbox:
    """1inch, algod and price providers, played by applications that need no key and no network.

    `oneinch`, `algod`, `prices`: one application each; `app`: all on one port (their paths do not
    clash).
    `calls`: what was asked, in order. `faults`: what shall go wrong.

    `shape`: rows of tokens/snapshot as documented, or in the envelope and with the keys that live
    answers were observed to have. `zero_owner`: whether native coins name the zero address as
    their owner (by default they do in the observed shape only). `require_key`: the 1inch key
    without which the answer is 401; `require_token`: algod's. `rps`: calls a second before 1inch
    answers 429, measured by `clock` in seconds; `gzip`: whether algod
    compresses what it sends to callers that accept it; `block_seconds`: how long whoever asks
    algod for the next block waits for it. Everything else follows from the question alone.
    """

    def __init__(
        self,
        shape: Shape = "documented",
        require_key: str | None = None,
        require_token: str | None = None,
        rps: float | None = None,
        *,
        zero_owner: bool | None = None,
        gzip: bool = False,
        block_seconds: float = BLOCK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.calls = Calls()
        self.faults = Faults()
        self.oneinch = oneinch_app(
            shape=shape,
            zero_owner=shape == "observed" if zero_owner is None else zero_owner,
            key=require_key,
            rps=rps,
            clock=clock,
            calls=self.calls,
            faults=self.faults,
        )
        self.algod = algod_app(
            token=require_token,
            gzip=gzip,
            calls=self.calls,
            faults=self.faults,
            block_seconds=block_seconds,
        )
        self.prices = prices_app(calls=self.calls, faults=self.faults)
        self.app = _any_of(self.oneinch, self.algod, self.prices)


def _any_of(oneinch: ASGIApp, algod: ASGIApp, prices: ASGIApp) -> ASGIApp:
    # A function and not a method, which uvicorn would call as ASGI 2.
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path.startswith(("/portfolio/", "/token/")):
            await oneinch(scope, receive, send)
        elif path.startswith(PRICES_PATHS):
            await prices(scope, receive, send)
        else:
            await algod(scope, receive, send)

    return app
