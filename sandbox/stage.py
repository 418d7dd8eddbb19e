"""What stands before each application: it counts the call, then plays a fault if asked to."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.calls import Call, Calls
from sandbox.faults import Fault, Faults, SandboxReset
from sandbox.replies import Headers, Reply, captured

Gate = Callable[[Call, dict[str, str]], Reply | None]


class Stage:
    """ASGI middleware. `gate`, given the call and its headers, may refuse it with a reply."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        calls: Calls,
        faults: Faults,
        gate: Gate = lambda call, headers: None,
        stamp: Callable[[], Headers] = lambda: (),
    ) -> None:
        self._app = app
        self._calls = calls
        self._faults = faults
        self._gate = gate
        self._stamp = stamp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = Call.of(scope)
        self._calls.record(call)
        send = self._stamped(send)
        fault = self._faults.take(call.path)
        if fault is not None:
            await self._play(fault, call, scope, receive, send)
            return
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._gate(call, headers)
        if refusal is not None:
            await refusal.send(send)
            return
        await self._app(scope, receive, send)

    def _stamped(self, send: Send) -> Send:
        extra = (("x-sandbox", "walletgraph"), *self._stamp())
        pairs = [(name.encode(), value.encode()) for name, value in extra]

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *pairs]
            await send(message)

        return stamped

    async def _play(
        self, fault: Fault, call: Call, scope: Scope, receive: Receive, send: Send
    ) -> None:
        await asyncio.sleep(fault.wait)
        reply = fault.reply or await captured(self._app, scope, receive)
        if fault.edit is not None:
            reply = replace(reply, body=fault.edit(reply.body, call))
        if fault.content_type is not None:
            reply = replace(reply, content_type=fault.content_type)
        if not fault.cut and fault.drip is None:
            await reply.send(send)
            return
        await send(reply.start())
        if fault.cut:
            half = reply.body[: len(reply.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            raise SandboxReset("the sandbox broke off in the middle of a body")
        for place in range(len(reply.body)):
            one = reply.body[place : place + 1]
            await send({"type": "http.response.body", "body": one, "more_body": True})
            await asyncio.sleep(fault.drip or 0.0)
        await send({"type": "http.response.body", "body": b""})
