"""Cross-origin requests from browsers: which origins may call, and what they may send."""

import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import Refusal

_KEPT_SECONDS = 86_400


class Origins:
    """Origins as the settings name them: `:*` at the end is any port, `*` is everyone."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.exact = frozenset(origin for origin in allowed if not origin.endswith(":*"))
        any_port = [re.escape(origin[:-2]) for origin in allowed if origin.endswith(":*")]
        self.pattern = f"(?:{'|'.join(any_port)})(?::[0-9]+)?" if any_port else None
        self._any_port = re.compile(self.pattern) if self.pattern else None

    def allow(self, origin: str) -> bool:
        if "*" in self.exact or origin in self.exact:
            return True
        return self._any_port is not None and self._any_port.fullmatch(origin) is not None


class Cors(CORSMiddleware):
    """Starlette's, with every refusal in JSON.

    An allowed origin may send any header: of those that mean something here none is worth more
    than the body, and what else browsers send is up to whoever traces them. No credentials are
    ever allowed, there is nothing to hold any.
    """

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        super().__init__(
            app,
            allow_origins=origins.exact,
            allow_origin_regex=origins.pattern,
            allow_methods=("GET", "HEAD", "POST", "OPTIONS"),
            allow_headers=("*",),
            allow_private_network=True,
            expose_headers=("retry-after", "x-request-id"),
            max_age=_KEPT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What is done to other answers, Vary, is done to all; most come from no browser.
        if scope["type"] == "http" and not any(name == b"origin" for name, _ in scope["headers"]):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        refusal = Refusal(
            403,
            "CORS_REFUSED",
            "This origin, or this method from another origin, is not allowed here.",
        )
        return JSONResponse(refusal.payload, refusal.status, {"vary": response.headers["vary"]})
