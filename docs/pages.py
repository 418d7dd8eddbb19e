"""`python docs/pages.py TARGET`: copies the pages, and each file that they link to, for the site.

Everything keeps its place, so that the links in a checkout are those of the site.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def linked(page: Path) -> list[Path]:
    """The files of the repository that a page links to, or shows."""
    text = _FENCE.sub("", page.read_text())
    return [(page.parent / target).resolve() for target in _LINK.findall(text)]


def copied(target: Path) -> set[Path]:
    """What was copied, beginning with the README and following every link."""
    found: set[Path] = set()
    waiting = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    while waiting:
        path = waiting.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        place = target / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
        if path.suffix == ".md":
            waiting += linked(path)
    return found


if __name__ == "__main__":
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    copied(Path(sys.argv[1]))
