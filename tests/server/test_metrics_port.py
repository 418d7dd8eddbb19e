"""Metrics on a port of their own."""

import socket

import httpx

from server.listener import listen
from server.metrics_port import metrics_served


async def test_it_answers_with_the_text_of_the_moment_and_nothing_else() -> None:
    texts = iter([b"a 1\n", b"a 2\n"])
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    async with (
        metrics_served(listener, lambda: next(texts)),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        first, second = await http.get("/metrics"), await http.get("/metrics")
        assert (first.text, second.text) == ("a 1\n", "a 2\n")
        assert first.headers["content-type"].startswith("text/plain; version=")
        assert (await http.get("/")).status_code == 404
        assert (await http.post("/metrics")).status_code == 405

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
