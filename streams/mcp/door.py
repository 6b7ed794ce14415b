"""Who may ask, and how often: a bearer token, compared in constant time, and a rate."""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from http import HTTPStatus
from math import ceil
from time import monotonic
from typing import Any

from models.act.rate import Rate
from schemas.settings import Mcp
from schemas.trigger import Secret
from streams import metrics
from streams.errors import ConfigError
from streams.secrets import found

log = logging.getLogger(__name__)

SHORTEST = 16  # characters of a token
_SCHEME = b"bearer "

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]


def token_of(mcp: Mcp) -> str:
    """Return the token. Raises `ConfigError` where none is set, or one that can be guessed."""
    if mcp.token is None:
        mend = "name a variable or a file: `mcp: {token: {env: MCP_TOKEN}}`"
        raise ConfigError("mcp.token", "", "without one nobody is listened to", mend)
    return _token(mcp.token)


def _token(secret: Secret) -> str:
    said = found(secret, "mcp.token")
    if len(said) < SHORTEST or not said.isascii() or not said.isprintable() or " " in said:
        mend = "write what `openssl rand -hex 32` prints there"
        raise ConfigError("mcp.token", "***", f"not {SHORTEST} or more characters of ASCII", mend)
    return said


class Door:
    """Lets requests with the token through to `app`, no more than `mcp.requests_per_minute`.

    Others are counted together, so that guessing is no faster. A file is read each time: a token
    that is renewed is seen.
    """

    def __init__(self, app: App, mcp: Mcp, clock: Callable[[], float] = monotonic) -> None:
        """Raise `ConfigError` where there is no token."""
        token_of(mcp)
        self._app, self._mcp, self._clock = app, mcp, clock
        self._rates = {True: Rate(mcp.requests_per_minute), False: Rate(mcp.requests_per_minute)}

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:  # noqa: ANN401 - ASGI's
        """Answer one request, or let it through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_known = self._is_known(scope)
        wait_s = self._rates[is_known].refused_s(self._clock())
        if wait_s > 0.0:
            metrics.MCP_REFUSED.labels("too_many").inc()
            await _refuse(send, HTTPStatus.TOO_MANY_REQUESTS, ("retry-after", str(ceil(wait_s))))
        elif not is_known:
            metrics.MCP_REFUSED.labels("no_token").inc()
            challenge = 'Bearer realm="alltobit", error="invalid_token"'
            await _refuse(send, HTTPStatus.UNAUTHORIZED, ("www-authenticate", challenge))
        else:
            await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        said = given[0] if len(given) == 1 else b""
        told = said[len(_SCHEME) :] if said[: len(_SCHEME)].lower() == _SCHEME else b""
        try:
            token = token_of(self._mcp).encode()
        except ConfigError:
            log.exception("nobody is let in")
            return False
        return hmac.compare_digest(sha256(told).digest(), sha256(token).digest())


async def _refuse(send: Send, status: HTTPStatus, header: tuple[str, str]) -> None:
    body = json.dumps({"error": status.phrase}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (header[0].encode(), header[1].encode()),
    ]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})
