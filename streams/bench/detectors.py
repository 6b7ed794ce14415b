"""Nanoseconds and bytes of both tiers of detection, beside river's cheapest detector.

A tier judges, then learns, a sample of each of its signals in turn; the numbers of signals take
turns in one run, so that the same noise meets all of them. Time is this thread's processor time.
"""

from collections.abc import Callable
from time import thread_time_ns
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import typer

from models.anomaly import series
from models.rows import Table
from schemas.telemetry import Floats, Ints
from streams.bench import together
from streams.bench.pinned import load, pinned

SIGNALS = {"every": (1_000, 100_000, 1_000_000), "chosen": (1_000, 10_000, 100_000)}
"""Of each tier."""
BLOCK = 20_000  # samples
TURN = 200_000  # samples
SETTLED = 200  # samples of each signal before any is timed: past all the warming up
POOL = 64  # different blocks of values
RIVER = 20_000  # samples
MINUTE_NS = 60_000_000_000
EXPLAINED = """ns a sample: score, then learn, one sample of each signal in turn, blocks of 20,000;
the median of all turns, processor time. every: the tier that every signal has (outlier, jump,
level, swing, extremes). chosen: that and the memory of day, week and shapes.
river: StandardAbsoluteDeviation, one signal, score_one and learn_one. together: the signals of one
asset judged together, a row at a time; and river: with its second opinion, half-space trees."""


class Tier(together.Cost):
    """Detection of one tier on one number of signals."""

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.name:>6}: {self.signals:>9,} signals: "
            f"{self.ns:7.1f} ns a sample, {self.bytes:,} bytes a signal"
        )


class Walk:
    """Endless blocks of samples, signal after signal, minute after minute."""

    def __init__(self, tier: Tier, seed: int) -> None:
        self.tier = tier
        self._values = np.random.default_rng(seed).normal(50.0, 1.0, (POOL, BLOCK))
        self._scores = np.zeros(BLOCK)
        self.table = np.zeros(tier.signals, _ROW[tier.name])
        self._at = self._blocks = 0

    def turn(self, samples: int) -> None:
        """Judge so many samples; remember the time it took."""
        spent = 0
        for _ in range(max(samples // BLOCK, 1)):
            values, places = self._next()
            judge = _JUDGE[self.tier.name]
            begin = thread_time_ns()
            judge(self.table, places, values, self._scores)
            spent += thread_time_ns() - begin
        self.tier.turns.append(spent / (max(samples // BLOCK, 1) * BLOCK))

    def _next(self) -> tuple[Floats, Ints]:
        place = np.arange(self._at, self._at + BLOCK, dtype=np.int64)
        self._at += BLOCK
        self._blocks += 1
        return self._values[self._blocks % POOL], place


def _every(table: Table, places: Ints, values: Floats, scores: Floats) -> None:
    series.judge_block(table, (places % table.size).astype(np.int32), values, scores)


def _chosen(table: Table, places: Ints, values: Floats, scores: Floats) -> None:
    minute, rows = places // table.size * MINUTE_NS, (places % table.size).astype(np.int32)
    series.judge_chosen_block(table, rows, minute, values, scores)


_ROW = {"every": series.EVERY, "chosen": series.CHOSEN}
_JUDGE: dict[str, Callable[[Table, Ints, Floats, Floats], None]] = {
    "every": _every,
    "chosen": _chosen,
}


def walks(seed: int) -> list[Walk]:
    """Return all tiers on all numbers of signals, past their warming up."""
    tiers = [(name, n) for name, some in SIGNALS.items() for n in some]
    made = [Walk(Tier(name, n, _ROW[name].itemsize), seed) for name, n in tiers]
    for walk in made:
        walk.turn(SETTLED * walk.tier.signals)
        walk.tier.turns.clear()
    return made


def river_ns(seed: int) -> float:
    """Return what river's cheapest detector takes, ns a sample of one signal."""
    from river.anomaly import StandardAbsoluteDeviation  # noqa: PLC0415 - of the extra `river`

    detector = StandardAbsoluteDeviation()
    values = np.random.default_rng(seed).normal(50.0, 1.0, RIVER).tolist()
    begin = thread_time_ns()
    for value in values:
        detector.score_one(None, value)  # type: ignore[no-untyped-call]
        detector.learn_one(None, value)  # type: ignore[no-untyped-call]
    return (thread_time_ns() - begin) / RIVER


class Measured(NamedTuple):
    """What came of all turns."""

    tiers: list[Tier]
    river: float
    """ns a sample."""
    together: list[together.Cost]


def measure(seed: int, turns: int) -> Measured:
    """Let all tiers, river, and signals together take turns."""
    made, assets, river = walks(seed), together.assets(seed), []
    for _ in range(turns):
        for walk in made:
            walk.turn(TURN)
        for asset in assets:
            asset.turn()
        river.append(river_ns(seed))
    tiers, costs = [walk.tier for walk in made], [asset.cost for asset in assets]
    return Measured(tiers, float(np.median(river)), costs)


def run(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the values.")] = 1,
    turns: Annotated[int, typer.Option(min=1, help="Of each size.")] = 15,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1: more ns a sample.")] = None,
) -> None:
    """Measure detection of every signal and of chosen ones, beside river's cheapest detector."""
    with pinned() as cpu:
        tiers, river, costs = measure(seed, turns)
    worst = max(tier.ns for tier in tiers if tier.name == "every")
    if as_json:
        told = {"tiers": tiers, "river_ns": river, "load": load(), "seed": seed}
        told["together"] = together.document(costs)
        typer.echo(msgspec.json.encode({**told, "ns": worst, "ratio": river / worst}).decode())
    else:
        typer.echo(EXPLAINED)
        typer.echo(f"one thread on processor {cpu}; {load()}")
        for tier in tiers:
            typer.echo(f"{tier.line()}, {river / tier.ns:,.1f} times as fast as river")
        typer.echo(f" river: {river:,.1f} ns a sample")
        for cost in costs:
            typer.echo(cost.line())
        typer.echo(
            f"detectors: {worst:.1f} ns a sample, {river / worst:.1f} times as fast as river"
        )
    if fail_over is not None and worst > fail_over:
        raise typer.Exit(1)
