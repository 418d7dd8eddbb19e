"""algod, played: accounts, their assets page by page, single assets, the state of the node."""

import re
from functools import lru_cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import addresses
from sandbox.accounts import NOBODY, account
from sandbox.assets import go_json, params_json
from sandbox.calls import Call, Calls
from sandbox.faults import Faults
from sandbox.stage import Stage

GENESIS_ID = "sandbox-v1"
GENESIS_HASH = "c2FuZGJveC12MSBpcyBubyByZWFsIG5ldHdvcmsuLi4="
ROUND = 58_979_829
MAX_LIMIT = 1000

_UINT64 = re.compile(r"[0-9]+")
_JSON = "application/json"
_VERSION = (
    "https://github.com/algorandfoundation/specs/tree/953304de35264fc3ef91bcd05c123242015eeaed"
)
_EXCLUDABLE = {"created-apps-params", "created-assets-params"}


def algod_app(*, token: str | None, gzip: bool, calls: Calls, faults: Faults) -> Starlette:
    """The application; `Sandbox` says what its arguments mean."""

    def allow(request: Request) -> None:
        offered = request.headers.get("x-algo-api-token", "")
        if not offered:
            offered = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token is not None and offered != token:
            raise HTTPException(401, "Invalid API Token")

    async def account_assets(request: Request) -> Response:
        allow(request)
        address = _address(request)
        limit, after = _page_arguments(Call.of(request.scope))
        return Response(_page(address, limit, after), media_type=_JSON)

    async def account_information(request: Request) -> Response:
        allow(request)
        address = _address(request)
        return _answer(_account(address, _exclude(Call.of(request.scope))))

    async def asset_by_id(request: Request) -> Response:
        allow(request)
        asset_id = _uint64("asset-id", request.path_params["asset_id"])
        params = params_json(asset_id)
        if params is None:
            raise HTTPException(404, "asset does not exist")
        return Response(b'{"index":%d,"params":%b}\n' % (asset_id, params), media_type=_JSON)

    async def status(request: Request) -> Response:
        allow(request)
        return _answer(_STATUS)

    routes = [
        Route("/v2/accounts/{address}/assets", account_assets),
        Route("/v2/accounts/{address}", account_information),
        Route("/v2/assets/{asset_id}", asset_by_id),
        Route("/v2/status", status),
        Route("/health", _null),
        Route("/ready", _null),
        Route("/versions", _versions),
    ]
    middleware = [Middleware(Stage, calls=calls, faults=faults)]
    if gzip:
        middleware.insert(0, Middleware(GZipMiddleware))
    app = Starlette(
        routes=routes, middleware=middleware, exception_handlers={HTTPException: _refused}
    )
    app.router.redirect_slashes = False
    return app


@lru_cache(maxsize=64)
def _page(address: str, limit: int, after: int) -> bytes:
    """A page as the handler makes it: a row more is asked for, to know whether there is one."""
    rows = [holding for holding in account(address).holdings if holding.asset_id > after]
    shown = [
        b'{"asset-holding":{"amount":%d,"asset-id":%d,"is-frozen":%b}%b}'
        % (amount, asset_id, b"true" if is_frozen else b"false", _params_member(asset_id))
        for asset_id, amount, is_frozen in rows[:limit]
    ]
    token = b',"next-token":"%d"' % rows[limit - 1].asset_id if len(rows) > limit else b""
    return b'{"asset-holdings":[%b]%b,"round":%d}\n' % (b",".join(shown), token, ROUND)


def _params_member(asset_id: int) -> bytes:
    params = params_json(asset_id)
    return b"" if params is None else b',"asset-params":' + params


def _account(address: str, exclude: str | None) -> dict[str, object]:
    found = account(address)
    count = len(found.holdings)
    pending = 0 if found is NOBODY else 7
    body: dict[str, object] = {
        "address": address,
        "amount": found.microalgos,
        "amount-without-pending-rewards": found.microalgos - pending,
        "apps-total-schema": {"num-byte-slice": 0, "num-uint": 0},
        "min-balance": 100_000 * (1 + count),
        "pending-rewards": pending,
        "reward-base": 0 if found is NOBODY else 218_288,
        "rewards": pending,
        "round": ROUND,
        "status": found.status,
        "total-apps-opted-in": 0,
        "total-assets-opted-in": count,
        "total-created-apps": 0,
        "total-created-assets": 0,
    }
    if exclude != "all":
        body["assets"] = [
            {"amount": amount, "asset-id": asset_id, "is-frozen": is_frozen}
            for asset_id, amount, is_frozen in found.holdings
        ]
        body.update({"apps-local-state": [], "created-apps": [], "created-assets": []})
    return dict(sorted(body.items()))


