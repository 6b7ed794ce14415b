"""Nanoseconds and bytes of an asset's signals judged together, by our model and by river's.

A row is one sample of each signal. Calls from Python are in the time, as in the worker.
"""

from dataclasses import dataclass, field
from time import thread_time_ns

import msgspec
import numpy as np

from models.together.model import Model, new

SIGNALS = (4, 16, 64)
"""Of an asset."""
ROWS = 200
"""Of a turn."""
SETTLED = 1_000  # rows before any is timed: past all the warming up
STEP_NS = 5_000_000_000


@dataclass(slots=True)
class Cost:
    """What one way of judging an asset costs."""

    name: str
    signals: int
    bytes: int
    """A signal."""
    turns: list[float] = field(default_factory=list)
    """ns a sample of each turn."""

    @property
    def ns(self) -> float:
        """The median of all turns, a sample."""
        return float(np.median(self.turns))

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.name}: {self.signals} signals: {self.ns:,.1f} ns a sample, "
            f"{self.bytes:,} bytes a signal"
        )


class Asset:
    """Endless rows of one asset. `asks`: river is asked, too."""

    def __init__(self, signals: int, seed: int, *, asks: bool) -> None:
        rng = np.random.default_rng(seed)
        self._values = rng.normal(50.0, 1.0, (ROWS, 1)) + rng.normal(0.0, 0.5, (ROWS, signals))
        self.model: Model = new(asks=asks)
        self.model.columns = np.arange(signals, dtype=np.int32)
        self.model.begin(signals, np.zeros(signals))
        name = "together and river" if asks else "together"
        self.cost = Cost(name, signals, self.model.bytes() // signals)
        self._at = 0

    def turn(self, rows: int = ROWS) -> None:
        """Judge so many rows; remember the time it took."""
        begin = thread_time_ns()
        for _ in range(rows):
            self.model.judge(self._at * STEP_NS, self._values[self._at % ROWS])
            self._at += 1
        self.cost.turns.append((thread_time_ns() - begin) / (rows * self.cost.signals))


def assets(seed: int) -> list[Asset]:
    """Return assets of all sizes, with and without river, past their warming up."""
    made = [Asset(n, seed, asks=asks) for asks in (False, True) for n in SIGNALS]
    for one in made:
        one.turn(SETTLED)
        one.cost.turns.clear()
    return made


def document(costs: list[Cost]) -> list[dict[str, object]]:
    """Return it for JSON."""
    return [{**msgspec.to_builtins(one), "ns": one.ns} for one in costs]
