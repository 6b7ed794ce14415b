"""The scanner of remembered shapes answers as the general decoder does, to the bit."""

import json
import struct
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats.native import NativeJson
from schemas.formats.numbers import U, lemire
from schemas.formats.quick import longer, plain
from schemas.formats.scan import anything
from schemas.formats.shapes import Limits, joined
from schemas.telemetry import Quality, Why

TINY = Limits(templates=2, memory_bytes=2_000, patience=2)


def facts(decoded):
    """Return all of a result as plain, comparable data; floats by their bits."""
    spans = decoded.spans
    columns = (spans.message, spans.asset, spans.shape, spans.time_ns, spans.start, spans.quality)
    return (
        list(spans.assets),
        list(spans.shapes),
        [(column.dtype, column.tolist()) for column in columns],
        spans.values.dtype,
        spans.values.tobytes(),
        list(decoded.rejects),
    )


def frame(values, asset="rack-1", time="1700000000.25", gap=""):
    """Write a message with numbers as the given text."""
    inside = f",{gap}".join(f'"{point}":{gap}{text}' for point, text in values.items())
    return f'{{"asset":{gap}"{asset}",{gap}"time":{gap}{time},{gap}"values":{{{inside}}}}}'.encode()


def warm(*messages):
    """Return a decoder that has seen each of `messages` three times."""
    decoder = NativeJson()
    for _ in range(3):
        decoder.decode(list(messages))
    return decoder


def scanned(text):
    """Parse a number with each compiled parser: the answers of those that do not refuse."""
    buffer = joined([text.encode() + b","])
    answers = [parse(buffer, U(8))[:2] for parse in (plain, longer, anything)]
    return [value for end, value in answers if end == 8 + len(text)]


def special(text):
    return text in ("null", "NaN", "Infinity", "-Infinity")


floats = st.floats(allow_nan=False, allow_infinity=False)
written = st.one_of(
    floats.map(repr),
    floats.map(lambda x: f"{x:.17g}"),
    floats.map(lambda x: f"{x:g}"),
    floats.map(lambda x: f"{x:e}"),
    st.floats(-1e6, 1e6).map(repr),
    st.tuples(st.floats(-1e9, 1e9), st.integers(0, 20)).map(lambda p: f"{p[0]:.{p[1]}f}"),
    st.integers(-(2**80), 2**80).map(str),
    st.integers(-1000, 1000).map(str),
    st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,4})?", fullmatch=True),
    st.sampled_from(["null", "NaN", "Infinity", "-Infinity", "-0", "-0.0", "0", "5e-324", "1e400"]),
    st.sampled_from(
        ["01", "+1", "1.", ".5", "1e", "-", "--1", "1..2", "true", '"x"', "[1]", "nul"]
    ),
    st.text("0123456789.eE+-", max_size=24),
)
times = st.one_of(
    st.integers(-5, 10**20).map(str),
    st.floats(0, 1e20).map(repr),
    st.floats(1e9, 2e9).map(lambda x: f"{x:.3f}"),
    st.sampled_from(['"2024-01-01T00:00:00Z"', "null", "1e9", "-1", "1.7e12", "true", "0", "-0"]),
)


@pytest.fixture(scope="module")
def knowing():
    """Make a decoder that knows the shapes that `frame` writes below."""
    return warm(
        frame(dict.fromkeys("abcd", "1.5")), frame({"a": "1"}), frame({"a": "1", "b": "2"}, gap=" ")
    )


@settings(max_examples=1500, deadline=None)
@given(text=written)
def test_a_parsed_number_is_what_python_reads(text):
    for value in [] if special(text) else scanned(text):
        assert struct.pack("<d", value) == struct.pack("<d", float(json.loads(text)))


@settings(max_examples=500, deadline=None)
@given(number=st.floats(1e-300, 1e300))
def test_every_double_as_python_prints_it_is_parsed_without_help(number):
    assert number in scanned(repr(number))
    assert number in scanned(f"{number:.17g}")


@settings(max_examples=300, deadline=None)
@given(bits=st.integers(2**53, 2**54), power=st.integers(-20, 20))
def test_halfway_cases_round_to_even(bits, power):
    certain, value = lemire(U(2 * bits + 1), power)

    assert not certain or value == float(f"{2 * bits + 1}e{power}")


