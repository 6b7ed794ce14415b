"""Everything one `readings` partition remembers, and what a block does to it."""

from collections.abc import Iterable
from functools import partial

import numpy as np
import numpy.typing as npt

from models import lanes, passing, signals
from models.anomaly import base
from models.applied import Applied, Overflow
from models.capacity import Capacities
from models.frames import BitFrame, Named, Shape, close
from models.gaps import NEVER
from models.held import Ring, make_room
from models.names import Config, Known, Names, cells
from models.pairs import each_pair
from models.peers import Peers, judged
from models.progress import Told
from models.repair.grows import told_once
from models.repair.law import LAST_EVENT, NONE, Laws, needs
from models.rows import EPISODE, HAPPENED, HELD, LANE, MARK, PAST, REPAIR, SIGNAL, SPAN, Table
from models.store import Store, joined
from models.together import Together
from models.trend.tracked import Trends
from models.trigger import limit as trigger
from models.trigger.flood import Floods, capped
from models.trigger.machine.memory import Conditions
from models.trigger.made import Made
from schemas.readings import Block, BlockError, points
from schemas.telemetry import Indices, Ints, Source
from schemas.units import PointKind

_MOST_MAPPED, _MOST_SHAPES = 4_000_000, 500_000  # rows in the map of shapes, shapes in it
_EVENTS = 4096
_A_SAMPLE, _A_SPAN = 4, 3  # events of one, without its rules, or without its samples
_NO_QUALITY = np.zeros(0, np.uint16)
_NO_QUALITY.setflags(write=False)  # like a block's columns: the loop is compiled once


