"""Every `extensions.code` a client can meet, with what it means: the one table of them."""

from collections.abc import Mapping
from types import MappingProxyType

from schema.errors import CODES as GRAPH

PROTOCOL: Mapping[str, str] = MappingProxyType(
    {
        "GRAPHQL_PARSE_FAILED": "The document is not GraphQL; the message names line and column.",
        "GRAPHQL_VALIDATION_FAILED": "The document does not fit the schema; at most 5 reasons.",
        "BAD_USER_INPUT": "A variable or an argument does not have the type the schema asks for.",
        "OPERATION_RESOLUTION_FAILURE": (
            "The document has several operations and none was named, or not the one named."
        ),
        "OPERATION_NOT_SUPPORTED": "Queries alone are served, over GET and POST.",
        "PERSISTED_QUERY_NOT_FOUND": "This hash is unknown: send it again with the query.",
        "PERSISTED_QUERY_HASH_MISMATCH": "The hash is not the SHA-256 of the query it came with.",
        "PERSISTED_QUERY_NOT_IN_LIST": "Only listed operations are served; this id is not listed.",
        "QUERY_NOT_IN_SAFELIST": "Only listed operations are served; this text is not listed.",
    }
)

REQUEST: Mapping[str, str] = MappingProxyType(
    {
        "BAD_REQUEST": "The body or a parameter is not what GraphQL over HTTP describes.",
        "MISSING_QUERY": "Neither a query nor the hash of one was sent.",
        "BATCHING_NOT_SUPPORTED": "The body is a list: send one operation a request.",
        "METHOD_NOT_ALLOWED": "What is at this address takes other methods, see Allow.",
        "UNSUPPORTED_MEDIA_TYPE": "Send application/json, in UTF-8, plain or gzip.",
        "NOT_ACCEPTABLE": "Accept allows no type this endpoint can answer in.",
        "CSRF_PREVENTED": (
            "A GET that any web page could cause: add the header Apollo-Require-Preflight, or POST."
        ),
        "BODY_TOO_LARGE": "The body is longer than MAX_BODY_BYTES, sent or unpacked.",
        "BODY_TIMEOUT": "The body did not arrive within 5 seconds.",
        "CORS_REFUSED": "A browser asked leave for an origin that ALLOWED_ORIGINS does not name.",
        "UNAUTHORIZED": "Only a router that knows the shared secret is answered.",
        "NOT_FOUND": "There is nothing at this address.",
        "HEADERS_TOO_LARGE": "More than 16 KiB or 100 lines of headers.",
        "OVERLOADED": "Too many requests at once, see Retry-After.",
    }
)

LIMITS: Mapping[str, str] = MappingProxyType(
    {
        "DOCUMENT_TOO_LARGE": "More bytes, tokens, comments or definitions than are read.",
        "OPERATION_TOO_DEEP": "Fields nest deeper than MAX_DEPTH.",
        "OPERATION_TOO_LARGE": "More fields than MAX_FIELDS once fragments are spread out.",
        "OPERATION_TOO_COSTLY": (
            "More objects than MAX_COST could come, or more rows than MAX_ROWS were looked through."
        ),
        "TOO_MANY_CALLS": (
            "More calls to a source than MAX_ONEINCH_CALLS, MAX_ALGOD_CALLS or MAX_PRICE_CALLS "
            "could be needed."
        ),
        "TOO_MANY_ALIASES": "More aliases than MAX_ALIASES.",
        "TOO_MANY_ROOT_FIELDS": "More fields at the root than MAX_ROOT_FIELDS.",
        "TOO_MANY_DIRECTIVES": "More directives than MAX_DIRECTIVES.",
        "LIST_TOO_LONG": (
            "A list argument has more entries than MAX_LIST_ENTRIES, or `_entities` in all more "
            "than MAX_REPRESENTATIONS."
        ),
    }
)

EXECUTION: Mapping[str, str] = MappingProxyType(
    {
        "DEADLINE_EXCEEDED": "The operation took a fifth longer than REQUEST_DEADLINE_SECONDS.",
        "TOO_MANY_ERRORS": "There are more errors than are listed; the message says how many.",
        "ANSWER_TOO_LARGE": "The answer is longer than MAX_ANSWER_BYTES: ask for smaller pages.",
    }
)

CODES: Mapping[str, str] = MappingProxyType({**GRAPH, **EXECUTION, **PROTOCOL, **LIMITS, **REQUEST})
