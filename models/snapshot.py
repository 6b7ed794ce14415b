"""State to bytes and back: raw arrays with a versioned layout; names in segments that only grow.

A snapshot is a list of chunks (all columns, one after the other), the segments of names not written
before, and a manifest that is written last. A state whose manifest does not fit is never loaded.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from operator import attrgetter
from typing import Final

import msgspec
import numpy as np

from models import capacity
from models.held import tidy
from models.names import Config
from models.peers import memory
from models.repair import mend
from models.repair.law import needs
from models.repair.mend import COUNTER
from models.state import State
from models.store import Store
from models.telemetry.cut import json_bytes
from models.together import memory as together
from models.trigger import made
from models.trigger.flood import Saved
from models.trigger.machine import kept
from models.trigger.machine import memory as conditions
from schemas.telemetry import Ints, Source

VERSION: Final = 4
CHUNK: Final = 900_000
"""Bytes of a chunk; Kafka's default limit of a message is 1,048,588."""

_STORES: Final = (
    "signals",
    "lanes",
    "marks",
    "bindings",
    "episodes",
    "pasts",
    "repairs",
    "grown",
    "held",
    "held_rows",
    "held_values",
    "held_status",
    *(f"peers.{name}" for name in memory.STORES),
    *(f"together.{name}" for name in together.STORES),
    *(f"conditions.{name}" for name in conditions.STORES),
    *(f"made.{name}" for name in made.STORES),
    "trend_of",
    "trend_rows",
    "trend_rings",
    "forecasts",
)


class SnapshotError(ValueError):
    """A saved state that cannot be taken up; says why."""


class Manifest(msgspec.Struct, frozen=True):
    """What a snapshot consists of."""

    version: int
    layout: str
    """Digest of the columns' dtypes."""
    partitions: int
    """Of `readings`, when it was written."""
    topic: str
    """Kafka's id of `readings`: of another life of it, `offset` says nothing."""
    offset: int
    """Next offset of `readings` to be applied."""
    generation: int
    chunks: int
    segments: int
    sizes: list[int]
    sources: list[tuple[str, int, str]]
    rules: list[str]
    """The rules as JSON, those of capacities too, by index in the bindings."""
    conditions: list[str] = []
    """Digests of the rules with conditions, by index in the instances."""
    floods: list[Saved] = []
    """Of the rules of which some alerts are not told one by one."""
    floods_over: dict[str, int] = {}
    """When that was over last, by rule."""
    made: list[str] = []
    """Digests of the values by code, by index in what they have taken."""


class Segment(msgspec.Struct, frozen=True):
    """Names that were new at a snapshot."""

    assets: list[str]
    signals: list[tuple[int, str]]
    """Asset id and point, in order of rows."""


@dataclass(slots=True)
class Snapshots:
    """What has been written of one partition's state so far."""

    partitions: int
    topic: str = ""
    """Kafka's id of `readings`."""
    generation: int = 0
    segments: int = 0
    assets: int = 0
    signals: int = 0

    def take(self, state: State, offset: int) -> "Snapshot":
        """Return the state that stands at `offset`, to be written."""
        tidy(state)
        state.together.packed.take(state.together.models, state.together.heads.rows)
        columns = [attrgetter(name)(state) for name in _STORES]
        body = b"".join(np.ascontiguousarray(store.rows).tobytes() for store in columns)
        chunks = chunked(body)
        segments = self._segments(state)
        first = self.segments
        self.generation += 1
        self.segments += len(segments)
        manifest = Manifest(
            version=VERSION,
            layout=layout(),
            partitions=self.partitions,
            topic=self.topic,
            offset=offset,
            generation=self.generation,
            chunks=len(chunks),
            segments=self.segments,
            sizes=[store.size for store in columns],
            sources=[(*one,) for one in state.sources],
            rules=capacity.rules(state),
            conditions=state.conditions.digests,
            floods=state.floods.saved(),
            floods_over=dict(state.floods.over_ns),
            made=state.made.digests,
        )
        state.together.packed.let_go()
        return Snapshot(manifest, chunks, dict(enumerate(segments, first)))

    def _segments(self, state: State) -> list[bytes]:
        """Encode the names that are new: assets, then signals, in segments of bounded size."""
        names = state.names
        assets = names.assets[self.assets :]
        points = names.point_of[self.signals :]
        signals = list(zip(names.asset_of[self.signals :], points, strict=True))
        self.assets, self.signals = len(names.assets), len(names.asset_of)
        cut = [Segment(assets[low:high], []) for low, high in _cuts(json_bytes(assets))]
        cut += [Segment([], signals[low:high]) for low, high in _cuts(json_bytes(points) + _PAIR)]
        return [msgspec.json.encode(one) for one in cut]


def chunked(body: bytes) -> list[bytes]:
    """Cut bytes into what one message takes."""
    return [body[i : i + CHUNK] for i in range(0, len(body), CHUNK)]


_PAIR: Final = 16  # bytes of a signal's brackets and asset id


