"""Laws of silence as data: event time alone tells it, once, and the same whatever the ticks."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import pipeline, silence, snapshot
from models.names import Config
from models.snapshot import Snapshots
from models.state import State
from models.telemetry import Gatherer, Piece, tick_block
from schemas.readings import Tick
from schemas.telemetry import Quality, Source, SpansBuilder

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch")
CONFIG = Config(frame_ns=5 * SECOND, lateness_ns=5 * SECOND)
NAN = float("nan")


class Feed:
    """Samples and ticks in one order; cut into blocks where asked, always after ticks."""

    def __init__(self, state=None, config=CONFIG):
        self.state = state or State(config)
        self.events, self.frames, self.waiting, self.offset = [], [], [], 0
        self.source = SOURCE

    def sample(self, second, asset="a", points=("p",), values=None, mark=0):
        """Take one message."""
        values = tuple(values or (1.0 + self.offset % 5 for _ in points))
        self.waiting.append((asset, points, round(second * SECOND), values, (mark,) * len(points)))
        self.offset += 1
        return self

    def cut(self):
        """End a block."""
        spans = SpansBuilder()
        for i, span in enumerate(self.waiting):
            spans.add(i, *span)
        gatherer = Gatherer(lambda _asset: 0)
        first = self.offset - len(self.waiting)
        gatherer.add(Piece(self.source, np.arange(len(self.waiting)) + first, spans.build()))
        for block in gatherer.flush().get(0, []):
            self._take(pipeline.judge(self.state, block))
        self.waiting.clear()
        return self

    def tick(self, second):
        """Let the source come to `second`."""
        self.cut()
        tick = Tick(0, self.offset, round(second * SECOND))
        self._take(pipeline.judge(self.state, tick_block([(self.source, tick)])))
        return self

    def _take(self, found):
        self.events += found.events
        self.frames += found.frames

    def told(self, kind="silence"):
        """Return the anomalies of a kind: opened or closed, asset, event time."""
        return [
            (e.type.rpartition(".")[2], e.data.asset, e.time.timestamp())
            for e in self.events
            if getattr(e.data, "kind", None) == kind
        ]

    def outcome(self):
        """Return frames and events by id."""
        return {f.id: f for f in self.frames}, {e.id: e for e in self.events}


def regular(until, every=1.0, feed=None, asset="a", **more):
    feed = feed or Feed()
    for i in range(round(until / every)):
        feed.sample(i * every, asset, **more)
    return feed


# The interval


@settings(deadline=None)
@given(every=st.floats(1e-3, 1e4), n=st.integers(1, 300))
def test_of_what_comes_regularly_the_interval_is_its_period(every, n):
    interval = 0.0
    for _ in range(n):
        interval = silence.usual(interval, every)

    assert interval == pytest.approx(every)


@settings(deadline=None)
@given(gaps=st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=100))
def test_the_interval_lies_between_the_gaps(gaps):
    interval = 0.0
    for gap in gaps:
        interval = silence.usual(interval, gap)

    assert min(gaps) * 0.999 <= interval <= max(gaps) * 1.001


def test_one_outage_hardly_changes_the_interval_and_a_new_period_does():
    interval = silence.usual(1.0, 86_400.0)
    assert interval < 5.0
    for _ in range(12):
        interval = silence.usual(interval, 60.0)
    assert interval == pytest.approx(60.0, rel=0.01)


@pytest.mark.parametrize("mean", [15.0, 60.0])
def test_what_comes_at_random_is_hardly_ever_called_silent(mean):
    gaps = np.random.default_rng(1).exponential(mean, 100_000).tolist()
    interval, called = gaps[0], 0
    for gap in gaps[1:]:
        called += gap * 1e9 > silence.limit_ns(interval, 60 * SECOND)
        interval = silence.usual(interval, gap)

    assert called <= 5


# Assets


def test_an_asset_is_silent_when_its_source_goes_on_and_heard_again_when_it_speaks():
    feed = regular(30)
    for s in range(130):
        feed.sample(s, "b").tick(s)
    feed.sample(130, "a").cut()

    assert feed.told() == [("opened", "a", 29 + 60), ("closed", "a", 130)]
    opened, closed = [e for e in feed.events if e.data.kind == "silence"]
    assert opened.data.since == closed.data.since
    assert opened.data.evidence.facts[0].offset == 29
    assert closed.data.value == 101


def test_an_asset_of_slow_samples_may_be_silent_for_six_of_its_intervals():
    feed = regular(1800, every=60.0)
    feed.tick(1740 + 359 + 5).cut()
    assert feed.told() == []
    feed.tick(1740 + 360 + 5)
    assert feed.told() == [("opened", "a", 1740 + 360)]


def test_without_event_time_there_is_no_silence():
    feed = regular(30)
    for _ in range(100):
        feed.tick(29)

    assert feed.told() == []


def test_an_asset_heard_too_few_times_is_never_called_silent():
    assert regular(silence.GAPS).tick(5_000).told() == []


def test_a_silence_that_no_tick_told_is_told_by_the_sample_that_ends_it():
    lazy, eager = regular(30), regular(30)
    for s in range(30, 200, 7):
        eager.tick(s)
    for feed in (lazy, eager):
        feed.sample(200).cut()

    assert lazy.outcome()[1] == eager.outcome()[1]
    assert lazy.told() == [("opened", "a", 89), ("closed", "a", 200)]


def test_what_is_silent_for_a_day_is_gone_and_returns_without_a_word():
    feed = regular(30).tick(100).tick(100_000)
    assert [e.data.ended for e in feed.events] == [None, "adopted"]
    feed.sample(100_001).cut()
    assert len(feed.told()) == 2


def test_a_source_that_is_read_up_to_later_samples_ignores_an_old_tick():
    feed = regular(30).cut()
    tick = Tick(0, 10, 5_000 * SECOND)
    found = pipeline.judge(feed.state, tick_block([(SOURCE, tick)]))

    assert not found.events


@pytest.mark.parametrize("silent", [False, True])
def test_assets_of_a_topic_made_anew_are_no_longer_waited_for_at_the_old_one(silent):
    feed = regular(30)
    if silent:
        feed.tick(30).tick(100)
    feed.cut().source = SOURCE._replace(epoch="new")
    feed.offset = 0
    regular(30, feed=feed).cut()
    feed.source, feed.offset = SOURCE, 1_000
    feed.tick(5_000)

    assert [state for state, *_ in feed.told()] == ["opened", "closed"] * silent


# Signals


def test_signals_that_stop_while_their_asset_goes_on_are_one_anomaly():
    points = tuple(f"p{i}" for i in range(9))
    feed = regular(30, points=points)
    for s in range(30, 200):
        feed.sample(s, points=("p0", "p1")).tick(s)
    (opened,) = [e for e in feed.events if e.data.kind == "silence"]

    assert (opened.data.asset, opened.data.point, opened.data.value) == ("a", "", 7.0)
    assert "p2, p3, p4 and 4 more" in opened.data.summary
    for s in range(200, 300):
        feed.sample(s, points=points).tick(s)
    assert [state for state, *_ in feed.told()] == ["opened", "closed"]


def test_a_signal_that_is_told_as_missing_all_the_time_is_silent():
    feed = regular(30, points=("p", "q"))
    for s in range(30, 200):
        feed.sample(s, points=("q",))
        feed.sample(s + 0.5, points=("p",), values=(NAN,), mark=int(Quality.MISSING)).tick(s)
    (opened,) = [e for e in feed.events if e.data.kind == "silence"]

    assert "p" in opened.data.summary


def test_signals_of_different_intervals_are_not_called_silent():
    feed = Feed()
    for s in range(600):
        feed.sample(s)
        if s % 30 == 0:
            feed.sample(s + 0.1, points=("slow",))
        feed.tick(s)

    assert feed.told() == []


def test_an_asset_that_is_silent_is_told_once_not_for_its_signals_too():
    feed = regular(30, points=("p", "q"))
    for s in range(30, 400):
        feed.sample(s, "b").tick(s)

    assert feed.told() == [("opened", "a", 89)]


# Stuck


def test_a_signal_stuck_for_long_is_an_anomaly_until_it_moves():
    feed = Feed()
    for s in range(100):
        feed.sample(s, values=(float(s % 7),))
    for s in range(100, 500):
        feed.sample(s, values=(3.0,))
    feed.sample(500, values=(4.0,)).cut()

    assert [(state, time) for state, _, time in feed.told("stuck")] == [
        ("opened", 100 + 60),
        ("closed", 500),
    ]


# Clocks


def clocks(skew, until=120, others="abcd", begin=20):
    feed = Feed()
    for s in range(until):
        for asset in others:
            feed.sample(s, asset)
        feed.sample(s + (skew if s >= begin else 0), "odd").tick(s + max(skew, 0))
    return feed


@pytest.mark.parametrize("skew", [1800, -1800, 61, -61, 31])
def test_a_clock_far_from_the_others_is_an_anomaly_and_harms_nobody_else(skew):
    feed = clocks(skew) if skew > 0 else clocks(skew, begin=0)
    (told,) = feed.told("clock")
    (event,) = [e for e in feed.events if e.data.kind == "clock"]

    assert told[:2] == ("opened", "odd")
    assert event.data.value == skew
    assert {asset for _, asset, _ in feed.told()} <= {"odd"}
    good = feed.state.signals.rows["quality"]["good"][:4]
    assert good.tolist() == [1.0] * 4


def test_a_clock_that_is_set_right_ends_its_anomaly():
    feed = clocks(300, until=60)
    for s in range(400, 450):
        for asset in ("a", "b", "c", "d", "odd"):
            feed.sample(s, asset)
        feed.tick(s)

    assert [state for state, *_ in feed.told("clock")] == ["opened", "closed"]


@pytest.mark.parametrize("skew", [0, 5, -5, 29, -59])
def test_a_small_difference_of_clocks_is_none(skew):
    assert clocks(skew, begin=0).told("clock") == []


@pytest.mark.parametrize("skew", [6, 11, 29, 45, 61])
@pytest.mark.parametrize("every", [1, 10], ids=["told each second", "told each ten"])
def test_by_a_clock_that_runs_ahead_nobody_is_late_or_silent(skew, every):
    feed = Feed()
    for s in range(600):
        if s % every == 0:
            for i, asset in enumerate("abcd"):
                feed.sample(s - i, asset)
            feed.sample(s + (skew if s >= 200 else 0), "odd")
        feed.tick(s)

    assert {asset for _, asset, _ in feed.told("silence")} <= {"odd"}
    assert (feed.state.signals.rows["quality"]["good"] == 1.0).all()


def test_of_two_assets_nobody_knows_whose_clock_is_wrong():
    assert clocks(1800, others="a").told("clock") == []


# Splits


def play(seed, cuts, n=400):
    """Play assets that come and go, with ticks, cut anywhere."""
    rng, feed = np.random.default_rng(seed), Feed()
    away = {asset: (rng.integers(50, 300), rng.integers(40, 120)) for asset in "abc"}
    step = 0
    for s in range(n):
        for asset, (begin, long) in away.items():
            if not begin <= s < begin + long:
                points = ("p", "q") if (s // 130) % 2 == 0 else ("p",)
                feed.sample(s - 2 * (rng.random() < 0.1), asset, points)
                step += 1
                if step in cuts:
                    feed.cut()
        if rng.random() < 0.3:
            feed.tick(s)
    return feed.cut()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 20), cuts=st.sets(st.integers(0, 1200), max_size=60))
def test_any_split_of_the_same_samples_and_ticks_gives_the_same_bits_and_events(seed, cuts):
    assert play(seed, cuts).outcome() == play(seed, set()).outcome()


def test_opened_and_closed_come_in_turn_for_each_asset():
    for seed in range(10):
        feed = play(seed, set())
        for _, mine in itertools.groupby(
            sorted(
                (e.data.asset, bool(e.data.point or "signals" in e.data.summary), i, e.type)
                for i, e in enumerate(feed.events)
                if e.data.kind == "silence" and "signal" not in e.data.summary
            ),
            key=lambda one: one[:2],
        ):
            states = [one[3].rpartition(".")[2] for one in mine]
            assert states == (["opened", "closed"] * len(states))[: len(states)]


def test_a_silence_goes_on_after_a_save_and_load():
    feed = regular(30).tick(100)
    saved = Snapshots(4).take(feed.state, 0)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    again = Feed(snapshot.load(CONFIG, saved.manifest, saved.chunks, segments))
    again.offset = feed.offset
    again.sample(120).cut()

    assert feed.told() + again.told() == [("opened", "a", 89), ("closed", "a", 120)]


def test_one_wrong_time_ahead_blinds_its_asset_for_a_minute_at_most():
    feed = Feed()
    for second in range(800):
        value = 90.0 if 600 <= second < 700 else 1.0 + second % 3
        feed.sample(second + (3000 if second == 400 else 0), values=(value,)).sample(second, "b")
    feed.tick(3600)

    opened = [e for e in feed.events if e.data.kind == "level" and e.data.ended is None]
    assert [round(e.data.since.timestamp()) for e in opened] == [600]


def test_a_clock_that_is_put_right_goes_on_from_there():
    feed = Feed()
    for second in range(800):
        value = 90.0 if 600 <= second < 700 else 1.0 + second % 3
        feed.sample(second + (3500 if second < 300 else 0), values=(value,))
    feed.cut()

    opened = [e for e in feed.events if e.data.kind == "level" and e.data.ended is None]
    assert [round(e.data.since.timestamp()) for e in opened] == [600]
    assert not [e for e in feed.events if e.data.kind == "silence"]


@settings(deadline=None, max_examples=20)
@given(cuts=st.sets(st.integers(1, 499)), wrong=st.integers(60, 200))
def test_a_clock_set_back_is_seen_at_the_same_sample_whatever_the_blocks(cuts, wrong):
    def fed_with(cuts):
        feed = Feed()
        for second in range(500):
            feed.sample(second + (2000 if second < wrong else 0), values=(second % 7 + 0.5,))
            if second in cuts:
                feed.cut()
        return feed.cut()

    whole, pieces = fed_with(()), fed_with(cuts)
    assert [f.data for f in whole.frames] == [f.data for f in pieces.frames]
    assert [e.id for e in whole.events] == [e.id for e in pieces.events]


def test_samples_that_were_delayed_do_not_set_the_clock_back():
    feed = Feed()
    for second in range(300):
        feed.sample(second)
    for second in range(100, 150):
        feed.sample(second + 0.5)
    feed.sample(300).sample(301).cut()

    assert feed.state.lanes.rows["latest_ns"][0] == 301 * SECOND
