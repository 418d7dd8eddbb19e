"""Documents known by a hash or an id: automatic persisted queries, and the list of allowed ones."""

import hashlib
import json
import math
import re
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from server.errors import Refusal
from server.request_log import operation_hash
from server.requests import Parameters
from upstreams.clock import Clock
from upstreams.redis.link import RedisGone, RedisLink, Script
from upstreams.source.cache import LRUCache

_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 4_000_000
# In Redis, for all replicas together: the least recently used go first.
_MOST_SHARED = 500
_MOST_SHARED_BYTES = 16_384
_SHARED_SECONDS = 86_400
# How often a document in use is said to be so.
_TOUCH_SECONDS = 3_600.0
# Texts by their hash, and when each was last used; on one node of a cluster.
_KEYS = ("walletgraph:{operations}:texts", "walletgraph:{operations}:used")

_NOW = """\
local clock = redis.call('TIME')
local now = clock[1] .. string.format('%06d', clock[2])
"""
_FIND = Script.of(
    _NOW
    + """\
local text = redis.call('HGET', KEYS[1], ARGV[1])
if text then
  redis.call('ZADD', KEYS[2], 'XX', now, ARGV[1])
end
return text
"""
)
_SHARE = Script.of(
    _NOW
    + """\
local digest, text, most, seconds = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
redis.call('HSET', KEYS[1], digest, text)
redis.call('ZADD', KEYS[2], now, digest)
local over = redis.call('ZCARD', KEYS[2]) - most
if over > 0 then
  local oldest = redis.call('ZRANGE', KEYS[2], 0, over - 1)
  redis.call('HDEL', KEYS[1], unpack(oldest))
  redis.call('ZREM', KEYS[2], unpack(oldest))
end
if redis.call('HLEN', KEYS[1]) ~= redis.call('ZCARD', KEYS[2]) then
  -- Redis evicted one of the two: begin again.
  redis.call('DEL', KEYS[1], KEYS[2])
end
redis.call('EXPIRE', KEYS[1], seconds)
redis.call('EXPIRE', KEYS[2], seconds)
"""
)


class Operations(Protocol):
    """Where a request's document comes from; `link` is its own to Redis, if it has one."""

    link: RedisLink | None

    async def text(self, asked: Parameters) -> str:
        """The document to execute; Refusal where there is none."""

    async def executed(self, asked: Parameters, text: str) -> None:
        """Told once the document has proved fit for execution."""

    async def aclose(self) -> None: ...


class _Document:
    """A text that a hash stands for."""

    __slots__ = ("shared_at", "size", "text")

    def __init__(self, text: str, shared_at: float) -> None:
        self.text = text
        self.size = sys.getsizeof(text)
        # When it was last written to Redis, on the clock.
        self.shared_at = shared_at


class Automatic:
    """Apollo's automatic persisted queries: a client's hash stands for a text it sent before.

    Kept in this process, bounded in bytes. What is asked for by its hash, and so is in
    use, is kept in Redis too, where one is given, so that replicas know each other's; documents
    that are sent once and never again do not get there. No Redis means a miss, never an error.
    """

    def __init__(self, link: RedisLink | None = None, clock: Clock = time.monotonic) -> None:
        self._known = LRUCache(_MOST_BYTES)
        self.link = link
        self._clock = clock

    def __len__(self) -> int:
        return len(self._known)

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
        known: _Document | None = self._known.get(digest)
        if known is not None:
            self._share(digest, known)
            return known.text
        found = await self._shared(digest)
        if found is None:
            # 200: clients retry with the text, and some take any other status for an outage.
            raise Refusal(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        self._known.put(digest, _Document(found, self._clock()))
        return found

    async def executed(self, asked: Parameters, text: str) -> None:
        digest = _digest(asked)
        if digest is not None and self._known.get(digest) is None:
            self._known.put(digest, _Document(text, -math.inf))

    async def aclose(self) -> None:
        if self.link is not None:
            await self.link.aclose()

    async def _shared(self, digest: str) -> str | None:
        if self.link is None:
            return None
        try:
            raw = await self.link.script(_FIND, _KEYS, digest)
            # What others wrote is not taken on trust.
            if not isinstance(raw, bytes) or hashlib.sha256(raw).hexdigest() != digest:
                return None
            return raw.decode()
        except (RedisGone, UnicodeDecodeError):
            return None

    def _share(self, digest: str, document: _Document) -> None:
        """Keep a document in Redis that has just been asked for by its hash."""
        now = self._clock()
        if self.link is None or now - document.shared_at < _TOUCH_SECONDS:
            return
        document.shared_at = now
        raw = document.text.encode()
        if len(raw) <= _MOST_SHARED_BYTES:
            self.link.post_script(_SHARE, _KEYS, digest, raw, _MOST_SHARED, _SHARED_SECONDS)


class AllowList:
    """Only the operations of a manifest, by id or by their exact text."""

    def __init__(self, operations: dict[str, str]) -> None:
        self.link: RedisLink | None = None
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
    """Id to text from Apollo's manifest, Relay's map, or a folder; ValueError says what is wrong.

    A folder has a file `name.graphql` for each operation, whose ids are its name and its SHA-256.
    """
    if Path(path).is_dir():
        return _folder(Path(path))
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


def _folder(folder: Path) -> dict[str, str]:
    try:
        texts = {file.stem: file.read_text("utf-8") for file in sorted(folder.glob("*.graphql"))}
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("has a file that is not text in UTF-8") from None
    if not texts:
        raise ValueError("is a folder without a .graphql file")
    return {**texts, **{operation_hash(text): text for text in texts.values()}}


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
            "persistedQuery must hold version 1 and a SHA-256 in lower-case hexadecimal.",
        )
    return digest
