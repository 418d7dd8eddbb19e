"""The lists of chains and protocols: an odd row costs itself, and the shapes that were seen."""

import json
from pathlib import Path

import pytest

from upstreams.decoding.strict_json import NotAsDocumented
from upstreams.oneinch.coverage import ChainInfo, ProtocolInfo, read_chains, read_protocols
from upstreams.oneinch.tokens import TokenInfo

SAMPLES = Path(__file__).parents[2] / "samples" / "oneinch"
COIN = "0x" + "e" * 40
ETHEREUM = {
    "chain_id": 1,
    "chain_name": "Ethereum",
    "chain_icon": "https://example.org/1.svg",
    "native_token": {"chain": 1, "address": COIN, "decimals": 18, "symbol": "ETH", "name": None},
}
ETHER = TokenInfo(chain_id=1, address=COIN, decimals=18, symbol="ETH")
READ = ChainInfo(1, "Ethereum", "https://example.org/1.svg", ETHER)
ROW = {
    "chain_id": 10,
    "protocol_group_id": "aave-v3",
    "protocol_group_name": "Aave V3",
    "protocol_group_icon": None,
}


def body(*rows: object) -> bytes:
    return json.dumps(rows).encode()


@pytest.mark.parametrize("name", ["supported_chains", "supported_chains_envelope"])
def test_documented_chains_are_read_in_an_envelope_or_bare(name: str) -> None:
    text = (SAMPLES / f"constructed_{name}.json").read_text()
    sent = json.loads(text)
    rows = sent if isinstance(sent, list) else sent["result"]

    found = read_chains(text.encode())

    by_id = {row["chain_id"]: row["chain_name"] for row in reversed(rows)}
    assert {chain.chain_id: chain.name for chain in found} == by_id
    assert [chain.chain_id for chain in found] == sorted(by_id)


@pytest.mark.parametrize("name", ["supported_protocols", "supported_protocols_many_chains"])
def test_documented_protocols_are_one_for_all_their_chains(name: str) -> None:
    text = (SAMPLES / f"constructed_{name}.json").read_text()
    rows = json.loads(text)["result"]

    found = read_protocols(text.encode())

    assert {(each.group_id, chain) for each in found for chain in each.chain_ids} == {
        (row["protocol_group_id"], row["chain_id"]) for row in rows
    }
    assert len({each.group_id for each in found}) == len(found)


@pytest.mark.parametrize(
    "odd",
    [None, 7, [], {}, {**ETHEREUM, "chain_id": "x"}, {**ETHEREUM, "chain_id": 0}, {"chain_id": -1}],
)
def test_an_odd_chain_costs_itself(odd: object) -> None:
    assert read_chains(body(odd, ETHEREUM)) == (READ,)


def test_of_a_chain_what_is_odd_is_unknown() -> None:
    solana = {
        "id": 501,
        "name": "Solana",
        "icon": 7,
        "native_token": {"address": "So1", "decimals": -1},
    }
    token = TokenInfo(chain_id=501, address="So1")

    assert read_chains(body(solana, {**ETHEREUM, "native_token": []})) == (
        ChainInfo(1, "Ethereum", "https://example.org/1.svg"),
        ChainInfo(501, "Solana", None, token),
    )


def test_of_several_the_first_is() -> None:
    assert read_chains(body(ETHEREUM, {**ETHEREUM, "chain_name": "Other"})) == (READ,)
    again = {**ROW, "protocol_group_name": "Other", "chain": 1, "chain_id": 1}
    assert read_protocols(body(ROW, again, ROW)) == (
        ProtocolInfo("aave-v3", "Aave V3", None, (1, 10)),
    )


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {**ROW, "protocol_group_id": None},
        {**ROW, "protocol_group_name": ""},
        {**ROW, "chain_id": "ten"},
        {key: value for key, value in ROW.items() if key != "chain_id"},
    ],
)
def test_an_odd_protocol_costs_itself(odd: object) -> None:
    assert read_protocols(body(odd, ROW)) == (ProtocolInfo("aave-v3", "Aave V3", None, (10,)),)


@pytest.mark.parametrize("text", ["", "7", "{}", '{"result": 7}', "[1"])
def test_what_is_no_list_is_refused(text: str) -> None:
    for read in (read_chains, read_protocols):
        with pytest.raises(NotAsDocumented):
            read(text.encode())
