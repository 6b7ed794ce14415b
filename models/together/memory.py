"""Whose signals are judged together, and what a block's closed frames do to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from models import happened as tell
from models.anomaly import episode, tail
from models.gaps import NEVER
from models.pairs import each_pair
from models.rows import HAPPENED, Table
from models.store import Store
from models.together import model
from models.together import row as row_
from models.together.episodes import (
    APART,
    HEAD,
    MANY,
    RIVER,
    UNASKED,
    comes,
    start,
    step,
    threshold,
)
from models.together.model import Model, Packed
from schemas.telemetry import Indices, Ints
from schemas.units import PointKind

if TYPE_CHECKING:
    from models.state import State

MOST: Final = 64
"""Signals of one asset."""
STORES: Final = ("of", "heads", *(f"packed.{name}" for name in model.STORES))
"""What is saved."""
_SKIPPED = frozenset({PointKind.LAST_EVENT, PointKind.STATE})  # codes are no quantities


class At(NamedTuple):
    """Where a row stands."""

    slot: int
    span: int
    """Of the held ones: the last in it."""
    heard: float
    """Share of the signals that have a value."""
    score: float = 0.0
    rare: float = UNASKED
    """The second opinion ..."""
    river: float = 0.0
    """... and its score."""


class Second(NamedTuple):
    """A second opinion, as it is told."""

    score: float
    knows: bool
    drifted_ns: int


@dataclass(slots=True)
class Together:
    """The memory of one partition's assets whose signals are judged together."""

    of: Store = field(default_factory=lambda: Store(np.int32))
    """Of a lane: its model; -1 when it has none."""
    heads: Store = field(default_factory=lambda: Store(HEAD))
    """By model."""
    packed: Packed = field(default_factory=Packed)
    models: list[Model] = field(default_factory=list)
    happened: list[Table] = field(default_factory=list)
    """In the last block."""
    told: list[tuple[Table, Second | None]] = field(default_factory=list)
    """What signals and river say of that: `Happened.binding` is an index."""
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
            self.models.append(model.new(asks=state.config.asks(state.names.assets[who])))
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
        one = self.models[index]
        n = len(one.columns)
        if signal < 0 or n == MOST or signal in one.columns:
            return
        if state.config.known(state.names.point_of[signal]).kind in _SKIPPED:
            return
        more = one.bytes(1) - one.bytes()
        if self._bytes + more <= state.config.together_bytes:
            self._bytes += more
            one.columns = np.append(one.columns, np.int32(signal))
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
        head, one, config = self.heads.all[index], self.models[index], state.config
        held = state.held.all, state.held_rows.all, state.held_values.all, state.held_status.all
        values = np.empty(len(one.columns))
        slot, last, used = row_.means(spans, *held, one.columns, config.frame_ns, values)
        late, frame_s = config.lateness_ns // config.frame_ns + 1, config.frame_ns / 1e9
        if slot == NEVER or not comes(head, slot, late, frame_s):
            return
        at = At(slot, last, np.isfinite(values).sum() / max(used, int(head["live"])))
        if used > head["live"]:
            self._anew(state, index, used, at)
        rare = one.judge(slot * config.frame_ns, values[: int(head["live"])])
        opens = threshold(head, frame_s, config.false_alarms)
        what, score, river = step(head, one.state.asset[0], rare, opens)
        if what != episode.NOTHING:
            self._tell(state, index, what, at._replace(score=score, rare=rare, river=river))

    def _anew(self, state: State, index: int, live: int, at: At) -> None:
        """Begin anew with the first `live` columns."""
        head = self.heads.all[index]
        if head["episode"]["length"] > 0:
            self._tell(state, index, episode.ADOPTED, at)
        start(head, live)
        floors = state.signals.all["every"]["base"]["place"]["floor"]
        self.models[index].begin(live, floors)

    def _tell(self, state: State, index: int, what: int, at: At) -> None:
        """Write down that an episode opened or closed at a row."""
        began, one = self.heads.all[index]["episode"], self.models[index]
        row, span = np.zeros(1, HAPPENED), state.held.all[at.span]
        time_ns, source = (at.slot + 1) * state.config.frame_ns, _source(state, span)
        if what == episode.OPENED:
            began["since_ns"], began["offset"], began["source"] = time_ns, span["offset"], source
        row["what"] = tell.TOGETHER + what - episode.OPENED
        row["row"] = one.columns[0]
        row["time_ns"], row["since_ns"] = time_ns, began["since_ns"]
        row["offset"], row["since_offset"] = span["offset"], began["offset"]
        row["source"], row["since_source"] = source, began["source"]
        known = one.state.asset[0]
        name, value = {
            MANY: ("many", known["held"]),
            APART: ("apart", known["apart"]),
            RIVER: ("river", at.rare),
        }[int(began["why"])]
        usual = self.heads.all[index][name]["tail"]
        row["value"], row["centre"] = value, usual["quantile"]
        row["spread"] = max(float(usual["excess"]), tail.LEAST)
        row["why"] = began["why"]
        row["score"] = at.score if what == episode.OPENED else began["peak"]
        row["good"] = at.heard
        said = np.zeros(row_.FEW, row_.SAID)
        row["binding"], row["third"] = len(self.told), row_.say(one.state, one.columns, said)
        second = None
        if one.opinion is not None:
            second = Second(at.river, one.opinion.knows, one.opinion.drifted_ns)
        self.told.append((said[: int(row["third"][0])], second))
        self.happened.append(row)

    def take_over(self, state: State) -> Together:
        """Return what goes on after a load, of assets that are chosen now."""
        now, was = Together(), {}
        for lane in range(state.lanes.size):
            new, old = len(now.models), int(self.of.all[lane])
            now.sit(state, lane)
            if len(now.models) > new and old >= 0:
                now.heads.all[new], was[new] = self.heads.all[old], old
        asks = {old: now.models[new].asks for new, old in was.items()}
        models = self.packed.models(
            self.heads.rows, [asks.get(i, False) for i in range(self.heads.size)]
        )
        for new, old in was.items():
            now.models[new] = models[old]
            now._bytes += models[old].bytes()
        return now


def _source(state: State, span: np.void) -> int:
    return int(state.lanes.all["source"][int(span["lane"])])
