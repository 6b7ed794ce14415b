"""Bytes of state a signal, and samples a second of detection, from a thousand signals to a million.

Blocks of one fixed size walk through all the signals; the sizes take turns in one run, so that the
same noise meets all of them. Time is this thread's processor time.
"""

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import thread_time_ns
from typing import Annotated, Any
from unittest.mock import patch

import msgspec
import numpy as np
import typer

from models import signals, warmup
from models.names import Config
from models.state import State
from models.store import Store
from schemas import readings
from schemas.readings import VERSION, Block, Meta, digest
from schemas.trigger import Rule
from streams.bench.pinned import load, pinned

SIGNALS = (1_000, 100_000, 1_000_000)
BLOCKS = (20_000, 2_000)
POINTS = 100  # of an asset
TURN = 1_000_000  # samples
SETTLED_S = 40  # of event time: past the detectors' first answers, with frames that close
POOL = 64  # different blocks of values
_NAMED = 100_000  # signals whose names are weighed
START_S = 1_760_000_000
SECOND = 1_000_000_000

POINT_NAMES = tuple(f"DCGM_FI_DEV_FIELD_{i:03d}" for i in range(POINTS))
CONFIG = Config(rules=(Rule(name="hot", point=POINT_NAMES[0], above=90.0, for_s=10.0),))
COUNTED = """bytes: arrays of one partition's state at the end of a run, over its signals:
  signals   a row of detectors' memory each
  held      the samples of open frames (5 s at 1 Hz): value, status and row, and a row a span;
            all of the ring, with its spare places
  rules     a row for each rule on a signal (here on one signal in 100)
  rest      lanes, the map from shapes to rows, a scratch, declared ranges, episodes
  names     Python's names and dictionaries, told apart: tracemalloc, at 100,000 signals
places that arrays have in reserve and never touched are not counted, but for the ring's"""


class Feed:
    """Endless blocks of `size` samples, asset after asset, second after second."""

    def __init__(self, n_signals: int, seed: int) -> None:
        self.assets = n_signals // POINTS
        values = np.random.default_rng(seed).normal(50.0, 1.0, (POOL, max(BLOCKS)))
        self._values = values.round(2)
        self._span = self._blocks = 0
        self._metas: dict[tuple[int, int], tuple[Meta, Any]] = {}

    def block(self, size: int) -> Block:
        """Return the next block of `size` samples."""
        n = size // POINTS
        span = np.arange(self._span, self._span + n)
        meta, asset = self._meta(self._span % self.assets, n)
        none = np.zeros(n, np.int32)
        time_ns = (START_S + span // self.assets) * SECOND
        values = self._values[self._blocks % POOL, :size]
        self._span += n
        self._blocks += 1
        starts = np.arange(n + 1) * POINTS
        clean = np.zeros(0, np.uint16)
        return Block(meta, none, span, none, asset, none, time_ns, starts, values, clean)

    def _meta(self, first: int, n: int) -> tuple[Meta, Any]:
        found = self._metas.get((first, n))
        if found is None:
            every = [i % self.assets for i in range(first, first + n)]
            used = list(dict.fromkeys(every))
            place = {asset: i for i, asset in enumerate(used)}
            names = [f"node-{i // 8:05d}/gpu{i % 8}" for i in used]
            points = msgspec.Raw(msgspec.json.encode(POINT_NAMES))
            meta = Meta(VERSION, [("bench", 0, "")], names, [digest(POINT_NAMES)], [points])
            found = meta, np.array([place[i] for i in every], np.int32)
            self._metas[first, n] = found
        return found


@dataclass(slots=True)
class Speed:
    """Processor time of blocks of one size, on one number of signals."""

    signals: int
    block: int
    samples: int = 0
    apply_ns: int = 0
    loop_ns: int = 0
    turns: list[float] = field(default_factory=list)
    """ns a sample of each turn."""

    @property
    def rate(self) -> float:
        """Samples a second of the whole, processor time."""
        return 1e9 * self.samples / max(self.apply_ns, 1)

    def line(self) -> str:
        """Say it in one line."""
        whole, loop = self.apply_ns / self.samples, self.loop_ns / self.samples
        return (
            f"{self.signals:>9,} signals, blocks of {self.block:>6,}: "
            f"{self.rate / 1e6:6.2f} M samples/s, {whole:6.1f} ns a sample; "
            f"the compiled loop alone {1e3 / loop:6.2f} M samples/s, {loop:5.1f} ns"
        )


@dataclass(slots=True)
class Weight:
    """Bytes a signal."""

    signals: int
    table: float
    held: float
    rules: float
    rest: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.table + self.held + self.rules + self.rest

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.signals:>9,} signals: {self.total:6.1f} bytes a signal = "
            f"signals {self.table:.1f} + held {self.held:.1f} + rules {self.rules:.1f} "
            f"+ rest {self.rest:.1f}"
        )


class Stopwatch:
    """Stands in for the loop and sums its time; the call is part of it."""

    def __init__(self) -> None:
        self._loop, self.ns = signals.judge, 0

    def __call__(self, *columns: Any) -> int:  # noqa: ANN401 - the loop's arguments
        """Run the loop."""
        began = thread_time_ns()
        try:
            return self._loop(*columns)
        finally:
            self.ns += thread_time_ns() - began


