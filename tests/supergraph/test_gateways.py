"""Queries that cross between the subgraphs, through each gateway: values, calls, and failures."""

import re
from typing import Any

import httpx
import pytest

from sandbox import Fault
from tests.graph import ONEINCH, codes, snapshots
from tests.supergraph.conftest import OWNERS_SECRET, Gateway, chosen
from tests.supergraph.process import SECRET, SIGNING, Walletgraph
from tests.upstreams.stage import Clock

TOKEN = "/token/v1.3/1/custom"
ADA = "0xD470055c6189B921c4d44b3d277Ad868F79C0F75"
BEN = "0x5eeD000000000000000000000000000000000003"
NOBODY = "0x5EeD000000000000000000000000000000000001"
DAI = "0x6B175474E89094C44Da98b954EedeAC495271d0F"
WBTC = "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"
NO_TOKEN = "0x0000000000000000000000000000000000000099"

POSITIONS = """query($users: Int!) { users(first: $users) {
    wallets { address label positions(first: 10) { totalCount nodes { id } } } } }"""


def token(symbol: str, note: str | None, *, watched: bool) -> dict[str, Any]:
    return {"token": {"symbol": symbol, "note": note, "isWatched": watched}}


def test_from_users_to_positions_and_back_to_notes(gateway: Gateway) -> None:
    query = """{ user(id: "u1") { name wallets { address label ecosystem
        positions(first: 2) { totalCount nodes { valueUsd
            underlyingTokens { token { symbol note isWatched } } } } } } }"""

    data = gateway.data(query)

    usdc_and_weth = [token("USDC", None, watched=False), token("WETH", None, watched=True)]
    pol = [token("POL", None, watched=False)]
    positions = {
        "totalCount": 12,
        "nodes": [
            {"valueUsd": "75323.51999934927999439376", "underlyingTokens": usdc_and_weth},
            {"valueUsd": "58562.8899999999999999997495", "underlyingTokens": pol},
        ],
    }
    wallet = {"address": ADA, "label": "Everyday", "ecosystem": "EVM", "positions": positions}
    assert data == {"user": {"name": "Ada", "wallets": [wallet]}}
    assert gateway.walletgraph.entity_calls() == [1]
    assert gateway.walletgraph.upstream_calls() == snapshots(1)


def test_from_a_wallet_to_its_owner_and_back_to_wallets(gateway: Gateway) -> None:
    query = """query($address: String!) { wallet(address: $address) { address label owner {
        name addressBook { name wallet { address ecosystem owner { name } } } } } }"""

    data = gateway.data(query, {"address": ADA.lower()})

    ben = {"address": BEN, "ecosystem": "EVM", "owner": {"name": "Ben"}}
    exchange = {"address": NOBODY, "ecosystem": "EVM", "owner": None}
    book = [{"name": "Ben", "wallet": ben}, {"name": "The exchange", "wallet": exchange}]
    owner = {"name": "Ada", "addressBook": book}
    assert data == {"wallet": {"address": ADA, "label": "Everyday", "owner": owner}}
    assert gateway.walletgraph.entity_calls() == [2]
    assert gateway.walletgraph.upstream_calls() == {}


def test_from_tokens_and_assets_to_what_others_say_of_them(gateway: Gateway) -> None:
    query = """query($dai: String!) {
        token(chainId: 1, address: $dai) { symbol note isWatched }
        algorandAsset(assetId: "1000018") { total decimals review riskNote supplyLabel } }"""

    data = gateway.data(query, {"dai": DAI})

    assert data == {
        "token": {"symbol": "DAI", "note": "Listed since 2020.", "isWatched": True},
        "algorandAsset": {
            "total": "2100000000000000",
            "decimals": 8,
            "review": "UNKNOWN",
            "riskNote": None,
            "supplyLabel": "21,000,000.00000000",
        },
    }


def test_required_fields_are_fetched_for_a_field_of_another_subgraph(gateway: Gateway) -> None:
    query = '{ user(id: "u2") { assets { supplyLabel review } } }'

    data = gateway.data(query)

    largest = {"supplyLabel": "18,446,744,073,709,551,615", "review": "SUSPICIOUS"}
    destroyed = {"supplyLabel": None, "review": "UNKNOWN"}
    assert data == {"user": {"assets": [largest, destroyed]}}
    assert gateway.walletgraph.entity_calls() == [2]


