"""The real application on an in-process sandbox, spoken to over HTTP."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox import Sandbox
from server.app import create_app
from server.settings import Settings

ONEINCH = "/portfolio/"
SNAPSHOT = "/portfolio/portfolio/v5.0/tokens/snapshot"
PROTOCOLS = "/portfolio/portfolio/v5.0/protocols/snapshot"
CHART = "/portfolio/portfolio/v5.0/general/chart"
STATUS = "/portfolio/portfolio/v5.0/general/status"

# Nothing is paced unless a test is about pacing.
FAST: Mapping[str, Any] = {"oneinch_rps": 1e6, "algod_rps": 1e6, "algorand_prices_rps": 1e6}


def snapshots(count: int) -> dict[str, int]:
    """So many calls for what is in wallets, and as many for what they have in protocols."""
    return {SNAPSHOT: count, PROTOCOLS: count}


@dataclass(frozen=True, slots=True)
class Graph:
    """A running graph: `ask` sends one operation, `calls` counts what its upstreams were asked."""

    http: httpx.AsyncClient
    box: Sandbox

    async def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        body = {"query": query, "variables": variables or {}, **more}
        answer: dict[str, Any] = (await self.http.post("/graphql", json=body)).json()
        return answer

    async def data(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data of an operation that must not fail anywhere."""
        answer = await self.ask(query, variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def calls(self) -> dict[str, int]:
        """How many calls each path got since the start, or since `forget`."""
        return dict(Counter(call.path for call in self.box.calls))

    def forget(self) -> None:
        self.box.calls.clear()


@asynccontextmanager
async def running(
    box: Sandbox | None = None, settings: Mapping[str, str] | None = None, **upstreams: Any
) -> AsyncIterator[Graph]:
    """The application on a sandbox; `upstreams` replaces fields of the upstreams' configuration."""
    box = box or Sandbox()
    app = create_app(
        Settings.from_env(dict(settings or {})),
        upstreams={
            **FAST,
            "oneinch_transport": httpx.ASGITransport(box.oneinch),
            "algod_transport": httpx.ASGITransport(box.algod),
            "prices_transport": httpx.ASGITransport(box.prices),
            **upstreams,
        },
    )
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://graph") as http:
            yield Graph(http, box)


def codes(answer: Mapping[str, Any]) -> list[tuple[list[Any], str]]:
    """The path and code of each error of an answer, in order of path."""
    found = [(error.get("path", []), error["extensions"]["code"]) for error in answer["errors"]]
    return sorted(found, key=lambda item: [str(part) for part in item[0]])