class State:
    """The memory of one partition. `apply` is the only thing that changes it."""

    def __init__(self, config: Config) -> None:
        self.config, self.names = config, Names()
        self.partition = 0
        """Its number, as its progress tells."""
        self.told = Told()
        self.sources: list[Source] = []
        self.limits = trigger.limits(config.rules)
        self.conditions = Conditions(config.asked)
        self.floods = Floods()
        self.made = Made(config)
        self.capacities = Capacities()
        self.signals = Store(SIGNAL)
        self.lanes = Store(LANE)
        self.marks = Store(MARK)
        self.bindings = Store(trigger.BINDING)
        self.episodes = Store(EPISODE, 1)
        self.pasts = Store(PAST, 1)
        self.repairs = Store(REPAIR, 1)
        self.laws = Laws()
        self.grown = Store(np.int32)
        self.held = Store(HELD)
        self.held_rows = Store(np.int32)
        self.held_values = Store(np.float64)
        self.held_status = Store(np.uint8)
        self.ring = Ring()
        self.peers = Peers()
        self.together = Together()
        self.trends = Trends()
        self.trend_of, self.trend_rows, self.trend_rings, self.forecasts = self.trends.stores
        self.lane_ids: dict[tuple[int, int], int] = {}
        self.lane_assets: set[int] = set()
        self.shapes_known: dict[bytes, Shape] = {}
        self.named: dict[tuple[int, bytes], Named] = {}
        self._cell_of = cells(config.cells)
        self._source_ids: dict[Source, int] = {}
        self._map = Store(np.int32)
        self._mapped: dict[tuple[int, str], int] = {}
        self._room = _A_SAMPLE + 2 * (len(config.rules) + 1)
        self._columns = np.zeros(0, np.int32)
        self._closing: list[Indices] = []
        self._retired: list[Table] = []
        self.asked: list[int] = []
        self._full: set[tuple[int, str]] = set()

    def apply(self, block: Block) -> Applied:
        """Apply the spans of `block` that are new, in order, then its ticks."""
        self.conditions.told.size = 0
        block = self.made.with_values(self, block)
        spans = self.spans(block)
        quality = block.quality if block.quality.size else _NO_QUALITY
        make_room(self, len(spans), block.values.size)
        self.episodes.reserve(block.values.size)
        counts = np.array([self.held.size, self.held_rows.size, 0, 0, self.episodes.size], np.int64)
        happened = [*self._retired, *self._judge(block, spans, quality, counts)]
        self._retired.clear()
        samples = int(counts[1]) - self.held_rows.size
        self.held.size, self.episodes.size = int(counts[0]), int(counts[4])
        for store in (self.held_rows, self.held_values, self.held_status):
            store.size = int(counts[1])
        overflow = self._overflow(block, spans)
        for tick in block.meta.ticks:
            source = self.source(Source(*block.meta.sources[tick.source]))
            happened += passing.tick(self, source, tick)
        happened.append(passing.stopped(self))
        happened.append(passing.waited(self))
        happened += passing.conditions(self)
        frames = self.close(np.concatenate([spans["lane"], *self._closing]))
        happened += [*self.trends.happened, *self.together.happened]
        self._closing.clear()
        happened += judged(self, every=bool(block.meta.ticks))
        told = capped(self, joined(happened, HAPPENED))
        return Applied(frames, told, overflow, samples, int(counts[3]))

    def close(self, lanes: Indices) -> list[BitFrame]:
        """Make frames of what `lanes` hold of those that are closed."""
        return close(self, lanes)

    def source(self, source: Source) -> int:
        """Return the id of a source; a new life of a topic closes the frames of the old one."""
        found = self._source_ids.get(source)
        if found is None:
            old = [i for i, s in enumerate(self.sources) if s[:2] == source[:2]]
            self._retire(np.isin(self.lanes.rows["source"], old))
            found = self._source_ids[source] = len(self.sources)
            self.sources.append(source)
            self.marks.add(offset=-1, latest_ns=NEVER, scanned_ns=NEVER, part=-1)
        return found

    def present(self) -> set[int]:
        """Return the sources that are of their topic's latest life."""
        return set({source[:2]: i for i, source in enumerate(self.sources)}.values())

    def _retire(self, which: npt.NDArray[np.bool_]) -> None:
        self.close_lanes(which)
        if which.any():
            happened = np.zeros(self.lanes.size, HAPPENED)
            n = lanes.retire(self.lanes.rows, which, self.config.silence_ns, happened)
            self._retired.append(happened[:n])

    def asset(self, name: str) -> int:
        """Return the id of an asset."""
        return self.names.asset(name, self._cell_of)

    def lane(self, asset: int, source: int) -> int:
        """Return the id of the lane of an asset and a source."""
        found = self.lane_ids.get((asset, source))
        if found is None:
            found = self.lanes.add(
                latest_ns=NEVER,
                watermark_ns=NEVER,
                window=NEVER,
                back_ns=NEVER,
                clock=(NEVER, NEVER, 0, False),
                asset=asset,
                source=source,
                owns=asset not in self.lane_assets,
                first=-1,
                last=-1,
            )
            self.lane_ids[asset, source] = found
            self.lane_assets.add(asset)
            self.peers.sit(self, found)
            self.together.sit(self, found)
        return found

    def add_signal(self, asset: int, point: str) -> int:
        """Give a new signal its row and its rules."""
        known = self.config.known(point)
        row = self.names.add(asset, point)
        self.signals.add(binding=-1, point=self.names.point(point))
        signal = self.signals.all[row]
        signal["quality"]["time_ns"] = NEVER
        signal["quality"]["good"] = 1.0
        self.mend(row, known)
        if known.low == known.low and known.kind is not PointKind.COUNTER:
            floor = (known.high - known.low) / 512.0
            signal["every"]["base"]["place"]["floor"] = min(floor, base.MOST)
        rules = self.config.rules_of(self.names.assets[asset], point)
        for rule in (*rules, *self.capacities.own(self, point)):
            self.bind(row, rule)
        self.conditions.join(self, row)
        is_watched = rules or self.conditions.reads([row])
        is_chosen = is_watched or self.config.remembers(point)
        if is_chosen and self.pasts.size <= self.config.most_pasts:
            self.signals.all[row]["past"] = self.pasts.add()
        self.trends.track(self, row)
        return row

    def mend(self, row: int, known: Known) -> None:
        """Let a signal be mended as its point needs it, from its next sample on."""
        need = needs(known)
        if need in {LAST_EVENT, NONE}:
            self.signals.all[row]["repair"] = need
            return
        index = self.repairs.add(law=self.laws.of(known), what=need)
        self.repairs.all[index]["counter"]["raw"] = -1.0
        self.signals.all[row]["repair"] = index

    def bind(self, row: int, rule: int) -> int:
        """Put a rule on a signal."""
        signal = self.signals.all[row]
        index = self.bindings.add(rule=rule, row=row, next=signal["binding"], good=1.0)
        signal["binding"] = index
        return index

    def columns(self) -> Indices:
        """Return a scratch with -1 for every signal; whoever writes to it restores it."""
        if len(self._columns) < len(self.signals.all):
            self._columns = np.full(len(self.signals.all), -1, np.int32)
        return self._columns

    def spans(self, block: Block) -> Table:
        """Return a block's spans as the loop reads them; what is new gets its rows."""
        spans = np.zeros(len(block), SPAN)
        if not len(block):
            return spans
        sources = np.array([self.source(s) for s in block.sources()], np.int32)
        assets = np.array(self.known_assets(block), np.int32)
        spans["offset"], spans["part"] = block.offset, block.part
        spans["time_ns"] = block.time_ns
        spans["first"] = block.start[:-1]
        spans["count"] = np.diff(block.start)
        spans["source"] = sources[block.source]
        if self._map.size > _MOST_MAPPED or len(self._mapped) > _MOST_SHAPES:
            self._map.size = 0
            self._mapped.clear()
            self._full.clear()
            self.together.forget_map()
        spans["lane"] = each_pair(assets[block.asset], spans["source"], self.lane)
        mapping = partial(self._mapping, block)
        spans["rows"] = each_pair(assets[block.asset], block.shape, mapping)
        if not (self._map.all[spans["rows"] - 1] == spans["count"]).all():
            raise BlockError("a span of the readings block is not as long as its shape")
        self.together.admit(self, spans, self._map.all)
        spans["reads"] = self._map.all[spans["rows"] - 2]
        most = self._room + spans["reads"] * self.conditions.room
        spans["room"] = spans["count"] * most + _A_SPAN
        return spans

    def known_assets(self, block: Block) -> list[int]:
        """Return the ids of a block's assets; -1 for one that is new and could have no signal."""
        if not self._is_full:
            return [self.asset(name) for name in block.meta.assets]
        return [self.names.known(name) for name in block.meta.assets]

    def _mapping(self, block: Block, asset: int, shape: int) -> int:
        """Return where the rows of an asset's shape stand in the map, behind: read?, how many."""
        key = (asset, block.meta.shapes[shape])
        found = self._mapped.get(key)
        if found is None:
            rows = [self._row(asset, point) for point in points(block.meta, shape)]
            if -1 in rows:
                self._full.add(key)
            self._map.reserve(2 + len(rows))
            found = self._mapped[key] = self._map.size + 2
            self._map.all[found - 2] = self.conditions.reads(rows)
            self._map.all[found - 1] = len(rows)
            self._map.all[found : found + len(rows)] = rows
            self._map.size += 2 + len(rows)
        return found

    def _row(self, asset: int, point: str) -> int:
        row = self.names.row(asset, point) if asset >= 0 else -1
        if row is None:
            row = -1 if self._is_full else self.add_signal(asset, point)
        return row

    @property
    def _is_full(self) -> bool:
        return self.signals.size >= self.config.max_signals

    def _judge(
        self, block: Block, spans: Table, quality: npt.NDArray[np.uint16], counts: Ints
    ) -> Iterable[Table]:
        """Run the loop over all spans, emptying the events whenever they may run full."""
        at = 0
        room = int(spans["room"].max()) if len(spans) else 0
        while at < len(spans):
            happened = np.zeros(_EVENTS + room, HAPPENED)
            machine = self.conditions.given(len(happened), int(spans["count"].max()))
            counts[2] = 0
            at = signals.judge(
                self.signals.all,
                self.lanes.all,
                self.marks.all,
                self.bindings.all,
                self.episodes.all,
                self.pasts.all,
                self.repairs.all,
                self.laws.all,
                self.limits,
                machine,
                spans,
                self._map.all,
                block.values,
                quality,
                at,
                self.held.all,
                self.held_rows.all,
                self.held_values.all,
                self.held_status.all,
                counts,
                happened,
                self.config.frame_ns,
                self.config.lateness_ns,
                self.config.silence_ns,
                self.config.false_alarms,
            )
            self.conditions.take(machine)
            yield told_once(self, happened[: counts[2]])

    def _overflow(self, block: Block, spans: Table) -> list[Overflow]:
        if not self._full:
            return []
        shapes, assets = block.meta.shapes, block.meta.assets
        ids = self.known_assets(block)
        return [
            Overflow(self.sources[spans["source"][i]], int(block.offset[i]), assets[block.asset[i]])
            for i in range(len(block))
            if (ids[block.asset[i]], shapes[block.shape[i]]) in self._full
        ]

    def close_lanes(self, which: npt.NDArray[np.bool_]) -> None:
        """Close the open frames of lanes."""
        lanes = self.lanes.rows
        full = which & (lanes["held"] > 0)
        lanes["frame"][full] += 1
        lanes["held"][full] = 0
        self._closing.append(np.flatnonzero(full).astype(np.int32))
