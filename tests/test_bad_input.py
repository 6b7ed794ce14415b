"""Bad input through everything that decides, without a broker: a reject or a quality, no loss."""

from functools import cache
from itertools import pairwise
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from aiokafka import ConsumerRecord
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models import bits, pipeline
from models.frames import MOST_BYTES
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Judge, Piece
from schemas import readings
from schemas.bits import VALID
from schemas.formats import FORMATS, decoders, detect
from schemas.settings import Detect, Ingest, RawTopic
from schemas.telemetry import Quality, Reject, Source, SpansBuilder, Why, one_a_reason
from schemas.units import Point
from streams.errors import TooManyRejects
from streams.rejects import dead_letters
from streams.telemetry.readers import Limit, Readers

SECOND = 1_000_000_000
T0 = 1_700_000_000
SOURCE = Source("raw", 0, "epoch")
GOOD = b'{"asset":"a","time":1700000000,"values":{"p":1.5}}'


def record(value, offset=0, headers=(), timestamp=T0 * 1000):
    size = len(value or b"")
    return ConsumerRecord(
        topic="raw",
        partition=3,
        offset=offset,
        timestamp=timestamp,
        timestamp_type=0,
        key=b"key",
        value=value,
        checksum=None,
        serialized_key_size=3,
        serialized_value_size=size,
        headers=tuple(headers),
    )


@cache
def readers():
    return Readers([RawTopic(name="raw")], 4_194_304)


def taken(*values, timestamp=T0 * 1000):
    """Do what ingest does with messages: return their rejects and what detection is given."""
    records = [record(v, i, timestamp=timestamp) for i, v in enumerate(values)]
    judge, gatherer = Judge(Config()), Gatherer(lambda _asset: 0)
    rejects: list[tuple[int, Reject]] = []
    for decoder, run in readers().runs(records):
        if decoder is None:
            rejects += [(r.offset, Reject(0, *readers().refusal(r))) for r in run]
            continue
        times = [r.timestamp for r in run]
        decoded = decoder.decode([r.value for r in run], times)
        spans = judge.judge(decoded.spans, np.array(times, np.int64))
        gatherer.add(Piece(SOURCE, np.array([r.offset for r in run], np.int64), spans))
        rejects += [(run[one.message].offset, one) for one in decoded.rejects]
    blocks = [readings.encode(block) for block in gatherer.flush().get(0, [])]
    return rejects, [readings.decode(block) for block in blocks]


def whys(*values):
    return [(offset, one.why) for offset, one in taken(*values)[0]]


BAD = {
    "no value": (None, Why.EMPTY),
    "no bytes": (b"", Why.EMPTY),
    "bytes of nothing known": (b"\x00\x01\x02", Why.UNKNOWN_FORMAT),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(50), Why.UNKNOWN_FORMAT),
    "truncated JSON": (GOOD[:-3], Why.NOT_JSON),
    "UTF-8 that is none": (GOOD.replace(b'"a"', b'"\xff\xfe"'), Why.INVALID_UTF8),
    "an asset that is a number": (GOOD.replace(b'"a"', b"7"), Why.WRONG_TYPE),
    "values that are a list": (GOOD.replace(b'{"p":1.5}', b"[1]"), Why.WRONG_TYPE),
    "no time": (GOOD.replace(b'"time"', b'"when"'), Why.MISSING_FIELD),
    "a time that is a word": (GOOD.replace(b"1700000000", b'"soon"'), Why.BAD_TIME),
    "a time before 1970": (GOOD.replace(b"1700000000", b"-5"), Why.BAD_TIME),
    "a time after 2200": (GOOD.replace(b"1700000000", b"7.3e9"), Why.BAD_TIME),
    "a time without end": (GOOD.replace(b"1700000000", b"1" + b"0" * 400), Why.BAD_TIME),
    "a name with a line break": (GOOD.replace(b'"a"', b'"a\\n"'), Why.BAD_NAME),
    "a name of 600 bytes": (GOOD.replace(b'"a"', b'"' + b"a" * 600 + b'"'), Why.BAD_NAME),
    "a name that is empty": (GOOD.replace(b'"a"', b'""'), Why.BAD_NAME),
    "no point": (GOOD.replace(b'{"p":1.5}', b"{}"), Why.EMPTY),
    "nesting without end": (b'{"asset":"a","values":' + b"[" * 100_000, Why.NOT_JSON),
    "more bytes than are read": (b" " * 5_000_000, Why.TOO_LARGE),
    "a truncated Arrow stream": (b"\xff\xff\xff\xff\x10\x00\x00\x00AAAA", Why.NOT_ARROW),
}


