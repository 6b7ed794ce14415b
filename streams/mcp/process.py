"""Entry point of the process: settings in, answers out, until it is told to end."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
import uvloop
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from schemas.settings import Mcp, Settings
from streams.errors import ConfigError, PortInUse
from streams.mcp.desk import Desk
from streams.mcp.door import App
from streams.mcp.follow import Follower
from streams.mcp.server import PATH, app_of, server_of
from streams.member import ended
from streams.stopping import on_stop
from streams.web import serve

log = logging.getLogger(__name__)

_CONNECTIONS = 64
_CLOSING_S = 2  # for answers under way
_TIDY_S = 5.0  # for all of the end


def run_mcp(settings: Settings, *, stdio: bool = False) -> None:
    """Answer over HTTP, or to the parent process, until SIGTERM or SIGINT."""
    uvloop.run(_answer(settings, stdio=stdio))


async def _answer(settings: Settings, *, stdio: bool) -> None:
    follower = Follower(settings)
    server = server_of(Desk(settings, follower))
    if stdio:
        await _run(settings, follower, _to_parent(server), asyncio.Event())
        return
    app, stopping = app_of(server, settings.mcp), asyncio.Event()
    with listen(settings.mcp) as listening:  # at once: what cannot be is told at once
        on_stop(stopping.set)
        await _run(settings, follower, _over_http(app, listening, stopping), stopping)


Speak = Callable[[], Coroutine[Any, Any, None]]


async def _run(
    settings: Settings, follower: Follower, speak: Speak, stopping: asyncio.Event
) -> None:
    async def work() -> None:
        await follower.caught_up.wait()
        await speak()

    async with serve(settings.http, follower.health):
        await _first(work(), follower.run(), stopping.wait())


async def _first(works: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, object]) -> None:
    """Wait for the first that ends, let `works` tidy up, and raise what went wrong."""
    working, *rest = (asyncio.ensure_future(one) for one in (works, *others))
    done, _ = await asyncio.wait([working, *rest], return_when=asyncio.FIRST_COMPLETED)
    if working not in done and rest[0] not in done:
        await asyncio.wait([working], timeout=_TIDY_S)
    for task in (working, *rest):
        await ended(task)
    for task in done:
        task.result()


def _to_parent(server: Server[Any]) -> Speak:
    async def speak() -> None:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)  # a thread waits for input; nothing is to be saved
        async with stdio_server() as (reads, writes):
            await server.run(reads, writes, server.create_initialization_options())

    return speak


def _over_http(app: App, listening: socket.socket, stopping: asyncio.Event) -> Speak:
    async def speak() -> None:
        http = _Uvicorn(_config(app))
        serving = asyncio.create_task(http.serve(sockets=[listening]))
        host, port = listening.getsockname()[:2]
        log.info("answers at http://%s:%d%s", host, port, PATH)
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait([serving, stop], return_when=asyncio.FIRST_COMPLETED)
        http.should_exit = True
        await serving

    return speak


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_CLOSING_S,
    )


class _Uvicorn(uvicorn.Server):
    """Leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen(mcp: Mcp) -> socket.socket:
    """Return a socket that listens. Raises `PortInUse`, `ConfigError`."""
    family = socket.AF_INET6 if ":" in mcp.host else socket.AF_INET
    try:
        return socket.create_server((mcp.host, mcp.port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            mend = "choose a free port"
            raise PortInUse("mcp.port", mcp.port, f"in use on {mcp.host}", mend) from error
        trouble = f"cannot listen there: {error.strerror or error}"
        raise ConfigError(
            "mcp.host", mcp.host, trouble, "give an address of this machine"
        ) from error