@settings(max_examples=800, deadline=None)
@given(texts=st.lists(written, min_size=4, max_size=4), time=times)
def test_memory_changes_no_result(knowing, texts, time):
    message = frame(dict(zip("abcd", texts, strict=True)), time=time)

    assert facts(knowing.decode([message])) == facts(NativeJson().decode([message]))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cold_warm_and_tiny_memories_agree_on_any_mixture(data):
    pool = [
        frame(dict.fromkeys(points, text), asset, gap=gap)
        for points in ("ab", "ba", "abc")
        for asset in ("x", "y")
        for gap in ("", " ")
        for text in ("1", "2.5", "null", "-3.25e2", "NaN", "true", "01")
    ]
    batches = data.draw(st.lists(st.lists(st.sampled_from(pool), max_size=12), max_size=8))
    lasting, tiny = NativeJson(), NativeJson(TINY)
    for batch in batches:
        expected = facts(NativeJson().decode(batch))
        assert facts(lasting.decode(batch)) == expected
        assert facts(tiny.decode(batch)) == expected


@settings(max_examples=300, deadline=None)
@given(cut=st.integers(0, 70), put=st.binary(max_size=3), skip=st.integers(0, 3))
def test_a_damaged_message_is_read_as_without_memory(knowing, cut, put, skip):
    good = frame(dict.fromkeys("abcd", "1.5"))
    bad = good[:cut] + put + good[cut + skip :]

    assert facts(knowing.decode([good, bad, good])) == facts(NativeJson().decode([good, bad, good]))


def test_a_known_shape_is_read_by_the_scanner():
    decoder = warm(frame({"a": "1.5", "b": "2"}))

    out = decoder._memory.store  # noqa: SLF001 - that it was remembered shows nowhere else
    spans = decoder.decode([frame({"a": "-7.125", "b": "null"}, time="1700000001")]).spans

    assert out.templates == 1
    assert spans.values[0] == -7.125
    assert np.isnan(spans.values[1])
    assert spans.quality.tolist() == [Quality.GOOD, Quality.MISSING]
    assert spans.time_ns.tolist() == [1_700_000_001 * 10**9]


@pytest.mark.parametrize(
    "text",
    [
        '{"time": 1700000000, "asset": "x", "values": {"a": 1, "b": 2}}',
        '{"seq": 9, "values": {"a": 1, "b": 2}, "time": 1700000000, "asset": "x"}',
        '{"asset": "x", "values": {"a": 1, "b": 2}, "more": {"n": [1, 2]}, "time": 1700000000}',
        '{"asset": "x 1 \\" 2", "values": {"a 1": 1, "b\\\\": 2}, "time": 1700000000}',
        '{"asset": "x", "values": {"a": 1, "b": 5, "a": 2}, "time": 1700000000, "ok": true}',
    ],
)
def test_any_order_of_keys_and_any_further_keys_are_remembered(text):
    decoder = warm(text.encode())
    again = text.replace("1700000000", "1700000009").replace("2}", "22.5}").encode()

    assert decoder._memory.store.templates == 1  # noqa: SLF001
    assert facts(decoder.decode([again])) == facts(NativeJson().decode([again]))


def test_shapes_that_never_repeat_are_not_remembered():
    decoder = NativeJson()
    for i in range(300):
        decoder.decode([frame({f"point-{i}": "1", "b": "2"}, asset=f"a{i}")])

    assert decoder._memory.store.templates == 0  # noqa: SLF001


def test_a_full_memory_forgets_and_learns_the_new():
    decoder = NativeJson(TINY)
    fleets = [[frame({"a": "1"}, asset=f"{fleet}-{i}") for i in range(3)] for fleet in "xyz"]
    for batch in chain.from_iterable([fleet] * 12 for fleet in fleets):
        decoded = decoder.decode(batch)
        assert decoded.spans.values.tolist() == [1.0] * 3
        assert decoder._memory.store.templates <= 2  # noqa: SLF001

    assert any(asset.startswith("z") for asset in decoder._memory.store.assets)  # noqa: SLF001


def test_a_million_point_names_leave_memory_within_its_limit():
    decoder = NativeJson(Limits(templates=64, memory_bytes=400_000))
    for i in range(100):
        message = frame({f"point-{i}-{k}": "1" for k in range(300)}, asset=f"a{i}")
        decoder.decode([message, message, message])

    assert decoder._memory.store.memory_bytes < 500_000  # noqa: SLF001


def test_a_message_of_another_shape_is_rejected_beside_good_ones():
    good = frame({"a": "1"})
    decoded = warm(good).decode([good, b"", b"{}", good])

    assert decoded.spans.message.tolist() == [0, 3]
    assert [(r.message, r.why) for r in decoded.rejects] == [(1, Why.EMPTY), (2, Why.MISSING_FIELD)]
