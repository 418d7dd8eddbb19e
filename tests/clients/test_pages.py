"""Each page for front ends, followed to the letter against a running graph."""

import json
from pathlib import Path

import pytest

from tests.clients.page import HERE, follow, installed, run
from tests.programs import output_of
from tests.tools import need, node_modules

PAGES = ["apollo-client.md", "codegen.md", "relay.md", "urql.md"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(page: str, url: str, tmp_path: Path) -> None:
    follow(page, url, tmp_path / "front-end")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_installs_is_pinned_here(page: str) -> None:
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]

    assert installed(page) - set(pinned) == set()


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())

    assert [name for name, item in lock["packages"].items() if "resolved" in item] == []


def test_urqls_cache_keeps_products_of_two_protocols_apart() -> None:
    program = node_modules(HERE) / ".bin/tsx"

    printed = output_of([program, HERE / "graphcache.ts"], seconds=400)

    assert json.loads(printed) == {
        "names": ["Alpha · Alpha Savings", "Beta · Beta Loans"],
        "warnings": [],
        "error": None,
    }


def test_relays_store_keeps_products_of_two_protocols_apart(url: str, tmp_path: Path) -> None:
    project = tmp_path / "front-end"
    follow("relay.md", url, project)

    printed = output_of([need("node"), HERE / "relay.cjs"], cwd=project, seconds=400)

    names = ["Alpha · Alpha Savings", "Beta · Beta Loans", "Main · Main Vault"]
    assert json.loads(printed) == names


@pytest.mark.parametrize("preset", ["client", "typescript"])
def test_types_come_from_the_endpoint_by_other_presets_and_plugins(
    preset: str, url: str, tmp_path: Path
) -> None:
    project = tmp_path / "front-end"
    follow("codegen.md", url, project)
    how = 'preset: "client"' if preset == "client" else 'plugins: ["typescript"]'
    (project / "other.ts").write_text(
        f"""import {{ typed }} from "./src/walletgraph/codegen";
            export default {{
                schema: "{url}/graphql",
                documents: "src/*.graphql",
                generates: {{ "src/other/": {{ {how}, config: typed }} }},
            }};""".replace("src/other/", "src/other/" if preset == "client" else "src/other.ts")
    )

    run("npx graphql-codegen --config other.ts", project)

    made = project / ("src/other/graphql.ts" if preset == "client" else "src/other.ts")
    assert "DecimalString" in made.read_text()
