"""Assets whose signals one thing moves, what is told of them together, and what is saved."""

import itertools
from operator import attrgetter

import numpy as np

from models import pipeline, snapshot
from models.names import Config
from models.snapshot import Snapshots
from models.state import State
from models.telemetry import Gatherer, Piece
from models.together import memory
from schemas.telemetry import Source, SpansBuilder
from schemas.units import Point, PointKind

SECOND = 1_000_000_000
FRAME = 5
SOURCE = Source("raw", 0, "epoch")
POINTS = ("in", "out", "power", "flow")
CONFIG = Config(
    frame_ns=FRAME * SECOND,
    together=("pump-*",),
    peers=False,
    points=(Point(name="mode", kind=PointKind.STATE),),
)
LENGTH = 1600  # rows
FAULT = range(1200, 1300)


def pumps(length=LENGTH, seed=1, k=4):
    """Return signals that one thing moves, (n, k)."""
    rng = np.random.default_rng(seed)
    return 50.0 + rng.normal(size=(length, 1)) + 0.1 * rng.normal(size=(length, k))


def parted(values):
    """Let one signal go its own way, as wide as ever."""
    broken = values.copy()
    broken[FAULT, 2] = np.roll(values[:, 2], 50)[FAULT]
    return broken


def messages(values, name="pump-1", points=POINTS, step=FRAME):
    """Return (asset, points, second, values), a message a row."""
    return [(name, points, step * i, tuple(row)) for i, row in enumerate(values.tolist())]


def blocks(messages, cuts=(), first=0, source=SOURCE):
    gatherer = Gatherer(lambda _asset: 0)
    edges = [0, *sorted({c for c in cuts if c < len(messages)}), len(messages)]
    for low, high in itertools.pairwise(edges):
        spans = SpansBuilder()
        for i, (name, points, second, values) in enumerate(messages[low:high]):
            spans.add(i, name, points, round(second * SECOND), values)
        gatherer.add(Piece(source, np.arange(low, high) + first, spans.build()))
        yield from gatherer.flush().get(0, [])


def through(blocks, state=None, config=CONFIG):
    state = state or State(config)
    return [event for block in blocks for event in pipeline.judge(state, block).events]


def told(events):
    return [e for e in events if getattr(e.data, "kind", None) == "together"]


def short(events):
    return [(e.type.rpartition(".")[2], e.time.timestamp()) for e in told(events)]


def contents(events):
    """Return what a consumer sees, whatever raw messages it came in."""
    return [
        (e.id, e.data.summary, e.data.value, e.data.score, e.data.detector) for e in told(events)
    ]


def saved(state):
    """Return what would be saved of signals together."""
    state.together.packed.take(state.together.models, state.together.heads.rows)
    return [attrgetter(name)(state.together).rows.tobytes() for name in memory.STORES]


def restored(state, config=CONFIG):
    taken = Snapshots(4).take(state, 0)
    segments = [taken.segments[i] for i in range(taken.manifest.segments)]
    return snapshot.load(config, taken.manifest, taken.chunks, segments)
