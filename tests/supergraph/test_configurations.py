"""The ready configurations: only options that their tools document, set to what is meant."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from server.settings import TABLE
from tests.supergraph import documented
from tests.supergraph.documented import Shape, problems
from tests.tools import need, node_modules

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SUPERGRAPH = ROOT / "supergraph"
FILES = {
    "apollo-router.yaml": documented.APOLLO_ROUTER,
    "apollo-router.graphos.yaml": documented.APOLLO_ROUTER,
    "hive-router.config.yaml": documented.HIVE_ROUTER,
    "cosmo-router.yaml": documented.COSMO_ROUTER,
    "cosmo-graph.yaml": documented.COSMO_GRAPH,
    "grafbase.toml": documented.GRAFBASE,
    "supergraph.yaml": documented.ROVER,
}
ROUTERS = [name for name in FILES if "graph.yaml" not in name]
SUBGRAPHS = {"walletgraph": "ROUTER_SECRET", "owners": "OWNERS_SECRET"}
# A subgraph's fetch may last as long as Walletgraph's own deadline, a request a little longer.
DEFAULTS = {line.name: line.default for line in TABLE}
DEADLINE = f"{DEFAULTS['REQUEST_DEADLINE_SECONDS']}s"
# Where each file says what all of them are to be set to.
INTROSPECTION: dict[str, tuple[str, ...]] = {
    "apollo-router.yaml": ("supergraph", "introspection"),
    "apollo-router.graphos.yaml": ("supergraph", "introspection"),
    "hive-router.config.yaml": ("introspection",),
    "cosmo-router.yaml": ("introspection", "enabled"),
    "grafbase.toml": ("graph", "introspection"),
}
ORIGINS: dict[str, tuple[str | int, ...]] = {
    "apollo-router.yaml": ("policies", 0, "origins"),
    "apollo-router.graphos.yaml": ("policies", 0, "origins"),
    "hive-router.config.yaml": ("policies", 0, "origins"),
    "cosmo-router.yaml": ("allow_origins",),
    "grafbase.toml": ("allow_origins",),
}
COSTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "apollo-router.graphos.yaml": (
        ("demand_control", "strategy", "static_estimated", "max"),
        ("demand_control", "mode"),
    ),
    "hive-router.config.yaml": (
        ("demand_control", "operation_cost", "max"),
        ("demand_control", "operation_cost", "mode"),
    ),
    "cosmo-router.yaml": (
        ("security", "cost_control", "max_estimated_limit"),
        ("security", "cost_control", "mode"),
    ),
    "grafbase.toml": (("complexity_control", "limit"), ("complexity_control", "mode")),
}


@pytest.fixture(scope="module")
def parsed() -> dict[str, Any]:
    """Each file's content by its name."""
    names = [name for name in (*FILES, "compose.yaml") if name.endswith(".yaml")]
    done = subprocess.run(
        [need("node"), HERE / "yaml.cjs", *(SUPERGRAPH / name for name in names)],
        env={"NODE_PATH": str(node_modules(SUPERGRAPH))},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = dict(zip(names, json.loads(done.stdout), strict=True))
    found["grafbase.toml"] = tomllib.loads((SUPERGRAPH / "grafbase.toml").read_text())
    return found


def at(config: Any, path: tuple[str | int, ...]) -> Any:
    """The value at a path in a configuration."""
    for part in path:
        config = config[part]
    return config


@pytest.mark.parametrize(("name", "shape"), FILES.items())
def test_only_documented_options_are_used(parsed: dict[str, Any], name: str, shape: Shape) -> None:
    assert problems(parsed[name], shape) == []


def test_an_option_that_is_not_documented_is_found() -> None:
    config = {"version": "2", "traffic_shaping": {"all": {"request_timeout": "soon", "tries": 3}}}

    assert problems(config, documented.COSMO_ROUTER) == [
        "version must be one of ['1']",
        "traffic_shaping.all.request_timeout is no duration",
        "traffic_shaping.all.tries is not documented",
    ]


@pytest.mark.parametrize("name", ROUTERS)
def test_no_router_shows_the_schema(parsed: dict[str, Any], name: str) -> None:
    assert at(parsed[name], INTROSPECTION[name]) is False


@pytest.mark.parametrize("name", ROUTERS)
def test_only_front_ends_that_are_named_may_call_and_without_credentials(
    parsed: dict[str, Any], name: str
) -> None:
    cors = parsed[name]["cors"]

    assert at(cors, ORIGINS[name]) == ["http://localhost:3000"]
    assert cors["allow_credentials"] is False
    assert not cors.get("allow_any_origin")


@pytest.mark.parametrize("name", COSTS)
def test_a_router_allows_an_operation_what_walletgraph_allows(
    parsed: dict[str, Any], name: str
) -> None:
    most, mode = COSTS[name]

    assert at(parsed[name], most) == int(DEFAULTS["MAX_COST"] or 0)
    assert at(parsed[name], mode) == "enforce"


@pytest.mark.parametrize("name", [*ROUTERS, "hive-gateway.config.js"])
def test_no_file_holds_a_secret(name: str) -> None:
    text = (SUPERGRAPH / name).read_text()

    given = re.findall(r"(?im)^\s*(?:value|expression)\s*[:=]\s*(.*[\"'$].*)$", text)

    assert [value for value in given if not re.search(r"env\b|\$\{", value)] == []


def test_apollo_router_starts_with_two_secrets_and_nothing_else(parsed: dict[str, Any]) -> None:
    read = set(re.findall(r"\$\{env\.(\w+)\}", (SUPERGRAPH / "apollo-router.yaml").read_text()))
    alone = parsed["apollo-router.yaml"]
    more = parsed["apollo-router.graphos.yaml"]

    assert read == set(SUBGRAPHS.values())
    # Limits beside the parser's, a cache of answers and limits by cost want a licence.
    assert set(alone["limits"]) == {"http_max_request_bytes", "parser_max_tokens"}
    assert set(more) - set(alone) == {"rhai", "response_cache", "demand_control"}
    assert {key: more[key] for key in alone} == alone
    # Walletgraph's answers are private, as it asks for a secret: none would be kept without.
    script = (SUPERGRAPH / more["rhai"]["main"]).read_text()
    private_id = more["response_cache"]["subgraph"]["all"]["private_id"]
    assert f'request.context["{private_id}"] = ' in script


def test_apollo_router(parsed: dict[str, Any]) -> None:
    config = parsed["apollo-router.yaml"]
    shaping = config["traffic_shaping"]

    rules = config["headers"]["subgraphs"]
    sent = {name: rule["request"][0]["insert"] for name, rule in rules.items()}

    assert sent == {
        name: {"name": "Router-Authorization", "value": f"${{env.{secret}}}"}
        for name, secret in SUBGRAPHS.items()
    }
    assert config["include_subgraph_errors"] == {
        "all": {"redact_message": True, "allow_extensions_keys": ["code"]}
    }
    assert (shaping["all"]["timeout"], shaping["router"]["timeout"]) == (DEADLINE, "12s")


def test_hive_router(parsed: dict[str, Any]) -> None:
    config = parsed["hive-router.config.yaml"]
    shaping = config["traffic_shaping"]

    rules = config["headers"]["subgraphs"]
    sent = {name: rule["request"][0]["insert"] for name, rule in rules.items()}

    assert sent == {
        name: {"name": "Router-Authorization", "expression": f'env("{secret}", "")'}
        for name, secret in SUBGRAPHS.items()
    }
    assert config["error_masking"]["all"] == {
        "enabled": True,
        "extensions": {"mode": "allow", "keys": ["code"]},
    }
    assert shaping["all"]["request_timeout"] == DEADLINE
    assert shaping["router"]["request_timeout"] == "12s"
    # Any other algorithm than `append` is refused for this header.
    assert config["headers"]["all"]["response"] == [
        {"propagate": {"named": "cache-control", "algorithm": "append"}}
    ]


def test_cosmo_router(parsed: dict[str, Any]) -> None:
    config = parsed["cosmo-router.yaml"]
    errors = config["subgraph_error_propagation"]
    shaping = config["traffic_shaping"]["all"]

    sent = {name: rules["request"][0] for name, rules in config["headers"]["subgraphs"].items()}

    assert sent == {
        name: {"op": "set", "name": "Router-Authorization", "value": f"${{{secret}}}"}
        for name, secret in SUBGRAPHS.items()
    }
    assert (errors["mode"], errors["allowed_extension_fields"]) == ("pass-through", ["code"])
    assert (errors["allow_all_extension_fields"], config["dev_mode"]) == (False, False)
    assert shaping["request_timeout"] == DEADLINE
    assert shaping["retry"]["expression"] == "IsConnectionRefused()"
    # A `value` would be one more rule for every answer, and the strictest of all rules holds.
    assert config["cache_control_policy"] == {"enabled": True}


def test_grafbase(parsed: dict[str, Any]) -> None:
    config = parsed["grafbase.toml"]

    sent = {name: item["headers"] for name, item in config["subgraphs"].items()}

    assert sent == {
        name: [
            {
                "rule": "insert",
                "name": "router-authorization",
                "value": f"{{{{ env.{secret} }}}}",
            }
        ]
        for name, secret in SUBGRAPHS.items()
    }
    assert {item["timeout"] for item in config["subgraphs"].values()} == {DEADLINE}
    assert config["gateway"] == {"timeout": "12s", "retry": {"enabled": False}}
    assert config["operation_limits"] == {
        name: int(DEFAULTS[f"MAX_{name.upper()}"] or 0)
        for name in ("depth", "aliases", "root_fields")
    }


def test_both_compositions_name_the_same_subgraphs(parsed: dict[str, Any]) -> None:
    rover = parsed["supergraph.yaml"]["subgraphs"]
    cosmo = {item["name"]: item for item in parsed["cosmo-graph.yaml"]["subgraphs"]}
    made = {"./walletgraph.graphql"}

    files = {item["schema"]["file"] for item in cosmo.values()} | {
        item["schema"]["file"] for item in rover.values() if "file" in item["schema"]
    }

    assert set(rover) == set(cosmo) == set(SUBGRAPHS)
    assert {name for name in files if not (SUPERGRAPH / name).exists()} <= made


def test_compose_starts_everything_in_order(parsed: dict[str, Any]) -> None:
    services = parsed["compose.yaml"]["services"]

    waits = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }

    assert waits == {
        "redis": {},
        "walletgraph": {"redis": "service_healthy"},
        "owners": {},
        "compose": {"walletgraph": "service_healthy"},
        "gateway": {"compose": "service_completed_successfully", "owners": "service_started"},
    }
    assert "healthcheck" in services["redis"]
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()
    assert [name for name, service in services.items() if "ports" in service] == ["gateway"]


