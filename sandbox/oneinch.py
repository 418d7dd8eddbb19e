"""1inch, played: snapshots, chart and status of Portfolio v5.0, custom of the Token API."""

import re
import time
import uuid
from collections import deque
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Literal

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.calls import Call, Calls
from sandbox.charts import GRIDS, chart
from sandbox.coverage import CHAINS, PROTOCOLS
from sandbox.faults import PLAIN_429, Faults
from sandbox.metrics import metrics
from sandbox.portfolios import at, observed, positions
from sandbox.replies import Headers, Reply, json_bytes
from sandbox.reports import report_of
from sandbox.stage import Stage
from sandbox.tokens import CHAIN_IDS, NATIVE_ADDRESS, Token, find
from sandbox.values import current_value
from sandbox.verdicts import verdicts

Shape = Literal["documented", "observed"]

_PORTFOLIO = "/portfolio/portfolio/v5.0"
_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_META = {
    "cached_at": 1763640000,
    "system": {
        "click_time": 0.0125,
        "node_time": 0.25,
        "microservices_time": 0.0625,
        "redis_time": 0.001953125,
        "total_time": 0.330078125,
    },
}
_JSON = "application/json"


def oneinch_app(
    *,
    shape: Shape,
    zero_owner: bool,
    key: str | None,
    rps: float | None,
    clock: Callable[[], float],
    calls: Calls,
    faults: Faults,
) -> Starlette:
    """The application; `Sandbox` says what its arguments mean."""

    async def snapshot(part: str, request: Request) -> Response:
        call = Call.of(request.scope)
        wallets, chain_id, timestamp, errors = _snapshot_arguments(call)
        if errors:
            return Response(json_bytes({"detail": errors}), 422, media_type=_JSON)
        rows_of = _rows_now if timestamp is None else _rows_then
        texts = [
            rows_of(wallet, part, chain_id, timestamp, shape, zero_owner)
            for wallet in dict.fromkeys(wallet.lower() for wallet in wallets)
        ]
        body = b"[" + b",".join(text for text in texts if text) + b"]"
        if shape == "observed":
            body = b'{"result":' + body + b',"meta":' + json_bytes(_META) + b"}"
        elif part == "protocols":
            # The document has an envelope around the one and none around the other.
            body = b'{"result":' + body + b"}"
        return Response(body, media_type=_JSON)

    async def history(request: Request) -> Response:
        call = Call.of(request.scope)
        wallets, chain_id, _, errors = _snapshot_arguments(call)
        timerange, problems = _timerange(call)
        if errors + problems:
            return Response(json_bytes({"detail": errors + problems}), 422, media_type=_JSON)
        names = list(dict.fromkeys(wallet.lower() for wallet in wallets))
        body = {
            "result": chart(names, chain_id, timerange, time.time()),
            "meta": {"cached_at": None, "system": None, "data_issues": None},
        }
        return Response(json_bytes(body), media_type=_JSON)

    async def value(request: Request) -> Response:
        call = Call.of(request.scope)
        wallets, chain_id, _, errors = _snapshot_arguments(call)
        if errors:
            return Response(json_bytes({"detail": errors}), 422, media_type=_JSON)
        names = list(dict.fromkeys(wallet.lower() for wallet in wallets))
        body = {"result": current_value(names, chain_id), "meta": None}
        return Response(json_bytes(body), media_type=_JSON)

    async def check(request: Request) -> Response:
        call = Call.of(request.scope)
        wallets, _, _, errors = _snapshot_arguments(call)
        if errors:
            return Response(json_bytes({"detail": errors}), 422, media_type=_JSON)
        names = dict.fromkeys(wallet.lower() for wallet in wallets)
        return Response(json_bytes(verdicts(names)), media_type=_JSON)

    async def report(request: Request) -> Response:
        call = Call.of(request.scope)
        wallets, chain_id, _, errors = _snapshot_arguments(call)
        _, problems = _timerange(call)
        if errors + problems:
            return Response(json_bytes({"detail": errors + problems}), 422, media_type=_JSON)
        names = list(dict.fromkeys(wallet.lower() for wallet in wallets))
        # Text behind a declaration of JSON, as the document has it.
        return Response(report_of(names, chain_id), media_type=_JSON)

    async def earned(part: str, request: Request) -> Response:
        call = Call.of(request.scope)
        wallets, chain_id, _, errors = _snapshot_arguments(call)
        timerange, problems = _timerange(call)
        if errors + problems:
            return Response(json_bytes({"detail": errors + problems}), 422, media_type=_JSON)
        names = list(dict.fromkeys(wallet.lower() for wallet in wallets))
        rows = metrics(names, chain_id, timerange, is_tokens=part == "tokens")
        return Response(json_bytes({"result": rows, "meta": None}), media_type=_JSON)

    async def status(request: Request) -> Response:
        body = json_bytes({"result": {"is_available": True}, "meta": _META})
        return Response(body, media_type=_JSON)

    routes = [
        Route(_PORTFOLIO + "/tokens/snapshot", partial(snapshot, "tokens")),
        Route(_PORTFOLIO + "/protocols/snapshot", partial(snapshot, "protocols")),
        Route(_PORTFOLIO + "/tokens/metrics", partial(earned, "tokens")),
        Route(_PORTFOLIO + "/protocols/metrics", partial(earned, "protocols")),
        Route(_PORTFOLIO + "/general/chart", history),
        Route(_PORTFOLIO + "/general/report", report),
        Route(_PORTFOLIO + "/general/current_value", value),
        Route(_PORTFOLIO + "/general/address_check", check),
        Route(_PORTFOLIO + "/general/status", status),
        Route(_PORTFOLIO + "/general/supported_chains", _chains),
        Route(_PORTFOLIO + "/general/supported_protocols", _protocols),
        Route("/token/v1.3/{chain_id}/custom", _custom),
    ]
    gate = _Gate(key, rps, clock)
    stage = Middleware(Stage, calls=calls, faults=faults, gate=gate, stamp=_request_id)
    return Starlette(
        routes=routes, middleware=[stage], exception_handlers={HTTPException: _refused}
    )


