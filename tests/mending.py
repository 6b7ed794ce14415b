"""Samples of signals that need mending, through detection: what is told of them."""

import itertools

import numpy as np

from models import bits, pipeline
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Piece
from schemas.telemetry import Source, SpansBuilder
from schemas.trigger import Rule
from schemas.units import Point, PointKind

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch")
NAN = float("nan")
COUNTER = Point(name="count", unit="By", kind=PointKind.COUNTER)
WORD = Point(name="word", unit="By", kind=PointKind.COUNTER, wraps=32, capacity=1e9)
XID = Point(name="xid", kind=PointKind.LAST_EVENT)
LINK = Point(name="link", unit="B/s", capacity=9e11, factors=(1e-3, 1e-6))
LINK_TOTAL = Point(
    name="link_total", unit="By", kind=PointKind.COUNTER, capacity=1e9, factors=(1e-3,)
)
CONFIG = Config(
    frame_ns=5 * SECOND,
    points=(COUNTER, WORD, XID, LINK, LINK_TOTAL, Point(name="bare", unit="W")),
    rules=(Rule(name="fast", point="count", above=100.0),),
)

READER = bits.Reader()


def block(*samples, first=0):
    """Return one block of (point, seconds, value[, quality]), a message each."""
    spans = SpansBuilder()
    for i, (point, second, value, *mark) in enumerate(samples):
        spans.add(
            i, "a", (point,), round(second * SECOND), (value,), (int(mark[0] if mark else 0),)
        )
    gatherer = Gatherer(lambda _asset: 0)
    gatherer.add(Piece(SOURCE, np.arange(len(samples)) + first, spans.build()))
    return gatherer.flush()[0]


def fed(state, *samples, cuts=(), first=0):
    """Apply samples, cut into blocks at `cuts`; return frames and events."""
    edges = sorted({0, len(samples), *(c for c in cuts if c < len(samples))})
    found = [
        pipeline.judge(state, one)
        for low, high in itertools.pairwise(edges)
        for one in block(*samples[low:high], first=first + low)
    ]
    return [f for one in found for f in one.frames], [e for one in found for e in one.events]


def through(*samples, state=None, cuts=()):
    """Return events, and what bits tell of each sample but of the last frame: (value, time)."""
    state = state or State(CONFIG)
    end = ("bare", samples[-1][1] + 20, 1.0)
    frames, events = fed(state, *samples, end, cuts=cuts)
    return events, [t for frame in frames for t in told(frame)]


def told(frame):
    read = READER.decode(frame.data)
    for row, point, value, status in zip(
        read.samples.row, read.samples.point, read.samples.values, read.samples.status, strict=True
    ):
        time = read.samples.times_ns[row] / SECOND
        yield read.names.points[point], time, float(value), int(status)


def rates(*samples, **more):
    """Return the rates that bits tell, about."""
    return [value for point, _, value, _ in through(*samples, **more)[1] if point != "bare"]


def of_kind(events, kind):
    return [e for e in events if getattr(e.data, "kind", None) == kind]
