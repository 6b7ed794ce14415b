"""What is done to a running service: its processes, its broker and its topics."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.settings import Settings
from streams import topics
from streams.bench.faults.feed import RAW, Feed, epochs_of
from streams.broker import Broker
from streams.connection import client_options
from streams.house import House, Member, until
from streams.topics import administration

KINDS = ("kill", "term", "named", "pause", "broker", "anew")
"""`term`: told to end; `named`: killed, and started again under the same `kafka.instance`."""


_HOW = {"term": signal.SIGTERM}


class Disturber:
    """Does one thing after the other to a running service, at random moments."""

    def __init__(self, house: House, broker: Broker, feed: Feed, seed: int) -> None:
        self.house, self.broker, self.feed = house, broker, feed
        self.rng = np.random.default_rng(seed)
        self.done = 0

    def plan(self, kind: str, times: int) -> Iterator[Callable[[], Awaitable[None]]]:
        """Yield what to do, one after the other."""
        for _ in range(times):
            if kind == "broker":
                yield self.restart_broker
            elif kind == "anew":
                yield self.anew
            else:
                do = self.pause if kind == "pause" else partial(self.end, _HOW.get(kind))
                yield partial(do, "ingest")
                yield partial(do, "worker")

    async def moment(self, least_s: float = 0.5, most_s: float = 3.0) -> None:
        """Wait for a random moment while data flows."""
        await asyncio.sleep(float(self.rng.uniform(least_s, most_s)))

    def member(self, role: str) -> Member:
        """Choose a running process of a role."""
        running = [m for m in self.house.members if m.role == role and m.process.poll() is None]
        return running[int(self.rng.integers(len(running)))]

    async def end(self, how: signal.Signals | None, role: str) -> None:
        """End one process (-9 if not told how); start another, under its name if it had one."""
        await self.moment()
        member = self.member(role)
        member.signal(how or signal.SIGKILL)
        await member.ended()
        self.house.members.remove(member)
        self.house.start(role, environment=member.environment)
        self.done += 1

    async def pause(self, role: str) -> None:
        """Stop a process until its partitions have moved, then let it go on."""
        await self.moment()
        member = self.member(role)
        member.signal(signal.SIGSTOP)
        seen = self.feed.rows

        async def moved() -> bool:
            return await _members(self.house.settings, role) <= 1

        await until(f"partitions of the paused {role} move", moved, 60.0)
        await until("data flowed on", lambda: reached(self.feed, seen + 20), 60.0)
        member.signal(signal.SIGCONT)
        self.done += 1

    async def restart_broker(self) -> None:
        """Kill the broker, start it again with its data."""
        await self.moment()
        await asyncio.to_thread(self.broker.kill)
        await self.moment()
        await asyncio.to_thread(self.broker.restart)
        self.done += 1

    async def anew(self) -> None:
        """Delete a raw topic that was read to its end, and make it anew."""
        await self.moment()
        name = list(RAW.values())[int(self.rng.integers(len(RAW)))]
        settings = self.house.settings
        async with self.feed.hold:
            await until("ingest is at the end", lambda: _read(settings), 60.0)
            await make_anew(settings, name)
            self.feed.epochs.update(await epochs_of(settings.kafka))
        self.done += 1


async def reached(feed: Feed, rows: int) -> bool:
    """Say whether Kafka has so many seconds of event time."""
    return feed.rows >= rows


async def _members(settings: Settings, role: str) -> int:
    """Count the members of a role's group, as the broker has them."""
    group = settings.ingest.group if role == "ingest" else settings.detect.group
    async with administration(settings.kafka) as admin:
        (answer,) = await admin.describe_consumer_groups([group])
        return len(answer.groups[0][5])


async def _read(settings: Settings) -> bool:
    """Say whether ingest has committed up to the end of every raw topic."""
    consumer = AIOKafkaConsumer(group_id=settings.ingest.group, **client_options(settings.kafka))
    await consumer.start()
    try:
        parts = [TopicPartition(r.name, p) for r in settings.raw for p in range(r.partitions)]
        ends = await consumer.end_offsets(parts)
        return all([(await consumer.committed(p) or 0) >= ends[p] for p in parts])
    finally:
        await consumer.stop()


async def make_anew(settings: Settings, name: str) -> None:
    """Delete a topic and make it again."""

    async def made() -> bool:
        try:
            return name in await topics.create(settings)
        except KafkaError:
            return False

    async with administration(settings.kafka) as admin:
        await admin.delete_topics([name])
        await until(f"{name} is made anew", made)
