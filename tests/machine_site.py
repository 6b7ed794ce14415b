"""A partition that is fed sample by sample, or in any blocks, and what its rules tell."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from models import pipeline, snapshot
from models.names import Config
from models.snapshot import Snapshots
from models.state import State
from models.telemetry import Gatherer, Piece, tick_block
from schemas.readings import Tick
from schemas.telemetry import Source, SpansBuilder
from schemas.trigger import Rule

SECOND = 1_000_000_000
START = 1_700_000_000
"""Second of the first sample."""


class Sent(NamedTuple):
    """One asset at one second, from one of the sources."""

    second: float
    asset: str
    values: dict
    source: int = 0
    mark: int = 0


class Passed(NamedTuple):
    """A tick: a source has been silent up to a second."""

    second: float
    source: int = 0


def source(number):
    return Source(f"raw{number}", 0, "epoch")


def ns(second):
    return round((START + second) * SECOND)


def config(*rules, values=(), **more):
    rules = tuple(one if isinstance(one, Rule) else Rule.model_validate(one) for one in rules)
    return Config(rules=rules, values=values, lateness_ns=2 * SECOND, peers=False, **more)


def block(items, first):
    """Return a block of `Sent`; offsets count from `first`."""
    gatherer = Gatherer(lambda _asset: 0)
    for i, one in enumerate(items):
        spans = SpansBuilder()
        values = tuple(map(float, one.values.values()))
        spans.add(
            0, one.asset, tuple(one.values), ns(one.second), values, (one.mark,) * len(values)
        )
        gatherer.add(Piece(source(one.source), np.array([first + i]), spans.build()))
    return gatherer.flush()[0][0]


class Fed:
    """A state, and all events so far."""

    def __init__(self, made):
        self.state, self.events, self.offset = State(made), [], 0
        self.latest = {}

    def send(self, *items):
        """Apply what was sent as one block; a tick by itself."""
        run = []
        for one in items:
            if isinstance(one, Passed):
                self._apply(run)
                run = []
                self._tick(one)
            else:
                run.append(one)
        self._apply(run)
        return self

    def _apply(self, run):
        if run:
            made = block(run, self.offset)
            self.offset += len(run)
            for one in run:
                self.latest[one.source] = max(self.latest.get(one.source, 0), ns(one.second))
            self.events += pipeline.judge(self.state, made).events

    def _tick(self, one):
        latest = self.latest.get(one.source)
        if latest is not None:
            tick = Tick(0, self.offset, latest, ns(one.second) + 2 * SECOND - latest)
            self.offset += 1
            made = tick_block([(source(one.source), tick)])
            self.events += pipeline.judge(self.state, made).events

    def restart(self, made=None):
        """Save and load the state."""
        saved = Snapshots(1).take(self.state, 0)
        segments = [saved.segments[i] for i in range(len(saved.segments))]
        made = made or self.state.config
        self.state = snapshot.load(made, saved.manifest, saved.chunks, segments)
        return self

    @property
    def alerts(self):
        """Return the alerts alone."""
        return [one for one in self.events if "alert" in one.type]

    def told(self):
        """Return what alerts say: rule, asset, state, second."""
        return [
            (e.data.rule, e.data.asset, str(e.data.state), e.time.timestamp() - START)
            for e in self.alerts
        ]

    def states(self):
        """Return states and seconds alone."""
        return [(state, second) for _, _, state, second in self.told()]


def fed(rule, *items, **more):
    """Feed one rule a sample a block, then let half a second pass."""
    made = Fed(config(rule, **more))
    for one in items:
        made.send(one)
    return made.send(Passed(items[-1].second + 0.5))


def cut(items, edges):
    """Cut a list at places."""
    places = sorted({0, len(items), *(edge for edge in edges if edge < len(items))})
    return [items[low:high] for low, high in pairwise(places)]
