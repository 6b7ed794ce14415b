"""What a supervisor and Prometheus ask: `/healthz`, `/readyz`, `/metrics`. Tells, never changes.

A process may have more to be asked: `trigger` takes answers of people there.
"""

import errno
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from schemas.settings import Http
from streams.errors import ConfigError, PortInUse
from streams.metrics import REGISTRY

_MOST_BYTES = 16_384  # of a body
_CLOSING_S = 1.0  # how long an answer under way may hold up the end of the process


@dataclass(slots=True)
class Health:
    """How the process is; its loops keep it up to date. Starts alive and not ready."""

    alive: bool = True
    """False: restarting is the mend."""
    ready: bool = False
    """Has an assignment, and its state is restored."""
    why: str = "starting"
    """One line for a person, whatever the answer is."""


@asynccontextmanager
async def serve(
    http: Http,
    health: Health,
    registry: CollectorRegistry = REGISTRY,
    routes: Sequence[web.RouteDef] = (),
) -> AsyncIterator[None]:
    """Answer on `http` while inside. Port 0 serves nothing. Raises `PortInUse`, `ConfigError`."""
    if http.port == 0:
        yield
        return
    app = _app(health, registry)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSING_S)
    try:
        await runner.setup()
        await _listen(runner, http)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, http: Http) -> None:
    try:
        await web.TCPSite(runner, http.host, http.port).start()
    except OSError as error:
        raise _refused(http, error) from error


def _refused(http: Http, error: OSError) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        trouble, mend = f"in use on {http.host}", "choose a free port, or 0 to serve nothing"
        return PortInUse("http.port", http.port, trouble, mend)
    if error.errno == errno.EACCES:
        return ConfigError("http.port", http.port, "not allowed", "choose a port above 1023")
    trouble = f"cannot listen there: {error.strerror or error}"
    return ConfigError("http.host", http.host, trouble, "give an address of this machine")


def _app(health: Health, registry: CollectorRegistry) -> web.Application:
    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    async def healthz(_: web.Request) -> web.Response:
        return _answer("alive", health.alive, health.why)

    async def readyz(_: web.Request) -> web.Response:
        return _answer("ready", health.alive and health.ready, health.why)

    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    return app


def _answer(word: str, holds: bool, why: str) -> web.Response:
    status = HTTPStatus.OK if holds else HTTPStatus.SERVICE_UNAVAILABLE
    line = json.dumps({word: holds, "why": why}) + "\n"
    return web.Response(status=status, text=line, content_type="application/json")
