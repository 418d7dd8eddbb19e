"""`Wallet.compliance`: UNKNOWN for every doubt, and nobody is asked unless it is configured."""

from pathlib import Path
from typing import Any

import pytest

from sandbox import DEMO_ACCOUNTS, Fault, Sandbox
from sandbox.verdicts import verdicts
from server.settings import Settings, SettingsError
from tests.graph import Graph, running
from tests.upstreams.stage import Clock, wallet

CHECK = "/portfolio/portfolio/v5.0/general/address_check"
ACCOUNT = DEMO_ACCOUNTS["typical"]
WALLETS = [wallet(number) for number in range(1, 60)]
QUERY = """query ($a: [String!]!) {
    wallets(addresses: $a) { compliance { verdict source checkedAt reason } } }"""


def of(found: Any) -> list[dict[str, Any]]:
    return [each["compliance"] for each in found["wallets"]]


async def test_off_asks_nobody(graph: Graph) -> None:
    found = of(await graph.data(QUERY, {"a": [WALLETS[0], ACCOUNT]}))

    none = {
        "verdict": "UNKNOWN",
        "source": None,
        "checkedAt": None,
        "reason": "No check is configured.",
    }
    assert found == [none, none]
    assert graph.calls() == {}


async def test_the_source_is_asked_once_for_fifty(executor: str) -> None:
    settings = {"COMPLIANCE": "source", "EXECUTOR": executor}
    async with running(settings=settings) as graph:
        found = of(await graph.data(QUERY, {"a": WALLETS}))
        again = of(await graph.data(QUERY, {"a": WALLETS[:1]}))

        assert graph.calls() == {CHECK: 2}
    said: Any = verdicts(WALLETS)
    names = {True: "CLEAR", False: "FLAGGED", None: "UNKNOWN"}
    expected = [names[said.get(each, {}).get("is_compliant")] for each in WALLETS]
    assert [each["verdict"] for each in found] == expected
    assert set(expected) == {"CLEAR", "FLAGGED", "UNKNOWN"}
    assert again[0] == found[0]
    for each in found:
        assert each["source"] == "portfolio"
        assert each["checkedAt"] is not None
        is_doubt = each["verdict"] == "UNKNOWN"
        assert each["reason"] == ("The source's answer is no verdict on it." if is_doubt else None)


FAULTS = {
    "missing": Fault.route_missing(),
    "key": Fault.unauthorized(),
    "down": Fault.unavailable(),
    "cut": Fault.truncated(),
    "null": Fault.status(200, '{"result": null}'),
    "list": Fault.status(200, "[]"),
    "word": Fault.status(200, "true"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_failure_is_a_doubt_and_no_error(executor: str, fault: str) -> None:
    box = Sandbox()
    box.faults.add(CHECK, FAULTS[fault])
    settings = {
        "COMPLIANCE": "source",
        "EXECUTOR": executor,
        "REQUEST_DEADLINE_SECONDS": "1.5",
    }
    async with running(box, settings=settings) as graph:
        [found] = of(await graph.data(QUERY, {"a": WALLETS[:1]}))

    assert (found["verdict"], found["source"]) == ("UNKNOWN", "portfolio")
    assert found["reason"] is not None


async def test_an_old_verdict_is_none() -> None:
    clock = Clock()
    clear = next(each for each, said in verdicts(WALLETS).items() if said["is_compliant"])  # type: ignore[index]
    async with running(settings={"COMPLIANCE": "source"}, clock=clock) as graph:
        [before] = of(await graph.data(QUERY, {"a": [clear]}))
        graph.box.faults.add(CHECK, Fault.unauthorized())
        clock.now += 601
        [after] = of(await graph.data(QUERY, {"a": [clear]}))

    assert (before["verdict"], after["verdict"]) == ("CLEAR", "UNKNOWN")
    assert after["reason"] == "The source could not be asked."


@pytest.mark.parametrize(
    ("fields", "control"),
    [("netWorthUsd", "public"), ("netWorthUsd compliance { verdict }", "no-store")],
)
async def test_no_cache_may_keep_a_verdict(graph: Graph, fields: str, control: str) -> None:
    query = f'{{ wallet(address: "{WALLETS[0]}") {{ {fields} }} }}'
    headers = {"Apollo-Require-Preflight": "1"}
    answer = await graph.http.get("/graphql", params={"query": query}, headers=headers)

    assert answer.headers["cache-control"].partition(",")[0] == control


async def test_a_list_asks_nobody(executor: str, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"{WALLETS[0]}\n{WALLETS[1]} CLEAR\n{ACCOUNT} FLAGGED\n")
    settings = {"COMPLIANCE": "list", "COMPLIANCE_LIST": str(path), "EXECUTOR": executor}
    async with running(settings=settings) as graph:
        asked = [WALLETS[0], WALLETS[1], WALLETS[2], ACCOUNT]
        found = of(await graph.data(QUERY, {"a": asked}))

        assert graph.calls() == {}
    assert [each["verdict"] for each in found] == ["FLAGGED", "CLEAR", "UNKNOWN", "FLAGGED"]
    assert {each["source"] for each in found} == {"list"}
    assert [each["reason"] for each in found] == [None, None, "It is not in the list.", None]


async def test_the_source_knows_no_algorand(executor: str) -> None:
    settings = {"COMPLIANCE": "source", "EXECUTOR": executor}
    async with running(settings=settings) as graph:
        [found] = of(await graph.data(QUERY, {"a": [ACCOUNT]}))

        assert graph.calls() == {}
    assert (found["verdict"], found["source"]) == ("UNKNOWN", None)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"COMPLIANCE": "list"}, "COMPLIANCE_LIST"),
        ({"COMPLIANCE_LIST": "/dev/null"}, "COMPLIANCE_LIST"),
        ({"COMPLIANCE": "list", "COMPLIANCE_LIST": "/nowhere"}, "COMPLIANCE_LIST"),
        ({"COMPLIANCE_POINTER": "/ok"}, "COMPLIANCE_POINTER"),
        ({"COMPLIANCE_CLEAR": "false"}, "COMPLIANCE_POINTER"),
        ({"COMPLIANCE": "perhaps"}, "COMPLIANCE"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(settings)

    assert caught.value.problems[0].startswith(name)
