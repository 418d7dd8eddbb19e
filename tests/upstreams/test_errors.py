import pytest

from upstreams import errors
from upstreams.errors import UpstreamError

CODES = {
    "UpstreamTimeout": ("UPSTREAM_TIMEOUT", False),
    "UpstreamRateLimited": ("UPSTREAM_RATE_LIMITED", True),
    "UpstreamUnavailable": ("UPSTREAM_UNAVAILABLE", False),
    "UpstreamUnauthorized": ("UPSTREAM_UNAUTHORIZED", False),
    "UpstreamRejected": ("UPSTREAM_REJECTED", False),
    "UpstreamContract": ("UPSTREAM_CONTRACT", False),
}


def test_the_tree_is_whole() -> None:
    assert {kind.__name__ for kind in UpstreamError.__subclasses__()} == set(CODES)


@pytest.mark.parametrize("name", CODES)
def test_each_error_carries_its_code_and_source(name: str) -> None:
    kind = getattr(errors, name)
    code, is_transient = CODES[name]

    error = kind("A sentence.", source="portfolio")

    assert str(error) == "A sentence."
    assert error.extensions == {"code": code, "source": "portfolio"}
    assert (error.status, error.retry_after, error.is_transient) == (None, None, is_transient)


def test_retry_after_is_told_where_it_is_known() -> None:
    error = errors.UpstreamRateLimited(
        "Later.", source="tokens", retry_after=1.5, status=429, is_transient=False
    )

    assert error.extensions == {
        "code": "UPSTREAM_RATE_LIMITED",
        "source": "tokens",
        "retryAfter": 1.5,
    }
    assert (error.status, error.is_transient) == (429, False)
