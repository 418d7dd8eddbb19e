"""Documents known by a hash or an id: automatic persisted queries, and the list of allowed ones."""

import hashlib
import json
import logging
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any, Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.errors import Refusal
from server.requests import Parameters

logger = logging.getLogger("walletgraph.persisted")

_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_DOCUMENTS = 1_000
_MOST_BYTES = 4_000_000
_REDIS_SECONDS = 0.05
_REDIS_KEEPS = 86_400
_PREFIX = "walletgraph:apq:"


class Operations(Protocol):
    """Where a request's document comes from."""

    async def text(self, asked: Parameters) -> str:
        """The document to execute; Refusal where there is none."""

    async def executed(self, asked: Parameters, text: str) -> None:
        """Told once the document has proved fit for execution."""

    async def aclose(self) -> None: ...


class Automatic:
    """Apollo's automatic persisted queries: a client's hash stands for a text it sent before.

    Kept in this process, bounded in number and bytes, and in Redis where one is given, so that
    replicas know each other's. Redis being away means a miss, never an error.
    """

    def __init__(self, redis_url: str | None = None) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0
        self._redis: Redis | None = None
        if redis_url is not None:
            self._redis = Redis.from_url(
                redis_url,
                socket_timeout=_REDIS_SECONDS,
                socket_connect_timeout=_REDIS_SECONDS,
                retry=Retry(NoBackoff(), 0),
                decode_responses=True,
            )

    def __len__(self) -> int:
        return len(self._texts)

    async def text(self, asked: Parameters) -> str:
        digest = _digest(asked)
        if asked.query is not None:
            if digest is not None and hashlib.sha256(asked.query.encode()).hexdigest() != digest:
                raise Refusal(
                    400,
                    "PERSISTED_QUERY_HASH_MISMATCH",
                    "The hash is not the SHA-256 of the query.",
                )
            return asked.query
        if digest is None:
            raise missing_query()
        found = self._texts.get(digest)
        if found is not None:
            self._texts.move_to_end(digest)
            return found
        found = await self._shared(digest)
        if found is None:
            # 200: clients retry with the text, and some take any other status for an outage.
            raise Refusal(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        self._keep(digest, found)
        return found

    async def executed(self, asked: Parameters, text: str) -> None:
        digest = _digest(asked)
        if digest is None or digest in self._texts:
            return
        self._keep(digest, text)
        if self._redis is not None:
            try:
                await self._redis.set(_PREFIX + digest, text, ex=_REDIS_KEEPS)
            except RedisError as error:
                _log_away(error)

    async def aclose(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()

    async def _shared(self, digest: str) -> str | None:
        if self._redis is None:
            return None
        try:
            found = await self._redis.get(_PREFIX + digest)
        except (RedisError, UnicodeDecodeError) as error:
            _log_away(error)
            return None
        # What others wrote is not taken on trust.
        if found is None or hashlib.sha256(str(found).encode()).hexdigest() != digest:
            return None
        return str(found)

    def _keep(self, digest: str, text: str) -> None:
        self._texts[digest] = text
        self._bytes += len(text)
        while len(self._texts) > _MOST_DOCUMENTS or self._bytes > _MOST_BYTES:
            _, dropped = self._texts.popitem(last=False)
            self._bytes -= len(dropped)


class AllowList:
    """Only the operations of a manifest, by id or by their exact text."""

    def __init__(self, operations: dict[str, str]) -> None:
        self.operations = operations
        self._texts = frozenset(operations.values())

    async def text(self, asked: Parameters) -> str:
        known = asked.document_id
        if known is None:
            persisted = asked.extensions.get("persistedQuery")
            known = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if isinstance(known, str):
            text = self.operations.get(known)
            if text is None or asked.query not in (None, text):
                raise Refusal(
                    400, "PERSISTED_QUERY_NOT_IN_LIST", "This operation's id is not in the list."
                )
            return text
        if asked.query is None:
            raise missing_query()
        if asked.query not in self._texts:
            raise Refusal(400, "QUERY_NOT_IN_SAFELIST", "This operation is not in the list.")
        return asked.query

    async def executed(self, asked: Parameters, text: str) -> None:
        """Nothing to learn: the list is closed."""

    async def aclose(self) -> None:
        """Nothing to close."""


def missing_query() -> Refusal:
    return Refusal(400, "MISSING_QUERY", "Send a query, or the hash of one sent before.")


def load_manifest(path: str) -> dict[str, str]:
    """Id to text from Apollo's manifest or Relay's map; ValueError says what is wrong with it."""
    try:
        found = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise ValueError("is not JSON") from None
    if isinstance(found, dict) and found.get("format") == "apollo-persisted-query-manifest":
        found = _apollo(found)
    if not (
        isinstance(found, dict) and found and all(isinstance(text, str) for text in found.values())
    ):
        raise ValueError("is neither an Apollo manifest nor a map from id to text")
    return found


def _apollo(manifest: dict[str, Any]) -> object:
    try:
        return {str(entry["id"]): entry["body"] for entry in manifest["operations"]}
    except (KeyError, TypeError):
        return None


def _digest(asked: Parameters) -> str | None:
    """The hash of Apollo's `persistedQuery` extension; None without one."""
    persisted = asked.extensions.get("persistedQuery")
    if persisted is None:
        return None
    digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(digest, str) or not _HASH.fullmatch(digest) or persisted.get("version") != 1:
        raise Refusal(
            400,
            "BAD_REQUEST",
            "persistedQuery must hold version 1 and a SHA-256 in hexadecimal.",
        )
    return digest


def _log_away(error: Exception) -> None:
    logger.warning("Redis did not answer for persisted queries: %s", type(error).__name__)
