"""The package for other front ends: unit tests, generated files, and Apollo Client itself."""

from collections.abc import Callable
from pathlib import Path

from sandbox import DEMO_ACCOUNTS, DEMO_WALLETS
from tests.programs import output_of
from tests.tools import need


def _npm(packages: Path, *command: str) -> None:
    output_of([need("npm"), "--silent", *command], cwd=packages, seconds=400)


def test_decimals_and_addresses(packages: Path) -> None:
    _npm(packages, "run", "test")


def test_generated_files_are_current_and_types_hold(packages: Path) -> None:
    _npm(packages, "run", "check")


def test_apollo_client_in_node_and_across_origins(in_browser: Callable[[str], None]) -> None:
    in_browser("apollo.mjs")


def test_the_lock_file_names_no_host(packages: Path) -> None:
    assert "resolved" not in (packages / "package-lock.json").read_text()


def test_demo_wallets_are_the_sandboxs(packages: Path) -> None:
    known = {*DEMO_WALLETS.values(), *DEMO_ACCOUNTS.values()}
    for path in ("src/demo.ts", "scripts/graphiql.mjs"):
        words = (packages / path).read_text().replace('"', " ").replace(",", " ").split()
        named = {word for word in words if word.startswith("0x") or len(word) == 58}
        assert named, path
        assert named <= known
