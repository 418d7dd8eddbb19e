"""Which client a request counts for."""

import pytest

from server.clients import Clients


def name(
    peer: str | None, header: str | None = None, value: str | None = None, named: str | None = None
) -> str:
    headers = {} if header is None or value is None else {header.lower().encode(): value.encode()}
    scope = {"client": None if peer is None else (peer, 50_000)}
    return Clients(named).of(scope, headers)


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("192.0.2.1", "address:192.0.2.1"),
        ("::ffff:192.0.2.1", "address:192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:2::5", "address:2001:db8:1:2::/64"),
        ("fe80::1%eth0", "address:fe80::/64"),
        ("testclient", "address:testclient"),
        (None, "unknown"),
    ],
)
def test_a_client_is_an_address_of_ipv6_a_network(peer: str | None, expected: str) -> None:
    assert name(peer) == expected


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client"])
def test_no_header_is_believed_that_nobody_named(header: str) -> None:
    assert name("192.0.2.1", header, "203.0.113.7") == "address:192.0.2.1"
    assert name("192.0.2.1", header, "203.0.113.7", "X-Other") == "address:192.0.2.1"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("203.0.113.7", "header:203.0.113.7"),
        ("203.0.113.9, 203.0.113.7", "header:203.0.113.7"),
        ("2001:db8:1:2:3::1", "header:2001:db8:1:2::/64"),
        ("tenant 7", "header:tenant 7"),
        ("x" * 9_000, "header:" + "x" * 100),
        ("address:192.0.2.1", "header:address:192.0.2.1"),
        ("", "address:192.0.2.1"),
        ("203.0.113.7, ", "address:192.0.2.1"),
    ],
)
def test_the_last_value_of_a_header_that_is_named_tells_clients_apart(
    value: str, expected: str
) -> None:
    assert name("192.0.2.1", "x-forwarded-for", value, "X-Forwarded-For") == expected
