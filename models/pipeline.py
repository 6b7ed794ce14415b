"""The whole product as functions over values: what agents call, and what runs without Kafka."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from models.applied import Overflow
from models.events import Published, event_of
from models.frames import BitFrame
from models.names import Config
from models.progress import tell
from models.state import State
from schemas import readings
from schemas.events import Event
from schemas.progress import Progress


class Found(NamedTuple):
    """What a block of readings led to."""

    frames: list[BitFrame]
    events: list[Published]
    overflow: list[Overflow]
    samples: int
    skipped: int
    """Spans that had been applied before."""
    partition: int = 0
    """Of `readings`."""
    progress: Event[Progress] | None = None
    """How far event time has come, behind all events; None: no farther than was told before."""


def detect(state: State, data: bytes) -> Found:
    """Apply a readings block, in bytes, to `state`. Raises `BlockError` when it is none."""
    return judge(state, readings.decode(data))


def judge(state: State, block: readings.Block) -> Found:
    """Apply a readings block to `state`."""
    applied = state.apply(block)
    events = [event_of(state, row) for row in applied.happened]
    return Found(
        applied.frames,
        events,
        applied.overflow,
        applied.samples,
        applied.skipped,
        state.partition,
        tell(state, len(block), ticked=bool(block.meta.ticks)),
    )


def run(config: Config, blocks: Iterable[readings.Block]) -> Iterator[Found]:
    """Run detection over blocks in order, from an empty state, without a broker."""
    state = State(config)
    for block in blocks:
        yield judge(state, block)