def test_compose_builds_from_files_that_exist(parsed: dict[str, Any]) -> None:
    services = parsed["compose.yaml"]["services"]
    built = {name: item["build"] for name, item in services.items() if "build" in item}
    dockerfile = (SUPERGRAPH / "Dockerfile").read_text()

    copied = {
        name
        for line in re.findall(r"^COPY (.+)$", dockerfile, re.MULTILINE)
        for name in line.split()[:-1]
    }

    assert built == {"walletgraph": "..", "owners": ".", "compose": ".", "gateway": "."}
    assert all((SUPERGRAPH / folder / "Dockerfile").exists() for folder in set(built.values()))
    assert [name for name in sorted(copied) if not (SUPERGRAPH / name).exists()] == []
    for name in ("owners", "compose", "gateway"):
        for word in services[name]["command"]:
            path = word.removeprefix("--config-path=")
            if path.endswith((".js", ".yaml")):
                assert path.split("/")[0] in copied, path
    assert (node_modules(SUPERGRAPH) / ".bin/hive-gateway").exists()


def test_compose_sets_what_the_programs_read(parsed: dict[str, Any]) -> None:
    services = parsed["compose.yaml"]["services"]
    known = {line.name for line in TABLE}
    read = {
        "owners": (SUPERGRAPH / "owners/server.js").read_text(),
        "compose": (SUPERGRAPH / "supergraph.yaml").read_text(),
        "gateway": (SUPERGRAPH / "hive-gateway.config.js").read_text() + "PORT",
    }

    assert set(services["walletgraph"]["environment"]) <= known
    for name, text in read.items():
        assert [item for item in services[name]["environment"] if item not in text] == []


