"""algod, played: accounts, their assets page by page, single assets; the rest is in `node`."""

from functools import lru_cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import arguments, ledger
from sandbox.accounts import account
from sandbox.algod_replies import in_format, refused
from sandbox.assets import asset
from sandbox.calls import Call, Calls
from sandbox.chain import BLOCK_SECONDS, ROUND
from sandbox.faults import Faults
from sandbox.node import Node, pending
from sandbox.params import params_json
from sandbox.stage import Stage

_JSON = "application/json"
_TOKEN_HEADER = "X-Algo-API-Token"  # noqa: S105  (its name, not the token)


def algod_app(
    *,
    token: str | None,
    gzip: bool,
    calls: Calls,
    faults: Faults,
    block_seconds: float = BLOCK_SECONDS,
) -> Starlette:
    """The application; `Sandbox` says what its arguments mean."""
    node = Node(block_seconds)
    guarded = [
        Route("/v2/accounts/{address}", _account_information),
        Route("/v2/accounts/{address}/assets", _account_assets),
        Route("/v2/accounts/{address}/assets/{asset_id}", _account_asset),
        Route("/v2/accounts/{address}/applications", _account_applications),
        Route("/v2/accounts/{address}/applications/{application_id}", _account_application),
        Route("/v2/accounts/{address}/transactions/pending", _account_pending),
        Route("/v2/assets/{asset_id}", _asset_by_id),
        *node.routes(),
    ]
    for route in guarded:
        route.app = _Guarded(route.app, token)
    middleware = [
        Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"],
            allow_headers=[_TOKEN_HEADER, "Content-Type"],
        ),
        Middleware(Stage, calls=calls, faults=faults),
        Middleware(_Unslashed),
    ]
    if gzip:
        middleware.insert(0, Middleware(GZipMiddleware))
    return Starlette(
        routes=[*guarded, *node.open_routes()],
        middleware=middleware,
        exception_handlers={HTTPException: refused},
    )


class _Guarded:
    """ASGI application: another one, for those who know the token."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Request(scope).headers
        offered = headers.get(_TOKEN_HEADER, "")
        if not offered:
            offered = headers.get("authorization", "").removeprefix("Bearer ")
        if self._token is not None and offered != self._token:
            raise HTTPException(401, "Invalid API Token")
        await self._app(scope, receive, send)


class _Unslashed:
    """ASGI middleware: a trailing slash means nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "/")
        await self._app({**scope, "path": path.rstrip("/") or "/"}, receive, send)


async def _account_information(request: Request) -> Response:
    address = _address(request)
    call = Call.of(request.scope)
    format_ = arguments.format_(call)
    body = _account(address, arguments.exclude(call))
    return in_format(format_, body, ledger.account(account(address)))


async def _account_assets(request: Request) -> Response:
    address = _address(request)
    limit, after = arguments.page(Call.of(request.scope))
    return Response(_page(address, limit, after), media_type=_JSON)


async def _account_asset(request: Request) -> Response:
    address, asset_id = _address(request), _asset_id(request)
    format_ = arguments.format_(Call.of(request.scope))
    held = next((each for each in account(address).holdings if each.asset_id == asset_id), None)
    found = asset(asset_id)
    created = found if found is not None and found.creator == address else None
    if held is None and created is None:
        raise HTTPException(404, "account asset info not found")
    if format_ == "msgpack":
        return in_format(format_, None, ledger.account_asset(held, created))
    parts = []
    if held is not None:
        parts.append(b'"asset-holding":' + _holding(*held))
    if created is not None:
        parts.append(b'"created-asset":' + (params_json(asset_id) or b""))
    parts.append(b'"round":%d' % ROUND)
    return Response(b"{%b}\n" % b",".join(parts), media_type=_JSON)


async def _account_applications(request: Request) -> Response:
    _address(request)
    return in_format("json", {"application-resources": [], "round": ROUND}, None)


async def _account_application(request: Request) -> Response:
    _address(request)
    arguments.uint64("application-id", request.path_params["application_id"])
    raise HTTPException(404, "account application info not found")


async def _account_pending(request: Request) -> Response:
    _address(request)
    return pending(request)


async def _asset_by_id(request: Request) -> Response:
    asset_id = _asset_id(request)
    params = params_json(asset_id)
    if params is None:
        raise HTTPException(404, "asset does not exist")
    return Response(b'{"index":%d,"params":%b}\n' % (asset_id, params), media_type=_JSON)


def _address(request: Request) -> str:
    return arguments.address(request.path_params["address"])


def _asset_id(request: Request) -> int:
    return arguments.uint64("asset-id", request.path_params["asset_id"])


@lru_cache(maxsize=32)
def _page(address: str, limit: int, after: int) -> bytes:
    """A page as the handler makes it: a row more is asked for, to know whether there is one."""
    rows = [holding for holding in account(address).holdings if holding.asset_id > after]
    shown = [
        b'{"asset-holding":%b%b}' % (_holding(*row), _params_member(row.asset_id))
        for row in rows[:limit]
    ]
    token = b',"next-token":"%d"' % rows[limit - 1].asset_id if len(rows) > limit else b""
    return b'{"asset-holdings":[%b]%b,"round":%d}\n' % (b",".join(shown), token, ROUND)


def _holding(asset_id: int, amount: int, is_frozen: bool) -> bytes:
    frozen = b"true" if is_frozen else b"false"
    return b'{"amount":%d,"asset-id":%d,"is-frozen":%b}' % (amount, asset_id, frozen)


def _params_member(asset_id: int) -> bytes:
    params = params_json(asset_id)
    return b"" if params is None else b',"asset-params":' + params


def _account(address: str, exclude: str | None) -> dict[str, object]:
    found = account(address)
    count = len(found.holdings)
    rewards = found.rewards
    body: dict[str, object] = {
        "address": address,
        "amount": found.microalgos,
        "amount-without-pending-rewards": found.microalgos - rewards,
        "apps-total-schema": {"num-byte-slice": 0, "num-uint": 0},
        "min-balance": 100_000 * (1 + count),
        "pending-rewards": rewards,
        "reward-base": found.reward_base,
        "rewards": rewards,
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
