"""Actions to test with: requests by hand, and an HTTP endpoint that counts."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web
from aiokafka import AIOKafkaProducer

from models.act.ledger import Due
from models.ids import event_id
from schemas.events import Event, Evidence, Kind
from schemas.trigger import Action, Level, Severity, Stage, Why
from streams.connection import client_options
from streams.house import read_all

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def request(number=0, name="page", stage=Stage.REQUESTED, **more):
    """Make an event that asks for an action."""
    given = {"asset": f"node-{number}/gpu0", "rule": "gpu-hot", "labels": {}, **more}
    action = given.pop("action", event_id(name, number, given.get("resolves", False)))
    data = Action(
        quality=0.9,
        summary=given.pop("summary", f"{given['asset']} is hot"),
        evidence=Evidence(facts=()),
        action=action,
        name=name,
        stage=stage,
        why=Why.ALLOWED,
        alert=event_id("alert", number),
        severity=Severity.CRITICAL,
        asked=Level.ACT,
        level=Level.ACT,
        floor=0.5,
        evidence_hash="0" * 64,
        **given,
    )
    return Event[Action](
        id=event_id(stage, action),
        source="/alltobit/site",
        type=Kind(f"io.alltobit.action.{stage}"),
        subject=f"{data.rule}/{data.asset}",
        time=START,
        dataschema="urn:alltobit:schema:action:1",
        data=data,
    )


def due(number=0, name="page", offset=0, **more):
    """Make an action that is due, asked for at 0 s since 1970."""
    return Due(request(number, name, **more), 0, offset, 0.0)


async def ask(settings, events):
    """Publish requests, or bytes, on `actions`: keyed by asset."""
    producer = AIOKafkaProducer(**client_options(settings.kafka))
    await producer.start()
    try:
        for event in events:
            is_raw = isinstance(event, bytes)
            value = event if is_raw else event.model_dump_json().encode()
            key = b"" if is_raw else event.data.asset.encode()
            await producer.send(settings.topics.actions, value, key=key)
        await producer.flush()
    finally:
        await producer.stop()


async def ends(settings):
    """Return how actions ended: every event of the executor, in order a partition."""
    records = (await read_all(settings, [settings.topics.actions]))[settings.topics.actions]
    over = {Stage.DONE, Stage.FAILED, Stage.SHADOWED}
    events = [Event[Action].model_validate_json(one.value) for one in records if one.key]
    return [event for event in events if event.data.stage in over]


class Endpoint:
    """An HTTP endpoint that honours idempotency keys, and counts what it did and was asked."""

    def __init__(self):
        self.did, self.asked, self.bodies, self.headers = Counter(), Counter(), [], []
        self.order = []
        self.answers = {}
        """By path: a status, or a coroutine function of the request."""
        self.at = asyncio.Event()
        self.stops_at = None
        """Set `at` when it was called so often; where it `hangs`, calls from then on do."""
        self.hangs = True

    @property
    def calls(self):
        """How often it was called."""
        return sum(self.asked.values())

    def stop_after(self, calls, *, hangs):
        """Set `at` anew, when it is called so often more."""
        self.stops_at, self.at, self.hangs = self.calls + calls, asyncio.Event(), hangs

    async def answer(self, request):
        """Answer one request; do what it asks for, once a key."""
        key, body = request.headers.get("Idempotency-Key", ""), await request.read()
        self.asked[key] += 1
        self.bodies.append(body)
        self.headers.append(request.headers.copy())
        answer = self.answers.get(request.path, 200)
        status = answer if isinstance(answer, int) else await answer(request)
        if isinstance(status, web.Response):
            return status
        if status < 300 and key not in self.did:
            self.did[key] += 1
            self.order.append(key)
        if self.stops_at is not None and self.calls >= self.stops_at:
            self.at.set()
            await asyncio.sleep(600 if self.hangs else 0)
        return web.Response(status=status, text=f"did {key}")


@asynccontextmanager
async def listening(endpoint, tls=None):
    """Lend the address of a server that `endpoint` answers."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", endpoint.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
