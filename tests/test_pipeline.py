"""Laws of the whole product as a function: any split, any replay, the same bits and events."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import bits, pipeline, snapshot
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Judge, Piece, tick_block
from schemas import readings
from schemas.readings import Tick
from schemas.settings import Cell
from schemas.telemetry import Source, SpansBuilder
from schemas.trigger import Rule

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch-1")
KNOWN_S = 720
CONFIG = Config(
    frame_ns=5 * SECOND,
    rules=(
        Rule(name="hot", point="temp", above=80.0, clear=75.0, for_s=3.0),
        Rule(name="low-flow", point="flow", below=1.0, quality=0.2),
    ),
    cells=(Cell(name="rack", assets=("a", "b*")),),
)


def walk(
    seed: int, seconds: int = 200
) -> list[list[tuple[str, tuple[str, ...], int, list[float]]]]:
    """Return messages; each a list of spans of two assets, with jumps, gaps and disorder.

    The first holds what is known of the asset that jumps.
    """
    rng = np.random.default_rng(seed)
    past = [(60 + rng.normal(0, 1), 5 + rng.normal(0, 0.1)) for _ in range(KNOWN_S)]
    messages = [
        [
            ("a", ("temp", "flow"), s * SECOND, [round(t, 2), round(f, 3)])
            for s, (t, f) in enumerate(past)
        ]
    ]
    for second in range(seconds):
        late = -3 if rng.random() < 0.02 else 0
        temp = 60 + rng.normal(0, 1) + (30 if 120 <= second < 140 else 0)
        flow = 5 + rng.normal(0, 0.1) - (4.5 if 150 <= second < 155 else 0)
        at = (KNOWN_S + second + late) * SECOND
        spans = [("a", ("temp", "flow"), at, [round(temp, 2), round(flow, 3)])]
        if rng.random() < 0.8:
            bad = float("nan") if rng.random() < 0.05 else 1.0 + rng.normal(0, 0.5)
            spans.append(("b1", ("speed",), (KNOWN_S + second) * SECOND, [bad]))
        messages.append(spans)
    messages[:2] = [messages[0] + messages[1]]
    return messages


def blocks(messages, cuts, config=CONFIG, source=SOURCE, first=0):
    """Cut messages into blocks at `cuts` and return them, as bytes."""
    gatherer, judge = Gatherer(lambda _asset: 0), Judge(config)
    edges = [0, *sorted(set(cuts)), len(messages)]
    made = []
    for low, high in itertools.pairwise(edges):
        builder = SpansBuilder()
        for i, spans in enumerate(messages[low:high]):
            for span in spans:
                builder.add(i, *span)
        judged = judge.judge(builder.build(), np.full(high - low, -1, np.int64))
        gatherer.add(Piece(source, np.arange(low, high) + first, judged))
        made += [readings.encode(block) for block in gatherer.flush().get(0, [])]
    return made


def outcome(found):
    """Return frames and events by id: what a consumer that drops known ids sees."""
    frames = {frame.id: frame for one in found for frame in one.frames}
    events = {event.id: event for one in found for event in one.events}
    return frames, events


def through(data, state=None):
    state = state or State(CONFIG)
    return [pipeline.detect(state, one) for one in data]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 50), cuts=st.lists(st.integers(1, 199), max_size=40))
def test_any_split_into_blocks_gives_the_same_bits_and_events(seed, cuts):
    messages = walk(seed)

    assert outcome(through(blocks(messages, cuts))) == outcome(through(blocks(messages, [])))


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(1, 199), min_size=1, max_size=10), data=st.data())
def test_blocks_written_twice_change_nothing(cuts, data):
    made = blocks(walk(1), cuts)
    again = data.draw(st.lists(st.integers(0, len(made) - 1), min_size=1, max_size=5))
    at = data.draw(st.integers(max(again) + 1, len(made)))
    twice = [*made[:at], *(made[i] for i in again), *made[at:]]

    assert outcome(through(twice)) == outcome(through(made))
    assert sum(one.skipped for one in through(twice)) > 0


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(1, 199), min_size=2, max_size=20), at=st.integers(0, 19))
def test_a_state_that_was_saved_and_loaded_goes_on_as_if_nothing_had_been(cuts, at):
    made = blocks(walk(2), cuts)
    at = min(at, len(made))
    state = State(CONFIG)
    before = through(made[:at], state)
    saved = snapshot.Snapshots(4).take(state, at)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    loaded = snapshot.load(CONFIG, saved.manifest, saved.chunks, segments)

    assert outcome(before + through(made[at:], loaded)) == outcome(through(made))


def test_the_hot_rule_fires_once_and_resolves_past_its_hysteresis():
    _, events = outcome(through(blocks(walk(3), [50, 100, 125, 126, 160])))
    told = [
        (e.data.rule, e.data.state)
        for e in events.values()
        if e.type.startswith("io.alltobit.alert")
    ]

    assert told == [
        ("hot", "firing"),
        ("hot", "resolved"),
        ("low-flow", "firing"),
        ("low-flow", "resolved"),
    ]


def test_a_jump_opens_one_anomaly_and_its_return_closes_it():
    _, events = outcome(through(blocks(walk(3), [])))
    told = [
        (e.type, e.data.point) for e in events.values() if e.type.startswith("io.alltobit.anomaly")
    ]

    assert told == [  # the temperature is back at 140 s, and calm twenty samples later
        ("io.alltobit.anomaly.opened", "temp"),
        ("io.alltobit.anomaly.opened", "flow"),
        ("io.alltobit.anomaly.closed", "temp"),
        ("io.alltobit.anomaly.closed", "flow"),
    ]
    intervals = [e.data.interval_s for e in events.values() if "anomaly" in e.type]
    assert all(1.0 <= interval_s < 3.0 for interval_s in intervals)  # a second, and some gaps


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 99), slope=st.floats(0.5, 4.0), known=st.integers(700, 3000))
def test_a_ramp_is_told_while_it_lasts(seed, slope, known):
    rng = np.random.default_rng(seed)
    rises = [
        [("a", ("temp",), t * SECOND, [20.0 + rng.normal() + slope * max(t - known, 0)])]
        for t in range(known + 100)
    ]
    _, events = outcome(through(blocks(rises, [])))
    opened = [e for e in events.values() if e.type == "io.alltobit.anomaly.opened"]

    assert any(e.time.timestamp() >= known for e in opened)


def opened_at(values: list[float]) -> list[int]:
    """Return the seconds at which anomalies of one signal opened."""
    samples = [[("a", ("temp",), t * SECOND, [float(v)])] for t, v in enumerate(values)]
    _, events = outcome(through(blocks(samples, [])))
    opened = [e for e in events.values() if e.type == "io.alltobit.anomaly.opened"]
    return [int(e.time.timestamp()) for e in opened]


def leaps(seed: int, lasts: int, spreads: float, quiet: int) -> tuple[list[float], list[int]]:
    """Return a signal within 2.5 spreads that leaps three times, and when."""
    starts = [1500 + i * (quiet + lasts) for i in range(3)]
    noise = np.random.default_rng(seed).normal(size=starts[-1] + lasts + 300)
    values = 50.0 + noise.clip(-2.5, 2.5)
    for start in starts:
        values[start : start + lasts] += spreads
    return values.tolist(), starts


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 99),
    lasts=st.integers(60, 250),
    spreads=st.floats(60.0, 400.0),
    quiet=st.integers(800, 2000),
)
def test_a_fault_is_told_again_when_it_comes_again(seed, lasts, spreads, quiet):
    values, starts = leaps(seed, lasts, spreads, quiet)
    opened = opened_at(values)

    assert all(any(start <= t < start + lasts for t in opened) for start in starts)


def test_what_gets_far_worse_is_told_again_since_when_it_began():
    rng = np.random.default_rng(7)
    worse = [
        [("a", ("temp",), t * SECOND, [60.0 + rng.normal() + 20.0 * (t > 800) + 900.0 * (t > 805)])]
        for t in range(820)
    ]
    _, events = outcome(through(blocks(worse, [])))
    told = [e for e in events.values() if e.type.startswith("io.alltobit.anomaly")]
    opened, *again = told

    assert opened.type == "io.alltobit.anomaly.opened"
    assert {e.type for e in again} == {"io.alltobit.anomaly.updated"}
    assert {e.data.since for e in again} == {opened.data.since}
    scores = [opened.data.score, *(e.data.score for e in again)]
    assert scores == sorted(scores)
    assert scores[-1] >= 64.0 > scores[0]
    assert "is farther off after" in again[-1].data.summary


@pytest.mark.parametrize(("lasts", "recovered"), [(285, 0.9), (300, 0.0), (400, 0.0)])
def test_what_comes_back_just_before_it_is_taken_for_usual_has_recovered(lasts, recovered):
    ended = []
    for seed in range(20):
        values = 50.0 + np.random.default_rng(seed).normal(size=1500).clip(-2.0, 2.0)
        values[1000 : 1000 + lasts] += 30.0
        rows = [[("a", ("temp",), t * SECOND, [float(value)])] for t, value in enumerate(values)]
        _, events = outcome(through(blocks(rows, [])))
        closed = [e for e in events.values() if e.type == "io.alltobit.anomaly.closed"]
        ended.append(closed[0].data.ended == "recovered")

    assert np.mean(ended) >= recovered
    assert recovered or not any(ended)


def test_what_slowly_comes_to_stay_where_it_is_has_not_recovered():
    values = 50.0 + np.random.default_rng(4).normal(size=1800)
    values += np.clip(np.arange(1800) - 1000, 0, 100) * 0.1
    rows = [[("a", ("temp",), t * SECOND, [float(value)])] for t, value in enumerate(values)]
    _, events = outcome(through(blocks(rows, [])))
    ended = [e.data.ended for e in events.values() if e.type == "io.alltobit.anomaly.closed"]

    assert ended == ["adopted"]


def test_an_event_cites_the_raw_message_that_shows_it():
    _, events = outcome(through(blocks(walk(3), [], first=1000)))
    opened = next(e for e in events.values() if e.type == "io.alltobit.anomaly.opened")
    fact = opened.data.evidence.facts[0]

    assert (fact.topic, fact.partition, fact.offset) == ("raw", 0, 1120)


def test_frames_hold_every_sample_within_half_a_step():
    messages = walk(4)
    frames, _ = outcome(through(blocks(messages, [])))
    reader = bits.Reader()
    held = sum(len(reader.decode(f.data).samples.status) for f in frames.values())
    sent = sum(len(span[1]) for spans in messages for span in spans)

    assert sent - 20 <= held <= sent  # the last window is still open
    assert {f.cell for f in frames.values()} == {"rack"}


def test_silence_closes_a_frame_and_lets_a_pending_rule_fire():
    hot = [[("a", ("temp",), 100 * SECOND, [90.0])]]
    state = State(CONFIG)
    (first,) = through(blocks(hot, []), state)
    tick = tick_block([(SOURCE, Tick(0, 1, 100 * SECOND, 60 * SECOND))])
    second = pipeline.judge(state, tick)

    assert not first.events
    assert [e.data.rule for e in second.events] == ["hot"]
    assert second.events[0].time.timestamp() == 103
    assert len(second.frames) == 1


def test_a_tick_of_an_ingest_that_fell_behind_is_ignored():
    state = State(CONFIG)
    through(blocks([[("a", ("temp",), 100 * SECOND, [90.0])]] * 5, []), state)
    stale = tick_block([(SOURCE, Tick(0, 3, 100 * SECOND, 600 * SECOND))])

    assert not pipeline.judge(state, stale).events


def test_a_topic_made_anew_is_another_source():
    messages = walk(5, 30)
    state = State(CONFIG)
    first = through(blocks(messages, []), state)
    anew = through(blocks(messages, [], source=SOURCE._replace(epoch="epoch-2")), state)

    assert sum(one.samples for one in anew) == sum(one.samples for one in first)
    assert sum(one.skipped for one in anew) == 0


def test_signals_beyond_the_most_are_told_and_the_others_go_on():
    state = State(Config(max_signals=1, frame_ns=SECOND))
    found = through(blocks(walk(6, 10), []), state)

    assert {one.asset for f in found for one in f.overflow} == {"a", "b1"}
    assert sum(f.samples for f in found) == KNOWN_S + 10


def test_a_state_of_another_layout_is_refused():
    saved = snapshot.Snapshots(4).take(State(CONFIG), 0)
    other = snapshot.msgspec.structs.replace(saved.manifest, layout="other")

    with pytest.raises(snapshot.SnapshotError, match="layout 4/other, this build has"):
        snapshot.load(CONFIG, other, saved.chunks, [])
