"""The codes an error of this graph may carry in `extensions.code`, and what each means."""

from resolvers.errors import BadAddress, BadArgument, BadCursor, BadPageSize, BadRepresentation
from upstreams.errors import (
    UpstreamContract,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnauthorized,
    UpstreamUnavailable,
)

INTERNAL = "INTERNAL"

CODES: dict[str, str] = {
    BadAddress.code: "The address is neither an EVM nor an Algorand one, or its checksum is wrong.",
    BadCursor.code: "The cursor is not one of this connection, wallet and order.",
    BadPageSize.code: "The page is not from 0 to 1000, or `first` and `last` came together.",
    BadArgument.code: "Another argument is outside its range; the message names it.",
    BadRepresentation.code: "A representation in `_entities` names no entity of this subgraph.",
    UpstreamTimeout.code: "The source did not answer within the operation's deadline.",
    UpstreamRateLimited.code: "The source's budget of calls is spent, for `retryAfter` seconds.",
    UpstreamUnavailable.code: "The source cannot be reached, or failed itself.",
    UpstreamUnauthorized.code: "The source refused this service's key, or wants one.",
    UpstreamRejected.code: "The source refused the request as wrong; it is not asked that again "
    "for half a minute.",
    UpstreamContract.code: "The source answered, but not as documented; the message says where.",
    INTERNAL: "A fault of this service; its log has the details.",
}
