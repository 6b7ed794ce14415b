"""What happens in the demo: a plant, its hours, and what breaks when."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from models.simulate import Fault, Plant
from models.simulate.wire import FACILITY_TOPIC, GPU_TOPIC, messages
from streams.house import until
from streams.publish import Message

HISTORY_S: Final = 720
"""Of the plant's life, published as fast as it is read: the detectors learn what is normal."""
LIVE_S: Final = 290
"""Of the plant's life, until the story is told."""
START_NS: Final = 1_780_042_680_000_000_000
"""2026-05-29T08:18:00Z, on the plant's clock: the same hour and seed, the same story."""
AHEAD_S: Final = 20
"""The plant is never further ahead of what was judged: below what detection waits for a source."""
FOR_EVER_S: Final = 36_000
PATIENCE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that breaks, and what it means."""

    fault: Fault
    says: str
    """For a person who knows none of this."""

    @property
    def at_ns(self) -> int:
        """When, on the plant's clock."""
        return START_NS + round(self.fault.start_s * 1e9)


BREAKS: Final = (
    Break(
        Fault("ib_errors", "node-02/ib0", HISTORY_S + 10, 30.0),
        "the cable between node-02/ib0 and leaf-1/p2 goes bad: job-1, which trains across it, "
        "waits for every bit that is sent again",
    ),
    Break(
        Fault("chiller_trip", "chiller-1", HISTORY_S + 60, FOR_EVER_S),
        "chiller-1 stops: the water warms, slowly, and with it the CDU, the racks and every GPU",
    ),
)


class Audience(Protocol):
    """Who hears what breaks, and says how far detection has come."""

    def breaks(self, one: Break) -> None:
        """Hear what breaks now."""

    def upto_ns(self) -> int:
        """Return up to when all was judged; 0: nothing yet."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast the story is told, and how long."""

    speed: float
    """Times as fast as time, where all can follow."""
    seconds: int = HISTORY_S + LIVE_S
    """Of the plant's life."""

    @property
    def ends_ns(self) -> int:
        """When, on the plant's clock."""
        return START_NS + self.seconds * 1_000_000_000


def plant(seed: int) -> Plant:
    """Return the plant of the demo, with all that breaks."""
    return Plant(seed=seed, faults=tuple(one.fault for one in BREAKS))


async def feed(
    plant: Plant, tempo: Tempo, topics: Sequence[str], audience: Audience
) -> AsyncIterator[Message]:
    """Yield the history, then the plant live. `topics`: of the facility, of the GPUs."""
    names = dict(zip((FACILITY_TOPIC, GPU_TOPIC), topics, strict=True))
    began, left = 0.0, list(BREAKS)
    for i, tick in enumerate(plant.run(START_NS, tempo.seconds)):
        await _follows(tick.time_ns, audience)
        if i >= HISTORY_S:
            began = began or time.monotonic()
            await _sleep_until(began + (i - HISTORY_S) / tempo.speed)
        while left and left[0].at_ns <= tick.time_ns:
            audience.breaks(left.pop(0))
        for message in messages(tick):
            yield Message(names[message.topic], message.key, message.value)


async def _follows(time_ns: int, audience: Audience) -> None:
    """Wait until detection has come near; so every second is judged as if it were now."""
    near_ns = time_ns - AHEAD_S * 1_000_000_000

    async def is_near() -> bool:
        return near_ns < START_NS or audience.upto_ns() >= near_ns

    await until("detection follows", is_near, PATIENCE_S, every_s=0.02)


async def _sleep_until(when_s: float) -> None:
    wait = when_s - time.monotonic()
    if wait > 0:
        await asyncio.sleep(wait)
