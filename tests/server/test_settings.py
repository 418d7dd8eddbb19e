"""The environment is read once, and what is wrong in it is refused by name, all at once."""

from dataclasses import fields

import httpx
import pytest
import yarl
from hypothesis import given
from hypothesis import strategies as st

from server.limits import Limits
from server.settings import TABLE, Settings, SettingsError
from server.values import Secret

PROXY = "must be an http URL of a proxy, such as http://user:password@proxy:3128"
LONG = "0123456789abcdef0123456789abcdef"


def problems(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(environ)
    return refused.value.problems


def test_without_variables_the_sandbox_answers_on_this_machine_alone() -> None:
    settings = Settings.from_env({})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.is_sandbox) == ("127.0.0.1", 8000, True)
    assert settings.limits == Limits()


def test_a_key_means_live_unless_said_otherwise() -> None:
    assert Settings.from_env({"ONEINCH_API_KEY": "k"}).upstreams == "live"
    assert Settings.from_env({"ONEINCH_API_KEY": "k", "UPSTREAMS": "sandbox"}).is_sandbox
    assert not Settings.from_env({"UPSTREAMS": "LIVE"}).is_sandbox
    assert Settings.from_env({"ONEINCH_API_KEY": " "}).is_sandbox


def test_a_supergraph_profile_turns_the_extras_off_where_they_are_not_asked_for() -> None:
    settings = Settings.from_env({"PROFILE": "supergraph", "INTROSPECTION": "on"})
    assert (settings.graphiql, settings.introspection, settings.node_field) == (False, True, False)
    assert settings.entity_cache_tags


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("ONEINCH_RPS", "x", "must be a positive number, got 'x'"),
        ("ONEINCH_RPS", "0", "must be a positive number, got '0'"),
        ("ALGOD_RPS", "inf", "must be a positive number, got 'inf'"),
        ("ALGOD_RPS", "nan", "must be a positive number, got 'nan'"),
        ("PORT", "65536", "must be a whole number from 0 to 65535, got '65536'"),
        ("PORT", "-1", "must be a whole number from 0 to 65535, got '-1'"),
        ("PORT", "٣", "must be a whole number from 0 to 65535, got '٣'"),
        ("REPLICAS", "1.5", "must be a whole number from 1 to 10000, got '1.5'"),
        ("STALE_SECONDS", "-1", "must be a number of seconds, 0 or more, got '-1'"),
        ("UPSTREAMS", "both", "must be live or sandbox, got 'both'"),
        ("GRAPHIQL", "maybe", "must be on or off, got 'maybe'"),
        ("PROFILE", "prod", "must be standalone or supergraph, got 'prod'"),
        ("UPSTREAM_PROXY", "ftp://p:3128", PROXY),
        ("UPSTREAM_PROXY", "http://canary:canary@/", PROXY),
        ("UPSTREAM_PROXY", "http://p:99999", PROXY),
        ("UPSTREAM_PROXY", "http://p:3128/x?canary", PROXY),
        ("LOG_LEVEL", "loud", "must be DEBUG or INFO or WARNING or ERROR, got 'loud'"),
        (
            "ALLOWED_ORIGINS",
            "example.com",
            "must be origins such as https://app.example, or *, got 'example.com'",
        ),
        ("ROUTER_SECRET", "short", "must be at least 32 bytes long"),
        ("ROUTER_HMAC_SECRET", f"{LONG},short", "must be at least 32 bytes long"),
        ("ONEINCH_API_KEY", "two words", "must be one word of printable ASCII characters"),
        ("ALGOD_TOKEN", "a\nb", "must be one word of printable ASCII characters"),
        (
            "REDIS_URL",
            "http://cache",
            "must be a redis://, rediss://, unix:// or redis+sentinel:// URL",
        ),
        ("ONEINCH_URL", "ftp://x", "must be an http or https URL without user, query or fragment"),
        (
            "ALGOD_URL",
            "https://u:p@x",
            "must be an http or https URL without user, query or fragment",
        ),
        (
            "ALGOD_URL",
            "http://x:port",
            "must be an http or https URL without user, query or fragment",
        ),
        ("MAX_DEPTH", "0", "must be a whole number from 1 to 1000000000, got '0'"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str, problem: str) -> None:
    assert problems(**{name: value}) == [f"{name} {problem}"]


