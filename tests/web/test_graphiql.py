"""GraphiQL in a real browser, cut off from everything but the server."""

from collections.abc import Callable


def test_it_runs_completes_and_documents_offline(in_browser: Callable[[str], None]) -> None:
    in_browser("graphiql.mjs")