def test_missing_entities_are_null_and_no_error(gateway: Gateway) -> None:
    query = """query($none: String!, $nobody: String!) {
        user(id: "u4") { name watchlist { address symbol note } }
        assets: user(id: "u2") { assets { assetId name isDestroyed } }
        nobody: user(id: "nobody") { name }
        token(chainId: 1, address: $none) { symbol note }
        wallet(address: $nobody) { owner { name } label } }"""

    data = gateway.data(query, {"none": NO_TOKEN, "nobody": NOBODY})

    known = {"address": WBTC, "symbol": "WBTC", "note": None}
    unknown = {"address": NO_TOKEN, "symbol": None, "note": None}
    living = {"assetId": "1000001", "name": "Max Whole", "isDestroyed": False}
    destroyed = {"assetId": "1000003", "name": None, "isDestroyed": None}
    if gateway.name == "grafbase":
        # It shows one field of a missing entity and leaves the others out.
        del destroyed["isDestroyed"]
    assert data == {
        "user": {"name": "Dora", "watchlist": [known, unknown]},
        "assets": {"assets": [living, destroyed]},
        "nobody": None,
        "token": None,
        "wallet": {"owner": None, "label": None},
    }


def test_twenty_users_their_wallets_and_positions_are_one_call_each_way(gateway: Gateway) -> None:
    data = gateway.data(POSITIONS, {"users": 20})

    wallets = [wallet for user in data["users"] for wallet in user["wallets"]]
    evm = [wallet["positions"] for wallet in wallets if wallet["address"].startswith("0x")]
    others = [wallet["positions"] for wallet in wallets if wallet["address"][:2] != "0x"]
    assert (len(data["users"]), len(evm), others) == (20, 31, [None, None])
    assert [len(page["nodes"]) for page in evm] == [min(10, page["totalCount"]) for page in evm]
    assert max(page["totalCount"] for page in evm) == 1000
    assert gateway.walletgraph.entity_calls() == [33]
    assert gateway.walletgraph.upstream_calls() == snapshots(1)


def test_the_same_wallets_under_two_aliases_share_the_upstream_call(gateway: Gateway) -> None:
    query = """{ user(id: "u3") { a: wallets { ecosystem }
        b: wallets { positions(first: 0) { totalCount } } } }"""

    data = gateway.data(query)

    counts = [{"positions": {"totalCount": count}} for count in (1000, 21, 3)]
    assert data == {"user": {"a": [{"ecosystem": "EVM"}] * 3, "b": counts}}
    # Hive joins both in one request, as two aliased `_entities`; the others ask twice.
    expected = [6] if gateway.name.startswith("hive") else [3, 3]
    assert gateway.walletgraph.entity_calls() == expected
    assert gateway.walletgraph.upstream_calls() == snapshots(1)


@pytest.mark.parametrize(
    ("fault", "code", "calls"),
    [
        # Three attempts of each of two calls; after the fifth failure the source is left alone.
        (Fault.unavailable(), "UPSTREAM_UNAVAILABLE", 5),
        (Fault.rate_limited(60), "UPSTREAM_RATE_LIMITED", 2),
        # Five wallets, asked again in halves, as one of them might be the reason.
        (Fault.html(), "UPSTREAM_CONTRACT", 18),
    ],
    ids=["unavailable", "rate limited", "html"],
)
def test_a_failing_upstream_keeps_its_code_at_its_path(
    gateway: Gateway, fault: Fault, code: str, calls: int
) -> None:
    gateway.walletgraph.box.faults.add(ONEINCH, fault)

    answer = gateway.ask(POSITIONS, {"users": 3})

    paths = [
        ["users", user, "wallets", wallet, "positions"]
        for user, wallet in ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2))
    ]
    assert codes(answer) == [(path, code) for path in paths]
    users = answer["data"]["users"]
    assert [len(user["wallets"]) for user in users] == [1, 1, 3]
    assert {wallet["positions"] and 1 for user in users for wallet in user["wallets"]} == {None}
    assert users[2]["wallets"][1]["label"] == "Savings"
    # Neither the gateway nor its client tried again: the calls are Walletgraph's own attempts.
    assert gateway.walletgraph.entity_calls() == [5]
    assert sum(gateway.walletgraph.upstream_calls().values()) == calls


