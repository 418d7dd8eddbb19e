"""Router-only mode: who may ask, by a shared secret or by Hive Gateway's signature."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from server.errors import Refusal
from server.requests import Headers, Parameters

_HEADER = b"router-authorization"
_BEARER = b"bearer "


class Guard:
    """Lets requests pass that hold a secret or are signed with one; all, if it has none."""

    def __init__(self, secrets: Sequence[str], signing_secrets: Sequence[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self._signing = [secret.encode() for secret in signing_secrets]
        self.is_open = not (secrets or signing_secrets)

    def check_header(self, headers: Headers) -> bool:
        """Whether the header alone lets the request pass; Refusal if nothing later could."""
        if self.is_open or self._is_secret(headers.get(_HEADER, b"")):
            return True
        if not self._signing:
            raise _unauthorized()
        return False

    def check_secret(self, headers: Headers, *, or_bearer: bool = False) -> None:
        """Refusal without a secret, for what nobody signs: pages, and figures for operators.

        With `or_bearer` it may come as `Authorization: Bearer`, which every collector can send.
        """
        authorization = headers.get(b"authorization", b"")
        is_bearer = or_bearer and authorization[: len(_BEARER)].lower() == _BEARER
        bearer = authorization[len(_BEARER) :].strip() if is_bearer else b""
        passed = [self._is_secret(headers.get(_HEADER, b"")), self._is_secret(bearer)]
        if not (any(passed) or self.is_open):
            raise _unauthorized()

    def check_signature(self, asked: Parameters) -> None:
        """Refusal unless `extensions["hmac-signature"]` signs the query and its variables.

        The signature covers no more than these two, so the query must be there: the hash of one,
        or the id of a listed one, could be exchanged for another.
        """
        signature = asked.extensions.get("hmac-signature")
        if not isinstance(signature, str) or asked.query is None:
            raise _unauthorized()
        text = signed_text(asked).encode()
        expected = [
            base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest())
            for secret in self._signing
        ]
        passed = [hmac.compare_digest(signature.encode(), value) for value in expected]
        if not any(passed):
            raise _unauthorized()

    def check_operations(self, count: int) -> None:
        """Refusal if a signed document leaves a choice: `operationName` is not signed."""
        if count > 1:
            raise Refusal(
                400, "BAD_REQUEST", "A signed document must hold one operation, as its name is not."
            )

    def _is_secret(self, given: bytes) -> bool:
        # Every secret is compared, so that the time tells nothing about which one was near.
        passed = [hmac.compare_digest(given, secret) for secret in self._secrets]
        return any(passed)


def signed_text(asked: Parameters) -> str:
    """What Hive Gateway signs: query and variables in JSON without spaces, keys in order.

    Numbers stand there as they stand in the request: both were written by the same JSON.stringify,
    and ours writes some of them differently. `variables` without entries are left out.
    """
    parts: dict[str, object] = {"query": asked.query}
    if asked.variables:
        parts["variables"] = _with_digits(asked.source.decode())["variables"]
    return _stable(parts)


class _Digits(str):
    """A number by its own digits."""

    __slots__ = ()


_with_digits = json.JSONDecoder(parse_int=_Digits, parse_float=_Digits).decode


def _stable(value: object) -> str:
    if isinstance(value, _Digits):
        return value
    if isinstance(value, list):
        return f"[{','.join(map(_stable, value))}]"
    if isinstance(value, dict):
        keys = sorted(value, key=_utf16)
        return f"{{{','.join(f'{_stable(key)}:{_stable(value[key])}' for key in keys)}}}"
    return json.dumps(value, ensure_ascii=False)


def _utf16(text: str) -> bytes:
    """What JavaScript compares strings by."""
    return text.encode("utf-16-be")


def _unauthorized() -> Refusal:
    return Refusal(
        401,
        "UNAUTHORIZED",
        "Only a router that knows the shared secret is answered.",
        [("www-authenticate", "Router-Authorization")],
    )
