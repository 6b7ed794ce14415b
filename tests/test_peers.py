"""Laws of peers: who stands out is told, whoever came first, and nobody while all move together."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import pipeline, snapshot
from models.names import Config
from models.peers import slots
from models.peers.memory import alike, role
from models.snapshot import Snapshots
from models.state import State
from models.telemetry import Gatherer, Piece, tick_block
from schemas.readings import Tick
from schemas.settings import Cell
from schemas.telemetry import Source, SpansBuilder
from schemas.units import Point, PointKind

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch")
FRAME = 5
POINTS = (
    Point(name="temp", unit="Cel", low=0, high=120),
    Point(name="mode", kind=PointKind.STATE),
    Point(name="errors", unit="count", kind=PointKind.COUNTER),
)
CONFIG = Config(
    frame_ns=FRAME * SECOND, points=POINTS, cells=(Cell(name="node", assets=("node/*",)),)
)
LENGTH = 800
FAULT = range(500, 700)


class Crew:
    """Samples of a few GPUs, a message each, in any order of arrival."""

    def __init__(self, many=8, seed=1, points=("temp",)):
        self.rng = np.random.default_rng(seed)
        self.names = [f"node/gpu{i}" for i in range(many)]
        self.points = points
        self.messages = []

    def play(self, length=LENGTH, step=1.0, **more):
        """Let all be measured for a while; `more`: by second and GPU, what is added."""
        add = more.get("add", lambda _second, _gpu: 0.0)
        for k in range(round(length / step)):
            second = k * step
            for i, name in enumerate(self.names):
                value = 60.0 + self.rng.normal(0.0, 0.5) + add(second, i)
                self.messages.append((second, name, (value,) * len(self.points)))
        return self

    def shuffled(self, within, seed):
        """Let messages come in another order, each asset's own in theirs: later by up to a time."""
        rng = np.random.default_rng(seed)
        behind = {name: rng.uniform(0.0, within) for name in self.names}
        self.messages.sort(key=lambda one: (one[0] + behind[one[1]], one[1]))
        return self

    def blocks(self, cuts=(), points=None):
        """Cut the messages into blocks."""
        gatherer = Gatherer(lambda _asset: 0)
        edges = [0, *sorted({c for c in cuts if c < len(self.messages)}), len(self.messages)]
        for low, high in itertools.pairwise(edges):
            spans = SpansBuilder()
            for i, (second, name, values) in enumerate(self.messages[low:high]):
                marks = (0,) * len(values)
                spans.add(i, name, points or self.points, round(second * SECOND), values, marks)
            gatherer.add(Piece(SOURCE, np.arange(low, high), spans.build()))
            yield from gatherer.flush().get(0, [])


def through(blocks, state=None, config=CONFIG):
    state = state or State(config)
    return [event for block in blocks for event in pipeline.judge(state, block).events]


def told(events):
    """Return who stood out or was back, and when."""
    return [
        (e.type.rpartition(".")[2], e.data.asset, e.data.point, e.time.timestamp())
        for e in events
        if getattr(e.data, "kind", None) == "peer"
    ]


def contents(events):
    """Return what a consumer sees of peers, whatever raw messages they came in."""
    return {
        (e.id, e.data.summary, e.data.value, e.data.expected, e.data.spread, e.data.score)
        for e in events
        if getattr(e.data, "kind", None) == "peer"
    }


def hot(degrees, gpu=3):
    return lambda second, i: degrees if i == gpu and second in FAULT else 0.0


def wave(second, _gpu):
    """All move together, as under one job."""
    return 20.0 * np.sin(second / 40.0) + (15.0 if second % 300 > 200 else 0.0)


# Who stands out


@pytest.mark.parametrize("degrees", [4.0, -4.0, 30.0, 1e4])
def test_the_one_that_is_not_as_its_peers_stands_out_and_is_back_afterwards(degrees):
    (opened, closed) = told(through(Crew().play(add=hot(degrees)).blocks()))

    assert opened[:3] == ("opened", "node/gpu3", "temp")
    assert opened[3] <= FAULT.start + 12 * FRAME
    assert closed[:3] == ("closed", "node/gpu3", "temp")
    assert FAULT.stop < closed[3] <= FAULT.stop + 20 * FRAME


def test_it_is_told_how_far_it_is_from_whom_and_since_when():
    opened = next(
        e for e in through(Crew().play(add=hot(10.0)).blocks()) if told([e]) and e.data.point
    )
    data = opened.data

    assert data.value == pytest.approx(70.0, abs=1.0)
    assert data.expected == pytest.approx(60.0, abs=1.0)
    assert abs(data.since.timestamp() - FAULT.start) <= 4 * FRAME
    assert "7 peers" in data.summary
    assert "node/gpu0, node/gpu1, node/gpu2 and 4 more" in data.evidence.hypotheses[0].text
    (fact,) = data.evidence.facts
    assert (fact.topic, fact.offset) == ("raw", 8 * (opened.time.timestamp() - 1) + 3)