def test_one_upstream_down_leaves_the_other_ones_fields(gateway: Gateway) -> None:
    gateway.walletgraph.box.faults.add("/v2/", Fault.server_error())
    query = '{ user(id: "u4") { wallets { positions(first: 0) { totalCount } algo { status } } } }'

    answer = gateway.ask(query)

    evm = {"positions": {"totalCount": 20}, "algo": None}
    algorand = {"positions": None, "algo": None}
    assert answer["data"] == {"user": {"wallets": [evm, algorand]}}
    assert codes(answer) == [(["user", "wallets", 1, "algo"], "UPSTREAM_UNAVAILABLE")]


def test_a_slow_upstream_is_cut_off_with_a_code(gateway: Gateway) -> None:
    gateway.walletgraph.restart({"REQUEST_DEADLINE_SECONDS": "0.5"})
    gateway.walletgraph.box.faults.add(ONEINCH, Fault.slow(5))

    answer = gateway.ask(POSITIONS, {"users": 1})

    path = ["users", 0, "wallets", 0, "positions"]
    assert codes(answer) == [(path, "UPSTREAM_TIMEOUT")]


def test_each_subgraph_is_sent_its_own_secret_whatever_the_client_sends(gateway: Gateway) -> None:
    forged = {"router-authorization": "forged", "cookie": "a=b", "authorization": "Bearer x"}
    body = {"query": '{ user(id: "u1") { wallets { ecosystem } } }'}

    answer = httpx.post(gateway.url, json=body, headers=forged, timeout=30, trust_env=False)

    assert answer.json() == {"data": {"user": {"wallets": [{"ecosystem": "EVM"}]}}}
    (sent,) = gateway.walletgraph.headers
    assert sent["router-authorization"] == SECRET
    assert not {"cookie", "authorization"} & set(sent)


@pytest.mark.parametrize("name", ["hive", "hive-rust"])
def test_hive_signs_what_it_sends(
    running: dict[str, Gateway], walletgraph: Walletgraph, name: str
) -> None:
    walletgraph.restart({"ROUTER_SECRET": "", "ROUTER_HMAC_SECRET": SIGNING})
    query = "query($id: ID!) { user(id: $id) { wallets { ecosystem } } sources { name mode } }"

    data = running[name].data(query, {"id": "u1"})

    assert data == {
        "user": {"wallets": [{"ecosystem": "EVM"}]},
        "sources": [{"name": name, "mode": "SANDBOX"} for name in ("portfolio", "algorand")],
    }
    assert all("hmac-signature" in asked["extensions"] for asked in walletgraph.asked)


@pytest.mark.parametrize("name", ["hive", "hive-rust"])
def test_hives_signature_holds_for_numbers_that_only_javascript_writes_so(
    running: dict[str, Gateway], walletgraph: Walletgraph, name: str
) -> None:
    walletgraph.restart({"ROUTER_SECRET": "", "ROUTER_HMAC_SECRET": SIGNING})
    query = """query($a: String!, $least: Decimal) { wallet(address: $a) {
        positions(first: 0, filter: { minValueUsd: $least }) { totalCount } } }"""

    for least in (1e-7, 1e21, 0.1):
        answer = running[name].ask(query, {"a": ADA, "least": least})
        # Known by its signature, and told that a float is no exact number.
        assert codes(answer) == [(["wallet"], "BAD_USER_INPUT")]
    written = [asked["variables"]["least"] for asked in walletgraph.asked]
    assert written == [1e-7, 1e21, 0.1]


@pytest.mark.parametrize("name", ["hive", "hive-rust"])
def test_hive_passes_the_code_and_nothing_else(
    running: dict[str, Gateway], walletgraph: Walletgraph, name: str
) -> None:
    walletgraph.box.faults.add(ONEINCH, Fault.rate_limited(60))

    errors = running[name].ask(POSITIONS, {"users": 1})["errors"]

    for error in errors:
        error.pop("locations", None)
    path = ["users", 0, "wallets", 0, "positions"]
    extensions = {"code": "UPSTREAM_RATE_LIMITED"}
    assert errors == [{"message": "Unexpected error.", "path": path, "extensions": extensions}]


