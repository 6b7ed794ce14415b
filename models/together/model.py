"""One asset as one source tells it, and how it is saved: plain arrays, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.anomaly import asset, series
from models.rows import Table
from models.store import Store
from models.together import opinion
from models.together.episodes import UNASKED
from models.together.opinion import Opinion
from schemas.telemetry import Floats, Indices

STORES: Final = ("columns", "assets", "signals", "squares", "nodes", "opinions")
_FIXED: Final = 2_000  # bytes of a model without its signals
_SIGNAL: Final = series.CHOSEN.itemsize + 60  # bytes of a signal, with those of its row
_PAIR: Final = 8


@dataclass(slots=True)
class Model:
    """What is remembered of one asset."""

    columns: Indices
    """(n,) signals, in the order in which they were first seen."""
    state: asset.State
    """Of the first k of them."""
    asks: bool
    """It is chosen for a second opinion."""
    opinion: Opinion | None = None

    def bytes(self, more: int = 0) -> int:
        """Return what it may take with so many more signals; nothing without any."""
        n = len(self.columns) + more
        return n and _FIXED + _SIGNAL * n + _PAIR * n * n + opinion.BYTES * self.asks

    def begin(self, live: int, floors: Floats) -> None:
        """Begin anew with the first `live` signals; `floors`: their least spreads, (n,)."""
        self.state = asset.new(live)
        self.state.signals["every"]["base"]["place"]["floor"] = floors[self.columns[:live]]
        self.opinion = Opinion(live) if self.asks else None

    def judge(self, time_ns: int, values: Floats) -> float:
        """Judge a row, (k,); return the second opinion on it."""
        asset.judge(self.state, np.array([time_ns]), values[None], asset.untold(1))
        if self.opinion is None:
            return UNASKED
        away = np.where(np.isfinite(values), self.state.away, np.nan)
        learns = self.state.asset["gate"]["length"][0] == 0
        return self.opinion.take(away, time_ns, bool(learns))


def new(*, asks: bool) -> Model:
    """Return an asset before its first signal."""
    return Model(np.zeros(0, np.int32), asset.new(0), asks)


@dataclass(slots=True)
class Packed:
    """The models as they are saved; empty at all other times."""

    columns: Store = field(default_factory=lambda: Store(np.int32))
    assets: Store = field(default_factory=lambda: Store(asset.ROW))
    signals: Store = field(default_factory=lambda: Store(series.CHOSEN))
    squares: Store = field(default_factory=lambda: Store(np.float64))
    nodes: Store = field(default_factory=lambda: Store(opinion.NODE))
    opinions: Store = field(default_factory=lambda: Store(opinion.ROW))

    def take(self, models: list[Model], heads: Table) -> None:
        """Take all models; say in `heads` which have a second opinion."""
        heads["has_opinion"] = [model.opinion is not None for model in models]
        told = [model.opinion.saved() for model in models if model.opinion]
        _fill(self.columns, [model.columns for model in models])
        _fill(self.assets, [model.state.asset for model in models])
        _fill(self.signals, [model.state.signals for model in models])
        _fill(self.squares, [model.state.inverse.ravel() for model in models])
        _fill(self.nodes, [nodes for nodes, _ in told])
        _fill(self.opinions, [row for _, row in told])

    def let_go(self) -> None:
        """Empty the stores."""
        for name in STORES:
            setattr(self, name, Store(getattr(self, name).all.dtype))

    def models(self, heads: Table, asks: list[bool]) -> list[Model]:
        """Return the models that were taken. `asks`: whether each is to have a second opinion."""
        made, at, signal, square, told = [], 0, 0, 0, 0
        for i, head in enumerate(heads):
            n, k = int(head["columns"]), int(head["live"])
            inverse = self.squares.all[square : square + k * k].reshape(k, k).copy()
            signals = self.signals.all[signal : signal + k].copy()
            state = asset.resumed(self.assets.all[i : i + 1].copy(), signals, inverse)
            model = Model(self.columns.all[at : at + n].copy(), state, asks[i])
            if asks[i] and k:
                model.opinion = Opinion(k)
                if head["has_opinion"]:
                    nodes = self.nodes.all[told * opinion.NODES : (told + 1) * opinion.NODES]
                    model.opinion.resume(nodes, self.opinions.all[told])
            made.append(model)
            at, signal, square = at + n, signal + k, square + k * k
            told += bool(head["has_opinion"])
        return made


def _fill(store: Store, parts: Iterable[npt.NDArray[Any]]) -> None:
    store.size = 0
    for part in parts:
        store.reserve(len(part))
        store.all[store.size : store.size + len(part)] = part
        store.size += len(part)