@pytest.mark.parametrize("degrees", [10.0, -30.0, 1e4])
def test_it_stands_out_since_the_frame_in_which_it_left_each_time(degrees):
    def twice(second, gpu):
        return hot(degrees)(second, gpu) - hot(degrees)(second - FAULT.stop + FAULT.start, gpu)

    crew = Crew().play(length=FAULT.stop + 100, add=twice)
    first, _, then = (e for e in through(crew.blocks()) if told([e]) and e.data.point)

    assert first.data.since.timestamp() == FAULT.start
    assert then.data.since.timestamp() >= FAULT.stop


def test_one_that_is_always_a_bit_different_is_no_anomaly_and_one_that_becomes_so_is():
    def add(second, gpu):
        return (6.0 if gpu == 2 else 0.0) + hot(5.0)(second, gpu)

    assert [one[1] for one in told(through(Crew().play(add=add).blocks()))] == ["node/gpu3"] * 2


def test_two_of_eight_are_told_and_when_half_of_them_part_nobody_is():
    def add(many):
        return lambda second, gpu: 8.0 if gpu < many and second in FAULT else 0.0

    two, half = (told(through(Crew().play(add=add(n)).blocks())) for n in (2, 4))
    assert {one[1] for one in two} == {"node/gpu0", "node/gpu1"}
    assert half == []


def test_a_single_slot_is_no_anomaly_however_far():
    def add(second, gpu):
        return 1e6 if gpu == 3 and 500 <= second < 505 else 0.0

    assert told(through(Crew().play(add=add).blocks())) == []


def test_what_lasts_for_an_hour_is_normal_from_then_on():
    crew = Crew().play(
        add=lambda s, gpu: 8.0 if gpu == 3 and s >= 500 else 0.0, length=500 + 800 * FRAME
    )
    events = through(crew.blocks())

    assert [e.data.ended for e in events if told([e])] == [None, "adopted"]


def test_one_that_does_other_work_is_no_peer():
    def add(second, gpu):
        return -45.0 if gpu == 3 else wave(second, gpu)

    assert told(through(Crew().play(add=add).blocks())) == []


def test_errors_of_one_link_stand_out_while_its_peers_count_none():
    crew = Crew(points=("errors",))
    for second in range(LENGTH):
        for i, name in enumerate(crew.names):
            bad = max(second - 500, 0) * 3 if i == 5 else 0
            crew.messages.append((second, name, (100.0 + bad,)))
    events = through(crew.blocks())

    assert {one[1:3] for one in told(events)} == {("node/gpu5", "errors")}
    opened = next(e for e in events if told([e]))
    assert (opened.data.value, opened.data.unit) == (pytest.approx(3.0), "count/s")


def test_codes_are_not_compared():
    crew = Crew(points=("mode",)).play(add=hot(10.0))

    assert told(through(crew.blocks())) == []


# When nobody does


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 100))
def test_all_that_move_together_are_silent(seed):
    crew = Crew(seed=seed).play(add=wave)

    assert told(through(crew.blocks())) == []


@settings(max_examples=8, deadline=None)
@given(many=st.integers(1, 3), degrees=st.floats(-1e3, 1e3))
def test_fewer_than_four_are_never_told(many, degrees):
    crew = Crew(many).play(add=hot(degrees, gpu=0))

    assert told(through(crew.blocks())) == []


def test_assets_of_other_cells_or_roles_are_no_peers():
    crew = Crew()
    crew.names = [f"rack-{i}/gpu0" for i in range(4)] + [f"node/{x}" for x in ("a", "b", "c", "d")]

    assert told(through(crew.play(add=hot(30.0)).blocks())) == []


def test_without_the_setting_nothing_is_compared():
    config = Config(frame_ns=FRAME * SECOND, points=POINTS, cells=CONFIG.cells, peers=False)

    assert told(through(Crew().play(add=hot(30.0)).blocks(), config=config)) == []


@pytest.mark.parametrize(
    ("asset", "its"),
    [
        ("node-01/gpu3", "node-*/gpu*"),
        ("rack12/node-7/mlx5_0/p1", "rack*/node-*/mlx*_*/p*"),
        ("GPU-0a1b2c3d-1111-2222-3333-0123456789ab", "GPU-*"),
        ("chiller", "chiller"),
    ],
)
def test_a_role_is_a_name_without_its_numbers(asset, its):
    assert role(asset) == its


@pytest.mark.parametrize(
    ("asset", "its"),
    [
        ("node-01/gpu3", "node-01/gpu*"),
        ("rack12/node-7/gpu0", "rack12/node-7/gpu*"),
        ("node-7/mlx5_0/p1", "node-7/mlx*_*/p*"),
        ("rack12/node-7/mlx5_0/p1", "rack12/node-7/mlx*_*/p*"),
        ("leaf-1/p7", "leaf-1/p*"),
        ("rack12/node-7/bmc", "rack*/node-*/bmc"),
        ("node-7", "node-*"),
        ("host-1/GPU-0a1b2c3d-1111-2222-3333-0123456789ab", "host-1/GPU-*"),
    ],
)
def test_one_that_is_numbered_has_its_siblings_for_peers(asset, its):
    assert alike(asset) == its


