"""Router-only mode: who may ask, by a shared secret or by Hive Gateway's signature."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from server.errors import Refusal
from server.requests import Headers, Parameters

_HEADER = b"router-authorization"


class Guard:
    """Lets requests pass that hold a secret or are signed with one; all, if it has none."""

    def __init__(self, secrets: Sequence[str], signing_secrets: Sequence[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self._signing = [secret.encode() for secret in signing_secrets]
        self.is_open = not (secrets or signing_secrets)

    def check_header(self, headers: Headers) -> bool:
        """Whether the header alone lets the request pass; Refusal if nothing later could."""
        given = headers.get(_HEADER, b"")
        # Every secret is compared, so that the time tells nothing about which one was near.
        passed = [hmac.compare_digest(given, secret) for secret in self._secrets]
        if any(passed) or self.is_open:
            return True
        if not self._signing:
            raise _unauthorized()
        return False

    def check_signature(self, asked: Parameters) -> None:
        """Refusal unless `extensions["hmac-signature"]` signs the query and its variables."""
        signature = asked.extensions.get("hmac-signature")
        if not isinstance(signature, str):
            raise _unauthorized()
        payload: dict[str, object] = {"query": asked.query}
        if asked.variables:
            payload["variables"] = asked.variables
        text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        expected = [
            base64.b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest())
            for secret in self._signing
        ]
        passed = [hmac.compare_digest(signature.encode(), value) for value in expected]
        if not any(passed):
            raise _unauthorized()


def _unauthorized() -> Refusal:
    return Refusal(
        401,
        "UNAUTHORIZED",
        "Only a router that knows the shared secret is answered.",
        [("www-authenticate", "Router-Authorization")],
    )
