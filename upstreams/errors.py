"""What can go wrong when an upstream is asked, as one tree; every message is fit for a client.

    UpstreamError
    ├── UpstreamTimeout        no complete answer within the time this call had
    ├── UpstreamRateLimited    429, or 403 where that means a used-up quota, or our own budget
    ├── UpstreamUnavailable    not reached (DNS, connect, TLS, reset) or answered 5xx
    ├── UpstreamUnauthorized   the key is missing or not accepted
    ├── UpstreamRejected       it understood, and refused what was asked (400, 404, 422, ...)
    └── UpstreamContract       it answered 2xx, but not what it documents

No message holds a key, a URL or a byte of an upstream's body.
"""

from typing import ClassVar, Self


class UpstreamError(Exception):
    """A call to an upstream that gave no usable answer; `str()` is a sentence a client may read.

    `source` names the upstream in the graph's words, `retry_after` is in seconds, `status` is the
    HTTP status where one came, `is_transient` says that the same call may well succeed soon.
    """

    code: ClassVar[str]
    is_transient: bool = False

    def __init__(
        self,
        message: str,
        *,
        source: str,
        retry_after: float | None = None,
        status: int | None = None,
        is_transient: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.source = source
        self.retry_after = retry_after
        self.status = status
        if is_transient is not None:
            self.is_transient = is_transient

    def again(self) -> Self:
        """The same error for another reader, without the way it took before."""
        return type(self)(
            str(self),
            source=self.source,
            retry_after=self.retry_after,
            status=self.status,
            is_transient=self.is_transient,
        )

    @property
    def extensions(self) -> dict[str, object]:
        """The `extensions` of the GraphQL error; `retryAfter` (seconds) only where it is known."""
        found: dict[str, object] = {"code": self.code, "source": self.source}
        if self.retry_after is not None:
            found["retryAfter"] = self.retry_after
        return found


class UpstreamTimeout(UpstreamError):
    """No complete answer within the time this call had."""

    code = "UPSTREAM_TIMEOUT"


class UpstreamRateLimited(UpstreamError):
    """Too many calls; `retry_after` says when to come back, where that is known."""

    code = "UPSTREAM_RATE_LIMITED"
    is_transient = True


class UpstreamUnavailable(UpstreamError):
    """The upstream was not reached, broke off, or answered 5xx."""

    code = "UPSTREAM_UNAVAILABLE"


class UpstreamUnauthorized(UpstreamError):
    """The upstream wants a key, or another one."""

    code = "UPSTREAM_UNAUTHORIZED"


# Of all statuses that mean a rejection these say that another moment may be better.
_MOMENTARY = frozenset({408, 409, 421, 423, 424, 425})


class UpstreamRejected(UpstreamError):
    """The upstream refused the request itself."""

    code = "UPSTREAM_REJECTED"

    @property
    def is_lasting(self) -> bool:
        """Whether the same request would be refused again, so that it is not worth a call."""
        return self.status is not None and self.status not in _MOMENTARY


class UpstreamContract(UpstreamError):
    """An answer that is not what the upstream documents; the message names the place in it."""

    code = "UPSTREAM_CONTRACT"