@pytest.mark.parametrize(("value", "why"), BAD.values(), ids=BAD)
def test_a_bad_message_among_good_ones_is_rejected_alone(value, why):
    assert set(whys(GOOD, value, GOOD.replace(b"1700000000", b"1700000001"))) == {(1, why)}
    _, (block,) = taken(GOOD, value, GOOD.replace(b"1700000000", b"1700000001"))
    assert block.offset.tolist() == [0, 2]
    assert block.values.tolist() == [1.5, 1.5]


def test_all_that_is_bad_at_once_is_rejected_one_by_one():
    values = [v for value, _ in BAD.values() for v in (value, GOOD)]
    rejects, (block,) = taken(*values)

    assert [(offset, one.why) for offset, one in rejects] == unordered(
        (2 * i, why) for i, (_, why) in enumerate(BAD.values())
    )
    assert block.offset.tolist() == list(range(1, len(values), 2))


class unordered(list):  # noqa: N801 - reads as a word
    """A list that equals any order of itself."""

    def __init__(self, of) -> None:
        super().__init__(sorted(of))

    def __eq__(self, other: object) -> bool:
        return list(self) == sorted(other)  # type: ignore[call-overload]

    __hash__ = None  # type: ignore[assignment]


QUALITIES = {
    b"null": (nan, Quality.MISSING),
    b"NaN": (nan, Quality.NOT_A_NUMBER),
    b"Infinity": (inf, Quality.INFINITE),
    b"-Infinity": (-inf, Quality.INFINITE),
    b"1e999": (inf, Quality.INFINITE),
    b"1" + b"0" * 5000: (inf, Quality.INFINITE),
    b'"12"': (nan, Quality.NOT_A_NUMBER),
    b"true": (nan, Quality.NOT_A_NUMBER),
    b"[1]": (nan, Quality.NOT_A_NUMBER),
    b"1.7e308": (1.7e308, Quality.OUT_OF_RANGE),
    b"-0.0": (0.0, Quality.GOOD),
    b"5e-324": (5e-324, Quality.GOOD),
}


@pytest.mark.parametrize(("text", "wanted"), QUALITIES.items(), ids=lambda q: str(q)[:12])
def test_a_value_that_is_none_gets_a_quality_and_its_neighbour_goes_through(text, wanted):
    value, mark = wanted
    rejects, (block,) = taken(GOOD.replace(b'{"p":1.5}', b'{"bad":' + text + b',"good":2.5}'))

    assert not rejects
    np.testing.assert_array_equal(block.values, [value, 2.5])
    assert (block.quality.tolist() or [0, 0]) == [mark, 0]


@pytest.mark.parametrize("timestamp", [-1, 0, T0 * 1000, 2**62, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("value", [GOOD, b"up 1\n", b"up 1 1700000000000\n"])
def test_no_kafka_timestamp_does_harm(timestamp, value):
    rejects, blocks = taken(value, timestamp=timestamp)

    assert len(rejects) + len(blocks) == 1
    assert {one.why for _, one in rejects} <= {Why.BAD_TIME}
    for block in blocks:
        assert 0 <= int(block.time_ns[0]) < 8 * 10**18


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=200), at=st.integers(0, 60), name=st.sampled_from(FORMATS))
def test_no_bytes_in_any_format_do_harm(data, at, name):
    decoder = _decoders()[name]
    batch = [data, GOOD[:at] + data + GOOD[at:], data + GOOD, GOOD]
    decoded = decoder.decode(batch, [T0 * 1000] * 4)
    judged = Judge(Config()).judge(decoded.spans, np.full(4, T0 * 1000))
    gatherer = Gatherer(lambda _asset: 0)
    gatherer.add(Piece(SOURCE, np.arange(4), judged))
    state = State(Config(frame_ns=1))
    for block in gatherer.flush().get(0, []):
        pipeline.detect(state, readings.encode(block))

    seen = {*decoded.spans.message.tolist(), *(one.message for one in decoded.rejects)}
    assert seen == {0, 1, 2, 3}
    detect(data)


@cache
def _decoders():
    return decoders()


