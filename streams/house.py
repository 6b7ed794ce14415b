"""The whole service on this machine: an embedded Kafka, our processes, and their settings file.

Used by `demo`, the benchmarks and the end-to-end tests: what they show is what users run.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Self

import yaml
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.settings import Settings
from streams import topics
from streams.connection import reader

_LAST_LINES = 5  # of a log
_ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGKILL}


class NotSeen(AssertionError):  # noqa: N818 - it says what happened
    """A condition did not come true in time."""


class MemberEnded(AssertionError):  # noqa: N818 - it says what happened
    """A process of a house ended, and nobody had asked for that."""


async def until(
    what: str, holds: Callable[[], Awaitable[bool]], patience_s: float = 60.0, every_s: float = 0.1
) -> float:
    """Wait for a condition, not for seconds; return how long it took.

    Raises `NotSeen`; and at once `MemberEnded`, where it does not hold and a member of an open
    house has ended by itself.
    """
    began = monotonic()
    while not await holds():
        for house in _OPEN:
            house.check(what)
        if monotonic() - began > patience_s:
            raise NotSeen(f"not seen within {patience_s:g} s: {what}")
        await asyncio.sleep(every_s)
    return monotonic() - began


@dataclass(slots=True)
class Member:
    """One of our processes."""

    role: str
    process: subprocess.Popen[bytes]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    """What it was given beyond ours."""
    ending: bool = False
    """Its end was asked for, or is waited for."""

    def signal(self, which: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.process.poll() is None:
            self.ending |= which in _ENDING
            self.process.send_signal(which)

    async def ended(self, patience_s: float = 20.0) -> int:
        """Wait for the end; return the exit code. Raises `NotSeen`."""
        self.ending = True

        async def gone() -> bool:
            return self.process.poll() is not None

        await until(f"{self.role} ends", gone, patience_s)
        return int(self.process.returncode)


@dataclass(slots=True, eq=False)
class House:
    """Processes under one settings file; all end with it."""

    settings: Settings
    folder: Path
    cpus: set[int] | None = None
    """Pin the processes to these."""
    members: list[Member] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(yaml.safe_dump(self.settings.model_dump(mode="json", exclude=_SECRET)))
        await topics.create(self.settings)
        _OPEN.append(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        _OPEN.remove(self)
        await self.stop()

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.folder / "settings.yaml"

    def start(
        self, role: str, *, log: str = "", environment: dict[str, str] | None = None
    ) -> Member:
        """Start `ingest`, `worker`, `cascade` or `act`; its output goes to a file in the folder."""
        name = log or f"{role}-{len(self.members)}.log"
        command = [sys.executable, "-m", "streams", "--config", str(self.file), role]
        with (self.folder / name).open("ab") as out:
            process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env=os.environ | (environment or {}),
            )
        if self.cpus:
            os.sched_setaffinity(process.pid, self.cpus)
        member = Member(role, process, self.folder / name, environment or {})
        self.members.append(member)
        return member

    def last_words(self, member: Member, lines: int = 1) -> str:
        """Return the last lines a process wrote."""
        written = member.log.read_text(errors="replace").strip().splitlines()
        return "\n".join(written[-lines:]) or "it said nothing"

    def check(self, what: str) -> None:
        """Raise `MemberEnded` when a process has ended that was to go on. `what`: is waited for."""
        for member in self.members:
            code = member.process.poll()
            if code is not None and not member.ending:
                words = self.last_words(member, _LAST_LINES)
                raise MemberEnded(f"{member.role} ended with {code} before {what}:\n{words}")

    async def stop(self) -> list[int]:
        """End every process, gently first; return their exit codes."""
        for member in self.members:
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGTERM)
        try:
            return [await member.ended() for member in self.members]
        except NotSeen:
            for member in self.members:
                member.signal(signal.SIGKILL)
            return [member.process.wait() for member in self.members]
        finally:
            self.members.clear()


_OPEN: list[House] = []
"""Whose members `until` looks after."""
_SECRET = {"kafka": {"password"}}


async def read_all(settings: Settings, names: list[str]) -> dict[str, list[ConsumerRecord]]:
    """Read topics from their first message to their present end."""
    options = {"auto_offset_reset": "earliest", "max_partition_fetch_bytes": 16_000_000}
    async with reader(settings.kafka, **options) as consumer:
        found: dict[str, list[ConsumerRecord]] = {name: [] for name in names}
        parts = [
            TopicPartition(name, p) for name in names for p in await _partitions(consumer, name)
        ]
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        while [p for p in parts if await consumer.position(p) < ends[p]]:
            for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                found[tp.topic].extend(records)
        return found


async def _partitions(consumer: AIOKafkaConsumer, name: str) -> set[int]:
    await consumer._client.add_topic(name)  # noqa: SLF001 - loads its metadata
    return set(consumer.partitions_for_topic(name) or ())