def _address(request: Request) -> str:
    address = str(request.path_params["address"])
    reason = addresses.problem(address)
    if reason is not None:
        raise HTTPException(
            400,
            "Invalid format for parameter address: error unmarshaling "
            f"'{address}' text as *basics.Address: {reason}",
        )
    return address


def _page_arguments(call: Call) -> tuple[int, int]:
    limit = _single(call, "limit")
    after = _single(call, "next")
    number = MAX_LIMIT if limit is None else _uint64("limit", limit)
    if number == 0:
        raise HTTPException(400, "limit parameter must be a positive integer")
    if number > MAX_LIMIT:
        raise HTTPException(
            400, f"limit {number} exceeds max assets single batch limit {MAX_LIMIT}"
        )
    if after is None:
        return number, 0
    reason = _parse_problem(after)
    if reason is not None:
        raise HTTPException(400, f"unable to parse next token: {reason}")
    if int(after) >= 2**63:
        # The SQL driver under the real handler refuses the high bit.
        raise HTTPException(500, "failed to retrieve information from the ledger")
    return number, int(after)


def _exclude(call: Call) -> str | None:
    exclude = _single(call, "exclude")
    if exclude in (None, "all", "none") or set(str(exclude).split(",")) <= _EXCLUDABLE:
        return exclude
    raise HTTPException(400, "failed to parse exclude")


def _single(call: Call, name: str) -> str | None:
    values = call.values(name)
    if len(values) > 1:
        raise HTTPException(
            400,
            f"Invalid format for parameter {name}: "
            f"multiple values for single value parameter '{name}'",
        )
    return values[0] if values else None


def _uint64(name: str, text: str) -> int:
    reason = _parse_problem(text)
    if reason is not None:
        raise HTTPException(
            400, f"Invalid format for parameter {name}: error binding string parameter: {reason}"
        )
    return int(text)


def _parse_problem(text: str) -> str | None:
    """What Go's strconv.ParseUint says of a text, or None where it parses."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    if not _UINT64.fullmatch(text):
        return f'strconv.ParseUint: parsing "{quoted}": invalid syntax'
    if len(text.lstrip("0")) > 20 or int(text) >= 2**64:
        return f'strconv.ParseUint: parsing "{quoted}": value out of range'
    return None


def _answer(body: object, status: int = 200) -> Response:
    return Response(go_json(body) + b"\n", status, media_type=_JSON)


async def _null(request: Request) -> Response:
    return Response(b"null\n", media_type=_JSON)


async def _versions(request: Request) -> Response:
    return _answer(
        {
            "versions": ["v2"],
            "genesis_id": GENESIS_ID,
            "genesis_hash_b64": GENESIS_HASH,
            "build": {
                "major": 5,
                "minor": 0,
                "build_number": 0,
                "commit_hash": "5a4db0c5",
                "branch": "sandbox",
                "channel": "sandbox",
            },
        }
    )


async def _refused(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101  (Starlette hands over what it was told to)
    return _answer({"message": exc.detail}, exc.status_code)


_STATUS: dict[str, object] = {
    "catchpoint": "",
    "catchpoint-acquired-blocks": 0,
    "catchpoint-processed-accounts": 0,
    "catchpoint-processed-kvs": 0,
    "catchpoint-total-accounts": 0,
    "catchpoint-total-blocks": 0,
    "catchpoint-total-kvs": 0,
    "catchpoint-verified-accounts": 0,
    "catchpoint-verified-kvs": 0,
    "catchup-time": 0,
    "last-catchpoint": "",
    "last-round": ROUND,
    "last-version": _VERSION,
    "next-version": _VERSION,
    "next-version-round": ROUND + 1,
    "next-version-supported": True,
    "stopped-at-unsupported-round": False,
    "time-since-last-round": 1_200_000_000,
}