def columns(table):
    """Yield every column of numbers of a structured array, by name."""
    for name in table.dtype.names:
        if table[name].dtype.names:
            yield from columns(table[name])
        else:
            yield name, table[name]


samples = st.tuples(
    st.sampled_from(["a", "b"]),
    st.integers(-30, 30),
    st.sampled_from([1.0, 2.0, 1e6, 1.7e308, -1.7e308, 5e-324, nan, inf, -inf]),
    st.integers(0, 255),
)


@settings(deadline=None, max_examples=25)
@given(some=st.lists(samples, min_size=1, max_size=60))
def test_no_order_of_samples_and_no_values_break_detection(some):
    state, held, sent = State(Config(frame_ns=SECOND)), 0, 0
    reader = bits.Reader()
    for offset, (asset, second, value, mark) in enumerate([*some, ("a", 999, 1.0, 0)]):
        builder = SpansBuilder()
        builder.add(0, asset, ("p",), (T0 + second) * SECOND, (value,), (mark,))
        gatherer = Gatherer(lambda _asset: 0)
        gatherer.add(Piece(SOURCE, np.array([offset]), builder.build()))
        found = pipeline.detect(state, readings.encode(gatherer.flush()[0][0]))
        sent += 1
        for frame in found.frames:
            taken = reader.decode(frame.data).samples
            held += len(taken.status)
            valid = taken.status & VALID != 0
            assert np.isfinite(taken.values[valid]).all()
    table = state.signals.rows

    assert held + state.held_rows.size == sent
    for part in ("every", "direction", "quality"):
        for name, column in columns(table[part]):
            assert np.isfinite(column).all(), (part, name)


def test_one_value_past_belief_does_not_widen_what_a_step_is():
    state, builder = State(Config()), SpansBuilder()
    for i in range(100):
        value, mark = (1.7e308, int(Quality.OUT_OF_RANGE)) if i == 1 else (50.0 + i % 3, 0)
        builder.add(i, "a", ("p",), (T0 + i) * SECOND, (value,), (mark,))
    gatherer = Gatherer(lambda _asset: 0)
    gatherer.add(Piece(SOURCE, np.arange(100), builder.build()))
    pipeline.judge(state, gatherer.flush()[0][0])

    assert float(state.signals.rows["every"]["base"]["place"]["mesh"][0]) < 3.0