@pytest.mark.parametrize("name", ["hive", "hive-rust"])
def test_hive_answers_with_the_strictest_cache_control(
    running: dict[str, Gateway], walletgraph: Walletgraph, name: str
) -> None:
    ours = "query($a: String!) { wallet(address: $a) { positions(first: 1) { totalCount } } }"
    both = "query($a: String!) { wallet(address: $a) { label positions(first: 1) { totalCount } } }"

    def cache_control(query: str) -> str:
        answer: httpx.Response = running[name].answer(query, {"a": ADA})
        return answer.headers["cache-control"]

    walletgraph.restart(clock=Clock())
    given = cache_control(ours)
    headers = {"router-authorization": SECRET}
    direct = Gateway(name, walletgraph.url, walletgraph).answer(ours, {"a": ADA}, headers)
    assert given == direct.headers["cache-control"].replace("public", "private")
    assert re.fullmatch(r"private, max-age=\d\d", given)
    assert cache_control(both) == "no-store"
    walletgraph.restart()
    walletgraph.box.faults.add(ONEINCH, Fault.unavailable())
    assert cache_control(ours) == "no-store"


MISTAKES: dict[str, tuple[str, dict[str, Any], str]] = {
    "no GraphQL": ("{ wallet(", {}, "GRAPHQL_PARSE_FAILED"),
    "no such field": ("{ walet { id } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "an argument of another type": (
        "{ wallet(address: 5) { id } }",
        {},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "no variable": ("query($a: String!) { wallet(address: $a) { id } }", {}, "BAD_USER_INPUT"),
    "a variable of another type": (
        "query($a: String!) { wallet(address: $a) { id } }",
        {"a": {}},
        "BAD_USER_INPUT",
    ),
    "a misspelt part of a variable": (
        f"""query($f: PositionFilter) {{
            wallet(address: "{ADA}") {{ positions(filter: $f) {{ totalCount }} }} }}""",
        {"f": {"sid": "DEBT"}},
        "BAD_USER_INPUT",
    ),
    "a scalar's value": (
        "query($i: BigInt!) { algorandAsset(assetId: $i) { name } }",
        {"i": "x"},
        "BAD_USER_INPUT",
    ),
    "no address": ('{ wallet(address: "nonsense") { id } }', {}, "BAD_ADDRESS"),
    "a page too long": (
        '{ user(id: "u1") { wallets { positions(first: 5000) { totalCount } } } }',
        {},
        "BAD_PAGE_SIZE",
    ),
    "no cursor": (
        f'{{ wallet(address: "{ADA}") {{ positions(after: "z") {{ totalCount }} }} }}',
        {},
        "BAD_CURSOR",
    ),
    "an argument out of range": (
        f'{{ wallet(address: "{ADA}") {{ positions(chainId: -1) {{ totalCount }} }} }}',
        {},
        "BAD_ARGUMENT",
    ),
    "a list too long": (
        "query($a: [String!]!) { wallets(addresses: $a) { id } }",
        {"a": [ADA] * 1500},
        "LIST_TOO_LONG",
    ),
    "a mutation": ("mutation { x }", {}, "OPERATION_NOT_SUPPORTED"),
    "a subscription": ("subscription { x }", {}, "OPERATION_NOT_SUPPORTED"),
    "the schema": ("{ __schema { queryType { name } } }", {}, "GRAPHQL_VALIDATION_FAILED"),
}
# Words of their own, and one code for all that a subgraph answered with another status than 200.
GRAFBASE_CODES = {
    "GRAPHQL_PARSE_FAILED": "OPERATION_PARSING_ERROR",
    "GRAPHQL_VALIDATION_FAILED": "OPERATION_VALIDATION_ERROR",
    "OPERATION_NOT_SUPPORTED": "OPERATION_VALIDATION_ERROR",
    "BAD_USER_INPUT": "VARIABLE_ERROR",
    "LIST_TOO_LONG": "SUBGRAPH_REQUEST_ERROR",
}


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        (name, mistake)
        for name in ("hive", "hive-rust", "grafbase")
        for mistake in MISTAKES
        # Its development server shows the schema, whatever it is told.
        if (name, mistake) != ("grafbase", "the schema")
    ],
)
@pytest.mark.usefixtures("walletgraph")
def test_a_clients_mistake_has_a_code_of_its_own(
    running: dict[str, Gateway], name: str, mistake: str
) -> None:
    query, variables, code = MISTAKES[mistake]
    if name == "grafbase":
        is_subgraphs = mistake == "a scalar's value"
        code = "SUBGRAPH_REQUEST_ERROR" if is_subgraphs else GRAFBASE_CODES.get(code, code)

    errors = chosen(running, name).ask(query, variables)["errors"]

    assert {error["extensions"]["code"] for error in errors} == {code}
    assert not any("Did you mean" in error["message"] for error in errors)


