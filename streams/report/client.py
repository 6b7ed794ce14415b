"""One try at a model's server, by the official client, and what it came to.

What leaves is a request's body and the few headers named here, whatever the environment says; the
key is put on last, so that the client never holds it. What comes is bounded, not unpacked, and no
redirection is followed.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import httpx2
from openai import (
    APIConnectionError,
    APIStatusError,
    AsyncOpenAI,
    BadRequestError,
    UnprocessableEntityError,
)

from models.act.attempt import Came, of_status, retry_after_s
from models.report.answer import NoDraft
from models.report.prompt import Messages
from schemas.report.model import Model
from streams.errors import ConfigError
from streams.report.key import FIELD, key_of

MOST_BYTES: Final = 4_000_000
"""Of an answer."""
_LEAVE: Final = frozenset(("host", "content-type", "content-length", "accept"))


class Tried(NamedTuple):
    """What one try came to."""

    body: bytes = b""
    why: NoDraft | None = None
    """Why there is no body."""
    is_worth_another: bool = False
    is_free: bool = False
    """Nothing was read or written by the model, as far as anybody can tell."""
    after_s: float = 0.0
    """The server wants no other before."""
    is_for_its_shape: bool = False
    """It may be that the server does not know what was asked beside the messages."""
    param: str | None = None
    """What of that it names."""


class TooLarge(httpx2.TransportError):
    """An answer is longer than it may be, or packed."""


class Client:
    """A server, and what it is told by every request."""

    def __init__(self, model: Model) -> None:
        self._model = model
        limits = httpx2.Limits(max_connections=model.at_once)
        inner = httpx2.AsyncHTTPTransport(
            verify=_context(model), trust_env=False, http2=False, limits=limits
        )
        self._http = httpx2.AsyncClient(
            transport=_Narrow(inner, lambda: key_of(model)),
            follow_redirects=False,
            trust_env=False,
            timeout=model.timeout_s,
        )
        self._client = AsyncOpenAI(
            api_key="none",
            admin_api_key="",
            base_url=model.url,
            max_retries=0,
            timeout=model.timeout_s,
            http_client=self._http,
        )

    async def attempt(self, said: Messages, told: dict[str, Any]) -> Tried:
        """Ask once. Raises nothing but what cancels."""
        try:
            async with asyncio.timeout(self._model.timeout_s):
                answer = await self._client.chat.completions.with_raw_response.create(
                    model=self._model.name,
                    messages=said,  # type: ignore[arg-type] # plain values are what is sent
                    **told,
                )
                return Tried(answer.content)
        except TimeoutError:
            return Tried(why=NoDraft.SLOW, is_worth_another=True)
        except APIStatusError as error:
            return _refused(error)
        except APIConnectionError as error:
            return _away(error.__cause__)
        except ConfigError:
            return Tried(why=NoDraft.NO_KEY, is_free=True)

    async def close(self) -> None:
        """End its connections."""
        await self._http.aclose()


def _refused(error: APIStatusError) -> Tried:
    status = error.status_code
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Tried(why=NoDraft.REDIRECTED, is_free=True)
    wait_s = retry_after_s(error.response.headers.get("retry-after", ""), datetime.now(UTC))
    came = of_status(status, "", wait_s)
    is_free = status < HTTPStatus.INTERNAL_SERVER_ERROR
    if came.came is Came.AGAIN:
        why = NoDraft.BUSY if is_free else NoDraft.BROKEN
        return Tried(why=why, is_worth_another=True, is_free=is_free, after_s=came.after_s)
    is_shape = isinstance(error, BadRequestError | UnprocessableEntityError)
    param = error.param if isinstance(error.param, str) else None
    return Tried(why=NoDraft.REFUSED, is_free=True, is_for_its_shape=is_shape, param=param)


def _away(cause: BaseException | None) -> Tried:
    if isinstance(cause, TooLarge):
        return Tried(why=NoDraft.TOO_LARGE)
    if isinstance(cause, httpx2.TimeoutException) and not isinstance(cause, httpx2.ConnectTimeout):
        return Tried(why=NoDraft.SLOW, is_worth_another=True)
    is_free = isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout)
    return Tried(why=NoDraft.UNREACHABLE, is_worth_another=True, is_free=is_free)


def _context(model: Model) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=model.ca_file)
    except OSError as error:
        trouble = f"cannot be read: {error.strerror or error}"
        mend = "correct the path"
        raise ConfigError(f"{FIELD}.ca_file", model.ca_file, trouble, mend) from error


class _Narrow(httpx2.AsyncBaseTransport):
    """Lets out what is named, and in what is short."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, key: Callable[[], str]) -> None:
        self._inner, self._key = inner, key

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(self._narrowed(request))
        if answer.headers.get("content-encoding", "identity") != "identity":
            await answer.aclose()
            raise TooLarge("a packed answer")
        return httpx2.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_Counted(answer.stream),  # type: ignore[arg-type] # of an async transport
            extensions=answer.extensions,
        )

    def _narrowed(self, request: httpx2.Request) -> httpx2.Request:
        """Return what leaves; the client goes by the headers of its own."""
        headers = {name: value for name, value in request.headers.items() if name in _LEAVE}
        headers["accept-encoding"] = "identity"
        if key := self._key():
            headers["authorization"] = f"Bearer {key}"
        return httpx2.Request(
            request.method,
            request.url,
            headers=headers,
            stream=request.stream,
            extensions=request.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    """A stream that ends in `TooLarge` where it does not end before."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for chunk in self._inner:
            left -= len(chunk)
            if left < 0:
                raise TooLarge("a long answer")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