def resident():
    """Return the bytes this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_a_flood_of_new_names_stays_within_max_signals_and_in_bounds():
    config = Config(max_signals=1_000, frame_ns=SECOND)
    state, judge, gatherer = State(config), Judge(config), Gatherer(lambda _asset: 0)
    before = resident()
    over = samples = frames = 0
    for batch in range(100):
        builder = SpansBuilder()
        for i in range(1_000):
            name = f"{batch}-{i}"
            second = T0 + batch * 10
            builder.add(2 * i, f"asset {name}", (f"point {name}",), second * SECOND, (1.0,))
            builder.add(2 * i + 1, "known", ("p", f"q{name}"), second * SECOND, (1.0, 2.0))
        judged = judge.judge(builder.build(), np.full(2_000, -1, np.int64))
        gatherer.add(Piece(SOURCE, np.arange(2_000) + 2_000 * batch, judged))
        for block in gatherer.flush()[0]:
            found = pipeline.judge(state, block)
            over += len(found.overflow)
            samples += found.samples
            frames += len(found.frames)
            assert all(frame.time_ns >= T0 * SECOND for frame in found.frames)

    assert state.signals.size == 1_000
    assert len(state.names.assets) <= 1_001
    assert state.lanes.size <= 1_002
    assert over == 200_000 - 999  # every span with a signal that found no row
    assert samples == 100_000 + 999  # `p` of every message, and the rows that others got first
    assert frames < 100 * 1_000
    assert resident() - before < 250e6


def test_where_signals_run_full_the_first_ones_are_kept_however_blocks_are_cut():
    def told(cuts):
        state, found = State(Config(max_signals=5, frame_ns=SECOND)), []
        edges = sorted({0, *cuts, 12})
        for low, high in pairwise(edges):
            builder = SpansBuilder()
            for i in range(low, high):
                asset = f"a{i % 4}"
                builder.add(i - low, asset, (f"p{i}", "q"), (T0 + i) * SECOND, (1.0, 2.0))
            gatherer = Gatherer(lambda _asset: 0)
            gatherer.add(Piece(SOURCE, np.arange(low, high), builder.build()))
            found += [pipeline.judge(state, b) for b in gatherer.flush()[0]]
        names = {
            (state.names.assets[a], p)
            for a, p in zip(state.names.asset_of, state.names.point_of, strict=True)
        }
        frames = {f.id: f for one in found for f in one.frames}
        return names, frames, [o for one in found for o in one.overflow]

    assert told([]) == told(range(12)) == told([3, 7])


def test_a_wide_asset_gives_frames_that_kafka_takes_with_every_sample():
    points = tuple(f"a point with quite a long name {i:06d}" for i in range(20_000))
    state, frames = State(Config()), []
    for second in range(7):
        builder = SpansBuilder()
        builder.add(0, "wide", points, (T0 + 2 * second) * SECOND, [float(second)] * len(points))
        gatherer = Gatherer(lambda _asset: 0)
        gatherer.add(Piece(SOURCE, np.array([second]), builder.build()))
        for block in gatherer.flush()[0]:
            frames += pipeline.judge(state, block).frames
    sizes = [len(frame.data) for frame in frames]
    reader = bits.Reader()
    read = [reader.decode(frame.data) for frame in frames]

    assert max(sizes) <= MOST_BYTES < sum(sizes)
    assert len({frame.id for frame in frames}) == len(frames)
    closed = {(int(t)) for one in read for t in one.samples.times_ns}
    assert sum(len(one.samples.status) for one in read) == len(closed) * len(points)


def test_the_pieces_of_a_dead_letter_are_the_message_and_say_where_it_was():
    value = bytes(range(256)) * 10_000
    letters = dead_letters(record(value, 77, [("h", b"x")]), Reject(0, Why.TOO_LARGE, "why"))

    assert b"".join(piece for piece, _ in letters) == value
    assert len(letters) == 3
    for i, (_, headers) in enumerate(letters):
        told = dict(headers)
        assert told["alltobit-reason"] == b"too_large"
        assert told["alltobit-topic"] == b"raw"
        assert told["alltobit-partition"] == b"3"
        assert told["alltobit-offset"] == b"77"
        assert told["alltobit-original-h"] == b"x"
        assert told["alltobit-piece"] == f"{i + 1}/3".encode()


def test_a_message_with_a_thousand_flaws_is_one_dead_letter_a_reason():
    text = "".join(f"{{ {i}\n" for i in range(1000)).encode()
    rejects = one_a_reason(_decoders()["prometheus-text"].decode([text], [0]).rejects)

    assert [(one.message, one.why) for one in rejects] == [(0, Why.NOT_PROMETHEUS)]
    assert rejects[0].detail.endswith("(and 999 more)")
    assert len(rejects[0].detail) <= 200


def test_a_flaw_of_its_own_keeps_its_words():
    rejects = [Reject(0, Why.EMPTY, "a"), Reject(0, Why.BAD_TIME, "b"), Reject(1, Why.EMPTY, "c")]

    assert one_a_reason(rejects) == rejects


@settings(deadline=None)
@given(outcomes=st.lists(st.booleans(), max_size=60), share=st.sampled_from([0.0, 0.5, 0.9, 1.0]))
def test_the_limit_stops_when_more_than_its_share_of_the_last_was_rejected(outcomes, share):
    limit, stopped = Limit(share, 10), None
    for i, bad in enumerate(outcomes):
        try:
            limit.count(1, int(bad), "why")
        except TooManyRejects:
            stopped = i
            break

    wanted = [i for i in range(9, len(outcomes)) if sum(outcomes[i - 9 : i + 1]) > share * 10]
    assert stopped == (wanted[0] if wanted else None)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Point, {"name": "p", "low": -inf, "high": inf}),
        (Point, {"name": "p", "low": 0, "high": 1.7e308}),
        (Point, {"name": "p", "low": nan, "high": 1}),
        (Detect, {"frame_s": 1e-12}),
        (Detect, {"frame_s": nan}),
        (Detect, {"lateness_s": inf}),
        (Detect, {"score": nan}),
        (Ingest, {"future_s": inf}),
        (Ingest, {"future_s": 1e12}),
    ],
)
def test_a_setting_that_cannot_be_reckoned_with_is_refused(model, fields):
    with pytest.raises(ValidationError):
        model.model_validate(fields)
