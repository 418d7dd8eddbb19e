"""A page of `docs/`, followed to the letter: its files are written, its commands run."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.programs import output_of
from tests.tools import need, node_modules

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# What the pages call the graph, as `make run` serves it.
SERVED = "http://127.0.0.1:8000"
_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what language, which file it is, if it is one, and its text."""

    language: str
    path: str | None
    text: str


def blocks(page: str) -> Iterator[Block]:
    text = (ROOT / "docs" / page).read_text()
    for language, path, body in _FENCE.findall(text):
        yield Block(language, path or None, body)


def follow(page: str, url: str, project: Path) -> None:
    """Do what a page says, in its order, in an empty folder beside a copy of the repository.

    A `text` block is what the commands before it print. Packages are those of `tests/clients`.
    """
    project.mkdir()
    (project.parent / "walletgraph").symlink_to(ROOT)
    (project / "node_modules").symlink_to(node_modules(HERE))
    printed = ""
    for block in blocks(page):
        text = block.text.replace(SERVED, url)
        if block.path is not None:
            target = project / block.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        elif block.language == "sh":
            printed = run(text, project)
        elif block.language == "text":
            assert printed.endswith(text), f"{page} promises\n{text}\nand this came:\n{printed}"


def run(commands: str, project: Path) -> str:
    """What shell commands print, standard error included; a failure is the test's."""
    lines = [line for line in commands.splitlines() if not line.startswith("npm install")]
    return output_of(
        ["sh", "-eu", "-c", "\n".join(lines)],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1", "CI": "1", "npm_config_offline": "true"},
        seconds=400,
    )


def installed(page: str) -> set[str]:
    """The packages a page tells its readers to install."""
    need("npm")
    lines = [line for block in blocks(page) for line in block.text.splitlines()]
    commands = [line.split()[2:] for line in lines if line.startswith("npm install")]
    return {word for words in commands for word in words if not word.startswith("-")}
