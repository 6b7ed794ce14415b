"""A publisher at a steady pace, in a process of its own: `python -m streams.bench.steady '{...}'`.

Frames of native JSON, one asset after the other, event time = the moment before it is sent; now
and then one point of one frame is past a limit. On SIGTERM it ends, and prints what it did as JSON.
"""

import asyncio
import random
import signal
import sys
from collections.abc import Iterator
from time import monotonic, time_ns

import msgspec
import uvloop
from aiokafka import AIOKafkaProducer

from schemas.settings import Kafka
from streams.connection import client_options
from streams.publish import OnTheirWay, Pace

_POOL = 64  # different sets of values
CALM, PAST = 50.0, 150.0
"""The watched point, below and above its limit."""


class Steady(msgspec.Struct, frozen=True):
    """What to publish."""

    bootstrap: str
    topic: str
    point: str
    """The watched one."""
    points: int
    assets: int
    """As many frames a second: each asset tells once a second."""
    crossings: float
    """A second, about."""
    seed: int
    linger_ms: int = 2


class Published(msgspec.Struct, frozen=True):
    """What was published."""

    samples: float
    """A second."""
    crossings: list[tuple[str, int]]
    """Asset and event time, us since 1970, of each frame past the limit."""


def bodies(steady: Steady) -> list[bytes]:
    """Return the values of frames without the watched point, each a piece of JSON."""
    rng = random.Random(steady.seed)  # noqa: S311 - seeded on purpose
    names = [f"DCGM_FI_DEV_FIELD_{i:03d}" for i in range(1, steady.points)]
    tables = ({name: round(rng.gauss(50, 5), 3) for name in names} for _ in range(_POOL))
    return [msgspec.json.encode(table)[1:] for table in tables]


def crossing(steady: Steady) -> Iterator[bool]:
    """Say of every frame whether it is past the limit; one asset is never so twice in a row."""
    rng = random.Random(steady.seed)  # noqa: S311 - seeded on purpose
    share = steady.crossings / steady.assets
    last = [False] * steady.assets
    while True:
        for asset in range(steady.assets):
            last[asset] = not last[asset] and rng.random() < share
            yield last[asset]


async def publish(steady: Steady) -> Published:
    """Publish until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    options = client_options(Kafka(bootstrap=steady.bootstrap))
    producer = AIOKafkaProducer(enable_idempotence=True, linger_ms=steady.linger_ms, **options)
    await producer.start()
    try:
        return await _publish(steady, producer, stop)
    finally:
        await producer.stop()


async def _publish(steady: Steady, producer: AIOKafkaProducer, stop: asyncio.Event) -> Published:
    made, past, pace = bodies(steady), crossing(steady), Pace(steady.assets)
    on_their_way, told = OnTheirWay(), list[tuple[str, int]]()
    began, sent = monotonic(), 0
    while not stop.is_set():
        await pace.wait()
        asset, is_past = f"node-{sent % steady.assets:04d}", next(past)
        time_us = time_ns() // 1000
        head = b'{"asset":"%b","time":%d,"values":{"%b":%b,' % (
            asset.encode(),
            time_us,
            steady.point.encode(),
            msgspec.json.encode(PAST if is_past else CALM + sent % 7 / 8),
        )
        value = head + made[sent * 31 % _POOL] + b"}"
        await on_their_way.add(await producer.send(steady.topic, value, key=asset.encode()))
        sent += 1
        if is_past:
            told.append((asset, time_us))
    spent = monotonic() - began
    await on_their_way.drain()
    return Published(sent * steady.points / spent, told)


if __name__ == "__main__":
    done = uvloop.run(publish(msgspec.json.decode(sys.argv[1], type=Steady)))
    sys.stdout.write(msgspec.json.encode(done).decode())
