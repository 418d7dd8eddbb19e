"""GraphiQL in a real browser, cut off from everything but the server."""

from collections.abc import Callable


def test_it_runs_completes_and_documents_offline(script: Callable[[str], None]) -> None:
    script("graphiql.mjs")
