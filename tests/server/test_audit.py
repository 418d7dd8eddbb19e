"""GraphQL over HTTP as its own audit sees it, run against a real server."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.server.process import serving
from tests.tools import need, node_modules

pytestmark = pytest.mark.slow

NODE = Path(__file__).parent.parent / "node"


def test_the_graphql_http_audit_passes_whole() -> None:
    node = need("node")
    node_modules(NODE)
    with serving() as (_, port):
        run = subprocess.run(
            [node, str(NODE / "audit.mjs"), f"http://127.0.0.1:{port}/graphql"],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    results = json.loads(run.stdout)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61