# Order and splits


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1000),
    within=st.floats(0.0, 6.0 * FRAME),
    cuts=st.sets(st.integers(1, 8 * LENGTH), max_size=30),
)
def test_any_order_of_arrival_and_any_split_give_the_same(seed, within, cuts):
    expected = through(Crew().play(add=hot(8.0)).blocks())
    found = through(Crew().play(add=hot(8.0)).shuffled(within, seed).blocks(cuts))

    assert contents(found) == contents(expected)
    assert told(expected)


@settings(max_examples=12, deadline=None)
@given(
    degrees=st.floats(-40.0, 40.0),
    period=st.floats(20.0, 400.0),
)
def test_what_is_added_to_all_changes_nothing_of_who_stands_out(degrees, period):
    def add(second, gpu):
        together = degrees if second % period < period / 2 else 0.0
        return together + hot(60.0)(second, gpu)

    alone = told(through(Crew().play(add=hot(60.0)).blocks()))
    found = told(through(Crew().play(add=add).blocks()))

    assert [one[:3] for one in found] == [one[:3] for one in alone]


@settings(max_examples=12, deadline=None)
@given(at=st.integers(1, 8 * LENGTH - 1))
def test_a_state_that_was_saved_and_loaded_goes_on_as_if_nothing_had_been(at):
    first, second = Crew().play(add=hot(8.0)).blocks([at])
    state = State(CONFIG)
    before = through([first], state)
    saved = Snapshots(4).take(state, 0)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    loaded = snapshot.load(CONFIG, saved.manifest, saved.chunks, segments)

    assert contents(before + through([second], loaded)) == contents(
        through(Crew().play(add=hot(8.0)).blocks())
    )


def test_where_events_may_run_full_judging_goes_on_behind_them(monkeypatch):
    def add(second, gpu):
        return 20.0 if gpu in {0, 1} and second in FAULT else 0.0

    expected = through(Crew(points=("temp", "other")).play(add=add).blocks())
    monkeypatch.setattr(slots, "_EVENTS", 1)

    assert contents(through(Crew(points=("temp", "other")).play(add=add).blocks())) == contents(
        expected
    )
    assert len(told(expected)) == 8


def test_a_state_loaded_under_other_cells_compares_anew():
    first, second = Crew().play(add=hot(8.0)).blocks([8 * 400])
    state = State(CONFIG)
    through([first], state)
    saved = Snapshots(4).take(state, 0)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    other = Config(frame_ns=FRAME * SECOND, points=POINTS)
    loaded = snapshot.load(other, saved.manifest, saved.chunks, segments)

    assert told(through([second], loaded)) == []


def test_one_that_stands_out_as_cells_change_is_back_among_its_new_peers():
    """What was told to have begun has an end, or whoever waits for that waits for ever."""
    halves = tuple(f"n{i}/gpu" for i in range(4)), tuple(f"n{i}/gpu" for i in range(4, 8))
    both, apart = (
        Config(frame_ns=FRAME * SECOND, points=POINTS, cells=cells)
        for cells in (
            (Cell(name="row", assets=("*",)),),
            (Cell(name="a", assets=halves[0]), Cell(name="b", assets=halves[1])),
        )
    )
    crew = Crew()
    crew.names = [*halves[0], *halves[1]]
    first, second = crew.play(add=hot(30.0), length=2 * LENGTH).blocks([8 * 600])
    state = State(both)
    before = through([first], state)
    saved = Snapshots(4).take(state, 0)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    after = through([second], snapshot.load(apart, saved.manifest, saved.chunks, segments))

    assert [one[:2] for one in told([*before, *after])] == [
        ("opened", "n3/gpu"),
        ("closed", "n3/gpu"),
    ]


# Assets that fall silent


def silent(ticks):
    """Let one of eight say nothing any more, before another gets hot."""
    crew = Crew().play(add=hot(8.0), length=LENGTH + 100)
    crew.messages = [m for m in crew.messages if m[1] != "node/gpu0" or m[0] < 450]
    state, events = State(CONFIG), []
    last = 0
    for block in crew.blocks(range(0, len(crew.messages), 7)):
        events += pipeline.judge(state, block).events
        last = int(block.offset.max()) + 1
        if ticks:
            tick = Tick(0, last, int(block.time_ns.max()))
            events += pipeline.judge(state, tick_block([(SOURCE, tick)])).events
    return state, told(events)


@pytest.mark.parametrize("ticks", [True, False])
def test_one_that_is_silent_does_not_keep_the_others_waiting_for_ever(ticks):
    state, events = silent(ticks)
    peers = state.peers

    assert [one[:2] for one in events] == [("opened", "node/gpu3"), ("closed", "node/gpu3")]
    assert peers.parcels.size <= 8 * 24
    assert peers.values.size <= 8 * 24


def test_a_clock_that_is_ahead_keeps_nobody_waiting():
    crew = Crew().play(add=hot(8.0))
    crew.messages = [
        (second + 1800 if name == "node/gpu0" and second > 450 else second, name, values)
        for second, name, values in crew.messages
    ]
    events = told(through(crew.blocks()))

    assert [one[:2] for one in events] == [("opened", "node/gpu3"), ("closed", "node/gpu3")]