def test_hive_says_what_was_wrong_in_the_status_only_to_those_who_ask(
    running: dict[str, Gateway],
) -> None:
    query = "query($a: String!) { wallet(address: $a) { id } }"

    statuses = [
        running["hive"].answer(query, headers={"accept": accept}).status_code
        for accept in ("application/json", "application/graphql-response+json")
    ]

    assert statuses == [200, 400]


# What Apollo Client and tracing send.
CLIENTS_HEADERS = [
    "apollographql-client-name",
    "apollographql-library-version",
    "baggage",
    "content-type",
    "sentry-trace",
    "traceparent",
    "x-request-id",
]


@pytest.mark.parametrize("name", ["hive", "hive-rust", "grafbase"])
def test_only_front_ends_that_are_named_get_cors_headers(
    running: dict[str, Gateway], name: str
) -> None:
    url = chosen(running, name).url
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": ",".join(CLIENTS_HEADERS),
    }

    def allowed(method: str, origin: str) -> tuple[str | None, str | None]:
        headers = {"origin": origin, **(asked if method == "OPTIONS" else {})}
        body = {"json": {"query": "{ __typename }"}} if method == "POST" else {}
        answer = httpx.request(method, url, headers=headers, trust_env=False, **body)  # type: ignore[arg-type]
        found = answer.headers
        return (
            found.get("access-control-allow-origin"),
            found.get("access-control-allow-credentials"),
        )

    ours = "http://localhost:3000"
    preflight = httpx.options(url, headers={"origin": ours, **asked}, trust_env=False)
    granted = preflight.headers["access-control-allow-headers"].replace(" ", "")
    assert granted == "*" or set(CLIENTS_HEADERS) <= set(granted.split(","))
    assert {allowed(method, ours) for method in ("POST", "OPTIONS")} == {(ours, None)}
    for origin in ("https://elsewhere.example", "null", "http://localhost:3000.example"):
        assert {allowed(method, origin) for method in ("POST", "OPTIONS")} == {(None, None)}


@pytest.mark.parametrize(
    ("name", "code"),
    [("hive", "COST_ESTIMATED_TOO_EXPENSIVE"), ("grafbase", "OPERATION_VALIDATION_ERROR")],
)
def test_an_operation_that_fans_out_too_far_is_refused(
    running: dict[str, Gateway], walletgraph: Walletgraph, name: str, code: str
) -> None:
    levels = 5
    nested = "wallets { owner { " * levels + "name" + " } }" * levels
    query = f"{{ a: users {{ {nested} }} b: users {{ {nested} }} }}"

    errors = chosen(running, name).ask(query)["errors"]

    assert {error["extensions"]["code"] for error in errors} == {code}
    assert walletgraph.asked == []


def test_node_finds_objects_again_with_what_others_say_of_them(gateway: Gateway) -> None:
    ids = gateway.data(
        """query($a: String!, $t: String!) {
            wallet(address: $a) { id } token(chainId: 1, address: $t) { id } }""",
        {"a": ADA, "t": DAI},
    )
    query = """query($w: ID!, $t: ID!) {
        node(id: $w) { id ... on Wallet { address label owner { name } } }
        nodes(ids: [$w, $t]) { ... on Wallet { ecosystem } ... on Token { symbol note } } }"""

    data = gateway.data(query, {"w": ids["wallet"]["id"], "t": ids["token"]["id"]})

    assert data == {
        "node": {
            "id": ids["wallet"]["id"],
            "address": ADA,
            "label": "Everyday",
            "owner": {"name": "Ada"},
        },
        "nodes": [{"ecosystem": "EVM"}, {"symbol": "DAI", "note": "Listed since 2020."}],
    }


