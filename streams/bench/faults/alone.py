"""The same messages through the same functions, without a broker: what must come out."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np

from models import pipeline
from models.names import Config
from models.pipeline import Found
from models.state import State
from models.telemetry import Gatherer, Judge, Piece, tick_block
from schemas.formats import decoders
from schemas.readings import Block, Tick
from schemas.settings import Settings
from schemas.telemetry import Source
from streams.bench.faults.feed import Sent
from streams.bench.faults.outcome import Outcome, is_later, samples_of

_FORMAT = "native-json"  # what the plant writes
_SILENCE_NS = 3_600_000_000_000  # longer than any frame and lateness: the last frames close


def without_broker(
    settings: Settings, written: Sequence[Sequence[Sent]], latest_ns: int
) -> Outcome:
    """Run messages, batch by batch, through the pure pipeline; return what it says.

    Frames are cut where a lane's own samples leave a window, so they are the same, to the byte and
    with the same ids, however the messages are batched and however far sources were told to be.
    """
    state = State(Config.of(settings))
    found = [pipeline.judge(state, block) for block in _blocks(settings, written)]
    return _outcome(found, latest_ns)


def _blocks(settings: Settings, written: Sequence[Sequence[Sent]]) -> Iterator[Block]:
    decoder, judge = decoders()[_FORMAT], Judge(Config.of(settings))
    gatherer = Gatherer(lambda _asset: 0)
    ends: dict[Source, int] = {}
    for batch in written:
        for source, run in _by_source(batch):
            offsets = np.array([one.offset for one in run])
            times = [one.timestamp_ms for one in run]
            spans = decoder.decode([one.value for one in run], times).spans
            gatherer.add(Piece(source, offsets, judge.judge(spans, np.array(times))))
            ends[source] = run[-1].offset + 1
        yield from gatherer.flush().get(0, [])
    yield tick_block([(one, Tick(0, end, 0, _SILENCE_NS)) for one, end in ends.items()])


def _by_source(batch: Sequence[Sent]) -> Iterator[tuple[Source, list[Sent]]]:
    ordered = sorted(batch, key=lambda one: (one.source, one.offset))
    for source, run in groupby(ordered, key=lambda one: one.source):
        yield source, list(run)


def _outcome(found: Iterable[Found], latest_ns: int) -> Outcome:
    frames: dict[str, bytes] = {}
    events: dict[str, bytes] = {}
    for one in found:
        frames |= {frame.id: frame.data for frame in one.frames}
        texts = ((event.id, event.model_dump_json().encode()) for event in one.events)
        events |= {name: text for name, text in texts if not is_later(text, latest_ns)}
    return Outcome(frames, events, samples_of(frames.values()))
