"""The peers in JavaScript: what they need is installed from the lock file when first measured."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bench.processes import KINDS

FOLDER = Path(__file__).parent


def startable(names: Sequence[str]) -> Sequence[str]:
    """Those that can be started here; makes what the ones in JavaScript need."""
    needing = [kind.name for kind in KINDS if kind.is_node and kind.name in names]
    if not needing:
        return names
    if shutil.which("node") is None or shutil.which("npm") is None:
        click.echo(f"Left out, as there is no Node.js: {', '.join(needing)}", err=True)
        return [name for name in names if name not in needing]
    install_peers()
    return names


def install_peers() -> None:
    """Install the packages of the lock file, unless they are those installed last."""
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / ".bench-installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=FOLDER, check=True, stdout=sys.stderr)
        stamp.write_text(wanted)