def test_aliased_entities_may_share_a_variable(walletgraph: Walletgraph) -> None:
    """What Hive Router's batches look like, sent as it sends them."""
    query = """query($__batch_reps_0: [_Any!]!) {
        _e0: _entities(representations: $__batch_reps_0) { ... on Wallet { ecosystem } }
        _e1: _entities(representations: $__batch_reps_0) {
            ... on Wallet { positions(first: 0) { totalCount } } ... on Token { symbol } } }"""
    representations = [
        {"__typename": "Wallet", "address": ADA},
        {"__typename": "Token", "chainId": 1, "address": NO_TOKEN},
        {"__typename": "Token", "chainId": 1, "address": DAI},
    ]

    answer = httpx.post(
        walletgraph.url,
        json={"query": query, "variables": {"__batch_reps_0": representations}},
        headers={"router-authorization": SECRET},
        trust_env=False,
    ).json()

    assert answer["data"] == {
        "_e0": [{"ecosystem": "EVM"}, None, {}],
        "_e1": [{"positions": {"totalCount": 12}}, None, {"symbol": "DAI"}],
    }
    assert "errors" not in answer
    assert walletgraph.upstream_calls() == {**snapshots(1), TOKEN: 1}


@pytest.mark.parametrize("secret", ["", "wrong", OWNERS_SECRET])
def test_without_the_secret_both_subgraphs_answer_401_in_json(
    walletgraph: Walletgraph, owners: str, secret: str
) -> None:
    for url, is_wrong in ((walletgraph.url, True), (owners, secret != OWNERS_SECRET)):
        headers = {"router-authorization": secret} if secret else {}
        body = {"query": "{ _service { sdl } }"}

        answer = httpx.post(url, json=body, headers=headers, trust_env=False)

        assert answer.status_code == (401 if is_wrong else 200)
        if is_wrong:
            assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [
                "UNAUTHORIZED"
            ]


@pytest.mark.parametrize(
    ("total", "decimals", "label"),
    [
        ("18446744073709551615", 0, "18,446,744,073,709,551,615"),
        ("18446744073709551615", 19, "1.8446744073709551615"),
        ("1", 19, "0.0000000000000000001"),
        ("0", 2, "0.00"),
        ("100050", 2, "1,000.50"),
        (None, None, None),
    ],
)
def test_supply_labels_are_exact(
    owners: str, total: str | None, decimals: int | None, label: str | None
) -> None:
    query = """query($r: [_Any!]!) {
        _entities(representations: $r) { ... on AlgorandAsset { supplyLabel } } }"""
    asset = {"__typename": "AlgorandAsset", "assetId": "1", "total": total, "decimals": decimals}

    answer = httpx.post(
        owners,
        json={"query": query, "variables": {"r": [asset]}},
        headers={"router-authorization": OWNERS_SECRET},
        trust_env=False,
    )

    assert answer.json() == {"data": {"_entities": [{"supplyLabel": label}]}}


def test_a_portfolio_comes_whole_through_each_gateway(gateway: Gateway) -> None:
    query = """query($a: [String!]!) { portfolio(addresses: $a) {
        id totalValueUsd byChain { chain { chainId name } } byWallet { wallet { address label } }
        history(range: WEEK) { points { valueUsd } } metrics { positionCount } } }"""

    data = gateway.data(query, {"a": [BEN, ADA.lower(), ADA]})

    found = data["portfolio"]
    assert found["totalValueUsd"] == "106022.73481706038998797363114"
    assert found["byChain"][0] == {"chain": {"chainId": 137, "name": "Polygon"}}
    assert [each["wallet"]["label"] for each in found["byWallet"]] == ["Everyday"] * 2
    assert len(found["history"]["points"]) == 28
    assert found["metrics"]["positionCount"] == 16
    calls = gateway.walletgraph.upstream_calls()
    assert set(calls.values()) == {1}
    assert len(calls) == 6


def test_a_portfolio_is_an_entity_of_its_own(walletgraph: Walletgraph) -> None:
    """As a router asks for it that fetches slow fields later, by the id it has."""
    ask = "query($a: [String!]!) { portfolio(addresses: $a) { id } }"
    later = """query($r: [_Any!]!) { _entities(representations: $r) {
        ... on Portfolio { history(range: DAY) { points { valueUsd } } } } }"""

    def data(query: str, variables: dict[str, Any]) -> Any:
        answer = httpx.post(
            walletgraph.url,
            json={"query": query, "variables": variables},
            headers={"router-authorization": SECRET},
            trust_env=False,
        ).json()
        assert "errors" not in answer
        return answer["data"]

    name = data(ask, {"a": [ADA, BEN]})["portfolio"]["id"]
    [found] = data(later, {"r": [{"__typename": "Portfolio", "id": name}]})["_entities"]

    assert len(found["history"]["points"]) == 24
    assert walletgraph.upstream_calls() == {"/portfolio/portfolio/v5.0/general/chart": 1}
