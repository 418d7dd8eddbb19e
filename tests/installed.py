"""The built wheel, installed as someone would who has no checkout."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
PACKAGES = [name.removesuffix("*") for name in SETUPTOOLS["packages"]["find"]["include"]]
_FILES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "walletgraph.py")
_UV = str(Path(sys.executable).with_name("uv"))


def copy_source(target: Path, pages: Path | None) -> Path:
    """What the build reads, in a folder of its own, with the built pages or without."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _FILES:
        shutil.copy(ROOT / name, target / name)
    if pages is not None:
        shutil.copytree(pages, target / "web" / "dist")
    return target


def build(source: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Build with the locked tools, as `make wheel` does."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    return subprocess.run(
        [*command, "-w", str(source / "dist"), *arguments, str(source)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


class Environment:
    """A virtual environment with the locked packages, and the command in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.command = str(self.bin / "walletgraph")
        self._uv("venv", "-q", "--python", sys.executable, str(folder))
        self.install("--require-hashes", "-r", str(ROOT / "requirements.lock"))

    def install(self, *arguments: str) -> None:
        """Install that and nothing else."""
        self._uv("pip", "install", "-q", "--no-deps", *arguments)

    def uninstall(self, name: str) -> None:
        """Take a distribution away again."""
        self._uv("pip", "uninstall", "-q", name)

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run the command to its end."""
        return subprocess.run(
            [self.command, *arguments],
            env={"PATH": str(self.bin), **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _uv(self, *arguments: str) -> None:
        environ = {**os.environ, "VIRTUAL_ENV": str(self.folder)}
        subprocess.run([_UV, *arguments], env=environ, check=True, timeout=300)
