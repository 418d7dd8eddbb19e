"""Alert rules and the Grafana dashboard: they parse, and ask for metrics that there are."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import DEMO_WALLETS, Fault, Sandbox
from tests.graph import ONEINCH, running
from tests.tools import need

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD: dict[str, Any] = json.loads(
    (ROOT / "deploy" / "grafana" / "walletgraph.json").read_text()
)
RULES: list[dict[str, Any]] = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
PANELS = [each["expr"] for panel in DASHBOARD["panels"] for each in panel["targets"]]
# What Grafana puts in by itself.
_VARIABLES = {"$__rate_interval": "5m", "$job": ".*"}


def test_prometheus_takes_the_alert_rules() -> None:
    done = subprocess.run(
        [need("promtool"), "check", "rules", ALERTS], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rules found" in done.stdout


def test_prometheus_takes_what_the_dashboard_asks(tmp_path: Path) -> None:
    rules = []
    for number, expression in enumerate(PANELS):
        for name, value in _VARIABLES.items():
            expression = expression.replace(name, value)
        assert "$" not in expression
        rules.append({"record": f"panel:{number}", "expr": expression})
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))

    done = subprocess.run(
        [need("promtool"), "check", "rules", file], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


async def test_every_metric_they_ask_for_is_there() -> None:
    box = Sandbox()
    box.faults.add(ONEINCH, Fault.status(401))
    async with running(box) as graph:
        query = "query ($a: String!) { wallet(address: $a) { netWorthUsd } }"
        await graph.ask(query, {"a": DEMO_WALLETS["typical"]})
        shown = (await graph.http.get("/metrics")).text
    there = set(re.findall(r"^([a-z_]+)[ {]", shown, flags=re.MULTILINE))
    # Prometheus' own, and those of Redis, which is not configured here.
    there |= {"up", "walletgraph_redis_up"}
    asked = {
        name
        for expression in (*PANELS, *(rule["expr"] for rule in RULES))
        for name in re.findall(r"\b((?:walletgraph|process)_\w+)", expression)
    }

    assert len(asked) > 10
    assert asked - there == set()


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_every_alert_is_explained(rule: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text()

    assert f"`{rule['alert']}`" in page
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert rule["annotations"]["summary"].endswith((".", "key.", "calls.", "alone."))
