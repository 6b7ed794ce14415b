"""What ingest decides: the quality a message alone can tell, and the block each span goes into."""

from itertools import pairwise
from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.names import Config
from models.telemetry import Gatherer, Judge, Piece, tick_block
from models.telemetry import cut as cutting
from models.telemetry import judge as judging
from schemas import readings
from schemas.readings import Tick
from schemas.telemetry import Quality, Source, SpansBuilder
from schemas.units import MOST, Point

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch")
CONFIG = Config(points=(Point(name="temp", unit="Cel", low=-20, high=150),))
LIMIT = 1_048_588  # bytes of a message that Kafka takes by default


def built(*some):
    builder = SpansBuilder()
    for span in some:
        builder.add(*span)
    return builder.build()


def judged(value, mark=0, *, point="temp", time_ns=0, received_ms=0):
    spans = built((0, "a", (point,), time_ns, (value,), (mark,)))
    judge = Judge(CONFIG, future_ns=3600 * SECOND)
    return Quality(int(judge.judge(spans, np.array([received_ms])).quality[0]))


@settings(deadline=None)
@given(value=st.floats(), point=st.sampled_from(["temp", "any"]))
@example(value=1.7e308, point="any")
@example(value=-1.7e308, point="any")
def test_every_float_gets_the_one_quality_it_deserves(value, point):
    low, high = (-20, 150) if point == "temp" else (-MOST, MOST)
    wanted = Quality.GOOD
    if isnan(value):
        wanted = Quality.NOT_A_NUMBER
    elif value in (inf, -inf):
        wanted = Quality.INFINITE
    elif not low <= value <= high:
        wanted = Quality.OUT_OF_RANGE

    assert judged(value, point=point) == wanted


@settings(deadline=None)
@given(value=st.floats(), mark=st.integers(0, 255))
def test_what_the_decoder_said_stays(value, mark):
    assert judged(value, mark) & mark == mark


def test_a_value_that_was_missing_is_not_called_no_number():
    assert judged(nan, Quality.MISSING) == Quality.MISSING


@pytest.mark.parametrize(
    ("ahead_s", "received_ms", "future"),
    [(3600, 5000, False), (3600.001, 5000, True), (10**9, -1, False), (-(10**6), 5000, False)],
)
def test_a_time_ahead_of_its_message_is_not_believed(ahead_s, received_ms, future):
    time_ns = max(received_ms, 0) * 1_000_000 + round(ahead_s * 1e9)

    assert bool(judged(1.0, time_ns=time_ns, received_ms=received_ms) & Quality.FUTURE) == future


def test_a_message_from_the_end_of_time_makes_no_sample_one_of_the_future():
    assert judged(1.0, time_ns=1_700_000_000 * SECOND, received_ms=2**62) == Quality.GOOD


def test_judging_leaves_the_decoders_columns_alone():
    spans = built((0, "a", ("temp",), 0, (nan,)))
    Judge(CONFIG).judge(spans, np.array([0]))

    assert spans.quality.tolist() == [0]


def test_a_flood_of_new_names_does_not_mix_up_ranges(monkeypatch):
    monkeypatch.setattr(judging, "_MOST_KNOWN", 10)
    judge = Judge(CONFIG)
    for batch in range(20):
        shapes = [("temp", f"x{batch}-{i}") for i in range(7)]
        spans = built(*[(i, "a", shape, 0, (200.0, 200.0)) for i, shape in enumerate(shapes)])
        quality = judge.judge(spans, np.zeros(7, np.int64)).quality.tolist()

        assert quality == [Quality.OUT_OF_RANGE, Quality.GOOD] * 7
    assert len(judge.vocabulary) <= 10 + 14


names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
long_names = st.builds(lambda name, n: name * n, names, st.sampled_from([1, 1, 16]))
shapes = st.lists(long_names, min_size=1, max_size=9, unique=True).map(tuple)
messages = st.lists(st.lists(st.tuples(long_names, shapes), max_size=4), max_size=8)


def rows(spans, offset):
    """Return what spans say: (offset, asset, time, point, value, quality), in order."""
    return [
        (
            int(offset[spans.message[i]]),
            spans.assets[spans.asset[i]],
            int(spans.time_ns[i]),
            point,
            float(spans.values[spans.start[i] + k]),
            int(spans.quality[spans.start[i] + k]),
        )
        for i in range(len(spans))
        for k, point in enumerate(spans.shapes[spans.shape[i]])
    ]


def read(block):
    """Return what a block says, as `rows` does."""
    meta = block.meta
    return [
        (
            int(block.offset[i]),
            meta.assets[block.asset[i]],
            int(block.time_ns[i]),
            point,
            float(block.values[block.start[i] + k]),
            int(block.quality[block.start[i] + k]),
        )
        for i in range(len(block))
        for k, point in enumerate(readings.points(meta, int(block.shape[i])))
    ]


