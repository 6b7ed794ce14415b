"""Whose signals are judged together, and what a block's closed frames do to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from models import happened as tell
from models.anomaly import asset, episode, series, tail
from models.gaps import NEVER
from models.pairs import each_pair
from models.rows import HAPPENED, Table
from models.store import Store
from models.together import row as row_
from models.together.episodes import APART, HEAD, comes, start, step, threshold
from schemas.telemetry import Floats, Indices, Ints
from schemas.units import PointKind

if TYPE_CHECKING:
    from models.state import State

MOST: Final = 64
"""Signals of one asset."""
STORES: Final = ("of", "heads", "columns", "assets", "signals", "squares")
"""What is saved."""
_FIXED: Final = 2_000  # bytes of a model without its signals
_SIGNAL: Final = series.CHOSEN.itemsize + 60  # bytes of a signal, with those of its row
_PAIR: Final = 8
_SKIPPED = frozenset({PointKind.LAST_EVENT, PointKind.STATE})  # codes are no quantities


@dataclass(slots=True)
class Model:
    """An asset as one source tells it."""

    columns: Indices
    """(n,) signals, in the order in which they were first seen."""
    state: asset.State
    """Of the first k of them."""

    @property
    def bytes(self) -> int:
        """What it may take."""
        n = len(self.columns)
        return n and _FIXED + _SIGNAL * n + _PAIR * n * n


class At(NamedTuple):
    """Where a row stands."""

    slot: int
    span: int
    """Of the held ones: the last in it."""
    heard: float
    """Share of the signals that have a value."""


@dataclass(slots=True)
class Together:
    """The memory of one partition's assets whose signals are judged together."""

    of: Store = field(default_factory=lambda: Store(np.int32))
    """Of a lane: its model; -1 when it has none."""
    heads: Store = field(default_factory=lambda: Store(HEAD))
    """By model, as the others: those are in use only while they are saved or loaded."""
    columns: Store = field(default_factory=lambda: Store(np.int32))
    assets: Store = field(default_factory=lambda: Store(asset.ROW))
    signals: Store = field(default_factory=lambda: Store(series.CHOSEN))
    squares: Store = field(default_factory=lambda: Store(np.float64))
    models: list[Model] = field(default_factory=list)
    happened: list[Table] = field(default_factory=list)
    """In the last block."""
    told: list[Table] = field(default_factory=list)
    """What signals say of that: `Happened.binding` is an index in all of them."""
    _ids: dict[tuple[int, str, int], int] = field(default_factory=dict)
    """By asset, topic and partition."""
    _known: set[tuple[int, int]] = field(default_factory=set)
    """Lanes and places in the map of shapes whose signals have been asked for."""
    _bytes: int = 0

    def sit(self, state: State, lane: int) -> None:
        """Give a new lane its model, if its asset is chosen: that of another life of its topic."""
        row = state.lanes.all[lane]
        who, source = int(row["asset"]), state.sources[int(row["source"])]
        key, found = (who, source.topic, source.partition), -1
        if state.config.joins(state.names.assets[who]):
            found = self._ids.setdefault(key, len(self.models))
        if found == len(self.models):
            self.models.append(Model(np.zeros(0, np.int32), asset.new(0)))
            self.heads.add(latest=NEVER)
        self.of.add()
        self.of.all[lane] = found

    def admit(self, state: State, spans: Table, rows: Indices) -> None:
        """Give new signals of `spans` their columns, in order of first sight. `rows`: the map."""
        if not self.models:
            return
        which = np.flatnonzero(self.of.all[spans["lane"]] >= 0)
        admit = partial(self._admit, state, rows)
        each_pair(spans["lane"][which], spans["rows"][which], admit)

    def _admit(self, state: State, rows: Indices, lane: int, at: int) -> int:
        if (lane, at) not in self._known:
            self._known.add((lane, at))
            index = int(self.of.all[lane])
            for signal in rows[at : at + int(rows[at - 1])].tolist():
                self._add(state, index, signal)
        return 0

    def _add(self, state: State, index: int, signal: int) -> None:
        model = self.models[index]
        n = len(model.columns)
        if signal < 0 or n == MOST or signal in model.columns:
            return
        if state.config.known(state.names.point_of[signal]).kind in _SKIPPED:
            return
        more = Model(np.append(model.columns, np.int32(signal)), model.state)
        if self._bytes + more.bytes - model.bytes <= state.config.together_bytes:
            self._bytes += more.bytes - model.bytes
            self.models[index] = more
            self.heads.all[index]["columns"] = n + 1

    def forget_map(self) -> None:
        """Ask anew for all signals: their places in the map are others."""
        self._known.clear()

    def follow(self, state: State, order: Ints, begins: Ints) -> None:
        """Judge the rows of frames. `order`, `begins`: as `models.held.take`."""
        self.happened.clear()
        self.told.clear()
        if not self.models or not len(begins):
            return
        of = self.of.all[state.held.all["lane"][order[begins]]]
        ends = np.append(begins[1:], len(order))
        for frame in np.flatnonzero(of >= 0).tolist():
            self._frame(state, int(of[frame]), order[begins[frame] : ends[frame]])

    def _frame(self, state: State, index: int, spans: Ints) -> None:
        head, columns, config = self.heads.all[index], self.models[index].columns, state.config
        held = state.held.all, state.held_rows.all, state.held_values.all, state.held_status.all
        values = np.empty(len(columns))
        slot, last, used = row_.means(spans, *held, columns, config.frame_ns, values)
        late, frame_s = config.lateness_ns // config.frame_ns + 1, config.frame_ns / 1e9
        if slot == NEVER or not comes(head, slot, late, frame_s):
            return
        at = At(slot, last, np.isfinite(values).sum() / max(used, int(head["live"])))
        if used > head["live"]:
            self._anew(state, index, used, at)
        model = self.models[index].state
        _judge(model, slot * config.frame_ns, values[: int(head["live"])])
        opens = threshold(head, frame_s, config.false_alarms)
        what, score = step(head, model.asset[0], opens)
        if what != episode.NOTHING:
            self._tell(state, index, what, at, score)

    def _anew(self, state: State, index: int, live: int, at: At) -> None:
        """Begin anew with the first `live` columns."""
        head, model = self.heads.all[index], self.models[index]
        if head["episode"]["length"] > 0:
            self._tell(state, index, episode.ADOPTED, at, float(head["episode"]["peak"]))
        start(head, live)
        model.state = asset.new(live)
        floor = state.signals.all["every"]["base"]["place"]["floor"][model.columns[:live]]
        model.state.signals["every"]["base"]["place"]["floor"] = floor

    def _tell(self, state: State, index: int, what: int, at: At, score: float) -> None:
        """Write down that an episode opened or closed at a row."""
        began, model = self.heads.all[index]["episode"], self.models[index]
        row, span = np.zeros(1, HAPPENED), state.held.all[at.span]
        time_ns, source = (at.slot + 1) * state.config.frame_ns, _source(state, span)
        if what == episode.OPENED:
            began["since_ns"], began["offset"], began["source"] = time_ns, span["offset"], source
        row["what"] = tell.TOGETHER + what - episode.OPENED
        row["row"] = model.columns[0]
        row["time_ns"], row["since_ns"] = time_ns, began["since_ns"]
        row["offset"], row["since_offset"] = span["offset"], began["offset"]
        row["source"], row["since_source"] = source, began["source"]
        is_apart = began["why"] == APART
        usual = self.heads.all[index]["apart" if is_apart else "many"]["tail"]
        row["value"] = model.state.asset["apart" if is_apart else "held"][0]
        row["centre"] = usual["quantile"]
        row["spread"] = max(float(usual["excess"]), tail.LEAST)
        row["why"] = began["why"]
        row["score"] = score if what == episode.OPENED else began["peak"]
        row["good"] = at.heard
        said = np.zeros(row_.FEW, row_.SAID)
        row["binding"] = sum(map(len, self.told))
        row["third"] = row_.say(model.state, model.columns, said)
        self.told.append(said)
        self.happened.append(row)

    def pack(self) -> None:
        """Put what is remembered into the stores, to be saved."""
        states = [model.state for model in self.models]
        _fill(self.columns, [model.columns for model in self.models])
        _fill(self.assets, [state.asset for state in states])
        _fill(self.signals, [state.signals for state in states])
        _fill(self.squares, [state.inverse.ravel() for state in states])

    def let_go(self) -> None:
        """Empty the stores: what is remembered is elsewhere."""
        for store in (self.columns, self.assets, self.signals, self.squares):
            store.all, store.size = store.all[:0].copy(), 0

    def take_over(self, state: State) -> Together:
        """Return what goes on after a load, of assets that are chosen now."""
        models, now = self._unpacked(), Together()
        for lane in range(state.lanes.size):
            new = len(now.models)
            now.sit(state, lane)
            old = int(self.of.all[lane])
            if len(now.models) > new and old >= 0:
                now.heads.all[new], now.models[new] = self.heads.all[old], models[old]
                now._bytes += models[old].bytes
        return now

    def _unpacked(self) -> list[Model]:
        models, at, live_at, square = [], 0, 0, 0
        for i, head in enumerate(self.heads.rows):
            n, k = int(head["columns"]), int(head["live"])
            inverse = self.squares.all[square : square + k * k].reshape(k, k).copy()
            signals = self.signals.all[live_at : live_at + k].copy()
            state = asset.resumed(self.assets.all[i : i + 1].copy(), signals, inverse)
            models.append(Model(self.columns.all[at : at + n].copy(), state))
            at, live_at, square = at + n, live_at + k, square + k * k
        return models


def _source(state: State, span: np.void) -> int:
    return int(state.lanes.all["source"][int(span["lane"])])


def _judge(state: asset.State, time_ns: int, values: Floats) -> None:
    asset.judge(state, np.array([time_ns]), values[None], asset.untold(1))


def _fill(store: Store, parts: Iterable[npt.NDArray[Any]]) -> None:
    store.size = 0
    for part in parts:
        store.reserve(len(part))
        store.all[store.size : store.size + len(part)] = part
        store.size += len(part)
