"""What REDIS_URL may be; what is wrong with it is said without quoting any of it."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from upstreams.redis import link
from upstreams.redis.url import BadRedisUrl, RedisUrl

_ENCODE = (
    "cannot be read: special characters in a user or password must be percent-encoded (# is %23)"
)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("redis://cache", {"host": "cache", "port": 6379, "db": 0}),
        ("REDIS://my_cache.internal:7000/3 ", {"host": "my_cache.internal", "port": 7000, "db": 3}),
        ("redis://[::1]:7000", {"host": "::1", "port": 7000, "db": 0}),
        ("redis://[::1]", {"host": "::1", "port": 6379, "db": 0}),
        (
            "redis://:p%40ss%23%5B@h/",
            {"host": "h", "port": 6379, "db": 0, "password": "p@ss#["},
        ),
        (
            "redis://user:a:b@c@h",
            {"host": "h", "port": 6379, "db": 0, "username": "user", "password": "a:b@c"},
        ),
        (
            "rediss://h:1/?ssl_cert_reqs=NONE&ssl_check_hostname=no&db=2",
            {
                "host": "h",
                "port": 1,
                "db": 2,
                "ssl": True,
                "ssl_cert_reqs": "none",
                "ssl_check_hostname": False,
            },
        ),
        ("unix:///run/redis%20x.sock?db=1", {"unix_socket_path": "/run/redis x.sock", "db": 1}),
        ("unix://:secret@/s", {"unix_socket_path": "/s", "password": "secret"}),
    ],
)
def test_what_is_right_is_read(url: str, options: dict[str, Any]) -> None:
    found = RedisUrl.read(url)
    assert (found.options, found.hosts, found.master) == (options, (), None)


def test_sentinels_have_their_own_password() -> None:
    found = RedisUrl.read(
        "rediss+sentinel://user:master-secret@one,two:7,[::1]:8/graph/2"
        "?sentinel_password=other&ssl_cert_reqs=optional"
    )
    assert found.hosts == (("one", 26379), ("two", 7), ("::1", 8))
    assert found.master == "graph"
    assert found.options == {
        "username": "user",
        "password": "master-secret",
        "ssl": True,
        "db": 2,
        "ssl_cert_reqs": "optional",
    }
    assert found.sentinel_options == {
        "password": "other",
        "ssl": True,
        "ssl_cert_reqs": "optional",
    }
    assert found.secrets == ("master-secret", "other")
    assert "secret" not in repr(found)


WRONG = [
    ("http://cache", "must be a redis://, rediss://, unix:// or redis+sentinel:// URL"),
    ("cache:6379", "must be a redis://, rediss://, unix:// or redis+sentinel:// URL"),
    ("redis://:pa[ss@h", _ENCODE),
    ("redis://:pa#ss@h", _ENCODE),
    ("redis://u:12#3@h", _ENCODE),
    ("redis://u:12/3@h", _ENCODE),
    ("redis://u:12?3@h", _ENCODE),
    ("redis://:p ss@h", _ENCODE),
    ("redis://:p%zz@h", _ENCODE),
    ("redis://:p\x00@h", _ENCODE),
    ("redis://:%ff@h", "has a user or password that is not UTF-8"),
    (
        "redis://secret@h",
        "has a user without a password: a password follows a colon, :password@",
    ),
    ("redis://", "has no usable host"),
    ("redis://h h", _ENCODE),
    ("redis://a,b", "has no usable host"),
    ("redis://[::x]", "has no usable host"),
    ("redis://[:::]", "has no usable host"),
    ("redis://h:99999", "has a port that is no number from 1 to 65535"),
    ("redis://h:0", "has a port that is no number from 1 to 65535"),
    ("redis://h:", "has a port that is no number from 1 to 65535"),
    ("redis://h:٣", "has a port that is no number from 1 to 65535"),
    ("redis://[::1]:x", "has a port that is no number from 1 to 65535"),
    ("redis://h/x", "has a database that is no number, as 0 is in redis://host:6379/0"),
    ("redis://h/1/2", "has a database that is no number, as 0 is in redis://host:6379/0"),
    ("redis://h/-1", "has a database that is no number, as 0 is in redis://host:6379/0"),
    ("redis://h?db=x", "has a database that is no number, as 0 is in redis://host:6379/0"),
    ("redis://h?secret", "has options that cannot be read"),
    (
        "redis://h?secret=1",
        "has an option other than db, ssl_ca_certs, ssl_certfile, ssl_keyfile, "
        "ssl_cert_reqs, ssl_check_hostname",
    ),
    (
        "rediss://h?ssl_cert_reqs=maybe",
        "has an ssl_cert_reqs other than required, optional, none",
    ),
    (
        "rediss://h?ssl_check_hostname=maybe",
        "has an ssl_check_hostname that is neither true nor false",
    ),
    ("rediss://h?ssl_ca_certs=/nowhere", "has an ssl_ca_certs that is no file"),
    ("unix://", "must name a socket, as in unix:///run/redis.sock"),
    ("unix://h/x", "must name a socket, as in unix:///run/redis.sock"),
    (
        "redis+sentinel://h",
        "must name the master after the Sentinels, "
        "as in redis+sentinel://host:26379,host:26379/mymaster/0",
    ),
    ("redis+sentinel://h,/graph", "has no usable host"),
]


@pytest.mark.parametrize(("url", "problem"), WRONG)
def test_what_is_wrong_is_said_in_a_sentence(url: str, problem: str) -> None:
    with pytest.raises(BadRedisUrl) as bad:
        RedisUrl.read(url)
    assert str(bad.value) == problem
    assert bad.value.__cause__ is None


@given(st.text(), st.text(st.characters(categories=["Cc", "Po", "Ps", "Sm", "Nd", "Ll"])))
def test_whatever_is_given_is_read_or_refused(text: str, odd: str) -> None:
    """And what can be read can be connected to: nothing is left for redis-py to find."""
    for url in (text, f"redis://{text}", f"redis://:{odd}@h/{text}", f"rediss://h?{odd}={text}"):
        try:
            RedisUrl.read(url)
        except BadRedisUrl as bad:
            assert str(bad) in {problem for _, problem in WRONG}  # noqa: PT017
            continue
        asyncio.run(_make(url))


async def _make(url: str) -> None:
    found = RedisUrl.read(url)
    for is_cluster in (False, True)[: 1 + ("host" in found.options)]:
        client, closing = link._client(found, is_cluster=is_cluster)
        if isinstance(client, Redis):
            client.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        await closing.aclose()


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_password_can_be_given_percent_encoded(password: str) -> None:
    url = RedisUrl.read(f"redis://:{quote(password, safe='')}@h")
    assert url.options["password"] == password
    assert url.secrets == (password,)
