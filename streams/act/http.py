"""HTTP to one target: no redirections, no cookies, no proxies of the environment, short answers."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from yarl import URL

from models.act.attempt import Came, Outcome, of_status, retry_after_s
from models.act.request import Request
from streams.errors import ConfigError

_ANSWER_BYTES = 4096
_AWAY = (aiohttp.ClientError, TimeoutError, OSError)


class Http:
    """A session of its own: what hangs there holds nobody else up."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def send(self, request: Request) -> Outcome:
        """Send once; judge the answer."""
        try:
            async with self._session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
            ) as answer:
                text = await _beginning(answer)
                wait_s = retry_after_s(answer.headers.get("Retry-After", ""), datetime.now(UTC))
                return of_status(answer.status, text, wait_s)
        except _AWAY as error:
            return Outcome(Came.AGAIN, _why(error))


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """Read no more than the beginning; the connection goes with the rest."""
    read = b""
    while len(read) < _ANSWER_BYTES and not answer.content.at_eof():
        read += await answer.content.read(_ANSWER_BYTES - len(read))
    if not answer.content.at_eof():
        answer.close()
    return read.decode("utf-8", "replace").strip()


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__


@asynccontextmanager
async def connected(timeout_s: float, at_once: int, ca_file: Path | None) -> AsyncIterator[Http]:
    """Lend a session. Raises `ConfigError`."""
    connector = aiohttp.TCPConnector(limit=at_once, ssl=_context(ca_file))
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    ) as session:
        yield Http(session)


def _context(ca_file: Path | None) -> ssl.SSLContext | bool:
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        trouble = f"cannot be read: {error.strerror or error}"
        raise ConfigError("actions.ca_file", ca_file, trouble, "correct the path") from error