class _Gate:
    """The gateway before the APIs: the key, then the rate of the whole account."""

    def __init__(self, key: str | None, rps: float | None, clock: Callable[[], float]) -> None:
        self._key = key
        self._rps = rps
        self._clock = clock
        self._accepted: deque[float] = deque()

    def __call__(self, call: Call, headers: dict[str, str]) -> Reply | None:
        offered = {headers.get("authorization", "").removeprefix("Bearer "), *call.values("apiKey")}
        if self._key is not None and self._key not in offered:
            body = {"statusCode": 401, "message": "Unauthorized"}
            return Reply(401, json_bytes(body), headers=(("www-authenticate", "Bearer"),))
        if self._rps is not None and self._is_over(self._rps):
            return Reply(429, PLAIN_429.encode(), "text/plain")
        return None

    def _is_over(self, rps: float) -> bool:
        # A twentieth is forgiven: a caller who keeps the rate may still arrive a little early.
        now, window = self._clock(), 0.95 * max(1.0, 1 / rps)
        while self._accepted and self._accepted[0] <= now - window:
            self._accepted.popleft()
        if len(self._accepted) >= max(1, int(rps)):
            return True
        self._accepted.append(now)
        return False


def _rows(
    wallet: str,
    part: str,
    chain_id: int | None,
    timestamp: int | None,
    shape: Shape,
    zero_owner: bool,
) -> bytes:
    """The wallet's rows as JSON without the brackets around them: its tokens, or the others."""
    rows = [
        row
        for row in positions(wallet)
        if chain_id in (None, row.chain_id) and (row.protocol_type == "token") == (part == "tokens")
    ]
    if timestamp is not None:
        rows = [at(row, timestamp) for row in rows]
    if shape == "observed":
        rows = [observed(row, zero_owner=zero_owner) for row in rows]
    return json_bytes(rows)[1:-1]


_rows_now = lru_cache(maxsize=512)(_rows)
# Few: a large wallet is asked for as easily at a million moments as at one.
_rows_then = lru_cache(maxsize=32)(_rows)


