"""The pages as a site: it builds without a warning, and no link in it leads nowhere."""

import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import yaml

from tests.programs import output_of

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "mkdocs.yml", base)
    output_of([sys.executable, ROOT / "docs" / "pages.py", base / "build" / "pages"], seconds=60)
    zensical = Path(sys.executable).with_name("zensical")
    printed = output_of([zensical, "build", "--strict"], cwd=base, seconds=120)
    assert "No issues found" in printed
    return base / "build" / "site"


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text()
    named = set(re.findall(r": (\S+\.md)$", text, re.MULTILINE))
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
    other = {"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "supergraph/README.md"}
    assert named == pages | other
    assert yaml.safe_load(text)["site_name"] == "Walletgraph"


def test_no_link_leads_nowhere(site: Path) -> None:
    broken = []
    for page in site.rglob("*.html"):
        base = f"/{page.relative_to(site).as_posix()}"
        for target in re.findall(r'(?:href|src)="?([^"\s>]+)', page.read_text()):
            parts = urlsplit(urljoin(base, target))
            if parts.scheme or page.name == "404.html":
                continue
            place = site / parts.path.lstrip("/")
            is_there = place.is_file() or (place / "index.html").is_file()
            # Files of the repository that a page links to are there as well, but no whole folders.
            if not is_there and not (ROOT / parts.path.lstrip("/")).is_dir():
                broken.append((base, target))
    assert broken == []


def test_no_page_says_to_load_from_another_host(site: Path) -> None:
    loaded = set()
    for page in site.rglob("*.html"):
        loaded |= set(
            re.findall(
                r'<(?:script|img|link)[^>]+(?:src|href)="?(https?:[^"\s>]+)', page.read_text()
            )
        )
    assert loaded == set()
