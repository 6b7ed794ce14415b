"""The signals that have a limit: their tables, and what a block's closed frames do to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.rows import HAPPENED, Table
from models.store import Store
from models.trend import forecast, memory
from models.trend.follow import follow
from models.trend.limits import Limits, limits_of
from models.trend.memory import SPANS
from schemas.telemetry import Ints, Quality
from schemas.units import PointKind

if TYPE_CHECKING:
    from models.state import State

_EVENTS = 256


@dataclass(slots=True)
class Trends:
    """What is remembered of the signals that have a limit. Row 0 of each table is none."""

    of: Store = field(default_factory=lambda: Store(np.int32))
    """By signal: its row."""
    rows: Store = field(default_factory=lambda: Store(memory.ROW, 1))
    rings: Store = field(default_factory=lambda: Store(np.int16, SPANS))
    """SPANS a row."""
    forecasts: Store = field(default_factory=lambda: Store(forecast.ROW, 1))
    laws: list[Limits] = field(default_factory=list)
    told: list[Table] = field(default_factory=list)
    """What events of the last block foretell: `Happened.binding` is an index in all of them."""
    happened: list[Table] = field(default_factory=list)
    _law_ids: dict[Limits, int] = field(default_factory=dict)

    @property
    def stores(self) -> tuple[Store, ...]:
        """What of it is saved: `of`, `rows`, `rings`, `forecasts`."""
        return self.of, self.rows, self.rings, self.forecasts

    def __post_init__(self) -> None:
        self.rows.size, self.rings.size, self.forecasts.size = 1, SPANS, 1

    def track(self, state: State, row: int) -> None:
        """Let a new signal be followed if it has a limit."""
        limits = self._limits(state, row)
        self.of.add()
        if limits:
            self._begin(row, limits)

    def _limits(self, state: State, row: int) -> Limits:
        if not state.config.horizon_ns:
            return Limits()
        asset = state.names.assets[state.names.asset_of[row]]
        return limits_of(state.config, asset, state.names.point_of[row])

    def _begin(self, signal: int, limits: Limits) -> None:
        index = self.rows.add(signal=signal, lane=-1, law=self._law(limits))
        self.rings.reserve(SPANS)
        self.rings.size += SPANS
        self.of.all[signal] = index

    def _law(self, limits: Limits) -> int:
        found = self._law_ids.get(limits)
        if found is None:
            found = self._law_ids[limits] = len(self.laws)
            self.laws.append(limits)
        return found

    def take_over(self, state: State) -> None:
        """After a load: go on with the signals that are followed, under the limits of now."""
        for row in range(len(state.names.asset_of)):
            limits, index = self._limits(state, row), int(self.of.all[row])
            if index > 0:
                self.rows.all[index]["law"] = self._law(limits)
            elif limits:
                self._begin(row, limits)

    def follow(self, state: State, order: Ints) -> None:
        """Take the samples of the held spans `order`; keep what happened in `happened`."""
        self.happened.clear()
        self.told.clear()
        if self.rows.size == 1:
            return
        limits = np.array([(one.low, one.high) for one in self.laws])
        at, counts = np.zeros(1, np.int64), np.zeros(2, np.int64)
        room = max(_EVENTS, int(state.held.all["count"][order].max(initial=0)))
        while at[0] < len(order):
            happened, told = np.zeros(room, HAPPENED), np.zeros(room, forecast.ROW)
            self.forecasts.reserve(room)
            counts[0], counts[1] = 0, self.forecasts.size
            follow(
                order,
                at,
                state.held.all,
                state.held_rows.all,
                state.held_values.all,
                state.held_status.all,
                self.of.all,
                self.rows.all,
                self.rings.all,
                self.forecasts.all,
                limits,
                state.config.horizon_ns,
                happened,
                told,
                counts,
            )
            self._keep(state, happened[: counts[0]], told[: counts[0]])
            self.forecasts.size = int(counts[1])

    def _keep(self, state: State, happened: Table, told: Table) -> None:
        happened["binding"] += sum(len(one) for one in self.told)
        happened["mark"] = [_mark(state, row) for row in happened["row"].tolist()]
        happened["source"] = state.lanes.all["source"][happened["source"]]
        happened["since_source"] = happened["source"]
        self.happened.append(happened)
        self.told.append(told)


def _mark(state: State, signal: int) -> int:
    """Return the quality bit of a signal that is told as a counter's rate."""
    known = state.config.known(state.names.point_of[signal])
    is_gauge = known.kind is not PointKind.COUNTER or state.signals.all["point"][signal] < 0
    return 0 if is_gauge else int(Quality.RATE)