def _snapshot_arguments(
    call: Call,
) -> tuple[list[str], int | None, int | None, list[dict[str, object]]]:
    errors: list[dict[str, object]] = []
    wallets = call.values("addresses")
    if not wallets:
        errors.append(_error("missing", ["query", "addresses"], "Field required", None))
    for place, wallet in enumerate(wallets):
        problem = _address_problem(wallet)
        if problem is not None:
            errors.append(_error(problem[0], ["query", "addresses", place], problem[1], wallet))
    numbers: list[int | None] = []
    for name in ("chain_id", "timestamp"):
        number = None
        for text in call.values(name)[-1:]:
            problem = _number_problem(name, text)
            if problem is None:
                number = int(text)
            else:
                errors.append(_error(problem[0], ["query", name], problem[1], text))
        numbers.append(number)
    return wallets, numbers[0], numbers[1], errors


def _timerange(call: Call) -> tuple[str, list[dict[str, object]]]:
    timerange = (call.values("timerange") or ["1year"])[-1]
    if timerange in GRIDS:
        return timerange, []
    message = f"Input should be {', '.join(map(repr, GRIDS))}"
    return timerange, [_error("enum", ["query", "timerange"], message, timerange)]


def _error(kind: str, loc: list[str | int], message: str, text: str | None) -> dict[str, object]:
    return {"type": kind, "loc": loc, "msg": message, "input": text}


def _address_problem(text: str) -> tuple[str, str] | None:
    if len(text) < 42:
        return "string_too_short", "String should have at least 42 characters"
    if len(text) > 42:
        return "string_too_long", "String should have at most 42 characters"
    if not _ADDRESS.fullmatch(text):
        return "string_pattern_mismatch", "String should be an address"
    return None


def _number_problem(name: str, text: str) -> tuple[str, str] | None:
    if not _INTEGER.fullmatch(text):
        message = "Input should be a valid integer, unable to parse string as an integer"
        return "int_parsing", message
    if name == "chain_id" and int(text) not in CHAIN_IDS:
        return "enum", f"Input should be {', '.join(map(str, CHAIN_IDS))}"
    if name == "timestamp" and int(text) < 0:
        return "greater_than_equal", "Input should be greater than or equal to 0"
    if name == "timestamp" and int(text) >= 2**32:
        return "less_than", "Input should be less than 4294967296"
    return None


async def _chains(request: Request) -> Response:
    return Response(json_bytes(CHAINS), media_type=_JSON)


async def _protocols(request: Request) -> Response:
    return Response(json_bytes({"result": PROTOCOLS, "meta": None}), media_type=_JSON)


async def _custom(request: Request) -> Response:
    addresses = Call.of(request.scope).values("addresses")
    chain = str(request.path_params["chain_id"])
    if not chain.isdecimal() or int(chain) not in CHAIN_IDS:
        return _bad_request("chain is not supported")
    if not addresses or not all(_ADDRESS.fullmatch(address) for address in addresses):
        return _bad_request("addresses must be Ethereum addresses")
    found = (find(int(chain), address.lower()) for address in addresses)
    described = {token.address: _described(token) for token in found if token is not None}
    return Response(json_bytes(described), media_type=_JSON)


def _described(token: Token) -> dict[str, object]:
    is_native = token.address == NATIVE_ADDRESS
    return {
        "address": token.address,
        "chainId": token.chain_id,
        "decimals": token.decimals,
        "logoURI": f"https://tokens.1inch.io/{token.address}.png",
        "name": token.name,
        "symbol": token.symbol,
        "tags": ["native" if is_native else "tokens"],
    }


def _bad_request(message: str) -> Response:
    body = {"statusCode": 400, "message": message, "error": "Bad Request"}
    return Response(json_bytes(body), 400, media_type=_JSON)


async def _refused(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101  (Starlette hands over what it was told to)
    return Response(json_bytes({"detail": exc.detail}), exc.status_code, media_type=_JSON)


def _request_id() -> Headers:
    return (("x-request-id", str(uuid.uuid4())),)