def _cuts(weights: Ints) -> list[tuple[int, int]]:
    """Cut what weighs so many bytes into runs of about `CHUNK`."""
    cuts = np.flatnonzero(np.diff(np.cumsum(weights) // CHUNK)) + 1
    return list(pairwise([0, *cuts.tolist(), len(weights)])) if len(weights) else []


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state in bytes. Write the segments and chunks, then the manifest."""

    manifest: Manifest
    chunks: list[bytes]
    segments: dict[int, bytes] = field(default_factory=dict)
    """New ones, by number."""


def layout() -> str:
    """Return the digest of the columns' dtypes: another layout is another state."""
    empty = State(Config())
    text = "|".join(f"{name}:{attrgetter(name)(empty).all.dtype.descr}" for name in _STORES)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def load(config: Config, manifest: Manifest, chunks: list[bytes], segments: list[bytes]) -> State:
    """Rebuild a state. Raises `SnapshotError` when the pieces do not fit."""
    if manifest.version != VERSION or manifest.layout != layout():
        raise SnapshotError(
            f"saved state has layout {manifest.version}/{manifest.layout}, this build has "
            f"{VERSION}/{layout()}"
        )
    if len(chunks) != manifest.chunks or len(segments) != manifest.segments:
        raise SnapshotError(
            f"saved state has {len(chunks)} of {manifest.chunks} chunks and {len(segments)} of "
            f"{manifest.segments} names"
        )
    state = State(config)
    _load_names(state, segments)
    for source in manifest.sources:
        state.source(Source(*source))
    _load_columns(state, manifest, b"".join(chunks))
    for lane, (asset, source) in enumerate(state.lanes.rows[["asset", "source"]].tolist()):
        state.lane_ids[asset, source] = lane
        state.lane_assets.add(asset)
    state.peers = state.peers.take_over(state)
    state.together = state.together.take_over(state)
    _take_over_rules(state, manifest.rules)
    state.conditions = kept.take_over(state, manifest.conditions)
    state.floods.take_over(state, manifest.floods, manifest.floods_over)
    state.made.take_over(manifest.made)
    _take_over_points(state)
    state.trends.take_over(state)
    return state


def _load_names(state: State, segments: list[bytes]) -> None:
    for data in segments:
        segment = msgspec.json.decode(data, type=Segment)
        for asset in segment.assets:
            state.asset(asset)
        for asset_id, point in segment.signals:
            state.names.add(asset_id, point)


def _load_columns(state: State, manifest: Manifest, body: bytes) -> None:
    at = 0
    for name, size in zip(_STORES, manifest.sizes, strict=True):
        store: Store = attrgetter(name)(state)
        store.size = 0
        store.reserve(size)
        store.size = size
        length = size * store.all.dtype.itemsize
        if at + length > len(body):
            raise SnapshotError(f"saved state is cut short in {name}")
        store.all[:size] = np.frombuffer(body, store.all.dtype, size, at)
        at += length
    if at != len(body) or len(state.signals.rows) != len(state.names.asset_of):
        raise SnapshotError("saved state has columns and names of different lengths")


def _take_over_rules(state: State, rules: list[str]) -> None:
    """Keep the bindings of rules that are as they were; bind what is new, drop what is gone."""
    for point in state.names.points:  # in order of first sight, as ever
        state.capacities.of(state, point)
    now = capacity.rules(state)
    if now == rules:
        return
    old = state.bindings.rows.copy()
    state.bindings.size = 0
    state.signals.rows["binding"] = -1
    kept = {(int(b["row"]), rules[int(b["rule"])]): b for b in old}
    for row, (asset, point) in enumerate(
        zip(state.names.asset_of, state.names.point_of, strict=True)
    ):
        rules_of = state.config.rules_of(state.names.assets[asset], point)
        for rule in (*rules_of, *state.capacities.own(state, point)):
            index = state.bind(row, rule)
            before = kept.get((row, now[rule]))
            if before is not None:
                _continue(state, index, before)


def _continue(state: State, index: int, before: np.void) -> None:
    for name in ("since_ns", "offset", "value", "source", "good", "mark", "state", "told"):
        state.bindings.all[index][name] = before[name]


def _take_over_points(state: State) -> None:
    """Go on with how signals are mended; begin anew where their point is declared otherwise now."""
    rows, repairs = state.signals.rows, state.repairs.all
    if not len(rows):
        return
    known = [state.config.known(point) for point in state.names.points]
    point = np.where(rows["point"] < 0, ~rows["point"], rows["point"])
    is_mended = np.flatnonzero(rows["repair"] > 0)
    law = np.array([state.laws.of(k) if needs(k) > 0 else 0 for k in known], np.int32)
    repairs["law"][rows["repair"][is_mended]] = law[point[is_mended]]
    what = np.where(rows["repair"] > 0, repairs["what"][rows["repair"]], rows["repair"])
    what[rows["point"] < 0] = COUNTER
    need = np.array([needs(k) for k in known])[point]
    for row in np.flatnonzero(what != need).tolist():
        rows["point"][row] = point[row]
        mend.restart(rows[row], 0.0)
        state.mend(row, known[point[row]])