def turn(state: State, feed: Feed, speed: Speed) -> None:
    """Apply `TURN` samples and measure them."""
    blocks = [feed.block(speed.block) for _ in range(TURN // speed.block)]
    watch = Stopwatch()
    with patch.object(signals, "judge", watch):
        began = thread_time_ns()
        samples = sum(state.apply(block).samples for block in blocks)
        spent = thread_time_ns() - began
    assert samples == TURN  # noqa: S101 - else what was measured is something else
    speed.samples += samples
    speed.apply_ns += spent
    speed.loop_ns += watch.ns
    speed.turns.append(spent / samples)


def settled(n_signals: int, feed: Feed) -> State:
    """Return a state that has seen every signal for `SETTLED_S` seconds."""
    state = State(CONFIG)
    for _ in range(max(SETTLED_S * n_signals, TURN) // BLOCKS[0]):
        state.apply(feed.block(BLOCKS[0]))
    return state


def weigh(state: State) -> Weight:
    """Count the bytes of a state's arrays."""
    n = state.signals.size
    ring = (state.held, state.held_rows, state.held_values, state.held_status)
    held = sum(store.all.nbytes for store in ring)
    arrays = [one for one in _arrays(state) if not any(one is store for store in ring)]
    every = sum(_bytes(one) for one in arrays)
    table, rules = state.signals.rows.nbytes, state.bindings.rows.nbytes
    return Weight(n, table / n, held / n, rules / n, (every - table - rules) / n)


def _arrays(state: State) -> Iterator[Any]:
    for one in vars(state).values():
        if isinstance(one, Store | np.ndarray):
            yield one
    for shape in state.shapes_known.values():
        yield from (shape.low, shape.high, shape.width)


def _bytes(one: Any) -> int:  # noqa: ANN401 - a store or an array
    return int(one.rows.nbytes if isinstance(one, Store) else one.nbytes)


def _reserved(state: State) -> int:
    return sum(one.all.nbytes if isinstance(one, Store) else one.nbytes for one in _arrays(state))


def weigh_names(seed: int) -> float:
    """Return the bytes a signal of Python's objects: names, dictionaries, lists."""
    feed = Feed(_NAMED, seed)
    data = [readings.encode(feed.block(BLOCKS[0])) for _ in range(_NAMED // BLOCKS[0])]
    gc.collect()
    tracemalloc.start()
    state = State(CONFIG)
    for one in data:
        state.apply(readings.decode(one))
    gc.collect()
    traced, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (traced - _reserved(state)) / _NAMED


def measure(seed: int, samples: int) -> tuple[list[Speed], list[Weight]]:
    """Let all sizes take turns until each has had `samples`."""
    runs = [(settled(n, feed), feed, n) for n in SIGNALS for feed in [Feed(n, seed)]]
    speeds = []
    for block in BLOCKS:
        mine = [(state, feed, Speed(n, block)) for state, feed, n in runs]
        for _ in range(max(samples // TURN, 5)):
            for one in mine:
                turn(*one)
        speeds += [speed for _, _, speed in mine]
    return speeds, [weigh(state) for state, _, _ in runs]


def flatness(speeds: list[Speed]) -> float:
    """Return the least speed over the speed at the fewest signals, over all sizes of blocks.

    Each turn is compared with the one beside it; of these ratios the median counts.
    """
    least = 1.0
    for block in BLOCKS:
        few, *more = [np.array(speed.turns) for speed in speeds if speed.block == block]
        least = min([least, *(float(np.median(_cycles(few) / _cycles(many))) for many in more)])
    return least


def _cycles(turns: Any) -> Any:  # noqa: ANN401 - an array
    """Return the means over five turns, in which a million signals close all their frames."""
    return turns[: len(turns) // 5 * 5].reshape(-1, 5).mean(1)


def run(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the values.")] = 1,
    samples: Annotated[int, typer.Option(min=TURN, help="Of each size.")] = 20_000_000,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1: more bytes a signal.")] = None,
    fail_under: Annotated[float | None, typer.Option(help="Exit 1: a lower flatness.")] = None,
) -> None:
    """Weigh the state of a signal, and run detection over a thousand to a million signals."""
    with pinned() as cpu:
        warmup.warm_up()
        names = weigh_names(seed)
        speeds, weights = measure(seed, samples)
    flat, total = flatness(speeds), weights[-1].total
    if as_json:
        told = {"speeds": speeds, "weights": weights, "names": names, "load": load()}
        typer.echo(msgspec.json.encode({**told, "bytes": total, "flatness": flat}).decode())
    else:
        typer.echo(COUNTED)
        typer.echo(f"one thread on processor {cpu}; {load()}")
        for line in [one.line() for one in weights] + [one.line() for one in speeds]:
            typer.echo(line)
        typer.echo(f"names: {names:.1f} bytes a signal in Python's objects")
        typer.echo(f"speed at the worst of these sizes over that at {SIGNALS[0]:,}: {flat:.2f}")
        typer.echo(f"state: {total:.1f} bytes a signal")
    too_much = fail_over is not None and total > fail_over
    if too_much or (fail_under is not None and flat < fail_under):
        raise typer.Exit(1)
