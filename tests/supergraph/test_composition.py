"""The three composers take our SDL, alone and together with subgraphs of other teams."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import graphql
import pytest

from schema import build_schema as walletgraph
from server.settings import Settings
from tests.tools import need, node_modules

HERE = Path(__file__).parent
SUPERGRAPH = HERE.parent.parent / "supergraph"
OWNERS = (SUPERGRAPH / "owners/schema.graphql").read_text()
SHOP = (HERE / "shop.graphql").read_text()
RISK = (HERE / "risk.graphql").read_text()

COMPOSERS = ["apollo", "cosmo", "guild"]
# What wants a field with arguments repeats them all, and their types, but nothing else.
TOTALS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
    import: ["@key", "@external", "@requires"])
scalar Decimal
scalar DateTime
type Query { totals: Int }
enum PositionSide { ASSET DEBT }
enum PositionStatus { OPEN CLOSED UNKNOWN }
enum PositionOrderField { VALUE CHAIN PROTOCOL NAME }
enum OrderDirection { ASC DESC }
input PositionFilter { side: PositionSide status: PositionStatus text: String }
input PositionOrder { field: PositionOrderField! = VALUE direction: OrderDirection! = DESC }
type PositionConnection { totalValueUsd: Decimal! @external }
type Wallet @key(fields: "address") {
    address: String!
    positions(chainId: Int, at: DateTime, filter: PositionFilter, orderBy: PositionOrder,
        first: Int, after: String, last: Int, before: String): PositionConnection @external
    band: String @requires(fields: "positions { totalValueUsd }")
}
"""
OURS = {
    *("algorandAsset", "chain", "chains", "portfolio", "portfolioStatus", "protocols"),
    *("sources", "token", "wallet", "wallets"),
}


def sdl(profile: str) -> str:
    """The SDL that a process with this profile serves."""
    return walletgraph(node_field=Settings.from_env({"PROFILE": profile}).node_field).sdl


CASES: dict[str, dict[str, str]] = {
    "alone": {"walletgraph": sdl("supergraph")},
    "alone, standalone": {"walletgraph": sdl("standalone")},
    "with owners": {"walletgraph": sdl("supergraph"), "owners": OWNERS},
    "with a Relay subgraph": {
        "walletgraph": sdl("supergraph"),
        "owners": OWNERS,
        "shop": SHOP,
    },
    "with one that requires": {"walletgraph": sdl("supergraph"), "owners": OWNERS, "risk": RISK},
    "with one that requires a total": {"walletgraph": sdl("supergraph"), "totals": TOTALS},
    "as shipped": {"walletgraph": sdl("standalone"), "owners": OWNERS},
    "two with node": {"walletgraph": sdl("standalone"), "shop": SHOP},
}


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    """For each case and composer: the errors, and the schema that clients see."""
    done = subprocess.run(
        [need("node"), HERE / "composers.cjs"],
        input=json.dumps(list(CASES.values())),
        env={**os.environ, "NODE_PATH": str(node_modules(SUPERGRAPH))},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


def fields(schema: str, name: str) -> set[str]:
    """The names of a type's fields in an SDL."""
    found = graphql.build_schema(schema, assume_valid=True).type_map[name]
    assert isinstance(found, graphql.GraphQLObjectType)
    return set(found.fields)


@pytest.mark.parametrize("composer", COMPOSERS)
@pytest.mark.parametrize(
    ("case", "query"),
    [
        ("alone", OURS),
        ("alone, standalone", OURS | {"node", "nodes"}),
        ("with owners", OURS | {"user", "users"}),
        ("as shipped", OURS | {"user", "users", "node", "nodes"}),
        ("with one that requires", OURS | {"user", "users", "latest"}),
        ("with one that requires a total", OURS | {"totals"}),
        ("with a Relay subgraph", OURS | {"user", "users", "orders", "node", "nodes"}),
    ],
)
def test_every_composer_accepts(
    composed: dict[str, Any], composer: str, case: str, query: set[str]
) -> None:
    result = composed[case][composer]

    assert result["errors"] == []
    assert fields(result["schema"], "Query") == query


@pytest.mark.parametrize("composer", COMPOSERS)
def test_other_subgraphs_add_to_our_entities(composed: dict[str, Any], composer: str) -> None:
    before = composed["alone"][composer]["schema"]
    after = composed["with owners"][composer]["schema"]

    added = {
        name: fields(after, name) - fields(before, name)
        for name in ("Wallet", "Token", "AlgorandAsset", "Position")
    }

    assert added == {
        "Wallet": {"owner", "label"},
        "Token": {"isWatched", "note"},
        "AlgorandAsset": {"review", "riskNote", "supplyLabel"},
        "Position": set(),
    }


@pytest.mark.parametrize("composer", COMPOSERS)
def test_what_others_require_of_us_composes(composed: dict[str, Any], composer: str) -> None:
    before = composed["with owners"][composer]["schema"]
    after = composed["with one that requires"][composer]["schema"]
    total = composed["with one that requires a total"][composer]["schema"]

    added = {
        name: fields(after, name) - fields(before, name)
        for name in ("Wallet", "Position", "Token", "AlgorandAsset", "PositionConnection")
    }

    assert added == {
        "Wallet": {"tier"},
        "Position": {"size"},
        "Token": {"badge"},
        "AlgorandAsset": {"grade"},
        "PositionConnection": set(),
    }
    assert "band" in fields(total, "Wallet")


@pytest.mark.parametrize("composer", COMPOSERS)
def test_page_info_and_node_are_shared(composed: dict[str, Any], composer: str) -> None:
    schema = graphql.build_schema(
        composed["with a Relay subgraph"][composer]["schema"], assume_valid=True
    )
    node = schema.type_map["Node"]
    assert isinstance(node, graphql.GraphQLInterfaceType)

    implementations = {item.name for item in schema.get_possible_types(node)}

    assert implementations == {
        "AlgorandAsset",
        "AlgorandHolding",
        "Order",
        "Portfolio",
        "Position",
        "Token",
        "Wallet",
    }


def test_what_a_contract_may_hide_is_tagged() -> None:
    tagged: dict[str, set[str]] = {}
    schema = graphql.parse(sdl("standalone"))
    for definition in schema.definitions:
        name = getattr(getattr(definition, "name", None), "value", "")
        nodes = [(name, definition)]
        nodes += [
            (f"{name}.{field.name.value}", field)
            for field in getattr(definition, "fields", None) or ()
        ]
        for path, node in nodes:
            for directive in getattr(node, "directives", None) or ():
                if directive.name.value == "tag":
                    (argument,) = directive.arguments
                    tagged.setdefault(argument.value.value, set()).add(path)

    assert tagged == {
        "internal": {
            "BreakerState",
            "PortfolioStatus",
            "PortfolioTimings",
            "Query.portfolioStatus",
            "Query.sources",
            "Source",
            "SourceMode",
        },
        "relay": {"Query.node", "Query.nodes"},
    }


def test_node_is_off_in_supergraph_mode() -> None:
    only_standalone = fields(sdl("standalone"), "Query") - fields(sdl("supergraph"), "Query")

    assert only_standalone == {"node", "nodes"}


@pytest.mark.parametrize("composer", COMPOSERS)
def test_node_in_two_subgraphs_does_not_compose(composed: dict[str, Any], composer: str) -> None:
    result = composed["two with node"][composer]

    assert result["schema"] is None
    text = "\n".join(result["errors"])
    assert all(word in text for word in ("node", "nodes", "shareable", "shop", "walletgraph"))
