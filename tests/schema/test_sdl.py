"""The contract as text: committed, described, and as small as the setting says."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
)

from schema import build_schema
from schema.errors import CODES

COMMITTED = Path(__file__).parents[2] / "schema" / "schema.graphql"
SCHEMA = build_schema()
BUILT_IN = ("String", "Int", "Float", "Boolean", "ID")
TYPES = {
    name: type_
    for name, type_ in SCHEMA._schema.type_map.items()
    if not name.startswith(("_", "link__", "federation__")) and name not in BUILT_IN
}


def test_the_committed_sdl_is_what_the_code_says() -> None:
    assert COMMITTED.read_text() == f"{SCHEMA.sdl}\n", "run `make schema`"


def test_the_sdl_links_the_version_every_composer_takes() -> None:
    assert SCHEMA.sdl.count("@link(") == 1
    assert 'url: "https://specs.apollo.dev/federation/v2.9"' in SCHEMA.sdl
    assert " = null" not in SCHEMA.sdl


@pytest.mark.parametrize("name", sorted(set(TYPES) - {"FieldSet"}))
def test_every_type_and_field_is_described(name: str) -> None:
    type_ = TYPES[name]
    assert type_.description
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        bare = [field for field, found in type_.fields.items() if not found.description]
        assert [field for field in bare if not field.startswith("_")] == []


def test_entities_are_the_types_with_keys() -> None:
    union = SCHEMA._schema.type_map["_Entity"]
    assert isinstance(union, GraphQLUnionType)
    assert [type_.name for type_ in union.types] == [
        *("AlgorandAsset", "Chain", "Portfolio", "Position", "ProtocolGroup", "Token", "Wallet")
    ]


def test_a_supergraph_gets_no_node_fields_and_the_rest_unchanged() -> None:
    bare = build_schema(node_field=False)._schema
    full = SCHEMA._schema

    assert full.query_type is not None
    assert bare.query_type is not None
    assert set(full.query_type.fields) - set(bare.query_type.fields) == {"node", "nodes"}
    assert set(full.type_map) == set(bare.type_map)


def test_every_code_is_written_as_a_constant_and_explained() -> None:
    for code, meaning in CODES.items():
        assert code.isupper()
        assert meaning.endswith(".")


def test_enums_hold_what_the_resolvers_give() -> None:
    enums = {name: list(t.values) for name, t in TYPES.items() if isinstance(t, GraphQLEnumType)}

    assert enums == {
        "AlgorandStandard": ["ARC3", "ARC19", "ARC89"],
        "AlgorandVerification": ["VERIFIED", "UNVERIFIED", "SUSPICIOUS", "UNKNOWN"],
        "BreakerState": ["CLOSED", "OPEN", "HALF_OPEN"],
        "ComplianceVerdict": ["UNKNOWN", "CLEAR", "FLAGGED"],
        "Ecosystem": ["EVM", "ALGORAND"],
        "HistoryIssueKind": [
            *("PRICE_OUTLIER", "ZERO_VALUE", "DROPPED_POINTS", "WALLET_NOT_COVERED")
        ],
        "OrderDirection": ["ASC", "DESC"],
        "PartState": ["FRESH", "STALE", "MISSING"],
        "PositionCategory": ["NATIVE", "TOKEN", "PROTOCOL"],
        "PositionOrderField": ["VALUE", "CHAIN", "PROTOCOL", "NAME"],
        "PositionSide": ["ASSET", "DEBT"],
        "PositionStatus": ["OPEN", "CLOSED", "UNKNOWN"],
        "SourceMode": ["LIVE", "SANDBOX"],
        "TokenGrouping": ["TOKEN", "ASSET"],
        "TokenTotalOrderField": ["VALUE", "SYMBOL"],
        "TimeRange": ["DAY", "WEEK", "MONTH", "YEAR", "THREE_YEARS"],
    }
