"""The graph on an upstream that answers as it is told."""

import json
from typing import Any

from tests.graph import Graph, running
from tests.upstreams.stage import Stage, row, wallet
from tests.upstreams.wire import reply

ONE, TWO = wallet(1), wallet(2)
HELD = {"chain": 1, "address": wallet(7), "decimals": 6, "symbol": "T", "amount": 2, "price_usd": 3}


def snapshot(body: str) -> Stage:
    """An upstream with that one answer about what is in wallets, which have nothing elsewhere."""
    raw = body.encode("utf-8", "surrogateescape")
    stage = Stage()
    stage.script = lambda call: reply(raw) if call.path.endswith("/tokens/snapshot") else None
    return stage


def rows(*texts: str) -> str:
    return f"[{','.join(texts)}]"


def text(owner: str, index: str = "0x01", **more: Any) -> str:
    return json.dumps(row(owner, index, **more))


async def positions(body: str, fields: str, executor: str = "compiled", arguments: str = "") -> Any:
    """The fields of a wallet's positions where the upstream gives that answer."""
    settings = {"EXECUTOR": executor}
    async with running(settings=settings, oneinch_transport=snapshot(body)) as graph:
        return await shown_by(graph, fields, arguments)


async def shown_by(graph: Graph, fields: str, arguments: str = "") -> Any:
    """The fields of that wallet's positions."""
    query = f'{{ wallet(address: "{ONE}") {{ positions{arguments} {{ {fields} }} }} }}'
    return (await graph.data(query))["wallet"]["positions"]
