"""The rest of algod's read API: the node, its network, its blocks, and what it has none of."""

import asyncio
import binascii
from base64 import b64decode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox import arguments, chain
from sandbox.algod_replies import LEDGER_FAILED, answer, in_format
from sandbox.calls import Call

# A node stops waiting for a block after so long.
_LONGEST_WAIT = 60.0
_UNKNOWN_TRANSACTION = (
    "could not find the transaction in the transaction pool or in the last 1000 confirmed rounds"
)


class Node:
    """The endpoints that are no account's and no asset's.

    The chain stands still, so that answers stay the same; only whoever waits for a block is told
    of it, once so many have passed at `block_seconds` each.
    """

    def __init__(self, block_seconds: float) -> None:
        self._block_seconds = block_seconds

    def open_routes(self) -> list[Route]:
        """Those that need no token."""
        return [
            Route("/health", _null),
            Route("/ready", _null),
            Route("/versions", _versions),
            Route("/genesis", _genesis),
        ]

    def routes(self) -> list[Route]:
        """All others."""
        return [
            Route("/v2/status", self._status),
            Route("/v2/status/wait-for-block-after/{round}", self._wait_for_block),
            Route("/v2/ledger/supply", _supply),
            Route("/v2/transactions/params", _params),
            Route("/v2/transactions/pending", _pending),
            Route("/v2/transactions/pending/{txid}", _pending_transaction),
            Route("/v2/blocks/{round}", _block),
            Route("/v2/blocks/{round}/hash", _block_hash),
            Route("/v2/blocks/{round}/txids", _block_txids),
            Route("/v2/blocks/{round}/logs", _block_logs),
            Route("/v2/blocks/{round}/lightheader/proof", _no_state_proof),
            Route("/v2/blocks/{round}/transactions/{txid}/proof", _transaction_proof),
            Route("/v2/stateproofs/{round}", _no_state_proof),
            Route("/v2/applications/{application_id}", _application),
            Route("/v2/applications/{application_id}/boxes", _boxes),
            Route("/v2/applications/{application_id}/box", _box),
            Route("/v2/teal/compile", _compile, methods=["POST"]),
        ]

    async def _status(self, request: Request) -> Response:
        return answer(_status(chain.ROUND))

    async def _wait_for_block(self, request: Request) -> Response:
        round_ = _round(request)
        blocks = round_ + 1 - chain.ROUND
        if blocks <= 0:
            return answer(_status(chain.ROUND))
        wait = blocks * self._block_seconds
        await asyncio.sleep(min(wait, _LONGEST_WAIT))
        if wait > _LONGEST_WAIT:
            blocks = int(_LONGEST_WAIT / self._block_seconds)
        return answer(_status(chain.ROUND + blocks))


def _status(round_: int) -> dict[str, object]:
    return {
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
        "last-round": round_,
        "last-version": chain.CONSENSUS,
        "next-version": chain.CONSENSUS,
        "next-version-round": round_ + 1,
        "next-version-supported": True,
        "stopped-at-unsupported-round": False,
        "time-since-last-round": 1_200_000_000,
    }


async def _null(request: Request) -> Response:
    return answer(None)


async def _versions(request: Request) -> Response:
    return answer(
        {
            "versions": ["v2"],
            "genesis_id": chain.GENESIS_ID,
            "genesis_hash_b64": chain.GENESIS_HASH,
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


async def _genesis(request: Request) -> Response:
    return answer(chain.genesis())


async def _supply(request: Request) -> Response:
    return answer(
        {
            "current_round": chain.ROUND,
            "online-money": chain.SUPPLY // 5,
            "total-money": chain.SUPPLY,
        }
    )


async def _params(request: Request) -> Response:
    return answer(
        {
            "consensus-version": chain.CONSENSUS,
            "fee": 0,
            "genesis-hash": chain.GENESIS_HASH,
            "genesis-id": chain.GENESIS_ID,
            "last-round": chain.ROUND,
            "min-fee": 1000,
        }
    )


async def _pending(request: Request) -> Response:
    return pending(request)


def pending(request: Request) -> Response:
    """The transactions that wait for a block: none."""
    call = Call.of(request.scope)
    arguments.number(call, "max")
    nothing = {"top-transactions": [], "total-transactions": 0}
    return in_format(arguments.format_(call), nothing, nothing)


async def _pending_transaction(request: Request) -> Response:
    arguments.transaction_id(request.path_params["txid"])
    raise HTTPException(404, _UNKNOWN_TRANSACTION)


async def _block(request: Request) -> Response:
    call = Call.of(request.scope)
    round_ = _round(request)
    is_header = arguments.flag(call, "header-only")
    format_ = arguments.format_(call)
    _check_known(round_)
    if format_ == "msgpack":
        headers = {} if is_header else {"X-Algorand-Struct": "block-v1"}
        body = chain.block_msgpack(round_, header_only=is_header)
        return Response(body, media_type="application/msgpack", headers=headers)
    return answer(chain.block_json(round_))


async def _block_hash(request: Request) -> Response:
    _check_known(round_ := _round(request))
    return answer({"blockHash": chain.block_hash_text(round_)})


async def _block_txids(request: Request) -> Response:
    _check_known(_round(request))
    return answer({"blockTxids": []})


async def _block_logs(request: Request) -> Response:
    _check_known(_round(request))
    return answer({"logs": []})


async def _no_state_proof(request: Request) -> Response:
    if _round(request) > chain.ROUND:
        raise HTTPException(500, "given round is greater than the latest round")
    raise HTTPException(404, "no state proof can be found for that round")


async def _transaction_proof(request: Request) -> Response:
    round_ = _round(request)
    arguments.transaction_id(request.path_params["txid"])
    raise HTTPException(*((500, LEDGER_FAILED) if round_ > chain.ROUND else _NO_TRANSACTION))


_NO_TRANSACTION = (404, _UNKNOWN_TRANSACTION)


async def _application(request: Request) -> Response:
    _application_id(request)
    raise HTTPException(404, "application does not exist")


async def _boxes(request: Request) -> Response:
    _application_id(request)
    arguments.number(Call.of(request.scope), "max")
    return answer({"boxes": []})


async def _box(request: Request) -> Response:
    _application_id(request)
    name = arguments.required(Call.of(request.scope), "name")
    encoding, colon, value = name.partition(":")
    if not colon:
        raise HTTPException(
            400, "all arguments and box names should be of the form 'encoding:value'"
        )
    if encoding in ("b64", "base64", "byte base64"):
        try:
            b64decode(value, validate=True)
        except binascii.Error:
            raise HTTPException(400, "illegal base64 data at input byte 0") from None
    raise HTTPException(404, "box not found")


async def _compile(request: Request) -> Response:
    """What a node says whose operator has not turned the developers' API on."""
    return PlainTextResponse(
        "/teal/compile was not enabled in the configuration file by setting the "
        "EnableDeveloperAPI to true",
        404,
    )


def _round(request: Request) -> int:
    return arguments.uint64("round", request.path_params["round"])


def _application_id(request: Request) -> int:
    return arguments.uint64("application-id", request.path_params["application_id"])


def _check_known(round_: int) -> None:
    if round_ > chain.ROUND:
        raise HTTPException(404, LEDGER_FAILED)