@given(st.text(st.characters(codec="utf-8")), st.text(alphabet="a0.:[]%-_~é/ ;&"))
def test_a_url_that_is_taken_can_be_used(text: str, host: str) -> None:
    for url in (f"http://{host}", f"https://{text}", f"http://h/{text}", f"http://{host}/{host}"):
        try:
            found = Settings.from_env({"ONEINCH_URL": url}).oneinch_url
        except SettingsError as wrong:
            sentence = "must be an http or https URL without user, query or fragment"
            assert wrong.problems == [f"ONEINCH_URL {sentence}"]  # noqa: PT017
            continue
        name = httpx.URL(found).host
        assert name == yarl.URL(found).host
        assert name.encode("idna")


@pytest.mark.parametrize(
    "url",
    [
        "redis://:pa[canary@h",
        "redis://:pa#canary@h",
        "redis://u:12#canary@h",
        "redis://u:12/canary@h",
        "redis://canary@h",
        "redis://:canary@h:99999",
        "redis://:canary@h/x",
        "redis://:canary@h?canary=1",
        "canary://h",
        "unix://canary",
    ],
)
def test_no_part_of_a_redis_url_is_repeated(url: str) -> None:
    [problem] = problems(REDIS_URL=url)
    assert problem.startswith("REDIS_URL ")
    assert "canary" not in problem


def test_all_problems_come_together_and_long_values_are_cut() -> None:
    found = problems(PORT="x", ONEINCH_RPS="y" * 500, UPSTREAMS="both")
    assert [line.split()[0] for line in found] == ["PORT", "UPSTREAMS", "ONEINCH_RPS"]
    assert max(map(len, found)) < 150


def test_every_variable_is_read() -> None:
    settings = Settings.from_env(
        {
            "HOST": "0.0.0.0",
            "ALLOWED_ORIGINS": "https://a.example/, http://localhost:*",
            "ROUTER_SECRET": f"{LONG},{LONG[::-1]}",
            "REDIS_URL": "redis://:password@cache/0",
            "ONEINCH_URL": "http://127.0.0.1:9100/",
            "MAX_COST": "7",
            "DRAIN_SECONDS": "0",
            "PERSISTED_OPERATIONS": "manifest.json",
        }
    )
    assert settings.host == "0.0.0.0"
    assert settings.allowed_origins == ("https://a.example", "http://localhost:*")
    assert settings.router_secret == (Secret(LONG), Secret(LONG[::-1]))
    assert settings.redis_url == Secret("redis://:password@cache/0")
    assert settings.oneinch_url == "http://127.0.0.1:9100"
    assert settings.limits.cost == 7
    assert settings.drain_seconds == 0
    assert settings.secrets == (settings.redis_url, Secret("password"), *settings.router_secret)


def test_the_password_of_a_proxy_is_a_secret_as_it_is_and_as_it_is_written() -> None:
    settings = Settings.from_env({"UPSTREAM_PROXY": "http://user:pass%40word@proxy:3128"})

    assert settings.upstream_proxy is not None
    assert {*settings.secrets} == {
        settings.upstream_proxy,
        Secret("pass%40word"),
        Secret("pass@word"),
    }


def test_secrets_do_not_print() -> None:
    settings = Settings.from_env({"ONEINCH_API_KEY": "canary", "ROUTER_SECRET": LONG})
    for text in (repr(settings), str(settings.oneinch_api_key), f"{settings.router_secret}"):
        assert "canary" not in text
        assert LONG not in text
    assert settings.oneinch_api_key is not None
    assert settings.oneinch_api_key.reveal() == "canary"
    assert settings.oneinch_api_key != "canary"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not any("canary" in line for line in problems(ONEINCH_API_KEY="canary canary"))


def test_the_table_has_every_field_with_its_default() -> None:
    assert [item.name for item in TABLE] == [item.name.upper() for item in fields(Settings)]
    defaults = {item.name: item.default for item in TABLE}
    assert defaults["PORT"] == "8000"
    assert defaults["ONEINCH_API_KEY"] == "none"
    assert defaults["ROUTER_SECRET"] == "none"
    assert defaults["GRAPHIQL"] == "on"
    assert defaults["ENTITY_CACHE_TAGS"] == "off"
    assert defaults["ASSET_TTL_SECONDS"] == "86400"
    assert defaults["ALLOWED_ORIGINS"] == "http://localhost:*,http://127.0.0.1:*"
    assert defaults["UPSTREAMS"] == "`live` if ONEINCH_API_KEY is set, else `sandbox`"
    assert all(item.help for item in TABLE)
