"""What the alerts of a benchmark go to: a real Alertmanager, or one that only notes arrivals."""

import asyncio
import re
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from time import time_ns
from typing import Protocol

import aiohttp
import msgspec
from aiohttp import web

from streams.errors import ConfigError

NAMES = ("prometheus-alertmanager", "alertmanager")
_CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
_ADDRESS = re.compile(rb"127\.0\.0\.1:[1-9][0-9]*")
_TEMPLATES = ("default.tmpl", "email.tmpl")  # for one that looks where it runs
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Alert(msgspec.Struct):
    labels: dict[str, str]
    updated: datetime = msgspec.field(name="updatedAt", default=_EPOCH)


_ALERTS = msgspec.json.Decoder(list[_Alert])


class Alerted(Protocol):
    """Where alerts arrive."""

    what: str
    url: str

    async def came_us(self) -> dict[str, int]:
        """Return when the alert of each asset was there, us since 1970."""
        ...


class Real:
    """A real Alertmanager: by its own API, `updatedAt` of what it shows."""

    def __init__(self, program: str, url: str) -> None:
        self.what, self.url = f"Alertmanager ({program})", url

    async def came_us(self) -> dict[str, int]:
        """Ask what it shows."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/api/v2/alerts") as answer,
        ):
            alerts = _ALERTS.decode(await answer.read())
        return {
            one.labels["asset"]: (one.updated - _EPOCH) // timedelta(microseconds=1)
            for one in alerts
        }


class StandIn:
    """Takes what an Alertmanager would, and notes when it came."""

    def __init__(self) -> None:
        self.what, self.url = "a stand-in for Alertmanager, as there is none here", ""
        self._came: dict[str, int] = {}

    async def came_us(self) -> dict[str, int]:
        """Return what has come."""
        return dict(self._came)

    async def post(self, request: web.Request) -> web.Response:
        """Take alerts."""
        now_us = time_ns() // 1000
        for alert in _ALERTS.decode(await request.read()):
            self._came.setdefault(alert.labels["asset"], now_us)
        return web.Response()


def found(program: Path | None) -> str | None:
    """Return the program to run: the named one, else the installed one; None: there is none."""
    if program is not None and which(program) is None:
        raise ConfigError("alertmanager", program, "no program", "name one, or leave it out")
    return str(program) if program else next(filter(None, map(which, NAMES)), None)


@asynccontextmanager
async def alertmanager(program: str | None, folder: Path) -> AsyncIterator[Alerted]:
    """Lend one that runs while inside."""
    if program is None:
        async with _stand_in() as stand_in:
            yield stand_in
        return
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={_configured(folder)}",
        f"--storage.path={folder / 'data'}",
        "--web.listen-address=127.0.0.1:0",
        "--cluster.listen-address=",
        cwd=folder,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
    )
    reading = None
    try:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        address = await asyncio.wait_for(_address(process.stdout), 30.0)
        reading = asyncio.create_task(process.stdout.read())
        yield Real(Path(program).name, f"http://{address}")
    finally:
        process.terminate()
        await process.wait()
        if reading is not None:
            await reading


def _configured(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _TEMPLATES:
        (folder / name).touch()
    file = folder / "alertmanager.yml"
    file.write_text(_CONFIG, encoding="utf-8")
    return file


async def _address(said: asyncio.StreamReader) -> str:
    last = b""
    async for line in said:
        last = line
        if b"istening" in line and (address := _ADDRESS.search(line)):
            return address[0].decode()
    raise ConfigError("alertmanager", last.decode("utf-8", "replace"), "it ended", "mend it")


@asynccontextmanager
async def _stand_in() -> AsyncIterator[StandIn]:
    stand_in, app = StandIn(), web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/api/v2/alerts", stand_in.post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield stand_in
    finally:
        await runner.cleanup()
