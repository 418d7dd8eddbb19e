"""Positions as files: CSV and JSON Lines, behind the same guard, limits and budget as the graph."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec
from graphql import GraphQLError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from resolvers.errors import BadAddress, BadArgument, InputError
from resolvers.export import VERSION, Line, lines
from resolvers.history import TimeRange
from resolvers.loaders import Loaders
from resolvers.portfolio import Portfolio, Valued, portfolio, report, valued
from resolvers.wallet import Ecosystem, Wallet, parse_wallet
from schema.scalars import parse_date_time
from server.clients import Clients
from server.cors import Origins
from server.requests import check_download, headers_of
from upstreams.deadline import ANSWERING, DeadlineExceeded, deadline
from upstreams.errors import UpstreamError
from upstreams.pace import pace
from upstreams.requester import asking_for

_LINES_AT_ONCE = 200
# What makes a spreadsheet take a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TEXTS = frozenset({"protocol", "sub_group", "name", "symbol", "token_symbol", "token_name"})
_ARGUMENTS = ("addresses", "chainIds", "at")


class Export:
    """The routes. Arguments are those of the field `portfolio`, repeated in the query."""

    def __init__(
        self,
        loaders: Callable[[], Loaders],
        clients: Clients,
        origins: Origins,
        deadline_seconds: float,
    ) -> None:
        self._loaders = loaders
        self._clients = clients
        self._origins = origins
        self._seconds = deadline_seconds

    async def csv(self, request: Request) -> Response:
        """RFC 4180 with a header line; every cell in quotes, and none that is a formula."""
        return await self._answer(request, "csv", "text/csv; charset=utf-8", _csv)

    async def jsonl(self, request: Request) -> Response:
        """A JSON object a line; figures are strings, as in the graph."""
        return await self._answer(request, "jsonl", "application/jsonl", _jsonl)

    async def report(self, request: Request) -> Response:
        """The source's own table, untouched: its columns are the source's."""
        try:
            asked = _asked(request.query_params, "range")
            timerange = _range(request.query_params.get("range", TimeRange.YEAR.name))
            with self._asking(request) as loaders:
                text = await report(loaders, asked, timerange)
        except (InputError, UpstreamError, DeadlineExceeded) as error:
            return _refused(error)
        headers = {"content-disposition": 'attachment; filename="report.csv"'}
        return Response(text, headers=headers, media_type="text/csv; charset=utf-8")

    @contextmanager
    def _asking(self, request: Request) -> Iterator[Loaders]:
        """The loaders of one request, within its time and for its client's account."""
        headers = headers_of(request.scope)
        check_download(headers, self._origins)
        loaders = self._loaders()
        client = self._clients.of(request.scope, headers)
        try:
            with deadline(self._seconds, answering=ANSWERING), asking_for(client):
                yield loaders
        finally:
            loaders.close()

    async def _answer(
        self,
        request: Request,
        ending: str,
        media_type: str,
        write: Callable[[Iterator[Line]], Iterator[str]],
    ) -> Response:
        try:
            asked = _asked(request.query_params)
            known = await self._known(request, asked)
        except (InputError, UpstreamError, DeadlineExceeded) as error:
            return _refused(error)
        day = (known.as_of or datetime.min).date()
        headers = {
            "content-disposition": f'attachment; filename="positions-{day}.{ending}"',
            "x-columns-version": str(VERSION),
        }
        body = _streamed(write(lines(known)))
        return StreamingResponse(body, headers=headers, media_type=media_type)

    async def _known(self, request: Request, asked: Portfolio) -> Valued:
        with self._asking(request) as loaders:
            known = await valued(loaders, asked)
        # A file does not say what is missing from it: it is whole, or it is none.
        for part in known.parts:
            if part.error is not None:
                raise part.error.with_traceback(None)
        return known


def _asked(query: QueryParams, *more: str) -> Portfolio:
    known = (*_ARGUMENTS, *more)
    if set(query) - set(known):
        raise BadArgument(f"The export takes {', '.join(known)}, and nothing else")
    chains = [_whole(text) for text in query.getlist("chainIds")]
    at = query.get("at")
    return portfolio(
        map(_wallet, query.getlist("addresses")),
        chains or None,
        None if at is None else _moment(at),
    )


def _wallet(text: str) -> Wallet:
    wallet = parse_wallet(text)
    if wallet.ecosystem is not Ecosystem.EVM:
        raise BadAddress("Positions are of EVM wallets: an Algorand account has none")
    return wallet


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 11):
        raise BadArgument("chainIds must be positive numbers of at most ten digits")
    return int(text)


def _range(text: str) -> str:
    try:
        return TimeRange[text].value
    except KeyError:
        names = ", ".join(TimeRange.__members__)
        raise BadArgument(f"range must be one of {names}") from None


def _moment(text: str) -> datetime:
    try:
        return parse_date_time(text)
    except GraphQLError:
        raise BadArgument("at must be a moment such as 2024-01-01T00:00:00Z") from None


def _csv(table: Iterator[Line]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow(Line._fields)
    for line in table:
        writer.writerow(_cell(name, value) for name, value in line._asdict().items())
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(name: str, value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if name in _TEXTS and isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _jsonl(table: Iterator[Line]) -> Iterator[str]:
    for line in table:
        # An NFT's id has up to 78 digits, and more than a number keeps.
        values = {**line._asdict(), "token_id": str(line.token_id)}
        yield msgspec.json.encode(values).decode() + "\n"


async def _streamed(texts: Iterator[str]) -> AsyncIterator[str]:
    turns = pace()
    chunk: list[str] = []
    for text in texts:
        chunk.append(text)
        if len(chunk) == _LINES_AT_ONCE:
            yield "".join(chunk)
            chunk.clear()
            if turns.is_due():
                await turns.turn()
    yield "".join(chunk)


def _refused(error: InputError | UpstreamError | DeadlineExceeded) -> Response:
    status = 400 if isinstance(error, InputError) else 503
    headers = {}
    if isinstance(error, UpstreamError) and error.retry_after is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after)))
    body = {"errors": [{"message": str(error), "extensions": dict(error.extensions)}]}
    return JSONResponse(body, status, headers)
