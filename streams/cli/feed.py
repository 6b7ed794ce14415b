"""Sending messages where the user wants them: to Kafka, or to stdout to look at."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from enum import StrEnum

from schemas.settings import Kafka
from streams.cli.console import progress, write_line
from streams.publish import Message, Pace, at_speed, publish

Timed = Iterable[tuple[int, Message]]
"""Event time in ns since 1970, and the message."""


class To(StrEnum):
    """Where messages go."""

    KAFKA = "kafka"
    STDOUT = "stdout"


async def feed(kafka: Kafka, timed: Timed, to: To, *, rate: float, speed: float) -> int:
    """Send all; return how many.

    `rate`: as `publish` has it; `speed`: as `at_speed` has it, 0: do not wait.
    """
    messages = at_speed(timed, speed) if speed else _at_once(timed)
    if to is To.STDOUT:
        return await _print(messages, rate)
    with progress("messages") as show:
        return await publish(kafka, messages, rate, show)


async def _at_once(timed: Timed) -> AsyncIterator[Message]:
    for i, (_, message) in enumerate(timed):
        if i % 100 == 0:
            await asyncio.sleep(0)
        yield message


async def _print(messages: AsyncIterable[Message], rate: float) -> int:
    pace, sent = Pace(rate), 0
    async for message in messages:
        await pace.wait(message.weight)
        write_line(message.value.decode())
        sent += 1
    return sent
