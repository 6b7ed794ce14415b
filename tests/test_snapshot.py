"""Laws of saved state: pieces Kafka takes, whole or refused, and rules that changed meanwhile."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import pipeline, snapshot
from models.names import Config
from models.snapshot import CHUNK, SnapshotError, Snapshots
from models.state import State
from models.telemetry import Gatherer, Piece
from schemas.telemetry import Source, SpansBuilder
from schemas.trigger import Rule

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch")
HOT = Rule(name="hot", point="p0", above=80.0, for_s=3.0)
WARM = Rule(name="warm", point="p0", above=40.0)
COLD = Rule(name="cold", point="p1", below=-40.0)


def blocks(*spans, first=0):
    """Return the blocks of (asset, points, second, values), a message each."""
    builder = SpansBuilder()
    for i, (asset, points, second, values) in enumerate(spans):
        builder.add(i, asset, points, second * SECOND, values)
    gatherer = Gatherer(lambda _asset: 0)
    gatherer.add(Piece(SOURCE, np.arange(len(spans)) + first, builder.build()))
    return gatherer.flush().get(0, [])


def fed(state, *spans, first=0):
    """Apply spans; return frames and events."""
    found = [pipeline.judge(state, block) for block in blocks(*spans, first=first)]
    return [f for one in found for f in one.frames], [e for one in found for e in one.events]


def seconds(assets, points, begin, end):
    return [
        (asset, points, second, tuple(50.0 + second % 7 for _ in points))
        for second in range(begin, end)
        for asset in assets
    ]


class Table:
    """Where snapshots are written, as the worker writes them."""

    def __init__(self) -> None:
        self.segments: dict[int, bytes] = {}

    def write(self, snapshots, state, offset):
        """Keep new names; return the last snapshot."""
        saved = snapshots.take(state, offset)
        self.segments |= saved.segments
        return saved

    def load(self, saved, config):
        """Rebuild the state."""
        segments = [self.segments[i] for i in range(saved.manifest.segments)]
        return snapshot.load(config, saved.manifest, saved.chunks, segments)


def saved_state(config=None, assets=("a", "b"), points=("p0", "p1")):
    config = config or Config(rules=(HOT, WARM))
    state, table = State(config), Table()
    fed(state, *seconds(assets, points, 0, 20))
    return state, table, table.write(Snapshots(4), state, 7)


def same(one, other):
    """Say whether two states would be saved as the same bytes."""
    left, right = (Snapshots(4).take(state, 0) for state in (one, other))
    return (left.chunks, left.segments, left.manifest) == (
        right.chunks,
        right.segments,
        right.manifest,
    )


@settings(deadline=None, max_examples=30)
@given(stops=st.lists(st.integers(1, 39), max_size=6))
def test_however_often_a_state_is_saved_and_loaded_it_stays_the_same(stops):
    config = Config(rules=(HOT, WARM))
    through = State(config)
    state = State(config)
    edges = [0, *sorted(set(stops)), 40]
    for low, high in pairwise(edges):
        spans = seconds(["a", f"b{low}"], ("p0", f"p{low}"), low, high)
        assert fed(state, *spans, first=2 * low) == fed(through, *spans, first=2 * low)
        table = Table()
        state = table.load(table.write(Snapshots(4), state, high), config)

    assert same(state, through)


@pytest.mark.parametrize("name", ["n" * 500, '"' * 250, "p"], ids=["long", "quotes", "short"])
@pytest.mark.parametrize("many", ["assets", "points"])
def test_every_piece_is_small_enough_for_kafka_and_all_come_back(name, many):
    names = tuple(f"{i:06d}{name}" for i in range(9_000))
    state, table = State(Config()), Table()
    if many == "assets":
        fed(state, *[(one, ("p",), 5, (1.0,)) for one in names])
    else:
        fed(state, ("a", names, 5, tuple(map(float, range(len(names))))))
    saved = table.write(Snapshots(4), state, 1)

    assert max(map(len, [*saved.chunks, *saved.segments.values()])) < CHUNK + 5_000
    assert len(saved.chunks) > 1
    assert same(table.load(saved, state.config), state)


def test_names_are_written_once():
    state, table, _ = saved_state()
    snapshots = Snapshots(4)
    first = snapshots.take(state, 7)
    again = snapshots.take(state, 8)
    fed(state, *seconds(["c"], ("p9",), 20, 22), first=500)
    more = snapshots.take(state, 9)

    assert first.segments
    assert not again.segments
    assert b'"c"' in b"".join(more.segments.values())
    assert b'"a"' not in b"".join(more.segments.values())
    assert [s.manifest.generation for s in (first, again, more)] == [1, 2, 3]
    del table


def test_a_snapshot_without_a_piece_is_refused():
    state, table, saved = saved_state()
    segments = list(table.segments.values())

    with pytest.raises(SnapshotError, match="0 of 1 chunks"):
        snapshot.load(state.config, saved.manifest, [], segments)
    with pytest.raises(SnapshotError, match=r"0 of 2 names"):
        snapshot.load(state.config, saved.manifest, saved.chunks, [])


@pytest.mark.parametrize("cut", [1, 8, 1000])
def test_a_snapshot_with_a_piece_of_another_length_is_refused(cut):
    state, table, saved = saved_state()
    segments = list(table.segments.values())

    with pytest.raises(SnapshotError):
        snapshot.load(state.config, saved.manifest, [saved.chunks[0][:-cut]], segments)
    with pytest.raises(SnapshotError):
        snapshot.load(state.config, saved.manifest, [saved.chunks[0] + bytes(cut)], segments)


def test_a_snapshot_of_fewer_names_than_signals_is_refused():
    state, _, saved = saved_state()
    empty = msgspec.json.encode(snapshot.Segment([], []))

    with pytest.raises(SnapshotError, match="names"):
        snapshot.load(state.config, saved.manifest, saved.chunks, [empty, empty])


def test_a_snapshot_of_another_version_is_refused():
    state, table, saved = saved_state()
    other = msgspec.structs.replace(saved.manifest, version=1)

    with pytest.raises(SnapshotError, match="layout 1/"):
        snapshot.load(state.config, other, saved.chunks, list(table.segments.values()))


def fired(events):
    return [(e.data.rule, str(e.data.state)) for e in events if "alert" in e.type]


@pytest.mark.parametrize("rules", [(HOT, WARM), (WARM, HOT), (COLD, HOT, WARM)])
def test_a_rule_that_fires_goes_on_whatever_other_rules_come(rules):
    _, table, saved = saved_state()
    state = table.load(saved, Config(rules=rules))
    _, events = fed(state, ("a", ("p0",), 30, (90.0,)), ("a", ("p0",), 40, (30.0,)), first=500)

    assert sorted(fired(events)) == [("hot", "firing"), ("hot", "resolved"), ("warm", "resolved")]


def test_a_rule_that_changed_begins_anew_and_one_that_is_gone_is_silent():
    _, table, saved = saved_state()
    changed = WARM.model_copy(update={"above": 45.0})
    state = table.load(saved, Config(rules=(changed,)))
    _, events = fed(state, ("a", ("p0",), 30, (90.0,)), ("a", ("p0",), 40, (30.0,)), first=500)

    assert fired(events) == [("warm", "firing"), ("warm", "resolved")]


def test_signals_beyond_the_most_stay_refused_and_known_ones_known():
    config = Config(max_signals=3, rules=(HOT,))
    state, table, saved = saved_state(config, assets=("a", "b", "c"))
    loaded = table.load(saved, config)
    spans = seconds(["a", "c", "d"], ("p0", "p1"), 20, 30)

    assert fed(loaded, *spans, first=500) == fed(state, *spans, first=500)
    assert loaded.signals.size == 3


def test_a_partition_may_hold_more_after_a_restart():
    _, table, saved = saved_state(Config(max_signals=3), assets=("a", "b", "c"))
    loaded = table.load(saved, Config(max_signals=100))
    fed(loaded, *seconds(["a", "b", "c", "d"], ("p0", "p1"), 20, 30), first=500)

    assert loaded.signals.size == 8