def test_what_the_image_imports_is_no_development_package() -> None:
    package = json.loads((SUPERGRAPH / "package.json").read_text())
    sources = [*SUPERGRAPH.glob("*.js"), *SUPERGRAPH.glob("owners/*.js")]

    imported = {
        "/".join(found.split("/")[: 2 if found.startswith("@") else 1])
        for path in sources
        for found in re.findall(r"from '((?!node:|\.)[^']+)'", path.read_text())
    }

    assert sorted(imported - set(package["dependencies"])) == []


def test_the_image_has_every_file_that_its_programs_import() -> None:
    copied = set(re.findall(r"[\w.-]+\.js", (SUPERGRAPH / "Dockerfile").read_text()))

    imported = {
        found
        for name in copied
        if (SUPERGRAPH / name).exists()
        for found in re.findall(r"from '\./([^']+)'", (SUPERGRAPH / name).read_text())
    }

    assert {"cache-control.js", "errors.js", "exact-paths.js"} <= imported <= copied


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((SUPERGRAPH / "package-lock.json").read_text())

    assert [name for name, item in lock["packages"].items() if "resolved" in item] == []
    assert "omit-lockfile-registry-resolved=true" in (SUPERGRAPH / ".npmrc").read_text()


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        (["public, max-age=30"], "public, max-age=30"),
        (["public, max-age=30", "public, max-age=5"], "public, max-age=5"),
        (["public, max-age=30", "max-age=60, private"], "private, max-age=30"),
        (["Public, Max-Age=30"], "public, max-age=30"),
        (["public, max-age=30", "no-store"], "no-store"),
        (["public, max-age=30", None], "no-store"),
        (["public, max-age=0"], "no-store"),
        (["public"], "no-store"),
        (["max-age=30, no-cache"], "no-store"),
        ([], "no-store"),
    ],
)
def test_hive_gateway_merges_cache_control_to_its_strictest(
    values: list[str | None], answer: str
) -> None:
    program = f"""import {{ merged }} from './cache-control.js';
        const values = {json.dumps(values)};
        console.log(merged(values), merged(values, {{ hasFailed: true }}));"""

    done = subprocess.run(
        [need("node"), "--input-type=module", "--eval", program],
        cwd=SUPERGRAPH,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert done.stdout.split("\n")[0] == f"{answer} no-store"