def spans_of(messages, seed=0):
    rng = np.random.default_rng(seed)
    return built(
        *[
            (
                m,
                asset,
                points,
                m * SECOND,
                rng.normal(size=len(points)),
                rng.integers(0, 9, len(points)),
            )
            for m, message in enumerate(messages)
            for asset, points in message
        ]
    )


def partition(asset):
    return len(asset) % 3


@settings(deadline=None)
@given(batches=st.lists(messages, max_size=3), most=st.sampled_from([65_536, 900_000]))
def test_every_sample_is_in_one_block_of_its_partition_and_in_order(batches, most):
    gatherer, sent = Gatherer(partition, most), []
    for i, batch in enumerate(batches):
        spans, offset = spans_of(batch, i), np.arange(len(batch)) + 100 * i
        gatherer.add(Piece(SOURCE, offset, spans))
        sent += rows(spans, offset)
    blocks = gatherer.flush()

    for p in range(3):
        got = [row for block in blocks.get(p, []) for row in read(block)]
        assert got == [row for row in sent if partition(row[1]) == p]
    assert not gatherer.flush()


@settings(deadline=None)
@given(batch=messages, cuts=st.lists(st.integers(0, 8), max_size=4))
def test_a_span_has_the_same_number_however_messages_are_batched(batch, cuts):
    def numbered(edges):
        gatherer = Gatherer(lambda _asset: 0)
        for low, high in pairwise([0, *sorted(edges), len(batch)]):
            part = spans_of(batch[low:high])
            gatherer.add(Piece(SOURCE, np.arange(low, max(high, low)), part))
        return [
            (int(o), int(p), block.meta.assets[a])
            for block in gatherer.flush().get(0, [])
            for o, p, a in zip(block.offset, block.part, block.asset, strict=True)
        ]

    whole = numbered([])
    assert numbered([min(c, len(batch)) for c in cuts]) == whole
    assert whole == sorted(whole, key=lambda one: one[:2])
    assert len({one[:2] for one in whole}) == len(whole)


def flood(kind):
    """Return a batch of samples that are hard on the size of blocks."""
    long = "ü" * 250
    return {
        "many assets with long names": [[(f"{i:05d}{long}", ("p",))] for i in range(6_000)],
        "one span of many long names": [[("a", tuple(f"{i:05d}{long}" for i in range(7_000)))]],
        "names that double in JSON": [
            [("a", tuple(f"{i:05d}{chr(34) * 400}" for i in range(3_000)))]
        ],
        "names that come again and again": [
            [("a", tuple(f"{k:02d}{i:03d}{long}" for i in range(40))) for k in range(45)]
        ]
        * 40,
        "one wide span": [[("a", tuple(f"p{i}" for i in range(100_000)))]],
        "many small spans": [[(f"a{i % 100}", ("p",))] for i in range(60_000)],
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "many assets with long names",
        "one span of many long names",
        "names that double in JSON",
        "names that come again and again",
        "one wide span",
        "many small spans",
    ],
)
@pytest.mark.parametrize("most", [65_536, 900_000])
def test_no_block_is_larger_than_what_kafka_takes(kind, most):
    batch = flood(kind)
    spans, gatherer = spans_of(batch), Gatherer(lambda _asset: 0, most)
    gatherer.add(Piece(SOURCE, np.arange(len(batch)), spans))
    blocks = gatherer.flush()[0]
    sizes = [len(readings.encode(block)) for block in blocks]

    assert max(sizes) < most * 1.1 < LIMIT
    assert sum(len(block.values) for block in blocks) == len(spans.values)
    assert len(blocks) < 2 + 3 * sum(sizes) / most


@settings(deadline=None)
@given(batch=messages, width=st.sampled_from([1, 5_000, 12_000]))
def test_cutting_keeps_every_sample_and_names_no_point_twice(batch, width):
    wide = [[("wide", tuple(f"p{i}" for i in range(width)))], *batch]
    spans = spans_of(wide)
    cut = cutting.cut(spans)

    assert rows(cut, np.arange(len(wide))) == rows(spans, np.arange(len(wide)))
    assert (cut is spans) == (width == 1)


def test_where_a_span_is_cut_depends_on_its_points_alone():
    heavy = tuple(f"p{i}" for i in range(12_000))
    alone = cutting.cut(spans_of([[("a", heavy)]]))
    among = cutting.cut(spans_of([[("b", ("p",))], [("c", heavy[:9_000])], [("a", heavy)]]))

    own = [among.shapes[among.shape[i]] for i in range(len(among)) if among.message[i] == 2]
    assert own == [alone.shapes[i] for i in alone.shape]
    assert len(own) > 1


def test_a_tick_block_tells_how_far_sources_have_come_and_nothing_else():
    other = Source("raw", 1, "epoch")
    block = tick_block([(SOURCE, Tick(9, 5, 6, 7)), (other, Tick(9, 8, 9, 0))])
    back = readings.decode(readings.encode(block))

    assert len(back) == 0
    assert back.sources() == [SOURCE, other]
    assert back.meta.ticks == [Tick(0, 5, 6, 7), Tick(1, 8, 9, 0)]
