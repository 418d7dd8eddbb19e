"""algod, played: accounts, their assets page by page, single assets, the state of the node."""

from functools import lru_cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import arguments
from sandbox.accounts import NOBODY, account
from sandbox.calls import Call, Calls
from sandbox.faults import Faults
from sandbox.params import go_json, params_json
from sandbox.stage import Stage

GENESIS_ID = "sandbox-v1"
GENESIS_HASH = "c2FuZGJveC12MSBpcyBubyByZWFsIG5ldHdvcmsuLi4="
ROUND = 58_979_829

_JSON = "application/json"
_VERSION = (
    "https://github.com/algorandfoundation/specs/tree/953304de35264fc3ef91bcd05c123242015eeaed"
)


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
        address = arguments.address(request.path_params["address"])
        limit, after = arguments.page(Call.of(request.scope))
        return Response(_page(address, limit, after), media_type=_JSON)

    async def account_information(request: Request) -> Response:
        allow(request)
        address = arguments.address(request.path_params["address"])
        return _answer(_account(address, arguments.exclude(Call.of(request.scope))))

    async def asset_by_id(request: Request) -> Response:
        allow(request)
        asset_id = arguments.uint64("asset-id", request.path_params["asset_id"])
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
    middleware = [Middleware(Stage, calls=calls, faults=faults), Middleware(_Unslashed)]
    if gzip:
        middleware.insert(0, Middleware(GZipMiddleware))
    handlers = {HTTPException: _refused}
    return Starlette(routes=routes, middleware=middleware, exception_handlers=handlers)


class _Unslashed:
    """ASGI middleware: a trailing slash means nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "/")
        await self._app({**scope, "path": path.rstrip("/") or "/"}, receive, send)


@lru_cache(maxsize=32)
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
